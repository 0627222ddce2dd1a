//! Bytes, cut into commands.
//!
//! Touches nothing. The [`oracle`] has the whole input at hand, and reads it slowly.

use super::oracle::{self, Told, asks_for_a_line};
use tandem_server::codec::fragment::{Fragmenter, Limits};

/// Limits so small that inputs meet them.
const SMALL: Limits = Limits {
    line: 64,
    literal: 16,
    literals: 24,
    count: 3,
    append: 40,
};

/// Judges the fragmenter on a stream of bytes. The first byte chooses how the rest is cut.
pub fn fragmenter(data: &[u8]) {
    let Some((&seed, input)) = data.split_first() else {
        return;
    };
    for limits in [SMALL, Limits::STRANGER] {
        let expected = oracle::events(limits, input);
        assert_eq!(told(limits, &[input]), expected, "in one piece");
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(told(limits, &bytes), expected, "byte by byte");
        assert_eq!(told(limits, &cut(seed, input)), expected, "cut by {seed}");
    }
}

/// Pieces of 0 to 31 bytes, as a linear congruential generator has it.
fn cut(seed: u8, mut input: &[u8]) -> Vec<&[u8]> {
    let mut state = u32::from(seed);
    let mut pieces = Vec::new();
    while !input.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = usize::try_from(state >> 27).unwrap_or(1);
        let (piece, rest) = input.split_at_checked(length).unwrap_or((input, &[]));
        pieces.push(piece);
        input = rest;
    }
    pieces
}

/// What the fragmenter makes of the pieces of an input.
fn told(limits: Limits, pieces: &[&[u8]]) -> Vec<Told> {
    let mut fragmenter = Fragmenter::new(limits);
    let mut all = Vec::new();
    let mut end = 0;
    for mut input in pieces.iter().copied() {
        end += input.len();
        while let Some(event) = fragmenter.advance(&mut input) {
            let told = Told::new(end - input.len(), event);
            if asks_for_a_line(&told) {
                fragmenter.expect_line();
            }
            all.push(told);
        }
        assert!(input.is_empty(), "bytes were left");
        assert!(fragmenter.kept() <= limits.most(), "too much was kept");
    }
    all
}
