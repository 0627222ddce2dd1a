//! That a replay rejects what it is there to reject: what the oracle cannot believe, what breaks an invariant, what was lost that had been shown.

use super::*;
use crate::{
    recording::{Recorded, Recorder, Written},
    storage::AccountId,
};
use std::sync::Arc;
use tandem_model::{
    Change, Command, Fault, Invariant, Session,
    check::Property,
    command::{Form, Moment, Room, StoreAction},
    flags::Flags,
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, UidValidity},
    sequence_set::SequenceSet,
};

/// A recording that is made without a server, of sessions at one account that are told what they answer.
struct Tape {
    practice: Practice,
    recorder: Arc<Recorder>,
    account: Account,
    sessions: Vec<(Session, Recorded)>,
}

impl Tape {
    fn new(fault: Option<Fault>, sessions: usize) -> Self {
        let practice = Practice {
            fault,
            ..Practice::default()
        };
        let recorder = Recorder::in_memory(&Header::new(practice, Limits::default()));
        let mut tape = Self {
            practice,
            recorder: Arc::new(recorder),
            account: Account::new(Limits::default()),
            sessions: Vec::new(),
        };
        let changes = tape.account.snapshot().collect();
        tape.opens(1, tape.account.position(), changes);
        for _ in 0..sessions {
            let recorded = tape.recorder.enter(1, None, false);
            tape.sessions.push((Session::new(), recorded));
        }
        tape
    }

    fn opens(&self, opening: u64, position: Position, changes: Vec<Change>) {
        self.recorder.opened(Opened {
            opening,
            account: AccountId(1),
            position,
            read_only: false,
            changes,
        });
    }

    /// A step, which is not written yet.
    fn takes(&mut self, session: usize, command: Command) -> Vec<Response> {
        let moment = Moment {
            uid_validity: UidValidity(7),
            room: Room::Free,
        };
        let input = Input::Command(command, moment);
        let (stepped, recorded) = &mut self.sessions[session];
        let pending = recorded.begins(&input);
        let mut responses = Vec::new();
        stepped.step(input, &mut self.account, &self.practice, &mut responses);
        let position = self.account.drain().position;
        pending.ends(&responses, position);
        responses
    }

    fn is_written(&self, session: usize, responses: &[Response]) {
        let (mut wording, tag) = (Wording::default(), Tag("t".into()));
        let mut written = Written::default();
        for response in responses {
            let mut octets = Vec::new();
            wording.encode(&mut octets, response, &tag);
            written.response(response, Some(&octets), None);
        }
        self.sessions[session].1.wrote("t", written);
    }

    fn says(&mut self, session: usize, command: Command) {
        let responses = self.takes(session, command);
        self.is_written(session, &responses);
    }

    /// What comes of it, replayed with the fault that it was recorded under.
    fn replayed(&self) -> Result<Counts, Difference> {
        let text = self.recorder.text();
        let (mut header, mut reader) = Reader::open(text.as_bytes()).unwrap();
        // A recording says which practices were followed, and knows of no faults.
        header.practice.fault = self.practice.fault;
        let mut replay = Replay::new(&header);
        while let Next::Record(record) = reader.advance().unwrap() {
            replay.take(&record)?;
        }
        Ok(replay.counts)
    }
}

fn append(content: u64) -> Command {
    Command::Append {
        mailbox: MailboxName::inbox(),
        flags: Flags::NONE.into(),
        date: InternalDate::new(0, 0),
        content: ContentId(content),
        size: 1,
    }
}

fn select() -> Command {
    Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    }
}

fn store(flags: Flags) -> Command {
    Command::Store {
        set: SequenceSet::one(1),
        form: Form::Sequence,
        action: StoreAction::Add,
        silent: true,
        flags: flags.into(),
    }
}

fn fetch() -> Command {
    Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Sequence,
        marks_seen: false,
    }
}

/// Two messages, of which one session expunges one while the other has it.
fn shared(fault: Option<Fault>) -> Tape {
    let mut tape = Tape::new(fault, 2);
    for content in 1..=2 {
        tape.says(0, append(content));
    }
    tape.says(0, select());
    tape.says(1, select());
    tape.says(0, store(Flags::DELETED));
    tape.says(0, Command::Expunge { uids: None });
    tape.says(1, fetch());
    tape.says(1, Command::Noop);
    tape
}

fn breach(fault: Fault) -> Finding {
    match shared(Some(fault)).replayed() {
        Err(Difference::Breach(finding)) => finding,
        other => panic!("{}: {other:?}", fault.as_str()),
    }
}

#[test]
fn what_is_made_without_a_fault_is_equal() {
    let counts = shared(None).replayed().unwrap();
    assert_eq!((counts.steps, counts.unjudged), (8, 0));
}

#[test]
fn what_no_client_can_believe_is_a_breach_though_it_is_equal() {
    let finding = breach(Fault::ExpungeDuringFetch);
    assert_eq!(finding.property, Property::ExpungePermitted);
    assert_eq!(
        breach(Fault::ExistsLowered).property,
        Property::ExistsCounts
    );
}

#[test]
fn a_step_that_breaks_an_invariant_is_a_breach_though_it_is_equal() {
    for (fault, property, broken) in [
        (
            Fault::CursorAhead,
            Property::Sound,
            Invariant::CursorsBounded,
        ),
        (
            Fault::Unjournalled,
            Property::Replay,
            Invariant::ChangesReplay,
        ),
    ] {
        let expected = Finding::new(property, broken.described());
        assert_eq!(breach(fault), expected, "{}", fault.as_str());
    }
}

/// What is opened after a failure: a message was appended whose answer was written, and two whose answer was not.
fn reopened(make: impl FnOnce(&mut Account, &[Account])) -> Result<Counts, Difference> {
    let mut tape = Tape::new(None, 1);
    let mut lefts = vec![tape.account.clone()];
    for content in 1..=3 {
        let responses = tape.takes(0, append(content));
        if content == 1 {
            tape.is_written(0, &responses);
        }
        lefts.push(tape.account.clone());
        // Whoever goes on without its answer is another session.
        let recorded = tape.recorder.enter(1, None, false);
        tape.sessions[0] = (Session::new(), recorded);
    }
    tape.recorder.failed(1);
    let mut opened = Account::blank(Limits::default());
    make(&mut opened, &lefts);
    tape.opens(2, opened.position(), opened.snapshot().collect());
    tape.replayed()
}

fn as_left(opened: &mut Account, left: &Account) {
    left.snapshot().for_each(|change| opened.apply(&change));
    opened.resume_at(left.position());
}

#[test]
fn after_a_failure_an_account_is_opened_as_some_step_left_it_that_takes_back_nothing_shown() {
    for kept in 1..=3 {
        let verdict = reopened(|opened, lefts| as_left(opened, &lefts[kept]));
        assert!(verdict.is_ok(), "{kept}: {verdict:?}");
    }
}

#[test]
fn after_a_failure_nothing_is_gone_that_was_shown_and_nothing_is_new() {
    let is_other = |verdict| matches!(verdict, Err(Difference::Reopened { .. }));
    // The message is gone whose APPEND was answered.
    assert!(is_other(reopened(|opened, lefts| as_left(
        opened, &lefts[0]
    ))));
    // There is more than any step left.
    assert!(is_other(reopened(|opened, lefts| {
        as_left(opened, &lefts[3]);
        opened.resume_at(lefts[3].position().next());
    })));
    // A step was kept, and not all of it.
    assert!(is_other(reopened(|opened, lefts| {
        as_left(opened, &lefts[1]);
        opened.resume_at(lefts[2].position());
    })));
}

/// What comes of the lines that `make` makes of a recording.
fn changed(make: impl FnOnce(&mut Vec<String>)) -> Result<Verdict, Unreadable> {
    let text = shared(None).recorder.text();
    let mut lines: Vec<String> = text.lines().map(Into::into).collect();
    make(&mut lines);
    replay((lines.join("\n") + "\n").as_bytes(), |_, _| {})
}

#[test]
fn who_is_unheard_is_written_nothing() {
    let enters = |lines: &mut Vec<String>| {
        let at = lines.iter().position(|line| line == "enter 1 1").unwrap();
        lines[at].push_str(" unheard");
    };
    let verdict = changed(enters).unwrap();
    let Verdict::Differs { difference, .. } = verdict else {
        panic!("{verdict:?}");
    };
    assert_eq!(difference, Difference::Unanswered);
    let silent = changed(|lines| {
        enters(lines);
        lines.retain(|line| !line.starts_with("wrote 1 "));
    });
    assert!(matches!(silent, Ok(Verdict::Equal { .. })), "{silent:?}");
}
