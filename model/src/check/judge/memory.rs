//! What the referee remembers of names: those that RENAME left behind, and those of deleted mailboxes that are still open.
//!
//! Touches that memory, in [`remember`]. RFC 2180 sections 3.2 and 3.4.
//!
//! The account remembers them as well, and no two worlds are told apart by what it remembers: so it is held to this memory after every step that changes
//! anything ([`agrees`]), not only once somebody asks for such a name.

use super::{Turn, frame::tree};
use crate::{
    account::Account,
    check::{
        properties::{Finding, Property, ensure},
        world::Memory,
    },
    command::Command,
    name::MailboxName,
    number::MailboxId,
    practice::{Deletion, Renaming},
    response::Status,
};
use alloc::{vec, vec::Vec};

/// The name of the mailbox that RENAME took from this one, if it has a name still.
pub(super) fn new_name<'a>(turn: &Turn<'a>, old: u8) -> Option<&'a MailboxName> {
    now_called(turn.memory, turn.before, old)
}

fn now_called<'a>(memory: &Memory, account: &'a Account, old: u8) -> Option<&'a MailboxName> {
    let &(_, id) = memory.moved.iter().find(|(name, _)| *name == old)?;
    let mut names = account.names().iter();
    names
        .find(|(_, mailbox)| *mailbox == Some(id))
        .map(|(name, _)| name)
}

/// Whether a deleted mailbox of this name is still open (RFC 2180 section 3.2).
pub(super) fn is_in_use(turn: &Turn<'_>, name: u8) -> bool {
    let mut graves = turn
        .memory
        .graves
        .iter()
        .filter(|(grave, _)| *grave == name);
    graves.any(|&(_, id)| turn.lanes.iter().any(|lane| lane.has_open(id)))
}

/// What is to be remembered of a step that was right. Returns the mailboxes that the step took from all other sessions
/// (RFC 2180 section 3.3).
#[must_use]
pub fn remember(turn: &Turn<'_>, memory: &mut Memory) -> Vec<MailboxId> {
    for mailbox in turn.after.mailboxes() {
        memory.uid_validity = memory.uid_validity.max(mailbox.uid_validity());
    }
    let (Some(command), Some((Status::Ok, _))) = (turn.command, turn.tagged()) else {
        return Vec::new();
    };
    let lost = match command {
        Command::Delete { mailbox } => buried(turn, mailbox, memory),
        Command::Rename { from, to } => left_behind(turn, from, to, memory),
        _ => Vec::new(),
    };
    // A name that is taken, by CREATE, RENAME or an inferior, is no longer left behind.
    let is_taken = |name: u8| {
        let name = turn.names.get(usize::from(name));
        name.is_some_and(|name| turn.after.place_of(name).is_some())
    };
    memory.moved.retain(|&(name, _)| !is_taken(name));
    lost
}

fn buried(turn: &Turn<'_>, name: &MailboxName, memory: &mut Memory) -> Vec<MailboxId> {
    let Some(id) = turn.before.mailbox(name).map(|mailbox| mailbox.id()) else {
        return Vec::new();
    };
    memory.moved.retain(|&(_, moved)| moved != id);
    memory
        .graves
        .extend(turn.place(name).map(|place| (place, id)));
    match turn.practice.deletion {
        Deletion::Disconnect => vec![id],
        Deletion::Refuse | Deletion::Ghost => Vec::new(),
    }
}

fn left_behind(
    turn: &Turn<'_>,
    from: &MailboxName,
    to: &MailboxName,
    memory: &mut Memory,
) -> Vec<MailboxId> {
    let mut mailboxes = Vec::new();
    for (old, _) in tree(turn, from, to) {
        let Some(id) = turn.before.mailbox(&old).map(|mailbox| mailbox.id()) else {
            continue;
        };
        mailboxes.push(id);
        if turn.practice.renaming == Renaming::Keep && !from.is_inbox() {
            memory
                .moved
                .extend(turn.place(&old).map(|place| (place, id)));
        }
    }
    memory.moved.sort_unstable();
    match turn.practice.renaming {
        Renaming::Disconnect => mailboxes,
        Renaming::Refuse | Renaming::Keep => Vec::new(),
    }
}

/// Whether an account remembers of these names what is to be remembered.
///
/// # Errors
/// It does not.
pub fn agrees(names: &[MailboxName], memory: &Memory, account: &Account) -> Result<(), Finding> {
    for (place, name) in (0..).zip(names) {
        ensure(
            account.new_name(name) == now_called(memory, account, place),
            Property::NewNameOffered,
            "a name that RENAME left behind is forgotten, or another is remembered",
        )?;
        let is_grave = memory.graves.iter().any(|&(grave, _)| grave == place);
        ensure(
            account.is_ghosted(name) == is_grave,
            Property::GhostMailbox,
            "the name of a deleted mailbox that is open is forgotten, or another is remembered",
        )?;
    }
    Ok(())
}
