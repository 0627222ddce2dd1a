//! One mailbox: its messages, its ghosts, its views.
//!
//! Touches only itself; [`crate::Account::apply`] alone calls what changes it. RFC 3501 section 2.3, RFC 2180 section 4.
//!
//! Theory of operation. A *ghost* is a message that was expunged while some session still had a number for it. Each ghost
//! counts the views that are owed it: those that had been told of the message when it went. A view that is told, or leaves, is counted out; at
//! zero the ghost goes, and its content with it. Ghosts stand in the order of their expunges, so those that a view is still owed are a tail of the
//! log. Flag changes need no log: a changed message carries the MODSEQ of the change, and is found by it.
//!
//! \Recent goes to the first session that is told of a message. All messages up to `claimed_to` have been some
//! session's; claims say whose, as ranges of UIDs, for those that are still there.

use crate::{
    batch::References,
    change::Change,
    flags::Keywords,
    message::Message,
    message_list::MessageList,
    name::MailboxName,
    number::{MailboxId, ModSeq, Uid, UidValidity, ViewId},
    view::View,
};
use alloc::vec::Vec;

mod audit;

/// The most \Recent claims that a mailbox remembers; the oldest is forgotten first.
const CLAIMS: usize = 1024;

/// How many messages one change of a snapshot has, at most.
const SNAPSHOT: usize = 1024;

/// A message that was expunged, and that some session still has a number for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ghost {
    /// The message as it was.
    pub message: Message,
    /// The MODSEQ of its expunge.
    pub expunged: ModSeq,
    /// How many views are owed it.
    pub owed: u32,
    /// Its content is kept until it goes.
    pub keeps_content: bool,
}

/// Messages that are \Recent for one view: UIDs from `from` to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Claim {
    view: ViewId,
    from: Uid,
    to: Uid,
}

/// A mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    id: MailboxId,
    name: MailboxName,
    uid_validity: UidValidity,
    uid_next: Uid,
    highest_modseq: ModSeq,
    flags_changed: ModSeq,
    claimed_to: Uid,
    keywords: Keywords,
    messages: MessageList,
    ghosts: Vec<Ghost>,
    views: Vec<View>,
    claims: Vec<Claim>,
    /// Nobody has it by its name any more.
    deleted: bool,
}

impl Mailbox {
    pub(crate) fn new(id: MailboxId, name: MailboxName, uid_validity: UidValidity) -> Self {
        Self {
            id,
            name,
            uid_validity,
            uid_next: Uid(1),
            highest_modseq: ModSeq(1),
            flags_changed: ModSeq(0),
            claimed_to: Uid(0),
            keywords: Keywords::default(),
            messages: MessageList::default(),
            ghosts: Vec::new(),
            views: Vec::new(),
            claims: Vec::new(),
            deleted: false,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> MailboxId {
        self.id
    }

    /// The name that it has, or had last.
    #[must_use]
    pub const fn name(&self) -> &MailboxName {
        &self.name
    }

    /// UIDVALIDITY.
    #[must_use]
    pub const fn uid_validity(&self) -> UidValidity {
        self.uid_validity
    }

    /// UIDNEXT.
    #[must_use]
    pub const fn uid_next(&self) -> Uid {
        self.uid_next
    }

    /// The MODSEQ of the last change.
    #[must_use]
    pub const fn highest_modseq(&self) -> ModSeq {
        self.highest_modseq
    }

    /// The MODSEQ of the last change of flags.
    #[must_use]
    pub const fn flags_changed(&self) -> ModSeq {
        self.flags_changed
    }

    /// The keywords that it knows.
    #[must_use]
    pub const fn keywords(&self) -> &Keywords {
        &self.keywords
    }

    /// Every message, ascending by UID.
    pub fn messages(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.iter()
    }

    /// The messages as a list.
    #[must_use]
    pub const fn list(&self) -> &MessageList {
        &self.messages
    }

    /// Every ghost, in the order of their expunges.
    #[must_use]
    pub fn ghosts(&self) -> &[Ghost] {
        &self.ghosts
    }

    /// The ghosts expunged after `modseq`.
    #[must_use]
    pub fn ghosts_since(&self, modseq: ModSeq) -> &[Ghost] {
        let from = self
            .ghosts
            .partition_point(|ghost| ghost.expunged <= modseq);
        self.ghosts.get(from..).unwrap_or_default()
    }

    /// Every view, in the order in which they were opened.
    #[must_use]
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// One view.
    #[must_use]
    pub fn view(&self, id: ViewId) -> Option<&View> {
        self.views
            .binary_search_by_key(&id, |view| view.id)
            .ok()
            .and_then(|at| self.views.get(at))
    }

    /// Whether a view other than this one is open.
    #[must_use]
    pub fn is_open_to_others(&self, mine: Option<ViewId>) -> bool {
        self.views.iter().take(2).any(|view| Some(view.id) != mine)
    }

    /// Whether nothing has happened that this view has not been told. Constant time.
    #[must_use]
    pub fn owes_nothing(&self, view: &View) -> bool {
        view.exists_to.next() == self.uid_next
            && self.flags_changed <= view.flags_to
            && self
                .ghosts
                .last()
                .is_none_or(|ghost| ghost.expunged <= view.expunged_to)
            && usize::from(view.keywords_to) == self.keywords.list().len()
    }

    /// The last message that has been \Recent to some session.
    #[must_use]
    pub const fn claimed_to(&self) -> Uid {
        self.claimed_to
    }

    /// Whether a message is \Recent for a view. EXAMINE sees what nobody has claimed, and claims nothing.
    #[must_use]
    pub fn is_recent(&self, uid: Uid, view: &View) -> bool {
        if view.read_only {
            return uid > self.claimed_to;
        }
        let at = self.claims.partition_point(|claim| claim.to < uid);
        self.claims
            .get(at)
            .is_some_and(|claim| claim.from <= uid && claim.view == view.id)
    }

    /// How many live messages are \Recent for a view.
    #[must_use]
    pub fn recent_count(&self, view: &View) -> u32 {
        if view.read_only {
            let told = self.messages.rank(view.exists_to.next());
            return told.saturating_sub(self.messages.rank(self.claimed_to.next()));
        }
        self.claims
            .iter()
            .filter(|claim| claim.view == view.id)
            .map(|claim| self.messages.rank(claim.to.next()) - self.messages.rank(claim.from))
            .sum()
    }

    /// Applies what concerns this mailbox alone; what becomes of references to content is added to `references`.
    pub(crate) fn apply(&mut self, change: &Change, references: &mut References) {
        match change {
            Change::Added { messages, .. } => {
                for &message in messages {
                    self.uid_next = self.uid_next.max(message.uid.next());
                    self.highest_modseq = self.highest_modseq.max(message.modseq);
                    self.messages.push(message);
                }
            }
            Change::Flagged { modseq, flags, .. } => {
                self.highest_modseq = self.highest_modseq.max(*modseq);
                self.flags_changed = self.flags_changed.max(*modseq);
                self.messages.set_flags(*modseq, flags);
            }
            Change::KeywordAdded { keyword, .. } => self.keywords.add(keyword.clone()),
            Change::Expunged {
                modseq,
                uids,
                keeps_content,
                ..
            } => {
                self.highest_modseq = self.highest_modseq.max(*modseq);
                self.expunge(*modseq, uids, *keeps_content, references);
            }
            Change::Claimed { view, to, .. } => self.claim(*view, *to),
            Change::Opened { view, .. } => self.views.push(*view),
            Change::Told { view, .. } => self.tell(*view, references),
            Change::Left { view, .. } | Change::Evicted { view, .. } => {
                self.leave(*view, references)
            }
            Change::Counted {
                uid_next,
                highest_modseq,
                flags_changed,
                claimed_to,
                ..
            } => {
                self.uid_next = self.uid_next.max(*uid_next);
                self.highest_modseq = self.highest_modseq.max(*highest_modseq);
                self.flags_changed = self.flags_changed.max(*flags_changed);
                self.claimed_to = self.claimed_to.max(*claimed_to);
            }
            Change::Numbered { .. }
            | Change::Remembered { .. }
            | Change::Renamed { .. }
            | Change::Created { .. }
            | Change::Placed { .. }
            | Change::Deleted { .. }
            | Change::Subscribed { .. }
            | Change::Unsubscribed { .. }
            | Change::Dismissed { .. } => {}
        }
    }

    pub(crate) fn rename(&mut self, name: MailboxName) {
        self.name = name;
    }

    fn expunge(
        &mut self,
        modseq: ModSeq,
        uids: &[Uid],
        keeps_content: bool,
        references: &mut References,
    ) {
        let mut told: Vec<Uid> = self.views.iter().map(|view| view.exists_to).collect();
        told.sort_unstable();
        for message in self.messages.remove(uids) {
            let unaware = told.partition_point(|&exists_to| exists_to < message.uid);
            let owed = u32::try_from(told.len() - unaware).unwrap_or(u32::MAX);
            match (self.deleted, owed > 0 && keeps_content) {
                (false, haunts) => {
                    references.dropped.push(message.content);
                    references.haunted.extend(haunts.then_some(message.content));
                }
                // It has been dropped with its mailbox, and haunts since then.
                (true, true) => {}
                (true, false) => references.released.push(message.content),
            }
            if owed > 0 {
                self.ghosts.push(Ghost {
                    message,
                    expunged: modseq,
                    owed,
                    keeps_content,
                });
            }
        }
    }

    fn tell(&mut self, now: View, references: &mut References) {
        let Ok(at) = self.views.binary_search_by_key(&now.id, |view| view.id) else {
            return;
        };
        if let Some(view) = self.views.get_mut(at) {
            let before = core::mem::replace(view, now);
            if before.expunged_to < now.expunged_to {
                self.count_out(&before, references);
            }
        }
    }

    fn leave(&mut self, id: ViewId, references: &mut References) {
        if let Ok(at) = self.views.binary_search_by_key(&id, |view| view.id) {
            let view = self.views.remove(at);
            self.claims.retain(|claim| claim.view != id);
            self.count_out(&view, references);
        }
    }

    /// Nothing expunged so far is owed to this view any more. Linear in what it was owed.
    fn count_out(&mut self, view: &View, references: &mut References) {
        let from = self
            .ghosts
            .partition_point(|ghost| ghost.expunged <= view.expunged_to);
        let mut kept = from;
        for at in from..self.ghosts.len() {
            let Some(mut ghost) = self.ghosts.get(at).copied() else {
                break;
            };
            if view.is_owed(&ghost) {
                ghost.owed = ghost.owed.saturating_sub(1);
            }
            if ghost.owed == 0 {
                if ghost.keeps_content {
                    references.released.push(ghost.message.content);
                }
            } else if let Some(slot) = self.ghosts.get_mut(kept) {
                *slot = ghost;
                kept += 1;
            }
        }
        self.ghosts.truncate(kept);
    }

    fn claim(&mut self, view: ViewId, to: Uid) {
        if to <= self.claimed_to {
            return;
        }
        let from = self.claimed_to.next();
        self.claimed_to = to;
        // In a journal that is replayed nobody is left for whom they are.
        if self.view(view).is_none() {
            return;
        }
        if let Some(last) = self
            .claims
            .last_mut()
            .filter(|claim| claim.view == view && claim.to.next() == from)
        {
            last.to = to;
            return;
        }
        if self.claims.len() == CLAIMS {
            self.claims.remove(0);
        }
        self.claims.push(Claim { view, from, to });
    }

    /// Nobody has this mailbox by its name any more: it is as a ghost from now on.
    pub(crate) fn haunt(&mut self, references: &mut References) {
        self.deleted = true;
        let contents = || self.messages.iter().map(|message| message.content);
        references.dropped.extend(contents());
        references.haunted.extend(contents());
    }

    /// Nobody has it open any more, either.
    pub(crate) fn bury(&self, references: &mut References) {
        let ghosts = self.ghosts.iter().filter(|ghost| ghost.keeps_content);
        let all = self
            .messages
            .iter()
            .chain(ghosts.map(|ghost| &ghost.message));
        references
            .released
            .extend(all.map(|message| message.content));
    }

    /// The changes that make an empty mailbox of this name what would be left of this one if all sessions ended: no more than
    /// [`SNAPSHOT`] messages in one.
    pub(crate) fn snapshot(&self) -> impl Iterator<Item = Change> + '_ {
        let mailbox = self.id;
        let created = Change::Created {
            name: self.name.clone(),
            mailbox,
            uid_validity: self.uid_validity,
        };
        let keywords = self.keywords.list().iter().cloned();
        let keywords = keywords.map(move |keyword| Change::KeywordAdded { mailbox, keyword });
        let mut messages = self.messages.iter().copied();
        let added = core::iter::from_fn(move || {
            let messages: Vec<Message> = messages.by_ref().take(SNAPSHOT).collect();
            (!messages.is_empty()).then_some(Change::Added { mailbox, messages })
        });
        let counted = Change::Counted {
            mailbox,
            uid_next: self.uid_next,
            highest_modseq: self.highest_modseq,
            flags_changed: self.flags_changed,
            claimed_to: self.claimed_to,
        };
        core::iter::once(created)
            .chain(keywords)
            .chain(added)
            .chain(core::iter::once(counted))
    }
}
