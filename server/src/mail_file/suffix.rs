//! The end of a file's name in a Maildir, which tells the flags of its message; and the file that tells keywords their letters.
//!
//! Touches nothing. Before it, fields that begin with a comma may tell sizes, as in Maildir++ (`,S=`) and Dovecot (`,W=`). After `:2,` come letters: `D`raft, `F`lagged, `P`assed on (the keyword $Forwarded), `R`eplied to, `S`een, `T`rashed
//! (\Deleted). Small letters are keywords, and a file `dovecot-keywords` beside `cur` says which: lines of a number (0 is `a`) and a
//! keyword, as Dovecot writes them.

use std::fmt::Write as _;
use tandem_model::flags::{FlagNames, Flags, Keyword};

/// The file that tells which letter is which keyword.
pub const KEYWORDS: &str = "dovecot-keywords";

/// How many keywords have a letter.
pub const MOST: usize = 26;

/// The keyword of `P`.
const FORWARDED: &str = "$Forwarded";

const LETTERS: [(u8, Flags); 5] = [
    (b'D', Flags::DRAFT),
    (b'F', Flags::FLAGGED),
    (b'R', Flags::ANSWERED),
    (b'S', Flags::SEEN),
    (b'T', Flags::DELETED),
];

/// Which letter is which keyword; `a` is the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letters(Vec<Option<Keyword>>);

impl Letters {
    /// Of a `dovecot-keywords`. A line that is not of the form says nothing.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut letters = Vec::new();
        for line in text.lines() {
            let Some((number, name)) = line.split_once(' ') else {
                continue;
            };
            let Some(number) = number.parse().ok().filter(|&number: &usize| number < MOST) else {
                continue;
            };
            if letters.len() <= number {
                letters.resize(number.saturating_add(1), None);
            }
            if let Some(letter) = letters.get_mut(number) {
                *letter = is_keyword(name).then(|| Keyword(name.into()));
            }
        }
        Self(letters)
    }

    /// A `dovecot-keywords`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (number, keyword) in (0..).zip(&self.0) {
            if let Some(keyword) = keyword {
                // Writing to a string does not fail.
                let _ = writeln!(text, "{number} {}", keyword.0);
            }
        }
        text
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// Letters for the first so many of these keywords; $Forwarded has its own.
    #[must_use]
    pub fn of(keywords: impl IntoIterator<Item = Keyword>) -> Self {
        let others = keywords
            .into_iter()
            .filter(|keyword| !is_forwarded(keyword));
        Self(others.take(MOST).map(Some).collect())
    }

    fn keyword(&self, letter: u8) -> Option<&Keyword> {
        let number = usize::from(letter.checked_sub(b'a')?);
        self.0.get(number)?.as_ref()
    }

    fn letter(&self, keyword: &Keyword) -> Option<char> {
        let at = |known: &Option<Keyword>| known.as_ref() == Some(keyword);
        ('a'..='z').nth(self.0.iter().position(at)?)
    }
}

/// The flags that a file's name tells. Letters that nobody has explained are passed over, as is a name without `:2,`: it
/// is that of a message that no program has shown yet.
#[must_use]
pub fn flags(name: &[u8], letters: &Letters) -> FlagNames {
    let mut flags = FlagNames::default();
    let mark = name.iter().rposition(|&byte| byte == b':');
    let suffix = mark.and_then(|at| name.get(at..)?.strip_prefix(b":2,"));
    for &letter in suffix.unwrap_or_default() {
        let system = LETTERS.iter().find(|(known, _)| *known == letter);
        let keyword = match letter {
            b'P' => Some(Keyword(FORWARDED.into())),
            _ => letters.keyword(letter).cloned(),
        };
        if let Some((_, flag)) = system {
            flags.system = flags.system.with(*flag);
        } else if let Some(keyword) = keyword
            && !flags.keywords.contains(&keyword)
        {
            flags.keywords.push(keyword);
        }
    }
    flags
}

/// Whether the name of a file of so many octets tells (`,W=` and a number: its size with CRLF line ends) that all of its line ends are CRLF.
#[must_use]
pub fn has_crlf(name: &[u8], octets: usize) -> bool {
    let base = name.split(|&byte| byte == b':').next().unwrap_or_default();
    let mut fields = base.split(|&byte| byte == b',').skip(1);
    fields.any(|field| field == format!("W={octets}").as_bytes())
}

/// The end of the name for these flags: letters in the order of ASCII. With it, how many keywords have no letter.
#[must_use]
pub fn suffix(flags: &FlagNames, letters: &Letters) -> (String, usize) {
    let system = LETTERS
        .iter()
        .filter(|(_, flag)| flags.system.contains(*flag));
    let mut all: Vec<char> = system.map(|(letter, _)| char::from(*letter)).collect();
    let mut lost: usize = 0;
    for keyword in &flags.keywords {
        match letters.letter(keyword) {
            _ if is_forwarded(keyword) => all.push('P'),
            Some(letter) => all.push(letter),
            None => lost = lost.saturating_add(1),
        }
    }
    all.sort_unstable();
    (format!(":2,{}", all.into_iter().collect::<String>()), lost)
}

fn is_forwarded(keyword: &Keyword) -> bool {
    *keyword == Keyword(FORWARDED.into())
}

/// `flag-keyword = atom` (RFC 3501 section 9), and not so long that no command could name it.
fn is_keyword(name: &str) -> bool {
    let is_atom_char = |byte: u8| byte.is_ascii_graphic() && !b"(){%*\"\\]".contains(&byte);
    !name.is_empty() && name.len() <= 255 && name.bytes().all(is_atom_char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keyword(name: &str) -> Keyword {
        Keyword(name.into())
    }

    #[test]
    fn a_suffix_tells_flags_and_keywords() {
        let letters = Letters::read("0 NonJunk\n2 $Label1\nx y\n27 z\n3 no atom\n4\n");
        for (name, system, keywords) in [
            ("1.a.host:2,", Flags::NONE, &[][..]),
            ("1.a.host:2,FS", Flags::FLAGGED.with(Flags::SEEN), &[]),
            (
                "1.a.host:2,DRT",
                Flags::DRAFT.with(Flags::ANSWERED).with(Flags::DELETED),
                &[],
            ),
            (
                "1.a.host,S=9:2,PSac",
                Flags::SEEN,
                &["$Forwarded", "NonJunk", "$Label1"],
            ),
            ("1.a.host:2,bdeX", Flags::NONE, &[]),
            ("1.a.host:1,S", Flags::NONE, &[]),
            ("1.a.host", Flags::NONE, &[]),
            ("", Flags::NONE, &[]),
        ] {
            let read = flags(name.as_bytes(), &letters);
            assert_eq!(read.system, system, "{name}");
            let names: Vec<_> = read.keywords.iter().map(|keyword| &*keyword.0).collect();
            assert_eq!(names, keywords, "{name}");
        }
    }

    #[test]
    fn a_name_may_tell_the_size_with_crlf() {
        for (name, octets, expected) in [
            ("1.a.host,S=9,W=9:2,S", 9, true),
            ("1.a.host,W=9,S=8", 9, true),
            ("1.a.host,S=9,W=10:2,", 9, false),
            ("1.a.host,S=9:2,W=9", 9, false),
            ("W=9", 9, false),
            ("", 0, false),
        ] {
            assert_eq!(has_crlf(name.as_bytes(), octets), expected, "{name}");
        }
    }

    #[test]
    fn keywords_beyond_the_alphabet_are_counted() {
        let all: Vec<_> = (0..30)
            .map(|number| keyword(&format!("k{number}")))
            .collect();
        let letters = Letters::of(all.clone());
        let flags = FlagNames {
            system: Flags::SEEN,
            keywords: all,
        };
        let (suffix, lost) = suffix(&flags, &letters);
        assert_eq!(suffix, ":2,Sabcdefghijklmnopqrstuvwxyz");
        assert_eq!(lost, 4);
    }

    proptest! {
        #[test]
        fn flags_come_back_from_their_suffix(
            system in 0_u64..32,
            keywords in prop::collection::btree_set("[a-zA-Z$]{1,3}|\\$forwarded", 0..20),
        ) {
            let mut names: Vec<Keyword> = Vec::new();
            for name in &keywords {
                if !names.contains(&keyword(name)) {
                    names.push(keyword(name));
                }
            }
            let letters = Letters::of(names.clone());
            prop_assert_eq!(&Letters::read(&letters.text()), &letters);
            let (suffix, lost) = suffix(&FlagNames { system: Flags(system), keywords: names.clone() }, &letters);
            let read = flags(format!("1.x{suffix}").as_bytes(), &letters);
            prop_assert_eq!((read.system, lost), (Flags(system), 0));
            prop_assert_eq!(read.keywords.len(), names.len());
            prop_assert!(names.iter().all(|name| read.keywords.contains(name)));
        }
    }
}
