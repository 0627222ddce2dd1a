//! What COPY, MOVE, APPEND, EXPUNGE and CLOSE promise: RFC 2180 sections 4.1.4 and 4.4, RFC 3501 sections 6.3.11 and 6.4.2 to 6.4.7, RFC 4315 section 3, RFC 6851.
//!
//! Touches nothing. That nothing else arrives or goes, `effects` sees.

use super::{Turn, bit, effects::Effects, ensure_ok, held, names};
use crate::{
    check::{
        client::covers,
        properties::{Finding, Property, ensure},
        told::{bits, live},
        world::Task,
    },
    command::Command,
    flags::Flags,
    mailbox::Mailbox,
    message::Message,
    name::MailboxName,
    practice::{Copying, Fetching},
    response::{Code, Response, Status},
    sequence_set::SequenceSet,
};

pub(super) fn copy(
    turn: &Turn<'_>,
    to: &MailboxName,
    effects: &Effects,
    task: &Task,
) -> Result<(), Finding> {
    let Some((status, _)) = turn.tagged() else {
        return Ok(());
    };
    let pending = turn.told.mask() & !live(turn.source_now());
    ensure(
        pending == 0,
        Property::ExpungesTold,
        "COPY does not report an EXPUNGE that is pending",
    )?;
    if status != Status::Ok {
        ensure(
            effects.added.is_empty(),
            Property::CopySurvives,
            "COPY answers NO and has copied",
        )?;
    }
    if turn.before.mailbox(to).is_none() {
        return names::missing(turn, to);
    }
    let refused = turn.practice.copying == Copying::Refuse && task.gone != 0;
    let property = if turn.practice.copying == Copying::Refuse {
        Property::CopyRefused
    } else {
        Property::CopySurvives
    };
    ensure(
        (status == Status::No) == refused,
        property,
        "COPY answers NO without reason, or OK although it had to refuse",
    )?;
    if refused {
        return Ok(());
    }
    ensure(
        is_copied(turn, effects, task),
        Property::CopySurvives,
        "COPY answers OK and a message, or its flags, did not arrive",
    )?;
    // In the tagged response, and nowhere else.
    let last = turn.out.len().saturating_sub(1);
    ensure(
        are_told(turn, to, effects, task, |at| at == last),
        Property::CopyUid,
        "COPYUID does not tell which copy is of which message",
    )
}

pub(super) fn moved(
    turn: &Turn<'_>,
    to: &MailboxName,
    effects: &Effects,
    task: &Task,
) -> Result<(), Finding> {
    let Some((status, _)) = turn.tagged() else {
        return Ok(());
    };
    let kept = effects.removed == 0 && effects.added.is_empty();
    ensure(
        status == Status::Ok || kept,
        Property::MoveKeeps,
        "MOVE answers NO and has moved",
    )?;
    let whole = effects.removed == 0 || is_copied(turn, effects, task);
    ensure(
        whole,
        Property::MoveKeeps,
        "MOVE takes a message away that is not at its destination",
    )?;
    if turn.is_read_only() {
        // Wherever it was to go (RULING-49).
        return ensure(
            status == Status::No && effects.removed == 0,
            Property::MoveKeeps,
            "MOVE out of a mailbox that is open read-only",
        );
    }
    if turn.before.mailbox(to).is_none() {
        return names::missing(turn, to);
    }
    if refuses_expunge(turn) {
        return ensure(
            status == Status::No,
            Property::ExpungeRefused,
            "MOVE goes on while another session has the mailbox open",
        );
    }
    let refused = task.gone != 0;
    ensure(
        (status == Status::No) == refused,
        Property::MoveKeeps,
        "MOVE answers NO without reason, or OK although it had to refuse",
    )?;
    ensure(
        refused || effects.removed == task.meant,
        Property::MoveKeeps,
        "MOVE leaves a message behind",
    )?;
    let is_expunge = |response: &Response| matches!(response, Response::Expunge(_));
    let before = turn.out.iter().take_while(|response| !is_expunge(response));
    let before = before.count().min(turn.out.len().saturating_sub(1));
    ensure(
        are_told(turn, to, effects, task, |at| at < before),
        Property::CopyUid,
        "no COPYUID before the EXPUNGEs of MOVE tells which copy is of which message",
    )
}

/// Whether COPYUID tells what arrived, once, among the responses at these places; if nothing did, none is there.
fn are_told(
    turn: &Turn<'_>,
    to: &MailboxName,
    effects: &Effects,
    task: &Task,
    places: impl Fn(usize) -> bool,
) -> bool {
    let mut told = turn.out.iter().enumerate().filter_map(|(at, response)| {
        let (Response::Tagged(_, code, _) | Response::Untagged(_, code, _)) = response else {
            return None;
        };
        match code {
            Some(Code::CopyUid(uid_validity, sets)) => Some((at, *uid_validity, sets)),
            _ => None,
        }
    });
    let (Some((at, uid_validity, sets)), None) = (told.next(), told.next()) else {
        return effects.added.is_empty() && told.next().is_none();
    };
    let meant = turn
        .lane()
        .map(|lane| held(&lane.told, task.meant).map(|uid| uid.0));
    let arrived = effects.added.iter().map(|copy| copy.uid.0);
    let kept = turn.after.mailbox(to).map(Mailbox::uid_validity);
    places(at)
        && kept == Some(uid_validity)
        && meant.is_some_and(|meant| meant.eq(sets.0.iter()))
        && arrived.eq(sets.1.iter())
}

/// Whether what arrived is what the client meant, in its order, with its flags.
fn is_copied(turn: &Turn<'_>, effects: &Effects, task: &Task) -> bool {
    let Some(lane) = turn.lane() else {
        return false;
    };
    let meant = lane
        .told
        .list
        .iter()
        .filter(|(uid, _)| task.meant & bit(*uid) != 0);
    let mut arrived = effects.added.iter();
    meant.clone().count() == effects.added.len()
        && meant.clone().all(|&(uid, content)| {
            let was = turn.source().and_then(|mailbox| {
                let ghost = mailbox
                    .ghosts()
                    .iter()
                    .map(|ghost| &ghost.message)
                    .find(|message| message.uid == uid);
                mailbox.list().find(uid).or(ghost)
            });
            let flags = was.map_or(Flags::NONE, |message: &Message| message.flags);
            arrived
                .next()
                .is_some_and(|copy| copy.content == content && copy.flags == flags)
        })
}

pub(super) fn append(turn: &Turn<'_>, to: &MailboxName, effects: &Effects) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let Some(Command::Append { content, .. }) = turn.command else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    let there = matches!(&*effects.added, [message] if message.content == *content);
    ensure(
        !ok || there,
        Property::AppendStays,
        "APPEND answers OK and the message is not there",
    )?;
    ensure(
        ok || effects.added.is_empty(),
        Property::AppendStays,
        "APPEND answers NO and the message is there",
    )?;
    if turn.before.mailbox(to).is_none() {
        return names::missing(turn, to);
    }
    ensure_ok(
        turn,
        Property::AppendStays,
        "APPEND answers NO without reason",
    )?;
    let kept = turn.after.mailbox(to).map(Mailbox::uid_validity);
    let is_told = |message: &Message| matches!(code, Some(Code::AppendUid(uid_validity, uid)) if Some(*uid_validity) == kept && *uid == message.uid);
    ensure(
        effects.added.iter().all(is_told),
        Property::AppendUid,
        "APPENDUID does not name the message that was appended",
    )
}

pub(super) fn expunge(
    turn: &Turn<'_>,
    uids: Option<&SequenceSet>,
    effects: &Effects,
) -> Result<(), Finding> {
    let Some((status, _)) = turn.tagged() else {
        return Ok(());
    };
    let no = status == Status::No;
    if turn.is_read_only() {
        return ensure(
            no,
            Property::NothingVanishes,
            "EXPUNGE answers OK although the mailbox is open read-only",
        );
    }
    if turn.practice.fetching == Fetching::RefuseExpunge {
        ensure(
            no == refuses_expunge(turn),
            Property::ExpungeRefused,
            "EXPUNGE is not refused if and only if another session has the mailbox open",
        )?;
    }
    let all = if no {
        effects.removed == 0
    } else {
        effects.removed == deleted(turn, uids)
    };
    ensure(
        all,
        Property::NothingVanishes,
        "EXPUNGE leaves a message that is \\Deleted, or answers NO and took one",
    )?;
    ensure(
        !no || refuses_expunge(turn),
        Property::Answered,
        "EXPUNGE answers NO without reason",
    )
}

pub(super) fn close(turn: &Turn<'_>, effects: &Effects) -> Result<(), Finding> {
    if turn.tagged().is_none() {
        return Ok(());
    }
    ensure_ok(turn, Property::Answered, "CLOSE answers NO")?;
    if turn.source_now().is_none() {
        // It had been deleted, and this was the last session that had it open.
        return Ok(());
    }
    if refuses_expunge(turn) {
        return ensure(
            effects.removed == 0,
            Property::ExpungeRefused,
            "CLOSE removes messages while another session has the mailbox open",
        );
    }
    let right = if turn.is_read_only() {
        effects.removed == 0
    } else {
        effects.removed == deleted(turn, None)
    };
    ensure(
        right,
        Property::NothingVanishes,
        "CLOSE does not remove what is \\Deleted, or removes it after EXAMINE",
    )
}

/// Whether messages must not be removed, since others have the mailbox open (RFC 2180 section 4.1.4).
fn refuses_expunge(turn: &Turn<'_>) -> bool {
    turn.practice.fetching == Fetching::RefuseExpunge
        && turn
            .source()
            .is_some_and(|mailbox| turn.is_shared(mailbox.id()))
}

/// What there is to remove, as bits of UIDs.
fn deleted(turn: &Turn<'_>, uids: Option<&SequenceSet>) -> u64 {
    let last = turn
        .lane()
        .and_then(|lane| lane.told.list.last())
        .map_or(0, |(uid, _)| uid.0);
    turn.source().map_or(0, |mailbox| {
        let deleted = mailbox
            .messages()
            .filter(|message| message.flags.contains(Flags::DELETED))
            .map(|message| message.uid);
        bits(deleted.filter(|uid| uids.is_none_or(|uids| covers(uids, uid.0, last))))
    })
}
