//! One client: what it has sent, what it was told, and what it was shown, of others too.
//!
//! Touches nothing: octets are carried by others, so that what was told can be told again, up to some point of a log.

use super::{
    command::{Command, Flags},
    holdings::{Holdings, Numbers},
    text::Text,
};
use crate::wire::{Fetch, Response};
use std::collections::{BTreeSet, VecDeque};

/// How storage refuses what it cannot keep (RFC 5530).
const REFUSALS: [&str; 2] = ["NO [UNAVAILABLE] ", "NO [OVERQUOTA] "];

/// Something that was shown; it cannot be taken back.
#[derive(Clone, Debug)]
pub enum Sight {
    /// A message, perhaps with its flags.
    Message {
        mailbox: String,
        uid_validity: u32,
        uid: u32,
        text: Text,
        flags: Option<Flags>,
    },
    /// A message that had been shown went.
    Gone {
        mailbox: String,
        uid: u32,
        text: Text,
    },
    /// All names of mailboxes.
    Names(BTreeSet<String>),
    /// A UIDNEXT, with the UIDVALIDITY that it belongs to.
    Next {
        mailbox: String,
        uid_validity: u32,
        uid_next: u32,
    },
}

/// The mailbox that is selected, as it was shown.
#[derive(Clone, Debug)]
struct View {
    mailbox: String,
    uid_validity: u32,
    uid_next: Option<u32>,
    slots: Vec<Option<(u32, Text)>>,
    /// SELECT has been answered.
    open: bool,
}

/// One client.
#[derive(Clone, Debug)]
pub struct Actor {
    pub client: usize,
    pub user: String,
    /// It has many messages, and changes all of them at once: so much that snapshots are made of the account.
    pub is_busy: bool,
    /// What it has had since the server started: at first, and after each command that was answered.
    pub history: Vec<Holdings>,
    /// What was sent and not answered yet, with tags.
    pub in_flight: VecDeque<(String, Command)>,
    /// What it was shown since the server started.
    pub sights: Vec<Sight>,
    /// What was sent and told since the server started, for people.
    pub transcript: Vec<String>,
    /// The next message's number.
    pub next_text: usize,
    /// How many commands were refused for want of room, or because nothing can be kept any more: these have done nothing.
    pub refused: usize,
    view: Option<View>,
    listed: BTreeSet<String>,
    /// What an untagged COPYUID said.
    copied: Option<Numbers>,
    tags: usize,
}

impl Actor {
    pub fn new(client: usize, user: &str) -> Self {
        Self {
            client,
            user: user.into(),
            is_busy: false,
            history: vec![Holdings::in_inbox()],
            in_flight: VecDeque::new(),
            sights: Vec::new(),
            transcript: Vec::new(),
            next_text: 1,
            refused: 0,
            view: None,
            listed: BTreeSet::new(),
            copied: None,
            tags: 0,
        }
    }

    /// What the names of its mailboxes begin with.
    pub fn prefix(&self) -> String {
        format!("c{}-", self.client)
    }

    /// What it has now, as far as it knows.
    pub fn holdings(&self) -> &Holdings {
        self.history.last().unwrap()
    }

    /// The mailbox that it has selected.
    pub fn selected(&self) -> Option<&str> {
        self.view.as_ref().map(|view| view.mailbox.as_str())
    }

    /// The server has started again, and this is what it has of this client's.
    pub fn begin_again(&mut self, holdings: Holdings) {
        self.history = vec![holdings];
        self.in_flight.clear();
        self.sights.clear();
        self.transcript.clear();
        self.view = None;
        self.listed.clear();
        self.copied = None;
        self.refused = 0;
    }

    /// Sends these together: the octets.
    pub fn send(&mut self, commands: Vec<Command>) -> Vec<u8> {
        let mut octets = Vec::new();
        for command in commands {
            self.tags += 1;
            let tag = format!("c{}t{}", self.client, self.tags);
            octets.extend_from_slice(&[tag.as_bytes(), b" ", &command.octets(), b"\r\n"].concat());
            self.transcript.push(format!("C: {tag} {}", command.line()));
            if let Command::Append { text, .. } = &command {
                self.next_text = self.next_text.max(text.number + 1);
            }
            self.in_flight.push_back((tag, command));
        }
        octets
    }

    /// Is told something.
    ///
    /// # Errors
    /// It contradicts what was said before, or was not to be said.
    pub fn hear(&mut self, response: &Response) -> Result<(), String> {
        self.note(response);
        match response {
            Response::Tagged { tag, text } => self.answered(tag, text),
            Response::Condition { text } => {
                let (uid_validity, uid_next) =
                    (response.code("UIDVALIDITY"), response.code("UIDNEXT"));
                if let (true, Some(view)) =
                    (uid_validity.is_some() || uid_next.is_some(), self.view())
                {
                    view.uid_validity = uid_validity.unwrap_or(view.uid_validity);
                    view.uid_next = uid_next.or(view.uid_next);
                }
                self.copied = numbers(text).or(self.copied.take());
                Ok(())
            }
            Response::Exists(count) => {
                let view = self.view().ok_or("EXISTS while nothing is selected")?;
                if *count < view.slots.len() {
                    return Err(format!("EXISTS {count} after {}", view.slots.len()));
                }
                view.slots.resize(*count, None);
                Ok(())
            }
            Response::Expunge(number) => {
                let view = self
                    .view()
                    .filter(|view| (1..=view.slots.len()).contains(number));
                let view = view.ok_or("EXPUNGE of what is not there")?;
                let (gone, mailbox) = (view.slots.remove(number - 1), view.mailbox.clone());
                self.sights
                    .extend(gone.map(|(uid, text)| Sight::Gone { mailbox, uid, text }));
                Ok(())
            }
            Response::Fetch(fetch) => self.shown(fetch),
            Response::List {
                name, no_select, ..
            } => {
                if !no_select {
                    self.listed.insert(name.clone());
                }
                Ok(())
            }
            Response::Status { name, items } => {
                let item = |wanted: &str| {
                    items
                        .iter()
                        .find(|(item, _)| item == wanted)
                        .map(|(_, number)| *number)
                };
                let (uid_validity, uid_next) = item("UIDVALIDITY")
                    .zip(item("UIDNEXT"))
                    .ok_or("items are missing")?;
                self.sights.push(Sight::Next {
                    mailbox: name.clone(),
                    uid_validity,
                    uid_next,
                });
                Ok(())
            }
            Response::Other => Ok(()),
        }
    }

    /// What is selected; or what is being selected, once anything is said while SELECT is the command in progress.
    fn view(&mut self) -> Option<&mut View> {
        if let Some((_, Command::Select { mailbox })) = self.in_flight.front()
            && self.view.as_ref().is_none_or(|view| view.open)
        {
            let mailbox = mailbox.clone();
            self.view = Some(View {
                mailbox,
                uid_validity: 0,
                uid_next: None,
                slots: Vec::new(),
                open: false,
            });
        }
        self.view.as_mut()
    }

    fn shown(&mut self, fetch: &Fetch) -> Result<(), String> {
        let view = self.view().ok_or("FETCH while nothing is selected")?;
        let slot = view
            .slots
            .get_mut(fetch.number.wrapping_sub(1))
            .ok_or("FETCH of what is not there")?;
        if let (Some(uid), Some(body)) = (fetch.uid, &fetch.body) {
            let text = Text::read(body)?;
            if slot.is_some_and(|known| known != (uid, text)) {
                return Err(format!(
                    "message {} was {slot:?}, and is shown as {uid}, {text}",
                    fetch.number
                ));
            }
            if fetch.date.as_ref().is_some_and(|date| *date != text.date()) {
                return Err(format!("message {text} has the date {:?}", fetch.date));
            }
            *slot = Some((uid, text));
        }
        let Some((uid, text)) = *slot else {
            return Ok(());
        };
        if fetch.uid.is_some_and(|other| other != uid) {
            return Err(format!(
                "message {} was UID {uid}, and is shown as {:?}",
                fetch.number, fetch.uid
            ));
        }
        let (mailbox, uid_validity, flags) =
            (view.mailbox.clone(), view.uid_validity, fetch.flags.clone());
        self.sights.push(Sight::Message {
            mailbox,
            uid_validity,
            uid,
            text,
            flags,
        });
        Ok(())
    }

    fn answered(&mut self, tag: &str, text: &str) -> Result<(), String> {
        if let Some(view) = self.view() {
            view.open = true;
        }
        let (expected, command) = self.in_flight.pop_front().ok_or("an answer to nothing")?;
        if expected == tag && REFUSALS.iter().any(|refusal| text.starts_with(refusal)) {
            self.refused += 1;
            self.copied = None;
            self.history.push(self.holdings().clone());
            return Ok(());
        }
        if expected != tag || !text.starts_with("OK ") {
            return Err(format!(
                "`{tag} {text}` answers `{expected} {}`",
                command.line()
            ));
        }
        let numbers = numbers(text).or(self.copied.take());
        if numbers.is_none()
            && matches!(
                command,
                Command::Append { .. } | Command::Copy { .. } | Command::Move { .. }
            )
        {
            return Err(format!(
                "no UIDs are told: `{tag} {text}` answers `{}`",
                command.line()
            ));
        }
        let mut holdings = self.holdings().clone();
        holdings.apply(&command, numbers.as_ref());
        match command {
            Command::Select { mailbox } => {
                let view = self.view.as_ref().ok_or("SELECT showed nothing")?;
                let known = &mut holdings.mailboxes.get_mut(&mailbox).unwrap().uid_validity;
                if known.is_some_and(|known| known != view.uid_validity) {
                    return Err(format!(
                        "UIDVALIDITY of `{mailbox}` was {known:?}, and is {}",
                        view.uid_validity
                    ));
                }
                *known = Some(view.uid_validity);
                let (uid_validity, uid_next) = (
                    view.uid_validity,
                    view.uid_next.ok_or("SELECT without UIDNEXT")?,
                );
                self.sights.push(Sight::Next {
                    mailbox,
                    uid_validity,
                    uid_next,
                });
            }
            Command::Close { .. } | Command::Unselect => self.view = None,
            Command::List => self
                .sights
                .push(Sight::Names(std::mem::take(&mut self.listed))),
            _ => {}
        }
        self.history.push(holdings);
        Ok(())
    }

    fn note(&mut self, response: &Response) {
        let line = match response {
            Response::Fetch(fetch) => {
                let body = fetch.body.as_ref().map(|body| body.len());
                format!(
                    "* {} FETCH {:?} {:?}, body of {body:?} octets",
                    fetch.number, fetch.uid, fetch.flags
                )
            }
            Response::Tagged { tag, text } => format!("{tag} {text}"),
            other => format!("* {other:?}"),
        };
        self.transcript.push(format!("S: {line}"));
    }
}

/// APPENDUID or COPYUID in a condition (RFC 4315).
fn numbers(text: &str) -> Option<Numbers> {
    let (code, _) = text.split_once('[')?.1.split_once(']')?;
    let mut words = code.split(' ');
    let name = words.next()?;
    let uid_validity = words.next()?.parse().ok()?;
    match name {
        "APPENDUID" | "COPYUID" => Some((uid_validity, words.next_back().map(uids)?)),
        _ => None,
    }
}

/// The numbers of a set.
fn uids(set: &str) -> Vec<u32> {
    let number = |text: &str| text.parse::<u32>().unwrap();
    let ranges = set
        .split(',')
        .map(|part| part.split_once(':').unwrap_or((part, part)));
    ranges
        .flat_map(|(from, to)| number(from)..=number(to))
        .collect()
}
