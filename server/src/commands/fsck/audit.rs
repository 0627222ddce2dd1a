//! Holds what storage says of accounts and contents against their journals.
//!
//! Touches storage; changes it only to correct a count that the journal contradicts.

use super::{
    fault::{Fault, Outcome, Tally, Told},
    witness::{self, Place},
};
use crate::{
    content::{Content, Octets, Part},
    storage::{Failure, Loaded, Owner, Storage},
};
use std::{collections::BTreeSet, fmt};
use tandem_model::{
    Account, Invariant, Limits,
    name::MailboxName,
    number::{ContentId, Position, Uid},
};

/// A look at everything that is kept.
pub struct Audit<'a> {
    storage: &'a dyn Storage,
    limits: Limits,
    repair: bool,
    tell: &'a mut dyn FnMut(Told<'_>),
    tally: Tally,
    /// Damage that the engine has told of while accounts and contents were read.
    heard: BTreeSet<String>,
}

impl fmt::Debug for Audit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audit")
            .field("storage", &self.storage)
            .field("tally", &self.tally)
            .finish_non_exhaustive()
    }
}

/// A message as its content sees it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    content: ContentId,
    /// Which of the account's mailboxes, counted from 0.
    mailbox: usize,
    uid: Uid,
    size: u32,
}

impl<'a> Audit<'a> {
    /// Each fault is told as it is found, then the account.
    pub fn new(
        storage: &'a dyn Storage,
        limits: Limits,
        repair: bool,
        tell: &'a mut dyn FnMut(Told<'_>),
    ) -> Self {
        Self {
            storage,
            limits,
            repair,
            tell,
            tally: Tally::default(),
            heard: BTreeSet::new(),
        }
    }

    /// Looks at everything.
    ///
    /// # Errors
    /// Not even the list of accounts can be read, or the database cannot be examined.
    pub fn everything(mut self) -> Result<Tally, Failure> {
        for owner in self.storage.owners()? {
            let before = self.tally;
            self.tally.accounts = before.accounts.saturating_add(1);
            if let Some(account) = self.load(&owner) {
                self.replay_equals_snapshot(&owner, &account);
                let view = View {
                    owner: &owner,
                    account: &account,
                    sound: self.tally.faults == before.faults,
                };
                self.contents(&view);
            }
            let of_account = self.tally.since(&before);
            (self.tell)(Told::Account(&owner.name, of_account));
        }
        for what in self.storage.examine()? {
            if !self.heard.contains(&what) {
                self.fault(None, None, what, Correction::None);
            }
        }
        Ok(self.tally)
    }

    /// The account that the snapshot and the journal make; `None`: they make none.
    fn load(&mut self, owner: &Owner) -> Option<Account> {
        let mut account = Account::blank(self.limits);
        let mut faults = Vec::new();
        let mut snapshot: Option<Position> = None;
        let mut in_journal = false;
        let loaded = self.storage.load(owner.account, &mut |part| match part {
            Loaded::Snapshot(position, changes) => {
                if in_journal || snapshot.is_some_and(|before| before != position) {
                    faults.push(format!("the snapshot at {position} is out of place"));
                }
                snapshot = Some(position);
                for change in &changes {
                    faults.extend(witness::contradiction(&account, change, Place::Snapshot));
                    account.apply(change);
                }
            }
            Loaded::Batch(position, changes) => {
                if !std::mem::replace(&mut in_journal, true) {
                    account.resume_at(snapshot.unwrap_or_default());
                }
                let before = account.position();
                if position != before.next() {
                    faults.push(format!("batch {position} comes after batch {before}"));
                    account.resume_at(Position(position.0.saturating_sub(1)));
                }
                for change in &changes {
                    faults.extend(
                        witness::contradiction(&account, change, Place::Journal)
                            .map(|what| format!("batch {position}: {what}")),
                    );
                    account.apply(change);
                }
                // What a batch moves is the position; its changes were applied one by one.
                account.resume_at(position);
            }
        });
        if !in_journal {
            account.resume_at(snapshot.unwrap_or_default());
        }
        if let Err(contradiction) = account.audit() {
            faults.push(format!("broken: {contradiction}"));
        }
        for what in faults {
            self.fault(Some(owner), None, what, Correction::None);
        }
        if let Err(failure) = loaded {
            let what = format!("cannot be loaded: {}", self.hear(failure));
            self.fault(Some(owner), None, what, Correction::None);
            return None;
        }
        Some(account)
    }

    /// Whether a snapshot of the account makes it again.
    fn replay_equals_snapshot(&mut self, owner: &Owner, account: &Account) {
        let mut again = Account::blank(self.limits);
        account.snapshot().for_each(|change| again.apply(&change));
        again.resume_at(account.position());
        if again != *account {
            let what = format!("broken: {}", Invariant::SnapshotRestores);
            self.fault(Some(owner), None, what, Correction::None);
        }
    }

    /// Remembers damage, which the engine will tell of again when it examines all.
    fn hear(&mut self, failure: Failure) -> Failure {
        if let Failure::Damaged(what) = &failure {
            self.heard.insert(what.clone());
        }
        failure
    }

    /// Whether each message has its content, and each content its messages.
    fn contents(&mut self, view: &View<'_>) {
        let mut holders = Vec::new();
        for (at, mailbox) in view.account.mailboxes().iter().enumerate() {
            holders.extend(mailbox.messages().map(|message| Holder {
                content: message.content,
                mailbox: at,
                uid: message.uid,
                size: message.size,
            }));
        }
        holders.sort_unstable();
        let references = self.storage.references(view.owner.account);
        let kept = references.and_then(|kept| Ok((kept, self.storage.last_content()?)));
        let (kept, last) = match kept {
            Ok(kept) => kept,
            Err(failure) => {
                let what = format!("its contents cannot be listed: {}", self.hear(failure));
                return self.fault(Some(view.owner), None, what, Correction::None);
            }
        };
        let add = |sum: &mut u64, count: usize| {
            *sum = sum.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        };
        add(&mut self.tally.messages, holders.len());
        add(&mut self.tally.contents, kept.len());

        let mut kept = kept.into_iter().peekable();
        for held in holders.chunk_by(|one, other| one.content == other.content) {
            let Some(content) = held.first().map(|holder| holder.content) else {
                continue;
            };
            while let Some((orphan, count)) = kept.next_if(|&(id, _)| id < content) {
                self.orphan(view, orphan, count);
            }
            match kept.next_if(|&(id, _)| id == content) {
                Some((_, count)) => self.content(view, content, count, held),
                None => self.lost(view, held, "its octets are not there"),
            }
            if content > last {
                let what = "its octets have an id that will be given again";
                self.lost(view, held, what);
            }
        }
        for (orphan, count) in kept {
            self.orphan(view, orphan, count);
        }
    }

    /// A content that no message has.
    fn orphan(&mut self, view: &View<'_>, content: ContentId, count: u64) {
        if count == 0 {
            // A message had it when the last server ended: the next one removes it.
            return;
        }
        let what = format!("content {content} is counted {count} times, and no message has it");
        self.fault(Some(view.owner), None, what, view.correction(content, 0));
    }

    /// A content that these messages have.
    fn content(&mut self, view: &View<'_>, content: ContentId, count: u64, held: &[Holder]) {
        let right = u64::try_from(held.len()).unwrap_or(u64::MAX);
        if count != right {
            let what = format!(
                "content {content} is counted {count} times, and messages have it {right} times"
            );
            let correction = view.correction(content, right);
            self.fault(Some(view.owner), None, what, correction);
        }
        let found = match self.storage.read(content, Part::Whole) {
            Ok(Some(found)) => found,
            Ok(None) => return self.lost(view, held, "its octets are not there"),
            Err(failure) => {
                let what = format!("its octets cannot be read: {}", self.hear(failure));
                return self.lost(view, held, &what);
            }
        };
        let Octets::Whole { octets, header } = found.octets else {
            return self.lost(view, held, "its octets are not read whole");
        };
        for holder in held {
            if usize::try_from(holder.size) != Ok(octets.len()) {
                let what = format!(
                    "it has {} octets, and should have {}",
                    octets.len(),
                    holder.size
                );
                self.lost(view, std::slice::from_ref(holder), &what);
            }
        }
        let right = Content::new(&*octets);
        if *right.digest() != found.digest || right.split().0.len() != header {
            self.lost(view, held, "what was worked out of its octets is wrong");
        }
    }

    /// Something is wrong with the content of these messages that nobody can repair.
    fn lost(&mut self, view: &View<'_>, held: &[Holder], what: &str) {
        for holder in held {
            let mailbox = view.account.mailboxes().get(holder.mailbox);
            let mailbox = mailbox.map(|mailbox| mailbox.name().clone());
            let what = format!(
                "message UID {}: {what} (content {})",
                holder.uid, holder.content
            );
            self.fault(Some(view.owner), mailbox, what, Correction::None);
        }
    }

    /// Tells a fault, after correcting the count that it is about, if it is.
    fn fault(
        &mut self,
        owner: Option<&Owner>,
        mailbox: Option<MailboxName>,
        what: String,
        correction: Correction,
    ) {
        let outcome = match correction {
            Correction::None => Outcome::Stays,
            Correction::Doubtful => Outcome::Doubtful,
            Correction::Count(..) if !self.repair => Outcome::Repairable,
            Correction::Count(content, count) => match self.storage.correct(content, count) {
                Ok(()) => Outcome::Repaired,
                Err(failure) => {
                    // After most failures an engine must not be asked to commit again.
                    self.repair = false;
                    Outcome::NotRepaired(failure)
                }
            },
        };
        self.tally.faults = self.tally.faults.saturating_add(1);
        if outcome == Outcome::Repaired {
            self.tally.repaired = self.tally.repaired.saturating_add(1);
        }
        (self.tell)(Told::Fault(&Fault {
            account: owner.map(|owner| owner.name.clone()),
            mailbox,
            what,
            outcome,
        }));
    }
}

/// The account that is looked at.
struct View<'a> {
    owner: &'a Owner,
    account: &'a Account,
    /// Nothing is wrong with its journal, so that what it says of contents may be believed.
    sound: bool,
}

impl View<'_> {
    const fn correction(&self, content: ContentId, count: u64) -> Correction {
        if self.sound {
            Correction::Count(content, count)
        } else {
            Correction::Doubtful
        }
    }
}

/// What would repair a fault.
#[derive(Clone, Copy)]
enum Correction {
    /// Nothing.
    None,
    /// So many references of a content; with 0 it goes.
    Count(ContentId, u64),
    /// A count, but what says so is not to be trusted.
    Doubtful,
}
