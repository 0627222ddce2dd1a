//! What a connection still sees of messages that another has expunged. RFC 2180 section 4.1.1.

use tandem_tests::{reader::Client, server::Server};

#[test]
fn an_expunged_message_is_shown_whole_also_by_the_command_that_tells_of_it() {
    let server = Server::practising(&[]);
    let (mut one, mut other) = (Client::login(&server), Client::login(&server));
    one.append("INBOX", "Subject: still here\r\n\r\nBody.\r\n");
    one.ok("SELECT INBOX");
    other.ok("SELECT INBOX");
    one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    one.ok("EXPUNGE");
    // UID FETCH permits EXPUNGE: the last session that is owed the message is shown it and told of its end in one.
    let lines =
        other.lines("UID FETCH 1 (RFC822.SIZE BODY.PEEK[TEXT] BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
    let shown = lines.join("\n");
    assert!(
        shown.contains("Body.") && shown.contains("still here"),
        "{shown}"
    );
    assert_eq!(lines.last().map(String::as_str), Some("* 0 EXISTS"));
    assert!(other.lines("UID FETCH 1 (BODY.PEEK[])").is_empty());
}

/// RFC 2180 section 3.2: what does not name the mailbox goes on.
#[test]
fn a_deleted_mailbox_serves_those_who_have_it_open() {
    let server = Server::practising(&["deletion=ghost"]);
    let (mut one, mut other) = (Client::login(&server), Client::login(&server));
    let mut third = Client::login(&server);
    one.ok("CREATE box");
    for n in 1..=3 {
        one.append("box", format!("Subject: {n}\r\n\r\ntext {n}"));
    }
    one.ok("SELECT box");
    one.ok("SELECT box");
    other.ok("SELECT box");
    third.ok("DELETE box");
    assert_eq!(
        one.lines("FETCH 1 BODY.PEEK[TEXT]"),
        ["* 1 FETCH (BODY[TEXT] {6}\r\ntext 1)"]
    );
    assert_eq!(
        one.lines("STORE 2 +FLAGS (\\Deleted)"),
        ["* 2 FETCH (FLAGS (\\Deleted))"]
    );
    assert_eq!(
        other.lines("NOOP"),
        ["* 2 FETCH (FLAGS (\\Deleted))"],
        "they see of each other"
    );
    assert_eq!(other.lines("SEARCH DELETED"), ["* SEARCH 2"]);
    other.ok("COPY 3 INBOX");
    assert_eq!(one.lines("EXPUNGE"), ["* 2 EXPUNGE", "* 2 EXISTS"]);
    assert_eq!(other.lines("NOOP"), ["* 2 EXPUNGE", "* 2 EXISTS"]);
    one.ok("CLOSE");
    assert_eq!(third.refused("CREATE box"), "NO [INUSE]");
    other.ok("CLOSE");
    third.ok("CREATE box");
    for (name, count) in [("box", 0), ("INBOX", 1)] {
        assert_eq!(
            third.lines(format!("STATUS {name} (MESSAGES)")),
            [format!("* STATUS {name} (MESSAGES {count})")]
        );
    }
}
