//! Everybody has what one may have, at once: the bound of the whole.

use crate::{
    polite::{HARDLY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};

/// So many have a command on its way that is as large as one may be that is no message, ...
const COMMANDS: usize = 200;
/// ... so many a message, ...
const MESSAGES: usize = 40;
/// ... and so many an answer that they do not take.
const ANSWERS: usize = 40;

/// What large messages may take together, in MiB.
const AT_ONCE: u64 = 64;
/// How large one may be, in MiB.
const MESSAGE: usize = 8;

/// What a connection takes by itself, in KiB, as [`crate::connections`] has it.
const EACH: u64 = 12;
/// What a command may have: the limits `line` and `literals`, `read-buffer` for what comes after, in KiB.
const COMMAND: u64 = 64 + 256 + 16;
/// What an answer may have: a content of 1 MiB, a line of three times as much, `write-buffer`. In KiB.
const ANSWER: u64 = 4 * MIB + 64;

/// A command but for its end, with as many octets as there may be.
fn long() -> Vec<u8> {
    let mut command = b"x SEARCH".to_vec();
    for _ in 0..4 {
        command.extend_from_slice(b" SUBJECT {65535+}\r\n");
        command.resize(command.len() + 65_535, b'x');
    }
    command.extend(b" ALL".repeat(16_000));
    command
}

#[test]
fn everybody_has_what_one_may_have_and_that_is_the_sum_of_the_limits() {
    let (at_once, most) = (AT_ONCE << 20, MESSAGE << 20);
    let settings = [
        format!("literals-at-once={at_once}"),
        format!("message={most}"),
    ];
    let server = Server::start(&["--limit", &settings[0], "--limit", &settings[1]]);
    let mut wire = Wire::login(server.address);
    // Of 1 MiB, so that it is not one of those that are counted together.
    let mut stored = b"Subject: stored\r\n\r\n".to_vec();
    stored.resize(1 << 20, b'x');
    for _ in 0..4 {
        wire.append(&stored);
    }
    is_served_while(&server, "everybody", HARDLY, 0, || {
        let before = server.peak();
        let mut holding = Vec::new();
        let command = long();
        for _ in 0..COMMANDS {
            let mut wire = Wire::login(server.address);
            wire.send(&command);
            holding.push(wire);
        }
        let message = vec![b'x'; most - 1];
        let mut refused = 0;
        for _ in 0..MESSAGES {
            let mut wire = Wire::login(server.address);
            wire.send(format!("x APPEND INBOX {{{most}}}\r\n"));
            if wire.line().starts_with("x NO [LIMIT]") {
                refused += 1;
            } else {
                wire.send(&message);
            }
            holding.push(wire);
        }
        for _ in 0..ANSWERS {
            let mut wire = Wire::login(server.address);
            wire.ok("SELECT INBOX");
            wire.send("x FETCH 1:* (BODY.PEEK[TEXT] BODY.PEEK[TEXT] BODY.PEEK[])\r\n");
            holding.push(wire);
        }
        // The server takes what comes in turn: once this one is answered so often, all have been looked at.
        let mut last = Wire::login(server.address);
        for _ in 0..1_000 {
            last.ok("NOOP");
        }
        let many = |count: usize| u64::try_from(count).unwrap();
        let sum = many(COMMANDS + MESSAGES + ANSWERS) * EACH
            + many(COMMANDS) * COMMAND
            + AT_ONCE * MIB
            + many(ANSWERS) * ANSWER;
        server.has_taken_at_most("everybody", before, sum);
        assert!(refused > 0, "nobody was refused");
    });
}
