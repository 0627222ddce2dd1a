//! What the server keeps of what it is sent: alone in its process, since all that is in use in it is counted.

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::{alloc::System, fs, panic, path::Path};
use tandem_tests::fuzz::{KEPT, session_alone, session_leaking};

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn what_is_kept_stays_below_its_bound() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/session");
    let mut seeds: Vec<_> = fs::read_dir(corpus)
        .unwrap()
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    seeds.sort();
    for seed in &seeds {
        session_alone(seed);
    }
    assert!(seeds.len() >= 20);
    // One test, since all that is in use is counted.
    let long = long();
    assert!(long.len() > 8 * KEPT);
    session_alone(&long);
    let leaking = panic::catch_unwind(|| session_leaking(&long));
    assert!(leaking.is_err(), "everything is kept, and nobody finds it");
}

/// Two clients that send far more than may be kept, and store one message.
fn long() -> Vec<u8> {
    let mut sent = vec![0, 0, 0];
    let pieces = [
        "a NOOP\r\na SELECT INBOX\r\n",
        "a FETCH 1 (FLAGS BODY.PEEK[] ENVELOPE BODYSTRUCTURE)\r\na FROBNICATE\r\n",
        "a SEARCH CHARSET UTF-8 SUBJECT {60+}\r\n012345678901234567890123456789012345678901234567890123456789\r\n",
        "a STORE 1 +FLAGS (\\Flagged)\r\na LIST \"\" *\r\na LOGOUT-NOT\r\na NOOP\r\n",
        "a STORE 1 -FLAGS (\\Flagged)\r\na STATUS INBOX (MESSAGES)\r\na NOOP\r\n",
    ];
    sent.extend_from_slice(b"a APPEND INBOX {20+}\r\nSubject: x\r\n\r\ntext\r\n\r\n\xff");
    for piece in pieces.iter().cycle().take(20_000) {
        sent.extend_from_slice(piece.as_bytes());
        sent.push(0xff);
    }
    sent
}
