//! The table of differences between the parser and imap-codec: each row is as it says, and excuses nothing else.

use std::collections::BTreeSet;
use tandem_model::{
    Command,
    command::StoreAction,
    search_key::{ContentKey, SearchKey},
};
use tandem_server::codec::{
    fragment::{Fragments, Limits},
    parse::{self, Expected, ParseError, limits},
    request::{Request, Tagged},
};
use tandem_tests::fuzz::{
    commands,
    differences::{Case, Kind, TABLE},
};

fn fragments(example: &[u8]) -> Fragments {
    let mut all = commands(Limits::default(), example);
    assert_eq!(all.len(), 1, "{}", example.escape_ascii());
    all.remove(0)
}

/// The one command of an example, as both read it.
fn case(example: &[u8]) -> Case {
    Case::new(fragments(example))
}

#[test]
fn each_example_still_differs_as_its_row_says() {
    for row in TABLE {
        let case = case(row.example);
        assert_eq!(case.kind(), Some(row.kind), "{}: {case:?}", row.name);
        let found = case.difference().map(|found| found.name);
        assert_eq!(found, Some(row.name), "{case:?}");
    }
}

#[test]
fn each_row_names_a_rule_and_its_source_and_no_other_has_its_name() {
    let names: BTreeSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
    for row in TABLE {
        assert!(row.source.starts_with("RFC "), "{}", row.name);
        assert!(!row.rule.is_empty(), "{}", row.name);
    }
}

#[test]
fn a_difference_that_no_row_has_is_one() {
    // As if imap-codec had read another command.
    let mut other = case(b"a NOOP\r\n");
    other.theirs = case(b"a CHECK\r\n").theirs;
    assert!(other.kind().is_some() && other.difference().is_none());
    // As if the parser had refused what both accept.
    let mut refused = case(b"a SELECT x\r\n");
    refused.ours = case(b"a SELECT \r\n").ours;
    assert!(refused.kind().is_some() && refused.difference().is_none());
}

#[test]
fn what_both_read_alike_is_no_difference() {
    for command in [
        &b"a UID FETCH 1:* (FLAGS BODY.PEEK[1.MIME]<0.5>)\r\n"[..],
        b"a APPEND x (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {1+}\r\nx\r\n",
        b"a SEARCH OR SEEN (NOT BEFORE 1-Feb-1994 UID 1,3:*)\r\n",
        b"a FROBNICATE\r\n",
    ] {
        assert_eq!(case(command).kind(), None, "{}", command.escape_ascii());
    }
}

/// A parser that takes one thing for another, wherever it is.
fn wrong(fragments: Fragments) -> Result<Tagged, ParseError> {
    let mut tagged = parse::command(fragments)?;
    match &mut tagged.request {
        Request::Mailbox(Command::Search { key, .. }) => mistake(key),
        Request::Mailbox(Command::Store { action, silent, .. }) => match action {
            StoreAction::Add => *action = StoreAction::Remove,
            StoreAction::Remove | StoreAction::Replace => *silent = !*silent,
        },
        Request::Mailbox(Command::Select { read_only, .. }) => *read_only = !*read_only,
        Request::Mailbox(Command::Rename { from, to }) => std::mem::swap(from, to),
        Request::Fetch { attributes, .. } => attributes.reverse(),
        Request::Append { date, .. } => *date = None,
        _ => {}
    }
    Ok(tagged)
}

fn mistake(key: &mut SearchKey) {
    match key {
        SearchKey::Since(day) => *key = SearchKey::Before(*day),
        SearchKey::Content(ContentKey::SentOn(day)) => {
            *key = SearchKey::Content(ContentKey::SentSince(*day));
        }
        SearchKey::Or(left, right) => *key = SearchKey::And(vec![*left.clone(), *right.clone()]),
        SearchKey::Not(inner) => mistake(inner),
        SearchKey::And(keys) => keys.iter_mut().for_each(mistake),
        _ => {}
    }
}

#[test]
fn a_parser_that_takes_one_thing_for_another_is_found() {
    for command in [
        &b"a SEARCH SINCE 1-Feb-1994\r\n"[..],
        b"a UID SEARCH UNSEEN NOT (SENTON 1-Feb-1994)\r\n",
        b"a SEARCH OR SEEN DRAFT\r\n",
        b"a STORE 1 +FLAGS (\\Seen)\r\n",
        b"a STORE 1 FLAGS.SILENT (\\Seen)\r\n",
        b"a EXAMINE x\r\n",
        b"a RENAME x y\r\n",
        b"a FETCH 1 (FLAGS BODY[])\r\n",
        b"a APPEND x \"17-Jul-1996 02:44:25 -0700\" {1+}\r\nx\r\n",
    ] {
        assert_eq!(case(command).kind(), None, "{}", command.escape_ascii());
        let case = Case::read_by(wrong, fragments(command));
        assert_eq!(case.kind(), Some(Kind::Meaning), "{case:?}");
        assert!(case.difference().is_none(), "{case:?}");
    }
    // Also where imap-codec refuses the command for something else in it.
    for command in [
        "a SEARCH CHARSET UTF-8 SINCE 1-Feb-1994 SUBJECT \"\u{fc}\"\r\n",
        "a SEARCH NOT NOT NOT NOT NOT NOT NOT NOT NOT SINCE 1-Feb-1994\r\n",
        "a SEARCH CHARSET {5+}\r\nUTF-8 SINCE 1-Feb-1994\r\n",
    ] {
        let command = command.as_bytes();
        let is_excused = |case: &Case| case.difference().is_some();
        assert!(is_excused(&case(command)), "{}", command.escape_ascii());
        let case = Case::read_by(wrong, fragments(command));
        assert_eq!(case.kind(), Some(Kind::TheyRefuse), "{case:?}");
        assert!(!is_excused(&case), "{case:?}");
    }
}

/// As if the parser admitted this, and took it for another command.
fn admitted(sent: &str, taken_for: &str) -> Case {
    let mut case = case(sent.as_bytes());
    assert!(case.ours.is_err() && case.theirs.is_none(), "{case:?}");
    case.ours = parse::command(fragments(taken_for.as_bytes()));
    case
}

#[test]
fn what_a_row_leaves_out_excuses_nothing_else() {
    let nested = "NOT ".repeat(9);
    for (sent, taken_for) in [
        ("a SELECT x\u{fc}\r\n", "a SELECT x\r\n"),
        ("\u{fc} NOOP\r\n", "a NOOP\r\n"),
        (
            "a RENAME x\u{fc} \"\u{fc}\"\r\n",
            "a RENAME x \"\u{fc}\"\r\n",
        ),
        (
            "a SEARCH NOT SEEN NOT SEEN NOT SEEN NOT SEEN NOT SEEN NOT SEEN NOT SEEN NOT SEEN NOT SEEN BEFORE x\r\n",
            "a SEARCH UNSEEN UNSEEN UNSEEN UNSEEN UNSEEN UNSEEN UNSEEN UNSEEN UNSEEN ALL\r\n",
        ),
        (
            &format!("a SEARCH {nested}BEFORE x\r\n"),
            &format!("a SEARCH {nested}ALL\r\n"),
        ),
        (
            "a SEARCH CHARSET {5+}\r\nUTF-8 BEFORE x\r\n",
            "a SEARCH CHARSET {5+}\r\nUTF-8 ALL\r\n",
        ),
    ] {
        let case = admitted(sent, taken_for);
        assert_eq!(case.kind(), Some(Kind::TheyRefuse), "{case:?}");
        assert!(case.difference().is_none(), "{case:?}");
    }
}

/// A command with one thing more than there may be, of each that has a limit and that imap-codec has, too.
fn beyond() -> Vec<(usize, String)> {
    let spaced = |item: &str, most: usize| vec![item; most + 1].join(" ");
    let long = |most: usize| "x".repeat(most + 1);
    let numbers = |most: usize, between: &str| vec!["1"; most + 1].join(between);
    vec![
        (
            limits::RANGES,
            format!("FETCH {} UID", numbers(limits::RANGES, ",")),
        ),
        (
            limits::RANGES,
            format!("SEARCH NOT UID {}", numbers(limits::RANGES, ",")),
        ),
        (
            limits::FLAGS,
            format!("STORE 1 FLAGS ({})", spaced("x", limits::FLAGS)),
        ),
        (
            limits::KEYWORD,
            format!("SEARCH UNKEYWORD {}", long(limits::KEYWORD)),
        ),
        (
            limits::MAILBOX,
            format!("RENAME x {}", long(limits::MAILBOX)),
        ),
        (limits::MAILBOX, format!("LIST x {}", long(limits::MAILBOX))),
        (
            limits::STATUS_ITEMS,
            format!("STATUS x ({})", spaced("UNSEEN", limits::STATUS_ITEMS)),
        ),
        (
            limits::ATTRIBUTES,
            format!("FETCH 1 ({})", spaced("UID", limits::ATTRIBUTES)),
        ),
        (
            limits::ATTRIBUTES,
            format!("UID FETCH 1 ({})", spaced("FLAGS", limits::ATTRIBUTES - 1)),
        ),
        (
            limits::FIELDS,
            format!(
                "FETCH 1 BODY[HEADER.FIELDS ({})]",
                spaced("x", limits::FIELDS)
            ),
        ),
        (
            limits::PARTS,
            format!("FETCH 1 BODY[{}.MIME]", numbers(limits::PARTS, ".")),
        ),
        (
            limits::KEYS,
            format!("SEARCH {}", spaced("ALL", limits::KEYS)),
        ),
        (
            limits::ID_FIELDS,
            format!("ID ({})", spaced("\"x\" NIL", limits::ID_FIELDS)),
        ),
        (
            limits::ID_NAME,
            format!("ID (\"{}\" NIL)", long(limits::ID_NAME)),
        ),
        (
            limits::ID_VALUE,
            format!("ID (\"x\" \"{}\")", long(limits::ID_VALUE)),
        ),
        (
            limits::CAPABILITIES,
            format!("ENABLE {}", spaced("X", limits::CAPABILITIES)),
        ),
    ]
}

#[test]
fn a_limit_excuses_what_is_beyond_it_and_nothing_that_is_not() {
    for (limit, command) in beyond() {
        let mut case = case(format!("a {command}\r\n").as_bytes());
        let found = case.difference().map(|found| found.name);
        assert_eq!(found, Some("what is beyond a limit"), "{case:?}");
        let error = case.ours.as_mut().unwrap_err();
        let Expected::AtMost(most, _) = &mut error.expected else {
            panic!("{error:?}");
        };
        assert_eq!(*most, limit);
        // As if the parser had another limit than it says.
        *most += 1;
        assert!(case.difference().is_none(), "{case:?}");
    }
    // As if the parser had counted wrong.
    let mut fewer = case(b"a STORE 1 FLAGS (x x)\r\n");
    fewer.ours = case(format!("a {}\r\n", beyond()[2].1).as_bytes()).ours;
    assert_eq!(fewer.kind(), Some(Kind::WeRefuse));
    assert!(fewer.difference().is_none(), "{fewer:?}");
}
