//! The server from the outside, over TCP, read with imap-codec: what every command answers, and that all of it is IMAP.
//!
//! Touches sockets. Nothing is shared with the server's codec. RFC 3501 section 6 and the extensions that CAPABILITY names.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails fails the test"
)]

mod append;
mod bad;
mod copy;
mod fetch;
mod ghosts;
mod invariants;
mod login;
mod names;
mod search;
mod select;
mod sequence;
mod store;
mod uids;
mod waiting;
