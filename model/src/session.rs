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
//! `append`, `copy` (and MOVE), `expunge`, `fetch`, `store`, `search`; `report` tells what is owed, `turn` has what they share.

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
mod turn;

use crate::{
    account::Account,
    change::{Change, Eviction},
    command::{Command, Input, Moment},
    fault::Fault,
    number::{MailboxId, ViewId},
    practice::Practice,
    response::Response,
};
use alloc::{boxed::Box, vec::Vec};
use turn::{Outcome, Permits, Progress, Turn};

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
        let moment = if let Input::Command(_, moment) = &input {
            *moment
        } else {
            Moment::default()
        };
        let mut turn = Turn {
            account,
            practice,
            out,
            moment,
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
        if let State::Idle(selected) = self.state
            && !turn.practice.has(Fault::DoneIgnored)
        {
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
