//! Inputs and responses as lines of a recording.
//!
//! Touches nothing. A command is written as a client would send it, by [`print()`], and read by the parser: so it is
//! the parser's form of it, whatever the client wrote. A response is written by [`encode`], as on the wire, and what that leaves to the
//! connection follows in angle brackets: which content a FETCH is about, what SEARCH found in a page. So two responses that differ have lines that differ,
//! as far as a client could tell; lines are compared, never read.

use crate::codec::{
    encode,
    fragment::{Event, Fragmenter, Limits},
    parse,
    print::print,
    request::{FetchAttribute, Request, Section, Tag, Tagged},
};
use crate::content::Lack;
use std::fmt::Write as _;
use tandem_model::{
    Command, Input, Response,
    command::{Moment, Room},
    flags::Keywords,
    message::Message,
    number::{ContentId, UidValidity},
    response::{FetchData, SearchPage, Status},
};

/// What stands for the tag: the session does not know it.
pub const TAG: &str = "tag";

/// What an APPEND ends with: the message is not there.
const NO_MESSAGE: &str = " {0+}%0D%0A";

/// Text in one line: control characters and `%` as `%` and two hexadecimal digits.
#[must_use]
pub fn escaped(octets: &[u8]) -> String {
    let mut line = String::with_capacity(octets.len());
    for chunk in octets.utf8_chunks() {
        for letter in chunk.valid().chars() {
            if letter.is_ascii_control() || letter == '%' {
                let _ = write!(line, "%{:02X}", u32::from(letter));
            } else {
                line.push(letter);
            }
        }
        for octet in chunk.invalid() {
            let _ = write!(line, "%{octet:02X}");
        }
    }
    line
}

/// What [`escaped`] made a line of; none if it could not have.
#[must_use]
pub fn unescaped(line: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(line.len());
    let mut parts = line.split('%');
    octets.extend_from_slice(parts.next()?.as_bytes());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        octets.push(u8::from_str_radix(digits, 16).ok()?);
        octets.extend_from_slice(rest.as_bytes());
    }
    Some(octets)
}

/// An input as text.
#[must_use]
pub fn input(input: &Input) -> String {
    let (command, moment) = match input {
        Input::Command(command, moment) => (command, moment),
        Input::Resume => return "resume".into(),
        Input::Done => return "done".into(),
        Input::Wake => return "wake".into(),
        Input::Break => return "break".into(),
        Input::Shutdown => return "shutdown".into(),
    };
    let room = match moment.room {
        Room::Free => "free",
        Room::Full => "full",
        Room::OverQuota => "over-quota",
        Room::ReadOnly => "read-only",
    };
    let mut line = format!("{room} {} ", moment.uid_validity);
    if let Command::Append { content, size, .. } = command {
        let _ = write!(line, "content={content} size={size} ");
    }
    line.push_str(&said(command));
    line
}

/// A command with its tag, in one line; of the message of an APPEND nothing.
#[must_use]
pub fn command(tagged: &Tagged) -> String {
    let Tagged { tag, request } = tagged;
    let emptied = match request {
        Request::Append {
            mailbox,
            flags,
            date,
            ..
        } => Some(Tagged {
            tag: tag.clone(),
            request: Request::Append {
                mailbox: mailbox.clone(),
                flags: flags.clone(),
                date: *date,
                message: Vec::new(),
            },
        }),
        _ => None,
    };
    let line = print(emptied.as_ref().unwrap_or(tagged));
    escaped(line.strip_suffix(b"\r\n").unwrap_or(&line))
}

/// The command that [`command`] made this text of.
///
/// # Errors
/// It did not; says why.
pub fn request(text: &str) -> Result<Tagged, String> {
    let mut octets = unescaped(text).ok_or("expected two digits after %")?;
    octets.extend_from_slice(b"\r\n");
    let mut rest = octets.as_slice();
    // Whoever recorded it may have had other limits.
    let limits = Limits {
        line: usize::MAX,
        literal: usize::MAX,
        literals: usize::MAX,
        count: usize::MAX,
        append: usize::MAX,
    };
    let event = Fragmenter::new(limits).advance(&mut rest);
    let Some(Event::Command(fragments)) = event.filter(|_| rest.is_empty()) else {
        return Err("it is not one".into());
    };
    parse::command(fragments).map_err(|error| error.to_string())
}

/// A command as a client would send it, without its tag. What a FETCH asks for, and the message of an APPEND, are not known here.
#[must_use]
pub fn said(command: &Command) -> String {
    let request = match command {
        Command::Fetch { marks_seen, .. } => Request::Fetch {
            command: command.clone(),
            attributes: vec![if *marks_seen {
                FetchAttribute::Section {
                    section: Section::default(),
                    partial: None,
                    peek: false,
                }
            } else {
                FetchAttribute::Flags
            }],
        },
        command => Request::Mailbox(command.clone()),
    };
    let printed = print(&Tagged {
        tag: Tag(TAG.into()),
        request,
    });
    let line = printed.get(TAG.len() + 1..).unwrap_or_default();
    let line = escaped(line.strip_suffix(b"\r\n").unwrap_or(line));
    match line.strip_suffix(NO_MESSAGE) {
        Some(rest) => rest.into(),
        None => line,
    }
}

/// The input that [`input`] made this text of.
///
/// # Errors
/// It did not; says what was expected.
pub fn read_input(text: &str) -> Result<Input, String> {
    match text {
        "resume" => return Ok(Input::Resume),
        "done" => return Ok(Input::Done),
        "wake" => return Ok(Input::Wake),
        "break" => return Ok(Input::Break),
        "shutdown" => return Ok(Input::Shutdown),
        _ => {}
    }
    let unknown = || format!("expected an input, not `{text}`");
    let (room, rest) = text.split_once(' ').ok_or_else(unknown)?;
    let room = match room {
        "free" => Room::Free,
        "full" => Room::Full,
        "over-quota" => Room::OverQuota,
        "read-only" => Room::ReadOnly,
        _ => return Err(unknown()),
    };
    let (uid_validity, mut rest) = rest.split_once(' ').ok_or_else(unknown)?;
    let moment = Moment {
        uid_validity: UidValidity(uid_validity.parse().map_err(|_| unknown())?),
        room,
    };
    let mut kept = None;
    if let Some(numbers) = rest.strip_prefix("content=") {
        let (content, after) = numbers.split_once(" size=").ok_or_else(unknown)?;
        let (size, after) = after.split_once(' ').ok_or_else(unknown)?;
        let content = ContentId(content.parse().map_err(|_| unknown())?);
        kept = Some((content, size.parse().map_err(|_| unknown())?));
        rest = after;
    }
    Ok(Input::Command(read_command(rest, kept)?, moment))
}

/// A command, with the number of octets of an APPEND and where they are.
fn read_command(text: &str, kept: Option<(ContentId, u32)>) -> Result<Command, String> {
    let message = kept.map_or("", |_| NO_MESSAGE);
    let wrong = |why: &str| format!("expected a command, not `{text}`: {why}");
    let parsed = request(&format!("{TAG} {text}{message}")).map_err(|why| wrong(&why))?;
    match (parsed.request, kept) {
        (Request::Mailbox(command) | Request::Fetch { command, .. }, None) => Ok(command),
        (
            Request::Append {
                mailbox,
                flags,
                date: Some(date),
                ..
            },
            Some((content, size)),
        ) => Ok(Command::Append {
            mailbox,
            flags,
            date,
            content,
            size,
        }),
        _ => Err(wrong("no session takes it")),
    }
}

/// Whether the connection needs more than a response to write it.
#[must_use]
pub const fn is_rendered(response: &Response) -> bool {
    match response {
        Response::Fetch { data, .. } => !matches!(data, FetchData::Flags { .. }),
        Response::Search(_) => true,
        _ => false,
    }
}

/// Whether octets are put out for a response that is rendered: what SEARCH found is joined, and written with the last of it.
#[must_use]
pub const fn is_put(response: &Response) -> bool {
    match response {
        Response::Search(page) => page.last,
        response => is_rendered(response),
    }
}

/// Words the responses of one session: it remembers what the client was last told by FLAGS.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    keywords: Keywords,
}

impl Wording {
    /// One response as a line.
    #[must_use]
    pub fn line(&mut self, response: &Response) -> String {
        let mut line = Vec::new();
        self.encode(&mut line, response, &Tag(TAG.into()));
        let mut line = escaped(line.strip_suffix(b"\r\n").unwrap_or(&line));
        match response {
            Response::Fetch {
                data:
                    FetchData::Message {
                        message, seen_now, ..
                    },
                ..
            } => {
                let seen_now = if *seen_now { ", seen now" } else { "" };
                let _ = write!(line, " <{}{seen_now}>", shown(message));
            }
            Response::Fetch {
                data: FetchData::Nil { .. },
                ..
            } => line.push_str(" <nil>"),
            Response::Search(page) => line = found(page),
            _ => {}
        }
        line
    }

    /// Puts the octets of a response into `out`, as they are on the wire; of one that is rendered, what is known of it.
    pub fn encode(&mut self, out: &mut Vec<u8>, response: &Response, tag: &Tag) {
        if let Response::Flags(told) = response {
            self.keywords.clone_from(told);
        }
        encode::response(out, response, tag, &self.keywords);
    }

    /// The same in answer to a command of which something could not be shown.
    pub fn encode_without(
        &mut self,
        out: &mut Vec<u8>,
        response: &Response,
        tag: &Tag,
        lack: Lack,
    ) {
        if let Response::Tagged(Status::Ok, ..) = response {
            encode::lack(out, tag, lack);
        } else {
            self.encode(out, response, tag);
        }
    }
}

/// What a message is, as far as it is not told in other words.
fn shown(message: &Message) -> String {
    let Message {
        size,
        modseq,
        content,
        date,
        ..
    } = message;
    format!(
        "content {content}, {size} octets, date {} {}, modseq {modseq}",
        date.seconds(),
        date.zone()
    )
}

/// A page of what SEARCH found; `?` marks what is to be judged by its content.
fn found(page: &SearchPage) -> String {
    let mut line = String::from("* SEARCH");
    for candidate in &page.candidates {
        let _ = write!(line, " {}", candidate.number);
        if let Some(unjudged) = &candidate.unjudged {
            let (seq, uid) = (unjudged.seq, unjudged.message.uid);
            let flags = unjudged.message.flags.0;
            let _ = write!(line, "?<number {seq}, UID {uid}, flags {flags:x}");
            let _ = write!(line, ", {}>", shown(&unjudged.message));
        }
    }
    line.push_str(if page.last { " <last" } else { " <more" });
    if let Some(key) = &page.key {
        let key = (**key).clone();
        let form = tandem_model::command::Form::Uid;
        let _ = write!(line, "; {}", said(&Command::Search { key, form }));
    }
    line.push('>');
    line
}
