//! What an audit tells: faults one by one, and in the end how many.
//!
//! Touches nothing.

use crate::storage::Failure;
use std::fmt;
use tandem_model::name::MailboxName;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Whose account it is in; `None`: in none.
    pub account: Option<String>,
    /// Which mailbox it is in; `None`: in no single one.
    pub mailbox: Option<MailboxName>,
    /// What it is.
    pub what: String,
    /// What was done about it.
    pub outcome: Outcome,
}

/// What was done about a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is repaired.
    Repaired,
    /// It can be, by --repair.
    Repairable,
    /// It could have been; why it was not.
    NotRepaired(Failure),
    /// It could be, were the journal sound that says so.
    Doubtful,
    /// It cannot be.
    Stays,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.account, &self.mailbox) {
            (Some(account), Some(mailbox)) => write!(f, "{account}, {mailbox}: ")?,
            (Some(account), None) => write!(f, "{account}: ")?,
            (None, _) => f.write_str("database: ")?,
        }
        f.write_str(&self.what)?;
        match &self.outcome {
            Outcome::Repaired => f.write_str(": repaired"),
            Outcome::Repairable => f.write_str(": --repair can repair it"),
            Outcome::NotRepaired(failure) => write!(f, ": not repaired: {failure}"),
            Outcome::Doubtful => f.write_str(": not repaired, since the journal is not sound"),
            Outcome::Stays => f.write_str(": cannot be repaired"),
        }
    }
}

/// What is told.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// Something that is wrong.
    Fault(&'a Fault),
    /// All of this user's account has been looked at.
    Account(&'a str, Tally),
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Account(name, tally) => {
                write!(f, "{name}: ")?;
                tally.counts(f)
            }
        }
    }
}

/// How much was looked at, and how much of it is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Accounts.
    pub accounts: u64,
    /// Messages.
    pub messages: u64,
    /// Contents.
    pub contents: u64,
    /// Faults.
    pub faults: u64,
    /// Faults that were repaired.
    pub repaired: u64,
}

impl Tally {
    /// How much of it came after another, which was taken earlier.
    #[must_use]
    pub const fn since(&self, before: &Self) -> Self {
        Self {
            accounts: self.accounts.saturating_sub(before.accounts),
            messages: self.messages.saturating_sub(before.messages),
            contents: self.contents.saturating_sub(before.contents),
            faults: self.faults.saturating_sub(before.faults),
            repaired: self.repaired.saturating_sub(before.repaired),
        }
    }

    fn counts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            messages,
            contents,
            faults,
            repaired,
            ..
        } = self;
        write!(
            f,
            "messages: {messages}, contents: {contents}, faults: {faults}, repaired: {repaired}"
        )
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "accounts: {}, ", self.accounts)?;
        self.counts(f)
    }
}
