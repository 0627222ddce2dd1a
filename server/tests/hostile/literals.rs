//! Literals that are announced and never sent.

use crate::{
    polite::{HARDLY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};

/// How many connections announce.
const CONNECTIONS: usize = 200;

#[test]
fn literals_that_are_announced_and_never_sent_take_nothing() {
    let server = Server::start(&[]);
    is_served_while(&server, "literals", HARDLY, 0, || {
        let before = server.peak();
        let mut waiting = Vec::new();
        for number in 0..CONNECTIONS {
            let mut wire = Wire::login(server.address);
            // More than any limit: refused at once if the client asks, skipped if it does not.
            wire.refused("APPEND INBOX {4294967295}", "NO [TOOBIG]");
            wire.refused("LOGIN {4294967295}", "BAD ");
            match number % 3 {
                0 => {
                    wire.send("x APPEND INBOX {4294967295+}\r\n");
                    assert!(wire.finish("x ").1.starts_with("NO [TOOBIG]"));
                }
                // As much as a message may have; the server would take it, and nothing comes.
                1 => {
                    wire.send("x APPEND INBOX {67108864}\r\n");
                    assert!(wire.line().starts_with("+ "));
                }
                _ => wire.send("x APPEND INBOX {67108864+}\r\n"),
            }
            wire.send("a few octets");
            waiting.push(wire);
        }
        // The same from those who have not logged in.
        for _ in 0..CONNECTIONS {
            let mut wire = Wire::connect(server.address);
            wire.refused("LOGIN {4294967295}", "BAD ");
            wire.send("x LOGIN {8192+}\r\n");
            waiting.push(wire);
        }
        Wire::login(server.address).ok("NOOP");
        server.has_taken_at_most("literals", before, 16 * MIB);
    });
}

#[test]
fn a_literal_of_4_gib_is_skipped_as_it_comes() {
    let server = Server::start(&[]);
    is_served_while(&server, "a literal that is skipped", HARDLY, 0, || {
        let mut wire = Wire::login(server.address);
        let before = server.peak();
        wire.send("x APPEND INBOX {4294967295+}\r\n");
        assert!(wire.finish("x ").1.starts_with("NO [TOOBIG]"));
        let octets = vec![b'x'; 1 << 20];
        for _ in 0..256 {
            wire.send(&octets);
        }
        server.has_taken_at_most("a literal that is skipped", before, 4 * MIB);
    });
}
