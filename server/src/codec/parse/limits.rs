//! How much of each thing one command may hold, beside the limits on its octets
//! ([`crate::codec::fragment::Limits`]): whatever costs more than its length.
//!
//! Touches nothing. RFC 2971 section 3.3 decides on ID; the rest is ours, well above what clients send.

/// Ranges in a sequence set.
pub const RANGES: usize = 8_192;
/// Flags in a list.
pub const FLAGS: usize = 128;
/// Octets of a keyword.
pub const KEYWORD: usize = 255;
/// Octets of a mailbox name or a pattern of LIST, decoded. Matching takes the product of both at worst.
pub const MAILBOX: usize = 1_024;
/// Items in STATUS: how often the five that there are can be asked for.
pub const STATUS_ITEMS: usize = 32;
/// Attributes in FETCH.
pub const ATTRIBUTES: usize = 128;
/// Header field names in a section.
pub const FIELDS: usize = 256;
/// Part numbers in a section: how deep in a message it is.
pub const PARTS: usize = 64;
/// Search keys in SEARCH, those within others included.
pub const KEYS: usize = 1_024;
/// Search keys within search keys: how deep they nest.
pub const DEPTH: usize = 128;
/// Fields in ID (RFC 2971 section 3.3).
pub const ID_FIELDS: usize = 30;
/// Octets of a field's name in ID (RFC 2971 section 3.3).
pub const ID_NAME: usize = 30;
/// Octets of a field's value in ID (RFC 2971 section 3.3).
pub const ID_VALUE: usize = 1_024;
/// Capabilities in ENABLE.
pub const CAPABILITIES: usize = 64;
