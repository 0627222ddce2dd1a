//! What is refused, and who is sent away, at a limit: of ghosts, and of UIDs.

use super::stage::{Stage, copy, numbers, store, tagged};
use tandem_model::{
    Change, Command, Input, Limits, Practice, Response,
    command::Form,
    flags::Flags,
    name::MailboxName,
    number::Uid,
    response::{Code, Status},
    sequence_set::SequenceSet,
};

#[test]
fn a_session_that_is_too_far_behind_is_sent_away() {
    let mut stage = Stage::with_limits(
        Practice::default(),
        Limits {
            ghosts: 3,
            ..Limits::default()
        },
        3,
        6,
    );
    let expunge = |stage: &mut Stage, number| {
        stage.run(0, store(SequenceSet::one(number), Flags::DELETED, true));
        stage.run(0, Command::Expunge { uids: None });
    };
    expunge(&mut stage, 1);
    expunge(&mut stage, 1);
    stage.run(2, Command::Noop);
    expunge(&mut stage, 1);
    expunge(&mut stage, 1);
    let out = stage.step(1, Input::Wake);
    assert_eq!(
        out,
        [Response::Bye("too far behind the changes of the mailbox")]
    );
    assert!(stage.sessions[1].is_over());
    // Two EXPUNGEs, EXISTS, and OK: the other is not that slow.
    assert_eq!(stage.run(2, Command::Noop).len(), 4);
    assert!(stage.account.mailboxes()[0].ghosts().is_empty());
}

#[test]
fn as_many_ghosts_as_are_allowed_send_nobody_away_and_more_at_once_do() {
    let limits = Limits {
        ghosts: 3,
        ..Limits::default()
    };
    for (gone, evicted) in [(3, false), (4, true), (6, true)] {
        let mut stage = Stage::with_limits(Practice::default(), limits, 2, 6);
        stage.run(0, store(numbers(1, gone), Flags::DELETED, true));
        stage.run(0, Command::Expunge { uids: None });
        stage.step(1, Input::Wake);
        assert_eq!(stage.sessions[1].is_over(), evicted, "{gone}");
    }
}

#[test]
fn a_mailbox_gives_out_uids_as_long_as_there_are_any() {
    let mut stage = Stage::new(Practice::default(), 1, 2);
    let inbox = stage.account.mailbox(&MailboxName::inbox()).unwrap();
    let counted = Change::Counted {
        mailbox: inbox.id(),
        uid_next: Uid(u32::MAX - 1),
        highest_modseq: inbox.highest_modseq(),
        flags_changed: inbox.flags_changed(),
        claimed_to: inbox.claimed_to(),
    };
    stage.account.apply(&counted);
    let limit = (Status::No, Some(Code::Limit));
    let two = copy(numbers(1, 2), Form::Sequence);
    assert_eq!(tagged(&stage.run(0, two)), limit);
    let one = copy(numbers(1, 1), Form::Sequence);
    assert_eq!(tagged(&stage.run(0, one.clone())).0, Status::Ok);
    assert_eq!(tagged(&stage.run(0, one)), limit);
    assert_eq!(tagged(&stage.append(0, 3)), limit);
}
