//! Random scripts of several sessions, run through `Session::step` and judged step by step.
//!
//! Touches accounts of its own. [`act`] says what may be done, [`world`] does it, each client believes what it is told, [`invariants`] says what must hold after each step,
//! [`numbers`] is the numbering of a view by its definition, [`transcript`] shows it all as RFC 2180 shows dialogues.

pub mod act;
pub mod invariants;
pub mod numbers;
mod person;
pub mod transcript;
pub mod world;

pub use act::{Act, Script};
pub use world::World;
