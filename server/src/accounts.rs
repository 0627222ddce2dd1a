//! Who has which account, and who is to be woken when it changes.
//!
//! Touches the accounts, each behind one mutex that is never held across an await, and the contents of their
//! messages. Nobody else touches either.
//!
//! Theory of operation: [`Seat::step`] is the only way in. Under the account's lock it lets the session step, takes what that did to
//! the account ([`tandem_model::Batch`]), counts contents, wakes the sessions of the mailboxes concerned, and pins
//! the contents that the responses need, so that nobody can expunge them before they are rendered. All of it is proportional to the changes
//! and the responses. Sessions wait for their own mailbox only; those that are not in IDLE only for losing it.
//!
//! A panic inside of a step leaves the account in a state that nobody vouches for. It is not used again: sessions get BYE,
//! logins NO. The other accounts go on.

use crate::{
    config::{Config, User},
    content::Contents,
    sample,
};
use std::{
    collections::{BTreeSet, HashMap},
    hint::black_box,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};
use tandem_model::{
    Account, Batch, Change, Command, Input, Practice, Response, Session,
    command::Clock,
    flags::FlagNames,
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, MailboxId, UidValidity},
    response::FetchData,
};
use tokio::sync::watch;
use tracing::error;

/// All users with their accounts, and the contents of all messages.
#[derive(Debug)]
pub struct Accounts {
    config: Config,
    contents: Contents,
    by_user: HashMap<String, Arc<SharedAccount>>,
}

impl Accounts {
    /// An account for each user; with the sample messages in INBOX, if [`Config::demo`].
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut accounts = Self {
            contents: Contents::new(),
            by_user: HashMap::new(),
            config,
        };
        for User { name, .. } in &accounts.config.users {
            let account = SharedAccount::new(&accounts.config);
            if accounts.config.demo {
                account.fill(&accounts.contents, &accounts.config.practice);
            }
            accounts.by_user.insert(name.clone(), Arc::new(account));
        }
        accounts
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// A new session of this user.
    ///
    /// # Errors
    /// Why there is none.
    pub fn login(self: &Arc<Self>, name: &str, password: &[u8]) -> Result<Seat, Refusal> {
        let user = self.config.users.iter().find(|user| user.name == name);
        // Somebody unknown takes as long as a wrong password.
        let known = user.map_or("unknown", |user| user.password.as_str());
        let matches = same(password, known.as_bytes());
        let account = self
            .by_user
            .get(name)
            .filter(|_| matches && user.is_some())
            .ok_or(Refusal::Credentials)?;
        if account.locked().is_err() {
            return Err(Refusal::Lost);
        }
        let most = self.config.limits.connections_per_user;
        account
            .connections
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                (count < most).then(|| count.saturating_add(1))
            })
            .map_err(|_| Refusal::TooMany)?;
        Ok(Seat {
            accounts: Arc::clone(self),
            account: Arc::clone(account),
            session: Session::new(),
            alarm: None,
        })
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
}

/// The account failed in the middle of a step, and is not used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

/// One user's account, with what wakes its sessions.
#[derive(Debug)]
struct SharedAccount {
    state: Mutex<State>,
    /// How many connections the user has.
    connections: AtomicUsize,
}

#[derive(Debug)]
struct State {
    account: Account,
    /// Of the mailboxes that a session has open.
    bells: HashMap<MailboxId, Bells>,
}

/// What the sessions of one mailbox wait for.
#[derive(Debug, Default)]
struct Bells {
    /// Something happened in it.
    changed: watch::Sender<()>,
    /// A session of it was evicted.
    evicted: watch::Sender<()>,
}

impl SharedAccount {
    fn new(config: &Config) -> Self {
        Self {
            state: Mutex::new(State {
                account: Account::founded(config.limits.of_account(), clock()),
                bells: HashMap::new(),
            }),
            connections: AtomicUsize::new(0),
        }
    }

    fn locked(&self) -> Result<MutexGuard<'_, State>, Lost> {
        self.state.lock().map_err(|_| Lost)
    }

    /// Puts the sample messages into INBOX, as a client would.
    fn fill(&self, contents: &Contents, practice: &Practice) {
        let Ok(mut state) = self.locked() else { return };
        let mut session = Session::new();
        for sample in sample::messages() {
            let size = size(&sample.bytes);
            let content = contents.insert(sample.bytes);
            let command = Command::Append {
                mailbox: MailboxName::inbox(),
                flags: FlagNames::from(sample.flags),
                date: sample.date,
                content,
                size,
            };
            let mut answer = Vec::new();
            state.step(
                &mut session,
                Input::Command(command, clock()),
                practice,
                contents,
                &mut answer,
            );
            contents.release(content);
        }
        state.step(
            &mut session,
            Input::Break,
            practice,
            contents,
            &mut Vec::new(),
        );
    }
}

impl State {
    /// One step of a session, and all that follows from it.
    fn step(
        &mut self,
        session: &mut Session,
        input: Input,
        practice: &Practice,
        contents: &Contents,
        out: &mut Vec<Response>,
    ) {
        session.step(input, &mut self.account, practice, out);
        let Batch { changes, released } = self.account.drain();
        let (mut changed, mut evicted) = (BTreeSet::new(), BTreeSet::new());
        for change in &changes {
            changed.extend(change.concerns());
            match change {
                Change::Evicted { mailbox, .. } => evicted.extend(Some(*mailbox)),
                Change::Added { messages, .. } => {
                    for message in messages {
                        contents.retain(message.content);
                    }
                }
                _ => {}
            }
        }
        // After the above: a MOVE may take the last reference from one mailbox and give it to another.
        for content in released {
            contents.release(content);
        }
        for bells in changed.iter().filter_map(|mailbox| self.bells.get(mailbox)) {
            bells.changed.send_replace(());
        }
        for bells in evicted.iter().filter_map(|mailbox| self.bells.get(mailbox)) {
            bells.evicted.send_replace(());
        }
    }

    /// Waits for another mailbox from now on, or for none; forgets what nobody waits for.
    fn wait_for(&mut self, mailbox: Option<MailboxId>, alarm: &mut Option<Alarm>) {
        if let Some(left) = alarm.take().map(|alarm| alarm.mailbox)
            && self
                .bells
                .get(&left)
                .is_some_and(|bells| bells.evicted.receiver_count() == 0)
        {
            self.bells.remove(&left);
        }
        *alarm = mailbox.map(|mailbox| {
            let bells = self.bells.entry(mailbox).or_default();
            Alarm {
                mailbox,
                changed: bells.changed.subscribe(),
                evicted: bells.evicted.subscribe(),
            }
        });
    }
}

/// What one session waits for.
#[derive(Debug)]
struct Alarm {
    mailbox: MailboxId,
    changed: watch::Receiver<()>,
    evicted: watch::Receiver<()>,
}

/// What one step answers.
#[derive(Debug, Default)]
pub struct Page {
    /// The responses, in order.
    pub responses: Vec<Response>,
    /// The contents that they need, pinned.
    pub contents: HashMap<ContentId, Arc<[u8]>>,
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
    /// One step under the account's lock. With `pinned`, contents are pinned for messages that FETCH answers about;
    /// those that SEARCH has to look into always are.
    ///
    /// # Errors
    /// The account failed, in this step or before.
    pub fn step(&mut self, input: Input, pinned: bool) -> Result<Page, Lost> {
        let mut page = Page::default();
        let mut state = self.account.locked()?;
        let accounts = &self.accounts;
        state.step(
            &mut self.session,
            input,
            &accounts.config.practice,
            &accounts.contents,
            &mut page.responses,
        );
        match (&mut self.alarm, self.session.mailbox()) {
            (Some(alarm), Some(mailbox)) if alarm.mailbox == mailbox => {
                // All that happened up to here has been looked at.
                alarm.changed.mark_unchanged();
                alarm.evicted.mark_unchanged();
            }
            (None, None) => {}
            (alarm, mailbox) => state.wait_for(mailbox, alarm),
        }
        for id in page
            .responses
            .iter()
            .flat_map(|response| needed(response, pinned))
        {
            if let Some(bytes) = accounts.contents.get(id) {
                page.contents.insert(id, bytes);
            }
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
                    let accounts = &self.accounts;
                    let mut unheard = Vec::new();
                    let practice = &accounts.config.practice;
                    state.step(
                        &mut self.session,
                        Input::Break,
                        practice,
                        &accounts.contents,
                        &mut unheard,
                    );
                }
                state.wait_for(None, &mut self.alarm);
            }
            Err(Lost) => error!("a session is left in an account that failed"),
        }
        self.account.connections.fetch_sub(1, Ordering::AcqRel);
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

/// RFC822.SIZE. Literals have less than 2^32 octets, by their limit.
fn size(message: &[u8]) -> u32 {
    u32::try_from(message.len()).unwrap_or(u32::MAX)
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs())
}

/// UIDVALIDITY from the clock, as RFC 3501 section 2.3.1.1 suggests.
fn clock() -> Clock {
    Clock {
        uid_validity: UidValidity(u32::try_from(now()).unwrap_or(u32::MAX)),
    }
}

/// Whether both are the same; the time it takes depends on the length of what was given only.
fn same(given: &[u8], known: &[u8]) -> bool {
    let mut difference = u8::from(given.len() != known.len());
    for (at, byte) in given.iter().enumerate() {
        difference |= black_box(byte ^ known.get(at).copied().unwrap_or_default());
    }
    black_box(difference) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(change: impl FnOnce(&mut Config)) -> Arc<Accounts> {
        let mut config = Config::default();
        change(&mut config);
        Arc::new(Accounts::new(config))
    }

    #[test]
    fn only_the_right_password_opens_an_account() {
        let accounts = accounts(|_| {});
        for (name, password) in [
            ("demo", "Demo"),
            ("demo", ""),
            ("demo", "demodemo"),
            ("nobody", "unknown"),
            ("", ""),
        ] {
            assert_eq!(
                accounts.login(name, password.as_bytes()).err(),
                Some(Refusal::Credentials),
                "{name} {password}"
            );
        }
        assert!(accounts.login("demo", b"demo").is_ok());
    }

    #[test]
    fn a_user_has_so_many_connections_and_no_more() {
        let accounts = accounts(|config| config.limits.connections_per_user = 2);
        let first = accounts.login("demo", b"demo");
        let second = accounts.login("demo", b"demo");
        assert!(first.is_ok() && second.is_ok());
        assert_eq!(
            accounts.login("demo", b"demo").err(),
            Some(Refusal::TooMany)
        );
        drop(first);
        assert!(accounts.login("demo", b"demo").is_ok());
    }

    #[test]
    fn an_account_that_failed_is_not_used_again() {
        let accounts = accounts(|_| {});
        let mut seat = accounts.login("demo", b"demo").ok().unwrap();
        let account = Arc::clone(&seat.account);
        let failed = std::thread::spawn(move || {
            let _state = account.locked();
            panic!("inside of a step");
        });
        assert!(failed.join().is_err());
        assert_eq!(seat.step(Input::Wake, false).err(), Some(Lost));
        assert_eq!(accounts.login("demo", b"demo").err(), Some(Refusal::Lost));
    }
}
