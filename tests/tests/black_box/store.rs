//! STORE, UID STORE, EXPUNGE, UID EXPUNGE. RFC 3501 sections 6.4.3 and 6.4.6, RFC 4315 section 2.1.

use tandem_tests::{reader::Client, server::Server};

/// A client with `count` messages in INBOX selected, none \Recent.
fn selected(server: &Server, count: u32) -> Client {
    let mut client = Client::login(server);
    for n in 1..=count {
        client.append("INBOX", format!("Subject: {n}\r\n\r\n"));
    }
    client.ok("SELECT INBOX");
    client.ok("SELECT INBOX");
    client
}

#[test]
fn store_replaces_adds_and_removes_and_shows_what_is_left() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 3);
    for (command, expected) in [
        (
            "STORE 1 FLAGS (\\Seen \\Draft)",
            vec!["* 1 FETCH (FLAGS (\\Seen \\Draft))"],
        ),
        (
            "STORE 1 +FLAGS (\\Answered)",
            vec!["* 1 FETCH (FLAGS (\\Answered \\Seen \\Draft))"],
        ),
        (
            "STORE 1 -FLAGS (\\Seen \\Flagged)",
            vec!["* 1 FETCH (FLAGS (\\Answered \\Draft))"],
        ),
        (
            "STORE 1 +FLAGS \\Flagged",
            vec!["* 1 FETCH (FLAGS (\\Answered \\Flagged \\Draft))"],
        ),
        ("STORE 1 FLAGS ()", vec!["* 1 FETCH (FLAGS ())"]),
        ("STORE 1:2 +FLAGS.SILENT (\\Seen)", vec![]),
        ("STORE 2:* -FLAGS.SILENT (\\Seen)", vec![]),
        ("STORE 3 FLAGS.SILENT (\\Deleted)", vec![]),
        (
            "UID STORE 1,3 +FLAGS (\\Draft)",
            vec![
                "* 1 FETCH (FLAGS (\\Seen \\Draft) UID 1)",
                "* 3 FETCH (FLAGS (\\Deleted \\Draft) UID 3)",
            ],
        ),
        ("UID STORE 9 +FLAGS (\\Draft)", vec![]),
        (
            "FETCH 1:* FLAGS",
            vec![
                "* 1 FETCH (FLAGS (\\Seen \\Draft))",
                "* 2 FETCH (FLAGS ())",
                "* 3 FETCH (FLAGS (\\Deleted \\Draft))",
            ],
        ),
    ] {
        assert_eq!(client.lines(command), expected, "{command}");
    }
}

#[test]
fn a_new_keyword_is_announced_before_it_is_shown() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 1);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    let told = [
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)",
        "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk \\*)] a keyword is new",
        "* 1 FETCH (FLAGS ($Junk))",
    ];
    assert_eq!(client.lines("STORE 1 +FLAGS ($Junk)"), told);
    assert_eq!(other.lines("NOOP"), told);
    // Two keywords that differ in case only are the same.
    assert_eq!(
        other.lines("STORE 1 +FLAGS ($JUNK)"),
        ["* 1 FETCH (FLAGS ($Junk))"]
    );
    assert_eq!(client.lines("SEARCH KEYWORD $junk"), ["* SEARCH 1"]);
}

#[test]
fn a_mailbox_that_knows_too_many_keywords_says_so() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 1);
    for n in 0..59 {
        let lines = client.lines(format!("STORE 1 FLAGS.SILENT (k{n})"));
        let told = lines.iter().find(|line| line.contains("PERMANENTFLAGS"));
        let more = told.unwrap().contains(" \\*)]");
        assert_eq!(more, n < 58, "{lines:?}");
    }
    assert_eq!(client.refused("STORE 1 +FLAGS (k59)"), "NO [LIMIT]");
    let lines = client.lines("SELECT INBOX");
    let permanent = lines
        .iter()
        .find(|line| line.contains("PERMANENTFLAGS"))
        .unwrap();
    assert!(permanent.contains(" k58)]"), "{permanent}");
}

#[test]
fn others_are_told_of_flags_at_their_next_command() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 2);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    client.ok("STORE 2 +FLAGS.SILENT (\\Seen)");
    assert_eq!(other.lines("NOOP"), ["* 2 FETCH (FLAGS (\\Seen))"]);
    assert_eq!(client.lines("NOOP"), Vec::<String>::new());
    other.ok("FETCH 1 BODY[]");
    assert_eq!(client.lines("CHECK"), ["* 1 FETCH (FLAGS (\\Seen))"]);
    // STORE tells of others' changes before it makes its own (RFC 3501 section 6.4.6).
    other.ok("STORE 2 +FLAGS.SILENT (\\Draft)");
    assert_eq!(
        client.lines("STORE 1 +FLAGS.SILENT (\\Flagged)"),
        ["* 2 FETCH (FLAGS (\\Seen \\Draft))"]
    );
}

#[test]
fn expunge_numbers_each_message_after_those_before_it() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 5);
    client.ok("STORE 2,4:5 +FLAGS.SILENT (\\Deleted)");
    assert_eq!(
        client.lines("UID EXPUNGE 1:2,9"),
        ["* 2 EXPUNGE", "* 4 EXISTS"]
    );
    assert_eq!(client.lines("UID EXPUNGE 1:3"), Vec::<String>::new());
    assert_eq!(
        client.lines("EXPUNGE"),
        ["* 3 EXPUNGE", "* 3 EXPUNGE", "* 2 EXISTS"]
    );
    assert_eq!(
        client.lines("FETCH 1:* UID"),
        ["* 1 FETCH (UID 1)", "* 2 FETCH (UID 3)"]
    );
    assert_eq!(client.lines("EXPUNGE"), Vec::<String>::new());
}

#[test]
fn uid_expunge_leaves_what_others_have_marked() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 4);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    client.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
    // Nobody has told the client of these.
    other.ok("STORE 3:4 +FLAGS.SILENT (\\Deleted)");
    let lines = client.lines("UID EXPUNGE 1:2");
    assert_eq!(lines[..2], ["* 2 EXPUNGE", "* 3 EXISTS"]);
    assert_eq!(
        client.lines("FETCH 1:* (UID FLAGS)"),
        [
            "* 1 FETCH (UID 1 FLAGS ())",
            "* 2 FETCH (UID 3 FLAGS (\\Deleted))",
            "* 3 FETCH (UID 4 FLAGS (\\Deleted))",
        ]
    );
}

#[test]
fn fetch_tells_of_what_others_changed_beside_what_it_was_asked() {
    let server = Server::practising(&[]);
    let mut client = selected(&server, 2);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    other.ok("STORE 2 +FLAGS.SILENT (\\Seen)");
    assert_eq!(
        client.lines("FETCH 1 UID"),
        ["* 1 FETCH (UID 1)", "* 2 FETCH (FLAGS (\\Seen))"]
    );
}
