//! That names and subscriptions change as a command asks, and otherwise never: RFC 3501 sections 6.3.3 to 6.3.7.
//!
//! Touches nothing. It compares the accounts before and after each step; which of the names of a command has to change is for `names` to say.

use super::Turn;
use crate::{
    check::properties::{Finding, Property, ensure},
    command::Command,
    name::MailboxName,
    response::Status,
};
use alloc::{vec, vec::Vec};

/// Judges what became of names and subscriptions.
///
/// # Errors
/// One has changed that nobody asked to be changed.
pub(super) fn judge(turn: &Turn<'_>) -> Result<(), Finding> {
    let done = matches!(turn.tagged(), Some((Status::Ok, _)));
    let command = turn.command.filter(|_| done);
    let (was, now) = (turn.before.names(), turn.after.names());
    if was != now {
        for (name, _) in was.iter().chain(now) {
            let changed = turn.before.place_of(name) != turn.after.place_of(name);
            ensure(
                !changed || may_change(turn, command, name),
                Property::NamesStay,
                "a name has changed that no command asked to be changed",
            )?;
        }
    }
    let (was, now) = (turn.before.subscribed(), turn.after.subscribed());
    if was == now {
        return Ok(());
    }
    let others = |all: &[MailboxName], but: &MailboxName| -> Vec<MailboxName> {
        all.iter().filter(|name| *name != but).cloned().collect()
    };
    let right = match command {
        Some(Command::Subscribe { mailbox } | Command::Unsubscribe { mailbox }) => {
            others(was, mailbox) == others(now, mailbox)
        }
        _ => false,
    };
    ensure(
        right,
        Property::NamesStay,
        "a subscription has changed that no command asked to be changed",
    )
}

fn may_change(turn: &Turn<'_>, command: Option<&Command>, name: &MailboxName) -> bool {
    let (was, now) = (turn.before.place_of(name), turn.after.place_of(name));
    // A superior comes with what is below it, and leads to no mailbox.
    let comes_with =
        |new: &MailboxName| new.is_inferior_of(name) && was.is_none() && now == Some(None);
    match command {
        Some(Command::Create { mailbox }) => mailbox == name || comes_with(mailbox),
        Some(Command::Delete { mailbox }) => mailbox == name,
        Some(Command::Rename { from, to }) => {
            let names = tree(turn, from, to);
            let moves = names.iter().any(|(old, new)| old == name || new == name);
            (moves && !name.is_inbox()) || comes_with(to)
        }
        _ => false,
    }
}

/// What RENAME calls anew, each with its new name: a mailbox and its inferiors, or INBOX alone (RFC 3501 section 6.3.5).
pub(super) fn tree(
    turn: &Turn<'_>,
    from: &MailboxName,
    to: &MailboxName,
) -> Vec<(MailboxName, MailboxName)> {
    if from.is_inbox() {
        return vec![(from.clone(), to.clone())];
    }
    let names = turn.before.names().iter().map(|(name, _)| name);
    let moves = names.filter(|name| *name == from || name.is_inferior_of(from));
    moves
        .map(|old| (old.clone(), old.moved(from, to)))
        .collect()
}

/// Whether a name has no inferiors.
pub(super) fn is_bare(turn: &Turn<'_>, name: &MailboxName) -> bool {
    let mut names = turn.before.names().iter();
    !names.any(|(other, _)| other.is_inferior_of(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::{Account, Limits},
        change::Change,
        check::{told::Told, world::Memory},
        number::{MailboxId, UidValidity},
        practice::Practice,
        response::Response,
    };

    fn created(name: &str, number: u32) -> Change {
        Change::Created {
            name: MailboxName::new(name),
            mailbox: MailboxId(number),
            uid_validity: UidValidity(number),
        }
    }

    fn placed(name: &str) -> Change {
        Change::Placed {
            name: MailboxName::new(name),
        }
    }

    /// What is said of CREATE N/C, answered so, that changes an account which these changes had made.
    fn judged(status: Status, before: &[Change], changes: &[Change]) -> Result<(), Finding> {
        let mut account = Account::new(Limits::default());
        before.iter().for_each(|change| account.apply(change));
        let mut after = account.clone();
        changes.iter().for_each(|change| after.apply(change));
        let create = Command::Create {
            mailbox: MailboxName::new("N/C"),
        };
        judge(&Turn {
            practice: &Practice::default(),
            names: &[],
            me: 0,
            lanes: &[],
            command: Some(&create),
            begins: true,
            before: &account,
            after: &after,
            out: &[Response::Tagged(status, None, "")],
            told: &Told::default(),
            memory: &Memory::default(),
        })
    }

    #[test]
    fn a_superior_comes_with_its_inferior_and_leads_to_no_mailbox() {
        let (ok, no) = (Status::Ok, Status::No);
        assert_eq!(judged(ok, &[], &[placed("N"), created("N/C", 8)]), Ok(()));
        assert_eq!(judged(ok, &[created("N", 7)], &[created("N/C", 8)]), Ok(()));
        let stays = Finding::new(
            Property::NamesStay,
            "a name has changed that no command asked to be changed",
        );
        for found in [
            judged(ok, &[], &[created("N", 7), created("N/C", 8)]),
            judged(ok, &[created("N", 7)], &[placed("N"), created("N/C", 8)]),
            judged(ok, &[], &[placed("N/C/D"), created("N/C", 8)]),
            judged(no, &[], &[placed("N"), created("N/C", 8)]),
        ] {
            assert_eq!(found, Err(stays));
        }
    }
}
