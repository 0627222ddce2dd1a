//! `BODY[section]<partial>`: its label and its octets.
//!
//! Touches nothing but the buffer. RFC 3501 sections 6.4.5 and 9. Octets are slices of what was appended, never rebuilt; only a subset of header
//! fields is put together, of whole fields as they are.

use super::{Source, header};
use crate::codec::{
    encode::string::{astring, literal, nstring, put},
    request::{Section, SectionText},
};
use std::borrow::Cow;

/// Writes `BODY[...]<origin>`, in capitals.
pub fn label(out: &mut Vec<u8>, section: &Section, partial: Option<(u32, u32)>) {
    out.extend_from_slice(b"BODY[");
    for (index, number) in section.part.iter().enumerate() {
        put(
            out,
            format_args!("{}{number}", if index > 0 { "." } else { "" }),
        );
    }
    if let Some(text) = &section.text {
        if !section.part.is_empty() {
            out.push(b'.');
        }
        match text {
            SectionText::Header => out.extend_from_slice(b"HEADER"),
            SectionText::HeaderFields(names) => header_list(out, "HEADER.FIELDS", names),
            SectionText::HeaderFieldsNot(names) => header_list(out, "HEADER.FIELDS.NOT", names),
            SectionText::Text => out.extend_from_slice(b"TEXT"),
            SectionText::Mime => out.extend_from_slice(b"MIME"),
        }
    }
    out.push(b']');
    if let Some((origin, _)) = partial {
        put(out, format_args!("<{origin}>"));
    }
}

fn header_list(out: &mut Vec<u8>, section: &str, names: &[String]) {
    put(out, format_args!("{section} ("));
    for (index, name) in names.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        astring(out, &name.to_ascii_uppercase());
    }
    out.push(b')');
}

/// Writes the octets, or the part of them that was asked for; NIL if there is no such part.
pub fn octets(out: &mut Vec<u8>, octets: Option<&[u8]>, partial: Option<(u32, u32)>) {
    let octets = octets.map(|octets| match partial {
        Some((origin, most)) => slice(octets, origin, most),
        None => octets,
    });
    match octets {
        // A literal even where quotes would do: that is what clients expect of content.
        Some(octets) if !octets.is_empty() => literal(out, octets),
        _ => nstring(out, octets),
    }
}

fn slice(octets: &[u8], origin: u32, most: u32) -> &[u8] {
    let size = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let rest = octets.get(size(origin)..).unwrap_or_default();
    rest.get(..size(most)).unwrap_or(rest)
}

/// The octets of a section; `None` if the message has no such part, or if they were not read.
#[must_use]
pub fn find<'a>(source: &Source<'a>, section: &Section) -> Option<Cow<'a, [u8]>> {
    let octets = source.octets();
    if section.part.is_empty() {
        return match &section.text {
            None => octets.whole().map(Cow::Borrowed),
            Some(text) => message_text(octets.header(), octets.text(), text),
        };
    }
    let part = source.tree()?.find(&section.part)?;
    match &section.text {
        None => Some(Cow::Borrowed(part.body)),
        Some(SectionText::Mime) => Some(Cow::Borrowed(part.header)),
        Some(text) => {
            let message = part.message()?;
            message_text(Some(message.header), Some(message.body), text)
        }
    }
}

/// What `section-msgtext` names of a message.
fn message_text<'a>(
    header: Option<&'a [u8]>,
    body: Option<&'a [u8]>,
    text: &SectionText,
) -> Option<Cow<'a, [u8]>> {
    Some(match text {
        SectionText::Header => Cow::Borrowed(header?),
        SectionText::Text => Cow::Borrowed(body?),
        SectionText::HeaderFields(names) => Cow::Owned(subset(header?, names, true)),
        SectionText::HeaderFieldsNot(names) => Cow::Owned(subset(header?, names, false)),
        // Only a part has one (RFC 3501 section 6.4.5); the parser refuses it of a message.
        SectionText::Mime => return None,
    })
}

/// The fields whose names are (or are not) among these, with the blank line.
fn subset(header: &[u8], names: &[String], among: bool) -> Vec<u8> {
    // Sorted, so that the time is not the product of the two lengths.
    let mut wanted: Vec<Vec<u8>> = names
        .iter()
        .map(|name| name.to_ascii_lowercase().into_bytes())
        .collect();
    wanted.sort_unstable();
    let mut found: Vec<u8> = header::fields(header)
        .filter(|field| {
            wanted
                .binary_search(&field.name.to_ascii_lowercase())
                .is_ok()
                == among
        })
        .flat_map(|field| field.raw)
        .copied()
        .collect();
    found.extend_from_slice(header::blank_line(header));
    found
}
