//! The engine that keeps accounts in a directory, in an SQLite database.
//!
//! Touches the directory, and nothing else in the system. `sqlite3 DIR/tandem.db` shows what is kept; the tables are told in `sqlite/schema/1.sql`.
//!
//! Theory of operation. One connection writes (`writer`): a group of entries is one transaction, which is durable when its log is synced. A few others
//! read (`reader`). SQLite shows a transaction to readers once it is synced, and not before; what a process before this one may have written
//! and not synced is made durable at open, ahead of everything else. Nothing is mapped into memory, so that a failing disk is an error
//! and not a signal.

mod connection;
mod directory;
mod entry;
mod examine;
mod load;
mod owners;
mod reader;
mod reserve;
mod schema;
#[cfg(test)]
mod tests;
mod trouble;
mod writer;

use super::{AccountId, Closed, Entry, Failure, Loaded, Options, Owner, Storage};
use crate::content::{Found, Part};
use connection::Synchronous;
use directory::Directory;
use reader::Readers;
use std::{
    fmt,
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tandem_model::number::ContentId;
use trouble::Trouble;
use writer::Writer;

/// A directory of accounts. The fields go in this order: the lock last.
pub struct Sqlite {
    writer: Mutex<Writer>,
    readers: Readers,
    directory: Directory,
}

impl Sqlite {
    /// Opens a directory, and makes it if it is not there. What it shows from now on is durable.
    ///
    /// # Errors
    /// Another process has it open; it was written by a newer tandem, or not by tandem; it cannot be read or written, or is damaged.
    pub fn open(directory: &Path, options: Options) -> Result<Self, Closed> {
        Self::open_as(directory, options, Synchronous::Full, schema::MIGRATIONS)
    }

    /// As [`Sqlite::open`], but a commit does not wait for the disk: a loss of power takes back what was said to be durable. For the test
    /// that has to see this happen, and for nothing else.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    #[doc(hidden)]
    pub fn open_unsafely_fast(directory: &Path, options: Options) -> Result<Self, Closed> {
        Self::open_as(directory, options, Synchronous::Normal, schema::MIGRATIONS)
    }

    fn open_as(
        path: &Path,
        options: Options,
        synchronous: Synchronous,
        migrations: &[&str],
    ) -> Result<Self, Closed> {
        let directory = Directory::take(path)?;
        directory.found(migrations)?;
        let failed = |trouble: Trouble| Closed::Failed(path.to_owned(), trouble.failure());
        let mut connection = connection::writer(&directory.database()).map_err(failed)?;
        let version = schema::version(&connection).map_err(failed)?;
        let newest = schema::newest(migrations);
        if version > newest {
            return Err(Closed::Newer(path.to_owned(), version, newest));
        }
        let mut open = || {
            connection::make_durable(&connection, synchronous)?;
            schema::migrate(&mut connection, migrations)?;
            schema::verify(&connection, migrations)
        };
        open().map_err(failed)?;
        let writer = Writer::new(connection, path, options, synchronous);
        let mut writer = writer.map_err(failed)?;
        settle(&mut writer).map_err(failed)?;
        directory::sync(path)
            .map_err(|error| Closed::Failed(path.to_owned(), directory::told(&error)))?;
        writer.apply_quota().map_err(failed)?;
        if options.sweep {
            clean(&mut writer).map_err(|failure| Closed::Failed(path.to_owned(), failure))?;
        }
        Ok(Self {
            writer: Mutex::new(writer),
            readers: Readers::new(&directory.database()).map_err(failed)?,
            directory,
        })
    }

    fn writer(&self) -> MutexGuard<'_, Writer> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes durable what the log has, from a process before this one. Without room to copy it into the database it stays where it is.
fn settle(writer: &mut Writer) -> Result<(), Trouble> {
    match writer.empty_log().map_err(Trouble::failure) {
        Err(Failure::Full) => writer.sync_log(),
        settled => settled.map_err(Trouble::Told),
    }
}

/// Removes what nobody is owed, now that there are no sessions. Without room for that it stays.
fn clean(writer: &mut Writer) -> Result<(), Failure> {
    let mut clean = || {
        writer.write(|transaction| owners::remove_drafts(transaction))?;
        while writer.write(|transaction| owners::sweep(transaction, None))? {}
        Ok(())
    };
    match clean() {
        Err(Failure::Full | Failure::OverQuota | Failure::Busy) => Ok(()),
        cleaned => cleaned,
    }
}

impl Storage for Sqlite {
    fn commit(&self, entries: &[Entry]) -> Result<(), Failure> {
        let mut writer = self.writer();
        let work = |transaction: &rusqlite::Transaction<'_>| {
            entries
                .iter()
                .try_for_each(|entry| entry::write(transaction, entry))
        };
        match writer.write(work) {
            // There may be room within the log.
            Err(Failure::Full) if writer.begin_log_again() => writer.write(work),
            made => made,
        }
    }

    fn load(&self, account: AccountId, fold: &mut dyn FnMut(Loaded)) -> Result<(), Failure> {
        self.readers
            .read(|connection| load::load(connection, account, fold))
    }

    fn read(&self, content: ContentId, part: Part) -> Result<Option<Found>, Failure> {
        self.readers
            .read(|connection| load::read(connection, content, part))
    }

    fn read_all(
        &self,
        contents: &[ContentId],
        part: Part,
        most: usize,
    ) -> Vec<Result<Option<Found>, Failure>> {
        let all = self.readers.read(|connection| {
            let read = |content: &ContentId| {
                load::read(connection, *content, part).map_err(Trouble::failure)
            };
            Ok(super::until(most, contents.iter().map(read)))
        });
        all.unwrap_or_else(|failure| vec![Err(failure); contents.len()])
    }

    fn last_content(&self) -> Result<ContentId, Failure> {
        self.readers.read(owners::last_content)
    }

    fn owners(&self) -> Result<Vec<Owner>, Failure> {
        self.readers.read(owners::all)
    }

    fn owner(&self, name: &str) -> Result<Option<Owner>, Failure> {
        self.readers
            .read(|connection| owners::named(connection, name))
    }

    fn add_owner(&self, name: &str, password: Option<&str>) -> Result<Owner, Failure> {
        self.writer()
            .write(|transaction| owners::add(transaction, name, password))
    }

    fn set_password(&self, account: AccountId, password: Option<&str>) -> Result<(), Failure> {
        self.writer()
            .write(|transaction| owners::set_password(transaction, account, password))
    }

    fn remove_owner(&self, account: AccountId) -> Result<(), Failure> {
        let mut writer = self.writer();
        writer.write(|transaction| owners::remove(transaction, account))?;
        // Whatever is left of him if this is interrupted goes at the next open.
        while writer.write(|transaction| owners::sweep(transaction, Some(account)))? {}
        Ok(())
    }

    fn references(&self, account: AccountId) -> Result<Vec<(ContentId, u64)>, Failure> {
        self.readers
            .read(|connection| owners::references(connection, account))
    }

    fn correct(&self, content: ContentId, references: u64) -> Result<(), Failure> {
        self.writer()
            .write(|transaction| owners::correct(transaction, content, references))
    }

    fn examine(&self) -> Result<Vec<String>, Failure> {
        self.readers.read(examine::examine)
    }

    fn use_reserve(&self) -> bool {
        self.writer().use_reserve()
    }

    fn restore_reserve(&self) -> Result<(), Failure> {
        self.writer().restore_reserve()
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite")
            .field("directory", &self.directory.path())
            .finish_non_exhaustive()
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.writer().close();
    }
}
