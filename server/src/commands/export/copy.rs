//! Copies mailboxes, as a session sees them, into the folders of a Maildir++.
//!
//! Touches the account through its session, and the directory.

use super::{Summary, Tree};
use crate::{
    accounts::{Lost, Seat},
    commands::mailbox::{self, Answer},
    content::{Octets, Part},
    mail_file::{
        folder,
        suffix::{Letters, suffix},
    },
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;
use tandem_model::{flags::Keywords, message::Message, name::MailboxName};

/// So many octets of messages are read at a time, or one message if that has more.
const BATCH_OCTETS: u64 = 16 << 20;

/// And so many messages.
const BATCH: usize = 256;

const TEMPLATE: &str = "{spinner} {human_pos} messages, {per_sec}, {msg}";

/// An export under way.
#[derive(Debug)]
pub struct Copying<'a> {
    seat: &'a mut Seat,
    tree: &'a Tree,
    summary: &'a mut Summary,
    bar: ProgressBar,
}

impl<'a> Copying<'a> {
    /// From this session to this tree.
    #[must_use]
    pub fn new(seat: &'a mut Seat, tree: &'a Tree, summary: &'a mut Summary) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
        } else {
            ProgressBar::hidden()
        };
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            seat,
            tree,
            summary,
            bar,
        }
    }

    /// Copies all mailboxes, or one with those below it.
    ///
    /// # Errors
    /// The account failed, there is no such mailbox, or the tree cannot be written.
    pub async fn everything(&mut self, asked: Option<&MailboxName>) -> Result<(), String> {
        let names = mailbox::names(self.seat).map_err(lost)?;
        let places = places(&names, asked);
        if let Some(asked) = asked.filter(|_| places.is_empty()) {
            return Err(format!("no mailbox `{asked}`"));
        }
        for (name, place) in places {
            self.bar.set_message(name.to_string());
            match folder_of(&place) {
                Some(folder) => self.mailbox(&name, &folder).await?,
                None => {
                    let what = format!("{name}: its folder's name would be too long");
                    self.summary.left_out.push(what);
                }
            }
        }
        self.bar.finish_and_clear();
        Ok(())
    }

    /// Copies one mailbox to a folder.
    async fn mailbox(&mut self, name: &MailboxName, folder: &str) -> Result<(), String> {
        let mut messages = Vec::new();
        let mut keywords = Keywords::default();
        let read = mailbox::messages(self.seat, name, |message, known| {
            if messages.is_empty() {
                keywords = known.clone();
            }
            messages.push(*message);
        });
        if let Answer::No(_, text) = read.map_err(lost)? {
            self.summary.left_out.push(format!("{name}: {text}"));
            return Ok(());
        }
        let letters = Letters::of(keywords.list().iter().cloned());
        let folder = self.tree.folder(folder, &letters);
        let folder =
            folder.map_err(|error| format!("cannot make a folder for `{name}`: {error}"))?;
        self.summary.mailboxes = self.summary.mailboxes.saturating_add(1);
        let mut rest = messages.as_slice();
        while let Some((batch, after)) = rest
            .split_at_checked(next(rest))
            .filter(|(batch, _)| !batch.is_empty())
        {
            rest = after;
            let contents = batch.iter().map(|message| message.content).collect();
            let found = self.seat.read(contents, Part::Whole).await;
            for message in batch {
                let Some(Octets::Whole { octets, .. }) =
                    found.get(&message.content).map(|found| &found.octets)
                else {
                    let what =
                        format!("{name}: the octets of message UID {} are lost", message.uid);
                    self.summary.left_out.push(what);
                    continue;
                };
                let (suffix, dropped) = suffix(&mailbox::flags(message.flags, &keywords), &letters);
                folder
                    .write(message.uid, octets, message.date, &suffix)
                    .map_err(|error| format!("cannot write a message of `{name}`: {error}"))?;
                let dropped = u64::try_from(dropped).unwrap_or(u64::MAX);
                self.summary.keywords_lost = self.summary.keywords_lost.saturating_add(dropped);
                self.summary.exported = self.summary.exported.saturating_add(1);
                self.bar.inc(1);
            }
        }
        Ok(())
    }
}

fn lost(_: Lost) -> String {
    "the account failed".into()
}

/// How many messages are read together, of those that are left.
fn next(messages: &[Message]) -> usize {
    let sums = messages.iter().scan(0_u64, |sum, message| {
        *sum = sum.saturating_add(message.size.into());
        Some(*sum)
    });
    let fit = sums
        .take(BATCH)
        .take_while(|sum| *sum <= BATCH_OCTETS)
        .count();
    fit.max(1).min(messages.len())
}

/// The mailboxes that were asked for, each with its name within the tree; the Maildir itself has none.
fn places(names: &[MailboxName], asked: Option<&MailboxName>) -> Vec<(MailboxName, String)> {
    let place = |name: &MailboxName| match asked {
        None if name.is_inbox() => Some(String::new()),
        None => Some(name.as_str().to_owned()),
        Some(asked) if name == asked => Some(String::new()),
        Some(asked) => {
            let below = name.as_str().strip_prefix(&asked.with_separator());
            below.map(ToOwned::to_owned)
        }
    };
    let named = |name: &MailboxName| Some((name.clone(), place(name)?));
    names.iter().filter_map(named).collect()
}

fn folder_of(place: &str) -> Option<String> {
    match place {
        "" => Some(String::new()),
        _ => folder::folder(place),
    }
}
