//! What is well formed, and what it means: each command beside the same one spelled out.

use super::command;
use crate::codec::{
    fragment::{Event, Fragmenter, Fragments, Limits},
    print::print,
    request::{FetchAttribute, Request},
};
use tandem_model::{
    command::{Command, Form},
    flags::{FlagNames, Flags, Keyword},
    message::{Day, InternalDate},
    name::MailboxName,
    search_key::{ContentKey, SearchKey},
    sequence_set::SequenceSet,
};

/// The one command that `input` is.
pub(super) fn fragments(mut input: &[u8]) -> Fragments {
    let mut fragmenter = Fragmenter::new(Limits::default());
    loop {
        match fragmenter.advance(&mut input) {
            Some(Event::Command(fragments)) if input.is_empty() => return fragments,
            Some(Event::Continue) => {}
            other => panic!("not one command: {other:?}"),
        }
    }
}

/// The request that a command, given without its tag and its last CRLF, is.
fn request(line: &str) -> Request {
    let input = format!("a {line}\r\n");
    command(fragments(input.as_bytes()))
        .unwrap_or_else(|error| panic!("{line:?}: {error}"))
        .request
}

/// Checks commands, each given without its tag and its last CRLF, as they are printed.
fn check(table: &[(&str, &str)]) {
    for (line, expected) in table {
        let input = format!("a {line}\r\n");
        let printed = match command(fragments(input.as_bytes())) {
            Ok(tagged) => String::from_utf8(print(&tagged)).expect("UTF-8"),
            Err(error) => panic!("{line:?}: {error}"),
        };
        assert_eq!(printed, format!("a {expected}\r\n"), "{line:?}");
    }
}

#[test]
fn commands_and_keywords_are_read_in_any_case() {
    check(&[
        ("capability", "CAPABILITY"),
        ("NoOp", "NOOP"),
        ("logout", "LOGOUT"),
        ("starttls", "STARTTLS"),
        ("check", "CHECK"),
        ("close", "CLOSE"),
        ("unselect", "UNSELECT"),
        ("expunge", "EXPUNGE"),
        ("idle", "IDLE"),
        ("namespace", "NAMESPACE"),
        ("uid expunge 1:*", "UID EXPUNGE 1:*"),
        ("select x", "SELECT x"),
        ("examine x", "EXAMINE x"),
        ("create x/", "CREATE x/"),
        ("delete x", "DELETE x"),
        ("subscribe x", "SUBSCRIBE x"),
        ("unsubscribe x", "UNSUBSCRIBE x"),
        ("rename x y", "RENAME x y"),
        ("status x (unseen messages recent uidnext uidvalidity)", "STATUS x (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)"),
        ("status x (unseen unseen)", "STATUS x (UNSEEN)"),
        ("copy 2:4,1 x", "COPY 2:4,1 x"),
        ("uid copy 4:4 x", "UID COPY 4 x"),
        ("move *:4,* x", "MOVE *:4,* x"),
        ("uid move 1 x", "UID MOVE 1 x"),
        ("enable condstore Utf8=accept", "ENABLE CONDSTORE UTF8=ACCEPT"),
        ("store 1 +flags.silent \\seen", "STORE 1 +FLAGS.SILENT (\\Seen)"),
    ]);
}

#[test]
fn strings_are_the_same_in_each_of_their_forms() {
    check(&[
        ("LOGIN fred foo]bar", "LOGIN fred foo]bar"),
        ("LOGIN \"fred\" \"fat man\"", "LOGIN fred \"fat man\""),
        ("LOGIN {4+}\r\nfred {7+}\r\nfat man", "LOGIN fred \"fat man\""),
        ("LOGIN {4}\r\nfred {007}\r\nfat man", "LOGIN fred \"fat man\""),
        ("LOGIN \"\\\"\\\\\" {0+}\r\n", "LOGIN \"\\\"\\\\\" \"\""),
        ("LOGIN \"{3}\" {5+}\r\n{3+}\r", "LOGIN \"{3}\" {5+}\r\n{3+}\r"),
        ("LOGIN \"Jürgen\" {2+}\r\nü", "LOGIN {7+}\r\nJürgen {2+}\r\nü"),
        ("LOGIN x {4+}\r\n\r\n\r\n", "LOGIN x {4+}\r\n\r\n\r\n"),
        ("AUTHENTICATE plain", "AUTHENTICATE PLAIN"),
        ("AUTHENTICATE PLAIN =", "AUTHENTICATE PLAIN ="),
        ("AUTHENTICATE PLAIN AGEAYg==", "AUTHENTICATE PLAIN AGEAYg=="),
        ("ID nil", "ID NIL"),
        ("ID ()", "ID NIL"),
        ("ID (\"name\" \"x\" \"version\" NIL \"os\" \"\")", "ID (\"name\" \"x\" \"os\" \"\")"),
        ("ID ({4+}\r\nname {1+}\r\nx)", "ID (\"name\" \"x\")"),
    ]);
}

#[test]
fn names_of_mailboxes_are_decoded() {
    let select = |line: &str| match request(line) {
        Request::Mailbox(Command::Select { mailbox, .. }) => mailbox.as_str().to_owned(),
        other => panic!("{other:?}"),
    };
    assert_eq!(select("SELECT inbox"), "INBOX");
    assert_eq!(select("SELECT \"iNbOx\""), "INBOX");
    assert_eq!(select("SELECT {7+}\r\nInbox/x"), "INBOX/x");
    assert_eq!(select("SELECT Entw&APw-rfe"), "Entwürfe");
    assert_eq!(select("SELECT \"Entwürfe\""), "Entwürfe");
    assert_eq!(select("SELECT {9+}\r\nEntwürfe"), "Entwürfe");
    assert_eq!(select("SELECT R&-D"), "R&D");
    assert_eq!(select("SELECT \"Rück & Sicht\""), "Rück & Sicht");
    assert_eq!(select("SELECT \"\""), "");
    check(&[
        ("LIST \"\" *", "LIST \"\" *"),
        ("LIST inbox %/]", "LIST inbox %/]"),
        ("LSUB \"a b\" \"&APw-%\"", "LSUB \"a b\" &APw-%"),
        ("LIST {0+}\r\n {1+}\r\n*", "LIST \"\" *"),
    ]);
}

#[test]
fn append_carries_its_message_as_it_was_sent() {
    let message = "From: x\r\n\r\n{3+}\r\na NOOP\r\n";
    let line = format!(
        "append saved (\\seen \\DRAFT $Forwarded $forwarded) \" 7-Feb-1994 21:52:25 -0800\" {{{}}}\r\n{message}",
        message.len()
    );
    let flags = FlagNames {
        system: Flags::SEEN.with(Flags::DRAFT),
        keywords: vec![Keyword("$Forwarded".into())],
    };
    let expected = Request::Append {
        mailbox: MailboxName::new("saved"),
        flags,
        date: Some(InternalDate::new(760_686_745, -480)),
        message: message.into(),
    };
    assert_eq!(request(&line), expected);
    check(&[
        ("APPEND {1+}\r\nx {2+}\r\n\r\n", "APPEND x {2+}\r\n\r\n"),
        ("APPEND x () {0+}\r\n", "APPEND x {0+}\r\n"),
        ("APPEND x \"01-Jan-1970 00:00:00 +0000\" {0+}\r\n", "APPEND x \" 1-Jan-1970 00:00:00 +0000\" {0+}\r\n"),
        ("APPEND x \"31-Dec-1969 23:59:59 +0000\" {0+}\r\n", "APPEND x \" 1-Jan-1970 00:00:00 +0000\" {0+}\r\n"),
        ("APPEND x \"29-feb-2000 23:59:59 -0000\" {0+}\r\n", "APPEND x \"29-Feb-2000 23:59:59 +0000\" {0+}\r\n"),
    ]);
}

#[test]
fn store_takes_flags_with_and_without_parentheses() {
    check(&[
        ("STORE 2:4 +FLAGS (\\Deleted)", "STORE 2:4 +FLAGS (\\Deleted)"),
        ("STORE 2:4 -FLAGS \\Deleted \\Seen", "STORE 2:4 -FLAGS (\\Deleted \\Seen)"),
        ("STORE 1 FLAGS ()", "STORE 1 FLAGS ()"),
        ("STORE 1 FLAGS NIL", "STORE 1 FLAGS (NIL)"),
        ("UID STORE 1 FLAGS.silent (a A \\Answered \\answered b)", "UID STORE 1 FLAGS.SILENT (\\Answered a b)"),
    ]);
}

#[test]
fn fetch_macros_are_spelled_out() {
    check(&[
        ("FETCH 1 all", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
        ("FETCH 1 FAST", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE)"),
        ("FETCH 1 FULL", "FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"),
        ("UID FETCH 1 FAST", "UID FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE)"),
        ("UID FETCH 1 (FLAGS UID)", "UID FETCH 1 (FLAGS UID)"),
        ("FETCH 1 (rfc822 rfc822.header rfc822.size rfc822.text)", "FETCH 1 (RFC822 RFC822.HEADER RFC822.SIZE RFC822.TEXT)"),
        ("FETCH 1 (BODY BODYSTRUCTURE BODY[])", "FETCH 1 (BODY BODYSTRUCTURE BODY[])"),
        ("FETCH 1 body.peek[header]<0.1>", "FETCH 1 (BODY.PEEK[HEADER]<0.1>)"),
        ("FETCH 1 BODY[1.2.mime]", "FETCH 1 (BODY[1.2.MIME])"),
        ("FETCH 1 BODY[4.2.HEADER]", "FETCH 1 (BODY[4.2.HEADER])"),
        ("FETCH 1 BODY[TEXT]<4294967295.4294967295>", "FETCH 1 (BODY[TEXT]<4294967295.4294967295>)"),
        ("FETCH 1 BODY[header.fields (Date \"From\" {2+}\r\nTo)]", "FETCH 1 (BODY[HEADER.FIELDS (Date From To)])"),
        ("FETCH 1 BODY[1.HEADER.FIELDS.NOT (X-[)]", "FETCH 1 (BODY[1.HEADER.FIELDS.NOT (X-[)])"),
    ]);
}

#[test]
fn fetch_knows_whether_it_sets_seen() {
    for (line, marks_seen) in [
        ("FETCH 1 FULL", false),
        ("FETCH 1 (RFC822.HEADER BODY.PEEK[])", false),
        ("FETCH 1 (FLAGS RFC822.TEXT)", true),
        ("FETCH 1 BODY[HEADER]", true),
    ] {
        let Request::Fetch { command, .. } = request(line) else {
            panic!("{line}")
        };
        let set = SequenceSet::one(1);
        let form = Form::Sequence;
        assert_eq!(
            command,
            Command::Fetch {
                set,
                form,
                marks_seen
            },
            "{line}"
        );
    }
    let Request::Fetch { attributes, .. } = request("UID FETCH 1 RFC822") else {
        panic!("no FETCH")
    };
    assert_eq!(attributes, [FetchAttribute::Uid, FetchAttribute::Rfc822]);
}

#[test]
fn search_keys_that_abbreviate_are_spelled_out() {
    let not = |key| SearchKey::Not(Box::new(key));
    for (line, key) in [
        ("SEARCH ALL", SearchKey::And(vec![])),
        ("SEARCH NEW", SearchKey::And(vec![SearchKey::Recent, not(SearchKey::Flags(Flags::SEEN))])),
        ("SEARCH OLD", not(SearchKey::Recent)),
        ("SEARCH UNDRAFT", not(SearchKey::Flags(Flags::DRAFT))),
        ("SEARCH UNKEYWORD x", not(SearchKey::Keyword(Keyword("x".into())))),
    ] {
        let expected = Request::Mailbox(Command::Search { key, form: Form::Sequence });
        assert_eq!(request(line), expected);
    }
}

#[test]
fn search_keys_nest() {
    check(&[
        ("SEARCH all", "SEARCH ALL"),
        ("SEARCH RECENT UNSEEN", "SEARCH RECENT UNSEEN"),
        ("SEARCH (RECENT UNSEEN) 1", "SEARCH NEW 1"),
        ("SEARCH NOT RECENT", "SEARCH OLD"),
        ("SEARCH ANSWERED DELETED DRAFT FLAGGED SEEN", "SEARCH ANSWERED DELETED DRAFT FLAGGED SEEN"),
        ("SEARCH NOT ANSWERED UNDELETED UNDRAFT UNFLAGGED NOT UNSEEN", "SEARCH UNANSWERED UNDELETED UNDRAFT UNFLAGGED NOT UNSEEN"),
        ("SEARCH KEYWORD $a UNKEYWORD b", "SEARCH KEYWORD $a UNKEYWORD b"),
        ("SEARCH (((1:*)))", "SEARCH 1:*"),
        ("SEARCH (1 *) UID 5:*", "SEARCH (1 *) UID 5:*"),
        ("SEARCH OR 1 (SEEN 2) NOT NOT 3", "SEARCH OR 1 (SEEN 2) NOT NOT 3"),
        ("SEARCH LARGER 0 SMALLER 4294967295", "SEARCH LARGER 0 SMALLER 4294967295"),
        ("SEARCH BEFORE 01-jan-1970 ON \"2-Feb-2000\" SINCE 3-MAR-9999", "SEARCH BEFORE 1-Jan-1970 ON 2-Feb-2000 SINCE 3-Mar-9999"),
        ("SEARCH SENTBEFORE 1-Jan-0000 SENTON 29-Feb-1996 SENTSINCE 31-Dec-1969", "SEARCH SENTBEFORE 1-Jan-0000 SENTON 29-Feb-1996 SENTSINCE 31-Dec-1969"),
        ("SEARCH from x to \"y z\" cc \"\" bcc {1+}\r\nb subject ]", "SEARCH FROM x TO \"y z\" CC \"\" BCC b SUBJECT ]"),
        ("SEARCH HEADER Message-Id <x@y> BODY b TEXT t", "SEARCH HEADER Message-Id <x@y> BODY b TEXT t"),
        ("UID SEARCH 1:2", "UID SEARCH 1:2"),
    ]);
}

#[test]
fn search_keys_about_fields_are_all_header() {
    let key = |field: &str| {
        SearchKey::Content(ContentKey::Header {
            field: field.into(),
            text: "x".into(),
        })
    };
    for (line, field) in [
        ("SEARCH from x", "FROM"),
        ("SEARCH HEADER From x", "From"),
        ("SEARCH BCC x", "BCC"),
    ] {
        let expected = Request::Mailbox(Command::Search {
            key: key(field),
            form: Form::Sequence,
        });
        assert_eq!(request(line), expected);
    }
}

#[test]
fn search_knows_two_charsets_and_says_which_it_does_not() {
    check(&[
        ("SEARCH CHARSET us-ascii TEXT x", "SEARCH TEXT x"),
        ("SEARCH CHARSET \"utf-8\" TEXT x", "SEARCH TEXT x"),
        ("SEARCH CHARSET UTF-8 TEXT {4+}\r\nfür", "SEARCH CHARSET UTF-8 TEXT {4+}\r\nfür"),
        ("SEARCH CHARSET UTF-8 SUBJECT \"für\"", "SEARCH CHARSET UTF-8 SUBJECT {4+}\r\nfür"),
    ]);
    assert_eq!(
        request("SEARCH CHARSET KOI8-R TEXT \"\u{d7}\""),
        Request::BadCharset
    );
    assert_eq!(
        request("UID SEARCH CHARSET iso-8859-1 ALL"),
        Request::BadCharset
    );
}

#[test]
fn days_are_counted_from_1970() {
    for (line, day) in [
        ("SEARCH ON 1-Jan-1970", 0),
        ("SEARCH ON 31-Dec-1969", -1),
        ("SEARCH ON 29-Feb-2000", 11_016),
        ("SEARCH ON 1-Jan-0000", -719_528),
        ("SEARCH ON 31-Dec-9999", 2_932_896),
    ] {
        let key = SearchKey::On(Day(day));
        let expected = Request::Mailbox(Command::Search {
            key,
            form: Form::Sequence,
        });
        assert_eq!(request(line), expected, "{line}");
    }
}
