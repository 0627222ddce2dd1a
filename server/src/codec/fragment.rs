//! Framing: bytes, cut in any way, become whole commands.
//!
//! Touches no socket and no grammar. RFC 3501 sections 2.2.1, 4.3 and 7.5, RFC 7888 section 3.
//!
//! Theory of operation: the caller owns the bytes that it has read and hands them to
//! [`Fragmenter::advance`] until that has taken them all; between two events it may change limits, ask for a
//! bare line, or throw the rest away (as STARTTLS must). Only the command that is being collected is kept here,
//! within [`Limits`]. The bytes of literals are kept apart from the text of the command, so that no
//! parser can take the one for the other.
//!
//! - A line ends with its LF. If no CR is before that, the command is refused, as a fault of its own:
//!   whoever sends bare LFs gets an answer at once instead of waiting for the rest of a line for ever.
//! - Every line whose end reads `{n}` or `{n+}` announces a literal, wherever in a command that is: RFC 7888
//!   section 3 demands it, since the client has sent or will send the literal whether the command makes sense or not.
//! - A refused command is reported when the fault is found, and what is left of it is then skipped without being kept:
//!   to the end of its line; over every `{n+}` literal and the line that follows it. A synchronising literal ends it,
//!   because the client has not got the continuation and will not send the octets (RFC 3501 section 7.5).

use super::request::Tag;

/// The most that one command may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of one command outside of its literals, all line ends included; also of a bare line. 64 KiB.
    pub line: usize,
    /// Octets of one literal of any command but APPEND. 64 KiB.
    pub literal: usize,
    /// Octets of all literals of one command, unless it is APPEND. 256 KiB.
    pub literals: usize,
    /// How many literals one command may have. 1,024.
    pub count: usize,
    /// Octets of a literal of APPEND; its mailbox name and message together may be [`Limits::literal`] more. 64 MiB.
    pub append: usize,
}

impl Limits {
    /// Before login, for anybody on the network: 8 KiB of text, 8 KiB of literals, 16 literals.
    pub const STRANGER: Self = Self {
        line: 8 << 10,
        literal: 8 << 10,
        literals: 8 << 10,
        count: 16,
        append: 0,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            line: 64 << 10,
            literal: 64 << 10,
            literals: 256 << 10,
            count: 1_024,
            append: 64 << 20,
        }
    }
}

/// A whole command: its text, and its literals apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragments {
    /// Everything but the octets of literals: lines with their CRLFs.
    pub(super) text: Vec<u8>,
    /// The literals in order.
    pub(super) literals: Vec<Literal>,
}

/// A literal of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    /// Where in the text its octets were sent: after the CRLF of its announcement.
    pub(super) at: usize,
    /// Its octets.
    pub(super) octets: Vec<u8>,
}

/// What [`Fragmenter::advance`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A whole command: its last CRLF has come.
    Command(Fragments),
    /// A synchronising literal was announced and is welcome: send a command continuation request (`+ `).
    Continue,
    /// The line asked for with [`Fragmenter::expect_line`], without its CRLF.
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

/// Why a command is not taken: the client's fault in each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text of the command is longer than this many octets.
    LineTooLong(usize),
    /// A literal is larger than this many octets, or than what is left of the command's limit.
    LiteralTooLarge(usize),
    /// As [`Fault::LiteralTooLarge`], in an APPEND: TOOBIG is the response code for it (RFC 4469 section 4.2).
    MessageTooLarge(usize),
    /// There are more than this many literals.
    TooManyLiterals(usize),
    /// A line ends with LF, and no CR is before it.
    BareLineFeed,
}

/// Turns bytes into commands.
#[derive(Clone, Debug)]
pub struct Fragmenter {
    limits: Limits,
}

impl Fragmenter {
    /// At the start of a connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }

    /// Other limits from now on, such as after login.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next line is no command: the client's answer in AUTHENTICATE, or DONE in IDLE. It comes as [`Event::Line`],
    /// or as [`Event::Refused`] without a tag. Holds for one line, and only between commands.
    pub fn expect_line(&mut self) {
        let _ = &self.limits;
    }

    /// Takes bytes off the front of `input`, up to and including the one that completes an event. `None`: all
    /// are taken, and more are needed.
    pub fn advance(&mut self, input: &mut &[u8]) -> Option<Event> {
        *input = &[];
        None
    }

    /// How many octets are kept of an incomplete command; never more than the limits allow.
    #[must_use]
    pub fn kept(&self) -> usize {
        0
    }
}
