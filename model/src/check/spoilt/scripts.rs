//! Situations in which a command may find itself, and the commands.
//!
//! Touches nothing.

use crate::{
    command::{Command, Form, StatusItems, StoreAction},
    flags::Flags,
    message::InternalDate,
    name::MailboxName,
    number::ContentId,
    practice::{Copying, Deletion, Fetching, Practice, Renaming, Storing},
    search_key::{Numbers, SearchKey},
    sequence_set::{Bound, SequenceSet},
};
use alloc::{vec, vec::Vec};

/// What happens around a command of the first client, which two clients do from end to end.
#[derive(Clone, Default)]
pub(super) struct Script {
    /// Before it is sent.
    pub(super) first: Vec<(usize, Command)>,
    /// Once it is sent, and before the server takes it.
    pub(super) then: Vec<(usize, Command)>,
    /// After its first page.
    pub(super) later: Vec<(usize, Command)>,
}

fn name(name: &str) -> MailboxName {
    MailboxName::new(name)
}

fn select(mailbox: &str, read_only: bool) -> Command {
    Command::Select {
        mailbox: name(mailbox),
        read_only,
    }
}

fn delete(mailbox: &str) -> Command {
    Command::Delete {
        mailbox: name(mailbox),
    }
}

fn create(mailbox: &str) -> Command {
    Command::Create {
        mailbox: name(mailbox),
    }
}

fn rename(from: &str, to: &str) -> Command {
    Command::Rename {
        from: name(from),
        to: name(to),
    }
}

fn append(mailbox: &str) -> Command {
    Command::Append {
        mailbox: name(mailbox),
        flags: Flags::NONE.into(),
        date: InternalDate::default(),
        content: ContentId(50),
        size: 1,
    }
}

fn store(set: SequenceSet, form: Form, action: StoreAction, silent: bool, flags: Flags) -> Command {
    Command::Store {
        set,
        form,
        action,
        silent,
        flags: flags.into(),
    }
}

fn copy(set: SequenceSet, form: Form, mailbox: &str) -> Command {
    Command::Copy {
        set,
        form,
        mailbox: name(mailbox),
    }
}

fn moving(set: SequenceSet, form: Form, mailbox: &str) -> Command {
    Command::Move {
        set,
        form,
        mailbox: name(mailbox),
    }
}

fn list(pattern: &str, subscribed: bool) -> Command {
    Command::List {
        reference: "".into(),
        pattern: pattern.into(),
        subscribed,
    }
}

fn status(mailbox: &str) -> Command {
    let items = StatusItems {
        messages: true,
        uid_next: true,
        ..StatusItems::default()
    };
    Command::Status {
        mailbox: name(mailbox),
        items,
    }
}

/// The last message goes, which is \Deleted from the beginning.
pub(super) fn one_goes() -> Vec<(usize, Command)> {
    vec![(1, Command::Expunge { uids: None })]
}

fn deleted(set: SequenceSet) -> (usize, Command) {
    let flags = Flags::DELETED;
    (1, store(set, Form::Uid, StoreAction::Add, true, flags))
}

/// The first goes, and the others are numbered anew.
fn first_goes() -> Vec<(usize, Command)> {
    let first = || SequenceSet::one(1);
    let expunge = Command::Expunge {
        uids: Some(first()),
    };
    vec![deleted(first()), (1, expunge)]
}

fn all_go() -> Vec<(usize, Command)> {
    let mut all = vec![deleted(SequenceSet::all())];
    all.extend(one_goes());
    all
}

/// What happens to messages.
pub(super) fn of_messages() -> Vec<Script> {
    let script = |first, then, later| Script { first, then, later };
    let examined = || vec![(0, select("A", true))];
    let seen = store(
        SequenceSet::one(1),
        Form::Uid,
        StoreAction::Add,
        true,
        Flags::SEEN,
    );
    vec![
        Script::default(),
        script(vec![], one_goes(), vec![]),
        script(vec![], all_go(), vec![]),
        script(vec![], first_goes(), vec![]),
        script(vec![], vec![], one_goes()),
        script(vec![], one_goes(), all_go()),
        script(examined(), vec![], vec![]),
        script(examined(), one_goes(), vec![]),
        script(vec![(1, Command::Unselect)], vec![], vec![]),
        script(vec![(1, append("A"))], vec![], one_goes()),
        script(vec![], vec![(1, seen), (1, append("A"))], vec![]),
        script(one_goes(), vec![(1, append("A"))], vec![]),
        script(
            vec![(1, select("B", false))],
            vec![(1, append("B"))],
            vec![],
        ),
    ]
}

/// What happens to names.
pub(super) fn of_names() -> Vec<Script> {
    let script = |first, then| Script {
        first,
        then,
        later: vec![],
    };
    vec![
        Script::default(),
        script(
            vec![(1, rename("A", "N/C")), (1, create("A")), (1, delete("A"))],
            vec![],
        ),
        script(
            vec![
                (1, rename("A", "N/C")),
                (1, rename("B", "A")),
                (1, delete("A")),
            ],
            vec![],
        ),
        script(
            vec![
                (1, rename("A", "N/C")),
                (1, rename("B", "Q")),
                (1, create("B")),
            ],
            vec![],
        ),
        script(vec![], vec![(1, delete("A"))]),
        script(vec![], vec![(1, rename("A", "N/C"))]),
        script(vec![], vec![(1, delete("B"))]),
        script(vec![(0, append("INBOX"))], vec![]),
        script(vec![], vec![(1, rename("B", "N/C"))]),
        script(vec![(1, rename("A", "N/C"))], vec![]),
        script(vec![(1, delete("A")), (1, Command::Unselect)], vec![]),
        script(
            vec![(1, delete("A"))],
            vec![(1, create("A")), (1, append("A"))],
        ),
        script(
            vec![
                (0, Command::Unselect),
                (1, Command::Subscribe { mailbox: name("A") }),
            ],
            vec![(1, delete("A"))],
        ),
        script(
            vec![(0, Command::Unselect), (1, Command::Unselect)],
            vec![(1, delete("A")), (1, create("A"))],
        ),
        script(
            vec![
                (1, rename("A", "N/C")),
                (1, create("A")),
                (1, select("A", false)),
            ],
            vec![],
        ),
        script(
            vec![
                (1, rename("A", "Q")),
                (1, rename("Q", "N/C")),
                (1, delete("N/C")),
            ],
            vec![],
        ),
        script(
            vec![(1, select("B", false)), (1, delete("B")), (0, append("A"))],
            vec![],
        ),
    ]
}

/// Commands about messages.
pub(super) fn about_messages() -> Vec<Command> {
    let (sequence, uid) = (Form::Sequence, Form::Uid);
    let all = SequenceSet::all;
    let last = || SequenceSet::one(3);
    let ends = || SequenceSet {
        ranges: vec![
            (Bound::Number(3), Bound::Number(2)),
            (Bound::Star, Bound::Star),
        ],
    };
    let fetch = |set, form, marks_seen| Command::Fetch {
        set,
        form,
        marks_seen,
    };
    let search = |key, form| Command::Search { key, form };
    let numbers = |set| SearchKey::Sequence(Numbers::Asked(set));
    let (add, remove, replace) = (StoreAction::Add, StoreAction::Remove, StoreAction::Replace);
    vec![
        Command::Noop,
        Command::Idle,
        Command::Close,
        Command::Expunge { uids: None },
        Command::Expunge { uids: Some(all()) },
        Command::Expunge {
            uids: Some(SequenceSet::one(1)),
        },
        fetch(all(), sequence, false),
        fetch(all(), uid, true),
        fetch(last(), sequence, true),
        fetch(last(), uid, false),
        fetch(ends(), sequence, false),
        search(SearchKey::ALL, sequence),
        search(SearchKey::ALL, uid),
        search(SearchKey::Flags(Flags::DELETED), uid),
        search(numbers(ends()), sequence),
        search(numbers(last()), uid),
        store(all(), sequence, add, false, Flags::SEEN),
        store(all(), sequence, add, true, Flags::SEEN),
        store(all(), uid, replace, false, Flags::FLAGGED),
        store(ends(), uid, remove, false, Flags::DELETED),
        store(last(), sequence, add, false, Flags::SEEN),
        store(last(), uid, add, true, Flags::SEEN),
        copy(all(), sequence, "B"),
        copy(ends(), uid, "B"),
        copy(last(), sequence, "A"),
        copy(all(), sequence, "Z"),
        moving(all(), sequence, "B"),
        moving(last(), uid, "B"),
        moving(ends(), sequence, "A"),
        moving(last(), sequence, "Z"),
        append("A"),
        append("Z"),
        select("A", false),
        select("B", true),
        status("A"),
    ]
}

/// Commands about names.
pub(super) fn about_names() -> Vec<Command> {
    let subscribe = |mailbox| Command::Subscribe {
        mailbox: name(mailbox),
    };
    let mut all = vec![
        Command::Noop,
        Command::Close,
        Command::Unselect,
        Command::Logout,
        Command::Check,
        list("*", false),
        list("*", true),
        list("A", false),
        list("A", true),
        status("A"),
        status("N/C"),
        append("A"),
        copy(SequenceSet::all(), Form::Sequence, "A"),
        copy(SequenceSet::all(), Form::Sequence, "B"),
        moving(SequenceSet::one(1), Form::Sequence, "B"),
        Command::Unsubscribe { mailbox: name("A") },
    ];
    for mailbox in ["A", "B", "N", "N/C", "INBOX", "Z"] {
        all.extend([create(mailbox), delete(mailbox), subscribe(mailbox)]);
        all.push(select(mailbox, mailbox == "N/C"));
    }
    for (from, to) in [
        ("A", "N/C"),
        ("A", "B"),
        ("A", "A"),
        ("B", "A"),
        ("N", "Z"),
        ("N/C", "A"),
        ("INBOX", "Z"),
        ("INBOX", "A"),
        ("Z", "Y"),
    ] {
        all.push(rename(from, to));
    }
    all
}

/// Practices that differ in what becomes of messages.
pub(super) fn with_messages() -> Vec<Practice> {
    let usual = Practice::default();
    let fetching = |fetching| Practice { fetching, ..usual };
    vec![
        usual,
        Practice {
            storing: Storing::Reject,
            copying: Copying::Refuse,
            ..fetching(Fetching::No)
        },
        fetching(Fetching::Nil),
        fetching(Fetching::RefuseExpunge),
    ]
}

/// Practices that differ in what becomes of names.
pub(super) fn with_names() -> Vec<Practice> {
    let practice = |deletion, renaming| Practice {
        deletion,
        renaming,
        ..Practice::default()
    };
    vec![
        Practice::default(),
        practice(Deletion::Refuse, Renaming::Refuse),
        practice(Deletion::Disconnect, Renaming::Disconnect),
        practice(Deletion::Ghost, Renaming::Keep),
    ]
}
