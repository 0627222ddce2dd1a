//! A session, and its step: the one transition, run by the server and explored by the checker.
//!
//! Touches its account, through `Account::commit` only. RFC 3501 sections 3, 5.2, 5.5 and 6; RFC 2180.
//!
//! Theory of operation. A session is authenticated; it has a mailbox selected or not; it is ready for a command, idle, in the midst of
//! a long command, or over. [`Session::step`] takes one input: it looks first whether the session has lost its mailbox (then it says BYE
//! and nothing else), then does what the input asks for. A command decides (reads the account, computes changes), then commits them,
//! and pushes what it answers. FETCH, STORE and SEARCH do so a page at a time. Every command ends in `Session::finish`, which reports what the
//! session is owed and pushes the tagged response, so that no command has a way of its own to tell, or to forget to tell, what
//! others did.
//!
//! The files below hold the commands: `select` (and CLOSE, UNSELECT), `names` (CREATE, DELETE, RENAME, subscriptions), `list` (LIST, LSUB, STATUS),
//! `append`, `copy` (and MOVE), `expunge`, `fetch`, `store`, `search`; `report` tells what is owed.

mod append;
mod copy;
mod expunge;
mod fetch;
mod list;
mod names;
mod report;
mod search;
mod select;
mod store;

use crate::{
    account::Account,
    change::{Change, Eviction},
    command::{Clock, Command, Form, Input},
    fault::Fault,
    mailbox::Mailbox,
    name::MailboxName,
    number::{MailboxId, ViewId},
    practice::{Fetching, Practice},
    response::{Code, Response, Status},
    sequence_set::{NumberSet, SequenceSet},
    view::{Numbering, View},
};
use alloc::{boxed::Box, vec::Vec};

/// One authenticated connection.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    state: State,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum State {
    /// No command is in progress.
    Ready(Option<Selected>),
    /// IDLE is in progress.
    Idle(Option<Selected>),
    /// A command has more pages.
    Paging(Selected, Permits, Box<Page>),
    /// BYE was said, or the connection broke.
    Over,
}

/// The mailbox that is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Selected {
    mailbox: MailboxId,
    view: ViewId,
}

/// What is left of a long command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Page {
    Fetch(fetch::Fetch),
    Store(store::Store),
    Search(search::Search),
    /// It is being turned.
    Turned,
}

/// What one step works with.
struct Turn<'a> {
    account: &'a mut Account,
    practice: &'a Practice,
    out: &'a mut Vec<Response>,
    clock: Clock,
}

/// How a command ends: the tagged response.
#[derive(Clone, Debug)]
struct Outcome {
    status: Status,
    code: Option<Code>,
    text: &'static str,
}

impl Outcome {
    const fn ok(text: &'static str) -> Self {
        Self {
            status: Status::Ok,
            code: None,
            text,
        }
    }

    const fn no(text: &'static str) -> Self {
        Self {
            status: Status::No,
            code: None,
            text,
        }
    }

    const fn bad(text: &'static str) -> Self {
        Self {
            status: Status::Bad,
            code: None,
            text,
        }
    }

    fn code(self, code: Code) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }
}

/// What a command leaves behind.
enum Progress {
    /// It is answered.
    Done(Outcome),
    /// It has more pages.
    More(Page),
}

/// Which of what a session is owed may be told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Permits {
    expunge: bool,
    flags: bool,
    /// FETCH responses show the UID.
    uid: bool,
}

impl Permits {
    /// Everything, as in answer to NOOP.
    const ALL: Self = Self {
        expunge: true,
        flags: true,
        uid: false,
    };

    /// What the end of a command may tell.
    const fn after(command: &Command) -> Self {
        let uid = matches!(
            command,
            Command::Fetch {
                form: Form::Uid,
                ..
            } | Command::Store {
                form: Form::Uid,
                ..
            } | Command::Search {
                form: Form::Uid,
                ..
            } | Command::Copy {
                form: Form::Uid,
                ..
            } | Command::Move {
                form: Form::Uid,
                ..
            } | Command::Expunge { uids: Some(_) }
        );
        Self {
            expunge: command.permits_expunge(),
            // What others changed while STORE .SILENT was in pages is told after its tagged response, lest the client takes
            // its own change for the later one.
            flags: !matches!(command, Command::Store { .. }),
            uid,
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self {
            state: State::Ready(None),
        }
    }
}

impl Session {
    /// A session that has just been authenticated: no mailbox is selected.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The one transition: takes an input, changes the account, and pushes to `out` what the client is told, in its order.
    ///
    /// A session that is over takes nothing more. The responses must not leave before the account's journal is durable up to where
    /// this step left it.
    pub fn step(
        &mut self,
        input: Input,
        account: &mut Account,
        practice: &Practice,
        out: &mut Vec<Response>,
    ) {
        let clock = if let Input::Command(_, clock) = &input {
            *clock
        } else {
            Clock::default()
        };
        let mut turn = Turn {
            account,
            practice,
            out,
            clock,
        };
        if self.is_over() || self.dismiss(&input, &mut turn) {
            return;
        }
        match input {
            Input::Command(command, _) => self.command(command, &mut turn),
            Input::Resume => self.resume(&mut turn),
            Input::Done => self.done(&mut turn),
            Input::Wake => self.wake(&mut turn),
            Input::Break if practice.has(Fault::GhostsKept) => self.state = State::Over,
            Input::Break => self.end(&mut turn),
            Input::Shutdown => {
                turn.out.push(Response::Bye("the server is closing"));
                self.end(&mut turn);
            }
        }
    }

    /// A FETCH, STORE or SEARCH has more pages: [`Session::step`] is to be called with [`Input::Resume`].
    #[must_use]
    pub const fn wants_resume(&self) -> bool {
        matches!(self.state, State::Paging(..))
    }

    /// IDLE is in progress: DONE is awaited.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle(_))
    }

    /// The session has ended (BYE, LOGOUT, a broken connection): the connection is to be closed once the responses are written.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The mailbox that is selected, if any.
    #[must_use]
    pub fn mailbox(&self) -> Option<MailboxId> {
        self.selected().map(|selected| selected.mailbox)
    }

    /// This session's view of the mailbox that is selected, if any.
    #[must_use]
    pub fn view(&self) -> Option<ViewId> {
        self.selected().map(|selected| selected.view)
    }

    /// What is left of a long command: all of the state that [`Session::view`] and the like do not tell.
    #[cfg(feature = "check")]
    pub(crate) fn hash_progress(&self, hasher: &mut impl core::hash::Hasher) {
        use core::hash::Hash;
        if let State::Paging(_, _, page) = &self.state {
            page.hash(hasher);
        }
    }

    const fn selected(&self) -> Option<Selected> {
        match &self.state {
            State::Ready(selected) | State::Idle(selected) => *selected,
            State::Paging(selected, _, _) => Some(*selected),
            State::Over => None,
        }
    }

    /// Says BYE if the session has lost its mailbox, before anything else (RFC 2180 section 3.3).
    fn dismiss(&mut self, input: &Input, turn: &mut Turn<'_>) -> bool {
        let Some((view, reason)) = self.selected().and_then(|selected| {
            turn.account
                .eviction(selected.view)
                .map(|reason| (selected.view, reason))
        }) else {
            return false;
        };
        if turn.practice.has(Fault::ByeOnlyToIdle) && !self.is_idle() && *input != Input::Break {
            return false;
        }
        if *input != Input::Break {
            turn.out.push(Response::Bye(match reason {
                Eviction::Deleted => "the mailbox has been deleted",
                Eviction::Renamed => "the mailbox has been renamed",
                Eviction::TooSlow => "too far behind the changes of the mailbox",
            }));
        }
        turn.account.commit(Change::Dismissed { view });
        self.state = State::Over;
        true
    }

    fn command(&mut self, command: Command, turn: &mut Turn<'_>) {
        let mut selected = match &self.state {
            State::Ready(selected) => *selected,
            State::Idle(selected) => {
                self.state = State::Ready(*selected);
                turn.tagged(Outcome::bad("expected DONE"));
                return;
            }
            // The driver gives one command at a time; there is nothing that it could be told.
            State::Paging(..) | State::Over => return,
        };
        match command {
            Command::Idle => {
                self.state = State::Idle(selected);
                turn.out.push(Response::Continue("idling"));
                turn.report(selected, Permits::ALL);
            }
            Command::Logout => {
                turn.out.push(Response::Bye("logging out"));
                turn.leave(selected);
                self.state = State::Over;
                turn.tagged(Outcome::ok("LOGOUT completed"));
            }
            command => {
                let permits = turn.permits(&command);
                let progress = turn.run(command, &mut selected);
                self.proceed(selected, permits, progress, turn);
            }
        }
    }

    fn resume(&mut self, turn: &mut Turn<'_>) {
        let State::Paging(selected, permits, page) = &mut self.state else {
            return;
        };
        let (selected, permits) = (*selected, *permits);
        let page = core::mem::replace(&mut **page, Page::Turned);
        let progress = match page {
            Page::Fetch(fetch) => turn.fetch_page(selected, fetch),
            Page::Store(store) => turn.store_page(selected, store),
            Page::Search(search) => turn.search_page(selected, search),
            Page::Turned => return,
        };
        self.proceed(Some(selected), permits, progress, turn);
    }

    fn proceed(
        &mut self,
        selected: Option<Selected>,
        permits: Permits,
        progress: Progress,
        turn: &mut Turn<'_>,
    ) {
        match (progress, selected) {
            (Progress::More(page), Some(selected)) => match &mut self.state {
                State::Paging(_, _, turned) => **turned = page,
                State::Ready(_) | State::Idle(_) | State::Over => {
                    self.state = State::Paging(selected, permits, Box::new(page));
                }
            },
            (Progress::More(_), None) => {}
            (Progress::Done(outcome), selected) => self.finish(selected, permits, outcome, turn),
        }
    }

    /// Ends a command, whichever: tells what is owed, then how it went.
    fn finish(
        &mut self,
        selected: Option<Selected>,
        permits: Permits,
        outcome: Outcome,
        turn: &mut Turn<'_>,
    ) {
        turn.report(selected, permits);
        turn.tagged(outcome);
        self.state = State::Ready(selected);
    }

    fn done(&mut self, turn: &mut Turn<'_>) {
        if let State::Idle(selected) = self.state {
            self.finish(selected, Permits::ALL, Outcome::ok("IDLE completed"), turn);
        }
    }

    fn wake(&mut self, turn: &mut Turn<'_>) {
        match self.state {
            State::Idle(selected) => turn.report(selected, Permits::ALL),
            State::Ready(selected) if turn.practice.has(Fault::ExpungeUnasked) => {
                turn.report(selected, Permits::ALL);
            }
            State::Ready(_) | State::Paging(..) | State::Over => {}
        }
    }

    /// Ends the session; its view goes.
    fn end(&mut self, turn: &mut Turn<'_>) {
        turn.leave(self.selected());
        self.state = State::Over;
    }
}

impl Turn<'_> {
    fn tagged(&mut self, outcome: Outcome) {
        self.out
            .push(Response::Tagged(outcome.status, outcome.code, outcome.text));
    }

    fn run(&mut self, command: Command, selected: &mut Option<Selected>) -> Progress {
        let outcome = match command {
            Command::Noop => Outcome::ok("NOOP completed"),
            Command::Select { mailbox, read_only } => self.select(selected, &mailbox, read_only),
            Command::Create { mailbox } => self.create(&mailbox),
            Command::Delete { mailbox } => self.delete(*selected, &mailbox),
            Command::Rename { from, to } => self.rename(*selected, &from, &to),
            Command::Subscribe { mailbox } => self.subscribe(mailbox),
            Command::Unsubscribe { mailbox } => self.unsubscribe(mailbox),
            Command::List {
                reference,
                pattern,
                subscribed,
            } => self.list(&reference, &pattern, subscribed),
            Command::Status { mailbox, items } => self.status(&mailbox, items),
            Command::Append {
                mailbox,
                flags,
                date,
                content,
                size,
            } => self.append(
                &mailbox,
                &flags,
                append::New {
                    date,
                    content,
                    size,
                },
            ),
            Command::Check
            | Command::Close
            | Command::Unselect
            | Command::Expunge { .. }
            | Command::Store { .. }
            | Command::Copy { .. }
            | Command::Move { .. }
            | Command::Fetch { .. }
            | Command::Search { .. } => {
                return match *selected {
                    Some(here) if self.view(here).is_some() => {
                        self.run_selected(command, here, selected)
                    }
                    _ => Progress::Done(Outcome::bad("no mailbox is selected")),
                };
            }
            // These two end otherwise: see Session::command.
            Command::Idle | Command::Logout => Outcome::bad("not a command that is answered here"),
        };
        Progress::Done(outcome)
    }

    fn run_selected(
        &mut self,
        command: Command,
        here: Selected,
        selected: &mut Option<Selected>,
    ) -> Progress {
        Progress::Done(match command {
            Command::Check => Outcome::ok("CHECK completed"),
            Command::Close => {
                self.close(here);
                *selected = None;
                Outcome::ok("CLOSE completed")
            }
            Command::Unselect => {
                self.leave(Some(here));
                *selected = None;
                Outcome::ok("UNSELECT completed")
            }
            Command::Expunge { uids } => self.expunge(here, uids.as_ref()),
            Command::Copy { set, form, mailbox } => self.copy(here, &set, form, &mailbox),
            Command::Move { set, form, mailbox } => self.r#move(here, &set, form, &mailbox),
            Command::Store {
                set,
                form,
                action,
                silent,
                flags,
            } => {
                return self.store(here, &set, form, action, silent, flags);
            }
            Command::Fetch {
                set,
                form,
                marks_seen,
            } => return self.fetch(here, &set, form, marks_seen),
            Command::Search { key, form } => return self.search(here, key, form),
            _ => Outcome::bad("not a command of the selected state"),
        })
    }

    fn permits(&self, command: &Command) -> Permits {
        let mut permits = Permits::after(command);
        permits.expunge |= match command {
            Command::Fetch { .. } => self.practice.has(Fault::ExpungeDuringFetch),
            Command::Store { .. } => self.practice.has(Fault::ExpungeDuringStore),
            _ => false,
        };
        permits.expunge &=
            !matches!(command, Command::Copy { .. } if self.practice.has(Fault::CopyHidesExpunges));
        permits
    }

    fn mailbox(&self, selected: Selected) -> Option<&Mailbox> {
        self.account.mailbox_by_id(selected.mailbox)
    }

    fn view(&self, selected: Selected) -> Option<View> {
        self.mailbox(selected)?.view(selected.view).copied()
    }

    /// The mailbox selected, this session's view of it, and the numbers in that.
    fn here(&self, selected: Selected) -> Option<(&Mailbox, View, Numbering<'_>)> {
        let mailbox = self.mailbox(selected)?;
        let view = *mailbox.view(selected.view)?;
        let numbering = Numbering::new(mailbox, &view);
        let numbering = if self.practice.has(Fault::NumbersInNewerView) {
            numbering.without_ghosts()
        } else {
            numbering
        };
        Some((mailbox, view, numbering))
    }

    /// The numbers that a client means, as it knows the mailbox; BAD if it knows no message of such a number
    /// (RFC 3501 section 9, `seq-number`).
    fn resolve(
        &self,
        mailbox: &Mailbox,
        numbering: &Numbering<'_>,
        set: &SequenceSet,
        form: Form,
    ) -> Result<NumberSet, Outcome> {
        match form {
            Form::Uid => Ok(set.resolve(numbering.last_uid().0)),
            Form::Sequence => {
                let star = self.practice.has(Fault::StarInLiveMailbox);
                let last = if star {
                    mailbox.list().len()
                } else {
                    numbering.count()
                };
                let numbers = set.resolve(last);
                let known = self.practice.has(Fault::NumbersInNewerView) || star;
                if numbers.smallest() == Some(0)
                    || (numbers.largest() > Some(numbering.count()) && !known)
                {
                    return Err(Outcome::bad("no message has a number that high"));
                }
                Ok(numbers)
            }
        }
    }

    /// Whether EXPUNGE has to be refused, since others have the mailbox open (RFC 2180 section 4.1.4).
    fn must_not_expunge(&self, mailbox: &Mailbox, mine: Option<ViewId>) -> bool {
        self.practice.fetching == Fetching::RefuseExpunge
            && mailbox.is_open_to_others(mine)
            && !self.practice.has(Fault::ExpungeWhileShared)
    }

    /// The mailbox of a name; else why there is none, with NEWNAME where a RENAME left the name behind (RFC 2180 section 3.4).
    fn lookup(&self, name: &MailboxName) -> Result<MailboxId, Outcome> {
        match self.account.place_of(name) {
            Some(Some(id)) => Ok(id),
            Some(None) => {
                Err(Outcome::no("this name has inferiors, but no mailbox").code(Code::NonExistent))
            }
            None => Err(match self.account.new_name(name) {
                Some(new)
                    if name.fits_response_code()
                        && new.fits_response_code()
                        && !self.practice.has(Fault::NewNameForgotten) =>
                {
                    Outcome::no("the mailbox has been renamed")
                        .code(Code::NewName(Box::new((name.clone(), new.clone()))))
                }
                _ => Outcome::no("no such mailbox").code(Code::NonExistent),
            }),
        }
    }

    /// The mailbox to which messages are to be added; TRYCREATE if it could be created (RFC 3501 section 7.1).
    fn destination(&self, name: &MailboxName) -> Result<MailboxId, Outcome> {
        self.lookup(name).map_err(|outcome| {
            let creatable =
                matches!(outcome.code, Some(Code::NonExistent)) && self.can_be_taken(name).is_ok();
            if creatable {
                outcome.code(Code::TryCreate)
            } else {
                outcome
            }
        })
    }

    fn leave(&mut self, selected: Option<Selected>) {
        if let Some(Selected { mailbox, view }) = selected {
            self.account.commit(Change::Left { mailbox, view });
        }
    }
}
