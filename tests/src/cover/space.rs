//! The checked world with commands that are done from end to end: its states, and what leads from one to another.
//!
//! Touches nothing. The world's actions are those of `tandem check`; here a client sends, the server does all pages, the client reads everything, and
//! sessions are woken that a server would wake, before anybody does anything else. That is what can be done over TCP and waited for. Clients are alike: of worlds
//! that differ by who is who, there is one.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};
use tandem_model::{
    Response,
    check::{Action, Rules, Setup, World, canonical::Bytes},
};

/// What somebody does, and everything that follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Edge {
    /// From which state, by its place in [`Space::edges`].
    pub from: usize,
    /// To which.
    pub to: usize,
    /// What begins it: a command, DONE, or a connection that breaks; by which client, in the order of [`sort`].
    pub action: Action,
}

/// All states that can be reached, and all edges between them.
#[derive(Debug)]
pub struct Space {
    /// The laws of the world.
    pub rules: Rules,
    /// Of each state, what leads out of it. State 0 is the beginning.
    pub edges: Vec<Vec<Edge>>,
}

impl Space {
    /// Explores all of a world.
    ///
    /// # Panics
    /// The world is wrong.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let rules = Rules::new(setup).unwrap_or_else(|finding| panic!("{finding}"));
        let mut known = HashMap::from([(fingerprint(rules.beginning()), 0)]);
        let mut edges = Vec::new();
        let mut next = VecDeque::from([rules.beginning().clone()]);
        let mut nobody: Vec<()> = vec![(); setup.clients];
        while let Some(world) = next.pop_front() {
            let from = edges.len();
            let mut out = Vec::new();
            for action in beginnings(&rules, &world) {
                let mut after = whole(&rules, &world, action, &mut |_, _| {});
                sort(&mut after, &mut nobody);
                let count = known.len();
                let to = *known.entry(fingerprint(&after)).or_insert(count);
                if to == count {
                    next.push_back(after);
                }
                out.push(Edge { from, to, action });
            }
            edges.push(out);
        }
        Self { rules, edges }
    }
}

/// Where nothing is on its way: what somebody may begin.
#[must_use]
pub fn beginnings(rules: &Rules, world: &World) -> Vec<Action> {
    let mut actions = Vec::new();
    rules.possible(world, &mut actions);
    actions.retain(|action| {
        matches!(
            action,
            Action::Send { .. } | Action::Done { .. } | Action::Break { .. }
        )
    });
    actions
}

/// The world after an action and all that follows from it; `heard` is told what each client was answered, in order.
///
/// # Panics
/// The world is wrong.
#[must_use]
pub fn whole(
    rules: &Rules,
    world: &World,
    action: Action,
    heard: &mut dyn FnMut(usize, &[Response]),
) -> World {
    let mut world = rules.next(world, action).unwrap();
    while let Some((action, after)) = follows(rules, &world) {
        if let Action::Receive { client } = action {
            let client = usize::from(client);
            heard(client, &world.lanes[client].inbox[0].responses);
        }
        world = after;
    }
    if let Err(finding) = rules.verdict(&world) {
        panic!("{finding}");
    }
    world
}

/// What the server, and those who read, do next of themselves.
fn follows(rules: &Rules, world: &World) -> Option<(Action, World)> {
    let mut actions = Vec::new();
    rules.possible(world, &mut actions);
    let does = |action: &Action| matches!(action, Action::Process { .. } | Action::Receive { .. });
    if let Some(&action) = actions.iter().find(|action| does(action)) {
        return rules.next(world, action).map(|after| (action, after));
    }
    actions.into_iter().find_map(|action| {
        let Action::Wake { client } = action else {
            return None;
        };
        let after = rules.next(world, action)?;
        let lane = after.lanes.get(usize::from(client))?;
        (!lane.inbox.is_empty()).then_some((action, after))
    })
}

/// Of a world, in whichever order its clients are.
fn fingerprint(world: &World) -> u64 {
    Bytes::of(world).fingerprint()
}

/// Brings clients into an order in which worlds that differ by nothing else are the same; and with them `others`, one for each.
pub fn sort<T: Clone>(world: &mut World, others: &mut [T]) {
    let mut alone = world.clone();
    let mut order: Vec<(u64, usize)> = (0..)
        .zip(&world.lanes)
        .map(|(place, lane)| {
            alone.lanes = vec![Arc::clone(lane)];
            (fingerprint(&alone), place)
        })
        .collect();
    order.sort_unstable();
    let lanes = order
        .iter()
        .map(|&(_, place)| Arc::clone(&world.lanes[place]));
    let lanes = lanes.collect();
    let sorted: Vec<T> = order
        .iter()
        .map(|&(_, place)| others[place].clone())
        .collect();
    others.clone_from_slice(&sorted);
    world.lanes = lanes;
}
