//! What is true of a mailbox, as [`crate::invariant`] names it.
//!
//! Touches a mailbox, to read all of it. RFC 3501 sections 2.3.1.1 and 2.3.2, RFC 2180 section 4.1.1.

use super::Mailbox;
use crate::{
    flags::{Flags, Keywords},
    invariant::{Invariant, ensure},
    message::Message,
    message_list::MessageList,
    number::{SeqNum, Uid},
    view::{Numbering, View},
};
use alloc::vec::Vec;

impl Mailbox {
    /// Holds the mailbox to every invariant that can be seen in it alone. Linear in what it has.
    ///
    /// # Errors
    /// The first that is broken.
    pub fn audit(&self) -> Result<(), Invariant> {
        self.messages.audit()?;
        self.audit_messages()?;
        self.audit_ghosts()?;
        self.audit_views()
    }

    fn audit_messages(&self) -> Result<(), Invariant> {
        let known = (0..self.keywords.list().len().min(Keywords::MOST))
            .fold(Flags::SYSTEM, |flags, index| {
                flags.with(Flags::keyword(index))
            });
        let ghosts = self.ghosts.iter().map(|ghost| &ghost.message);
        for message in self.messages.iter().chain(ghosts) {
            ensure(message.uid < self.uid_next, Invariant::UidNextAbove)?;
            ensure(
                message.modseq <= self.highest_modseq,
                Invariant::ModSeqsBounded,
            )?;
            ensure(known.contains(message.flags), Invariant::KeywordsKnown)?;
        }
        ensure(
            self.flags_changed <= self.highest_modseq,
            Invariant::ModSeqsBounded,
        )
    }

    fn audit_ghosts(&self) -> Result<(), Invariant> {
        ensure(
            self.ghosts.is_sorted_by_key(|ghost| ghost.expunged),
            Invariant::GhostsOrdered,
        )?;
        if self.ghosts.is_empty() {
            return Ok(());
        }
        let mut uids: Vec<Uid> = self.ghosts.iter().map(|ghost| ghost.message.uid).collect();
        uids.sort_unstable();
        ensure(
            uids.is_sorted_by(|one, next| one < next),
            Invariant::GhostsGone,
        )?;
        for ghost in &self.ghosts {
            let owed = self.views.iter().filter(|view| view.is_owed(ghost)).count();
            ensure(
                owed > 0 && u32::try_from(owed) == Ok(ghost.owed),
                Invariant::GhostsOwed,
            )?;
            ensure(
                self.messages.find(ghost.message.uid).is_none(),
                Invariant::GhostsGone,
            )?;
            ensure(
                ghost.expunged <= self.highest_modseq,
                Invariant::ModSeqsBounded,
            )?;
        }
        Ok(())
    }

    fn audit_views(&self) -> Result<(), Invariant> {
        ensure(
            self.views.is_sorted_by(|one, next| one.id < next.id),
            Invariant::ViewsOrdered,
        )?;
        for view in &self.views {
            ensure(
                view.exists_to < self.uid_next
                    && view.expunged_to <= self.highest_modseq
                    && view.flags_to <= self.highest_modseq
                    && usize::from(view.keywords_to) <= self.keywords.list().len(),
                Invariant::CursorsBounded,
            )?;
        }
        let mut last = Uid(0);
        for claim in &self.claims {
            ensure(
                last < claim.from
                    && claim.from <= claim.to
                    && claim.to <= self.claimed_to
                    && self.view(claim.view).is_some(),
                Invariant::ClaimsApart,
            )?;
            last = claim.to;
        }
        Ok(())
    }

    /// Numbers every view by definition, and compares.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub(crate) fn audit_numberings(&self) -> Result<(), Invariant> {
        for view in &self.views {
            let all = numbered(&self.messages, self, view);
            let numbering = Numbering::new(self, view);
            let same = u32::try_from(all.len()) == Ok(numbering.count())
                && (1..).map(SeqNum).zip(&all).all(|(seq, message)| {
                    numbering
                        .at(seq)
                        .is_some_and(|entry| entry.message() == *message)
                });
            ensure(same, Invariant::NumberingAgrees)?;
        }
        Ok(())
    }
}

/// Every message that has a number in a view, by its definition.
fn numbered<'a>(messages: &'a MessageList, mailbox: &'a Mailbox, view: &View) -> Vec<&'a Message> {
    let owed = mailbox
        .ghosts
        .iter()
        .filter(|ghost| ghost.expunged > view.expunged_to);
    let mut all: Vec<&Message> = messages
        .iter()
        .chain(owed.map(|ghost| &ghost.message))
        .filter(|message| message.uid <= view.exists_to)
        .collect();
    all.sort_by_key(|message| message.uid);
    all
}

#[cfg(test)]
impl Mailbox {
    /// Breaks an invariant that can be seen in a mailbox alone; whether it can. The mailbox has a message, a ghost, two views and a claim.
    pub(crate) fn spoil(&mut self, invariant: Invariant) -> bool {
        match invariant {
            Invariant::UidsAscend => self.messages.reverse(),
            Invariant::UidNextAbove => self.uid_next = Uid(1),
            Invariant::SummariesAgree | Invariant::NumberingAgrees => self.messages.shift(),
            Invariant::ModSeqsBounded => self.highest_modseq.0 = 1,
            Invariant::KeywordsKnown => self.keywords = Keywords::default(),
            Invariant::GhostsOrdered => self.ghosts.reverse(),
            Invariant::GhostsOwed => self.ghosts[0].owed = 0,
            Invariant::GhostsGone => {
                let live = *self.messages.iter().next().unwrap();
                self.ghosts[0].message = live;
            }
            Invariant::ViewsOrdered => self.views.reverse(),
            Invariant::CursorsBounded => self.views[1].keywords_to = 9,
            Invariant::ClaimsApart => self.claims[0].to = self.uid_next.next(),
            Invariant::MailboxesPlaced
            | Invariant::NamesLead
            | Invariant::OldNamesLead
            | Invariant::ListsOrdered
            | Invariant::NumbersFresh
            | Invariant::UidValiditiesApart
            | Invariant::EvictedGone
            | Invariant::SnapshotRestores
            | Invariant::ChangesReplay
            | Invariant::ContentsCounted => return false,
        }
        true
    }
}
