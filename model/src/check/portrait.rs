//! A world in words, for stateright's Explorer: who holds what, and what is on its way.
//!
//! Touches nothing.

use super::{
    client::Slot,
    crash::leaving,
    events::{events, lines},
    rules::Rules,
    transcript::say,
    world::{Action, Lane, World},
};
use crate::{account::Account, mailbox::Mailbox, message::Message};
use alloc::{format, string::String, vec::Vec};
use core::fmt;

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mailbox in self.account.mailboxes() {
            describe(f, &self.account, mailbox)?;
        }
        for (lane, number) in self.lanes.iter().zip(1..) {
            write!(f, "client {number} ")?;
            client(f, lane)?;
            let waiting = lane.inbox.len() - leaving(self, lane);
            if waiting > 0 {
                writeln!(f, "    of these wait: {waiting}")?;
            }
        }
        if let Some(journal) = self.journal() {
            writeln!(f, "not yet durable: {} steps", journal.tail.len())?;
        }
        match self.finding {
            Some(finding) => writeln!(f, "VIOLATED: {finding}"),
            None => Ok(()),
        }
    }
}

fn describe(f: &mut fmt::Formatter<'_>, account: &Account, mailbox: &Mailbox) -> fmt::Result {
    let deleted = if account
        .mailbox(mailbox.name())
        .is_some_and(|named| named.id() == mailbox.id())
    {
        ""
    } else {
        " (deleted, still open)"
    };
    writeln!(f, "mailbox {}{deleted}", mailbox.name())?;
    let line = |message: &Message| {
        format!(
            "UID {} message {} {:?}",
            message.uid, message.content, message.flags
        )
    };
    for message in mailbox.messages() {
        writeln!(f, "    {}", line(message))?;
    }
    for ghost in mailbox.ghosts() {
        writeln!(
            f,
            "    expunged: {}, {} sessions not told",
            line(&ghost.message),
            ghost.owed
        )?;
    }
    Ok(())
}

fn client(f: &mut fmt::Formatter<'_>, lane: &Lane) -> fmt::Result {
    if lane.gone {
        return writeln!(f, "is gone");
    }
    match lane.client.picture() {
        None => writeln!(f, "has no mailbox selected")?,
        Some(_) => {
            let slots: Vec<String> = lane
                .client
                .slots()
                .iter()
                .zip(1..)
                .map(|(slot, number)| held(number, slot))
                .collect();
            writeln!(
                f,
                "holds {}",
                if slots.is_empty() {
                    "no message".into()
                } else {
                    slots.join(", ")
                }
            )?;
        }
    }
    let taken = lane.errands.len().saturating_sub(lane.waiting);
    for (command, at) in lane.client.asked().iter().zip(0..) {
        let place = if at < taken {
            "with the server"
        } else {
            "on its way"
        };
        writeln!(f, "    {place}: {}", say(command))?;
    }
    if lane.session.is_idle() {
        writeln!(
            f,
            "    in IDLE{}",
            if lane.done {
                ", DONE is on its way"
            } else {
                ""
            }
        )?;
    }
    if lane.session.wants_resume() {
        writeln!(f, "    more pages follow")?;
    }
    if !lane.inbox.is_empty() {
        writeln!(f, "    not yet read: {} answers", lane.inbox.len())?;
    }
    Ok(())
}

/// What a client holds behind a number.
fn held(number: u32, slot: &Slot) -> String {
    let uid = slot.uid.map(|uid| format!("UID {uid}"));
    let flags = slot.flags.map(|flags| format!("{flags:?}"));
    let known: Vec<String> = uid.into_iter().chain(flags).collect();
    if known.is_empty() {
        format!("{number}")
    } else {
        format!("{number} = {}", known.join(" "))
    }
}

/// An action, as a button.
#[must_use]
pub fn action(rules: &Rules, action: Action) -> String {
    let number = action.client().map_or(0, |client| client + 1);
    match action {
        Action::Send { verb, .. } => {
            let command = rules
                .verbs()
                .get(usize::from(verb))
                .map(|verb| say(&verb.command));
            format!("client {number} sends {}", command.unwrap_or_default())
        }
        Action::Done { .. } => format!("client {number} sends DONE"),
        Action::Process { .. } => format!("the server goes on with client {number}"),
        Action::Receive { .. } => format!("client {number} reads"),
        Action::Wake { .. } => format!("the server wakes the session of client {number}"),
        Action::Break { .. } => format!("the connection of client {number} breaks"),
        Action::Durable => "what one more step did becomes durable".into(),
        Action::Crash => "the server crashes".into(),
    }
}

/// What an action would bring: the lines that the server sends, and the world after it.
#[must_use]
pub fn step(rules: &Rules, world: &World, action: Action) -> Option<String> {
    let next = rules.next(world, action)?;
    let mut text = String::new();
    let mut world = world;
    let steps = rules.steps(world, action);
    for (_, next) in &steps {
        for ((before, after), number) in world.lanes.iter().zip(&next.lanes).zip(1..) {
            // A client that reads is sent nothing by that.
            let sent = after
                .inbox
                .get(leaving(world, before)..leaving(next, after));
            for line in sent
                .unwrap_or_default()
                .iter()
                .flat_map(|sent| lines(&sent.responses))
            {
                text.push_str(&format!("S{number}: {line}\n"));
            }
        }
        world = next;
    }
    text.push_str(&format!("{next:?}"));
    Some(text)
}

/// The way so far, drawn.
#[must_use]
pub fn picture(rules: &Rules, actions: &[Action]) -> String {
    super::picture::diagram(&events(rules, actions), rules.beginning().lanes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{alphabet::Scene, setup::Setup},
        practice::Practice,
    };
    use alloc::sync::Arc;

    #[test]
    fn a_step_shows_what_was_sent_by_it_and_nothing_else() {
        for (reduced, scene) in [
            (false, Scene::Fetch),
            (true, Scene::Fetch),
            (true, Scene::Pipeline),
        ] {
            let mut setup = Setup::new(scene, Practice::default());
            setup.reduced = reduced;
            setup.pipeline = 2;
            let rules = Rules::new(setup).unwrap();
            let mut several = 0;
            let mut worlds = alloc::vec![rules.beginning().clone()];
            for at in 0..40 {
                let world = worlds[at].clone();
                let mut actions = Vec::new();
                rules.possible(&world, &mut actions);
                for action in actions {
                    let Some(next) = rules.next(&world, action) else {
                        continue;
                    };
                    let mut shown = String::new();
                    let mut last = &world;
                    let steps = rules.steps(&world, action);
                    for (_, after) in &steps {
                        for ((was, is), number) in last.lanes.iter().zip(&after.lanes).zip(1..) {
                            let known = |sent| was.inbox.iter().any(|it| Arc::ptr_eq(it, sent));
                            for sent in is.inbox.iter().filter(|sent| !known(sent)) {
                                for line in lines(&sent.responses) {
                                    shown.push_str(&format!("S{number}: {line}\n"));
                                }
                            }
                        }
                        last = after;
                    }
                    let told = step(&rules, &world, action).unwrap();
                    assert_eq!(told, format!("{shown}{next:?}"));
                    several += usize::from(steps.len() > 2 && !shown.is_empty());
                    if worlds.len() < 200 {
                        worlds.push(next);
                    }
                }
            }
            assert_eq!(several > 0, reduced);
        }
    }
}
