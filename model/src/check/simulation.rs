//! Random walks through worlds that are too large to be explored whole: stateright's simulation, from a seed.
//!
//! Touches threads and the clock. stateright ends a walk where it meets a world for the second time, which with clients that may poll for ever is
//! soon; so the choice is made here, among the actions that lead somewhere new. Each thread has a seed of its own, which stateright counts up from the first
//! thread's; seeds are taken so far apart that no thread of one has that of another. A thread's first walk is its seed's, and all that follow on it follow from
//! that; how far they come in a given time is the machine's.

use super::{
    canonical::Bytes,
    rules::Rules,
    run::{Outcome, Progress, Reach, as_found, sometimes},
    world::{Action, World},
};
use core::time::Duration;
use stateright::{Checker, Chooser, Model, UniformChooser};
use std::{collections::HashSet, time::Instant};

/// How many actions a walk may have, unless it is said.
const LONGEST: usize = 1000;
/// How many threads walk at most: so far apart are the seeds of their first.
const THREADS: u32 = 256;
/// How long is walked, unless it is said.
const LONG: Duration = Duration::from_secs(10);

/// Goes on to worlds that the walk has not been in.
#[derive(Clone)]
struct Onwards(Rules);

/// One walk.
struct Walk {
    dice: <UniformChooser as Chooser<Rules>>::State,
    seen: HashSet<u64>,
}

impl Chooser<Rules> for Onwards {
    type State = Walk;

    fn new_state(&self, seed: u64) -> Walk {
        Walk {
            dice: <UniformChooser as Chooser<Rules>>::new_state(&UniformChooser, seed),
            seen: HashSet::new(),
        }
    }

    fn choose_initial_state(&self, _: &mut Walk, _: &[World]) -> usize {
        0
    }

    fn choose_action(&self, walk: &mut Walk, world: &World, actions: &[Action]) -> usize {
        walk.seen.insert(Bytes::of(world).fingerprint());
        // From one that is chosen at random, in turn: as good as at random again, and it ends.
        let first = <UniformChooser as Chooser<Rules>>::choose_action(
            &UniformChooser,
            &mut walk.dice,
            world,
            actions,
        );
        let leads_on = |at: &usize| {
            let next = actions
                .get(*at)
                .and_then(|&action| self.0.next(world, action));
            next.is_some_and(|next| !walk.seen.contains(&Bytes::of(&next).fingerprint()))
        };
        (first..actions.len())
            .chain(0..first)
            .find(leads_on)
            // Nothing leads on: the walk ends. stateright would lose its way if an action that is chosen led nowhere.
            .unwrap_or(first)
    }
}

/// The seed of the first thread.
fn first(seed: u32) -> u64 {
    u64::from(seed) * u64::from(THREADS)
}

/// Walks until the time is over or something is broken.
#[must_use]
pub fn simulate(rules: &Rules, seed: u32, reach: Reach) -> Outcome {
    let threads = reach.threads.clamp(1, THREADS as usize);
    let begun = Instant::now();
    let checker = rules
        .clone()
        .checker()
        .threads(threads)
        .target_max_depth(reach.depth.unwrap_or(LONGEST).saturating_add(1))
        .timeout(reach.timeout.unwrap_or(LONG))
        .spawn_simulation(first(seed), Onwards(rules.clone()))
        .join();
    let way = checker.discoveries().into_values().next();
    Outcome {
        progress: Progress {
            // It does not count which of them it had met on another walk.
            unique: 0,
            generated: checker.state_count(),
            depth: checker.max_depth(),
            dived: false,
            elapsed: begun.elapsed(),
            bytes: 0,
        },
        exhausted: false,
        cut: None,
        rests: false,
        is_shortest: false,
        breach: way.and_then(|way| as_found(rules, way)),
        sometimes: sometimes(rules),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check::plant::planted, fault::Fault};
    use alloc::vec::Vec;
    use std::collections::BTreeSet;

    #[test]
    fn no_thread_of_a_seed_has_the_seed_of_a_thread_of_another() {
        let seeds = [0, 1, 2, 3, u32::MAX - 1, u32::MAX];
        let all: BTreeSet<u64> = seeds
            .iter()
            .flat_map(|&seed| (0..u64::from(THREADS)).map(move |thread| first(seed) + thread))
            .collect();
        assert_eq!(all.len(), seeds.len() * THREADS as usize);
    }

    #[test]
    fn one_seed_on_one_thread_is_the_same_way() {
        let rules = Rules::new(planted(Fault::ExpungeUnasked).setup).unwrap();
        let reach = Reach {
            threads: 1,
            ..Reach::default()
        };
        let ways = [3, 3, 4].map(|seed| simulate(&rules, seed, reach).breach.unwrap());
        assert_eq!(ways[0], ways[1]);
        assert_ne!(ways[0], ways[2]);
    }

    #[test]
    fn a_walk_goes_where_it_has_not_been() {
        let rules = Rules::new(planted(Fault::ExpungeUnasked).setup).unwrap();
        let world = rules.beginning();
        let mut actions = Vec::new();
        rules.possible(world, &mut actions);
        let leads = |action| {
            let next = rules.next(world, action);
            next.map(|next| Bytes::of(&next).fingerprint())
        };
        let all: HashSet<u64> = actions.iter().filter_map(|&action| leads(action)).collect();
        assert!(all.len() > 2);
        let onwards = Onwards(rules.clone());
        for seed in 0..20 {
            for &new in &all {
                let mut walk = onwards.new_state(seed);
                walk.seen = all.iter().copied().filter(|&seen| seen != new).collect();
                let chosen = onwards.choose_action(&mut walk, world, &actions);
                assert_eq!(leads(actions[chosen]), Some(new));
            }
        }
    }
}
