//! Judges a run by what was recorded of its steps, and by what was written to each client.
//!
//! Touches nothing. RFC 3501 and RFC 2180 as far as the check's oracle knows them, which judges each session ([`replay`]).
//!
//! Theory of operation. The recording has the steps in the order in which the server made them, under the account's lock. They are made again: by
//! [`replay`], which compares what they answered, and has a client believe it; and here, with the contents of messages, so that it is
//! known, octet by octet, what each client is to be written, and at which position of the journal each response was made. Then:
//!
//! - what was written to a client is that and nothing else, in that order; all of it, unless the client went before;
//! - nothing was written before the journal was durable up to where its step had left it;
//! - at rest, when everybody waits, no session would say anything if it were woken: no wake-up was lost;
//! - at the end nobody is left in the account, and nothing is kept for anybody.

use super::{
    client::Sitting,
    pipe::{End, Written},
    run::Counts,
};
use crate::{
    stage::answer::Answer,
    wire::{shown, whole},
};
use std::{collections::HashMap, mem, rc::Rc, sync::Arc};
use tandem_model::{Account, Command, Input, Limits, Practice, Session, number::ContentId};
use tandem_server::{
    codec::request::{Request, Tagged},
    content::Content,
    recording::{
        reader::{Next, Reader},
        record::{Opened, Record, Step},
        replay::{Verdict, replay},
    },
};

/// Judges a run. `rested`: how long the recording was when everybody was at rest.
///
/// # Errors
/// What is wrong.
pub fn judge(recorded: &str, sittings: &[Rc<Sitting>], rested: usize) -> Result<Counts, String> {
    let verdict = replay(recorded.as_bytes(), |_, _| {});
    let counts = match verdict.map_err(|unreadable| unreadable.to_string())? {
        Verdict::Equal {
            counts,
            whole: true,
        } => counts,
        other => return Err(format!("the replay: {other:?}")),
    };
    let mut judge = Judge::new(recorded, sittings)?;
    judge.take_all(recorded, rested)?;
    let mut octets = 0;
    for (number, sitting) in sittings.iter().enumerate() {
        octets += judge.written(number, sitting)?;
    }
    Ok(Counts {
        steps: counts.steps,
        responses: counts.responses,
        octets,
        connections: u64::try_from(sittings.len()).unwrap_or_default(),
    })
}

struct Judge {
    practice: Practice,
    limits: Limits,
    /// By opening.
    accounts: HashMap<u64, Account>,
    sessions: HashMap<u64, Seat>,
    contents: HashMap<ContentId, Arc<Content>>,
    /// Which client a session is, as far as it was written anything that has its tag.
    clients: HashMap<u64, usize>,
    /// What each client sent.
    sent: Vec<Vec<Tagged>>,
    /// Messages by their sizes.
    messages: HashMap<u32, Arc<Content>>,
    /// What is to be written to each client: the octets of each response that came of a step, with where the journal was then.
    due: HashMap<usize, Vec<(Vec<u8>, u64)>>,
}

/// One session.
struct Seat {
    opening: u64,
    session: Session,
    answer: Answer,
    /// How many it has been given.
    commands: usize,
}

impl Judge {
    fn new(recorded: &str, sittings: &[Rc<Sitting>]) -> Result<Self, String> {
        let (header, mut reader) =
            Reader::open(recorded.as_bytes()).map_err(|fault| fault.to_string())?;
        let mut clients = HashMap::new();
        while let Next::Record(record) = reader.advance().map_err(|fault| fault.to_string())? {
            if let Record::Wrote(wrote) = record {
                let number = wrote
                    .tag
                    .strip_prefix('t')
                    .and_then(|tag| tag.split('x').next());
                let number = number.and_then(|number| number.parse().ok());
                if let Some(number) = number.filter(|&number: &usize| number < sittings.len()) {
                    clients.insert(wrote.session, number);
                }
            }
        }
        Ok(Self {
            practice: header.practice,
            limits: header.limits,
            accounts: HashMap::new(),
            sessions: HashMap::new(),
            contents: HashMap::new(),
            clients,
            sent: sittings
                .iter()
                .map(|sitting| sitting.sent.borrow().clone())
                .collect(),
            messages: messages(sittings),
            due: HashMap::new(),
        })
    }
}

impl Judge {
    fn take_all(&mut self, recorded: &str, rested: usize) -> Result<(), String> {
        let (_, mut reader) =
            Reader::open(recorded.as_bytes()).map_err(|fault| fault.to_string())?;
        let mut has_rested = false;
        loop {
            if !has_rested && usize::try_from(reader.lines()).is_ok_and(|lines| lines >= rested) {
                has_rested = true;
                self.is_at_rest()?;
            }
            match reader.advance().map_err(|fault| fault.to_string())? {
                Next::Record(record) => self.take(record)?,
                Next::Cut | Next::End => break,
            }
        }
        if let Some(number) = self.sessions.keys().min() {
            return Err(format!("session {number} never left"));
        }
        for account in self.accounts.values() {
            let owes = account
                .mailboxes()
                .iter()
                .any(|mailbox| !mailbox.views().is_empty() || !mailbox.ghosts().is_empty());
            if owes {
                return Err("something is kept for somebody who has left".to_owned());
            }
        }
        Ok(())
    }

    fn take(&mut self, record: Record) -> Result<(), String> {
        match record {
            Record::Opened(Opened {
                opening,
                changes,
                position,
                ..
            }) => {
                let mut account = Account::blank(self.limits);
                changes.iter().for_each(|change| account.apply(change));
                account.resume_at(position);
                self.accounts.insert(opening, account);
            }
            Record::Entered { session, opening } => {
                self.sessions.insert(session, Seat::new(opening));
            }
            Record::Step(step) => self.step(&step)?,
            Record::Left { session } => {
                self.sessions.remove(&session);
            }
            Record::Lost { session } => return Err(format!("session {session} lost its account")),
            Record::Failed { opening } => return Err(format!("account {opening} failed")),
            Record::Wrote(_) | Record::Ended => {}
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        let Self {
            sessions,
            accounts,
            contents,
            ..
        } = self;
        let seat = sessions.get_mut(&step.session).ok_or("a step of nobody")?;
        let account = accounts.get_mut(&seat.opening).ok_or("no such account")?;
        let client = self.clients.get(&step.session);
        if let Input::Command(command, _) = &step.input {
            let count = seat.commands;
            seat.commands += 1;
            let sent = client.and_then(|client| self.sent.get(*client)?.get(count));
            if let Some(Tagged { tag, request }) = sent {
                seat.answer.tag = tag.clone();
                if let Request::Fetch { attributes, .. } = request {
                    seat.answer.attributes.clone_from(attributes);
                }
            }
            if let Command::Append { content, size, .. } = command {
                let message = self.messages.get(size).ok_or("an unknown message")?;
                contents.insert(*content, Arc::clone(message));
            }
        }
        let mut out = Vec::new();
        seat.session
            .step(step.input.clone(), account, &self.practice, &mut out);
        let position = account.drain().position.0;
        let Some(&client) = client else {
            return Ok(());
        };
        let due = self.due.entry(client).or_default();
        for response in &out {
            seat.answer.response(response, |id, part| {
                contents.get(&id).map(|content| content.read(part))
            });
            let octets = mem::take(&mut seat.answer.out);
            if !octets.is_empty() {
                due.push((octets, position));
            }
        }
        Ok(())
    }

    /// Nobody would be told anything.
    fn is_at_rest(&self) -> Result<(), String> {
        for (number, seat) in &self.sessions {
            let Some(account) = self.accounts.get(&seat.opening) else {
                continue;
            };
            let (mut session, mut account, mut out) =
                (seat.session.clone(), account.clone(), Vec::new());
            session.step(Input::Wake, &mut account, &self.practice, &mut out);
            if !out.is_empty() {
                return Err(format!(
                    "at rest session {number} has not been told {out:?}"
                ));
            }
        }
        Ok(())
    }

    /// Compares what was written to a client with what is due; how many octets were right.
    fn written(&self, number: usize, sitting: &Sitting) -> Result<u64, String> {
        let is_known = self.clients.values().any(|&client| client == number);
        let has_left = sitting.near.end() != End::Open;
        if !is_known && has_left {
            return Ok(0);
        }
        let Written { octets, pieces } = sitting.near.written();
        let mut due = self.due.get(&number).into_iter().flatten();
        let (mut at, mut greetings) = (0, 2);
        while at < octets.len() {
            let rest = octets.get(at..).unwrap_or_default();
            let length = whole(rest);
            let response = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            if greetings > 0 && length.is_some() {
                greetings -= 1;
                at += response.len();
                continue;
            }
            let (expected, position) = match due.next() {
                Some((expected, position)) => (expected.as_slice(), *position),
                None => (&b""[..], 0),
            };
            let fits = if length.is_some() {
                response == expected
            } else {
                has_left && expected.starts_with(response)
            };
            if !fits {
                return Err(format!(
                    "client {number} should be written `{}`, and is `{}`",
                    shown(expected),
                    shown(response)
                ));
            }
            let piece = pieces.partition_point(|&(end, _)| end <= at);
            let durable = pieces.get(piece).map_or(0, |&(_, durable)| durable);
            if durable < position {
                return Err(format!(
                    "client {number} is written `{}` of position {position}, and the journal is durable to {durable}",
                    shown(response)
                ));
            }
            at += response.len();
        }
        match due.next() {
            Some((missing, _)) if !has_left => Err(format!(
                "client {number} is not written `{}`",
                shown(missing)
            )),
            _ => Ok(u64::try_from(octets.len()).unwrap_or_default()),
        }
    }
}

impl Seat {
    fn new(opening: u64) -> Self {
        Self {
            opening,
            session: Session::new(),
            answer: Answer::default(),
            commands: 0,
        }
    }
}

/// Every message that was sent, by its size: no two have the same.
fn messages(sittings: &[Rc<Sitting>]) -> HashMap<u32, Arc<Content>> {
    let mut messages = HashMap::new();
    for sitting in sittings {
        for tagged in sitting.sent.borrow().iter() {
            if let Request::Append { message, .. } = &tagged.request {
                let size = u32::try_from(message.len()).unwrap_or(u32::MAX);
                messages.insert(size, Arc::new(Content::new(message.clone())));
            }
        }
    }
    messages
}
