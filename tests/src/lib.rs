//! What the tests stand on: servers on free ports, clients that share nothing with the server, scripts.
//!
//! Touches sockets of its own making. A client waits for what has to come, never for time; what does not come
//! fails the test that waits for it.
//!
//! | module | noun |
//! |---|---|
//! | [`server`] | a server in this process |
//! | [`wire`] | a connection to one: bytes, cut into whole responses |
//! | [`cover`] | scripts made of the checked world, on two stages at once |
//! | [`simulation`] | the server on a simulated machine |
//! | [`stage`] | what a script can be played on: TCP, or sessions stepped by hand |
//! | [`belief`] | what a client believes of its mailbox |
//! | [`chance`] | choices by a seed |
//! | [`fuzz`] | what any bytes at all must not do |
//! | [`property`] | a property, held against what proptest makes |
//! | [`random`] | random scripts of several sessions, judged step by step |
//! | [`recording`] | what a server recorded, replayed when its test is done |
//! | [`reader`] | a client that reads with a library that is not ours |
//! | [`script`] | a dialogue of several clients, as RFC 2180 writes them |
//! | [`spec`] | the specification as a table, held against what there is |

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the support of tests fails as tests do"
)]

pub mod belief;
pub mod chance;
pub mod cover;
pub mod fuzz;
pub mod property;
pub mod random;
pub mod reader;
pub mod recording;
pub mod script;
pub mod server;
pub mod simulation;
pub mod spec;
pub mod stage;
pub mod wire;
