//! Messages that are all parts, all depth, all header.

use crate::{
    polite::{LONG, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};

/// Everything that makes the server look into a message, and how many octets may come of it.
fn ask(wire: &mut Wire, most: usize) {
    wire.ok("SELECT INBOX");
    for command in [
        "FETCH 1 (ENVELOPE BODYSTRUCTURE BODY)",
        "FETCH 1 (BODY.PEEK[1.1.1] BODY.PEEK[999999] BODY.PEEK[HEADER.FIELDS (SUBJECT)])",
        "SEARCH BODY nothing HEADER X nothing",
        "SEARCH TEXT nothing",
    ] {
        let octets = wire.ok(command);
        assert!(octets <= most, "{command}: {octets} octets");
    }
}

/// The message is stored and looked into within this much memory beside its own octets, taken so many times.
#[track_caller]
fn is_borne(what: &str, message: &[u8], times: u64) {
    let server = Server::start(&[]);
    is_served_while(&server, what, LONG, message.len(), || {
        let mut wire = Wire::login(server.address);
        let before = server.peak();
        wire.append(message);
        ask(&mut wire, message.len() + (1 << 20));
        let own = u64::try_from(message.len()).unwrap() / 1024;
        server.has_taken_at_most(what, before, times * own + 32 * MIB);
    });
}

#[test]
fn a_message_of_a_million_parts_is_borne() {
    let mut message = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    message.extend(b"--b\r\n\r\nx\r\n".repeat(1_000_000));
    is_borne("a million parts", &message, 12);
}

#[test]
fn a_message_that_is_nested_deeply_is_borne() {
    let mut nested = Vec::new();
    for depth in 0..100_000 {
        let part =
            format!("Content-Type: multipart/mixed; boundary=b{depth}\r\n\r\n--b{depth}\r\n");
        nested.extend_from_slice(part.as_bytes());
    }
    is_borne("multiparts, nested", &nested, 4);
    let nested = b"Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
    is_borne("messages, nested", &nested, 4);
}

#[test]
fn a_message_with_a_header_of_50_mb_is_borne() {
    let mut header = b"Subject: a".to_vec();
    header.extend(b"\r\n folded".repeat(2_500_000));
    header.extend(b"\r\nTo: a@example.org".repeat(1_500_000));
    header.extend(b"\r\n\r\ntext\r\n");
    assert!(header.len() > 50_000_000);
    is_borne("a header of 50 MB", &header, 4);
}
