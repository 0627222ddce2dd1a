//! Flags and keywords.
//!
//! Touches nothing. RFC 3501 sections 2.3.2 and 9.

use super::{
    cursor::{Cursor, Unexpected},
    limits::{FLAGS, KEYWORD},
    primitives::{atom, expected, parenthesised, spaced},
};
use nom::{IResult, Parser, bytes::complete::tag};
use tandem_model::flags::{FlagNames, Flags, Keyword};

/// One flag of a list.
#[derive(Clone, Debug)]
pub(super) enum Flag {
    System(Flags),
    Keyword(Keyword),
}

/// `flag-list = "(" [flag *(SP flag)] ")"`
pub(super) fn flag_list(input: Cursor<'_>) -> IResult<Cursor<'_>, FlagNames, Unexpected> {
    expected("a list of flags", parenthesised(optional_flags)).parse(input)
}

/// `[flag *(SP flag)]`, before `")"`
fn optional_flags(input: Cursor<'_>) -> IResult<Cursor<'_>, FlagNames, Unexpected> {
    if input.is_at(b')') {
        return Ok((input, FlagNames::default()));
    }
    flags(input)
}

/// `flag *(SP flag)`; one named twice counts once
pub(super) fn flags(input: Cursor<'_>) -> IResult<Cursor<'_>, FlagNames, Unexpected> {
    let (rest, flags) = spaced(FLAGS, "flags", flag).parse(input)?;
    let mut names = FlagNames::default();
    for flag in flags {
        match flag {
            Flag::System(flag) => names.system = names.system.with(flag),
            Flag::Keyword(keyword) if names.keywords.contains(&keyword) => {}
            Flag::Keyword(keyword) => names.keywords.push(keyword),
        }
    }
    Ok((rest, names))
}

/// `flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension`
///
/// There are no extensions. \Recent is the server's to set (RFC 3501 section 2.3.2).
fn flag(input: Cursor<'_>) -> IResult<Cursor<'_>, Flag, Unexpected> {
    const WHAT: &str = "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword";
    let Ok((rest, _)) = tag::<_, _, Unexpected>("\\").parse(input) else {
        let (rest, keyword) = expected(WHAT, flag_keyword).parse(input)?;
        return Ok((rest, Flag::Keyword(keyword)));
    };
    let (rest, name) = atom(rest).map_err(|_| input.fail(WHAT))?;
    let known = |(_, known): &&(Flags, &str)| {
        known
            .strip_prefix('\\')
            .is_some_and(|known| known.eq_ignore_ascii_case(name))
    };
    match Flags::NAMES.iter().find(known) {
        Some(&(flag, _)) => Ok((rest, Flag::System(flag))),
        None if name.eq_ignore_ascii_case("Recent") => {
            Err(input.fail("a flag that clients can set, not \\Recent"))
        }
        None => Err(input.fail(WHAT)),
    }
}

/// `flag-keyword = atom`
pub(super) fn flag_keyword(input: Cursor<'_>) -> IResult<Cursor<'_>, Keyword, Unexpected> {
    let (rest, keyword) = expected("a keyword", atom).parse(input)?;
    if keyword.len() > KEYWORD {
        return Err(input.too_many(KEYWORD, "octets in a keyword"));
    }
    Ok((rest, Keyword(keyword.into())))
}
