//! What a step did: one batch of an account's journal.
//!
//! Touches nothing.

use crate::{
    change::Change,
    number::{ContentId, Position},
};
use alloc::vec::Vec;

/// What the steps since the last [`crate::Account::drain`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The changes, in order. A journal keeps the durable ones of a batch together or not at all.
    pub changes: Vec<Change>,
    /// What became of references to content.
    pub references: References,
    /// Where they have left the journal: up to here it has to be durable before anything leaves that the steps answered, whoever
    /// made the changes, for an answer shows what others did as well.
    pub position: Position,
}

impl Batch {
    /// Whether the journal has to keep anything of it.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.changes.iter().any(Change::is_durable)
    }
}

/// What became of references to content: an entry for each. Messages that arrived are in the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct References {
    /// A message went.
    pub dropped: Vec<ContentId>,
    /// Some of those: a session may still ask for it, so that a ghost holds the content. Of the living only: no ghost survives a crash.
    pub haunted: Vec<ContentId>,
    /// A ghost that held it went.
    pub released: Vec<ContentId>,
}
