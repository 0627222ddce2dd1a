//! A way through a world of `tandem check`.
//!
//! Touches nothing. Four octets say which world it is: scene, practices, sizes, troubles. Each that follows is one of the actions that are possible then, by its
//! place among them, or two are where more than 256 are. What the way cannot take any more is left out. At its end nobody says anything but DONE, and rest has
//! to be reached. Whoever judges the check judges here: each of its properties is among them.

use std::collections::HashSet;
use tandem_model::{
    Fault, Practice,
    check::{
        Action, Finding, Property, Rules, Scene, Setup, World, canonical::Bytes,
        transcript::transcript,
    },
};

/// So many actions, and no more.
const ACTIONS: usize = 1_000;
/// So many of each: clients, messages, commands in flight; and, of both, breaks and crashes.
const CLIENTS: u8 = 4;
const MESSAGES: u8 = 5;
const PIPELINE: u8 = 3;
const TROUBLES: u8 = 3;

/// Judges what any bytes make clients, server and chance do in any world of the check.
pub fn world(data: &[u8]) {
    world_with(data, None);
}

/// The same, with a fault in the server: what judges has to find it.
pub fn world_with(data: &[u8], fault: Option<Fault>) {
    let Some((&[scene, practice, sizes, troubles], choices)) = data.split_first_chunk() else {
        return;
    };
    let practices = Practice::every();
    let setup = Setup {
        scene: Scene::NAMED[usize::from(scene) % Scene::NAMED.len()],
        clients: usize::from(1 + sizes % CLIENTS),
        messages: usize::from(1 + sizes / CLIENTS % MESSAGES),
        pipeline: usize::from(1 + sizes / CLIENTS / MESSAGES % PIPELINE),
        breaks: troubles % TROUBLES,
        crashes: troubles / TROUBLES % TROUBLES,
        reduced: false,
        practice: Practice {
            fault,
            ..practices[usize::from(practice) % practices.len()]
        },
    };
    let rules = Rules::new(setup).expect("every world begins well");
    let mut way = Way::new(&rules);
    let mut choices = choices.iter().copied();
    while way.taken.len() < ACTIONS {
        let possible = way.possible();
        let Some(action) = chosen(&possible, &mut choices) else {
            break;
        };
        way.take(action);
    }
    way.rest();
}

/// The bytes that are this way through this world: what a way that was found by another search is as a seed.
///
/// # Panics
/// The world or the way is not one that bytes can be.
#[must_use]
pub fn world_of(setup: &Setup, actions: &[Action]) -> Vec<u8> {
    let place = |is: Option<usize>| u8::try_from(is.expect("it is one of these")).expect("few");
    let of = |count: usize| u8::try_from(count - 1).expect("few");
    let scene = Scene::NAMED.iter().position(|&scene| scene == setup.scene);
    let sound = Practice {
        fault: None,
        ..setup.practice
    };
    let practice = Practice::every().iter().position(|&every| every == sound);
    let sizes =
        of(setup.clients) + CLIENTS * (of(setup.messages) + MESSAGES * of(setup.pipeline.max(1)));
    let troubles = setup.breaks + TROUBLES * setup.crashes;
    let mut bytes = vec![place(scene), place(practice), sizes, troubles];
    let rules = Rules::new(*setup).expect("every world begins well");
    let mut world = rules.beginning().clone();
    for &action in actions {
        let mut possible = Vec::new();
        rules.possible(&world, &mut possible);
        let place = possible.iter().position(|&other| other == action);
        let place = u16::try_from(place.expect("it is possible")).expect("few");
        let [high, low] = place.to_be_bytes();
        if is_wide(&possible) {
            bytes.push(high);
        }
        bytes.push(low);
        world = rules.next(&world, action).expect("it leads on");
    }
    bytes
}

/// One byte is not enough to choose.
const fn is_wide(possible: &[Action]) -> bool {
    possible.len() > 256
}

fn chosen(possible: &[Action], choices: &mut impl Iterator<Item = u8>) -> Option<Action> {
    let high = if is_wide(possible) {
        choices.next()?
    } else {
        0
    };
    let place = u16::from_be_bytes([high, choices.next()?]);
    possible
        .get(usize::from(place) % possible.len().max(1))
        .copied()
}

/// What was done, and what came of it.
struct Way<'a> {
    rules: &'a Rules,
    taken: Vec<Action>,
    world: World,
}

impl<'a> Way<'a> {
    fn new(rules: &'a Rules) -> Self {
        let way = Self {
            rules,
            taken: Vec::new(),
            world: rules.beginning().clone(),
        };
        way.judge();
        way
    }

    fn possible(&self) -> Vec<Action> {
        let mut possible = Vec::new();
        self.rules.possible(&self.world, &mut possible);
        possible
    }

    /// Does it, if anything comes of it.
    fn take(&mut self, action: Action) {
        if let Some(next) = self.rules.next(&self.world, action) {
            self.world = next;
            self.taken.push(action);
            self.judge();
        }
    }

    fn judge(&self) {
        if let Err(finding) = self.rules.verdict(&self.world) {
            self.fail(&finding);
        }
    }

    fn fail(&self, finding: &Finding) -> ! {
        panic!("{finding}\n{}", transcript(self.rules, &self.taken));
    }

    /// All that is begun comes to its end, though nobody says more than DONE, and nothing breaks: on one way that never is where it was.
    fn rest(&mut self) {
        let mut been = HashSet::new();
        while !self.is_at_rest() {
            been.insert(Bytes::of(&self.world).fingerprint());
            let mut onwards = self.possible();
            onwards.retain(|action| {
                !matches!(
                    action,
                    Action::Send { .. } | Action::Break { .. } | Action::Crash
                )
            });
            let leads_on = |action: &Action| {
                let next = self.rules.next(&self.world, *action);
                next.is_some_and(|next| !been.contains(&Bytes::of(&next).fingerprint()))
            };
            match onwards.into_iter().find(leads_on) {
                Some(action) => self.take(action),
                None => self.fail(&Finding::new(
                    Property::RestReached,
                    "nothing but a new command leads on",
                )),
            }
        }
    }

    fn is_at_rest(&self) -> bool {
        self.world.lanes.iter().all(|lane| lane.is_at_rest())
    }
}
