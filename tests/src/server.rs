//! A server in this process, on a free port, that ends with its test; what it did is recorded, and replayed then.
//!
//! Touches a listening socket. It is `tandem_server::run`, the door that the binary uses too.

use crate::recording::Recording;
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, LazyLock},
    thread,
    time::Duration,
};
use tandem_model::Practice;
use tandem_server::{
    Config,
    accounts::Accounts,
    machine::{Host, Machine},
    storage::{journal::Writer, memory::Memory},
};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
    time,
};

/// How long a server may take to say BYE to everybody.
const PATIENCE: Duration = Duration::from_secs(20);

/// All servers of a test binary run here; their clients block threads of their own.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
});

/// Resolves when the server is to end.
type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What serves.
type Task = JoinHandle<io::Result<()>>;

/// A machine whose clock stands still.
#[derive(Debug)]
struct Timeless;

impl Machine for Timeless {
    fn now(&self) -> u64 {
        1
    }

    fn work(&self, work: Box<dyn FnOnce() + Send>) {
        // Memory does not block, and the way to another thread and back takes longer than what is done there.
        work();
    }

    fn write(&self, writer: Writer) -> io::Result<Option<thread::JoinHandle<()>>> {
        Host.write(writer)
    }
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    task: Option<Task>,
    recording: Option<Recording>,
    /// Nobody logs in.
    is_unused: bool,
}

impl Server {
    /// With the user `demo`, password `demo`, an empty INBOX, and what `change` makes of it.
    #[must_use]
    pub fn start(change: impl FnOnce(&mut Config)) -> Self {
        Self::begin(change, |listener, config, ended| {
            RUNTIME.spawn(tandem_server::run(listener, config, ended))
        })
    }

    /// The same on a machine on which the time is always 1, so that what it answers is the same each time, UIDVALIDITY too.
    #[must_use]
    pub fn timeless(change: impl FnOnce(&mut Config)) -> Self {
        Self::begin(change, |listener, config, ended| {
            let (machine, storage) = (Arc::new(Timeless), Arc::new(Memory::new()));
            let accounts = Accounts::open_on(machine, config, storage).unwrap();
            RUNTIME.spawn(tandem_server::serve(listener, accounts, ended))
        })
    }

    fn begin(
        change: impl FnOnce(&mut Config),
        serve: impl FnOnce(TcpListener, Config, Ended) -> Task,
    ) -> Self {
        let recording = Recording::new();
        let mut config = Config {
            demo: false,
            record: Some(recording.path().to_path_buf()),
            ..Config::default()
        };
        change(&mut config);
        // A recording says which practices were followed, and knows of no faults.
        let is_sound = config.practice.fault.is_none();
        config.record = config.record.filter(|_| is_sound);
        let listener = RUNTIME.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (end, ended) = oneshot::channel();
        let is_recorded = config.record.is_some();
        let ended = Box::pin(async {
            let _ = ended.await;
        });
        let task = serve(listener, config, ended);
        Self {
            address,
            end: Some(end),
            task: Some(task),
            recording: is_recorded.then_some(recording),
            is_unused: false,
        }
    }

    /// With these practices, written as on the command line: `deletion=refuse`.
    #[must_use]
    pub fn practising(practices: &[&str]) -> Self {
        Self::start(|config| config.practice = practice(practices))
    }

    /// The same server, into which nobody logs in.
    #[must_use]
    pub const fn unused(mut self) -> Self {
        self.is_unused = true;
        self
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let (Some(end), Some(task)) = (self.end.take(), self.task.take()) else {
            return;
        };
        let _ = end.send(());
        if thread::panicking() {
            if let Some(recording) = &self.recording {
                eprintln!("what the server did is in {}", recording.path().display());
            }
        } else {
            let ended = RUNTIME.block_on(async { time::timeout(PATIENCE, task).await });
            ended.unwrap().unwrap().unwrap();
            if let Some(recording) = self.recording.take() {
                recording.is_equal(self.is_unused);
            }
        }
    }
}

/// The default practice with these alternatives chosen, each as `key=value`.
///
/// # Panics
/// One of them is unknown.
#[must_use]
pub fn practice(chosen: &[&str]) -> Practice {
    let mut practice = Practice::default();
    for choice in chosen {
        let (key, value) = choice.split_once('=').unwrap();
        practice.set(key, value).unwrap();
    }
    practice
}
