//! Framing: bytes, cut in any way, become whole commands.
//!
//! Touches no socket, and of the grammar the tag and the name APPEND alone. RFC 3501 sections 2.2.1, 4.3 and 7.5,
//! RFC 7888 section 3.
//!
//! Theory of operation: the caller owns the bytes that it has read and hands them to
//! [`Fragmenter::advance`] until that has taken them all; between two events it may change limits, ask for a
//! bare line, or throw the rest away (as STARTTLS must). Only the command that is being collected is kept here,
//! within [`Limits`]. The octets of literals are kept apart from the text of the command, so that no
//! parser can take the one for the other.
//!
//! - A line ends with its LF. If no CR is before that, the command is refused, as a fault of its own:
//!   whoever sends bare LFs gets an answer at once instead of waiting for the rest of a line for ever.
//! - Every line that ends in `{n}` or `{n+}` announces a literal, wherever in a command that is: RFC 7888
//!   section 3 demands it, since the client sends the literal whether the command makes sense or not.
//! - A refused command is reported when the fault is found. What is left of it is then skipped without being kept:
//!   to the end of its line, and over every `{n+}` literal and the line that follows it. A `{n}` literal ends it: the
//!   client gets no continuation, and so does not send the octets (RFC 3501 section 7.5).
//! - Each byte is looked at once; the octets of a literal are not looked at at all.

mod event;
mod limits;
mod line_end;
#[cfg(test)]
mod tests;

pub use event::{Event, Fault, Refusal};
pub use limits::Limits;

use super::{parse::characters::is_tag_char, request::Tag};
use line_end::{Announcement, LineEnd, Tail};

/// A whole command: its text, and its literals apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fragments {
    /// Everything but the octets of literals: lines with their CRLFs.
    pub(super) text: Vec<u8>,
    /// The literals in order.
    pub(super) literals: Vec<Literal>,
}

impl Fragments {
    /// The command as it was sent, its literals in their places.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        let mut sent = Vec::new();
        let mut from = 0;
        for literal in &self.literals {
            sent.extend_from_slice(self.text.get(from..literal.at).unwrap_or_default());
            sent.extend_from_slice(&literal.octets);
            from = literal.at;
        }
        sent.extend_from_slice(self.text.get(from..).unwrap_or_default());
        sent
    }
}

/// A literal of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Literal {
    /// Where in the text its octets were sent: after the CRLF of its announcement.
    pub(super) at: usize,
    /// Its octets.
    pub(super) octets: Vec<u8>,
}

/// Where in the stream of bytes the next one belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// In a line of a command.
    Line,
    /// In a literal of a command: so many octets are to come.
    Literal(usize),
    /// In a line that was asked for.
    Bare,
    /// In a line of what has been refused.
    SkippedLine,
    /// In a literal of what has been refused.
    SkippedLiteral(u64),
    /// In what is left of a bare line that has been refused: no literal can follow it.
    SkippedBare,
}

/// Turns bytes into commands.
#[derive(Clone, Debug)]
pub struct Fragmenter {
    limits: Limits,
    state: State,
    /// The command so far; while skipping, nothing.
    fragments: Fragments,
    /// How many octets its literals have, those announced and still to come included.
    announced: usize,
    /// Whether it is APPEND; known once its first line has ended.
    append: bool,
    /// What the line so far ends in.
    tail: Tail,
}

impl Fragmenter {
    /// At the start of a connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Line,
            fragments: Fragments::default(),
            announced: 0,
            append: false,
            tail: Tail::default(),
        }
    }

    /// Other limits from now on, such as after login.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// The next line is no command: the client's answer in AUTHENTICATE, or DONE in IDLE. It comes as [`Event::Line`],
    /// or as [`Event::Refused`] without a tag. Holds for one line. To be called right after the event of the
    /// command that asks for it, or of the line before; within a command, or what is left of a refused one, it does nothing.
    pub fn expect_line(&mut self) {
        if self.state == State::Line && self.fragments.text.is_empty() {
            self.state = State::Bare;
        }
    }

    /// Takes bytes off the front of `input`, up to and including the one that completes an event. `None`: all
    /// are taken, and more are needed.
    pub fn advance(&mut self, input: &mut &[u8]) -> Option<Event> {
        while !input.is_empty() {
            let event = match self.state {
                State::Line | State::Bare => self.line(input),
                State::Literal(left) => {
                    self.literal(input, left);
                    None
                }
                State::SkippedLine | State::SkippedBare => {
                    self.skip_line(input);
                    None
                }
                State::SkippedLiteral(left) => {
                    self.skip_literal(input, left);
                    None
                }
            };
            if event.is_some() {
                return event;
            }
        }
        None
    }

    /// How many octets are kept of an incomplete command: at most [`Limits::most`].
    #[must_use]
    pub fn kept(&self) -> usize {
        let literals = self
            .fragments
            .literals
            .iter()
            .map(|literal| literal.octets.len());
        self.fragments.text.len() + literals.sum::<usize>()
    }

    /// How many octets the literals of an incomplete command have, those included that are still to come.
    #[must_use]
    pub const fn announced(&self) -> usize {
        self.announced
    }

    /// Whether there is an incomplete command whose literals together are larger than one may be that is no message.
    #[must_use]
    pub const fn has_large(&self) -> bool {
        self.announced > self.limits.literals
    }

    /// Refuses the incomplete command, for a reason that is the caller's. To be called right after [`Self::advance`]: where that has said
    /// [`Event::Continue`], in place of it, and the client sends nothing of the literal.
    pub fn give_up(&mut self, fault: Fault, waits: bool) -> Event {
        let left = match self.state {
            State::Literal(left) if !waits => Some(left),
            _ => None,
        };
        let event = self.refuse(fault, None);
        self.state = match left {
            Some(left) => State::SkippedLiteral(u64::try_from(left).unwrap_or(u64::MAX)),
            None if waits => State::Line,
            None => self.state,
        };
        event
    }

    /// Takes bytes of a line, but only one beyond the limit, so that a fault is found at the same byte however the
    /// input is cut.
    fn line(&mut self, input: &mut &[u8]) -> Option<Event> {
        let room = self.limits.line.saturating_sub(self.fragments.text.len());
        let taken = split_line(input, room.saturating_add(1));
        let end = self.tail.take(taken);
        self.fragments
            .text
            .extend_from_slice(taken.get(..room).unwrap_or(taken));
        if taken.len() > room {
            return Some(self.refuse(Fault::LineTooLong(self.limits.line), end));
        }
        match (end?, self.state) {
            (LineEnd { crlf: false, .. }, _) => Some(self.refuse(Fault::BareLineFeed, end)),
            (_, State::Bare) => Some(Event::Line(self.finish_bare())),
            (
                LineEnd {
                    literal: Some(literal),
                    ..
                },
                _,
            ) => self.announce(literal, end),
            (LineEnd { literal: None, .. }, _) => Some(Event::Command(self.finish())),
        }
    }

    /// A literal is announced: makes room for it, or refuses the command.
    fn announce(&mut self, literal: Announcement, end: Option<LineEnd>) -> Option<Event> {
        if self.fragments.literals.len() >= self.limits.count {
            return Some(self.refuse(Fault::TooManyLiterals(self.limits.count), end));
        }
        if self.fragments.literals.is_empty() {
            self.append = self.is_append();
        }
        let (one, all) = if self.append {
            (
                self.limits.append,
                self.limits.append.saturating_add(self.limits.literal),
            )
        } else {
            (self.limits.literal, self.limits.literals)
        };
        let left = all.saturating_sub(self.announced);
        match usize::try_from(literal.size) {
            Ok(size) if size <= one && size <= left => {
                self.announced = self.announced.saturating_add(size);
                self.fragments.literals.push(Literal {
                    at: self.fragments.text.len(),
                    octets: Vec::new(),
                });
                if size > 0 {
                    self.state = State::Literal(size);
                }
                literal.synchronising.then_some(Event::Continue)
            }
            _ => {
                let most = if one <= left { one } else { all };
                let fault = if self.append {
                    Fault::MessageTooLarge(most)
                } else {
                    Fault::LiteralTooLarge(most)
                };
                Some(self.refuse(fault, end))
            }
        }
    }

    /// Takes octets of a literal.
    fn literal(&mut self, input: &mut &[u8], left: usize) {
        let taken = split(input, left);
        let left = left - taken.len();
        if let Some(literal) = self.fragments.literals.last_mut() {
            // The capacity at most doubles, so it follows what has come and not what was announced, and
            // never exceeds what was announced.
            let spare = literal.octets.capacity() - literal.octets.len();
            if spare < taken.len() {
                let more = literal.octets.len().min(left).saturating_add(taken.len());
                literal.octets.reserve_exact(more);
            }
            literal.octets.extend_from_slice(taken);
        }
        self.state = if left == 0 {
            State::Line
        } else {
            State::Literal(left)
        };
    }

    /// Takes bytes of a line of what has been refused.
    fn skip_line(&mut self, input: &mut &[u8]) {
        let taken = split_line(input, usize::MAX);
        if let Some(end) = self.tail.take(taken) {
            self.state = self.after_skipped(end);
        }
    }

    /// Takes octets of a literal of what has been refused.
    fn skip_literal(&mut self, input: &mut &[u8], left: u64) {
        let taken = split(input, usize::try_from(left).unwrap_or(usize::MAX));
        let left = left.saturating_sub(taken.len() as u64);
        self.state = if left == 0 {
            State::SkippedLine
        } else {
            State::SkippedLiteral(left)
        };
    }

    /// Refuses the command, whose line has come to `end` or goes on, and forgets it.
    fn refuse(&mut self, fault: Fault, end: Option<LineEnd>) -> Event {
        let bare = self.state == State::Bare;
        let tag = if bare {
            None
        } else {
            self.tag().map(|tag| Tag(tag.into()))
        };
        drop(self.finish());
        self.state = if bare {
            State::SkippedBare
        } else {
            State::SkippedLine
        };
        if let Some(end) = end {
            self.state = self.after_skipped(end);
        }
        Event::Refused(Refusal { tag, fault })
    }

    /// What follows the end of a line that was skipped.
    fn after_skipped(&self, end: LineEnd) -> State {
        match end.literal {
            Some(Announcement {
                size,
                synchronising: false,
            }) if self.state == State::SkippedLine => {
                if size == 0 {
                    State::SkippedLine
                } else {
                    State::SkippedLiteral(size)
                }
            }
            Some(_) | None => State::Line,
        }
    }

    /// Hands over what has been collected, and is at the start of a command.
    fn finish(&mut self) -> Fragments {
        self.state = State::Line;
        self.announced = 0;
        std::mem::take(&mut self.fragments)
    }

    fn finish_bare(&mut self) -> Vec<u8> {
        let mut line = self.finish().text;
        line.truncate(line.len().saturating_sub(b"\r\n".len()));
        line
    }

    /// The tag, if the command begins with one.
    fn tag(&self) -> Option<&str> {
        let text = &self.fragments.text;
        let end = text.iter().position(|&byte| !is_tag_char(byte))?;
        let ended = matches!(text.get(end), Some(b' ' | b'\r' | b'\n'));
        let tag = text.get(..end).filter(|tag| ended && !tag.is_empty())?;
        std::str::from_utf8(tag).ok()
    }

    /// Whether the command is APPEND, as far as can be told before it is parsed.
    fn is_append(&self) -> bool {
        const NAME: &[u8] = b" APPEND ";
        let after = |tag: &str| self.fragments.text.get(tag.len()..)?.get(..NAME.len());
        self.tag()
            .and_then(after)
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    }
}

/// Takes at most `most` bytes off the front, and none after an LF.
fn split_line<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let within = input.get(..most).unwrap_or(input);
    let length = within
        .iter()
        .position(|&byte| byte == b'\n')
        .map_or(within.len(), |at| at + 1);
    split(input, length)
}

/// Takes at most `most` bytes off the front.
fn split<'a>(input: &mut &'a [u8], most: usize) -> &'a [u8] {
    let (taken, rest) = input.split_at_checked(most).unwrap_or((input, &[]));
    *input = rest;
    taken
}
