//! How far a search goes, and what it says of that.

use super::*;
use crate::{
    check::{alphabet::Scene, setup::Setup},
    fault::Fault,
    practice::Practice,
};
use core::time::Duration;

fn rules() -> Rules {
    let setup = Setup {
        clients: 1,
        messages: 1,
        ..Setup::new(Scene::Store, Practice::default())
    };
    Rules::new(setup).unwrap()
}

/// What is found with room for so many worlds, and how often progress is told.
fn with(worlds: Option<usize>) -> (Search, usize) {
    let bounds = Bounds {
        worlds,
        ..Bounds::default()
    };
    let mut times = 0;
    let found = search(&rules(), bounds, &mut |_| times += 1);
    (found, times)
}

#[test]
fn as_many_worlds_as_there_is_room_for_are_kept_and_one_more_is_too_many() {
    let (all, times) = with(None);
    assert!(all.exhausted && all.cut.is_none());
    // Each level is taken at once, and the last has nothing new.
    assert_eq!(times, all.depth + 1);
    let (fits, _) = with(Some(all.unique));
    assert!(fits.exhausted && fits.cut.is_none());
    for room in [all.unique - 1, 1] {
        let (cut, _) = with(Some(room));
        assert_eq!((cut.exhausted, cut.cut), (false, Some(Cut::Room)));
    }
    let bounds = Bounds {
        depth: Some(all.depth),
        ..Bounds::default()
    };
    let shallow = search(&rules(), bounds, &mut |_| {});
    assert_eq!((shallow.unique, shallow.depth), (all.unique, all.depth));
}

#[test]
fn each_reason_to_end_is_told_in_its_own_word() {
    let told = [Cut::Depth, Cut::Time, Cut::Room].map(Cut::as_str);
    assert_eq!(told, ["depth", "time", "room"]);
}

#[test]
fn the_way_to_a_breach_is_looked_for_though_the_time_is_up() {
    let practice = Practice {
        fault: Some(Fault::CopyDropsGhosts),
        ..Practice::default()
    };
    let rules = Rules::new(Setup::new(Scene::Copy, practice)).unwrap();
    let whole = search(&rules, Bounds::default(), &mut |_| {});
    let (finding, way) = whole.breach.unwrap();
    // Time is up once the worlds before the last action are known; on a machine so slow that it is up before, there is more of it.
    let mut time = Duration::from_millis(50);
    loop {
        let until = Instant::now() + time;
        let bounds = Bounds {
            until: Some(until),
            ..Bounds::default()
        };
        let found = search(&rules, bounds, &mut |found| {
            while found.depth + 1 == whole.depth && Instant::now() < until {
                core::hint::spin_loop();
            }
        });
        if found.cut.is_none() {
            assert_eq!(found.breach, Some((finding, way)));
            return;
        }
        time *= 2;
    }
}

/// A world of few orders, searched with room for so many in work, on so many threads.
fn in_work(level: Option<usize>, threads: usize) -> Search {
    let setup = Setup {
        reduced: true,
        ..Setup::new(Scene::Store, Practice::default())
    };
    let bounds = Bounds {
        level,
        threads,
        rest: true,
        ..Bounds::default()
    };
    search(&Rules::new(setup).unwrap(), bounds, &mut |_| {})
}

#[test]
fn what_is_searched_depth_first_are_the_same_worlds() {
    let whole = in_work(None, 1);
    assert!(whole.exhausted && !whole.dived);
    // Room for all of the widest level is room enough.
    assert!(!in_work(Some(whole.unique), 1).dived);
    for level in [0, 600, 2_000] {
        for threads in [1, 2] {
            let dived = in_work(Some(level), threads);
            assert!(dived.exhausted && dived.dived && dived.breach.is_none());
            // As many levels as were followed whole: of none but the beginning, where nothing may wait.
            assert!(dived.depth < whole.depth && (level > 0 || dived.depth == 0));
            let counts = |found: &Search| (found.unique, found.generated, found.pieces);
            assert_eq!(counts(&dived), counts(&whole), "{level}, {threads}");
        }
    }
}

#[test]
fn a_bound_on_depth_keeps_a_search_breadth_first() {
    let bounds = Bounds {
        depth: Some(100),
        level: Some(0),
        ..Bounds::default()
    };
    let found = search(&rules(), bounds, &mut |_| {});
    assert!(found.exhausted && !found.dived);
}

#[test]
fn what_is_wrong_is_found_depth_first_too_with_the_way_to_it() {
    let planted = |fault, scene, clients| {
        let practice = Practice {
            fault: Some(fault),
            ..Practice::default()
        };
        let setup = Setup {
            clients,
            messages: 1,
            ..Setup::new(scene, practice)
        };
        Rules::new(setup).unwrap()
    };
    let cases = [
        (Fault::FlagsUntold, Scene::Store, 2, Property::FlagsBelieved),
        (Fault::DoneIgnored, Scene::Fetch, 1, Property::RestReached),
    ];
    for (fault, scene, clients, property) in cases {
        let rules = planted(fault, scene, clients);
        let bounds = Bounds {
            level: Some(0),
            rest: true,
            ..Bounds::default()
        };
        let found = search(&rules, bounds, &mut |_| {});
        assert!(found.dived);
        let (finding, way) = found.breach.unwrap();
        assert_eq!(finding.property, property);
        let mut world = rules.beginning().clone();
        for action in way {
            world = rules.next(&world, action).unwrap();
        }
        let bad = rules.verdict(&world).is_err();
        assert!(bad || property == Property::RestReached);
        assert!(!world.lanes.iter().all(|lane| lane.is_at_rest()) || bad);
    }
}

#[test]
fn as_many_worlds_may_wait_as_is_said_and_one_chunk_more_is_too_many() {
    let rules = rules();
    let bounds = Bounds {
        level: Some(2 * CHUNK),
        ..Bounds::default()
    };
    let mut work = Work::new(&rules, bounds);
    work.next = alloc::vec![Chunk::new(), Chunk::new()];
    assert!(!work.is_wide(0) && work.is_wide(1));
}
