//! placeholder, being written
use crate::{change::Change, number::ContentId};
use alloc::vec::Vec;
/// The limits of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// How many messages one step of FETCH, STORE or SEARCH looks at.
    pub page: u32,
    /// How many expunged messages a mailbox keeps for sessions that have not been told.
    pub ghosts: u32,
    /// How many mailboxes (names) an account may have.
    pub mailboxes: u32,
}
impl Default for Limits {
    fn default() -> Self {
        Self { page: 1024, ghosts: 100_000, mailboxes: 10_000 }
    }
}
/// One user's mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    limits: Limits,
    batch: Batch,
}
/// What the steps since the last [`Account::drain`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The changes, in order.
    pub changes: Vec<Change>,
    /// One entry for each message (or ghost) that is gone for good: the server releases one reference to its content.
    pub released: Vec<ContentId>,
}
impl Account {
    /// An account with an empty INBOX.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, batch: Batch::default() }
    }
    /// Applies one change: the only way in which an account changes.
    pub fn apply(&mut self, change: &Change) {
        let _ = change;
    }
    /// Takes what was done since the last time.
    pub fn drain(&mut self) -> Batch {
        core::mem::take(&mut self.batch)
    }
    /// The limits that it was made with.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.limits
    }
}
