//! The engine that keeps accounts in memory, for as long as the process lives.
//!
//! Touches nothing else.
//!
//! Theory of operation. Journals are kept as octets, as on disk: they are smaller so, and what is kept here is read by the code that reads a
//! disk. A commit works out first what would be (`plan`), and makes it only then, so that a group is made whole or not at all. Contents are spread over many
//! locks, since many read them while one commits.

mod plan;
#[cfg(test)]
mod tests;

use super::{
    AccountId, Entry, Failure, Loaded, Owner, Storage,
    encoding::{self, Place},
};
use crate::content::{Content, Found, Part};
use plan::{Ahead, Plan};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};
use tandem_model::number::{ContentId, Position};

/// How many locks the contents are spread over.
const SHARDS: u64 = 16;

/// Accounts in memory.
#[derive(Default)]
pub struct Memory {
    accounts: RwLock<Accounts>,
    contents: [RwLock<HashMap<ContentId, Kept>>; SHARDS as usize],
}

/// Who there is, and their journals.
#[derive(Default)]
struct Accounts {
    journals: BTreeMap<AccountId, Journal>,
    last_account: i64,
    last_content: ContentId,
}

/// An account.
struct Journal {
    owner: Owner,
    position: Position,
    snapshot: Option<Snapshot>,
    /// A snapshot that is not complete.
    draft: Option<Snapshot>,
    batches: VecDeque<(Position, Blob)>,
}

/// Changes, encoded.
type Blob = Arc<[u8]>;

/// Pieces of one.
#[derive(Clone)]
struct Snapshot {
    position: Position,
    pieces: Vec<Blob>,
}

/// A content.
#[derive(Clone)]
struct Kept {
    account: AccountId,
    content: Arc<Content>,
    references: i64,
    /// How many of its octets are still to come.
    missing: usize,
}

impl Memory {
    /// Nothing is kept yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn accounts(&self) -> RwLockReadGuard<'_, Accounts> {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn accounts_mut(&self) -> RwLockWriteGuard<'_, Accounts> {
        self.accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, id: ContentId) -> &RwLock<HashMap<ContentId, Kept>> {
        // INVARIANT: a remainder of SHARDS is a place in an array of as many; the first stands in for none.
        let [first, ..] = &self.contents;
        usize::try_from(id.0 % SHARDS)
            .ok()
            .and_then(|at| self.contents.get(at))
            .unwrap_or(first)
    }

    fn kept(&self, id: ContentId) -> Option<Kept> {
        let shard = self.shard(id).read();
        shard
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned()
    }

    /// Keeps this as the content, or no content if there is none.
    fn keep(&self, id: ContentId, kept: Option<Kept>) {
        let shard = self.shard(id).write();
        let mut shard = shard.unwrap_or_else(PoisonError::into_inner);
        let before = match kept {
            Some(kept) => shard.insert(id, kept),
            None => shard.remove(&id),
        };
        drop(shard);
        // Freeing the octets may take long; not under the lock.
        drop(before);
    }

    /// Every content for which this holds, by id.
    fn contents_where(&self, holds: impl Fn(&Kept) -> bool) -> Vec<(ContentId, Kept)> {
        let mut found = Vec::new();
        for shard in &self.contents {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            let matching = shard.iter().filter(|(_, kept)| holds(kept));
            found.extend(matching.map(|(&id, kept)| (id, kept.clone())));
        }
        found.sort_unstable_by_key(|&(id, _)| id);
        found
    }
}

impl Storage for Memory {
    fn commit(&self, entries: &[Entry]) -> Result<(), Failure> {
        let mut accounts = self.accounts_mut();
        let mut plan = Plan::new(self, &accounts);
        for entry in entries {
            plan.add(entry)?;
        }
        let outcome = plan.finish();
        for (id, ahead) in outcome.journals {
            if let Some(journal) = accounts.journals.get_mut(&id) {
                journal.advance(ahead);
            }
        }
        accounts.last_content = outcome.last_content;
        for (id, kept) in outcome.contents {
            self.keep(id, kept);
        }
        Ok(())
    }

    fn load(&self, account: AccountId, fold: &mut dyn FnMut(Loaded)) -> Result<(), Failure> {
        let accounts = self.accounts();
        let journal = accounts.journals.get(&account).ok_or_else(no_account)?;
        if let Some(Snapshot { position, pieces }) = &journal.snapshot {
            for (number, blob) in (0..).zip(pieces) {
                let place = Place::Snapshot(account, *position, number);
                let changes = encoding::decode(place, blob).map_err(|fault| fault.at(place))?;
                fold(Loaded::Snapshot(*position, changes));
            }
        }
        for (position, blob) in &journal.batches {
            let place = Place::Batch(account, *position);
            let changes = encoding::decode(place, blob).map_err(|fault| fault.at(place))?;
            fold(Loaded::Batch(*position, changes));
        }
        Ok(())
    }

    fn read(&self, content: ContentId, part: Part) -> Result<Option<Found>, Failure> {
        let kept = self.kept(content).filter(|kept| kept.missing == 0);
        Ok(kept.map(|kept| kept.content.read(part)))
    }

    fn last_content(&self) -> Result<ContentId, Failure> {
        Ok(self.accounts().last_content)
    }

    fn owners(&self) -> Result<Vec<Owner>, Failure> {
        let accounts = self.accounts();
        let owners = accounts.journals.values().map(|journal| &journal.owner);
        let mut owners: Vec<Owner> = owners.cloned().collect();
        owners.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(owners)
    }

    fn owner(&self, name: &str) -> Result<Option<Owner>, Failure> {
        let accounts = self.accounts();
        let mut owners = accounts.journals.values().map(|journal| &journal.owner);
        Ok(owners.find(|owner| owner.name == name).cloned())
    }

    fn add_owner(&self, name: &str, password: Option<&str>) -> Result<Owner, Failure> {
        let mut accounts = self.accounts_mut();
        let mut owners = accounts.journals.values().map(|journal| &journal.owner);
        if owners.any(|owner| owner.name == name) {
            return Err(Failure::Damaged(format!("the name `{name}` is taken")));
        }
        accounts.last_account += 1;
        let owner = Owner {
            account: AccountId(accounts.last_account),
            name: name.to_owned(),
            password: password.map(str::to_owned),
        };
        let journal = Journal {
            owner: owner.clone(),
            position: Position(0),
            snapshot: None,
            draft: None,
            batches: VecDeque::new(),
        };
        accounts.journals.insert(owner.account, journal);
        Ok(owner)
    }

    fn set_password(&self, account: AccountId, password: Option<&str>) -> Result<(), Failure> {
        let mut accounts = self.accounts_mut();
        let journal = accounts.journals.get_mut(&account).ok_or_else(no_account)?;
        journal.owner.password = password.map(str::to_owned);
        Ok(())
    }

    fn remove_owner(&self, account: AccountId) -> Result<(), Failure> {
        let mut accounts = self.accounts_mut();
        accounts.journals.remove(&account).ok_or_else(no_account)?;
        for (id, _) in self.contents_where(|kept| kept.account == account) {
            self.keep(id, None);
        }
        Ok(())
    }

    fn references(&self, account: AccountId) -> Result<Vec<(ContentId, u64)>, Failure> {
        let contents = self.contents_where(|kept| kept.account == account);
        let counted = contents.into_iter();
        Ok(counted
            .map(|(id, kept)| (id, kept.references.unsigned_abs()))
            .collect())
    }

    fn correct(&self, content: ContentId, references: u64) -> Result<(), Failure> {
        let _accounts = self.accounts_mut();
        let kept = self.kept(content).ok_or_else(|| no_content(content))?;
        let references = i64::try_from(references)
            .map_err(|_| Failure::Damaged(format!("content {content}: `{references}` messages")))?;
        self.keep(
            content,
            (references > 0).then_some(Kept { references, ..kept }),
        );
        Ok(())
    }

    fn examine(&self) -> Result<Vec<String>, Failure> {
        let accounts: Vec<AccountId> = self.accounts().journals.keys().copied().collect();
        let loads = accounts
            .into_iter()
            .map(|account| self.load(account, &mut |_| ()));
        Ok(loads
            .filter_map(Result::err)
            .map(|failure| failure.to_string())
            .collect())
    }

    fn use_reserve(&self) -> bool {
        false
    }

    fn restore_reserve(&self) -> Result<(), Failure> {
        Ok(())
    }
}

impl Journal {
    /// What was planned comes to be.
    fn advance(&mut self, ahead: Ahead) {
        self.position = ahead.position;
        self.draft = ahead.draft;
        self.batches.extend(ahead.batches);
        if let Some(snapshot) = ahead.snapshot {
            let covered = |(position, _): &(Position, Blob)| *position <= snapshot.position;
            while self.batches.front().is_some_and(covered) {
                self.batches.pop_front();
            }
            self.snapshot = Some(snapshot);
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accounts = self.accounts();
        f.debug_struct("Memory")
            .field("accounts", &accounts.journals.len())
            .field("last_content", &accounts.last_content)
            .finish_non_exhaustive()
    }
}

fn no_account() -> Failure {
    Failure::Damaged("there is no such account".to_owned())
}

fn no_content(content: ContentId) -> Failure {
    Failure::Damaged(format!("content {content} is not kept"))
}
