//! FETCH.
//!
//! Touches nothing. RFC 3501 sections 6.4.5, 6.4.8 and 9.

use super::{
    cursor::{Cursor, Unexpected},
    limits::ATTRIBUTES,
    primitives::{argument, expected, parenthesised, spaced},
    section::{partial, section},
    sequence_set::sequence_set,
};
use crate::codec::request::{FetchAttribute, Request};
use nom::{IResult, Parser, bytes::complete::take_while1, combinator::map};
use tandem_model::command::{Command, Form};

const WHAT: &str = "an attribute to fetch";

/// `fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")`
pub(super) fn fetch(input: Cursor<'_>, form: Form) -> IResult<Cursor<'_>, Request, Unexpected> {
    let (rest, (set, mut attributes)) =
        (argument(sequence_set), argument(attributes)).parse(input)?;
    // RFC 3501 section 6.4.8: UID FETCH answers with the UID, whether it was asked for or not.
    if form == Form::Uid && !attributes.contains(&FetchAttribute::Uid) {
        if attributes.len() >= ATTRIBUTES {
            return Err(rest.too_many(ATTRIBUTES, "attributes, UID included"));
        }
        attributes.insert(0, FetchAttribute::Uid);
    }
    let command = Command::Fetch {
        set,
        form,
        marks_seen: attributes.iter().any(FetchAttribute::marks_seen),
    };
    Ok((
        rest,
        Request::Fetch {
            command,
            attributes,
        },
    ))
}

/// `"ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"`
fn attributes(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<FetchAttribute>, Unexpected> {
    if input.is_at(b'(') {
        return parenthesised(spaced(ATTRIBUTES, "attributes", fetch_att)).parse(input);
    }
    let (rest, word) = word(input)?;
    let macro_ = match word.to_ascii_uppercase().as_slice() {
        b"ALL" => &[FetchAttribute::Envelope][..],
        b"FAST" => &[],
        b"FULL" => &[FetchAttribute::Envelope, FetchAttribute::Body],
        _ => return map(fetch_att, |attribute| vec![attribute]).parse(input),
    };
    let fast = [
        FetchAttribute::Flags,
        FetchAttribute::InternalDate,
        FetchAttribute::Rfc822Size,
    ];
    Ok((rest, [&fast, macro_].concat()))
}

/// The name of an attribute or a macro.
fn word(input: Cursor<'_>) -> IResult<Cursor<'_>, &[u8], Unexpected> {
    let word = take_while1(|byte: u8| byte.is_ascii_alphanumeric() || byte == b'.');
    map(expected(WHAT, word), |word| word.rest).parse(input)
}

/// `fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
/// "BODY" ["STRUCTURE"] / "UID" / "BODY" section ["<" number "." nz-number ">"] /
/// "BODY.PEEK" section ["<" number "." nz-number ">"]`
fn fetch_att(input: Cursor<'_>) -> IResult<Cursor<'_>, FetchAttribute, Unexpected> {
    let (rest, word) = word(input)?;
    let attribute = match word.to_ascii_uppercase().as_slice() {
        b"ENVELOPE" => FetchAttribute::Envelope,
        b"FLAGS" => FetchAttribute::Flags,
        b"INTERNALDATE" => FetchAttribute::InternalDate,
        b"RFC822" => FetchAttribute::Rfc822,
        b"RFC822.HEADER" => FetchAttribute::Rfc822Header,
        b"RFC822.SIZE" => FetchAttribute::Rfc822Size,
        b"RFC822.TEXT" => FetchAttribute::Rfc822Text,
        b"BODYSTRUCTURE" => FetchAttribute::BodyStructure,
        b"UID" => FetchAttribute::Uid,
        b"BODY" if rest.is_at(b'[') => return content(rest, false),
        b"BODY" => FetchAttribute::Body,
        b"BODY.PEEK" => return content(rest, true),
        _ => return Err(input.fail(WHAT)),
    };
    Ok((rest, attribute))
}

/// `section ["<" number "." nz-number ">"]`
fn content(input: Cursor<'_>, peek: bool) -> IResult<Cursor<'_>, FetchAttribute, Unexpected> {
    let (mut rest, section) = section(input)?;
    let mut range = None;
    if rest.is_at(b'<') {
        let (after, read) = partial(rest)?;
        (rest, range) = (after, Some(read));
    }
    let attribute = FetchAttribute::Section {
        section,
        partial: range,
        peek,
    };
    Ok((rest, attribute))
}
