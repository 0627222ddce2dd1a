//! The checked world as stateright sees it.
//!
//! Touches nothing. Of the traits that a stateright model has, these are settled here: actions are deterministic; worlds are hashed by their
//! canonical bytes, so that breadth-first search honours symmetry as well; and one property is exposed, the conjunction of all, for
//! [`super::search()`] names the broken part and finds the shortest way to it.

use super::{
    portrait,
    rules::Rules,
    world::{Action, World},
};
use alloc::{string::String, vec::Vec};
use stateright::{Model, Path, Property};
use std::net::SocketAddr;

impl Model for Rules {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        alloc::vec![self.beginning().clone()]
    }

    fn actions(&self, state: &World, actions: &mut Vec<Action>) {
        self.possible(state, actions);
    }

    fn next_state(&self, last: &World, action: Action) -> Option<World> {
        self.next(last, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        alloc::vec![Property::always("every property holds", |rules, world| {
            rules.verdict(world).is_ok()
        })]
    }

    fn format_action(&self, action: &Action) -> String {
        portrait::action(self, *action)
    }

    fn format_step(&self, last: &World, action: Action) -> Option<String> {
        portrait::step(self, last, action)
    }

    fn as_svg(&self, path: Path<World, Action>) -> Option<String> {
        Some(portrait::picture(self, &path.into_actions()))
    }
}

/// Serves stateright's Explorer of this world, until the process ends.
pub fn explore(rules: Rules, address: SocketAddr) {
    rules.checker().serve(address);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{Scene, Setup},
        practice::Practice,
    };
    use std::{
        io::{Read as _, Write as _},
        net::{TcpListener, TcpStream},
        thread,
    };

    #[test]
    fn the_explorer_is_served_with_this_world() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
        // It ends with the process.
        let serving = thread::spawn(move || explore(rules, address));
        let mut stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(_) => assert!(!serving.is_finished(), "nobody is served"),
            }
            thread::yield_now();
        };
        stream
            .write_all(b"GET /.states/ HTTP/1.0\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
        assert!(answer.contains("\"fingerprint\":"), "{answer}");
    }
}
