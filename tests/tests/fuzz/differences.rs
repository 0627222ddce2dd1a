//! The table of differences between the parser and imap-codec: each row is as it says.

use std::collections::BTreeSet;
use tandem_server::codec::{fragment::Limits, parse};
use tandem_tests::fuzz::{
    commands,
    differences::{Case, TABLE},
};

/// The one command of an example, as both read it.
fn case(example: &[u8]) -> Case {
    let mut all = commands(Limits::default(), example);
    assert_eq!(all.len(), 1, "{}", example.escape_ascii());
    let fragments = all.remove(0);
    Case::new(fragments.sent(), parse::command(fragments))
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
