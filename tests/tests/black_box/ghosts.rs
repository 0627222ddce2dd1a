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
