//! Commands without end, and answers that nobody reads.

use crate::{
    polite::{BUSY, HARDLY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};
use std::io::{ErrorKind, Write as _};

/// How many connections do so at once.
const CONNECTIONS: usize = 50;

/// How often one sends a pipeline of commands.
const TIMES: usize = 1_200;

/// Sends the same again and again, until the server takes no more of it; how much it took.
fn until_full(wire: &Wire, commands: &[u8]) -> usize {
    let mut stream = wire.stream();
    stream.set_nonblocking(true).unwrap();
    let mut sent = 0;
    // Full means that nothing was taken while all others were tried.
    loop {
        match stream.write(commands) {
            Ok(count) => sent += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return sent,
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn commands_without_end_and_answers_that_nobody_reads_are_held_up_by_tcp() {
    let server = Server::start(&[]);
    let mut wire = Wire::login(server.address);
    let mut message = b"Subject: large\r\n\r\n".to_vec();
    message.resize(1 << 20, b'x');
    for _ in 0..8 {
        wire.append(&message);
    }
    is_served_while(&server, "nobody reads", BUSY, 0, || {
        let before = server.peak();
        let mut clients: Vec<Wire> = (0..CONNECTIONS)
            .map(|_| Wire::login(server.address))
            .collect();
        for (number, wire) in clients.iter_mut().enumerate() {
            wire.ok("SELECT INBOX");
            wire.send(match number % 3 {
                0 => "x FETCH 1:* (BODY.PEEK[])\r\n",
                1 => "x SEARCH BODY nothing\r\n",
                _ => "x FETCH 1:* (BODY.PEEK[] ENVELOPE BODYSTRUCTURE RFC822.HEADER BODY.PEEK[TEXT])\r\n",
            });
        }
        let commands = b"y NOOP\r\nz FETCH 1:* (BODY.PEEK[])\r\n".repeat(1_000);
        for _ in 0..20 {
            for wire in &clients {
                until_full(wire, &commands);
            }
        }
        // A content of 1 MiB, a line of twice as much, and commands that wait.
        let each = 4 * MIB;
        let bound = u64::try_from(CONNECTIONS).unwrap() * each;
        server.has_taken_at_most("nobody reads", before, bound);
    });
}

#[test]
fn one_who_sends_without_end_and_reads_is_answered_in_turn_with_others() {
    let server = Server::start(&[]);
    let mut wire = Wire::login(server.address);
    let text = vec![b'x'; 60_000];
    wire.append(&[b"Subject: text\r\n\r\n".as_slice(), &text].concat());
    wire.ok("SELECT INBOX");
    let few = b"y NOOP\r\ny FETCH 1 FLAGS\r\ny STORE 1 FLAGS (\\Seen)\r\n".repeat(20);
    let long = [b"y SEARCH SUBJECT {60000+}\r\n".as_slice(), &text, b"\r\n"].concat();
    let commands = [few, long, b"y FETCH 1 BODY.PEEK[]\r\n".to_vec()].concat();
    // Twice and more of what it may take, either way: neither what is sent nor what is answered is collected.
    assert!(commands.len() * TIMES >= 64 << 20);
    is_served_while(&server, "a pipeline", HARDLY, 0, || {
        let before = server.peak();
        let mut writing = wire.stream().try_clone().unwrap();
        let octets = std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..TIMES {
                    writing.write_all(&commands).unwrap();
                }
                writing.write_all(b"z NOOP\r\n").unwrap();
            });
            wire.finish("z ").0
        });
        assert!(octets >= 64 << 20, "{octets} octets are answered");
        server.has_taken_at_most("a pipeline", before, 8 * MIB);
    });
}
