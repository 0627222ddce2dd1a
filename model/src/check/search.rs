//! A small exact search: the shortest way to a breach.
//!
//! Touches nothing but the worlds that it makes. stateright's counterexamples are not the shortest, and its depth limit cuts off silently; this is breadth
//! first, one level after the other, on one thread, and says why it ended.

use super::{
    canonical::Bytes,
    properties::Finding,
    rules::Rules,
    world::{Action, World},
};
use alloc::vec::Vec;
use core::mem;
use std::{collections::HashSet, hash::BuildHasherDefault, time::Instant};

/// How far to search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// No way of more actions than this is looked at.
    pub depth: Option<usize>,
    /// Not after this.
    pub until: Option<Instant>,
    /// No more worlds than this are kept.
    pub worlds: Option<usize>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Search {
    /// The breach, and the shortest way to one, if there is one within the bounds.
    pub breach: Option<(Finding, Vec<Action>)>,
    /// All that can be reached was reached.
    pub exhausted: bool,
    /// Different worlds.
    pub unique: usize,
    /// Worlds that were made, the same ones counted again.
    pub generated: usize,
    /// The actions of the longest way.
    pub depth: usize,
}

/// How a world was reached.
struct Step {
    /// The world before, by its place in the list.
    from: u32,
    action: Action,
}

/// Searches.
pub fn search(rules: &Rules, bounds: Bounds, progress: &mut dyn FnMut(&Search)) -> Search {
    let mut found = Search {
        breach: None,
        exhausted: false,
        unique: 1,
        generated: 1,
        depth: 0,
    };
    let mut known: HashSet<u64, BuildHasherDefault<Identity>> = HashSet::default();
    let mut steps: Vec<Step> = Vec::new();
    let mut level: Vec<(u32, World)> = alloc::vec![(u32::MAX, rules.beginning().clone())];
    let mut next: Vec<(u32, World)> = Vec::new();
    let mut actions = Vec::new();
    let mut bytes = Bytes::default();
    known.insert(Bytes::of(rules.beginning()).fingerprint());
    if let Err(finding) = rules.verdict(rules.beginning()) {
        found.breach = Some((finding, Vec::new()));
        return found;
    }
    loop {
        for (at, world) in level.drain(..) {
            rules.possible(&world, &mut actions);
            for action in actions.drain(..) {
                let Some(after) = rules.next(&world, action) else {
                    continue;
                };
                found.generated += 1;
                bytes.write(&after);
                if !known.insert(bytes.fingerprint()) {
                    continue;
                }
                let Ok(place) = u32::try_from(steps.len()) else {
                    return found;
                };
                steps.push(Step { from: at, action });
                if let Err(finding) = rules.verdict(&after) {
                    found.unique = known.len();
                    found.depth += 1;
                    found.breach = Some((finding, way(&steps, place)));
                    return found;
                }
                next.push((place, after));
            }
            let late = bounds
                .until
                .is_some_and(|until| found.generated % 64 < 8 && Instant::now() >= until);
            if late || bounds.worlds.is_some_and(|most| known.len() > most) {
                found.unique = known.len();
                return found;
            }
        }
        found.unique = known.len();
        if next.is_empty() {
            found.exhausted = true;
            return found;
        }
        found.depth += 1;
        progress(&found);
        if bounds.depth.is_some_and(|most| found.depth >= most) {
            return found;
        }
        mem::swap(&mut level, &mut next);
    }
}

/// The actions that led to a world.
fn way(steps: &[Step], to: u32) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut at = to;
    while let Some(step) = usize::try_from(at).ok().and_then(|at| steps.get(at)) {
        actions.push(step.action);
        at = step.from;
    }
    actions.reverse();
    actions
}

/// Fingerprints are mixed already.
#[derive(Default)]
struct Identity(u64);

impl core::hash::Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0 << 8 | u64::from(byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}
