//! Names of mailboxes, and the patterns that LIST matches them with.
//!
//! Touches nothing. RFC 3501 sections 5.1 and 6.3.8. Names are held decoded, as Unicode; how they look on
//! the wire (modified UTF-7) is the codec's.

use alloc::{string::String, sync::Arc};
use core::fmt;

/// The hierarchy separator, of every name.
pub const SEPARATOR: char = '/';

/// A mailbox name. INBOX is written in capitals whichever way a client writes it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxName(Arc<str>);

impl MailboxName {
    /// The most octets of a name, in UTF-8.
    pub const MOST: usize = 1000;

    /// The name as a client gave it, decoded; INBOX (and its inferiors' first part) without regard to case.
    #[must_use]
    pub fn new(name: &str) -> Self {
        match name.split_once(SEPARATOR) {
            None if name.eq_ignore_ascii_case("INBOX") => Self("INBOX".into()),
            Some((first, rest)) if first.eq_ignore_ascii_case("INBOX") && first != "INBOX" => {
                let mut whole = String::from("INBOX/");
                whole.push_str(rest);
                Self(whole.into())
            }
            _ => Self(name.into()),
        }
    }

    /// INBOX.
    #[must_use]
    pub fn inbox() -> Self {
        Self::new("INBOX")
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is INBOX.
    #[must_use]
    pub fn is_inbox(&self) -> bool {
        &*self.0 == "INBOX"
    }

    /// The name without one trailing separator, by which CREATE declares that inferiors will follow.
    #[must_use]
    pub fn without_trailing_separator(&self) -> Self {
        self.0
            .strip_suffix(SEPARATOR)
            .map_or_else(|| self.clone(), Self::new)
    }

    /// Why no mailbox can be called this, if so: it is empty, or has an empty level.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if self.0.len() > Self::MOST {
            Some("a mailbox name cannot be longer than 1,000 octets")
        } else if self.0.is_empty() {
            Some("a mailbox name cannot be empty")
        } else if self.0.split(SEPARATOR).any(str::is_empty) {
            Some("a mailbox name cannot have an empty level")
        } else {
            None
        }
    }

    /// Whether this is below `superior` in the hierarchy.
    #[must_use]
    pub fn is_inferior_of(&self, superior: &Self) -> bool {
        self.0
            .strip_prefix(superior.as_str())
            .is_some_and(|rest| rest.starts_with(SEPARATOR))
    }

    /// Whether it can be an argument of a response code, which ends at `]` and has no room for a literal. RFC 3501 removed NEWNAME since
    /// not every name can.
    #[must_use]
    pub fn fits_response_code(&self) -> bool {
        !self.0.contains(|c: char| c == ']' || c.is_control())
    }

    /// The name with a separator after it, with which all its inferiors begin.
    #[must_use]
    pub fn with_separator(&self) -> String {
        let mut whole = String::from(&*self.0);
        whole.push(SEPARATOR);
        whole
    }

    /// The superiors, nearest to the root first: of `a/b/c`, `a` and `a/b`.
    pub fn superiors(&self) -> impl Iterator<Item = Self> + '_ {
        self.0
            .match_indices(SEPARATOR)
            .filter_map(|(at, _)| self.0.get(..at))
            .map(Self::new)
    }

    /// This name with the leading `from` replaced by `to`; `from` is this name or a superior of it.
    #[must_use]
    pub fn moved(&self, from: &Self, to: &Self) -> Self {
        let rest = self.0.strip_prefix(from.as_str()).unwrap_or_default();
        let mut whole = String::from(to.as_str());
        whole.push_str(rest);
        Self::new(&whole)
    }

    /// Whether LIST's pattern matches: `*` stands for anything, `%` for anything within a level
    /// (RFC 3501 section 6.3.8). Time is the product of the lengths at worst.
    #[must_use]
    pub fn matches(&self, pattern: &str) -> bool {
        let pattern = Self::new(pattern);
        let pattern = pattern.0.as_bytes();
        // `reached[n]`: what was read of the name matches the first n octets of the pattern.
        let mut reached = alloc::vec![false; pattern.len() + 1];
        let through_wildcards = |reached: &mut [bool]| {
            let mut before = false;
            for (at, here) in reached.iter_mut().enumerate() {
                let wildcard = at > 0 && matches!(pattern.get(at - 1), Some(b'*' | b'%'));
                *here |= before && wildcard;
                before = *here;
            }
        };
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        through_wildcards(&mut reached);
        for &byte in self.0.as_bytes() {
            let mut before = false;
            for (at, here) in reached.iter_mut().enumerate() {
                let stays = match at.checked_sub(1).and_then(|last| pattern.get(last)) {
                    Some(b'*') => *here,
                    Some(b'%') => *here && byte != b'/',
                    _ => false,
                };
                let moves =
                    before && at.checked_sub(1).and_then(|last| pattern.get(last)) == Some(&byte);
                before = core::mem::replace(here, stays || moves);
            }
            through_wildcards(&mut reached);
        }
        reached.last() == Some(&true)
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::ToString, vec::Vec};

    #[test]
    fn inbox_is_the_same_in_any_case() {
        assert_eq!(MailboxName::new("inBox"), MailboxName::inbox());
        assert_eq!(MailboxName::new("inbox/Work").as_str(), "INBOX/Work");
    }

    #[test]
    fn percent_stays_within_a_level_and_star_does_not() {
        let matches = |name: &str, pattern: &str| MailboxName::new(name).matches(pattern);
        for (name, pattern, expected) in [
            ("a/b", "%", false),
            ("a/b", "*", true),
            ("a/b", "%/%", true),
            ("a/b/c", "%/%", false),
            ("a/b/c", "a*c", true),
            ("a/b/c", "*/c", true),
            ("a/b/c", "*%", true),
            ("a/b/c", "%/*c", true),
            ("abc", "a%c", true),
            ("abcbc", "%bc", true),
            ("a/bcd/bc", "*%bc", true),
            ("INBOX", "inbox", true),
            ("", "*", true),
            ("a", "", false),
        ] {
            assert_eq!(matches(name, pattern), expected, "{name} {pattern}");
        }
    }

    /// Every text of so many of these characters, and of fewer.
    fn texts(letters: &str, most: usize) -> Vec<String> {
        let mut all = alloc::vec![String::new()];
        let mut from = 0;
        for _ in 0..most {
            let longer: Vec<String> = all[from..]
                .iter()
                .flat_map(|text| letters.chars().map(move |letter| format!("{text}{letter}")))
                .collect();
            from = all.len();
            all.extend(longer);
        }
        all
    }

    /// LIST's wildcards as one would explain them: each stands for nothing, or for one character and then for itself again.
    fn explained(name: &[u8], pattern: &[u8]) -> bool {
        match (name, pattern) {
            ([], []) => true,
            (_, [wildcard @ (b'*' | b'%'), rest @ ..]) => {
                let takes = |letter: u8| *wildcard == b'*' || letter != b'/';
                explained(name, rest)
                    || name
                        .split_first()
                        .is_some_and(|(&letter, after)| takes(letter) && explained(after, pattern))
            }
            ([letter, name @ ..], [expected, pattern @ ..]) => {
                letter == expected && explained(name, pattern)
            }
            _ => false,
        }
    }

    #[test]
    fn a_pattern_matches_as_it_is_explained() {
        let names = texts("ab/", 3);
        for pattern in texts("ab/*%", 4) {
            for name in &names {
                let expected = explained(name.as_bytes(), pattern.as_bytes());
                let matches = MailboxName::new(name).matches(&pattern);
                assert_eq!(matches, expected, "{name} {pattern}");
            }
        }
    }

    #[test]
    fn only_inbox_is_the_same_in_any_case() {
        for name in ["inbox2", "a/INBOX", "Other", "other/Work"] {
            assert_eq!(MailboxName::new(name).as_str(), name);
            assert!(!MailboxName::new(name).is_inbox());
        }
        assert!(MailboxName::new("inbox").is_inbox());
        assert!(!MailboxName::new("inbox/a").is_inbox());
        assert_eq!(MailboxName::inbox().to_string(), "INBOX");
    }

    #[test]
    fn a_name_has_octets_in_every_level_and_not_too_many() {
        let faultless = |name: &str| MailboxName::new(name).fault().is_none();
        assert!(faultless("a") && faultless("a/b"));
        for name in ["", "/", "/a", "a/", "a//b"] {
            assert!(!faultless(name), "{name}");
        }
        assert!(faultless(&"a".repeat(MailboxName::MOST)));
        assert!(!faultless(&"a".repeat(MailboxName::MOST + 1)));
        // Octets and not characters.
        assert!(faultless(&"\u{fc}".repeat(MailboxName::MOST / 2)));
        assert!(!faultless(&"\u{fc}".repeat(MailboxName::MOST / 2 + 1)));
    }

    #[test]
    fn names_are_above_and_below_each_other() {
        let name = MailboxName::new;
        assert!(name("a/b").is_inferior_of(&name("a")));
        assert!(name("a/b/c").is_inferior_of(&name("a")));
        for other in ["a", "ab", "ab/c", "b/a"] {
            assert!(!name(other).is_inferior_of(&name("a")), "{other}");
        }
        assert!(name("a/b/c").superiors().eq([name("a"), name("a/b")]));
        assert_eq!(name("a").superiors().count(), 0);
        assert_eq!(name("a").with_separator(), "a/");
        assert_eq!(name("a/").without_trailing_separator(), name("a"));
        assert_eq!(name("a").without_trailing_separator(), name("a"));
        assert_eq!(name("a/b/c").moved(&name("a/b"), &name("x")), name("x/c"));
        assert_eq!(name("a").moved(&name("a"), &name("x")), name("x"));
    }

    #[test]
    fn a_response_code_holds_no_name_that_would_end_it() {
        assert!(MailboxName::new("a b").fits_response_code());
        for name in ["a]", "a\rb", "a\0"] {
            assert!(!MailboxName::new(name).fits_response_code());
        }
    }
}
