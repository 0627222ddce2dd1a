//! A small exact search: every world, the shortest way to a breach, and whether all that is begun can end.
//!
//! Touches threads and the worlds that it makes. It is the second engine beside stateright, and shares none of its code: both
//! must find the same number of worlds. It is exact: worlds are compared by all of their bytes ([`packed`]), where stateright goes by 64 bits of a hash. It is
//! breadth first, one level after the other, so that what it finds is at the end of a shortest way, as long as no level has more worlds than are to be in work at once;
//! beyond, it goes on depth first, and finds the same worlds in another order. And it knows the edges ([`back`]),
//! so that it sees whether rest can be reached from everywhere, which no property of single worlds says.
//!
//! A level is taken in batches. Threads work out what follows each world of a batch, and look it up; what is not known is then numbered by one thread, in
//! the order of the batch, so that numbers, counts and ways are the same with any number of threads, unless the search is cut off.

mod back;
mod packed;
#[cfg(test)]
mod tests;

use self::{
    back::Graph,
    packed::{Full, Packed},
};
use super::{
    canonical::Bytes,
    properties::{Finding, Property},
    rules::Rules,
    world::{Action, World},
};
use alloc::vec::Vec;
use core::{
    mem,
    sync::atomic::{AtomicUsize, Ordering},
};
use std::{sync::Mutex, thread, time::Instant};

/// How many worlds a thread takes at a time.
const CHUNK: usize = 256;
/// How many chunks a batch has for each thread.
const CHUNKS: usize = 8;

/// How far to search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// No way of more actions than this is looked at.
    pub depth: Option<usize>,
    /// Not after this.
    pub until: Option<Instant>,
    /// No more worlds than this are kept.
    pub worlds: Option<usize>,
    /// No more worlds than this wait to be followed while the search is breadth first: if there would be more, it goes on depth first. Not with `depth`.
    pub level: Option<usize>,
    /// On so many threads; 0 is 1.
    pub threads: usize,
    /// Whether rest can be reached from every world is asked as well, if there is no breach and all was reached.
    pub rest: bool,
}

/// Why not everything was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There was no more time.
    Time,
    /// No longer ways were to be looked at.
    Depth,
    /// No more worlds were to be kept, or could be.
    Room,
}

impl Cut {
    /// What there was not enough of.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Depth => "depth",
            Self::Room => "room",
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The breach, and the shortest way to one, if there is one within the bounds.
    pub breach: Option<(Finding, Vec<Action>)>,
    /// All that can be reached was reached.
    pub exhausted: bool,
    /// Why not, unless a breach ended the search.
    pub cut: Option<Cut>,
    /// Different worlds.
    pub unique: usize,
    /// Worlds that were made, the same ones counted again.
    pub generated: usize,
    /// The actions of the longest of the shortest ways; once the search has gone on depth first, of those that were known by then.
    pub depth: usize,
    /// It went on depth first: what was found after that need not be at the end of a shortest way.
    pub dived: bool,
    /// The bytes that are kept of the worlds which were seen; without the edges, and the worlds of the level in work.
    pub bytes: usize,
    /// Different pieces of worlds: of what all clients share, and lanes.
    pub pieces: [usize; 2],
}

/// Searches. What came before a world is not kept, for it would be a fifth of all that is: who finds something searches once more, up to there,
/// to find the way.
pub fn search(rules: &Rules, bounds: Bounds, progress: &mut dyn FnMut(&Search)) -> Search {
    let mut found = explore(Work::new(rules, bounds), progress);
    if let Some((_, way)) = &mut found.breach
        && (found.depth > 0 || found.dived)
    {
        let again = Bounds {
            until: None,
            ..bounds
        };
        let mut work = Work::new(rules, again);
        work.before = Some(Vec::new());
        if let Some((_, known)) = explore(work, &mut |_| ()).breach {
            *way = known;
        }
    }
    found
}

fn explore(mut work: Work<'_>, progress: &mut dyn FnMut(&Search)) -> Search {
    let (rules, bounds) = (work.rules, work.bounds);
    if let Err(finding) = rules.verdict(rules.beginning()) {
        work.found.breach = Some((finding, Vec::new()));
        return work.found;
    }
    let beginning = Fresh {
        bytes: Bytes::of(rules.beginning()),
        world: rules.beginning().clone(),
        verdict: Ok(()),
    };
    if let Err(Ended(cut)) = work.take(NOWHERE, beginning) {
        work.found.cut = cut;
        return work.found;
    }
    loop {
        let level = mem::take(&mut work.next);
        if level.is_empty() {
            work.found.exhausted = true;
            work.judge_rest();
            return work.found;
        }
        if bounds.depth.is_some_and(|most| work.found.depth >= most) {
            work.found.cut = Some(Cut::Depth);
            return work.found;
        }
        work.found.depth += 1;
        let mut level = level.into_iter();
        loop {
            let batch: Vec<Chunk> = level.by_ref().take(work.batch()).collect();
            if batch.is_empty() {
                break;
            }
            if let Err(Ended(cut)) = work.expand(batch) {
                work.found.cut = cut;
                return work.found;
            }
            progress(&work.found);
            if work.is_wide(level.len()) {
                let rest: Vec<Chunk> = level.collect();
                return dive(work, rest, progress);
            }
        }
        if work.next.is_empty() {
            // Nothing new was at the end of it.
            work.found.depth -= 1;
        }
    }
}

/// Follows what waits, the last that was found first: of the worlds in work there are few then, however many there are in all.
fn dive(mut work: Work<'_>, rest: Vec<Chunk>, progress: &mut dyn FnMut(&Search)) -> Search {
    work.found.dived = true;
    work.found.depth -= 1;
    // What is nearest to the beginning waits longest.
    let next = mem::replace(&mut work.next, rest);
    work.next.extend(next);
    while !work.next.is_empty() {
        let first = work.next.len().saturating_sub(work.batch());
        let batch = work.next.split_off(first);
        if let Err(Ended(cut)) = work.expand(batch) {
            work.found.cut = cut;
            return work.found;
        }
        progress(&work.found);
    }
    work.found.exhausted = true;
    work.judge_rest();
    work.found
}

/// No world.
const NOWHERE: u32 = u32::MAX;

/// Some worlds of a level, with their numbers.
type Chunk = Vec<(u32, World)>;

/// A world that was not known when it was looked up.
struct Fresh {
    world: World,
    bytes: Bytes,
    verdict: Result<(), Finding>,
}

/// What can follow a world.
enum Seen {
    Known(u32),
    Fresh(Fresh),
}

/// What follows one world: by an action that ends what was begun, or by one that begins something, or gets rid of somebody.
struct Followed {
    from: u32,
    by: Vec<(bool, Seen)>,
}

/// The search ends: at a breach, or cut off.
struct Ended(Option<Cut>);

impl From<Full> for Ended {
    fn from(_: Full) -> Self {
        Self(Some(Cut::Room))
    }
}

struct Work<'a> {
    rules: &'a Rules,
    bounds: Bounds,
    found: Search,
    known: Packed,
    /// Of each world, one before it on a shortest way, if that is wanted.
    before: Option<Vec<u32>>,
    graph: Graph,
    next: Vec<Chunk>,
}

impl<'a> Work<'a> {
    fn new(rules: &'a Rules, bounds: Bounds) -> Self {
        Self {
            rules,
            bounds,
            found: Search {
                generated: 1,
                ..Search::default()
            },
            known: Packed::new(rules.setup().clients),
            before: None,
            graph: Graph::default(),
            next: Vec::new(),
        }
    }

    /// How many chunks are followed at once.
    fn batch(&self) -> usize {
        CHUNKS * self.bounds.threads.max(1)
    }

    /// Whether more worlds wait, with so many chunks of the level in work, than may.
    fn is_wide(&self, chunks: usize) -> bool {
        let most = self.bounds.level.filter(|_| self.bounds.depth.is_none());
        most.is_some_and(|most| CHUNK * (chunks + self.next.len()) > most)
    }

    /// What follows the worlds of a batch.
    fn expand(&mut self, batch: Vec<Chunk>) -> Result<(), Ended> {
        let followed = follow(self.rules, &self.known, batch, self.bounds.threads.max(1));
        let mut edges = Vec::new();
        for Followed { from, by } in followed {
            edges.clear();
            for (answers, seen) in by {
                self.found.generated += 1;
                let to = match seen {
                    Seen::Known(to) => to,
                    Seen::Fresh(fresh) => self.take(from, fresh)?,
                };
                if answers && self.bounds.rest {
                    edges.push(to);
                }
            }
            if self.bounds.rest {
                self.graph.edges(from, edges.iter().copied());
            }
        }
        let late = self
            .bounds
            .until
            .is_some_and(|until| Instant::now() >= until);
        let many = self
            .bounds
            .worlds
            .is_some_and(|most| self.known.len() > most);
        match (late, many) {
            (true, _) => Err(Ended(Some(Cut::Time))),
            (false, true) => Err(Ended(Some(Cut::Room))),
            (false, false) => Ok(()),
        }
    }

    /// The number of a world that may be new.
    fn take(&mut self, from: u32, fresh: Fresh) -> Result<u32, Ended> {
        let (number, is_new) = self.known.number(&fresh.bytes)?;
        if !is_new {
            return Ok(number);
        }
        if let Some(before) = &mut self.before {
            before.push(from);
        }
        self.found.unique = self.known.len();
        self.found.bytes = self.known.size();
        self.found.pieces = self.known.pieces();
        if let Err(finding) = fresh.verdict {
            self.found.breach = Some((finding, self.way(number)));
            return Err(Ended(None));
        }
        if self.bounds.rest {
            let at_rest = fresh.world.lanes.iter().all(|lane| lane.is_at_rest());
            self.graph.world(at_rest);
        }
        match self.next.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push((number, fresh.world)),
            None => self.next.push(alloc::vec![(number, fresh.world)]),
        }
        Ok(number)
    }

    /// The actions that lead to a world: those that lead from each world before it to the next. None, if what came before is not known.
    fn way(&self, to: u32) -> Vec<Action> {
        let Some(known) = &self.before else {
            return Vec::new();
        };
        let mut numbers = alloc::vec![to];
        while let Some(&before) = numbers
            .last()
            .and_then(|&at| known.get(usize::try_from(at).ok()?))
            .filter(|&&before| before != NOWHERE)
        {
            numbers.push(before);
        }
        let mut world = self.rules.beginning().clone();
        let mut way = Vec::new();
        for &number in numbers.iter().rev().skip(1) {
            let mut actions = Vec::new();
            self.rules.possible(&world, &mut actions);
            let step = actions.into_iter().find_map(|action| {
                let next = self.rules.next(&world, action)?;
                (self.known.find(&Bytes::of(&next)) == Some(number)).then_some((action, next))
            });
            // INVARIANT: worlds of the same bytes go on alike.
            debug_assert!(step.is_some(), "the way to {number} is lost");
            let Some((action, next)) = step else { break };
            way.push(action);
            world = next;
        }
        self.rules.way(&way)
    }

    fn judge_rest(&mut self) {
        if !self.bounds.rest {
            return;
        }
        if let Some(stuck) = mem::take(&mut self.graph).restless() {
            let finding = Finding::new(
                Property::RestReached,
                "from here on something stays unanswered or unread, unless a client says more or a connection breaks",
            );
            self.found.breach = Some((finding, self.way(stuck)));
        }
    }
}

/// What follows each world, in their order.
fn follow(rules: &Rules, known: &Packed, batch: Vec<Chunk>, threads: usize) -> Vec<Followed> {
    if threads == 1 || batch.len() == 1 {
        return batch
            .into_iter()
            .flat_map(|chunk| follow_chunk(rules, known, chunk))
            .collect();
    }
    let count = batch.len();
    let chunks: Vec<Mutex<Chunk>> = batch.into_iter().map(Mutex::new).collect();
    let done: Vec<Mutex<Vec<Followed>>> = (0..count).map(|_| Mutex::default()).collect();
    let taken = AtomicUsize::new(0);
    let work = || {
        loop {
            let at = taken.fetch_add(1, Ordering::Relaxed);
            let (Some(chunk), Some(done)) = (chunks.get(at), done.get(at)) else {
                return;
            };
            let chunk = chunk.lock().map(|mut chunk| mem::take(&mut *chunk));
            let followed = follow_chunk(rules, known, chunk.unwrap_or_default());
            if let Ok(mut done) = done.lock() {
                *done = followed;
            }
        }
    };
    // A thread that panics makes the scope panic: nothing is lost in silence.
    thread::scope(|scope| {
        for _ in 1..threads.min(count) {
            scope.spawn(work);
        }
        work();
    });
    done.into_iter()
        .flat_map(|done| done.into_inner().unwrap_or_default())
        .collect()
}

fn follow_chunk(rules: &Rules, known: &Packed, chunk: Chunk) -> Vec<Followed> {
    let mut actions = Vec::new();
    let mut bytes = Bytes::default();
    let mut followed = Vec::with_capacity(chunk.len());
    for (from, world) in chunk {
        rules.possible(&world, &mut actions);
        let mut by = Vec::with_capacity(actions.len());
        for action in actions.drain(..) {
            let Some(next) = rules.next(&world, action) else {
                continue;
            };
            bytes.write(&next);
            let answers = !matches!(
                action,
                Action::Send { .. } | Action::Break { .. } | Action::Crash
            );
            let seen = match known.find(&bytes) {
                Some(number) => Seen::Known(number),
                None => Seen::Fresh(Fresh {
                    verdict: rules.verdict(&next),
                    world: next,
                    bytes: bytes.clone(),
                }),
            };
            by.push((answers, seen));
        }
        followed.push(Followed { from, by });
    }
    followed
}
