//! What is refused while storage has no room: RFC 5530 section 3 (UNAVAILABLE, OVERQUOTA), RULING-60 and RULING-61.

use super::stage::{Stage, fetch, numbers, store};
use tandem_model::{
    Command, Input, Limits, Practice, Response,
    command::{Form, Moment, Room},
    flags::Flags,
    message::InternalDate,
    name::MailboxName,
    number::ContentId,
    response::{Code, Status},
    sequence_set::SequenceSet,
};

fn grows() -> [Command; 4] {
    let other = || MailboxName::new("other");
    [
        Command::Append {
            mailbox: MailboxName::inbox(),
            flags: Flags::NONE.into(),
            date: InternalDate::default(),
            content: ContentId(99),
            size: 1,
        },
        Command::Copy {
            set: SequenceSet::all(),
            form: Form::Sequence,
            mailbox: MailboxName::inbox(),
        },
        Command::Create { mailbox: other() },
        Command::Subscribe { mailbox: other() },
    ]
}

/// A command in this room: its tagged response, and whether anything durable came of it.
fn said(stage: &mut Stage, command: Command, room: Room) -> (Status, Option<Code>, bool) {
    let before = stage.account.position();
    let moment = Moment {
        room,
        ..Moment::default()
    };
    let out = stage.step(0, Input::Command(command, moment));
    let changed = stage.account.position() != before;
    match out.last() {
        Some(Response::Tagged(status, code, _)) => (*status, code.clone(), changed),
        _ => panic!("{out:?}"),
    }
}

#[test]
fn what_needs_room_is_refused_while_there_is_none_and_changes_nothing() {
    for (room, code) in [
        (Room::Full, Code::Unavailable),
        (Room::OverQuota, Code::OverQuota),
        (Room::ReadOnly, Code::Unavailable),
    ] {
        let mut stage = Stage::new(Practice::default(), 1, 3);
        for command in grows() {
            let refused = (Status::No, Some(code.clone()), false);
            assert_eq!(said(&mut stage, command.clone(), room), refused);
            let (status, _, changed) = said(&mut stage, command, Room::Free);
            assert_eq!((status, changed), (Status::Ok, true));
        }
    }
}

#[test]
fn what_makes_room_goes_on_while_there_is_none() {
    for room in [Room::Full, Room::OverQuota] {
        let mut stage = Stage::new(Practice::default(), 1, 3);
        let first = SequenceSet::one(1);
        for command in [
            store(first, Flags::DELETED, true),
            Command::Expunge { uids: None },
        ] {
            let (status, _, changed) = said(&mut stage, command, room);
            assert_eq!((status, changed), (Status::Ok, true));
        }
        let (status, _, changed) = said(&mut stage, fetch(SequenceSet::all()), room);
        assert_eq!((status, changed), (Status::Ok, false));
    }
}

#[test]
fn nothing_is_changed_while_storage_is_read_only() {
    let mut stage = Stage::new(Practice::default(), 1, 2);
    let select = Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    };
    let opened = said(&mut stage, select, Room::ReadOnly);
    assert_eq!(opened, (Status::Ok, Some(Code::ReadOnly), false));
    let all = SequenceSet::all;
    for command in [
        store(all(), Flags::SEEN, true),
        Command::Expunge { uids: None },
        Command::Delete {
            mailbox: MailboxName::new("other"),
        },
        Command::Rename {
            from: MailboxName::inbox(),
            to: MailboxName::new("other"),
        },
        Command::Unsubscribe {
            mailbox: MailboxName::inbox(),
        },
    ] {
        let (status, _, changed) = said(&mut stage, command, Room::ReadOnly);
        assert_eq!((status, changed), (Status::No, false));
    }
    let marks = Command::Fetch {
        set: all(),
        form: Form::Sequence,
        marks_seen: true,
    };
    let (status, _, changed) = said(&mut stage, marks, Room::ReadOnly);
    assert_eq!((status, changed), (Status::Ok, false));
}

/// RULING-63.
#[test]
fn an_account_has_so_many_messages_and_no_copy_makes_it_more() {
    let limits = Limits {
        messages: 5,
        ..Limits::default()
    };
    let mut stage = Stage::with_limits(Practice::default(), limits, 2, 3);
    let inbox = MailboxName::inbox;
    let copy = |set| Command::Copy {
        set,
        form: Form::Sequence,
        mailbox: inbox(),
    };
    let over = (Status::No, Some(Code::OverQuota), false);
    let all = || SequenceSet::all();
    assert_eq!(said(&mut stage, copy(all()), Room::Free), over);
    assert_eq!(
        said(&mut stage, copy(numbers(1, 2)), Room::Free).0,
        Status::Ok
    );
    let [append, ..] = grows();
    assert_eq!(said(&mut stage, append.clone(), Room::Free), over);
    assert_eq!(said(&mut stage, copy(numbers(1, 1)), Room::Free), over);
    // What is moved is there already, and what goes makes room, told or not.
    let moved = Command::Move {
        set: numbers(1, 1),
        form: Form::Sequence,
        mailbox: inbox(),
    };
    assert_eq!(said(&mut stage, moved, Room::Free).0, Status::Ok);
    stage.run(0, store(numbers(1, 1), Flags::DELETED, true));
    stage.run(0, Command::Expunge { uids: None });
    assert_eq!(said(&mut stage, append, Room::Free).0, Status::Ok);
}
