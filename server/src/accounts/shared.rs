//! One user's account behind its lock, and the bells that its sessions wait for.
//!
//! Touches the account, and puts what happened to it into the journal's queue. RFC 2180 section 3.3: who loses a mailbox is told at once.

use super::{Accounts, Lost, Page, holds::Holds};
use crate::{
    content::Content,
    recording::{Recorded, record::Opened},
    storage::{
        self, AccountId, Failure, Loaded, Storage,
        journal::{Durability, Journal},
    },
};
use std::{
    collections::{BTreeSet, HashMap},
    mem,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
};
use tandem_model::{
    Account, Batch, Change, Input, Limits, Practice, Session,
    command::Room,
    number::{ContentId, MailboxId, Position},
};
use tokio::sync::watch;

/// What [`SharedAccount::connections`] is once the account is closed: nobody enters any more.
const CLOSED: usize = usize::MAX;

/// One user's account while it is open, with what wakes its sessions.
#[derive(Debug)]
pub(super) struct SharedAccount {
    pub(super) id: AccountId,
    pub(super) durability: Durability,
    /// It was opened when nothing could be committed any more, and will not be changed.
    read_only: bool,
    /// Its number in the recording, if there is one.
    pub(super) opening: u64,
    state: Mutex<State>,
    /// How many connections the user has.
    connections: AtomicUsize,
}

/// What is behind the lock.
#[derive(Debug)]
pub(super) struct State {
    account: Account,
    pub(super) holds: Holds,
    /// Of the mailboxes that a session has open.
    bells: HashMap<MailboxId, Bells>,
    /// How much there is to replay after the snapshot, and how much the snapshot has: in messages and changes.
    since: u64,
    before: u64,
    #[cfg(feature = "assert-invariants")]
    watch: tandem_model::invariant::Watch,
}

/// What the sessions of one mailbox wait for.
#[derive(Debug, Default)]
struct Bells {
    /// Something happened in it.
    changed: watch::Sender<()>,
    /// A session of it was evicted.
    evicted: watch::Sender<()>,
}

/// What a step is done with, beside its account.
pub(super) struct Means<'a> {
    pub(super) practice: &'a Practice,
    pub(super) journal: &'a Journal,
    /// Where it is recorded, if it is.
    pub(super) recorded: Option<&'a Recorded>,
}

/// How somebody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// As one connection more.
    In,
    /// Not, for there are as many as is allowed.
    TooMany,
    /// Not, for it is closed: it has to be opened again.
    Closed,
}

/// An account as it has been read from storage, by nobody's leave yet: whoever asked may have gone, and somebody else may have asked again.
#[derive(Debug)]
pub(super) struct Kept {
    id: AccountId,
    account: Account,
    /// How much its snapshot has, and how much came after.
    before: u64,
    since: u64,
    /// Nothing could be committed any more.
    read_only: bool,
    /// What makes it, if that is to be recorded.
    changes: Option<Vec<Change>>,
}

impl Kept {
    /// Reads an account. Blocks, and changes nothing.
    pub(super) fn read(id: AccountId, accounts: &Accounts) -> Result<Self, Failure> {
        let read_only = accounts.journal.room() == Room::ReadOnly;
        let limits = accounts.config.limits.of_account();
        let (account, before, since) = read(id, limits, &*accounts.storage)?;
        let recorder = accounts.recorder.as_ref();
        Ok(Self {
            id,
            before,
            since,
            read_only,
            changes: recorder.map(|_| account.snapshot().collect()),
            account,
        })
    }
}

impl SharedAccount {
    /// Opens an account that has been read, and that nobody else has open. One that is new gets its INBOX; whether it was. Does not wait for anything, so that what
    /// it keeps and records is of an account that is open from then on, or was never opened.
    pub(super) fn open(kept: Kept, accounts: &Accounts) -> Result<(Self, bool), Failure> {
        let Kept {
            id,
            mut account,
            before,
            mut since,
            read_only,
            mut changes,
        } = kept;
        let (journal, limits) = (&accounts.journal, accounts.config.limits.of_account());
        let durability = Durability::new(account.position());
        let is_new = account.position() == Position(0);
        if is_new {
            let short = match journal.room() {
                Room::Free => None,
                Room::Full => Some(Failure::Full),
                Room::OverQuota => Some(Failure::OverQuota),
                Room::ReadOnly => Some(Failure::Io("nothing is written any more".into())),
            };
            if let Some(failure) = short {
                journal.probe();
                return Err(failure);
            }
            account = Account::founded(limits, accounts.moment(Room::Free));
            let batch = account.drain();
            since += 1;
            keep(
                id,
                journal,
                &durability,
                batch.position,
                batch.changes,
                &[],
                None,
            );
            changes = changes.map(|_| account.snapshot().collect());
        }
        let opening = accounts.recorder.as_deref().zip(changes);
        let opening = opening.map_or(0, |(recorder, changes)| {
            let opening = recorder.next_opening();
            recorder.opened(Opened {
                opening,
                account: id,
                position: account.position(),
                read_only,
                changes,
            });
            opening
        });
        let state = State {
            account,
            holds: Holds::default(),
            bells: HashMap::new(),
            since,
            before,
            #[cfg(feature = "assert-invariants")]
            watch: tandem_model::invariant::Watch::default(),
        };
        let shared = Self {
            id,
            durability,
            read_only,
            opening,
            state: Mutex::new(state),
            connections: AtomicUsize::new(0),
        };
        Ok((shared, is_new))
    }

    /// Takes the lock, for one step.
    ///
    /// # Errors
    /// Somebody panicked who had it.
    pub(super) fn locked(&self) -> Result<MutexGuard<'_, State>, Lost> {
        self.state.lock().map_err(|_| Lost)
    }

    /// Whether it was opened to be read only.
    pub(super) const fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether what is in memory must not be shown any more: it is ahead of what is kept, or could come to be.
    pub(super) fn is_lost(&self, journal: &Journal) -> bool {
        self.durability.is_lost() || (!self.read_only && journal.room() == Room::ReadOnly)
    }

    /// Counts one connection more, if that is allowed.
    pub(super) fn enter(&self, most: usize, journal: &Journal) -> Entered {
        if self.is_lost(journal) {
            return Entered::Closed;
        }
        let entered = self
            .connections
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |count| {
                (count != CLOSED && count < most).then(|| count.saturating_add(1))
            });
        match entered {
            Ok(_) => Entered::In,
            Err(CLOSED) => Entered::Closed,
            Err(_) => Entered::TooMany,
        }
    }

    /// Counts one connection less; whether it was the last.
    pub(super) fn leave(&self) -> bool {
        self.connections.fetch_sub(1, Ordering::AcqRel) == 1
    }

    /// Closes the account, if nobody is in it.
    pub(super) fn close(&self) -> bool {
        self.connections
            .compare_exchange(0, CLOSED, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    /// One step of a session, and all that follows from it. `fresh` is a content that has not been kept yet, and that the step may refer to.
    pub(super) fn step(
        &self,
        state: &mut State,
        session: &mut Session,
        input: Input,
        means: &Means<'_>,
        fresh: Option<(ContentId, &Arc<Content>)>,
        page: &mut Page,
    ) {
        let pending = means.recorded.map(|recorded| recorded.begins(&input));
        #[cfg(feature = "assert-invariants")]
        state.watch.begins(&state.account);
        session.step(
            input,
            &mut state.account,
            means.practice,
            &mut page.responses,
        );
        let batch = state.account.drain();
        #[cfg(feature = "assert-invariants")]
        state.assert_invariants(&batch);
        if let Some(pending) = pending {
            pending.ends(&page.responses, batch.position);
        }
        page.awaits = batch.awaits(means.practice);
        state.ring(&batch.changes);
        let Batch {
            changes,
            references,
            position,
        } = batch;
        state.since += changes.iter().map(weight).sum::<u64>();
        keep(
            self.id,
            means.journal,
            &self.durability,
            position,
            changes,
            &references.dropped,
            fresh,
        );
        state.holds.change(references);
        means.journal.collect(state.holds.ready());
    }
}

/// Puts the durable part of a step's work into the journal's queue, if there is any.
fn keep(
    account: AccountId,
    journal: &Journal,
    durability: &Durability,
    position: Position,
    mut changes: Vec<Change>,
    dropped: &[ContentId],
    fresh: Option<(ContentId, &Arc<Content>)>,
) {
    changes.retain(Change::is_durable);
    if changes.is_empty() {
        return;
    }
    let taken = |id: ContentId| {
        changes.iter().any(|change| match change {
            Change::Added { messages, .. } => messages.iter().any(|message| message.content == id),
            _ => false,
        })
    };
    let contents = fresh.filter(|&(id, _)| taken(id));
    let batch = storage::Batch {
        account,
        position,
        contents: contents
            .map(|(id, content)| (id, Arc::clone(content)))
            .into_iter()
            .collect(),
        changes,
        dropped: dropped.to_vec(),
    };
    journal.keep(batch, durability);
}

/// An account as it is kept, with how much its snapshot has and how much came after.
pub(super) fn read(
    id: AccountId,
    limits: Limits,
    storage: &dyn Storage,
) -> Result<(Account, u64, u64), Failure> {
    let mut account = Account::blank(limits);
    let (mut before, mut since) = (0, 0);
    storage.load(id, &mut |loaded| match loaded {
        Loaded::Snapshot(position, changes) => {
            before += changes.iter().map(weight).sum::<u64>();
            changes.iter().for_each(|change| account.apply(change));
            account.resume_at(position);
        }
        Loaded::Batch(_, changes) => {
            since += changes.iter().map(weight).sum::<u64>();
            account.replay(&changes);
        }
    })?;
    match account.audit() {
        Ok(()) => Ok((account, before, since)),
        Err(fault) => Err(Failure::Damaged(format!("account {}: {fault}", id.0))),
    }
}

/// How much work it is to apply a change, roughly: how many things it names.
fn weight(change: &Change) -> u64 {
    let things = match change {
        Change::Added { messages, .. } => messages.len(),
        Change::Flagged { flags, .. } => flags.len(),
        Change::Expunged { uids, .. } => uids.len(),
        Change::Renamed { names, .. } => names.len(),
        _ => 1,
    };
    u64::try_from(things).unwrap_or(u64::MAX)
}

impl State {
    /// Holds the account, and the step that was done, to the catalogue of invariants. Who finds one broken ends as after any other failure within a step: nobody uses the account again.
    #[cfg(feature = "assert-invariants")]
    fn assert_invariants(&mut self, batch: &Batch) {
        let audited = self.watch.ends(&self.account, batch);
        assert!(audited.is_ok(), "an invariant is broken: {audited:?}");
    }

    /// Whether it is time for a snapshot: there are more than so many changes to replay, and more than a quarter of what the snapshot has. So the work of
    /// taking snapshots is bounded by a few times that of the changes, and that of opening by what is there. If it is time, it is taken for taken.
    pub(super) fn wants_snapshot(&mut self, least: u32) -> bool {
        let wants = self.since > u64::from(least).max(self.before / 4);
        if wants {
            self.before += mem::take(&mut self.since);
        }
        wants
    }

    /// Wakes the sessions that these changes concern.
    fn ring(&self, changes: &[Change]) {
        let (mut changed, mut evicted) = (BTreeSet::new(), BTreeSet::new());
        for change in changes {
            changed.extend(change.concerns());
            if let Change::Evicted { mailbox, .. } = change {
                evicted.insert(*mailbox);
            }
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
