//! EXPUNGE and UID EXPUNGE. RFC 3501 section 6.4.3, RFC 4315 section 2.1, RFC 2180 sections 4.1.1 to 4.1.4.
//!
//! Touches the messages of the mailbox that is selected. That the session and the others are told is `report`'s.

use super::{Outcome, Selected, Turn};
use crate::{
    change::{Change, Eviction},
    number::{MailboxId, Uid, ViewId},
    response::Code,
    sequence_set::SequenceSet,
};
use alloc::vec::Vec;

impl Turn<'_> {
    pub(super) fn expunge(&mut self, here: Selected, uids: Option<&SequenceSet>) -> Outcome {
        let Some((mailbox, view, numbering)) = self.here(here) else {
            return Outcome::bad("no mailbox is selected");
        };
        if view.read_only {
            return Outcome::no("the mailbox is open read-only").code(Code::ReadOnly);
        }
        if self.must_not_expunge(mailbox, Some(here.view)) {
            return Outcome::no("another session has the mailbox open").code(Code::InUse);
        }
        let only = uids.map(|set| set.resolve(numbering.last_uid().0));
        let gone: Vec<Uid> = mailbox
            .list()
            .deleted()
            .map(|message| message.uid)
            .filter(|uid| only.as_ref().is_none_or(|only| only.contains(uid.0)))
            .collect();
        self.remove(here.mailbox, gone, Some(here.view));
        Outcome::ok(if uids.is_some() {
            "UID EXPUNGE completed"
        } else {
            "EXPUNGE completed"
        })
    }

    /// Removes messages from a mailbox for good. Sessions that are now further behind than the limit allows lose it; not `mine`, which is
    /// told at once.
    pub(super) fn remove(&mut self, mailbox: MailboxId, uids: Vec<Uid>, mine: Option<ViewId>) {
        let Some(modseq) = self
            .account
            .mailbox_by_id(mailbox)
            .map(|mailbox| mailbox.highest_modseq().next())
        else {
            return;
        };
        if uids.is_empty() {
            return;
        }
        let keeps_content = self.practice.ghosts_keep_content();
        self.account.commit(Change::Expunged {
            mailbox,
            modseq,
            uids,
            keeps_content,
        });
        self.evict_the_slow(mailbox, mine);
    }

    /// Takes the mailbox from the sessions that are furthest behind, until what is owed is within the limit.
    fn evict_the_slow(&mut self, mailbox: MailboxId, mine: Option<ViewId>) {
        let limit = usize::try_from(self.account.limits().ghosts).unwrap_or(usize::MAX);
        loop {
            let Some(found) = self
                .account
                .mailbox_by_id(mailbox)
                .filter(|found| found.ghosts().len() > limit)
            else {
                return;
            };
            let others = || found.views().iter().filter(|view| Some(view.id) != mine);
            let Some(furthest) = others().map(|view| view.expunged_to).min() else {
                return;
            };
            let slow: Vec<ViewId> = others()
                .filter(|view| view.expunged_to == furthest)
                .map(|view| view.id)
                .collect();
            for view in slow {
                let reason = Eviction::TooSlow;
                self.account.commit(Change::Evicted {
                    mailbox,
                    view,
                    reason,
                });
            }
        }
    }
}
