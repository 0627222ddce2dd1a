//! The messages that the demo user finds in INBOX.
//!
//! Touches nothing. Their text says what tandem is and what to try with it; their form has what clients stumble on.

use tandem_model::{flags::Flags, message::InternalDate};

/// A message to put into INBOX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The message, with CRLF line ends.
    pub bytes: Vec<u8>,
    /// Its flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub date: InternalDate,
}

/// The sample messages, in the order of their UIDs.
#[must_use]
pub fn messages() -> Vec<Sample> {
    Vec::new()
}
