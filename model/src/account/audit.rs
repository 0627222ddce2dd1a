//! What is true of an account, as [`crate::invariant`] names it.
//!
//! Touches an account, to read all of it. RFC 3501 sections 2.3.1.1 and 6.3, RFC 2180 section 3.

use super::Account;
use crate::{
    batch::{Batch, References},
    invariant::{Invariant, ensure},
};
use alloc::vec::Vec;

impl Account {
    /// Holds the account to every invariant that can be seen in it alone. Linear in what it has.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn audit(&self) -> Result<(), Invariant> {
        for mailbox in &self.mailboxes {
            mailbox.audit()?;
        }
        self.audit_lists()?;
        self.audit_places()?;
        self.audit_numbers()
    }

    /// The same, and what is costly: makes the account again from its snapshot, and numbers every view by definition.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn audit_thoroughly(&self) -> Result<(), Invariant> {
        self.audit()?;
        for mailbox in &self.mailboxes {
            mailbox.audit_numberings()?;
        }
        let mut again = Self::blank(self.limits);
        self.snapshot().for_each(|change| again.apply(&change));
        ensure(
            again.audit().is_ok() && self.snapshot().eq(again.snapshot()),
            Invariant::SnapshotRestores,
        )
    }

    /// Holds a step to what it says that it did, given the account before it and what the account was drained of after it.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn audit_step(&self, before: &Self, batch: &Batch) -> Result<(), Invariant> {
        if batch.changes.is_empty() {
            // Most steps only tell something. To replay nothing is to be as before.
            ensure(before == self, Invariant::ChangesReplay)?;
            let nothing = batch.references == References::default();
            return ensure(
                nothing && batch.position == before.position(),
                Invariant::ContentsCounted,
            );
        }
        let mut replayed = before.clone();
        let again = replayed.replay(&batch.changes);
        ensure(replayed == *self, Invariant::ChangesReplay)?;
        ensure(
            again.references == batch.references && again.position == batch.position,
            Invariant::ContentsCounted,
        )
    }

    fn audit_lists(&self) -> Result<(), Invariant> {
        let ordered = self.names.is_sorted_by(|one, next| one.0 < next.0)
            && self.subscribed.is_sorted_by(|one, next| one < next)
            && self.renamed.is_sorted_by(|one, next| one.0 < next.0)
            && self
                .mailboxes
                .is_sorted_by(|one, next| one.id() < next.id());
        ensure(ordered, Invariant::ListsOrdered)
    }

    fn audit_places(&self) -> Result<(), Invariant> {
        for mailbox in &self.mailboxes {
            let named = self.place_of(mailbox.name()) == Some(Some(mailbox.id()));
            let mut graves = self.ghosted.iter().filter(|(_, id)| *id == mailbox.id());
            let deleted = graves.next().is_some();
            ensure(
                named != deleted
                    && graves.next().is_none()
                    && (named || !mailbox.views().is_empty()),
                Invariant::MailboxesPlaced,
            )?;
        }
        let is_there = |id| self.place_of_id(id).is_ok();
        ensure(
            self.ghosted.iter().all(|&(_, id)| is_there(id)),
            Invariant::MailboxesPlaced,
        )?;
        for (name, id) in &self.names {
            let leads = id.is_none_or(|id| {
                self.mailbox_by_id(id)
                    .is_some_and(|mailbox| mailbox.name() == name)
            });
            ensure(leads, Invariant::NamesLead)?;
        }
        for (old, id) in &self.renamed {
            let leads = self.place_of(old).is_none()
                && self
                    .mailbox_by_id(*id)
                    .is_some_and(|mailbox| self.place_of(mailbox.name()) == Some(Some(*id)));
            ensure(leads, Invariant::OldNamesLead)?;
        }
        Ok(())
    }

    fn audit_numbers(&self) -> Result<(), Invariant> {
        let views = || self.mailboxes.iter().flat_map(|mailbox| mailbox.views());
        let fresh = self
            .mailboxes
            .last()
            .is_none_or(|mailbox| mailbox.id() < self.next_mailbox)
            && views().all(|view| view.id < self.next_view);
        ensure(fresh, Invariant::NumbersFresh)?;
        let mut given: Vec<_> = self
            .mailboxes
            .iter()
            .map(|mailbox| mailbox.uid_validity())
            .collect();
        given.sort_unstable();
        let apart = given.is_sorted_by(|one, next| one < next)
            && given
                .last()
                .is_none_or(|last| *last <= self.last_uid_validity);
        ensure(apart, Invariant::UidValiditiesApart)?;
        let gone = self
            .evicted
            .iter()
            .all(|(evicted, _)| views().all(|view| view.id != *evicted));
        ensure(gone, Invariant::EvictedGone)
    }
}

#[cfg(test)]
mod tests;
