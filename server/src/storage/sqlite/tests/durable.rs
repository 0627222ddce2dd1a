//! What "durable" rests on.

use super::open;
use crate::storage::sqlite::Sqlite;
use rusqlite::{Connection, types::Value};
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
