//! The thread behind the queue: it gathers groups, and has them committed.
//!
//! Touches the engine, and tells those who wait.

use super::{Durability, Job, Shared, Staged};
use crate::storage::{Entry, Failure, Storage};
use std::{
    collections::HashSet,
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering, mpsc::Receiver},
};
use tandem_model::{
    command::Room,
    number::{ContentId, Position},
};
use tokio::sync::oneshot;
use tracing::{error, warn};

/// How many entries one commit has, at most.
pub(super) const GROUP_ENTRIES: usize = 1_024;

/// After how many octets of contents a commit takes no further entry: few enough to fit, twice, into what is held back for a full disk.
pub(super) const GROUP_OCTETS: usize = 2 << 20;

/// How many contents are let go by one entry.
pub(super) const COLLECTED: usize = 256;

/// About how many octets of the log it takes to change, or to let go, one content.
const OF_A_CONTENT: usize = 1 << 10;

/// How often a commit waits for another program that has the database locked, each time for as long as the engine does.
pub(super) const PATIENCE: usize = 5;

/// What the thread does.
pub struct Writer {
    storage: Arc<dyn Storage>,
    jobs: Receiver<Job>,
    shared: Arc<Shared>,
    /// What has been taken from the queue, and nothing has been done about.
    first: Option<Job>,
    /// What comes after the group that is being committed.
    next: Option<Job>,
    /// Contents that there was no room to let go.
    aside: Vec<ContentId>,
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
    /// What may be left out: contents to be let go, and pieces of snapshots.
    optional: Vec<Optional>,
    octets: usize,
}

/// Something that no session waits for.
type Optional = (Entry, Option<oneshot::Sender<()>>);

impl Group {
    fn is_full(&self, most: usize) -> bool {
        self.entries.len() >= most || self.octets >= GROUP_OCTETS
    }

    /// Takes a job in; gives back one that has to wait until the group is committed.
    fn take(&mut self, job: Job) -> Option<Job> {
        match job {
            Job::Batch(batch, durability) if durability.is_lost() => drop(batch),
            Job::Batch(batch, durability) => {
                let contents = batch.contents.iter();
                let contents = contents.map(|(_, content)| content.octets().len());
                self.octets += contents.sum::<usize>() + batch.dropped.len() * OF_A_CONTENT;
                if !self.optional.is_empty() && !batch.dropped.is_empty() {
                    let dropped = batch.dropped.iter().copied().collect();
                    for (entry, _) in &mut self.optional {
                        hold_again(entry, &dropped);
                    }
                }
                self.batches.push((durability, batch.position));
                self.entries.push(Entry::Batch(batch));
            }
            Job::Piece(piece, staged, done) => {
                if staged.0.get().is_none() {
                    self.octets += weight(&piece);
                    self.entries.push(piece);
                    self.staged.push(staged);
                    self.done.extend(done);
                }
            }
            Job::Optional(entry, done) => {
                self.octets += weight(&entry);
                self.optional.push((entry, done));
            }
            Job::Then(_) | Job::Probe | Job::End => return Some(job),
        }
        None
    }

    /// What its batches drop: see [`hold_again`].
    fn dropped(&self) -> HashSet<ContentId> {
        let dropped = self.entries.iter().flat_map(|entry| match entry {
            Entry::Batch(batch) => batch.dropped.as_slice(),
            Entry::Piece { .. } | Entry::Collect { .. } | Entry::Snapshot { .. } => &[],
        });
        dropped.copied().collect()
    }

    /// Everything, or what has to be. The entries are taken, and have to be given back.
    fn commit(
        &mut self,
        all: bool,
        attempt: impl FnOnce(&[Entry]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let promised = self.entries.len();
        let (mut entries, mut waiting) = (mem::take(&mut self.entries), Vec::new());
        if all {
            for (entry, done) in self.optional.drain(..) {
                entries.push(entry);
                waiting.push(done);
            }
        }
        let made = attempt(&entries);
        let optional = entries.split_off(promised);
        self.entries = entries;
        match &made {
            Ok(()) => {
                for done in waiting.into_iter().flatten() {
                    // Whoever does not wait any more does not have to be told.
                    let _ = done.send(());
                }
            }
            Err(_) => self.optional.extend(optional.into_iter().zip(waiting)),
        }
        made
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

/// Takes contents that a batch drops out of an earlier entry that lets them go. A message had them then, so that there was nothing to be done; and now some
/// session may be owed them. When nobody is any more, they are let go once more.
fn hold_again(entry: &mut Entry, dropped: &HashSet<ContentId>) {
    if let Entry::Collect { contents } = entry {
        contents.retain(|content| !dropped.contains(content));
    }
}

/// About how many octets an entry writes that is none of a step.
fn weight(entry: &Entry) -> usize {
    match entry {
        Entry::Batch(_) => 0,
        Entry::Piece { content, range, .. } => {
            let header = if range.start == 0 {
                content.split().0.len()
            } else {
                0
            };
            header + range.len()
        }
        Entry::Collect { contents } => contents.len() * OF_A_CONTENT,
        Entry::Snapshot { changes, .. } => changes.len() * OF_A_CONTENT,
    }
}

/// What there was no room for, if that is why a commit failed.
const fn wanting(made: &Result<(), Failure>) -> Option<Room> {
    match made {
        Err(Failure::Full) => Some(Room::Full),
        Err(Failure::OverQuota) => Some(Room::OverQuota),
        Ok(()) | Err(Failure::Busy | Failure::Io(_) | Failure::Damaged(_)) => None,
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer")
            .field("storage", &self.storage)
            .field("broken", &self.broken)
            .finish_non_exhaustive()
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
            first: None,
            next: None,
            aside: Vec::new(),
            broken: false,
        }
    }

    /// Commits until the end. Blocks.
    pub fn run(mut self) {
        while catch_unwind(AssertUnwindSafe(|| self.commit_all())).is_err() {
            // It goes on, so that nobody waits for what is not done.
            error!(
                "the thread that commits failed: everything is read-only until the server starts again"
            );
            self.give_up();
            if self.is_ended() {
                return self.refuse_the_rest();
            }
        }
    }

    /// Whether anything is in the queue. Does not block.
    pub fn is_asked(&mut self) -> bool {
        self.first = self.first.take().or_else(|| self.jobs.try_recv().ok());
        self.first.is_some()
    }

    /// Commits one group of what is in the queue, of so many entries at most; whether that was the end. Does not wait for anything to come.
    pub fn turn(&mut self, most: usize) -> bool {
        if !self.is_asked() {
            return false;
        }
        self.group(most);
        let is_ended = self.is_ended();
        if is_ended {
            self.refuse_the_rest();
        }
        is_ended
    }

    fn commit_all(&mut self) {
        loop {
            if self.first.is_none() {
                let Ok(first) = self.jobs.recv() else {
                    return;
                };
                self.first = Some(first);
            }
            if self.turn(GROUP_ENTRIES) {
                return;
            }
        }
    }

    /// Commits what is in the queue, up to where a group ends.
    fn group(&mut self, most: usize) {
        let mut group = Group::default();
        while self.next.is_none()
            && !group.is_full(most)
            && let Some(job) = self.first.take().or_else(|| self.jobs.try_recv().ok())
        {
            self.next = group.take(job);
        }
        self.commit(group);
    }

    /// Does what the last group had to come before; whether that was the end.
    fn is_ended(&mut self) -> bool {
        match self.next.take() {
            Some(Job::Then(call)) => {
                if catch_unwind(AssertUnwindSafe(call)).is_err() {
                    error!("what was to be done after a commit failed");
                }
            }
            Some(Job::Probe) => self.probe(),
            Some(Job::End) => return true,
            Some(Job::Batch(..) | Job::Piece(..) | Job::Optional(..)) | None => {}
        }
        false
    }

    /// Nobody shall wait for what comes after the end.
    fn refuse_the_rest(&self) {
        for job in self.jobs.try_iter() {
            if let Job::Batch(_, durability) = job {
                durability.lose();
            }
        }
    }

    fn commit(&mut self, mut group: Group) {
        if self.broken {
            return;
        }
        if !self.aside.is_empty() {
            let dropped = group.dropped();
            self.aside.retain(|content| !dropped.contains(content));
        }
        let room = self.shared.room();
        if matches!(room, Room::Full | Room::OverQuota) {
            // What room there is, is for what has been decided.
            group.give_up_pieces(room);
        }
        let mut made = group.commit(true, |entries| self.attempt(entries));
        for _ in 0..PATIENCE {
            if made == Err(Failure::Busy) {
                warn!("another program has the database locked: waiting for it");
                made = group.commit(true, |entries| self.attempt(entries));
            }
        }
        if let Some(room) = wanting(&made)
            && !group.staged.is_empty()
        {
            group.give_up_pieces(room);
            made = group.commit(true, |entries| self.attempt(entries));
        }
        let mut in_reserve = false;
        if let Some(room) = wanting(&made) {
            self.refuse(room);
            if self.storage.use_reserve() {
                in_reserve = true;
                made = group.commit(true, |entries| self.attempt(entries));
            }
        }
        if wanting(&made).is_some() && !group.optional.is_empty() {
            made = group.commit(false, |entries| self.attempt(entries));
            self.put_aside(mem::take(&mut group.optional));
        }
        if in_reserve && made.is_ok() {
            // It may have been the log alone that had no room left, and now it is copied. Whoever is told of this group and goes on is not
            // to be refused what fits.
            self.look_for_room();
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
            Err(failure @ (Failure::Full | Failure::OverQuota | Failure::Busy)) => {
                error!(%failure, "what was done last is taken back, and its sessions are closed");
            }
            Err(failure) => {
                error!(%failure, "storage failed: everything is read-only until the server starts again");
                self.give_up();
            }
        }
    }

    /// Contents are let go another time. A snapshot is begun again, some time.
    fn put_aside(&mut self, optional: Vec<Optional>) {
        for (entry, _) in optional {
            if let Entry::Collect { contents } = entry {
                self.aside.extend(contents);
            }
        }
    }

    /// Lets go what was put aside, while there is room for it.
    fn collect(&mut self) {
        while !self.aside.is_empty() {
            let rest = self.aside.len().saturating_sub(COLLECTED);
            let contents = self.aside.split_off(rest);
            let entry = Entry::Collect { contents };
            if self.attempt(std::slice::from_ref(&entry)).is_err() {
                return self.put_aside(vec![(entry, None)]);
            }
        }
    }

    /// Commands that need room are refused from now on.
    fn refuse(&self, room: Room) {
        if self.shared.room() != room {
            warn!(
                ?room,
                "no room: commands that need some are refused from now on"
            );
            self.shared.set_room(room);
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
    fn give_up(&mut self) {
        self.broken = true;
        self.shared.set_room(Room::ReadOnly);
        self.shared.broken.send_replace(true);
    }

    fn probe(&mut self) {
        self.shared.probing.store(false, Ordering::Release);
        self.look_for_room();
    }

    /// Goes on as before, if there is room again.
    fn look_for_room(&mut self) {
        if matches!(self.shared.room(), Room::Full | Room::OverQuota) {
            self.collect();
            if self.hold_reserve() {
                warn!("there is room again");
            }
        }
    }

    /// Holds back what is used when there is no room left; without it, commands that need some are refused. Whether it is held.
    pub(super) fn hold_reserve(&self) -> bool {
        let held = self.storage.restore_reserve();
        match (&held, self.shared.room()) {
            (Ok(()), _) => self.shared.set_room(Room::Free),
            (Err(Failure::OverQuota), Room::Free) => self.refuse(Room::OverQuota),
            // Whatever else it is, the next commit tells.
            (Err(_), Room::Free) => self.refuse(Room::Full),
            (Err(_), _) => {}
        }
        held.is_ok()
    }
}
