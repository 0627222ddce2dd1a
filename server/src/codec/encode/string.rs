//! Strings as they go on the wire: atoms, quoted strings, literals, text.
//!
//! Touches nothing but the buffer. RFC 3501 section 9. Whatever the input, none of these can end a line
//! early or open a literal that is not there.

use crate::codec::utf7;
use std::fmt;

/// The longest string that is written quoted; clients have limits on the length of a line, and none on literals.
const QUOTED_MOST: usize = 1_000;

/// Writes formatted ASCII.
pub fn put(out: &mut Vec<u8>, arguments: fmt::Arguments<'_>) {
    // Writing to a Vec cannot fail.
    let _ = std::io::Write::write_fmt(out, arguments);
}

/// Whether the byte is an ATOM-CHAR.
#[must_use]
pub const fn is_atom_char(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// Whether the text is an atom.
#[must_use]
pub fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_atom_char)
}

/// Writes text for people (`text`): CR, LF, NUL and what is not ASCII are replaced by `?`, and a bracket at the start, which would
/// open a response code. Empty text becomes `-`, as the grammar wants one character at least.
pub fn text(out: &mut Vec<u8>, text: &str) {
    if text.is_empty() {
        out.push(b'-');
    }
    for (index, character) in text.chars().enumerate() {
        out.push(match u8::try_from(character) {
            Ok(b'[') if index == 0 => b'(',
            Ok(byte) if byte.is_ascii() && !matches!(byte, b'\r' | b'\n' | 0) => byte,
            _ => b'?',
        });
    }
}

/// Writes a `string`: quoted if it is short and printable ASCII, else a literal. NUL, which no string can hold, is left out.
pub fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    if bytes.len() <= QUOTED_MOST && bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push(b'"');
        for &byte in bytes {
            if matches!(byte, b'"' | b'\\') {
                out.push(b'\\');
            }
            out.push(byte);
        }
        out.push(b'"');
    } else if bytes.contains(&0) {
        let without: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
        string(out, &without);
    } else {
        literal(out, bytes);
    }
}

/// Writes a `literal` of exactly these octets.
pub fn literal(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, format_args!("{{{}}}\r\n", bytes.len()));
    out.extend_from_slice(bytes);
}

/// Writes an `nstring`: NIL for none.
pub fn nstring(out: &mut Vec<u8>, bytes: Option<&[u8]>) {
    match bytes {
        Some(bytes) => string(out, bytes),
        None => out.extend_from_slice(b"NIL"),
    }
}

/// Writes an `astring`: bare where it can be, NIL excepted.
pub fn astring(out: &mut Vec<u8>, text: &str) {
    if is_bare(text) {
        out.extend_from_slice(text.as_bytes());
    } else {
        string(out, text.as_bytes());
    }
}

fn is_bare(text: &str) -> bool {
    let is_astring_char = |byte| is_atom_char(byte) || byte == b']';
    !text.is_empty() && !text.eq_ignore_ascii_case("NIL") && text.bytes().all(is_astring_char)
}

/// Writes the name of a mailbox in modified UTF-7 (RFC 3501 section 5.1.3).
pub fn mailbox(out: &mut Vec<u8>, name: &str) {
    astring(out, &utf7::encode(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn a_string_is_quoted_if_it_can_be() {
        for (bytes, expected) in [
            (&b""[..], "\"\""),
            (b"a b", "\"a b\""),
            (b"a\"b\\c", "\"a\\\"b\\\\c\""),
            (b"a\r\nb", "{4}\r\na\r\nb"),
            (b"tab\tbed", "{7}\r\ntab\tbed"),
            (b"gr\xc3\xbcn", "{5}\r\ngr\u{fc}n"),
            (b"nu\0l", "\"nul\""),
            (b"nu\0l\xff", "{4}\r\nnul\u{fffd}"),
        ] {
            assert_eq!(written(|out| string(out, bytes)), expected);
        }
    }

    #[test]
    fn a_string_longer_than_the_limit_is_a_literal() {
        let at = written(|out| string(out, &[b'a'; QUOTED_MOST]));
        let above = written(|out| string(out, &[b'a'; QUOTED_MOST + 1]));
        assert!(at.starts_with('"'));
        assert!(above.starts_with("{1001}\r\n"));
    }

    #[test]
    fn an_astring_is_bare_unless_that_would_mean_something_else() {
        for (text, expected) in [
            ("INBOX", "INBOX"),
            ("a]b", "a]b"),
            ("", "\"\""),
            ("nil", "\"nil\""),
            ("a b", "\"a b\""),
            ("50%", "\"50%\""),
            ("a(b", "\"a(b\""),
        ] {
            assert_eq!(written(|out| astring(out, text)), expected);
        }
    }

    #[test]
    fn text_stays_on_its_line_and_is_no_response_code() {
        for (given, expected) in [
            ("bad\r\n* OK \0 gr\u{fc}n", "bad??* OK ? gr?n"),
            ("[ALERT] no", "(ALERT] no"),
            ("", "-"),
        ] {
            assert_eq!(written(|out| text(out, given)), expected);
        }
    }
}
