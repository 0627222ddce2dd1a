//! Whether what the server has is what it has to have.
//!
//! Touches nothing.

use super::{
    actor::{Actor, Sight},
    command::Flags,
    found::Found,
    holdings::{Holdings, Mailbox, Message},
    text::Text,
};
use std::collections::BTreeMap;

/// UIDs of a user's mailbox, by name and UIDVALIDITY.
type Place = (String, String, u32);

/// What was ever told of UIDs, over all starts of the server; it only grows.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    /// Which message each is.
    uids: BTreeMap<(Place, u32), Text>,
    /// The greatest UIDNEXT that was told.
    next: BTreeMap<Place, u32>,
}

/// What may be there of one client's: after each command that was sent, with the first that has to have happened.
struct Candidates {
    states: Vec<Holdings>,
    /// How many of these are answered, the first among them.
    answered: usize,
    lower: usize,
}

impl Judge {
    /// Judges what was found by user; if all is well, the clients go on from there.
    ///
    /// # Errors
    /// What is wrong, with what the client concerned was told.
    pub fn judge(
        &mut self,
        actors: &mut [Actor],
        found: &BTreeMap<String, Found>,
    ) -> Result<(), String> {
        self.learn(actors)?;
        let mut agreed = Vec::new();
        for actor in &*actors {
            let candidates = Candidates::of(actor, actors)?;
            let mine = mine(actor, &found[&actor.user]);
            let fits = candidates
                .states
                .iter()
                .enumerate()
                .skip(candidates.lower)
                .find(|(_, one)| agrees(one, &mine));
            if fits.is_none() {
                return Err(candidates.explain(actor, &mine));
            }
            agreed.push(mine);
        }
        self.nobody_elses(actors, found)?;
        for (user, found) in found {
            self.numbers(user, found)?;
        }
        for (actor, mine) in actors.iter_mut().zip(agreed) {
            actor.begin_again(mine);
        }
        Ok(())
    }

    /// Takes in what clients were told of UIDs.
    fn learn(&mut self, actors: &[Actor]) -> Result<(), String> {
        for actor in actors {
            let user = &actor.user;
            for sight in &actor.sights {
                match sight {
                    Sight::Message {
                        mailbox,
                        uid_validity,
                        uid,
                        text,
                        ..
                    } => {
                        self.is((user.clone(), mailbox.clone(), *uid_validity), *uid, *text)?;
                    }
                    Sight::Next {
                        mailbox,
                        uid_validity,
                        uid_next,
                    } => {
                        let next = self
                            .next
                            .entry((user.clone(), mailbox.clone(), *uid_validity))
                            .or_default();
                        *next = (*next).max(*uid_next);
                    }
                    Sight::Gone { .. } | Sight::Names(_) => {}
                }
            }
            for (name, mailbox) in actor
                .history
                .iter()
                .flat_map(|holdings| &holdings.mailboxes)
            {
                let Some(uid_validity) = mailbox.uid_validity else {
                    continue;
                };
                for message in &mailbox.messages {
                    let place = (user.clone(), name.clone(), uid_validity);
                    message
                        .uid
                        .map_or(Ok(()), |uid| self.is(place, uid, message.text))?;
                }
            }
        }
        Ok(())
    }

    fn is(&mut self, place: Place, uid: u32, text: Text) -> Result<(), String> {
        let next = self.next.entry(place.clone()).or_default();
        *next = (*next).max(uid + 1);
        let known = *self.uids.entry((place.clone(), uid)).or_insert(text);
        if known == text {
            Ok(())
        } else {
            Err(format!(
                "UID {uid} of {place:?} is message {known}, and {text}, too"
            ))
        }
    }

    /// UIDs mean what they meant, UIDNEXT has not gone back, and none of INBOX has been skipped: a step that is not there while a later one is.
    fn numbers(&mut self, user: &str, found: &Found) -> Result<(), String> {
        for (name, contents) in &found.mailboxes {
            let place = (user.to_owned(), name.clone(), contents.uid_validity);
            let before = self.next.get(&place).copied().unwrap_or(1);
            if contents.uid_next < before {
                return Err(format!(
                    "UIDNEXT of {place:?} was {before}, and is {}",
                    contents.uid_next
                ));
            }
            for (&uid, (text, _)) in &contents.messages {
                self.is(place.clone(), uid, *text)?;
            }
            self.next.insert(place.clone(), contents.uid_next);
            if name == "INBOX"
                && let Some(skipped) = (1..contents.uid_next)
                    .find(|uid| !self.uids.contains_key(&(place.clone(), *uid)))
            {
                return Err(format!(
                    "UID {skipped} of {place:?} was skipped: UIDNEXT is {}",
                    contents.uid_next
                ));
            }
        }
        let inbox = found
            .mailboxes
            .get("INBOX")
            .map(|contents| contents.uid_validity);
        let first = self
            .next
            .keys()
            .find(|(whose, name, _)| whose == user && name == "INBOX")
            .map(|place| place.2);
        if inbox.is_none() || first.is_some_and(|first| Some(first) != inbox) {
            return Err(format!(
                "UIDVALIDITY of INBOX of {user} was {first:?}, and is {inbox:?}"
            ));
        }
        Ok(())
    }

    /// Whatever is there is somebody's.
    fn nobody_elses(
        &self,
        actors: &[Actor],
        found: &BTreeMap<String, Found>,
    ) -> Result<(), String> {
        for (user, found) in found {
            let owners: Vec<_> = actors.iter().filter(|actor| actor.user == *user).collect();
            let owned =
                |name: &String| owners.iter().any(|actor| name.starts_with(&actor.prefix()));
            if let Some(name) = found
                .mailboxes
                .keys()
                .find(|name| *name != "INBOX" && !owned(name))
            {
                return Err(format!("nobody made `{name}`"));
            }
            for (name, contents) in &found.mailboxes {
                for (uid, (text, _)) in &contents.messages {
                    let owner = owners.iter().find(|actor| actor.client == text.client);
                    if owner
                        .is_none_or(|actor| name != "INBOX" && !name.starts_with(&actor.prefix()))
                    {
                        return Err(format!(
                            "nobody put message {text}, UID {uid}, into `{name}` of {user}"
                        ));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Candidates {
    fn of(actor: &Actor, actors: &[Actor]) -> Result<Self, String> {
        let mut states = actor.history.clone();
        for (_, command) in &actor.in_flight {
            let mut state = states.last().unwrap().clone();
            state.apply(command, None);
            states.push(state);
        }
        let mut candidates = Self {
            states,
            answered: actor.history.len(),
            lower: actor.history.len() - 1,
        };
        let sights = actors
            .iter()
            .filter(|other| other.user == actor.user)
            .flat_map(|other| &other.sights);
        let sights: Vec<_> = sights.filter(|sight| concerns(sight, actor)).collect();
        for sight in &sights {
            candidates.name(sight);
        }
        for sight in sights {
            let first = candidates.first(sight, actor);
            let first = first.ok_or_else(|| {
                let transcript = actor.transcript.join("\n");
                format!(
                    "client {} never had what was shown: {sight:?}\n{transcript}",
                    actor.client
                )
            })?;
            candidates.lower = candidates.lower.max(first);
        }
        Ok(candidates)
    }

    /// Whoever saw a message whose UID its owner was not told of yet knows that UID.
    fn name(&mut self, sight: &Sight) {
        let Sight::Message {
            mailbox, uid, text, ..
        } = sight
        else {
            return;
        };
        let (answered, open) = self.states.split_at_mut(self.answered);
        let has = |state: &Holdings| {
            let messages = state
                .mailboxes
                .get(mailbox)
                .into_iter()
                .flat_map(|mailbox| &mailbox.messages);
            messages
                .into_iter()
                .any(|message| message.uid == Some(*uid))
        };
        if answered.iter().any(has) {
            return;
        }
        for state in open {
            let messages = state
                .mailboxes
                .get_mut(mailbox)
                .into_iter()
                .flat_map(|mailbox| &mut mailbox.messages);
            for message in messages.filter(|message| message.uid.is_none() && message.text == *text)
            {
                message.uid = Some(*uid);
            }
        }
    }

    /// The first state that shows this.
    fn first(&self, sight: &Sight, actor: &Actor) -> Option<usize> {
        let has = |state: &Holdings, mailbox: &str, uid: u32, flags: Option<&Flags>| {
            let mailbox = state.mailboxes.get(mailbox);
            mailbox.is_some_and(|mailbox| {
                let mut messages = mailbox
                    .messages
                    .iter()
                    .filter(|message| message.uid == Some(uid));
                messages.any(|message| flags.is_none_or(|flags| *flags == message.flags))
            })
        };
        match sight {
            Sight::Message {
                mailbox,
                uid,
                flags,
                ..
            } => self
                .states
                .iter()
                .position(|state| has(state, mailbox, *uid, flags.as_ref())),
            Sight::Gone { mailbox, uid, .. } => {
                let there = self
                    .states
                    .iter()
                    .position(|state| has(state, mailbox, *uid, None))?;
                let gone = self.states[there..]
                    .iter()
                    .position(|state| !has(state, mailbox, *uid, None))?;
                Some(there + gone)
            }
            Sight::Names(names) => {
                let mut seen: Vec<_> = names
                    .iter()
                    .filter(|name| name.starts_with(&actor.prefix()))
                    .collect();
                seen.sort();
                let shows = |state: &Holdings| {
                    state
                        .mailboxes
                        .keys()
                        .filter(|name| *name != "INBOX")
                        .eq(seen.clone())
                };
                self.states.iter().position(shows)
            }
            Sight::Next { .. } => Some(0),
        }
    }

    fn explain(&self, actor: &Actor, mine: &Holdings) -> String {
        let transcript = actor.transcript.join("\n");
        let states = self.states[self.lower..]
            .iter()
            .map(|state| format!("\n  {}", shown(state)));
        format!(
            "client {} was told:\n{transcript}\nso there should be one of:{}\nbut there is:\n  {}",
            actor.client,
            states.collect::<String>(),
            shown(mine)
        )
    }
}

/// Whether it is about something of this client's.
fn concerns(sight: &Sight, actor: &Actor) -> bool {
    match sight {
        Sight::Message { text, .. } | Sight::Gone { text, .. } => text.client == actor.client,
        Sight::Names(_) => true,
        Sight::Next { .. } => false,
    }
}

/// This client's part of what was found.
fn mine(actor: &Actor, found: &Found) -> Holdings {
    let mut mine = Holdings::in_inbox();
    for (name, contents) in &found.mailboxes {
        if name != "INBOX" && !name.starts_with(&actor.prefix()) {
            continue;
        }
        let own = contents
            .messages
            .iter()
            .filter(|(_, (text, _))| text.client == actor.client);
        let messages = own.map(|(&uid, (text, flags))| Message {
            uid: Some(uid),
            text: *text,
            flags: flags.clone(),
        });
        let mailbox = Mailbox {
            uid_validity: Some(contents.uid_validity),
            messages: messages.collect(),
        };
        mine.mailboxes.insert(name.clone(), mailbox);
    }
    mine.subscribed = found
        .subscribed
        .iter()
        .filter(|name| name.starts_with(&actor.prefix()))
        .cloned()
        .collect();
    mine
}

/// Whether what is there is what may be there, as far as its numbers are known.
fn agrees(may: &Holdings, is: &Holdings) -> bool {
    let known = |may: Option<u32>, is: Option<u32>| may.is_none() || may == is;
    let messages = |may: &[Message], is: &[Message]| {
        may.len() == is.len()
            && may.iter().zip(is).all(|(may, is)| {
                known(may.uid, is.uid) && may.text == is.text && may.flags == is.flags
            })
    };
    may.subscribed == is.subscribed
        && may.mailboxes.keys().eq(is.mailboxes.keys())
        && may
            .mailboxes
            .values()
            .zip(is.mailboxes.values())
            .all(|(may, is)| {
                known(may.uid_validity, is.uid_validity) && messages(&may.messages, &is.messages)
            })
}

fn shown(holdings: &Holdings) -> String {
    let message =
        |message: &Message| format!("{}={:?}{:?}", message.text, message.uid, message.flags);
    let mailbox = |(name, mailbox): (&String, &Mailbox)| {
        let messages: Vec<_> = mailbox.messages.iter().map(message).collect();
        format!(
            "{name} ({:?}): {}",
            mailbox.uid_validity,
            messages.join(" ")
        )
    };
    let mailboxes: Vec<_> = holdings.mailboxes.iter().map(mailbox).collect();
    format!(
        "{}; subscribed {:?}",
        mailboxes.join("; "),
        holdings.subscribed
    )
    .replace("Some", "")
}
