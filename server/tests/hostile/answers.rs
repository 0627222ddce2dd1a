//! Answers from large messages that nobody takes.

use crate::{
    polite::{BUSY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};

/// How many connections ask at once.
const CONNECTIONS: usize = 50;

/// How many octets their message has, in MiB.
const SIZE: u64 = 16;

/// What answers may take together, in MiB: a sixteenth of what these would.
const AT_ONCE: u64 = 200;

/// What each has beside: the connection, and what is collected before it is written, in KiB.
const EACH: u64 = 12 + 64;

/// What is kept by the allocator of the lines that were given back, in MiB: 3 were seen at most.
const KEPT: u64 = 2 * SIZE;

/// What they do: everything that needs all of a message.
const ASKED: [&str; 3] = [
    "x FETCH 1 (BODY.PEEK[])\r\n",
    "x FETCH 1 (BODY.PEEK[TEXT] BODY.PEEK[TEXT] BODY.PEEK[])\r\n",
    "x FETCH 1 (BODY.PEEK[1])\r\n",
];

#[test]
fn answers_from_large_messages_have_a_limit_together_and_room_comes_back() {
    let limit = format!("answers-at-once={}", AT_ONCE << 20);
    let server = Server::start(&["--limit", &limit]);
    let before = server.peak();
    let mut wire = Wire::login(server.address);
    let octets = usize::try_from(SIZE).unwrap() << 20;
    // Two of its texts are less than twice of it, and so there is a third in the line.
    let mut message = format!("Subject: {}\r\n\r\n", "large ".repeat(50)).into_bytes();
    message.resize(octets, b'x');
    wire.append(&message);
    wire.ok("SELECT INBOX");
    is_served_while(&server, "large answers", BUSY, 0, || {
        let mut clients: Vec<Wire> = (0..CONNECTIONS)
            .map(|_| Wire::login(server.address))
            .collect();
        for (number, client) in clients.iter_mut().enumerate() {
            client.ok("SELECT INBOX");
            client.send(ASKED[number % ASKED.len()]);
        }
        // The server takes what comes in turn: once this one is answered so often, all have been looked at.
        for _ in 0..1_000 {
            wire.ok("NOOP");
        }
        let many = u64::try_from(CONNECTIONS).unwrap();
        let bound = AT_ONCE * MIB + many * EACH + KEPT * MIB;
        server.has_taken_at_most("large answers", before, bound);
        let held = server.peak().saturating_sub(before);
        assert!(
            held >= AT_ONCE * MIB / 2,
            "nobody holds anything: {held} KiB"
        );
        // What needs no content is nobody else's business; what does comes when the others are gone.
        wire.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)");
        drop(clients);
        assert!(wire.ok("FETCH 1 (BODY.PEEK[])") >= octets);
        server.has_taken_at_most("large answers, and one more", before, bound);
    });
}
