//! The one thread that takes snapshots, so that no account has a long journal to replay when it is opened.
//!
//! Touches storage, to read, and the journal's queue. No account in memory: a snapshot is taken of what is kept, by applying it, which takes no lock
//! and shows, each time, that it can be applied.

use super::shared;
use crate::storage::{AccountId, Entry, Failure, Storage, journal::Journal};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};
use tandem_model::{Limits, command::Room};
use tracing::{debug, error, warn};

/// How many changes of a snapshot are committed together; one has up to 1,024 messages.
const CHANGES: usize = 16;

/// The queue to the thread.
#[derive(Debug)]
pub(super) struct Snapshots {
    queue: Mutex<Option<Sender<AccountId>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Snapshots {
    /// Starts the thread.
    pub(super) fn start(
        storage: Arc<dyn Storage>,
        journal: Arc<Journal>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let (queue, accounts) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("tandem-snapshots".into())
            .spawn(move || {
                for account in accounts {
                    if journal.room() != Room::Free {
                        continue;
                    }
                    match take(account, limits, &*storage, &journal) {
                        Ok(false) => warn!(account = account.0, "no snapshot: there is no room"),
                        Ok(true) => debug!(account = account.0, "snapshot taken"),
                        Err(failure) => error!(account = account.0, %failure, "no snapshot"),
                    }
                }
            })
            .map_err(|error| Failure::Io(error.to_string()))?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Takes one of this account, some time.
    pub(super) fn ask(&self, account: AccountId) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = &*queue {
            // If the thread has gone there is no snapshot: the journal is longer, and nothing else is the matter.
            let _ = queue.send(account);
        }
    }

    /// Waits for the one that is being taken, and ends the thread.
    pub(super) fn close(&self) {
        drop(
            self.queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            error!("the thread that takes snapshots failed");
        }
    }
}

fn take(
    id: AccountId,
    limits: Limits,
    storage: &dyn Storage,
    journal: &Journal,
) -> Result<bool, Failure> {
    let (account, ..) = shared::read(id, limits, storage)?;
    let mut changes = account.snapshot().peekable();
    let mut number = 0;
    while changes.peek().is_some() {
        let piece = changes.by_ref().take(CHANGES).collect();
        let last = changes.peek().is_none();
        // One piece at a time: others commit in between, and no more than one is in the queue.
        let kept = journal.snapshot(Entry::Snapshot {
            account: id,
            position: account.position(),
            number,
            changes: piece,
            last,
        });
        if !kept {
            return Ok(false);
        }
        number += 1;
    }
    Ok(true)
}
