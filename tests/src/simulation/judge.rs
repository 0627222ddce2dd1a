//! Judges a run by what was recorded of its steps, and by what was written to each client.
//!
//! Touches nothing. RFC 3501 and RFC 2180 as far as the check's oracle knows them, which judges each session ([`replay`]).
//!
//! Theory of operation. The recording has the steps in the order in which the server made them, under the account's lock. They are made again: by
//! [`replay`], which compares what they answered, and has a client believe it; and here, with the contents of messages, so that it is
//! known, octet by octet, what each client is to be written, and at which position of the journal each response was made. Then:
//!
//! - what was written to a client is that and nothing else, in that order; all of it, unless the client went before. A message whose content could not be read is
//!   left out, and its command answered NO; there are no more of these than times that the disk could not read;
//! - nothing was written before the journal was durable up to where its step had left it;
//! - whatever opens the account after a crash or a failure finds what some step had left, and nothing that was written to anybody is taken back ([`survival`]);
//! - at rest, when everybody waits, no session would say anything if it were woken: no wake-up was lost;
//! - at the end nobody is left in the account, nothing is kept for anybody, and what is on the disk is the account, with the contents of its messages and no others.
//!
//! A server that crashed is judged by what it had recorded until then. An account that fails, as it may on a bad disk, is judged up to there: its sessions are told so, and no more.
//!
//! [`survival`]: super::survival

use super::{
    client::{Sitting, login::UNAVAILABLE},
    counts::Counts,
    disk::Disk,
    pipe::{End, Written},
    run::server::Past,
    survival::Survival,
};
use crate::{
    stage::answer::Answer,
    wire::{shown, whole},
};
use std::{
    collections::{HashMap, HashSet},
    mem,
    rc::Rc,
    sync::Arc,
};
use tandem_model::{
    Account, Command, Input, Limits, Practice, Response, Session,
    number::ContentId,
    response::{FetchData, Status},
};
use tandem_server::{
    codec::request::{Request, Tagged},
    content::Content,
    recording::{
        reader::{Next, Reader},
        record::{Opened, Record, Step},
        replay::{Verdict, replay},
    },
};

/// What those are told whose account has failed.
const FAILED: &[u8] = b"* BYE the account failed: what was not answered may not have been done\r\n";

/// What those are told who say nothing for too long.
const SILENT: &[u8] = b"* BYE nothing was heard for too long\r\n";

/// Judges a run: servers that crashed, and the last, that did not. `rested`: how long its recording was when everybody was at rest.
///
/// # Errors
/// What is wrong.
pub fn judge(
    lives: &[Past],
    sittings: &[Rc<Sitting>],
    rested: usize,
    disk: &Disk,
) -> Result<Counts, String> {
    let (mut survival, mut contents) = (Survival::default(), HashMap::new());
    let (mut sum, mut first, mut missed) = (Counts::default(), 0, 0);
    for (at, life) in lives.iter().enumerate() {
        let is_last = at + 1 == lives.len();
        let verdict = replay(life.recorded.as_bytes(), |_, _| {});
        let counts = match verdict.map_err(|unreadable| unreadable.to_string())? {
            Verdict::Equal { counts, whole } if whole == is_last => counts,
            other => return Err(format!("the replay: {other:?}")),
        };
        let mut judge = Judge::new(&life.recorded, sittings, survival)?;
        judge.is_bad = disk.is_bad();
        judge.contents = contents;
        judge.take_all(&life.recorded, is_last.then_some(rested))?;
        let mut octets = 0;
        let all = sittings.iter().enumerate();
        for (number, sitting) in all.take(life.sittings).skip(first) {
            octets += judge.written(number, sitting)?;
        }
        missed += judge.missed;
        survival = judge.survival;
        contents = judge.contents;
        sum = sum.and(Counts {
            steps: counts.steps,
            responses: counts.responses,
            octets,
            connections: u64::try_from(life.sittings - first).unwrap_or_default(),
            crashes: u64::from(!is_last),
            ..Counts::default()
        });
        first = life.sittings;
    }
    if let Some(kept) = disk.account(Limits::default()) {
        survival.opened(&kept)?;
        if let Some(wrong) = disk.audit(&kept) {
            return Err(wrong);
        }
    }
    survival.judge()?;
    if missed > disk.unread() {
        return Err(format!(
            "{missed} messages are left out, and {} could not be read",
            disk.unread()
        ));
    }
    Ok(Counts { missed, ..sum })
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
    /// What is to be written to each client.
    due: HashMap<usize, Vec<Due>>,
    /// Which time it was that an account was opened, of all servers.
    openings: HashMap<u64, usize>,
    survival: Survival,
    /// The disk may fail.
    is_bad: bool,
    /// Openings of an account that failed.
    failed: HashSet<u64>,
    /// To which opening each client came.
    came: HashMap<usize, u64>,
    /// How many messages were left out because their contents could not be read.
    missed: u64,
}

/// A response that came of a step.
#[derive(Default)]
struct Due {
    octets: Vec<u8>,
    /// Where the journal was then.
    position: u64,
    /// Which time it was that the account was opened.
    opening: usize,
    /// It shows a content, which may not have been there to be read.
    shows: bool,
    /// It ends a command: what is due in its place if a content of the same command could not be read.
    otherwise: Option<Vec<u8>>,
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
    fn new(recorded: &str, sittings: &[Rc<Sitting>], survival: Survival) -> Result<Self, String> {
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
            openings: HashMap::new(),
            survival,
            is_bad: false,
            failed: HashSet::new(),
            came: HashMap::new(),
            missed: 0,
        })
    }
}

impl Judge {
    /// Takes all records. `rested`: when everybody was at rest; none: the server crashed before.
    fn take_all(&mut self, recorded: &str, rested: Option<usize>) -> Result<(), String> {
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
            Record::Entered { session, opening } => {
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

    /// Looks at what a client was told before it was logged in, or instead; how many octets that is.
    fn before_login(
        &self,
        number: usize,
        sitting: &Sitting,
        octets: &[u8],
        has_left: bool,
    ) -> Result<usize, String> {
        let mut at = 0;
        for begins in sitting.before.borrow().iter() {
            let rest = octets.get(at..).unwrap_or_default();
            let Some(length) = whole(rest) else {
                let fits = has_left
                    && (rest.starts_with(begins.as_bytes())
                        || begins.as_bytes().starts_with(rest)
                        || self.is_bad);
                return fits.then_some(octets.len()).ok_or_else(|| {
                    format!(
                        "client {number} is written `{}` in place of `{begins}`",
                        shown(rest)
                    )
                });
            };
            let response = rest.get(..length).unwrap_or_default();
            let begin = |with: &str| response.starts_with(with.as_bytes());
            let fits = begin(begins) || (self.is_bad && begin(UNAVAILABLE));
            if !fits {
                return Err(format!(
                    "client {number} is written `{}` in place of `{begins}`",
                    shown(response)
                ));
            }
            at += length;
        }
        Ok(at)
    }

    /// Compares what was written to a client with what is due; how many octets were right.
    fn written(&mut self, number: usize, sitting: &Sitting) -> Result<u64, String> {
        let is_known = self.clients.values().any(|&client| client == number);
        let near = &sitting.near;
        let has_left = near.end() != End::Open || near.is_cut() || sitting.is_too_silent();
        let Written { octets, pieces } = sitting.near.written();
        let mut at = self.before_login(number, sitting, &octets, has_left)?;
        if !is_known && has_left {
            return Ok(u64::try_from(at).unwrap_or_default());
        }
        let due = self.due.remove(&number).unwrap_or_default();
        let mut due = due.into_iter();
        // Who was never answered anything is not known by it.
        let came = self.came.get(&number);
        let is_told = came.map_or(self.is_bad, |opening| self.failed.contains(opening));
        let (mut ended, mut corrupt) = (false, false);
        while at < octets.len() {
            let rest = octets.get(at..).unwrap_or_default();
            let length = whole(rest);
            let response = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            let ends = |with: &[u8]| rest == with || (has_left && with.starts_with(rest));
            if (is_told && ends(FAILED)) || (sitting.is_too_silent() && ends(SILENT)) {
                ended = true;
                break;
            }
            let fits = |expected: &[u8]| {
                if length.is_some() {
                    response == expected
                } else {
                    has_left && expected.starts_with(response)
                }
            };
            let mut expected = due.next().unwrap_or_default();
            while self.is_bad && expected.shows && !fits(&expected.octets) {
                self.missed += 1;
                corrupt = true;
                expected = due.next().unwrap_or_default();
            }
            if let Some(otherwise) = expected.otherwise.take_if(|_| std::mem::take(&mut corrupt)) {
                expected.octets = otherwise;
            }
            if !fits(&expected.octets) {
                return Err(format!(
                    "client {number} should be written `{}`, and is `{}`",
                    shown(&expected.octets),
                    shown(response)
                ));
            }
            let piece = pieces.partition_point(|&(end, _)| end <= at);
            let durable = pieces.get(piece).map_or(0, |&(_, durable)| durable);
            if durable < expected.position {
                return Err(format!(
                    "client {number} is written `{}` of position {}, and the journal is durable to {durable}",
                    shown(response),
                    expected.position
                ));
            }
            self.survival.shown(expected.opening, expected.position);
            at += response.len();
        }
        match due.next() {
            Some(missing) if !has_left && !ended => Err(format!(
                "client {number} is not written `{}`",
                shown(&missing.octets)
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
