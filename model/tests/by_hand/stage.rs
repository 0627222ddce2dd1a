//! Several sessions on one account, and the commands that the tests give them.
//!
//! Every step is held to what is true of all: folding its changes rebuilds the account, the account does not contradict itself, and whoever is
//! owed something is woken.

use tandem_model::{
    Account, Change, Command, Input, Limits, Practice, Response, SearchKey, Session,
    command::{Form, Moment, StoreAction},
    flags::Flags,
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, UidValidity},
    response::{Code, FetchData, Status},
    search_key::Numbers,
    sequence_set::{Bound, SequenceSet},
};

/// Several sessions on one account.
pub struct Stage {
    pub account: Account,
    pub practice: Practice,
    pub sessions: Vec<Session>,
    /// The durable changes of each step that made any.
    pub journal: Vec<Vec<Change>>,
}

impl Stage {
    /// `count` sessions with INBOX selected, and `messages` messages in it.
    pub fn new(practice: Practice, count: usize, messages: u64) -> Self {
        let limits = Limits {
            page: 2,
            ..Limits::default()
        };
        Self::with_limits(practice, limits, count, messages)
    }

    /// The same with other limits.
    pub fn with_limits(practice: Practice, limits: Limits, count: usize, messages: u64) -> Self {
        let account = Account::new(limits);
        let sessions = (0..count).map(|_| Session::new()).collect();
        let mut stage = Self {
            account,
            practice,
            sessions,
            journal: Vec::new(),
        };
        for content in 1..=messages {
            stage.append(0, content);
        }
        for session in 0..count {
            stage.run(
                session,
                Command::Select {
                    mailbox: MailboxName::inbox(),
                    read_only: false,
                },
            );
        }
        stage
    }

    pub fn append(&mut self, session: usize, content: u64) -> Vec<Response> {
        self.append_to(session, "INBOX", content, Flags::NONE)
    }

    pub fn append_to(
        &mut self,
        session: usize,
        mailbox: &str,
        content: u64,
        flags: Flags,
    ) -> Vec<Response> {
        self.run(
            session,
            Command::Append {
                mailbox: MailboxName::new(mailbox),
                flags: flags.into(),
                date: InternalDate::default(),
                content: ContentId(content),
                size: 1,
            },
        )
    }

    pub fn step(&mut self, session: usize, input: Input) -> Vec<Response> {
        let before = self.account.clone();
        let mut out = Vec::new();
        self.sessions[session].step(input, &mut self.account, &self.practice, &mut out);
        let batch = self.account.drain();
        wakes_whom_it_concerns(&before, &self.account, &batch.changes);
        self.account.audit_thoroughly().unwrap();
        self.account.audit_step(&before, &batch).unwrap();
        if batch.is_durable() {
            let durable = batch.changes.into_iter().filter(Change::is_durable);
            self.journal.push(durable.collect());
        }
        out
    }

    /// A whole command, all its pages.
    pub fn run(&mut self, session: usize, command: Command) -> Vec<Response> {
        let clock = Moment {
            uid_validity: UidValidity(1),
            ..Moment::default()
        };
        let mut out = self.step(session, Input::Command(command, clock));
        while self.sessions[session].wants_resume() {
            out.extend(self.step(session, Input::Resume));
        }
        out
    }
}

/// Whoever is owed something now, and was not, has a mailbox that a change concerns: by that the server wakes sessions.
fn wakes_whom_it_concerns(before: &Account, after: &Account, changes: &[Change]) {
    for mailbox in before.mailboxes() {
        let concerned = || changes.iter().any(|it| it.concerns() == Some(mailbox.id()));
        let now = after.mailbox_by_id(mailbox.id());
        for view in mailbox.views() {
            let was_owed = !mailbox.owes_nothing(view);
            let is_owed = now.is_some_and(|now| {
                let same = now.view(view.id).filter(|now| *now == view);
                same.is_some_and(|view| !now.owes_nothing(view))
            });
            let is_evicted = after.eviction(view.id).is_some();
            let news = (is_owed && !was_owed) || is_evicted;
            assert!(!news || concerned(), "{changes:?}");
        }
    }
}

pub fn store(set: SequenceSet, flags: Flags, silent: bool) -> Command {
    Command::Store {
        set,
        form: Form::Sequence,
        action: StoreAction::Add,
        silent,
        flags: flags.into(),
    }
}

pub fn fetch(set: SequenceSet) -> Command {
    Command::Fetch {
        set,
        form: Form::Sequence,
        marks_seen: false,
    }
}

pub fn search(set: SequenceSet, form: Form) -> Command {
    Command::Search {
        key: SearchKey::Sequence(Numbers::Asked(set)),
        form,
    }
}

pub fn copy(set: SequenceSet, form: Form) -> Command {
    Command::Copy {
        set,
        form,
        mailbox: MailboxName::inbox(),
    }
}

pub fn numbers(from: u32, to: u32) -> SequenceSet {
    SequenceSet::range(Bound::Number(from), Bound::Number(to))
}

/// Sequence number and content of each message shown.
pub fn shown(out: &[Response]) -> Vec<(u32, u64)> {
    out.iter()
        .filter_map(|response| match response {
            Response::Fetch {
                seq,
                data: FetchData::Message { message, .. },
            } => Some((seq.0, message.content.0)),
            _ => None,
        })
        .collect()
}

pub fn tagged(out: &[Response]) -> (Status, Option<Code>) {
    match out.last() {
        Some(Response::Tagged(status, code, _)) => (*status, code.clone()),
        other => panic!("not a tagged response: {other:?}"),
    }
}

/// The response code of the tagged response.
pub fn code(out: &[Response]) -> Option<Code> {
    tagged(out).1
}

// Where mutants are tried the first panic ends the run, so that none can be expected.
#[cfg(all(feature = "check", not(feature = "mutants")))]
fn with(fault: tandem_model::Fault) -> Stage {
    let practice = Practice {
        fault: Some(fault),
        ..Practice::default()
    };
    Stage::new(practice, 1, 1)
}

#[cfg(all(feature = "check", not(feature = "mutants")))]
#[test]
#[should_panic(expected = "CursorsBounded")]
fn a_state_that_breaks_an_invariant_ends_what_is_played_by_hand() {
    let _ = with(tandem_model::Fault::CursorAhead);
}

#[cfg(all(feature = "check", not(feature = "mutants")))]
#[test]
#[should_panic(expected = "ChangesReplay")]
fn a_step_that_does_more_than_it_says_ends_what_is_played_by_hand() {
    let mut stage = with(tandem_model::Fault::Unjournalled);
    stage.run(0, store(numbers(1, 1), Flags::SEEN, false));
}
