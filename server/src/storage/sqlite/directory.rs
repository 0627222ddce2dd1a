//! The directory that a database is in.
//!
//! Touches it. Nothing in it is for others to read: the directory is made with mode 0700, files with 0600.
//!
//! Theory of operation. The database is made under another name and renamed once it is whole, so that one without a length is a database that was lost,
//! and is not taken for one that is to be made. `lock` is held for as long as the value lives: two processes that write would not harm the database, but each would
//! go by what it knows in memory.

use super::schema::{self, APPLICATION};
use crate::storage::{Closed, Failure};
use rusqlite::Connection;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// How an SQLite database begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where in it the application is said.
const APPLICATION_AT: usize = 68;
/// How much of it tells what it is.
const HEAD: usize = 100;
/// Octets of a page: those of a file system's, and of what a disk writes at once.
const PAGE_SIZE: i64 = 4096;

/// A directory that nobody else has open.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    _lock: File,
}

impl Directory {
    /// Takes it, and makes it if it is not there.
    pub(super) fn take(path: &Path) -> Result<Self, Closed> {
        let failed = |error: io::Error| Closed::Failed(path.to_owned(), told(&error));
        if !path.exists() {
            make(path).map_err(failed)?;
        }
        let mut options = private();
        options.create(true).truncate(false);
        let mut lock = options.open(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Closed::InUse(path.to_owned())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // For whoever wonders who has it; nothing goes by it, and it may be that there is no room for it.
        let _ = lock
            .set_len(0)
            .and_then(|()| writeln!(lock, "{}", std::process::id()));
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The database.
    pub(super) fn database(&self) -> PathBuf {
        self.path.join("tandem.db")
    }

    /// Sees to it that the database is there, and that it is tandem's, without changing anything that is not.
    pub(super) fn found(&self, migrations: &[&str]) -> Result<(), Closed> {
        let foreign = |what: &str| Closed::Foreign(self.path.clone(), what.to_owned());
        let failed = |failure| Closed::Failed(self.path.clone(), failure);
        let file = match File::open(self.database()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if self.path.join("tandem.db-wal").exists() {
                    return Err(foreign("`tandem.db` is gone, its `tandem.db-wal` is not"));
                }
                return self.create(migrations).map_err(failed);
            }
            Err(error) => return Err(failed(told(&error))),
        };
        let mut head = Vec::with_capacity(HEAD);
        let read = file.take(HEAD as u64).read_to_end(&mut head);
        read.map_err(|error| failed(told(&error)))?;
        let application = head
            .get(APPLICATION_AT..)
            .and_then(<[u8]>::first_chunk)
            .map(|octets| i32::from_be_bytes(*octets));
        if head.is_empty() {
            Err(foreign("`tandem.db` is empty"))
        } else if !head.starts_with(MAGIC) || head.len() < HEAD {
            Err(foreign("`tandem.db` is no SQLite database"))
        } else if application != Some(APPLICATION) {
            Err(foreign("`tandem.db` is a database of another program"))
        } else {
            Ok(())
        }
    }

    /// Makes a database, with nobody in it.
    fn create(&self, migrations: &[&str]) -> Result<(), Failure> {
        let new = self.path.join("tandem.db.new");
        for remains in [new.clone(), self.path.join("tandem.db.new-journal")] {
            match fs::remove_file(remains) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(told(&error)),
                _ => {}
            }
        }
        let file = private().create_new(true).open(&new);
        let file = file.map_err(|error| told(&error))?;
        let make = || {
            let mut connection = Connection::open(&new)?;
            connection.pragma_update(None, "page_size", PAGE_SIZE)?;
            // Pages that are not used can be given back to the system, when it is out of room.
            connection.pragma_update(None, "auto_vacuum", "incremental")?;
            connection.pragma_update(None, "application_id", APPLICATION)?;
            schema::migrate(&mut connection, migrations)
        };
        make().map_err(super::trouble::Trouble::failure)?;
        file.sync_all()
            .and_then(|()| fs::rename(&new, self.database()))
            .and_then(|()| sync(&self.path))
            .map_err(|error| told(&error))
    }
}

/// Makes a directory with those that it is in, durably.
fn make(path: &Path) -> io::Result<()> {
    let above = match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Path::new("."),
        Some(above) => above,
        None => return Ok(()),
    };
    if !above.exists() {
        make(above)?;
    }
    DirBuilder::new().mode(0o700).create(path)?;
    sync(above)
}

/// How files are opened for writing that are nobody else's business.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Makes durable which files a directory has.
pub(super) fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// What the system said.
pub(super) fn told(error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::Full,
        _ => Failure::Io(error.to_string()),
    }
}
