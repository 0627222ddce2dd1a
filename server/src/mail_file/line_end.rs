//! Line ends: messages have CRLF (RFC 5322 section 2.3), the files of most programs LF.
//!
//! Touches nothing. The first line end of a file decides. If it is CRLF, the file is taken octet for octet, so that what was
//! exported comes back as it was, whatever a client had once appended. If it is LF, each LF that has no CR before it gets
//! one. A CR without LF is nowhere a line end, and stays.

/// How the lines of a file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// CRLF: they stay as they are.
    CrLf,
    /// LF: they become CRLF.
    Lf,
}

impl LineEnd {
    /// That of the first line. Without a whole line nothing is to be done.
    #[must_use]
    pub fn of(octets: &[u8]) -> Self {
        let end = octets.iter().position(|&byte| byte == b'\n');
        let line = octets.get(..end.unwrap_or_default()).unwrap_or_default();
        match end {
            Some(_) if !line.ends_with(b"\r") => Self::Lf,
            _ => Self::CrLf,
        }
    }

    /// Adds octets to a message, of which some may be there already.
    pub fn add(self, message: &mut Vec<u8>, octets: &[u8]) {
        match self {
            Self::CrLf => message.extend_from_slice(octets),
            Self::Lf => {
                for line in octets.split_inclusive(|&byte| byte == b'\n') {
                    match line.strip_suffix(b"\n") {
                        Some(text) => {
                            message.extend_from_slice(text);
                            let ended = message.ends_with(b"\r");
                            message.extend_from_slice(if ended { b"\n" } else { b"\r\n" });
                        }
                        None => message.extend_from_slice(line),
                    }
                }
            }
        }
    }

    /// All octets of a file, as a message.
    #[must_use]
    pub fn message(octets: Vec<u8>) -> Vec<u8> {
        match Self::of(&octets) {
            Self::CrLf => octets,
            Self::Lf => {
                let mut message = Vec::with_capacity(octets.len() + octets.len() / 32);
                Self::Lf.add(&mut message, &octets);
                message
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_line_end_decides() {
        for (file, message) in [
            ("a\nb\n\nc", "a\r\nb\r\n\r\nc"),
            ("a\nb\r\nc\n", "a\r\nb\r\nc\r\n"),
            ("a\r\nb\nc\r\n", "a\r\nb\nc\r\n"),
            ("a\rb\nc\r", "a\rb\r\nc\r"),
            ("\n\n", "\r\n\r\n"),
            ("no line end\r", "no line end\r"),
            ("", ""),
        ] {
            let read = LineEnd::message(file.as_bytes().to_vec());
            assert_eq!(read, message.as_bytes(), "{file:?}");
        }
    }

    proptest! {
        #[test]
        fn it_does_not_matter_how_a_file_is_cut(file in "[ab\r\n]{0,40}", cut in 0_usize..40) {
            let file = file.as_bytes();
            let (first, second) = file.split_at(cut.min(file.len()));
            let mut message = Vec::new();
            LineEnd::Lf.add(&mut message, first);
            LineEnd::Lf.add(&mut message, second);
            let mut whole = Vec::new();
            LineEnd::Lf.add(&mut whole, file);
            prop_assert_eq!(&message, &whole);
            prop_assert!(!whole.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r'));
        }

        #[test]
        fn what_has_been_made_a_message_stays_one(file in "[ab\r\n]{0,40}") {
            let message = LineEnd::message(file.into_bytes());
            prop_assert_eq!(LineEnd::message(message.clone()), message);
        }
    }
}
