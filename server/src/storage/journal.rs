//! The one thread that commits: what all accounts want to keep, many of them at once.
//!
//! Touches an engine, and the thread. DESIGN: nothing leaves before it is durable.
//!
//! Theory of operation. Steps put entries into one queue, in the order in which they were made under their account's lock, and wait for
//! nothing. The thread takes all that is there, up to a bound, and has the engine commit it in one go: while that waits for the disk, the next group
//! gathers. So the number of syncs follows the disk and not the clients, without a timer. Then it tells each account up to where its journal is
//! durable ([`Durability`]), and whoever holds back responses for it lets them go.
//!
//! When a commit fails, what its accounts have in memory is ahead of what is kept, and nobody may be told of it. If the disk is full, contents that
//! came in pieces are given up first (their APPEND has not happened yet: it is told that there is no room); then the room that is held back for this is
//! used, so that what has been decided can be kept, and from then on commands that need room are refused ([`Room`]) until there is some. That is looked for
//! before anybody is told of what was kept so, since it may have been the log alone that found none, and again whenever a command was refused. If
//! the room that is held back is too little, the accounts of the group are lost in memory: their sessions get BYE, and the next login opens them as they are kept. After any
//! other failure nothing more is committed: after an fsync that failed nobody can tell what is on the disk. All accounts are then lost in memory, and
//! open again as they are kept, read-only, until the server starts anew.

mod writer;

use super::{AccountId, Batch, Entry, Failure, PIECE, Storage};
use crate::{content::Content, machine::Machine};
use std::{
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};
use tandem_model::{
    command::Room,
    number::{ContentId, Position},
};
use tokio::sync::{oneshot, watch};
use tracing::error;
use writer::COLLECTED;
pub use writer::Writer;

/// Up to where one account's journal is durable, from its opening to its closing. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Durability(watch::Sender<Reached>);

/// How far an account's journal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It is durable up to here.
    To(Position),
    /// It will not be: what is in memory is ahead of what is kept, and must not be shown to anybody.
    Lost,
}

impl Durability {
    /// Of an account that has just been read from storage.
    #[must_use]
    pub fn new(position: Position) -> Self {
        Self(watch::Sender::new(Reached::To(position)))
    }

    /// To wait for more.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Reached> {
        self.0.subscribe()
    }

    /// Whether what is in memory is ahead for ever.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        *self.0.borrow() == Reached::Lost
    }

    fn reach(&self, position: Position) {
        self.0.send_if_modified(|reached| match reached {
            Reached::To(before) if *before < position => {
                *before = position;
                true
            }
            Reached::To(_) | Reached::Lost => false,
        });
    }

    fn lose(&self) {
        self.0.send_replace(Reached::Lost);
    }
}

/// How much has been committed since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Commits, each with one wait for the disk.
    pub commits: u64,
    /// Batches in them.
    pub batches: u64,
}

/// What the thread and those who fill its queue both see.
#[derive(Debug, Default)]
struct Shared {
    room: AtomicU8,
    probing: AtomicBool,
    commits: AtomicU64,
    batches: AtomicU64,
    /// Set once, when nothing can be committed any more.
    broken: watch::Sender<bool>,
}

impl Shared {
    fn room(&self) -> Room {
        match self.room.load(Ordering::Acquire) {
            0 => Room::Free,
            1 => Room::Full,
            2 => Room::OverQuota,
            _ => Room::ReadOnly,
        }
    }

    fn set_room(&self, room: Room) {
        let number = match room {
            Room::Free => 0,
            Room::Full => 1,
            Room::OverQuota => 2,
            Room::ReadOnly => 3,
        };
        self.room.store(number, Ordering::Release);
    }
}

/// A content on its way in pieces. Once one of them failed, for this reason, the others are passed over.
#[derive(Debug, Default)]
struct Staged(OnceLock<Room>);

/// What is in the queue.
enum Job {
    /// A step's work; the account is told when it is durable.
    Batch(Batch, Durability),
    /// A piece; with the last, whoever waits.
    Piece(Entry, Arc<Staged>, Option<oneshot::Sender<()>>),
    /// Something that may be left out; whoever waits is told when it is durable.
    Optional(Entry, Option<oneshot::Sender<()>>),
    /// To be called when all before it has been dealt with.
    Then(Box<dyn FnOnce() + Send>),
    /// To look whether there is room again.
    Probe,
    /// Nothing follows.
    End,
}

/// The queue to the thread that commits.
#[derive(Debug)]
pub struct Journal {
    queue: Sender<Job>,
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Starts the thread, or has the machine do what it would.
    ///
    /// # Errors
    /// The system has no thread left.
    pub fn start(storage: Arc<dyn Storage>, machine: &dyn Machine) -> Result<Self, Failure> {
        let (queue, jobs) = mpsc::channel();
        let shared = Arc::<Shared>::default();
        let writer = Writer::new(storage, jobs, Arc::clone(&shared));
        writer.hold_reserve();
        let thread = machine.write(writer);
        let thread = thread.map_err(|error| Failure::Io(error.to_string()))?;
        Ok(Self {
            queue,
            shared,
            thread: Mutex::new(thread),
        })
    }

    /// What can be kept from now on.
    #[must_use]
    pub fn room(&self) -> Room {
        self.shared.room()
    }

    /// Turns true when nothing can be committed any more.
    #[must_use]
    pub fn broken(&self) -> watch::Receiver<bool> {
        self.shared.broken.subscribe()
    }

    /// How much has been committed.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            commits: self.shared.commits.load(Ordering::Relaxed),
            batches: self.shared.batches.load(Ordering::Relaxed),
        }
    }

    /// Keeps a step's work. To be called under the lock under which it was done, so that the queue has it in order.
    pub fn keep(&self, batch: Batch, durability: &Durability) {
        self.put(Job::Batch(batch, durability.clone()));
    }

    /// Keeps a content of more than [`PIECE`] octets, ahead of its batch. [`Room::Free`]: it is kept; otherwise it is not, for want of that.
    pub async fn stage(&self, account: AccountId, id: ContentId, content: &Arc<Content>) -> Room {
        let rest = content.split().1.len();
        let staged = Arc::<Staged>::default();
        let (done, kept) = oneshot::channel();
        let mut done = Some(done);
        let mut start = 0;
        loop {
            let end = rest.min(start + PIECE);
            let piece = Entry::Piece {
                account,
                id,
                content: Arc::clone(content),
                range: start..end,
            };
            let last = end == rest;
            let done = if last { done.take() } else { None };
            self.put(Job::Piece(piece, Arc::clone(&staged), done));
            if last {
                break;
            }
            start = end;
        }
        match kept.await {
            Ok(()) => Room::Free,
            Err(_) => staged.0.get().copied().unwrap_or(Room::ReadOnly),
        }
    }

    /// Lets contents go to which nothing refers.
    pub fn collect(&self, contents: Vec<ContentId>) {
        for contents in contents.chunks(COLLECTED) {
            let contents = contents.to_vec();
            self.put(Job::Optional(Entry::Collect { contents }, None));
        }
    }

    /// Keeps a piece of a snapshot, and waits for that; whether it is kept. See [`Entry::Snapshot`].
    pub async fn snapshot(&self, entry: Entry) -> bool {
        let (done, kept) = oneshot::channel();
        self.put(Job::Optional(entry, Some(done)));
        kept.await.is_ok()
    }

    /// Calls this when everything that is in the queue has been dealt with, on the thread that commits.
    pub fn then(&self, call: impl FnOnce() + Send + 'static) {
        self.put(Job::Then(Box::new(call)));
    }

    /// Somebody was refused for want of room: looks whether there is some again.
    pub fn probe(&self) {
        if !self.shared.probing.swap(true, Ordering::AcqRel) {
            self.put(Job::Probe);
        }
    }

    /// Waits until all that is in the queue has been dealt with, and ends the thread. What comes after is not kept.
    pub fn close(&self) {
        self.put(Job::End);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            error!("the thread that commits failed");
        }
    }

    fn put(&self, job: Job) {
        if let Err(mpsc::SendError(Job::Batch(_, durability))) = self.queue.send(job) {
            durability.lose();
        }
    }
}

#[cfg(test)]
mod tests;
