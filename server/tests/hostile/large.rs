//! Large messages that come all at once, and do not end.

use crate::{
    polite::{BUSY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};
use std::time::{Duration, Instant};

/// How many octets a message has here.
const SIZE: usize = 5 << 20;

/// Of how many all but the last octet comes.
const SENDERS: usize = 3;

/// What is everybody's own.
const SMALL: usize = 256 << 10;

/// The limit: there is no room for the least that is large, if and only if all of what is sent here has come.
fn limit() -> String {
    let each = announcement(SIZE).len() + SIZE - 1;
    format!("literals-at-once={}", SENDERS * each + SMALL)
}

fn announcement(size: usize) -> String {
    format!("x APPEND INBOX {{{size}}}\r\n")
}

/// Something that is to come has come after this.
const PATIENCE: Duration = Duration::from_secs(60);

/// A message, but for its last octet.
fn most_of_one() -> Vec<u8> {
    let mut message = b"Subject: large\r\n\r\n".to_vec();
    message.resize(SIZE - 1, b'x');
    message
}

/// Announces a message of so many octets; whether it is welcome.
fn is_welcome(wire: &mut Wire, size: usize) -> bool {
    wire.send(announcement(size));
    let line = wire.line();
    let refused = line.starts_with("x NO [LIMIT]");
    assert!(refused || line.starts_with("+ "), "{line}");
    !refused
}

/// Sends what is left of one that is welcome.
fn complete(wire: &mut Wire, left: &[u8]) {
    wire.send([left, b"x\r\n"].concat());
    assert!(wire.finish("x ").1.starts_with("OK "));
}

/// Waits until a large message is welcome, or none is. Who asks sends nothing, or it could be the one that leaves no room for those before.
fn wait_until(welcome: bool, server: &Server) {
    let begun = Instant::now();
    while is_welcome(&mut Wire::login(server.address), SMALL + 1) != welcome {
        assert!(begun.elapsed() < PATIENCE, "never welcome: {}", !welcome);
    }
}

#[test]
fn messages_that_come_at_once_have_a_limit_together_and_room_comes_back() {
    let server = Server::start(&["--limit", &limit(), "--limit", "message=8388608"]);
    let message = most_of_one();
    is_served_while(&server, "large messages", BUSY, 2 * SIZE, || {
        let mut probe = Wire::login(server.address);
        probe.append(b"Subject: small\r\n\r\ntext\r\n");
        let before = server.peak();
        let mut senders: Vec<Wire> = (0..SENDERS).map(|_| Wire::login(server.address)).collect();
        for sender in &mut senders {
            assert!(is_welcome(sender, SIZE), "nothing has come yet");
        }
        for sender in &mut senders {
            sender.send(&message);
        }
        wait_until(false, &server);
        // Who does not ask is heard to the end, and told the same.
        for _ in 0..10 {
            probe.send(format!("y APPEND INBOX {{{SIZE}+}}\r\n"));
            probe.send(&message);
            probe.send("x\r\n");
            assert!(probe.finish("y ").1.starts_with("NO [LIMIT]"));
        }
        probe.append(&vec![b'x'; SMALL]);
        server.has_taken_at_most("large messages", before, 3 * 16 * MIB);
        // One comes to its end: there is room for one, at once.
        let mut done = senders.remove(0);
        complete(&mut done, b"");
        assert!(is_welcome(&mut probe, SIZE));
        complete(&mut probe, &message);
        // The same number as before, and no room again; then they go.
        senders.push(Wire::login(server.address));
        for sender in senders.iter_mut().skip(SENDERS - 1) {
            assert!(is_welcome(sender, SIZE));
            sender.send(&message);
        }
        wait_until(false, &server);
        drop(senders);
        wait_until(true, &server);
        assert!(is_welcome(&mut probe, SIZE));
        complete(&mut probe, &message);
    });
}
