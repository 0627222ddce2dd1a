//! One user's mailboxes, and their names.
//!
//! Touches mailboxes. RFC 3501 sections 5.1 and 6.3, RFC 2180 section 3. A shared mailbox belongs to an account of its own.
//!
//! Theory of operation. Everything that changes an account is a [`Change`], and [`Account::apply`] is the only function
//! that changes one; it decides nothing. A command of a session computes changes and commits each: applied at once, and kept for
//! [`Account::drain`], from which the server feeds its journal. So folding the changes of a journal through `apply` rebuilds the
//! account, and not by a second piece of code.
//!
//! A name leads to a mailbox or, \Noselect, to none. A mailbox that is deleted while sessions have it open loses its name
//! and stays: the name is then in `ghosted` until the last of them leaves (RFC 2180 section 3.2). A name that RENAME left behind is in
//! `renamed` until it is taken again or its mailbox goes (RFC 2180 section 3.4).

use crate::{
    batch::Batch,
    change::{Change, Eviction},
    command::Moment,
    mailbox::Mailbox,
    name::MailboxName,
    number::{MailboxId, Position, UidValidity, ViewId},
};
use alloc::{sync::Arc, vec::Vec};

mod audit;

/// The limits of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How many messages one step of FETCH, STORE or SEARCH looks at. Default 1,024.
    pub page: u32,
    /// How many expunged messages a mailbox keeps for sessions that have not been told; a session that is behind more than that gets BYE. Default 100,000.
    pub ghosts: u32,
    /// How many names of mailboxes, and how many subscriptions. Default 10,000.
    pub mailboxes: u32,
    /// How many messages all mailboxes have together; APPEND and COPY beyond that are OVERQUOTA. Default 10,000,000.
    pub messages: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page: 1024,
            ghosts: 100_000,
            mailboxes: 10_000,
            messages: 10_000_000,
        }
    }
}

/// One user's mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    limits: Limits,
    /// Sorted by name; no mailbox: \Noselect.
    names: Vec<(MailboxName, Option<MailboxId>)>,
    /// Sorted by id. Shared with copies of the account, which the checker makes by the million; of the server's there is one.
    mailboxes: Vec<Arc<Mailbox>>,
    /// The last name of each mailbox that was deleted and is still open.
    ghosted: Vec<(MailboxName, MailboxId)>,
    /// Sorted by name: names that RENAME left behind, with the mailbox that had them.
    renamed: Vec<(MailboxName, MailboxId)>,
    /// Sorted.
    subscribed: Vec<MailboxName>,
    /// Sessions that are owed a BYE.
    evicted: Vec<(ViewId, Eviction)>,
    next_mailbox: MailboxId,
    next_view: ViewId,
    last_uid_validity: UidValidity,
    position: Position,
    batch: Batch,
}

impl Account {
    /// An account with an empty INBOX, of UIDVALIDITY 1.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let moment = Moment {
            uid_validity: UidValidity(1),
            ..Moment::default()
        };
        let mut account = Self::founded(limits, moment);
        account.resume_at(Position(0));
        account
    }

    /// An account with an empty INBOX, of a UIDVALIDITY that no INBOX of this user had before; its first change is to be drained.
    #[must_use]
    pub fn founded(limits: Limits, moment: Moment) -> Self {
        let mut account = Self::blank(limits);
        account.commit(Change::Created {
            name: MailboxName::inbox(),
            mailbox: MailboxId(1),
            uid_validity: moment.uid_validity,
        });
        account
    }

    /// Nothing at all, not even INBOX: what a snapshot is applied to, and then the batches of the journal after it ([`Account::replay`]).
    #[must_use]
    pub fn blank(limits: Limits) -> Self {
        Self {
            limits,
            names: Vec::new(),
            mailboxes: Vec::new(),
            ghosted: Vec::new(),
            renamed: Vec::new(),
            subscribed: Vec::new(),
            evicted: Vec::new(),
            next_mailbox: MailboxId(1),
            next_view: ViewId(1),
            last_uid_validity: UidValidity(0),
            position: Position(0),
            batch: Batch::default(),
        }
    }

    /// Where the snapshot that was applied has left the journal.
    pub fn resume_at(&mut self, position: Position) {
        self.batch = Batch::default();
        self.position = position;
    }

    /// The changes that make a blank account what would be left of this one if all sessions ended. Applied, they make an account that
    /// is equal to one to which the whole journal was applied.
    pub fn snapshot(&self) -> impl Iterator<Item = Change> + '_ {
        let named = self.mailboxes.iter();
        let named =
            named.filter(|mailbox| self.place_of(mailbox.name()) == Some(Some(mailbox.id())));
        let mailboxes = named.flat_map(|mailbox| mailbox.snapshot());
        let placed = self.names.iter().filter(|(_, mailbox)| mailbox.is_none());
        let placed = placed.map(|(name, _)| Change::Placed { name: name.clone() });
        let subscribed = self.subscribed.iter().cloned();
        let subscribed = subscribed.map(|name| Change::Subscribed { name });
        let remembered = self.renamed.iter().cloned();
        let remembered = remembered.map(|(name, mailbox)| Change::Remembered { name, mailbox });
        let numbered = Change::Numbered {
            next_mailbox: self.next_mailbox,
            last_uid_validity: self.last_uid_validity,
        };
        mailboxes
            .chain(placed)
            .chain(subscribed)
            .chain(remembered)
            .chain(core::iter::once(numbered))
    }

    /// Applies one batch of a journal, as [`Account::drain`] gave it: all of its changes, or its durable ones.
    pub fn replay(&mut self, changes: &[Change]) -> Batch {
        changes.iter().for_each(|change| self.apply(change));
        if changes.iter().any(Change::is_durable) {
            self.position = self.position.next();
        }
        Batch {
            position: self.position,
            ..core::mem::take(&mut self.batch)
        }
    }

    /// Applies one change: the only way in which an account changes. A change that names what is not there does nothing.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Created {
                name,
                mailbox,
                uid_validity,
            } => {
                self.next_mailbox = self.next_mailbox.max(mailbox.next());
                self.last_uid_validity = self.last_uid_validity.max(*uid_validity);
                let new = Mailbox::new(*mailbox, name.clone(), *uid_validity);
                self.mailboxes.push(Arc::new(new));
                self.place(name, Some(*mailbox));
            }
            Change::Placed { name } => self.place(name, None),
            Change::Deleted { name, keeps_name } => self.delete(name, *keeps_name),
            Change::Renamed { names, remembered } => self.rename(names, *remembered),
            Change::Subscribed { name } => {
                if let Err(at) = self.subscribed.binary_search(name) {
                    self.subscribed.insert(at, name.clone());
                }
            }
            Change::Unsubscribed { name } => {
                if let Ok(at) = self.subscribed.binary_search(name) {
                    self.subscribed.remove(at);
                }
            }
            Change::Opened { mailbox, view } => {
                self.next_view = self.next_view.max(view.id.next());
                self.apply_to(*mailbox, change);
            }
            Change::Left { mailbox, .. } => {
                self.apply_to(*mailbox, change);
                self.bury(*mailbox);
            }
            Change::Evicted {
                mailbox,
                view,
                reason,
            } => {
                self.evicted.push((*view, *reason));
                self.apply_to(*mailbox, change);
                self.bury(*mailbox);
            }
            Change::Dismissed { view } => self.evicted.retain(|(evicted, _)| evicted != view),
            Change::Numbered {
                next_mailbox,
                last_uid_validity,
            } => {
                self.next_mailbox = self.next_mailbox.max(*next_mailbox);
                self.last_uid_validity = self.last_uid_validity.max(*last_uid_validity);
            }
            Change::Remembered { name, mailbox } => self.remember(name, *mailbox),
            Change::Added { mailbox, .. }
            | Change::Flagged { mailbox, .. }
            | Change::KeywordAdded { mailbox, .. }
            | Change::Expunged { mailbox, .. }
            | Change::Claimed { mailbox, .. }
            | Change::Counted { mailbox, .. }
            | Change::Told { mailbox, .. } => self.apply_to(*mailbox, change),
        }
    }

    /// Applies a change and keeps it for [`Account::drain`].
    pub(crate) fn commit(&mut self, change: Change) {
        self.apply(&change);
        self.batch.changes.push(change);
    }

    /// Takes what was done since the last time: one batch of the journal, if anything of it is durable.
    pub fn drain(&mut self) -> Batch {
        if self.batch.is_durable() {
            self.position = self.position.next();
        }
        Batch {
            position: self.position,
            ..core::mem::take(&mut self.batch)
        }
    }

    /// Where the journal is, with all that was drained.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The limits that it was made with.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Every name, sorted, with its mailbox; none: \Noselect.
    #[must_use]
    pub fn names(&self) -> &[(MailboxName, Option<MailboxId>)] {
        &self.names
    }

    /// Every name subscribed to, sorted.
    #[must_use]
    pub fn subscribed(&self) -> &[MailboxName] {
        &self.subscribed
    }

    /// Every mailbox, named or still open, by id.
    #[must_use]
    pub fn mailboxes(&self) -> &[Arc<Mailbox>] {
        &self.mailboxes
    }

    /// The mailbox of this name.
    #[must_use]
    pub fn mailbox(&self, name: &MailboxName) -> Option<&Mailbox> {
        self.place_of(name)
            .flatten()
            .and_then(|id| self.mailbox_by_id(id))
    }

    /// The mailbox of this id, named or still open.
    #[must_use]
    pub fn mailbox_by_id(&self, id: MailboxId) -> Option<&Mailbox> {
        let at = self.place_of_id(id).ok()?;
        self.mailboxes.get(at).map(|mailbox| &**mailbox)
    }

    /// What a name leads to: nothing, no mailbox (\Noselect), or a mailbox.
    #[must_use]
    pub fn place_of(&self, name: &MailboxName) -> Option<Option<MailboxId>> {
        let at = self
            .names
            .binary_search_by_key(&name, |(name, _)| name)
            .ok()?;
        self.names.get(at).map(|&(_, mailbox)| mailbox)
    }

    /// The names below this one, sorted.
    #[must_use]
    pub fn inferiors(&self, name: &MailboxName) -> &[(MailboxName, Option<MailboxId>)] {
        let below = name.with_separator();
        let from = self
            .names
            .partition_point(|(other, _)| other.as_str() < below.as_str());
        let rest = self.names.get(from..).unwrap_or_default();
        let end = rest.partition_point(|(other, _)| other.as_str().starts_with(&below));
        rest.get(..end).unwrap_or_default()
    }

    /// Whether this is the name of a mailbox that was deleted and is still open (RFC 2180 section 3.2).
    #[must_use]
    pub fn is_ghosted(&self, name: &MailboxName) -> bool {
        self.ghosted.iter().any(|(ghosted, _)| ghosted == name)
    }

    /// The name that the mailbox once so called has now (RFC 2180 section 3.4).
    #[must_use]
    pub fn new_name(&self, old: &MailboxName) -> Option<&MailboxName> {
        let at = self
            .renamed
            .binary_search_by_key(&old, |(name, _)| name)
            .ok()?;
        self.renamed
            .get(at)
            .and_then(|&(_, id)| self.mailbox_by_id(id))
            .map(Mailbox::name)
    }

    /// Why this view was taken from its session, if it was.
    #[must_use]
    pub fn eviction(&self, view: ViewId) -> Option<Eviction> {
        self.evicted
            .iter()
            .find(|(evicted, _)| *evicted == view)
            .map(|&(_, reason)| reason)
    }

    /// The id of the next mailbox.
    #[must_use]
    pub const fn next_mailbox(&self) -> MailboxId {
        self.next_mailbox
    }

    /// The id of the next view.
    #[must_use]
    pub const fn next_view(&self) -> ViewId {
        self.next_view
    }

    /// The greatest UIDVALIDITY given so far.
    #[must_use]
    pub const fn last_uid_validity(&self) -> UidValidity {
        self.last_uid_validity
    }

    /// Where a mailbox is in the list.
    fn place_of_id(&self, id: MailboxId) -> Result<usize, usize> {
        self.mailboxes
            .binary_search_by_key(&id, |mailbox| mailbox.id())
    }

    fn apply_to(&mut self, mailbox: MailboxId, change: &Change) {
        if let Ok(at) = self.place_of_id(mailbox)
            && let Some(mailbox) = self.mailboxes.get_mut(at)
        {
            Arc::make_mut(mailbox).apply(change, &mut self.batch.references);
        }
    }

    fn place(&mut self, name: &MailboxName, mailbox: Option<MailboxId>) {
        match self.names.binary_search_by_key(&name, |(name, _)| name) {
            Ok(at) => {
                if let Some(place) = self.names.get_mut(at) {
                    place.1 = mailbox;
                }
            }
            Err(at) => self.names.insert(at, (name.clone(), mailbox)),
        }
        self.renamed.retain(|(old, _)| old != name);
    }

    fn delete(&mut self, name: &MailboxName, keeps_name: bool) {
        let Ok(at) = self.names.binary_search_by_key(&name, |(name, _)| name) else {
            return;
        };
        let mailbox = if keeps_name {
            self.names.get_mut(at).and_then(|place| place.1.take())
        } else {
            self.names.remove(at).1
        };
        if let Some(id) = mailbox {
            self.renamed.retain(|&(_, renamed)| renamed != id);
            if let Ok(at) = self.place_of_id(id)
                && let Some(mailbox) = self.mailboxes.get_mut(at)
            {
                Arc::make_mut(mailbox).haunt(&mut self.batch.references);
            }
            self.ghosted.push((name.clone(), id));
            self.bury(id);
        }
    }

    fn rename(&mut self, names: &[(MailboxName, MailboxName)], remembered: bool) {
        for (old, new) in names {
            let Ok(at) = self.names.binary_search_by_key(&old, |(name, _)| name) else {
                continue;
            };
            let (_, mailbox) = self.names.remove(at);
            self.place(new, mailbox);
            let Some(id) = mailbox else { continue };
            if let Ok(at) = self.place_of_id(id)
                && let Some(mailbox) = self.mailboxes.get_mut(at)
            {
                Arc::make_mut(mailbox).rename(new.clone());
            }
            if remembered {
                self.remember(old, id);
            }
        }
    }

    /// Offers NEWNAME for a name from now on; for as many as there may be names, and no more.
    fn remember(&mut self, old: &MailboxName, id: MailboxId) {
        let room =
            u32::try_from(self.renamed.len()).is_ok_and(|count| count < self.limits.mailboxes);
        if room && let Err(at) = self.renamed.binary_search_by_key(&old, |(name, _)| name) {
            self.renamed.insert(at, (old.clone(), id));
        }
    }

    /// Removes a deleted mailbox once nobody has it open.
    fn bury(&mut self, id: MailboxId) {
        let Some(grave) = self.ghosted.iter().position(|&(_, ghosted)| ghosted == id) else {
            return;
        };
        let Ok(at) = self.place_of_id(id) else {
            return;
        };
        if self
            .mailboxes
            .get(at)
            .is_some_and(|mailbox| mailbox.views().is_empty())
        {
            let mailbox = self.mailboxes.remove(at);
            mailbox.bury(&mut self.batch.references);
            self.ghosted.remove(grave);
        }
    }
}
