//! What DELETE, RENAME, CREATE and commands with a mailbox name promise: RFC 2180 sections 3.1 to 3.4, RFC 3501 section 6.3.
//!
//! Touches the referee's own memory of names, in [`remember`]. Who has a mailbox open it knows from what sessions were answered, not from the account.

use super::{Turn, ensure_ok};
use crate::{
    check::{
        properties::{Finding, Property, ensure},
        world::Memory,
    },
    command::Command,
    mailbox::Mailbox,
    name::MailboxName,
    number::MailboxId,
    practice::{Deletion, Renaming},
    response::{Code, ListedName, Response, Status},
};

pub(super) fn judge(turn: &Turn<'_>, command: &Command) -> Result<(), Finding> {
    if turn.tagged().is_none() {
        return Ok(());
    }
    match command {
        Command::Create { mailbox } => create(turn, mailbox),
        Command::Delete { mailbox } => delete(turn, mailbox),
        Command::Rename { from, to } => rename(turn, from, to),
        Command::Select { mailbox, .. } | Command::Status { mailbox, .. } => {
            if turn.before.mailbox(mailbox).is_none() {
                return missing(turn, mailbox);
            }
            ensure_ok(
                turn,
                Property::Answered,
                "a command with the name of a mailbox answers NO",
            )?;
            status(turn)
        }
        Command::Subscribe { mailbox } => subscribe(turn, mailbox),
        Command::List {
            pattern,
            subscribed: true,
            ..
        } if &**pattern == "*" => lsub(turn),
        Command::List {
            pattern,
            subscribed: false,
            ..
        } if &**pattern == "*" => list(turn),
        Command::Idle => ensure_ok(turn, Property::Answered, "IDLE answers NO"),
        _ => ensure_ok(
            turn,
            Property::Answered,
            "a command that cannot fail answers NO",
        ),
    }
}

/// A command whose mailbox is not there: NO, and NEWNAME if RENAME took it elsewhere (RFC 2180 section 3.4).
pub(super) fn missing(turn: &Turn<'_>, name: &MailboxName) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let buried = turn.place(name).is_some_and(|place| is_in_use(turn, place));
    ensure(
        status == Status::No,
        if buried {
            Property::GhostMailbox
        } else {
            Property::Answered
        },
        "a command with the name of no mailbox answers OK",
    )?;
    ensure(
        !buried || !matches!(code, Some(Code::TryCreate)),
        Property::GhostMailbox,
        "TRYCREATE for a name that cannot be created",
    )?;
    let expected = turn.place(name).and_then(|place| new_name(turn, place));
    let offered = match code {
        Some(Code::NewName(names)) => Some(&**names),
        _ => None,
    };
    let right = match (expected, offered) {
        (Some(new), Some((old, offered))) => old == name && offered == new,
        (None, None) => true,
        _ => false,
    };
    ensure(
        right,
        Property::NewNameOffered,
        "NEWNAME is not offered, or for no reason, or a wrong one",
    )
}

/// The name of the mailbox that RENAME took from this one, if it has a name still.
fn new_name<'a>(turn: &Turn<'a>, old: u8) -> Option<&'a MailboxName> {
    let &(_, id) = turn.memory.moved.iter().find(|(name, _)| *name == old)?;
    turn.before
        .names()
        .iter()
        .find(|(_, mailbox)| *mailbox == Some(id))
        .map(|(name, _)| name)
}

/// Whether a deleted mailbox of this name is still open (RFC 2180 section 3.2).
fn is_in_use(turn: &Turn<'_>, name: u8) -> bool {
    let mut graves = turn
        .memory
        .graves
        .iter()
        .filter(|(grave, _)| *grave == name);
    graves.any(|&(_, id)| turn.lanes.iter().any(|lane| lane.has_open(id)))
}

fn create(turn: &Turn<'_>, name: &MailboxName) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    let in_use = turn.place(name).is_some_and(|place| is_in_use(turn, place));
    if turn.before.mailbox(name).is_some() {
        return ensure(
            !ok,
            Property::Answered,
            "CREATE of a mailbox that exists answers OK",
        );
    }
    if in_use {
        let refused = !ok && matches!(code, Some(Code::InUse));
        return ensure(
            refused,
            Property::GhostMailbox,
            "the name of a deleted mailbox is taken while a session has it open",
        );
    }
    ensure(
        ok,
        Property::GhostMailbox,
        "a name that is free cannot be taken",
    )?;
    let Some(new) = turn.after.mailbox(name) else {
        return Err(Finding::new(
            Property::Answered,
            "CREATE answers OK and the mailbox is not there",
        ));
    };
    let fresh = new.list().is_empty() && new.uid_validity() > turn.memory.uid_validity;
    ensure(
        fresh,
        Property::UidsStay,
        "a new mailbox has an old UIDVALIDITY",
    )
}

fn delete(turn: &Turn<'_>, name: &MailboxName) -> Result<(), Finding> {
    let Some((status, _)) = turn.tagged() else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    let Some(mailbox) = turn.before.mailbox(name) else {
        // A name without a mailbox may be one with inferiors, which has its own reasons.
        return if turn.before.place_of(name).is_some() {
            Ok(())
        } else {
            missing(turn, name)
        };
    };
    if name.is_inbox() {
        return ensure(!ok, Property::Answered, "DELETE of INBOX answers OK");
    }
    if turn.practice.deletion == Deletion::Refuse {
        refused_if_shared(turn, mailbox)?;
    }
    if turn.practice.deletion == Deletion::Refuse && !ok {
        return ensure(
            turn.after.mailbox(name).is_some(),
            Property::InUseRefused,
            "DELETE answers NO and the mailbox is gone",
        );
    }
    ensure(
        ok,
        Property::GhostMailbox,
        "DELETE answers NO without reason",
    )?;
    ensure(
        turn.after.mailbox(name).is_none(),
        Property::GhostMailbox,
        "a deleted mailbox keeps its name",
    )
}

fn rename(turn: &Turn<'_>, from: &MailboxName, to: &MailboxName) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    let Some(mailbox) = turn.before.mailbox(from) else {
        return if turn.before.place_of(from).is_some() {
            Ok(())
        } else {
            missing(turn, from)
        };
    };
    if turn.before.place_of(to).is_some() {
        return ensure(
            !ok,
            Property::Answered,
            "RENAME to a name that is taken answers OK",
        );
    }
    if turn.place(to).is_some_and(|place| is_in_use(turn, place)) {
        let refused = !ok && matches!(code, Some(Code::InUse));
        return ensure(
            refused,
            Property::GhostMailbox,
            "the name of a deleted mailbox is taken while a session has it open",
        );
    }
    if turn.practice.renaming == Renaming::Refuse {
        refused_if_shared(turn, mailbox)?;
    }
    if turn.practice.renaming == Renaming::Refuse && !ok {
        return ensure(
            turn.after.place_of(from) == turn.before.place_of(from),
            Property::InUseRefused,
            "RENAME answers NO and the name has changed",
        );
    }
    ensure(
        ok,
        Property::NewNameOffered,
        "RENAME answers NO without reason",
    )?;
    let moved = from.is_inbox() || turn.after.place_of(to) == Some(Some(mailbox.id()));
    ensure(
        moved && turn.after.mailbox(to).is_some(),
        Property::NewNameOffered,
        "RENAME answers OK and the mailbox is not called so",
    )?;
    ensure(
        from.is_inbox() || turn.after.place_of(from).is_none(),
        Property::NewNameOffered,
        "RENAME answers OK and the old name is still there",
    )
}

/// RFC 2180 section 3.1.
fn refused_if_shared(turn: &Turn<'_>, mailbox: &Mailbox) -> Result<(), Finding> {
    let refused = matches!(turn.tagged(), Some((Status::No, Some(Code::InUse))));
    let shared = turn.is_shared(mailbox.id());
    ensure(
        refused == shared,
        Property::InUseRefused,
        "DELETE or RENAME is not refused if and only if another session has the mailbox open",
    )
}

/// STATUS tells the truth.
fn status(turn: &Turn<'_>) -> Result<(), Finding> {
    for response in turn.out {
        let Response::Status(status) = response else {
            continue;
        };
        let right = turn.before.mailbox(&status.mailbox).is_some_and(|mailbox| {
            mailbox.list().len() == status.messages && mailbox.uid_next() == status.uid_next
        });
        ensure(right, Property::ExistsCounts, "STATUS miscounts")?;
    }
    Ok(())
}

/// LIST names every mailbox that has a name, and no other: not one that was deleted (RFC 2180 section 3.2).
fn list(turn: &Turn<'_>) -> Result<(), Finding> {
    let mut listed = 0;
    for response in turn.out {
        let Response::List(item) = response else {
            continue;
        };
        let ListedName::Mailbox(name) = &item.name else {
            continue;
        };
        if !item.no_select {
            listed += 1;
            ensure(
                turn.before.mailbox(name).is_some(),
                Property::GhostMailbox,
                "LIST shows a mailbox that is not there",
            )?;
        }
    }
    let there = turn
        .before
        .names()
        .iter()
        .filter(|(_, mailbox)| mailbox.is_some())
        .count();
    ensure(
        listed == there,
        Property::GhostMailbox,
        "LIST leaves out a mailbox",
    )
}

/// SUBSCRIBE takes any name but that of a deleted mailbox that is still open, or one that RENAME left behind.
fn subscribe(turn: &Turn<'_>, name: &MailboxName) -> Result<(), Finding> {
    let place = turn.place(name);
    let buried = place.is_some_and(|place| is_in_use(turn, place));
    let moved = place.is_some_and(|place| new_name(turn, place).is_some());
    if turn.before.place_of(name).is_none() && (buried || moved) {
        return missing(turn, name);
    }
    ensure_ok(
        turn,
        Property::Answered,
        "SUBSCRIBE answers NO without reason",
    )?;
    let subscribed = turn.after.subscribed().contains(name);
    ensure(
        subscribed,
        Property::Answered,
        "SUBSCRIBE answers OK and the name is not subscribed to",
    )
}

/// LSUB names what is subscribed to, but no mailbox that was deleted and is still open (RFC 2180 section 3.2).
fn lsub(turn: &Turn<'_>) -> Result<(), Finding> {
    let is_shown =
        |name: &&MailboxName| !turn.place(name).is_some_and(|place| is_in_use(turn, place));
    let expected = turn.before.subscribed().iter().filter(is_shown);
    let listed = turn.out.iter().filter_map(|response| match response {
        Response::List(item) => match &item.name {
            ListedName::Mailbox(name) => Some(name),
            ListedName::Root => None,
        },
        _ => None,
    });
    ensure(
        expected.eq(listed),
        Property::GhostMailbox,
        "LSUB shows a deleted mailbox, or leaves out a name",
    )
}

/// What is to be remembered of a step that was right. Returns the mailbox, if the step took one from all other sessions
/// (RFC 2180 section 3.3).
#[must_use]
pub fn remember(turn: &Turn<'_>, memory: &mut Memory) -> Option<MailboxId> {
    for mailbox in turn.after.mailboxes() {
        memory.uid_validity = memory.uid_validity.max(mailbox.uid_validity());
    }
    let (Some(command), Some((Status::Ok, _))) = (turn.command, turn.tagged()) else {
        return None;
    };
    match command {
        Command::Create { mailbox } => {
            let taken = turn.place(mailbox);
            memory.moved.retain(|&(name, _)| Some(name) != taken);
            None
        }
        Command::Delete { mailbox } => {
            let id = turn.before.mailbox(mailbox)?.id();
            memory.moved.retain(|&(_, moved)| moved != id);
            memory.graves.push((turn.place(mailbox)?, id));
            (turn.practice.deletion == Deletion::Disconnect).then_some(id)
        }
        Command::Rename { from, to } => {
            let id = turn.before.mailbox(from)?.id();
            let taken = turn.place(to);
            memory.moved.retain(|&(name, _)| Some(name) != taken);
            if turn.practice.renaming == Renaming::Keep && !from.is_inbox() {
                memory.moved.push((turn.place(from)?, id));
                memory.moved.sort_unstable();
            }
            (turn.practice.renaming == Renaming::Disconnect).then_some(id)
        }
        _ => None,
    }
}
