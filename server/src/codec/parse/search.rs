//! SEARCH.
//!
//! Touches nothing. RFC 3501 sections 6.4.4 and 9.

use super::{
    cursor::{Cursor, Unexpected},
    date::date,
    flag::flag_keyword,
    limits::{DEPTH, KEYS},
    primitives::{argument, astring, atom, expected, number, parenthesised, sp},
    section::header_fld_name,
    sequence_set::sequence_set,
};
use crate::codec::request::Request;
use nom::{
    IResult, Parser,
    combinator::{cut, map},
};
use std::sync::Arc;
use tandem_model::{
    command::{Command, Form},
    flags::Flags,
    message::Day,
    search_key::{ContentKey, Numbers, SearchKey},
};

const WHAT: &str = "a search key";

/// In what the strings of a SEARCH are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Charset {
    UsAscii,
    Utf8,
    /// One that is not known: strings cannot be read, the rest can.
    Unknown,
}

/// What the keys of one SEARCH have in common.
struct Keys {
    charset: Charset,
    /// How many have been read.
    count: usize,
    /// How many are open around the one that is being read.
    depth: usize,
}

/// `search = "SEARCH" [SP "CHARSET" SP astring] 1*(SP search-key)`
///
/// Without a charset, strings are US-ASCII (RFC 3501 section 6.4.4).
pub(super) fn search(input: Cursor<'_>, form: Form) -> IResult<Cursor<'_>, Request, Unexpected> {
    let mut keys = Keys {
        charset: Charset::UsAscii,
        count: 0,
        depth: 0,
    };
    let mut rest = sp(input)?.0;
    if let Ok((after, word)) = atom(rest)
        && word.eq_ignore_ascii_case("CHARSET")
    {
        let (after, name) = argument(expected("a charset", astring)).parse(after)?;
        keys.charset = match name.to_ascii_uppercase().as_slice() {
            b"US-ASCII" => Charset::UsAscii,
            b"UTF-8" => Charset::Utf8,
            _ => Charset::Unknown,
        };
        rest = sp(after)?.0;
    }
    let (rest, key) = keys.all(rest)?;
    if keys.charset == Charset::Unknown {
        return Ok((rest, Request::BadCharset));
    }
    Ok((rest, Request::Mailbox(Command::Search { key, form })))
}

impl Keys {
    /// `search-key *(SP search-key)`: all of them have to hold
    fn all<'a>(&mut self, input: Cursor<'a>) -> IResult<Cursor<'a>, SearchKey, Unexpected> {
        let (mut input, first) = self.search_key(input)?;
        let mut more = Vec::new();
        while let Ok((next, _)) = sp(input) {
            let (rest, key) = self.search_key(next)?;
            more.push(key);
            input = rest;
        }
        if more.is_empty() {
            return Ok((input, first));
        }
        more.insert(0, first);
        Ok((input, SearchKey::And(more)))
    }

    /// `search-key = "ALL" / "ANSWERED" / "BCC" SP astring / ... / sequence-set / "(" search-key *(SP search-key) ")"`
    fn search_key<'a>(&mut self, input: Cursor<'a>) -> IResult<Cursor<'a>, SearchKey, Unexpected> {
        if self.count >= KEYS {
            return Err(input.too_many(KEYS, "search keys"));
        }
        if self.depth >= DEPTH {
            return Err(input.too_many(DEPTH, "search keys within each other"));
        }
        self.count += 1;
        match input.rest.first() {
            Some(b'(') => self.nested(|keys| parenthesised(|input| keys.all(input)).parse(input)),
            Some(b'*' | b'0'..=b'9') => {
                map(sequence_set, |set| SearchKey::Sequence(Numbers::Asked(set))).parse(input)
            }
            _ => {
                let (rest, word) = cut(expected(WHAT, atom)).parse(input)?;
                self.named(input, rest, &word.to_ascii_uppercase())
            }
        }
    }

    /// Reads keys that are within one.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// A key that begins with a word, which has been read.
    fn named<'a>(
        &mut self,
        input: Cursor<'a>,
        rest: Cursor<'a>,
        word: &str,
    ) -> IResult<Cursor<'a>, SearchKey, Unexpected> {
        let done = |key| Ok((rest, key));
        let not = |key| SearchKey::Not(Box::new(key));
        let sent = |key: fn(Day) -> ContentKey| {
            map(argument(date), |day| SearchKey::Content(key(day))).parse(rest)
        };
        match word {
            "ALL" => done(SearchKey::ALL),
            "NEW" => done(SearchKey::And(vec![
                SearchKey::Recent,
                not(SearchKey::Flags(Flags::SEEN)),
            ])),
            "OLD" => done(not(SearchKey::Recent)),
            "RECENT" => done(SearchKey::Recent),
            "KEYWORD" => map(argument(flag_keyword), SearchKey::Keyword).parse(rest),
            "UNKEYWORD" => map(argument(flag_keyword), |keyword| {
                not(SearchKey::Keyword(keyword))
            })
            .parse(rest),
            "BEFORE" => map(argument(date), SearchKey::Before).parse(rest),
            "ON" => map(argument(date), SearchKey::On).parse(rest),
            "SINCE" => map(argument(date), SearchKey::Since).parse(rest),
            "SENTBEFORE" => sent(ContentKey::SentBefore),
            "SENTON" => sent(ContentKey::SentOn),
            "SENTSINCE" => sent(ContentKey::SentSince),
            "LARGER" => map(argument(number), SearchKey::Larger).parse(rest),
            "SMALLER" => map(argument(number), SearchKey::Smaller).parse(rest),
            "UID" => map(argument(sequence_set), |set| {
                SearchKey::Uid(Numbers::Asked(set))
            })
            .parse(rest),
            "NOT" => {
                let (rest, key) = self.nested(|keys| keys.search_key(sp(rest)?.0))?;
                Ok((rest, not(key)))
            }
            "OR" => self.nested(|keys| {
                let (rest, left) = keys.search_key(sp(rest)?.0)?;
                let (rest, right) = keys.search_key(sp(rest)?.0)?;
                Ok((rest, SearchKey::Or(Box::new(left), Box::new(right))))
            }),
            "BODY" | "TEXT" | "HEADER" | "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => {
                self.in_content(rest, word)
            }
            word => flag_key(word)
                .map(|key| (rest, key))
                .ok_or_else(|| input.fail(WHAT)),
        }
    }

    /// `("BCC" / "BODY" / "CC" / "FROM" / "SUBJECT" / "TEXT" / "TO") SP astring / "HEADER" SP header-fld-name SP astring`
    fn in_content<'a>(
        &self,
        input: Cursor<'a>,
        word: &str,
    ) -> IResult<Cursor<'a>, SearchKey, Unexpected> {
        let (input, field) = match word {
            "HEADER" => argument(header_fld_name).parse(input)?,
            field => (input, field.to_owned()),
        };
        let (rest, text) = argument(|input| self.text(input)).parse(input)?;
        let key = match word {
            "BODY" => ContentKey::Body(text),
            "TEXT" => ContentKey::Text(text),
            _ => ContentKey::Header {
                field: field.into(),
                text,
            },
        };
        Ok((rest, SearchKey::Content(key)))
    }

    /// `astring`, in the charset of the command
    fn text<'a>(&self, input: Cursor<'a>) -> IResult<Cursor<'a>, Arc<str>, Unexpected> {
        let (rest, octets) = expected("what to search for", astring).parse(input)?;
        let text = match (self.charset, String::from_utf8(octets)) {
            (Charset::UsAscii, Ok(text)) if text.is_ascii() => text.into(),
            (Charset::UsAscii, _) => {
                return Err(input.fail("US-ASCII, or CHARSET UTF-8 before the search keys"));
            }
            (Charset::Utf8, Ok(text)) => text.into(),
            (Charset::Utf8, Err(_)) => return Err(input.fail("UTF-8")),
            (Charset::Unknown, _) => Arc::default(),
        };
        Ok((rest, text))
    }
}

/// `"ANSWERED" / "DELETED" / "DRAFT" / "FLAGGED" / "SEEN"`, or the same after `"UN"`
fn flag_key(word: &str) -> Option<SearchKey> {
    if let Some(word) = word.strip_prefix("UN") {
        return system_flag(word).map(|flag| SearchKey::Not(Box::new(SearchKey::Flags(flag))));
    }
    system_flag(word).map(SearchKey::Flags)
}

/// The flag that a key is named after.
fn system_flag(word: &str) -> Option<Flags> {
    let named = |(_, name): &&(Flags, &str)| {
        name.strip_prefix('\\')
            .is_some_and(|name| name.eq_ignore_ascii_case(word))
    };
    Flags::NAMES.iter().find(named).map(|&(flag, _)| flag)
}
