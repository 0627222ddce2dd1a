//! The space is what it is taken for: worlds of the same bytes go on alike, and three searches find the same. Feature `check`.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use stateright::{Checker, Model};
use std::{
    collections::{BTreeSet, HashMap},
    hash::{DefaultHasher, Hash, Hasher},
};
use tandem_model::{
    Fault, Practice,
    check::{Action, Bounds, Cut, Rules, Scene, Setup, World, canonical::Bytes, search},
    practice::Fetching,
};

fn rules(scene: Scene, practice: Practice) -> Rules {
    Rules::new(Setup::new(scene, practice)).expect("the world begins in order")
}

/// A world as bytes, or what is wrong with it: how a breach leaves the world makes no difference.
type Seen = Result<Vec<u8>, &'static str>;

fn seen(rules: &Rules, world: &World) -> Seen {
    match rules.verdict(world) {
        Ok(()) => Ok(Bytes::of(world).to_vec()),
        Err(finding) => Err(finding.how),
    }
}

/// What can follow a world. What leads to the same bytes leads nowhere.
fn following(rules: &Rules, world: &World) -> BTreeSet<Seen> {
    let mut actions = Vec::new();
    rules.possible(world, &mut actions);
    let next = actions
        .into_iter()
        .filter_map(|action| rules.next(world, action));
    let mut following: BTreeSet<Seen> = next.map(|next| seen(rules, &next)).collect();
    following.remove(&seen(rules, world));
    following
}

/// What tells two worlds of the same bytes apart: ids of views and MODSEQs, the order of the clients, what was made durable when, flags of expunged messages,
/// and what clients believe of flags.
fn concrete(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.account.hash(&mut hasher);
    world
        .lanes
        .iter()
        .for_each(|lane| lane.session.hash(&mut hasher));
    beliefs(world).hash(&mut hasher);
    for entry in world.journal().iter().flat_map(|journal| journal.moments()) {
        entry.left.hash(&mut hasher);
    }
    hasher.finish()
}

/// What each client believes of the flags of each of its messages.
fn beliefs(world: &World) -> Vec<Option<u64>> {
    let slots = world.lanes.iter().flat_map(|lane| lane.client.slots());
    slots.map(|slot| slot.flags.map(|flags| flags.0)).collect()
}

/// Walks through a world at random, and compares what follows those that have the same bytes and are not the same. Returns how many pairs were compared, and in
/// how many of them some client believes something else.
fn compare(rules: &Rules, walks: u32) -> [usize; 2] {
    let mut first: HashMap<Vec<u8>, (u64, World)> = HashMap::new();
    let mut compared = [0, 0];
    // A small linear congruence chooses the way, the same every time.
    let mut seed = 1_u32;
    for walk in 0..walks {
        let mut world = rules.beginning().clone();
        for _ in 0..60 {
            let mut actions: Vec<Action> = Vec::new();
            rules.possible(&world, &mut actions);
            // Of what ends most of what was begun there is little.
            actions.retain(|action| match action {
                Action::Break { .. } => false,
                Action::Crash => walk % 4 == 0,
                _ => true,
            });
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let chosen = (seed >> 8) as usize % actions.len().max(1);
            let Some(&action) = actions.get(chosen) else {
                break;
            };
            let Some(next) = rules.next(&world, action) else {
                continue;
            };
            world = next;
            let known = first
                .entry(Bytes::of(&world).to_vec())
                .or_insert_with(|| (concrete(&world), world.clone()));
            if known.0 != concrete(&world) {
                compared[0] += 1;
                compared[1] += usize::from(beliefs(&known.1) != beliefs(&world));
                assert_eq!(seen(rules, &known.1), seen(rules, &world));
                assert!(
                    following(rules, &known.1) == following(rules, &world),
                    "{:?}\n{world:?}",
                    known.1
                );
            }
        }
    }
    compared
}

#[test]
fn worlds_of_the_same_bytes_go_on_alike() {
    for &scene in Scene::ALL {
        for (clients, pipeline) in [(2, 1), (2, 2), (3, 1)] {
            let setup = Setup {
                clients,
                pipeline,
                ..Setup::new(scene, Practice::default())
            };
            let rules = Rules::new(setup).expect("the world begins in order");
            let [pairs, believing] = compare(&rules, 600);
            println!(
                "{scene:?}, {clients} clients, {pipeline} in flight: {pairs} pairs, {believing} of them differ in a belief"
            );
            assert!(pairs > 400, "{scene:?}: only {pairs} pairs were compared");
            let about_flags = matches!(scene, Scene::Fetch | Scene::Store);
            assert!(!about_flags || believing > 100, "{scene:?}: {believing}");
        }
    }
}

#[test]
fn worlds_of_the_same_bytes_go_wrong_alike() {
    for (fault, pipeline, walks) in [
        (Fault::FlagsUntold, 1, 300),
        (Fault::FlagsUntold, 2, 1_200),
        (Fault::SilentHidesOthers, 1, 300),
        (Fault::FlagsBeforeOk, 1, 600),
        (Fault::FlagsBeforeOk, 2, 300),
        (Fault::SearchFindsGhosts, 1, 300),
    ] {
        let practice = Practice {
            fault: Some(fault),
            ..Practice::default()
        };
        let setup = Setup {
            pipeline,
            messages: 3 - pipeline,
            ..Setup::new(Scene::Store, practice)
        };
        let rules = Rules::new(setup).expect("the world begins without the fault");
        let [pairs, believing] = compare(&rules, walks);
        println!(
            "{fault:?}, {pipeline} in flight: {pairs} pairs, {believing} of them differ in a belief"
        );
        assert!(believing > 100, "{fault:?}: {believing}");
    }
}

#[test]
fn three_searches_find_the_same_space() {
    let usual = |scene| Setup::new(scene, Practice::default());
    let small = Setup {
        messages: 1,
        ..usual(Scene::Fetch)
    };
    let every_order = [
        (usual(Scene::Names), 77_000),
        (usual(Scene::DurableNames), 102_000),
        (small, 130_000),
    ];
    let three = |scene| Setup {
        clients: 3,
        reduced: true,
        ..usual(scene)
    };
    let three_clients = [
        (three(Scene::Names), 3_800),
        (three(Scene::Pipeline), 9_000),
    ];
    let least = [
        7_900, 11_600, 43_000, 4_800, 680, 130, 790, 5_600, 41_000, 4_100,
    ];
    let few_orders = Scene::ALL.iter().zip(least).map(|(&scene, least)| {
        let setup = Setup {
            reduced: true,
            ..usual(scene)
        };
        (setup, least)
    });
    for (setup, least) in every_order
        .into_iter()
        .chain(few_orders)
        .chain(three_clients)
    {
        let worlds = three_searches_agree(setup);
        assert!(worlds >= least, "{setup:?}: {worlds}");
    }
}

/// Returns how many worlds there are.
fn three_searches_agree(setup: Setup) -> usize {
    let rules = Rules::new(setup).expect("the world begins in order");
    let bounds = Bounds {
        rest: true,
        ..Bounds::default()
    };
    let ours = search(&rules, bounds, &mut |_| {});
    assert!(
        ours.exhausted && ours.cut.is_none() && ours.breach.is_none(),
        "{:?}",
        ours.breach
    );
    let threads = Bounds {
        threads: 2,
        ..bounds
    };
    let again = search(&rules, threads, &mut |_| {});
    assert_eq!(
        (again.unique, again.depth, again.bytes),
        (ours.unique, ours.depth, ours.bytes)
    );
    println!(
        "{:?} reduced {}: {} worlds, {} generated, {} bytes a world, pieces {:?}",
        setup.scene,
        setup.reduced,
        ours.unique,
        ours.generated,
        ours.bytes / ours.unique,
        ours.pieces
    );
    let depth_first = rules.clone().checker().spawn_dfs().join();
    // stateright's breadth-first search ignores its own kind of symmetry; ours is in the bytes that are hashed.
    let breadth_first = rules.clone().checker().threads(2).spawn_bfs().join();
    assert_eq!(depth_first.unique_state_count(), ours.unique);
    assert_eq!(breadth_first.unique_state_count(), ours.unique);
    ours.unique
}

#[test]
fn a_bound_that_cuts_off_is_told() {
    let rules = rules(Scene::Names, Practice::default());
    let depth = Bounds {
        depth: Some(4),
        ..Bounds::default()
    };
    let room = Bounds {
        worlds: Some(100),
        ..Bounds::default()
    };
    let time = Bounds {
        until: Some(std::time::Instant::now()),
        ..Bounds::default()
    };
    for (bounds, cut) in [(depth, Cut::Depth), (room, Cut::Room), (time, Cut::Time)] {
        let found = search(&rules, bounds, &mut |_| {});
        assert!(!found.exhausted && found.breach.is_none(), "{bounds:?}");
        assert_eq!(found.cut, Some(cut));
    }
}

#[test]
fn the_way_that_is_found_is_no_longer_than_stateright_s() {
    let practice = Practice {
        fault: Some(Fault::NilOnly),
        fetching: Fetching::Nil,
        ..Practice::default()
    };
    let rules = rules(Scene::Fetch, practice);
    let (_, ours) = search(&rules, Bounds::default(), &mut |_| {})
        .breach
        .expect("the fault is found");
    let theirs = rules.checker().spawn_dfs().join().discoveries();
    let longest = theirs
        .into_values()
        .map(|path| path.into_actions().len())
        .max()
        .expect("found as well");
    println!("shortest {}, depth first {longest}", ours.len());
    assert!(ours.len() <= longest);
}
