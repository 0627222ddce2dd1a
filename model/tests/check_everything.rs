//! The scene with the commands of all others. Feature `check`.
//!
//! It is too large to be exhausted here: breadth first, in few orders, its first worlds are seen, and no way to them is shorter. The
//! questions that one scene never asks are met there, as what MOVE answers in a mailbox that is open read-only, to a name that RENAME left behind.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use tandem_model::{
    Practice,
    check::{Bounds, Cut, Names, Rules, Scene, Setup, search},
};

#[test]
fn every_command_of_every_scene_is_in_it_once() {
    let names = Names::default();
    for messages in 1..4 {
        let all = Scene::Everything.verbs(messages, &names);
        for scene in Scene::ALL {
            for verb in scene.verbs(messages, &names) {
                let same = all.iter().filter(|known| known.command == verb.command);
                assert_eq!(same.count(), 1, "{scene:?}: {:?}", verb.command);
            }
        }
        assert!(all.len() > 40, "{}", all.len());
    }
}

/// Looks at so many worlds, or a few more; how many actions the longest of the shortest ways has.
fn look(practice: &str, worlds: usize) -> usize {
    let mut chosen = Practice::default();
    for choice in practice.split_terminator(',') {
        let (key, value) = choice.split_once('=').expect("a key and a value");
        chosen.set(key, value).expect("there is such a practice");
    }
    let setup = Setup {
        messages: 1,
        reduced: true,
        ..Setup::new(Scene::Everything, chosen)
    };
    let rules = Rules::new(setup).expect("the world begins in order");
    let bounds = Bounds {
        worlds: Some(worlds),
        threads: 2,
        ..Bounds::default()
    };
    let found = search(&rules, bounds, &mut |_| {});
    assert_eq!(found.breach, None, "{practice}");
    assert_eq!(found.cut, Some(Cut::Room), "{practice}");
    assert!(found.unique > worlds, "{practice}: {}", found.unique);
    found.depth
}

#[test]
fn nothing_is_violated_in_its_first_worlds() {
    assert!(look("", 100_000) >= 5);
    for practice in [
        "deletion=refuse,renaming=refuse,fetching=no,storing=reject,copying=refuse",
        "deletion=disconnect,renaming=disconnect,fetching=nil",
        "deletion=ghost,renaming=refuse,fetching=refuse-expunge,copying=refuse",
        "deletion=refuse,renaming=keep,fetching=refuse-expunge,storing=reject",
        "deletion=disconnect,renaming=keep,fetching=no,copying=refuse",
    ] {
        assert!(look(practice, 25_000) >= 4, "{practice}");
    }
}
