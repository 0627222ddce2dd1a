//! Puts messages into mailboxes, as a client would: by CREATE and APPEND, in a session of the user's.
//!
//! Touches the account, through its session only. What [`Delivery::settle`] has returned for is durable.

use super::{
    source::{Message, Reason},
    twins::{Likeness, Twins},
};
use crate::{
    accounts::{Lost, Page, Seat},
    commands::mailbox::{self, Answer},
    content::{Octets, Part},
};
use std::collections::HashMap;
use tandem_model::{Command, flags::FlagNames, name::MailboxName, response::Code};

/// After so many messages the import waits until they are durable.
const BATCH: u64 = 256;

/// And after so many octets of them.
const BATCH_OCTETS: u64 = 16 << 20;

/// A session that messages are delivered in.
#[derive(Debug)]
pub struct Delivery {
    seat: Seat,
    mailboxes: HashMap<MailboxName, Mailbox>,
    /// The answer to the last of what is not known to be durable.
    unsettled: Option<Page>,
    /// How many messages that is, and how many octets.
    messages: u64,
    octets: u64,
    /// How many messages are known to be durable.
    durable: u64,
}

/// A mailbox that messages are delivered to.
#[derive(Debug)]
enum Mailbox {
    /// What was in it before.
    Open(Twins),
    /// It cannot be had; why.
    Refused(&'static str),
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in its mailbox now; so many keywords of it are lost.
    Imported(u64),
    /// It was there.
    There,
    /// It was not taken.
    Skipped(Reason),
}

/// Why nothing more can be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped(pub String);

impl From<Lost> for Stopped {
    fn from(_: Lost) -> Self {
        Self("the account failed; what was not yet on the disk is lost".into())
    }
}

impl Delivery {
    /// In this session.
    #[must_use]
    pub fn new(seat: Seat) -> Self {
        Self {
            seat,
            mailboxes: HashMap::new(),
            unsettled: None,
            messages: 0,
            octets: 0,
            durable: 0,
        }
    }

    /// Puts a message into its mailbox, unless that has it.
    ///
    /// # Errors
    /// Nothing more can be stored.
    pub async fn deliver(&mut self, message: Message) -> Result<Fate, Stopped> {
        self.open(&message.mailbox).await?;
        let likeness = Likeness::of(&message.octets, message.date);
        let twins = match self.mailboxes.get_mut(&message.mailbox) {
            Some(Mailbox::Open(twins)) => twins,
            Some(Mailbox::Refused(reason)) => return Ok(Fate::Skipped((*reason).into())),
            // INVARIANT: it was opened above.
            None => return Ok(Fate::Skipped("no such mailbox".into())),
        };
        for content in twins.unread(likeness) {
            let mut found = self.seat.read(vec![content], Part::Whole).await;
            let octets = found.remove(&content).and_then(|found| match found.octets {
                Octets::Whole { octets, .. } => Some(octets),
                Octets::Header(_) | Octets::Unread => None,
            });
            twins.learn(likeness, content, octets.as_deref());
        }
        if twins.take(likeness, &message.octets) {
            return Ok(Fate::There);
        }
        self.append(message).await
    }

    /// Opens a mailbox, which is created if need be.
    ///
    /// # Errors
    /// Nothing more can be stored.
    pub async fn open(&mut self, name: &MailboxName) -> Result<(), Stopped> {
        if self.mailboxes.contains_key(name) {
            return Ok(());
        }
        let mut twins = Twins::default();
        let listed = mailbox::messages(&mut self.seat, name, |message, _| twins.add(message));
        let mailbox = match listed? {
            Answer::Ok => Mailbox::Open(twins),
            Answer::No(..) => {
                let mailbox = name.clone();
                let page = self.seat.command(Command::Create { mailbox })?;
                match Answer::of(&page) {
                    Answer::Ok => {
                        self.unsettled = Some(page);
                        Mailbox::Open(twins)
                    }
                    Answer::No(code, text) => {
                        stop(code.as_ref(), text)?;
                        Mailbox::Refused(text)
                    }
                }
            }
        };
        self.mailboxes.insert(name.clone(), mailbox);
        Ok(())
    }

    async fn append(&mut self, message: Message) -> Result<Fate, Stopped> {
        let Message {
            mailbox,
            flags,
            date,
            octets,
            ..
        } = message;
        let size = u64::try_from(octets.len()).unwrap_or(u64::MAX);
        let has_keywords = !flags.keywords.is_empty();
        // Only a mailbox that has as many keywords as it can hold refuses them.
        let again = has_keywords.then(|| octets.clone());
        let keywords = u64::try_from(flags.keywords.len()).unwrap_or(u64::MAX);
        let plain = FlagNames::from(flags.system);
        let seat = &mut self.seat;
        let mut page = seat
            .append(mailbox.clone(), flags, Some(date), octets)
            .await?;
        let mut lost = 0;
        if let (Answer::No(Some(Code::Limit), _), Some(octets)) = (Answer::of(&page), again) {
            lost = keywords;
            page = seat.append(mailbox, plain, Some(date), octets).await?;
        }
        if let Answer::No(code, text) = Answer::of(&page) {
            stop(code.as_ref(), text)?;
            return Ok(Fate::Skipped(text.into()));
        }
        self.unsettled = Some(page);
        self.messages = self.messages.saturating_add(1);
        self.octets = self.octets.saturating_add(size);
        if self.messages >= BATCH || self.octets >= BATCH_OCTETS {
            self.settle().await?;
        }
        Ok(Fate::Imported(lost))
    }

    /// How many messages were delivered and are durable.
    #[must_use]
    pub const fn durable(&self) -> u64 {
        self.durable
    }

    /// Waits until everything delivered is durable.
    ///
    /// # Errors
    /// It was not made so.
    pub async fn settle(&mut self) -> Result<(), Stopped> {
        if let Some(page) = self.unsettled.take() {
            self.seat.settled(&page).await?;
        }
        self.durable = self.durable.saturating_add(self.messages);
        (self.messages, self.octets) = (0, 0);
        Ok(())
    }
}

/// Nothing more can be stored, if that is what an answer means.
fn stop(code: Option<&Code>, text: &str) -> Result<(), Stopped> {
    match code {
        Some(Code::Unavailable | Code::OverQuota) => Err(Stopped(text.into())),
        _ => Ok(()),
    }
}
