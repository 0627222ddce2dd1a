//! Grammar: a whole command becomes a [`Tagged`] request.
//!
//! Touches nothing. RFC 3501 section 9, with the additions of RFC 2177, 2342, 2971, 3691, 4315, 4959, 5161, 6851
//! and 7888. One function is one production of the same name.

use super::{fragment::Fragments, request::Tag, request::Tagged};
use std::fmt;

/// Why a command could not be read: `expected a mailbox name at byte 14`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The command's tag, if it could be read: the answer is a tagged BAD, else an untagged one.
    pub tag: Option<Tag>,
    /// Where: octets of the command before this place, as they were sent, literals included.
    pub at: usize,
    /// What should have been there.
    pub expected: Expected,
}

/// What should have been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// This.
    This(&'static str),
    /// No more than so many of these.
    AtMost(usize, &'static str),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::This(what) => f.write_str(what),
            Self::AtMost(most, what) => write!(f, "at most {most} {what}"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.at)
    }
}

impl std::error::Error for ParseError {}

/// Reads a command.
///
/// # Errors
///
/// Where it is malformed, or beyond a limit of the grammar.
pub fn command(fragments: Fragments) -> Result<Tagged, ParseError> {
    let _ = fragments;
    Err(ParseError {
        tag: None,
        at: 0,
        expected: Expected::This("a tag"),
    })
}

/// Reads the client's line in an AUTHENTICATE exchange (RFC 3501 section 6.2.2): the response, decoded; `None`: `*`,
/// the client gives up.
///
/// # Errors
///
/// If it is not base64.
pub fn authenticate_response(line: &[u8]) -> Result<Option<Vec<u8>>, ParseError> {
    let _ = line;
    Ok(None)
}

/// Whether a line ends IDLE (RFC 2177 section 3): `DONE`, in any case.
#[must_use]
pub fn is_done(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"DONE")
}
