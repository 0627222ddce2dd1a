//! Journals: what was committed comes back, in order, and whole.

use super::{Ground, added, arrival, content, expunged, is_damaged, mark, marked};
use crate::storage::{AccountId, Batch, Entry, Loaded};
use tandem_model::{
    Change,
    flags::{Flags, Keyword},
    name::MailboxName,
    number::{ContentId, MailboxId, ModSeq, Position, Uid, UidValidity, ViewId},
};

pub(crate) fn batches_come_back_in_the_order_in_which_they_were_committed(
    ground: &dyn Fn() -> Ground,
) {
    let mut ground = ground();
    let account = ground.add("anna");
    assert_eq!(ground.load(account), Ok(vec![]));
    ground
        .commit(&[
            Entry::Batch(mark(account, 1)),
            Entry::Batch(mark(account, 2)),
        ])
        .unwrap();
    ground.commit(&[Entry::Batch(mark(account, 3))]).unwrap();
    let all = vec![marked(1), marked(2), marked(3)];
    assert_eq!(ground.load(account), Ok(all.clone()));
    ground.reopen();
    assert_eq!(ground.load(account), Ok(all));
}

pub(crate) fn accounts_do_not_mix(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    assert_ne!(anna, berta);
    let group = [(anna, 1), (berta, 1), (anna, 2), (anna, 3), (berta, 2)];
    let group = group.map(|(account, position)| Entry::Batch(mark(account, position)));
    ground.commit(&group).unwrap();
    assert_eq!(ground.load(anna), Ok(vec![marked(1), marked(2), marked(3)]));
    assert_eq!(ground.load(berta), Ok(vec![marked(1), marked(2)]));
    assert!(is_damaged(&ground.load(AccountId(99))));
}

pub(crate) fn a_batch_that_leaves_a_gap_or_repeats_one_is_damage_and_makes_nothing(
    ground: &dyn Fn() -> Ground,
) {
    let mut ground = ground();
    let account = ground.add("anna");
    assert!(is_damaged(
        &ground.commit(&[Entry::Batch(mark(account, 2))])
    ));
    ground.commit(&[Entry::Batch(mark(account, 1))]).unwrap();
    for wrong in [0, 1, 3, u64::MAX] {
        let mut batch = mark(account, 1);
        batch.position = Position(wrong);
        assert!(
            is_damaged(&ground.commit(&[Entry::Batch(batch)])),
            "{wrong}"
        );
    }
    assert!(is_damaged(
        &ground.commit(&[Entry::Batch(mark(AccountId(99), 1))])
    ));
    assert_eq!(ground.load(account), Ok(vec![marked(1)]));
    ground.commit(&[Entry::Batch(mark(account, 2))]).unwrap();
    assert_eq!(ground.load(account), Ok(vec![marked(1), marked(2)]));
}

pub(crate) fn a_group_of_which_one_entry_fails_makes_nothing_at_all(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[7]))])
        .unwrap();
    let mut dropping = mark(account, 3);
    dropping.dropped = vec![ContentId(7)];
    let good = [
        Entry::Batch(arrival(account, 2, &[8, 9])),
        Entry::Batch(dropping),
        Entry::Collect {
            contents: vec![ContentId(7)],
        },
        Entry::Snapshot {
            account,
            position: Position(3),
            number: 0,
            changes: vec![added(&[(1, 8)])],
            last: true,
        },
    ];
    let bad = Entry::Batch(mark(account, 5));
    for before in 0..=good.len() {
        let (first, second) = good.split_at(before);
        let group = [first, std::slice::from_ref(&bad), second].concat();
        assert!(is_damaged(&ground.commit(&group)));
        assert_eq!(
            ground.load(account),
            Ok(vec![Loaded::Batch(Position(1), vec![added(&[(1, 7)])])])
        );
        assert_eq!(
            ground.storage.references(account),
            Ok(vec![(ContentId(7), 1)])
        );
        assert_eq!(ground.storage.last_content(), Ok(ContentId(7)));
    }
    ground.commit(&good).unwrap();
    assert_eq!(
        ground.load(account),
        Ok(vec![Loaded::Snapshot(Position(3), vec![added(&[(1, 8)])])])
    );
}

pub(crate) fn an_empty_group_is_committed(ground: &dyn Fn() -> Ground) {
    assert_eq!(ground().commit(&[]), Ok(()));
}

pub(crate) fn every_kind_of_change_comes_back(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let name = || MailboxName::new("Älteres/Ordner");
    let mailbox = MailboxId(3);
    let changes = vec![
        Change::Created {
            name: name(),
            mailbox,
            uid_validity: UidValidity(4),
        },
        Change::Placed { name: name() },
        Change::Deleted {
            name: name(),
            keeps_name: true,
        },
        Change::Renamed {
            names: vec![(MailboxName::inbox(), name())],
            remembered: true,
        },
        Change::Subscribed { name: name() },
        Change::Unsubscribed { name: name() },
        added(&[(1, 7), (4, 7)]),
        Change::Flagged {
            mailbox,
            modseq: ModSeq(9),
            flags: vec![(Uid(4), Flags::SEEN)],
        },
        Change::KeywordAdded {
            mailbox,
            keyword: Keyword("$Junk".into()),
        },
        expunged(&[1, 4]),
        Change::Claimed {
            mailbox,
            view: ViewId(2),
            to: Uid(4),
        },
        Change::Counted {
            mailbox,
            uid_next: Uid(5),
            highest_modseq: ModSeq(9),
            flags_changed: ModSeq(8),
            claimed_to: Uid(4),
        },
        Change::Numbered {
            next_mailbox: MailboxId(4),
            last_uid_validity: UidValidity(4),
        },
        Change::Remembered {
            name: name(),
            mailbox,
        },
    ];
    let batch = Batch {
        account,
        position: Position(1),
        changes: changes.clone(),
        contents: vec![(ContentId(7), content(7))],
        dropped: Vec::new(),
    };
    ground.commit(&[Entry::Batch(batch)]).unwrap();
    let batch = Loaded::Batch(Position(1), changes.clone());
    assert_eq!(ground.load(account), Ok(vec![batch]));
    let snapshot = Entry::Snapshot {
        account,
        position: Position(1),
        number: 0,
        changes: changes.clone(),
        last: true,
    };
    ground.commit(&[snapshot]).unwrap();
    let snapshot = Loaded::Snapshot(Position(1), changes);
    assert_eq!(ground.load(account), Ok(vec![snapshot]));
}
