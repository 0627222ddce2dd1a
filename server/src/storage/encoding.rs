//! Changes as octets, for an engine to keep, and checksums of all that it keeps.
//!
//! Touches nothing. The format is tandem's own; an example of it is in the tests, so that it does not change unnoticed.
//!
//! Theory of operation. What is kept is read again after years, by a newer tandem, from a disk that may have changed it. So a blob says its version
//! first, and is sealed: its checksum is over its octets and over its [`Place`], the keys under which it is kept, so that octets that are damaged, or that have
//! come to stand where others stood, are told and not believed. What the octets say is not believed either: a count takes no more memory than there are
//! octets left to fill it.
//!
//! ```text
//! blob   = version (1 octet: 1) checksum (4 octets, least significant first) count change*
//! change = kind (1 octet) fields            see the module `change`
//! ```
//!
//! Numbers are as short as they can be (seven bits an octet); what ascends in a list of messages is kept as its difference from the one before: a message
//! takes about ten octets.

mod change;
mod number;
#[cfg(test)]
mod tests;

use super::{AccountId, Failure};
use number::{Octets, put};
use std::fmt;
use tandem_model::{
    Change,
    number::{ContentId, Position},
};

/// The version that is written.
const VERSION: u8 = 1;

/// The fewest octets of a change: its kind, and a field.
const LEAST_CHANGE: usize = 2;

/// Where octets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The batch that left the journal of this account here.
    Batch(AccountId, Position),
    /// This piece of the snapshot of this account at this position.
    Snapshot(AccountId, Position, u32),
    /// What is worked out of a content.
    Digest(ContentId),
    /// The header of a content.
    Header(ContentId),
    /// The octets of a content from this one on, counted from the end of its header.
    Rest(ContentId, u64),
}

/// What is wrong with octets that should be changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// They end too soon.
    Short,
    /// They go on after their end.
    Long,
    /// They are not what was written here.
    Checksum,
    /// Their version is not known.
    Version(u8),
    /// A kind of change is not known.
    Kind(u8),
    /// A number is larger than what it counts can be.
    Number,
    /// A text is not UTF-8.
    Text,
    /// A change that is not durable was to be kept.
    Volatile,
}

/// These changes as octets, sealed for their place.
///
/// # Errors
/// One of them is not durable ([`Change::is_durable`]).
pub fn encode(place: Place, changes: &[Change]) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::with_capacity(32);
    put(&mut body, changes.len());
    for change in changes {
        change::write(&mut body, change)?;
    }
    let sum = checksum(place, &[&[VERSION], &body]);
    let mut blob = Vec::with_capacity(body.len() + 5);
    blob.push(VERSION);
    blob.extend_from_slice(&sum.to_le_bytes());
    blob.extend_from_slice(&body);
    Ok(blob)
}

/// The changes that were kept in this place.
///
/// # Errors
/// It is not they that stand there.
pub fn decode(place: Place, blob: &[u8]) -> Result<Vec<Change>, Fault> {
    let (&version, rest) = blob.split_first().ok_or(Fault::Short)?;
    if version != VERSION {
        return Err(Fault::Version(version));
    }
    let (sum, body) = rest.split_first_chunk().ok_or(Fault::Short)?;
    if u32::from_le_bytes(*sum) != checksum(place, &[&[VERSION], body]) {
        return Err(Fault::Checksum);
    }
    let mut octets = Octets::new(body);
    let count = octets.count(LEAST_CHANGE)?;
    let mut changes = Vec::with_capacity(count);
    for _ in 0..count {
        changes.push(change::read(&mut octets)?);
    }
    octets.end()?;
    Ok(changes)
}

/// The checksum of octets, given in parts, in their place: CRC-32 of the octets, then of the place.
#[must_use]
pub fn checksum(place: Place, parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for part in parts {
        hasher.update(part);
    }
    for word in place.words() {
        hasher.update(&word.to_le_bytes());
    }
    hasher.finalize()
}

impl Place {
    /// Numbers that no other place has.
    fn words(self) -> [u64; 4] {
        match self {
            Self::Batch(account, position) => [1, account.0.cast_unsigned(), position.0, 0],
            Self::Snapshot(account, position, number) => {
                [2, account.0.cast_unsigned(), position.0, u64::from(number)]
            }
            Self::Digest(content) => [3, content.0, 0, 0],
            Self::Header(content) => [4, content.0, 0, 0],
            Self::Rest(content, start) => [5, content.0, start, 0],
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch(account, position) => {
                write!(f, "batch {position} of account {}", account.0)
            }
            Self::Snapshot(account, position, number) => write!(
                f,
                "piece {number} of the snapshot of account {} at {position}",
                account.0
            ),
            Self::Digest(content) => write!(f, "the digest of content {content}"),
            Self::Header(content) => write!(f, "the header of content {content}"),
            Self::Rest(content, start) => {
                write!(f, "content {content} from octet {start} after its header")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Short => f.write_str("it ends too soon"),
            Self::Long => f.write_str("it goes on after its end"),
            Self::Checksum => f.write_str("its checksum is wrong"),
            Self::Version(version) => write!(f, "it is of version `{version}`, not {VERSION}"),
            Self::Kind(kind) => write!(f, "it has a change of kind `{kind}`, which is not known"),
            Self::Number => f.write_str("it has a number that is too large"),
            Self::Text => f.write_str("it has a text that is not UTF-8"),
            Self::Volatile => f.write_str("it has a change that only the living have"),
        }
    }
}

impl std::error::Error for Fault {}

impl Fault {
    /// The same, as an engine says it.
    #[must_use]
    pub fn at(self, place: Place) -> Failure {
        Failure::Damaged(format!("{place}: {self}"))
    }
}
