//! A few scripts by hand, response by response.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod flags;
mod keywords;
mod limits;
mod names;
mod recovery;
mod room;
mod sets;
mod stage;
mod states;
mod steps;
