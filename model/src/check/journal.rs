//! The journal of the checked world: what is durable, what is not yet, and what a crash leaves.
//!
//! Touches accounts of its own, by `snapshot`, `apply` and `replay`, as the server does when it opens an account.
//!
//! Theory of operation. Each step that changes something durable is one [`Entry`]: what a crash leaves once it is durable, and the account as it was then.
//! What a crash leaves is made as recovery makes it: from a snapshot, and then from the durable changes of each step. A crash loses the tail, and what
//! recovery makes of the rest is judged by [`super::recovery`]. Two bounds keep the space finite. The tail has [`TAIL`] entries at most: a step that
//! would add one more waits until the first is durable, as it would for a writer that cannot keep up. And once no crash can come any more
//! there is no journal: a step then waits for nothing, for that an answer came late was seen before, and nobody could tell.

use super::{chronicle::Chronicle, world::Memory};
use crate::{
    account::Account,
    batch::Batch,
    change::Change,
    fault::Fault,
    number::{ModSeq, Position, Uid},
    practice::Practice,
};
use alloc::{sync::Arc, vec::Vec};

/// How many steps may have done what is not durable yet.
pub const TAIL: usize = 2;

/// What outlives a crash: of the account, and of what clients were told.
#[derive(Clone, Debug)]
pub struct Storage {
    /// None once no crash can come any more: every step is durable at once.
    pub journal: Option<Journal>,
    /// What must not be taken back.
    pub chronicle: Chronicle,
}

/// What steps did.
#[derive(Clone, Debug)]
pub struct Journal {
    /// The last step that is durable.
    pub durable: Arc<Entry>,
    /// Those that are not, oldest first.
    pub tail: Vec<Arc<Entry>>,
}

/// One step that did what has to be durable.
#[derive(Debug)]
pub struct Entry {
    /// Its durable changes.
    pub changes: Vec<Change>,
    /// What a crash leaves once it is durable: no view, and no ghost.
    pub left: Account,
    /// The account after it.
    pub live: Arc<Account>,
    /// What the referee remembers of names that outlive the sessions.
    pub memory: Memory,
}

impl Entry {
    /// Where the journal is after it.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.left.position()
    }
}

impl Journal {
    /// A journal that begins with a snapshot of this account.
    #[must_use]
    pub fn new(account: &Arc<Account>, memory: &Memory) -> Self {
        let first = Entry {
            changes: Vec::new(),
            left: opened(account, Some),
            live: Arc::clone(account),
            memory: lasting(memory),
        };
        Self {
            durable: Arc::new(first),
            tail: Vec::new(),
        }
    }

    /// Takes what a step did, after which the account is `live`.
    pub fn keep(&mut self, batch: &Batch, live: &Arc<Account>, memory: &Memory) {
        if !batch.is_durable() {
            return;
        }
        let durable = batch.changes.iter().filter(|change| change.is_durable());
        let changes: Vec<Change> = durable.cloned().collect();
        let mut left = self.last().left.clone();
        left.replay(&changes);
        self.tail.push(Arc::new(Entry {
            changes,
            left,
            live: Arc::clone(live),
            memory: lasting(memory),
        }));
    }

    /// One more step becomes durable.
    pub fn make_durable(&mut self) {
        if !self.tail.is_empty() {
            self.durable = self.tail.remove(0);
        }
    }

    /// Up to where it is durable.
    #[must_use]
    pub fn position(&self) -> Position {
        self.durable.position()
    }

    /// The last step, durable or not.
    #[must_use]
    pub fn last(&self) -> &Arc<Entry> {
        self.tail.last().unwrap_or(&self.durable)
    }

    /// The last step that is durable, and those after it.
    pub fn moments(&self) -> impl Iterator<Item = &Arc<Entry>> {
        core::iter::once(&self.durable).chain(&self.tail)
    }

    /// What the server makes of it after a crash.
    #[must_use]
    pub fn recover(&self, practice: &Practice) -> Account {
        let mut account = opened(&self.durable.left, |change| remembered(change, practice));
        if practice.has(Fault::HalfBatchRecovered)
            && let Some(half) = self.tail.first().and_then(|lost| half(&lost.changes))
        {
            account.replay(&[half]);
        }
        account
    }
}

/// The account that a snapshot of this one makes, of the changes that are taken from it.
pub(super) fn opened(account: &Account, take: impl Fn(Change) -> Option<Change>) -> Account {
    let mut opened = Account::blank(account.limits());
    for change in account.snapshot().filter_map(take) {
        opened.apply(&change);
    }
    opened.resume_at(account.position());
    opened
}

/// Of what the referee remembers, that which sessions have no part in.
fn lasting(memory: &Memory) -> Memory {
    Memory {
        graves: Vec::new(),
        ..memory.clone()
    }
}

/// What recovery takes from a change of a snapshot: all of it, but for a fault.
fn remembered(change: Change, practice: &Practice) -> Option<Change> {
    match change {
        Change::Counted {
            mailbox,
            highest_modseq,
            flags_changed,
            claimed_to,
            ..
        } if practice.has(Fault::UidReusedAfterCrash) => Some(Change::Counted {
            mailbox,
            uid_next: Uid(0),
            highest_modseq,
            flags_changed,
            claimed_to,
        }),
        Change::Counted {
            mailbox,
            uid_next,
            claimed_to,
            ..
        } if practice.has(Fault::CountersForgotten) => Some(Change::Counted {
            mailbox,
            uid_next,
            highest_modseq: ModSeq(0),
            flags_changed: ModSeq(0),
            claimed_to,
        }),
        Change::Numbered { .. } if practice.has(Fault::CountersForgotten) => None,
        change => Some(change),
    }
}

/// The first change of a step, and of the messages that it brings the first: what a fault finds of it.
fn half(changes: &[Change]) -> Option<Change> {
    Some(match changes.first()? {
        Change::Added { mailbox, messages } => Change::Added {
            mailbox: *mailbox,
            messages: messages.iter().copied().take(1).collect(),
        },
        change => change.clone(),
    })
}
