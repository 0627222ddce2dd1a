//! Faults planted in storage, each found, and repaired where that can be.

use super::{Audit, Fault, Outcome, Tally, Told};
use crate::{
    content::Content,
    storage::{self, AccountId, Entry, Storage, memory::Memory},
};
use std::sync::Arc;
use tandem_model::{
    Change, Invariant, Limits,
    flags::{Flags, Keyword},
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, MailboxId, ModSeq, Position, Uid, UidValidity},
};

const INBOX: MailboxId = MailboxId(1);

pub(super) fn message(uid: u32, modseq: u64, content: u64) -> Message {
    Message {
        uid: Uid(uid),
        size: u32::try_from(octets(content).len()).unwrap(),
        modseq: ModSeq(modseq),
        flags: Flags::NONE,
        date: InternalDate::new(0, 0),
        content: ContentId(content),
    }
}

/// Of different lengths.
pub(super) fn octets(content: u64) -> Vec<u8> {
    format!(
        "A: {}\r\n\r\n",
        "x".repeat(usize::try_from(content).unwrap())
    )
    .into_bytes()
}

pub(super) fn added(messages: impl IntoIterator<Item = Message>) -> Change {
    Change::Added {
        mailbox: INBOX,
        messages: messages.into_iter().collect(),
    }
}

/// A batch that brings the contents with these numbers.
pub(super) fn batch(
    account: AccountId,
    position: u64,
    changes: Vec<Change>,
    contents: &[u64],
) -> Entry {
    let content = |&id: &u64| (ContentId(id), Arc::new(Content::new(octets(id))));
    Entry::Batch(storage::Batch {
        account,
        position: Position(position),
        changes,
        contents: contents.iter().map(content).collect(),
        dropped: Vec::new(),
    })
}

/// Alice has three messages in INBOX, the last two of the same content.
fn kept() -> (Memory, AccountId) {
    let storage = Memory::new();
    let account = storage.add_owner("alice", None).unwrap().account;
    storage.commit(&journal(account, 1)).unwrap();
    (storage, account)
}

/// Three messages, of which the last two have the same content; that of the first has this id, and theirs the next.
pub(super) fn journal(account: AccountId, content: u64) -> [Entry; 3] {
    let created = Change::Created {
        name: MailboxName::inbox(),
        mailbox: INBOX,
        uid_validity: UidValidity(1),
    };
    let first = batch(account, 1, vec![created], &[]);
    let one = vec![added([message(1, 2, content)])];
    let second = batch(account, 2, one, &[content]);
    let next = content + 1;
    let two = vec![added([message(2, 3, next), message(3, 3, next)])];
    let third = batch(account, 3, two, &[next]);
    [first, second, third]
}

fn look(storage: &Memory, repair: bool) -> (Vec<Fault>, Tally) {
    let mut faults = Vec::new();
    let mut tell = |told: Told<'_>| match told {
        Told::Fault(fault) => faults.push(fault.clone()),
        Told::Account(_, tally) => assert_eq!(tally.faults, faults.len() as u64),
    };
    let tally = Audit::new(storage, Limits::default(), repair, &mut tell)
        .everything()
        .unwrap();
    assert_eq!(tally.faults, faults.len() as u64);
    (faults, tally)
}

/// Those that are found, as they are told.
fn told(storage: &Memory) -> Vec<String> {
    let (faults, _) = look(storage, false);
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn an_account_that_breaks_an_invariant_is_told_of() {
    let (storage, account) = kept();
    let twin = Change::Created {
        name: MailboxName::new("twin"),
        mailbox: MailboxId(2),
        uid_validity: UidValidity(1),
    };
    storage
        .commit(&[batch(account, 4, vec![twin], &[])])
        .unwrap();
    let broken = format!("broken: {}", Invariant::UidValiditiesApart);
    let faults = told(&storage);
    assert!(
        faults.iter().any(|fault| fault.contains(&broken)),
        "{faults:?}"
    );
}

#[test]
fn an_account_that_no_snapshot_makes_again_is_told_of() {
    let (storage, account) = kept();
    // The first INBOX loses its name, by which a snapshot finds it.
    let other = Change::Created {
        name: MailboxName::inbox(),
        mailbox: MailboxId(2),
        uid_validity: UidValidity(2),
    };
    storage
        .commit(&[batch(account, 4, vec![other], &[])])
        .unwrap();
    let broken = format!("broken: {}", Invariant::SnapshotRestores);
    let faults = told(&storage);
    assert!(
        faults.iter().any(|fault| fault.contains(&broken)),
        "{faults:?}"
    );
}

#[test]
fn sound_storage_has_no_fault() {
    let (storage, account) = kept();
    let (faults, tally) = look(&storage, true);
    assert_eq!(faults, []);
    assert_eq!((tally.accounts, tally.messages, tally.contents), (1, 3, 2));
    // With a snapshot, and an account in which nobody has ever been.
    let snapshot = |number, changes, last| Entry::Snapshot {
        account,
        position: Position(3),
        number,
        changes,
        last,
    };
    let mut alive = tandem_model::Account::blank(Limits::default());
    storage
        .load(account, &mut |part| {
            if let storage::Loaded::Batch(_, changes) = part {
                alive.replay(&changes);
            }
        })
        .unwrap();
    let mut changes: Vec<Change> = alive.snapshot().collect();
    let rest = changes.split_off(1);
    let pieces = [snapshot(0, changes, false), snapshot(1, rest, true)];
    storage.commit(&pieces).unwrap();
    storage.add_owner("bob", Some("$argon2id$")).unwrap();
    let after = batch(account, 4, vec![added([message(4, 4, 3)])], &[3]);
    storage.commit(&[after]).unwrap();
    assert_eq!(told(&storage), [""; 0]);
}

#[test]
fn a_wrong_count_is_found_and_repaired() {
    for wrong in [1, 3] {
        let (storage, account) = kept();
        storage.correct(ContentId(2), wrong).unwrap();
        let what =
            format!("alice: content 2 is counted {wrong} times, and messages have it 2 times");
        assert_eq!(told(&storage), [format!("{what}: --repair can repair it")]);
        let (faults, tally) = look(&storage, true);
        assert_eq!(faults[0].outcome, Outcome::Repaired);
        assert_eq!((tally.faults, tally.repaired), (1, 1));
        assert_eq!(told(&storage), [""; 0]);
        let references = storage.references(account).unwrap();
        assert_eq!(references, [(ContentId(1), 1), (ContentId(2), 2)]);
    }
}

#[test]
fn an_orphan_is_found_and_removed() {
    for orphan in [0, 7] {
        let (storage, account) = kept();
        let id = ContentId(orphan);
        let content = Arc::new(Content::new(octets(orphan)));
        let rest = content.split().1.len();
        let piece = Entry::Piece {
            account,
            id,
            content,
            range: 0..rest,
        };
        storage.commit(&[piece]).unwrap();
        storage.correct(id, 3).unwrap();
        let what = format!("alice: content {orphan} is counted 3 times, and no message has it");
        assert_eq!(told(&storage), [format!("{what}: --repair can repair it")]);
        assert_eq!(look(&storage, true).1.repaired, 1);
        assert_eq!(told(&storage), [""; 0]);
    }
}

#[test]
fn a_message_without_its_octets_is_told_each_time_and_stays() {
    let (storage, _) = kept();
    storage.correct(ContentId(2), 0).unwrap();
    let lost = |uid| {
        format!(
            "alice, INBOX: message UID {uid}: its octets are not there (content 2): cannot be repaired"
        )
    };
    for _ in 0..2 {
        let (faults, tally) = look(&storage, true);
        let told: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(told, [lost(2), lost(3)]);
        assert_eq!((tally.repaired, tally.messages), (0, 3));
    }
}

#[test]
fn what_a_journal_cannot_say_is_found() {
    let keyword = |name: &str| Change::KeywordAdded {
        mailbox: INBOX,
        keyword: Keyword(name.into()),
    };
    let flagged = |modseq, flags: &[(u32, Flags)]| Change::Flagged {
        mailbox: INBOX,
        modseq: ModSeq(modseq),
        flags: flags
            .iter()
            .map(|&(uid, flags)| (Uid(uid), flags))
            .collect(),
    };
    let expunged = |modseq, uid| Change::Expunged {
        mailbox: INBOX,
        modseq: ModSeq(modseq),
        uids: vec![Uid(uid)],
        keeps_content: false,
    };
    let created = |name: &str, mailbox, uid_validity| Change::Created {
        name: MailboxName::new(name),
        mailbox: MailboxId(mailbox),
        uid_validity: UidValidity(uid_validity),
    };
    let name = MailboxName::new;
    for (changes, expected) in [
        (
            vec![added([message(3, 4, 1)])],
            "in `INBOX` messages arrive whose UIDs do not ascend",
        ),
        (
            vec![added([message(5, 4, 1), message(4, 4, 1)])],
            "messages arrive whose UIDs do not ascend",
        ),
        (
            vec![added([message(4, 3, 1)])],
            "messages arrive with a MODSEQ that is not above all before",
        ),
        (
            vec![added([Message {
                flags: Flags::keyword(0),
                ..message(4, 4, 1)
            }])],
            "a message has a keyword that the mailbox does not know",
        ),
        (
            vec![flagged(3, &[(1, Flags::SEEN)])],
            "messages change with a MODSEQ that is not above all before",
        ),
        (
            vec![flagged(4, &[(2, Flags::SEEN), (1, Flags::SEEN)])],
            "messages change in the wrong order",
        ),
        (
            vec![flagged(4, &[(9, Flags::SEEN)])],
            "messages change that are not there",
        ),
        (
            vec![flagged(4, &[(1, Flags::keyword(3))])],
            "a message has a keyword that the mailbox does not know",
        ),
        (vec![expunged(4, 9)], "messages change that are not there"),
        (
            vec![keyword("a"), keyword("A")],
            "a keyword is added that is known",
        ),
        (
            vec![created("INBOX", 2, 2)],
            "a mailbox `INBOX` is created with a name that is taken",
        ),
        (
            vec![created("x", 1, 2)],
            "created with an id that was given before",
        ),
        (
            vec![created("x", 2, 1)],
            "created with a UIDVALIDITY that is not above all before",
        ),
        (
            vec![Change::Placed {
                name: name("INBOX"),
            }],
            "the name `INBOX` is placed twice",
        ),
        (
            vec![Change::Deleted {
                name: name("x"),
                keeps_name: false,
            }],
            "`x` is deleted, and was not there",
        ),
        (
            vec![Change::Renamed {
                names: vec![(name("x"), name("y"))],
                remembered: false,
            }],
            "`x` is renamed, and was not there",
        ),
        (
            vec![Change::Claimed {
                mailbox: INBOX,
                view: tandem_model::number::ViewId(1),
                to: Uid(4),
            }],
            "messages were \\Recent that have not arrived",
        ),
        (
            vec![Change::KeywordAdded {
                mailbox: MailboxId(9),
                keyword: Keyword("a".into()),
            }],
            "a mailbox 9 is changed that never was",
        ),
        (
            vec![Change::Numbered {
                next_mailbox: MailboxId(9),
                last_uid_validity: UidValidity(9),
            }],
            "the journal has a change that it cannot have",
        ),
    ] {
        let (storage, account) = kept();
        storage.commit(&[batch(account, 4, changes, &[])]).unwrap();
        let told = told(&storage);
        assert!(
            told[0].starts_with("alice: batch 4: ") && told[0].contains(expected),
            "{expected}: {told:?}"
        );
        assert!(told[0].ends_with(": cannot be repaired"), "{told:?}");
    }
}

#[test]
fn a_snapshot_that_cannot_be_is_found() {
    let inbox = || Change::Created {
        name: MailboxName::inbox(),
        mailbox: INBOX,
        uid_validity: UidValidity(1),
    };
    let counted = |uid_next, highest_modseq, claimed_to| Change::Counted {
        mailbox: INBOX,
        uid_next: Uid(uid_next),
        highest_modseq: ModSeq(highest_modseq),
        flags_changed: ModSeq(0),
        claimed_to: Uid(claimed_to),
    };
    for (changes, expected) in [
        (
            vec![inbox(), counted(1, 0, 0)],
            "UIDNEXT or the highest MODSEQ is not above all messages",
        ),
        (
            vec![inbox(), counted(3, 3, 3)],
            "its numbers contradict each other",
        ),
        (
            vec![
                inbox(),
                Change::Unsubscribed {
                    name: MailboxName::inbox(),
                },
            ],
            "the snapshot has a change that only a journal can have",
        ),
    ] {
        let storage = Memory::new();
        let account = storage.add_owner("alice", None).unwrap().account;
        let snapshot = Entry::Snapshot {
            account,
            position: Position(0),
            number: 0,
            changes,
            last: true,
        };
        storage.commit(&[snapshot]).unwrap();
        let told = told(&storage);
        assert!(told[0].contains(expected), "{told:?}");
    }
}

#[test]
fn a_size_that_is_not_that_of_the_octets_is_found() {
    let (storage, account) = kept();
    let wrong = Message {
        size: 1000,
        ..message(4, 4, 1)
    };
    storage
        .commit(&[batch(account, 4, vec![added([wrong])], &[])])
        .unwrap();
    let expected = "alice, INBOX: message UID 4: it has 8 octets, and should have 1000 (content 1): cannot be repaired";
    assert_eq!(told(&storage), [expected]);
}
