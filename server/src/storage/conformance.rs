//! What every engine has to do: one suite, run against each.
//!
//! Touches the engine that it is given. An engine's tests say how to make one ([`Ground`]) and `suite!` runs everything against it; an engine on disk is also run
//! *restless*: closed and opened again after each step that allows it. What the suite means by "right" is written in its own words ([`oracle`]), not in those of an engine.

mod contents;
mod journals;
mod oracle;
mod owners;
mod snapshots;

use super::{AccountId, Batch, Entry, Failure, Loaded, Storage, memory::Memory};
use crate::content::Content;
use std::{fmt, sync::Arc};
use tandem_model::{
    Change,
    flags::Flags,
    message::{InternalDate, Message},
    number::{ContentId, MailboxId, ModSeq, Position, Uid},
};

pub(crate) use contents::*;
pub(crate) use journals::*;
pub(crate) use oracle::*;
pub(crate) use owners::*;
pub(crate) use snapshots::*;

/// An engine in a place of its own.
pub(crate) struct Ground {
    storage: Box<dyn Storage>,
    open: Option<Box<dyn Fn() -> Box<dyn Storage>>>,
    restless: bool,
}

impl Ground {
    /// One that keeps nothing once it is closed.
    pub(crate) fn fleeting(storage: impl Storage + 'static) -> Self {
        Self {
            storage: Box::new(storage),
            open: None,
            restless: false,
        }
    }

    /// One that is there again when it is opened again.
    pub(crate) fn lasting(open: impl Fn() -> Box<dyn Storage> + 'static) -> Self {
        Self {
            storage: open(),
            open: Some(Box::new(open)),
            restless: false,
        }
    }

    /// The same, opened again after each step.
    pub(crate) fn restless(mut self) -> Self {
        self.restless = true;
        self
    }

    /// Closes it and opens it again; whether it can be.
    fn reopen(&mut self) -> bool {
        let Some(open) = &self.open else {
            return false;
        };
        // The one before has to let go first.
        self.storage = Box::new(Memory::new());
        self.storage = open();
        true
    }

    /// Commits a group, and opens the engine again if it is restless.
    fn commit(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let committed = self.storage.commit(entries);
        if self.restless {
            self.reopen();
        }
        committed
    }

    /// Adds somebody.
    fn add(&mut self, name: &str) -> AccountId {
        let owner = self.storage.add_owner(name, None).unwrap();
        if self.restless {
            self.reopen();
        }
        owner.account
    }

    /// All that is handed out of an account.
    fn load(&self, account: AccountId) -> Result<Vec<Loaded>, Failure> {
        let mut loaded = Vec::new();
        self.storage.load(account, &mut |part| loaded.push(part))?;
        Ok(loaded)
    }
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.storage.fmt(f)
    }
}

/// Messages that arrive, as one change.
fn added(messages: &[(u32, u64)]) -> Change {
    let message = |&(uid, content)| Message {
        uid: Uid(uid),
        size: 1,
        modseq: ModSeq(u64::from(uid)),
        flags: Flags::NONE,
        date: InternalDate::new(1_750_000_000, 60),
        content: ContentId(content),
    };
    Change::Added {
        mailbox: MailboxId(1),
        messages: messages.iter().map(message).collect(),
    }
}

/// Messages that go, as one change.
fn expunged(uids: &[u32]) -> Change {
    Change::Expunged {
        mailbox: MailboxId(1),
        modseq: ModSeq(1000),
        uids: uids.iter().copied().map(Uid).collect(),
        keeps_content: false,
    }
}

/// A small content that no other number has.
fn content(number: u64) -> Arc<Content> {
    let octets =
        format!("Subject: number {number}\r\nFrom: a@example.org\r\n\r\nbody of {number}\r\n");
    Arc::new(Content::new(octets.into_bytes()))
}

/// A batch that brings these contents, each in a message of its own.
fn arrival(account: AccountId, position: u64, contents: &[u64]) -> Batch {
    let messages: Vec<(u32, u64)> = (1..).zip(contents.iter().copied()).collect();
    Batch {
        account,
        position: Position(position),
        changes: vec![added(&messages)],
        contents: contents
            .iter()
            .map(|&number| (ContentId(number), content(number)))
            .collect(),
        dropped: Vec::new(),
    }
}

/// A batch that only says that it was there.
fn mark(account: AccountId, position: u64) -> Batch {
    Batch {
        account,
        position: Position(position),
        changes: vec![expunged(&[u32::try_from(position).unwrap()])],
        contents: Vec::new(),
        dropped: Vec::new(),
    }
}

/// What is handed out of a mark.
fn marked(position: u64) -> Loaded {
    let changes = vec![expunged(&[u32::try_from(position).unwrap()])];
    Loaded::Batch(Position(position), changes)
}

/// Whether the entries were found not to follow on what is kept.
fn is_damaged<T: fmt::Debug>(result: &Result<T, Failure>) -> bool {
    matches!(result, Err(Failure::Damaged(_)))
}

/// Every claim of the suite, as a test of the engine that `$ground` makes.
macro_rules! suite {
    ($ground:path: $($claim:ident)*) => {
        $(#[test] fn $claim() { $crate::storage::conformance::$claim(&$ground) })*
    };
    ($ground:path) => {
        $crate::storage::conformance::suite! { $ground:
            batches_come_back_in_the_order_in_which_they_were_committed
            accounts_do_not_mix
            a_batch_that_leaves_a_gap_or_repeats_one_is_damage_and_makes_nothing
            a_group_of_which_one_entry_fails_makes_nothing_at_all
            an_empty_group_is_committed
            every_kind_of_change_comes_back
            a_content_is_read_by_its_parts
            contents_of_every_shape_come_back
            references_count_messages
            a_message_that_comes_and_goes_in_one_batch_leaves_no_reference
            what_has_no_reference_stays_until_it_is_collected
            what_has_a_reference_is_not_collected
            a_ghost_that_is_copied_has_a_reference_again
            the_count_of_a_content_is_never_wrong
            a_content_is_kept_once
            the_greatest_id_outlives_its_content
            a_large_content_comes_in_pieces
            pieces_come_in_order_and_all_before_the_batch
            a_large_content_that_was_not_completed_goes
            counts_are_corrected
            a_snapshot_takes_the_place_of_what_it_covers
            a_snapshot_that_is_interrupted_takes_the_place_of_nothing
            a_snapshot_follows_another
            pieces_of_a_snapshot_come_in_order
            a_snapshot_covers_no_more_than_there_is
            owners_are_found_by_name
            a_name_is_given_once
            a_password_changes
            who_is_removed_leaves_nothing
            an_account_is_never_used_again
            a_healthy_engine_has_nothing_to_tell
            room_is_held_back
            random_groups_do_what_a_plain_list_does
        }
    };
}
pub(crate) use suite;
