//! Messages in files, as other programs keep them: one to a file, many in an mbox, in a Maildir.
//!
//! Touches nothing: octets and names are handed in. RFC 4155 (mbox); Maildir and Maildir++ as their authors and Courier describe them.

pub mod date;
pub mod folder;
pub mod line_end;
pub mod mbox;
pub mod suffix;

/// Whether octets can be the beginning of a message: a header field (RFC 5322 section 2.2).
#[must_use]
pub fn begins_with_field(octets: &[u8]) -> bool {
    let name = octets
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && **byte != b':')
        .count();
    // RFC 5322 section 4.5 has senders that put a space before the colon.
    let rest = octets.get(name..).unwrap_or_default();
    name > 0 && rest.trim_ascii_start().starts_with(b":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_begins_with_a_field_and_other_files_do_not() {
        for field in ["Subject: x", "X-1:", "Received : by", "a:b"] {
            assert!(begins_with_field(field.as_bytes()), "{field}");
        }
        for other in [
            "",
            "\r\nbody",
            " folded: x",
            ": x",
            "From a@b Mon",
            "\u{7f}ELF:",
            "é: x",
        ] {
            assert!(!begins_with_field(other.as_bytes()), "{other}");
        }
    }
}
