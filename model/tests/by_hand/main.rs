//! A few scripts by hand, response by response.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod answers;
mod names;
mod recovery;
mod room;
mod stage;
mod steps;
