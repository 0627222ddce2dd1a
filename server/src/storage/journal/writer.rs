//! The thread behind the queue: it gathers groups, and has them committed.
//!
//! Touches the engine, and tells those who wait.

use super::{Durability, Job, Shared, Staged};
use crate::storage::{Entry, Failure, PIECE, Storage};
use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering, mpsc::Receiver},
};
use tandem_model::{command::Room, number::Position};
use tokio::sync::oneshot;
use tracing::{error, warn};

/// How many entries one commit has, at most.
pub(super) const GROUP_ENTRIES: usize = 1_024;

/// After how many octets of contents a commit takes no further entry: few enough to fit, twice, into what is held back for a full disk.
pub(super) const GROUP_OCTETS: usize = 2 << 20;

/// The thread.
pub(super) struct Writer {
    storage: Arc<dyn Storage>,
    jobs: Receiver<Job>,
    shared: Arc<Shared>,
    /// What comes after the group that is being committed.
    next: Option<Job>,
    /// Nothing can be committed any more.
    broken: bool,
}

/// What is committed together, and who is told.
#[derive(Default)]
struct Group {
    entries: Vec<Entry>,
    batches: Vec<(Durability, Position)>,
    staged: Vec<Arc<Staged>>,
    done: Vec<oneshot::Sender<()>>,
    octets: usize,
}

impl Group {
    fn is_full(&self) -> bool {
        self.entries.len() >= GROUP_ENTRIES || self.octets >= GROUP_OCTETS
    }

    /// Takes a job in; gives back one that has to wait until the group is committed.
    fn take(&mut self, job: Job) -> Option<Job> {
        match job {
            Job::Batch(batch, durability) if durability.is_lost() => drop(batch),
            Job::Batch(batch, durability) => {
                let contents = batch.contents.iter();
                self.octets += contents
                    .map(|(_, content)| content.octets().len())
                    .sum::<usize>();
                self.batches.push((durability, batch.position));
                self.entries.push(Entry::Batch(batch));
            }
            Job::Piece(piece, staged, done) => {
                if staged.0.get().is_none() {
                    self.octets += PIECE;
                    self.entries.push(piece);
                    self.staged.push(staged);
                    self.done.extend(done);
                }
            }
            Job::Entry(entry) => self.entries.push(entry),
            Job::Then(_) | Job::Probe | Job::End => return Some(job),
        }
        None
    }

    /// Gives up the contents that come in pieces.
    fn give_up_pieces(&mut self, room: Room) {
        for staged in mem::take(&mut self.staged) {
            // One that failed before has its reason.
            let _ = staged.0.set(room);
        }
        self.entries
            .retain(|entry| !matches!(entry, Entry::Piece { .. }));
        self.done = Vec::new();
    }
}

/// Whatever is not committed by the end of it, however that came, is lost.
impl Drop for Group {
    fn drop(&mut self) {
        for (durability, _) in self.batches.drain(..) {
            durability.lose();
        }
    }
}

/// What there was no room for, if that is why a commit failed.
const fn wanting(made: &Result<(), Failure>) -> Option<Room> {
    match made {
        Err(Failure::Full) => Some(Room::Full),
        Err(Failure::OverQuota) => Some(Room::OverQuota),
        Ok(()) | Err(Failure::Io(_) | Failure::Damaged(_)) => None,
    }
}

impl Writer {
    pub(super) const fn new(
        storage: Arc<dyn Storage>,
        jobs: Receiver<Job>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            storage,
            jobs,
            shared,
            next: None,
            broken: false,
        }
    }

    /// Commits until the end.
    pub(super) fn run(&mut self) {
        while let Ok(first) = self.jobs.recv() {
            let mut group = Group::default();
            self.next = group.take(first);
            while self.next.is_none()
                && !group.is_full()
                && let Ok(job) = self.jobs.try_recv()
            {
                self.next = group.take(job);
            }
            self.commit(group);
            if self.is_ended() {
                return self.refuse_the_rest();
            }
        }
    }

    /// Does what the last group had to come before; whether that was the end.
    pub(super) fn is_ended(&mut self) -> bool {
        match self.next.take() {
            Some(Job::Then(call)) => {
                if catch_unwind(AssertUnwindSafe(call)).is_err() {
                    error!("what was to be done after a commit failed");
                }
            }
            Some(Job::Probe) => self.probe(),
            Some(Job::End) => return true,
            Some(Job::Batch(..) | Job::Piece(..) | Job::Entry(_)) | None => {}
        }
        false
    }

    /// Nobody shall wait for what comes after the end.
    pub(super) fn refuse_the_rest(&self) {
        for job in self.jobs.try_iter() {
            if let Job::Batch(_, durability) = job {
                durability.lose();
            }
        }
    }

    fn commit(&mut self, mut group: Group) {
        if group.entries.is_empty() {
            return;
        }
        if self.broken {
            return;
        }
        let room = self.shared.room();
        if matches!(room, Room::Full | Room::OverQuota) {
            // What room there is, is for what has been decided.
            group.give_up_pieces(room);
        }
        let mut made = self.attempt(&group.entries);
        if let Some(room) = wanting(&made)
            && !group.staged.is_empty()
        {
            group.give_up_pieces(room);
            made = self.attempt(&group.entries);
        }
        if let Some(room) = wanting(&made) {
            warn!(
                ?room,
                "no room: commands that need some are refused from now on"
            );
            self.shared.set_room(room);
            if self.storage.use_reserve() {
                made = self.attempt(&group.entries);
            }
        }
        match made {
            Ok(()) => {
                for (durability, position) in group.batches.drain(..) {
                    durability.reach(position);
                }
                for done in group.done.drain(..) {
                    let _ = done.send(());
                }
            }
            Err(failure @ (Failure::Full | Failure::OverQuota)) => {
                error!(%failure, "what was done last is taken back, and its sessions are closed");
            }
            Err(failure) => {
                error!(%failure, "storage failed: everything is read-only until the server starts again");
                self.give_up();
            }
        }
    }

    fn attempt(&self, entries: &[Entry]) -> Result<(), Failure> {
        if entries.is_empty() {
            return Ok(());
        }
        let made = catch_unwind(AssertUnwindSafe(|| self.storage.commit(entries)))
            .unwrap_or_else(|_| Err(Failure::Io("the engine failed".into())));
        if made.is_ok() {
            let batches = entries
                .iter()
                .filter(|entry| matches!(entry, Entry::Batch(_)))
                .count();
            self.shared.commits.fetch_add(1, Ordering::Relaxed);
            self.shared.batches.fetch_add(
                u64::try_from(batches).unwrap_or_default(),
                Ordering::Relaxed,
            );
        }
        made
    }

    /// Nothing is committed any more.
    pub(super) fn give_up(&mut self) {
        self.broken = true;
        self.shared.set_room(Room::ReadOnly);
        self.shared.broken.send_replace(true);
    }

    fn probe(&self) {
        self.shared.probing.store(false, Ordering::Release);
        let full = matches!(self.shared.room(), Room::Full | Room::OverQuota);
        if full && self.storage.restore_reserve() {
            warn!("there is room again");
            self.shared.set_room(Room::Free);
        }
    }
}
