//! How fast the checker goes, beside a model on which stateright does next to nothing but its own work.
//!
//! Run with `cargo bench -p tandem-server --bench check`, or with `--features mimalloc` as well, as long checks should; a number after `--` is the largest number of threads, and 2 without one. All rows are measured one after the other
//! in one process, so that they can be compared; a busy machine slows all of them down. Bytes a state are told by
//! the exact engine alone, for stateright's set is its own.
//!
//! The other model is two-phase commit, the usual example of model checkers (Gray and Lamport, "Consensus on Transaction Commit", 2006): managers prepare or
//! abort, a coordinator decides when all are prepared, and messages stay readable for good. stateright has an example of it; this one was written from
//! the paper, and has as many states as TLC counts for the original: 288 with three managers, 8,832 with five, which is asserted.

#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "a benchmark has no users, and may panic"
)]

use stateright::{Checker, Model, Property};
use std::{collections::BTreeSet, fmt::Debug, hash::Hash, time::Instant};
use tandem_model::{
    Practice,
    check::{Bounds, Rules, Scene, Setup, search},
};

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Two-phase commit of so many managers.
#[derive(Clone)]
struct Commit {
    managers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Manager {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Coordinator {
    Undecided,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    managers: Vec<Manager>,
    coordinator: Coordinator,
    /// Whom the coordinator knows to be prepared.
    prepared: Vec<bool>,
    messages: BTreeSet<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Hear(usize),
    Commit,
    Abort,
    Prepare(usize),
    GiveUp(usize),
    HearCommit(usize),
    HearAbort(usize),
}

impl Model for Commit {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            managers: vec![Manager::Working; self.managers],
            coordinator: Coordinator::Undecided,
            prepared: vec![false; self.managers],
            messages: BTreeSet::new(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let undecided = state.coordinator == Coordinator::Undecided;
        if undecided {
            if state.prepared.iter().all(|&prepared| prepared) {
                actions.push(Action::Commit);
            }
            actions.push(Action::Abort);
        }
        for (manager, now) in state.managers.iter().enumerate() {
            if undecided && state.messages.contains(&Message::Prepared(manager)) {
                actions.push(Action::Hear(manager));
            }
            if *now == Manager::Working {
                actions.extend([Action::Prepare(manager), Action::GiveUp(manager)]);
            }
            if state.messages.contains(&Message::Commit) {
                actions.push(Action::HearCommit(manager));
            }
            if state.messages.contains(&Message::Abort) {
                actions.push(Action::HearAbort(manager));
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut next = last.clone();
        let decide = |state: &mut State, decision, message| {
            state.coordinator = decision;
            state.messages.insert(message);
        };
        match action {
            Action::Hear(manager) => *next.prepared.get_mut(manager)? = true,
            Action::Commit => decide(&mut next, Coordinator::Committed, Message::Commit),
            Action::Abort => decide(&mut next, Coordinator::Aborted, Message::Abort),
            Action::Prepare(manager) => {
                *next.managers.get_mut(manager)? = Manager::Prepared;
                next.messages.insert(Message::Prepared(manager));
            }
            Action::GiveUp(manager) | Action::HearAbort(manager) => {
                *next.managers.get_mut(manager)? = Manager::Aborted;
            }
            Action::HearCommit(manager) => *next.managers.get_mut(manager)? = Manager::Committed,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("all decide alike", |_, state: &State| {
            !(state.managers.contains(&Manager::Committed)
                && state.managers.contains(&Manager::Aborted))
        })]
    }
}

/// One line of the table.
fn row(what: &str, threads: usize, begun: Instant, states: [usize; 2], bytes: Option<usize>) {
    let seconds = begun.elapsed().as_secs_f64();
    let [unique, generated] = states;
    #[expect(clippy::cast_precision_loss, reason = "figures to be read")]
    let (rate, each) = (
        generated as f64 / seconds / 1e3,
        bytes.map_or(String::new(), |bytes| {
            format!("{:.1}", bytes as f64 / unique as f64)
        }),
    );
    println!("| {what} | {threads} | {unique} | {generated} | {seconds:.1} | {rate:.0} | {each} |");
}

/// Explores all of a model depth first.
fn explore<M>(what: &str, model: M, threads: usize) -> usize
where
    M: Model + Send + Sync + 'static,
    M::Action: Clone + Debug + PartialEq + Send + Sync,
    M::State: Clone + Debug + Hash + PartialEq + Send + Sync,
{
    let begun = Instant::now();
    let checker = model.checker().threads(threads).spawn_dfs().join();
    checker.assert_properties();
    let states = [checker.unique_state_count(), checker.state_count()];
    row(what, threads, begun, states, None);
    states[0]
}

/// Explores all of a world with the exact engine, in few orders.
fn explore_exactly(what: &str, setup: Setup, threads: usize) {
    let setup = Setup {
        reduced: true,
        ..setup
    };
    let rules = Rules::new(setup).expect("the world begins in order");
    let bounds = Bounds {
        threads,
        rest: true,
        ..Bounds::default()
    };
    let begun = Instant::now();
    let found = search(&rules, bounds, &mut |_| {});
    assert!(
        found.exhausted && found.breach.is_none(),
        "something is violated"
    );
    let states = [found.unique, found.generated];
    row(what, threads, begun, states, Some(found.bytes));
}

fn main() {
    let most = std::env::args().find_map(|argument| argument.parse().ok());
    let most = most.unwrap_or(2);
    for (managers, states) in [(3, 288), (5, 8_832)] {
        let checker = Commit { managers }.checker().spawn_dfs().join();
        assert_eq!(checker.unique_state_count(), states, "{managers} managers");
    }
    println!(
        "| model, engine | threads | unique states | generated | seconds | thousands generated a second | bytes a state |"
    );
    println!("|---|---|---|---|---|---|---|");
    for threads in 1..=most {
        explore(
            "two-phase commit, 8 managers; stateright",
            Commit { managers: 8 },
            threads,
        );
        for (name, scene) in [("fetch", Scene::Fetch), ("store", Scene::Store)] {
            let setup = Setup::new(scene, Practice::default());
            let rules = Rules::new(setup).expect("the world begins in order");
            explore(&format!("{name}; stateright"), rules, threads);
            let larger = Setup {
                clients: 3,
                ..setup
            };
            explore_exactly(
                &format!("{name}, 3 clients, few orders; exact"),
                larger,
                threads,
            );
        }
    }
    let three = Setup {
        clients: 3,
        messages: 3,
        ..Setup::new(Scene::Fetch, Practice::default())
    };
    explore_exactly(
        "fetch, 3 clients, 3 messages, few orders; exact",
        three,
        most,
    );
}
