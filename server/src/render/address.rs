//! Lists of addresses, as ENVELOPE shows them.
//!
//! Touches nothing. RFC 3501 section 7.4.2 (ENVELOPE) and RFC 5322 section 3.4, its obsolete forms too (section 4.4). Encoded words stay as
//! they are. Linear, no recursion; whatever the text is, something comes out.

use super::token::{Token, Tokens};

/// The most addresses of one field that are shown.
pub const ADDRESSES_MOST: usize = 4_096;

/// `address` of RFC 3501 section 9. With no host it begins a group, and `mailbox` is the group's name; with neither it ends one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Personal name.
    pub name: Option<Vec<u8>>,
    /// Source route.
    pub route: Option<Vec<u8>>,
    /// Local part, or the name of a group.
    pub mailbox: Option<Vec<u8>>,
    /// Domain; empty, not `None`, where an address has none.
    pub host: Option<Vec<u8>>,
}

impl Address {
    /// All four, in the order of the response.
    #[must_use]
    pub fn fields(&self) -> [Option<&[u8]>; 4] {
        [&self.name, &self.route, &self.mailbox, &self.host].map(Option::as_deref)
    }
}

/// Reads the value of From, To and the like.
#[must_use]
pub fn addresses(value: &[u8]) -> Vec<Address> {
    let mut list = List::default();
    let mut tokens = Tokens::with_comments(value, is_word_char);
    while list.found.len() < ADDRESSES_MOST {
        let Some(token) = tokens.next() else {
            break;
        };
        match token {
            Token::Word(word) => list.current.push(word, tokens.was_spaced()),
            Token::Quoted(text) => list.current.push(&text, tokens.was_spaced()),
            Token::Comment(text) => list.current.comment = Some(text),
            Token::Special(b':') if list.current.place == Place::Phrase && !list.in_group => {
                list.begin_group();
            }
            Token::Special(b';') if list.in_group => list.end_group(),
            // The commas of a source route are its own. Semicolons between addresses are wrong, and common.
            Token::Special(b',' | b';') if list.current.place != Place::Route => list.end_address(),
            Token::Special(special) => list.current.special(special, tokens.was_spaced()),
        }
    }
    list.end_address();
    if list.in_group {
        list.end_group();
    }
    list.found
}

/// `atext`, the dot, what stands in a domain literal, and what is beyond ASCII.
const fn is_word_char(byte: u8) -> bool {
    byte > b' '
        && byte != 0x7f
        && !matches!(
            byte,
            b'(' | b')' | b'<' | b'>' | b'@' | b',' | b';' | b':' | b'\\' | b'"' | b'[' | b']'
        )
}

#[derive(Debug, Default)]
struct List {
    found: Vec<Address>,
    in_group: bool,
    current: Pending,
}

impl List {
    fn end_address(&mut self) {
        self.found
            .extend(std::mem::take(&mut self.current).finish());
    }

    fn begin_group(&mut self) {
        let name = std::mem::take(&mut self.current).phrase;
        self.found.push(Address {
            mailbox: Some(name),
            ..Address::default()
        });
        self.in_group = true;
    }

    fn end_group(&mut self) {
        self.end_address();
        self.found.push(Address::default());
        self.in_group = false;
    }
}

/// Where in an address the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before `<` or `@`: a name, a local part, or a group's name.
    #[default]
    Phrase,
    /// After `@` without a `<`.
    BareDomain,
    /// After `<`.
    Local,
    /// In a source route: after `<@`.
    Route,
    /// After `<local@`.
    Domain,
    /// In a domain literal; and where to go on after it, bare or not.
    Literal { bare: bool },
    /// After `>`.
    Done,
}

/// An address of which only a part was read.
#[derive(Debug, Default)]
struct Pending {
    place: Place,
    /// The words with a space where there was one.
    phrase: Vec<u8>,
    /// The words without.
    joined: Vec<u8>,
    local: Vec<u8>,
    route: Vec<u8>,
    domain: Vec<u8>,
    comment: Option<Vec<u8>>,
    /// An `@` or a `<` was seen.
    explicit: bool,
}

impl Pending {
    fn push(&mut self, word: &[u8], spaced: bool) {
        match self.place {
            Place::Phrase => {
                if spaced && !self.phrase.is_empty() {
                    self.phrase.push(b' ');
                }
                self.phrase.extend(word);
                self.joined.extend(word);
            }
            Place::BareDomain | Place::Domain | Place::Literal { .. } => self.domain.extend(word),
            Place::Local => self.local.extend(word),
            Place::Route => self.route.extend(word),
            Place::Done => {}
        }
    }

    fn special(&mut self, special: u8, spaced: bool) {
        match (self.place, special) {
            (Place::Phrase, b'@') => {
                self.explicit = true;
                self.local = std::mem::take(&mut self.joined);
                self.place = Place::BareDomain;
            }
            (Place::Phrase, b'<') => {
                self.explicit = true;
                self.place = Place::Local;
            }
            // `me@example.org <me@example.org>`: what looked like an address was a name.
            (Place::BareDomain, b'<') => {
                self.phrase.push(b'@');
                self.phrase.append(&mut self.domain);
                self.local.clear();
                self.place = Place::Local;
            }
            (Place::Local, b'@') if self.local.is_empty() => {
                self.route.push(b'@');
                self.place = Place::Route;
            }
            (Place::Local, b'@') => self.place = Place::Domain,
            (Place::Route, b':') => self.place = Place::Local,
            (Place::Local | Place::Domain | Place::Route, b'>') => self.place = Place::Done,
            (Place::BareDomain, b'[') => self.literal(true),
            (Place::Domain, b'[') => self.literal(false),
            (Place::Literal { bare }, b']') => {
                self.domain.push(b']');
                self.place = if bare {
                    Place::BareDomain
                } else {
                    Place::Domain
                };
            }
            _ => self.push(&[special], spaced),
        }
    }

    fn literal(&mut self, bare: bool) {
        self.domain.push(b'[');
        self.place = Place::Literal { bare };
    }

    /// The address, if there is anything of one.
    fn finish(self) -> Option<Address> {
        let name =
            Some(self.phrase.clone()).filter(|name| !name.is_empty() && self.phrase_is_name());
        let name = name.or(self.comment).filter(|name| !name.is_empty());
        let (mailbox, host) = match self.place {
            // `<@example.org>`: what looked like a route was an address without a local part.
            _ if self.local.is_empty() && self.domain.is_empty() && !self.route.is_empty() => {
                let host = self.route.strip_prefix(b"@").unwrap_or_default().to_vec();
                return Some(Address {
                    name,
                    route: None,
                    mailbox: Some(Vec::new()),
                    host: Some(host),
                });
            }
            Place::Phrase => (self.phrase, Vec::new()),
            _ => (self.local, self.domain),
        };
        if mailbox.is_empty() && host.is_empty() && !self.explicit {
            return None;
        }
        Some(Address {
            name,
            route: Some(self.route).filter(|route| !route.is_empty()),
            mailbox: Some(mailbox),
            host: Some(host),
        })
    }

    /// Whether the phrase is a name, and not the address itself.
    const fn phrase_is_name(&self) -> bool {
        !matches!(
            self.place,
            Place::Phrase | Place::BareDomain | Place::Literal { bare: true }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name|route|mailbox|host` for each address, `~` for none.
    fn shown(value: &str) -> Vec<String> {
        let show = |field: &Option<Vec<u8>>| {
            field.as_ref().map_or_else(
                || "~".into(),
                |text| String::from_utf8_lossy(text).into_owned(),
            )
        };
        addresses(value.as_bytes())
            .iter()
            .map(|found| {
                [&found.name, &found.route, &found.mailbox, &found.host]
                    .map(show)
                    .join("|")
            })
            .collect()
    }

    #[test]
    fn every_form_of_an_address_is_understood() {
        for (value, expected) in [
            ("joe@example.org", "~|~|joe|example.org"),
            (
                "Joe Q. Public <john.q.public@example.com>",
                "Joe Q. Public|~|john.q.public|example.com",
            ),
            (
                "\"Giant; \\\"Big\\\" Box\" <b@x>",
                "Giant; \"Big\" Box|~|b|x",
            ),
            ("<c@x>", "~|~|c|x"),
            ("d@x (Dee (the) Dee)", "Dee (the) Dee|~|d|x"),
            ("\"joe smith\"@x", "~|~|joe smith|x"),
            ("joe . smith @ x . org", "~|~|joe.smith|x.org"),
            ("=?utf-8?Q?J=C3=B6rg?= <j@x>", "=?utf-8?Q?J=C3=B6rg?=|~|j|x"),
            ("Way <@a.org,@b.org:c@x>", "Way|@a.org,@b.org|c|x"),
            ("e@[127.0.0.1]", "~|~|e|[127.0.0.1]"),
            ("f@[IPv6:::1]", "~|~|f|[IPv6:::1]"),
            ("g@x <g@y>", "g@x|~|g|y"),
            ("root", "~|~|root|"),
            ("<@x>", "~|~||x"),
            ("Open <h@x", "Open|~|h|x"),
        ] {
            assert_eq!(shown(value), [expected], "{value}");
        }
    }

    #[test]
    fn a_group_is_opened_and_closed() {
        assert_eq!(
            shown("A Group:Ed <ed@x>, joe@y; , k@z"),
            [
                "~|~|A Group|~",
                "Ed|~|ed|x",
                "~|~|joe|y",
                "~|~|~|~",
                "~|~|k|z"
            ]
        );
        assert_eq!(
            shown("Undisclosed recipients:;"),
            ["~|~|Undisclosed recipients|~", "~|~|~|~"]
        );
        assert_eq!(shown("Never: a@b"), ["~|~|Never|~", "~|~|a|b", "~|~|~|~"]);
    }

    #[test]
    fn what_is_empty_is_no_address() {
        for value in ["", " ", ",,", " , (comment) ,"] {
            assert_eq!(shown(value), [""; 0], "{value}");
        }
    }

    #[test]
    fn no_more_addresses_are_shown_than_the_limit() {
        let value = "a,".repeat(ADDRESSES_MOST + 1);
        assert_eq!(addresses(value.as_bytes()).len(), ADDRESSES_MOST);
    }
}
