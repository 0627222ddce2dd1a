//! Reads a recording, record by record.
//!
//! Touches what it reads from. A recording that was cut off, for its server was killed, is read up to there; one that says what no recording
//! says is not read on: who reads is told the line.

use super::{
    Header,
    record::{Opened, Record, Said, Step, Wrote},
    said::read_cause,
    wording::{read_input, unescaped},
};
use crate::{
    content::Lack,
    storage::{AccountId, encoding},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::{
    fmt,
    io::{self, BufRead},
    str::FromStr,
};
use tandem_model::number::Position;

/// Why a recording cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// In which line, from 1.
    pub line: u64,
    /// Why.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl std::error::Error for Unreadable {}

/// What comes next in a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A record.
    Record(Record),
    /// The recording is cut off: in the middle of a record, or behind one that is not its end.
    Cut,
    /// Nothing comes after its end.
    End,
}

/// Reads a recording.
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    /// How many lines have been read.
    line: u64,
    ended: bool,
}

/// Why a record is not there: it is cut off, or it is none.
enum Fault {
    Cut,
    Wrong(String),
}

impl From<String> for Fault {
    fn from(why: String) -> Self {
        Self::Wrong(why)
    }
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// There is none that is known.
    pub fn open(source: R) -> Result<(Header, Self), Unreadable> {
        let mut reader = Self {
            source,
            line: 0,
            ended: false,
        };
        let mut lines = Vec::new();
        for _ in 0..Header::LINES {
            match reader.line() {
                Ok(line) => lines.push(line),
                Err(Fault::Cut) => break,
                Err(Fault::Wrong(why)) => return Err(reader.unreadable(why)),
            }
        }
        let given: Vec<&str> = lines.iter().map(String::as_str).collect();
        let given = <&[&str; Header::LINES]>::try_from(given.as_slice());
        let header = match given {
            Ok(lines) => Header::read(lines),
            Err(_) => Err("it ends before a recording begins".into()),
        };
        match header {
            Ok(header) => Ok((header, reader)),
            Err(why) => Err(reader.unreadable(why)),
        }
    }

    /// How many lines have been read.
    pub const fn lines(&self) -> u64 {
        self.line
    }

    /// The next record.
    ///
    /// # Errors
    /// It is none.
    pub fn advance(&mut self) -> Result<Next, Unreadable> {
        match self.record() {
            Ok(record) => {
                self.ended = record == Record::Ended;
                Ok(Next::Record(record))
            }
            Err(Fault::Cut) if self.ended => Ok(Next::End),
            Err(Fault::Cut) => Ok(Next::Cut),
            Err(Fault::Wrong(why)) => Err(self.unreadable(why)),
        }
    }

    const fn unreadable(&self, why: String) -> Unreadable {
        Unreadable {
            line: self.line,
            why,
        }
    }

    /// The next line, without its end.
    fn line(&mut self) -> Result<String, Fault> {
        let mut line = Vec::new();
        self.source
            .read_until(b'\n', &mut line)
            .map_err(|error: io::Error| error.to_string())?;
        if line.pop() != Some(b'\n') {
            return Err(Fault::Cut);
        }
        self.line += 1;
        // What is no UTF-8 was not written so; it differs from what was, and is told as that.
        Ok(String::from_utf8_lossy(&line).into_owned())
    }

    fn record(&mut self) -> Result<Record, Fault> {
        let line = self.line()?;
        if self.ended {
            return Err(Fault::Wrong("expected nothing after the end".into()));
        }
        let (kind, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let mut words = Words { rest, line: &line };
        Ok(match kind {
            "said" => {
                let (client, count) = (words.number()?, words.number()?);
                let cause = read_cause(words.rest)?;
                let mut lines = Vec::new();
                for _ in 0..count {
                    lines.push(self.response()?);
                }
                Record::Said(Said {
                    client,
                    cause,
                    lines,
                })
            }
            "gone" => Record::Gone {
                client: words.number()?,
            },
            "open" => Record::Opened(self.opened(&mut words)?),
            "enter" => Record::Entered {
                session: words.number()?,
                opening: words.number()?,
                is_unheard: match words.rest {
                    "" => false,
                    "unheard" => true,
                    _ => return Err(Fault::Wrong(words.wrong())),
                },
            },
            "step" => {
                let session = words.number()?;
                let input = read_input(words.rest)?;
                let (lines, position) = self.answer()?;
                Record::Step(Step {
                    session,
                    input,
                    lines,
                    position,
                })
            }
            "wrote" => Record::Wrote(wrote(&mut words)?),
            "lost" => Record::Lost {
                session: words.number()?,
            },
            "fail" => Record::Failed {
                opening: words.number()?,
            },
            "leave" => Record::Left {
                session: words.number()?,
            },
            "end" => Record::Ended,
            _ => return Err(Fault::Wrong(words.wrong())),
        })
    }

    fn opened(&mut self, words: &mut Words<'_>) -> Result<Opened, Fault> {
        let opening = words.number()?;
        let mut opened = Opened {
            opening,
            account: AccountId(words.named("account=")?),
            position: Position(words.named("position=")?),
            read_only: false,
            changes: Vec::new(),
        };
        let pieces: u32 = words.named("pieces=")?;
        opened.read_only = match words.rest {
            "read-only" => true,
            "read-write" => false,
            _ => return Err(Fault::Wrong(words.wrong())),
        };
        for number in 0..pieces {
            let line = self.line()?;
            let blob = line
                .strip_prefix("+ ")
                .and_then(|text| STANDARD.decode(text).ok())
                .ok_or_else(|| format!("expected `+` and a piece in base64, not `{line}`"))?;
            let changes = encoding::decode(opened.place(number), &blob)
                .map_err(|fault| format!("this piece of an account is damaged: {fault}"))?;
            opened.changes.extend(changes);
        }
        Ok(opened)
    }

    /// The answer to a step, and where it left the journal.
    fn answer(&mut self) -> Result<(Vec<String>, Option<Position>), Fault> {
        let mut lines = Vec::new();
        loop {
            let line = self.line()?;
            if line == "!" {
                return Ok((lines, None));
            }
            if let Some(position) = line.strip_prefix("= ") {
                let position = position.parse().map_err(|_| unexpected(&line))?;
                return Ok((lines, Some(Position(position))));
            }
            lines.push(response(&line)?);
        }
    }

    fn response(&mut self) -> Result<String, Fault> {
        let line = self.line()?;
        response(&line)
    }
}

/// What was answered in a line.
fn response(line: &str) -> Result<String, Fault> {
    let text = line.strip_prefix("> ");
    text.map(Into::into)
        .ok_or_else(|| Fault::Wrong(unexpected(line)))
}

fn wrote(words: &mut Words<'_>) -> Result<Wrote, String> {
    let session = words.number()?;
    let sum = words.word()?;
    let sum = u32::from_str_radix(sum, 16).map_err(|_| words.wrong())?;
    let (octets, rendered) = (words.number()?, words.number()?);
    let lack = match words.word()? {
        "whole" => None,
        "damaged" => Some(Lack::Damaged),
        "no-room" => Some(Lack::NoRoom),
        _ => return Err(words.wrong()),
    };
    let tag = unescaped(words.rest).and_then(|tag| String::from_utf8(tag).ok());
    Ok(Wrote {
        session,
        tag: tag.ok_or_else(|| words.wrong())?,
        sum,
        octets,
        rendered,
        lack,
    })
}

fn unexpected(line: &str) -> String {
    format!("expected a record, not `{line}`")
}

/// The words of a line.
struct Words<'a> {
    line: &'a str,
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn word(&mut self) -> Result<&'a str, String> {
        let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
        self.rest = rest;
        if word.is_empty() {
            return Err(self.wrong());
        }
        Ok(word)
    }

    fn number(&mut self) -> Result<u64, String> {
        self.named("")
    }

    /// The next word, without its name.
    fn named<T: FromStr>(&mut self, name: &str) -> Result<T, String> {
        let word = self.word()?.strip_prefix(name);
        word.and_then(|value| value.parse().ok())
            .ok_or_else(|| self.wrong())
    }

    fn wrong(&self) -> String {
        unexpected(self.line)
    }
}
