//! The contents that an answer is made from, a few at a time, and the room that large ones take of what all clients share.
//!
//! Touches contents, to read, through a [`Seat`], and the client's socket, to write what is there before it waits.
//!
//! Theory of operation. Small messages are read together, up to [`READ_OCTETS`], and are everybody's own. What is more than that is counted: an answer holds up to
//! [`TIMES`] as much as its message, the octets and the line that is made of them, and it holds it until its client has taken it. So it first waits for so much room, its turn after those who came
//! before ([`Room`]), and gives it back before it reads on. Who takes nothing of such an answer is not waited for as long as others are (limit `answer-timeout`), and who waits
//! too long is told NO [LIMIT] (`answer-wait`). One that would need more than there is waits until it is alone.

use super::wire::{Gone, Wire};
use crate::{
    accounts::Seat,
    content::{Found, Lack, Octets, Part},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tandem_model::{message::Message, number::ContentId};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time,
};

/// How many contents are read together, at most.
const READ_MOST: usize = 64;

/// How many octets contents have that are read together, at most; one of more is read alone.
const READ_OCTETS: usize = 1 << 20;

/// How much an answer holds for each octet of a large message: the octet, and a line that has no more than twice as many.
const TIMES: usize = 3;

/// What room is counted in, in octets: a semaphore counts to 2^32.
const UNIT: usize = 1024;

/// So much room for answers from large messages, of all clients.
#[derive(Debug)]
pub struct Room {
    units: u32,
    free: Arc<Semaphore>,
}

impl Room {
    /// Of so many octets; nobody has any of it.
    #[must_use]
    pub fn new(octets: usize) -> Self {
        // What cannot be counted is no bound.
        let units = u32::try_from(octets.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let most = usize::try_from(units).unwrap_or(usize::MAX);
        Self {
            units,
            free: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
        }
    }

    /// The server ends: nobody waits any more, and whoever would is told that there is no room.
    pub fn close(&self) {
        self.free.close();
    }

    /// Room for an answer from so many octets, or all there is; none if it would have to be waited for.
    fn at_once(&self, octets: usize) -> Option<OwnedSemaphorePermit> {
        let units = self.units.min(units(octets));
        Arc::clone(&self.free).try_acquire_many_owned(units).ok()
    }

    /// Waits for room for an answer from so many octets, or for all there is; none if that takes too long.
    async fn wait(&self, octets: usize, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let units = self.units.min(units(octets));
        let free = Arc::clone(&self.free).acquire_many_owned(units);
        time::timeout(patience, free).await.ok()?.ok()
    }
}

/// How much room an answer from so many octets takes.
fn units(octets: usize) -> u32 {
    let units = octets.saturating_mul(TIMES).div_ceil(UNIT);
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// What has been read of the messages that an answer is about.
#[derive(Debug)]
pub struct Shelf<'a> {
    seat: &'a Seat,
    found: HashMap<ContentId, Found>,
    /// What it takes, if that is much.
    room: Option<OwnedSemaphorePermit>,
}

impl<'a> Shelf<'a> {
    /// Nothing has been read.
    #[must_use]
    pub fn new(seat: &'a Seat) -> Self {
        Self {
            seat,
            found: HashMap::new(),
            room: None,
        }
    }

    /// Has the content of a message. Unless it is there it is read, in place of all that is there; and with it those of messages that come
    /// after, as many as may be read together. Returns why it cannot be shown. What has been answered before leaves before anybody waits.
    ///
    /// # Errors
    /// The client is gone.
    pub async fn fill(
        &mut self,
        wire: &mut Wire,
        message: &Message,
        coming: impl Iterator<Item = &Message>,
        part: Part,
    ) -> Result<Option<Lack>, Gone> {
        if !self.found.contains_key(&message.content) {
            // Before more is asked for: nobody waits for what he has himself.
            self.found = HashMap::new();
            self.room = None;
            let (ids, octets) = together(coming, part);
            if octets > READ_OCTETS {
                self.room = self.seat.answers().at_once(octets);
                if self.room.is_none() {
                    wire.flush().await?;
                    let patience = self.seat.limits().answer_wait;
                    self.room = self.seat.answers().wait(octets, patience).await;
                }
                if self.room.is_none() {
                    return Ok(Some(Lack::NoRoom));
                }
            }
            self.found = self.seat.read(ids, part).await;
            self.give_back();
        }
        let found = self.found.contains_key(&message.content);
        Ok((!found).then_some(Lack::Damaged))
    }

    /// The content of a message, if it is there.
    #[must_use]
    pub fn get(&self, message: &Message) -> Option<&Found> {
        self.found.get(&message.content)
    }

    /// How long a client may take nothing of what is made of it.
    #[must_use]
    pub fn patience(&self) -> Duration {
        let limits = self.seat.limits();
        match self.room {
            Some(_) => limits.answer_timeout,
            None => limits.idle_timeout,
        }
    }

    /// Gives back what was not needed: only of a header it is not known before how large it is.
    fn give_back(&mut self) {
        let Some(room) = &mut self.room else { return };
        let read = self.found.values().map(|found| match &found.octets {
            Octets::Unread => 0,
            Octets::Header(octets) | Octets::Whole { octets, .. } => octets.len(),
        });
        let needed = usize::try_from(units(read.sum())).unwrap_or(usize::MAX);
        let more = room.num_permits().saturating_sub(needed);
        drop(room.split(more));
    }
}

/// Which of these contents are read at once: the first, and as many more as the bounds allow; and how many octets they may have.
fn together<'a>(coming: impl Iterator<Item = &'a Message>, part: Part) -> (Vec<ContentId>, usize) {
    let (mut ids, mut octets) = (HashSet::new(), 0_usize);
    for message in coming {
        // All of a message may be header.
        let size = match part {
            Part::Digest => 0,
            Part::Header | Part::Whole => usize::try_from(message.size).unwrap_or(usize::MAX),
        };
        let sum = octets.saturating_add(size);
        let fits = ids.is_empty() || (ids.len() < READ_MOST && sum <= READ_OCTETS);
        if ids.contains(&message.content) {
            continue;
        }
        if !fits {
            break;
        }
        ids.insert(message.content);
        octets = sum;
    }
    (ids.into_iter().collect(), octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{
        flags::Flags,
        message::InternalDate,
        number::{ModSeq, Uid},
    };

    fn message(content: u64, size: usize) -> Message {
        Message {
            uid: Uid(1),
            size: u32::try_from(size).unwrap(),
            modseq: ModSeq(1),
            flags: Flags::NONE,
            date: InternalDate::new(0, 0),
            content: ContentId(content),
        }
    }

    #[tokio::test]
    async fn who_needs_more_than_there_is_waits_until_it_is_alone() {
        let room = Room::new(10 * UNIT);
        let soon = Duration::from_secs(60);
        let first = room.wait(UNIT, soon).await.unwrap();
        assert_eq!(first.num_permits(), TIMES);
        let mut second = std::pin::pin!(room.wait(1 << 30, soon));
        tokio::select! {
            biased;
            _ = &mut second => panic!("there is no such room"),
            () = std::future::ready(()) => {}
        }
        // Nor has anybody who comes after, though it would fit.
        assert!(room.wait(UNIT, Duration::ZERO).await.is_none());
        drop(first);
        assert_eq!(second.await.unwrap().num_permits(), 10);
        assert!(room.wait(UNIT, Duration::ZERO).await.is_some());
    }

    #[test]
    fn what_is_read_at_once_is_bounded_in_number_and_octets() {
        for (size, part, expected) in [
            (100, Part::Whole, READ_MOST),
            (READ_OCTETS / 2, Part::Whole, 2),
            (READ_OCTETS, Part::Whole, 1),
            (READ_OCTETS + 1, Part::Whole, 1),
            // All of a message may be header.
            (READ_OCTETS / 2, Part::Header, 2),
            (READ_OCTETS, Part::Digest, READ_MOST),
        ] {
            let messages: Vec<_> = (0..100).map(|content| message(content, size)).collect();
            let (ids, octets) = together(messages.iter(), part);
            assert_eq!(ids.len(), expected, "{part:?}");
            let counted = if part == Part::Digest {
                0
            } else {
                expected * size
            };
            assert_eq!(octets, counted, "{part:?}");
        }
        let same = vec![message(7, READ_OCTETS / 2); 100];
        let (ids, octets) = together(same.iter(), Part::Whole);
        assert_eq!((ids, octets), (vec![ContentId(7)], READ_OCTETS / 2));
    }
}
