//! Octets that were read, in one piece; many of them in memory of their own.
//!
//! Touches memory. What is large goes back to the system as soon as nobody looks at it any more, by whichever thread: an allocator may keep
//! it for the thread that took it, and there are many of these that read. So what the server holds of messages is what it is answering from.

use memmap2::{Mmap, MmapMut};
use std::{fmt, io, ops::Deref, sync::Arc};

/// From so many octets on they have memory of their own.
const OWN: usize = 1 << 20;

/// Octets that are shared.
#[derive(Clone)]
pub struct Block(Kept);

#[derive(Clone)]
enum Kept {
    Small(Arc<[u8]>),
    Large(Arc<Mmap>),
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Kept::Small(octets) => octets,
            Kept::Large(octets) => octets,
        }
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl PartialEq for Block {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Block {}

impl From<Arc<[u8]>> for Block {
    fn from(octets: Arc<[u8]>) -> Self {
        Self(Kept::Small(octets))
    }
}

impl Block {
    /// A copy of these.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub fn copy(octets: &[u8]) -> io::Result<Self> {
        let mut copy = Growing::new(octets.len())?;
        let fits = copy.push(octets);
        let whole = copy.whole()?.filter(|_| fits);
        // INVARIANT: there is room for just these.
        Ok(whole.unwrap_or_else(|| Self(Kept::Small([].into()))))
    }
}

/// A block that comes piece by piece.
#[derive(Debug)]
pub struct Growing {
    room: Room,
    filled: usize,
    size: usize,
}

#[derive(Debug)]
enum Room {
    Small(Vec<u8>),
    Large(MmapMut),
}

impl Growing {
    /// One that will have so many octets, and none yet.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub fn new(size: usize) -> io::Result<Self> {
        let room = if size < OWN {
            Room::Small(Vec::with_capacity(size))
        } else {
            Room::Large(MmapMut::map_anon(size)?)
        };
        Ok(Self {
            room,
            filled: 0,
            size,
        })
    }

    /// These come next; whether there was room for them. If not, nothing is changed.
    #[must_use]
    pub fn push(&mut self, octets: &[u8]) -> bool {
        let Some(end) = self
            .filled
            .checked_add(octets.len())
            .filter(|&end| end <= self.size)
        else {
            return false;
        };
        match &mut self.room {
            Room::Small(all) => all.extend_from_slice(octets),
            Room::Large(all) => {
                if let Some(place) = all.get_mut(self.filled..end) {
                    place.copy_from_slice(octets);
                }
            }
        }
        self.filled = end;
        true
    }

    /// All of them; none if some have not come.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub fn whole(self) -> io::Result<Option<Block>> {
        if self.filled < self.size {
            return Ok(None);
        }
        Ok(Some(Block(match self.room {
            Room::Small(all) => Kept::Small(all.into()),
            Room::Large(all) => Kept::Large(Arc::new(all.make_read_only()?)),
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_in_pieces_is_there_in_one_if_all_has_come_and_no_more() {
        for size in [0, 1, 100, OWN - 1, OWN, OWN + 4_097] {
            let octets: Vec<u8> = (0..=u8::MAX).cycle().take(size).collect();
            let mut growing = Growing::new(size).unwrap();
            for piece in octets.chunks(70_000) {
                assert!(growing.push(piece));
            }
            assert!(!growing.push(b"x") && growing.push(b""));
            let block = growing.whole().unwrap().unwrap();
            assert!(block[..] == octets);
            assert_eq!(matches!(block.0, Kept::Large(_)), size >= OWN);
            assert!(block == Block::copy(&octets).unwrap());
        }
        let mut short = Growing::new(OWN).unwrap();
        assert!(short.push(&[7; OWN - 1]) && !short.push(b"xx"));
        assert!(short.whole().unwrap().is_none());
    }
}
