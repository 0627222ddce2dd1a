//! Fewer orders show the same: the same steps of the server and reads of clients are judged, the same worlds at rest are reached, the same faults are found. Feature `check`.
//!
//! Small worlds are explored with every order and with few, and what was seen is compared world by world.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};
use tandem_model::{
    Account, Fault, Limits, Practice,
    check::{
        Action, Bounds, Lane, Memory, Property, Rules, Scene, Setup, World, canonical::Bytes,
        client::Client, plant::planted, search,
    },
    practice::Deletion,
};

/// What was seen of a small world.
#[derive(Default)]
struct Seen {
    worlds: usize,
    /// The steps of the server, each with all that it knows then.
    steps: HashSet<u64>,
    /// What clients read, each with all that the client knows then.
    reads: HashSet<u64>,
    /// The worlds at rest without their rations, each with the rations that were left.
    rests: BTreeMap<Vec<u8>, BTreeSet<[u8; 2]>>,
}

fn explore(setup: Setup) -> Seen {
    let rules = Rules::new(setup).expect("the world begins in order");
    let mut seen = Seen::default();
    let mut known: HashSet<u64> = HashSet::new();
    let mut open = vec![rules.beginning().clone()];
    known.insert(Bytes::of(rules.beginning()).fingerprint());
    seen.rest(rules.beginning());
    let mut actions = Vec::new();
    while let Some(world) = open.pop() {
        rules.possible(&world, &mut actions);
        for action in actions.drain(..) {
            let steps = rules.steps(&world, action);
            // What does not come to its end does not happen.
            let Some(next) = rules.next(&world, action) else {
                continue;
            };
            let mut before = &world;
            for (action, after) in &steps {
                assert_eq!(after.finding, None, "{action:?}");
                // A session that is woken for news which it has been told does nothing.
                let does_nothing = matches!(action, Action::Wake { .. }) && before == after;
                if !does_nothing {
                    seen.steps.extend(as_the_server_sees(before, *action));
                    seen.reads.extend(as_the_client_sees(before, *action));
                }
                seen.rest(after);
                before = after;
            }
            if known.insert(Bytes::of(&next).fingerprint()) {
                open.push(next);
            }
        }
    }
    seen.worlds = known.len();
    seen
}

/// The account and the sessions, whose turn it is, and for which command: nothing of what a client has read or sent.
fn as_the_server_sees(world: &World, action: Action) -> Option<u64> {
    let kind = match action {
        Action::Send { .. } | Action::Done { .. } | Action::Receive { .. } => return None,
        Action::Process { .. } => 1,
        Action::Wake { .. } => 2,
        Action::Break { .. } => 3,
        Action::Durable => 4,
        Action::Crash => 5,
    };
    let mut world = world.clone();
    world.rations = [0, 0];
    for (at, lane) in world.lanes.iter_mut().enumerate() {
        let current = lane.current().filter(|_| lane.session.wants_resume());
        let lane = Arc::make_mut(lane);
        let taken = lane.errands.len() - lane.waiting;
        let next = lane.errands.get(taken).copied();
        let errand = match action {
            Action::Process { .. } if action.client() == Some(at) => current.or(next),
            _ => current,
        };
        lane.errands = errand.into_iter().collect();
        lane.waiting = 0;
        lane.inbox.clear();
        // Whose turn it is.
        lane.done = action.client() == Some(at);
        lane.client = Client::new();
        if lane.gone || lane.session.is_over() {
            *lane = Lane::lost();
        }
    }
    world.rations[0] = kind;
    Some(Bytes::of(&world).fingerprint())
}

/// What a client knows, what it waits for, and the batch that it reads next: nothing of the server.
fn as_the_client_sees(world: &World, action: Action) -> Option<u64> {
    let Action::Receive { client } = action else {
        return None;
    };
    let lane = world.lanes.get(usize::from(client))?;
    let lane = Lane {
        client: lane.client.clone(),
        // Those behind the one in progress do not matter to what it makes of an answer.
        errands: lane.errands.iter().take(1).copied().collect(),
        inbox: lane.inbox.iter().take(1).cloned().collect(),
        ..Lane::default()
    };
    let mut world = World {
        lanes: vec![Arc::new(lane)],
        rations: [0, 0],
        breaks: 0,
        crashes: 0,
        next_content: 0,
        storage: None,
        ..world.clone()
    };
    world.account = Arc::new(Account::new(Limits::default()));
    world.memory = Memory::default();
    Some(Bytes::of(&world).fingerprint())
}

impl Seen {
    fn rest(&mut self, world: &World) {
        if world.lanes.iter().all(|lane| lane.is_at_rest()) {
            let mut bytes = Bytes::of(world).to_vec();
            let rations = [bytes.remove(0), bytes.remove(0)];
            self.rests.entry(bytes).or_default().insert(rations);
        }
    }
}

/// Worlds small enough to be explored in every order, with all that matters to orders in some of them.
fn small() -> Vec<Setup> {
    let disconnect = Practice {
        deletion: Deletion::Disconnect,
        ..Practice::default()
    };
    let mut small = Vec::new();
    for scene in Scene::ALL {
        // These are larger than all others together, and their commands are in others too.
        let large = matches!(scene, Scene::Copy | Scene::Durability);
        if large && std::env::var_os("TANDEM_TEST_EVERY_ORDER").is_none() {
            continue;
        }
        let names = !matches!(scene, Scene::Fetch | Scene::Store | Scene::Pipeline);
        for practice in [Practice::default(), disconnect]
            .into_iter()
            .take(1 + usize::from(names))
        {
            small.push(Setup {
                messages: 1,
                ..Setup::new(*scene, practice)
            });
        }
    }
    for (scene, practice) in [
        (Scene::Pipeline, Practice::default()),
        (Scene::Names, disconnect),
    ] {
        small.push(Setup {
            messages: 1,
            pipeline: 2,
            ..Setup::new(scene, practice)
        });
    }
    small
}

#[test]
fn few_orders_show_the_same_steps_and_the_same_worlds_at_rest_as_all() {
    for setup in small() {
        let all = explore(setup);
        let few = explore(Setup {
            reduced: true,
            ..setup
        });
        println!(
            "{:?} {:?}, pipeline {}: {} worlds for {}, {} steps, {} reads, {} at rest",
            setup.scene,
            setup.practice.deletion,
            setup.pipeline,
            few.worlds,
            all.worlds,
            all.steps.len(),
            all.reads.len(),
            all.rests.len()
        );
        for (of, all, few) in [
            ("steps", &all.steps, &few.steps),
            ("reads", &all.reads, &few.reads),
        ] {
            let missing = all.difference(few).count();
            let new = few.difference(all).count();
            assert_eq!((missing, new), (0, 0), "{of} of {setup:?}");
        }
        for (world, rations) in &all.rests {
            let reached = few
                .rests
                .get(world)
                .expect("a world at rest is not reached");
            for left in rations {
                // What was sent and lost with its connection has used up its ration; in few orders it was not sent.
                let as_much = |other: &[u8; 2]| other[0] >= left[0] && other[1] >= left[1];
                assert!(reached.iter().any(as_much), "{setup:?}");
            }
        }
        assert!(few.rests.keys().all(|world| all.rests.contains_key(world)));
        assert!(few.worlds < all.worlds, "{setup:?}");
    }
}

#[test]
fn few_orders_find_every_planted_fault_by_the_same_property() {
    for &fault in Fault::ALL {
        let planted = planted(fault);
        let rules = Rules::new(Setup {
            reduced: true,
            ..planted.setup
        })
        .expect("the world begins without the fault");
        let bounds = Bounds {
            rest: true,
            ..Bounds::default()
        };
        let found = search(&rules, bounds, &mut |_| {});
        let (finding, way) = found.breach.expect("every fault is found");
        // A way that is a little longer may break something else at its end.
        let breaks = match fault {
            Fault::UidReusedAfterCrash => Property::CountersRise,
            _ => planted.breaks,
        };
        assert_eq!(finding.property, breaks, "{}", fault.as_str());
        // The way is told action by action, and leads there in every order as well.
        let every = Rules::new(Setup {
            reduced: false,
            ..planted.setup
        })
        .expect("the world begins without the fault");
        let end = way
            .iter()
            .try_fold(every.beginning().clone(), |world, &action| {
                every.next(&world, action)
            });
        let end = end.expect("every action is possible");
        let judged = finding.property == Property::RestReached || every.verdict(&end).is_err();
        assert!(judged, "{}", fault.as_str());
    }
}
