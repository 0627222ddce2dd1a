//! APPEND. RFC 3501 section 6.3.11, RFC 4315 section 3, RFC 7888.

use imap_codec::imap_types::response::Code;
use tandem_tests::{
    reader::{Client, bytes, fetched, line},
    server::Server,
};

#[test]
fn a_message_is_appended_with_its_flags_and_its_date_and_its_uid_is_told() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.send("a APPEND INBOX (\\Seen $Forwarded) \" 1-Jul-2025 12:30:00 +0530\" {16}\r\n");
    assert!(line(&client.receive().unwrap()).starts_with("+ "));
    client.send("Subject: one\r\n\r\n\r\n");
    let answer = client.finish("a");
    let Some(Code::AppendUid { uid, .. }) = answer.tagged.code else {
        panic!("{answer:?}");
    };
    assert_eq!(uid.get(), 1);
    client.ok("EXAMINE INBOX");
    assert_eq!(
        client.lines("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE UID)"),
        [
            "* 1 FETCH (FLAGS (\\Seen $Forwarded \\Recent) INTERNALDATE \"01-Jul-2025 12:30:00 +0530\" RFC822.SIZE 16 UID 1)"
        ]
    );
}

#[test]
fn uids_ascend_and_a_session_is_told_of_what_it_appends() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("SELECT INBOX");
    for n in 1..=3 {
        let answer = client.append("INBOX", format!("Subject: {n}\r\n\r\n"));
        let Some(Code::AppendUid { uid, .. }) = &answer.tagged.code else {
            panic!("{answer:?}");
        };
        assert_eq!(uid.get(), n);
        assert_eq!(
            tandem_tests::reader::lines(&answer.untagged),
            [format!("* {n} EXISTS"), format!("* {n} RECENT")]
        );
    }
}

#[test]
fn a_destination_that_could_be_created_is_said_to_be_one() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    assert_eq!(client.append("nothing", "x").condition(), "NO [TRYCREATE]");
    assert_eq!(
        client.append("no//thing", "x").condition(),
        "NO [NONEXISTENT]"
    );
    client.append("INBOX", "x");
    client.ok("SELECT INBOX");
    assert_eq!(client.refused("COPY 1 nothing"), "NO [TRYCREATE]");
    assert_eq!(client.refused("MOVE 1 nothing"), "NO [TRYCREATE]");
}

#[test]
fn any_octets_but_nul_come_back_as_they_were_sent() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    let message: Vec<u8> = b"Subject: all octets\r\n\r\n"
        .iter()
        .copied()
        .chain(1..=255)
        .collect();
    assert!(
        client
            .append("INBOX", &message)
            .condition()
            .starts_with("OK")
    );
    client.ok("EXAMINE INBOX");
    let responses = client.ok("FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT])");
    let (_, items) = fetched(&responses).next().unwrap();
    let contents: Vec<&[u8]> = items
        .iter()
        .filter_map(|item| match item {
            imap_codec::imap_types::fetch::MessageDataItem::BodyExt { data, .. } => bytes(data),
            _ => None,
        })
        .collect();
    assert_eq!(contents, [&message[..], &message[23..]]);
}

#[test]
fn a_message_beyond_the_limit_is_refused_before_it_is_sent() {
    let server = Server::start(|config| config.limits.message = 1_000);
    let mut client = Client::login(&server);
    client.send("a APPEND INBOX {1001}\r\n");
    assert_eq!(client.finish("a").condition(), "NO [TOOBIG]");
    assert_eq!(
        client.append("INBOX", vec![b'x'; 1_001]).condition(),
        "NO [TOOBIG]"
    );
    assert!(
        client
            .append("INBOX", vec![b'x'; 1_000])
            .condition()
            .starts_with("OK")
    );
    assert_eq!(
        client.lines("STATUS INBOX (MESSAGES)"),
        ["* STATUS INBOX (MESSAGES 1)"]
    );
}
