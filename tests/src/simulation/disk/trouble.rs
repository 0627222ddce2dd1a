//! What goes wrong with the disk: commits that are not made, and what a planted fault makes of what is read and committed.
//!
//! Touches the state of its disk. Which, and when, fate says.

use super::Disk;
use crate::simulation::fate::Fault;
use std::borrow::Cow;
use tandem_model::number::Position;
use tandem_server::storage::{Entry, Failure, Loaded};

impl Disk {
    /// What becomes of what is read, if a fault is planted there.
    pub(super) fn spoil(&self, loaded: &mut Vec<Loaded>) {
        let (is_new, draft) = {
            let mut state = self.state();
            (std::mem::take(&mut state.is_new), state.draft)
        };
        if let Some(draft) = draft
            && self.fate.shows(Fault::DropsTooSoon, 1)
        {
            loaded.retain(|piece| matches!(piece, Loaded::Batch(position, _) if *position > draft));
        }
        let Some(Loaded::Batch(position, changes)) = loaded.last_mut() else {
            return;
        };
        // The first founds the account.
        if *position == Position(1) {
            return;
        }
        if is_new && self.fate.shows(Fault::TearsAtCrash, 1) && changes.len() > 1 {
            changes.pop();
        } else if (is_new && self.fate.shows(Fault::ForgetsAtCrash, 1))
            || (!is_new && self.fate.shows(Fault::ReadsLess, 3))
        {
            loaded.pop();
        }
    }

    /// What becomes of what is to be committed, if a fault is planted there.
    pub(super) fn less<'a>(&self, entries: &'a [Entry]) -> Cow<'a, [Entry]> {
        let mut entries = Cow::Borrowed(entries);
        if self.fate.is_planted(Fault::SnapsLess) {
            for entry in entries.to_mut() {
                if let Entry::Snapshot { changes, .. } = entry
                    && self.fate.shows(Fault::SnapsLess, 3)
                {
                    changes.pop();
                }
            }
        }
        entries
    }

    /// Whether this commit is made.
    pub(super) fn weather(&self, entries: &[Entry]) -> Result<(), Failure> {
        let mut state = self.state();
        if state.broken {
            let wrong = || "asked to commit after it had failed for good".to_owned();
            state.wrong.get_or_insert_with(wrong);
            return Err(Failure::Io("it failed before".to_owned()));
        }
        if let Some(failure) = state.full.clone().filter(|_| !state.in_reserve) {
            return Err(failure);
        }
        if state.trouble == 0
            || !self.fate.once_in(state.trouble)
            || !entries.iter().any(is_weighty)
        {
            return Ok(());
        }
        let failure = match self.fate.below(8) {
            0 => Failure::Io("it has failed".to_owned()),
            1 | 2 => Failure::Busy,
            3 | 4 => Failure::OverQuota,
            _ => Failure::Full,
        };
        self.fate.note(format_args!("{failure}"));
        match failure {
            Failure::Io(_) | Failure::Damaged(_) => state.broken = true,
            Failure::Full | Failure::OverQuota => state.full = Some(failure.clone()),
            Failure::Busy => {}
        }
        Err(failure)
    }
}

/// Whether there is enough of it for something to be the matter.
const fn is_weighty(entry: &Entry) -> bool {
    matches!(entry, Entry::Batch(_) | Entry::Snapshot { .. })
}
