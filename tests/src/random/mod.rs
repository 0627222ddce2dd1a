//! Random scripts of several sessions, run through `Session::step` and judged step by step.
//!
//! Touches accounts of its own. [`act`] says what may be done, [`world`] does it, each client believes what it is told, [`invariants`] says what must hold after each step,
//! [`numbers`] is the numbering of a view by its definition, [`transcript`] shows it all as RFC 2180 shows dialogues. Scripts come of a strategy
//! ([`strategy`]), or of any bytes ([`bytes`]).

pub mod act;
pub mod bytes;
pub mod invariants;
pub mod numbers;
mod person;
mod play;
pub mod strategy;
pub mod transcript;
pub mod world;

pub use act::{Act, Script};
pub use play::play;
pub use world::World;
