//! Each target with what proptest makes of the fuzzer's words and seeds, and makes smaller where it fails.

use crate::seeds::{seeds, words};
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};
use tandem_tests::{
    fuzz::{account, command, fragmenter, message, session, world},
    property::hold,
};

/// Words, ends of lines, pieces of seeds, and any bytes at all, after some that choose how they are taken.
fn inputs(target: &str, dictionary: Option<&str>) -> impl Strategy<Value = Vec<u8>> {
    let words = dictionary.map_or_else(Vec::new, words);
    let words = [words, vec![b"\r\n".to_vec()]].concat();
    let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, seed)| seed).collect();
    let piece = (select(seeds), any::<Index>(), any::<Index>()).prop_map(|(seed, one, other)| {
        let (one, other) = (one.index(seed.len() + 1), other.index(seed.len() + 1));
        seed[one.min(other)..one.max(other)].to_vec()
    });
    let scrap = prop_oneof![
        4 => select(words),
        2 => Just(b"\r\n".to_vec()),
        3 => piece,
        1 => vec(any::<u8>(), 0..5),
    ];
    (vec(any::<u8>(), 0..5), vec(scrap, 0..30))
        .prop_map(|(how, scraps)| [how, scraps.concat()].concat())
}

#[track_caller]
fn stands(cases: u32, target: fn(&[u8]), inputs: impl Strategy<Value = Vec<u8>>) {
    hold(cases, inputs, |input| {
        target(&input);
        Ok(())
    });
}

#[test]
fn commands_do_not_depend_on_how_the_input_is_cut() {
    stands(8_000, fragmenter, inputs("fragmenter", Some("imap.dict")));
}

#[test]
fn what_is_parsed_is_printed_and_parsed_again() {
    stands(4_000, command, inputs("command", Some("imap.dict")));
}

#[test]
fn whatever_two_clients_send_is_answered() {
    stands(2_000, session, inputs("session", Some("imap.dict")));
}

#[test]
fn whatever_sessions_do_leaves_the_account_sound() {
    stands(500, account, inputs("account", None));
}

#[test]
fn whatever_happens_in_a_world_breaks_no_property() {
    stands(1_000, world, inputs("world", None));
}

#[test]
fn whatever_a_mail_is_can_be_read() {
    stands(2_000, message, inputs("message", Some("message.dict")));
}
