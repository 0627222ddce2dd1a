//! Snapshots: whole, or not there.

use super::{Ground, added, is_damaged, mark, marked};
use crate::storage::{AccountId, Entry, Loaded};
use tandem_model::number::Position;

/// A piece of a snapshot; what is in it tells which.
fn piece(account: AccountId, position: u64, number: u32, last: bool) -> Entry {
    Entry::Snapshot {
        account,
        position: Position(position),
        number,
        changes: vec![added(&[(number + 1, position)])],
        last,
    }
}

/// What is handed out of it.
fn handed(position: u64, number: u32) -> Loaded {
    Loaded::Snapshot(Position(position), vec![added(&[(number + 1, position)])])
}

/// An account with so many batches.
fn grown(ground: &mut Ground, batches: u64) -> AccountId {
    let account = ground.add("anna");
    let batches = (1..=batches).map(|position| Entry::Batch(mark(account, position)));
    ground.commit(&batches.collect::<Vec<_>>()).unwrap();
    account
}

pub(crate) fn a_snapshot_takes_the_place_of_what_it_covers(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = grown(&mut ground, 3);
    let other = ground.add("berta");
    ground.commit(&[Entry::Batch(mark(other, 1))]).unwrap();
    ground
        .storage
        .commit(&[piece(account, 2, 0, false)])
        .unwrap();
    ground
        .storage
        .commit(&[piece(account, 2, 1, true), Entry::Batch(mark(account, 4))])
        .unwrap();
    let all = vec![handed(2, 0), handed(2, 1), marked(3), marked(4)];
    assert_eq!(ground.load(account), Ok(all.clone()));
    ground.reopen();
    assert_eq!(ground.load(account), Ok(all));
    assert_eq!(ground.load(other), Ok(vec![marked(1)]));
    ground.commit(&[Entry::Batch(mark(account, 5))]).unwrap();
    assert_eq!(ground.load(account).unwrap().len(), 5);
}

pub(crate) fn a_snapshot_that_is_interrupted_takes_the_place_of_nothing(
    ground: &dyn Fn() -> Ground,
) {
    let mut ground = ground();
    let account = grown(&mut ground, 3);
    ground
        .storage
        .commit(&[piece(account, 1, 0, false), piece(account, 1, 1, false)])
        .unwrap();
    let all = vec![marked(1), marked(2), marked(3)];
    assert_eq!(ground.load(account), Ok(all.clone()));
    ground.reopen();
    assert_eq!(ground.load(account), Ok(all));
    // The next begins anew, shorter.
    ground
        .storage
        .commit(&[piece(account, 3, 0, true)])
        .unwrap();
    assert_eq!(ground.load(account), Ok(vec![handed(3, 0)]));
    ground.reopen();
    assert_eq!(ground.load(account), Ok(vec![handed(3, 0)]));
    assert_eq!(ground.storage.examine(), Ok(vec![]));
}

pub(crate) fn a_snapshot_follows_another(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = grown(&mut ground, 2);
    // At the same position, and further on.
    for (position, pieces) in [(1, 3), (1, 1), (2, 2)] {
        for number in 0..pieces {
            let entry = piece(account, position, number, number + 1 == pieces);
            ground.storage.commit(&[entry]).unwrap();
        }
        let mut all: Vec<_> = (0..pieces).map(|number| handed(position, number)).collect();
        all.extend((position + 1..=2).map(marked));
        assert_eq!(ground.load(account), Ok(all.clone()));
        ground.reopen();
        assert_eq!(ground.load(account), Ok(all));
    }
    // Never back: what it would need is gone.
    assert!(is_damaged(&ground.commit(&[piece(account, 1, 0, true)])));
    assert_eq!(ground.load(account), Ok(vec![handed(2, 0), handed(2, 1)]));
}

pub(crate) fn pieces_of_a_snapshot_come_in_order(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = grown(&mut ground, 3);
    assert!(is_damaged(
        &ground.storage.commit(&[piece(account, 3, 1, true)])
    ));
    ground
        .storage
        .commit(&[piece(account, 3, 0, false)])
        .unwrap();
    for (position, number) in [(3, 2), (2, 1)] {
        let wrong = piece(account, position, number, true);
        assert!(is_damaged(&ground.storage.commit(&[wrong])));
    }
    assert_eq!(
        ground.load(account),
        Ok(vec![marked(1), marked(2), marked(3)])
    );
    ground
        .storage
        .commit(&[piece(account, 3, 1, true)])
        .unwrap();
    assert_eq!(ground.load(account), Ok(vec![handed(3, 0), handed(3, 1)]));
}

pub(crate) fn a_snapshot_covers_no_more_than_there_is(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = grown(&mut ground, 1);
    assert!(is_damaged(&ground.commit(&[piece(account, 2, 0, true)])));
    assert!(is_damaged(&ground.commit(&[piece(
        AccountId(99),
        0,
        0,
        true
    )])));
    assert_eq!(ground.load(account), Ok(vec![marked(1)]));
    // An account may have one before it has a batch.
    let blank = ground.add("berta");
    ground.commit(&[piece(blank, 0, 0, true)]).unwrap();
    ground.commit(&[Entry::Batch(mark(blank, 1))]).unwrap();
    assert_eq!(ground.load(blank), Ok(vec![handed(0, 0), marked(1)]));
}
