#![cfg_attr(not(feature = "mutants"), no_std)]
//! RFC 2180 as one pure transition function over mailboxes that several sessions share.
//!
//! An [`Account`] is one user's mailboxes; a [`Session`] is one authenticated connection to it. [`Session::step`] takes an [`Input`],
//! changes the account, and pushes the [`Response`]s that the client is to be sent. It is run by the server, under the account's lock, and
//! explored by the checker (feature `check`), with a few clients and a few messages. There is no other way to change an account
//! or to decide what a session is told.
//!
//! The crate has no dependencies, no clock, no randomness and no I/O: time, UIDVALIDITY seeds and the names of contents come in through
//! [`Input`]. Nothing in it fails: what IMAP answers with NO or BAD is a value.
//!
//! # States of a session
//!
//! ```text
//!            SELECT, EXAMINE            FETCH, STORE, SEARCH of more than a page
//!   Ready(-) ---------------> Ready(mailbox) <------------------> Paging
//!      ^  <------------------    |  ^              Resume
//!      |   CLOSE, UNSELECT  IDLE |  | DONE
//!      |                         v  |
//!      +---- IDLE, DONE ---->   Idle          Over: LOGOUT, Break, Shutdown, and from
//!                                             anywhere when the mailbox is lost (BYE)
//! ```
//!
//! # Modules
//!
//! | module | noun | may touch |
//! |---|---|---|
//! | [`number`], [`sequence_set`], [`flags`], [`message`], [`name`], [`search_key`] | values | nothing |
//! | [`command`], [`response`], [`change`], [`batch`], [`practice`], [`fault`] | what goes in, what comes out, what happened and what that waits for, what is permitted | nothing |
//! | [`message_list`] | messages in order of UIDs | itself |
//! | [`mailbox`], [`view`] | messages, ghosts, views; sequence numbers | itself |
//! | [`account`] | names, mailboxes; `apply` | mailboxes |
//! | [`session`] | the transition | the account, by committing changes |
//! | `check` | the checked world, the client oracle, properties | clones of all of it |

extern crate alloc;
#[cfg(any(test, feature = "check"))]
extern crate std;

pub mod account;
pub mod batch;
pub mod change;
#[cfg(feature = "check")]
pub mod check;
pub mod command;
pub mod fault;
pub mod flags;
pub mod invariant;
pub mod mailbox;
pub mod message;
pub mod message_list;
pub mod name;
pub mod number;
pub mod practice;
pub mod response;
pub mod search_key;
pub mod sequence_set;
pub mod session;
pub mod view;

// What mutants are held against is built with the crate and not beside it: a run over thousands of them is made of builds. Tests run in the order of
// their names: what ends the run is first, and what takes longer than all tests of single modules is last.
#[cfg(test)]
#[cfg(feature = "mutants")]
#[path = "../tests/mutants/first.rs"]
mod a_first;
#[cfg(test)]
#[cfg(feature = "mutants")]
#[path = "../tests/mutants/mod.rs"]
mod z_mutants;
#[cfg(test)]
#[cfg(feature = "mutants")]
extern crate self as tandem_model;

pub use account::{Account, Limits};
pub use batch::Batch;
pub use change::Change;
pub use command::{Command, Input};
pub use fault::Fault;
pub use invariant::Invariant;
pub use practice::Practice;
pub use response::Response;
pub use search_key::SearchKey;
pub use session::Session;
