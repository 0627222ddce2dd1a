//! Every seed, to the target that it is for, and to the others.

use crate::seeds::seeds;
use std::panic::{self, AssertUnwindSafe};
use tandem_model::Fault;
use tandem_server::codec::{fragment::Limits, parse};
use tandem_tests::fuzz::{account, command, commands, fragmenter, message, session, world};

/// Calls a target with every seed of a corpus, and says how many there are; the path of one that fails is part of the failure.
fn replay(target: fn(&[u8]), corpus: &str) -> usize {
    let seeds = seeds(corpus);
    for (path, seed) in &seeds {
        let judged = panic::catch_unwind(AssertUnwindSafe(|| target(seed)));
        assert!(judged.is_ok(), "{}", path.display());
    }
    seeds.len()
}

#[test]
fn the_fragmenter_stands_its_corpus() {
    assert!(replay(fragmenter, "fragmenter") >= 20);
}

#[test]
fn the_parser_stands_its_corpus() {
    assert!(replay(command, "command") >= 60);
}

#[test]
fn the_model_stands_its_corpus() {
    assert!(replay(account, "account") >= 20);
}

#[test]
fn every_world_stands_its_corpus() {
    assert!(replay(world, "world") >= Fault::ALL.len());
}

#[test]
fn the_renderer_stands_its_corpus() {
    assert!(replay(message, "message") >= 20);
}

#[test]
fn the_server_stands_its_corpus() {
    assert!(replay(session, "session") >= 20);
}

#[test]
fn each_target_stands_the_corpora_of_the_others() {
    for corpus in [
        "fragmenter",
        "command",
        "account",
        "world",
        "message",
        "session",
    ] {
        for target in [fragmenter, command, account, world, message, session] {
            replay(target, corpus);
        }
    }
}

#[test]
fn a_corpus_is_small() {
    for corpus in [
        "fragmenter",
        "command",
        "account",
        "world",
        "message",
        "session",
    ] {
        let seeds = seeds(corpus);
        let octets: usize = seeds.iter().map(|(_, seed)| seed.len()).sum();
        assert!(seeds.len() <= 200 && octets <= 200_000, "{corpus}");
    }
}

/// Seeds that people have written say in their names what they are; those that the fuzzer has found do not.
#[test]
fn a_seed_is_malformed_if_and_only_if_its_name_says_so() {
    let mut counts = (0, 0);
    for (path, seed) in seeds("command") {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with("found-") {
            continue;
        }
        let malformed = name.starts_with("malformed");
        let input = [seed, b"\r\n".to_vec()].concat();
        for fragments in commands(Limits::default(), &input) {
            let sent = fragments.sent();
            let parsed = parse::command(fragments);
            assert_eq!(
                parsed.is_err(),
                malformed,
                "{}: {parsed:?}",
                sent.escape_ascii()
            );
            if malformed {
                counts.1 += 1
            } else {
                counts.0 += 1
            }
        }
    }
    assert!(counts.0 >= 60 && counts.1 >= 20, "{counts:?}");
}
