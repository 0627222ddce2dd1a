//! Peers who mean harm, over TCP, against `tandem serve` as a process of its own: what they can make it hold stays within the bounds that stand here, and
//! another client of the same user is served meanwhile.
//!
//! Touches processes, sockets, its own limit of file descriptors, and `/proc` to see how much memory a server has taken at most.
//!
//! | module | what it does to the server |
//! |---|---|
//! | [`connections`] | ten thousand connections that send one octet each |
//! | [`literals`] | literals that are announced and not sent |
//! | [`answers`] | answers from large messages that nobody takes |
//! | [`flood`] | commands without end, and answers that nobody reads |
//! | [`large`] | large messages that come all at once, and do not end |
//! | [`whole`] | everybody has what one may have |
//! | [`messages`] | messages that are all parts, all depth, all header |
//! | [`commands`] | commands that are all depth, all numbers |

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails fails the test"
)]
#![cfg(target_os = "linux")]

mod answers;
mod commands;
mod connections;
mod flood;
mod large;
mod literals;
mod messages;
mod polite;
mod process;
mod whole;
mod wire;
