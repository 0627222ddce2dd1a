//! Between bytes and types: framing, grammar, encoding.
//!
//! Touches no socket, no account. [`fragment`] turns bytes into whole commands, [`parse`] turns those into
//! [`request`]s, [`encode`] turns responses into bytes.

pub mod encode;
pub mod fragment;
pub mod parse;
pub mod print;
pub mod request;
pub mod utf7;
