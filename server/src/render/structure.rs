//! BODY and BODYSTRUCTURE.
//!
//! Touches nothing but the buffer. RFC 3501 section 7.4.2. Sizes and lines are those of the part as it is, transfer-encoded. Types,
//! encodings and names of parameters are in capitals, as in the RFC's examples; values are as they are.

use super::{
    envelope::envelope,
    header,
    media::{self, Parameters},
    part::{Inside, Part},
};
use crate::codec::encode::string::{nstring, put, string};

/// Writes BODYSTRUCTURE, or, without `extension` data, BODY.
pub fn structure(out: &mut Vec<u8>, part: &Part<'_>, extension: bool) {
    out.push(b'(');
    match &part.inside {
        Inside::Parts(parts) => multipart(out, part, parts, extension),
        Inside::Message(message) => {
            basic_fields(out, part);
            out.push(b' ');
            envelope(out, message.header);
            out.push(b' ');
            structure(out, message, extension);
            put(out, format_args!(" {}", count_lines(part.body)));
            if extension {
                single_part_extension(out, part);
            }
        }
        Inside::Octets => {
            basic_fields(out, part);
            if part.media.kind == b"TEXT" {
                put(out, format_args!(" {}", count_lines(part.body)));
            }
            if extension {
                single_part_extension(out, part);
            }
        }
    }
    out.push(b')');
}

/// `body-type-mpart`.
fn multipart(out: &mut Vec<u8>, part: &Part<'_>, parts: &[Part<'_>], extension: bool) {
    for inner in parts {
        structure(out, inner, extension);
    }
    out.push(b' ');
    string(out, &part.media.subtype);
    if extension {
        out.push(b' ');
        parameters(out, &part.media.parameters);
        common_extension(out, part);
    }
}

/// `media-type` and `body-fields`.
fn basic_fields(out: &mut Vec<u8>, part: &Part<'_>) {
    string(out, &part.media.kind);
    out.push(b' ');
    string(out, &part.media.subtype);
    out.push(b' ');
    parameters(out, &part.media.parameters);
    for name in ["Content-ID", "Content-Description"] {
        out.push(b' ');
        field(out, part, name);
    }
    out.push(b' ');
    let encoding = header::first(part.header, "Content-Transfer-Encoding")
        .and_then(|value| media::encoding(&value))
        .unwrap_or_else(|| b"7BIT".to_vec());
    string(out, &encoding);
    put(out, format_args!(" {}", part.body.len()));
}

/// `body-ext-1part`, after a space.
fn single_part_extension(out: &mut Vec<u8>, part: &Part<'_>) {
    out.push(b' ');
    field(out, part, "Content-MD5");
    common_extension(out, part);
}

/// Disposition, language and location, each after a space.
fn common_extension(out: &mut Vec<u8>, part: &Part<'_>) {
    out.push(b' ');
    let value = header::first(part.header, "Content-Disposition");
    match value.as_deref().and_then(media::disposition) {
        Some((kind, list)) => {
            out.push(b'(');
            string(out, &kind);
            out.push(b' ');
            parameters(out, &list);
            out.push(b')');
        }
        None => nstring(out, None),
    }
    out.push(b' ');
    let value = header::first(part.header, "Content-Language").unwrap_or_default();
    languages(out, &value);
    out.push(b' ');
    field(out, part, "Content-Location");
}

/// `body-fld-lang`: one is a string, more are a list.
fn languages(out: &mut Vec<u8>, value: &[u8]) {
    let languages: Vec<_> = media::languages(value).collect();
    if let [one] = languages.as_slice() {
        string(out, one);
        return;
    }
    list(out, languages.iter());
}

/// `body-fld-param`.
fn parameters(out: &mut Vec<u8>, parameters: &Parameters) {
    list(
        out,
        parameters.iter().flat_map(|(name, value)| [name, value]),
    );
}

/// Strings in parentheses, NIL for none.
fn list<'a>(out: &mut Vec<u8>, strings: impl Iterator<Item = &'a Vec<u8>>) {
    let mut open = false;
    for text in strings {
        out.push(if open { b' ' } else { b'(' });
        string(out, text);
        open = true;
    }
    if open {
        out.push(b')');
    } else {
        nstring(out, None);
    }
}

fn field(out: &mut Vec<u8>, part: &Part<'_>, name: &str) {
    let value = header::first(part.header, name).filter(|value| !value.is_empty());
    nstring(out, value.as_deref());
}

/// Lines of a body; a last one that is not ended counts.
fn count_lines(body: &[u8]) -> usize {
    header::lines(body).count()
}
