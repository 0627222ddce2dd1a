//! APPEND. RFC 3501 section 6.3.11, RFC 4315 section 3.
//!
//! Touches the destination's messages and keywords.

use super::{Outcome, Turn};
use crate::{
    change::Change,
    fault::Fault,
    flags::{FlagNames, Flags},
    mailbox::Mailbox,
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, MailboxId, Uid},
    response::Code,
};
use alloc::vec;

/// A message that APPEND brings.
pub(super) struct New {
    pub(super) date: InternalDate,
    pub(super) content: ContentId,
    pub(super) size: u32,
}

impl Turn<'_> {
    pub(super) fn append(&mut self, name: &MailboxName, flags: &FlagNames, new: New) -> Outcome {
        let id = match self.destination(name) {
            Ok(id) => id,
            Err(outcome) => return outcome,
        };
        if !self.has_room(id, 1) {
            return Outcome::no("the mailbox has no UID left").code(Code::Limit);
        }
        if !self.may_keep(1) {
            return Outcome::no("the account has as many messages as it may have")
                .code(Code::OverQuota);
        }
        let Some(flags) = self.learn(id, flags) else {
            return Outcome::no("the mailbox has no room for another keyword").code(Code::Limit);
        };
        let Some(mailbox) = self.account.mailbox_by_id(id) else {
            return Outcome::no("no such mailbox").code(Code::NonExistent);
        };
        let uid = self.next_uid(mailbox);
        let message = Message {
            uid,
            size: new.size,
            modseq: mailbox.highest_modseq().next(),
            flags,
            date: new.date,
            content: new.content,
        };
        let told = if self.practice.has(Fault::AppendUidOfLast) {
            Uid(uid.0.saturating_sub(1))
        } else {
            uid
        };
        let code = Code::AppendUid(mailbox.uid_validity(), told);
        if !self.practice.has(Fault::AppendLost) {
            self.account.commit(Change::Added {
                mailbox: id,
                messages: vec![message],
            });
        }
        Outcome::ok("APPEND completed").code(code)
    }

    /// UIDNEXT.
    fn next_uid(&self, mailbox: &Mailbox) -> Uid {
        if self.practice.has(Fault::UidReused) {
            return mailbox
                .list()
                .last()
                .map_or(Uid(1), |message| message.uid.next());
        }
        mailbox.uid_next()
    }

    /// Whether a mailbox can give out this many more UIDs.
    pub(super) fn has_room(&self, id: MailboxId, count: usize) -> bool {
        let next = self
            .account
            .mailbox_by_id(id)
            .map_or(u32::MAX, |mailbox| mailbox.uid_next().0);
        u32::try_from(count).is_ok_and(|count| next.checked_add(count).is_some())
    }

    /// Whether the account may have this many messages more (RFC 5530 section 3, OVERQUOTA). Those of mailboxes that were deleted and are still open count as well.
    pub(super) fn may_keep(&self, count: usize) -> bool {
        let kept = self.account.mailboxes().iter();
        let kept: u64 = kept.map(|mailbox| u64::from(mailbox.list().len())).sum();
        u64::try_from(count).is_ok_and(|count| {
            kept.saturating_add(count) <= u64::from(self.account.limits().messages)
        })
    }

    /// The flags that these names stand for in a mailbox, which learns the keywords that it does not know; `None`, and nothing learnt, if it
    /// has no room for them.
    pub(super) fn learn(&mut self, id: MailboxId, names: &FlagNames) -> Option<Flags> {
        let mut keywords = self.account.mailbox_by_id(id)?.keywords().clone();
        let known = keywords.list().len();
        let mut flags = names.system;
        for keyword in &names.keywords {
            keywords.add(keyword.clone());
            flags = flags.with(Flags::keyword(keywords.index(keyword)?));
        }
        for keyword in keywords.list().iter().skip(known) {
            self.account.commit(Change::KeywordAdded {
                mailbox: id,
                keyword: keyword.clone(),
            });
        }
        Some(flags)
    }
}
