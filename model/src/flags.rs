//! Flags of a message, and the keywords that a mailbox knows.
//!
//! Touches nothing. RFC 3501 section 2.3.2. \Recent is not among them: it belongs to one session,
//! see [`crate::view`].

use alloc::{sync::Arc, vec::Vec};
use core::fmt;

/// The flags of one message: bits 0 to 4 are the system flags, bit 5 + k is keyword k
/// of the mailbox's [`Keywords`].
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flags(pub u64);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// \Answered.
    pub const ANSWERED: Self = Self(1);
    /// \Flagged.
    pub const FLAGGED: Self = Self(1 << 1);
    /// \Deleted.
    pub const DELETED: Self = Self(1 << 2);
    /// \Seen.
    pub const SEEN: Self = Self(1 << 3);
    /// \Draft.
    pub const DRAFT: Self = Self(1 << 4);
    /// The five system flags that a client can set.
    pub const SYSTEM: Self = Self(0b1_1111);
    /// The system flags with their names, in the order in which they are written.
    pub const NAMES: [(Self, &'static str); 5] = [
        (Self::ANSWERED, "\\Answered"),
        (Self::FLAGGED, "\\Flagged"),
        (Self::DELETED, "\\Deleted"),
        (Self::SEEN, "\\Seen"),
        (Self::DRAFT, "\\Draft"),
    ];

    /// The flag of keyword number `index`; none past [`Keywords::MOST`].
    #[must_use]
    pub const fn keyword(index: usize) -> Self {
        if index < Keywords::MOST {
            Self(1 << (5 + index))
        } else {
            Self::NONE
        }
    }

    /// Whether every flag of `other` is set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those set in either.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those set in this and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        let mut space = "";
        for (flag, name) in Self::NAMES {
            if self.contains(flag) {
                write!(f, "{space}{name}")?;
                space = " ";
            }
        }
        let keywords = self.without(Self::SYSTEM);
        if keywords != Self::NONE {
            write!(f, "{space}keywords {:#x}", keywords.0 >> 5)?;
        }
        f.write_str(")")
    }
}

/// A keyword: a flag whose meaning clients agree on (`flag-keyword` of RFC 3501 section 9). Two that
/// differ in the case of ASCII letters only are the same.
#[derive(Clone, Debug, Eq)]
pub struct Keyword(pub Arc<str>);

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl core::hash::Hash for Keyword {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for byte in self.0.bytes() {
            state.write_u8(byte.to_ascii_lowercase());
        }
    }
}

/// The keywords that a mailbox knows, in the order in which they were first used. It only grows, so the
/// first n of it are good for whoever has been told n.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Keywords {
    list: Option<Arc<[Keyword]>>,
}

impl Keywords {
    /// How many one mailbox can hold: [`Flags`] has a bit for each.
    pub const MOST: usize = 59;

    /// All of them; keyword k is flag [`Flags::keyword`]`(k)`.
    #[must_use]
    pub fn list(&self) -> &[Keyword] {
        self.list.as_deref().unwrap_or_default()
    }

    /// The place of a keyword.
    #[must_use]
    pub fn index(&self, keyword: &Keyword) -> Option<usize> {
        self.list().iter().position(|known| known == keyword)
    }

    /// Whether there is room for one more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.list().len() < Self::MOST
    }

    /// Adds one at the end, unless it is known or there is no room.
    pub fn add(&mut self, keyword: Keyword) {
        if self.has_room() && self.index(&keyword).is_none() {
            let mut list: Vec<Keyword> = self.list().to_vec();
            list.push(keyword);
            self.list = Some(list.into());
        }
    }
}

/// Flags as a command names them, before they are looked up in a mailbox's [`Keywords`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FlagNames {
    /// System flags.
    pub system: Flags,
    /// Keywords.
    pub keywords: Vec<Keyword>,
}

impl From<Flags> for FlagNames {
    fn from(system: Flags) -> Self {
        Self {
            system: Flags(system.0 & Flags::SYSTEM.0),
            keywords: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use core::hash::{Hash, Hasher};

    fn keyword(text: &str) -> Keyword {
        Keyword(text.into())
    }

    #[test]
    fn every_flag_and_every_keyword_has_a_bit_of_its_own() {
        let system = Flags::NAMES.map(|(flag, _)| flag);
        let all: Vec<Flags> = system
            .into_iter()
            .chain((0..Keywords::MOST).map(Flags::keyword))
            .collect();
        let mut before = Flags::NONE;
        for &flag in &all {
            assert_eq!(flag.0.count_ones(), 1);
            assert!(!before.contains(flag));
            before = before.with(flag);
            assert!(before.contains(flag));
            assert_eq!(before.with(flag), before);
            assert_eq!(before.without(flag).with(flag), before);
            assert!(!before.without(flag).contains(flag));
        }
        assert_eq!(before, Flags(u64::MAX));
        assert_eq!(Flags::keyword(Keywords::MOST), Flags::NONE);
        assert!(!Flags::SEEN.contains(Flags::SEEN.with(Flags::DRAFT)));
    }

    #[test]
    fn flags_are_shown_by_their_names() {
        assert_eq!(format!("{:?}", Flags::NONE), "()");
        let two = Flags::SEEN.with(Flags::DRAFT);
        assert_eq!(format!("{two:?}"), "(\\Seen \\Draft)");
        let keywords = Flags::keyword(0).with(Flags::keyword(1));
        assert_eq!(format!("{keywords:?}"), "(keywords 0x3)");
        assert_eq!(
            format!("{:?}", two.with(keywords)),
            "(\\Seen \\Draft keywords 0x3)"
        );
    }

    #[test]
    fn keywords_are_the_same_in_any_case() {
        let hash = |keyword: Keyword| {
            let mut hasher = std::hash::DefaultHasher::new();
            keyword.hash(&mut hasher);
            hasher.finish()
        };
        assert_eq!(keyword("$Junk"), keyword("$JUNK"));
        assert_eq!(hash(keyword("$Junk")), hash(keyword("$JUNK")));
        assert_ne!(keyword("$Junk"), keyword("$Jung"));
        assert_ne!(hash(keyword("$Junk")), hash(keyword("$Jung")));
    }

    #[test]
    fn a_mailbox_knows_so_many_keywords_each_once_and_in_their_order() {
        let mut keywords = Keywords::default();
        for n in 0..Keywords::MOST {
            assert!(keywords.has_room());
            keywords.add(keyword(&format!("k{n}")));
            keywords.add(keyword("K0"));
        }
        assert!(!keywords.has_room());
        keywords.add(keyword("another"));
        assert_eq!(keywords.list().len(), Keywords::MOST);
        assert_eq!(keywords.index(&keyword("K58")), Some(58));
        assert_eq!(keywords.index(&keyword("another")), None);
    }

    #[test]
    fn flags_that_a_client_cannot_set_are_no_system_flags() {
        let names = FlagNames::from(Flags::SEEN.with(Flags::keyword(3)));
        assert_eq!((names.system, names.keywords.len()), (Flags::SEEN, 0));
    }
}
