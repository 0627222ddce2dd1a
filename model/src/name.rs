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
}
