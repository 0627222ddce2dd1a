//! The random scripts of the crate `tandem-tests`, made of numbers here.
//!
//! Touches accounts of their own. That crate is built together with the server; what plays the scripts needs nothing of it.
#![allow(
    dead_code,
    reason = "all of the files of another crate, of which a little is used"
)]

#[path = "../../../tests/src/random/act.rs"]
pub mod act;
#[path = "../../../tests/src/random/bytes.rs"]
mod bytes;
#[path = "../../../tests/src/chance.rs"]
mod chance;
#[path = "../../../tests/src/random/invariants.rs"]
mod invariants;
#[path = "../../../tests/src/random/numbers.rs"]
mod numbers;
#[path = "../../../tests/src/random/person.rs"]
mod person;
#[path = "../../../tests/src/random/play.rs"]
mod play;
mod transcript;
#[path = "../../../tests/src/random/world.rs"]
mod world;

use act::Script;
use chance::Chance;
use world::World;

/// The script of this seed: who there is, and so many acts.
fn script(seed: u64, acts: usize) -> Script {
    let mut chance = Chance::new(seed);
    let bytes: Vec<u8> = (0..4 + 5 * acts)
        .map(|_| u8::try_from(chance.below(256)).unwrap())
        .collect();
    Script::of_bytes(&bytes).unwrap()
}

#[test]
fn no_script_confuses_anybody() {
    for seed in 0..400 {
        play::play(&script(seed, 70), |_| Ok(())).unwrap();
    }
}

#[test]
fn every_numbering_is_what_its_view_has_by_definition() {
    for seed in 0..60 {
        play::play(&script(seed, 30), |world| {
            invariants::check_numberings(world.account())
        })
        .unwrap();
    }
}
