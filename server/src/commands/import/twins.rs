//! Which messages a mailbox has already.
//!
//! Touches nothing: the octets that it needs are handed in. Two messages of a mailbox are the same if they have the same octets and the same INTERNALDATE, to the second
//! and whatever the zone. Messages are counted: of two in a mailbox that are the same, each stands for one in the files, so that repeating an import
//! adds nothing, and one that was interrupted goes on where it was, even if the files have a message twice.
//!
//! Most messages differ in size or date already, and then no octets are read. Where both are the same, those of the mailbox are hashed, each once.

use blake2::{Blake2b256, Digest as _};
use std::collections::HashMap;
use tandem_model::{
    message::{InternalDate, Message},
    number::ContentId,
};

/// Messages that the files may have, too.
#[derive(Clone, Debug, Default)]
pub struct Twins(HashMap<Likeness, Alike>);

/// Messages that are alike, each with how many there are.
#[derive(Clone, Debug, Default)]
struct Alike {
    unread: HashMap<ContentId, u32>,
    read: HashMap<Hash, u32>,
}

/// What can be told of a message without its octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Likeness {
    size: u64,
    seconds: u64,
}

impl Likeness {
    /// Of octets and their date.
    #[must_use]
    pub fn of(octets: &[u8], date: InternalDate) -> Self {
        Self {
            size: u64::try_from(octets.len()).unwrap_or(u64::MAX),
            seconds: date.seconds(),
        }
    }
}

type Hash = [u8; 32];

fn hash(octets: &[u8]) -> Hash {
    Blake2b256::digest(octets).into()
}

impl Twins {
    /// Counts a message of the mailbox.
    pub fn add(&mut self, message: &Message) {
        let likeness = Likeness {
            size: message.size.into(),
            seconds: message.date.seconds(),
        };
        let alike = self.0.entry(likeness).or_default();
        *alike.unread.entry(message.content).or_default() += 1;
    }

    /// Contents of which the octets have to be known ([`Twins::learn`]) before [`Twins::take`] can tell.
    #[must_use]
    pub fn unread(&self, likeness: Likeness) -> Vec<ContentId> {
        let alike = self.0.get(&likeness).into_iter();
        let mut contents: Vec<_> = alike
            .flat_map(|alike| alike.unread.keys())
            .copied()
            .collect();
        contents.sort_unstable();
        contents
    }

    /// Hears the octets of a content; `None`: they are lost, and no message is like it.
    pub fn learn(&mut self, likeness: Likeness, content: ContentId, octets: Option<&[u8]>) {
        if let Some(alike) = self.0.get_mut(&likeness)
            && let Some(count) = alike.unread.remove(&content)
            && let Some(octets) = octets
        {
            *alike.read.entry(hash(octets)).or_default() += count;
        }
    }

    /// Whether the mailbox has this message; if so, once less from now on.
    pub fn take(&mut self, likeness: Likeness, octets: &[u8]) -> bool {
        let alike = self.0.get_mut(&likeness);
        let count = alike.and_then(|alike| alike.read.get_mut(&hash(octets)));
        match count {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{
        flags::Flags,
        number::{ModSeq, Uid},
    };

    fn message(content: u64, size: u32, seconds: u64) -> Message {
        Message {
            uid: Uid(1),
            size,
            modseq: ModSeq(2),
            flags: Flags::NONE,
            date: InternalDate::new(seconds, 60),
            content: ContentId(content),
        }
    }

    #[test]
    fn messages_are_counted() {
        let mut twins = Twins::default();
        twins.add(&message(1, 3, 7));
        twins.add(&message(1, 3, 7));
        let likeness = Likeness::of(b"abc", InternalDate::new(7, 0));
        assert_eq!(twins.unread(likeness), [ContentId(1)]);
        assert!(!twins.take(likeness, b"abc"), "nothing is known yet");
        twins.learn(likeness, ContentId(1), Some(b"abc"));
        assert!(twins.unread(likeness).is_empty());
        assert!(!twins.take(likeness, b"abd"));
        assert!(twins.take(likeness, b"abc") && twins.take(likeness, b"abc"));
        assert!(!twins.take(likeness, b"abc"));
    }

    #[test]
    fn no_octets_are_read_where_size_or_date_differ() {
        let mut twins = Twins::default();
        twins.add(&message(1, 3, 7));
        for (octets, seconds) in [(&b"abcd"[..], 7), (b"abc", 8)] {
            let likeness = Likeness::of(octets, InternalDate::new(seconds, 0));
            assert!(twins.unread(likeness).is_empty());
            assert!(!twins.take(likeness, octets));
        }
    }

    #[test]
    fn what_is_lost_is_like_nothing() {
        let mut twins = Twins::default();
        twins.add(&message(1, 3, 7));
        let likeness = Likeness::of(b"abc", InternalDate::new(7, 0));
        twins.learn(likeness, ContentId(1), None);
        assert!(twins.unread(likeness).is_empty() && !twins.take(likeness, b"abc"));
    }
}
