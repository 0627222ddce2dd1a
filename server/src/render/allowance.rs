//! How much of what a message says of itself its digest shows.
//!
//! Touches nothing. A header may have as many octets as a message may, an address list says `(NIL NIL "a" "")` where the header says `a,`, and all of a From field
//! stands in an envelope three times. A digest is kept, and read whenever a client lists a mailbox: so it has an end.

/// The most octets of a header's text, in one ENVELOPE, BODY or BODYSTRUCTURE, each string counted as if it had [`STRING`] more.
pub const TEXT_MOST: usize = 512 << 10;

/// What a string is counted for beside its octets. Written, each has at most twice as many octets as it was counted for:
/// a quoted string doubles its quotes and backslashes; a literal tells its length.
pub const STRING: usize = 3;

/// What is left of [`TEXT_MOST`].
#[derive(Debug)]
pub struct Allowance {
    left: usize,
}

impl Default for Allowance {
    fn default() -> Self {
        Self::new()
    }
}

impl Allowance {
    /// All of it.
    #[must_use]
    pub const fn new() -> Self {
        Self { left: TEXT_MOST }
    }

    /// Whether these may be shown: all or none, so that a list has its end, and a group too. If so, they are counted.
    #[must_use]
    pub fn covers<'a>(&mut self, strings: impl IntoIterator<Item = &'a [u8]>) -> bool {
        let left = strings.into_iter().try_fold(self.left, |left, string| {
            left.checked_sub(string.len())?.checked_sub(STRING)
        });
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode::string::string;
    use proptest::prelude::*;

    #[test]
    fn strings_are_allowed_all_or_none() {
        let mut allowance = Allowance::new();
        let half = vec![b'x'; TEXT_MOST / 2];
        assert!(!allowance.covers([&*half, &*half]));
        assert!(allowance.covers([&*half]));
        assert!(!allowance.covers([&*half]));
        assert!(allowance.covers([&half[3 * STRING..], b""]));
        assert!(!allowance.covers([&b""[..]]));
        assert!(allowance.covers([]));
    }

    proptest! {
        #[test]
        fn a_string_and_the_space_before_it_take_no_more_than_twice_what_they_count_for(
            octets in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..20),
                prop::collection::vec(prop::sample::select(b"\"\\a\xff\0".to_vec()), 0..2_000),
            ],
        ) {
            let mut out = Vec::new();
            string(&mut out, &octets);
            prop_assert!(out.len() < 2 * (octets.len() + STRING));
        }
    }
}
