//! A stage without sockets: sessions of one account, stepped by hand.
//!
//! Touches an account of its own. What a client sends goes through the server's fragmenter and parser to `Session::step`, and what that answers
//! through the server's encoder and renderer: all of the server but its driver, whose part is played here.

use super::{Stage, contents::Contents};
use crate::{server::practice, wire};
use tandem_model::{
    Account, Change, Command, Input, Limits, Practice, Response, Session,
    command::Moment,
    flags::Keywords,
    message::InternalDate,
    number::{ContentId, UidValidity},
    response::{FetchData, SearchPage},
};
use tandem_server::{
    codec::{
        encode,
        fragment::{Event, Fragmenter},
        parse,
        request::{FetchAttribute, Request, Tag, Tagged},
    },
    config,
    content::{Found, Part},
    render, search,
};

/// An account and its sessions.
#[derive(Debug)]
pub struct Steps {
    account: Account,
    practice: Practice,
    contents: Contents,
    clients: Vec<Client>,
}

/// One session with what its connection would keep.
#[derive(Debug)]
struct Client {
    session: Session,
    fragmenter: Fragmenter,
    tag: Tag,
    attributes: Vec<FetchAttribute>,
    found: Vec<u32>,
    keywords: Keywords,
    /// What was answered and has not been received.
    out: Vec<u8>,
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
        }
    }

    fn event(&mut self, at: usize, event: Event) {
        let client = &mut self.clients[at];
        match event {
            Event::Continue => encode::continuation(&mut client.out, "Ready"),
            Event::Line(line) if parse::is_done(&line) => self.step(at, Input::Done),
            Event::Line(_) => self.command(at, Command::Noop),
            Event::Refused(refusal) => panic!("refused: {}", refusal.fault),
            Event::Command(fragments) => match parse::command(fragments) {
                Ok(Tagged { tag, request }) => {
                    client.tag = tag;
                    self.request(at, request);
                }
                Err(error) => encode::condition(
                    &mut client.out,
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
                self.clients[at].attributes = attributes;
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
        client
            .session
            .step(input, &mut self.account, &self.practice, &mut responses);
        self.account.audit_thoroughly().unwrap();
        let batch = self.account.drain();
        let added = batch.changes.iter().filter_map(|change| match change {
            Change::Added { messages, .. } => Some(messages),
            _ => None,
        });
        for message in added.flatten() {
            assert!(self.contents.retain(message.content));
        }
        let contents = &self.contents;
        for response in &responses {
            // As much is read as was asked for, and no more: what is missing then shows.
            client.answer(response, |id, part| {
                contents.get(id).map(|content| content.read(part))
            });
        }
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

impl Client {
    fn answer(&mut self, response: &Response, found: impl Fn(ContentId, Part) -> Option<Found>) {
        match response {
            Response::Fetch { seq, data } if !matches!(data, FetchData::Flags { .. }) => {
                let found = match data {
                    FetchData::Message { message, .. } => {
                        let part = FetchAttribute::parts(&self.attributes);
                        part.and_then(|part| found(message.content, part))
                    }
                    FetchData::Flags { .. } | FetchData::Nil { .. } => None,
                };
                render::fetch(
                    &mut self.out,
                    *seq,
                    data,
                    &self.attributes,
                    found.as_ref(),
                    &self.keywords,
                );
            }
            Response::Search(page) => self.search(page, found),
            Response::Flags(keywords) => {
                self.keywords = keywords.clone();
                encode::response(&mut self.out, response, &self.tag, &self.keywords);
            }
            _ => encode::response(&mut self.out, response, &self.tag, &self.keywords),
        }
    }

    fn search(&mut self, page: &SearchPage, found: impl Fn(ContentId, Part) -> Option<Found>) {
        for candidate in &page.candidates {
            let holds = match (&candidate.unjudged, &page.key) {
                (Some(unjudged), Some(key)) => search::part(key)
                    .and_then(|part| found(unjudged.message.content, part))
                    .is_some_and(|found| search::judge(key, unjudged, &found)),
                _ => true,
            };
            if holds {
                self.found.push(candidate.number);
            }
        }
        if page.last {
            encode::search(&mut self.out, &std::mem::take(&mut self.found));
        }
    }
}

impl Stage for Steps {
    fn enter(&mut self) {
        self.clients.push(Client {
            session: Session::new(),
            fragmenter: Fragmenter::new(config::Limits::default().after_login()),
            tag: Tag("".into()),
            attributes: Vec::new(),
            found: Vec::new(),
            keywords: Keywords::default(),
            out: Vec::new(),
        });
    }

    fn send(&mut self, client: usize, mut bytes: &[u8]) {
        while let Some(event) = self.clients[client].fragmenter.advance(&mut bytes) {
            self.event(client, event);
        }
    }

    fn receive(&mut self, client: usize) -> Option<Vec<u8>> {
        if self.clients[client].out.is_empty() {
            // What comes unasked, comes because the session was woken.
            self.step(client, Input::Wake);
        }
        let Client { out, session, .. } = &mut self.clients[client];
        match wire::whole(out) {
            Some(length) => Some(out.drain(..length).collect()),
            None => {
                assert!(session.is_over(), "nothing comes to client {}", client + 1);
                None
            }
        }
    }
}
