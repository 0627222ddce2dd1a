//! A recording: every input and every response of every session, in the order in which the steps were made, in a file.
//!
//! Touches the file. Accounts and sessions are told of by those who have them; a recording changes nothing for anybody.
//!
//! Theory of operation. Steps of one account are made one after the other, under its lock, and [`Session::step`](tandem_model::Session::step) is
//! pure: the account as it was when it was opened, and then the inputs in their order, make every response again. So the file has both, and
//! the responses too, and [`replay`] sees whether they still come. A step is handed to the thread that writes while the account's lock is held; that is what
//! keeps the order, and one thread writes all, so that no record is lost between two of them. The queue to it is bounded ([`QUEUE`]): with a disk that
//! cannot follow, steps wait. If the file cannot be written, the server says so in its log and goes on without recording: what was recorded up
//! to there can be replayed, and has no end.
//!
//! What a connection says of its own, without a step, is between its steps, with why it said so ([`Cause`](crate::connection::own::Cause)), and a replay says it again.
//!
//! What is not in it: passwords, names of users, what is in messages, and what a FETCH asks for and is shown of them; of an attempt to log in, only what came of it, and of what cannot be read, only what was expected.
//! What is: names of mailboxes, flags, what was searched for, what a client says of itself with ID, and of
//! each message its size, its date and the number of its content.
//!
//! The file is text, a record a line or a few ([`record`]), so that it can be read and cut by hand. Its first lines say what it is:
//!
//! ```text
//! tandem recording 1
//! made by tandem 0.1.0
//! practice deletion=ghost renaming=keep ...
//! limit page=1024 ghosts=100000 mailboxes=10000 messages=10000000
//! ```

pub mod reader;
pub mod record;
mod recorder;
pub mod replay;
pub mod said;
pub mod wording;

pub use recorder::{Greeted, Pending, Recorded, Recorder, Written};

use std::fmt::Write as _;
use tandem_model::{Limits, Practice};

/// The version of the format that is written and read.
pub const VERSION: u32 = 1;

/// How many records wait to be written, at most; whoever comes then waits.
pub const QUEUE: usize = 8_192;

/// What stands before all records: what an account needs to be told to do the same again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Which tandem made the recording.
    pub tandem: String,
    /// Which practices were followed.
    pub practice: Practice,
    /// The limits of accounts.
    pub limits: Limits,
}

impl Header {
    /// Of a recording that this tandem makes.
    #[must_use]
    pub fn new(practice: Practice, limits: Limits) -> Self {
        Self {
            tandem: env!("CARGO_PKG_VERSION").into(),
            practice,
            limits,
        }
    }

    /// How many lines it has.
    pub const LINES: usize = 4;

    /// Its lines.
    #[must_use]
    pub fn write(&self) -> String {
        let mut text = format!(
            "tandem recording {VERSION}\nmade by tandem {}\npractice",
            self.tandem
        );
        for (key, value) in self.practice.chosen() {
            let _ = write!(text, " {key}={value}");
        }
        let Limits {
            page,
            ghosts,
            mailboxes,
            messages,
        } = self.limits;
        let _ = writeln!(
            text,
            "\nlimit page={page} ghosts={ghosts} mailboxes={mailboxes} messages={messages}"
        );
        text
    }

    /// From its lines.
    ///
    /// # Errors
    /// They are not those of a recording, or of one that is not known here; says what is wrong.
    pub fn read(lines: &[&str; Self::LINES]) -> Result<Self, String> {
        let [format, made, practices, limits] = lines;
        let version = format
            .strip_prefix("tandem recording ")
            .ok_or("it is no recording: expected `tandem recording` at its beginning")?;
        if version != VERSION.to_string() {
            return Err(format!(
                "it is of version `{version}`: this tandem reads version {VERSION}"
            ));
        }
        let tandem = made
            .strip_prefix("made by tandem ")
            .ok_or_else(|| format!("expected which tandem made it, not `{made}`"))?;
        let mut header = Self {
            tandem: tandem.into(),
            ..Self::new(Practice::default(), Limits::default())
        };
        for (key, value) in settings("practice", practices)? {
            header.practice.set(key, value)?;
        }
        for (key, value) in settings("limit", limits)? {
            let value = value
                .parse()
                .map_err(|_| format!("expected a number for `{key}`, not `{value}`"))?;
            match key {
                "page" => header.limits.page = value,
                "ghosts" => header.limits.ghosts = value,
                "mailboxes" => header.limits.mailboxes = value,
                "messages" => header.limits.messages = value,
                _ => {
                    return Err(format!(
                        "unknown limit `{key}`: expected one of page, ghosts, mailboxes, messages"
                    ));
                }
            }
        }
        Ok(header)
    }
}

/// The pairs of a line like `practice key=value key=value`.
fn settings<'a>(
    name: &str,
    line: &'a str,
) -> Result<impl Iterator<Item = (&'a str, &'a str)>, String> {
    let rest = line
        .strip_prefix(name)
        .filter(|rest| rest.split(' ').skip(1).all(|pair| pair.contains('=')))
        .ok_or_else(|| format!("expected `{name} key=value ...`, not `{line}`"))?;
    Ok(rest.split(' ').filter_map(|pair| pair.split_once('=')))
}
