//! What one client has, and what a command makes of it.
//!
//! Touches nothing. RFC 3501 sections 6.3 and 6.4.

use super::{
    command::{Command, Flags, How},
    text::Text,
};
use std::collections::{BTreeMap, BTreeSet};

/// A message of this client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Unknown until somebody was told.
    pub uid: Option<u32>,
    pub text: Text,
    pub flags: Flags,
}

/// A mailbox of this client, or its part of INBOX. The messages are in the order of their UIDs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// Unknown until somebody was told.
    pub uid_validity: Option<u32>,
    pub messages: Vec<Message>,
}

/// What one client has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// By name; INBOX is always there.
    pub mailboxes: BTreeMap<String, Mailbox>,
    pub subscribed: BTreeSet<String>,
}

/// What APPENDUID or COPYUID say: UIDVALIDITY, and the new UIDs in their order.
pub type Numbers = (u32, Vec<u32>);

impl Holdings {
    /// Nothing, in a mailbox of this name.
    pub fn in_inbox() -> Self {
        let mut none = Self::default();
        none.mailboxes.insert("INBOX".into(), Mailbox::default());
        none
    }

    /// What a command makes of it, if it succeeds; `numbers`: what was told of UIDs.
    pub fn apply(&mut self, command: &Command, numbers: Option<&Numbers>) {
        match command {
            Command::Append { to, text, flags } => {
                let flags = flags.clone();
                self.arrive(
                    to,
                    vec![Message {
                        uid: None,
                        text: *text,
                        flags,
                    }],
                    numbers,
                );
            }
            Command::Store {
                within,
                uids,
                how,
                flags,
                ..
            } => {
                let named =
                    |message: &&mut Message| message.uid.is_some_and(|uid| uids.contains(&uid));
                for message in self.messages(within).iter_mut().filter(named) {
                    match how {
                        How::Add => message.flags.extend(flags.iter().cloned()),
                        How::Remove => message.flags.retain(|flag| !flags.contains(flag)),
                        How::Replace => message.flags.clone_from(flags),
                    }
                }
            }
            Command::Copy { within, uids, to } => self.copy(within, uids, to, numbers),
            Command::Move { within, uids, to } => {
                self.copy(within, uids, to, numbers);
                let moved = |message: &Message| message.uid.is_some_and(|uid| uids.contains(&uid));
                self.messages(within).retain(|message| !moved(message));
            }
            Command::Remove { within, uids } => self.messages(within).retain(|message| {
                !(message.flags.contains("\\Deleted")
                    && message.uid.is_some_and(|uid| uids.contains(&uid)))
            }),
            Command::Expunge { within } | Command::Close { within } => {
                self.messages(within)
                    .retain(|message| !message.flags.contains("\\Deleted"));
            }
            Command::Create { name } => {
                self.mailboxes.insert(name.clone(), Mailbox::default());
            }
            Command::Rename { from, to } => {
                for name in self.names_from(from) {
                    let mailbox = self.mailboxes.remove(&name).unwrap();
                    self.mailboxes.insert(name.replacen(from, to, 1), mailbox);
                }
            }
            Command::Delete { name } => {
                self.mailboxes.remove(name);
            }
            Command::Subscribe { name } => {
                self.subscribed.insert(name.clone());
            }
            Command::Unsubscribe { name } => {
                self.subscribed.remove(name);
            }
            Command::Select { .. }
            | Command::Fetch
            | Command::Unselect
            | Command::List
            | Command::Status { .. }
            | Command::Noop => {}
        }
    }

    /// This name and those below it.
    pub fn names_from(&self, from: &str) -> Vec<String> {
        let below = format!("{from}/");
        let names = self
            .mailboxes
            .keys()
            .filter(|name| *name == from || name.starts_with(&below));
        names.cloned().collect()
    }

    fn messages(&mut self, mailbox: &str) -> &mut Vec<Message> {
        &mut self
            .mailboxes
            .get_mut(mailbox)
            .unwrap_or_else(|| panic!("no `{mailbox}`"))
            .messages
    }

    fn copy(&mut self, within: &str, uids: &[u32], to: &str, numbers: Option<&Numbers>) {
        let chosen = self
            .messages(within)
            .iter()
            .filter(|message| message.uid.is_some_and(|uid| uids.contains(&uid)));
        let copies = chosen
            .map(|message| Message {
                uid: None,
                ..message.clone()
            })
            .collect();
        self.arrive(to, copies, numbers);
    }

    fn arrive(&mut self, to: &str, mut messages: Vec<Message>, numbers: Option<&Numbers>) {
        let mailbox = self
            .mailboxes
            .get_mut(to)
            .unwrap_or_else(|| panic!("no `{to}`"));
        if let Some((uid_validity, uids)) = numbers {
            assert_eq!(
                uids.len(),
                messages.len(),
                "so many UIDs were told for so many messages"
            );
            mailbox.uid_validity = Some(*uid_validity);
            for (message, uid) in messages.iter_mut().zip(uids) {
                message.uid = Some(*uid);
            }
        }
        mailbox.messages.append(&mut messages);
    }
}
