//! Who has accounts, and what of theirs is counted.
//!
//! Touches the database.

use super::{
    entry::{collect, number},
    trouble::Trouble,
};
use crate::storage::{AccountId, Owner};
use rusqlite::{Connection, OptionalExtension, Row};
use tandem_model::number::ContentId;

/// How many contents without a reference are removed in one transaction, at most.
pub(super) const SWEPT: usize = 1000;
/// And how many octets, about.
const SWEPT_OCTETS: i64 = 32 << 20;

fn owner_of(row: &Row<'_>) -> rusqlite::Result<Owner> {
    Ok(Owner {
        account: AccountId(row.get(0)?),
        name: row.get(1)?,
        password: row.get(2)?,
    })
}

/// All, by name.
pub(super) fn all(connection: &Connection) -> Result<Vec<Owner>, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT id, name, password FROM account ORDER BY name")?;
    let owners = statement.query_map((), owner_of)?;
    Ok(owners.collect::<Result<_, _>>()?)
}

/// The one of this name.
pub(super) fn named(connection: &Connection, name: &str) -> Result<Option<Owner>, Trouble> {
    Ok(connection
        .prepare_cached("SELECT id, name, password FROM account WHERE name = ?1")?
        .query_row((name,), owner_of)
        .optional()?)
}

/// Adds one.
pub(super) fn add(
    connection: &Connection,
    name: &str,
    password: Option<&str>,
) -> Result<Owner, Trouble> {
    if named(connection, name)?.is_some() {
        return Err(Trouble::damaged(format!("the name `{name}` is taken")));
    }
    connection
        .prepare_cached("INSERT INTO account (name, password) VALUES (?1, ?2)")?
        .execute((name, password))?;
    Ok(Owner {
        account: AccountId(connection.last_insert_rowid()),
        name: name.to_owned(),
        password: password.map(str::to_owned),
    })
}

/// Changes a password.
pub(super) fn set_password(
    connection: &Connection,
    account: AccountId,
    password: Option<&str>,
) -> Result<(), Trouble> {
    let changed = connection
        .prepare_cached("UPDATE account SET password = ?2 WHERE id = ?1")?
        .execute((account.0, password))?;
    there(changed)
}

/// Removes one with his journal; his contents are without a reference then.
pub(super) fn remove(connection: &Connection, account: AccountId) -> Result<(), Trouble> {
    there(connection.execute("DELETE FROM account WHERE id = ?1", (account.0,))?)?;
    for statement in [
        "DELETE FROM batch WHERE account = ?1",
        "DELETE FROM snapshot WHERE account = ?1",
        "UPDATE content SET refs = 0 WHERE account = ?1",
    ] {
        connection.execute(statement, (account.0,))?;
    }
    Ok(())
}

/// Removes pieces of snapshots that were not completed.
pub(super) fn remove_drafts(connection: &Connection) -> Result<(), Trouble> {
    connection.execute(
        "DELETE FROM snapshot WHERE (account, generation) NOT IN (SELECT id, generation FROM account)",
        (),
    )?;
    Ok(())
}

/// Removes some contents without a reference, of this account or of any; whether there may be more.
pub(super) fn sweep(connection: &Connection, account: Option<AccountId>) -> Result<bool, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT id, size FROM content WHERE refs = 0 AND coalesce(account = ?1, true) LIMIT ?2",
    )?;
    let some = (account.map(|account| account.0), number(SWEPT)?);
    let found = statement.query_map(some, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found: Vec<(i64, i64)> = found.collect::<Result<_, _>>()?;
    let all = found.len();
    let mut octets = 0_i64;
    let (mut looked_at, mut removed) = (0, 0);
    for (id, size) in found {
        if octets >= SWEPT_OCTETS {
            break;
        }
        removed += usize::from(collect(connection, ContentId(id.unsigned_abs()))?);
        looked_at += 1;
        octets = octets.saturating_add(size.max(0));
    }
    // If nothing could be removed, the index lies, and would again.
    Ok(removed > 0 && (looked_at < all || all == SWEPT))
}

/// Every content of an account, with its references.
pub(super) fn references(
    connection: &Connection,
    account: AccountId,
) -> Result<Vec<(ContentId, u64)>, Trouble> {
    let mut statement =
        connection.prepare_cached("SELECT id, refs FROM content WHERE account = ?1 ORDER BY id")?;
    let contents = statement.query_map((account.0,), |row| {
        let (id, references): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok((ContentId(id.unsigned_abs()), references.unsigned_abs()))
    })?;
    Ok(contents.collect::<Result<_, _>>()?)
}

/// Sets the references of a content.
pub(super) fn correct(
    connection: &Connection,
    content: ContentId,
    references: u64,
) -> Result<(), Trouble> {
    let changed = connection
        .prepare_cached("UPDATE content SET refs = ?2 WHERE id = ?1")?
        .execute((number(content.0)?, number(references)?))?;
    if changed != 1 {
        return Err(Trouble::damaged(format!("content {content} is not kept")));
    }
    collect(connection, content)?;
    Ok(())
}

/// The greatest id that any content has had.
pub(super) fn last_content(connection: &Connection) -> Result<ContentId, Trouble> {
    let last: i64 = connection
        .prepare_cached(
            "SELECT max((SELECT value FROM counter WHERE name = 'last content'), \
             (SELECT coalesce(max(id), 0) FROM content))",
        )?
        .query_row((), |row| row.get(0))?;
    Ok(ContentId(last.unsigned_abs()))
}

fn there(changed: usize) -> Result<(), Trouble> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Trouble::damaged("there is no such account"))
    }
}
