//! What lives across crashes and failures: what the account was at each position of its journal, and up to where clients have been shown of it.
//!
//! Touches nothing. RFC 3501 sections 2.3.1.1, 5.2 and 7.1.1.
//!
//! Theory of operation. The steps that were recorded are made again, and leave an account at each position of the journal. Whatever opens the account later, after a
//! crash, after a disk that failed, or after all had left, must find one of these, whole: all that some steps did and nothing of those after them. And it must be one at or
//! after the last position of which any octet was written to a client. So nothing is lost that was answered OK, nothing that was seen is
//! taken back, and no counter goes back behind what was shown of it: these are in the account.

use std::collections::BTreeMap;
use tandem_model::{Account, Change};

/// How many changes make an account that is new: its INBOX, and what counts in both.
const FOUNDED: usize = 3;

/// The memory of a run.
#[derive(Debug, Default)]
pub struct Survival {
    /// What the account was, as changes of a blank one.
    was: BTreeMap<u64, Vec<Change>>,
    openings: Vec<Opening>,
}

/// Once that the account was opened.
#[derive(Debug)]
struct Opening {
    /// Where its journal was.
    position: u64,
    /// Up to where the clients that came to it have been shown.
    shown: u64,
}

impl Survival {
    /// The account has been opened, as this; which time it was.
    ///
    /// # Errors
    /// It is not what it was there.
    pub fn opened(&mut self, account: &Account) -> Result<usize, String> {
        let position = account.position().0;
        let now: Vec<Change> = account.snapshot().collect();
        let mut begins = position;
        match self.was.get(&position) {
            Some(was) if *was == now => {}
            // One that is new is founded when it is opened, and once more if that was not kept.
            _ if position <= 1 && now.len() <= FOUNDED => begins = 0,
            was => {
                return Err(format!(
                    "the account is opened at {position} as {now:?}, and was {was:?}"
                ));
            }
        }
        // What comes after it has never been.
        self.was.split_off(&(position + 1));
        self.was.insert(position, now);
        self.openings.push(Opening {
            position: begins,
            shown: 0,
        });
        Ok(self.openings.len() - 1)
    }

    /// A step has left this.
    pub fn left(&mut self, account: &Account) {
        let position = account.position().0;
        let last = self.was.last_key_value();
        if last.is_none_or(|(&last, _)| last < position) {
            self.was.insert(position, account.snapshot().collect());
        }
    }

    /// A client of this opening was shown what was so at this position.
    pub fn shown(&mut self, opening: usize, position: u64) {
        if let Some(opening) = self.openings.get_mut(opening) {
            opening.shown = opening.shown.max(position);
        }
    }

    /// Judges them all.
    ///
    /// # Errors
    /// Something was taken back.
    pub fn judge(&self) -> Result<(), String> {
        let mut shown = 0;
        for opening in &self.openings {
            if opening.position < shown {
                return Err(format!(
                    "the account is opened at {}, and clients were shown it at {shown}",
                    opening.position
                ));
            }
            shown = shown.max(opening.shown);
        }
        Ok(())
    }
}
