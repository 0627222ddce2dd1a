//! What is known of a message, its content aside.
//!
//! Touches nothing. RFC 3501 section 2.3.

use crate::{
    flags::Flags,
    number::{ContentId, ModSeq, Uid},
};

/// A message in a mailbox: 40 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Its unique identifier.
    pub uid: Uid,
    /// RFC822.SIZE, in octets.
    pub size: u32,
    /// When it was last changed: at its arrival, or by its flags.
    pub modseq: ModSeq,
    /// Its flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub date: InternalDate,
    /// Where the server finds its bytes.
    pub content: ContentId,
}

/// INTERNALDATE (RFC 3501 section 2.3.3) to the second, with the zone in which it was written.
///
/// Packed in eight bytes: seconds since 1970-01-01 00:00:00 UTC, shifted by twelve bits, and the zone in
/// minutes east of UTC, plus 2048.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InternalDate(u64);

impl InternalDate {
    /// From seconds since 1970 in UTC (0 to 2^52 - 1; clamped) and minutes east of UTC (-2047 to
    /// 2047; clamped).
    #[must_use]
    pub fn new(seconds: u64, zone: i16) -> Self {
        let zone = zone.clamp(-2047, 2047) + 2048;
        Self((seconds.min((1 << 52) - 1) << 12) + u64::from(zone.unsigned_abs()))
    }

    /// Seconds since 1970-01-01 00:00:00 UTC.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 >> 12
    }

    /// Minutes east of UTC of the zone in which it was written.
    #[must_use]
    pub fn zone(self) -> i16 {
        i16::try_from(self.0 & 0xfff).unwrap_or(2048) - 2048
    }

    /// The day that it names in its own zone, as SEARCH compares it: time and zone disregarded
    /// (RFC 3501 section 6.4.4, BEFORE).
    #[must_use]
    pub fn day(self) -> Day {
        let local = i64::try_from(self.seconds()).unwrap_or(i64::MAX) + i64::from(self.zone()) * 60;
        Day(i32::try_from(local.div_euclid(86_400)).unwrap_or(i32::MAX))
    }
}

/// A day, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_keeps_its_zone_and_names_the_day_of_it() {
        let date = InternalDate::new(86_400 - 60, 120);
        assert_eq!(
            (date.seconds(), date.zone(), date.day()),
            (86_340, 120, Day(1))
        );
        assert_eq!(InternalDate::new(60, -120).day(), Day(-1));
        assert_eq!(InternalDate::new(3 * 86_400, -1).day(), Day(2));
        assert_eq!(InternalDate::default().seconds(), 0);
    }

    #[test]
    fn a_date_that_does_not_fit_is_the_nearest_that_does() {
        let last = (1 << 52) - 1;
        for (seconds, zone, kept) in [
            (last, 2047, (last, 2047)),
            (last + 1, 2048, (last, 2047)),
            (u64::MAX, i16::MAX, (last, 2047)),
            (0, -2047, (0, -2047)),
            (0, i16::MIN, (0, -2047)),
        ] {
            let date = InternalDate::new(seconds, zone);
            assert_eq!((date.seconds(), date.zone()), kept);
        }
    }
}
