//! What a run says of a world whose end is known.

use super::*;
use crate::{
    check::{alphabet::Scene, plant::planted as where_planted, properties::Property, setup::Setup},
    fault::Fault,
    practice::Practice,
};

/// A world that one client exhausts in a moment.
fn small(scene: Scene) -> Rules {
    let setup = Setup {
        clients: 1,
        messages: 1,
        ..Setup::new(scene, Practice::default())
    };
    Rules::new(setup).unwrap()
}

fn faulty(fault: Fault, reduced: bool) -> Rules {
    let setup = Setup {
        reduced,
        messages: 1,
        ..where_planted(fault).setup
    };
    Rules::new(setup).unwrap()
}

fn broken(outcome: &Outcome) -> Option<(Property, usize)> {
    let found = outcome.breach.as_ref();
    found.map(|(finding, way)| (finding.property, way.len()))
}

/// Both engines, without the search for what is near.
fn each(rules: &Rules, reach: Reach) -> [Outcome; 2] {
    let begun = Instant::now();
    [
        exact(rules, reach, begun, &mut |_| {}),
        depth_first(rules, reach, begun, &mut |_| {}),
    ]
}

const EVER: Duration = Duration::from_secs(600);

#[test]
fn a_small_world_is_exhausted_within_its_depth_and_not_short_of_it() {
    let rules = small(Scene::Store);
    let [ours, theirs] = each(&rules, Reach::default());
    assert_eq!(ours.progress.unique, theirs.progress.unique);
    for (outcome, rests) in [(&ours, true), (&theirs, false)] {
        assert!(outcome.exhausted && outcome.cut.is_none() && outcome.breach.is_none());
        assert_eq!(outcome.rests, rests);
    }
    assert!(!theirs.is_shortest);
    let far = Reach {
        depth: Some(1000),
        timeout: Some(EVER),
        ..Reach::default()
    };
    assert!(each(&rules, far).iter().all(|outcome| outcome.exhausted));
    let short = Reach {
        depth: Some(3),
        timeout: Some(EVER),
        ..Reach::default()
    };
    let none = Reach {
        timeout: Some(Duration::ZERO),
        ..Reach::default()
    };
    for (reach, cut) in [(short, Cut::Depth), (none, Cut::Time)] {
        for outcome in each(&rules, reach) {
            assert_eq!(outcome.cut, Some(cut));
            assert!(!outcome.exhausted && !outcome.rests && outcome.breach.is_none());
        }
    }
    assert_eq!(each(&rules, short).map(|it| it.progress.depth), [3, 3]);
}

#[test]
fn a_breach_ends_the_run_and_is_not_cut_off() {
    let fault = Fault::ExpungeUnasked;
    for reduced in [false, true] {
        let rules = faulty(fault, reduced);
        let [ours, theirs] = each(&rules, Reach::default());
        let found = broken(&ours);
        assert_eq!(
            found.map(|(property, _)| property),
            Some(where_planted(fault).breaks)
        );
        assert_eq!(broken(&theirs), found);
        let length = found.map(|(_, length)| length);
        let at_the_end = Reach {
            depth: length,
            timeout: Some(EVER),
            ..Reach::default()
        };
        let at_once = run(&rules, at_the_end, &mut |_| {});
        // What is near is found before anything else is looked at, whatever engine was asked for.
        assert!(at_once.sometimes.is_empty());
        let [ours_cut, _] = each(&rules, at_the_end);
        // Depth first the end is soon reached, and then the breach.
        let deep = Reach {
            depth: Some(8),
            ..Reach::default()
        };
        let [_, theirs_cut] = each(&rules, deep);
        assert_eq!(theirs_cut.progress.depth, 8);
        for outcome in [&ours, &theirs, &at_once, &ours_cut, &theirs_cut] {
            assert_eq!(broken(outcome), found);
            assert!(!outcome.exhausted && !outcome.rests && outcome.cut.is_none());
            assert_eq!(outcome.is_shortest, !reduced);
        }
    }
}

#[test]
fn what_is_planted_is_not_found_beyond_the_reach() {
    let rules = faulty(Fault::ExpungeUnasked, false);
    let short = Reach {
        depth: Some(1),
        exact: true,
        ..Reach::default()
    };
    let none = Reach {
        timeout: Some(Duration::ZERO),
        exact: true,
        ..Reach::default()
    };
    for (reach, cut) in [(short, Cut::Depth), (none, Cut::Time)] {
        let outcome = run(&rules, reach, &mut |_| {});
        assert_eq!((broken(&outcome), outcome.cut), (None, Some(cut)));
    }
    assert_eq!(shortest(&rules, none), None);
    let within = Reach {
        timeout: Some(EVER),
        ..Reach::default()
    };
    assert!(shortest(&rules, within).is_some());
}

#[test]
fn a_world_from_which_rest_is_not_reached_was_not_exhausted_in_peace() {
    let setup = Setup {
        clients: 1,
        ..where_planted(Fault::DoneIgnored).setup
    };
    let rules = Rules::new(setup).unwrap();
    let reach = Reach::default();
    let outcomes = [
        exact(&rules, reach, Instant::now(), &mut |_| {}),
        run(&rules, reach, &mut |_| {}),
    ];
    for outcome in outcomes {
        assert_eq!(
            broken(&outcome).map(|(property, _)| property),
            Some(Property::RestReached)
        );
        assert!(!outcome.exhausted && !outcome.rests);
    }
}

#[test]
fn what_should_have_happened_and_did_not_is_a_failure_once_all_is_known() {
    let rules = small(Scene::Subscriptions);
    assert_eq!(sometimes(&rules), [(Event::NameInUse, false)]);
    rules.coverage().happened(Event::NameInUse);
    assert_eq!(sometimes(&rules), [(Event::NameInUse, true)]);
    let seen = Outcome {
        progress: Progress::default(),
        exhausted: true,
        cut: None,
        rests: true,
        breach: None,
        is_shortest: false,
        sometimes: alloc::vec![(Event::NameInUse, true), (Event::Bye, true)],
    };
    assert!(seen.holds() && seen.unseen().next().is_none());
    let mut unseen = seen.clone();
    unseen.sometimes[1].1 = false;
    assert!(!unseen.holds() && unseen.unseen().eq([Event::Bye]));
    unseen.exhausted = false;
    assert!(unseen.holds());
    let finding = Finding::new(Property::Answered, "");
    unseen.breach = Some((finding, Vec::new()));
    assert!(!unseen.holds());
    unseen.exhausted = true;
    unseen.sometimes.clear();
    assert!(!unseen.holds());
}

#[test]
fn a_rate_is_of_a_second() {
    let progress = Progress {
        generated: 100,
        elapsed: Duration::from_secs(4),
        ..Progress::default()
    };
    assert!((progress.rate() - 25.0).abs() < 1e-9);
}

#[test]
fn what_is_searched_beside_the_whole_is_bounded_in_worlds_and_in_time() {
    let begun = Instant::now();
    let reach = Reach {
        depth: Some(7),
        timeout: Some(Duration::from_secs(3)),
        ..Reach::default()
    };
    let until = Some(begun + Duration::from_secs(3));
    let bounds = |bounds: Bounds| (bounds.worlds, bounds.depth, bounds.until, bounds.rest);
    assert_eq!(
        bounds(near(reach, begun)),
        (Some(200_000), Some(7), until, true)
    );
    assert_eq!(
        bounds(far(reach, begun)),
        (Some(10_000_000), None, until, false)
    );
}
