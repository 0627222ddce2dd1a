//! What the sessions of one mailbox are told: the smallest cases of what the checker explores.

use super::stage::{Stage, fetch, numbers, shown, store, tagged};
use tandem_model::{
    Command, Input, Practice, Response,
    command::{Form, Moment},
    flags::Flags,
    name::MailboxName,
    number::SeqNum,
    response::{Code, FetchData, Status},
    sequence_set::SequenceSet,
};

/// Section 4.1's scenario: seven messages, 4 to 7 expunged by session 0; session 1 has not been told.
fn scenario(practice: Practice) -> Stage {
    let mut stage = Stage::new(practice, 2, 7);
    stage.run(0, store(numbers(4, 7), Flags::DELETED, true));
    stage.run(1, Command::Noop);
    let out = stage.run(0, Command::Expunge { uids: None });
    assert_eq!(
        out.iter()
            .filter(|r| matches!(r, Response::Expunge(SeqNum(4))))
            .count(),
        4
    );
    stage
}

#[test]
fn ghosts_are_shown_until_told_and_gone_after() {
    let mut stage = scenario(Practice::default());
    let out = stage.run(1, fetch(numbers(3, 7)));
    assert_eq!(shown(&out), [(3, 3), (4, 4), (5, 5), (6, 6), (7, 7)]);
    assert_eq!(tagged(&out), (Status::Ok, None));
    let out = stage.run(1, Command::Noop);
    assert_eq!(out[..4], vec![Response::Expunge(SeqNum(4)); 4]);
    assert_eq!(out[4], Response::Exists(3));
    assert_eq!(out.len(), 6);
    assert_eq!(tagged(&stage.run(1, fetch(numbers(4, 7)))).0, Status::Bad);
    assert!(stage.account.mailboxes()[0].ghosts().is_empty());
}

#[test]
fn numbers_keep_their_meaning_around_ghosts() {
    let mut stage = Stage::new(Practice::default(), 2, 5);
    stage.run(0, store(SequenceSet::one(2), Flags::DELETED, false));
    stage.run(0, Command::Expunge { uids: None });
    stage.append(0, 6);
    let out = stage.run(1, fetch(SequenceSet::all()));
    assert_eq!(shown(&out), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
    assert!(out.contains(&Response::Exists(6)), "{out:?}");
    let out = stage.run(1, fetch(SequenceSet::all()));
    assert_eq!(
        shown(&out),
        [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)]
    );
    let out = stage.run(1, Command::Check);
    assert_eq!(
        out[..2],
        [Response::Expunge(SeqNum(2)), Response::Exists(5)]
    );
}

#[test]
fn a_message_that_came_and_went_between_polls_is_never_announced() {
    let mut stage = Stage::new(Practice::default(), 3, 1);
    stage.append(0, 2);
    // Session 2 knows the message, so that its ghost stays; session 1 never heard of it.
    stage.run(2, Command::Noop);
    stage.run(0, store(SequenceSet::one(2), Flags::DELETED, true));
    stage.run(0, Command::Expunge { uids: None });
    stage.append(0, 3);
    let out = stage.run(1, fetch(SequenceSet::one(1)));
    assert!(
        !out.iter()
            .any(|response| matches!(response, Response::Exists(_))),
        "{out:?}"
    );
    let out = stage.run(1, Command::Noop);
    assert_eq!(out[0], Response::Exists(2));
    assert_eq!(
        shown(&stage.run(1, fetch(SequenceSet::all()))),
        [(1, 1), (2, 3)]
    );
}

#[test]
fn others_act_between_the_pages_of_a_fetch() {
    let mut stage = Stage::new(Practice::default(), 2, 5);
    stage.run(0, store(SequenceSet::one(4), Flags::DELETED, true));
    let mut out = stage.step(
        1,
        Input::Command(fetch(SequenceSet::all()), Moment::default()),
    );
    assert!(stage.sessions[1].wants_resume());
    stage.run(0, Command::Expunge { uids: None });
    while stage.sessions[1].wants_resume() {
        out.extend(stage.step(1, Input::Resume));
    }
    assert_eq!(shown(&out), [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
    assert!(
        !out.iter()
            .any(|response| matches!(response, Response::Expunge(_)))
    );
}

#[test]
fn a_silent_store_is_not_told_back_and_others_are_told() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    let out = stage.run(0, store(SequenceSet::one(1), Flags::SEEN, true));
    assert_eq!(out.len(), 1, "{out:?}");
    assert_eq!(stage.run(0, Command::Noop).len(), 1);
    let out = stage.run(1, Command::Noop);
    assert!(
        matches!(out[0], Response::Fetch { seq: SeqNum(1), .. }),
        "{out:?}"
    );
    assert_eq!(out.len(), 2);
    // Nothing changes, so that nobody is told.
    stage.run(0, store(SequenceSet::one(1), Flags::SEEN, true));
    assert_eq!(stage.run(1, Command::Noop).len(), 1);
}

#[test]
fn move_says_copyuid_before_its_expunges() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    stage.run(
        0,
        Command::Create {
            mailbox: MailboxName::new("B"),
        },
    );
    let set = SequenceSet::one(2);
    let out = stage.run(
        0,
        Command::Move {
            set,
            form: Form::Sequence,
            mailbox: MailboxName::new("B"),
        },
    );
    assert!(
        matches!(
            out[0],
            Response::Untagged(Status::Ok, Some(Code::CopyUid(..)), _)
        ),
        "{out:?}"
    );
    assert_eq!(out[1], Response::Expunge(SeqNum(2)));
    assert_eq!(
        stage
            .account
            .mailbox(&MailboxName::new("B"))
            .unwrap()
            .list()
            .len(),
        1
    );
}

#[test]
fn recent_is_one_sessions() {
    let mut stage = Stage::new(Practice::default(), 2, 0);
    stage.append(0, 1);
    let out = stage.run(1, Command::Noop);
    assert_eq!(out[..2], [Response::Exists(1), Response::Recent(0)]);
}

/// Number and \Recent of each message that a FETCH shows.
fn recent(out: &[Response]) -> Vec<(u32, bool)> {
    out.iter()
        .filter_map(|response| match response {
            Response::Fetch {
                seq,
                data: FetchData::Message { recent, .. },
            } => Some((seq.0, *recent)),
            _ => None,
        })
        .collect()
}

#[test]
fn examine_shows_as_recent_what_nobody_has_claimed_and_claims_nothing() {
    let mut stage = Stage::new(Practice::default(), 3, 2);
    stage.append(0, 3);
    let examine = || Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: true,
    };
    // The first session was told of the third message by the answer to its APPEND.
    let claimed = stage.run(0, fetch(SequenceSet::all()));
    assert_eq!(recent(&claimed), [(1, true), (2, true), (3, true)]);
    let opened = stage.run(1, examine());
    assert!(opened.contains(&Response::Recent(0)), "{opened:?}");
    let none = stage.run(1, fetch(SequenceSet::all()));
    assert_eq!(recent(&none), [(1, false), (2, false), (3, false)]);
    // It is in the mailbox before a session that claims is told of it.
    for session in [0, 2] {
        stage.run(session, Command::Unselect);
    }
    stage.append(0, 4);
    let out = stage.run(1, Command::Noop);
    assert!(out.contains(&Response::Recent(1)), "{out:?}");
    for _ in 0..2 {
        let fourth = stage.run(1, fetch(SequenceSet::all()));
        assert_eq!(recent(&fourth)[2..], [(3, false), (4, true)]);
    }
    let select = Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    };
    assert!(stage.run(2, select).contains(&Response::Recent(1)));
    let after = stage.run(1, fetch(SequenceSet::all()));
    assert_eq!(recent(&after)[2..], [(3, false), (4, false)]);
}

#[test]
fn what_one_session_claimed_is_not_anothers_after_it_left() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    // Told by the answer, the second session claims the third message, and leaves.
    stage.append(1, 3);
    stage.run(1, Command::Unselect);
    stage.run(0, Command::Noop);
    stage.append(0, 4);
    let out = stage.run(0, fetch(SequenceSet::all()));
    assert_eq!(recent(&out), [(1, true), (2, true), (3, false), (4, true)]);
}
