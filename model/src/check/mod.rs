//! The check.
mod alphabet;
pub mod canonical;
pub mod client;
pub mod coverage;
mod judge;
mod properties;
mod rest;
mod rules;
mod search;
mod told;
mod world;
pub use alphabet::*;
pub use properties::*;
pub use rules::*;
pub use search::*;
pub use world::*;
impl core::fmt::Debug for World {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { f.write_str("world") }
}
