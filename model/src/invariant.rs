//! The catalogue of invariants: what is true of every account, whoever has done whatever.
//!
//! Touches nothing. Each has an id that is never changed and never used again, by which the checker, the running server, the random scripts, the fuzz
//! targets, replay and `tandem fsck` name it; `spec/README.md` lists who looks at which. They are judged by three functions:
//! [`crate::Account::audit`], of one state, cheap enough to follow every step; [`crate::Account::audit_thoroughly`], of one state
//! as well, which makes the account again and numbers every view by definition; and [`crate::Account::audit_step`], of the account before a step and after
//! it. Whoever steps accounts has a [`Watch`] that calls them.

use crate::{account::Account, batch::Batch};
use alloc::boxed::Box;
use core::fmt;

/// How an invariant is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// By [`crate::Account::audit`].
    State,
    /// By [`crate::Account::audit_thoroughly`].
    Thoroughly,
    /// By [`crate::Account::audit_step`].
    Step,
}

macro_rules! invariants {
    ($($name:ident = $text:literal, $judged:ident, $sentence:literal;)+) => {
        /// Something that is true of every account.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Invariant {
            $(#[doc = concat!("`", $text, "`: ", $sentence, ".")] $name,)+
        }

        impl Invariant {
            /// Every invariant.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its id.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// How it is judged.
            #[must_use]
            pub const fn judged(self) -> Judged {
                match self { $(Self::$name => Judged::$judged,)+ }
            }

            /// What it says.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }

            /// Its id, and what it says.
            #[must_use]
            pub const fn described(self) -> &'static str {
                match self { $(Self::$name => concat!($text, ": ", $sentence),)+ }
            }
        }
    };
}

invariants! {
    UidsAscend = "uids-ascend", State, "the UIDs of a mailbox ascend strictly";
    UidNextAbove = "uid-next-above", State, "UIDNEXT is above every UID of the mailbox, live or ghost";
    SummariesAgree = "summaries-agree", State, "what is summed up of a list of messages is what is in it";
    ModSeqsBounded = "modseqs-bounded", State, "no message and no ghost has a MODSEQ above the mailbox's highest";
    KeywordsKnown = "keywords-known", State, "no message has a keyword that its mailbox does not know";
    GhostsOrdered = "ghosts-ordered", State, "ghosts stand in the order of their expunges";
    GhostsOwed = "ghosts-owed", State, "a ghost counts the views that are owed it, and there is one";
    GhostsGone = "ghosts-gone", State, "no message is both there and a ghost, and none a ghost twice";
    ViewsOrdered = "views-ordered", State, "views stand in the order in which they were opened";
    CursorsBounded = "cursors-bounded", State, "no cursor of a view is ahead of its mailbox";
    ClaimsApart = "claims-apart", State, "claims of \\Recent ascend, do not overlap, are of views that are there, and end where claiming does";
    MailboxesPlaced = "mailboxes-placed", State, "a mailbox has a name that leads to it, or was deleted and somebody has it open, never both";
    NamesLead = "names-lead", State, "a name leads to a mailbox that is there and that has this name";
    OldNamesLead = "old-names-lead", State, "a name that RENAME left behind is nobody's now, and its mailbox has a name";
    ListsOrdered = "lists-ordered", State, "names, subscriptions and mailboxes are sorted, and nothing is there twice";
    NumbersFresh = "numbers-fresh", State, "the next mailbox and the next view have numbers above all that there are";
    UidValiditiesApart = "uid-validities-apart", State, "no two mailboxes have the same UIDVALIDITY, and none has one above the last that was given";
    EvictedGone = "evicted-gone", State, "a view that is owed a BYE is in no mailbox any more";
    SnapshotRestores = "snapshot-restores", Thoroughly, "a snapshot, applied to nothing, makes an account that has the same snapshot, and breaks no invariant";
    NumberingAgrees = "numbering-agrees", Thoroughly, "the numbering of a view is the live messages and the ghosts that it has been told of and not told are gone, by UID";
    ChangesReplay = "changes-replay", Step, "the changes of a step, applied to the account before it, make the account after it";
    ContentsCounted = "contents-counted", Step, "a step lets go of the contents that nothing refers to any more, and of no others";
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.described())
    }
}

/// Audits an account that is stepped. While it is small, for all invariants after each step; when it is large, for those of one state, now and then: as often
/// as that costs no more than to look at [`Watch::SHARE`] messages a step.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    steps: usize,
    due: Due,
}

/// What is audited after a step.
#[derive(Clone, Debug, Default)]
enum Due {
    #[default]
    Nothing,
    State,
    /// All, with the account as it was before the step.
    All(Box<Account>),
}

impl Watch {
    /// How many messages, numbers of views, and pairs of a ghost and a view are looked at for a step.
    pub const SHARE: usize = 512;

    /// A step begins, of an account that was drained.
    pub fn begins(&mut self, account: &Account) {
        self.steps = self.steps.saturating_add(1);
        let (state, all) = weights(account);
        self.due = if all <= Self::SHARE {
            Due::All(Box::new(account.clone()))
        } else if state <= self.steps.saturating_mul(Self::SHARE) {
            Due::State
        } else {
            return;
        };
        self.steps = 0;
    }

    /// Whether anything is audited after the step that has begun.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        !matches!(self.due, Due::Nothing)
    }

    /// The step was done, and the account was drained of this.
    ///
    /// # Errors
    /// The first invariant that is broken.
    pub fn ends(&mut self, account: &Account, batch: &Batch) -> Result<(), Invariant> {
        match core::mem::take(&mut self.due) {
            Due::Nothing => Ok(()),
            Due::State => account.audit(),
            Due::All(before) => {
                account.audit_thoroughly()?;
                account.audit_step(&before, batch)
            }
        }
    }
}

/// What it costs to look at a state, and at all.
fn weights(account: &Account) -> (usize, usize) {
    let mailboxes = account.mailboxes().iter();
    mailboxes.fold((0, 0), |(state, all): (usize, usize), mailbox| {
        let messages = usize::try_from(mailbox.list().len()).unwrap_or(usize::MAX);
        let views = mailbox.views().len();
        let owed = mailbox.ghosts().len().saturating_mul(views);
        let here = messages.saturating_add(owed).saturating_add(1);
        let numbered = messages.saturating_mul(views);
        let all = all.saturating_add(here).saturating_add(numbered);
        (state.saturating_add(here), all)
    })
}

/// Says which invariant is broken unless a condition holds.
///
/// # Errors
/// The invariant.
pub(crate) const fn ensure(holds: bool, invariant: Invariant) -> Result<(), Invariant> {
    if holds { Ok(()) } else { Err(invariant) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_invariant_is_told_in_its_own_words() {
        for invariant in Invariant::ALL {
            assert_eq!(alloc::format!("{invariant}"), invariant.described());
        }
    }

    #[test]
    fn no_two_invariants_have_the_same_id() {
        for (at, invariant) in Invariant::ALL.iter().enumerate() {
            let others = &Invariant::ALL[..at];
            assert!(
                others
                    .iter()
                    .all(|other| other.as_str() != invariant.as_str()),
                "{invariant}"
            );
        }
    }
}
