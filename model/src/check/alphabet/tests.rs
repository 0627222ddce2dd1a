//! What is said of a command beside the command is right.

use super::{super::client::has_numbers, *};

/// The set of messages that a command names, if it names any.
fn named(command: &Command) -> Option<&SequenceSet> {
    match command {
        Command::Fetch { set, .. }
        | Command::Store { set, .. }
        | Command::Copy { set, .. }
        | Command::Move { set, .. }
        | Command::Search {
            key: SearchKey::Sequence(Numbers::Asked(set)),
            ..
        } => Some(set),
        _ => None,
    }
}

#[test]
fn a_verb_says_what_has_to_be_there_before_it_is_said() {
    for &scene in Scene::NAMED {
        for verb in scene.verbs(3, &Names::default()) {
            let bounds = || {
                let ranges = named(&verb.command).map(|set| set.ranges.as_slice());
                let ranges = ranges.unwrap_or_default().iter();
                ranges.flat_map(|&(from, to)| [from, to])
            };
            let star = bounds().any(|bound| bound == Bound::Star);
            assert_eq!(verb.star, star, "{verb:?}");
            let numbers = bounds().map(|bound| match bound {
                Bound::Number(number) => number as usize,
                Bound::Star => 1,
            });
            let most = numbers.max().filter(|_| has_numbers(&verb.command));
            assert_eq!(verb.number, most.unwrap_or(0), "{verb:?}");
            let selected = matches!(
                *verb.command,
                Command::Idle
                    | Command::Check
                    | Command::Close
                    | Command::Unselect
                    | Command::Expunge { .. }
                    | Command::Fetch { .. }
                    | Command::Store { .. }
                    | Command::Copy { .. }
                    | Command::Move { .. }
                    | Command::Search { .. }
            );
            assert_eq!(verb.selected, selected, "{verb:?}");
            let ration = match *verb.command {
                Command::Append { .. } | Command::Copy { .. } | Command::Move { .. } => {
                    Some(Ration::Arrivals)
                }
                Command::Create { .. } | Command::Delete { .. } | Command::Rename { .. } => {
                    Some(Ration::Names)
                }
                _ => None,
            };
            assert_eq!(verb.ration, ration, "{verb:?}");
        }
    }
}

#[test]
fn everything_is_what_the_other_scenes_say_each_once() {
    let names = Names::default();
    let commands = |scene: Scene| scene.verbs(2, &names).into_iter().map(|it| it.command);
    let everything: Vec<_> = commands(Scene::Everything).collect();
    for (at, command) in everything.iter().enumerate() {
        assert!(!everything[..at].contains(command), "{command:?}");
    }
    let mut others = Scene::ALL.iter().flat_map(|&scene| commands(scene));
    assert!(others.all(|command| everything.contains(&command)));
}

#[test]
fn a_scene_is_found_by_its_name() {
    for &scene in Scene::NAMED {
        assert_eq!(Scene::named(scene.as_str()), Ok(scene));
    }
    let unknown = Scene::named("kitchen").unwrap_err();
    assert!(unknown.contains("`kitchen`") && unknown.contains("fetch, store"));
}
