//! What the tables of the database are, and how an older one becomes as they are now.
//!
//! Touches one connection. `application_id` says that a database is tandem's; `user_version` says which schema it has: how many of the migrations, in their order, it has
//! been through.

use super::trouble::Trouble;
use crate::storage::Failure;
use rusqlite::{Connection, TransactionBehavior};

/// `tndm`.
pub(super) const APPLICATION: i32 = 0x746e_646d;

/// What makes of each schema the next, from nothing on.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema/1.sql")];

/// The schema that a database has.
pub(super) fn version(connection: &Connection) -> Result<i64, Trouble> {
    Ok(connection.query_row("PRAGMA user_version", (), |row| row.get(0))?)
}

/// The schema that it has after all these.
pub(super) fn newest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

/// Makes the migrations that a database has not been through: all of them, or none.
pub(super) fn migrate(connection: &mut Connection, migrations: &[&str]) -> Result<(), Trouble> {
    let version = version(connection)?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let due = migrations.get(done..).unwrap_or_default();
    if due.is_empty() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in due {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "user_version", newest(migrations))?;
    transaction.commit()?;
    Ok(())
}

/// Everything that these migrations make is there as they make it; more may be.
pub(super) fn verify(connection: &Connection, migrations: &[&str]) -> Result<(), Trouble> {
    let model = Connection::open_in_memory()?;
    for migration in migrations {
        model.execute_batch(migration)?;
    }
    let found = objects(connection)?;
    for object in objects(&model)? {
        if !found.contains(&object) {
            let what = format!("{} `{}` is not as it was made", object.0, object.1);
            return Err(Failure::Damaged(what).into());
        }
    }
    Ok(())
}

/// What there is in a database: the kind, the name and the making of each.
fn objects(connection: &Connection) -> Result<Vec<(String, String, String)>, Trouble> {
    let mut statement = connection.prepare(
        "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'",
    )?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
