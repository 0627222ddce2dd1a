//! What must hold after each step, whatever was done.
//!
//! Touches the accounts before and after the step, to compare them.

use super::numbers::numbered;
use std::collections::BTreeMap;
use tandem_model::{
    Account, Batch, Change, Invariant,
    batch::References,
    command::Form,
    number::{ContentId, SeqNum, Uid},
    sequence_set::{Bound, NumberSet, SequenceSet},
    view::{Entry, Numbering},
};

/// How often each content is referred to.
pub type Held = BTreeMap<ContentId, usize>;

/// The references that an account holds: of its messages, and of ghosts that keep their content.
#[must_use]
pub fn references(account: &Account) -> Held {
    let mut references = Held::new();
    for mailbox in account.mailboxes() {
        let ghosts = mailbox.ghosts().iter().filter(|ghost| ghost.keeps_content);
        let held = mailbox.messages().chain(ghosts.map(|ghost| &ghost.message));
        for message in held {
            *references.entry(message.content).or_default() += 1;
        }
    }
    references
}

/// What would be left of an account if all sessions ended: what its snapshot makes of nothing.
#[must_use]
pub fn recovered(account: &Account) -> Account {
    let mut recovered = Account::blank(account.limits());
    account
        .snapshot()
        .for_each(|change| recovered.apply(&change));
    recovered.resume_at(account.position());
    recovered
}

/// What a step did, against what it says that it did.
///
/// # Errors
/// What does not fit.
pub fn check(before: &Account, after: &Account, batch: &Batch) -> Result<(), String> {
    after
        .audit_thoroughly()
        .map_err(|broken| format!("broken: {broken}"))?;
    after
        .audit_step(before, batch)
        .map_err(|broken| format!("broken: {broken}"))?;
    let mut expected = references(before);
    for change in &batch.changes {
        if let Change::Added { messages, .. } = change {
            for message in messages {
                *expected.entry(message.content).or_default() += 1;
            }
        }
    }
    let References {
        dropped,
        haunted,
        released,
    } = &batch.references;
    for content in haunted {
        *expected.entry(*content).or_default() += 1;
    }
    for content in dropped.iter().chain(released) {
        match expected.get_mut(content) {
            Some(count) if *count > 0 => *count -= 1,
            _ => {
                return Err(format!(
                    "broken: {} (content {})",
                    Invariant::ContentsCounted,
                    content.0
                ));
            }
        }
    }
    expected.retain(|_, count| *count > 0);
    if expected != references(after) {
        return Err(format!("broken: {}", Invariant::ContentsCounted));
    }
    Ok(())
}

/// The numberings of all views, against plain lists of what is in them.
///
/// # Errors
/// What differs.
pub fn check_numberings(account: &Account) -> Result<(), String> {
    for mailbox in account.mailboxes() {
        for view in mailbox.views() {
            let list = numbered(mailbox, view);
            let numbering = Numbering::new(mailbox, view);
            check_entries(&numbering, &list)?;
            check_sets(&numbering, &list)?;
        }
    }
    Ok(())
}

fn check_entries(
    numbering: &Numbering<'_>,
    list: &[super::numbers::Numbered],
) -> Result<(), String> {
    let count = u32::try_from(list.len()).unwrap_or(u32::MAX);
    equal("count", numbering.count(), count)?;
    let ghosts = list.iter().filter(|one| one.ghost).count();
    equal("ghost_count", numbering.ghost_count() as usize, ghosts)?;
    let last = list.last().map_or(Uid(0), |one| one.message.uid);
    equal("last_uid", numbering.last_uid(), last)?;
    equal("at 0", numbering.at(SeqNum(0)).is_some(), false)?;
    equal(
        "at the end",
        numbering.at(SeqNum(count + 1)).is_some(),
        false,
    )?;
    for (seq, one) in (1..).map(SeqNum).zip(list) {
        let entry = numbering
            .at(seq)
            .ok_or_else(|| format!("{seq} is not there"))?;
        equal("at", *entry.message(), one.message)?;
        equal("ghost", matches!(entry, Entry::Ghost(_)), one.ghost)?;
    }
    for uid in (0..=last.0 + 2).map(Uid) {
        let before = list.iter().filter(|one| one.message.uid < uid).count();
        equal(
            "first_from",
            numbering.first_from(uid).0 as usize,
            before + 1,
        )?;
    }
    Ok(())
}

/// Every range of numbers, and every one with its neighbour left out.
fn check_sets(numbering: &Numbering<'_>, list: &[super::numbers::Numbered]) -> Result<(), String> {
    for form in [Form::Sequence, Form::Uid] {
        let most = match form {
            Form::Sequence => numbering.count(),
            Form::Uid => numbering.last_uid().0 + 1,
        };
        for from in 1..=most {
            for to in from..=most {
                let number = |n| Bound::Number(n);
                let mut set = SequenceSet::range(number(from), number(to));
                set.ranges.push((number(most), Bound::Star));
                check_set(numbering, list, form, &set.resolve(most))?;
            }
        }
    }
    Ok(())
}

fn check_set(
    numbering: &Numbering<'_>,
    list: &[super::numbers::Numbered],
    form: Form,
    set: &NumberSet,
) -> Result<(), String> {
    let named: Vec<(u32, bool)> = (1..)
        .zip(list)
        .filter(|(seq, one)| match form {
            Form::Sequence => set.contains(*seq),
            Form::Uid => set.contains(one.message.uid.0),
        })
        .map(|(seq, one)| (seq, one.ghost))
        .collect();
    let ghosts = named.iter().filter(|(_, ghost)| *ghost).count();
    equal(
        "count_of",
        numbering.count_of(set, form) as usize,
        named.len(),
    )?;
    equal(
        "ghost_count_of",
        numbering.ghost_count_of(set, form) as usize,
        ghosts,
    )?;
    let mut found = Vec::new();
    let mut next = SeqNum(1);
    while let Some((seq, entry)) = numbering.next_of(set, form, next) {
        found.push((seq.0, matches!(entry, Entry::Ghost(_))));
        next = seq.next();
    }
    equal("next_of", found, named)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, left: T, right: T) -> Result<(), String> {
    if left == right {
        Ok(())
    } else {
        let broken = Invariant::NumberingAgrees;
        Err(format!(
            "broken: {broken} ({what}: {left:?}, by definition {right:?})"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{
        Limits,
        name::MailboxName,
        number::{MailboxId, UidValidity},
    };

    /// An account, what a step makes of it that creates a mailbox, and what that says.
    fn step(uid_validity: UidValidity) -> (Account, Account, Batch) {
        let before = Account::new(Limits::default());
        let mut after = before.clone();
        let created = Change::Created {
            name: MailboxName::new("a"),
            mailbox: MailboxId(2),
            uid_validity,
        };
        let changes = vec![created];
        let batch = Batch {
            changes: changes.clone(),
            ..after.replay(&changes)
        };
        (before, after, batch)
    }

    #[test]
    fn a_step_that_breaks_an_invariant_is_told_of() {
        let (before, after, batch) = step(UidValidity(9));
        assert_eq!(check(&before, &after, &batch), Ok(()));
        let broken = |invariant: Invariant| Err(format!("broken: {invariant}"));
        let silent = Batch::default();
        assert_eq!(
            check(&before, &after, &silent),
            broken(Invariant::ChangesReplay)
        );
        let mut lets_go = batch;
        lets_go.references.dropped.push(ContentId(1));
        assert_eq!(
            check(&before, &after, &lets_go),
            broken(Invariant::ContentsCounted)
        );
        let (before, after, batch) = step(before.mailboxes()[0].uid_validity());
        assert_eq!(
            check(&before, &after, &batch),
            broken(Invariant::UidValiditiesApart)
        );
    }
}
