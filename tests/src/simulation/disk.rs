//! The disk of a simulated server: what was committed survives a crash, and nothing else; it is full now and then, or fails for good.
//!
//! Touches the engine in memory, which makes a group whole or not at all. Which commit fails, and how, is in `trouble`.

mod trouble;

use super::{counts::Snapshots, fate::Fate};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard},
};
use tandem_model::{
    Account, Change, Limits,
    number::{ContentId, Position},
};
use tandem_server::{
    content::{Found, Part},
    storage::{AccountId, Entry, Failure, Loaded, Owner, PIECE, Storage, memory::Memory},
};

/// What Ann's password is hashed to, which nobody knows: with parameters that take no time.
const HASH: &str =
    "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A disk.
pub struct Disk {
    memory: Memory,
    fate: Fate,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Once in so many commits something is the matter; 0: never.
    trouble: usize,
    /// There is no room, for this reason.
    full: Option<Failure>,
    /// What was held back for that is in use.
    in_reserve: bool,
    /// It failed for good, up to the next start.
    broken: bool,
    /// Nothing has been read since the server started.
    is_new: bool,
    /// Up to where the journal is durable. There is one account.
    durable: u64,
    /// The position of a snapshot that has been begun, and is not complete.
    draft: Option<Position>,
    snapshots: Snapshots,
    /// How many contents it could not read when it was asked to.
    unread: u64,
    /// How many contents came in pieces, and are a message's.
    pieced: u64,
    /// What it was asked that nobody may ask.
    wrong: Option<String>,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

impl Disk {
    /// An empty one, but for Ann, who is not there. Whether it ever makes trouble, fate says.
    #[must_use]
    pub fn new(fate: &Fate) -> Self {
        let trouble = if fate.once_in(4) {
            3 + fate.below(20)
        } else {
            0
        };
        let memory = Memory::new();
        memory.add_owner("ann", Some(HASH)).unwrap();
        Self {
            memory,
            fate: fate.clone(),
            state: Mutex::new(State {
                trouble,
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Whether it may make trouble.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.state().trouble > 0
    }

    /// Up to where the journal is durable.
    #[must_use]
    pub fn durable(&self) -> u64 {
        self.state().durable
    }

    /// How many contents it could not read when it was asked to.
    #[must_use]
    pub fn unread(&self) -> u64 {
        self.state().unread
    }

    /// How many times a message came to be whose content had come in pieces.
    #[must_use]
    pub fn pieced(&self) -> u64 {
        self.state().pieced
    }

    /// How many snapshots there were.
    #[must_use]
    pub fn snapshots(&self) -> Snapshots {
        self.state().snapshots
    }

    /// The server that had it is gone, and another takes it over: as on a disk, what nothing refers to goes.
    pub fn taken_over(&self) {
        {
            let mut state = self.state();
            state.broken = false;
            state.in_reserve = false;
            state.is_new = true;
            state.snapshots.cut += u64::from(state.draft.is_some());
        }
        for owner in self.memory.owners().unwrap() {
            for (content, count) in self.memory.references(owner.account).unwrap() {
                if count == 0 {
                    self.memory.correct(content, 0).unwrap();
                }
            }
        }
    }

    /// The account as it is kept, if there is one.
    #[must_use]
    pub fn account(&self, limits: Limits) -> Option<Account> {
        let owner = self.memory.owner("demo").unwrap()?;
        let mut account = Account::blank(limits);
        let loaded = self.memory.load(owner.account, &mut |loaded| match loaded {
            Loaded::Snapshot(position, changes) => {
                changes.iter().for_each(|change| account.apply(change));
                account.resume_at(position);
            }
            Loaded::Batch(_, changes) => {
                account.replay(&changes);
            }
        });
        loaded.unwrap();
        Some(account)
    }

    /// What is wrong with what is kept: each message of the account has its content, counted once for it, and there is no other content.
    #[must_use]
    pub fn audit(&self, account: &Account) -> Option<String> {
        if let Some(wrong) = self.state().wrong.take() {
            return Some(wrong);
        }
        let mut owed: BTreeMap<ContentId, u64> = BTreeMap::new();
        for change in account.snapshot() {
            if let Change::Added { messages, .. } = change {
                for message in messages {
                    *owed.entry(message.content).or_default() += 1;
                }
            }
        }
        let owner = self.memory.owner("demo").unwrap()?;
        let kept = self.memory.references(owner.account).unwrap();
        // Without room some are let go later.
        let is_bad = self.is_bad();
        let kept = kept.into_iter().filter(|&(_, count)| !is_bad || count > 0);
        let kept: BTreeMap<ContentId, u64> = kept.collect();
        (kept != owed)
            .then(|| format!("contents are counted as {kept:?}, and messages have {owed:?}"))
    }
}

impl State {
    /// It is durable.
    fn note(&mut self, entry: &Entry) {
        match entry {
            Entry::Batch(batch) => {
                self.durable = batch.position.0;
                let added = batch.changes.iter().map(|change| match change {
                    Change::Added { messages, .. } => messages
                        .iter()
                        .filter(|message| message.size as usize > PIECE)
                        .count() as u64,
                    _ => 0,
                });
                self.pieced += added.sum::<u64>();
            }
            Entry::Snapshot {
                position,
                number,
                last,
                ..
            } => {
                self.snapshots.begun += u64::from(*number == 0);
                self.snapshots.completed += u64::from(*last);
                self.draft = Some(*position).filter(|_| !last);
            }
            Entry::Piece { .. } | Entry::Collect { .. } => {}
        }
    }
}

impl Storage for Disk {
    fn commit(&self, entries: &[Entry]) -> Result<(), Failure> {
        self.weather(entries)?;
        let made = self.memory.commit(&self.less(entries));
        let mut state = self.state();
        match &made {
            Ok(()) => entries.iter().for_each(|entry| state.note(entry)),
            Err(failure) => {
                // Nothing that is put into the queue in order comes out of order.
                state.broken = true;
                state.wrong = Some(failure.to_string());
            }
        }
        made
    }

    fn load(&self, account: AccountId, fold: &mut dyn FnMut(Loaded)) -> Result<(), Failure> {
        if self.is_bad() && self.fate.once_in(10) {
            return Err(Failure::Io("it cannot be read now".to_owned()));
        }
        let mut loaded = Vec::new();
        self.memory.load(account, &mut |piece| loaded.push(piece))?;
        self.spoil(&mut loaded);
        loaded.into_iter().for_each(fold);
        Ok(())
    }

    fn read(&self, content: ContentId, part: Part) -> Result<Option<Found>, Failure> {
        if self.is_bad() && self.fate.once_in(8) {
            self.state().unread += 1;
            let failure = Failure::Io("it cannot be read now".to_owned());
            return Err(if self.fate.once_in(2) {
                failure
            } else {
                Failure::Damaged("it is not what was written".to_owned())
            });
        }
        self.memory.read(content, part)
    }

    fn last_content(&self) -> Result<ContentId, Failure> {
        self.memory.last_content()
    }

    fn owners(&self) -> Result<Vec<Owner>, Failure> {
        self.memory.owners()
    }

    fn owner(&self, name: &str) -> Result<Option<Owner>, Failure> {
        if self.is_bad() && self.fate.once_in(20) {
            return Err(Failure::Io("it cannot be read now".to_owned()));
        }
        self.memory.owner(name)
    }

    fn add_owner(&self, name: &str, password: Option<&str>) -> Result<Owner, Failure> {
        self.memory.add_owner(name, password)
    }

    fn set_password(&self, account: AccountId, password: Option<&str>) -> Result<(), Failure> {
        self.memory.set_password(account, password)
    }

    fn remove_owner(&self, account: AccountId) -> Result<(), Failure> {
        self.memory.remove_owner(account)
    }

    fn references(&self, account: AccountId) -> Result<Vec<(ContentId, u64)>, Failure> {
        self.memory.references(account)
    }

    fn correct(&self, content: ContentId, references: u64) -> Result<(), Failure> {
        self.memory.correct(content, references)
    }

    fn examine(&self) -> Result<Vec<String>, Failure> {
        self.memory.examine()
    }

    fn use_reserve(&self) -> bool {
        let mut state = self.state();
        // Now and then there is less than was thought.
        let there = !state.in_reserve && !self.fate.once_in(4);
        state.in_reserve |= there;
        there
    }

    fn restore_reserve(&self) -> Result<(), Failure> {
        let mut state = self.state();
        if let Some(failure) = state.full.take_if(|_| !self.fate.once_in(3)) {
            state.full = Some(failure.clone());
            return Err(failure);
        }
        state.in_reserve = false;
        Ok(())
    }
}
