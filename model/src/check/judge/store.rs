//! What STORE promises: RFC 2180 sections 4.2.1 to 4.2.4.
//!
//! Touches nothing. That it sets no other flags than asked for, of no other messages than meant, `effects` sees.

use super::{Turn, bit, effects::is_stored, ensure_ok, held};
use crate::{
    check::{
        properties::{Finding, Property, ensure},
        told::live,
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
        task.due &= live(now) & !stored.fold(0, |mask, message| mask | bit(message.uid));
    }
    for response in turn.out {
        if let Response::Fetch {
            seq,
            data: FetchData::Flags { .. },
        } = response
        {
            // No EXPUNGE comes before it, so that the number is still what it was.
            let shown = held(turn.told, u64::MAX)
                .nth(usize::try_from(seq.0).unwrap_or_default().wrapping_sub(1));
            task.shown |= shown.map_or(0, bit);
        }
    }
    match turn.tagged() {
        Some((status, _)) => answer(turn, silent, task, status),
        None => Ok(()),
    }
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
            no && !task.changed,
            Property::StoreExpunged,
            "STORE of none but expunged messages answers OK",
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
