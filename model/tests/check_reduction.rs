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
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};
use tandem_model::{
    Account, Fault, Limits, Practice,
    check::{
        Action, Bounds, Lane, Memory, Property, Rules, Scene, Setup, World, canonical::Bytes,
        client::Client, plant::planted, search,
    },
    practice::Deletion,
};

/// What was seen of a small world. Nothing in it depends on what is left of rations; so it is seen without the flags of expunged messages, which matter while
/// there is a ration to copy them.
#[derive(Default)]
struct Seen {
    worlds: usize,
    /// The steps of the server, each with all that it knows then.
    steps: HashSet<u64>,
    /// What clients read, each with all that the client knows then but flags: which of those matter depends on what others do meanwhile.
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
    world.copies = false;
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
            let bytes = Bytes::of(&World {
                rations: [0, 0],
                copies: false,
                ..world.clone()
            });
            let rests = self.rests.entry(bytes.to_vec());
            rests.or_default().insert(world.rations);
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
        // These are as large as all others together: with the one practice, and nothing breaks in them.
        let large = matches!(scene, Scene::Copy | Scene::Tree | Scene::Durability);
        if large && !every_order() {
            let usual = one(*scene, Practice::default());
            small.push(Setup { breaks: 0, ..usual });
            continue;
        }
        let names = !matches!(scene, Scene::Fetch | Scene::Store | Scene::Pipeline);
        for practice in [Practice::default(), disconnect]
            .into_iter()
            .take(1 + usize::from(names))
        {
            small.push(one(*scene, practice));
        }
    }
    let two = |setup| Setup {
        pipeline: 2,
        ..setup
    };
    small.extend([
        two(one(Scene::Pipeline, Practice::default())),
        two(one(Scene::Names, disconnect)),
        two(Setup {
            messages: 2,
            breaks: 0,
            ..one(Scene::Pipeline, practice(&[("fetching", "no")]))
        }),
        two(Setup {
            breaks: 0,
            crashes: 1,
            ..one(Scene::Pipeline, Practice::default())
        }),
    ]);
    small.extend(wider());
    if every_order() {
        small.extend(large());
    }
    small
}

/// Whether large worlds are to be explored in every order, too.
fn every_order() -> bool {
    std::env::var_os("TANDEM_TEST_EVERY_ORDER").is_some()
}

/// The usual world with one message.
fn one(scene: Scene, practice: Practice) -> Setup {
    Setup {
        messages: 1,
        ..Setup::new(scene, practice)
    }
}

fn practice(choices: &[(&str, &str)]) -> Practice {
    let mut practice = Practice::default();
    for (key, value) in choices {
        practice.set(key, value).expect("a practice");
    }
    practice
}

/// Worlds with a third client, a second message, a third command in flight, a second break, or a break and a crash; each value of each practice is in one of them
/// or among the usual ones, and most pairs of values that meet in a command are. With three commands in flight two clients are too many, see [`large`].
fn wider() -> Vec<Setup> {
    let world = |scene, choices| one(scene, practice(choices));
    vec![
        Setup {
            clients: 3,
            breaks: 0,
            ..world(Scene::Subscriptions, &[("renaming", "disconnect")])
        },
        Setup {
            clients: 3,
            breaks: 0,
            ..world(
                Scene::Pipeline,
                &[("fetching", "no"), ("copying", "refuse")],
            )
        },
        Setup {
            messages: 2,
            ..world(
                Scene::Pipeline,
                &[("fetching", "nil"), ("storing", "reject")],
            )
        },
        Setup {
            messages: 2,
            ..world(
                Scene::Pipeline,
                &[("fetching", "no"), ("copying", "refuse")],
            )
        },
        Setup {
            messages: 2,
            breaks: 2,
            ..world(Scene::Pipeline, &[("fetching", "refuse-expunge")])
        },
        Setup {
            messages: 2,
            ..world(
                Scene::Names,
                &[("deletion", "refuse"), ("renaming", "refuse")],
            )
        },
        Setup {
            clients: 1,
            pipeline: 3,
            ..world(Scene::Store, &[("storing", "reject")])
        },
        Setup {
            clients: 1,
            pipeline: 3,
            crashes: 1,
            ..world(Scene::Pipeline, &[("copying", "refuse")])
        },
        Setup {
            breaks: 1,
            crashes: 1,
            ..world(
                Scene::Pipeline,
                &[("fetching", "nil"), ("copying", "refuse")],
            )
        },
        Setup {
            breaks: 1,
            crashes: 1,
            ..world(Scene::Store, &[("storing", "reject"), ("fetching", "no")])
        },
        Setup {
            breaks: 1,
            crashes: 1,
            ..world(
                Scene::Subscriptions,
                &[("deletion", "disconnect"), ("renaming", "refuse")],
            )
        },
        Setup {
            breaks: 1,
            crashes: 1,
            ..world(
                Scene::Names,
                &[("deletion", "disconnect"), ("renaming", "disconnect")],
            )
        },
    ]
}

/// Worlds that take minutes in every order.
fn large() -> Vec<Setup> {
    let mut large = Vec::new();
    for scene in [Scene::Store, Scene::Names, Scene::Homes] {
        for choices in [
            &[("storing", "reject"), ("deletion", "disconnect")],
            &[("copying", "refuse"), ("renaming", "disconnect")],
        ] {
            let one = one(scene, practice(choices));
            large.push(Setup { clients: 3, ..one });
            large.push(Setup { messages: 2, ..one });
        }
    }
    large.push(Setup {
        pipeline: 3,
        breaks: 0,
        ..one(Scene::Pipeline, practice(&[("copying", "refuse")]))
    });
    large
}

#[test]
fn few_orders_show_the_same_steps_and_the_same_worlds_at_rest_as_all() {
    // Those at the end are large, too: the two threads have about as much to do.
    let worlds = Mutex::new(small().into_iter());
    let next = || worlds.lock().expect("nobody failed").next();
    let sum = Mutex::new([0; 5]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(setup) = next() {
                    let seen = compare(setup);
                    let mut sum = sum.lock().expect("nobody failed");
                    for (sum, seen) in sum.iter_mut().zip(seen) {
                        *sum += seen;
                    }
                }
            });
        }
    });
    let sum = sum.into_inner().expect("nobody failed");
    println!("all of these: {sum:?}");
    // Both could have lost the same.
    let least = [5_900_000, 40_900, 164_000, 4_500, 10_100];
    assert!(
        sum.iter().zip(least).all(|(&sum, least)| sum >= least),
        "{sum:?} of {least:?}"
    );
}

/// Returns how many worlds there were in every order and in few, and how many steps, reads and worlds at rest.
fn compare(setup: Setup) -> [usize; 5] {
    let begun = Instant::now();
    let all = explore(setup);
    let few = explore(Setup {
        reduced: true,
        ..setup
    });
    println!(
        "{}, {} clients, {} messages, pipeline {}, {} breaks, {} crashes, {:?}: {} worlds for {}, {} steps, {} reads, {} at rest, {:.1} s",
        setup.scene.as_str(),
        setup.clients,
        setup.messages,
        setup.pipeline,
        setup.breaks,
        setup.crashes,
        setup
            .practice
            .chosen()
            .iter()
            .map(|(_, value)| *value)
            .collect::<Vec<_>>(),
        few.worlds,
        all.worlds,
        all.steps.len(),
        all.reads.len(),
        all.rests.len(),
        begun.elapsed().as_secs_f64(),
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
    let rests = all.rests.len();
    [
        all.worlds,
        few.worlds,
        all.steps.len(),
        all.reads.len(),
        rests,
    ]
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
