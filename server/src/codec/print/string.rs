//! Atoms, strings and literals, each where it will do.
//!
//! Touches nothing. RFC 3501 section 9, RFC 7888 section 8.

use crate::codec::parse::characters::{
    is_astring_char, is_list_char, is_quoted_special, is_text_char,
};

/// `astring`
pub(super) fn astring(out: &mut Vec<u8>, octets: &[u8]) {
    plain_or_string(out, octets, is_astring_char);
}

/// `list-mailbox`
pub(super) fn list_mailbox(out: &mut Vec<u8>, octets: &[u8]) {
    plain_or_string(out, octets, is_list_char);
}

fn plain_or_string(out: &mut Vec<u8>, octets: &[u8], is_plain: fn(u8) -> bool) {
    if !octets.is_empty() && octets.iter().all(|&byte| is_plain(byte)) {
        out.extend_from_slice(octets);
    } else {
        quoted_or_literal(out, octets);
    }
}

/// `string`
pub(super) fn quoted_or_literal(out: &mut Vec<u8>, octets: &[u8]) {
    if !octets
        .iter()
        .all(|&byte| byte.is_ascii() && is_text_char(byte))
    {
        return literal(out, octets);
    }
    out.push(b'"');
    for &byte in octets {
        if is_quoted_special(byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// `literal`, non-synchronising: there is nobody to wait for.
pub(super) fn literal(out: &mut Vec<u8>, octets: &[u8]) {
    out.extend_from_slice(format!("{{{}+}}\r\n", octets.len()).as_bytes());
    out.extend_from_slice(octets);
}
