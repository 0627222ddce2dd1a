//! One run of the check: a world, explored as far as the bounds let it, and what was found.
//!
//! Touches threads and the clock. There are two engines. [`super::search()`] is exact, and asks whether rest can be reached; stateright searches depth first, which needs some 16 bytes for a world that it has seen; it is given the one
//! conjunction of all properties. When that breaks, [`super::search()`] looks again for the shortest way to a breach, and
//! names what was broken; where a fault is planted it looks before, for that is near. Whether the space was exhausted is said here, for stateright's own bounds cut off in silence.

#[cfg(test)]
mod tests;

use super::{
    coverage::{self, Event},
    properties::Finding,
    rules::Rules,
    search::{Bounds, Cut, Search, search},
    world::{Action, World},
};
use alloc::vec::Vec;
use core::time::Duration;
use stateright::{Checker, Model, Path};
use std::{thread, time::Instant};

/// How often progress is told.
const TICK: Duration = Duration::from_millis(100);
/// The most worlds that the search for the shortest way keeps: a few gigabytes.
const MOST: usize = 10_000_000;

/// The most worlds that the exact engine keeps: some 15 gigabytes with the edges, and what is in work.
const MOST_EXACT: usize = 250_000_000;

/// How many worlds the exact engine has in work at once before it goes on depth first: some 5 gigabytes.
const LEVEL: usize = 2_000_000;

/// How many worlds are searched for what a planted fault breaks, before all are explored: a moment's work.
const NEAR: usize = 200_000;

/// How far to go.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// No way of more actions than this.
    pub depth: Option<usize>,
    /// No longer than this.
    pub timeout: Option<Duration>,
    /// On so many threads; 0 is 1.
    pub threads: usize,
    /// By [`super::search()`], not by stateright.
    pub exact: bool,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Different worlds.
    pub unique: usize,
    /// Worlds that were made, the same ones counted again.
    pub generated: usize,
    /// The actions of the longest way.
    pub depth: usize,
    /// The exact search went on depth first: its ways may be longer than `depth`, and are not the shortest.
    pub dived: bool,
    /// Since when it runs.
    pub elapsed: Duration,
    /// What the exact search keeps of the worlds that it has seen, in bytes; 0: stateright does not say.
    pub bytes: usize,
}

impl Progress {
    /// Worlds made in a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a rate to be read")]
    pub fn rate(&self) -> f64 {
        self.generated as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// How far it came.
    pub progress: Progress,
    /// Every world that can be reached was reached.
    pub exhausted: bool,
    /// Why not, unless something is broken.
    pub cut: Option<Cut>,
    /// From each of them rest can be reached; only the exact search asks.
    pub rests: bool,
    /// What is broken, and the shortest way to it; or, where that is too far to be searched for, the way that stateright took.
    pub breach: Option<(Finding, Vec<Action>)>,
    /// No way to a breach is shorter. In few orders ways have more actions than they need.
    pub is_shortest: bool,
    /// What should happen somewhere in this world, and whether it did.
    pub sometimes: Vec<(Event, bool)>,
}

impl Outcome {
    /// What should have happened and did not; it counts once the space is exhausted.
    pub fn unseen(&self) -> impl Iterator<Item = Event> + '_ {
        self.sometimes
            .iter()
            .filter(|(_, seen)| !seen)
            .map(|&(event, _)| event)
    }

    /// Nothing is broken, and what should have happened did, as far as that can be said.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.breach.is_none() && (!self.exhausted || self.unseen().next().is_none())
    }
}

/// Explores one world; `told` hears of the progress every now and then.
#[must_use]
pub fn run(rules: &Rules, reach: Reach, told: &mut dyn FnMut(Progress)) -> Outcome {
    let begun = Instant::now();
    if let Some(outcome) = planted(rules, reach, begun) {
        return outcome;
    }
    if reach.exact {
        exact(rules, reach, begun, told)
    } else {
        depth_first(rules, reach, begun, told)
    }
}

/// By stateright.
fn depth_first(
    rules: &Rules,
    reach: Reach,
    begun: Instant,
    told: &mut dyn FnMut(Progress),
) -> Outcome {
    let mut builder = rules.clone().checker().threads(reach.threads.max(1));
    if let Some(depth) = reach.depth {
        // stateright counts worlds, not actions.
        builder = builder.target_max_depth(depth.saturating_add(1));
    }
    if let Some(timeout) = reach.timeout {
        builder = builder.timeout(timeout);
    }
    let checker = builder.spawn_dfs();
    let progress = |elapsed| Progress {
        unique: checker.unique_state_count(),
        generated: checker.state_count(),
        depth: checker.max_depth().saturating_sub(1),
        dived: false,
        elapsed,
        bytes: 0,
    };
    while !checker.is_done() {
        thread::sleep(TICK);
        told(progress(begun.elapsed()));
    }
    let progress = progress(begun.elapsed());
    // A thread that panicked has left work undone, and panics here.
    let checker = checker.join();
    let way = checker.discoveries().into_values().next();
    let late = reach
        .timeout
        .is_some_and(|timeout| begun.elapsed() >= timeout);
    // At its end there may have been nothing more; stateright does not say.
    let far = reach.depth.is_some_and(|depth| progress.depth >= depth);
    let cut = match (late, far) {
        _ if way.is_some() => None,
        (true, _) => Some(Cut::Time),
        (false, true) => Some(Cut::Depth),
        (false, false) => None,
    };
    let exhausted = way.is_none() && cut.is_none();
    let shortest = way.as_ref().and_then(|_| shortest(rules, reach));
    let is_shortest = shortest.is_some() && !rules.setup().reduced;
    let breach = shortest.or_else(|| as_found(rules, way?));
    Outcome {
        progress,
        exhausted,
        cut,
        rests: false,
        breach,
        is_shortest,
        sometimes: sometimes(rules),
    }
}

/// What should happen somewhere, and whether it did.
pub(super) fn sometimes(rules: &Rules) -> Vec<(Event, bool)> {
    coverage::expected(rules.setup())
        .into_iter()
        .map(|event| (event, rules.coverage().has(event)))
        .collect()
}

fn exact(rules: &Rules, reach: Reach, begun: Instant, told: &mut dyn FnMut(Progress)) -> Outcome {
    let bounds = Bounds {
        depth: reach.depth,
        until: reach.timeout.map(|timeout| begun + timeout),
        worlds: Some(MOST_EXACT),
        level: Some(LEVEL),
        threads: reach.threads,
        rest: true,
    };
    let found = search(rules, bounds, &mut |found| told(progress(found, begun)));
    Outcome {
        progress: progress(&found, begun),
        exhausted: found.exhausted && found.breach.is_none(),
        cut: found.cut,
        rests: found.exhausted && found.breach.is_none(),
        breach: found.breach,
        is_shortest: !rules.setup().reduced && !found.dived,
        sometimes: sometimes(rules),
    }
}

fn progress(found: &Search, begun: Instant) -> Progress {
    Progress {
        unique: found.unique,
        generated: found.generated,
        depth: found.depth,
        dived: found.dived,
        elapsed: begun.elapsed(),
        bytes: found.bytes,
    }
}

/// What a fault breaks is near, and depth first it may be found last: it is searched for before everything is explored.
fn planted(rules: &Rules, reach: Reach, begun: Instant) -> Option<Outcome> {
    rules.setup().practice.fault?;
    let found = search(rules, near(reach, begun), &mut |_| {});
    let breach = Some(found.breach.clone()?);
    Some(Outcome {
        progress: progress(&found, begun),
        exhausted: false,
        cut: None,
        rests: false,
        breach,
        is_shortest: !rules.setup().reduced,
        sometimes: Vec::new(),
    })
}

/// How far to look for what a fault breaks.
fn near(reach: Reach, begun: Instant) -> Bounds {
    Bounds {
        worlds: Some(NEAR),
        depth: reach.depth,
        until: reach.timeout.map(|timeout| begun + timeout),
        rest: true,
        ..Bounds::default()
    }
}

/// The shortest way to a breach that is known to be there, if the search for it stays within the bounds.
fn shortest(rules: &Rules, reach: Reach) -> Option<(Finding, Vec<Action>)> {
    search(rules, far(reach, Instant::now()), &mut |_| {}).breach
}

/// How far to look for a shorter way than one that is known.
fn far(reach: Reach, begun: Instant) -> Bounds {
    Bounds {
        worlds: Some(MOST),
        until: reach.timeout.map(|timeout| begun + timeout),
        ..Bounds::default()
    }
}

/// The way that stateright took.
pub(super) fn as_found(rules: &Rules, way: Path<World, Action>) -> Option<(Finding, Vec<Action>)> {
    let finding = rules.verdict(way.last_state()).err()?;
    Some((finding, rules.way(&way.into_actions())))
}
