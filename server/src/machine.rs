//! What the server asks of the machine that it runs on, beside sockets, disks and timers: the time of day, and threads.
//!
//! Touches the clock, and starts threads. Whoever simulates the server gives it another machine, on which it is always the same
//! time for the same seed and nothing happens at once; everybody else has [`Host`].

use crate::{
    recording::{Header, Recorder},
    storage::journal::Writer,
};
use std::{
    fmt::Debug,
    io,
    pin::Pin,
    sync::Arc,
    thread::{self, JoinHandle},
    time::SystemTime,
};
use tokio::{runtime, sync::oneshot, task::spawn_blocking};

/// A machine.
pub trait Machine: Debug + Send + Sync {
    /// Seconds since 1970.
    fn now(&self) -> u64;

    /// Does this, some time, where it may block.
    fn work(&self, work: Box<dyn FnOnce() + Send>);

    /// Has the journal written from now on, by [`Writer::run`] or a turn at a time; whoever is to be waited for in the end.
    ///
    /// # Errors
    /// There is nobody to do it.
    fn write(&self, writer: Writer) -> io::Result<Option<JoinHandle<()>>>;

    /// Runs this beside all else, until its end: on a thread of its own, for between two awaits it takes its time, which clients shall not wait for.
    ///
    /// # Errors
    /// There is no thread left.
    fn run(&self, name: &str, task: Pin<Box<dyn Future<Output = ()> + Send>>) -> io::Result<()> {
        let runtime = runtime::Builder::new_current_thread().build()?;
        let thread = thread::Builder::new().name(name.into());
        thread.spawn(move || runtime.block_on(task)).map(drop)
    }

    /// What records every step, where no file for that was asked for; nothing.
    fn recorder(&self, header: &Header) -> Option<Arc<Recorder>> {
        let _ = header;
        None
    }
}

/// The machine that this process runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Host;

impl Machine for Host {
    fn now(&self) -> u64 {
        SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |passed| passed.as_secs())
    }

    fn work(&self, work: Box<dyn FnOnce() + Send>) {
        spawn_blocking(work);
    }

    fn write(&self, writer: Writer) -> io::Result<Option<JoinHandle<()>>> {
        let thread = thread::Builder::new().name("tandem-journal".into());
        thread.spawn(move || writer.run()).map(Some)
    }
}

/// What comes of work that blocks; none if it failed, in a panic.
pub(crate) async fn done<T: Send + 'static>(
    machine: &dyn Machine,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = oneshot::channel();
    machine.work(Box::new(move || {
        // Whoever does not wait any more does not have to be told.
        let _ = tell.send(work());
    }));
    told.await.ok()
}
