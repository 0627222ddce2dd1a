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
    judge(data, told);
}

/// Judges what is made of the pieces of an input.
fn judge(data: &[u8], told: fn(Limits, &[&[u8]]) -> Vec<Told>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic;

    /// What is wrong, with events and how many pieces they came in.
    type Wrong = fn(Limits, &[&[u8]]) -> Vec<Told>;

    fn changed(limits: Limits, pieces: &[&[u8]], change: fn(&mut Told)) -> Vec<Told> {
        let mut all = told(limits, pieces);
        all.iter_mut().for_each(change);
        all
    }

    #[test]
    fn a_wrong_fragmenter_is_found() {
        const INPUT: &[u8] = b"\x07a NOOP\r\nb LOGIN {1}\r\nx {1+}\r\ny\r\nc IDLE\r\nDONE\r\nd LOGIN {9999}\r\ne NOOP\n";
        let wrong: [(&str, Wrong); 7] = [
            ("an event is left out", |limits, pieces| {
                let mut all = told(limits, pieces);
                all.pop();
                all
            }),
            ("an event is told twice", |limits, pieces| {
                let all = told(limits, pieces);
                [all.as_slice(), all.get(..1).unwrap_or_default()].concat()
            }),
            ("a command comes late, cut into pieces", |limits, pieces| {
                let late: fn(&mut Told) = |told| {
                    if let Told::Command(at, _) = told {
                        *at += 1;
                    }
                };
                changed(limits, pieces, if pieces.len() > 1 { late } else { |_| {} })
            }),
            ("a command is told otherwise", |limits, pieces| {
                changed(limits, pieces, |told| {
                    if let Told::Command(_, sent) = told {
                        sent.make_ascii_lowercase();
                    }
                })
            }),
            ("nobody is asked to go on", |limits, pieces| {
                let mut all = told(limits, pieces);
                all.retain(|told| !matches!(told, Told::Continue(_)));
                all
            }),
            ("a refusal has no tag", |limits, pieces| {
                changed(limits, pieces, |told| {
                    if let Told::Refused(_, tag, _) = told {
                        *tag = None;
                    }
                })
            }),
            ("only small limits are kept", |limits, pieces| {
                if limits == SMALL {
                    told(limits, pieces)
                } else {
                    told(SMALL, pieces)
                }
            }),
        ];
        judge(INPUT, told);
        for (what, wrong) in wrong {
            let judged = panic::catch_unwind(|| judge(INPUT, wrong));
            assert!(judged.is_err(), "{what}");
        }
    }
}
