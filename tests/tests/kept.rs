//! What the server keeps of what it is sent: alone in its process, since all that is in use in it is counted.

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::{alloc::System, fs, path::Path};
use tandem_tests::fuzz::session_alone;

#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

#[test]
fn what_is_kept_stays_below_its_bound() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/session");
    let mut seeds: Vec<_> = fs::read_dir(corpus)
        .unwrap()
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    seeds.sort();
    for seed in &seeds {
        session_alone(seed);
    }
    assert!(seeds.len() >= 20);
}
