//! What an account is made of again after a crash: a snapshot, and the batches of a journal after it.

use super::stage::{Stage, code, fetch, numbers, store, tagged};
use tandem_model::{
    Account, Change, Command, Input, Practice, Response, Session,
    command::{Form, Moment, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    name::MailboxName,
    number::{ContentId, Uid, UidValidity},
    practice::Deletion,
    response::{Code, FetchData, Status},
    sequence_set::SequenceSet,
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

fn subscribe(mailbox: &str) -> Command {
    Command::Subscribe {
        mailbox: name(mailbox),
    }
}

fn unsubscribe(mailbox: &str) -> Command {
    Command::Unsubscribe {
        mailbox: name(mailbox),
    }
}

fn select(mailbox: &str) -> Command {
    Command::Select {
        mailbox: name(mailbox),
        read_only: false,
    }
}

fn copy(set: SequenceSet, mailbox: &str) -> Command {
    Command::Copy {
        set,
        form: Form::Sequence,
        mailbox: name(mailbox),
    }
}

fn r#move(set: SequenceSet, mailbox: &str) -> Command {
    Command::Move {
        set,
        form: Form::Sequence,
        mailbox: name(mailbox),
    }
}

const EXPUNGE: Command = Command::Expunge { uids: None };

impl Stage {
    /// What the whole journal makes.
    fn replayed(&self) -> Account {
        let mut account = Account::new(self.account.limits());
        for changes in &self.journal {
            account.replay(changes);
        }
        account
    }

    /// What a snapshot makes.
    fn restored(&self) -> Account {
        let mut account = Account::blank(self.account.limits());
        self.account
            .snapshot()
            .for_each(|change| account.apply(&change));
        account.resume_at(self.account.position());
        account
    }

    /// The server has crashed and started again: there are as many sessions, none of which has anything selected.
    fn crash(&mut self) {
        self.account = self.replayed();
        self.sessions.fill(Session::new());
    }
}

/// A script in which every change occurs that a journal keeps; at its end sessions are in the midst of it.
fn busy() -> Stage {
    let mut stage = Stage::new(Practice::default(), 3, 4);
    // Superiors that are \Noselect, one of them because it was deleted; names that RENAME left behind, one of which was taken again.
    for mailbox in ["a/b", "c", "d/e", "old", "x"] {
        stage.run(0, create(mailbox));
    }
    stage.run(0, create("d"));
    stage.run(0, delete("d"));
    for (from, to) in [("old", "new"), ("a", "z/a"), ("c", "cc")] {
        stage.run(0, rename(from, to));
    }
    stage.run(0, create("c"));
    for mailbox in ["a/b", "nowhere", "new"] {
        stage.run(0, subscribe(mailbox));
    }
    stage.run(0, unsubscribe("nowhere"));
    // Keywords, of which the copies learn those that they need.
    let keyword = |name: &str| FlagNames {
        system: Flags::FLAGGED,
        keywords: vec![Keyword(name.into())],
    };
    for (number, word) in [(1, "$Junk"), (2, "$Work")] {
        let set = SequenceSet::one(number);
        let flags = keyword(word);
        let add = Command::Store {
            set,
            form: Form::Sequence,
            action: StoreAction::Add,
            silent: true,
            flags,
        };
        stage.run(0, add);
    }
    stage.run(0, copy(numbers(2, 4), "new"));
    stage.run(0, r#move(SequenceSet::one(3), "c"));
    // The last UID goes, and the greatest MODSEQ is that of an EXPUNGE.
    stage.append(1, 5);
    stage.run(1, Command::Noop);
    stage.run(1, store(SequenceSet::one(4), Flags::DELETED, true));
    stage.run(1, EXPUNGE);
    stage.run(0, rename("INBOX", "was inbox"));
    // A message that nobody has been told of, and a mailbox that was deleted while it is open. The greatest UIDVALIDITY goes with it.
    stage.append_to(0, "new", 6, Flags::SEEN);
    stage.run(0, create("last"));
    stage.append_to(0, "last", 7, Flags::NONE);
    stage.run(2, select("last"));
    stage.run(0, delete("last"));
    stage
}

/// What kinds of changes are in a journal.
fn kinds(stage: &Stage) -> Vec<&'static str> {
    let mut kinds: Vec<_> = stage
        .journal
        .iter()
        .flatten()
        .map(|change| match change {
            Change::Created { .. } => "Created",
            Change::Placed { .. } => "Placed",
            Change::Deleted { keeps_name, .. } if *keeps_name => "Deleted, keeps its name",
            Change::Deleted { .. } => "Deleted",
            Change::Renamed { remembered, .. } if *remembered => "Renamed, remembered",
            Change::Renamed { .. } => "Renamed",
            Change::Subscribed { .. } => "Subscribed",
            Change::Unsubscribed { .. } => "Unsubscribed",
            Change::Added { .. } => "Added",
            Change::Flagged { .. } => "Flagged",
            Change::KeywordAdded { .. } => "KeywordAdded",
            Change::Expunged { .. } => "Expunged",
            Change::Claimed { .. } => "Claimed",
            other => panic!("not of a step, or not durable: {other:?}"),
        })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[test]
fn a_snapshot_makes_what_the_whole_journal_makes() {
    let stage = busy();
    assert_eq!(
        kinds(&stage),
        [
            "Added",
            "Claimed",
            "Created",
            "Deleted",
            "Deleted, keeps its name",
            "Expunged",
            "Flagged",
            "KeywordAdded",
            "Placed",
            "Renamed, remembered",
            "Subscribed",
            "Unsubscribed"
        ]
    );
    assert_ne!(stage.restored(), stage.account, "sessions are left out");
    assert_eq!(stage.restored(), stage.replayed());
    // A snapshot in the midst, and the batches after it.
    let mut again = Stage::new(Practice::default(), 3, 4);
    let begun = again.journal.len();
    let mut account = again.restored();
    again = busy();
    for changes in &again.journal[begun..] {
        account.replay(changes);
    }
    assert_eq!(account, again.replayed());
    account.audit().unwrap();
}

#[test]
fn what_is_kept_of_names_and_numbers_is_there_after_a_crash() {
    let mut stage = busy();
    let uid_next = |stage: &Stage| stage.account.mailbox(&name("INBOX")).unwrap().uid_next();
    let modseq = |stage: &Stage| {
        let inbox = stage.account.mailbox(&name("INBOX")).unwrap();
        inbox.highest_modseq()
    };
    let before = (uid_next(&stage), modseq(&stage));
    assert_eq!(before.0, Uid(6));
    let given = stage.account.last_uid_validity();
    stage.crash();
    assert_eq!((uid_next(&stage), modseq(&stage)), before);
    assert!(
        stage
            .account
            .mailbox(&name("INBOX"))
            .unwrap()
            .list()
            .is_empty()
    );
    // RFC 2180 section 3.4: NEWNAME, but for a name that was taken again.
    let moved = |old, new| Some(Code::NewName(Box::new((name(old), name(new)))));
    assert_eq!(code(&stage.run(0, select("old"))), moved("old", "new"));
    assert_eq!(code(&stage.run(0, select("a/b"))), moved("a/b", "z/a/b"));
    assert_eq!(tagged(&stage.run(0, select("c"))).0, Status::Ok);
    // The name of the deleted mailbox is free, its UIDVALIDITY is not.
    assert_eq!(tagged(&stage.run(0, create("last"))).0, Status::Ok);
    let last = stage.account.mailbox(&name("last")).unwrap();
    assert!(last.uid_validity() > given);
    assert!(given > UidValidity(1));
    assert_eq!(
        code(&stage.run(0, select("d"))),
        Some(Code::NonExistent),
        "it is \\Noselect"
    );
}

#[test]
fn replay_makes_no_claims_for_sessions_that_are_gone() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    let recent = |out: &[Response]| {
        out.iter().any(|response| {
            matches!(
                response,
                Response::Fetch {
                    data: FetchData::Message { recent: true, .. },
                    ..
                }
            )
        })
    };
    let out = stage.run(0, fetch(SequenceSet::all()));
    assert!(recent(&out), "they are the first session's: {out:?}");
    let first = stage.sessions[0].view();
    stage.crash();
    // Who comes first now has the view of the same id.
    let out = stage.run(1, select("INBOX"));
    assert_eq!(stage.sessions[1].view(), first);
    assert!(out.contains(&Response::Recent(0)), "{out:?}");
    let out = stage.run(1, fetch(SequenceSet::all()));
    assert!(!recent(&out), "{out:?}");
    stage.append(0, 3);
    let out = stage.run(1, Command::Noop);
    assert!(out.contains(&Response::Recent(1)), "{out:?}");
}

#[test]
fn a_deleted_mailbox_that_sessions_had_open_is_gone_after_a_crash() {
    for &deletion in Deletion::ALL {
        let practice = Practice {
            deletion,
            ..Practice::default()
        };
        let mut stage = Stage::new(practice, 2, 0);
        stage.run(0, create("a"));
        stage.run(1, select("a"));
        let refused = tagged(&stage.run(0, delete("a"))).0 == Status::No;
        assert_eq!(refused, deletion == Deletion::Refuse);
        stage.crash();
        assert_eq!(tagged(&stage.run(0, create("a"))).0 == Status::No, refused);
        assert_eq!(stage.account.mailboxes().len(), 2);
    }
}

#[test]
fn the_contents_of_a_deleted_mailbox_are_let_go_at_once_and_held_while_it_is_open() {
    let mut stage = Stage::new(Practice::default(), 1, 0);
    let other = || MailboxName::new("other");
    stage.run(0, Command::Create { mailbox: other() });
    stage.append_to(0, "other", 7, Flags::NONE);
    stage.append_to(0, "other", 8, Flags::NONE);
    stage.run(
        0,
        Command::Select {
            mailbox: other(),
            read_only: false,
        },
    );
    let mut step = |command| {
        let input = Input::Command(command, Moment::default());
        let mut out = Vec::new();
        stage.sessions[0].step(input, &mut stage.account, &stage.practice, &mut out);
        stage.account.drain().references
    };
    // The session that deletes it has it open itself.
    let both = vec![ContentId(7), ContentId(8)];
    let deleted = step(Command::Delete { mailbox: other() });
    assert_eq!(deleted.dropped, both);
    assert_eq!(deleted.haunted, both);
    assert_eq!(deleted.released, []);
    let left = step(Command::Unselect);
    assert_eq!((left.dropped, left.haunted), (vec![], vec![]));
    assert_eq!(left.released, both);
}

#[test]
fn an_expunged_message_keeps_its_content_for_whom_the_practice_lets_ask_for_it() {
    for (fetching, copying, keeps) in [
        ("ghost", "allow", true),
        ("ghost", "refuse", true),
        ("nil", "allow", true),
        ("nil", "refuse", false),
    ] {
        let mut practice = Practice::default();
        practice.set("fetching", fetching).unwrap();
        practice.set("copying", copying).unwrap();
        let mut stage = Stage::new(practice, 2, 1);
        stage.run(0, store(SequenceSet::one(1), Flags::DELETED, true));
        let input = Input::Command(Command::Expunge { uids: None }, Moment::default());
        let mut out = Vec::new();
        stage.sessions[0].step(input, &mut stage.account, &practice, &mut out);
        let references = stage.account.drain().references;
        assert_eq!(references.dropped, [ContentId(1)]);
        let haunted = if keeps { vec![ContentId(1)] } else { vec![] };
        assert_eq!(references.haunted, haunted, "{fetching} {copying}");
    }
}

#[test]
fn only_what_is_new_to_everybody_makes_a_select_durable() {
    let mut stage = Stage::new(Practice::default(), 1, 2);
    let select = || Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    };
    let before = stage.journal.len();
    stage.run(0, select());
    stage.run(0, Command::Noop);
    assert_eq!(stage.journal.len(), before);
    stage.run(0, Command::Unselect);
    stage.append(0, 3);
    stage.run(0, select());
    assert_eq!(stage.journal.len(), before + 2, "APPEND, and \\Recent");
}
