//! Worlds that have been seen, each in a few bytes, and exactly: no two different ones are taken for one.
//!
//! Touches nothing. A world's canonical bytes fall into pieces: what all clients share, and each client's lane. There are few different
//! pieces and many ways to put them together, so each piece is kept once and numbered, and a world is the numbers of its pieces, three bytes
//! each (what the model checker SPIN calls collapse compression; Holzmann, "State Compression in SPIN", 1997). Lanes are sorted by their numbers, for clients
//! are alike. Both the pieces and the worlds are found by hashing, and compared byte for byte.

use super::super::canonical::Bytes;
use alloc::{vec, vec::Vec};

/// How many bytes the number of a piece has.
const NUMBER: usize = 3;
/// How many different pieces there can be of a kind.
const MOST_PIECES: usize = 1 << (8 * NUMBER);
/// How many different worlds there can be: their numbers have four bytes.
const MOST_WORLDS: usize = 0xffff_fffe;
/// How many clients a world has, at most.
const MOST_CLIENTS: usize = 8;

/// Why no more worlds can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// A set of byte strings, each with a number: how many there were before it.
struct Pool {
    bytes: Vec<u8>,
    /// Where each ends; none if all have the same length.
    ends: Vec<u32>,
    /// That length.
    width: usize,
    /// Numbers, each at or after the place that its hash says.
    places: Vec<u32>,
    /// Of each place some bits of the hash, so that few strings are compared for nothing; 0: nothing is there.
    tags: Vec<u8>,
    len: usize,
}

impl Pool {
    /// Of strings of any length, or of one length only.
    fn new(width: usize) -> Self {
        Self {
            bytes: Vec::new(),
            ends: Vec::new(),
            width,
            places: vec![0; 1024],
            tags: vec![0; 1024],
            len: 0,
        }
    }

    fn get(&self, number: usize) -> &[u8] {
        let range = if self.width > 0 {
            number * self.width..(number + 1) * self.width
        } else {
            let end = |at: usize| self.ends.get(at).map_or(0, |&end| end as usize);
            number.checked_sub(1).map_or(0, end)..end(number)
        };
        self.bytes.get(range).unwrap_or_default()
    }

    /// The number of a string, or the place where it would be noted.
    fn find(&self, string: &[u8]) -> Result<u32, usize> {
        let hash = hash(string);
        let mut at = place(hash, self.tags.len());
        loop {
            let found = self.tags.get(at).copied().unwrap_or_default();
            if found == 0 {
                return Err(at);
            }
            if found == tag(hash) {
                let number = self.places.get(at).copied().unwrap_or_default();
                if self.get(number as usize) == string {
                    return Ok(number);
                }
            }
            at = after(at, self.tags.len());
        }
    }

    /// The number of a string, which is taken in if it is new; and whether it is.
    fn number(&mut self, string: &[u8], most: usize) -> Result<(u32, bool), Full> {
        let at = match self.find(string) {
            Ok(number) => return Ok((number, false)),
            Err(at) => at,
        };
        let number = u32::try_from(self.len).map_err(|_| Full)?;
        if self.len >= most {
            return Err(Full);
        }
        make_room(&mut self.bytes, string.len());
        self.bytes.extend_from_slice(string);
        if self.width == 0 {
            make_room(&mut self.ends, 1);
            self.ends
                .push(u32::try_from(self.bytes.len()).map_err(|_| Full)?);
        }
        if let (Some(place), Some(free)) = (self.places.get_mut(at), self.tags.get_mut(at)) {
            (*place, *free) = (number, tag(hash(string)));
        }
        self.len += 1;
        // Beyond seven eighths the ways to a free place get long.
        if self.len * 8 > self.places.len() * 7 {
            self.grow();
        }
        Ok((number, true))
    }

    /// By a quarter, so that little of it is ever empty.
    fn grow(&mut self) {
        let count = self.places.len() / 4 * 5;
        let (mut places, mut tags) = (vec![0; count], vec![0; count]);
        for number in (0_u32..).take(self.len) {
            let hash = hash(self.get(number as usize));
            let mut at = place(hash, count);
            while tags.get(at).is_some_and(|&tag| tag != 0) {
                at = after(at, count);
            }
            if let (Some(place), Some(free)) = (places.get_mut(at), tags.get_mut(at)) {
                (*place, *free) = (number, tag(hash));
            }
        }
        self.places = places;
        self.tags = tags;
    }

    fn size(&self) -> usize {
        let rest = 4 * (self.ends.capacity() + self.places.capacity());
        self.bytes.capacity() + rest + self.tags.capacity()
    }
}

/// Makes room for so many more, and little beyond: half of what a vector has that doubles may be empty.
fn make_room<T>(vector: &mut Vec<T>, more: usize) {
    if vector.capacity() - vector.len() < more {
        vector.reserve_exact(more.max(vector.len() / 8));
    }
}

/// One of so many places, by the lower half of a hash.
const fn place(hash: usize, count: usize) -> usize {
    ((hash & 0xffff_ffff) * count) >> 32
}

/// The place after this one.
const fn after(at: usize, count: usize) -> usize {
    if at + 1 < count { at + 1 } else { 0 }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "there are as many bits as a word has"
)]
fn hash(string: &[u8]) -> usize {
    const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut state = PRIME ^ string.len() as u64;
    for chunk in string.chunks(8) {
        let mut word = [0; 8];
        word.iter_mut()
            .zip(chunk)
            .for_each(|(to, from)| *to = *from);
        let product = u128::from(state ^ u64::from_le_bytes(word)) * u128::from(PRIME);
        state = (product as u64) ^ ((product >> 64) as u64);
    }
    (state ^ state >> 32) as usize
}

/// Bits of a hash that do not say the place.
#[expect(clippy::cast_possible_truncation, reason = "eight bits are wanted")]
const fn tag(hash: usize) -> u8 {
    (hash >> 56) as u8 | 1
}

/// Every world that has been seen, numbered in the order in which they came.
pub struct Packed {
    /// What all clients share.
    shared: Pool,
    lanes: Pool,
    worlds: Pool,
}

impl Packed {
    /// Of worlds with so many clients.
    #[must_use]
    pub fn new(clients: usize) -> Self {
        Self {
            shared: Pool::new(0),
            lanes: Pool::new(0),
            worlds: Pool::new(NUMBER * (1 + clients)),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.worlds.len
    }

    /// The number of a world, if it has been seen.
    #[must_use]
    pub fn find(&self, bytes: &Bytes) -> Option<u32> {
        let mut pieces = bytes.pieces();
        let shared = self.shared.find(pieces.next()?).ok()?;
        let mut lanes = Row::new(shared);
        for piece in pieces {
            lanes.push(self.lanes.find(piece).ok()?).ok()?;
        }
        self.worlds.find(lanes.packed()).ok()
    }

    /// The number of a world, and whether it is new.
    ///
    /// # Errors
    /// It is new, and there is no room for it.
    pub fn number(&mut self, bytes: &Bytes) -> Result<(u32, bool), Full> {
        let mut pieces = bytes.pieces();
        let shared = pieces.next().unwrap_or_default();
        let mut lanes = Row::new(self.shared.number(shared, MOST_PIECES)?.0);
        for piece in pieces {
            lanes.push(self.lanes.number(piece, MOST_PIECES)?.0)?;
        }
        self.worlds.number(lanes.packed(), MOST_WORLDS)
    }

    /// How many different pieces there are: shared ones, and lanes.
    #[must_use]
    pub fn pieces(&self) -> [usize; 2] {
        [self.shared.len, self.lanes.len]
    }

    /// How many bytes it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shared.size() + self.lanes.size() + self.worlds.size()
    }
}

/// The numbers of a world's pieces.
struct Row {
    numbers: [u32; 1 + MOST_CLIENTS],
    bytes: [u8; NUMBER * (1 + MOST_CLIENTS)],
    len: usize,
}

impl Row {
    fn new(shared: u32) -> Self {
        let mut row = Self {
            numbers: [0; 1 + MOST_CLIENTS],
            bytes: [0; NUMBER * (1 + MOST_CLIENTS)],
            len: 1,
        };
        row.numbers[0] = shared;
        row
    }

    fn push(&mut self, number: u32) -> Result<(), Full> {
        let next = self.numbers.get_mut(self.len).ok_or(Full)?;
        *next = number;
        self.len += 1;
        Ok(())
    }

    /// The numbers as bytes, those of lanes in order.
    fn packed(&mut self) -> &[u8] {
        if let Some(lanes) = self.numbers.get_mut(1..self.len) {
            lanes.sort_unstable();
        }
        for (number, bytes) in self.numbers.iter().zip(self.bytes.chunks_mut(NUMBER)) {
            bytes.copy_from_slice(number.to_le_bytes().get(..NUMBER).unwrap_or_default());
        }
        self.bytes.get(..NUMBER * self.len).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{alphabet::Scene, rules::Rules, setup::Setup},
        practice::Practice,
    };
    use alloc::collections::BTreeSet;

    #[test]
    fn a_string_has_its_number_for_good_however_many_come() {
        let mut pool = Pool::new(0);
        let string = |number: u32| alloc::format!("{number}").into_bytes();
        for number in 0..20_000 {
            assert_eq!(pool.find(&string(number)).ok(), None);
            assert_eq!(pool.number(&string(number), 20_000), Ok((number, true)));
        }
        for number in 0..20_000 {
            assert_eq!(pool.find(&string(number)), Ok(number));
            assert_eq!(pool.number(&string(number), 20_000), Ok((number, false)));
        }
        assert_eq!(pool.number(b"one more", 20_000), Err(Full));
    }

    #[test]
    fn the_order_of_lanes_makes_no_other_world_and_a_lane_that_is_there_twice_does() {
        let mut row = [Row::new(7), Row::new(7), Row::new(7)];
        for (row, lanes) in row.iter_mut().zip([[1, 2], [2, 1], [2, 2]]) {
            for lane in lanes {
                assert_eq!(row.push(lane), Ok(()));
            }
        }
        let [one, other, twice] = row.each_mut().map(Row::packed);
        assert_eq!(one, [7, 0, 0, 1, 0, 0, 2, 0, 0]);
        assert_eq!(one, other);
        assert_ne!(one, twice);
    }

    #[test]
    fn places_are_in_their_range_and_follow_each_other_in_a_circle() {
        for (hash, at) in [(0, 0), (0x7fff_ffff, 4), (0x8000_0000, 5), (0xffff_ffff, 9)] {
            assert_eq!(place(hash, 10), at);
            assert_eq!(place(0xab_0000_0000 | hash, 10), at);
        }
        assert_eq!([after(0, 10), after(8, 10), after(9, 10)], [1, 9, 0]);
        let tags = [0, 0x10 << 56, 0x11 << 56, 0xfe << 56].map(tag);
        assert_eq!(tags, [1, 0x11, 0x11, 0xff]);
    }

    #[test]
    fn what_is_hashed_differs_in_every_byte_and_by_its_length() {
        let words: [&[u8]; 4] = [b"", b"\0", b"12345678", b"1234567890"];
        let hashes = words.map(hash);
        let as_they_were = [
            11_400_714_820_970_677_676,
            2_361_070_584_630_897_507,
            6_198_617_391_746_450_768,
            3_673_017_817_004_486_583,
        ];
        assert_eq!(hashes, as_they_were);
    }

    #[test]
    fn little_of_what_is_kept_is_ever_empty() {
        let (mut any, mut same) = (Pool::new(0), Pool::new(4));
        for number in 0..896_u32 {
            for pool in [&mut any, &mut same] {
                assert!(pool.number(&number.to_le_bytes(), 2000).is_ok());
            }
        }
        assert_eq!((any.places.len(), same.places.len()), (1024, 1024));
        assert!(any.number(b"more", 2000).is_ok() && same.number(b"more", 2000).is_ok());
        assert_eq!((any.places.len(), any.tags.len()), (1280, 1280));
        assert_eq!((any.size(), same.size()), (13_833, 10_117));
    }

    #[test]
    fn a_world_has_three_bytes_for_each_of_its_pieces() {
        assert_eq!(MOST_PIECES, 0x100_0000);
        assert_eq!(Packed::new(2).worlds.width, 9);
        let mut row = Row::new(0x1_0203);
        for lane in 0..8 {
            assert_eq!(row.push(lane), Ok(()));
        }
        assert_eq!(row.push(8), Err(Full));
        assert_eq!(row.packed().len(), 27);
        assert_eq!(row.packed()[..3], [3, 2, 1]);
    }

    #[test]
    fn what_is_kept_is_counted_and_a_world_that_comes_again_is_known() {
        let worlds: Vec<_> = {
            let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
            let mut actions = Vec::new();
            rules.possible(rules.beginning(), &mut actions);
            let next = actions
                .iter()
                .filter_map(|&action| rules.next(rules.beginning(), action));
            next.map(|world| Bytes::of(&world)).collect()
        };
        let mut packed = Packed::new(2);
        assert_eq!((packed.len(), packed.pieces()), (0, [0, 0]));
        let empty = packed.size();
        // Three pools of 1,024 places, five bytes each, and nothing in them.
        assert_eq!(empty, 3 * 5 * 1024);
        for bytes in &worlds {
            let known = packed.find(bytes);
            let (number, is_new) = packed.number(bytes).unwrap();
            assert_eq!(known, Some(number).filter(|_| !is_new));
            assert_eq!(packed.number(bytes), Ok((number, false)));
        }
        let shared: BTreeSet<&[u8]> = worlds
            .iter()
            .filter_map(|bytes| bytes.pieces().next())
            .collect();
        let lanes: BTreeSet<&[u8]> = worlds
            .iter()
            .flat_map(|bytes| bytes.pieces().skip(1))
            .collect();
        assert_eq!(packed.pieces(), [shared.len(), lanes.len()]);
        assert_eq!(packed.pieces(), [3, 12]);
        let [shared, lanes, worlds] =
            [&packed.shared, &packed.lanes, &packed.worlds].map(Pool::size);
        assert_eq!(packed.size(), shared + lanes + worlds);
        assert!(packed.size() > empty);
    }
}
