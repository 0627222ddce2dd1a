//! The contents that an answer is made from, a few at a time, and the room that large ones take of what all clients share.
//!
//! Touches contents, to read, through a [`Seat`], and the client's socket, to write what is there before it waits.
//!
//! Theory of operation. Small messages are read together, up to `READ_OCTETS` and one digest, and are everybody's own. What is more than that is counted: an answer holds several
//! times its message ([`Use`]), the octets and what is made of them, and it holds it until its client has taken it. So it first waits for so much room, its turn after those who came
//! before ([`Room`]), and gives it back before it reads on. Who takes nothing of such an answer is not waited for as long as others are (limit `answer-timeout`), and who waits
//! too long is told `NO [LIMIT]` (`answer-wait`). One that would need more than there is waits until it is alone.

use super::wire::{Gone, Wire};
use crate::{
    accounts::Seat,
    content::{Found, Lack, Part},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tandem_model::{message::Message, number::ContentId};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time,
};

/// How many contents are read together, at most.
const READ_MOST: usize = 64;

/// How many octets contents have that are read together, at most; one of more is read alone.
const READ_OCTETS: usize = 1 << 20;

/// What is made of contents.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    /// They are shown: of a message's octets there is a line, which has no more than three times as many.
    Shown,
    /// They are searched: decoded an octet may become three, and that is folded, and collected.
    Searched,
}

impl Use {
    /// How many octets there are at once for each of a large message.
    const fn times(self) -> usize {
        match self {
            Self::Shown => 4,
            Self::Searched => 10,
        }
    }
}

/// What room is counted in, in octets: a semaphore counts to 2^32.
const UNIT: usize = 1024;

/// So much room for answers from large messages, of all clients.
#[derive(Debug)]
pub struct Room {
    units: u32,
    free: Arc<Semaphore>,
    closed: watch::Sender<bool>,
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
            closed: watch::Sender::new(false),
        }
    }

    /// The server ends: nobody waits any more, and whoever would is told that there is no room.
    pub fn close(&self) {
        self.closed.send_replace(true);
    }

    /// Room for so many octets, or all there is; none if it would have to be waited for.
    fn at_once(&self, octets: usize) -> Option<OwnedSemaphorePermit> {
        let units = self.units.min(units(octets));
        Arc::clone(&self.free).try_acquire_many_owned(units).ok()
    }

    /// Waits for room for so many octets, or for all there is; none if that takes too long.
    async fn wait(&self, octets: usize, patience: Duration) -> Option<OwnedSemaphorePermit> {
        let units = self.units.min(units(octets));
        let free = Arc::clone(&self.free).acquire_many_owned(units);
        let mut closed = self.closed.subscribe();
        tokio::select! {
            biased;
            _ = closed.wait_for(|closed| *closed) => None,
            room = time::timeout(patience, free) => room.ok()?.ok(),
        }
    }
}

/// How much room so many octets take.
fn units(octets: usize) -> u32 {
    u32::try_from(octets.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

/// What has been read of the messages that an answer is about.
#[derive(Debug)]
pub struct Shelf<'a> {
    seat: &'a Seat,
    found: HashMap<ContentId, Found>,
    used: Use,
    /// What it takes, if that is much.
    room: Option<OwnedSemaphorePermit>,
    /// Whether room is waited for: not twice in vain for one command.
    waits: bool,
}

impl<'a> Shelf<'a> {
    /// Nothing has been read. `lack`: why something that came before in answer to the same command could not be shown.
    #[must_use]
    pub fn new(seat: &'a Seat, used: Use, lack: Option<Lack>) -> Self {
        Self {
            seat,
            found: HashMap::new(),
            used,
            room: None,
            waits: lack != Some(Lack::NoRoom),
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
                let needed = octets.saturating_mul(self.used.times());
                self.room = self.seat.answers().at_once(needed);
                if self.room.is_none() && self.waits {
                    wire.flush().await?;
                    let patience = self.seat.limits().answer_wait;
                    self.room = self.seat.answers().wait(needed, patience).await;
                    self.waits = self.room.is_some();
                }
                if self.room.is_none() {
                    return Ok(Some(Lack::NoRoom));
                }
            }
            self.found = self.seat.read_first(ids, part, READ_OCTETS).await;
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
            Some(_) => limits.answer_timeout.min(limits.idle_timeout),
            None => limits.idle_timeout,
        }
    }

    /// Gives back what was not needed: only of a header it is not known before how large it is.
    fn give_back(&mut self) {
        let read: usize = self.found.values().map(Found::size).sum();
        if read <= READ_OCTETS {
            self.room = None;
        }
        let Some(room) = &mut self.room else { return };
        let needed = units(read.saturating_mul(self.used.times()));
        let needed = usize::try_from(needed).unwrap_or(usize::MAX);
        let more = room.num_permits().saturating_sub(needed);
        drop(room.split(more));
    }
}

/// Which of these contents are read at once: the first, and as many more as the bounds allow; and how many octets they may have.
fn together<'a>(coming: impl Iterator<Item = &'a Message>, part: Part) -> (Vec<ContentId>, usize) {
    let (mut ids, mut known, mut octets) = (Vec::new(), HashSet::new(), 0_usize);
    for message in coming {
        // All of a message may be header.
        let size = match part {
            Part::Digest => 0,
            Part::Header | Part::Whole => usize::try_from(message.size).unwrap_or(usize::MAX),
        };
        let sum = octets.saturating_add(size);
        let fits = ids.is_empty() || (ids.len() < READ_MOST && sum <= READ_OCTETS);
        if known.contains(&message.content) {
            continue;
        }
        if !fits {
            break;
        }
        known.insert(message.content);
        ids.push(message.content);
        octets = sum;
    }
    (ids, octets)
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
        let first = room.wait(3 * UNIT, soon).await.unwrap();
        assert_eq!(first.num_permits(), 3);
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
        // At the end nobody waits, and who need not is given room all the same.
        let all = room.at_once(10 * UNIT).unwrap();
        room.close();
        assert!(room.wait(UNIT, soon).await.is_none());
        drop(all);
        assert!(room.at_once(UNIT).is_some());
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
