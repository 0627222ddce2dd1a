//! What happened in the checked world, one thing after the other, each in the lane of a client.
//!
//! Touches nothing: it plays actions again, on worlds of its own. [`super::transcript`] writes events down as lines, [`super::picture`] draws them.

use super::{
    rules::Rules,
    transcript::{condition, say, untagged, word},
    world::{Action, World},
};
use crate::response::Response;
use alloc::{collections::VecDeque, format, string::String, vec, vec::Vec};

/// One thing that happened, in one client's lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Which client, from 0.
    pub client: usize,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The client sends a line.
    Sends(String),
    /// The server takes it, or goes on with it.
    Takes(String),
    /// The server sends lines.
    Answers(Vec<String>),
    /// The client reads the oldest of what it was sent.
    Reads,
    /// The connection breaks.
    Breaks,
    /// The server wakes the session.
    Wakes,
}

/// The tags of one client, and what SEARCH has found so far.
#[derive(Default)]
struct Lane {
    sent: u32,
    waiting: VecDeque<String>,
    found: Vec<u32>,
}

impl Lane {
    fn tag(&mut self, client: usize) -> String {
        self.sent += 1;
        let letter = (b'A'..=b'Z').nth(client).map_or('Z', char::from);
        let tag = format!("{letter}{:03}", self.sent);
        self.waiting.push_back(tag.clone());
        tag
    }

    fn lines(&mut self, responses: &[Response]) -> Vec<String> {
        let mut lines = Vec::new();
        for response in responses {
            match response {
                Response::Search(page) => {
                    self.found
                        .extend(page.candidates.iter().map(|candidate| candidate.number));
                    if page.last {
                        let found: String = self
                            .found
                            .drain(..)
                            .map(|number| format!(" {number}"))
                            .collect();
                        lines.push(format!("* SEARCH{found}"));
                    }
                }
                Response::Tagged(status, code, text) => {
                    let tag = self.waiting.pop_front().unwrap_or_default();
                    lines.push(condition(&tag, word(*status), code.as_ref(), text));
                }
                response => lines.extend(untagged(response)),
            }
        }
        lines
    }
}

/// Responses as lines; a tagged one without its tag.
#[must_use]
pub fn lines(responses: &[Response]) -> Vec<String> {
    let mut lane = Lane::default();
    lane.waiting.extend(responses.iter().map(|_| "tag".into()));
    lane.lines(responses)
}

/// Plays actions from the beginning, and tells what happens.
#[must_use]
pub fn events(rules: &Rules, actions: &[Action]) -> Vec<Event> {
    let mut world = rules.beginning().clone();
    let mut lanes: Vec<Lane> = world.lanes.iter().map(|_| Lane::default()).collect();
    let mut events = Vec::new();
    for &action in actions {
        let Some(next) = rules.next(&world, action) else {
            break;
        };
        if let Some(lane) = lanes.get_mut(action.client()) {
            events.extend(event(rules, &world, &next, action, lane));
        }
        world = next;
    }
    events
}

fn event(
    rules: &Rules,
    before: &World,
    after: &World,
    action: Action,
    lane: &mut Lane,
) -> Vec<Event> {
    let client = action.client();
    let event = |what| Event { client, what };
    let happened = match action {
        Action::Send { verb, .. } => {
            let command = rules
                .verbs()
                .get(usize::from(verb))
                .map(|verb| say(&verb.command));
            let tag = lane.tag(client);
            return vec![event(What::Sends(format!(
                "{tag} {}",
                command.unwrap_or_default()
            )))];
        }
        Action::Done { .. } => return vec![event(What::Sends("DONE".into()))],
        Action::Receive { .. } => return vec![event(What::Reads)],
        Action::Break { .. } => return vec![event(What::Breaks)],
        Action::Process { .. } => {
            let resumes = before
                .lanes
                .get(client)
                .is_some_and(|lane| lane.session.wants_resume());
            let tag = lane.waiting.front().map_or("what was sent", String::as_str);
            let does = if resumes { "goes on with" } else { "takes" };
            What::Takes(format!("{does} {tag}"))
        }
        Action::Wake { .. } => What::Wakes,
    };
    let heard = |world: &World| world.lanes.get(client).map_or(0, |lane| lane.inbox.len());
    let sent = after
        .lanes
        .get(client)
        .and_then(|lane| lane.inbox.last())
        .filter(|_| heard(after) > heard(before));
    let answers = sent.map(|sent| event(What::Answers(lane.lines(&sent.responses))));
    core::iter::once(event(happened)).chain(answers).collect()
}
