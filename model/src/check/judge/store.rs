//! What STORE promises: RFC 2180 sections 4.2.1 to 4.2.4.
//!
//! Touches nothing. That it sets no other flags than asked for, of no other messages than meant, `effects` sees.

use super::{Turn, effects::is_stored, ensure_ok};
use crate::{
    check::{
        properties::{Finding, Property, ensure},
        told::{bits, live},
        world::Task,
    },
    practice::Storing,
    response::{FetchData, Response, Status},
};

pub(super) fn judge(turn: &Turn<'_>, silent: bool, task: &mut Task) -> Result<(), Finding> {
    let now = turn.source_now();
    // A message is dealt with once it has the flags, or is gone: others may change it again before the next step.
    if let Some(mailbox) = now {
        let stored = mailbox
            .messages()
            .filter(|message| is_stored(turn, mailbox, message.flags));
        task.due &= live(now) & !bits(stored.map(|message| message.uid));
    }
    task.shown |= shown(turn);
    match turn.tagged() {
        Some((status, _)) => answer(turn, silent, task, status),
        None => Ok(()),
    }
}

/// The messages whose flags are shown; each number is what it is when it is said, for a UID STORE may end with EXPUNGEs.
fn shown(turn: &Turn<'_>) -> u64 {
    let mut told = turn
        .lane()
        .map(|lane| lane.told.clone())
        .unwrap_or_default();
    let shown = turn.out.iter().filter_map(|response| match response {
        Response::Fetch {
            seq,
            data: FetchData::Flags { .. },
        } => told.at(*seq),
        Response::Expunge(seq) => told.take(*seq).and(None),
        _ => None,
    });
    bits(shown.map(|(uid, _)| uid))
}

fn answer(turn: &Turn<'_>, silent: bool, task: &Task, status: Status) -> Result<(), Finding> {
    let no = status == Status::No;
    if turn.is_read_only() {
        return ensure(
            no && !task.changed,
            Property::NothingVanishes,
            "STORE works although the mailbox is open read-only",
        );
    }
    if silent {
        ensure(
            task.due == 0,
            Property::StoreSilent,
            "STORE .SILENT leaves out a message",
        )?;
        return ensure_ok(turn, Property::StoreSilent, "STORE .SILENT answers NO");
    }
    if task.meant != 0 && task.gone == task.meant {
        return ensure(
            no && !task.changed && task.shown == 0,
            Property::StoreExpunged,
            "STORE of none but expunged messages answers otherwise than with NO alone",
        );
    }
    if turn.practice.storing == Storing::Reject && task.gone != 0 {
        ensure(
            no,
            Property::StoreReject,
            "STORE answers OK although some messages had been expunged",
        )?;
        return ensure(
            !task.changed,
            Property::StoreReject,
            "STORE answers NO and has set flags",
        );
    }
    let property = match turn.practice.storing {
        Storing::Partial => Property::StorePartial,
        Storing::Reject => Property::StoreReject,
    };
    ensure(task.due == 0, property, "STORE leaves out a message")?;
    let left = task.meant & live(turn.source_now());
    ensure(
        left & !task.shown == 0,
        property,
        "STORE does not show the flags of a message",
    )?;
    if task.gone != 0 {
        ensure(
            no,
            property,
            "STORE answers OK although some messages had been expunged",
        )
    } else if left == task.meant {
        ensure(
            !no,
            property,
            "STORE answers NO although no message has been expunged",
        )
    } else {
        // Some went between the pages, before their turn or after it.
        Ok(())
    }
}
