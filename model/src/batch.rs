//! What a step did, and what its answer has to wait for.
//!
//! Touches nothing. It says when a response may leave; RFC 3501 has no word on that: RULING-55.
//!
//! Theory of operation. The durable changes of one step are one batch of the account's journal, which keeps all of them or none; [`Position`]s count
//! batches. A response shows the account as the step left it, and so whatever any session did before: hence it waits for all of that, its own
//! session's work or another's, and also if its step has changed nothing itself. [`Batch::awaits`] is that rule, and the only place of it: the server waits by it, and the checker,
//! whose server crashes in between, spoils it to see that what follows is found.

use crate::{
    change::Change,
    fault::Fault,
    number::{ContentId, Position},
    practice::Practice,
};
use alloc::vec::Vec;

/// What the steps since the last [`crate::Account::drain`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The changes, in order. A journal keeps the durable ones of a batch together or not at all.
    pub changes: Vec<Change>,
    /// What became of references to content.
    pub references: References,
    /// Where they have left the journal.
    pub position: Position,
}

impl Batch {
    /// Whether the journal has to keep anything of it.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.changes.iter().any(Change::is_durable)
    }

    /// Up to where everything in the journal has to be durable before anything leaves that the steps answered.
    #[must_use]
    pub fn awaits(&self, practice: &Practice) -> Position {
        if practice.has(Fault::AckBeforeDurable) && self.is_durable() {
            return Position(self.position.0.saturating_sub(1));
        }
        if practice.has(Fault::RevealBeforeDurable) && !self.is_durable() {
            return Position(0);
        }
        self.position
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
