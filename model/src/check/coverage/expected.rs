//! What has to happen in each world, lest a model that has lost its behaviour passes.
//!
//! Touches nothing.

use super::Event;
use crate::{
    check::{alphabet::Scene, setup::Setup},
    practice::{Copying, Deletion, Fetching, Practice, Renaming},
};
use alloc::{vec, vec::Vec};

/// What has to happen sometimes in a world with at least two clients and two messages, once it is explored whole.
#[must_use]
pub fn expected(setup: &Setup) -> Vec<Event> {
    let Practice {
        deletion,
        renaming,
        fetching,
        storing: _,
        copying,
        ..
    } = setup.practice;
    let ghosts = fetching != Fetching::RefuseExpunge;
    let mut events = match setup.scene {
        Scene::Fetch => match fetching {
            Fetching::Ghost => vec![Event::FetchShowsGhost],
            Fetching::No => vec![Event::FetchNo],
            Fetching::Nil => vec![Event::FetchNil, Event::FetchAllGone],
            Fetching::RefuseExpunge => vec![Event::ExpungeInUse],
        },
        Scene::Store if ghosts => vec![Event::StoreNo, Event::StoreMixed],
        Scene::Copy if ghosts => match copying {
            Copying::Allow => vec![Event::CopyCopiesGhost, Event::MoveRefused],
            Copying::Refuse => vec![Event::CopyRefused, Event::MoveRefused],
        },
        Scene::Copy => vec![Event::ExpungeInUse],
        Scene::Store => Vec::new(),
        Scene::Pipeline if ghosts => vec![Event::FetchMeetsGhost, Event::SearchOmits],
        Scene::Pipeline => vec![Event::ExpungeInUse],
        Scene::Durability | Scene::DurableNames => Vec::new(),
        Scene::Subscriptions => vec![match deletion {
            Deletion::Disconnect => Event::Bye,
            Deletion::Refuse | Deletion::Ghost => Event::NameInUse,
        }],
        Scene::Names | Scene::Homes | Scene::Tree | Scene::Everything => {
            let mut events = vec![match deletion {
                Deletion::Refuse => Event::NameInUse,
                Deletion::Ghost => Event::GhostMailboxServes,
                Deletion::Disconnect => Event::Bye,
            }];
            events.push(match renaming {
                Renaming::Refuse => Event::NameInUse,
                Renaming::Disconnect => Event::Bye,
                Renaming::Keep => Event::NewName,
            });
            events
        }
    };
    if setup.scene == Scene::Fetch && ghosts {
        events.extend([Event::FetchMeetsGhost, Event::SearchOmits, Event::IdleTells]);
    }
    if setup.scene == Scene::Homes && ghosts && copying == Copying::Allow {
        events.push(Event::CopyCopiesGhost);
    }
    if matches!(setup.scene, Scene::Fetch | Scene::Store) && ghosts {
        events.push(Event::ActsBetweenPages);
    }
    if setup.crashes > 0 {
        events.extend([
            Event::CrashLoses,
            Event::CrashWhileHeld,
            Event::CrashLeaves,
            Event::Released,
        ]);
    }
    if matches!(setup.scene, Scene::Durability | Scene::DurableNames) {
        events.push(Event::ComesBack);
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::practice::Storing;
    use alloc::{format, string::String};

    #[test]
    fn what_has_to_happen_depends_on_scene_and_practice() {
        let usual = Practice::default();
        let fetching = |fetching| Practice { fetching, ..usual };
        let names = |deletion, renaming| Practice {
            deletion,
            renaming,
            ..usual
        };
        let refusing = Practice {
            copying: Copying::Refuse,
            storing: Storing::Reject,
            ..fetching(Fetching::No)
        };
        let mut table = String::new();
        for &scene in Scene::NAMED {
            for (what, practice) in [
                ("usual", usual),
                ("no", refusing),
                ("nil", fetching(Fetching::Nil)),
                ("refuse-expunge", fetching(Fetching::RefuseExpunge)),
                ("refuse", names(Deletion::Refuse, Renaming::Refuse)),
                (
                    "disconnect",
                    names(Deletion::Disconnect, Renaming::Disconnect),
                ),
            ] {
                let events = expected(&Setup::new(scene, practice));
                table.push_str(&format!("{} {what}: {events:?}\n", scene.as_str()));
            }
        }
        assert!(table == include_str!("expected.txt"), "{table}");
    }
}
