//! One client: it knows what it has sent, and judges what it is answered.
//!
//! Touches its end of a connection. RFC 3501 sections 2.2.1, 5.5, 7.1.5, 7.3.1 and 7.4.1, RFC 2177. Commands are told apart by the [`oracle`], not by the
//! server's fragmenter; responses are read by imap-codec; what the client believes of its mailbox is the tests' [`Belief`].

use super::{answers, pipe::Pipe};
use crate::belief::Belief;
use crate::fuzz::oracle::{self, Told};
use imap_codec::imap_types::response::{Response, Status, StatusKind};
use std::collections::VecDeque;
use tandem_server::{
    codec::{fragment, parse, request::Request},
    config::Limits,
};

/// How many COPY and MOVE each client says at most: every one can double what there is.
const COPIES: usize = 5;

/// A command that is not answered yet.
#[derive(Debug)]
struct Asked {
    tag: Option<String>,
    verb: String,
}

/// One client.
#[derive(Debug)]
pub struct Client {
    pipe: Pipe,
    limits: Limits,
    pipelines: bool,
    has_logged_in: bool,
    /// What is to be sent and belongs to no whole command yet.
    rest: Vec<u8>,
    unanswered: VecDeque<Asked>,
    belief: Belief,
    copies: usize,
    was_told_bye: bool,
}

impl Client {
    /// Reads the greeting.
    pub async fn connect(pipe: Pipe, limits: Limits, pipelines: bool) -> Self {
        pipe.send(b"").await;
        let greeting = pipe.take();
        assert!(
            greeting.starts_with(b"* OK "),
            "{}",
            greeting.escape_ascii()
        );
        Self {
            pipe,
            limits,
            pipelines,
            has_logged_in: false,
            rest: Vec::new(),
            unanswered: VecDeque::new(),
            belief: Belief::default(),
            copies: 0,
            was_told_bye: false,
        }
    }

    /// Sends the whole commands of what it has up to now, and judges each answer.
    pub async fn say(&mut self, piece: &[u8]) {
        self.rest.extend_from_slice(piece);
        let mut batch = Vec::new();
        while !self.was_told_bye && !self.pipe.is_closed() {
            let is_bare = batch.is_empty() && !self.unanswered.is_empty();
            let Some((length, told)) = self.unit(is_bare) else {
                break;
            };
            let unit: Vec<u8> = self.rest.drain(..length).collect();
            if self.is_left_out(&unit, is_bare) {
                continue;
            }
            batch.extend_from_slice(&unit);
            let waits = is_bare || !self.expect(&told);
            if waits || !self.pipelines {
                self.exchange(&mut batch).await;
            }
        }
        self.exchange(&mut batch).await;
    }

    /// Sends what is left, whole or not, and closes.
    pub async fn close(mut self) {
        if !self.was_told_bye && !self.pipe.is_closed() {
            let mut told = Vec::new();
            let is_bare = !self.unanswered.is_empty();
            if !is_bare {
                oracle::command(self.fragments(), &self.rest, 0, &mut told);
                self.expect(&told);
            }
            let rest = std::mem::take(&mut self.rest);
            self.pipe.send(&rest).await;
            self.hear();
        }
        self.pipe.close();
    }

    /// The next whole command, or line that is none: how long it is, and what of it a server notices.
    fn unit(&self, is_bare: bool) -> Option<(usize, Vec<Told>)> {
        if self.rest.is_empty() {
            return None;
        }
        let mut told = Vec::new();
        let read = if is_bare {
            oracle::line
        } else {
            oracle::command
        };
        let end = read(self.fragments(), &self.rest, 0, &mut told);
        // Where a refused command ends shows only when another one begins.
        let is_whole = match told.last() {
            Some(Told::Command(at, _) | Told::Line(at, _)) => *at == end,
            Some(Told::Refused(..)) => end < self.rest.len(),
            Some(Told::Continue(_)) | None => false,
        };
        is_whole.then_some((end, told))
    }

    /// How many octets this client itself keeps: what it has to send, and what it was shown.
    pub fn keeps(&self) -> usize {
        let texts = self.belief.slots.iter().map(|slot| slot.text.as_ref());
        let texts: usize = texts.map(|text| text.map_or(0, Vec::len)).sum();
        self.rest.capacity() + texts
    }

    fn fragments(&self) -> fragment::Limits {
        if self.has_logged_in {
            self.limits.after_login()
        } else {
            self.limits.before_login()
        }
    }

    /// Notes what has to be answered; whether more may be sent before it is.
    fn expect(&mut self, told: &[Told]) -> bool {
        let (tag, verb) = match told.last() {
            Some(Told::Command(_, sent)) => (oracle::tag(sent), verb(sent)),
            Some(Told::Refused(_, tag, _)) => (tag.clone(), String::new()),
            Some(Told::Line(..) | Told::Continue(_)) | None => return false,
        };
        let waits = ["IDLE", "AUTHENTICATE", "LOGIN", "LOGOUT"].contains(&verb.as_str());
        self.unanswered.push_back(Asked { tag, verb });
        !waits
    }

    /// What would tell of nothing but the speed of the machine: hashing of passwords, and copies of copies of copies.
    fn is_left_out(&mut self, unit: &[u8], is_bare: bool) -> bool {
        let of_nobody = |response: &[u8]| !response.starts_with(b"\0demo\0");
        if is_bare {
            let line = unit.strip_suffix(b"\r\n").unwrap_or(unit);
            let is_login = self
                .unanswered
                .front()
                .is_some_and(|asked| asked.verb == "AUTHENTICATE");
            return is_login
                && matches!(parse::authenticate_response(line), Ok(Some(response)) if of_nobody(&response));
        }
        if ["COPY", "MOVE"].contains(&verb(unit).as_str()) {
            self.copies += 1;
            return self.copies > COPIES;
        }
        crate::fuzz::commands(self.fragments(), unit)
            .into_iter()
            .any(|fragments| match parse::command(fragments) {
                Ok(tagged) => match tagged.request {
                    Request::Login { user, .. } => user != "demo",
                    Request::Authenticate { initial, .. } => {
                        initial.is_some_and(|initial| of_nobody(&initial))
                    }
                    _ => false,
                },
                Err(_) => false,
            })
    }

    /// Sends these bytes, and judges what has come when the server waits again.
    async fn exchange(&mut self, batch: &mut Vec<u8>) {
        if batch.is_empty() {
            return;
        }
        self.pipe.send(batch).await;
        batch.clear();
        self.hear();
    }

    /// Judges everything that has come. The server waits for this client.
    pub fn hear(&mut self) {
        let written = self.pipe.take();
        for response in answers::read(&written) {
            answers::assert_sizes(&response);
            assert!(
                !self.was_told_bye || !self.unanswered.is_empty(),
                "after BYE: {response:?}"
            );
            self.heard(&response);
        }
        if self.was_told_bye || self.unanswered.is_empty() {
            return;
        }
        assert!(!self.pipe.is_closed(), "closed without BYE");
        let Some(asked) = self.unanswered.front() else {
            return;
        };
        let may_wait = ["IDLE", "AUTHENTICATE"].contains(&asked.verb.as_str());
        assert!(
            self.unanswered.len() == 1 && may_wait,
            "not answered: {:?}",
            self.unanswered
        );
    }

    fn heard(&mut self, response: &Response<'static>) {
        let verb = self
            .unanswered
            .front()
            .map_or("", |asked| asked.verb.as_str());
        // RFC 3501 section 7.4.1: not while there is no command, and not during FETCH, STORE and SEARCH. With UID they permit it.
        let permits = !matches!(verb, "" | "FETCH" | "STORE" | "SEARCH");
        match response {
            Response::Status(Status::Tagged(done)) => {
                let tag = done.tag.as_ref().to_owned();
                self.answered(Some(&tag), done.body.kind);
            }
            Response::Status(Status::Untagged(status)) if status.kind == StatusKind::Bad => {
                self.answered(None, StatusKind::Bad);
            }
            Response::Status(Status::Bye(_)) => self.was_told_bye = true,
            Response::Status(Status::Untagged(status)) if answers::is_closed(status) => {
                self.belief = Belief::default();
            }
            Response::CommandContinuationRequest(_) => {}
            other => self.belief.hear(&answers::without_sections(other), permits),
        }
    }

    /// The first command that is not answered has been.
    fn answered(&mut self, tag: Option<&str>, kind: StatusKind) {
        let Some(asked) = self.unanswered.pop_front() else {
            panic!("{kind:?} to nothing");
        };
        assert_eq!(asked.tag.as_deref(), tag, "{kind:?} to {}", asked.verb);
        let is_ok = kind == StatusKind::Ok;
        match asked.verb.as_str() {
            "LOGIN" | "AUTHENTICATE" => self.has_logged_in |= is_ok,
            "CLOSE" | "UNSELECT" if is_ok => self.belief = Belief::default(),
            "SELECT" | "EXAMINE" if kind == StatusKind::No => self.belief = Belief::default(),
            _ => {}
        }
    }
}

/// The second word, or UID's: `FETCH`; `UID FETCH` of the UID form, `COPY` and `MOVE` of both.
fn verb(sent: &[u8]) -> String {
    let text = String::from_utf8_lossy(sent).to_ascii_uppercase();
    let mut words = text.split([' ', '\r']).skip(1);
    let first = words.next().unwrap_or_default();
    match (first, words.next()) {
        ("UID", Some(form @ ("COPY" | "MOVE"))) => form.to_owned(),
        ("UID", Some(form)) => format!("UID {form}"),
        _ => first.to_owned(),
    }
}
