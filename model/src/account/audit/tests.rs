//! Each invariant, broken: the audit says which.

use super::*;
use crate::{
    Batch, Change, Input, Limits, Practice, Session,
    change::Eviction,
    command::{Command, Form, Moment, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    invariant::{Judged, Watch},
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, MailboxId, ModSeq, Uid, UidValidity, ViewId},
    sequence_set::{Bound, SequenceSet},
    view::View,
};
use alloc::{sync::Arc, vec};

/// INBOX has two messages, one with a keyword, and two ghosts that one of two sessions is owed; there is a mailbox that has been renamed, one that
/// somebody has open and nobody can name, a name without a mailbox, and a subscription.
fn account() -> Account {
    let mut account = Account::new(Limits::default());
    let mut first = Session::new();
    let mut second = Session::new();
    let mut namer = Session::new();
    let inbox = MailboxName::inbox;
    let mut say = |session: &mut Session, command| {
        let moment = Moment {
            uid_validity: UidValidity(7),
            ..Moment::default()
        };
        let practice = Practice::default();
        let input = Input::Command(command, moment);
        session.step(input, &mut account, &practice, &mut vec![]);
    };
    for (content, flags) in (1..).zip([Flags::NONE, Flags::NONE, Flags::DELETED, Flags::NONE]) {
        say(
            &mut first,
            Command::Append {
                mailbox: inbox(),
                flags: flags.into(),
                date: InternalDate::default(),
                content: ContentId(content),
                size: 1,
            },
        );
    }
    for session in [&mut first, &mut second] {
        say(
            session,
            Command::Select {
                mailbox: inbox(),
                read_only: false,
            },
        );
    }
    let store = |number, flags| Command::Store {
        set: SequenceSet::range(Bound::Number(number), Bound::Number(number)),
        form: Form::Sequence,
        action: StoreAction::Add,
        silent: true,
        flags,
    };
    let keyword = FlagNames {
        system: Flags::NONE,
        keywords: vec![Keyword("new".into())],
    };
    say(&mut first, store(1, keyword));
    say(&mut first, Command::Expunge { uids: None });
    say(&mut first, store(3, Flags::DELETED.into()));
    say(&mut first, Command::Expunge { uids: None });
    let name = |name| MailboxName::new(name);
    for made in ["old", "deleted", "a/b"] {
        say(
            &mut namer,
            Command::Create {
                mailbox: name(made),
            },
        );
    }
    say(
        &mut namer,
        Command::Rename {
            from: name("old"),
            to: name("renamed"),
        },
    );
    say(
        &mut namer,
        Command::Subscribe {
            mailbox: name("a/b"),
        },
    );
    let mut third = Session::new();
    say(
        &mut third,
        Command::Select {
            mailbox: name("deleted"),
            read_only: false,
        },
    );
    say(
        &mut namer,
        Command::Delete {
            mailbox: name("deleted"),
        },
    );
    account.drain();
    account
}

/// Breaks an invariant that is the account's.
fn spoil(account: &mut Account, invariant: Invariant) {
    let nowhere = MailboxId(99);
    match invariant {
        Invariant::MailboxesPlaced => account.ghosted.clear(),
        Invariant::NamesLead => account.names.push((MailboxName::new("zzz"), Some(nowhere))),
        Invariant::OldNamesLead => account.renamed[0].1 = nowhere,
        Invariant::ListsOrdered => account.subscribed.push(MailboxName::new("A")),
        Invariant::NumbersFresh => account.next_view = ViewId(1),
        Invariant::UidValiditiesApart => account.last_uid_validity = UidValidity(1),
        Invariant::EvictedGone => {
            let view = account.mailboxes[0].views()[0].id;
            account.evicted.push((view, Eviction::Deleted));
        }
        Invariant::SnapshotRestores => account.limits.mailboxes = 0,
        _ => {
            let inbox = Arc::make_mut(&mut account.mailboxes[0]);
            assert!(inbox.spoil(invariant), "nothing breaks {invariant}");
        }
    }
}

#[test]
fn an_account_breaks_no_invariant_until_it_is_spoiled() {
    let account = account();
    assert_eq!(account.audit_thoroughly(), Ok(()));
    assert_eq!(account.mailboxes[0].ghosts().len(), 2);
    assert_eq!(account.ghosted.len(), 1);
    assert_eq!(account.renamed.len(), 1);
}

fn message(uid: u32) -> Message {
    Message {
        uid: Uid(uid),
        size: 1,
        modseq: ModSeq(2),
        flags: Flags::NONE,
        date: InternalDate::default(),
        content: ContentId(1),
    }
}

#[test]
fn a_large_account_is_audited_now_and_then_and_a_small_one_after_each_step() {
    let (mut watch, nothing) = (Watch::default(), Batch::default());
    let small = account();
    for _ in 0..3 {
        watch.begins(&small);
        assert!(watch.is_due());
        assert_eq!(watch.ends(&small, &nothing_of(&small)), Ok(()));
        assert!(!watch.is_due());
    }

    // With the mailbox itself, as much as three steps may look at.
    let mut large = Account::new(Limits::default());
    let count = u32::try_from(3 * Watch::SHARE - 1).unwrap();
    large.apply(&Change::Added {
        mailbox: MailboxId(1),
        messages: (1..=count).map(message).collect(),
    });
    large.last_uid_validity = UidValidity(0);
    for audited in [false, false, true, false, false, true] {
        watch.begins(&large);
        assert_eq!(watch.is_due(), audited);
        let broken = audited.then_some(Invariant::UidValiditiesApart);
        assert_eq!(watch.ends(&large, &nothing).err(), broken);
    }
}

/// What a step that did nothing leaves to be drained.
fn nothing_of(account: &Account) -> Batch {
    Batch {
        position: account.position(),
        ..Batch::default()
    }
}

#[test]
fn all_invariants_are_looked_at_as_long_as_that_is_no_more_than_a_share() {
    let mut account = Account::new(Limits::default());
    let inbox = MailboxId(1);
    let messages = |uids: core::ops::RangeInclusive<u32>| Change::Added {
        mailbox: inbox,
        messages: uids.map(message).collect(),
    };
    // Two views, each of which numbers every message: three looks at each, and one at the mailbox.
    for id in [ViewId(1), ViewId(2)] {
        let view = View {
            id,
            exists_to: Uid(0),
            expunged_to: ModSeq(0),
            flags_to: ModSeq(0),
            keywords_to: 0,
            read_only: false,
        };
        account.apply(&Change::Opened {
            mailbox: inbox,
            view,
        });
    }
    let most = u32::try_from((Watch::SHARE - 1) / 3).unwrap();
    account.apply(&messages(1..=most));
    account.drain();
    let is_seen = |account: &Account| {
        let mut watch = Watch::default();
        watch.begins(account);
        let mut without = account.clone();
        Arc::make_mut(&mut without.mailboxes[0])
            .apply(&messages(900..=900), &mut Batch::default().references);
        watch.ends(&without, &nothing_of(account)) == Err(Invariant::ChangesReplay)
    };
    assert!(is_seen(&account));
    account.apply(&messages(most + 1..=most + 1));
    account.drain();
    assert!(!is_seen(&account));
}

/// Steps of the watch around what is done to an account that is sound before.
fn watched(does: impl Fn(&mut Account) -> Batch) -> Result<(), Invariant> {
    let (mut watch, mut account) = (Watch::default(), account());
    watch.begins(&account);
    let batch = does(&mut account);
    watch.ends(&account, &batch)
}

#[test]
fn a_watch_looks_at_every_invariant() {
    for &invariant in Invariant::ALL {
        let broken = watched(|account| {
            let mut batch = nothing_of(account);
            match invariant {
                Invariant::ChangesReplay => account.next_mailbox = MailboxId(98),
                Invariant::ContentsCounted => batch.references.dropped.push(ContentId(1)),
                _ => spoil(account, invariant),
            }
            batch
        });
        // What numbers views goes by summaries, which are looked at before.
        let expected = match invariant {
            Invariant::NumberingAgrees => Invariant::SummariesAgree,
            other => other,
        };
        assert_eq!(broken, Err(expected));
    }
    // A batch that is said to have moved the journal and did not.
    let moved = watched(|account| Batch {
        position: account.position().next(),
        ..Batch::default()
    });
    assert_eq!(moved, Err(Invariant::ContentsCounted));
}

#[test]
fn each_invariant_that_is_broken_is_named() {
    for &invariant in Invariant::ALL {
        let mut account = account();
        match invariant.judged() {
            Judged::Step => continue,
            Judged::State => {
                spoil(&mut account, invariant);
                assert_eq!(account.audit(), Err(invariant));
            }
            Judged::Thoroughly => {
                spoil(&mut account, invariant);
                // What numbers views goes by summaries, which are looked at before.
                let found = if invariant == Invariant::NumberingAgrees {
                    account.mailboxes[0].audit_numberings()
                } else {
                    account.audit_thoroughly()
                };
                assert_eq!(found, Err(invariant));
            }
        }
    }
}

/// What is broken, and how.
struct Way(Invariant, fn(&mut Account));

#[test]
fn whatever_breaks_an_invariant_of_an_account_is_seen() {
    let ways: [Way; 18] = [
        Way(Invariant::ListsOrdered, |it| it.names.reverse()),
        Way(Invariant::ListsOrdered, |it| {
            it.names.insert(0, it.names[0].clone())
        }),
        Way(Invariant::ListsOrdered, |it| {
            it.subscribed.push(it.subscribed[0].clone())
        }),
        Way(Invariant::ListsOrdered, |it| {
            it.renamed.push(it.renamed[0].clone())
        }),
        Way(Invariant::ListsOrdered, |it| {
            it.mailboxes.insert(0, Arc::clone(&it.mailboxes[0]))
        }),
        Way(Invariant::MailboxesPlaced, |it| it.ghosted.clear()),
        Way(Invariant::MailboxesPlaced, |it| {
            it.ghosted.push(it.ghosted[0].clone())
        }),
        Way(Invariant::MailboxesPlaced, |it| {
            it.ghosted.push((MailboxName::inbox(), MailboxId(1)));
        }),
        Way(Invariant::MailboxesPlaced, |it| {
            it.ghosted.push((MailboxName::new("x"), MailboxId(99)));
        }),
        Way(Invariant::NamesLead, |it| {
            it.names
                .push((MailboxName::new("zzz"), Some(MailboxId(99))));
        }),
        Way(Invariant::NamesLead, |it| {
            it.names.push((MailboxName::new("zzz"), Some(MailboxId(1))));
        }),
        Way(Invariant::OldNamesLead, |it| {
            it.renamed[0].0 = MailboxName::inbox()
        }),
        Way(Invariant::OldNamesLead, |it| {
            it.renamed[0].1 = MailboxId(99)
        }),
        Way(Invariant::OldNamesLead, |it| {
            it.renamed[0].1 = it.ghosted[0].1
        }),
        Way(Invariant::NumbersFresh, |it| {
            it.next_mailbox = it.mailboxes[it.mailboxes.len() - 1].id();
        }),
        Way(Invariant::NumbersFresh, |it| {
            it.next_view = it
                .mailboxes
                .iter()
                .flat_map(|mailbox| mailbox.views())
                .map(|view| view.id)
                .max()
                .unwrap();
        }),
        Way(Invariant::UidValiditiesApart, |it| {
            it.last_uid_validity = UidValidity(it.last_uid_validity.0 - 1);
        }),
        Way(Invariant::EvictedGone, |it| {
            it.evicted
                .push((it.mailboxes[0].views()[0].id, Eviction::Deleted));
        }),
    ];
    for (at, Way(invariant, spoil)) in ways.into_iter().enumerate() {
        let mut account = account();
        spoil(&mut account);
        assert_eq!(account.audit(), Err(invariant), "way {at}");
    }
}

#[test]
fn two_mailboxes_of_one_uidvalidity_are_seen() {
    let mut account = account();
    let last = account.last_uid_validity();
    let mailbox = account.next_mailbox();
    account.apply(&Change::Created {
        name: MailboxName::new("twin"),
        mailbox,
        uid_validity: last,
    });
    assert_eq!(account.audit(), Err(Invariant::UidValiditiesApart));
}

#[test]
fn a_deleted_mailbox_that_nobody_has_open_is_seen() {
    let mut account = account();
    let (_, deleted) = account.ghosted[0];
    let at = account.place_of_id(deleted).unwrap();
    let view = account.mailboxes[at].views()[0].id;
    let left = Change::Left {
        mailbox: deleted,
        view,
    };
    Arc::make_mut(&mut account.mailboxes[at]).apply(&left, &mut Default::default());
    assert_eq!(account.audit(), Err(Invariant::MailboxesPlaced));
}
