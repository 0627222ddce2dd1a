//! Makes the steps of a recording again, and tells the first that answers otherwise than it did, or than it should.
//!
//! Touches accounts of its own. RFC 3501 and RFC 2180 as far as the check's oracle knows them.
//!
//! Theory of operation. An account is made as it was when it was opened, by applying what was in it. Each step is made by
//! [`Session::step`](tandem_model::Session::step), with a [`Witness`] beside it; its responses are worded as those in the file, and compared line by
//! line; so is where the journal was left. Of what was written to the client the octets are made again with the encoder that is here, and
//! compared by their checksum, except of responses that are rendered, for the recording has no contents: they are counted. Each answer is written once, before its session
//! goes on; only of a connection that broke it need not have been. An account that is opened once more has to be what the steps before have left of it, or,
//! after a failure, some of them, and all whose answer was written (`kept`); so storage is held to the model too.
//!
//! What a connection says of its own is said again, for the same reason, and compared octet by octet; it has to be said where it may be: not in place of a session, not
//! before an answer has been written that a session has made, and not after a BYE.
//!
//! After the first difference nothing that follows could be trusted, and the replay is over.

mod client;
mod kept;

use self::{
    client::Client,
    kept::{Kept, same},
};
use super::{
    Header,
    reader::{Next, Reader, Unreadable},
    record::{Opened, Record, Said, Step, Wrote},
    wording::{Wording, is_put, is_rendered},
};
use crate::{codec::request::Tag, storage::AccountId};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    io::BufRead,
};
use tandem_model::{
    Account, Input, Limits, Practice, Response, check::Finding, check::witness::Witness,
    number::Position,
};

/// A replay, up to some record.
#[derive(Debug)]
pub struct Replay {
    practice: Practice,
    limits: Limits,
    /// By the opening.
    accounts: HashMap<u64, Open>,
    sessions: HashMap<u64, Sitting>,
    /// Those that are there.
    clients: HashMap<u64, Client>,
    /// Those that were.
    gone: HashSet<u64>,
    counts: Counts,
}

/// How much has been replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of any kind.
    pub records: u64,
    /// Steps of sessions.
    pub steps: u64,
    /// Responses that were equal.
    pub responses: u64,
    /// Octets on the wire that had the right checksum.
    pub octets: u64,
    /// Clients, logged in or not.
    pub clients: u64,
    /// What connections said of their own that was equal, in lines.
    pub said: u64,
    /// Accounts that were opened.
    pub accounts: u64,
    /// Sessions.
    pub sessions: u64,
    /// Sessions that held so many messages that nobody judged them.
    pub unjudged: u64,
}

/// An account that is open.
#[derive(Debug)]
struct Open {
    id: AccountId,
    account: Account,
    /// What is kept of it.
    kept: Kept,
    /// That may be less than it is.
    failed: bool,
}

/// A session at its account.
#[derive(Debug)]
struct Sitting {
    opening: u64,
    witness: Witness,
    wording: Wording,
    /// Nobody is written what it is answered.
    is_unheard: bool,
    /// What the last step answered, until that is written.
    last: Option<Answer>,
}

/// What a step answered, if anything.
#[derive(Debug)]
struct Answer {
    responses: Vec<Response>,
    /// How it is worded.
    wording: Wording,
    /// Where it left the journal: it is not written before that is durable.
    position: Position,
}

/// What is not as it was, or not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A response.
    Response {
        /// Which of the step's, from 0.
        at: usize,
        /// As it was; none: there was none more.
        recorded: Option<String>,
        /// As it is now; none: there is none more.
        replayed: Option<String>,
    },
    /// Where the journal was left.
    Position {
        /// As it was.
        recorded: Position,
        /// As it is now.
        replayed: Position,
    },
    /// The octets of responses, though they are equal.
    Octets {
        /// How many octets were written.
        recorded: u64,
        /// What would be written now, escaped.
        replayed: Vec<u8>,
    },
    /// How many of the responses that are rendered were put out.
    Rendered {
        /// How many there were.
        recorded: u64,
        /// How many there would be now.
        replayed: u64,
    },
    /// A session went on, and what it had answered was never written.
    Unwritten,
    /// A connection or a session did something where it may not.
    Misplaced,
    /// Something was written that no step had answered, or once more.
    Unanswered,
    /// An account that was opened again: a change that would make it, there and here.
    Reopened {
        /// As it was opened.
        recorded: Option<String>,
        /// As the steps have left it.
        replayed: Option<String>,
    },
    /// Nothing differs, and a client was sent what it should not have been.
    Breach(Finding),
    /// The step failed when it was made, in a panic.
    Failed,
    /// The recording speaks of what it has not told of.
    Unknown(&'static str),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response { at, .. } => {
                write!(f, "response {} of this step differs", at + 1)
            }
            Self::Position { recorded, replayed } => write!(
                f,
                "this step left the journal at {recorded}, and leaves it at {replayed} now"
            ),
            Self::Octets { recorded, replayed } => write!(
                f,
                "the octets that were written differ: there were {recorded}, and now there are {}",
                replayed.len()
            ),
            Self::Rendered { recorded, replayed } => write!(
                f,
                "of the responses that are rendered {recorded} were written, and {replayed} would be now"
            ),
            Self::Unwritten => f.write_str(
                "the answer to the step before was not written, and its session went on",
            ),
            Self::Misplaced => f.write_str(
                "this is not done here: the connection has not begun, has said BYE or is gone, or somebody is logged in who is answered by a session, or nobody is",
            ),
            Self::Unanswered => f.write_str(
                "this was written, and no step had answered it, or it had been written already",
            ),
            Self::Reopened { .. } => {
                f.write_str("the account was opened as something else than its sessions have left")
            }
            Self::Breach(finding) => write!(f, "no client should be sent this: {finding}"),
            Self::Failed => f.write_str("the server failed in this step"),
            Self::Unknown(what) => write!(f, "the recording has not told of this {what}"),
        }
    }
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All is as it was, and as it should be.
    Equal {
        /// How much.
        counts: Counts,
        /// The recording has its end. If not, its server was killed, or could not write it.
        whole: bool,
    },
    /// Something is not.
    Differs {
        /// In which record, from 1.
        record: u64,
        /// In which line, from 1.
        line: u64,
        /// What.
        difference: Difference,
    },
}

/// Replays a recording to its end, or to the first difference. `told` is shown the header, and then each record that was taken.
///
/// # Errors
/// It cannot be read.
pub fn replay(
    source: impl BufRead,
    mut told: impl FnMut(&Header, Option<&Record>),
) -> Result<Verdict, Unreadable> {
    let (header, mut reader) = Reader::open(source)?;
    told(&header, None);
    let mut replay = Replay::new(&header);
    loop {
        let begins = reader.lines() + 1;
        let record = match reader.advance()? {
            Next::Record(record) => record,
            next => {
                return Ok(Verdict::Equal {
                    counts: replay.counts,
                    whole: next == Next::End,
                });
            }
        };
        let taken = replay.take(&record);
        told(&header, Some(&record));
        if let Err(difference) = taken {
            let within = match difference {
                Difference::Response { at, .. } => at + 1,
                _ => 0,
            };
            return Ok(Verdict::Differs {
                record: replay.counts.records,
                line: begins + u64::try_from(within).unwrap_or_default(),
                difference,
            });
        }
    }
}

impl Replay {
    /// Before the first record.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        Self {
            practice: header.practice,
            limits: header.limits,
            accounts: HashMap::new(),
            sessions: HashMap::new(),
            clients: HashMap::new(),
            gone: HashSet::new(),
            counts: Counts::default(),
        }
    }

    /// Takes the next record.
    ///
    /// # Errors
    /// The first difference. Nothing more is to be taken.
    pub fn take(&mut self, record: &Record) -> Result<(), Difference> {
        self.counts.records += 1;
        match record {
            Record::Said(said) => self.said(said),
            Record::Gone { client } => {
                if self.sessions.contains_key(client) || self.clients.remove(client).is_none() {
                    return Err(Difference::Misplaced);
                }
                self.gone.insert(*client);
                Ok(())
            }
            Record::Opened(opened) => self.open(opened),
            Record::Entered {
                session,
                opening,
                is_unheard,
            } => {
                if !self.accounts.contains_key(opening) {
                    return Err(Difference::Unknown("account"));
                }
                if self.sessions.contains_key(session) || self.gone.contains(session) {
                    return Err(Difference::Misplaced);
                }
                self.counts.sessions += 1;
                let sitting = Sitting::new(*opening, *is_unheard);
                self.sessions.insert(*session, sitting);
                Ok(())
            }
            Record::Step(step) => self.step(step),
            Record::Wrote(wrote) => self.wrote(wrote),
            Record::Lost { .. } | Record::Ended => Ok(()),
            Record::Failed { opening } => {
                if let Some(open) = self.accounts.get_mut(opening) {
                    open.failed = true;
                }
                Ok(())
            }
            Record::Left { session } => {
                if let Some(sitting) = self.sessions.remove(session) {
                    self.counts.unjudged += u64::from(sitting.witness.is_blind());
                }
                Ok(())
            }
        }
    }

    fn open(&mut self, opened: &Opened) -> Result<(), Difference> {
        let mut account = Account::blank(self.limits);
        for change in &opened.changes {
            account.apply(change);
        }
        account.resume_at(opened.position);
        let before = self
            .accounts
            .iter()
            .filter(|(_, open)| open.id == opened.account)
            .max_by_key(|(opening, _)| **opening);
        // What failed is shown as it is kept, which may be less than it was.
        match before {
            Some((_, before)) if opened.read_only || before.failed => {
                before.kept.is_opened_as(&account)?;
            }
            Some((_, before)) => same(&account, &before.account)?,
            None => {}
        }
        let sessions = &self.sessions;
        self.accounts.retain(|opening, open| {
            open.id != opened.account
                || sessions.values().any(|sitting| sitting.opening == *opening)
        });
        self.counts.accounts += 1;
        let open = Open {
            id: opened.account,
            kept: Kept::new(account.clone()),
            account,
            failed: false,
        };
        self.accounts.insert(opened.opening, open);
        Ok(())
    }

    /// What a connection says of its own.
    fn said(&mut self, said: &Said) -> Result<(), Difference> {
        let sitting = self.sessions.get(&said.client);
        if sitting.is_some_and(|sitting| sitting.last.is_some()) {
            return Err(Difference::Unwritten);
        }
        if self.gone.contains(&said.client) {
            return Err(Difference::Misplaced);
        }
        if !self.clients.contains_key(&said.client) {
            self.counts.clients += 1;
        }
        let client = self.clients.entry(said.client).or_default();
        let lines = client.says(&said.cause, sitting.is_some())?;
        same_lines(&said.lines, &lines)?;
        self.counts.said += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), Difference> {
        let sitting = self.sessions.get_mut(&step.session);
        let sitting = sitting.ok_or(Difference::Unknown("session"))?;
        let open = self.accounts.get_mut(&sitting.opening);
        let open = open.ok_or(Difference::Unknown("account"))?;
        let Some(position) = step.position else {
            return Err(Difference::Failed);
        };
        if step.input != Input::Break {
            if sitting.last.is_some() {
                return Err(Difference::Unwritten);
            }
            // A session that is nobody's has no client.
            let client = self.clients.get(&step.session);
            if client.is_some_and(|client| !client.is_served()) {
                return Err(Difference::Misplaced);
            }
        }
        sitting.last = None;
        self.counts.steps += 1;
        let mut out = Vec::new();
        let input = step.input.clone();
        let judged = sitting
            .witness
            .step(input, &mut open.account, &self.practice, &mut out);
        let batch = open.account.drain();
        let left = batch.position;
        open.kept.is_left(batch);
        let wording = sitting.wording.clone();
        let lines: Vec<String> = out
            .iter()
            .map(|response| sitting.wording.line(response))
            .collect();
        sitting.last = (!out.is_empty() && !sitting.is_unheard).then_some(Answer {
            responses: out,
            wording,
            position: left,
        });
        same_lines(&step.lines, &lines)?;
        if left != position {
            return Err(Difference::Position {
                recorded: position,
                replayed: left,
            });
        }
        self.counts.responses += u64::try_from(lines.len()).unwrap_or(u64::MAX);
        judged.map_err(Difference::Breach)
    }

    fn wrote(&mut self, wrote: &Wrote) -> Result<(), Difference> {
        let sitting = self.sessions.get_mut(&wrote.session);
        let sitting = sitting.ok_or(Difference::Unknown("session"))?;
        let Answer {
            responses,
            mut wording,
            position,
        } = sitting.last.take().ok_or(Difference::Unanswered)?;
        let client = self.clients.get_mut(&wrote.session);
        if let Some(client) = client.filter(|_| sitting.witness.session().is_over()) {
            client.is_told_bye();
        }
        if let Some(open) = self.accounts.get_mut(&sitting.opening) {
            open.kept.is_shown(position);
        }
        let rendered = responses.iter().filter(|response| is_put(response)).count();
        let rendered = u64::try_from(rendered).unwrap_or(u64::MAX);
        // What cannot be shown is left out.
        let fits = if wrote.lack.is_some() {
            wrote.rendered <= rendered
        } else {
            wrote.rendered == rendered
        };
        if !fits {
            return Err(Difference::Rendered {
                recorded: wrote.rendered,
                replayed: rendered,
            });
        }
        let (tag, mut octets) = (Tag(wrote.tag.as_str().into()), Vec::new());
        for response in responses.iter().filter(|response| !is_rendered(response)) {
            match wrote.lack {
                Some(lack) => wording.encode_without(&mut octets, response, &tag, lack),
                None => wording.encode(&mut octets, response, &tag),
            }
        }
        if crc32fast::hash(&octets) != wrote.sum || u64::try_from(octets.len()) != Ok(wrote.octets)
        {
            return Err(Difference::Octets {
                recorded: wrote.octets,
                replayed: octets,
            });
        }
        self.counts.octets += wrote.octets;
        Ok(())
    }
}

/// Lines as they were and as they are now.
fn same_lines(recorded: &[String], replayed: &[String]) -> Result<(), Difference> {
    let most = recorded.len().max(replayed.len());
    match (0..most).find(|&at| recorded.get(at) != replayed.get(at)) {
        None => Ok(()),
        Some(at) => Err(Difference::Response {
            at,
            recorded: recorded.get(at).cloned(),
            replayed: replayed.get(at).cloned(),
        }),
    }
}

impl Sitting {
    fn new(opening: u64, is_unheard: bool) -> Self {
        Self {
            opening,
            witness: Witness::new(),
            wording: Wording::default(),
            is_unheard,
            last: None,
        }
    }
}

#[cfg(test)]
mod tests;
