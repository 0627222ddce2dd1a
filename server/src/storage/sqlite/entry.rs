//! What each entry writes.
//!
//! Touches the database, inside a transaction that another has begun. Whatever does not follow on what is kept ends it.

use super::trouble::Trouble;
use crate::{
    content::Content,
    storage::{
        AccountId, Batch, Entry, PIECE,
        encoding::{self, Place, checksum},
    },
};
use rusqlite::{Connection, OptionalExtension, params};
use std::ops::Range;
use tandem_model::{
    Change,
    number::{ContentId, Position},
};

/// Writes an entry.
pub(super) fn write(connection: &Connection, entry: &Entry) -> Result<(), Trouble> {
    match entry {
        Entry::Batch(batch) => write_batch(connection, batch),
        Entry::Piece {
            account,
            id,
            content,
            range,
        } => write_piece(connection, *account, *id, content, range),
        Entry::Collect { contents } => contents
            .iter()
            .try_for_each(|&content| collect(connection, content).map(|_| ())),
        Entry::Snapshot {
            account,
            position,
            number,
            changes,
            last,
        } => {
            let place = Place::Snapshot(*account, *position, *number);
            write_snapshot(connection, place, changes)?;
            if *last {
                complete_snapshot(connection, *account, *position, *number)?;
            }
            Ok(())
        }
    }
}

/// How SQLite has a number: no more than 63 bits of it.
pub(super) fn number(number: impl TryInto<i64>) -> Result<i64, Trouble> {
    number
        .try_into()
        .map_err(|_| Trouble::damaged("a number is too large to be kept"))
}

fn write_batch(connection: &Connection, batch: &Batch) -> Result<(), Trouble> {
    let place = Place::Batch(batch.account, batch.position);
    let blob = encoding::encode(place, &batch.changes).map_err(|fault| (place, fault))?;
    let position = number(batch.position.0)?;
    let advanced = connection
        .prepare_cached("UPDATE account SET position = ?2 WHERE id = ?1 AND position = ?2 - 1")?
        .execute((batch.account.0, position))?;
    if advanced != 1 {
        let what = format!("{place} does not follow on what is kept");
        return Err(Trouble::damaged(what));
    }
    connection
        .prepare_cached("INSERT INTO batch (account, position, changes) VALUES (?1, ?2, ?3)")?
        .execute((batch.account.0, position, blob))?;
    let steps = batch.references();
    let step_of = |id: ContentId| {
        let at = steps.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        steps.get(at).map(|&(_, step)| step)
    };
    let mut new: Vec<ContentId> = batch.contents.iter().map(|&(id, _)| id).collect();
    new.sort_unstable();
    for (id, content) in &batch.contents {
        let references = step_of(*id).unwrap_or(0);
        if references < 0 {
            return Err(miscounted(place, *id));
        }
        write_content(connection, batch.account, *id, content, references)?;
    }
    for &(id, step) in &steps {
        if new.binary_search(&id).is_err() {
            let counted = connection
                .prepare_cached(
                    "UPDATE content SET refs = refs + ?2 \
                     WHERE id = ?1 AND account = ?3 AND refs + ?2 >= 0 AND missing = 0",
                )?
                .execute((number(id.0)?, step, batch.account.0))?;
            if counted != 1 {
                return Err(miscounted(place, id));
            }
        }
    }
    Ok(())
}

fn miscounted(place: Place, content: ContentId) -> Trouble {
    Trouble::damaged(format!("{place} miscounts content {content}"))
}

/// Writes a content that is not in pieces.
fn write_content(
    connection: &Connection,
    account: AccountId,
    id: ContentId,
    content: &Content,
    references: i64,
) -> Result<(), Trouble> {
    if content.octets().len() > PIECE {
        return Err(Trouble::damaged(format!("content {id} comes in one piece")));
    }
    introduce(connection, account, id, content, (references, 0))?;
    let (header, rest) = content.split();
    connection
        .prepare_cached(
            "INSERT INTO octets (content, header_seal, rest_seal, header, rest) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            number(id.0)?,
            checksum(Place::Header(id), &[header]),
            checksum(Place::Rest(id, 0), &[rest]),
            header,
            rest,
        ])?;
    Ok(())
}

/// Makes a content known, with so many references, and so many octets that are still to come.
fn introduce(
    connection: &Connection,
    account: AccountId,
    id: ContentId,
    content: &Content,
    (references, missing): (i64, i64),
) -> Result<(), Trouble> {
    let key = number(id.0)?;
    connection
        .prepare_cached(
            "INSERT INTO content (id, account, refs, size, missing) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            key,
            account.0,
            references,
            number(content.octets().len())?,
            missing,
        ))?;
    let digest = content.digest();
    let parts: [&[u8]; 3] = [&digest.envelope, &digest.body, &digest.structure];
    let [envelope, body, structure] = parts;
    connection
        .prepare_cached(
            "INSERT INTO digest (content, seal, envelope, body, structure) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((key, checksum(Place::Digest(id), &parts), envelope, body, structure))?;
    Ok(())
}

fn write_piece(
    connection: &Connection,
    account: AccountId,
    id: ContentId,
    content: &Content,
    range: &Range<usize>,
) -> Result<(), Trouble> {
    let out_of_order = || Trouble::damaged(format!("a piece of content {id} is out of order"));
    let key = number(id.0)?;
    let (header, rest) = content.split();
    let octets = rest.get(range.clone()).ok_or_else(out_of_order)?;
    if octets.len() > PIECE || (octets.is_empty() && !rest.is_empty()) {
        return Err(out_of_order());
    }
    if range.start == 0 {
        let there = connection
            .prepare_cached("SELECT 1 FROM account WHERE id = ?1")?
            .exists((account.0,))?;
        if !there {
            return Err(Trouble::damaged("there is no such account"));
        }
        introduce(connection, account, id, content, (0, number(rest.len())?))?;
        connection
            .prepare_cached(
                "INSERT INTO octets (content, header_seal, header) VALUES (?1, ?2, ?3)",
            )?
            .execute((key, checksum(Place::Header(id), &[header]), header))?;
    }
    // What is missing is the rest from here on, or this is not the piece that is due.
    let due = connection
        .prepare_cached(
            "UPDATE content SET missing = missing - ?2 WHERE id = ?1 AND account = ?4 AND missing = ?3",
        )?
        .execute((
            key,
            number(octets.len())?,
            number(rest.len() - range.start)?,
            account.0,
        ))?;
    if due != 1 {
        return Err(out_of_order());
    }
    let start = number(range.start)?;
    let place = Place::Rest(id, start.unsigned_abs());
    connection
        .prepare_cached("INSERT INTO piece (content, start, seal, octets) VALUES (?1, ?2, ?3, ?4)")?
        .execute((key, start, checksum(place, &[octets]), octets))?;
    Ok(())
}

/// Removes a content, if it is there without a reference; whether it was.
pub(super) fn collect(connection: &Connection, id: ContentId) -> Result<bool, Trouble> {
    let key = number(id.0)?;
    let without = connection
        .prepare_cached("SELECT 1 FROM content WHERE id = ?1 AND refs = 0")?
        .exists((key,))?;
    if !without {
        return Ok(false);
    }
    // Its id is not used again, and no other content may be left to say so.
    connection
        .prepare_cached(
            "UPDATE counter SET value = ?1 \
             WHERE name = 'last content' AND value < ?1 AND ?1 = (SELECT max(id) FROM content)",
        )?
        .execute((key,))?;
    for statement in [
        "DELETE FROM content WHERE id = ?1",
        "DELETE FROM digest WHERE content = ?1",
        "DELETE FROM octets WHERE content = ?1",
        "DELETE FROM piece WHERE content = ?1",
    ] {
        connection.prepare_cached(statement)?.execute((key,))?;
    }
    Ok(true)
}

fn write_snapshot(
    connection: &Connection,
    place: Place,
    changes: &[Change],
) -> Result<(), Trouble> {
    let Place::Snapshot(account, position, piece) = place else {
        return Ok(());
    };
    let out_of_order = || Trouble::damaged(format!("{place} is out of order"));
    let blob = encoding::encode(place, changes).map_err(|fault| (place, fault))?;
    let position = number(position.0)?;
    let generation: Option<i64> = connection
        .prepare_cached(
            "SELECT generation + 1 FROM account \
             WHERE id = ?1 AND position >= ?2 AND coalesce(snapshot, 0) <= ?2",
        )?
        .query_row((account.0, position), |row| row.get(0))
        .optional()?;
    let generation = generation.ok_or_else(out_of_order)?;
    if piece == 0 {
        connection
            .prepare_cached("DELETE FROM snapshot WHERE account = ?1 AND generation >= ?2")?
            .execute((account.0, generation))?;
    }
    let (pieces, others): (i64, i64) = connection
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE position <> ?3) FROM snapshot \
             WHERE account = ?1 AND generation = ?2",
        )?
        .query_row((account.0, generation, position), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if (pieces, others) != (i64::from(piece), 0) {
        return Err(out_of_order());
    }
    connection
        .prepare_cached(
            "INSERT INTO snapshot (account, generation, number, position, changes) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((account.0, generation, piece, position, blob))?;
    Ok(())
}

/// The pieces are all there: they take the place of the snapshot before, and of the batches that they cover.
fn complete_snapshot(
    connection: &Connection,
    account: AccountId,
    position: Position,
    last: u32,
) -> Result<(), Trouble> {
    let position = number(position.0)?;
    connection
        .prepare_cached(
            "UPDATE account SET snapshot = ?2, generation = generation + 1, pieces = ?3 WHERE id = ?1",
        )?
        .execute((account.0, position, i64::from(last) + 1))?;
    connection
        .prepare_cached(
            "DELETE FROM snapshot WHERE account = ?1 \
             AND generation < (SELECT generation FROM account WHERE id = ?1)",
        )?
        .execute((account.0,))?;
    connection
        .prepare_cached("DELETE FROM batch WHERE account = ?1 AND position <= ?2")?
        .execute((account.0, position))?;
    Ok(())
}
