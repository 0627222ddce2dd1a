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
    mem,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// A checkpoint is due when so many pages of the log have not been copied, unless the reserve is too small for that.
pub(super) const CHECKPOINT: i64 = 1000;
/// A checkpoint waits for readers when the log has so many pages.
pub(super) const LONGEST: i64 = 16 * CHECKPOINT;
/// What has not been copied is this part of the reserve at most: when nothing else is left, it has to fit in there.
const SHARE: i64 = 4;
/// How many pages are given back to the system at once.
const STEP: i64 = 256;

/// The writer.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    directory: PathBuf,
    reserve: Reserve,
    /// A checkpoint is due when so many pages of the log have not been copied.
    due: i64,
    /// The quota, and what may be used beyond it, in pages.
    quota: Option<(i64, i64)>,
    /// How many pages the log has, as of the last commit.
    log: Arc<AtomicI64>,
    /// How many of them were there at the last checkpoint.
    copied: i64,
    /// Whether it is held to its quota.
    within_quota: bool,
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
            due: match pages(options.reserve) / SHARE {
                0 => CHECKPOINT,
                few => CHECKPOINT.min(few),
            },
            quota: options
                .quota
                .map(|quota| (pages(quota).max(1), pages(options.reserve))),
            log,
            copied: 0,
            within_quota: false,
            poison: None,
        })
    }

    /// Does work in one transaction, durably.
    pub(super) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Failure> {
        self.checkpoint_if_due()?;
        self.is_sound()?;
        self.transact(work).map_err(|trouble| self.failure(trouble))
    }

    /// Makes all of the log durable, copies it, and leaves it empty; or only makes it durable, if another program reads it.
    pub(super) fn empty_log(&mut self) -> Result<(), Trouble> {
        self.copied = 0;
        if self.checkpoint("TRUNCATE")? {
            self.sync_log()?;
        }
        Ok(())
    }

    /// Makes all of the log durable.
    pub(super) fn sync_log(&self) -> Result<(), Trouble> {
        let log = File::open(self.directory.join("tandem.db-wal"));
        let synced = log.and_then(|log| log.sync_all());
        Ok(synced.map_err(|error| told(&error))?)
    }

    /// Copies all of the log, so that it begins again from its start: what is to be written may fit into the room that it has. Whether
    /// there was something to copy, and it was.
    pub(super) fn begin_log_again(&mut self) -> bool {
        self.log.load(Ordering::Relaxed) > 0 && self.copy_log("RESTART")
    }

    /// Holds it to its quota, from now on.
    pub(super) fn apply_quota(&mut self) -> Result<(), Trouble> {
        if let Some((quota, _)) = self.quota {
            self.allow(quota)?;
            self.within_quota = true;
        }
        Ok(())
    }

    /// See [`crate::storage::Storage::use_reserve`]. Both kinds of it are given up: which one is wanted cannot always be told.
    pub(super) fn use_reserve(&mut self) -> bool {
        let beyond = match self.quota {
            Some((quota, beyond)) if mem::take(&mut self.within_quota) => {
                beyond > 0 && self.allow(quota.saturating_add(beyond)).is_ok()
            }
            _ => false,
        };
        self.reserve.give_up() || beyond
    }

    /// See [`crate::storage::Storage::restore_reserve`].
    pub(super) fn restore_reserve(&mut self) -> Result<(), Failure> {
        // First of all what the log takes, of which all can be free again.
        self.copy_log("TRUNCATE");
        self.is_sound()?;
        let missing = self.reserve.missing();
        self.make_room(missing)
            .map_err(|trouble| self.failure(trouble))?;
        if self.reserve.hold() {
            return Ok(());
        }
        // What the system says is free is not always free for this process: as much has to be given back as is wanted.
        self.make_room(self.reserve.wanted())
            .map_err(|trouble| self.failure(trouble))?;
        if self.reserve.hold() {
            Ok(())
        } else {
            Err(Failure::Full)
        }
    }

    /// Gives pages that are not used back to the system, as many as the quota is short of, or so many octets. The log has been copied.
    fn make_room(&mut self, missing: u64) -> Result<(), Trouble> {
        let (pages, free, page) = self.room()?;
        let beyond = self.quota.map_or(0, |(quota, _)| pages - quota);
        let page = u64::try_from(page).unwrap_or_default().max(1);
        let missing = missing.div_ceil(page);
        let mut surplus = i64::try_from(missing).unwrap_or(i64::MAX).max(beyond);
        if surplus > free {
            let short = if beyond > free {
                Failure::OverQuota
            } else {
                Failure::Full
            };
            return Err(short.into());
        }
        while surplus > 0 {
            // In steps, since what is moved goes through the log, for which there may be little room.
            self.give_back(surplus.min(STEP))?;
            self.copy_log("TRUNCATE");
            self.is_sound()?;
            surplus -= STEP;
        }
        self.apply_quota()
    }

    /// Gives so many unused pages back to the system, once the log is copied.
    fn give_back(&self, pages: i64) -> Result<(), Trouble> {
        let statement = format!("PRAGMA incremental_vacuum({pages})");
        let mut statement = self.connection.prepare(&statement)?;
        let mut rows = statement.query(())?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    /// Whether it may write: nothing has failed of which nobody knows what is on the disk.
    fn is_sound(&self) -> Result<(), Failure> {
        self.poison.clone().map_or(Ok(()), Err)
    }

    /// Makes a checkpoint in this mode; whether it was complete.
    fn copy_log(&mut self, mode: &str) -> bool {
        if self.poison.is_some() {
            return false;
        }
        let copied = match self.checkpoint(mode) {
            Ok(busy) => !busy,
            Err(trouble) => {
                self.failure(trouble);
                false
            }
        };
        if copied {
            self.log.store(0, Ordering::Relaxed);
            self.copied = 0;
        }
        copied
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

    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }

    /// What to say of trouble; all but a want of room, and entries that do not follow on what is kept, is for ever.
    fn failure(&mut self, trouble: Trouble) -> Failure {
        if let Trouble::Told(failure @ (Failure::Full | Failure::OverQuota)) = trouble {
            return failure;
        }
        let failed_write = trouble.is_failed_write();
        let failure = match trouble.failure() {
            // SQLite says the same of both.
            Failure::Full if self.quota.is_some() && !self.reserve.is_out_of_room() => {
                Failure::OverQuota
            }
            Failure::Io(_) if failed_write && self.reserve.is_out_of_room() => Failure::Full,
            failure => failure,
        };
        if let Failure::Io(_) = &failure {
            self.poison = Some(failure.clone());
        }
        failure
    }

    /// Makes a checkpoint, if the log has grown enough since the last. That there is no room for it is told while the reserve is there to
    /// be used for it; later, the log grows instead.
    fn checkpoint_if_due(&mut self) -> Result<(), Failure> {
        let log = self.log.load(Ordering::Relaxed);
        if log < self.copied {
            // It has begun again.
            self.copied = 0;
        }
        if log < self.copied + self.due || self.poison.is_some() {
            return Ok(());
        }
        let mode = if log < LONGEST { "PASSIVE" } else { "RESTART" };
        match self
            .checkpoint(mode)
            .map_err(|trouble| self.failure(trouble))
        {
            Err(failure @ (Failure::Full | Failure::OverQuota)) if self.reserve.is_held() => {
                Err(failure)
            }
            _ => {
                self.copied = log;
                Ok(())
            }
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
