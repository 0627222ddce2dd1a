//! What comes when: IDLE, and commands that are sent without waiting. RFC 2177, RFC 3501 section 5.5.

use tandem_tests::{
    reader::{Client, line},
    server::Server,
};

/// The next line of a client.
fn next(client: &mut Client) -> String {
    line(&client.receive().unwrap())
}

#[test]
fn idle_tells_at_once_what_another_connection_does() {
    let server = Server::practising(&[]);
    let (mut idle, mut other) = (Client::login(&server), Client::login(&server));
    idle.ok("SELECT INBOX");
    other.ok("SELECT INBOX");
    let tag = idle.begin("IDLE");
    assert_eq!(next(&mut idle), "+ idling");
    for round in 0..3 {
        // Who is told first has it as \Recent; the other is not in IDLE and waits for this to be read.
        other.append("INBOX", format!("Subject: {round}\r\n\r\n"));
        assert_eq!(next(&mut idle), "* 1 EXISTS");
        assert!(next(&mut idle).ends_with(" RECENT"));
        other.ok("STORE 1 +FLAGS.SILENT (\\Flagged \\Deleted)");
        assert_eq!(next(&mut idle), "* 1 FETCH (FLAGS (\\Flagged \\Deleted))");
        other.ok("EXPUNGE");
        assert_eq!(next(&mut idle), "* 1 EXPUNGE");
        assert_eq!(next(&mut idle), "* 0 EXISTS");
    }
    idle.send("DONE\r\n");
    assert_eq!(idle.finish(&tag).condition(), "OK");
    other.append("INBOX", "Subject: after\r\n\r\n");
    assert_eq!(idle.lines("NOOP"), ["* 1 EXISTS", "* 0 RECENT"]);
}

#[test]
fn idle_works_with_no_mailbox_selected() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    let tag = client.begin("IDLE");
    assert_eq!(next(&mut client), "+ idling");
    client.send("done\r\n");
    assert_eq!(client.finish(&tag).condition(), "OK");
}

#[test]
fn commands_sent_at_once_are_answered_in_their_order() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.append("INBOX", "Subject: 1\r\n\r\n");
    client.append("INBOX", "Subject: 2\r\n\r\n");
    let tags = [
        "SELECT INBOX",
        "STORE 1 +FLAGS.SILENT (\\Deleted)",
        "APPEND INBOX {3+}\r\nxyz",
        "FETCH 1:2 UID",
        "EXPUNGE",
        "FETCH 1:* UID",
        "IDLE\r\nDONE",
        "SEARCH ALL",
        "CLOSE",
        "STATUS INBOX (MESSAGES)",
    ]
    .map(|command| client.begin(command));
    let answers = tags.map(|tag| client.finish(&tag));
    assert!(
        answers
            .iter()
            .all(|answer| answer.condition().starts_with("OK"))
    );
    let lines = |at: usize| tandem_tests::reader::lines(&answers[at].untagged);
    assert_eq!(lines(2), ["* 3 EXISTS", "* 3 RECENT"]);
    assert_eq!(lines(3), ["* 1 FETCH (UID 1)", "* 2 FETCH (UID 2)"]);
    assert_eq!(lines(4), ["* 1 EXPUNGE", "* 2 EXISTS"]);
    assert_eq!(lines(5), ["* 1 FETCH (UID 2)", "* 2 FETCH (UID 3)"]);
    assert_eq!(lines(7), ["* SEARCH 1 2"]);
    assert_eq!(lines(9), ["* STATUS INBOX (MESSAGES 2)"]);
}

#[test]
fn a_command_in_many_pieces_is_the_same_command() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.append("INBOX", "Subject: 1\r\n\r\n");
    client.ok("SELECT INBOX");
    for byte in b"a FETCH {1}\r\n" {
        client.send([*byte]);
    }
    // A literal is no sequence set; the rest of the line still belongs to this command.
    let first = next(&mut client);
    assert!(
        first.starts_with("+ ") || first.starts_with("a BAD "),
        "{first}"
    );
    if first.starts_with("+ ") {
        client.send("1 FLAGS\r\n");
        assert_eq!(client.finish("a").condition(), "BAD");
    }
    for byte in b"b UID FETCH 1:* (UID FLAGS)\r\n" {
        client.send([*byte]);
    }
    assert_eq!(
        tandem_tests::reader::lines(&client.finish("b").untagged),
        ["* 1 FETCH (UID 1 FLAGS (\\Recent))"]
    );
}

#[test]
fn a_command_whose_literal_is_awaited_is_not_yet_in_progress() {
    let server = Server::practising(&[]);
    let (mut client, mut other) = (Client::login(&server), Client::login(&server));
    client.ok("CREATE other");
    for n in 1..=3 {
        client.append("INBOX", format!("Subject: {n}\r\n\r\n"));
    }
    client.ok("SELECT INBOX");
    other.ok("SELECT INBOX");
    other.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    client.ok("NOOP");
    client.send("a COPY 2:3 {5}\r\n");
    assert!(next(&mut client).starts_with("+ "));
    // Nobody tells the client before its command is whole, so that its numbers are what it takes them for.
    other.ok("EXPUNGE");
    client.send("ot");
    other.ok("NOOP");
    client.send("her\r\n");
    let answer = client.finish("a");
    let lines = tandem_tests::reader::lines(&answer.untagged);
    assert_eq!(lines, ["* 1 EXPUNGE", "* 2 EXISTS"]);
    let condition = answer.condition();
    assert!(condition.ends_with(" 2:3 1:2]"), "{condition}");
}
