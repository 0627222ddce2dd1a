//! Scripts made of the checked world: every edge of small ones, and long ways through larger ones, over TCP.
//!
//! `TANDEM_COVER=all` takes all scenes, larger worlds, and many more ways; it takes some minutes.

use std::{env, panic};
use tandem_model::{
    Fault, Practice,
    check::{Scene, Setup},
};
use tandem_tests::{
    cover::play::{Numbers, by_chance, every_edge},
    server::practice,
};

fn world(scene: Scene, messages: usize, breaks: u8) -> Setup {
    Setup {
        messages,
        breaks,
        crashes: 0,
        ..Setup::new(scene, Practice::default())
    }
}

fn all() -> bool {
    env::var("TANDEM_COVER").is_ok_and(|which| which == "all")
}

/// The worlds that are covered each time, with how many edges they have at least.
const WORLDS: &[(Scene, usize, u8, &[&str], usize)] = &[
    (Scene::Fetch, 2, 0, &["fetching=ghost"], 4_600),
    (Scene::Fetch, 1, 0, &["fetching=no"], 1_700),
    (Scene::Fetch, 1, 0, &["fetching=nil"], 1_700),
    (Scene::Fetch, 2, 0, &["fetching=refuse-expunge"], 970),
    (Scene::Copy, 1, 0, &["copying=allow"], 14_800),
    (Scene::Homes, 1, 0, &["deletion=ghost"], 12_000),
    (Scene::Store, 1, 1, &["storing=partial"], 550),
    (Scene::Store, 2, 0, &["storing=reject"], 1_500),
    (Scene::Pipeline, 2, 0, &["copying=allow"], 820),
    (Scene::Pipeline, 2, 1, &["copying=refuse"], 1_550),
    (Scene::Subscriptions, 1, 1, &["deletion=ghost"], 1_400),
    (
        Scene::Names,
        1,
        1,
        &["deletion=ghost", "renaming=keep"],
        5_300,
    ),
    (
        Scene::Names,
        1,
        0,
        &["deletion=refuse", "renaming=disconnect"],
        2_900,
    ),
    (
        Scene::Names,
        1,
        0,
        &["deletion=disconnect", "renaming=refuse"],
        2_900,
    ),
];

/// Those that take longer.
const MORE: &[(Scene, usize, u8, &[&str], usize)] = &[
    (Scene::Fetch, 2, 1, &[], 7_000),
    (Scene::Store, 2, 1, &[], 2_500),
    (Scene::Copy, 1, 0, &["copying=refuse"], 14_100),
    (Scene::Homes, 1, 1, &[], 17_400),
    (Scene::Tree, 1, 0, &[], 40_000),
    (Scene::Durability, 1, 0, &[], 5_300),
    (Scene::DurableNames, 1, 1, &[], 3_200),
];

#[test]
fn every_edge_of_small_worlds_is_answered_over_tcp_as_by_the_step() {
    let mut sum = Numbers::default();
    let more = MORE.iter().filter(|_| all());
    for &(scene, messages, breaks, practices, least) in WORLDS.iter().chain(more) {
        let numbers = every_edge(world(scene, messages, breaks), practices, None);
        eprintln!("{} {practices:?}: {numbers:?}", scene.as_str());
        assert!(
            numbers.edges >= least,
            "{} {practices:?}: {numbers:?}",
            scene.as_str()
        );
        sum = sum.and(numbers);
    }
    eprintln!("all: {sum:?}");
}

/// The world and the sessions that are stepped here know nothing of it.
#[test]
fn a_fault_in_the_server_alone_is_found() {
    let small = world(Scene::Fetch, 1, 0);
    for (fault, practices) in [
        (Fault::ExpungeDuringFetch, &["fetching=ghost"]),
        (Fault::FetchGhostsOk, &["fetching=no"]),
    ] {
        // What fails is meant to.
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let played = panic::catch_unwind(|| every_edge(small, practices, Some(fault)));
        panic::set_hook(hook);
        let said = played.expect_err(fault.as_str());
        let said = said.downcast_ref::<String>().unwrap();
        let told = said.rsplit_once(" should be answered: ").unwrap().1;
        let (expected, came) = told.split_once("\nand is: ").unwrap();
        assert_ne!(expected, came, "{said}");
        eprintln!("{}: {said}", fault.as_str());
    }
}

#[test]
fn every_value_of_every_practice_is_in_a_world_that_is_covered() {
    for row in tandem_model::practice::TABLE {
        let choice = format!("{}={}", row.key, row.value);
        let is_chosen =
            |practices: &[&str]| practice(practices).chosen().contains(&(row.key, row.value));
        assert!(
            WORLDS.iter().any(|(.., practices, _)| is_chosen(practices)),
            "{choice}"
        );
    }
}

#[test]
fn long_ways_through_larger_worlds_are_answered_over_tcp_as_by_the_step() {
    let mut sum = Numbers::default();
    let scripts = if all() { 400 } else { 20 };
    for (number, &scene) in (0..).zip(Scene::ALL) {
        let setup = Setup {
            clients: 3,
            messages: 3,
            ..world(scene, 3, 1)
        };
        for (seed, practices) in [
            &[][..],
            &[
                "deletion=refuse",
                "renaming=refuse",
                "fetching=no",
                "storing=reject",
                "copying=refuse",
            ],
            &["deletion=disconnect", "renaming=disconnect", "fetching=nil"],
            &["fetching=refuse-expunge", "renaming=disconnect"],
        ]
        .into_iter()
        .enumerate()
        {
            sum = sum.and(by_chance(
                setup,
                practices,
                scripts,
                80,
                number << 8 | seed as u64,
            ));
        }
    }
    eprintln!("by chance: {sum:?}");
    assert!(sum.commands > 20_000, "{sum:?}");
}
