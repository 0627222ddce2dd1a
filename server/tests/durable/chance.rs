//! Choices that look random and are the same for the same seed.
//!
//! Touches the environment and the clock, for the seed of a run: `TANDEM_TEST_SEED`, or another one each time.

use std::time::{SystemTime, UNIX_EPOCH};

/// A sequence of choices (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A sequence of its own for a part of what this one is for.
    pub fn part(&mut self) -> Self {
        Self(self.number())
    }

    /// A number from 0 to `below` - 1.
    pub fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.number() >> 33).unwrap() % below
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn one<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Some of these, in order; at least one if there is one, at most so many.
    pub fn some<T: Clone>(&mut self, choices: &[T], most: usize) -> Vec<T> {
        let count = 1 + self.below(most);
        let mut left: Vec<T> = choices.to_vec();
        while left.len() > count {
            left.remove(self.below(left.len()));
        }
        left
    }

    fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// The seed of this run, said aloud, so that a run that failed can be had again.
pub fn seed(test: &str) -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = std::env::var("TANDEM_TEST_SEED").map_or_else(
        |_| now().as_nanos() as u64 & 0xffff_ffff,
        |seed| seed.parse().expect("a number in TANDEM_TEST_SEED"),
    );
    println!("{test}: TANDEM_TEST_SEED={seed}");
    seed
}

/// A number of the environment, such as `TANDEM_TEST_KILLS`.
pub fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().expect(name))
}
