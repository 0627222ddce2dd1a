//! What a client does next: a bunch of commands that may be sent together.
//!
//! Touches nothing. RFC 3501 section 5.5: none of a bunch depends on what the one before it answers, and sequence numbers are not used.

use super::{
    actor::Actor,
    command::{Command, Flags, How},
    holdings::Message,
    text::Text,
};
use crate::chance::Chance;

const INBOX: &str = "INBOX";
const FLAGS: [&str; 6] = [
    "\\Seen",
    "\\Answered",
    "\\Flagged",
    "\\Draft",
    "Work",
    "Later",
];

/// So many messages are changed at once; one step of a server takes so many.
const MUCH: usize = 256;

/// More messages than this are not kept in a mailbox.
const CROWD: usize = 12;

impl Actor {
    /// What it does next.
    pub fn plan(&self, chance: &mut Chance) -> Vec<Command> {
        if self.is_busy {
            return self.plan_much(chance);
        }
        loop {
            let bunch = match chance.below(20) {
                0..6 => self.arrivals(chance),
                6..8 => self.look(chance),
                8..16 => self.changes(chance),
                16 => vec![Command::Noop, Command::Fetch],
                17..19 => self.names(chance),
                _ => vec![Command::List, Command::Status { name: INBOX.into() }],
            };
            let fetches = bunch
                .iter()
                .any(|command| matches!(command, Command::Fetch));
            let selects = bunch
                .iter()
                .any(|command| matches!(command, Command::Select { .. }));
            if !bunch.is_empty() && (!fetches || selects || self.selected().is_some()) {
                return bunch;
            }
        }
    }

    /// What a busy one does: fills a mailbox by doubling what is in it, changes flags of everything, and empties it again.
    fn plan_much(&self, chance: &mut Chance) -> Vec<Command> {
        let within = format!("{}much", self.prefix());
        let Some(mailbox) = self.holdings().mailboxes.get(&within) else {
            return vec![Command::Create { name: within }];
        };
        if self.selected().is_none() {
            return vec![Command::Select { mailbox: within }];
        }
        let uids = uids(&mailbox.messages);
        match uids.len() {
            0..4 => {
                let short = |text: &Text| text.octets().len() < 2000;
                let texts = (self.next_text..).map(|number| Text {
                    client: self.client,
                    number,
                });
                let append = |text| Command::Append {
                    to: within.clone(),
                    text,
                    flags: flags(chance),
                };
                texts.filter(short).take(4).map(append).collect()
            }
            4..MUCH => vec![Command::Copy {
                within: within.clone(),
                uids,
                to: within,
            }],
            _ if chance.once_in(30) => {
                vec![self.deleted(&within, uids), Command::Expunge { within }]
            }
            _ if chance.once_in(10) => {
                let uids = chance.some(&uids, MUCH);
                vec![Command::Move {
                    within: within.clone(),
                    uids,
                    to: within,
                }]
            }
            _ => {
                let (how, flags) = (
                    *chance.one(&[How::Add, How::Remove, How::Replace]),
                    flags(chance),
                );
                vec![Command::Store {
                    within,
                    uids,
                    how,
                    flags,
                    silent: true,
                }]
            }
        }
    }

    /// One to four APPENDs.
    fn arrivals(&self, chance: &mut Chance) -> Vec<Command> {
        let to = self.one_mailbox(chance);
        if self.holdings().mailboxes[&to].messages.len() >= CROWD {
            return Vec::new();
        }
        let append = |number| {
            let text = Text {
                client: self.client,
                number,
            };
            let flags = if chance.once_in(2) {
                flags(chance)
            } else {
                Flags::new()
            };
            Command::Append {
                to: to.clone(),
                text,
                flags,
            }
        };
        let count = 1 + Chance::new(self.next_text as u64).below(4);
        (self.next_text..).take(count).map(append).collect()
    }

    fn look(&self, chance: &mut Chance) -> Vec<Command> {
        vec![
            Command::Select {
                mailbox: self.one_mailbox(chance),
            },
            Command::Fetch,
        ]
    }

    /// Something with its own messages in the mailbox that is selected.
    fn changes(&self, chance: &mut Chance) -> Vec<Command> {
        let Some(within) = self.selected().map(String::from) else {
            return Vec::new();
        };
        let messages = &self.holdings().mailboxes[&within].messages;
        if messages.is_empty() {
            return Vec::new();
        }
        let crowded = messages.len() > CROWD;
        let chosen = chance.some(messages, if crowded { 8 } else { 4 });
        let uids = uids(&chosen);
        match if crowded { 9 } else { chance.below(11) } {
            0..4 => {
                let store = |_| {
                    let how = *chance.one(&[How::Add, How::Remove, How::Replace]);
                    let (uids, flags, silent) = (uids.clone(), flags(chance), chance.once_in(3));
                    Command::Store {
                        within: within.clone(),
                        uids,
                        how,
                        flags,
                        silent,
                    }
                };
                (0..2).map(store).collect()
            }
            4..8 => self.transfer(within, &chosen, chance),
            8 if within != INBOX => {
                let removed = self.deleted(&within, uids);
                let close = chance.once_in(2);
                vec![
                    removed,
                    if close {
                        Command::Close { within }
                    } else {
                        Command::Expunge { within }
                    },
                ]
            }
            _ => vec![
                self.deleted(&within, uids.clone()),
                Command::Remove { within, uids },
            ],
        }
    }

    fn deleted(&self, within: &str, uids: Vec<u32>) -> Command {
        let flags = Flags::from(["\\Deleted".into()]);
        Command::Store {
            within: within.into(),
            uids,
            how: How::Add,
            flags,
            silent: false,
        }
    }

    /// COPY or MOVE of those that are not in the other mailbox already, so that each can be told from all others there.
    fn transfer(&self, within: String, chosen: &[Message], chance: &mut Chance) -> Vec<Command> {
        let to = self.one_mailbox(chance);
        let there = &self.holdings().mailboxes[&to].messages;
        let fresh = |message: &&Message| there.iter().all(|other| other.text != message.text);
        let uids = uids(&chosen.iter().filter(fresh).cloned().collect::<Vec<_>>());
        if to == within || uids.is_empty() || there.len() >= CROWD {
            Vec::new()
        } else if chance.once_in(2) {
            vec![Command::Copy { within, uids, to }]
        } else {
            vec![Command::Move { within, uids, to }, Command::Noop]
        }
    }

    /// CREATE, RENAME, DELETE and subscriptions.
    fn names(&self, chance: &mut Chance) -> Vec<Command> {
        let fresh = format!("{}{}", self.prefix(), chance.below(4));
        let mailboxes = &self.holdings().mailboxes;
        let known: Vec<_> = mailboxes
            .keys()
            .filter(|name| *name != INBOX)
            .cloned()
            .collect();
        if known.is_empty() {
            return vec![Command::Create { name: fresh }];
        }
        let one = chance.one(&known).clone();
        let taken = |name: &str| !self.holdings().names_from(name).is_empty();
        let open = self
            .selected()
            .is_some_and(|name| name == one || name.starts_with(&format!("{one}/")));
        // Its mailbox is nobody's when it is renamed or deleted.
        let alone = |command| {
            open.then_some(Command::Unselect)
                .into_iter()
                .chain([command])
                .collect()
        };
        match chance.below(6) {
            // Not of the name that is made: if there is no room for it, what SUBSCRIBE answers depends on what the name was before.
            0 if !taken(&fresh) => vec![
                Command::Create { name: fresh },
                Command::Subscribe { name: one },
            ],
            1 if !taken(&format!("{one}/sub")) && !one.contains('/') => {
                vec![Command::Create {
                    name: format!("{one}/sub"),
                }]
            }
            2 if !taken(&fresh) => alone(Command::Rename {
                from: one,
                to: fresh,
            }),
            3 if self.holdings().names_from(&one).len() == 1 => {
                alone(Command::Delete { name: one })
            }
            4 => vec![
                Command::Subscribe { name: one.clone() },
                Command::Status { name: one },
            ],
            5 => vec![Command::Unsubscribe { name: one }],
            _ => Vec::new(),
        }
    }

    fn one_mailbox(&self, chance: &mut Chance) -> String {
        let names: Vec<_> = self.holdings().mailboxes.keys().cloned().collect();
        if chance.once_in(2) {
            INBOX.into()
        } else {
            chance.one(&names).clone()
        }
    }
}

fn uids(messages: &[Message]) -> Vec<u32> {
    messages
        .iter()
        .map(|message| message.uid.expect("it was told"))
        .collect()
}

fn flags(chance: &mut Chance) -> Flags {
    chance
        .some(&FLAGS, 3)
        .into_iter()
        .map(String::from)
        .collect()
}
