//! The one connection that writes.
//!
//! Touches the database.
//!
//! Theory of operation. What is committed goes to the write-ahead log, and is durable once that is synced. A checkpoint copies the log into the database; after one that was
//! complete, and once no reader is left that began before it, the log begins again from its start. The writer makes checkpoints itself, *before* a commit, when those whose entries
//! the last one had have been told already: so a checkpoint holds up one group a little, a commit is never failed by a checkpoint, and nothing is
//! written meanwhile that the checkpoint would have to run after. Readers can keep the log from beginning again; if it has grown much, a checkpoint waits for them.
//!
//! After a failed sync nobody knows what is on the disk, and the next sync says nothing of what the failed one lost. So whatever is not about room
//! poisons the writer: it never writes again, nor makes a checkpoint, which would let go of the log. Opening the directory again goes by the log.

use super::{
    connection::{self, Synchronous},
    directory::told,
    reserve::Reserve,
    trouble::Trouble,
};
use crate::storage::{Failure, Options};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A checkpoint is due when so many pages of the log have not been copied.
pub(super) const CHECKPOINT: i64 = 1000;
/// A checkpoint waits for readers when the log has so many pages.
pub(super) const LONGEST: i64 = 16 * CHECKPOINT;

/// The writer.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    directory: PathBuf,
    reserve: Reserve,
    /// The quota, and what may be used beyond it, in pages.
    quota: Option<(i64, i64)>,
    /// How many pages the log has, as of the last commit.
    log: Arc<AtomicI64>,
    /// How many of them were there at the last checkpoint.
    copied: i64,
    /// What it was short of when it last failed for want of it.
    short: Option<Failure>,
    /// Why it does not write any more.
    poison: Option<Failure>,
}

impl Writer {
    /// Makes a connection the writer.
    pub(super) fn new(
        mut connection: Connection,
        directory: &Path,
        options: Options,
        synchronous: Synchronous,
    ) -> Result<Self, Trouble> {
        connection::make_durable(&connection, synchronous)?;
        let log = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&log);
        connection.wal_hook(Some(move |_: &mut _, pages| {
            told.store(i64::from(pages), Ordering::Relaxed);
            Ok(())
        }))?;
        let page: i64 = connection.query_row("PRAGMA page_size", (), |row| row.get(0))?;
        let pages = |octets: u64| i64::try_from(octets).unwrap_or(i64::MAX) / page.max(1);
        Ok(Self {
            connection,
            directory: directory.to_owned(),
            reserve: Reserve::new(directory, options.reserve),
            quota: options
                .quota
                .map(|quota| (pages(quota).max(1), pages(options.reserve))),
            log,
            copied: 0,
            short: None,
            poison: None,
        })
    }

    /// Does work in one transaction, durably.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Failure> {
        self.checkpoint_if_due();
        if let Some(poison) = &self.poison {
            return Err(poison.clone());
        }
        self.transact(work)
            .map_err(|(trouble, over_quota)| self.failure(trouble, over_quota))
    }

    /// Makes all of the log durable, copies it, and leaves it empty; or only makes it durable, if another program reads it.
    pub(super) fn empty_log(&mut self) -> Result<(), Trouble> {
        self.copied = 0;
        if self.checkpoint("TRUNCATE")? {
            let log = File::open(self.directory.join("tandem.db-wal"));
            let synced = log.and_then(|log| log.sync_all());
            synced.map_err(|error| told(&error))?;
        }
        Ok(())
    }

    /// Holds it to its quota, from now on.
    pub(super) fn apply_quota(&self) -> Result<(), Trouble> {
        if let Some((quota, _)) = self.quota {
            self.allow(quota)?;
        }
        Ok(())
    }

    /// See [`crate::storage::Storage::use_reserve`].
    pub(super) fn use_reserve(&mut self) -> bool {
        match (self.short.take(), self.quota) {
            (Some(Failure::OverQuota), Some((quota, beyond))) => {
                beyond > 0 && self.allow(quota.saturating_add(beyond)).is_ok()
            }
            _ => self.reserve.give_up(),
        }
    }

    /// See [`crate::storage::Storage::restore_reserve`].
    pub(super) fn restore_reserve(&mut self) -> bool {
        let Ok((pages, free, page)) = self.room() else {
            return false;
        };
        let within = match self.quota {
            Some((quota, beyond)) => {
                (pages <= quota || free >= beyond) && self.allow(quota).is_ok()
            }
            None => true,
        };
        let inside = u64::try_from(free.saturating_mul(page)).unwrap_or(0);
        within && (self.reserve.hold() || inside >= self.reserve.octets())
    }

    /// Ends tidily: the log is left empty, unless it may be all there is.
    pub(super) fn close(&mut self) {
        if self.poison.is_none() {
            let _ = self.empty_log();
        }
    }

    /// The connection, to look at.
    #[cfg(test)]
    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Does work in one transaction; with what went wrong, whether it was that the quota was reached.
    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T, (Trouble, bool)> {
        let quota = self.quota.is_some();
        let begin = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate);
        let transaction = begin.map_err(|error| (error.into(), false))?;
        match work(&transaction) {
            Ok(done) => match transaction.commit() {
                Ok(()) => Ok(done),
                Err(error) => Err((error.into(), false)),
            },
            Err(trouble) => {
                // Asked before it is rolled back, while it has all the pages that it may.
                let reached = quota && is_at_most(&transaction).unwrap_or(false);
                Err((trouble, reached))
            }
        }
    }

    /// What to say of trouble; all but a want of room, and entries that do not follow on what is kept, is for ever.
    fn failure(&mut self, trouble: Trouble, over_quota: bool) -> Failure {
        let failed_write = trouble.is_failed_write();
        let failure = match trouble.failure() {
            Failure::Full if over_quota => Failure::OverQuota,
            Failure::Io(_) if failed_write && self.reserve.is_out_of_room() => Failure::Full,
            failure => failure,
        };
        match &failure {
            Failure::Full | Failure::OverQuota => self.short = Some(failure.clone()),
            Failure::Io(_) => self.poison = Some(failure.clone()),
            Failure::Damaged(_) => {}
        }
        failure
    }

    /// Makes a checkpoint, if the log has grown enough since the last.
    fn checkpoint_if_due(&mut self) {
        let log = self.log.load(Ordering::Relaxed);
        if log < self.copied {
            // It has begun again.
            self.copied = 0;
        }
        if log < self.copied + CHECKPOINT || self.poison.is_some() {
            return;
        }
        let mode = if log < LONGEST { "PASSIVE" } else { "RESTART" };
        self.copied = log;
        if let Err(trouble) = self.checkpoint(mode) {
            // A log that cannot be copied for want of room grows, and is copied when there is room.
            self.failure(trouble, false);
        }
    }

    /// Makes a checkpoint; whether somebody else kept it from being complete.
    fn checkpoint(&self, mode: &str) -> Result<bool, Trouble> {
        let statement = format!("PRAGMA wal_checkpoint({mode})");
        let mut statement = self.connection.prepare_cached(&statement)?;
        Ok(statement.query_row((), |row| row.get(0))?)
    }

    /// How many pages the database has, how many of them are free, and the octets of one.
    fn room(&self) -> Result<(i64, i64, i64), Trouble> {
        let ask = |pragma: &str| {
            self.connection
                .pragma_query_value(None, pragma, |row| row.get(0))
        };
        Ok((
            ask("page_count")?,
            ask("freelist_count")?,
            ask("page_size")?,
        ))
    }

    /// Lets it have so many pages; as many as it has, at least.
    fn allow(&self, pages: i64) -> Result<(), Trouble> {
        let set = |_: &rusqlite::Row<'_>| Ok(());
        Ok(self
            .connection
            .pragma_update_and_check(None, "max_page_count", pages, set)?)
    }
}

/// Whether the database has all the pages that it may.
fn is_at_most(connection: &Connection) -> Result<bool, rusqlite::Error> {
    let ask =
        |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    Ok(ask("page_count")? >= ask("max_page_count")?)
}
