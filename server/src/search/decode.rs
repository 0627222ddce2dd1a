//! Text out of content: transfer encodings, charsets and encoded words undone, case folded.
//!
//! Touches nothing. RFC 2045 section 6, RFC 2047. The decoders are mail-parser's; what they are given is cut out here, so that each octet is
//! looked at a bounded number of times.

use crate::render::{entity::Entity, header, media};
use mail_parser::{
    decoders::{
        base64::base64_decode, charsets::map::charset_decoder,
        quoted_printable::quoted_printable_decode,
    },
    parsers::MessageStream,
};
use std::borrow::Cow;

/// The text without regard to case, as both sides of a comparison are brought to it. Simple lower-casing, a character at a
/// time: a sigma is the same at the end of a word as within.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character == 'ς' { 'σ' } else { character })
        .collect()
}

/// The text of a text part. What cannot be decoded is taken as it is.
pub fn body(part: &Entity<'_>) -> String {
    let encoding = part
        .fields
        .encoding
        .and_then(|value| media::encoding(&header::unfold(value)))
        .unwrap_or_default();
    let decoded = match encoding.as_slice() {
        b"BASE64" => base64_decode(part.body),
        b"QUOTED-PRINTABLE" => quoted_printable_decode(part.body),
        _ => None,
    };
    let octets = decoded.map_or(Cow::Borrowed(part.body), Cow::Owned);
    characters(&octets, part.media.parameter("CHARSET").unwrap_or_default())
}

/// Octets in a charset as Unicode. UTF-8 is tried first where US-ASCII, or nothing, or what is not known was declared.
fn characters(octets: &[u8], charset: &[u8]) -> String {
    let charset = charset.trim_ascii();
    let is_plain = charset.is_empty()
        || charset.eq_ignore_ascii_case(b"us-ascii")
        || charset.eq_ignore_ascii_case(b"utf-8");
    match charset_decoder(charset) {
        Some(decode) if !is_plain => decode(octets),
        _ => String::from_utf8_lossy(octets).into_owned(),
    }
}

/// An unfolded header value with its encoded words decoded; white space between two of them goes (RFC 2047 section 6.2).
pub fn encoded_words(value: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = value;
    let mut after_word = false;
    while let Some(at) = find(rest, b"=?") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        let decoded = encoded_word(from)
            .and_then(|word| Some((MessageStream::new(word.get(1..)?).decode_rfc2047()?, word)));
        let Some((decoded, word)) = decoded else {
            // Not one: passed over, by one character, as the next may begin at the question mark's neighbour.
            push(&mut text, rest.get(..at + 1));
            rest = rest.get(at + 1..).unwrap_or_default();
            after_word = false;
            continue;
        };
        if !(after_word && before.trim_ascii().is_empty()) {
            push(&mut text, Some(before));
        }
        text.push_str(&decoded);
        rest = from.get(word.len()..).unwrap_or_default();
        after_word = true;
    }
    push(&mut text, Some(rest));
    text
}

fn push(text: &mut String, octets: Option<&[u8]>) {
    text.push_str(&String::from_utf8_lossy(octets.unwrap_or_default()));
}

/// The encoded word that the value begins with: `=?charset?encoding?text?=`. Not looked for beyond the question mark that should
/// end it, so that a value of nothing but beginnings takes no longer.
fn encoded_word(value: &[u8]) -> Option<&[u8]> {
    let inner = value.get(2..)?;
    let charset = find(inner, b"?")?;
    let text = inner.get(charset + 3..)?;
    if inner.get(charset + 2) != Some(&b'?') {
        return None;
    }
    let end = find(text, b"?")?;
    if text.get(end + 1) != Some(&b'=') {
        return None;
    }
    value.get(..2 + charset + 3 + end + 2)
}

fn find(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    octets
        .windows(wanted.len())
        .position(|window| window == wanted)
}
