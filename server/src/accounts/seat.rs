//! A session at its account: what a connection that has logged in holds.
//!
//! Touches the account by `State::step` only, and takes its lock for the time of one step.

use super::{
    Accounts, Lost,
    shared::{Alarm, SharedAccount, clock, now},
};
use crate::content::Contents;
use std::{collections::HashMap, sync::Arc};
use tandem_model::{
    Command, Input, Response, Session, flags::FlagNames, message::InternalDate, name::MailboxName,
    number::ContentId, response::FetchData,
};
use tracing::error;

/// What one step answers.
#[derive(Debug, Default)]
pub struct Page {
    /// The responses, in order.
    pub responses: Vec<Response>,
    /// The contents that they need, pinned.
    pub contents: HashMap<ContentId, Arc<[u8]>>,
}

impl Page {
    /// Pins what the responses need.
    pub(super) fn pin(&mut self, contents: &Contents, fetched: bool) {
        for id in self
            .responses
            .iter()
            .flat_map(|response| needed(response, fetched))
        {
            if let Some(bytes) = contents.get(id) {
                self.contents.insert(id, bytes);
            }
        }
    }
}

/// A session at its account. Dropping it is [`Input::Break`]: no session stays behind, whatever becomes
/// of its task.
#[derive(Debug)]
pub struct Seat {
    accounts: Arc<Accounts>,
    account: Arc<SharedAccount>,
    session: Session,
    alarm: Option<Alarm>,
}

impl Seat {
    /// A new session; none if the user has as many connections as is allowed.
    pub(super) fn take(accounts: &Arc<Accounts>, account: &Arc<SharedAccount>) -> Option<Self> {
        let most = accounts.config.limits.connections_per_user;
        account.enter(most).then(|| Self {
            accounts: Arc::clone(accounts),
            account: Arc::clone(account),
            session: Session::new(),
            alarm: None,
        })
    }

    /// One step under the account's lock. With `pinned`, contents are pinned for messages that FETCH answers about;
    /// those that SEARCH has to look into always are.
    ///
    /// # Errors
    /// The account failed, in this step or before.
    pub fn step(&mut self, input: Input, pinned: bool) -> Result<Page, Lost> {
        let mut page = Page::default();
        let mut state = self.account.locked()?;
        let accounts = &self.accounts;
        state.step(&mut self.session, input, accounts, &mut page, pinned);
        match (&mut self.alarm, self.session.mailbox()) {
            (Some(alarm), Some(mailbox)) if alarm.mailbox == mailbox => {
                // All that happened up to here has been looked at.
                alarm.changed.mark_unchanged();
                alarm.evicted.mark_unchanged();
            }
            (None, None) => {}
            (alarm, mailbox) => state.wait_for(mailbox, alarm),
        }
        Ok(page)
    }

    /// A command, now.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn command(&mut self, command: Command, pinned: bool) -> Result<Page, Lost> {
        self.step(Input::Command(command, clock()), pinned)
    }

    /// APPEND: the message is kept only if a mailbox has it in the end. Without a date, it is now.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn append(
        &mut self,
        mailbox: MailboxName,
        flags: FlagNames,
        date: Option<InternalDate>,
        message: Vec<u8>,
    ) -> Result<Page, Lost> {
        let size = size(&message);
        let content = self.accounts.contents.insert(message);
        let command = Command::Append {
            mailbox,
            flags,
            date: date.unwrap_or_else(|| InternalDate::new(now(), 0)),
            content,
            size,
        };
        let page = self.command(command, false);
        // The reference of this function; the mailbox, if it took the message, has its own.
        self.accounts.contents.release(content);
        page
    }

    /// Resolves when [`Input::Wake`] has something to say: during IDLE, when the selected mailbox changed; at any time, when a
    /// session of it was evicted. May resolve once too often, and is safe to drop.
    pub async fn woken(&mut self) {
        let idle = self.session.is_idle();
        let Some(alarm) = &mut self.alarm else {
            return std::future::pending().await;
        };
        // INVARIANT: the bells outlive this alarm (`State::wait_for`), so that `changed` fails never.
        tokio::select! {
            _ = alarm.changed.changed(), if idle => {}
            _ = alarm.evicted.changed() => {}
        }
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        match self.account.locked() {
            Ok(mut state) => {
                if !self.session.is_over() {
                    let unheard = &mut Page::default();
                    state.step(
                        &mut self.session,
                        Input::Break,
                        &self.accounts,
                        unheard,
                        false,
                    );
                }
                state.wait_for(None, &mut self.alarm);
            }
            Err(Lost) => error!("a session is left in an account that failed"),
        }
        self.account.leave();
    }
}

/// The contents that a response cannot be written without.
fn needed(response: &Response, pinned: bool) -> impl Iterator<Item = ContentId> + '_ {
    let (fetched, searched) = match response {
        Response::Fetch {
            data: FetchData::Message { message, .. },
            ..
        } if pinned => (Some(message.content), None),
        Response::Search(page) => (None, Some(&page.candidates)),
        _ => (None, None),
    };
    let searched = searched
        .into_iter()
        .flatten()
        .filter_map(|candidate| candidate.unjudged.as_ref());
    fetched
        .into_iter()
        .chain(searched.map(|unjudged| unjudged.message.content))
}

/// RFC822.SIZE. A message has less than 2^32 octets, by its limit.
fn size(message: &[u8]) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX)
}
