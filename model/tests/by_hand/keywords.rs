//! Keywords: a session is told of one before it is shown it, and a mailbox has room for so many.

use super::stage::{Stage, fetch, numbers, tagged};
use tandem_model::{
    Command, Input, Practice, Response,
    command::{Form, Moment, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    name::MailboxName,
    number::{ContentId, SeqNum},
    response::{Code, Status},
    sequence_set::SequenceSet,
};

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
