//! A property, held against many values that proptest makes.
//!
//! Touches the environment. Every run is the same: the seed is fixed (`PROPTEST_RNG_SEED=n` chooses another, `PROPTEST_CASES=n` more or fewer cases; a failure
//! names both).

use proptest::{
    strategy::Strategy,
    test_runner::{Config, RngSeed, TestCaseResult, TestError, TestRunner},
};

const SEED: u64 = 2180;

/// So many cases, unless the environment says otherwise.
#[must_use]
pub fn config(cases: u32) -> Config {
    let given = |name| {
        std::env::var(name)
            .ok()
            .and_then(|text: String| text.parse().ok())
    };
    Config {
        cases: given("PROPTEST_CASES").unwrap_or(cases),
        rng_seed: RngSeed::Fixed(given("PROPTEST_RNG_SEED").map_or(SEED, u64::from)),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..Config::default()
    }
}

/// Runs a property; the message of its failure says how to run it again.
///
/// # Panics
/// It does not hold.
pub fn hold<S: Strategy>(cases: u32, strategy: S, property: impl Fn(S::Value) -> TestCaseResult) {
    let config = config(cases);
    let again = format!(
        "PROPTEST_RNG_SEED={} PROPTEST_CASES={}",
        config.rng_seed, config.cases
    );
    match TestRunner::new(config).run(&strategy, property) {
        Ok(()) => {}
        Err(TestError::Fail(reason, value)) => {
            // A script is in the reason already, as a dialogue.
            let value = format!("{value:?}");
            let value = if value.starts_with("Script") {
                ""
            } else {
                &value
            };
            panic!("{reason}\n{value}\n(again with {again})");
        }
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}
