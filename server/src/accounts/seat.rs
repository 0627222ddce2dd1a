//! A session at its account: what a connection that has logged in holds.
//!
//! Touches the account by `SharedAccount::step` only, and takes its lock for the time of one step.

use super::{
    Accounts, Lost,
    shared::{Alarm, Means, SharedAccount},
};
use crate::{
    config::Limits,
    connection::shelf::Room as Answers,
    content::{Content, Found, Part},
    machine::done,
    recording::{Greeted, Recorded},
    storage::{
        PIECE,
        journal::{Journal, Reached},
    },
};
use std::{collections::HashMap, sync::Arc};
use tandem_model::{
    Command, Input, Response, Session,
    command::Room,
    flags::FlagNames,
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, Position},
    response::{FetchData, Status},
};
use tokio::sync::watch;
use tracing::error;

/// What one step answers.
#[derive(Debug, Default)]
pub struct Page {
    /// The responses, in order.
    pub responses: Vec<Response>,
    /// Up to where the journal has to be durable before any of them leaves: see [`Seat::settled`].
    pub(super) awaits: Position,
    /// While it is there, no content goes to which the responses refer.
    _pin: Option<Pin>,
}

/// Keeps contents from going.
#[derive(Debug)]
struct Pin {
    accounts: Arc<Accounts>,
    account: Arc<SharedAccount>,
    turn: u64,
}

impl Drop for Pin {
    fn drop(&mut self) {
        if let Ok(mut state) = self.account.locked() {
            state.holds.end(self.turn);
            self.accounts.journal.collect(state.holds.ready());
        }
    }
}

/// A content that came to storage in pieces, and that no mailbox has, as far as is known: dropping this lets it go, if the step failed as well, or was given up.
/// One that a mailbox has must not be named: it may be expunged by now, and owed to a session.
#[derive(Debug)]
struct Unclaimed {
    journal: Arc<Journal>,
    content: Option<ContentId>,
}

impl Drop for Unclaimed {
    fn drop(&mut self) {
        if let Some(content) = self.content {
            self.journal.collect(vec![content]);
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
    reached: watch::Receiver<Reached>,
    broken: watch::Receiver<bool>,
    alarm: Option<Alarm>,
    recorded: Option<Recorded>,
}

impl Seat {
    /// A new session of an account that has been entered, by a client that is `greeted` in the recording; `is_unheard`: nobody is written what it answers.
    pub(super) fn new(
        accounts: &Arc<Accounts>,
        account: Arc<SharedAccount>,
        greeted: Option<&Greeted>,
        is_unheard: bool,
    ) -> Self {
        let recorder = accounts.recorder.as_ref();
        Self {
            recorded: recorder.map(|recorder| recorder.enter(account.opening, greeted, is_unheard)),
            accounts: Arc::clone(accounts),
            reached: account.durability.watch(),
            broken: accounts.journal.broken(),
            account,
            session: Session::new(),
            alarm: None,
        }
    }

    /// One step under the account's lock.
    ///
    /// # Errors
    /// The account failed, in this step or before.
    pub fn step(&mut self, input: Input) -> Result<Page, Lost> {
        self.take(input, None)
    }

    fn take(
        &mut self,
        input: Input,
        fresh: Option<(ContentId, &Arc<Content>)>,
    ) -> Result<Page, Lost> {
        let accounts = &self.accounts;
        if self.account.is_lost(&accounts.journal) {
            return Err(self.lost());
        }
        let mut page = Page::default();
        let Ok(mut state) = self.account.locked() else {
            return Err(self.lost());
        };
        let means = Means {
            practice: &accounts.config.practice,
            journal: &accounts.journal,
            recorded: self.recorded.as_ref(),
        };
        // Before the step: what it lets go may be what it answers about. UID FETCH shows an expunged message and, in the same step, may
        // tell the last session of its expunge.
        let turn = state.holds.begin();
        self.account.step(
            &mut state,
            &mut self.session,
            input,
            &means,
            fresh,
            &mut page,
        );
        if page.responses.iter().any(refers) {
            page._pin = Some(Pin {
                accounts: Arc::clone(accounts),
                account: Arc::clone(&self.account),
                turn,
            });
        } else {
            state.holds.end(turn);
            accounts.journal.collect(state.holds.ready());
        }
        match (&mut self.alarm, self.session.mailbox()) {
            (Some(alarm), Some(mailbox)) if alarm.mailbox == mailbox => {
                // All that happened up to here has been looked at.
                alarm.changed.mark_unchanged();
                alarm.evicted.mark_unchanged();
            }
            (None, None) => {}
            (alarm, mailbox) => state.wait_for(mailbox, alarm),
        }
        if state.wants_snapshot(accounts.config.limits.snapshot_after) {
            accounts.snapshots.ask(self.account.id);
        }
        Ok(page)
    }

    /// The account failed: that is recorded, too.
    fn lost(&self) -> Lost {
        if let Some(recorded) = &self.recorded {
            recorded.lost();
        }
        Lost
    }

    /// A command, now.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn command(&mut self, command: Command) -> Result<Page, Lost> {
        let room = self.accounts.room();
        let moment = self.accounts.moment(room);
        self.step(Input::Command(command, moment))
    }

    /// APPEND: the message is kept only if a mailbox has it in the end. Without a date, it is now.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub async fn append(
        &mut self,
        mailbox: MailboxName,
        flags: FlagNames,
        date: Option<InternalDate>,
        message: Vec<u8>,
    ) -> Result<Page, Lost> {
        let size = size(&message);
        let large = message.len() > PIECE;
        let content = if large {
            let machine = &*self.accounts.machine;
            done(machine, || Content::new(message)).await.ok_or(Lost)?
        } else {
            Content::new(message)
        };
        let (id, content) = (self.accounts.next_content(), Arc::new(content));
        let mut room = self.accounts.room();
        let mut unclaimed = None;
        if large && room == Room::Free {
            let journal = &self.accounts.journal;
            unclaimed = Some(Unclaimed {
                journal: Arc::clone(journal),
                content: Some(id),
            });
            room = journal.stage(self.account.id, id, &content).await;
        }
        let command = Command::Append {
            mailbox,
            flags,
            date: date.unwrap_or_else(|| InternalDate::new(self.accounts.machine.now(), 0)),
            content: id,
            size,
        };
        let input = Input::Command(command, self.accounts.moment(room));
        let page = self.take(input, (!large).then_some((id, &content)))?;
        let taken = matches!(
            page.responses.last(),
            Some(Response::Tagged(Status::Ok, ..))
        );
        if taken && let Some(unclaimed) = &mut unclaimed {
            unclaimed.content = None;
        }
        Ok(page)
    }

    /// Resolves when everything that the page shows is durable, whoever did it. Nothing of it may leave before.
    ///
    /// # Errors
    /// It never will be: nobody may be told of it.
    pub async fn settled(&mut self, page: &Page) -> Result<(), Lost> {
        let awaited = page.awaits;
        if page.responses.is_empty() {
            return Ok(());
        }
        let enough = |reached: &Reached| match reached {
            Reached::To(position) => *position >= awaited,
            Reached::Lost => true,
        };
        // INVARIANT: the account has the sender, and this seat has the account.
        let reached = self.reached.wait_for(enough).await.map_err(|_| Lost)?;
        match *reached {
            Reached::To(_) => Ok(()),
            Reached::Lost => Err(Lost),
        }
    }

    /// Where the session is recorded, if it is.
    #[must_use]
    pub const fn recorded(&self) -> Option<&Recorded> {
        self.recorded.as_ref()
    }

    /// What answers from large messages may take, of all clients.
    #[must_use]
    pub fn answers(&self) -> &Answers {
        self.accounts.answers()
    }

    /// The limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.accounts.config.limits
    }

    /// So much of these contents. One that is not there, or cannot be read, is left out, and logged.
    pub async fn read(&self, mut ids: Vec<ContentId>, part: Part) -> HashMap<ContentId, Found> {
        // Neighbours are kept near each other.
        ids.sort_unstable();
        self.read_first(ids, part, usize::MAX).await
    }

    /// The same of the first of these contents, until they have so many octets: the others are left out.
    pub async fn read_first(
        &self,
        ids: Vec<ContentId>,
        part: Part,
        most: usize,
    ) -> HashMap<ContentId, Found> {
        let storage = Arc::clone(&self.accounts.storage);
        let read = move || {
            let mut all = HashMap::with_capacity(ids.len());
            for (id, read) in ids.iter().copied().zip(storage.read_all(&ids, part, most)) {
                match read {
                    Ok(Some(found)) => {
                        all.insert(id, found);
                    }
                    Ok(None) => error!(content = id.0, "a message's content is not there"),
                    Err(failure) => error!(content = id.0, %failure, "cannot read a message"),
                }
            }
            all
        };
        done(&*self.accounts.machine, read)
            .await
            .unwrap_or_default()
    }

    /// Resolves when [`Input::Wake`] has something to say: during IDLE, when the selected mailbox changed; at any time, when a
    /// session of it was evicted. Resolves to an error when the account is lost. May resolve once too often, and is safe to drop.
    ///
    /// # Errors
    /// The account failed.
    pub async fn woken(&mut self) -> Result<(), Lost> {
        let idle = self.session.is_idle();
        let (reached, broken) = (&mut self.reached, &mut self.broken);
        let account = &self.account;
        let lost = async {
            tokio::select! {
                biased;
                _ = reached.wait_for(|reached| *reached == Reached::Lost) => {}
                _ = broken.wait_for(|broken| *broken && !account.is_read_only()) => {}
            }
        };
        let Some(alarm) = &mut self.alarm else {
            lost.await;
            return Err(Lost);
        };
        // INVARIANT: the bells outlive this alarm (`State::wait_for`), so that `changed` fails never.
        tokio::select! {
            biased;
            () = lost => Err(Lost),
            _ = alarm.changed.changed(), if idle => Ok(()),
            _ = alarm.evicted.changed() => Ok(()),
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
        if !self.session.is_over() {
            // An account that failed is not used any more: it does not matter what stays behind.
            let _ = self.step(Input::Break);
        }
        if let Ok(mut state) = self.account.locked() {
            state.wait_for(None, &mut self.alarm);
        }
        if self.account.leave() {
            self.accounts.left(&self.account);
        }
    }
}

/// Whether a response may need a content to be written.
fn refers(response: &Response) -> bool {
    match response {
        Response::Fetch { data, .. } => matches!(data, FetchData::Message { .. }),
        Response::Search(page) => page.key.is_some(),
        _ => false,
    }
}

/// RFC822.SIZE. A message has less than 2^32 octets, by its limit.
fn size(message: &[u8]) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX)
}
