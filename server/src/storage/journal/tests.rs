//! The journal above an engine that does as it is told.

use super::{
    writer::{COLLECTED, GROUP_ENTRIES, GROUP_OCTETS, PATIENCE},
    *,
};
use crate::{
    content::{Found, Part},
    machine::Host,
    storage::{Loaded, Owner},
};
use std::{mem, sync::Condvar};
use tandem_model::{Change, name::MailboxName};

/// What the engine answers to one commit.
type Answer = Result<(), Failure>;

/// An engine that notes what it is asked to commit, and answers as it was told; yes, when it was told nothing.
#[derive(Debug, Default)]
struct Told {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// How many entries each commit had, and how it was answered.
    commits: Vec<(usize, Answer)>,
    answers: Vec<Answer>,
    reserve: bool,
    room_again: bool,
    panics: bool,
    /// Commits wait while it is set.
    held: bool,
    waiting: bool,
}

impl Told {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        let told = Self::default();
        told.with(|state| state.answers = answers.into_iter().collect());
        Arc::new(told)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let result = act(&mut self.state.lock().unwrap());
        self.changed.notify_all();
        result
    }

    fn wait(&self, until: impl Fn(&State) -> bool) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| !until(state)));
    }

    fn commits(&self) -> Vec<(usize, Answer)> {
        self.with(|state| state.commits.clone())
    }
}

impl Storage for Told {
    fn commit(&self, entries: &[Entry]) -> Answer {
        self.with(|state| state.waiting = true);
        self.wait(|state| !state.held);
        self.with(|state| {
            state.waiting = false;
            let answer = if state.answers.is_empty() {
                Ok(())
            } else {
                state.answers.remove(0)
            };
            state.commits.push((entries.len(), answer.clone()));
            answer
        })
    }

    fn use_reserve(&self) -> bool {
        assert!(!self.with(|state| state.panics), "as it was told");
        self.with(|state| mem::take(&mut state.reserve))
    }

    fn restore_reserve(&self) -> Result<(), Failure> {
        let room = self.with(|state| state.room_again || state.commits.is_empty());
        if room { Ok(()) } else { Err(Failure::Full) }
    }

    fn load(&self, _: AccountId, _: &mut dyn FnMut(Loaded)) -> Result<(), Failure> {
        Ok(())
    }

    fn read(&self, _: ContentId, _: Part) -> Result<Option<Found>, Failure> {
        Ok(None)
    }

    fn last_content(&self) -> Result<ContentId, Failure> {
        Ok(ContentId(0))
    }

    fn owners(&self) -> Result<Vec<Owner>, Failure> {
        Ok(Vec::new())
    }

    fn owner(&self, _: &str) -> Result<Option<Owner>, Failure> {
        Ok(None)
    }

    fn add_owner(&self, _: &str, _: Option<&str>) -> Result<Owner, Failure> {
        Err(Failure::Full)
    }

    fn set_password(&self, _: AccountId, _: Option<&str>) -> Answer {
        Ok(())
    }

    fn remove_owner(&self, _: AccountId) -> Answer {
        Ok(())
    }

    fn references(&self, _: AccountId) -> Result<Vec<(ContentId, u64)>, Failure> {
        Ok(Vec::new())
    }

    fn correct(&self, _: ContentId, _: u64) -> Answer {
        Ok(())
    }

    fn examine(&self) -> Result<Vec<String>, Failure> {
        Ok(Vec::new())
    }
}

fn batch(account: i64, position: u64) -> Batch {
    Batch {
        account: AccountId(account),
        position: Position(position),
        changes: vec![Change::Subscribed {
            name: MailboxName::inbox(),
        }],
        contents: Vec::new(),
        dropped: Vec::new(),
    }
}

/// Two octets of header, and the rest.
fn message(octets: usize) -> Content {
    let mut message = vec![b'x'; octets];
    message[..2].copy_from_slice(b"\r\n");
    Content::new(message)
}

fn fresh() -> Durability {
    Durability::new(Position(0))
}

fn reached(durability: &Durability) -> Reached {
    *durability.0.borrow()
}

/// Everything that was put before has been dealt with.
fn settle(journal: &Journal) {
    let (done, all) = mpsc::channel();
    journal.then(move || done.send(()).unwrap());
    all.recv().unwrap();
}

#[test]
fn what_gathers_while_a_commit_waits_for_the_disk_is_committed_together() {
    let engine = Told::new([]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let (one, other) = (fresh(), fresh());
    engine.with(|state| state.held = true);
    journal.keep(batch(1, 1), &one);
    engine.wait(|state| state.waiting);
    for position in 2..=30 {
        journal.keep(batch(1, position), &one);
    }
    journal.keep(batch(2, 1), &other);
    assert_eq!(reached(&one), Reached::To(Position(0)));
    engine.with(|state| state.held = false);
    settle(&journal);
    assert_eq!(engine.commits(), [(1, Ok(())), (30, Ok(()))]);
    assert_eq!(reached(&one), Reached::To(Position(30)));
    assert_eq!(reached(&other), Reached::To(Position(1)));
    let counts = journal.counts();
    assert_eq!((counts.commits, counts.batches), (2, 31));
}

#[test]
fn a_commit_has_so_many_entries_and_no_more() {
    let engine = Told::new([]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let durability = fresh();
    engine.with(|state| state.held = true);
    journal.keep(batch(1, 1), &durability);
    engine.wait(|state| state.waiting);
    for position in 2..=1 + GROUP_ENTRIES as u64 + 1 {
        journal.keep(batch(1, position), &durability);
    }
    engine.with(|state| state.held = false);
    settle(&journal);
    let sizes: Vec<usize> = engine.commits().iter().map(|(size, _)| *size).collect();
    assert_eq!(sizes, [1, GROUP_ENTRIES, 1]);
}

#[test]
fn a_commit_takes_no_further_entry_after_so_many_octets() {
    let engine = Told::new([]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let durability = fresh();
    let content = Arc::new(message(PIECE));
    let fits = GROUP_OCTETS / PIECE;
    engine.with(|state| state.held = true);
    journal.keep(batch(1, 1), &durability);
    engine.wait(|state| state.waiting);
    for position in 2..2 + fits as u64 + 1 {
        let contents = vec![(ContentId(position), Arc::clone(&content))];
        let batch = Batch {
            contents,
            ..batch(1, position)
        };
        journal.keep(batch, &durability);
    }
    engine.with(|state| state.held = false);
    settle(&journal);
    let sizes: Vec<usize> = engine.commits().iter().map(|(size, _)| *size).collect();
    assert_eq!(sizes, [1, fits, 1]);
}

#[test]
fn a_full_disk_is_met_with_the_reserve_and_what_was_decided_is_kept() {
    for (failure, room) in [
        (Failure::Full, Room::Full),
        (Failure::OverQuota, Room::OverQuota),
    ] {
        let engine = Told::new([Err(failure.clone()), Ok(())]);
        engine.with(|state| state.reserve = true);
        let journal = Journal::start(engine.clone(), &Host).unwrap();
        let durability = fresh();
        journal.keep(batch(1, 1), &durability);
        settle(&journal);
        assert_eq!(reached(&durability), Reached::To(Position(1)));
        assert_eq!(journal.room(), room);
        journal.probe();
        settle(&journal);
        assert_eq!(journal.room(), room, "there is still none");
        engine.with(|state| state.room_again = true);
        journal.probe();
        settle(&journal);
        assert_eq!(journal.room(), Room::Free);
    }
}

#[tokio::test]
async fn who_is_told_what_was_kept_in_the_reserve_is_not_refused_what_fits_beside_it_again() {
    let engine = Told::new([Err(Failure::Full), Ok(())]);
    engine.with(|state| (state.reserve, state.room_again) = (true, true));
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let durability = fresh();
    let mut told = durability.watch();
    journal.keep(batch(1, 1), &durability);
    told.changed().await.unwrap();
    assert_eq!(journal.room(), Room::Free);
    assert_eq!(reached(&durability), Reached::To(Position(1)));
}

#[test]
fn without_a_reserve_the_accounts_of_the_group_are_lost_and_no_others() {
    let engine = Told::new([Err(Failure::Full)]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let (lost, other) = (fresh(), fresh());
    journal.keep(batch(1, 1), &lost);
    settle(&journal);
    assert_eq!(reached(&lost), Reached::Lost);
    journal.keep(batch(1, 2), &lost);
    journal.keep(batch(2, 1), &other);
    settle(&journal);
    assert_eq!(reached(&lost), Reached::Lost);
    assert_eq!(reached(&other), Reached::To(Position(1)));
    let full = (1, Err(Failure::Full));
    assert_eq!(engine.commits(), [full, (1, Ok(()))]);
}

#[test]
fn after_a_sync_that_failed_nothing_is_committed_any_more() {
    let failure = Failure::Io("fsync".into());
    let engine = Told::new([Ok(()), Err(failure.clone())]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let (before, at, after) = (fresh(), fresh(), fresh());
    for (durability, account) in [(&before, 1), (&at, 2), (&after, 3)] {
        journal.keep(batch(account, 1), durability);
        settle(&journal);
    }
    assert_eq!(reached(&before), Reached::To(Position(1)));
    assert_eq!(reached(&at), Reached::Lost);
    assert_eq!(reached(&after), Reached::Lost);
    assert_eq!(journal.room(), Room::ReadOnly);
    journal.probe();
    settle(&journal);
    assert_eq!(journal.room(), Room::ReadOnly);
    assert_eq!(engine.commits(), [(1, Ok(())), (1, Err(failure))]);
}

#[test]
fn when_the_thread_fails_nobody_waits_and_nothing_is_committed_any_more() {
    let engine = Told::new([Err(Failure::Full)]);
    engine.with(|state| state.panics = true);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let (at, after) = (fresh(), fresh());
    journal.keep(batch(1, 1), &at);
    settle(&journal);
    assert_eq!(reached(&at), Reached::Lost);
    journal.keep(batch(2, 1), &after);
    settle(&journal);
    assert_eq!(reached(&after), Reached::Lost);
    assert_eq!(journal.room(), Room::ReadOnly);
    assert!(*journal.broken().borrow());
    assert_eq!(engine.commits(), [(1, Err(Failure::Full))]);
    journal.close();
}

#[test]
fn a_start_without_room_for_the_reserve_refuses_what_needs_room() {
    let engine = Told::new([]);
    engine.with(|state| state.commits.push((0, Ok(()))));
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    assert_eq!(journal.room(), Room::Full);
    engine.with(|state| state.room_again = true);
    journal.probe();
    settle(&journal);
    assert_eq!(journal.room(), Room::Free);
}

#[test]
fn another_programs_lock_is_waited_for_a_while_and_then_only_the_group_is_lost() {
    let busy = || Err(Failure::Busy);
    let engine = Told::new([busy(), busy(), Ok(())]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let (one, other, next) = (fresh(), fresh(), fresh());
    journal.keep(batch(1, 1), &one);
    settle(&journal);
    assert_eq!(reached(&one), Reached::To(Position(1)));
    engine.with(|state| state.answers = vec![busy(); 1 + PATIENCE]);
    journal.keep(batch(2, 1), &other);
    settle(&journal);
    assert_eq!(reached(&other), Reached::Lost);
    journal.keep(batch(3, 1), &next);
    settle(&journal);
    assert_eq!(reached(&next), Reached::To(Position(1)));
    assert_eq!(journal.room(), Room::Free);
}

#[test]
fn what_nobody_waits_for_is_left_out_where_there_is_no_room_and_done_later() {
    let full = || Err(Failure::Full);
    let engine = Told::new([full(), Ok(())]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let durability = fresh();
    engine.with(|state| state.held = true);
    journal.keep(batch(2, 1), &fresh());
    engine.wait(|state| state.waiting);
    let contents: Vec<_> = (1..=COLLECTED as u64 + 1).map(ContentId).collect();
    journal.keep(batch(1, 1), &durability);
    journal.collect(contents);
    engine.with(|state| {
        state.answers = vec![Ok(()), full(), Ok(())];
        state.held = false;
    });
    settle(&journal);
    assert_eq!(reached(&durability), Reached::To(Position(1)));
    assert_eq!(engine.commits(), [(1, Ok(())), (3, full()), (1, Ok(()))]);
    engine.with(|state| state.room_again = true);
    journal.probe();
    settle(&journal);
    assert_eq!(engine.commits()[3..], [(1, Ok(())), (1, Ok(()))]);
}

#[tokio::test]
async fn a_snapshot_that_there_is_no_room_for_is_told_not_to_be_kept() {
    let engine = Told::new([Ok(()), Err(Failure::Full)]);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let piece = || Entry::Snapshot {
        account: AccountId(1),
        position: Position(1),
        number: 0,
        changes: Vec::new(),
        last: true,
    };
    assert!(journal.snapshot(piece()).await);
    assert!(!journal.snapshot(piece()).await);
    assert!(journal.snapshot(piece()).await);
}

#[tokio::test]
async fn a_large_content_is_given_up_before_the_reserve_is_touched() {
    let engine = Told::new([Err(Failure::Full)]);
    engine.with(|state| state.reserve = true);
    let journal = Journal::start(engine.clone(), &Host).unwrap();
    let content = Arc::new(message(3 * PIECE));
    let room = journal.stage(AccountId(1), ContentId(1), &content).await;
    assert_eq!(room, Room::Full);
    assert_eq!(journal.room(), Room::Free, "for what is smaller");
    engine.with(|state| assert!(state.reserve));
    let room = journal.stage(AccountId(1), ContentId(2), &content).await;
    assert_eq!(room, Room::Free);
    let entries: usize = engine
        .commits()
        .iter()
        .filter(|(_, answer)| answer.is_ok())
        .map(|(count, _)| count)
        .sum();
    assert_eq!(entries, 3);
}

#[test]
fn closing_waits_for_what_is_in_the_queue_and_what_comes_after_is_lost() {
    let engine = Told::new([]);
    let journal = Journal::start(engine, &Host).unwrap();
    let (before, after) = (fresh(), fresh());
    for position in 1..=100 {
        journal.keep(batch(1, position), &before);
    }
    journal.close();
    assert_eq!(reached(&before), Reached::To(Position(100)));
    journal.keep(batch(2, 1), &after);
    assert_eq!(reached(&after), Reached::Lost);
}
