//! The machine that a simulated server runs on: its clock is that of the simulation, its threads are tasks.
//!
//! Touches nothing. What blocks is done some time later; what has been put into the journal's queue is committed some time later, in groups of some size.

use super::{fate::Fate, scheduler::Door};
use std::{
    io, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    thread::JoinHandle,
    time::Duration,
};
use tandem_server::{
    machine::Machine,
    recording::{Header, Recorder},
    storage::journal::Writer,
};
use tokio::{
    sync::{Notify, watch},
    time::{self, Instant},
};

/// How long a commit takes at most.
const COMMIT: u64 = 30;

/// How long work that blocks takes at most.
const WORK: u64 = 60;

/// When it begins, in seconds since 1970.
const BEGINNING: u64 = 1_000_000_000;

/// A machine.
#[derive(Debug)]
pub struct Simulated {
    state: Mutex<State>,
    began: Instant,
    asked: Notify,
    /// The writer has ended.
    ended: watch::Sender<bool>,
    /// The power is off.
    off: watch::Sender<bool>,
}

/// What runs beside all else.
type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

struct State {
    work: Vec<Box<dyn FnOnce() + Send>>,
    tasks: Vec<Task>,
    writer: Option<Writer>,
    recorder: Option<Arc<Recorder>>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("work", &self.work.len())
            .finish_non_exhaustive()
    }
}

impl Machine for Simulated {
    fn now(&self) -> u64 {
        BEGINNING + self.began.elapsed().as_secs()
    }

    fn work(&self, work: Box<dyn FnOnce() + Send>) {
        self.state().work.push(work);
    }

    fn write(&self, writer: Writer) -> io::Result<Option<JoinHandle<()>>> {
        self.state().writer = Some(writer);
        Ok(None)
    }

    fn run(&self, _: &str, task: Task) -> io::Result<()> {
        self.state().tasks.push(task);
        Ok(())
    }

    fn recorder(&self, header: &Header) -> Option<Arc<Recorder>> {
        let recorder = Arc::new(Recorder::in_memory(header));
        self.state().recorder = Some(Arc::clone(&recorder));
        Some(recorder)
    }
}

impl Simulated {
    /// One whose clock began then.
    #[must_use]
    pub fn new(began: Instant) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                work: Vec::new(),
                tasks: Vec::new(),
                writer: None,
                recorder: None,
            }),
            began,
            asked: Notify::new(),
            ended: watch::Sender::new(false),
            off: watch::Sender::new(false),
        })
    }

    /// What runs on it: until its end, or until the power goes off. From then on nothing of it happens, whenever it is dropped.
    pub fn powered(
        &self,
        task: impl Future<Output = ()> + 'static,
    ) -> impl Future<Output = ()> + 'static {
        let mut off = self.off.subscribe();
        async move {
            tokio::select! {
                biased;
                _ = off.wait_for(|off| *off) => {}
                () = task => {}
            }
        }
    }

    /// The power goes off.
    pub fn turn_off(&self) {
        self.off.send_replace(true);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// How many clients have been recorded, and sessions of nobody.
    #[must_use]
    pub fn clients(&self) -> u64 {
        let state = self.state();
        state.recorder.as_deref().map_or(0, Recorder::last)
    }

    /// What has been recorded.
    #[must_use]
    pub fn recorded(&self) -> String {
        let state = self.state();
        state
            .recorder
            .as_ref()
            .map_or_else(String::new, |recorder| recorder.text())
    }

    /// After each turn of a task: what it has left to be done becomes tasks.
    pub fn attend(&self, fate: &Fate, door: &Door) {
        let mut state = self.state();
        for work in mem::take(&mut state.work) {
            let fate = fate.clone();
            let work = async move {
                if fate.once_in(3) {
                    pause(&fate, WORK).await;
                }
                work();
            };
            door.spawn("work", self.powered(work));
        }
        for task in mem::take(&mut state.tasks) {
            door.spawn("beside", self.powered(task));
        }
        if state.writer.as_mut().is_some_and(Writer::is_asked) {
            self.asked.notify_one();
        }
    }

    /// Writes the journal, until its end.
    pub async fn write_all(self: Arc<Self>, fate: Fate) {
        loop {
            self.asked.notified().await;
            pause(&fate, COMMIT).await;
            let most = if fate.once_in(2) { 1_024 } else { fate.some(8) };
            // While it commits, whatever it calls may ask it for more.
            let writer = self.state().writer.take();
            let Some(mut writer) = writer else { return };
            fate.note(format_args!("commits {most} at most"));
            if writer.turn(most) {
                self.ended.send_replace(true);
                return;
            }
            self.state().writer = Some(writer);
        }
    }

    /// Resolves when the journal has been written to its end.
    pub async fn written(&self) {
        let mut ended = self.ended.subscribe();
        // The sender is here.
        let _ = ended.wait_for(|ended| *ended).await;
    }
}

/// Waits for up to so many milliseconds of the clock that the simulation moves: no time passes.
pub async fn pause(fate: &Fate, most: u64) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let long = fate.below(most + 1) as u64;
    time::sleep(Duration::from_millis(long)).await;
}
