//! What any bytes at all must not do: one function for each fuzz target, which panics if they do.
//!
//! | target | property |
//! |---|---|
//! | `fragmenter` | the events of an input, and where each of them is, are those of the oracle, however the input is cut; what is kept stays below the limits; a command is told as it was sent |
//! | `command` | nothing panics; an error is within the command; what can be parsed is printed, and parsed again to the same; what imap-codec reads otherwise is in the table of [`differences`] |
//! | `session` | two clients send what any bytes make of them, to the server as it runs, over connections in memory: every command is answered in its turn, every response can be read, no EXPUNGE comes while none may, no message is shown as another one, what is kept stays below a bound |
//! | `account` | what several sessions do, under any practice, leaves the account sound and every client with what is there: the judges of the tests' random scripts |
//! | `world` | what clients, server and chance do in any world of `tandem check`, sound to its judges: every property that a practice promises is among theirs |
//! | `message` | whatever a mail is, ENVELOPE, BODY, BODYSTRUCTURE, every section and every part of one can be read, and has the octets that it should have |
//!
//! The functions are plain: libFuzzer calls them, and so do the tests of this package, with the committed seeds, with what proptest makes, and with faults planted in
//! the model, which they find.
//!
//! Fuzzing, on stable Rust, from the repository's root; what is found goes to the first directory, and the committed seeds
//! stay as they are:
//!
//! ```text
//! cargo install --locked cargo-fuzz
//! mkdir -p fuzz/target/found/command
//! cargo fuzz run -s none command fuzz/target/found/command fuzz/corpus/command -- -dict=fuzz/imap.dict -max_total_time=60
//! ```
//!
//! Without fuzzing, `cargo test -p tandem-tests --test fuzz --test kept` replays the committed corpora.

#![expect(clippy::expect_used, reason = "what cannot be done fails the test")]

mod account;
mod command;
pub mod differences;
mod fragmenter;
mod memory;
mod message;
mod oracle;
mod session;
mod world;

pub use account::{account, account_with};
pub use command::{command, commands};
pub use fragmenter::fragmenter;
pub use memory::in_use;
pub use message::message;
pub use session::{KEPT, session, session_alone, session_leaking, session_with};
pub use world::{world, world_of, world_with};
