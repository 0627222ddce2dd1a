//! What commands are answered by the state that their session is in: authenticated, selected, selected read-only, in IDLE.

use super::stage::{Stage, code, copy, fetch, search, store, tagged};
use tandem_model::{
    Command, Input, Practice, Response,
    command::{Form, Moment},
    flags::Flags,
    name::MailboxName,
    response::{Code, FetchData, Status},
    sequence_set::SequenceSet,
};

fn examine() -> Command {
    Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: true,
    }
}

#[test]
fn examine_changes_nothing() {
    let mut stage = Stage::new(Practice::default(), 2, 0);
    stage.run(0, Command::Unselect);
    stage.run(1, Command::Unselect);
    stage.append_to(1, "INBOX", 1, Flags::DELETED);
    let out = stage.run(0, examine());
    assert!(out.contains(&Response::Recent(1)), "{out:?}");
    assert_eq!(code(&out), Some(Code::ReadOnly));
    let before = stage
        .account
        .mailbox(&MailboxName::inbox())
        .unwrap()
        .list()
        .clone();
    let out = stage.run(
        0,
        Command::Fetch {
            set: SequenceSet::all(),
            form: Form::Sequence,
            marks_seen: true,
        },
    );
    assert!(matches!(
        out[0],
        Response::Fetch {
            data: FetchData::Message {
                recent: true,
                seen_now: false,
                ..
            },
            ..
        }
    ));
    for command in [
        store(SequenceSet::all(), Flags::SEEN, false),
        Command::Expunge { uids: None },
        Command::Move {
            set: SequenceSet::all(),
            form: Form::Sequence,
            mailbox: MailboxName::inbox(),
        },
    ] {
        assert_eq!(
            tagged(&stage.run(0, command)),
            (Status::No, Some(Code::ReadOnly))
        );
    }
    assert_eq!(tagged(&stage.run(0, Command::Close)).0, Status::Ok);
    assert_eq!(
        stage.account.mailbox(&MailboxName::inbox()).unwrap().list(),
        &before
    );
    // \\Recent is still there for a session that takes it.
    let out = stage.run(
        0,
        Command::Select {
            mailbox: MailboxName::inbox(),
            read_only: false,
        },
    );
    assert!(out.contains(&Response::Recent(1)), "{out:?}");
    let out = stage.run(
        0,
        Command::Select {
            mailbox: MailboxName::inbox(),
            read_only: false,
        },
    );
    assert!(out.contains(&Response::Recent(0)), "{out:?}");
}

#[test]
fn a_command_during_idle_is_bad_and_ends_it() {
    let mut stage = Stage::new(Practice::default(), 1, 1);
    assert_eq!(stage.run(0, Command::Idle), [Response::Continue("idling")]);
    let out = stage.step(0, Input::Command(Command::Noop, Moment::default()));
    assert_eq!(out, [Response::Tagged(Status::Bad, None, "expected DONE")]);
    assert_eq!(tagged(&stage.run(0, Command::Noop)).0, Status::Ok);
}

#[test]
fn commands_of_the_selected_state_need_a_mailbox() {
    let mut stage = Stage::new(Practice::default(), 1, 1);
    stage.run(0, Command::Unselect);
    for command in [
        Command::Check,
        Command::Close,
        Command::Unselect,
        Command::Expunge { uids: None },
        fetch(SequenceSet::one(1)),
        search(SequenceSet::one(1), Form::Uid),
        copy(SequenceSet::one(1), Form::Uid),
        store(SequenceSet::one(1), Flags::SEEN, false),
    ] {
        assert_eq!(
            tagged(&stage.run(0, command.clone())),
            (Status::Bad, None),
            "{command:?}"
        );
    }
    // A SELECT that fails leaves none selected.
    stage.run(
        0,
        Command::Select {
            mailbox: MailboxName::inbox(),
            read_only: false,
        },
    );
    let out = stage.run(
        0,
        Command::Select {
            mailbox: MailboxName::new("nowhere"),
            read_only: false,
        },
    );
    assert!(
        matches!(
            out[0],
            Response::Untagged(Status::Ok, Some(Code::Closed), _)
        ),
        "{out:?}"
    );
    assert_eq!(tagged(&out), (Status::No, Some(Code::NonExistent)));
    assert_eq!(tagged(&stage.run(0, Command::Check)).0, Status::Bad);
}
