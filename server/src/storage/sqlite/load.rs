//! Accounts and contents as they are read.
//!
//! Touches the database, to read it. Nothing that is read is believed: batches and pieces are counted, what is sealed is checked.

use super::{entry::number, trouble::Trouble};
use crate::{
    content::{
        Digest, Found, Octets, Part,
        block::{Block, Growing},
    },
    storage::{
        AccountId, Failure, Loaded,
        encoding::{self, Place, checksum},
    },
};
use rusqlite::{Connection, OptionalExtension, Row};
use std::io;
use tandem_model::number::{ContentId, Position};

/// Hands out an account.
pub(super) fn load(
    connection: &Connection,
    account: AccountId,
    fold: &mut dyn FnMut(Loaded),
) -> Result<(), Trouble> {
    let row: Option<(i64, Option<i64>, i64, i64)> = connection
        .prepare_cached("SELECT position, snapshot, generation, pieces FROM account WHERE id = ?1")?
        .query_row((account.0,), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let (position, snapshot, generation, pieces) =
        row.ok_or_else(|| Trouble::damaged("there is no such account"))?;
    if let Some(snapshot) = snapshot {
        load_snapshot(connection, account, (snapshot, generation, pieces), fold)?;
    }
    load_batches(connection, account, snapshot.unwrap_or(0)..position, fold)
}

fn load_snapshot(
    connection: &Connection,
    account: AccountId,
    (position, generation, pieces): (i64, i64, i64),
    fold: &mut dyn FnMut(Loaded),
) -> Result<(), Trouble> {
    let at = Position(position.unsigned_abs());
    let mut statement = connection.prepare_cached(
        "SELECT number, changes FROM snapshot WHERE account = ?1 AND generation = ?2 ORDER BY number",
    )?;
    let mut rows = statement.query((account.0, generation))?;
    let mut due: u32 = 0;
    while let Some(row) = rows.next()? {
        let place = Place::Snapshot(account, at, due);
        if row.get::<_, i64>(0)? != i64::from(due) {
            return Err(Trouble::damaged(format!("{place} is missing")));
        }
        let blob = row.get_ref(1)?.as_blob()?;
        let changes = encoding::decode(place, blob).map_err(|fault| (place, fault))?;
        fold(Loaded::Snapshot(at, changes));
        due = due.saturating_add(1);
    }
    if i64::from(due) != pieces {
        let place = Place::Snapshot(account, at, due);
        return Err(Trouble::damaged(format!("{place} is missing")));
    }
    Ok(())
}

/// Hands out the batches after a position, up to another.
fn load_batches(
    connection: &Connection,
    account: AccountId,
    positions: std::ops::Range<i64>,
    fold: &mut dyn FnMut(Loaded),
) -> Result<(), Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT position, changes FROM batch WHERE account = ?1 AND position > ?2 ORDER BY position",
    )?;
    let mut rows = statement.query((account.0, positions.start))?;
    let mut before = positions.start;
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(0)?;
        let at = Position(position.unsigned_abs());
        let place = Place::Batch(account, at);
        if position != before + 1 {
            return Err(Trouble::damaged(format!(
                "{place} does not follow on {before}"
            )));
        }
        before = position;
        let blob = row.get_ref(1)?.as_blob()?;
        let changes = encoding::decode(place, blob).map_err(|fault| (place, fault))?;
        fold(Loaded::Batch(at, changes));
    }
    if before != positions.end {
        return Err(Trouble::damaged(format!(
            "the journal of account {} ends at {before}, not at {}",
            account.0, positions.end
        )));
    }
    Ok(())
}

/// What reads so much of the content that it is given the key of.
pub(super) const fn statement(part: Part) -> &'static str {
    match part {
        Part::Digest => {
            "SELECT digest.seal, digest.envelope, digest.body, digest.structure \
             FROM content LEFT JOIN digest ON digest.content = content.id \
             WHERE content.id = ?1 AND content.missing = 0"
        }
        Part::Header => {
            "SELECT digest.seal, digest.envelope, digest.body, digest.structure, octets.header_seal, octets.header \
             FROM content LEFT JOIN digest ON digest.content = content.id LEFT JOIN octets ON octets.content = content.id \
             WHERE content.id = ?1 AND content.missing = 0"
        }
        Part::Whole => {
            "SELECT digest.seal, digest.envelope, digest.body, digest.structure, octets.header_seal, octets.header, \
             content.size, octets.rest_seal, octets.rest \
             FROM content LEFT JOIN digest ON digest.content = content.id LEFT JOIN octets ON octets.content = content.id \
             WHERE content.id = ?1 AND content.missing = 0"
        }
    }
}

/// So much of a content.
pub(super) fn read(
    connection: &Connection,
    id: ContentId,
    part: Part,
) -> Result<Option<Found>, Trouble> {
    let Ok(key) = i64::try_from(id.0) else {
        // No content has such an id.
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(statement(part))?;
    let mut rows = statement.query((key,))?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    let digest = digest(row, id)?;
    let octets = match part {
        Part::Digest => Octets::Unread,
        Part::Header => Octets::Header(Block::copy(header(row, id)?).map_err(no_memory)?),
        Part::Whole => {
            let header = header(row, id)?;
            let not_whole = || Trouble::damaged(format!("content {id} is not whole"));
            // A message has less than 2^32 octets, by its limit.
            let size = u32::try_from(row.get::<_, i64>(6)?).map_err(|_| not_whole())?;
            let size = usize::try_from(size).map_err(|_| not_whole())?;
            let mut octets = Growing::new(size).map_err(no_memory)?;
            let fits = octets.push(header)
                && match row.get_ref(8)?.as_blob_or_null()? {
                    Some(rest) => {
                        sealed(Place::Rest(id, 0), row.get(7)?, &[rest])?;
                        octets.push(rest)
                    }
                    None => read_pieces(connection, id, &mut octets)?,
                };
            let octets = octets.whole().map_err(no_memory)?.filter(|_| fits);
            Octets::Whole {
                octets: octets.ok_or_else(not_whole)?,
                header: header.len(),
            }
        }
    };
    Ok(Some(Found { digest, octets }))
}

fn digest(row: &Row<'_>, id: ContentId) -> Result<Digest, Trouble> {
    let parts = [blob(row, 1)?, blob(row, 2)?, blob(row, 3)?];
    sealed(Place::Digest(id), row.get(0)?, &parts)?;
    let [envelope, body, structure] = parts;
    Ok(Digest {
        envelope: envelope.into(),
        body: body.into(),
        structure: structure.into(),
    })
}

fn header<'a>(row: &'a Row<'_>, id: ContentId) -> Result<&'a [u8], Trouble> {
    let header = blob(row, 5)?;
    sealed(Place::Header(id), row.get(4)?, &[header])?;
    Ok(header)
}

fn no_memory(error: io::Error) -> Trouble {
    Failure::Io(format!("there is no memory for a message: {error}")).into()
}

/// Reads what comes after the header of a content that is kept in pieces; whether there was room for it.
fn read_pieces(
    connection: &Connection,
    id: ContentId,
    octets: &mut Growing,
) -> Result<bool, Trouble> {
    let mut statement = connection.prepare_cached(
        "SELECT start, seal, octets FROM piece WHERE content = ?1 ORDER BY start",
    )?;
    let mut rows = statement.query((number(id.0)?,))?;
    let mut start = 0_u64;
    while let Some(row) = rows.next()? {
        let piece = blob(row, 2)?;
        if i64::try_from(start) != Ok(row.get(0)?) {
            return Err(Trouble::damaged(format!("content {id} lacks a piece")));
        }
        sealed(Place::Rest(id, start), row.get(1)?, &[piece])?;
        if !octets.push(piece) {
            return Ok(false);
        }
        start += piece.len() as u64;
    }
    Ok(true)
}

fn blob<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8], Trouble> {
    Ok(row.get_ref(column)?.as_blob()?)
}

/// Octets are what was written in this place.
fn sealed(place: Place, seal: u32, parts: &[&[u8]]) -> Result<(), Trouble> {
    if checksum(place, parts) == seal {
        Ok(())
    } else {
        Err((place, encoding::Fault::Checksum).into())
    }
}
