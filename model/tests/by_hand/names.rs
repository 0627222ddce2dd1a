//! Names of mailboxes: what CREATE, DELETE, RENAME and subscriptions do to them, alone and while others look on.

use super::stage::{Stage, code, tagged};
use tandem_model::{
    Account, Command, Limits, Practice, Response, Session,
    flags::Flags,
    name::MailboxName,
    number::{SeqNum, Uid},
    practice::{Fetching, Renaming},
    response::{Code, ListedName, Status},
};

fn name(name: &str) -> MailboxName {
    MailboxName::new(name)
}

fn create(mailbox: &str) -> Command {
    Command::Create {
        mailbox: name(mailbox),
    }
}

fn delete(mailbox: &str) -> Command {
    Command::Delete {
        mailbox: name(mailbox),
    }
}

fn rename(from: &str, to: &str) -> Command {
    Command::Rename {
        from: name(from),
        to: name(to),
    }
}

fn select(mailbox: &str) -> Command {
    Command::Select {
        mailbox: name(mailbox),
        read_only: false,
    }
}

/// The names that LIST or LSUB answers, in order; those with \\Noselect in parentheses.
fn listed(stage: &mut Stage, pattern: &str, subscribed: bool) -> String {
    let list = Command::List {
        reference: "".into(),
        pattern: pattern.into(),
        subscribed,
    };
    let out = stage.run(0, list);
    let names = out.iter().filter_map(|response| match response {
        Response::List(listed) => match &listed.name {
            ListedName::Mailbox(name) if listed.no_select => Some(format!("({name})")),
            ListedName::Mailbox(name) => Some(name.to_string()),
            ListedName::Root => Some("root".into()),
        },
        _ => None,
    });
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn create_places_superiors_and_delete_leaves_inferiors() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    stage.run(0, create("a/b/c/"));
    assert_eq!(listed(&mut stage, "*", false), "INBOX (a) (a/b) a/b/c");
    assert_eq!(listed(&mut stage, "%", false), "INBOX (a)");
    stage.run(0, create("a/b"));
    assert_eq!(listed(&mut stage, "a/%", false), "a/b");
    assert_eq!(
        tagged(&stage.run(0, delete("a"))),
        (Status::No, Some(Code::Cannot))
    );
    assert_eq!(tagged(&stage.run(0, delete("a/b"))).0, Status::Ok);
    assert_eq!(listed(&mut stage, "*", false), "INBOX (a) (a/b) a/b/c");
    assert_eq!(code(&stage.run(0, select("a/b"))), Some(Code::NonExistent));
    for mailbox in ["a/b/c", "a/b", "a"] {
        assert_eq!(tagged(&stage.run(0, delete(mailbox))).0, Status::Ok);
    }
    assert_eq!(listed(&mut stage, "*", false), "INBOX");
}

#[test]
fn names_that_cannot_be_are_refused() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    stage.run(0, create("a"));
    for (command, expected) in [
        (create("inbox"), Code::AlreadyExists),
        (create("a"), Code::AlreadyExists),
        (create(""), Code::Cannot),
        (create("a//b"), Code::Cannot),
        (create(&"x".repeat(1001)), Code::Cannot),
        (delete("INBOX"), Code::Cannot),
        (delete("nowhere"), Code::NonExistent),
        (rename("nowhere", "b"), Code::NonExistent),
        (rename("a", "INBOX"), Code::AlreadyExists),
        (rename("a", "a/b"), Code::Cannot),
    ] {
        let out = stage.run(0, command.clone());
        assert_eq!(tagged(&out), (Status::No, Some(expected)), "{command:?}");
    }
    assert_eq!(listed(&mut stage, "*", false), "INBOX a");
}

#[test]
fn rename_takes_inferiors_along() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    for mailbox in ["a", "a/b", "a/b/c", "ab"] {
        stage.run(0, create(mailbox));
    }
    assert_eq!(tagged(&stage.run(0, rename("a", "x/y"))).0, Status::Ok);
    assert_eq!(
        listed(&mut stage, "*", false),
        "INBOX ab (x) x/y x/y/b x/y/b/c"
    );
    let expected = Code::NewName(Box::new((name("a/b/c"), name("x/y/b/c"))));
    assert_eq!(code(&stage.run(0, select("a/b/c"))), Some(expected));
    // A name that is taken again is a name like others.
    stage.run(0, create("a"));
    assert_eq!(tagged(&stage.run(0, select("a"))).0, Status::Ok);
    // And an inferior that others have open counts as well.
    let mut stage = Stage::new(
        Practice {
            renaming: Renaming::Refuse,
            ..Practice::default()
        },
        2,
        0,
    );
    stage.run(0, create("a/b"));
    stage.run(1, select("a/b"));
    assert_eq!(code(&stage.run(0, rename("a", "x"))), Some(Code::InUse));
}

#[test]
fn rename_of_inbox_moves_its_messages_and_leaves_it_empty() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    stage.run(0, create("INBOX/below"));
    let out = stage.run(0, rename("INBOX", "old"));
    assert_eq!(
        out[..3],
        [
            Response::Expunge(SeqNum(1)),
            Response::Expunge(SeqNum(1)),
            Response::Exists(0)
        ]
    );
    assert_eq!(listed(&mut stage, "*", false), "INBOX INBOX/below old");
    let contents = |stage: &Stage, mailbox: &str| -> Vec<u64> {
        let mailbox = stage.account.mailbox(&name(mailbox)).unwrap();
        mailbox
            .messages()
            .map(|message| message.content.0)
            .collect()
    };
    assert_eq!(contents(&stage, "old"), [1, 2]);
    assert_eq!(contents(&stage, "INBOX"), [0; 0]);
    // There, as in any mailbox, UIDs begin at 1.
    stage.append(0, 3);
    stage.run(0, rename("INBOX", "later"));
    let later = stage.account.mailbox(&name("later")).unwrap();
    assert_eq!(later.messages().next().unwrap().uid, Uid(1));
    stage.run(0, delete("later"));
    let out = stage.run(1, Command::Noop);
    assert_eq!(
        out[..2],
        [Response::Expunge(SeqNum(1)), Response::Expunge(SeqNum(1))]
    );
    // Where EXPUNGE is refused, so is what expunges.
    let mut stage = Stage::new(
        Practice {
            fetching: Fetching::RefuseExpunge,
            ..Practice::default()
        },
        2,
        1,
    );
    assert_eq!(
        code(&stage.run(0, rename("INBOX", "old"))),
        Some(Code::InUse)
    );
    assert_eq!(contents(&stage, "INBOX"), [1]);
}

#[test]
fn subscriptions_outlive_their_mailboxes() {
    let mut stage = Stage::new(Practice::default(), 2, 0);
    stage.run(0, create("a/b"));
    for mailbox in ["a/b", "not/yet/there"] {
        stage.run(
            0,
            Command::Subscribe {
                mailbox: name(mailbox),
            },
        );
    }
    assert_eq!(listed(&mut stage, "*", true), "a/b not/yet/there");
    assert_eq!(listed(&mut stage, "%", true), "(a) (not)");
    stage.run(1, select("a/b"));
    stage.run(0, delete("a/b"));
    // While a session has it open it is nobody's argument.
    assert_eq!(listed(&mut stage, "*", true), "not/yet/there");
    let subscribe = Command::Subscribe {
        mailbox: name("a/b"),
    };
    assert_eq!(code(&stage.run(0, subscribe)), Some(Code::NonExistent));
    stage.run(1, Command::Close);
    assert_eq!(listed(&mut stage, "*", true), "a/b not/yet/there");
    stage.run(
        0,
        Command::Unsubscribe {
            mailbox: name("a/b"),
        },
    );
    assert_eq!(listed(&mut stage, "*", true), "not/yet/there");
}

#[test]
fn trycreate_is_said_where_create_would_work() {
    let mut stage = Stage::new(Practice::default(), 2, 0);
    stage.run(0, create("gone"));
    stage.run(0, create("held"));
    stage.run(1, select("held"));
    stage.run(0, delete("gone"));
    stage.run(0, delete("held"));
    let code =
        |stage: &mut Stage, mailbox: &str| code(&stage.append_to(0, mailbox, 1, Flags::NONE));
    assert_eq!(code(&mut stage, "gone"), Some(Code::TryCreate));
    assert_eq!(code(&mut stage, "held"), Some(Code::NonExistent));
    assert_eq!(code(&mut stage, "held/below"), Some(Code::NonExistent));
    assert_eq!(code(&mut stage, "a//b"), Some(Code::NonExistent));
    stage.run(0, create("was"));
    stage.run(0, rename("was", "is"));
    let expected = Code::NewName(Box::new((name("was"), name("is"))));
    assert_eq!(code(&mut stage, "was"), Some(expected));
    // A name with a bracket does not fit NEWNAME.
    stage.run(0, create("was]"));
    stage.run(0, rename("was]", "is]"));
    assert_eq!(code(&mut stage, "was]"), Some(Code::TryCreate));
}

#[test]
fn a_name_taken_again_has_a_greater_uidvalidity() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    let mut last = stage.account.last_uid_validity();
    for _ in 0..3 {
        stage.run(0, create("a"));
        let now = stage.account.mailbox(&name("a")).unwrap().uid_validity();
        assert!(now > last);
        last = now;
        stage.run(0, delete("a"));
    }
}

#[test]
fn names_are_limited_and_renaming_needs_no_room() {
    let limits = Limits {
        mailboxes: 4,
        ..Limits::default()
    };
    let mut stage = Stage::with_limits(Practice::default(), limits, 1, 0);
    stage.run(0, create("a/b"));
    assert_eq!(code(&stage.run(0, create("x/y"))), Some(Code::Limit));
    assert_eq!(tagged(&stage.run(0, create("c"))).0, Status::Ok);
    assert_eq!(code(&stage.run(0, create("d"))), Some(Code::Limit));
    assert_eq!(tagged(&stage.run(0, rename("a", "e"))).0, Status::Ok);
    assert_eq!(listed(&mut stage, "*", false), "INBOX c (e) e/b");
    assert_eq!(code(&stage.run(0, rename("c", "f/c"))), Some(Code::Limit));
    assert_eq!(code(&stage.run(0, rename("INBOX", "g"))), Some(Code::Limit));
    // What is \\Noselect becomes a mailbox without a new name.
    assert_eq!(tagged(&stage.run(0, create("e"))).0, Status::Ok);
    for number in 0..4 {
        let mailbox = name(&format!("subscribed {number}"));
        assert_eq!(
            tagged(&stage.run(0, Command::Subscribe { mailbox })).0,
            Status::Ok
        );
    }
    let mailbox = name("one more");
    assert_eq!(
        code(&stage.run(0, Command::Subscribe { mailbox })),
        Some(Code::Limit)
    );
}

#[test]
fn an_account_with_more_names_than_it_may_have_by_now_can_still_rename_them() {
    let mut stage = Stage::new(Practice::default(), 0, 0);
    stage.sessions.push(Session::new());
    stage.run(0, create("a"));
    stage.run(0, create("b"));
    let limits = Limits {
        mailboxes: 2,
        ..Limits::default()
    };
    let mut restored = Account::blank(limits);
    let snapshot: Vec<_> = stage.account.snapshot().collect();
    restored.replay(&snapshot);
    stage.account = restored;
    assert_eq!(code(&stage.run(0, create("c"))), Some(Code::Limit));
    assert_eq!(tagged(&stage.run(0, rename("a", "d"))).0, Status::Ok);
    assert_eq!(code(&stage.run(0, rename("d", "e/d"))), Some(Code::Limit));
}

#[test]
fn list_says_which_names_have_inferiors() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    stage.run(0, create("a/b"));
    let list = Command::List {
        reference: "".into(),
        pattern: "*".into(),
        subscribed: false,
    };
    let children: Vec<_> = stage
        .run(0, list)
        .iter()
        .filter_map(|response| match response {
            Response::List(listed) => Some(listed.children),
            _ => None,
        })
        .collect();
    assert_eq!(children, [Some(false), Some(true), Some(false)]);
}

#[test]
fn a_pattern_is_no_longer_than_a_name_can_be() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    let list = |length: usize| Command::List {
        reference: "ab".into(),
        pattern: "c".repeat(length - 2).into(),
        subscribed: false,
    };
    for (length, status) in [
        (MailboxName::MOST, Status::Ok),
        (MailboxName::MOST + 1, Status::No),
        (2 * MailboxName::MOST, Status::No),
    ] {
        assert_eq!(tagged(&stage.run(0, list(length))).0, status, "{length}");
    }
}
