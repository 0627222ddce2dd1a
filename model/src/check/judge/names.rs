//! What DELETE, RENAME, CREATE and commands with a mailbox name promise: RFC 2180 sections 3.1 to 3.4, RFC 3501 section 6.3.
//!
//! Touches nothing. That no other name changes, `frame` sees; what became of messages, `effects` does. Who has a mailbox open it knows from what sessions were answered, not
//! from the account.

use super::{
    Turn, ensure_ok,
    frame::{is_bare, tree},
    memory::{is_in_use, new_name},
};
use crate::{
    check::properties::{Finding, Property, ensure},
    command::Command,
    mailbox::Mailbox,
    message::Message,
    name::MailboxName,
    practice::{Deletion, Fetching, Renaming},
    response::{Code, ListedName, Response, Status},
};
use alloc::vec::Vec;

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
        Command::Unsubscribe { mailbox } => {
            ensure_ok(
                turn,
                Property::Answered,
                "a command that cannot fail answers NO",
            )?;
            ensure(
                !turn.after.subscribed().contains(mailbox),
                Property::NamesStay,
                "UNSUBSCRIBE answers OK and the name is subscribed to",
            )
        }
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

fn create(turn: &Turn<'_>, name: &MailboxName) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    if turn.before.mailbox(name).is_some() {
        return ensure(
            !ok,
            Property::Answered,
            "CREATE of a mailbox that exists answers OK",
        );
    }
    if is_taken_by_grave(turn, name) {
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
        return if turn.before.place_of(name).is_none() {
            missing(turn, name)
        } else {
            ensure(
                ok == is_bare(turn, name),
                Property::Answered,
                "DELETE of a name without a mailbox answers OK if and only if it has inferiors",
            )
        };
    };
    if name.is_inbox() {
        return ensure(!ok, Property::Answered, "DELETE of INBOX answers OK");
    }
    if turn.practice.deletion == Deletion::Refuse {
        refused_if_shared(turn, &[mailbox])?;
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
    // With inferiors, the name stays, and leads to no mailbox.
    let left = (!is_bare(turn, name)).then_some(None);
    ensure(
        turn.after.place_of(name) == left,
        Property::GhostMailbox,
        "a deleted mailbox keeps its name, or its inferiors lose theirs",
    )
}

fn rename(turn: &Turn<'_>, from: &MailboxName, to: &MailboxName) -> Result<(), Finding> {
    let Some((status, code)) = turn.tagged() else {
        return Ok(());
    };
    let ok = status == Status::Ok;
    if turn.before.place_of(from).is_none() {
        return missing(turn, from);
    }
    if turn.before.place_of(to).is_some() {
        return ensure(
            !ok,
            Property::Answered,
            "RENAME to a name that is taken answers OK",
        );
    }
    let names = tree(turn, from, to);
    if names.iter().any(|(_, new)| is_taken_by_grave(turn, new)) {
        let refused = !ok && matches!(code, Some(Code::InUse));
        return ensure(
            refused,
            Property::GhostMailbox,
            "the name of a deleted mailbox is taken while a session has it open",
        );
    }
    let mailboxes = names.iter().filter_map(|(old, _)| turn.before.mailbox(old));
    let mailboxes: Vec<&Mailbox> = mailboxes.collect();
    // What goes from INBOX is expunged there (RFC 2180 section 4.1.4).
    let expunges = from.is_inbox() && turn.practice.fetching == Fetching::RefuseExpunge;
    let refuses = match turn.practice.renaming {
        Renaming::Refuse => true,
        Renaming::Keep => expunges,
        Renaming::Disconnect => false,
    };
    if refuses {
        refused_if_shared(turn, &mailboxes)?;
    }
    if refuses && !ok {
        return ensure(
            turn.after.names() == turn.before.names(),
            Property::InUseRefused,
            "RENAME answers NO and the name has changed",
        );
    }
    ensure(
        ok,
        Property::NewNameOffered,
        "RENAME answers NO without reason",
    )?;
    if from.is_inbox() {
        return renamed_inbox(turn, to);
    }
    let is_moved = |(old, new): &(MailboxName, MailboxName)| {
        turn.after.place_of(new) == turn.before.place_of(old) && turn.after.place_of(old).is_none()
    };
    ensure(
        names.iter().all(is_moved),
        Property::NewNameOffered,
        "RENAME answers OK, and a mailbox is not called so, or has its old name still",
    )
}

/// RENAME of INBOX takes all of its messages, as they are, to a new mailbox, and leaves it empty (RFC 3501 section 6.3.5).
fn renamed_inbox(turn: &Turn<'_>, to: &MailboxName) -> Result<(), Finding> {
    let inbox = MailboxName::inbox();
    let (Some(was), Some(left), Some(new)) = (
        turn.before.mailbox(&inbox),
        turn.after.mailbox(&inbox),
        turn.after.mailbox(to),
    ) else {
        return Err(Finding::new(
            Property::NothingVanishes,
            "RENAME of INBOX answers OK, and there is no such mailbox, or no INBOX",
        ));
    };
    let kept = |message: &Message| (message.content, message.flags);
    let whole = left.list().is_empty() && was.messages().map(kept).eq(new.messages().map(kept));
    ensure(
        whole,
        Property::NothingVanishes,
        "RENAME of INBOX leaves a message behind, or loses one, or its flags",
    )?;
    ensure(
        new.uid_validity() > turn.memory.uid_validity,
        Property::UidsStay,
        "a new mailbox has an old UIDVALIDITY",
    )
}

/// Whether a deleted mailbox that is still open has this name, or that of a superior which would come with it (RFC 2180 section 3.2).
fn is_taken_by_grave(turn: &Turn<'_>, name: &MailboxName) -> bool {
    let is_grave =
        |name: &MailboxName| turn.place(name).is_some_and(|place| is_in_use(turn, place));
    let comes = |above: &MailboxName| turn.before.place_of(above).is_none();
    is_grave(name)
        || name
            .superiors()
            .any(|above| comes(&above) && is_grave(&above))
}

/// RFC 2180 section 3.1.
fn refused_if_shared(turn: &Turn<'_>, mailboxes: &[&Mailbox]) -> Result<(), Finding> {
    let refused = matches!(turn.tagged(), Some((Status::No, Some(Code::InUse))));
    let shared = mailboxes.iter().any(|mailbox| turn.is_shared(mailbox.id()));
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

/// LIST shows every name, whether it leads to a mailbox, and no other: not that of one that was deleted (RFC 2180 section 3.2).
fn list(turn: &Turn<'_>) -> Result<(), Finding> {
    let mut listed = 0;
    for response in turn.out {
        let Response::List(item) = response else {
            continue;
        };
        let ListedName::Mailbox(name) = &item.name else {
            continue;
        };
        listed += 1;
        let place = turn.before.place_of(name);
        ensure(
            place.is_some_and(|mailbox| mailbox.is_none() == item.no_select),
            Property::GhostMailbox,
            "LIST shows a mailbox that is not there",
        )?;
    }
    ensure(
        listed == turn.before.names().len(),
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
