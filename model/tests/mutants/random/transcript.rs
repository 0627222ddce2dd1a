//! A script that was run, told plainly: there is no encoder here.
//!
//! Touches nothing.

use tandem_model::{Command, Response, flags::Keywords};

/// Of a command.
#[derive(Clone, Debug)]
pub struct Tag(pub Box<str>);

/// Lines of a dialogue.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    text: String,
}

impl Transcript {
    /// The dialogue.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A client sends a command.
    pub fn command(&mut self, client: usize, tag: &Tag, command: &Command) {
        self.note(client, &format!("{} {command:?}", tag.0));
    }

    /// A client sends something else, or something happens to it.
    pub fn note(&mut self, client: usize, what: &str) {
        self.text.push_str(&format!("C{}: {what}\n", client + 1));
    }

    /// A client receives these.
    pub fn responses(&mut self, client: usize, _: &Tag, responses: &[Response], _: &Keywords) {
        for response in responses {
            self.text
                .push_str(&format!("S{}: {response:?}\n", client + 1));
        }
    }
}
