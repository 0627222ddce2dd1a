//! A stage without sockets: sessions of one account, stepped by hand.
//!
//! Touches an account of its own. What a client sends goes through the server's fragmenter and parser to `Session::step`, and what that answers
//! through the server's encoder and renderer: all of the server but its driver, whose part is played here.

use super::{Stage, answer::Answer, contents::Contents};
use crate::{server::practice, wire};
use std::mem;
use tandem_model::{
    Account, Change, Command, Input, Limits, Practice, Response, Session, command::Moment,
    invariant::Watch, message::InternalDate, number::UidValidity,
};
use tandem_server::{
    codec::{
        encode,
        fragment::{Event, Fragmenter},
        parse,
        request::{Request, Tag, Tagged},
    },
    config,
    recording::wording::Wording,
};

/// An account and its sessions.
#[derive(Debug)]
pub struct Steps {
    account: Account,
    practice: Practice,
    contents: Contents,
    clients: Vec<Client>,
    watch: Watch,
}

/// One session with what its connection would keep.
#[derive(Debug)]
struct Client {
    session: Session,
    fragmenter: Fragmenter,
    /// With what was answered and has not been received.
    answer: Answer,
    /// The same as far as the model knows it: see [`Steps::taken`].
    wording: Wording,
    worded: Vec<u8>,
    responses: Vec<Response>,
}

/// What a session was answered, and nobody has received.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// As it is on the wire.
    pub octets: Vec<u8>,
    /// As [`Wording`] has it: with an empty tag, without what is rendered.
    pub worded: Vec<u8>,
    /// As the session has it.
    pub responses: Vec<Response>,
}

impl Steps {
    /// An account with these practices, each as `key=value`, whose long commands are answered in pages of so many messages.
    #[must_use]
    pub fn new(practices: &[&str], page: u32) -> Self {
        Self {
            account: Account::new(Limits {
                page,
                ..Limits::default()
            }),
            practice: practice(practices),
            contents: Contents::default(),
            clients: Vec::new(),
            watch: Watch::default(),
        }
    }

    /// A client sends a command, which nobody parses.
    pub fn ask(&mut self, client: usize, tagged: Tagged) {
        self.clients[client].answer.tag = tagged.tag;
        self.request(client, tagged.request);
    }

    /// A client says DONE.
    pub fn done(&mut self, client: usize) {
        self.step(client, Input::Done);
    }

    /// A client is gone.
    pub fn leave(&mut self, client: usize) {
        self.step(client, Input::Break);
    }

    /// Every session is woken that a server would wake.
    pub fn wake(&mut self) {
        for client in 0..self.clients.len() {
            self.step(client, Input::Wake);
        }
    }

    /// Whether a client's session is in IDLE.
    #[must_use]
    pub fn is_idle(&self, client: usize) -> bool {
        self.clients[client].session.is_idle()
    }

    /// Whether a client's session has ended.
    #[must_use]
    pub fn is_over(&self, client: usize) -> bool {
        self.clients[client].session.is_over()
    }

    /// All that a client has been answered since the last time.
    #[must_use]
    pub fn taken(&mut self, client: usize) -> Taken {
        let client = &mut self.clients[client];
        Taken {
            octets: mem::take(&mut client.answer.out),
            worded: mem::take(&mut client.worded),
            responses: mem::take(&mut client.responses),
        }
    }

    fn event(&mut self, at: usize, event: Event) {
        let client = &mut self.clients[at];
        match event {
            Event::Continue => encode::continuation(&mut client.answer.out, "Ready"),
            Event::Line(line) if parse::is_done(&line) => self.step(at, Input::Done),
            Event::Line(_) => self.command(at, Command::Noop),
            Event::Refused(refusal) => panic!("refused: {}", refusal.fault),
            Event::Command(fragments) => match parse::command(fragments) {
                Ok(Tagged { tag, request }) => {
                    client.answer.tag = tag;
                    self.request(at, request);
                }
                Err(error) => encode::condition(
                    &mut client.answer.out,
                    error.tag.as_ref(),
                    "BAD",
                    "",
                    &error.to_string(),
                ),
            },
        }
    }

    fn request(&mut self, at: usize, request: Request) {
        match request {
            Request::Mailbox(command) => self.command(at, command),
            Request::Fetch {
                command,
                attributes,
            } => {
                self.clients[at].answer.attributes = attributes;
                self.command(at, command);
            }
            Request::Append {
                mailbox,
                flags,
                date,
                message,
            } => {
                let size = u32::try_from(message.len()).unwrap();
                let content = self.contents.insert(message);
                let command = Command::Append {
                    mailbox,
                    flags,
                    date: date.unwrap_or(InternalDate::new(0, 0)),
                    content,
                    size,
                };
                self.command(at, command);
                self.contents.release(content);
            }
            request => panic!("not for a session: {request:?}"),
        }
    }

    fn command(&mut self, at: usize, command: Command) {
        let clock = Moment {
            uid_validity: UidValidity(1),
            ..Moment::default()
        };
        self.step(at, Input::Command(command, clock));
        while self.clients[at].session.wants_resume() {
            self.step(at, Input::Resume);
        }
        let client = &mut self.clients[at];
        if client.session.is_idle() {
            client.fragmenter.expect_line();
        }
    }

    fn step(&mut self, at: usize, input: Input) {
        let client = &mut self.clients[at];
        let mut responses = Vec::new();
        self.watch.begins(&self.account);
        client
            .session
            .step(input, &mut self.account, &self.practice, &mut responses);
        let batch = self.account.drain();
        self.watch.ends(&self.account, &batch).unwrap();
        let added = batch.changes.iter().filter_map(|change| match change {
            Change::Added { messages, .. } => Some(messages),
            _ => None,
        });
        for message in added.flatten() {
            assert!(self.contents.retain(message.content));
        }
        let contents = &self.contents;
        for response in &responses {
            client
                .wording
                .encode(&mut client.worded, response, &Tag("".into()));
            // As much is read as was asked for, and no more: what is missing then shows.
            client.answer.response(response, |id, part| {
                contents.get(id).map(|content| content.read(part))
            });
        }
        client.responses.append(&mut responses);
        for &content in &batch.references.haunted {
            assert!(self.contents.retain(content));
        }
        for &content in batch
            .references
            .dropped
            .iter()
            .chain(&batch.references.released)
        {
            assert!(self.contents.release(content));
        }
    }
}

impl Stage for Steps {
    fn enter(&mut self) {
        self.clients.push(Client {
            session: Session::new(),
            fragmenter: Fragmenter::new(config::Limits::default().after_login()),
            answer: Answer::default(),
            wording: Wording::default(),
            worded: Vec::new(),
            responses: Vec::new(),
        });
    }

    fn send(&mut self, client: usize, mut bytes: &[u8]) {
        while let Some(event) = self.clients[client].fragmenter.advance(&mut bytes) {
            self.event(client, event);
        }
    }

    fn receive(&mut self, client: usize) -> Option<Vec<u8>> {
        if self.clients[client].answer.out.is_empty() {
            // What comes unasked, comes because the session was woken.
            self.step(client, Input::Wake);
        }
        let Client {
            answer: Answer { out, .. },
            session,
            ..
        } = &mut self.clients[client];
        match wire::whole(out) {
            Some(length) => Some(out.drain(..length).collect()),
            None => {
                assert!(session.is_over(), "nothing comes to client {}", client + 1);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::Fault;

    /// A client that opens INBOX, with one message, and marks that.
    fn plays(fault: Fault) {
        let mut steps = Steps::new(&[], 10);
        steps.practice.fault = Some(fault);
        steps.enter();
        steps.send(0, b"a APPEND INBOX {1}\r\nx\r\n");
        steps.send(0, b"b SELECT INBOX\r\nc STORE 1 +FLAGS (\\Seen)\r\n");
    }

    #[test]
    #[should_panic(expected = "CursorsBounded")]
    fn a_state_that_breaks_an_invariant_ends_the_script() {
        plays(Fault::CursorAhead);
    }

    #[test]
    #[should_panic(expected = "ChangesReplay")]
    fn a_step_that_does_more_than_it_says_ends_the_script() {
        plays(Fault::Unjournalled);
    }
}
