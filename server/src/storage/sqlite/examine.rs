//! Damage that can be told without knowing what accounts are.
//!
//! Touches the database, to read all of it.

use super::{load, owners, trouble::Trouble};
use crate::content::Part;
use rusqlite::Connection;
use tandem_model::number::ContentId;

/// What must not be there, as what to say of it and where to look.
const ORPHANS: [(&str, &str); 6] = [
    (
        "batches of no account",
        "SELECT count(*) FROM batch WHERE account NOT IN (SELECT id FROM account)",
    ),
    (
        "contents of no account",
        "SELECT count(*) FROM content WHERE account NOT IN (SELECT id FROM account)",
    ),
    (
        "digests of no content",
        "SELECT count(*) FROM digest WHERE content NOT IN (SELECT id FROM content)",
    ),
    (
        "octets of no content",
        "SELECT count(*) FROM octets WHERE content NOT IN (SELECT id FROM content)",
    ),
    (
        "pieces of no content",
        "SELECT count(*) FROM piece WHERE content NOT IN (SELECT id FROM content)",
    ),
    (
        "contents that messages have and that are not whole",
        "SELECT count(*) FROM content WHERE refs <> 0 AND missing <> 0",
    ),
];

/// Each a sentence.
pub(super) fn examine(connection: &Connection) -> Result<Vec<String>, Trouble> {
    let mut found = Vec::new();
    let checked = check_integrity(connection, &mut found);
    note(&mut found, checked)?;
    for (what, query) in ORPHANS {
        let count = connection.query_row(query, (), |row| row.get::<_, i64>(0));
        match count {
            Ok(0) => {}
            Ok(count) => found.push(format!("{count} {what}")),
            Err(error) => note(&mut found, Err(error.into()))?,
        }
    }
    let loaded = owners::all(connection).map(|owners| {
        for owner in owners {
            let loaded = load::load(connection, owner.account, &mut |_| ());
            note(&mut found, loaded)?;
        }
        Ok(())
    });
    note(&mut found, loaded.and_then(|loaded| loaded))?;
    let read = read_contents(connection, &mut found);
    note(&mut found, read)?;
    found.dedup();
    Ok(found)
}

/// What SQLite says of its own pages.
fn check_integrity(connection: &Connection, found: &mut Vec<String>) -> Result<(), Trouble> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let mut rows = statement.query(())?;
    while let Some(row) = rows.next()? {
        let sentence: String = row.get(0)?;
        if sentence != "ok" {
            found.push(sentence);
        }
    }
    Ok(())
}

fn read_contents(connection: &Connection, found: &mut Vec<String>) -> Result<(), Trouble> {
    let mut contents =
        connection.prepare("SELECT id FROM content WHERE missing = 0 ORDER BY id")?;
    let mut rows = contents.query(())?;
    while let Some(row) = rows.next()? {
        let id = ContentId(row.get::<_, i64>(0)?.unsigned_abs());
        let read = load::read(connection, id, Part::Whole);
        note(found, read.map(|_| ()))?;
    }
    Ok(())
}

/// Damage is noted, and the next thing looked at.
fn note(found: &mut Vec<String>, read: Result<(), Trouble>) -> Result<(), Trouble> {
    match read.map_err(Trouble::failure) {
        Ok(()) => Ok(()),
        Err(crate::storage::Failure::Damaged(what)) => {
            found.push(what);
            Ok(())
        }
        Err(failure) => Err(failure.into()),
    }
}
