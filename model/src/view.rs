//! One session's view of one mailbox, and the numbers that messages have in it.
//!
//! Touches a mailbox's messages and ghosts, to read them. RFC 3501 sections 2.3.1.2 and 7.4.1.
//!
//! Theory of operation. A view is a few cursors: up to which UID the session has been told EXISTS, up to which MODSEQ it has been told of
//! expunges, up to which of flags, how many keywords it knows. What it holds behind its numbers follows from them: the live messages up to
//! `exists_to`, and the ghosts among these that were expunged after `expunged_to`. A [`Numbering`] is that list, computed, never stored.
//!
//! One rule keeps three cursors enough. A message that came and went between two polls must never be announced. Once `exists_to` moves past
//! such a ghost while `expunged_to` stays (EXPUNGE was not permitted), the cursors could not tell it from one that
//! the session knows. So, where EXPUNGE is not permitted, `exists_to` stops short of it: see [`View::announceable`].

use crate::{
    command::Form,
    mailbox::{Ghost, Mailbox},
    message::Message,
    message_list::MessageList,
    number::{ModSeq, SeqNum, Uid, ViewId},
    sequence_set::NumberSet,
};
use alloc::vec::Vec;

/// One session's cursors in one mailbox: 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct View {
    /// Which view.
    pub id: ViewId,
    /// The last UID of which it has been told EXISTS.
    pub exists_to: Uid,
    /// Up to which MODSEQ it has been told of expunges.
    pub expunged_to: ModSeq,
    /// Up to which MODSEQ it has been told of flags.
    pub flags_to: ModSeq,
    /// How many of the mailbox's keywords it has been told.
    pub keywords_to: u8,
    /// EXAMINE: nothing can be changed through it.
    pub read_only: bool,
}

impl View {
    /// Whether this ghost still has a number in the view.
    #[must_use]
    pub fn is_owed(&self, ghost: &Ghost) -> bool {
        ghost.message.uid <= self.exists_to && ghost.expunged > self.expunged_to
    }

    /// Up to which UID the session may be told EXISTS while EXPUNGE is not permitted: short of any message that it was
    /// never told and that is gone already.
    #[must_use]
    pub fn announceable(&self, mailbox: &Mailbox) -> Uid {
        let last = Uid(mailbox.uid_next().0.saturating_sub(1));
        mailbox
            .ghosts_since(self.expunged_to)
            .iter()
            .map(|ghost| ghost.message.uid)
            .filter(|&uid| uid > self.exists_to)
            .min()
            .map_or(last, |uid| Uid(uid.0 - 1))
    }
}

/// What has a number in a view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A message of the mailbox.
    Live(&'a Message),
    /// A message that was expunged, which the session has not been told.
    Ghost(&'a Ghost),
}

impl<'a> Entry<'a> {
    /// The message, live or not.
    #[must_use]
    pub const fn message(self) -> &'a Message {
        match self {
            Self::Live(message) => message,
            Self::Ghost(ghost) => &ghost.message,
        }
    }
}

/// Message sequence numbers of one view: made for one step, from the mailbox and the cursors.
#[derive(Clone, Debug)]
pub struct Numbering<'a> {
    messages: &'a MessageList,
    /// Those of the mailbox that have a number here, by UID.
    ghosts: Vec<&'a Ghost>,
    /// How many of the live messages are told.
    live: u32,
}

impl<'a> Numbering<'a> {
    /// The numbering of `view`. Logarithmic without ghosts; linear in the ghosts of the mailbox since the session was last told.
    #[must_use]
    pub fn new(mailbox: &'a Mailbox, view: &View) -> Self {
        let mut ghosts: Vec<&Ghost> = mailbox
            .ghosts_since(view.expunged_to)
            .iter()
            .filter(|ghost| view.is_owed(ghost))
            .collect();
        ghosts.sort_by_key(|ghost| ghost.message.uid);
        let messages = mailbox.list();
        Self {
            messages,
            ghosts,
            live: messages.rank(view.exists_to.next()),
        }
    }

    /// The same without its ghosts: what a newer view would be. Only a planted fault wants it.
    pub(crate) fn without_ghosts(mut self) -> Self {
        self.ghosts.clear();
        self
    }

    /// How many messages the view holds: what the client was told by EXISTS, less EXPUNGEs.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.live + self.ghost_count()
    }

    /// How many of them are ghosts.
    #[must_use]
    pub fn ghost_count(&self) -> u32 {
        u32::try_from(self.ghosts.len()).unwrap_or(u32::MAX)
    }

    /// The ghosts, ascending by UID.
    #[must_use]
    pub fn ghosts(&self) -> &[&'a Ghost] {
        &self.ghosts
    }

    /// The last UID in the view, which `*` stands for in a set of UIDs; 0 if it is empty.
    #[must_use]
    pub fn last_uid(&self) -> Uid {
        let live = self
            .live
            .checked_sub(1)
            .and_then(|position| self.messages.at(position));
        let ghost = self.ghosts.last().map(|ghost| ghost.message.uid);
        live.map(|message| message.uid)
            .max(ghost)
            .unwrap_or_default()
    }

    /// What has this number.
    #[must_use]
    pub fn at(&self, seq: SeqNum) -> Option<Entry<'a>> {
        let position = seq.0.checked_sub(1)?;
        let before = self.ghosts_before(position);
        if let Some(ghost) = self.ghosts.get(before)
            && self.ghost_position(before) == Some(position)
        {
            return Some(Entry::Ghost(ghost));
        }
        let live = position - u32::try_from(before).ok()?;
        (live < self.live).then(|| self.messages.at(live).map(Entry::Live))?
    }

    /// The number of the first message whose UID is at least this; one past the last if there is none.
    #[must_use]
    pub fn first_from(&self, uid: Uid) -> SeqNum {
        let ghosts = self.ghosts.partition_point(|ghost| ghost.message.uid < uid);
        let live = self.messages.rank(uid).min(self.live);
        SeqNum(live + u32::try_from(ghosts).unwrap_or(u32::MAX) + 1)
    }

    /// The next member of a set at or after number `from`, in this view, with its number. UIDs that are not in the view are passed over.
    #[must_use]
    pub fn next_of(
        &self,
        set: &NumberSet,
        form: Form,
        from: SeqNum,
    ) -> Option<(SeqNum, Entry<'a>)> {
        match form {
            Form::Sequence => {
                let seq = SeqNum(set.next_from(from.0)?);
                self.at(seq).map(|entry| (seq, entry))
            }
            Form::Uid => {
                let mut seq = from;
                loop {
                    let entry = self.at(seq)?;
                    let uid = Uid(set.next_from(entry.message().uid.0)?);
                    if uid == entry.message().uid {
                        return Some((seq, entry));
                    }
                    seq = self.first_from(uid);
                }
            }
        }
    }

    /// How many members of a set are in the view.
    #[must_use]
    pub fn count_of(&self, set: &NumberSet, form: Form) -> u32 {
        set.ranges()
            .iter()
            .map(|&(from, to)| match form {
                Form::Sequence => to.min(self.count()).saturating_sub(from.max(1) - 1),
                Form::Uid => self.first_from(Uid(to).next()).0 - self.first_from(Uid(from)).0,
            })
            .sum()
    }

    /// How many members of a set are ghosts.
    #[must_use]
    pub fn ghost_count_of(&self, set: &NumberSet, form: Form) -> u32 {
        let count = (0..self.ghosts.len())
            .filter(|&index| match form {
                Form::Sequence => self
                    .ghost_position(index)
                    .is_some_and(|position| set.contains(position + 1)),
                Form::Uid => self
                    .ghosts
                    .get(index)
                    .is_some_and(|ghost| set.contains(ghost.message.uid.0)),
            })
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// How many ghosts stand before a position.
    fn ghosts_before(&self, position: u32) -> usize {
        let (mut low, mut high) = (0, self.ghosts.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.ghost_position(middle).is_some_and(|at| at < position) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The position, counted from 0, of a ghost.
    fn ghost_position(&self, index: usize) -> Option<u32> {
        let ghost = self.ghosts.get(index)?;
        Some(self.messages.rank(ghost.message.uid) + u32::try_from(index).ok()?)
    }
}
