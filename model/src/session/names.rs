//! CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE. RFC 3501 sections 6.3.3 to 6.3.7, RFC 2180 sections 3.1 to 3.4.
//!
//! Touches the names of an account, and takes mailboxes from sessions where the practice says so.

use super::{Outcome, Selected, Turn};
use crate::{
    change::{Change, Eviction},
    fault::Fault,
    flags::{Flags, Keyword},
    message::Message,
    name::MailboxName,
    number::{MailboxId, Uid, UidValidity, ViewId},
    practice::{Deletion, Fetching, Renaming},
    response::Code,
};
use alloc::vec::Vec;

impl Turn<'_> {
    pub(super) fn create(&mut self, name: &MailboxName) -> Outcome {
        let name = name.without_trailing_separator();
        if let Err(outcome) = self.can_be_taken(&name) {
            return outcome;
        }
        // A name that was \Noselect is there already.
        let new = usize::from(self.account.place_of(&name).is_none());
        if let Err(outcome) = self.has_names_left(&name, new) {
            return outcome;
        }
        self.found(&name);
        Outcome::ok("CREATE completed")
    }

    /// Whether a mailbox may be called this from now on.
    pub(super) fn can_be_taken(&self, name: &MailboxName) -> Result<(), Outcome> {
        if let Some(fault) = name.fault() {
            return Err(Outcome::no(fault).code(Code::Cannot));
        }
        if let Some(Some(_)) = self.account.place_of(name) {
            return Err(Outcome::no("a mailbox of this name exists").code(Code::AlreadyExists));
        }
        self.are_free(core::slice::from_ref(name))
    }

    /// Whether none of these names, nor any superior that would come with it, is still in use by a deleted mailbox.
    fn are_free(&self, names: &[MailboxName]) -> Result<(), Outcome> {
        // The name of a deleted mailbox that has inferiors is still there, as \Noselect, and bears more of them.
        let is_ghosted = |name: &MailboxName| {
            self.account.is_ghosted(name) && !self.practice.has(Fault::GhostNameFree)
        };
        let is_missing = |name: &MailboxName| self.account.place_of(name).is_none();
        if names.iter().any(|name| {
            is_ghosted(name)
                || name
                    .superiors()
                    .any(|above| is_missing(&above) && is_ghosted(&above))
        }) {
            return Err(
                Outcome::no("a deleted mailbox of this name is still in use").code(Code::InUse),
            );
        }
        Ok(())
    }

    /// Whether the account has room for `count` names more, and for the superiors that come with `name`.
    fn has_names_left(&self, name: &MailboxName, count: usize) -> Result<(), Outcome> {
        let more = count + self.missing_superiors(name).len();
        let limit = usize::try_from(self.account.limits().mailboxes).unwrap_or(usize::MAX);
        if self.account.names().len() + more > limit && more > 0 {
            return Err(
                Outcome::no("the account has no room for another mailbox").code(Code::Limit)
            );
        }
        Ok(())
    }

    fn missing_superiors(&self, name: &MailboxName) -> Vec<MailboxName> {
        name.superiors()
            .filter(|above| self.account.place_of(above).is_none())
            .collect()
    }

    fn place_superiors(&mut self, name: &MailboxName) {
        for name in self.missing_superiors(name) {
            self.account.commit(Change::Placed { name });
        }
    }

    /// Creates a mailbox with its superiors; its UIDVALIDITY is above that of any before it.
    fn found(&mut self, name: &MailboxName) -> MailboxId {
        self.place_superiors(name);
        let mailbox = self.account.next_mailbox();
        let least: UidValidity = self.account.last_uid_validity().next();
        let uid_validity = self.moment.uid_validity.max(least);
        self.account.commit(Change::Created {
            name: name.clone(),
            mailbox,
            uid_validity,
        });
        mailbox
    }

    pub(super) fn delete(&mut self, mine: Option<Selected>, name: &MailboxName) -> Outcome {
        if name.is_inbox() {
            return Outcome::no("INBOX cannot be deleted").code(Code::Cannot);
        }
        let keeps_name = !self.account.inferiors(name).is_empty();
        match self.account.place_of(name) {
            Some(None) if keeps_name => {
                return Outcome::no("the name has inferiors").code(Code::Cannot);
            }
            Some(None) => {}
            Some(Some(id)) => {
                if self.is_shared(&[id], mine) {
                    match self.practice.deletion {
                        Deletion::Refuse if self.practice.has(Fault::DeleteWhileShared) => {}
                        Deletion::Refuse => return in_use(),
                        Deletion::Disconnect => self.evict_others(&[id], mine, Eviction::Deleted),
                        Deletion::Ghost => {}
                    }
                }
            }
            None => return self.lookup(name).err().unwrap_or_else(in_use),
        }
        self.account.commit(Change::Deleted {
            name: name.clone(),
            keeps_name,
        });
        if self.practice.has(Fault::DeleteUnsubscribes) {
            self.unsubscribe(name.clone());
        }
        Outcome::ok("DELETE completed")
    }

    pub(super) fn rename(
        &mut self,
        mine: Option<Selected>,
        from: &MailboxName,
        to: &MailboxName,
    ) -> Outcome {
        let to = to.without_trailing_separator();
        let Some(place) = self.account.place_of(from) else {
            return self.lookup(from).err().unwrap_or_else(in_use);
        };
        if self.account.place_of(&to).is_some() {
            return Outcome::no("the new name exists").code(Code::AlreadyExists);
        }
        if let Err(outcome) = self.can_be_taken(&to) {
            return outcome;
        }
        match place {
            Some(inbox) if from.is_inbox() => self.rename_inbox(mine, inbox, &to),
            _ => self.rename_tree(mine, from, &to),
        }
    }

    /// RENAME of any name but INBOX: it and its inferiors.
    fn rename_tree(
        &mut self,
        mine: Option<Selected>,
        from: &MailboxName,
        to: &MailboxName,
    ) -> Outcome {
        if to.is_inferior_of(from) {
            return Outcome::no("a mailbox cannot become its own inferior").code(Code::Cannot);
        }
        let own = self.account.place_of(from).flatten();
        let below = match self.practice.has(Fault::InferiorsStay) {
            true => &[],
            false => self.account.inferiors(from),
        };
        let mailboxes: Vec<MailboxId> = own
            .into_iter()
            .chain(below.iter().filter_map(|&(_, id)| id))
            .collect();
        let names: Vec<(MailboxName, MailboxName)> = core::iter::once((from.clone(), to.clone()))
            .chain(
                below
                    .iter()
                    .map(|(old, _)| (old.clone(), old.moved(from, to))),
            )
            .collect();
        let new: Vec<MailboxName> = names.iter().map(|(_, new)| new.clone()).collect();
        if new.iter().any(|name| name.fault().is_some()) {
            return Outcome::no("the name of an inferior would be too long").code(Code::Cannot);
        }
        // Each name goes for the one that comes.
        if let Err(outcome) = self
            .are_free(&new)
            .and_then(|()| self.has_names_left(to, 0))
        {
            return outcome;
        }
        let shared = self.is_shared(&mailboxes, mine);
        if shared {
            match self.practice.renaming {
                Renaming::Refuse => return in_use(),
                Renaming::Disconnect => self.evict_others(&mailboxes, mine, Eviction::Renamed),
                Renaming::Keep => {}
            }
        }
        self.place_superiors(to);
        let remembered = self.practice.renaming == Renaming::Keep
            && (shared || !self.practice.has(Fault::NewNameIfShared));
        self.account.commit(Change::Renamed { names, remembered });
        Outcome::ok("RENAME completed")
    }

    /// RENAME of INBOX moves its messages to a new mailbox and leaves INBOX, empty; its inferiors stay (RFC 3501 section 6.3.5). Sessions that
    /// have it open see them expunged.
    fn rename_inbox(
        &mut self,
        mine: Option<Selected>,
        inbox: MailboxId,
        to: &MailboxName,
    ) -> Outcome {
        if let Err(outcome) = self.has_names_left(to, 1) {
            return outcome;
        }
        if self.is_shared(&[inbox], mine) {
            match self.practice.renaming {
                Renaming::Refuse => return in_use(),
                Renaming::Disconnect => self.evict_others(&[inbox], mine, Eviction::Renamed),
                Renaming::Keep if self.practice.fetching == Fetching::RefuseExpunge => {
                    return in_use();
                }
                Renaming::Keep => {}
            }
        }
        let destination = self.found(to);
        let Some(found) = self.account.mailbox_by_id(inbox) else {
            return in_use();
        };
        let uids: Vec<Uid> = found.messages().map(|message| message.uid).collect();
        let keywords: Vec<Keyword> = found.keywords().list().to_vec();
        let messages: Vec<Message> = (1..)
            .zip(found.messages())
            .map(|(uid, message)| Message {
                uid: Uid(uid),
                flags: match self.practice.has(Fault::InboxLosesFlags) {
                    true => Flags::NONE,
                    false => message.flags,
                },
                ..*message
            })
            .collect();
        for keyword in keywords {
            self.account.commit(Change::KeywordAdded {
                mailbox: destination,
                keyword,
            });
        }
        if !messages.is_empty() {
            self.account.commit(Change::Added {
                mailbox: destination,
                messages,
            });
        }
        self.remove(inbox, uids, mine.map(|mine| mine.view));
        Outcome::ok("RENAME completed")
    }

    /// Whether a session other than this one has one of these mailboxes open.
    fn is_shared(&self, mailboxes: &[MailboxId], mine: Option<Selected>) -> bool {
        let mine = mine.map(|mine| mine.view);
        mailboxes
            .iter()
            .filter_map(|&id| self.account.mailbox_by_id(id))
            .any(|mailbox| mailbox.is_open_to_others(mine))
    }

    /// Takes mailboxes from every session but this one (RFC 2180 section 3.3).
    fn evict_others(&mut self, mailboxes: &[MailboxId], mine: Option<Selected>, reason: Eviction) {
        let mine = mine.map(|mine| mine.view);
        for &mailbox in mailboxes {
            let others: Vec<ViewId> = self
                .account
                .mailbox_by_id(mailbox)
                .map(|found| found.views().iter().map(|view| view.id).collect())
                .unwrap_or_default();
            for view in others.into_iter().filter(|view| Some(*view) != mine) {
                self.account.commit(Change::Evicted {
                    mailbox,
                    view,
                    reason,
                });
            }
        }
    }

    pub(super) fn subscribe(&mut self, name: MailboxName) -> Outcome {
        if let Some(fault) = name.fault() {
            return Outcome::no(fault).code(Code::Cannot);
        }
        // A name need not exist to be subscribed to, but that of a deleted mailbox still in use, or of a renamed one, is no argument.
        if self.account.is_ghosted(&name) || self.account.new_name(&name).is_some() {
            return self.lookup(&name).err().unwrap_or_else(in_use);
        }
        let limit = usize::try_from(self.account.limits().mailboxes).unwrap_or(usize::MAX);
        if self.account.subscribed().len() >= limit {
            return Outcome::no("the account has no room for another subscription")
                .code(Code::Limit);
        }
        if self.account.subscribed().binary_search(&name).is_err() {
            self.account.commit(Change::Subscribed { name });
        }
        Outcome::ok("SUBSCRIBE completed")
    }

    pub(super) fn unsubscribe(&mut self, name: MailboxName) -> Outcome {
        let ignored = self.practice.has(Fault::UnsubscribeIgnored);
        if !ignored && self.account.subscribed().binary_search(&name).is_ok() {
            self.account.commit(Change::Unsubscribed { name });
        }
        Outcome::ok("UNSUBSCRIBE completed")
    }
}

fn in_use() -> Outcome {
    Outcome::no("another session has the mailbox open").code(Code::InUse)
}
