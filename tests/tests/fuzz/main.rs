//! The fuzz targets without a fuzzer: with the committed seeds, with what proptest makes, and with faults that they have to find.
//!
//! Touches the files of `fuzz`, to read them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what fails fails the test"
)]

mod bites;
mod differences;
mod properties;
mod replay;
mod seeds;
