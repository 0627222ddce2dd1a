//! What is malformed: it gets BAD that says what was expected and where, and the connection goes on.

use tandem_tests::{
    reader::{Client, line},
    server::Server,
};

/// Sends a line and returns what is answered to it, as text.
fn answer(client: &mut Client, sent: &[u8]) -> String {
    client.send(sent);
    line(&client.receive().unwrap())
}

#[test]
fn every_bad_command_is_answered_with_its_tag_and_a_reason() {
    let server = Server::start(|config| config.limits.bad_commands = 1_000);
    let mut client = Client::login(&server);
    client.append("INBOX", "x");
    client.ok("SELECT INBOX");
    for command in [
        "",
        " ",
        "WHAT",
        "NOOP NOOP",
        "NOOP ",
        "SELECT",
        "SELECT  INBOX",
        "SELECT (INBOX)",
        "SELECT \"INBOX",
        "SELECT &!-",
        "STATUS INBOX",
        "STATUS INBOX ()",
        "STATUS INBOX (SIZES)",
        "FETCH",
        "FETCH 0 FLAGS",
        "FETCH 1:2:3 FLAGS",
        "FETCH 4294967296 FLAGS",
        "FETCH 1 ()",
        "FETCH 1 BODY[HEADER.FIELDS ()]",
        "FETCH 1 BODY[0]",
        "FETCH 1 BODY[MIME]",
        "FETCH 1 BODY[]<0>",
        "FETCH 1 BODY[]<0.0>",
        "FETCH 1 (FLAGS",
        "FETCH 2 FLAGS",
        "FETCH 1,2 FLAGS",
        "STORE 1 FLAGS",
        "STORE 1 ++FLAGS (\\Seen)",
        "STORE 1 FLAGS (\\Recent)",
        "STORE 2 FLAGS (\\Seen)",
        "SEARCH",
        "SEARCH NOTHING",
        "SEARCH OR SEEN",
        "SEARCH (SEEN",
        "SEARCH BEFORE 32-Jan-2025",
        "SEARCH 2",
        "SEARCH NOT 2",
        "UID SEARCH 2",
        "COPY 1",
        "COPY 2 INBOX",
        "MOVE * ",
        "UID",
        "UID NOOP",
        "UID EXPUNGE",
        "LIST \"\"",
        "APPEND INBOX",
        "APPEND INBOX \"x\"",
        "APPEND INBOX (\\Seen \"1\" {0+}\r\n",
        "IDLE NOW",
        "DONE",
        "LOGIN demo demo",
        "AUTHENTICATE PLAIN",
        "STARTTLS",
    ] {
        let got = answer(&mut client, format!("tag {command}\r\n").as_bytes());
        let text = got
            .strip_prefix("tag BAD ")
            .unwrap_or_else(|| panic!("{command}: {got}"));
        assert!(text.len() > 5, "{command}: {got}");
    }
    client.ok("NOOP");
}

#[test]
fn a_line_without_a_tag_is_answered_untagged() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    for sent in [
        &b"\r\n"[..],
        b" NOOP\r\n",
        b"* NOOP\r\n",
        b"+ NOOP\r\n",
        b"(\r\n",
        b"\xff\xfe\r\n",
        b"\0\r\n",
    ] {
        let got = answer(&mut client, sent);
        assert!(got.starts_with("* BAD "), "{sent:?}: {got}");
    }
    client.ok("NOOP");
}

#[test]
fn the_reason_names_what_was_expected_and_where() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    for (sent, place) in [
        ("a SELECT\r\n", " at byte 8"),
        ("a FETCH 1 (FLAGS\r\n", " at byte 16"),
        ("a LOGIN {4+}\r\ndemo\r\n", " at byte 18"),
    ] {
        let got = answer(&mut client, sent.as_bytes());
        assert!(
            got.starts_with("a BAD expected ") && got.ends_with(place),
            "{sent}: {got}"
        );
    }
}

#[test]
fn what_follows_a_refused_literal_is_read_as_a_command() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    // The literal is not waited for: the client is told before it sends it.
    let got = answer(&mut client, b"a SELECT {99999999}\r\n");
    assert!(got.starts_with("a BAD "), "{got}");
    client.ok("NOOP");
    // This one is on its way already, and is skipped.
    let mut sent = b"b SELECT {70000+}\r\n".to_vec();
    sent.extend(vec![b'x'; 70_000]);
    sent.extend(b"\r\n");
    let got = answer(&mut client, &sent);
    assert!(got.starts_with("b BAD "), "{got}");
    client.ok("NOOP");
}

#[test]
fn too_many_bad_commands_in_a_row_end_the_connection() {
    let server = Server::start(|config| config.limits.bad_commands = 3);
    let mut client = Client::login(&server);
    for _ in 0..5 {
        answer(&mut client, b"a WHAT\r\n");
        answer(&mut client, b"a WHAT\r\n");
        client.ok("NOOP");
    }
    client.send("a WHAT\r\na WHAT\r\na WHAT\r\na NOOP\r\n");
    for expected in ["a BAD ", "a BAD ", "a BAD ", "* BYE "] {
        let got = line(&client.receive().unwrap());
        assert!(got.starts_with(expected), "{got}");
    }
    assert_eq!(client.receive(), None);
}

/// RFC 3501 section 6: neither NO nor BAD changes the state, nor which mailbox is selected.
#[test]
fn a_command_that_fails_leaves_the_mailbox_selected_and_as_it_was() {
    let server = Server::practising(&[]);
    let (mut client, mut other) = (Client::login(&server), Client::login(&server));
    client.ok("CREATE box");
    for flags in ["\\Deleted", "\\Seen $Junk"] {
        client.append(&format!("box ({flags})"), "x");
    }
    client.ok("SELECT box");
    client.ok("SELECT box");
    let before = client.lines("FETCH 1:* (UID FLAGS)");
    for (commands, answer) in [
        (
            &[
                "WHAT",
                "FETCH 3 FLAGS",
                "FETCH 1:3 BODY[]",
                "STORE 1:3 +FLAGS (\\Flagged)",
                "STORE 1 FLAGS (\\Recent)",
                "COPY 1:3 INBOX",
                "MOVE 1:3 INBOX",
                "SEARCH 3",
                "UID EXPUNGE",
                "EXPUNGE NOW",
                "CLOSE NOW",
                "UNSELECT NOW",
                "LOGOUT NOW",
                "SELECT",
                "EXAMINE INBOX INBOX",
                "LOGIN demo demo",
            ][..],
            "BAD",
        ),
        (
            &[
                "COPY 1 nothing",
                "MOVE 1 nothing",
                "APPEND nothing {1+}\r\nx",
                "CREATE box",
                "DELETE nothing",
                "RENAME nothing other",
                "RENAME INBOX box",
                "STATUS nothing (MESSAGES)",
                "SEARCH CHARSET X-NONE ALL",
            ],
            "NO",
        ),
    ] {
        for command in commands {
            let got = client.refused(command);
            assert!(got.starts_with(answer), "{command}: {got}");
            let after = client.lines("FETCH 1:* (UID FLAGS)");
            assert_eq!(after, before, "{command}");
        }
    }
    client.ok("STORE 2 +FLAGS.SILENT (\\Flagged)");
    other.ok("EXAMINE box");
    assert_eq!(other.lines("SEARCH FLAGGED"), ["* SEARCH 2"]);
    assert_eq!(
        other.lines("STATUS INBOX (MESSAGES)"),
        ["* STATUS INBOX (MESSAGES 0)"]
    );
}

/// RFC 7162 section 3.1.1: there is CONDSTORE where CAPABILITY says so, and nowhere else.
#[test]
fn what_condstore_and_qresync_define_is_not_understood() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    let capabilities = client.lines("CAPABILITY").join(" ");
    for name in ["CONDSTORE", "QRESYNC"] {
        assert!(!capabilities.contains(name), "{capabilities}");
        client.send(format!("e ENABLE {name}\r\n"));
        // `* ENABLED` with nothing after it is what imap-codec does not read (RFC 5161 section 3.1 shows it so).
        assert_eq!(client.raw().unwrap(), b"* ENABLED\r\n");
        assert!(client.raw().unwrap().starts_with(b"e OK "));
    }
    client.append("INBOX", "x");
    client.ok("SELECT INBOX");
    for command in [
        "SELECT INBOX (CONDSTORE)",
        "SELECT INBOX (QRESYNC (1 1))",
        "STATUS INBOX (HIGHESTMODSEQ)",
        "FETCH 1 (MODSEQ)",
        "FETCH 1 (FLAGS) (CHANGEDSINCE 1)",
        "UID FETCH 1 (FLAGS) (CHANGEDSINCE 1 VANISHED)",
        "STORE 1 (UNCHANGEDSINCE 1) FLAGS (\\Seen)",
        "SEARCH MODSEQ 1",
    ] {
        let answer = client.command(command);
        assert_eq!(answer.condition(), "BAD", "{command}");
    }
    assert_eq!(client.lines("FETCH 1 FLAGS").len(), 1);
}
