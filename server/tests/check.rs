//! `tandem check` as a command: what it prints, and how it ends.

#![expect(clippy::unwrap_used, reason = "what fails fails the test")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};
use tandem_model::{
    Fault, Invariant,
    check::{Property, Scene, plant::planted},
};

fn check(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

#[test]
fn every_fault_is_found_and_told_as_a_transcript() {
    for fault in Fault::ALL {
        let (status, out, _) = check(&["--fault", fault.as_str()]);
        assert_eq!(status, Some(1), "{}\n{out}", fault.as_str());
        let violated = format!("violated: {} (", planted(*fault).breaks);
        assert!(
            out.contains(&violated),
            "{} should break {violated}\n{out}",
            fault.as_str()
        );
        // Somebody sends, or a connection breaks; never a dump of a value.
        assert!(out.contains("\n    C") || out.contains("\n    <"), "{out}");
        assert!(!out.contains("Response") && !out.contains(" { "), "{out}");
    }
}

#[test]
fn a_small_world_is_exhausted_and_every_property_told() {
    let (status, out, _) = check(&["--scene", "names", "--messages", "1"]);
    assert_eq!(status, Some(0), "{out}");
    for property in Property::ALL {
        if *property == Property::RestReached {
            assert!(
                out.contains("rest-reached        not asked: --exact"),
                "{out}"
            );
            continue;
        }
        let line = out.lines().find(|line| line.starts_with(property.as_str()));
        assert!(
            line.is_some_and(|line| line.contains("holds")),
            "{property}\n{out}"
        );
    }
    assert!(out.contains("  exhausted: "), "{out}");
    assert!(out.contains("Every one was exhausted"), "{out}");
}

#[test]
fn the_exact_search_tells_that_rest_can_be_reached_and_what_it_keeps() {
    let (status, out, _) = check(&["--scene", "names", "--exact", "--reduced"]);
    assert_eq!(status, Some(0), "{out}");
    assert!(out.contains("rest-reached        holds"), "{out}");
    assert!(out.contains("  exhausted: 799 unique states, "), "{out}");
    assert!(out.contains(" bytes a state\n"), "{out}");
    assert!(out.contains("and rest can be reached from each."), "{out}");
}

#[test]
fn a_walk_tells_how_far_it_came_and_finds_what_is_broken() {
    let world = ["--clients", "4", "--messages", "5", "--timeout", "1"];
    let walk = |more: &[&str]| check(&[&world, ["--simulate", "7"].as_slice(), more].concat());
    let (status, out, _) = walk(&[]);
    assert_eq!(status, Some(0), "{out}");
    let walked: Vec<usize> = out
        .lines()
        .filter_map(|line| line.strip_prefix("  walked through "))
        .map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .collect();
    // A second for each scene, on whatever machine this is.
    assert_eq!(walked.len(), Scene::ALL.len(), "{out}");
    assert!(walked.iter().all(|&states| states >= 1_000), "{walked:?}");
    assert!(out.contains("NOT EXHAUSTED"), "{out}");
    let (status, out, _) = walk(&["--scene", "copy", "--fault", "copy-forgets-flags"]);
    assert_eq!(status, Some(1), "{out}");
    assert!(out.contains("\nA way there, in "), "{out}");
    assert!(out.contains("violated: copy-survives ("), "{out}");
}

#[test]
fn what_was_not_exhausted_is_not_called_so() {
    let depth = "no longer ways were to be looked at: --depth";
    let time = "the time was over: --timeout";
    for (bound, why) in [(["--depth", "4"], depth), (["--timeout", "1"], time)] {
        for engine in [&[][..], &["--exact"]] {
            let world = ["--scene", "copy", "--clients", "3"];
            let (status, out, _) = check(&[&world[..], &bound, engine].concat());
            assert_eq!(status, Some(0), "{out}");
            assert!(out.contains(&format!("NOT exhausted, {why}: ")), "{out}");
            assert!(out.contains(&format!("NOT EXHAUSTED ({why}): ")), "{out}");
            assert!(!out.contains("Every one was exhausted"), "{out}");
        }
    }
}

#[test]
fn every_combination_of_practices_can_be_asked_for() {
    let (status, out, _) = check(&[
        "--all-practices",
        "--scene",
        "names",
        "--clients",
        "1",
        "--depth",
        "3",
    ]);
    assert_eq!(status, Some(0), "{out}");
    assert_eq!(
        out.lines()
            .filter(|line| line.starts_with("scene names"))
            .count(),
        144
    );
}

#[test]
fn wrong_arguments_are_named_and_end_with_2() {
    for (arguments, expected) in [
        (
            &["--fault", "nobody"][..],
            "unknown fault `nobody`: expected one of expunge-during-fetch, ",
        ),
        (
            &["--scene", "nowhere"],
            "unknown scene `nowhere`: expected one of fetch, ",
        ),
        (
            &["--practice", "fetching=maybe"],
            "unknown value `maybe` for practice `fetching`: expected one of ghost, ",
        ),
        (
            &["--practice", "fetching=no,fetching=nil"],
            "`fetching` is both `no` and `nil`",
        ),
        (&["--clients", "9"], "invalid value '9'"),
        (
            &["--all-practices", "--practice", "fetching=no"],
            "cannot be used with",
        ),
    ] {
        let (status, out, error) = check(arguments);
        assert_eq!(status, Some(2), "{arguments:?} {out}");
        assert!(error.contains(expected), "{arguments:?} {error}");
    }
}

#[test]
fn deep_refuses_what_it_would_not_heed_and_says_what_it_takes() {
    for ignored in [
        &["--exact"][..],
        &["--reduced"],
        &["--clients", "2"],
        &["--messages", "2"],
        &["--pipeline", "2"],
        &["--crashes", "1"],
        &["--practice", "fetching=no"],
        &["--all-practices"],
        &["--fault", "nil-only"],
    ] {
        let (status, out, error) = check(&[&["--deep"], ignored].concat());
        assert_eq!(status, Some(2), "{ignored:?} {out}");
        let refused = format!(
            "cannot be used with `{}`: allowed are --scene, --timeout, ",
            ignored[0]
        );
        assert!(error.contains(&refused), "{ignored:?} {error}");
    }
}

#[test]
fn deep_tells_why_a_world_was_not_exhausted_and_walks_no_longer_than_it_may() {
    let mut deep = Command::new(env!("CARGO_BIN_EXE_tandem"))
        .args([
            "check",
            "--deep",
            "--scene",
            "store",
            "--depth",
            "1",
            "--timeout",
            "1",
            "--simulate",
            "7",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(deep.stdout.take().unwrap())
        .lines()
        .map(|line| line.unwrap());
    let world = lines.find(|line| line.starts_with("| store |")).unwrap();
    assert!(world.contains(" | no: depth | "), "{world}");
    let walk = lines.find(|line| line.contains(" walks ")).unwrap();
    assert!(walk.starts_with("| store |"), "{walk}");
    assert_eq!(lines.next(), None, "there is one scene to walk through");
    assert!(deep.wait().unwrap().success());
    let seconds = walk.split('|').nth(10).unwrap().trim();
    assert!(seconds.parse::<u64>().unwrap() < 30, "{walk}");
}

#[test]
fn lists_name_everything() {
    let (_, properties, _) = check(&["--list-properties"]);
    assert!(
        Property::ALL
            .iter()
            .all(|property| properties.contains(property.sentence()))
    );
    for invariant in Invariant::ALL {
        let (id, sentence) = (invariant.as_str(), invariant.sentence());
        let mut lines = properties.lines();
        let line = lines.find(|line| line.split(' ').next() == Some(id));
        assert!(line.is_some(), "{id} is not in {properties}");
        assert_eq!(lines.next(), Some(format!("  {sentence}").as_str()));
    }
    let (_, faults, _) = check(&["--list-faults"]);
    assert!(
        Fault::ALL
            .iter()
            .all(|fault| faults.contains(fault.summary()))
    );
}
