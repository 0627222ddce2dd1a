//! What "durable" rests on.

use super::open;
use crate::storage::{Failure, Storage as _, sqlite::Sqlite};
use rusqlite::{Connection, types::Value};
use std::time::Duration;
use tempfile::TempDir;

fn pragma(connection: &Connection, name: &str) -> Value {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .unwrap()
}

#[test]
fn the_writer_waits_for_the_disk() {
    let directory = TempDir::new().unwrap();
    let storage = open(&directory);
    let writer = storage.writer();
    // FULL is 2; NORMAL, 1, loses what it said was kept when the power goes.
    for (name, value) in [
        ("synchronous", Value::Integer(2)),
        ("journal_mode", Value::Text("wal".to_owned())),
        ("fullfsync", Value::Integer(1)),
        ("checkpoint_fullfsync", Value::Integer(1)),
        ("mmap_size", Value::Integer(0)),
        ("cell_size_check", Value::Integer(1)),
        ("wal_autocheckpoint", Value::Integer(0)),
        ("locking_mode", Value::Text("normal".to_owned())),
        ("writable_schema", Value::Integer(0)),
        ("page_size", Value::Integer(4096)),
        // Incremental: what is expunged can be given back to a disk that is full.
        ("auto_vacuum", Value::Integer(2)),
    ] {
        assert_eq!(pragma(writer.connection(), name), value, "{name}");
    }
}

#[test]
fn what_is_unsafely_fast_is_only_that() {
    let directory = TempDir::new().unwrap();
    let storage = Sqlite::open_unsafely_fast(directory.path(), super::options()).unwrap();
    let writer = storage.writer();
    assert_eq!(
        pragma(writer.connection(), "synchronous"),
        Value::Integer(1)
    );
    let mode = Value::Text("wal".to_owned());
    assert_eq!(pragma(writer.connection(), "journal_mode"), mode);
}

#[test]
fn readers_only_read() {
    let directory = TempDir::new().unwrap();
    let storage = open(&directory);
    let written = storage.readers.read(|connection| {
        assert_eq!(pragma(connection, "query_only"), Value::Integer(1));
        assert_eq!(pragma(connection, "mmap_size"), Value::Integer(0));
        Ok(connection.execute("DELETE FROM account", ())?)
    });
    assert!(written.is_err());
}

#[test]
fn a_lock_of_another_program_is_waited_for_and_is_no_failure_for_ever() {
    let directory = TempDir::new().unwrap();
    let storage = open(&directory);
    storage
        .writer()
        .connection()
        .busy_timeout(Duration::from_millis(1))
        .unwrap();
    let other = Connection::open(directory.path().join("tandem.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(storage.add_owner("alice", None), Err(Failure::Busy));
    assert_eq!(storage.commit(&[]), Err(Failure::Busy));
    other.execute_batch("ROLLBACK").unwrap();
    storage.add_owner("alice", None).unwrap();
    assert_eq!(storage.commit(&[]), Ok(()));
}
