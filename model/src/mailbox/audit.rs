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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        batch::References,
        change::Change,
        flags::Keyword,
        message::InternalDate,
        name::MailboxName,
        number::{ContentId, MailboxId, ModSeq, UidValidity, ViewId},
    };
    use alloc::vec;

    /// Messages 1 and 2 are there, 3 and 4 are ghosts to the second of two views; a keyword; a claim of each view.
    fn mailbox() -> Mailbox {
        let id = MailboxId(1);
        let mut mailbox = Mailbox::new(id, MailboxName::inbox(), UidValidity(1));
        let view = |view, expunged_to| View {
            id: ViewId(view),
            exists_to: Uid(4),
            expunged_to: ModSeq(expunged_to),
            flags_to: ModSeq(4),
            keywords_to: 1,
            read_only: false,
        };
        let message = |uid: u32| Message {
            uid: Uid(uid),
            size: 1,
            modseq: ModSeq(u64::from(uid)),
            flags: Flags::keyword(0),
            date: InternalDate::default(),
            content: ContentId(u64::from(uid)),
        };
        let expunged = |modseq, uid| Change::Expunged {
            mailbox: id,
            modseq: ModSeq(modseq),
            uids: vec![Uid(uid)],
            keeps_content: true,
        };
        let claimed = |view, to| Change::Claimed {
            mailbox: id,
            view: ViewId(view),
            to: Uid(to),
        };
        for change in [
            Change::KeywordAdded {
                mailbox: id,
                keyword: Keyword("known".into()),
            },
            Change::Added {
                mailbox: id,
                messages: (1..=4).map(message).collect(),
            },
            Change::Opened {
                mailbox: id,
                view: view(1, 4),
            },
            Change::Opened {
                mailbox: id,
                view: view(2, 4),
            },
            claimed(1, 2),
            claimed(2, 4),
            expunged(5, 4),
            expunged(6, 3),
            Change::Told {
                mailbox: id,
                view: view(1, 6),
            },
        ] {
            mailbox.apply(&change, &mut References::default());
        }
        mailbox
    }

    /// What is broken, and how.
    struct Way(Invariant, fn(&mut Mailbox));

    #[test]
    fn whatever_breaks_an_invariant_of_a_mailbox_is_seen() {
        let ways: [Way; 23] = [
            Way(Invariant::UidNextAbove, |it| it.uid_next = Uid(4)),
            Way(Invariant::UidNextAbove, |it| it.uid_next = Uid(2)),
            Way(Invariant::ModSeqsBounded, |it| {
                it.highest_modseq = ModSeq(1)
            }),
            Way(Invariant::ModSeqsBounded, |it| {
                it.highest_modseq = ModSeq(3)
            }),
            Way(Invariant::ModSeqsBounded, |it| it.flags_changed = ModSeq(7)),
            Way(Invariant::ModSeqsBounded, |it| {
                it.ghosts[1].expunged = ModSeq(7);
                it.ghosts[1].owed = 2;
            }),
            Way(Invariant::KeywordsKnown, |it| {
                it.keywords = Keywords::default()
            }),
            Way(Invariant::KeywordsKnown, |it| {
                it.ghosts[1].message.flags = Flags::keyword(1);
            }),
            Way(Invariant::GhostsOrdered, |it| it.ghosts.reverse()),
            Way(Invariant::GhostsGone, |it| {
                it.ghosts[1].message.uid = Uid(4)
            }),
            Way(Invariant::GhostsGone, |it| {
                it.ghosts[1].message.uid = Uid(1)
            }),
            Way(Invariant::GhostsOwed, |it| it.ghosts[1].owed = 2),
            Way(Invariant::GhostsOwed, |it| {
                it.views.clear();
                it.ghosts.iter_mut().for_each(|ghost| ghost.owed = 0);
            }),
            Way(Invariant::ViewsOrdered, |it| it.views[1].id = ViewId(1)),
            Way(Invariant::CursorsBounded, |it| {
                it.views[0].exists_to = Uid(5)
            }),
            Way(Invariant::CursorsBounded, |it| {
                it.views[0].expunged_to = ModSeq(7);
            }),
            Way(Invariant::CursorsBounded, |it| {
                it.views[0].flags_to = ModSeq(7)
            }),
            Way(Invariant::CursorsBounded, |it| it.views[0].keywords_to = 2),
            Way(Invariant::ClaimsApart, |it| it.claims[1].from = Uid(2)),
            Way(Invariant::ClaimsApart, |it| it.claims[1].from = Uid(5)),
            Way(Invariant::ClaimsApart, |it| it.claimed_to = Uid(3)),
            Way(Invariant::ClaimsApart, |it| it.claims[0].view = ViewId(3)),
            Way(Invariant::SummariesAgree, |it| it.messages.shift()),
        ];
        assert_eq!(mailbox().audit(), Ok(()));
        for (at, Way(invariant, spoil)) in ways.into_iter().enumerate() {
            let mut mailbox = mailbox();
            spoil(&mut mailbox);
            assert_eq!(mailbox.audit(), Err(invariant), "way {at}");
        }
    }

    #[test]
    fn what_is_as_great_as_it_may_be_breaks_nothing() {
        let mut mailbox = mailbox();
        mailbox.flags_changed = mailbox.highest_modseq;
        mailbox.views[0].flags_to = mailbox.highest_modseq;
        mailbox.ghosts[0].expunged = ModSeq(6);
        assert_eq!(mailbox.audit(), Ok(()));
        assert_eq!(mailbox.audit_numberings(), Ok(()));
    }

    #[test]
    fn a_numbering_that_goes_by_a_list_in_disorder_is_seen() {
        let ways: [fn(&mut MessageList); 2] = [MessageList::shift, MessageList::reverse];
        for way in ways {
            let mut mailbox = mailbox();
            way(&mut mailbox.messages);
            assert_eq!(mailbox.audit_numberings(), Err(Invariant::NumberingAgrees));
        }
    }
}
