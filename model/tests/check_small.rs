//! Worlds small enough to be counted in a moment, to the last state. Feature `check`.
//!
//! What can happen, what is told apart and what is not is in these numbers. Whoever changes them looks at what has changed, and writes them down again in the files beside this one.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use std::fmt::Write;
use tandem_model::{
    Practice,
    check::{
        Bounds, Finding, Property, Reach, Rules, Scene, Setup, canonical::Bytes,
        deletions_and_renamings, run::run, search,
    },
    practice::Fetching,
};

fn rules(setup: Setup) -> Rules {
    Rules::new(setup).expect("the world begins in order")
}

/// Different worlds, and worlds made, as far as so many actions lead.
fn counted(setup: Setup, depth: usize) -> String {
    let bounds = Bounds {
        depth: Some(depth),
        ..Bounds::default()
    };
    let found = search(&rules(setup), bounds, &mut |_| {});
    assert_eq!(found.breach, None);
    format!("{} of {}", found.unique, found.generated)
}

#[test]
fn the_first_steps_of_each_scene_lead_to_as_many_worlds_as_they_did() {
    let mut table = String::new();
    for &scene in Scene::ALL {
        let setup = Setup {
            messages: 1,
            ..Setup::new(scene, Practice::default())
        };
        let few = Setup {
            reduced: true,
            ..setup
        };
        let two = Setup { messages: 2, ..few };
        writeln!(
            table,
            "{scene:?}: {}; in few orders {}; with two messages {}",
            counted(setup, 5),
            counted(few, 5),
            counted(two, 4)
        )
        .expect("it is text");
    }
    assert!(table == include_str!("check_small/scenes.txt"), "{table}");
}

#[test]
fn each_practice_leads_to_as_many_worlds_as_it_did() {
    let mut table = String::new();
    let mut count = |scene, practice: Practice| {
        let setup = Setup {
            messages: 2,
            reduced: true,
            ..Setup::new(scene, practice)
        };
        let chosen: Vec<&str> = practice.chosen().iter().map(|&(_, value)| value).collect();
        writeln!(
            table,
            "{scene:?} {}: {}",
            chosen.join(" "),
            counted(setup, 4)
        )
        .expect("it is text");
    };
    for &fetching in Fetching::ALL {
        let practice = Practice {
            fetching,
            ..Practice::default()
        };
        count(Scene::Fetch, practice);
    }
    for (scene, key, value) in [
        (Scene::Store, "storing", "reject"),
        (Scene::Copy, "copying", "refuse"),
    ] {
        let mut practice = Practice::default();
        practice.set(key, value).expect("a practice");
        count(scene, practice);
    }
    for practice in deletions_and_renamings() {
        count(Scene::Names, practice);
    }
    assert!(
        table == include_str!("check_small/practices.txt"),
        "{table}"
    );
}

#[test]
fn both_engines_exhaust_the_smallest_worlds_and_find_the_same() {
    for (scene, least) in [
        (Scene::Fetch, 238),
        (Scene::Store, 105),
        (Scene::Pipeline, 89),
        (Scene::Subscriptions, 468),
    ] {
        let setup = Setup {
            clients: 1,
            messages: 1,
            ..Setup::new(scene, Practice::default())
        };
        let [ours, theirs] = [true, false].map(|exact| {
            let reach = Reach {
                exact,
                ..Reach::default()
            };
            let outcome = run(&rules(setup), reach, &mut |_| {});
            assert!(outcome.exhausted && outcome.breach.is_none());
            assert_eq!(outcome.rests, exact);
            outcome.progress.unique
        });
        assert_eq!(ours, theirs, "{scene:?}");
        assert!(ours >= least, "{scene:?}: {ours}");
    }
}

#[test]
fn two_commands_in_flight_lead_to_as_many_worlds_as_they_did() {
    let counts = [Scene::Pipeline, Scene::Fetch, Scene::Durability].map(|scene| {
        let setup = Setup {
            messages: 2,
            pipeline: 2,
            ..Setup::new(scene, Practice::default())
        };
        let few = Setup {
            reduced: true,
            ..setup
        };
        [counted(setup, 4), counted(few, 3)]
    });
    let as_they_were = [
        ["1210 of 3046", "132 of 390"],
        ["4043 of 9973", "539 of 1318"],
        ["1172 of 2731", "399 of 626"],
    ];
    assert_eq!(counts, as_they_were);
}

/// As `check/reduction.rs` says; where mailboxes are lost and copies refused, too.
#[test]
fn more_commands_in_flight_make_other_worlds_in_few_orders_only_where_answers_wait() {
    let mut others = Practice::default();
    for (key, value) in [
        ("deletion", "disconnect"),
        ("renaming", "disconnect"),
        ("copying", "refuse"),
    ] {
        others.set(key, value).expect("a practice");
    }
    let worlds = Scene::ALL
        .iter()
        .flat_map(|&scene| [Practice::default(), others].map(|practice| (scene, practice)));
    for (scene, practice) in worlds {
        let with = |pipeline| {
            let setup = Setup {
                pipeline,
                messages: 1,
                reduced: true,
                ..Setup::new(scene, practice)
            };
            let found = search(&rules(setup), Bounds::default(), &mut |_| {});
            assert!(found.exhausted, "{scene:?}");
            [found.unique, found.generated, found.depth]
        };
        let (one, two) = (with(1), with(2));
        if matches!(scene, Scene::Durability | Scene::DurableNames) {
            assert!(one[0] < two[0], "{scene:?}: {one:?}, {two:?}");
        } else {
            assert_eq!([two, with(3)], [one, one], "{scene:?}");
        }
    }
}

#[test]
fn no_two_findings_make_worlds_alike() {
    let world = rules(Setup::new(Scene::Fetch, Practice::default()))
        .beginning()
        .clone();
    let mut seen = vec![Bytes::of(&world).to_vec()];
    for &property in Property::ALL {
        let mut broken = world.clone();
        broken.finding = Some(Finding::new(property, ""));
        let bytes = Bytes::of(&broken).to_vec();
        assert!(!seen.contains(&bytes), "{property}");
        seen.push(bytes);
    }
}
