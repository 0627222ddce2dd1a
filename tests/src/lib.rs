//! What the tests stand on: servers on free ports, clients that share nothing with the server, scripts.
//!
//! Touches sockets of its own making. A client waits for what has to come, never for time; what does not come
//! fails the test that waits for it.
//!
//! | module | noun |
//! |---|---|
//! | [`server`] | a server in this process |
//! | [`wire`] | a connection to one: bytes, cut into whole responses |
//! | [`stage`] | what a script can be played on: TCP, or sessions stepped by hand |
//! | [`script`] | a dialogue of several clients, as RFC 2180 writes them |

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the support of tests fails as tests do"
)]

pub mod script;
pub mod server;
pub mod stage;
pub mod wire;
