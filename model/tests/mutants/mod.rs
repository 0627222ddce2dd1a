//! What mutants of the model are held against beside its own tests: all that takes milliseconds, and random scripts. Feature `mutants`.
//!
//! Touches what those touch. Most of these are tests beside this one as well, each linked by itself; together with the model they are built in the time of
//! one of them. Tests run in the order of their names: what takes longest is called what comes last.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    unfulfilled_lint_expectations,
    reason = "a test may panic, and so may what helps it here, which beside this it may not"
)]

#[path = "../check_oracle.rs"]
mod check_oracle;
#[path = "../check_recovery.rs"]
mod check_recovery;
#[path = "../check_witness.rs"]
mod check_witness;
#[path = "../by_hand/flags.rs"]
mod flags;
#[path = "../by_hand/keywords.rs"]
mod keywords;
#[path = "../by_hand/limits.rs"]
mod limits;
#[path = "../by_hand/names.rs"]
mod names;
mod random;
#[path = "../by_hand/recovery.rs"]
mod recovery;
#[path = "../by_hand/room.rs"]
mod room;
#[path = "../by_hand/sets.rs"]
mod sets;
#[path = "../by_hand/stage.rs"]
mod stage;
#[path = "../by_hand/states.rs"]
mod states;
#[path = "../by_hand/steps.rs"]
mod steps;
#[path = "../check_small.rs"]
mod y_small;
#[path = "../check_faults.rs"]
mod z_faults;
