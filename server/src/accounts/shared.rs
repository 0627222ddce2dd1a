//! One user's account behind its lock, and the bells that its sessions wait for.
//!
//! Touches the account and the counts of contents. RFC 2180 section 3.3: who loses a mailbox is told at once.

use super::{Accounts, Lost, Page};
use crate::config::Config;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::SystemTime,
};
use tandem_model::{
    Account, Batch, Change, Input, Session,
    command::Clock,
    number::{MailboxId, UidValidity},
};
use tokio::sync::watch;

/// One user's account, with what wakes its sessions.
#[derive(Debug)]
pub(super) struct SharedAccount {
    state: Mutex<State>,
    /// How many connections the user has.
    connections: AtomicUsize,
}

/// What is behind the lock.
#[derive(Debug)]
pub(super) struct State {
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
    pub(super) fn new(config: &Config) -> Self {
        Self {
            state: Mutex::new(State {
                account: Account::founded(config.limits.of_account(), clock()),
                bells: HashMap::new(),
            }),
            connections: AtomicUsize::new(0),
        }
    }

    /// Takes the lock, for one step.
    ///
    /// # Errors
    /// Somebody panicked who had it.
    pub(super) fn locked(&self) -> Result<MutexGuard<'_, State>, Lost> {
        self.state.lock().map_err(|_| Lost)
    }

    /// Counts one connection more; whether it is allowed.
    pub(super) fn enter(&self, most: usize) -> bool {
        self.connections
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                (count < most).then(|| count.saturating_add(1))
            })
            .is_ok()
    }

    /// Counts one connection less.
    pub(super) fn leave(&self) {
        self.connections.fetch_sub(1, Ordering::AcqRel);
    }
}

impl State {
    /// One step of a session, and all that follows from it. With `pinned`, contents are pinned for messages that FETCH answers about.
    pub(super) fn step(
        &mut self,
        session: &mut Session,
        input: Input,
        accounts: &Accounts,
        page: &mut Page,
        pinned: bool,
    ) {
        let contents = &accounts.contents;
        let practice = &accounts.config.practice;
        session.step(input, &mut self.account, practice, &mut page.responses);
        // Before anything is released: UID FETCH shows an expunged message and, in the same step, may tell the last session of
        // its expunge, with which its content goes.
        page.pin(contents, pinned);
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
    pub(super) fn wait_for(&mut self, mailbox: Option<MailboxId>, alarm: &mut Option<Alarm>) {
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

#[cfg(test)]
impl State {
    /// How many mailboxes have bells.
    pub(super) fn bells(&self) -> usize {
        self.bells.len()
    }
}

/// What one session waits for.
#[derive(Debug)]
pub(super) struct Alarm {
    pub(super) mailbox: MailboxId,
    pub(super) changed: watch::Receiver<()>,
    pub(super) evicted: watch::Receiver<()>,
}

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs())
}

/// UIDVALIDITY from the clock, as RFC 3501 section 2.3.1.1 suggests.
pub(super) fn clock() -> Clock {
    Clock {
        uid_validity: UidValidity(u32::try_from(now()).unwrap_or(u32::MAX)),
    }
}
