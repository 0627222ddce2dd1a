//! Who has which account, and who is to be woken when it changes.
//!
//! Touches the accounts, each behind one mutex that is never held across an await, and storage. Nobody else touches either. RFC 5530
//! names what a login can fail of.
//!
//! Theory of operation: [`Seat::step`] is the only way in. Under the account's lock it lets the session step, takes what that did to
//! the account ([`tandem_model::Batch`]), puts the durable part of it into the journal's queue, and wakes the sessions of the mailboxes concerned. All
//! of it is proportional to the changes and the responses, and none of it waits. What was answered is held back until the journal is durable up to where
//! the step left it ([`Seat::settled`]): so nobody sees what a crash can take back. Sessions wait for their own mailbox only; those that
//! are not in IDLE only for losing it.
//!
//! An account is opened by the first session (`shared`): read from storage, and kept in memory until the last session has left and everything is
//! durable. Contents stay in storage, and are read when a response is written, outside of the lock; `holds` knows which of them may go.
//!
//! A panic inside of a step leaves the account in a state that nobody vouches for. It is not used again: sessions get BYE,
//! logins NO. The other accounts go on.

mod holds;
mod seat;
mod shared;
mod snapshots;

pub use seat::{Page, Seat};

use crate::{
    config::Config,
    connection::{budget::Budget, shelf::Room as Answers},
    machine::{Host, Machine, done},
    password,
    recording::{Greeted, Header, Recorder},
    sample::{self, Sample},
    storage::{
        Failure, Owner, Storage,
        journal::{Counts, Journal},
    },
};
use shared::{Entered, Kept, SharedAccount};
use snapshots::Snapshots;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};
use tandem_model::{
    command::{Moment, Room},
    name::MailboxName,
    number::{ContentId, UidValidity},
};
use tokio::sync::{OnceCell, Semaphore};
use tracing::error;

/// How many passwords are compared with their hashes at a time. Each takes 19 MiB of memory, and some 20 ms of a core.
const HASHING: usize = 4;

/// All users with their accounts.
#[derive(Debug)]
pub struct Accounts {
    config: Config,
    machine: Arc<dyn Machine>,
    storage: Arc<dyn Storage>,
    journal: Arc<Journal>,
    snapshots: Snapshots,
    /// What records every step, if anything does.
    recorder: Option<Arc<Recorder>>,
    /// The last id that a content was given.
    last_content: AtomicU64,
    /// By the user's name: those that are open, or being opened.
    open: Mutex<HashMap<String, Arc<Place>>>,
    hashing: Semaphore,
    literals: Arc<Budget>,
    answers: Answers,
}

/// Where an account is once somebody has opened it.
type Place = OnceCell<Arc<SharedAccount>>;

impl Accounts {
    /// The accounts that are kept in this storage.
    ///
    /// # Errors
    /// It cannot be read, or the recording cannot be begun that is asked for.
    pub fn open(config: Config, storage: Arc<dyn Storage>) -> Result<Arc<Self>, Failure> {
        Self::open_on(Arc::new(Host), config, storage)
    }

    /// The same on some machine.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_on(
        machine: Arc<dyn Machine>,
        config: Config,
        storage: Arc<dyn Storage>,
    ) -> Result<Arc<Self>, Failure> {
        let journal = Arc::new(Journal::start(Arc::clone(&storage), &*machine)?);
        let snapshots = Snapshots::start(&machine, &storage, &journal, config.limits)?;
        let recorder = recorder(&*machine, &config)?;
        let literals = Budget::new(config.limits.literals_at_once);
        let answers = Answers::new(config.limits.answers_at_once);
        Ok(Arc::new(Self {
            recorder,
            last_content: AtomicU64::new(storage.last_content()?.0),
            config,
            machine,
            storage,
            journal,
            snapshots,
            open: Mutex::default(),
            hashing: Semaphore::new(HASHING),
            literals,
            answers,
        }))
    }

    /// Waits until everything is durable; what comes after is not kept.
    pub async fn close(self: &Arc<Self>) {
        self.snapshots.close().await;
        let accounts = Arc::clone(self);
        let close = move || {
            accounts.journal.close();
            if let Some(recorder) = &accounts.recorder {
                recorder.close();
            }
        };
        if done(&*self.machine, close).await.is_none() {
            error!("storage was not closed");
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// What the large literals of all clients may take.
    #[must_use]
    pub fn literals(&self) -> Arc<Budget> {
        Arc::clone(&self.literals)
    }

    /// What answers from large messages may take, of all clients.
    #[must_use]
    pub const fn answers(&self) -> &Answers {
        &self.answers
    }

    /// How much has been made durable since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.journal.counts()
    }

    /// A client has come: it is recorded, if anything is.
    #[must_use]
    pub fn greeted(&self) -> Option<Greeted> {
        self.recorder.as_ref().map(Recorder::greet)
    }

    /// A new session of this user, for a client that is `greeted` in the recording.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn login(
        self: &Arc<Self>,
        name: &str,
        password: &[u8],
        greeted: Option<&Greeted>,
    ) -> Result<Seat, Refusal> {
        if !self.knows(name, password).await? {
            return Err(Refusal::Credentials);
        }
        self.admit(name, greeted).await
    }

    /// Whether this is the password of somebody. Somebody unknown takes as long as a wrong password.
    async fn knows(&self, name: &str, given: &[u8]) -> Result<bool, Refusal> {
        if let Some(user) = self.config.users.iter().find(|user| user.name == name) {
            return Ok(password::same(given, user.password.as_bytes()));
        }
        let _permit = self.hashing.acquire().await.map_err(|_| Refusal::Lost)?;
        let (storage, name, given) = (Arc::clone(&self.storage), name.to_owned(), given.to_vec());
        let verify = move || {
            let owner = storage.owner(&name)?;
            let hash = owner.and_then(|owner| owner.password);
            Ok::<_, Failure>(password::verify(&given, hash.as_deref()))
        };
        match done(&*self.machine, verify).await {
            Some(Ok(verified)) => Ok(verified),
            Some(Err(failure)) => Err(Refusal::of(&failure)),
            None => Err(Refusal::Lost),
        }
    }

    /// A new session of this user, whose password has been seen to, or is nobody's business.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn enter(self: &Arc<Self>, name: &str) -> Result<Seat, Refusal> {
        self.admit(name, None).await
    }

    async fn admit(
        self: &Arc<Self>,
        name: &str,
        greeted: Option<&Greeted>,
    ) -> Result<Seat, Refusal> {
        loop {
            let place = Arc::clone(self.places().entry(name.to_owned()).or_default());
            let opened = place.get_or_try_init(|| self.read(name.to_owned())).await;
            let account = match opened {
                Ok(account) => Arc::clone(account),
                Err(failure) => {
                    error!(user = name, %failure, "cannot open an account");
                    return Err(Refusal::of(&failure));
                }
            };
            if account.locked().is_err() {
                return Err(Refusal::Lost);
            }
            match account.enter(self.config.limits.connections_per_user, &self.journal) {
                Entered::In => return Ok(Seat::new(self, account, greeted, false)),
                Entered::TooMany => return Err(Refusal::TooMany),
                Entered::Closed => self.forget(&account),
            }
        }
    }

    /// Opens an account as it is kept; somebody new gets one, and with [`Config::demo`] the sample messages.
    async fn read(self: &Arc<Self>, name: String) -> Result<Arc<SharedAccount>, Failure> {
        let accounts = Arc::clone(self);
        let read = move || {
            let storage = &*accounts.storage;
            let Owner { account, .. } = match storage.owner(&name)? {
                Some(owner) => owner,
                // Somebody who has given up waiting may have had the same done just now.
                None => match (storage.add_owner(&name, None), storage.owner(&name)?) {
                    (Err(_), Some(owner)) => owner,
                    (added, _) => added?,
                },
            };
            Kept::read(account, &accounts)
        };
        let kept = done(&*self.machine, read)
            .await
            .unwrap_or_else(|| Err(Failure::Io("opening an account failed".into())))?;
        // Not where it was read: that goes on when whoever waits for it has gone, and the account would be opened twice.
        let (account, is_new) = SharedAccount::open(kept, self)?;
        let account = Arc::new(account);
        if is_new && self.config.demo {
            self.fill(&account).await;
        }
        Ok(account)
    }

    /// Puts the sample messages into INBOX as a client would, so that there is one way only to change an account. A new account
    /// takes them: it has neither failed nor reached a limit.
    async fn fill(self: &Arc<Self>, account: &Arc<SharedAccount>) {
        if account.enter(usize::MAX - 1, &self.journal) != Entered::In {
            return;
        }
        let mut seat = Seat::new(self, Arc::clone(account), None, true);
        for Sample { bytes, flags, date } in sample::messages() {
            let _ = seat
                .append(MailboxName::inbox(), flags.into(), Some(date), bytes)
                .await;
        }
    }

    /// The last session has left an account: once everything of it is durable it is closed, unless somebody has come in again.
    fn left(self: &Arc<Self>, account: &Arc<SharedAccount>) {
        let (accounts, account) = (Arc::downgrade(self), Arc::clone(account));
        self.journal.then(move || {
            if let Some(accounts) = Weak::upgrade(&accounts)
                && account.close()
            {
                accounts.forget(&account);
            }
        });
    }

    /// Whoever comes next opens it again.
    fn forget(&self, account: &Arc<SharedAccount>) {
        if let Some(recorder) = &self.recorder
            && account.is_lost(&self.journal)
        {
            recorder.failed(account.opening);
        }
        self.places().retain(|_, place| {
            place
                .get()
                .is_none_or(|placed| !Arc::ptr_eq(placed, account))
        });
    }

    fn places(&self) -> MutexGuard<'_, HashMap<String, Arc<Place>>> {
        // Every change of it is a single call.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id of a new content.
    fn next_content(&self) -> ContentId {
        ContentId(self.last_content.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// What a command is told of its moment: UIDVALIDITY from the clock, as RFC 3501 section 2.3.1.1 suggests.
    fn moment(&self, room: Room) -> Moment {
        let now = self.machine.now();
        Moment {
            uid_validity: UidValidity(u32::try_from(now).unwrap_or(u32::MAX)),
            room,
        }
    }

    /// What can be kept now. While that is not everything, each time that somebody asks it is looked whether it is.
    fn room(&self) -> Room {
        let room = self.journal.room();
        if matches!(room, Room::Full | Room::OverQuota) {
            self.journal.probe();
        }
        room
    }
}

/// Begins the recording that is asked for.
fn recorder(machine: &dyn Machine, config: &Config) -> Result<Option<Arc<Recorder>>, Failure> {
    let header = Header::new(config.practice, config.limits.of_account());
    let Some(path) = &config.record else {
        return Ok(machine.recorder(&header));
    };
    match Recorder::start(path, &header) {
        Ok(recorder) => Ok(Some(Arc::new(recorder))),
        Err(error) => Err(Failure::Io(format!(
            "cannot record to `{}`: {error}",
            path.display()
        ))),
    }
}

/// Why somebody cannot log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No such user, or another password.
    Credentials,
    /// The user has as many connections as is allowed.
    TooMany,
    /// The account failed, see [`Lost`].
    Lost,
    /// The account cannot be read, or made, now.
    Unavailable,
    /// What is kept of it is damaged.
    Damaged,
}

impl Refusal {
    const fn of(failure: &Failure) -> Self {
        match failure {
            Failure::Full | Failure::OverQuota | Failure::Busy | Failure::Io(_) => {
                Self::Unavailable
            }
            Failure::Damaged(_) => Self::Damaged,
        }
    }
}

/// The account failed: in the middle of a step, or because what it was changed to cannot be kept. What is in memory is not shown to anybody any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

#[cfg(test)]
mod tests;
