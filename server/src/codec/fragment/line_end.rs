//! What a line ends in: CRLF or a bare LF, and the announcement of a literal or none.
//!
//! Touches nothing. RFC 3501 section 9 (`literal`) as RFC 7888 section 8 extends it. Takes a line byte by byte and
//! keeps nothing of it, so that lines which are skipped are watched like any others.

/// What the bytes of a line, so far, end in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing of interest.
    #[default]
    Other,
    /// `{`.
    Brace,
    /// `{` and digits.
    Digits(u64),
    /// `{`, digits, `+`.
    Plus(u64),
    /// A whole announcement.
    Announced(Announcement),
    /// CR, after an announcement or none.
    Return(Option<Announcement>),
}

/// `"{" number ["+"] "}"` at the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announcement {
    /// How many octets; the largest number there is stands for all beyond it.
    pub(super) size: u64,
    /// Whether the client waits for a continuation before it sends them.
    pub(super) synchronising: bool,
}

/// The end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineEnd {
    /// Whether it is CRLF, not LF alone.
    pub(super) crlf: bool,
    /// The literal that follows.
    pub(super) literal: Option<Announcement>,
}

impl Tail {
    /// Takes bytes of one line; if the last is its LF, says how it ended, and begins a new line.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Option<LineEnd> {
        let (&last, before) = bytes.split_last()?;
        for &byte in before {
            *self = self.then(byte);
        }
        if last != b'\n' {
            *self = self.then(last);
            return None;
        }
        Some(match std::mem::take(self) {
            Self::Return(literal) => LineEnd {
                crlf: true,
                literal,
            },
            Self::Announced(literal) => LineEnd {
                crlf: false,
                literal: Some(literal),
            },
            Self::Other | Self::Brace | Self::Digits(_) | Self::Plus(_) => LineEnd {
                crlf: false,
                literal: None,
            },
        })
    }

    fn then(self, byte: u8) -> Self {
        match (self, byte) {
            (_, b'{') => Self::Brace,
            (Self::Brace, b'0'..=b'9') => Self::Digits(u64::from(byte - b'0')),
            (Self::Digits(size), b'0'..=b'9') => Self::Digits(
                size.saturating_mul(10)
                    .saturating_add(u64::from(byte - b'0')),
            ),
            (Self::Digits(size), b'+') => Self::Plus(size),
            (Self::Digits(size), b'}') => Self::Announced(Announcement {
                size,
                synchronising: true,
            }),
            (Self::Plus(size), b'}') => Self::Announced(Announcement {
                size,
                synchronising: false,
            }),
            (Self::Announced(literal), b'\r') => Self::Return(Some(literal)),
            (_, b'\r') => Self::Return(None),
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_announced_by_the_end_of_a_line_alone() {
        let end = |line: &str| Tail::default().take(line.as_bytes());
        let literal = |size, synchronising| {
            Some(Announcement {
                size,
                synchronising,
            })
        };
        for (line, crlf, announced) in [
            ("a NOOP\r\n", true, None),
            ("a NOOP\n", false, None),
            ("{5}\r\n", true, literal(5, true)),
            ("a {0}\r\n", true, literal(0, true)),
            ("a {005+}\r\n", true, literal(5, false)),
            ("a {5+}\n", false, literal(5, false)),
            ("a \"{5}\r\n", true, literal(5, true)),
            ("a ~{5}\r\n", true, literal(5, true)),
            ("a {{5}\r\n", true, literal(5, true)),
            (
                "a {99999999999999999999999}\r\n",
                true,
                literal(u64::MAX, true),
            ),
            ("a {5} \r\n", true, None),
            ("a {5}\r\r\n", true, None),
            ("a {}\r\n", true, None),
            ("a {+}\r\n", true, None),
            ("a {-5}\r\n", true, None),
            ("a {5++}\r\n", true, None),
            ("a {5+1}\r\n", true, None),
            ("a 5}\r\n", true, None),
        ] {
            assert_eq!(
                end(line),
                Some(LineEnd {
                    crlf,
                    literal: announced
                }),
                "{line:?}"
            );
        }
        assert_eq!(end("a {5}\r"), None);
    }
}
