//! SELECT, EXAMINE, CLOSE, UNSELECT. RFC 3501 sections 6.3.1, 6.3.2, 6.4.2; RFC 3691.

use tandem_tests::{reader::Client, server::Server};

/// A mailbox `box` of three messages: one seen, one \Deleted, one with a keyword.
fn three_messages() -> Server {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE box");
    for flags in ["\\Seen", "\\Deleted", "$Forwarded"] {
        client.append(&format!("box ({flags})"), "Subject: x\r\n\r\n");
    }
    server
}

/// The lines, with the number in UIDVALIDITY replaced.
fn without_validity(lines: Vec<String>) -> Vec<String> {
    let shown = |line: String| match line.split_once("[UIDVALIDITY ") {
        Some((before, _)) => format!("{before}[UIDVALIDITY V]"),
        None => line,
    };
    lines.into_iter().map(shown).collect()
}

#[test]
fn select_tells_all_that_a_client_has_to_know() {
    let server = three_messages();
    let mut client = Client::login(&server);
    assert_eq!(
        without_validity(client.lines("SELECT box")),
        [
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)",
            "* OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded \\*)] flags that are kept",
            "* 3 EXISTS",
            "* 3 RECENT",
            "* OK [UNSEEN 2] the first unseen message",
            "* OK [UIDVALIDITY V]",
            "* OK [UIDNEXT 4] the next UID",
        ]
    );
    let answer = client.command("SELECT box");
    assert_eq!(answer.condition(), "OK [READ-WRITE]");
    let lines = tandem_tests::reader::lines(&answer.untagged);
    assert!(lines[0].starts_with("* OK [CLOSED] "), "{lines:?}");
    assert!(lines.contains(&"* 0 RECENT".to_owned()), "{lines:?}");
}

#[test]
fn examine_refuses_what_changes_and_takes_nothing() {
    let server = three_messages();
    let mut client = Client::login(&server);
    let answer = client.command("EXAMINE box");
    assert_eq!(answer.condition(), "OK [READ-ONLY]");
    let lines = tandem_tests::reader::lines(&answer.untagged);
    assert!(lines.contains(&"* OK [PERMANENTFLAGS ()] flags that are kept".to_owned()));
    for command in [
        "STORE 1 +FLAGS (\\Flagged)",
        "UID STORE 1 FLAGS.SILENT ()",
        "EXPUNGE",
        "UID EXPUNGE 1:*",
        "MOVE 1 INBOX",
        "UID MOVE 1 INBOX",
    ] {
        assert_eq!(client.refused(command), "NO [READ-ONLY]", "{command}");
    }
    assert_eq!(
        client.lines("FETCH 3 (BODY[TEXT] FLAGS)"),
        ["* 3 FETCH (BODY[TEXT] \"\" FLAGS ($Forwarded \\Recent))"]
    );
    client.ok("COPY 1 INBOX");
    client.ok("CLOSE");
    assert_eq!(
        client.lines("STATUS box (MESSAGES UNSEEN RECENT)"),
        ["* STATUS box (MESSAGES 3 RECENT 3 UNSEEN 2)"]
    );
}

#[test]
fn close_removes_what_is_deleted_without_a_word_and_unselect_does_not() {
    let server = three_messages();
    let mut client = Client::login(&server);
    client.ok("SELECT box");
    assert_eq!(client.lines("UNSELECT"), Vec::<String>::new());
    assert_eq!(
        client.lines("STATUS box (MESSAGES)"),
        ["* STATUS box (MESSAGES 3)"]
    );
    client.ok("SELECT box");
    assert_eq!(client.lines("CLOSE"), Vec::<String>::new());
    assert_eq!(
        client.lines("STATUS box (MESSAGES)"),
        ["* STATUS box (MESSAGES 2)"]
    );
    for command in [
        "CLOSE",
        "UNSELECT",
        "CHECK",
        "EXPUNGE",
        "FETCH 1 FLAGS",
        "SEARCH ALL",
    ] {
        assert_eq!(client.refused(command), "BAD", "{command}");
    }
}

#[test]
fn a_select_that_fails_leaves_nothing_selected() {
    let server = three_messages();
    let mut client = Client::login(&server);
    client.ok("SELECT box");
    let answer = client.command("SELECT nothing");
    assert_eq!(answer.condition(), "NO [NONEXISTENT]");
    assert_eq!(client.refused("CHECK"), "BAD");
}

#[test]
fn only_one_session_gets_recent() {
    let server = three_messages();
    let (mut first, mut second) = (Client::login(&server), Client::login(&server));
    first.ok("SELECT box");
    second.ok("SELECT box");
    assert_eq!(first.lines("SEARCH RECENT"), ["* SEARCH 1 2 3"]);
    assert_eq!(second.lines("SEARCH RECENT"), ["* SEARCH"]);
    first.append("box", "Subject: new\r\n\r\n");
    assert_eq!(second.lines("NOOP"), ["* 4 EXISTS", "* 0 RECENT"]);
    assert_eq!(first.lines("SEARCH NEW"), ["* SEARCH 2 3 4"]);
}

#[test]
fn a_connection_that_ends_expunges_nothing() {
    let server = Server::practising(&["renaming=refuse"]);
    let mut other = Client::login(&server);
    other.ok("CREATE box");
    other.append("box (\\Deleted)", "Subject: x\r\n\r\n");
    for says_logout in [true, false] {
        let mut client = Client::login(&server);
        client.ok("SELECT box");
        if says_logout {
            client.ok("LOGOUT");
        }
        drop(client);
        // It has left once it is in nobody's way.
        while other.command("RENAME box kept").condition() == "NO [INUSE]" {}
        other.ok("RENAME kept box");
        assert_eq!(
            other.lines("STATUS box (MESSAGES)"),
            ["* STATUS box (MESSAGES 1)"]
        );
    }
}
