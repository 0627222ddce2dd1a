//! The records of a recording, and their lines.
//!
//! Touches nothing.
//!
//! ```text
//! said 1 1 greeting                             client 1 came, and was told a line
//! > * OK [CAPABILITY ...] tandem ready
//! open 1 account=1 position=1 pieces=1 read-write     an account was opened: opening 1
//! + AbCd...                                     a piece of what was in it then: changes, in base64
//! enter 1 1                                     session 1 came, to opening 1, of the client of that number if there is one; `unheard`: nobody is written what it answers
//! said 1 1 login a1 in                          client 1 was told another line of the connection's own, and why ([`super::said`])
//! > a1 OK [CAPABILITY ...] logged in
//! step 1 free 1764000000 SELECT INBOX           session 1 was given a command: what storage has room for, the time, the command
//! > * FLAGS (\Answered ...)                     what it answered, a line each
//! > tag OK [READ-WRITE] SELECT completed
//! = 7                                           the step ended, with the journal there
//! wrote 1 12345678 203 0 whole A001             what was written of it: 203 octets of this CRC-32, no response that is rendered besides; the command's tag
//! step 1 resume                                 and so on: resume, done, wake, break, shutdown
//! !                                             in place of `=`: the step failed, in a panic
//! lost 1                                        session 1 was told that its account failed
//! fail 1                                        opening 1 of an account failed: what comes next of the account may be less
//! leave 1                                       session 1 is gone
//! gone 1                                        so is client 1
//! end                                           the server ended as it should
//! ```

use super::wording::{escaped, input};
use crate::{
    connection::own::Cause,
    content::Lack,
    storage::{
        AccountId,
        encoding::{self, Place},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt::Write as _;
use tandem_model::{Change, Input, number::Position};

/// How many changes of an account make a piece; one has up to 1,024 messages.
const PIECE: usize = 16;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A connection said something of its own; the first thing of each is its greeting, or that it is one too many.
    Said(Said),
    /// A connection is gone.
    Gone {
        /// Which.
        client: u64,
    },
    /// An account was opened.
    Opened(Opened),
    /// A session came.
    Entered {
        /// Which; that of a client has its number.
        session: u64,
        /// To which opening of an account.
        opening: u64,
        /// It is the server's own: nobody is written what it answers.
        is_unheard: bool,
    },
    /// A session made a step.
    Step(Step),
    /// What a step answered was written to the client.
    Wrote(Wrote),
    /// A session was told that its account failed.
    Lost {
        /// Which.
        session: u64,
    },
    /// An opening of an account failed: opened again, it is what is kept of it.
    Failed {
        /// Which.
        opening: u64,
    },
    /// A session is gone.
    Left {
        /// Which.
        session: u64,
    },
    /// The server ended as it should.
    Ended,
}

/// An account as it was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// How many were opened before, and one.
    pub opening: u64,
    /// Which account.
    pub account: AccountId,
    /// Where its journal was.
    pub position: Position,
    /// Storage had failed: it shows what is kept, which may be less than what was there before.
    pub read_only: bool,
    /// What makes it of a blank one.
    pub changes: Vec<Change>,
}

/// What a connection said of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whose connection.
    pub client: u64,
    /// Why.
    pub cause: Cause,
    /// What, line by line.
    pub lines: Vec<String>,
}

/// A step of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whose.
    pub session: u64,
    /// What it was given.
    pub input: Input,
    /// What it answered, a line each.
    pub lines: Vec<String>,
    /// Where it left the journal; none: it failed.
    pub position: Option<Position>,
}

/// What was written of the answer to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// To whom.
    pub session: u64,
    /// The tag of the command.
    pub tag: String,
    /// The CRC-32 of the octets of those responses that need nothing else to be written.
    pub sum: u32,
    /// How many octets they are.
    pub octets: u64,
    /// How many responses were put out that are rendered from the contents of messages, or joined of several.
    pub rendered: u64,
    /// Why some content was not shown, so that something else was said.
    pub lack: Option<Lack>,
}

impl Opened {
    /// Puts its lines into `out`.
    pub fn write(&self, out: &mut String) {
        let Self {
            opening, position, ..
        } = self;
        let how = if self.read_only {
            "read-only"
        } else {
            "read-write"
        };
        let pieces = self.changes.chunks(PIECE).len();
        let _ = writeln!(
            out,
            "open {opening} account={} position={position} pieces={pieces} {how}",
            self.account.0
        );
        for (number, changes) in (0..).zip(self.changes.chunks(PIECE)) {
            // INVARIANT: a snapshot has durable changes only. A piece that is empty is told when it is read.
            let blob = encoding::encode(self.place(number), changes).unwrap_or_default();
            let _ = writeln!(out, "+ {}", STANDARD.encode(blob));
        }
    }

    /// Where a piece of it is kept.
    pub(super) const fn place(&self, number: u32) -> Place {
        Place::Snapshot(self.account, self.position, number)
    }
}

impl Said {
    /// Puts its lines into `out`: `octets` were said.
    pub fn write(out: &mut String, client: u64, cause: &str, octets: &[u8]) {
        let lines = Self::lines(octets);
        let _ = writeln!(out, "said {client} {} {cause}", lines.len());
        for line in lines {
            let _ = writeln!(out, "> {line}");
        }
    }

    /// Octets as lines, escaped: each without its CRLF, or marked if it has none.
    #[must_use]
    pub fn lines(octets: &[u8]) -> Vec<String> {
        let lines = octets.split_inclusive(|&octet| octet == b'\n');
        let line = |line: &[u8]| match line.strip_suffix(b"\r\n") {
            Some(line) => escaped(line),
            None => format!("{} <no CRLF>", escaped(line)),
        };
        lines.map(line).collect()
    }
}

impl Step {
    /// Puts its first line into `out`.
    pub fn write_input(out: &mut String, session: u64, given: &Input) {
        let _ = writeln!(out, "step {session} {}", input(given));
    }

    /// Puts its last line into `out`.
    pub fn write_end(out: &mut String, position: Option<Position>) {
        let _ = match position {
            Some(position) => writeln!(out, "= {position}"),
            None => writeln!(out, "!"),
        };
    }
}

impl Wrote {
    /// Puts its line into `out`.
    pub fn write(&self, out: &mut String) {
        let Self {
            session,
            sum,
            octets,
            rendered,
            ..
        } = self;
        let tag = escaped(self.tag.as_bytes());
        let how = match self.lack {
            None => "whole",
            Some(Lack::Damaged) => "damaged",
            Some(Lack::NoRoom) => "no-room",
        };
        let _ = writeln!(
            out,
            "wrote {session} {sum:08x} {octets} {rendered} {how} {tag}"
        );
    }
}
