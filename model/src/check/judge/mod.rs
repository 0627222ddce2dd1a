//! The referee: whether one step of a session did what RFC 2180 and the command promise.
//!
//! Touches two accounts, the one before the step and the one after, to compare them. It knows more than any client: what all mailboxes hold, and
//! what the client meant when it sent its command. It shares no code with the step. RFC 2180 sections 3 and 4.
//!
//! Theory of operation. The oracle of [`super::client`] sees what is wrong in the responses; the referee sees what is wrong in the
//! effects, and in the answer that a practice promises. A long command is judged page by page: a [`Task`] remembers what
//! was shown and done so far, and the tagged response is judged by that. Which page deals with which message is the server's affair, and nothing
//! here depends on it: it is only asked what was so at the steps of this command, for others act only between them.

mod copies;
mod effects;
mod fetch;
mod frame;
mod memory;
mod names;
mod search;
mod store;

pub use memory::{agrees, remember};

use super::{
    properties::{Finding, Property, ensure},
    told::{Told, bit, live},
    world::{Lane, Memory, Task},
};
use crate::{
    account::Account,
    command::{Command, Form},
    mailbox::Mailbox,
    name::MailboxName,
    number::{MailboxId, Uid},
    practice::Practice,
    response::{Code, Response, Status},
};
use alloc::sync::Arc;

/// One step, as the referee sees it.
pub struct Turn<'a> {
    /// What was promised.
    pub practice: &'a Practice,
    /// The names that occur in the world.
    pub names: &'a [MailboxName],
    /// Whose session took the step.
    pub me: usize,
    /// All lanes before the step.
    pub lanes: &'a [Arc<Lane>],
    /// The command in progress.
    pub command: Option<&'a Command>,
    /// It began with this step.
    pub begins: bool,
    /// The account before.
    pub before: &'a Account,
    /// The account after.
    pub after: &'a Account,
    /// What was sent.
    pub out: &'a [Response],
    /// What the session has been told, with this.
    pub told: &'a Told,
    /// What is remembered of names.
    pub memory: &'a Memory,
}

impl<'a> Turn<'a> {
    /// The lane of the session, before the step.
    fn lane(&self) -> Option<&'a Lane> {
        self.lanes.get(self.me).map(|lane| &**lane)
    }

    /// The mailbox that is selected, before the step.
    pub(super) fn source(&self) -> Option<&'a Mailbox> {
        let selected = self.lane()?.selected?;
        self.before.mailbox_by_id(selected.mailbox)
    }

    /// The same after the step.
    fn source_now(&self) -> Option<&'a Mailbox> {
        let selected = self.lane()?.selected?;
        self.after.mailbox_by_id(selected.mailbox)
    }

    fn is_source(&self, mailbox: MailboxId) -> bool {
        self.lane().is_some_and(|lane| lane.has_open(mailbox))
    }

    fn is_read_only(&self) -> bool {
        self.lane()
            .and_then(|lane| lane.selected)
            .is_some_and(|selected| selected.read_only)
    }

    /// Whether another session has a mailbox open.
    fn is_shared(&self, mailbox: MailboxId) -> bool {
        let mut others = self
            .lanes
            .iter()
            .enumerate()
            .filter(|&(at, _)| at != self.me);
        others.any(|(_, lane)| lane.has_open(mailbox))
    }

    /// Whether the mailbox that is selected has no name any more (RFC 2180 section 3.2).
    pub fn is_of_deleted_mailbox(&self) -> bool {
        let id = self.source().map(Mailbox::id);
        id.is_some() && !self.before.names().iter().any(|&(_, named)| named == id)
    }

    /// The tagged response, if the step ended the command.
    fn tagged(&self) -> Option<(Status, Option<&'a Code>)> {
        match self.out.last() {
            Some(Response::Tagged(status, code, _)) => Some((*status, code.as_ref())),
            _ => None,
        }
    }

    /// The place of a name among [`Turn::names`].
    fn place(&self, name: &MailboxName) -> Option<u8> {
        let at = self.names.iter().position(|known| known == name)?;
        u8::try_from(at).ok()
    }
}

/// Judges a step. `meant`: what the client meant by the sequence numbers of the command; `heard`: whether the
/// numbers that it was told are right, which is asked after what became of messages.
///
/// # Errors
/// What it did wrong.
pub fn judge(
    turn: &Turn<'_>,
    meant: u64,
    heard: Result<(), Finding>,
    task: &mut Task,
) -> Result<(), Finding> {
    if turn.begins {
        *task = begin(turn, meant);
    }
    let effects = effects::weigh(turn, task)?;
    task.changed |= effects.flagged;
    frame::judge(turn)?;
    heard?;
    if let Some((Status::Bad, _)) = turn.tagged() {
        return Err(Finding::new(
            Property::Answered,
            "BAD to a command that is right",
        ));
    }
    match turn.command {
        Some(Command::Fetch { .. }) => fetch::judge(turn, task),
        Some(Command::Search { key, form }) => search::judge(turn, key, *form, task),
        Some(Command::Store { silent, .. }) => store::judge(turn, *silent, task),
        Some(Command::Copy { mailbox, .. }) => copies::copy(turn, mailbox, &effects, task),
        Some(Command::Move { mailbox, .. }) => copies::moved(turn, mailbox, &effects, task),
        Some(Command::Append { mailbox, .. }) => copies::append(turn, mailbox, &effects),
        Some(Command::Expunge { uids }) => copies::expunge(turn, uids.as_ref(), &effects),
        Some(Command::Close) => copies::close(turn, &effects),
        Some(command) => names::judge(turn, command),
        None => Ok(()),
    }
}

/// What the command is about.
fn begin(turn: &Turn<'_>, meant: u64) -> Task {
    let told = turn.lane().map(|lane| &lane.told);
    let meant = match turn.command {
        Some(
            Command::Fetch {
                set,
                form: Form::Uid,
                ..
            }
            | Command::Store {
                set,
                form: Form::Uid,
                ..
            }
            | Command::Copy {
                set,
                form: Form::Uid,
                ..
            }
            | Command::Move {
                set,
                form: Form::Uid,
                ..
            },
        ) => told.map_or(0, |told| told.named(set)),
        // SEARCH looks at all that the client has; the numbers in its keys are judged by SEARCH itself.
        Some(Command::Search { .. }) => told.map_or(0, Told::mask),
        _ => meant,
    };
    let gone = meant & !live(turn.source());
    Task {
        meant,
        gone,
        due: meant,
        ..Task::default()
    }
}

/// What the lane holds at these UIDs, in its order.
fn held<'a>(told: &'a Told, mask: u64) -> impl Iterator<Item = Uid> + 'a {
    told.list
        .iter()
        .map(|&(uid, _)| uid)
        .filter(move |&uid| mask & bit(uid) != 0)
}

/// A command that cannot fail answered OK.
fn ensure_ok(turn: &Turn<'_>, property: Property, how: &'static str) -> Result<(), Finding> {
    ensure(
        turn.tagged().is_none_or(|(status, _)| status == Status::Ok),
        property,
        how,
    )
}
