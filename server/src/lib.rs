//! The server of tandem: a thin driver around [`tandem_model::Session::step`].
//!
//! [`run`] is the door for the binary, for tests and for whoever embeds the server.
//!
//! Theory of operation: a connection is one task ([`connection`]). Before login it is in [`login`] and touches no account. After
//! login it has a [`accounts::Seat`]: a session, its place in the account, and what wakes it. Its loop reads a
//! command ([`codec`]), steps under the account's lock, turns the responses into bytes outside of it
//! ([`render`], [`search`]) with the content that was pinned inside it ([`content`]), writes, and resumes long commands. It writes one page
//! before it asks for the next, so that a slow reader holds up nobody but itself.

pub mod accounts;
pub mod codec;
pub mod commands;
pub mod config;
pub mod connection;
pub mod content;
pub mod listener;
pub mod login;
pub mod machine;
pub mod mail_file;
pub mod password;
pub mod recording;
pub mod render;
pub mod sample;
pub mod search;
pub mod storage;

pub use config::Config;
pub use listener::{run, serve};
