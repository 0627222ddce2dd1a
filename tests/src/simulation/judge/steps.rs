//! The recorded steps, made again: what they answered, octet by octet, at which position of the journal, and whether anybody is left who should not be.
//!
//! Touches nothing but its judge, which it also makes, of what a server recorded.

use super::{Due, Judge, Seat};
use crate::{
    simulation::{client::Sitting, survival::Survival},
    stage::answer::Answer,
};
use std::{
    collections::{HashMap, HashSet},
    mem,
    ops::Range,
    rc::Rc,
    sync::Arc,
};
use tandem_model::{
    Account, Command, Input, Response, Session,
    response::{FetchData, Status},
};
use tandem_server::{
    codec::request::{Request, Tagged},
    content::Content,
    recording::{
        reader::{Next, Reader},
        record::{Opened, Record, Step},
    },
};

impl Judge {
    /// `here`: the first and the last, exclusively, of the connections that were made to this server.
    pub(super) fn new(
        recorded: &str,
        sittings: &[Rc<Sitting>],
        here: Range<usize>,
        survival: Survival,
    ) -> Result<Self, String> {
        let (header, mut reader) =
            Reader::open(recorded.as_bytes()).map_err(|fault| fault.to_string())?;
        let mut clients = HashMap::new();
        for sitting in sittings.get(here).unwrap_or_default() {
            let client = sitting.client.get();
            clients.extend(client.map(|client| (client, sitting.number)));
        }
        let mut heard = HashSet::new();
        while let Next::Record(record) = reader.advance().map_err(|fault| fault.to_string())? {
            if let Record::Wrote(wrote) = record {
                let number = wrote
                    .tag
                    .strip_prefix('t')
                    .and_then(|tag| tag.split('x').next());
                let number = number.and_then(|number| number.parse().ok());
                let client = clients.get(&wrote.session);
                if number.is_some_and(|number: usize| client != Some(&number)) {
                    return Err(format!(
                        "session {} is written the tag `{}`, which is of another client",
                        wrote.session, wrote.tag
                    ));
                }
                heard.extend(client);
            }
        }
        Ok(Self {
            practice: header.practice,
            limits: header.limits,
            accounts: HashMap::new(),
            sessions: HashMap::new(),
            contents: HashMap::new(),
            clients,
            heard,
            sent: sittings
                .iter()
                .map(|sitting| sitting.sent.borrow().clone())
                .collect(),
            messages: messages(sittings),
            due: HashMap::new(),
            openings: HashMap::new(),
            survival,
            is_bad: false,
            failed: HashSet::new(),
            came: HashMap::new(),
            missed: 0,
            unheard: 0,
        })
    }

    /// Takes all records. `rested`: when everybody was at rest; none: the server crashed before.
    pub(super) fn take_all(&mut self, recorded: &str, rested: Option<usize>) -> Result<(), String> {
        let (_, mut reader) =
            Reader::open(recorded.as_bytes()).map_err(|fault| fault.to_string())?;
        let mut due = rested;
        loop {
            let lines = usize::try_from(reader.lines()).unwrap_or(usize::MAX);
            if due.take_if(|rested| lines >= *rested).is_some() {
                self.is_at_rest()?;
            }
            match reader.advance().map_err(|fault| fault.to_string())? {
                Next::Record(record) => self.take(record)?,
                Next::Cut | Next::End => break,
            }
        }
        if rested.is_none() {
            return Ok(());
        }
        if let Some(number) = self.sessions.keys().min() {
            return Err(format!("session {number} never left"));
        }
        let whole = |(opening, _): &(&u64, _)| !self.failed.contains(opening);
        for (_, account) in self.accounts.iter().filter(whole) {
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
                let which = self.survival.opened(&account)?;
                self.openings.insert(opening, which);
                self.accounts.insert(opening, account);
            }
            Record::Entered {
                session, opening, ..
            } => {
                let client = self.clients.get(&session);
                self.came.extend(client.map(|&client| (client, opening)));
                self.sessions.insert(session, Seat::new(opening));
            }
            Record::Step(step) => self.step(&step)?,
            Record::Left { session } => {
                self.sessions.remove(&session);
            }
            Record::Lost { session } if self.is_bad => {
                let seat = self.sessions.get(&session);
                self.failed.extend(seat.map(|seat| seat.opening));
            }
            Record::Failed { opening } if self.is_bad => {
                self.failed.insert(opening);
            }
            Record::Lost { session } => return Err(format!("session {session} lost its account")),
            Record::Failed { opening } => return Err(format!("account {opening} failed")),
            Record::Said(_) | Record::Gone { .. } | Record::Wrote(_) | Record::Ended => {}
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
        self.survival.left(account);
        let opening = self
            .openings
            .get(&seat.opening)
            .copied()
            .unwrap_or_default();
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
                let tag = &seat.answer.tag.0;
                let otherwise = match response {
                    Response::Tagged(Status::Ok, ..) => Some(
                        format!("{tag} NO [CORRUPTION] some of the messages are damaged\r\n")
                            .into_bytes(),
                    ),
                    Response::Tagged(..) => Some(octets.clone()),
                    _ => None,
                };
                due.push(Due {
                    octets,
                    position,
                    opening,
                    shows: matches!(
                        response,
                        Response::Fetch {
                            data: FetchData::Message { .. },
                            ..
                        }
                    ),
                    otherwise,
                });
            }
        }
        Ok(())
    }

    /// Nobody would be told anything.
    fn is_at_rest(&self) -> Result<(), String> {
        let whole = |(_, seat): &(_, &Seat)| !self.failed.contains(&seat.opening);
        for (number, seat) in self.sessions.iter().filter(whole) {
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
