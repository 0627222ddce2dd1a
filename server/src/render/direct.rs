//! FETCH straight from the octets, as an oracle: every field is sought anew, every line is counted anew, nothing is kept.
//!
//! Shares with what it judges how a message is split into entities, how a value is read and how a string is written; not what is shown, nor where it is found.
//! Without limits: for small messages.

use super::{
    address::{Address, addresses},
    entity::{Entity, Inside},
    header, media, section,
};
use crate::codec::{
    encode::string::{literal, nstring, string},
    request::{FetchAttribute, Section, SectionText},
};

/// An attribute that needs content, as it stands in the response.
pub fn attribute(attribute: &FetchAttribute, octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (header, text) = header::split(octets);
    match attribute {
        FetchAttribute::Envelope => {
            out.extend_from_slice(b"ENVELOPE ");
            envelope(&mut out, header);
        }
        FetchAttribute::Body => {
            out.extend_from_slice(b"BODY ");
            structure(&mut out, &Entity::parse(octets), false);
        }
        FetchAttribute::BodyStructure => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            structure(&mut out, &Entity::parse(octets), true);
        }
        FetchAttribute::Rfc822 => value(&mut out, "RFC822", Some(octets)),
        FetchAttribute::Rfc822Header => value(&mut out, "RFC822.HEADER", Some(header)),
        FetchAttribute::Rfc822Text => value(&mut out, "RFC822.TEXT", Some(text)),
        FetchAttribute::Section {
            section, partial, ..
        } => {
            let mut label = Vec::new();
            section::label(&mut label, section, *partial);
            let found = find(section, octets).map(|found| match *partial {
                Some((from, most)) => found
                    .into_iter()
                    .skip(from as usize)
                    .take(most as usize)
                    .collect(),
                None => found,
            });
            let label = String::from_utf8(label).unwrap();
            value(&mut out, &label, found.as_deref());
        }
        FetchAttribute::Flags
        | FetchAttribute::InternalDate
        | FetchAttribute::Rfc822Size
        | FetchAttribute::Uid => panic!("it needs no content"),
    }
    out
}

fn value(out: &mut Vec<u8>, label: &str, octets: Option<&[u8]>) {
    out.extend_from_slice(label.as_bytes());
    out.push(b' ');
    match octets {
        None => out.extend_from_slice(b"NIL"),
        Some(b"") => out.extend_from_slice(b"\"\""),
        Some(octets) => literal(out, octets),
    }
}

fn find(section: &Section, octets: &[u8]) -> Option<Vec<u8>> {
    let tree = Entity::parse(octets);
    let (header, text) = if section.part.is_empty() {
        if section.text.is_none() {
            return Some(octets.to_vec());
        }
        header::split(octets)
    } else {
        let part = tree.find(&section.part)?;
        match (&section.text, &part.inside) {
            (None, _) => return Some(part.body.to_vec()),
            (Some(SectionText::Mime), _) => return Some(part.header.to_vec()),
            (Some(_), Inside::Message(message)) => (message.header, message.body),
            (Some(_), Inside::Octets | Inside::Parts(_)) => return None,
        }
    };
    let subset = |names: &[String], among: bool| {
        let is_named = |name: &[u8]| {
            let mut names = names.iter();
            names.any(|named| named.as_bytes().eq_ignore_ascii_case(name))
        };
        let mut fields = Vec::new();
        for field in header::fields(header) {
            if is_named(field.name) == among {
                fields.extend_from_slice(field.raw);
            }
        }
        fields.extend_from_slice(header::blank_line(header));
        fields
    };
    match section.text.as_ref()? {
        SectionText::Header => Some(header.to_vec()),
        SectionText::Text => Some(text.to_vec()),
        SectionText::HeaderFields(names) => Some(subset(names, true)),
        SectionText::HeaderFieldsNot(names) => Some(subset(names, false)),
        SectionText::Mime => None,
    }
}

fn envelope(out: &mut Vec<u8>, header: &[u8]) {
    let text = |name| header::first(header, name);
    let list = |name| addresses(&text(name).unwrap_or_default());
    let or_from = |name| match list(name).as_slice() {
        [] => list("From"),
        own => own.to_vec(),
    };
    out.push(b'(');
    for name in ["Date", "Subject"] {
        nstring(out, text(name).as_deref());
        out.push(b' ');
    }
    for addresses in [
        list("From"),
        or_from("Sender"),
        or_from("Reply-To"),
        list("To"),
        list("Cc"),
        list("Bcc"),
    ] {
        let fields = |address: &Address| {
            let fields = [
                &address.name,
                &address.route,
                &address.mailbox,
                &address.host,
            ];
            parenthesised(
                fields.map(|field| written(|out| nstring(out, field.as_deref()))),
                b" ",
            )
        };
        out.extend(parenthesised(addresses.iter().map(fields), b""));
        out.push(b' ');
    }
    nstring(out, text("In-Reply-To").as_deref());
    out.push(b' ');
    nstring(out, text("Message-ID").as_deref());
    out.push(b')');
}

fn structure(out: &mut Vec<u8>, entity: &Entity<'_>, extension: bool) {
    let field = |name| header::first(entity.header, name);
    out.push(b'(');
    if let Inside::Parts(parts) = &entity.inside {
        for part in parts {
            structure(out, part, extension);
        }
        out.push(b' ');
        string(out, &entity.media.subtype);
        if extension {
            out.push(b' ');
            out.extend(parameters(&entity.media.parameters));
        }
    } else {
        string(out, &entity.media.kind);
        out.push(b' ');
        string(out, &entity.media.subtype);
        out.push(b' ');
        out.extend(parameters(&entity.media.parameters));
        optional(out, field("Content-ID"));
        optional(out, field("Content-Description"));
        let encoding = field("Content-Transfer-Encoding").and_then(|value| media::encoding(&value));
        optional(out, Some(encoding.unwrap_or_else(|| b"7BIT".to_vec())));
        out.extend(format!(" {}", entity.body.len()).bytes());
        if let Inside::Message(message) = &entity.inside {
            out.push(b' ');
            envelope(out, message.header);
            out.push(b' ');
            structure(out, message, extension);
        }
        if matches!(entity.inside, Inside::Message(_)) || entity.media.kind == b"TEXT" {
            let lines = entity.body.split_inclusive(|&byte| byte == b'\n').count();
            out.extend(format!(" {lines}").bytes());
        }
        if extension {
            optional(out, field("Content-MD5"));
        }
    }
    if extension {
        out.push(b' ');
        let disposition = field("Content-Disposition");
        match disposition.as_deref().and_then(media::disposition) {
            Some((kind, list)) => {
                let kind = written(|out| string(out, &kind));
                out.extend(parenthesised([kind, parameters(&list)], b" "));
            }
            None => out.extend_from_slice(b"NIL"),
        }
        let languages = field("Content-Language").unwrap_or_default();
        let languages = media::languages(&languages).collect::<Vec<_>>();
        match languages.as_slice() {
            [one] => optional(out, Some(one.clone())),
            some => {
                out.push(b' ');
                let some = some.iter().map(|one| written(|out| string(out, one)));
                out.extend(parenthesised(some, b" "));
            }
        }
        optional(out, field("Content-Location"));
    }
    out.push(b')');
}

/// A string after a space; NIL for none, and for an empty one.
fn optional(out: &mut Vec<u8>, value: Option<Vec<u8>>) {
    out.push(b' ');
    nstring(out, value.filter(|value| !value.is_empty()).as_deref());
}

fn parameters(parameters: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let strings = parameters.iter().flat_map(|(name, value)| [name, value]);
    parenthesised(strings.map(|text| written(|out| string(out, text))), b" ")
}

/// These in parentheses; NIL for none.
fn parenthesised(values: impl IntoIterator<Item = Vec<u8>>, between: &[u8]) -> Vec<u8> {
    let values: Vec<_> = values.into_iter().collect();
    if values.is_empty() {
        return b"NIL".to_vec();
    }
    [b"(", values.join(between).as_slice(), b")"].concat()
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}
