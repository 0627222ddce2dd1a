//! Sets of numbers: as a client writes them, and resolved.
//!
//! Touches nothing. RFC 3501 section 9 (`sequence-set`): `*` is the largest number in use, and a
//! range may be written either way round. What the largest is, the caller knows: it is
//! the last message *of the client's view*, not of the mailbox as others have changed it since.

use alloc::vec::Vec;
use core::fmt;

/// One end of a range in a [`SequenceSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// A number, 1 and up.
    Number(u32),
    /// `*`, the largest number in use.
    Star,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Star => f.write_str("*"),
        }
    }
}

/// `sequence-set` of RFC 3501 section 9 as the client wrote it, in its order; message sequence
/// numbers or UIDs, as the command has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SequenceSet {
    /// Ranges, both ends included; a single number is a range from itself to itself.
    pub ranges: Vec<(Bound, Bound)>,
}

impl SequenceSet {
    /// The set of one number.
    #[must_use]
    pub fn one(number: u32) -> Self {
        Self::range(Bound::Number(number), Bound::Number(number))
    }

    /// The set of one range.
    #[must_use]
    pub fn range(from: Bound, to: Bound) -> Self {
        Self {
            ranges: alloc::vec![(from, to)],
        }
    }

    /// `1:*`.
    #[must_use]
    pub fn all() -> Self {
        Self::range(Bound::Number(1), Bound::Star)
    }

    /// The numbers meant, with `*` standing for `largest`.
    #[must_use]
    pub fn resolve(&self, largest: u32) -> NumberSet {
        let value = |bound: Bound| match bound {
            Bound::Number(number) => number,
            Bound::Star => largest,
        };
        self.ranges
            .iter()
            .map(|&(from, to)| {
                let (from, to) = (value(from), value(to));
                (from.min(to), from.max(to))
            })
            .collect()
    }
}

impl fmt::Display for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.ranges)
    }
}

/// A set of numbers as ascending ranges that neither overlap nor touch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NumberSet {
    ranges: Vec<(u32, u32)>,
}

impl NumberSet {
    /// The ranges, ascending, both ends included.
    #[must_use]
    pub fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    /// Whether it holds no number.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The largest number in it.
    #[must_use]
    pub fn largest(&self) -> Option<u32> {
        self.ranges.last().map(|&(_, to)| to)
    }

    /// The smallest number in it.
    #[must_use]
    pub fn smallest(&self) -> Option<u32> {
        self.ranges.first().map(|&(from, _)| from)
    }

    /// Whether `number` is in it; logarithmic in the ranges.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        self.next_from(number) == Some(number)
    }

    /// The smallest member that is at least `number`; logarithmic in the ranges.
    #[must_use]
    pub fn next_from(&self, number: u32) -> Option<u32> {
        let index = self.ranges.partition_point(|&(_, to)| to < number);
        self.ranges.get(index).map(|&(from, _)| from.max(number))
    }

    /// Adds a number not below any that is in the set already; constant time. Others are ignored.
    pub fn push(&mut self, number: u32) {
        match self.ranges.last_mut() {
            Some((_, to)) if number <= *to => {}
            Some((_, to)) if number == to.saturating_add(1) => *to = number,
            _ => self.ranges.push((number, number)),
        }
    }

    /// Every number in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().flat_map(|&(from, to)| from..=to)
    }
}

impl FromIterator<(u32, u32)> for NumberSet {
    /// From ranges in any order, overlapping or not.
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(ranges: I) -> Self {
        let mut sorted: Vec<(u32, u32)> = ranges.into_iter().collect();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match merged.last_mut() {
                Some((_, last)) if from <= last.saturating_add(1) => *last = to.max(*last),
                _ => merged.push((from, to)),
            }
        }
        Self { ranges: merged }
    }
}

impl fmt::Display for NumberSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write(f, &self.ranges)
    }
}

/// Ranges as RFC 3501 section 9 writes them.
fn write<T: fmt::Display + PartialEq>(
    f: &mut fmt::Formatter<'_>,
    ranges: &[(T, T)],
) -> fmt::Result {
    for (index, (from, to)) in ranges.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        from.fmt(f)?;
        if from != to {
            write!(f, ":{to}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, string::ToString, vec};

    /// Every range of these numbers and `*`, either way round.
    fn every_range(most: u32) -> Vec<(Bound, Bound)> {
        let bounds = || (1..=most).map(Bound::Number).chain([Bound::Star]);
        bounds()
            .flat_map(|from| bounds().map(move |to| (from, to)))
            .collect()
    }

    /// The numbers of these ranges, one by one.
    fn members(ranges: &[(Bound, Bound)], largest: u32) -> BTreeSet<u32> {
        let value = |bound| match bound {
            Bound::Number(number) => number,
            Bound::Star => largest,
        };
        let ends = ranges.iter().map(|&(from, to)| (value(from), value(to)));
        ends.flat_map(|(from, to)| from.min(to)..=from.max(to))
            .collect()
    }

    #[test]
    fn a_set_answers_as_a_plain_one_does() {
        for first in every_range(5) {
            for second in every_range(5) {
                for largest in [0, 3, 6] {
                    let ranges = vec![first, second];
                    let plain = members(&ranges, largest);
                    let set = SequenceSet { ranges }.resolve(largest);
                    assert!(set.iter().eq(plain.iter().copied()), "{set}");
                    assert!(!set.is_empty());
                    assert_eq!(set.smallest(), plain.first().copied());
                    assert_eq!(set.largest(), plain.last().copied());
                    for number in 0..8 {
                        assert_eq!(set.contains(number), plain.contains(&number));
                        let next = plain.range(number..).next().copied();
                        assert_eq!(set.next_from(number), next);
                    }
                    // Neither overlapping nor touching, so that equal sets are written the same way.
                    let mut pairs = set.ranges().windows(2);
                    assert!(pairs.all(|pair| pair[0].1 + 1 < pair[1].0), "{set}");
                    let mut pushed = NumberSet::default();
                    plain.iter().for_each(|&number| pushed.push(number));
                    plain.iter().for_each(|&number| pushed.push(number));
                    assert_eq!(pushed, set);
                }
            }
        }
        assert!(NumberSet::default().is_empty());
    }

    #[test]
    fn the_largest_number_is_a_number_like_others() {
        let mut set: NumberSet = [(u32::MAX, u32::MAX), (u32::MAX - 1, u32::MAX)]
            .into_iter()
            .collect();
        set.push(u32::MAX);
        assert_eq!(set.ranges(), [(u32::MAX - 1, u32::MAX)]);
    }

    #[test]
    fn ranges_are_read_either_way_round_and_merged() {
        let set = SequenceSet {
            ranges: vec![
                (Bound::Number(5), Bound::Number(3)),
                (Bound::Number(1), Bound::Number(1)),
                (Bound::Number(2), Bound::Number(2)),
                (Bound::Star, Bound::Number(9)),
            ],
        };
        assert_eq!(set.to_string(), "5:3,1,2,*:9");
        assert_eq!(set.resolve(7).to_string(), "1:5,7:9");
    }

    #[test]
    fn a_range_to_star_past_the_end_still_holds_the_last() {
        let set = SequenceSet::range(Bound::Number(9), Bound::Star);
        assert_eq!(set.resolve(4).ranges(), [(4, 9)]);
    }

    #[test]
    fn next_from_finds_the_following_member() {
        let set: NumberSet = [(2, 3), (7, 9)].into_iter().collect();
        assert_eq!(
            [1, 2, 4, 8, 10].map(|number| set.next_from(number)),
            [Some(2), Some(2), Some(7), Some(8), None]
        );
    }
}
