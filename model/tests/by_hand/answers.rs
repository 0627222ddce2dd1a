//! What single commands answer, where no other session has a part in it.

use super::stage::{Stage, code, fetch, numbers, store, tagged};
use tandem_model::{
    Change, Command, Input, Limits, Practice, Response, SearchKey,
    command::{Form, Moment, StatusItems, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    name::MailboxName,
    number::{ContentId, SeqNum, Uid},
    response::{Code, FetchData, Status},
    search_key::Numbers,
    sequence_set::{Bound, SequenceSet},
};

fn examine() -> Command {
    Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: true,
    }
}

fn search(set: SequenceSet, form: Form) -> Command {
    Command::Search {
        key: SearchKey::Sequence(Numbers::Asked(set)),
        form,
    }
}

fn copy(set: SequenceSet, form: Form) -> Command {
    Command::Copy {
        set,
        form,
        mailbox: MailboxName::inbox(),
    }
}

#[test]
fn a_number_that_no_message_has_is_bad() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    for set in [
        numbers(4, 4),
        numbers(2, 4),
        SequenceSet::range(Bound::Number(4), Bound::Star),
    ] {
        for command in [
            fetch(set.clone()),
            store(set.clone(), Flags::SEEN, true),
            copy(set.clone(), Form::Sequence),
            search(set.clone(), Form::Sequence),
            search(set.clone(), Form::Uid),
        ] {
            assert_eq!(
                tagged(&stage.run(0, command.clone())),
                (Status::Bad, None),
                "{command:?}"
            );
        }
    }
    let mut empty = Stage::new(Practice::default(), 1, 0);
    for command in [
        fetch(SequenceSet::all()),
        search(SequenceSet::all(), Form::Sequence),
    ] {
        assert_eq!(
            tagged(&empty.run(0, command.clone())).0,
            Status::Bad,
            "{command:?}"
        );
    }
}

#[test]
fn uids_that_no_message_has_are_passed_over() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    let beyond = || numbers(100, 200);
    let commands = [
        Command::Fetch {
            set: beyond(),
            form: Form::Uid,
            marks_seen: true,
        },
        Command::Store {
            set: beyond(),
            form: Form::Uid,
            action: StoreAction::Add,
            silent: false,
            flags: Flags::SEEN.into(),
        },
        copy(beyond(), Form::Uid),
    ];
    for command in commands {
        let out = stage.run(0, command.clone());
        assert_eq!(out.len(), 1, "{command:?}");
        assert_eq!(tagged(&out), (Status::Ok, None));
    }
}

#[test]
fn responses_to_uid_commands_show_the_uid() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    let uid_store = |set| Command::Store {
        set,
        form: Form::Uid,
        action: StoreAction::Add,
        silent: false,
        flags: Flags::SEEN.into(),
    };
    let uids = |out: &[Response]| -> Vec<Option<Uid>> {
        out.iter()
            .filter_map(|response| match response {
                Response::Fetch {
                    data: FetchData::Flags { uid, .. },
                    ..
                } => Some(*uid),
                _ => None,
            })
            .collect()
    };
    let out = stage.run(0, uid_store(SequenceSet::one(2)));
    assert_eq!(uids(&out), [Some(Uid(2))]);
    // What another session changed, told by a UID command and by another.
    let out = stage.run(
        1,
        Command::Fetch {
            set: numbers(9, 9),
            form: Form::Uid,
            marks_seen: false,
        },
    );
    assert_eq!(uids(&out), [Some(Uid(2))]);
    stage.run(0, uid_store(SequenceSet::one(1)));
    assert_eq!(uids(&stage.run(1, Command::Noop)), [None]);
    // What comes before the flags that the command sets itself.
    for (form, uid) in [(Form::Uid, Some(Uid(2))), (Form::Sequence, None)] {
        let marking = Command::Fetch {
            set: SequenceSet::one(1),
            form,
            marks_seen: true,
        };
        let storing = Command::Store {
            set: SequenceSet::one(1),
            form,
            action: StoreAction::Add,
            silent: true,
            flags: Flags::DRAFT.into(),
        };
        for (command, action) in [
            (&marking, StoreAction::Remove),
            (&storing, StoreAction::Add),
        ] {
            let others = Command::Store {
                set: SequenceSet::one(2),
                form: Form::Sequence,
                action,
                silent: true,
                flags: Flags::SEEN.into(),
            };
            stage.run(0, others);
            assert_eq!(uids(&stage.run(1, command.clone())), [uid], "{command:?}");
        }
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

#[test]
fn a_keyword_is_told_before_it_is_used() {
    let mut stage = Stage::new(Practice::default(), 2, 1);
    let keyword = |name: &str| FlagNames {
        system: Flags::NONE,
        keywords: vec![Keyword(name.into())],
    };
    let add = |flags| Command::Store {
        set: SequenceSet::one(1),
        form: Form::Sequence,
        action: StoreAction::Add,
        silent: false,
        flags,
    };
    for (session, command) in [(0, add(keyword("$Work"))), (1, Command::Noop)] {
        let out = stage.run(session, command);
        assert!(
            matches!(&out[0], Response::Flags(keywords) if keywords.list().len() == 1),
            "{out:?}"
        );
        assert!(
            matches!(out[2], Response::Fetch { seq: SeqNum(1), .. }),
            "{out:?}"
        );
    }
    // The same in other letters; then more than a mailbox can hold.
    stage.run(0, add(keyword("$WORK")));
    assert_eq!(stage.account.mailboxes()[0].keywords().list().len(), 1);
    for number in 1..59 {
        assert_eq!(
            tagged(&stage.run(0, add(keyword(&format!("k{number}"))))).0,
            Status::Ok
        );
    }
    assert_eq!(
        tagged(&stage.run(0, add(keyword("k59")))),
        (Status::No, Some(Code::Limit))
    );
    assert_eq!(tagged(&stage.run(0, add(keyword("k58")))).0, Status::Ok);
    // A mailbox without any learns those of what is copied into it.
    stage.run(
        0,
        Command::Create {
            mailbox: MailboxName::new("B"),
        },
    );
    let mailbox = MailboxName::new("B");
    stage.run(
        0,
        Command::Copy {
            set: SequenceSet::one(1),
            form: Form::Sequence,
            mailbox: mailbox.clone(),
        },
    );
    let copied = stage.account.mailbox(&mailbox).unwrap();
    assert_eq!(copied.keywords().list().len(), 59);
    assert_eq!(
        copied.list().at(0).unwrap().flags,
        stage.account.mailboxes()[0].list().at(0).unwrap().flags
    );
}

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
fn a_copy_loses_the_keyword_for_which_its_destination_has_no_room() {
    let mut stage = Stage::new(Practice::default(), 1, 1);
    let mailbox = MailboxName::new("full");
    stage.run(
        0,
        Command::Create {
            mailbox: mailbox.clone(),
        },
    );
    let keywords = |names: Vec<String>| FlagNames {
        system: Flags::FLAGGED,
        keywords: names
            .iter()
            .map(|name| Keyword(name.as_str().into()))
            .collect(),
    };
    let full = (0..59).map(|n| format!("k{n}")).collect();
    stage.run(
        0,
        Command::Append {
            mailbox: mailbox.clone(),
            flags: keywords(full),
            date: Default::default(),
            content: ContentId(9),
            size: 1,
        },
    );
    let add = Command::Store {
        set: numbers(1, 1),
        form: Form::Sequence,
        action: StoreAction::Add,
        silent: true,
        flags: keywords(vec!["k58".to_owned(), "more".to_owned()]),
    };
    stage.run(0, add);
    let to_full = Command::Copy {
        set: numbers(1, 1),
        form: Form::Sequence,
        mailbox: mailbox.clone(),
    };
    assert_eq!(tagged(&stage.run(0, to_full)).0, Status::Ok);
    let full = stage.account.mailbox(&mailbox).unwrap();
    let copied = full.messages().last().unwrap().flags;
    assert_eq!(copied, Flags::FLAGGED.with(Flags::keyword(58)));
}

#[test]
fn a_keyword_of_another_session_is_told_before_a_fetch_shows_it() {
    let mut stage = Stage::new(Practice::default(), 2, 4);
    let add = |number, keyword: &str| Command::Store {
        set: SequenceSet::one(number),
        form: Form::Sequence,
        action: StoreAction::Add,
        silent: true,
        flags: FlagNames {
            system: Flags::NONE,
            keywords: vec![Keyword(keyword.into())],
        },
    };
    let tells = |out: &[Response], count| {
        let first = matches!(&out[0], Response::Flags(known) if known.list().len() == count);
        assert!(first, "{out:?}");
        let shows = |response: &Response| matches!(response, Response::Fetch { .. });
        assert!(out.iter().any(shows), "{out:?}");
    };
    stage.run(0, add(1, "first"));
    // Between two pages as well.
    let input = Input::Command(fetch(SequenceSet::all()), Moment::default());
    tells(&stage.step(1, input), 1);
    stage.run(0, add(3, "second"));
    tells(&stage.step(1, Input::Resume), 2);
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
