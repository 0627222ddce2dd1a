//! The messages of a mailbox, in the order of their UIDs.
//!
//! Touches nothing. A list of chunks of at most 256 messages, each with a summary (where it begins, the newest
//! MODSEQ in it, how many are deleted), so that with a million messages an expunge moves kilobytes and not the
//! whole list, and that flag changes, unseen and deleted messages are found by looking at summaries. Positions are counted from 0.

use crate::{
    flags::Flags,
    invariant::{Invariant, ensure},
    message::Message,
    number::{ModSeq, Uid},
};
use alloc::vec::Vec;
use core::hash::{Hash, Hasher};

/// The most messages in one chunk: 10 KiB.
const CHUNK: usize = 256;

/// Messages in ascending order of UIDs.
#[derive(Clone, Debug, Default)]
pub struct MessageList {
    chunks: Vec<Chunk>,
    /// Of each chunk, how many are without \Seen: apart, so that the first unseen is found by reading a few kilobytes.
    unseen: Vec<u16>,
    /// How many are without \Seen.
    all_unseen: u32,
}

/// Lists of the same messages are equal, however they came to be, and are cut into chunks.
impl PartialEq for MessageList {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for MessageList {}

impl Hash for MessageList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.len().hash(state);
        self.iter().for_each(|message| message.hash(state));
    }
}

/// Neighbours in the list; never empty.
#[derive(Clone, Debug)]
struct Chunk {
    /// The position of the first of them.
    start: u32,
    /// How many are \Deleted.
    deleted: u32,
    /// The first UID.
    first: Uid,
    /// No MODSEQ in it is greater.
    newest: ModSeq,
    messages: Vec<Message>,
}

impl Chunk {
    fn of(message: Message, start: u32) -> Self {
        Self {
            start,
            deleted: u32::from(message.flags.contains(Flags::DELETED)),
            first: message.uid,
            newest: message.modseq,
            messages: alloc::vec![message],
        }
    }

    fn len(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    fn rank(&self, uid: Uid) -> usize {
        self.messages.partition_point(|message| message.uid < uid)
    }

    /// Takes out the messages named, all of this chunk; what stays closes up in blocks.
    fn remove(&mut self, uids: &[Uid], removed: &mut Vec<Message>) {
        let mut kept = None;
        let mut next = 0;
        for &uid in uids {
            let at = self.rank_from(next, uid);
            let Some(message) = self.messages.get(at).filter(|message| message.uid == uid) else {
                continue;
            };
            self.deleted -= u32::from(message.flags.contains(Flags::DELETED));
            removed.push(*message);
            kept = Some(self.close_up(kept, next, at));
            next = at + 1;
        }
        if kept.is_some() {
            let end = self.close_up(kept, next, self.messages.len());
            self.messages.truncate(end);
        }
        self.first = self
            .messages
            .first()
            .map(|message| message.uid)
            .unwrap_or_default();
    }

    /// Moves the messages from `next` to `at` down to where those kept so far end; where they end then.
    fn close_up(&mut self, kept: Option<usize>, next: usize, at: usize) -> usize {
        let Some(kept) = kept else { return at };
        self.messages.copy_within(next..at, kept);
        kept + (at - next)
    }

    fn rank_from(&self, from: usize, uid: Uid) -> usize {
        let rest = self.messages.get(from..).unwrap_or_default();
        from + rest.partition_point(|message| message.uid < uid)
    }
}

fn unseen(message: &Message) -> u16 {
    u16::from(!message.flags.contains(Flags::SEEN))
}

impl MessageList {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.chunks
            .last()
            .map_or(0, |chunk| chunk.start + chunk.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chunks.is_empty()
    }

    /// Every message, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.chunks.iter().flat_map(|chunk| &chunk.messages)
    }

    /// The message at a position.
    #[must_use]
    pub fn at(&self, position: u32) -> Option<&Message> {
        let index = self
            .chunks
            .partition_point(|chunk| chunk.start <= position)
            .checked_sub(1)?;
        let chunk = self.chunks.get(index)?;
        chunk
            .messages
            .get(usize::try_from(position - chunk.start).ok()?)
    }

    /// How many have a UID below this one: the position of that UID, if it is there.
    #[must_use]
    pub fn rank(&self, uid: Uid) -> u32 {
        self.chunk_of(uid).map_or(0, |index| {
            self.chunks.get(index).map_or(0, |chunk| {
                chunk.start + u32::try_from(chunk.rank(uid)).unwrap_or(u32::MAX)
            })
        })
    }

    /// The message with this UID.
    #[must_use]
    pub fn find(&self, uid: Uid) -> Option<&Message> {
        let chunk = self.chunks.get(self.chunk_of(uid)?)?;
        chunk
            .messages
            .get(chunk.rank(uid))
            .filter(|message| message.uid == uid)
    }

    /// The last message.
    #[must_use]
    pub fn last(&self) -> Option<&Message> {
        self.chunks.last().and_then(|chunk| chunk.messages.last())
    }

    /// How many are without \Seen.
    #[must_use]
    pub const fn unseen(&self) -> u32 {
        self.all_unseen
    }

    /// The first without \Seen.
    #[must_use]
    pub fn first_unseen(&self) -> Option<&Message> {
        if self.all_unseen == 0 {
            return None;
        }
        // Blocks without an early exit are looked through many counts at a time.
        const BLOCK: usize = 64;
        let mut blocks = self.unseen.chunks(BLOCK).enumerate();
        let (block, counts) =
            blocks.find(|(_, counts)| counts.iter().fold(0, |any, count| any | count) > 0)?;
        let index = block * BLOCK + counts.iter().position(|&count| count > 0)?;
        let chunk = self.chunks.get(index)?;
        chunk
            .messages
            .iter()
            .find(|message| !message.flags.contains(Flags::SEEN))
    }

    /// Those that are \Deleted, ascending.
    pub fn deleted(&self) -> impl Iterator<Item = &Message> {
        self.chunks
            .iter()
            .filter(|chunk| chunk.deleted > 0)
            .flat_map(|chunk| &chunk.messages)
            .filter(|message| message.flags.contains(Flags::DELETED))
    }

    /// Those changed after `modseq`, ascending, with their positions.
    pub fn changed_since(&self, modseq: ModSeq) -> impl Iterator<Item = (u32, &Message)> {
        self.chunks
            .iter()
            .filter(move |chunk| chunk.newest > modseq)
            .flat_map(|chunk| (chunk.start..).zip(&chunk.messages))
            .filter(move |(_, message)| message.modseq > modseq)
    }

    /// Adds one; its UID is above all.
    pub(crate) fn push(&mut self, message: Message) {
        let start = self.len();
        self.all_unseen += u32::from(unseen(&message));
        match (self.chunks.last_mut(), self.unseen.last_mut()) {
            (Some(chunk), Some(count)) if chunk.messages.len() < CHUNK => {
                *count += unseen(&message);
                chunk.deleted += u32::from(message.flags.contains(Flags::DELETED));
                chunk.newest = chunk.newest.max(message.modseq);
                chunk.messages.push(message);
            }
            _ => {
                self.unseen.push(unseen(&message));
                self.chunks.push(Chunk::of(message, start));
            }
        }
    }

    /// Gives the messages named their flags and this MODSEQ; UIDs that are not there are passed over.
    pub(crate) fn set_flags(&mut self, modseq: ModSeq, flags: &[(Uid, Flags)]) {
        for &(uid, flags) in flags {
            let Some(index) = self.chunk_of(uid) else {
                continue;
            };
            let (Some(chunk), Some(count)) =
                (self.chunks.get_mut(index), self.unseen.get_mut(index))
            else {
                continue;
            };
            let at = chunk.rank(uid);
            let Some(message) = chunk
                .messages
                .get_mut(at)
                .filter(|message| message.uid == uid)
            else {
                continue;
            };
            let before = *message;
            message.flags = flags;
            message.modseq = modseq;
            *count = *count + unseen(message) - unseen(&before);
            self.all_unseen =
                self.all_unseen + u32::from(unseen(message)) - u32::from(unseen(&before));
            chunk.deleted = chunk.deleted + u32::from(flags.contains(Flags::DELETED))
                - u32::from(before.flags.contains(Flags::DELETED));
            chunk.newest = chunk.newest.max(modseq);
        }
    }

    /// Takes out the messages named (ascending), and gives them back; UIDs that are not there are passed over.
    pub(crate) fn remove(&mut self, uids: &[Uid]) -> Vec<Message> {
        let mut removed: Vec<Message> = Vec::with_capacity(uids.len());
        let mut rest = uids;
        while let Some(&uid) = rest.first() {
            let Some(index) = self.chunk_of(uid) else {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let end = self.chunks.get(index + 1).map_or(rest.len(), |next| {
                rest.partition_point(|&uid| uid < next.first)
            });
            let (here, later) = rest.split_at(end);
            rest = later;
            let before = removed.len();
            if let (Some(chunk), Some(count)) =
                (self.chunks.get_mut(index), self.unseen.get_mut(index))
            {
                chunk.remove(here, &mut removed);
                let gone: u16 = removed.iter().skip(before).map(unseen).sum();
                *count -= gone;
                self.all_unseen -= u32::from(gone);
            }
        }
        if !removed.is_empty() {
            self.settle();
        }
        removed
    }

    /// After a removal: joins small neighbours, drops the empty, and numbers the rest.
    fn settle(&mut self) {
        let mut before = CHUNK;
        let uneven = self.chunks.iter().any(|chunk| {
            let len = chunk.messages.len();
            len == 0 || core::mem::replace(&mut before, len) + len <= CHUNK / 2
        });
        if uneven {
            self.join();
        }
        let mut start = 0;
        for chunk in &mut self.chunks {
            chunk.start = start;
            start += chunk.len();
        }
    }

    /// Joins neighbours that fill half a chunk together, and drops the empty.
    fn join(&mut self) {
        let mut chunks: Vec<Chunk> = Vec::with_capacity(self.chunks.len());
        let mut counts: Vec<u16> = Vec::with_capacity(self.chunks.len());
        for (mut chunk, count) in core::mem::take(&mut self.chunks)
            .into_iter()
            .zip(&self.unseen)
        {
            match (chunks.last_mut(), counts.last_mut()) {
                _ if chunk.messages.is_empty() => {}
                (Some(last), Some(counted))
                    if last.messages.len() + chunk.messages.len() <= CHUNK / 2 =>
                {
                    last.messages.append(&mut chunk.messages);
                    last.deleted += chunk.deleted;
                    last.newest = last.newest.max(chunk.newest);
                    *counted += count;
                }
                _ => {
                    chunks.push(chunk);
                    counts.push(*count);
                }
            }
        }
        self.chunks = chunks;
        self.unseen = counts;
    }

    /// The chunk in which this UID is, if it is anywhere.
    fn chunk_of(&self, uid: Uid) -> Option<usize> {
        self.chunks
            .partition_point(|chunk| chunk.first <= uid)
            .checked_sub(1)
    }

    /// Holds the list to what is true of every one.
    ///
    /// # Errors
    /// The invariant that is broken.
    pub(crate) fn audit(&self) -> Result<(), Invariant> {
        let mut start = 0;
        let mut last = Uid(0);
        let mut all_unseen = 0;
        ensure(
            self.chunks.len() == self.unseen.len(),
            Invariant::SummariesAgree,
        )?;
        for (chunk, &count) in self.chunks.iter().zip(&self.unseen) {
            for message in &chunk.messages {
                ensure(message.uid > last, Invariant::UidsAscend)?;
                last = message.uid;
            }
            let deleted = chunk
                .messages
                .iter()
                .filter(|message| message.flags.contains(Flags::DELETED));
            let agree = chunk.start == start
                && chunk.messages.first().map(|message| message.uid) == Some(chunk.first)
                && u32::try_from(deleted.count()) == Ok(chunk.deleted)
                && chunk.messages.iter().map(unseen).sum::<u16>() == count
                && chunk
                    .messages
                    .iter()
                    .all(|message| message.modseq <= chunk.newest);
            ensure(agree, Invariant::SummariesAgree)?;
            start += chunk.len();
            all_unseen += u32::from(count);
        }
        ensure(all_unseen == self.all_unseen, Invariant::SummariesAgree)
    }

    /// Puts every message elsewhere than its summary says, to see that this is found.
    #[cfg(test)]
    pub(crate) fn shift(&mut self) {
        self.chunks.iter_mut().for_each(|chunk| chunk.start += 1);
    }

    /// Puts the messages in the reverse order, to see that this is found.
    #[cfg(test)]
    pub(crate) fn reverse(&mut self) {
        self.chunks
            .iter_mut()
            .for_each(|chunk| chunk.messages.reverse());
    }
}

#[cfg(test)]
mod tests;
