//! What clients were told that a crash must not take back: one memory for all of them, which lives across crashes.
//!
//! Touches nothing of the server's. It knows responses, and what stands behind their numbers; whether they waited for anything it does not know.
//! RFC 3501 sections 2.3.1.1, 5.2 and 7.1.1.
//!
//! Theory of operation. Each batch of responses makes [`Claim`]s ([`super::claims`]): that a message is there, or is not, that it has these flags, that a name leads to
//! that mailbox, that a UID is that content's. A claim counts from when a client has read it until the account has moved on from it, by a step that
//! is durable or not: what is superseded, nobody was promised. After a crash every claim that still counts has to be true.
//!
//! What every account is true to that a crash could leave, now or later, is not written down: that a crash leaves one of these is judged
//! by [`super::recovery`], and so nothing is lost by it. A response that waits for its own step makes only such claims. So the memory of a server that is
//! right is empty, and costs no states; that of a server which speaks too soon is not.

use super::{
    journal::Journal,
    properties::{Finding, Property},
    recovery::identified,
    world::Held,
};
use crate::{
    account::Account,
    flags::Flags,
    name::MailboxName,
    number::{ContentId, Uid, UidValidity},
    response::{Code, Response},
};
use alloc::vec::Vec;

/// Something that a client was told of what is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Claim {
    /// What.
    pub fact: Fact,
    /// What is broken if a crash makes it untrue.
    pub property: Property,
}

/// What may be so in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A message is there.
    There(UidValidity, Uid, ContentId),
    /// A message is not there.
    Gone(UidValidity, Uid),
    /// Of some flags, a message has these and no others.
    Flags {
        /// Of which mailbox.
        uid_validity: UidValidity,
        /// Which message.
        uid: Uid,
        /// Which flags it is about.
        among: Flags,
        /// Which of them it has.
        flags: Flags,
    },
    /// A name leads to the mailbox of this UIDVALIDITY, or to none.
    Named(MailboxName, Option<UidValidity>),
    /// A UID is this content's, there or not, and never another's.
    Given(UidValidity, Uid, ContentId),
}

impl Fact {
    /// Whether it is so.
    #[must_use]
    pub fn holds(&self, account: &Account) -> bool {
        let find = |uid_validity, uid| {
            identified(account, uid_validity).and_then(|mailbox| mailbox.list().find(uid))
        };
        match self {
            Self::There(uid_validity, uid, content) => {
                find(*uid_validity, *uid).is_some_and(|message| message.content == *content)
            }
            Self::Gone(uid_validity, uid) => find(*uid_validity, *uid).is_none(),
            Self::Flags {
                uid_validity,
                uid,
                among,
                flags,
            } => find(*uid_validity, *uid)
                .is_some_and(|message| message.flags.0 & among.0 == flags.0),
            Self::Named(name, uid_validity) => {
                account.mailbox(name).map(|mailbox| mailbox.uid_validity()) == *uid_validity
            }
            Self::Given(uid_validity, uid, content) => {
                find(*uid_validity, *uid).is_none_or(|message| message.content == *content)
            }
        }
    }

    /// Whether the account has moved on from it: from that whose UID it is, never.
    fn is_superseded(&self, account: &Account) -> bool {
        !matches!(self, Self::Given(..)) && !self.holds(account)
    }

    /// Whether an account is true to it: it holds, and a UID that was given will not be given again.
    fn is_kept_by(&self, account: &Account) -> bool {
        let used = match self {
            Self::Given(uid_validity, uid, _) => {
                identified(account, *uid_validity).is_none_or(|mailbox| mailbox.uid_next() > *uid)
            }
            _ => true,
        };
        used && self.holds(account)
    }
}

/// What must not be taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chronicle {
    /// Sorted, each once.
    claims: Vec<Claim>,
}

impl Chronicle {
    /// What it remembers.
    #[must_use]
    pub fn claims(&self) -> &[Claim] {
        &self.claims
    }

    /// A client has read responses of a step that is not durable yet.
    pub fn hear(&mut self, held: &Held, journal: &Journal) {
        self.claims.extend(held.claims.iter().cloned());
        self.claims.sort_unstable();
        self.claims.dedup();
        self.forget(journal);
    }

    /// The journal has moved: what is superseded, and what every account is true to that a crash could leave, is forgotten.
    pub fn forget(&mut self, journal: &Journal) {
        self.claims.retain(|claim| {
            let superseded = claim.fact.is_superseded(&journal.last().left);
            !superseded
                && !journal
                    .moments()
                    .all(|entry| claim.fact.is_kept_by(&entry.left))
        });
    }

    /// The server has crashed, and made this account of what was left; UIDs that were given and will be given again were nobody's
    /// that is still there.
    ///
    /// # Errors
    /// Something was told that is not so any more.
    pub fn survive(
        &mut self,
        recovered: &Account,
        forgotten: impl Iterator<Item = (UidValidity, Uid)>,
    ) -> Result<(), Finding> {
        let broken = self
            .claims
            .iter()
            .filter(|claim| !claim.fact.holds(recovered));
        if let Some(claim) = broken.min_by_key(|claim| claim.property) {
            return Err(Finding::new(claim.property, taken_back(&claim.fact)));
        }
        self.claims
            .retain(|claim| !claim.fact.is_kept_by(recovered));
        self.claims
            .extend(forgotten.map(|(uid_validity, uid)| Claim {
                fact: Fact::Given(uid_validity, uid, ContentId(0)),
                property: Property::UidsOnce,
            }));
        self.claims.sort_unstable();
        self.claims.dedup();
        Ok(())
    }

    /// Judges an account after a step.
    ///
    /// # Errors
    /// It gives a UID that was another message's.
    pub fn judge(&self, account: &Account) -> Result<(), Finding> {
        let given = |claim: &&Claim| matches!(claim.fact, Fact::Given(..));
        let mut given = self.claims.iter().filter(given);
        if given.any(|claim| !claim.fact.holds(account)) {
            return Err(Finding::new(
                Property::UidsOnce,
                "a message gets a UID that was another's before the crash",
            ));
        }
        Ok(())
    }

    /// Judges what a client reads of a mailbox that it selects.
    ///
    /// # Errors
    /// UIDNEXT is not above every UID that was given.
    pub fn check(&self, responses: &[Response]) -> Result<(), Finding> {
        let mut selected = None;
        for response in responses {
            match response {
                Response::Untagged(_, Some(Code::UidValidity(value)), _) => selected = Some(*value),
                Response::Untagged(_, Some(Code::UidNext(next)), _) => {
                    let given = |claim: &Claim| matches!(claim.fact, Fact::Given(of, uid, _) if Some(of) == selected && uid >= *next);
                    if self.claims.iter().any(given) {
                        return Err(Finding::new(
                            Property::CountersRise,
                            "UIDNEXT is at or below a UID that was given before the crash",
                        ));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

const fn taken_back(fact: &Fact) -> &'static str {
    match fact {
        Fact::There(..) => "a message of which a client was told is gone",
        Fact::Gone(..) => "a message whose end a client was told is there again",
        Fact::Flags { .. } => "flags that a client was told are others again",
        Fact::Named(..) => "a name leads elsewhere than a client was told",
        Fact::Given(..) => "a UID that a client was told is another message's",
    }
}
