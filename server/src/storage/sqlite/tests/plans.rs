//! What is compiled once is used again.

use super::open;
use crate::{content::Part, storage::sqlite::load};
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

/// How often a statement is compiled again that is given one value after the other.
fn compiled_again(connection: &Connection) -> i32 {
    let mut statement = connection.prepare(load::statement(Part::Digest)).unwrap();
    for id in 0..10 {
        assert!(!statement.exists((id,)).unwrap());
    }
    statement.get_status(StatementStatus::RePrepare)
}

#[test]
fn another_value_is_no_reason_to_compile_a_statement_again() {
    let directory = TempDir::new().unwrap();
    let storage = open(&directory);
    assert_eq!(compiled_again(storage.writer().connection()), 0);
    let again = storage
        .readers
        .read(|connection| Ok(compiled_again(connection)));
    assert_eq!(again, Ok(0));
    // Where SQLite is left to itself, it is.
    let other = Connection::open(directory.path().join("tandem.db")).unwrap();
    assert!(compiled_again(&other) > 0);
}
