//! What comes out of framing.
//!
//! Touches nothing. RFC 3501 sections 4.3 and 7.5, RFC 7888 section 4.

use super::Fragments;
use crate::codec::request::Tag;
use std::fmt;

/// What [`Fragmenter::advance`](super::Fragmenter::advance) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole command: its last CRLF has come.
    Command(Fragments),
    /// A synchronising literal was announced and is welcome: send a command continuation request (`+ `).
    Continue,
    /// The line asked for with [`Fragmenter::expect_line`](super::Fragmenter::expect_line), without its CRLF.
    Line(Vec<u8>),
    /// A command, or a line asked for, is refused; answer it. The connection goes on.
    Refused(Refusal),
}

/// A command that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its tag, if it could be read.
    pub tag: Option<Tag>,
    /// What is wrong with it.
    pub fault: Fault,
}

/// Why a command is not taken: the client's fault in each case but one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text of the command is longer than this many octets.
    LineTooLong(usize),
    /// A literal is larger than this many octets, or than what is left of the command's limit, which is then named.
    LiteralTooLarge(usize),
    /// As [`Fault::LiteralTooLarge`], in an APPEND: TOOBIG is the response code for it (RFC 4469 section 4.2).
    MessageTooLarge(usize),
    /// There are more than this many literals.
    TooManyLiterals(usize),
    /// Together with those of others, its literals would be more than this many octets. Not the client's fault, and not for ever.
    TooMuchAtOnce(usize),
    /// A line ends with LF, and no CR is before it.
    BareLineFeed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LineTooLong(most) => write!(
                f,
                "a command can have at most {most} octets besides its literals"
            ),
            Self::LiteralTooLarge(most) => write!(
                f,
                "the literals of this command can have at most {most} octets"
            ),
            Self::MessageTooLarge(most) => write!(f, "a message can have at most {most} octets"),
            Self::TooManyLiterals(most) => write!(f, "a command can have at most {most} literals"),
            Self::TooMuchAtOnce(most) => write!(
                f,
                "too much is being sent at once: try again later, all clients together can have {most} octets on their way"
            ),
            Self::BareLineFeed => f.write_str("expected CRLF at the end of the line, not LF alone"),
        }
    }
}
