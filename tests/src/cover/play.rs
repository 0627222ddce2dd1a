//! Many scripts, each on an account of its own, on one server.
//!
//! Touches a server of its own, and threads for its clients.

use super::{
    duet::{Duet, Played},
    route,
    script::{Line, Writer},
    space::Space,
};
use crate::{
    chance::Chance,
    server::{Server, practice},
};
use std::{
    panic,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tandem_model::{
    Fault, Practice,
    check::{Rules, Setup},
};
use tandem_server::config::User;

/// How many scripts are played at once.
const TOGETHER: usize = 3;

/// Messages in a page of the server's. The sessions that are stepped by hand have all in one.
const PAGE: u32 = 1;

/// How much there was, and how much was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// Different states, clients being alike.
    pub states: usize,
    /// Ways from one state to another, by one command or the like; each was taken.
    pub edges: usize,
    /// Scripts.
    pub scripts: usize,
    /// Commands that were sent, DONE, and connections that were broken.
    pub commands: usize,
    /// Octets that came, and were right.
    pub octets: usize,
}

impl Numbers {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            states: self.states + other.states,
            edges: self.edges + other.edges,
            scripts: self.scripts + other.scripts,
            commands: self.commands + other.commands,
            octets: self.octets + other.octets,
        }
    }
}

/// Plays scripts that together take every edge of a world under these practices, each as `key=value`; with a fault planted in the server, perhaps, and
/// nowhere else.
///
/// # Panics
/// Something arrived that `Session::step` does not say.
#[must_use]
pub fn every_edge(setup: Setup, practices: &[&str], fault: Option<Fault>) -> Numbers {
    let setup = Setup {
        practice: practice(practices),
        ..setup
    };
    let space = Space::new(setup);
    let ways = route::covering(&space);
    let write = |at: usize| {
        let mut writer = Writer::new(&space.rules);
        ways[at].iter().for_each(|edge| writer.act(edge.action));
        writer.lines
    };
    Numbers {
        states: space.edges.len(),
        edges: space.edges.iter().map(Vec::len).sum(),
        ..play(&space.rules, practices, fault, ways.len(), write)
    }
}

/// Plays so many scripts in which at each moment anything may be done that a world allows.
#[must_use]
pub fn by_chance(
    setup: Setup,
    practices: &[&str],
    scripts: usize,
    length: usize,
    seed: u64,
) -> Numbers {
    let practice = practice(practices);
    let rules = Rules::new(Setup { practice, ..setup });
    let rules = rules.unwrap_or_else(|finding| panic!("{finding}"));
    let write = |at: usize| {
        let mut chance = Chance::new(seed ^ (at as u64) << 32);
        let mut writer = Writer::new(&rules);
        for _ in 0..length {
            let possible = writer.possible();
            if possible.is_empty() {
                break;
            }
            writer.act(*chance.one(&possible));
        }
        writer.lines
    };
    play(&rules, practices, None, scripts, write)
}

fn play(
    rules: &Rules,
    practices: &[&str],
    fault: Option<Fault>,
    scripts: usize,
    write: impl Fn(usize) -> Vec<Line> + Sync,
) -> Numbers {
    let server = Server::timeless(|config| {
        config.practice = Practice {
            fault,
            ..practice(practices)
        };
        config.limits.page = PAGE;
        // It would be what is compared here, once more.
        config.record = None;
        config.users = (0..scripts).map(user).collect();
    });
    let (next, sum) = (AtomicUsize::new(0), Mutex::new(Numbers::default()));
    let one = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= scripts {
                break;
            }
            let mut duet = Duet::new(&server, user(at).name, practices, u32::MAX);
            duet.burst = 1 + at % 4;
            duet.begin(rules);
            let Played { commands, octets } = duet.play(&write(at));
            let mut sum = sum.lock().unwrap();
            *sum = sum.and(Numbers {
                scripts: 1,
                commands,
                octets,
                ..Numbers::default()
            });
        }
    };
    thread::scope(|scope| {
        let players: Vec<_> = (0..TOGETHER).map(|_| scope.spawn(one)).collect();
        for player in players {
            // What it said is what is wrong.
            player
                .join()
                .unwrap_or_else(|said| panic::resume_unwind(said));
        }
    });
    sum.into_inner().unwrap()
}

fn user(number: usize) -> User {
    User {
        name: format!("u{number}"),
        password: "demo".into(),
    }
}
