//! How connections to the database are set up.
//!
//! Touches the database. The writer's settings are what "durable" means here: a test reads them back.

use super::trouble::Trouble;
use crate::storage::Failure;
use rusqlite::{Connection, OpenFlags, config::DbConfig};
use std::{path::Path, time::Duration};

/// For how long a connection waits for another program that has the database locked, as an `sqlite3` shell may.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many statements a connection keeps compiled: more than there are.
const STATEMENTS: usize = 64;
/// How many KiB of the database the writer keeps in memory.
const WRITER_CACHE: i64 = 32 << 10;
/// And a reader: it has the system's cache behind it.
const READER_CACHE: i64 = 2 << 10;

/// How sure a commit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synchronous {
    /// It survives a loss of power.
    Full,
    /// It survives a crash of the process. Only a test wants it.
    Normal,
}

/// The connection that writes.
pub(super) fn writer(path: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection, WRITER_CACHE)?;
    Ok(connection)
}

/// Makes what it commits durable.
pub(super) fn make_durable(
    connection: &Connection,
    synchronous: Synchronous,
) -> Result<(), Trouble> {
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        let what = "there can be no write-ahead log on this file system";
        return Err(Failure::Io(what.to_owned()).into());
    }
    let synchronous = match synchronous {
        Synchronous::Full => "full",
        Synchronous::Normal => "normal",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // Where a sync of the system does not reach the disk itself (macOS).
    connection.pragma_update(None, "fullfsync", true)?;
    connection.pragma_update(None, "checkpoint_fullfsync", true)?;
    // When there is a checkpoint, and what its failure means, is the writer's to say.
    connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    Ok(())
}

/// A connection that reads.
pub(super) fn reader(path: &Path) -> Result<Connection, Trouble> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection, READER_CACHE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn set_up(connection: &Connection, cache: i64) -> Result<(), Trouble> {
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A checkpoint at the end would go on after a sync that has failed, and take what it did not write for written.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Otherwise a statement is compiled again each time that it is given another value, lest a better plan be missed: there is one plan.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    // What is damaged on disk is told by an error of reading; in a mapping it would be a signal.
    connection.pragma_update_and_check(None, "mmap_size", 0, |_| Ok(()))?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "cache_size", -cache)?;
    Ok(())
}
