//! BODY and BODYSTRUCTURE that are deeper than imap-codec goes: judged by themselves, and left out of the response.
//!
//! Touches nothing. RFC 3501 section 9 (`body`).

use tandem_server::render::judge::{form, reader};

/// How deep imap-codec goes.
const DEPTH: usize = 8;

/// What stands for one that is left out.
const PLAIN: &[u8] = br#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)"#;

/// A response with a plain one in place of each that is deeper and well-formed.
pub fn without(response: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    let mut rest = response;
    while !rest.is_empty() {
        let deep = [(&b" BODY ("[..], false), (b" BODYSTRUCTURE (", true)]
            .into_iter()
            .chain([(&b"(BODY ("[..], false), (b"(BODYSTRUCTURE (", true)])
            .find(|(label, _)| rest.starts_with(label))
            .and_then(|(label, extended)| {
                let (label, value) = rest.split_at(label.len() - 1);
                let length = parenthesised(value);
                is_deep(&value[..length], extended).then_some((label, length))
            });
        let length = match deep {
            Some((label, length)) => {
                written.extend_from_slice(label);
                written.extend_from_slice(PLAIN);
                label.len() + length
            }
            None => {
                // A string is no place where an attribute begins.
                let length = string(rest).max(1).min(rest.len());
                written.extend_from_slice(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    written
}

/// Whether a body is well-formed and deeper than imap-codec goes.
fn is_deep(value: &[u8], extended: bool) -> bool {
    let line = [b"* 1 FETCH (", value, b")\r\n"].concat();
    let values = reader::lines(&line).unwrap_or_default();
    let is_body = |value| form::body(value, extended).is_some();
    matches!(values.as_slice(), [value] if is_body(value) && depth(value) > DEPTH)
}

/// How many lists are within each other.
fn depth(value: &reader::Value) -> usize {
    let inner = value.list().unwrap_or_default();
    let below = inner.iter().map(depth).max().unwrap_or_default();
    below + usize::from(value.list().is_some())
}

/// How many octets a string has that begins here, if one does: quoted or a literal.
fn string(rest: &[u8]) -> usize {
    let literal = || {
        let end = rest.iter().position(|&byte| byte == b'}')?;
        let size: usize = std::str::from_utf8(rest.get(1..end)?).ok()?.parse().ok()?;
        Some(end + 3 + size)
    };
    match rest.first() {
        Some(b'{') => literal().unwrap_or_default(),
        Some(b'"') => {
            let mut is_escaped = false;
            let end = rest[1..].iter().position(|&byte| {
                let ends = byte == b'"' && !is_escaped;
                is_escaped = byte == b'\\' && !is_escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        }
        _ => 0,
    }
}

/// How many octets a parenthesised value has.
fn parenthesised(value: &[u8]) -> usize {
    let (mut at, mut open) = (0, 0_usize);
    while let Some(&byte) = value.get(at) {
        open += usize::from(byte == b'(');
        open = open.saturating_sub(usize::from(byte == b')'));
        at += string(&value[at..]).max(1);
        if open == 0 {
            break;
        }
    }
    at.min(value.len())
}
