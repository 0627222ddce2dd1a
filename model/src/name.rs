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
        self.0.strip_suffix(SEPARATOR).map_or_else(|| self.clone(), Self::new)
    }

    /// Why no mailbox can be called this, if so: it is empty, or has an empty level.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        if self.0.is_empty() {
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
        let name = self.0.as_bytes();
        let (mut at, mut behind) = (0, 0);
        // Where to go on if what follows a wildcard turns out not to match: (in the pattern, in the name).
        let mut star: Option<(usize, usize)> = None;
        let mut percent: Option<(usize, usize)> = None;
        let folded = Self::new(pattern);
        let pattern = folded.0.as_bytes();
        loop {
            match (pattern.get(at), name.get(behind)) {
                (Some(b'*'), _) => {
                    at += 1;
                    star = Some((at, behind));
                    percent = None;
                }
                (Some(b'%'), _) => {
                    at += 1;
                    percent = Some((at, behind));
                }
                (None, None) => return true,
                (Some(wanted), Some(found)) if wanted == found => {
                    at += 1;
                    behind += 1;
                }
                _ => {
                    let shorter = percent
                        .filter(|&(_, from)| name.get(from).is_some_and(|&byte| byte != b'/'));
                    if let Some((after, from)) = shorter {
                        (at, behind) = (after, from + 1);
                        percent = Some((after, from + 1));
                    } else if let Some((after, from)) = star.filter(|&(_, from)| from < name.len()) {
                        (at, behind) = (after, from + 1);
                        star = Some((after, from + 1));
                        percent = None;
                    } else {
                        return false;
                    }
                }
            }
        }
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
