//! What happened in the checked world, one thing after the other, each in the lane of a client, or in all.
//!
//! Touches nothing: it plays actions again, on worlds of its own. [`super::transcript`] writes events down as lines, [`super::picture`] draws them.
//! Answers are told when they leave: where the server may crash that is not when they are made.

use super::{
    crash::leaving,
    recovery::{identified, named},
    rules::Rules,
    transcript::{condition, say, untagged, word},
    world::{Action, World},
};
use crate::{account::Account, flags::Flags, mailbox::Mailbox, response::Response};
use alloc::{collections::VecDeque, format, string::String, vec::Vec};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// In which client's lane, from 0; none: to the server.
    pub client: Option<usize>,
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
    /// What the server answers waits until what it shows is durable.
    Waits(String),
    /// What this step did becomes durable.
    Durable(String),
    /// The server crashes.
    Crash {
        /// What was not durable, or not read; and which numbers went back.
        lost: Vec<String>,
        /// What there is when it has started again.
        left: String,
    },
}

/// The tags of one client, what SEARCH has found so far, and how many of the answers that it has not read have left.
#[derive(Default)]
struct Lane {
    sent: u32,
    waiting: VecDeque<String>,
    found: Vec<u32>,
    left: usize,
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

/// What is in an account, in a few words: INBOX only if anything is in it.
fn left(account: &Account) -> String {
    let holds = |mailbox: &Mailbox| {
        let uids: Vec<String> = mailbox
            .messages()
            .map(|message| match message.flags {
                Flags::NONE => format!("UID {}", message.uid),
                flags => format!("UID {} {flags:?}", message.uid),
            })
            .collect();
        match &*uids {
            [] => "is empty".into(),
            uids => format!("has {}", uids.join(" and ")),
        }
    };
    let names = account.names().iter().filter_map(|(name, _)| {
        let mailbox = account.mailbox(name);
        let untouched = name.is_inbox() && mailbox.is_some_and(|inbox| inbox.list().is_empty());
        let holds = mailbox.map_or_else(|| "is \\Noselect".into(), holds);
        (!untouched).then(|| format!("{name} {holds}"))
    });
    names.collect::<Vec<_>>().join("; ")
}

/// Which numbers are lower than they were, though what raised them is durable: none, unless recovery is wrong.
fn lowered(was: &Account, now: &Account) -> Vec<String> {
    let tell = |what: &str, was: u64, now: u64| {
        (now < was).then(|| format!("{what} was {was} and is {now} again"))
    };
    let mailboxes = named(was).flat_map(|was| {
        let (name, now) = (was.name(), identified(now, was.uid_validity()));
        let now = now.unwrap_or(was);
        let next = (was.uid_next().0.into(), now.uid_next().0.into());
        let modseq = (was.highest_modseq().0, now.highest_modseq().0);
        [
            tell(&format!("UIDNEXT of {name}"), next.0, next.1),
            tell(&format!("HIGHESTMODSEQ of {name}"), modseq.0, modseq.1),
        ]
    });
    let given = tell(
        "the greatest UIDVALIDITY given",
        was.last_uid_validity().0.into(),
        now.last_uid_validity().0.into(),
    );
    mailboxes.chain([given]).flatten().collect()
}

/// Plays actions from the beginning, and tells what happens.
#[must_use]
pub fn events(rules: &Rules, actions: &[Action]) -> Vec<Event> {
    let mut world = rules.beginning().clone();
    let mut teller = Teller {
        lanes: world.lanes.iter().map(|_| Lane::default()).collect(),
        ..Teller::default()
    };
    for &action in actions {
        let Some(next) = rules.one(&world, action) else {
            break;
        };
        teller.tell(rules, &world, &next, action);
        world = next;
    }
    teller.events
}

/// Tells what happens.
#[derive(Default)]
struct Teller {
    lanes: Vec<Lane>,
    /// Whose work is not durable yet, oldest first.
    tail: VecDeque<String>,
    events: Vec<Event>,
}

impl Teller {
    fn tell(&mut self, rules: &Rules, before: &World, after: &World, action: Action) {
        let client = action.client();
        let step = self.happens(rules, before, after, action);
        let tail = |world: &World| world.journal().map_or(0, |journal| journal.tail.len());
        if let Some(step) = step {
            let heard = |world: &World| world.lanes.get(client?).map(|lane| lane.inbox.len());
            let waits = heard(after) > heard(before)
                && client
                    .and_then(|client| after.lanes.get(client))
                    .is_some_and(|lane| leaving(after, lane) < lane.inbox.len());
            if waits {
                self.event(client, What::Waits(step.clone()));
            }
            if tail(after) > tail(before) {
                self.tail.push_back(step);
            }
        }
        for (client, world) in after.lanes.iter().enumerate() {
            let Some(lane) = self.lanes.get_mut(client) else {
                continue;
            };
            let now = leaving(after, world);
            let answers: Vec<Vec<String>> = world
                .inbox
                .get(lane.left..now)
                .unwrap_or_default()
                .iter()
                .map(|sent| lane.lines(&sent.responses))
                .collect();
            lane.left = now;
            for lines in answers {
                self.event(Some(client), What::Answers(lines));
            }
        }
    }

    fn event(&mut self, client: Option<usize>, what: What) {
        self.events.push(Event { client, what });
    }

    /// Tells what an action is. Returns what a step of a session is called.
    fn happens(
        &mut self,
        rules: &Rules,
        before: &World,
        after: &World,
        action: Action,
    ) -> Option<String> {
        let client = action.client();
        let mut lane = client.and_then(|client| self.lanes.get_mut(client));
        let oldest = lane.as_ref().and_then(|lane| lane.waiting.front().cloned());
        let mut step = None;
        let what = match action {
            Action::Send { verb, .. } => {
                let verb = rules.verbs().get(usize::from(verb))?;
                let tag = lane?.tag(client?);
                What::Sends(format!("{tag} {}", say(&verb.command)))
            }
            Action::Done { .. } => What::Sends("DONE".into()),
            Action::Receive { .. } => {
                if let Some(lane) = &mut lane {
                    lane.left = lane.left.saturating_sub(1);
                }
                What::Reads
            }
            Action::Break { .. } => What::Breaks,
            Action::Process { .. } => {
                let sent = before.lanes.get(client?)?;
                let resumes = sent.session.wants_resume();
                // Those before it are answered, by what has not left.
                let begins = usize::from(!resumes && sent.waiting > 0);
                let tags = lane.map(|lane| &lane.waiting);
                let tag = tags.and_then(|tags| {
                    let taken = tags.len().checked_sub(sent.waiting)?;
                    tags.get((taken + begins).checked_sub(1)?).cloned()
                });
                let tag = tag.unwrap_or_else(|| "what was sent".into());
                let does = if resumes { "goes on with" } else { "takes" };
                step = Some(tag.clone());
                What::Takes(format!("{does} {tag}"))
            }
            Action::Wake { .. } => {
                step = oldest;
                What::Wakes
            }
            Action::Durable => What::Durable(self.tail.pop_front()?),
            Action::Crash => {
                let tail = self.tail.drain(..);
                let mut lost: Vec<String> = tail
                    .map(|step| format!("what {step} did was not durable"))
                    .collect();
                for (lane, number) in self.lanes.iter_mut().zip(1..) {
                    if lane.left > 0 {
                        lost.push(format!("client {number} has not read all that it was sent"));
                    }
                    *lane = Lane {
                        sent: lane.sent,
                        ..Lane::default()
                    };
                }
                lost.extend(before.journal().map_or_else(Vec::new, |journal| {
                    lowered(&journal.durable.live, &after.account)
                }));
                What::Crash {
                    lost,
                    left: left(&after.account),
                }
            }
        };
        self.event(client, what);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{alphabet::Scene, setup::Setup},
        command::{Command, StoreAction},
        practice::Practice,
    };
    #[test]
    fn what_becomes_durable_or_is_lost_is_named_by_the_step_that_did_it() {
        let setup = Setup {
            crashes: 1,
            ..Setup::new(Scene::Store, Practice::default())
        };
        let rules = Rules::new(setup).unwrap();
        // NOOP is always the first.
        let noop = 0;
        let [store, remove] = [StoreAction::Add, StoreAction::Remove].map(|wanted| {
            let silent = |command: &Command| matches!(command, Command::Store { action, silent: true, .. } if *action == wanted);
            let mut verbs = (0..).zip(rules.verbs());
            verbs.find(|(_, verb)| silent(&verb.command)).unwrap().0
        });
        let told = |actions: &[Action]| -> Vec<What> {
            let events = events(&rules, actions).into_iter();
            events.map(|event| event.what).collect()
        };
        // What A001 does changes nothing, and is on no way to the disk.
        let after = |last: Action| {
            told(&[
                Action::Send {
                    client: 0,
                    verb: noop,
                },
                Action::Process { client: 0 },
                Action::Send {
                    client: 1,
                    verb: store,
                },
                Action::Process { client: 1 },
                last,
            ])
        };
        let durable = after(Action::Durable);
        assert!(
            durable.contains(&What::Durable("B001".into())),
            "{durable:?}"
        );
        let crashed = after(Action::Crash);
        let Some(What::Crash { lost, .. }) = crashed.last() else {
            panic!("the last event is no crash: {crashed:?}");
        };
        assert!(
            lost.contains(&"what B001 did was not durable".into()),
            "{lost:?}"
        );
        assert!(!lost.iter().any(|lost| lost.contains("A001")), "{lost:?}");
        // The first page of what is silent answers nothing, so that nothing more waits after it.
        let send = |verb| Action::Send { client: 0, verb };
        let process = Action::Process { client: 0 };
        let stored = told(&[send(store), send(remove), process, process]);
        let waits = |what: &&What| matches!(what, What::Waits(_));
        let waiting: Vec<&What> = stored.iter().filter(waits).collect();
        assert_eq!(waiting, [&What::Waits("A001".into())], "{stored:?}");
    }
}
