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
