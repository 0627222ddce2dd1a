//! Grammar: a whole command becomes a [`Tagged`] request.
//!
//! Touches nothing. RFC 3501 section 9, with what RFC 2177, 2342, 2971, 3691, 4315, 4959, 5161, 6851 and 7888 add
//! to it.
//!
//! Theory of operation: one function is one production, and has its name and its text. A command is read by
//! its first word; from there on nothing is tried twice, so that an error is about what the client
//! meant, and reading takes time proportional to the command. The grammar is followed to the letter (one space is
//! one space), with one exception: strings may hold UTF-8, as RFC 6855 has it, since clients send it.

pub(in crate::codec) mod characters;
mod command;
mod cursor;
mod date;
mod fetch;
mod flag;
mod identity;
pub mod limits;
mod mailbox;
// A table has one case a line.
#[cfg(test)]
#[rustfmt::skip]
mod malformed;
mod primitives;
mod search;
mod section;
mod sequence_set;
mod store;
#[cfg(test)]
#[rustfmt::skip]
mod well_formed;

use super::{
    fragment::Fragments,
    request::{Request, Tag, Tagged},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use cursor::{Cursor, Unexpected};
use nom::Parser;
use primitives::{crlf, expected, sp, tag};
use std::fmt;

/// Why a command could not be read: `expected a mailbox name at byte 14`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The command's tag, if it could be read: the answer is a tagged BAD, else an untagged one.
    pub tag: Option<Tag>,
    /// Where: how many octets of the command are before this place, as it was sent, literals included.
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
/// `command = tag SP (command-any / command-auth / command-nonauth / command-select) CRLF`
///
/// # Errors
///
/// Where it is malformed, or beyond one of the [`limits`].
pub fn command(mut fragments: Fragments) -> Result<Tagged, ParseError> {
    let start = Cursor::new(&fragments);
    let error = |tag, error| fault(&fragments, tag, error);
    let (rest, tag) = tag(start).map_err(|unexpected| error(None, unexpected))?;
    // `a(b` has no tag, but the beginning of something else.
    let read = (rest.is_at(b' ') || rest.is_at(b'\r')).then(|| tag.clone());
    let mut request = request(rest).map_err(|unexpected| error(read, unexpected))?;
    if let Request::Append { message, .. } = &mut request {
        // INVARIANT: APPEND ends with the literal that is its message. It can be large, so it is moved.
        *message = fragments.literals.pop().unwrap_or_default().octets;
    }
    Ok(Tagged { tag, request })
}

/// What is behind the tag, to the end of the command.
fn request(input: Cursor<'_>) -> Result<Request, nom::Err<Unexpected>> {
    let (rest, _) = expected("a space and a command", sp).parse(input)?;
    let (rest, request) = command::request(rest)?;
    let (rest, _) = crlf(rest)?;
    if rest.rest.is_empty() {
        Ok(request)
    } else {
        Err(rest.fail("nothing after the end of the command"))
    }
}

/// What the client is told: the place in the text becomes one in what it sent.
fn fault(fragments: &Fragments, tag: Option<Tag>, error: nom::Err<Unexpected>) -> ParseError {
    let (at, expected) = match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => (error.at, error.expected),
        nom::Err::Incomplete(_) => (fragments.text.len(), Expected::This("more")),
    };
    let before = fragments.literals.iter().filter(|literal| literal.at <= at);
    let literals: usize = before.map(|literal| literal.octets.len()).sum();
    ParseError {
        tag,
        at: at.saturating_add(literals),
        expected,
    }
}

/// Reads the client's line in an AUTHENTICATE exchange (RFC 3501 section 6.2.2): the response, decoded; `None`: `*`,
/// the client gives up.
///
/// # Errors
///
/// If it is not base64.
pub fn authenticate_response(line: &[u8]) -> Result<Option<Vec<u8>>, ParseError> {
    if line == b"*" {
        return Ok(None);
    }
    STANDARD.decode(line).map(Some).map_err(|_| ParseError {
        tag: None,
        at: 0,
        expected: Expected::This("base64, or `*` to give up"),
    })
}

/// Whether a line ends IDLE (RFC 2177 section 3): `DONE`, in any case.
#[must_use]
pub fn is_done(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"DONE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_authenticate_is_base64_or_a_star() {
        assert_eq!(authenticate_response(b"*"), Ok(None));
        assert_eq!(authenticate_response(b""), Ok(Some(Vec::new())));
        assert_eq!(
            authenticate_response(b"AGRlbW8AZGVtbw=="),
            Ok(Some(b"\0demo\0demo".to_vec()))
        );
        let error = authenticate_response(b"AGRlbW8AZGVtbw").map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("expected base64, or `*` to give up at byte 0".into())
        );
    }

    #[test]
    fn done_is_done_in_any_case_and_nothing_else_is() {
        assert!(is_done(b"DONE") && is_done(b"done"));
        assert!(!is_done(b"DONE ") && !is_done(b"a DONE") && !is_done(b""));
    }
}
