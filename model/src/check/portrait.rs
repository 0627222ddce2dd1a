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
    for ((before, after), number) in world.lanes.iter().zip(&next.lanes).zip(1..) {
        // A client that reads takes the oldest away.
        let read = usize::from(action == Action::Receive { client: number - 1 });
        let left = leaving(world, before).saturating_sub(read);
        let sent = after.inbox.get(left..leaving(&next, after));
        for line in sent
            .unwrap_or_default()
            .iter()
            .flat_map(|sent| lines(&sent.responses))
        {
            text.push_str(&format!("S{number}: {line}\n"));
        }
    }
    text.push_str(&format!("{next:?}"));
    Some(text)
}

/// The way so far, drawn.
#[must_use]
pub fn picture(rules: &Rules, actions: &[Action]) -> String {
    super::picture::diagram(&events(rules, actions), rules.beginning().lanes.len())
}
