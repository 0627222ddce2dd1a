//! The messages of a mailbox, in the order of their UIDs.
//!
//! Touches nothing. A list of chunks of at most [`CHUNK`] messages, each with a summary (where it begins, the newest
//! MODSEQ in it, how many are unseen or deleted), so that with a million messages an expunge moves kilobytes and not the
//! whole list, and that flag changes, unseen and deleted messages are found by looking at summaries. Positions are counted from 0.

use crate::{
    flags::Flags,
    message::Message,
    number::{ModSeq, Uid},
};
use alloc::vec::Vec;

/// The most messages in one chunk: 20 KiB.
const CHUNK: usize = 512;

/// Messages in ascending order of UIDs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MessageList {
    chunks: Vec<Chunk>,
}

/// Neighbours in the list; never empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Chunk {
    /// The position of the first of them.
    start: u32,
    /// How many are without \Seen.
    unseen: u32,
    /// How many are \Deleted.
    deleted: u32,
    /// The first UID.
    first: Uid,
    /// The greatest MODSEQ.
    newest: ModSeq,
    messages: Vec<Message>,
}

impl Chunk {
    fn count(&mut self, start: u32) {
        let with = |flag: Flags| {
            let count = self
                .messages
                .iter()
                .filter(|message| message.flags.contains(flag))
                .count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        self.unseen = self.len() - with(Flags::SEEN);
        self.deleted = with(Flags::DELETED);
        self.newest = self
            .messages
            .iter()
            .map(|message| message.modseq)
            .max()
            .unwrap_or_default();
        self.first = self
            .messages
            .first()
            .map(|message| message.uid)
            .unwrap_or_default();
        self.start = start;
    }

    fn len(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    fn rank(&self, uid: Uid) -> usize {
        self.messages.partition_point(|message| message.uid < uid)
    }
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
    pub fn unseen(&self) -> u32 {
        self.chunks.iter().map(|chunk| chunk.unseen).sum()
    }

    /// The first without \Seen.
    #[must_use]
    pub fn first_unseen(&self) -> Option<&Message> {
        let chunk = self.chunks.iter().find(|chunk| chunk.unseen > 0)?;
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
        match self
            .chunks
            .last_mut()
            .filter(|chunk| chunk.messages.len() < CHUNK)
        {
            Some(chunk) => {
                chunk.unseen += u32::from(!message.flags.contains(Flags::SEEN));
                chunk.deleted += u32::from(message.flags.contains(Flags::DELETED));
                chunk.newest = chunk.newest.max(message.modseq);
                chunk.messages.push(message);
            }
            None => {
                let mut chunk = Chunk {
                    start,
                    unseen: 0,
                    deleted: 0,
                    first: message.uid,
                    newest: message.modseq,
                    messages: alloc::vec![message],
                };
                chunk.count(start);
                self.chunks.push(chunk);
            }
        }
    }

    /// Gives the messages named their flags and this MODSEQ; UIDs that are not there are passed over.
    pub(crate) fn set_flags(&mut self, modseq: ModSeq, flags: &[(Uid, Flags)]) {
        for &(uid, flags) in flags {
            let Some(chunk) = self
                .chunk_of(uid)
                .and_then(|index| self.chunks.get_mut(index))
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
            let before = message.flags;
            message.flags = flags;
            message.modseq = modseq;
            chunk.newest = chunk.newest.max(modseq);
            let moved = |count: u32, was: bool, is: bool| count + u32::from(is) - u32::from(was);
            chunk.unseen = moved(
                chunk.unseen,
                !before.contains(Flags::SEEN),
                !flags.contains(Flags::SEEN),
            );
            chunk.deleted = moved(
                chunk.deleted,
                before.contains(Flags::DELETED),
                flags.contains(Flags::DELETED),
            );
        }
    }

    /// Takes out the messages named (ascending), and gives them back; UIDs that are not there are passed over.
    pub(crate) fn remove(&mut self, uids: &[Uid]) -> Vec<Message> {
        let mut removed = Vec::with_capacity(uids.len());
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
            if let Some(chunk) = self.chunks.get_mut(index) {
                let mut wanted = here.iter().peekable();
                chunk.messages.retain(|message| {
                    while wanted.next_if(|&&uid| uid < message.uid).is_some() {}
                    let gone = wanted.next_if(|&&uid| uid == message.uid).is_some();
                    if gone {
                        removed.push(*message);
                    }
                    !gone
                });
                chunk.count(0);
            }
        }
        if !removed.is_empty() {
            self.settle();
        }
        removed
    }

    /// After a removal: joins small neighbours, drops the empty, and numbers the rest.
    fn settle(&mut self) {
        let mut start = 0;
        let mut settled: Vec<Chunk> = Vec::with_capacity(self.chunks.len());
        for mut chunk in core::mem::take(&mut self.chunks) {
            match settled.last_mut() {
                _ if chunk.messages.is_empty() => {}
                Some(last) if last.messages.len() + chunk.messages.len() <= CHUNK / 2 => {
                    last.messages.append(&mut chunk.messages);
                    last.unseen += chunk.unseen;
                    last.deleted += chunk.deleted;
                    last.newest = last.newest.max(chunk.newest);
                    start = last.start + last.len();
                }
                _ => {
                    chunk.start = start;
                    start += chunk.len();
                    settled.push(chunk);
                }
            }
        }
        self.chunks = settled;
    }

    /// The chunk in which this UID is, if it is anywhere.
    fn chunk_of(&self, uid: Uid) -> Option<usize> {
        self.chunks
            .partition_point(|chunk| chunk.first <= uid)
            .checked_sub(1)
    }

    /// What in it contradicts itself, if anything.
    pub(crate) fn audit(&self) -> Result<(), &'static str> {
        let mut start = 0;
        let mut last = Uid(0);
        for chunk in &self.chunks {
            let mut counted = chunk.clone();
            counted.count(start);
            if chunk.messages.is_empty() || counted != *chunk {
                return Err("the summary of a chunk of messages is wrong");
            }
            start += chunk.len();
            for message in &chunk.messages {
                if message.uid <= last {
                    return Err("UIDs do not ascend");
                }
                last = message.uid;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::InternalDate, number::ContentId};

    fn message(uid: u32) -> Message {
        Message {
            uid: Uid(uid),
            size: 0,
            modseq: ModSeq(u64::from(uid)),
            flags: if uid % 3 == 0 {
                Flags::SEEN
            } else {
                Flags::DELETED
            },
            date: InternalDate::default(),
            content: ContentId(u64::from(uid)),
        }
    }

    /// The list beside a plain vector that does the same.
    fn grown(count: u32) -> (MessageList, Vec<Message>) {
        let plain: Vec<_> = (1..=count).map(|n| message(n * 2)).collect();
        let mut list = MessageList::default();
        plain.iter().for_each(|&message| list.push(message));
        (list, plain)
    }

    #[test]
    fn a_list_answers_as_a_plain_vector_does_through_removals() {
        let (mut list, mut plain) = grown(5000);
        // A small linear congruence is random enough to choose what goes, and the same every time.
        let mut seed = 7_u32;
        for round in 0..40 {
            let gone: Vec<Uid> = plain
                .iter()
                .filter(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    seed >> 28 <= round % 5
                })
                .map(|message| message.uid)
                .chain([Uid(20_000)])
                .collect();
            let removed = list.remove(&gone);
            let (out, left): (Vec<_>, Vec<_>) = plain
                .iter()
                .partition(|message| gone.contains(&message.uid));
            plain = left;
            assert_eq!(removed, out);
            list.audit().unwrap();
            assert!(list.iter().eq(&plain));
            assert_eq!(list.len() as usize, plain.len());
            for (at, expected) in plain.iter().enumerate().step_by(7) {
                assert_eq!(list.at(at as u32), Some(expected));
                assert_eq!(list.rank(expected.uid) as usize, at);
                assert_eq!(list.rank(Uid(expected.uid.0 + 1)) as usize, at + 1);
                assert_eq!(list.find(expected.uid), Some(expected));
                assert_eq!(list.find(Uid(expected.uid.0 + 1)), None);
            }
            assert_eq!(list.at(list.len()), None);
            assert!(
                list.deleted()
                    .eq(plain.iter().filter(|m| m.flags.contains(Flags::DELETED)))
            );
        }
    }

    #[test]
    fn changes_are_found_by_modseq() {
        let (mut list, _) = grown(2000);
        let before = ModSeq(10_000);
        list.set_flags(
            ModSeq(10_001),
            &[
                (Uid(2), Flags::SEEN),
                (Uid(3), Flags::SEEN),
                (Uid(3000), Flags::NONE),
            ],
        );
        let changed: Vec<_> = list
            .changed_since(before)
            .map(|(at, message)| (at, message.uid.0))
            .collect();
        assert_eq!(changed, [(0, 2), (1499, 3000)]);
        assert_eq!(list.first_unseen().map(|message| message.uid), Some(Uid(4)));
        list.audit().unwrap();
    }
}
