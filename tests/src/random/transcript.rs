//! A script that was run, as a dialogue.
//!
//! Touches nothing. Commands are written by the server's printer, responses by its encoder: this is for reading, not for judging.

use crate::wire::shown;
use tandem_model::{Command, Response, flags::Keywords};
use tandem_server::codec::{
    encode,
    print::print,
    request::{FetchAttribute, Request, Section, SectionText, Tagged},
};

pub use tandem_server::codec::request::Tag;

/// Lines of a dialogue.
#[derive(Clone, Debug, Default)]
pub struct Transcript {
    text: String,
}

impl Transcript {
    /// The dialogue.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A client sends a command.
    pub fn command(&mut self, client: usize, tag: &Tag, command: &Command) {
        let request = match command {
            Command::Fetch { marks_seen, .. } => {
                let text = FetchAttribute::Section {
                    section: Section {
                        part: Vec::new(),
                        text: Some(SectionText::Text),
                    },
                    partial: None,
                    peek: false,
                };
                let mut attributes = vec![FetchAttribute::Uid, FetchAttribute::Flags];
                attributes.extend(marks_seen.then_some(text));
                Request::Fetch {
                    command: command.clone(),
                    attributes,
                }
            }
            _ => Request::Mailbox(command.clone()),
        };
        let bytes = print(&Tagged {
            tag: tag.clone(),
            request,
        });
        let line = shown(&bytes);
        self.line('C', client, line.lines().next().unwrap_or_default());
    }

    /// A client sends something else, or something happens to it.
    pub fn note(&mut self, client: usize, what: &str) {
        self.line('C', client, what);
    }

    /// A client receives these.
    pub fn responses(
        &mut self,
        client: usize,
        tag: &Tag,
        responses: &[Response],
        keywords: &Keywords,
    ) {
        for response in responses {
            let mut bytes = Vec::new();
            match response {
                Response::Search(page) => {
                    let numbers: Vec<u32> =
                        page.candidates.iter().map(|found| found.number).collect();
                    encode::search(&mut bytes, &numbers);
                }
                _ => encode::response(&mut bytes, response, tag, keywords),
            }
            self.line('S', client, &shown(&bytes));
        }
    }

    fn line(&mut self, side: char, client: usize, text: &str) {
        self.text
            .push_str(&format!("{side}{}: {text}\n", client + 1));
    }
}
