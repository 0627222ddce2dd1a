//! What FETCH promises: RFC 2180 sections 4.1.1 to 4.1.4.
//!
//! Touches nothing.

use super::{Turn, bit, ensure_ok};
use crate::{
    check::{
        properties::{Finding, Property, ensure},
        told::live,
        world::Task,
    },
    practice::Fetching,
    response::{FetchData, Response, Status},
};

pub(super) fn judge(turn: &Turn<'_>, task: &mut Task) -> Result<(), Finding> {
    let property = match turn.practice.fetching {
        Fetching::Ghost => Property::FetchGhost,
        Fetching::No => Property::FetchNo,
        Fetching::Nil => Property::FetchNil,
        Fetching::RefuseExpunge => Property::ExpungeRefused,
    };
    let here = live(turn.source());
    for response in turn.out {
        let Response::Fetch { data, .. } = response else {
            continue;
        };
        match data {
            FetchData::Message { message, .. } => {
                let meant = task.meant & bit(message.uid) != 0;
                ensure(
                    meant,
                    Property::CommandHitsMeant,
                    "FETCH shows a message that the client did not mean",
                )?;
                let whole =
                    here & bit(message.uid) != 0 || turn.practice.fetching == Fetching::Ghost;
                ensure(whole, property, "FETCH shows an expunged message")?;
                task.shown |= bit(message.uid);
            }
            FetchData::Nil { uid } => {
                let empty = here & bit(*uid) == 0 && turn.practice.fetching == Fetching::Nil;
                ensure(empty, property, "FETCH shows a message in NIL form")?;
                task.nil |= bit(*uid);
            }
            FetchData::Flags { .. } => {}
        }
    }
    match turn.tagged() {
        Some((status, _)) => answer(turn, task, property, status),
        None => Ok(()),
    }
}

fn answer(turn: &Turn<'_>, task: &Task, property: Property, status: Status) -> Result<(), Finding> {
    let missing = task.meant & !task.shown & !task.nil;
    match turn.practice.fetching {
        Fetching::Ghost | Fetching::RefuseExpunge => {
            ensure(missing == 0, property, "FETCH leaves out a message")?;
            ensure_ok(turn, property, "FETCH answers NO")
        }
        Fetching::No => {
            let gone = missing & live(turn.source_now()) == 0;
            ensure(
                gone,
                property,
                "FETCH leaves out a message that has not been expunged",
            )?;
            let no = status == Status::No;
            ensure(
                no == (missing != 0),
                property,
                "FETCH answers NO although it left nothing out, or OK although it did",
            )
        }
        Fetching::Nil if task.meant != 0 && task.gone == task.meant => {
            let only = status == Status::No && task.nil == 0;
            ensure(
                only,
                property,
                "FETCH of none but expunged messages answers otherwise than with NO alone",
            )
        }
        Fetching::Nil => {
            ensure(missing == 0, property, "FETCH leaves out a message")?;
            // Between the pages the rest may have been expunged too; what was sent cannot be taken back.
            let nothing = task.meant != 0 && task.shown == 0;
            ensure(
                (status == Status::No) == nothing,
                property,
                "FETCH answers NO although it showed a message, or OK although it showed none",
            )
        }
    }
}
