//! What is said is told as it would be written.

use super::*;
use crate::{
    flags::{Keyword, Keywords},
    name::MailboxName,
    number::{SeqNum, Uid, UidValidity},
    response::{Listed, MailboxStatus},
    sequence_set::SequenceSet,
};
use alloc::boxed::Box;

#[test]
fn a_command_is_told_with_its_arguments() {
    let name = MailboxName::new;
    let one = || SequenceSet::one(1);
    let search = |key| Command::Search {
        key,
        form: Form::Uid,
    };
    let flag = |flags| SearchKey::Flags(flags);
    let numbers = || SearchKey::Sequence(Numbers::Asked(one()));
    let both = SearchKey::And(vec![flag(Flags::SEEN), numbers()]);
    let junk = FlagNames {
        system: Flags::SEEN.with(Flags::DELETED),
        keywords: vec![Keyword("$Junk".into())],
    };
    for (command, told) in [
        (Command::Noop, "NOOP"),
        (
            Command::Rename {
                from: name("A"),
                to: name("B"),
            },
            "RENAME A B",
        ),
        (
            Command::Status {
                mailbox: name("A"),
                items: StatusItems {
                    recent: true,
                    unseen: true,
                    ..StatusItems::default()
                },
            },
            "STATUS A (RECENT UNSEEN)",
        ),
        (
            Command::List {
                reference: "".into(),
                pattern: "*".into(),
                subscribed: true,
            },
            "LSUB \"\" \"*\"",
        ),
        (
            Command::Store {
                set: one(),
                form: Form::Uid,
                action: StoreAction::Remove,
                silent: true,
                flags: junk,
            },
            "UID STORE 1 -FLAGS.SILENT (\\Deleted \\Seen $Junk)",
        ),
        (
            Command::Fetch {
                set: one(),
                form: Form::Sequence,
                marks_seen: true,
            },
            "FETCH 1 (UID FLAGS BODY[])",
        ),
        (
            Command::Fetch {
                set: one(),
                form: Form::Uid,
                marks_seen: false,
            },
            "UID FETCH 1 (FLAGS BODY.PEEK[])",
        ),
        (search(SearchKey::ALL), "UID SEARCH ALL"),
        (search(both), "UID SEARCH (SEEN 1)"),
        (
            search(SearchKey::Or(
                Box::new(numbers()),
                Box::new(SearchKey::Recent),
            )),
            "UID SEARCH OR 1 RECENT",
        ),
        (
            search(SearchKey::Not(Box::new(flag(Flags::DELETED)))),
            "UID SEARCH NOT DELETED",
        ),
    ] {
        assert_eq!(say(&command), told);
    }
}

#[test]
fn a_response_is_told_as_it_is_written() {
    let mut keywords = Keywords::default();
    keywords.add(Keyword("$Junk".into()));
    let status = MailboxStatus {
        mailbox: MailboxName::new("A"),
        items: StatusItems {
            messages: true,
            uid_next: true,
            ..StatusItems::default()
        },
        messages: 1,
        recent: 2,
        uid_next: Uid(3),
        uid_validity: UidValidity(4),
        unseen: 5,
    };
    let listed = |name, subscribed, no_select| {
        Response::List(Listed {
            subscribed,
            name,
            no_select,
            children: None,
        })
    };
    let name = || ListedName::Mailbox(MailboxName::new("A"));
    let flags = |recent, uid| Response::Fetch {
        seq: SeqNum(1),
        data: FetchData::Flags {
            flags: Flags::SEEN.with(Flags::keyword(0)),
            recent,
            uid,
        },
    };
    for (response, told) in [
        (Response::Exists(1), "* 1 EXISTS"),
        (Response::Recent(1), "* 1 RECENT"),
        (Response::Expunge(SeqNum(1)), "* 1 EXPUNGE"),
        (
            Response::Flags(keywords),
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)",
        ),
        (flags(false, None), "* 1 FETCH (FLAGS (\\Seen keyword1))"),
        (
            flags(true, Some(Uid(7))),
            "* 1 FETCH (FLAGS (\\Seen keyword1 \\Recent) UID 7)",
        ),
        (listed(name(), false, false), "* LIST () \"/\" A"),
        (listed(name(), false, true), "* LIST (\\Noselect) \"/\" A"),
        (
            listed(ListedName::Root, true, false),
            "* LSUB () \"/\" \"\"",
        ),
        (
            Response::Status(Box::new(status)),
            "* STATUS A (MESSAGES 1 UIDNEXT 3)",
        ),
        (
            Response::Untagged(Status::Ok, Some(Code::ReadOnly), "so"),
            "* OK [READ-ONLY] so",
        ),
        (Response::Untagged(Status::No, None, "so"), "* NO so"),
        (Response::Untagged(Status::Bad, None, "so"), "* BAD so"),
        (Response::Bye("so"), "* BYE so"),
        (Response::Continue("so"), "+ so"),
    ] {
        assert_eq!(untagged(&response), [told]);
    }
    assert_eq!(untagged(&Response::Tagged(Status::Ok, None, "")), [""; 0]);
}
