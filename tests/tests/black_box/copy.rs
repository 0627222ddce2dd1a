//! COPY, MOVE and their UID forms. RFC 3501 section 6.4.7, RFC 4315 section 3, RFC 6851.

use imap_codec::imap_types::{
    extensions::uidplus::{UidElement, UidSet},
    response::{Code, Response, Status},
};
use tandem_tests::{
    reader::{Answer, Client, bytes, fetched, lines},
    server::Server,
};

/// A client with four messages in INBOX selected, none \Recent, and an empty mailbox `to`.
fn selected(server: &Server) -> Client {
    let mut client = Client::login(server);
    client.ok("CREATE to");
    for n in 1..=4 {
        client.append("INBOX", format!("Subject: {n}\r\n\r\ntext {n}\r\n"));
    }
    client.ok("SELECT INBOX");
    client.ok("SELECT INBOX");
    client
}

fn uids(set: &UidSet) -> Vec<u32> {
    let ranges = set.0.as_ref().iter().map(|element| match element {
        UidElement::Single(uid) => uid.get()..=uid.get(),
        UidElement::Range(from, to) => from.get()..=to.get(),
    });
    ranges.flatten().collect()
}

/// Source and destination UIDs of COPYUID.
fn copied(code: Option<&Code<'_>>) -> (Vec<u32>, Vec<u32>) {
    let Some(Code::CopyUid {
        source,
        destination,
        ..
    }) = code
    else {
        panic!("no COPYUID: {code:?}");
    };
    (uids(source), uids(destination))
}

/// The texts of the messages of a mailbox.
fn texts(server: &Server, mailbox: &str) -> Vec<String> {
    let mut client = Client::login(server);
    client.ok(format!("EXAMINE {mailbox}"));
    let responses = client.ok("UID FETCH 1:* BODY.PEEK[TEXT]");
    fetched(&responses)
        .flat_map(|(_, items)| items)
        .filter_map(|item| match item {
            imap_codec::imap_types::fetch::MessageDataItem::BodyExt { data, .. } => bytes(data),
            _ => None,
        })
        .map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
        .collect()
}

#[test]
fn copy_keeps_flags_and_dates_and_tells_the_uids() {
    let server = Server::practising(&[]);
    let mut client = selected(&server);
    client.ok("STORE 2 FLAGS.SILENT (\\Deleted $Forwarded)");
    let Answer { untagged, tagged } = client.command("COPY 4,1:2 to");
    assert_eq!(lines(&untagged), Vec::<String>::new());
    assert_eq!(copied(tagged.code.as_ref()), (vec![1, 2, 4], vec![1, 2, 3]));
    let Answer { tagged, .. } = client.command("UID COPY 3,99 to");
    assert_eq!(copied(tagged.code.as_ref()), (vec![3], vec![4]));
    let answer = client.command("UID COPY 99 to");
    assert_eq!(answer.condition(), "OK");
    assert_eq!(
        texts(&server, "to"),
        ["text 1", "text 2", "text 4", "text 3"]
    );
    let dates = client.lines("FETCH 1:2 INTERNALDATE");
    client.ok("SELECT to");
    assert_eq!(client.lines("FETCH 1:2 INTERNALDATE"), dates);
    assert_eq!(
        client.lines("FETCH 2 FLAGS"),
        ["* 2 FETCH (FLAGS (\\Deleted $Forwarded \\Recent))"]
    );
}

#[test]
fn a_copy_to_the_mailbox_itself_is_announced() {
    let server = Server::practising(&[]);
    let mut client = selected(&server);
    let Answer { untagged, tagged } = client.command("COPY 2 INBOX");
    assert_eq!(lines(&untagged), ["* 5 EXISTS", "* 1 RECENT"]);
    assert_eq!(copied(tagged.code.as_ref()), (vec![2], vec![5]));
}

#[test]
fn move_tells_the_uids_before_the_expunges() {
    let server = Server::practising(&[]);
    let mut client = selected(&server);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    let answer = client.command("MOVE 2:3 to");
    assert_eq!(answer.condition(), "OK");
    let Response::Status(Status::Untagged(first)) = &answer.untagged[0] else {
        panic!("{answer:?}");
    };
    assert_eq!(copied(first.code.as_ref()), (vec![2, 3], vec![1, 2]));
    assert_eq!(
        lines(&answer.untagged[1..]),
        ["* 2 EXPUNGE", "* 2 EXPUNGE", "* 2 EXISTS"]
    );
    // Of two MOVEs of one message one wins.
    assert_eq!(other.command("MOVE 2 to").condition(), "NO [EXPUNGEISSUED]");
    let answer = other.command("UID MOVE 4 to");
    assert_eq!(lines(&answer.untagged[1..]), ["* 2 EXPUNGE", "* 1 EXISTS"]);
    assert_eq!(texts(&server, "to"), ["text 2", "text 3", "text 4"]);
    assert_eq!(texts(&server, "INBOX"), ["text 1"]);
}

#[test]
fn a_move_within_the_mailbox_gives_new_uids() {
    let server = Server::practising(&[]);
    let mut client = selected(&server);
    let answer = client.command("MOVE 1 INBOX");
    assert_eq!(
        lines(&answer.untagged[1..]),
        ["* 1 EXPUNGE", "* 4 EXISTS", "* 1 RECENT"]
    );
    assert_eq!(
        texts(&server, "INBOX"),
        ["text 2", "text 3", "text 4", "text 1"]
    );
}
