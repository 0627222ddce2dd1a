//! The header of a message or of a part: where it ends, and its fields, as they are.
//!
//! Touches nothing. RFC 5322 sections 2.1 and 2.2. Lines may end in CRLF or in LF alone; nothing is changed but
//! by [`unfold`].

use std::borrow::Cow;

/// Header and body: the header keeps the blank line that ends it. Without a blank line all of it is header.
#[must_use]
pub fn split(message: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0;
    while let Some(rest) = message.get(end..) {
        let line = line(rest);
        end += line.len();
        if line.is_empty() || is_blank(line) {
            break;
        }
    }
    message.split_at_checked(end).unwrap_or((message, &[]))
}

/// The first line with its end; empty if there is none.
#[must_use]
pub fn line(bytes: &[u8]) -> &[u8] {
    /// Blocks are looked through with vector instructions, single octets are not.
    const BLOCK: usize = 32;
    let has_end = |block: &[u8]| block.iter().fold(false, |has, &byte| has | (byte == b'\n'));
    let blocks = bytes.chunks_exact(BLOCK);
    let before = BLOCK * blocks.take_while(|block| !has_end(block)).count();
    let rest = bytes.get(before..).unwrap_or_default();
    let end = rest.iter().position(|&byte| byte == b'\n');
    end.and_then(|end| bytes.get(..=before + end))
        .unwrap_or(bytes)
}

/// Whether a line, with its end, is empty.
#[must_use]
pub fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\r\n" | b"\n")
}

/// A field of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its name, without the colon.
    pub name: &'a [u8],
    /// What follows the colon, folds and line end included.
    pub value: &'a [u8],
    /// All of it.
    pub raw: &'a [u8],
}

/// The fields of a header in their order. Lines that are neither a field nor part of one are left out.
pub fn fields(header: &[u8]) -> impl Iterator<Item = Field<'_>> {
    let mut rest = header;
    std::iter::from_fn(move || {
        loop {
            let raw = folded_line(rest);
            if raw.is_empty() || is_blank(raw) {
                return None;
            }
            rest = rest.get(raw.len()..).unwrap_or_default();
            if let Some(field) = field(raw) {
                return Some(field);
            }
        }
    })
}

/// The first field of this name, unfolded.
#[must_use]
pub fn first(header: &[u8], name: &str) -> Option<Vec<u8>> {
    fields(header)
        .find(|field| field.name.eq_ignore_ascii_case(name.as_bytes()))
        .map(|field| unfold(field.value).into_owned())
}

/// The blank line that ends a header, if one does.
#[must_use]
pub fn blank_line(header: &[u8]) -> &[u8] {
    match header {
        b"\r\n" | b"\n" => header,
        _ if header.ends_with(b"\n\r\n") => b"\r\n",
        _ if header.ends_with(b"\n\n") => b"\n",
        _ => b"",
    }
}

/// A field's value on one line: line ends taken out, white space around it too (RFC 5322 section 2.2.3).
#[must_use]
pub fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let value = value.trim_ascii();
    if !value.iter().any(is_end) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(value.iter().copied().filter(|byte| !is_end(byte)).collect())
}

/// The first line of `bytes` with the lines that continue it: those that begin with white space.
fn folded_line(bytes: &[u8]) -> &[u8] {
    let mut end = line(bytes).len();
    while let Some(rest @ [b' ' | b'\t', ..]) = bytes.get(end..) {
        end += line(rest).len();
    }
    bytes.get(..end).unwrap_or(bytes)
}

fn field(raw: &[u8]) -> Option<Field<'_>> {
    let colon = raw.iter().position(|&byte| byte == b':' || byte == b'\n')?;
    let (name, rest) = raw.split_at_checked(colon)?;
    let value = rest.strip_prefix(b":")?;
    let name = name.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    is_name.then_some(Field { name, value, raw })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_keeps_its_blank_line() {
        for (message, header) in [
            (&b"A: b\r\n\r\nbody"[..], &b"A: b\r\n\r\n"[..]),
            (b"A: b\n\nbody", b"A: b\n\n"),
            (b"\r\nbody", b"\r\n"),
            (b"A: b\r\n", b"A: b\r\n"),
            (b"A: b", b"A: b"),
            (b"", b""),
        ] {
            let (found, body) = split(message);
            assert_eq!(found, header);
            assert_eq!([found, body].concat(), message);
        }
    }

    #[test]
    fn fields_are_found_whatever_stands_between() {
        let header = b"From mbox line\r\nA:1\r\n 2\r\nb : \r\n\tx\r\nno field\r\n y\r\n: none\r\nC:\r\n\r\nD: body";
        let found: Vec<_> = fields(header)
            .map(|field| (field.name, unfold(field.value).into_owned()))
            .collect();
        assert_eq!(
            found,
            [
                (&b"A"[..], b"1 2".to_vec()),
                (b"b", b"x".to_vec()),
                (b"C", b"".to_vec()),
            ]
        );
    }

    #[test]
    fn the_blank_line_is_known_from_the_end_of_the_last_field() {
        for (header, expected) in [
            (&b"A: b\r\n\r\n"[..], &b"\r\n"[..]),
            (b"A: b\n\n", b"\n"),
            (b"A: b\r\n", b""),
            (b"\n", b"\n"),
            (b"", b""),
        ] {
            assert_eq!(blank_line(header), expected);
        }
    }
}
