//! Parts of a message, as FETCH names them.
//!
//! Touches nothing. RFC 3501 sections 6.4.5 and 9 (`section`).

use super::{
    characters::is_field_name_char,
    cursor::{Cursor, Unexpected},
    limits::{FIELDS, PARTS},
    primitives::{argument, astring, expected, number, nz_number, parenthesised, spaced},
};
use crate::codec::request::{Section, SectionText};
use nom::{
    IResult, Parser,
    bytes::complete::{tag, take_while},
    combinator::{cut, map},
    sequence::{delimited, terminated},
};

const TEXTS: &str = "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT";
const PART_TEXTS: &str = "a part number, HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, MIME or TEXT";

/// `section = "[" [section-spec] "]"`
pub(super) fn section(input: Cursor<'_>) -> IResult<Cursor<'_>, Section, Unexpected> {
    let opening = expected("`[`", tag("["));
    let closing = expected("`]`", tag("]"));
    delimited(opening, cut(section_spec), cut(closing)).parse(input)
}

/// `section-spec = section-msgtext / (section-part ["." section-text])`
///
/// `section-part = nz-number *("." nz-number)`
fn section_spec(input: Cursor<'_>) -> IResult<Cursor<'_>, Section, Unexpected> {
    let mut section = Section::default();
    let mut input = input;
    if input.is_at(b']') {
        return Ok((input, section));
    }
    while input.rest.first().is_some_and(u8::is_ascii_digit) {
        if section.part.len() >= PARTS {
            return Err(input.too_many(PARTS, "part numbers"));
        }
        let (rest, number) = nz_number(input)?;
        section.part.push(number);
        match tag::<_, _, Unexpected>(".").parse(rest) {
            Ok((rest, _)) => input = rest,
            Err(_) => return Ok((rest, section)),
        }
    }
    let of_part = !section.part.is_empty();
    let (rest, text) = section_text(input, of_part)?;
    section.text = Some(text);
    Ok((rest, section))
}

/// `section-text = section-msgtext / "MIME"`, of a part
///
/// `section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"`, of a part or the message
fn section_text(input: Cursor<'_>, of_part: bool) -> IResult<Cursor<'_>, SectionText, Unexpected> {
    let (rest, word) =
        take_while(|byte: u8| byte.is_ascii_alphabetic() || byte == b'.').parse(input)?;
    match word.rest.to_ascii_uppercase().as_slice() {
        b"HEADER" => Ok((rest, SectionText::Header)),
        b"HEADER.FIELDS" => map(argument(header_list), SectionText::HeaderFields).parse(rest),
        b"HEADER.FIELDS.NOT" => {
            map(argument(header_list), SectionText::HeaderFieldsNot).parse(rest)
        }
        b"TEXT" => Ok((rest, SectionText::Text)),
        b"MIME" if of_part => Ok((rest, SectionText::Mime)),
        _ if of_part => Err(input.fail(PART_TEXTS)),
        _ => Err(input.fail(TEXTS)),
    }
}

/// `header-list = "(" header-fld-name *(SP header-fld-name) ")"`
fn header_list(input: Cursor<'_>) -> IResult<Cursor<'_>, Vec<String>, Unexpected> {
    let names = spaced(FIELDS, "header field names", header_fld_name);
    expected("a list of header field names", parenthesised(names)).parse(input)
}

/// `header-fld-name = astring`; of what RFC 5322 section 3.6.8 allows, since others name no field
pub(super) fn header_fld_name(input: Cursor<'_>) -> IResult<Cursor<'_>, String, Unexpected> {
    const WHAT: &str = "a header field name";
    let (rest, name) = expected(WHAT, astring).parse(input)?;
    match String::from_utf8(name) {
        Ok(name) if !name.is_empty() && name.bytes().all(is_field_name_char) => Ok((rest, name)),
        Ok(_) | Err(_) => Err(input.fail(WHAT)),
    }
}

/// `"<" number "." nz-number ">"`
pub(super) fn partial(input: Cursor<'_>) -> IResult<Cursor<'_>, (u32, u32), Unexpected> {
    let from = terminated(number, expected("`.`", tag(".")));
    let range = cut((from, nz_number));
    let closing = cut(expected("`>`", tag(">")));
    delimited(expected("`<`", tag("<")), range, closing).parse(input)
}
