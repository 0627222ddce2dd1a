//! What the productions read from: the text of a command, with its literals at hand.
//!
//! Touches nothing. A literal's octets are not in the text, so that no production but `literal` can meet them.

use super::Expected;
use crate::codec::fragment::{Fragments, Literal};
use nom::{
    Compare, CompareResult, Input, Needed,
    error::{ErrorKind, ParseError},
};
use std::{
    iter::{Copied, Enumerate},
    slice::Iter,
};

/// The text that is still to be read, and the literals that are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    /// The text still to be read; of a token, the token.
    pub(super) rest: &'a [u8],
    /// Where in the text that begins.
    pub(super) at: usize,
    literals: &'a [Literal],
}

impl<'a> Cursor<'a> {
    /// At the start of a command.
    pub(super) fn new(fragments: &'a Fragments) -> Self {
        Self {
            rest: &fragments.text,
            at: 0,
            literals: &fragments.literals,
        }
    }

    /// The octets of the literal that was sent at this place, and the cursor behind them.
    pub(super) fn literal(self) -> Option<(Self, &'a [u8])> {
        let (first, literals) = self.literals.split_first()?;
        (first.at == self.at).then_some((Self { literals, ..self }, first.octets.as_slice()))
    }

    /// Whether `byte` is next.
    pub(super) fn is_at(self, byte: u8) -> bool {
        self.rest.first() == Some(&byte)
    }

    /// Fails here for good: no alternative is tried.
    pub(super) fn fail(self, expected: &'static str) -> nom::Err<Unexpected> {
        nom::Err::Failure(Unexpected {
            at: self.at,
            expected: Expected::This(expected),
        })
    }

    /// Fails here for good, because there would be more than `most` of something.
    pub(super) fn too_many(self, most: usize, what: &'static str) -> nom::Err<Unexpected> {
        nom::Err::Failure(Unexpected {
            at: self.at,
            expected: Expected::AtMost(most, what),
        })
    }
}

/// What a production met instead of what it should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unexpected {
    /// Where in the text.
    pub(super) at: usize,
    /// What should have been there.
    pub(super) expected: Expected,
}

impl<'a> ParseError<Cursor<'a>> for Unexpected {
    fn from_error_kind(input: Cursor<'a>, _: ErrorKind) -> Self {
        Self {
            at: input.at,
            expected: Expected::This("something else"),
        }
    }

    fn append(_: Cursor<'a>, _: ErrorKind, other: Self) -> Self {
        other
    }

    /// Of several alternatives, the one that came farthest tells best what was meant.
    fn or(self, other: Self) -> Self {
        if other.at > self.at { other } else { self }
    }
}

impl<'a> Input for Cursor<'a> {
    type Item = u8;
    type Iter = Copied<Iter<'a, u8>>;
    type IterIndices = Enumerate<Self::Iter>;

    fn input_len(&self) -> usize {
        self.rest.len()
    }

    fn take(&self, index: usize) -> Self {
        self.take_split(index).1
    }

    fn take_from(&self, index: usize) -> Self {
        self.take_split(index).0
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        let (token, rest) = self
            .rest
            .split_at_checked(index)
            .unwrap_or((self.rest, &[]));
        let at = self.at.saturating_add(token.len());
        (
            Self { rest, at, ..*self },
            Self {
                rest: token,
                ..*self
            },
        )
    }

    fn position<P: Fn(u8) -> bool>(&self, predicate: P) -> Option<usize> {
        self.rest.iter().position(|&byte| predicate(byte))
    }

    fn iter_elements(&self) -> Self::Iter {
        self.rest.iter().copied()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.iter_elements().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        if self.rest.len() >= count {
            Ok(count)
        } else {
            Err(Needed::new(count.saturating_sub(self.rest.len())))
        }
    }
}

impl Compare<&str> for Cursor<'_> {
    fn compare(&self, wanted: &str) -> CompareResult {
        self.rest.compare(wanted)
    }

    fn compare_no_case(&self, wanted: &str) -> CompareResult {
        self.rest.compare_no_case(wanted)
    }
}
