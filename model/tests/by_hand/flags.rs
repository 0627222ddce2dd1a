//! System flags, \Recent among them, and the MODSEQs that go with them: what STORE, FETCH, MOVE and STATUS make of them.

use super::stage::{Stage, copy, numbers, store};
use tandem_model::{
    Command, Practice, Response,
    command::{Form, StatusItems},
    flags::Flags,
    name::MailboxName,
    number::Uid,
    response::FetchData,
    sequence_set::SequenceSet,
};

#[test]
fn move_sets_no_deleted_and_answers_nothing_of_a_store() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    stage.run(
        0,
        Command::Create {
            mailbox: MailboxName::new("B"),
        },
    );
    let mailbox = MailboxName::new("B");
    let out = stage.run(
        0,
        Command::Move {
            set: SequenceSet::one(1),
            form: Form::Sequence,
            mailbox: mailbox.clone(),
        },
    );
    assert!(
        !out.iter()
            .any(|response| matches!(response, Response::Fetch { .. })),
        "{out:?}"
    );
    let moved = *stage
        .account
        .mailbox(&mailbox)
        .unwrap()
        .list()
        .at(0)
        .unwrap();
    assert_eq!((moved.flags, moved.content.0), (Flags::NONE, 1));
    assert!(
        stage.account.mailboxes()[0]
            .ghosts()
            .iter()
            .all(|ghost| ghost.message.flags == Flags::NONE)
    );
}

/// RFC 7162 section 3.1, as far as MODSEQs are kept though nobody is shown them.
#[test]
fn a_store_that_changes_something_has_a_higher_modseq_and_no_other() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    let highest = |stage: &Stage| {
        let inbox = stage.account.mailbox(&MailboxName::inbox()).unwrap();
        let newest = inbox.messages().map(|message| message.modseq).max();
        assert!(newest.is_none_or(|newest| newest <= inbox.highest_modseq()));
        inbox.highest_modseq()
    };
    let mut before = highest(&stage);
    for (session, flags, rises) in [
        (0, Flags::SEEN, true),
        (1, Flags::DRAFT, true),
        (0, Flags::FLAGGED, true),
        (0, Flags::FLAGGED, false),
        (1, Flags::SEEN.with(Flags::DRAFT), false),
        (1, Flags::DELETED, true),
    ] {
        stage.run(session, store(numbers(1, 1), flags, true));
        let after = highest(&stage);
        assert_eq!(after > before, rises, "{flags:?}");
        before = after;
    }
    stage.append(0, 9);
    let arrived = highest(&stage);
    assert!(arrived > before);
    stage.run(1, copy(numbers(1, 1), Form::Uid));
    let copied = highest(&stage);
    assert!(copied > arrived);
    let last = |stage: &Stage| {
        let inbox = stage.account.mailbox(&MailboxName::inbox()).unwrap();
        inbox.messages().last().unwrap().modseq
    };
    assert_eq!(last(&stage), copied);
    stage.run(0, Command::Expunge { uids: None });
    assert!(highest(&stage) > copied);
}

#[test]
fn a_fetch_that_marks_messages_seen_shows_them_as_they_are_from_then_on() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    let marking = Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Sequence,
        marks_seen: true,
    };
    for seen_before in [false, true] {
        let out = stage.run(0, marking.clone());
        let shown = out.iter().filter_map(|response| match response {
            Response::Fetch {
                data:
                    FetchData::Message {
                        message, seen_now, ..
                    },
                ..
            } => Some((*message, *seen_now)),
            _ => None,
        });
        let mailbox = stage.account.mailbox(&MailboxName::inbox()).unwrap();
        let expected = mailbox.messages().map(|&message| (message, !seen_before));
        assert!(shown.eq(expected), "{out:?}");
        assert_eq!(mailbox.list().unseen(), 0);
    }
}

#[test]
fn status_counts_as_recent_what_nobody_has_claimed() {
    let mut stage = Stage::new(Practice::default(), 1, 2);
    stage.run(0, Command::Unselect);
    stage.append(0, 3);
    let out = stage.run(
        0,
        Command::Status {
            mailbox: MailboxName::inbox(),
            items: StatusItems::default(),
        },
    );
    let Response::Status(status) = &out[0] else {
        panic!("{out:?}")
    };
    assert_eq!((status.messages, status.recent, status.unseen), (3, 1, 3));
    assert_eq!(status.uid_next, Uid(4));
}
