//! What is kept of an account that is replayed: what it may be opened as when it is opened again.
//!
//! Touches nothing. RFC 3501 leaves open when a response may leave; here it is when everything that it shows is durable (RULING-55).
//!
//! Theory of operation. The durable changes of a step are kept or not, in their order, and all of those at least whose answer, or that of a later step, was written to
//! somebody. So the account is made a second time, by its changes alone, as a journal is replayed, up to what has to be there; and the changes after it wait.

use super::Difference;
use std::collections::VecDeque;
use tandem_model::{Account, Batch, Change, number::Position};

/// Where the journal of a new account is: its INBOX may not be kept yet.
const NEW: Position = Position(1);

/// What is kept of an account.
#[derive(Debug)]
pub(super) struct Kept {
    /// At least this.
    account: Account,
    /// What may be kept besides, a step each.
    since: VecDeque<(Position, Vec<Change>)>,
    /// Somebody was shown some of it.
    is_shown: bool,
}

impl Kept {
    /// As it was opened.
    pub(super) const fn new(account: Account) -> Self {
        Self {
            account,
            since: VecDeque::new(),
            is_shown: false,
        }
    }

    /// A step has done this.
    pub(super) fn is_left(&mut self, batch: Batch) {
        if batch.is_durable() {
            let Batch {
                mut changes,
                position,
                ..
            } = batch;
            changes.retain(Change::is_durable);
            self.since.push_back((position, changes));
        }
    }

    /// Somebody was shown the account as it was when its journal was here.
    pub(super) fn is_shown(&mut self, position: Position) {
        self.is_shown = true;
        while let Some((_, changes)) = self.since.pop_front_if(|(at, _)| *at <= position) {
            self.account.replay(&changes);
        }
    }

    /// Whether it may be opened as this, after a failure.
    pub(super) fn is_opened_as(&self, opened: &Account) -> Result<(), Difference> {
        if !self.is_shown && self.account.position() <= NEW && opened.position() <= NEW {
            // Nothing of it was kept, and it is made again.
            return Ok(());
        }
        let mut account = self.account.clone();
        let upto = self.since.iter();
        for (_, changes) in upto.take_while(|(at, _)| *at <= opened.position()) {
            account.replay(changes);
        }
        same(opened, &account)
    }
}

/// Whether what is left of two accounts without their sessions is the same.
pub(super) fn same(opened: &Account, left: &Account) -> Result<(), Difference> {
    let tell = |change: Option<Change>| change.map(|change| format!("{change:?}"));
    let (mut there, mut here) = (opened.snapshot(), left.snapshot());
    loop {
        match (there.next(), here.next()) {
            (None, None) => break,
            (recorded, replayed) if recorded == replayed => {}
            (recorded, replayed) => {
                return Err(Difference::Reopened {
                    recorded: tell(recorded),
                    replayed: tell(replayed),
                });
            }
        }
    }
    if opened.position() == left.position() {
        Ok(())
    } else {
        Err(Difference::Reopened {
            recorded: Some(format!("journal at {}", opened.position())),
            replayed: Some(format!("journal at {}", left.position())),
        })
    }
}
