//! Numbers, atoms, strings: what the commands are made of.
//!
//! Touches nothing. RFC 3501 section 9, RFC 7888 section 8.

use super::{
    characters::{is_astring_char, is_atom_char, is_quoted_special, is_tag_char, is_text_char},
    cursor::{Cursor, Unexpected},
};
use crate::codec::request::Tag;
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag as token, tag_no_case, take_while_m_n, take_while1},
    combinator::{cut, map, opt},
    multi::fold_many0,
    sequence::{delimited, preceded},
};

/// Names what a parser looks for: an error at its first byte says that `what` was expected. One farther on is
/// more precise, and stays.
pub(super) fn expected<'a, O>(
    what: &'static str,
    mut parser: impl Parser<Cursor<'a>, Output = O, Error = Unexpected>,
) -> impl FnMut(Cursor<'a>) -> IResult<Cursor<'a>, O, Unexpected> {
    move |input| match parser.parse(input) {
        Err(nom::Err::Error(error)) if error.at == input.at => Err(nom::Err::Error(Unexpected {
            expected: super::Expected::This(what),
            ..error
        })),
        other => other,
    }
}

/// `SP`: one space, no more. At the end of a command, what is missing is what the space would precede.
pub(super) fn sp(input: Cursor<'_>) -> IResult<Cursor<'_>, Cursor<'_>, Unexpected> {
    let what = if input.is_at(b'\r') {
        "another argument"
    } else {
        "a space"
    };
    expected(what, token(" ")).parse(input)
}

/// `CRLF`, the last of the command.
pub(super) fn crlf(input: Cursor<'_>) -> IResult<Cursor<'_>, Cursor<'_>, Unexpected> {
    expected("the end of the command", token("\r\n")).parse(input)
}

/// `item *(SP item)`, at most `most` of what is called `what`. What follows a space has to be an item.
pub(super) fn spaced<'a, O>(
    most: usize,
    what: &'static str,
    item: impl Fn(Cursor<'a>) -> IResult<Cursor<'a>, O, Unexpected>,
) -> impl FnMut(Cursor<'a>) -> IResult<Cursor<'a>, Vec<O>, Unexpected> {
    move |input| {
        let (mut input, first) = item(input)?;
        let mut items = vec![first];
        while let Ok((next, _)) = sp(input) {
            if items.len() >= most {
                return Err(next.too_many(most, what));
            }
            let (rest, another) = cut(&item).parse(next)?;
            items.push(another);
            input = rest;
        }
        Ok((input, items))
    }
}

/// `"(" items ")"`; once it is open, no alternative is tried.
pub(super) fn parenthesised<'a, O>(
    items: impl Parser<Cursor<'a>, Output = O, Error = Unexpected>,
) -> impl FnMut(Cursor<'a>) -> IResult<Cursor<'a>, O, Unexpected> {
    let mut list = delimited(
        expected("`(`", token("(")),
        cut(items),
        cut(expected("a space or `)`", token(")"))),
    );
    move |input| list.parse(input)
}

/// `1*DIGIT`, as far as it fits.
fn digits(input: Cursor<'_>) -> IResult<Cursor<'_>, Option<u32>, Unexpected> {
    let read = |digits: Cursor<'_>| std::str::from_utf8(digits.rest).ok()?.parse().ok();
    map(take_while1(|byte: u8| byte.is_ascii_digit()), read).parse(input)
}

/// `number = 1*DIGIT`, an unsigned 32-bit integer
pub(super) fn number(input: Cursor<'_>) -> IResult<Cursor<'_>, u32, Unexpected> {
    const WHAT: &str = "a number from 0 to 4294967295";
    match expected(WHAT, digits).parse(input)? {
        (rest, Some(number)) => Ok((rest, number)),
        (_, None) => Err(input.fail(WHAT)),
    }
}

/// `nz-number = digit-nz *DIGIT`; leading zeros, which it does not allow, are refused with the rest.
pub(super) fn nz_number(input: Cursor<'_>) -> IResult<Cursor<'_>, u32, Unexpected> {
    const WHAT: &str = "a number from 1 to 4294967295";
    match expected(WHAT, digits).parse(input)? {
        (rest, Some(number)) if !input.is_at(b'0') => Ok((rest, number)),
        (_, _) => Err(input.fail(WHAT)),
    }
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
pub(super) fn tag(input: Cursor<'_>) -> IResult<Cursor<'_>, Tag, Unexpected> {
    let read = |tag: Cursor<'_>| Tag(String::from_utf8_lossy(tag.rest).into());
    expected("a tag", map(take_while1(is_tag_char), read)).parse(input)
}

/// `atom = 1*ATOM-CHAR`
pub(super) fn atom(input: Cursor<'_>) -> IResult<Cursor<'_>, &str, Unexpected> {
    let (rest, atom) = expected("an atom", take_while1(is_atom_char)).parse(input)?;
    // INVARIANT: an ATOM-CHAR is ASCII.
    let atom = std::str::from_utf8(atom.rest).map_err(|_| input.fail("an atom"))?;
    Ok((rest, atom))
}

/// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`
///
/// `QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / "\" quoted-specials`
pub(super) fn quoted(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<u8>, Unexpected> {
    let plain = take_while1(|byte: u8| is_text_char(byte) && !is_quoted_special(byte));
    let join = |mut string: Vec<u8>, piece: Cursor<'_>| {
        string.extend_from_slice(piece.rest);
        string
    };
    delimited(
        expected("a quoted string", token("\"")),
        fold_many0(alt((plain, escaped)), Vec::new, join),
        cut(expected("the closing `\"` of a quoted string", token("\""))),
    )
    .parse(input)
}

/// `"\" quoted-specials`
fn escaped(input: Cursor<'_>) -> IResult<Cursor<'_>, Cursor<'_>, Unexpected> {
    let (rest, _) = token("\\").parse(input)?;
    let special = take_while_m_n(1, 1, is_quoted_special);
    cut(expected("`\"` or `\\` after a `\\`", special)).parse(rest)
}

/// `literal = "{" number ["+"] "}" CRLF *CHAR8` (RFC 7888 section 8)
///
/// How many octets it has has been counted already.
pub(super) fn literal(input: Cursor<'_>) -> IResult<Cursor<'_>, &[u8], Unexpected> {
    const WHAT: &str = "a literal such as {310} at the end of the line";
    let (rest, _) = expected("a literal", token("{")).parse(input)?;
    let announcement = (digits, opt(token("+")), token("}\r\n")).parse(rest);
    let (rest, _) = announcement.map_err(|_| input.fail(WHAT))?;
    match rest.literal() {
        Some((_, octets)) if octets.contains(&0) => Err(input.fail("a literal without NUL")),
        Some(read) => Ok(read),
        None => Err(input.fail(WHAT)),
    }
}

/// `string = quoted / literal`
pub(super) fn string(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<u8>, Unexpected> {
    expected("a string", alt((quoted, map(literal, <[u8]>::to_vec)))).parse(input)
}

/// `nstring = string / nil`
pub(super) fn nstring(input: Cursor<'_>) -> IResult<Cursor<'_>, Option<Vec<u8>>, Unexpected> {
    let nil = map(tag_no_case("NIL"), |_| None);
    expected("a string or NIL", alt((map(string, Some), nil))).parse(input)
}

/// `astring = 1*ASTRING-CHAR / string`
pub(super) fn astring(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<u8>, Unexpected> {
    let plain = map(take_while1(is_astring_char), |plain: Cursor<'_>| {
        plain.rest.to_vec()
    });
    expected("an atom or a string", alt((plain, string))).parse(input)
}

/// Octets that have to be UTF-8; `what` they are is expected where they begin, if they are not.
pub(super) fn utf8<'a>(
    what: &'static str,
    octets: impl Parser<Cursor<'a>, Output = Vec<u8>, Error = Unexpected>,
) -> impl FnMut(Cursor<'a>) -> IResult<Cursor<'a>, String, Unexpected> {
    let mut octets = expected(what, octets);
    move |input| {
        let (rest, octets) = octets(input)?;
        let text = String::from_utf8(octets).map_err(|_| input.fail(what))?;
        Ok((rest, text))
    }
}

/// `SP` and an argument, which has to follow.
pub(super) fn argument<'a, O>(
    parser: impl Parser<Cursor<'a>, Output = O, Error = Unexpected>,
) -> impl Parser<Cursor<'a>, Output = O, Error = Unexpected> {
    preceded(sp, cut(parser))
}
