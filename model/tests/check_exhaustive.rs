//! Small worlds explored whole: every value of every practice at least once, with two clients and two messages. Feature `check`.
//!
//! Each test says how many states there are at least, lest a model that has quietly lost its behaviour passes.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests may panic as tests do"
)]

use tandem_model::{
    Practice,
    check::{
        Bounds, Coverage, Outcome, Reach, Rules, Scene, Setup,
        coverage::{CHANGES, COMMANDS},
        deletions_and_renamings,
        run::run,
        search,
        transcript::transcript,
    },
    practice::{Deletion, Fetching},
};

/// Explores a world whole, on one thread: the test runner has one for each processor. One of few orders is searched exactly, and rest can be reached from
/// everywhere in it.
fn exhaust(setup: Setup, floor: usize) -> Outcome {
    let rules = Rules::new(setup).expect("the world begins in order");
    let outcome = run(
        &rules,
        Reach {
            threads: 1,
            exact: setup.reduced,
            ..Reach::default()
        },
        &mut |_| {},
    );
    if let Some((finding, actions)) = &outcome.breach {
        panic!("{finding}\n{}", transcript(&rules, actions));
    }
    let unseen: Vec<_> = outcome.unseen().map(|event| event.as_str()).collect();
    assert!(unseen.is_empty(), "never: {unseen:?}");
    assert!(outcome.exhausted);
    assert_eq!(outcome.rests, setup.reduced);
    let count = outcome.progress.unique;
    assert!(count >= floor, "only {count} states, of at least {floor}");
    println!(
        "{:?}: {count} states, {} generated",
        setup, outcome.progress.generated
    );
    outcome
}

fn practice(choices: &[(&str, &str)]) -> Practice {
    let mut practice = Practice::default();
    for (key, value) in choices {
        practice.set(key, value).expect("a practice");
    }
    practice
}

macro_rules! exhausted {
    ($($name:ident: $scene:ident, [$($key:literal = $value:literal),*], $floor:literal;)+) => {
        $(#[test]
        fn $name() {
            exhaust(Setup::new(Scene::$scene, practice(&[$(($key, $value)),*])), $floor);
        })+
    };
}

exhausted! {
    fetching_ghost_is_exhausted: Fetch, ["fetching" = "ghost", "searching" = "omit"], 750_000;
    fetching_no_is_exhausted: Fetch, ["fetching" = "no"], 750_000;
    fetching_nil_is_exhausted: Fetch, ["fetching" = "nil"], 750_000;
    fetching_refuse_expunge_is_exhausted: Fetch, ["fetching" = "refuse-expunge"], 100_000;
    storing_partial_is_exhausted: Store, ["storing" = "partial"], 430_000;
    storing_reject_is_exhausted: Store, ["storing" = "reject"], 410_000;
    copying_allow_is_exhausted: Copy, ["copying" = "allow"], 1_750_000;
    copying_refuse_is_exhausted: Copy, ["copying" = "refuse"], 1_600_000;
    names_with_inferiors_are_exhausted: Tree, [], 820_000;
    messages_across_a_crash_are_exhausted: Durability, [], 1_250_000;
}

#[test]
fn three_messages_are_exhausted_under_every_way_to_fetch_to_store_and_to_copy() {
    for (scene, key, value, floor) in [
        (Scene::Fetch, "fetching", "ghost", 25_000),
        (Scene::Fetch, "fetching", "no", 25_000),
        (Scene::Fetch, "fetching", "nil", 25_000),
        (Scene::Fetch, "fetching", "refuse-expunge", 5_000),
        (Scene::Store, "storing", "partial", 230_000),
        (Scene::Store, "storing", "reject", 210_000),
        (Scene::Copy, "copying", "allow", 145_000),
        (Scene::Copy, "copying", "refuse", 135_000),
    ] {
        let setup = Setup {
            messages: 3,
            reduced: true,
            ..Setup::new(scene, practice(&[(key, value)]))
        };
        exhaust(setup, floor);
    }
}

/// Explores a scene, of few orders, under every combination of practices that `chosen` leaves.
fn exhaust_every(scene: Scene, chosen: impl Fn(&Practice) -> bool, floor: usize) -> usize {
    let practices = Practice::every().into_iter().filter(chosen);
    let worlds = practices.map(|practice| {
        let setup = Setup {
            reduced: true,
            ..Setup::new(scene, practice)
        };
        exhaust(setup, floor);
    });
    worlds.count()
}

/// All 144 in each of these scenes; `tandem check --all-practices --reduced --exact` does it in all.
#[test]
fn every_combination_of_practices_is_exhausted_where_messages_and_names_come_and_go() {
    let mut worlds = 0;
    for (scene, floor) in [
        (Scene::Fetch, 2_500),
        (Scene::Store, 9_500),
        (Scene::Homes, 2_200),
        (Scene::Pipeline, 120),
        (Scene::Subscriptions, 80),
        (Scene::Names, 410),
        (Scene::DurableNames, 2_400),
    ] {
        worlds += exhaust_every(scene, |_| true, floor);
    }
    assert_eq!(worlds, 7 * 144);
}

/// With the practices that names are about, and where INBOX cannot be renamed while others see what goes from it.
#[test]
fn inferiors_and_the_renaming_of_inbox_are_exhausted_under_every_way_to_delete_and_to_rename() {
    let usual = Practice::default();
    let worlds = exhaust_every(
        Scene::Tree,
        |practice| {
            (practice.storing, practice.copying) == (usual.storing, usual.copying)
                && matches!(practice.fetching, Fetching::Ghost | Fetching::RefuseExpunge)
        },
        4_500,
    );
    assert_eq!(worlds, 18);
}

/// What can be fetched, copied and moved of an expunged message depends on both; what happens to names does not come in here.
#[test]
fn every_way_to_fetch_is_exhausted_with_every_way_to_copy() {
    let usual = Practice::default();
    let others = |practice: &Practice| {
        let (deletion, renaming) = (practice.deletion, practice.renaming);
        (deletion, renaming, practice.storing) == (usual.deletion, usual.renaming, usual.storing)
    };
    assert_eq!(exhaust_every(Scene::Copy, others, 6_000), 8);
    assert_eq!(exhaust_every(Scene::Durability, others, 6_200), 8);
}

/// Three clients with two messages, under values of a practice.
fn exhaust_three(scene: Scene, key: &str, values: &[(&str, usize)]) {
    for &(value, floor) in values {
        let setup = Setup {
            clients: 3,
            reduced: true,
            ..Setup::new(scene, practice(&[(key, value)]))
        };
        exhaust(setup, floor);
    }
}

#[test]
fn three_clients_with_two_messages_are_exhausted_under_every_way_to_fetch() {
    exhaust_three(
        Scene::Fetch,
        "fetching",
        &[
            ("ghost", 300_000),
            ("no", 300_000),
            ("nil", 290_000),
            ("refuse-expunge", 50_000),
        ],
    );
}

#[test]
fn three_clients_with_two_messages_are_exhausted_under_every_way_to_store() {
    exhaust_three(
        Scene::Store,
        "storing",
        &[("partial", 550_000), ("reject", 540_000)],
    );
}

#[test]
fn three_clients_with_two_messages_are_exhausted_under_every_way_to_copy() {
    exhaust_three(
        Scene::Copy,
        "copying",
        &[("allow", 1_600_000), ("refuse", 1_450_000)],
    );
}

#[test]
fn three_clients_with_three_messages_are_exhausted_under_every_way_to_delete_and_to_rename() {
    for practice in deletions_and_renamings() {
        let setup = Setup {
            clients: 3,
            messages: 3,
            reduced: true,
            ..Setup::new(Scene::Names, practice)
        };
        exhaust(setup, 3_300);
    }
}

/// Explores a scene under every combination of ways to delete and to rename.
fn exhaust_names(scene: Scene, floor: usize) {
    for practice in deletions_and_renamings() {
        exhaust(Setup::new(scene, practice), floor);
    }
}

#[test]
fn every_way_to_delete_and_to_rename_is_exhausted_together() {
    exhaust_names(Scene::Names, 50_000);
}

#[test]
fn copies_between_mailboxes_that_are_deleted_and_renamed_are_exhausted() {
    exhaust_names(Scene::Homes, 230_000);
    let practice = practice(&[("copying", "refuse")]);
    exhaust(Setup::new(Scene::Homes, practice), 310_000);
}

#[test]
fn names_across_a_crash_are_exhausted_under_every_way_to_delete_and_to_rename() {
    exhaust_names(Scene::DurableNames, 68_000);
    let setup = Setup::new(Scene::DurableNames, Practice::default());
    exhaust(
        Setup {
            crashes: 2,
            ..setup
        },
        145_000,
    );
}

#[test]
fn copies_between_mailboxes_that_are_renamed_are_exhausted_across_a_crash() {
    let setup = Setup::new(Scene::Homes, Practice::default());
    exhaust(
        Setup {
            crashes: 1,
            breaks: 0,
            ..setup
        },
        465_000,
    );
}

#[test]
fn subscriptions_are_exhausted_under_every_way_to_delete_with_a_crash_and_without() {
    for &deletion in Deletion::ALL {
        let practice = Practice {
            deletion,
            ..Practice::default()
        };
        let setup = Setup::new(Scene::Subscriptions, practice);
        exhaust(setup, 12_000);
        exhaust(
            Setup {
                crashes: 1,
                ..setup
            },
            20_000,
        );
    }
}

#[test]
fn every_command_and_every_change_happens_somewhere() {
    let all = Coverage::default();
    for (scene, deletion) in Scene::ALL
        .iter()
        .map(|&scene| (scene, Deletion::Ghost))
        .chain([(Scene::Names, Deletion::Disconnect)])
    {
        let practice = Practice {
            deletion,
            ..Practice::default()
        };
        let rules = Rules::new(Setup::new(scene, practice)).expect("the world begins in order");
        let _ = search(
            &rules,
            Bounds {
                worlds: Some(40_000),
                ..Bounds::default()
            },
            &mut |_| {},
        );
        all.include(rules.coverage());
    }
    assert_eq!(all.commands(), COMMANDS);
    assert_eq!(all.changes(), CHANGES);
}

#[test]
fn two_commands_in_flight_are_exhausted() {
    exhaust(
        Setup {
            pipeline: 2,
            ..Setup::new(Scene::Pipeline, Practice::default())
        },
        600_000,
    );
}

#[test]
fn three_clients_with_one_message_are_exhausted() {
    exhaust(
        Setup {
            clients: 3,
            messages: 1,
            ..Setup::new(Scene::Names, Practice::default())
        },
        3_000_000,
    );
}
