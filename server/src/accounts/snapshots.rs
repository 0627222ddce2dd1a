//! Takes snapshots, one after the other, so that no account has a long journal to replay when it is opened.
//!
//! Touches storage, to read, and the journal's queue. No account in memory: a snapshot is taken of what is kept, by applying it, which takes no lock
//! and shows, each time, that it can be applied.

use super::shared;
use crate::{
    config::Limits,
    machine::{Machine, done},
    storage::{AccountId, Entry, Failure, Storage, journal::Journal},
};
use std::sync::{Arc, Mutex, PoisonError};
use tandem_model::command::Room;
use tokio::sync::{
    mpsc::{self, UnboundedReceiver, UnboundedSender},
    oneshot,
};
use tracing::{debug, error, warn};

/// How many changes of a snapshot are committed together at most; one has up to 1,024 messages.
const CHANGES: usize = 16;

/// The queue to whoever takes them.
#[derive(Debug)]
pub(super) struct Snapshots {
    queue: Mutex<Option<UnboundedSender<AccountId>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
}

/// Who takes them.
struct Taker {
    machine: Arc<dyn Machine>,
    storage: Arc<dyn Storage>,
    journal: Arc<Journal>,
    limits: Limits,
}

impl Snapshots {
    /// Nobody has asked for one yet.
    pub(super) fn start(
        machine: &Arc<dyn Machine>,
        storage: &Arc<dyn Storage>,
        journal: &Arc<Journal>,
        limits: Limits,
    ) -> Result<Self, Failure> {
        let (queue, accounts) = mpsc::unbounded_channel();
        let (end, ended) = oneshot::channel();
        let taker = Taker {
            machine: Arc::clone(machine),
            storage: Arc::clone(storage),
            journal: Arc::clone(journal),
            limits,
        };
        let all = async move {
            taker.take_all(accounts).await;
            // Whoever is told that this has ended may open the storage anew.
            drop(taker);
            // Whoever does not wait does not have to be told.
            let _ = end.send(());
        };
        let running = machine.run("tandem-snapshots", Box::pin(all));
        running.map_err(|error| Failure::Io(error.to_string()))?;
        Ok(Self {
            queue: Mutex::new(Some(queue)),
            ended: Mutex::new(Some(ended)),
        })
    }

    /// Takes one of this account, some time.
    pub(super) fn ask(&self, account: AccountId) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = &*queue {
            // If nobody takes them there is no snapshot: the journal is longer, and nothing else is the matter.
            let _ = queue.send(account);
        }
    }

    /// Waits for those that were asked for.
    pub(super) async fn close(&self) {
        drop(
            self.queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let ended = self
            .ended
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(ended) = ended
            && ended.await.is_err()
        {
            error!("what takes snapshots failed");
        }
    }
}

impl Taker {
    async fn take_all(&self, mut accounts: UnboundedReceiver<AccountId>) {
        while let Some(account) = accounts.recv().await {
            if self.journal.room() != Room::Free {
                continue;
            }
            match self.take(account).await {
                Ok(false) => warn!(account = account.0, "no snapshot: there is no room"),
                Ok(true) => debug!(account = account.0, "snapshot taken"),
                Err(failure) => error!(account = account.0, %failure, "no snapshot"),
            }
        }
    }

    /// Takes one; no: there was no room for it.
    async fn take(&self, id: AccountId) -> Result<bool, Failure> {
        let (storage, limits) = (Arc::clone(&self.storage), self.limits.of_account());
        let read = done(&*self.machine, move || shared::read(id, limits, &*storage)).await;
        let (account, ..) = read.unwrap_or_else(|| Err(Failure::Io("reading it failed".into())))?;
        let mut changes = account.snapshot().peekable();
        let most =
            usize::try_from(self.limits.snapshot_after).map_or(CHANGES, |most| most.min(CHANGES));
        let mut number = 0;
        while changes.peek().is_some() {
            let piece = changes.by_ref().take(most).collect();
            let last = changes.peek().is_none();
            // One piece at a time: others commit in between, and no more than one is in the queue.
            let kept = self.journal.snapshot(Entry::Snapshot {
                account: id,
                position: account.position(),
                number,
                changes: piece,
                last,
            });
            if !kept.await {
                return Ok(false);
            }
            number += 1;
        }
        Ok(true)
    }
}
