//! What a step changed, found by comparing the accounts, and whether its command may change that.
//!
//! Touches nothing. It does not look at the step's `Change`s: that those tell all is another property. RFC 3501 sections 2.3.1.1, 6.4.2, 6.4.3.

use super::{Turn, bit};
use crate::{
    check::{
        client::covers,
        properties::{Finding, Property, ensure},
        world::Task,
    },
    command::{Command, StoreAction},
    flags::{FlagNames, Flags},
    mailbox::Mailbox,
    message::Message,
    name::MailboxName,
    number::MailboxId,
    practice::Deletion,
};
use alloc::vec::Vec;

/// What became of messages.
#[derive(Default)]
pub(super) struct Effects {
    /// Those that arrived, wherever that was.
    pub(super) added: Vec<Message>,
    /// Those that went from the mailbox that is selected, as bits of their UIDs.
    pub(super) removed: u64,
    /// Flags were changed.
    pub(super) flagged: bool,
}

/// Compares the accounts before and after.
pub(super) fn weigh(turn: &Turn<'_>, task: &Task) -> Result<Effects, Finding> {
    let mut effects = Effects::default();
    let mut after = turn.after.mailboxes().iter().peekable();
    for was in turn.before.mailboxes() {
        match after.next_if(|now| now.id() == was.id()) {
            Some(now) => compare(turn, task, was, now, &mut effects)?,
            None => ensure(
                may_go(turn, was),
                Property::NothingVanishes,
                "a mailbox is gone that should be there",
            )?,
        }
    }
    for new in after {
        let made = match turn.command {
            Some(Command::Create { .. }) => new.list().is_empty(),
            Some(Command::Rename { from, .. }) => from.is_inbox(),
            _ => false,
        };
        ensure(
            made,
            Property::NothingVanishes,
            "a mailbox came from nowhere",
        )?;
        effects.added.extend(new.messages());
    }
    Ok(effects)
}

/// Whether a mailbox may be gone: it has lost its name, by this step or before, and nobody has it open any more.
fn may_go(turn: &Turn<'_>, mailbox: &Mailbox) -> bool {
    let id = Some(mailbox.id());
    let is_named =
        |names: &[(MailboxName, Option<MailboxId>)]| names.iter().any(|&(_, named)| named == id);
    let deletes = matches!(turn.command, Some(Command::Delete { .. }));
    let leaves = matches!(
        turn.command,
        None | Some(Command::Select { .. } | Command::Close | Command::Unselect | Command::Logout)
    );
    // Without a name and open: that it never was before, under disconnect.
    let disconnects = turn.practice.deletion == Deletion::Disconnect;
    !is_named(turn.after.names())
        && (deletes || !is_named(turn.before.names()))
        && (leaves || !turn.is_source(mailbox.id()))
        && (disconnects || !turn.is_shared(mailbox.id()))
}

fn compare(
    turn: &Turn<'_>,
    task: &Task,
    was: &Mailbox,
    now: &Mailbox,
    effects: &mut Effects,
) -> Result<(), Finding> {
    ensure(
        now.uid_next() >= was.uid_next(),
        Property::UidsStay,
        "UIDNEXT goes back",
    )?;
    let mut after = now.messages().peekable();
    for message in was.messages() {
        let Some(same) = after.next_if(|same| same.uid == message.uid) else {
            ensure(
                may_remove(turn, task, was, message),
                Property::NothingVanishes,
                "a message is gone that should be there",
            )?;
            if turn.is_source(was.id()) {
                effects.removed |= bit(message.uid);
            }
            continue;
        };
        ensure(
            same.content == message.content,
            Property::UidsStay,
            "a UID names another message than before",
        )?;
        if same.flags != message.flags {
            effects.flagged = true;
            let meant = turn.is_source(was.id()) && task.meant & bit(message.uid) != 0;
            let right = meant && flags_after(turn, now, message.flags) == Some(same.flags);
            ensure(
                right,
                Property::CommandHitsMeant,
                "flags changed of a message that the client did not mean, or otherwise than it asked",
            )?;
        }
    }
    for new in after {
        ensure(
            new.uid >= was.uid_next(),
            Property::UidsStay,
            "a new message has a UID that is not new",
        )?;
        ensure(
            may_add(turn, was),
            Property::NothingVanishes,
            "a message came from nowhere",
        )?;
        effects.added.push(*new);
    }
    let last = now.messages().next_back().map(|last| last.uid);
    let arrived = last.is_some_and(|last| last >= was.uid_next());
    ensure(
        arrived || now.uid_next() == was.uid_next(),
        Property::UidsStay,
        "UIDNEXT changes although nothing arrived",
    )?;
    let above = last.is_none_or(|last| last < now.uid_next());
    ensure(above, Property::UidsStay, "UIDNEXT is not above every UID")
}

fn may_remove(turn: &Turn<'_>, task: &Task, mailbox: &Mailbox, message: &Message) -> bool {
    let mine = turn.is_source(mailbox.id()) && !turn.is_read_only();
    let deleted = message.flags.contains(Flags::DELETED);
    match turn.command {
        Some(Command::Expunge { uids }) => {
            let last = turn
                .lane()
                .and_then(|lane| lane.told.list.last())
                .map_or(0, |(uid, _)| uid.0);
            mine && deleted
                && uids
                    .as_ref()
                    .is_none_or(|uids| covers(uids, message.uid.0, last))
        }
        Some(Command::Close) => mine && deleted,
        Some(Command::Move { .. }) => mine && task.meant & bit(message.uid) != 0,
        Some(Command::Rename { from, .. }) => from.is_inbox() && is_called(turn, mailbox, from),
        _ => false,
    }
}

fn may_add(turn: &Turn<'_>, to: &Mailbox) -> bool {
    match turn.command {
        Some(
            Command::Append { mailbox, .. }
            | Command::Copy { mailbox, .. }
            | Command::Move { mailbox, .. },
        ) => is_called(turn, to, mailbox),
        _ => false,
    }
}

fn is_called(turn: &Turn<'_>, mailbox: &Mailbox, name: &MailboxName) -> bool {
    turn.before.place_of(name) == Some(Some(mailbox.id()))
}

/// What the command makes of the flags of a message; `None`: it changes none.
fn flags_after(turn: &Turn<'_>, mailbox: &Mailbox, flags: Flags) -> Option<Flags> {
    match turn.command {
        Some(Command::Store {
            action,
            flags: names,
            ..
        }) => {
            let named = named(mailbox, names);
            Some(match action {
                StoreAction::Replace => named,
                StoreAction::Add => flags.with(named),
                StoreAction::Remove => flags.without(named),
            })
        }
        Some(Command::Fetch {
            marks_seen: true, ..
        }) if !turn.is_read_only() => Some(flags.with(Flags::SEEN)),
        _ => None,
    }
}

/// Whether a message has the flags that STORE asks for.
pub(super) fn is_stored(turn: &Turn<'_>, mailbox: &Mailbox, flags: Flags) -> bool {
    flags_after(turn, mailbox, flags) == Some(flags)
}

fn named(mailbox: &Mailbox, names: &FlagNames) -> Flags {
    names.keywords.iter().fold(names.system, |flags, keyword| {
        let known = mailbox.keywords().index(keyword);
        flags.with(known.map_or(Flags::NONE, Flags::keyword))
    })
}
