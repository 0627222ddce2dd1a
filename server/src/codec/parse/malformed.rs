//! What is malformed, and what the client is told: tables, to be read as a whole.

use super::{ParseError, command, limits, well_formed::fragments};

/// What is answered to a command that cannot be read.
fn answer(input: &str) -> String {
    match command(fragments(input.as_bytes())) {
        Ok(tagged) => format!("it is well formed: {tagged:?}"),
        Err(ParseError { tag, at, expected }) => {
            let tag = tag.map_or_else(|| "*".into(), |tag| tag.0);
            format!("{tag} BAD expected {expected} at byte {at}")
        }
    }
}

/// Checks commands, each given without its last CRLF.
fn check(table: &[(&str, &str)]) {
    for (line, expected) in table {
        assert_eq!(&answer(&format!("{line}\r\n")), expected, "{line:?}");
    }
}

/// Checks what `a` is answered to commands of that tag, given without tag and last CRLF.
fn check_tagged(table: &[(&str, &str)]) {
    for (line, expected) in table {
        let expected = format!("a BAD expected {expected}");
        assert_eq!(answer(&format!("a {line}\r\n")), expected, "{line:?}");
    }
}

#[test]
fn a_command_has_a_tag_a_name_and_an_end() {
    check(&[
        ("", "* BAD expected a tag at byte 0"),
        (" a NOOP", "* BAD expected a tag at byte 0"),
        ("* NOOP", "* BAD expected a tag at byte 0"),
        ("+ NOOP", "* BAD expected a tag at byte 0"),
        ("a+1 NOOP", "* BAD expected a space and a command at byte 1"),
        ("a(b NOOP", "* BAD expected a space and a command at byte 1"),
        ("é NOOP", "* BAD expected a tag at byte 0"),
        ("a", "a BAD expected a space and a command at byte 1"),
        ("a ", "a BAD expected a command at byte 2"),
        ("a  NOOP", "a BAD expected a command at byte 2"),
        ("a\tNOOP", "* BAD expected a space and a command at byte 1"),
        ("a HELO example.org", "a BAD expected a command at byte 2"),
        ("a XYZZY", "a BAD expected a command at byte 2"),
        ("a NOOP ", "a BAD expected the end of the command at byte 6"),
        ("a NOOP now", "a BAD expected the end of the command at byte 6"),
        ("a NOOP\r", "a BAD expected the end of the command at byte 6"),
        ("a NOOP\0", "a BAD expected the end of the command at byte 6"),
        ("a CAPABILITY(", "a BAD expected the end of the command at byte 12"),
        ("a SELECT INBOX ", "a BAD expected the end of the command at byte 14"),
        ("a UID", "a BAD expected another argument at byte 5"),
        ("a UID NOOP", "a BAD expected COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE at byte 6"),
        ("a UID UID FETCH 1 UID", "a BAD expected COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE at byte 6"),
    ]);
}

#[test]
fn a_literal_is_no_more_than_a_string() {
    check_tagged(&[
        ("NOOP {3+}\r\nabc", "the end of the command at byte 6"),
        ("{4+}\r\nNOOP", "a command at byte 2"),
        ("LOGIN \"x {3+}\r\nabc", "the closing `\"` of a quoted string at byte 15"),
        ("SELECT {3+}\r\nabcd", "the end of the command at byte 18"),
        ("SELECT ~{3+}\r\nabc", "the end of the command at byte 10"),
        ("SELECT {3", "a literal such as {310} at the end of the line at byte 9"),
        ("SELECT {3} ", "a literal such as {310} at the end of the line at byte 9"),
        ("SELECT {}", "a literal such as {310} at the end of the line at byte 9"),
        ("SELECT {-1}", "a literal such as {310} at the end of the line at byte 9"),
        ("LOGIN {1+}\r\nu {1+}\r\n\0", "a literal without NUL at byte 16"),
        ("LOGIN {5+}\r\nab\r\nc {1+}\r\nd e", "the end of the command at byte 27"),
    ]);
}

#[test]
fn strings_are_quoted_and_closed() {
    check_tagged(&[
        ("LOGIN", "another argument at byte 7"),
        ("LOGIN user", "another argument at byte 12"),
        ("LOGIN user ", "a password at byte 13"),
        ("LOGIN user  secret", "a password at byte 13"),
        ("LOGIN us*er secret", "a space at byte 10"),
        ("LOGIN \"user secret", "the closing `\"` of a quoted string at byte 20"),
        ("LOGIN \"user\" \"sec\"ret\"", "the end of the command at byte 20"),
        ("LOGIN \"us\\er\" secret", "`\"` or `\\` after a `\\` at byte 12"),
        ("LOGIN \"us\0er\" secret", "the closing `\"` of a quoted string at byte 11"),
        ("LOGIN \"us\rer\" secret", "the closing `\"` of a quoted string at byte 11"),
        ("LOGIN (user) secret", "a user name at byte 8"),
    ]);
}

#[test]
fn who_the_client_is_is_checked() {
    check_tagged(&[
        ("AUTHENTICATE", "another argument at byte 14"),
        ("AUTHENTICATE (PLAIN)", "a mechanism at byte 15"),
        ("AUTHENTICATE PLAIN ", "base64 or `=` at byte 21"),
        ("AUTHENTICATE PLAIN ?", "base64 or `=` at byte 21"),
        ("AUTHENTICATE PLAIN AAA", "base64 or `=` at byte 21"),
        ("AUTHENTICATE PLAIN AA==x", "base64 or `=` at byte 21"),
        ("AUTHENTICATE PLAIN == ", "base64 or `=` at byte 21"),
        ("ID", "another argument at byte 4"),
        ("ID name", "a list of fields or NIL at byte 5"),
        ("ID (\"name\")", "a space at byte 12"),
        ("ID (name \"x\")", "the name of a field at byte 6"),
        ("ID (\"name\" x)", "the value of a field at byte 13"),
        ("ID (\"name\" \"x\" )", "the name of a field at byte 17"),
        ("ID (\"name\" \"x\"\"y\" NIL)", "a space or `)` at byte 16"),
        ("ENABLE", "another argument at byte 8"),
        ("ENABLE ", "a capability at byte 9"),
        ("ENABLE CONDSTORE  X", "a capability at byte 19"),
        ("ENABLE (X)", "a capability at byte 9"),
    ]);
}

#[test]
fn names_of_mailboxes_are_modified_utf_7() {
    check_tagged(&[
        ("SELECT", "another argument at byte 8"),
        ("SELECT ", "a mailbox name at byte 9"),
        ("SELECT (x)", "a mailbox name at byte 9"),
        ("SELECT %", "a mailbox name at byte 9"),
        ("SELECT a b", "the end of the command at byte 10"),
        ("SELECT R&D", "a mailbox name in modified UTF-7 at byte 9"),
        ("SELECT &AGE-", "a mailbox name in modified UTF-7 at byte 9"),
        ("SELECT \"&Jjo-&Jjo-\"", "a mailbox name in modified UTF-7 at byte 9"),
        ("SELECT Entwürfe", "the end of the command at byte 13"),
        ("SELECT a&AAo-b", "a mailbox name without control characters at byte 9"),
        ("SELECT {3+}\r\na\tb", "a mailbox name in modified UTF-7 at byte 9"),
        ("RENAME a", "another argument at byte 10"),
        ("RENAME a &", "a mailbox name in modified UTF-7 at byte 11"),
        ("LIST \"\"", "another argument at byte 9"),
        ("LIST \"\" &*", "a mailbox pattern in modified UTF-7 at byte 10"),
        ("LIST \"\" (a b)", "a mailbox pattern at byte 10"),
        ("LIST (SUBSCRIBED) \"\" *", "a mailbox name at byte 7"),
        ("LSUB * *", "a mailbox name at byte 7"),
        ("STATUS INBOX", "another argument at byte 14"),
        ("STATUS INBOX MESSAGES", "`(` at byte 15"),
        ("STATUS INBOX ()", "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN at byte 16"),
        ("STATUS INBOX (MESSAGES SIZE)", "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN at byte 25"),
        ("STATUS INBOX (MESSAGES,RECENT)", "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN at byte 16"),
        ("STATUS INBOX (MESSAGES RECENT", "a space or `)` at byte 31"),
    ]);
}

#[test]
fn append_has_flags_a_date_and_a_literal_in_that_order() {
    check_tagged(&[
        ("APPEND INBOX", "another argument at byte 14"),
        ("APPEND INBOX ", "a list of flags, a date and time, or a literal at byte 15"),
        ("APPEND INBOX \"x\"", "a day of two digits, or a space and one at byte 16"),
        ("APPEND INBOX hello", "a list of flags, a date and time, or a literal at byte 15"),
        ("APPEND INBOX (\\Seen)", "another argument at byte 22"),
        ("APPEND INBOX (\\Seen {1+}\r\nx", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 22"),
        ("APPEND INBOX (\\Seen) (\\Draft) {1+}\r\nx", "a date and time, or a literal at byte 23"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 +0000\" (\\Seen) {1+}\r\nx", "a literal at byte 44"),
        ("APPEND INBOX {1+}\r\nx y", "the end of the command at byte 22"),
        ("APPEND INBOX {1+}\r\nx {1+}\r\ny", "the end of the command at byte 22"),
    ]);
}

#[test]
fn flags_are_those_that_clients_can_set() {
    check_tagged(&[
        ("APPEND INBOX (\\Recent) {1+}\r\nx", "a flag that clients can set, not \\Recent at byte 16"),
        ("STORE 1 FLAGS \\recent", "a flag that clients can set, not \\Recent at byte 16"),
        ("STORE 1 FLAGS (\\Seen \\Recent)", "a flag that clients can set, not \\Recent at byte 23"),
        ("STORE 1 FLAGS (\\Seen \\Shiny)", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 23"),
        ("STORE 1 FLAGS (\\)", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS (\\*)", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS ( \\Seen)", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS (\\Seen )", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 23"),
        ("STORE 1 FLAGS (\\Seen,\\Draft)", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS (\"a\")", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS (a]b)", "a space or `)` at byte 18"),
        ("STORE 1 FLAGS ((a))", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 17"),
        ("STORE 1 FLAGS", "another argument at byte 15"),
        ("STORE 1 FLAGS ", "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword at byte 16"),
        ("STORE 1 +-FLAGS ()", "FLAGS, +FLAGS or -FLAGS, with or without .SILENT at byte 10"),
        ("STORE 1 FLAGS.QUIET ()", "a space at byte 15"),
        ("STORE 1 FLAG ()", "FLAGS, +FLAGS or -FLAGS, with or without .SILENT at byte 10"),
        ("STORE FLAGS ()", "a set of numbers such as 1,3:5,7:* at byte 8"),
    ]);
}

#[test]
fn numbers_start_at_one_and_fit_in_32_bits() {
    check_tagged(&[
        ("COPY 0 x", "a number from 1 to 4294967295 at byte 7"),
        ("COPY 1,0 x", "a number from 1 to 4294967295 at byte 9"),
        ("COPY 01 x", "a number from 1 to 4294967295 at byte 7"),
        ("COPY 4294967296 x", "a number from 1 to 4294967295 at byte 7"),
        ("COPY 1:4294967296 x", "a number from 1 to 4294967295 at byte 9"),
        ("COPY 1: x", "a number from 1 to 4294967295, or `*` at byte 9"),
        ("COPY :1 x", "a set of numbers such as 1,3:5,7:* at byte 7"),
        ("COPY 1:2:3 x", "a space at byte 10"),
        ("COPY 1, x", "a number from 1 to 4294967295, or `*` at byte 9"),
        ("COPY ,1 x", "a set of numbers such as 1,3:5,7:* at byte 7"),
        ("COPY 1 ,2 x", "the end of the command at byte 11"),
        ("COPY -1 x", "a set of numbers such as 1,3:5,7:* at byte 7"),
        ("COPY *:** x", "a space at byte 10"),
        ("COPY $ x", "a set of numbers such as 1,3:5,7:* at byte 7"),
        ("COPY 1", "another argument at byte 8"),
        ("MOVE 1  x", "a mailbox name at byte 9"),
        ("UID EXPUNGE", "another argument at byte 13"),
        ("UID EXPUNGE x", "a set of numbers such as 1,3:5,7:* at byte 14"),
        ("EXPUNGE 1", "the end of the command at byte 9"),
    ]);
}

#[test]
fn what_is_fetched_is_known() {
    check_tagged(&[
        ("FETCH", "another argument at byte 7"),
        ("FETCH 1", "another argument at byte 9"),
        ("FETCH 1 ", "an attribute to fetch at byte 10"),
        ("FETCH 1 ()", "an attribute to fetch at byte 11"),
        ("FETCH 1 (ALL)", "an attribute to fetch at byte 11"),
        ("FETCH 1 ALL FLAGS", "the end of the command at byte 13"),
        ("FETCH 1 FLAGS UID", "the end of the command at byte 15"),
        ("FETCH 1 (FLAGS", "a space or `)` at byte 16"),
        ("FETCH 1 (FLAGS  UID)", "an attribute to fetch at byte 17"),
        ("FETCH 1 (FLAGS,UID)", "a space or `)` at byte 16"),
        ("FETCH 1 RFC822.BODY", "an attribute to fetch at byte 10"),
        ("FETCH 1 BODY.PEEK", "`[` at byte 19"),
        ("FETCH 1 BODY[", "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at byte 15"),
        ("FETCH 1 BODY[0]", "a number from 1 to 4294967295 at byte 15"),
        ("FETCH 1 BODY[1.]", "a part number, HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or TEXT at byte 17"),
        ("FETCH 1 BODY[.1]", "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at byte 15"),
        ("FETCH 1 BODY[1..2]", "a part number, HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or TEXT at byte 17"),
        ("FETCH 1 BODY[1.0]", "a number from 1 to 4294967295 at byte 17"),
        ("FETCH 1 BODY[MIME]", "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at byte 15"),
        ("FETCH 1 BODY[FOO]", "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at byte 15"),
        ("FETCH 1 BODY[1.FOO]", "a part number, HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or TEXT at byte 17"),
        ("FETCH 1 BODY[HEADER.1]", "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at byte 15"),
        ("FETCH 1 BODY[TEXT ", "`]` at byte 19"),
        ("FETCH 1 BODY[HEADER.FIELDS]", "a space at byte 28"),
        ("FETCH 1 BODY[HEADER.FIELDS ()]", "a header field name at byte 30"),
        ("FETCH 1 BODY[HEADER.FIELDS From]", "a list of header field names at byte 29"),
        ("FETCH 1 BODY[HEADER.FIELDS (From:)]", "a header field name at byte 30"),
        ("FETCH 1 BODY[HEADER.FIELDS (\"\")]", "a header field name at byte 30"),
        ("FETCH 1 BODY[]<", "a number from 0 to 4294967295 at byte 17"),
        ("FETCH 1 BODY[]<0>", "`.` at byte 18"),
        ("FETCH 1 BODY[]<0.0>", "a number from 1 to 4294967295 at byte 19"),
        ("FETCH 1 BODY[]<-1.5>", "a number from 0 to 4294967295 at byte 17"),
        ("FETCH 1 BODY[]<0.5", "`>` at byte 20"),
        ("FETCH 1 BODY<0.5>", "the end of the command at byte 14"),
    ]);
}

#[test]
fn search_keys_are_known_and_whole() {
    check_tagged(&[
        ("SEARCH", "another argument at byte 8"),
        ("SEARCH ", "a search key at byte 9"),
        ("SEARCH YOUNGER 5", "a search key at byte 9"),
        ("SEARCH ()", "a search key at byte 10"),
        ("SEARCH (ALL", "a space or `)` at byte 13"),
        ("SEARCH (ALL ALL) )", "a search key at byte 19"),
        ("SEARCH ALL  ALL", "a search key at byte 13"),
        ("SEARCH NOT", "another argument at byte 12"),
        ("SEARCH NOT ", "a search key at byte 13"),
        ("SEARCH OR SEEN", "another argument at byte 16"),
        ("SEARCH OR SEEN ", "a search key at byte 17"),
        ("SEARCH 0", "a number from 1 to 4294967295 at byte 9"),
        ("SEARCH UID x", "a set of numbers such as 1,3:5,7:* at byte 13"),
        ("SEARCH KEYWORD", "another argument at byte 16"),
        ("SEARCH KEYWORD \\Seen", "a keyword at byte 17"),
        ("SEARCH UNRECENT", "a search key at byte 9"),
        ("SEARCH LARGER big", "a number from 0 to 4294967295 at byte 16"),
        ("SEARCH LARGER 4294967296", "a number from 0 to 4294967295 at byte 16"),
        ("SEARCH FROM", "another argument at byte 13"),
        ("SEARCH FROM (x)", "what to search for at byte 14"),
        ("SEARCH HEADER", "another argument at byte 15"),
        ("SEARCH HEADER Subject", "another argument at byte 23"),
        ("SEARCH HEADER \"a b\" x", "a header field name at byte 16"),
        ("SEARCH CHARSET", "another argument at byte 16"),
        ("SEARCH CHARSET UTF-8", "another argument at byte 22"),
        ("SEARCH CHARSET UTF-8 ", "a search key at byte 23"),
        ("SEARCH CHARSET (UTF-8) ALL", "a charset at byte 17"),
        ("SEARCH ALL CHARSET UTF-8", "a search key at byte 13"),
        ("SEARCH CHARSET X-NONE FOO", "a search key at byte 24"),
        ("SEARCH SUBJECT \"Grüße\"", "US-ASCII, or CHARSET UTF-8 before the search keys at byte 17"),
        ("SEARCH CHARSET US-ASCII SUBJECT \"Grüße\"", "US-ASCII, or CHARSET UTF-8 before the search keys at byte 34"),
    ]);
}

#[test]
fn days_and_times_exist() {
    check_tagged(&[
        ("SEARCH ON", "another argument at byte 11"),
        ("SEARCH ON today", "a date such as 1-Feb-1994 at byte 12"),
        ("SEARCH ON 1-Feb", "`-` at byte 17"),
        ("SEARCH ON 1-Feb-94", "a year of four digits at byte 18"),
        ("SEARCH ON 1 Feb 1994", "`-` at byte 13"),
        ("SEARCH ON 1-Foo-1994", "a month from `Jan` to `Dec` at byte 14"),
        ("SEARCH ON 0-Feb-1994", "a day that exists at byte 12"),
        ("SEARCH ON 30-Feb-1994", "a day that exists at byte 12"),
        ("SEARCH ON 29-Feb-1900", "a day that exists at byte 12"),
        ("SEARCH ON 001-Feb-1994", "`-` at byte 14"),
        ("SEARCH ON \"1-Feb-1994", "the closing `\"` of a date at byte 23"),
        ("SEARCH ON 1-Feb-19940", "the end of the command at byte 22"),
        ("APPEND INBOX \"1-Feb-1994 00:00:00 +0000\" {1+}\r\nx", "a day of two digits, or a space and one at byte 16"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00\" {1+}\r\nx", "a space at byte 36"),
        ("APPEND INBOX \" 1-Feb-1994 24:00:00 +0000\" {1+}\r\nx", "a time of day such as 23:59:59 at byte 28"),
        ("APPEND INBOX \" 1-Feb-1994 00:60:00 +0000\" {1+}\r\nx", "a time of day such as 23:59:59 at byte 28"),
        ("APPEND INBOX \" 1-Feb-1994 00:00 +0000\" {1+}\r\nx", "`:` at byte 33"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 GMT\" {1+}\r\nx", "a time zone such as +0100 at byte 37"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 +9900\" {1+}\r\nx", "a time zone such as +0100 at byte 37"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 -2400\" {1+}\r\nx", "a time zone such as +0100 at byte 37"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 +0060\" {1+}\r\nx", "a time zone such as +0100 at byte 37"),
        ("APPEND INBOX \"31-Feb-1994 00:00:00 +0000\" {1+}\r\nx", "a day that exists at byte 16"),
        ("APPEND INBOX \" 1-Feb-1994 00:00:00 +0000 {1+}\r\nx", "the closing `\"` of a date and time at byte 42"),
    ]);
}

/// `count` of `item`, with `between` between them.
fn many(count: usize, item: &str, between: &str) -> String {
    vec![item; count].join(between)
}

/// Checks that a command holds `most` of something, and not one more.
fn check_limit(most: usize, what: &str, line: impl Fn(usize) -> String) {
    let within = answer(&format!("{}\r\n", line(most)));
    assert!(within.starts_with("it is well formed"), "{within}");
    let beyond = answer(&format!("{}\r\n", line(most + 1)));
    let expected = format!("a BAD expected at most {most} {what} at byte ");
    assert!(beyond.starts_with(&expected), "{beyond}");
}

#[test]
fn whatever_costs_more_than_its_length_is_limited() {
    check_limit(limits::RANGES, "ranges in a set of numbers", |count| {
        format!("a FETCH {} UID", many(count, "1", ","))
    });
    check_limit(limits::FLAGS, "flags", |count| {
        format!("a STORE 1 FLAGS ({})", many(count, "a", " "))
    });
    check_limit(limits::FLAGS, "flags", |count| {
        format!("a STORE 1 FLAGS {}", many(count, "a", " "))
    });
    check_limit(limits::KEYWORD, "octets in a keyword", |count| {
        format!("a STORE 1 FLAGS {}", many(count, "a", ""))
    });
    check_limit(limits::MAILBOX, "octets in a mailbox name", |count| {
        format!("a SELECT {}", many(count, "a", ""))
    });
    check_limit(limits::MAILBOX, "octets in a mailbox name", |count| {
        format!("a LIST {} %", many(count, "a", ""))
    });
    check_limit(limits::MAILBOX, "octets in a mailbox name", |count| {
        format!("a LIST x {}", many(count, "%", ""))
    });
    check_limit(limits::ATTRIBUTES, "attributes", |count| {
        format!("a FETCH 1 ({})", many(count, "UID", " "))
    });
    check_limit(limits::FIELDS, "header field names", |count| {
        format!("a FETCH 1 BODY[HEADER.FIELDS ({})]", many(count, "To", " "))
    });
    check_limit(limits::PARTS, "part numbers", |count| {
        format!("a FETCH 1 BODY[{}]", many(count, "1", "."))
    });
    check_limit(limits::KEYS, "search keys", |count| {
        format!("a SEARCH {}", many(count, "ALL", " "))
    });
    check_limit(limits::KEYS, "search keys", |count| {
        format!("a SEARCH ({})", many(count - 1, "ALL", " "))
    });
    check_limit(limits::ID_FIELDS, "fields", |count| {
        format!("a ID ({})", many(count, "\"x\" NIL", " "))
    });
    check_limit(limits::ID_NAME, "octets in the name of a field", |count| {
        format!("a ID (\"{}\" NIL)", many(count, "x", ""))
    });
    check_limit(
        limits::ID_VALUE,
        "octets in the value of a field",
        |count| format!("a ID (\"x\" \"{}\")", many(count, "x", "")),
    );
    check_limit(limits::CAPABILITIES, "capabilities", |count| {
        format!("a ENABLE {}", many(count, "X", " "))
    });
}

#[test]
fn search_keys_nest_so_deep_and_no_deeper() {
    const WHAT: &str = "search keys within each other";
    let most = limits::DEPTH - 1;
    for (open, close) in [("(", ")"), ("NOT ", ""), ("OR ALL ", ""), ("OR ", " ALL")] {
        let line = |depth| {
            format!(
                "a SEARCH {}ALL{}\r\n",
                many(depth, open, ""),
                many(depth, close, "")
            )
        };
        assert!(
            answer(&line(most)).starts_with("it is well formed"),
            "{open}"
        );
        let beyond = answer(&line(most + 1));
        assert!(
            beyond.starts_with(&format!("a BAD expected at most {} {WHAT}", limits::DEPTH)),
            "{beyond}"
        );
    }
}
