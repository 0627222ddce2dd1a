//! What a group of entries would make of the accounts in memory.
//!
//! Touches nothing: reads what there is, and keeps beside it what would be. Every rule that an entry can break is here.

use super::{Accounts, Blob, Kept, Memory, Snapshot, no_account, no_content};
use crate::content::Content;
use crate::storage::{
    AccountId, Batch, Entry, Failure, PIECE,
    encoding::{self, Place},
};
use std::{
    collections::{HashMap, hash_map},
    ops::Range,
    sync::Arc,
};
use tandem_model::number::{ContentId, Position};

/// Accounts and contents as they would be, where they would be others than they are.
pub(super) struct Plan<'a> {
    memory: &'a Memory,
    accounts: &'a Accounts,
    journals: HashMap<AccountId, Ahead>,
    contents: HashMap<ContentId, Option<Kept>>,
    last_content: ContentId,
}

/// What is to be made.
pub(super) struct Outcome {
    /// How journals go on.
    pub(super) journals: HashMap<AccountId, Ahead>,
    /// Contents as they will be; none: it goes.
    pub(super) contents: HashMap<ContentId, Option<Kept>>,
    /// The greatest id that any has had.
    pub(super) last_content: ContentId,
}

/// How a journal would go on.
pub(super) struct Ahead {
    /// Where it would be.
    pub(super) position: Position,
    /// The batches that would follow.
    pub(super) batches: Vec<(Position, Blob)>,
    /// The snapshot that would take the place of the one that it has.
    pub(super) snapshot: Option<Snapshot>,
    /// The snapshot that would not be complete.
    pub(super) draft: Option<Snapshot>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(memory: &'a Memory, accounts: &'a Accounts) -> Self {
        Self {
            memory,
            accounts,
            journals: HashMap::new(),
            contents: HashMap::new(),
            last_content: accounts.last_content,
        }
    }

    /// What is to become of journals and contents.
    pub(super) fn finish(self) -> Outcome {
        Outcome {
            journals: self.journals,
            contents: self.contents,
            last_content: self.last_content,
        }
    }

    /// Takes one entry more.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), Failure> {
        match entry {
            Entry::Batch(batch) => self.batch(batch),
            Entry::Piece {
                account,
                id,
                content,
                range,
            } => self.piece(*account, *id, content, range),
            Entry::Collect { contents } => {
                for id in contents {
                    if self
                        .content(*id)
                        .as_ref()
                        .is_some_and(|kept| kept.references == 0)
                    {
                        self.contents.insert(*id, None);
                    }
                }
                Ok(())
            }
            Entry::Snapshot {
                account,
                position,
                number,
                changes,
                last,
            } => {
                let place = Place::Snapshot(*account, *position, *number);
                let blob = encoding::encode(place, changes).map_err(|fault| fault.at(place))?;
                self.snapshot(*account, *position, *number, blob.into(), *last)
            }
        }
    }

    fn batch(&mut self, batch: &Batch) -> Result<(), Failure> {
        let place = Place::Batch(batch.account, batch.position);
        let blob = encoding::encode(place, &batch.changes).map_err(|fault| fault.at(place))?;
        let journal = self.journal(batch.account)?;
        if batch.position != journal.position.next() {
            return Err(Failure::Damaged(format!(
                "{place} does not follow on {}",
                journal.position
            )));
        }
        journal.position = batch.position;
        journal.batches.push((batch.position, blob.into()));
        for (id, content) in &batch.contents {
            if content.octets().len() > PIECE {
                return Err(Failure::Damaged(format!("content {id} comes in one piece")));
            }
            self.introduce(batch.account, *id, content, 0)?;
        }
        for (id, step) in batch.references() {
            let kept = self.content(id).as_mut().ok_or_else(|| no_content(id))?;
            kept.references += step;
            if kept.references < 0 || kept.missing > 0 || kept.account != batch.account {
                return Err(Failure::Damaged(format!("{place} miscounts content {id}")));
            }
        }
        Ok(())
    }

    fn piece(
        &mut self,
        account: AccountId,
        id: ContentId,
        content: &Arc<Content>,
        range: &Range<usize>,
    ) -> Result<(), Failure> {
        self.journal(account)?;
        let rest = content.split().1.len();
        if range.start == 0 {
            self.introduce(account, id, content, rest)?;
        }
        let out_of_order = || Failure::Damaged(format!("a piece of content {id} is out of order"));
        let kept = self.content(id).as_mut().ok_or_else(out_of_order)?;
        let due = Some(range.start) == rest.checked_sub(kept.missing) && range.end <= rest;
        let fills = range.end > range.start || rest == 0;
        if !due || !fills || range.len() > PIECE || kept.account != account {
            return Err(out_of_order());
        }
        kept.missing -= range.len();
        Ok(())
    }

    fn snapshot(
        &mut self,
        account: AccountId,
        position: Position,
        number: u32,
        blob: Blob,
        last: bool,
    ) -> Result<(), Failure> {
        let kept = self.accounts.journals.get(&account);
        let kept = kept.and_then(|journal| journal.snapshot.as_ref());
        let kept = kept.map(|snapshot| snapshot.position);
        let journal = self.journal(account)?;
        let before = journal.snapshot.as_ref().map(|snapshot| snapshot.position);
        if position > journal.position || before.or(kept).is_some_and(|before| position < before) {
            return Err(Failure::Damaged(format!(
                "a snapshot of account {} at {position} is out of order",
                account.0
            )));
        }
        let mut draft = match journal.draft.take() {
            Some(draft) if number > 0 => draft,
            _ => Snapshot {
                position,
                pieces: Vec::new(),
            },
        };
        if draft.position != position || u32::try_from(draft.pieces.len()) != Ok(number) {
            return Err(Failure::Damaged(format!(
                "piece {number} of the snapshot of account {} is out of order",
                account.0
            )));
        }
        draft.pieces.push(blob);
        if last {
            journal.snapshot = Some(draft);
        } else {
            journal.draft = Some(draft);
        }
        Ok(())
    }

    /// A content comes to be, with no reference, and lacks so many octets.
    fn introduce(
        &mut self,
        account: AccountId,
        id: ContentId,
        content: &Arc<Content>,
        missing: usize,
    ) -> Result<(), Failure> {
        let place = self.content(id);
        if place.is_some() {
            return Err(Failure::Damaged(format!("content {id} is kept already")));
        }
        *place = Some(Kept {
            account,
            content: Arc::clone(content),
            references: 0,
            missing,
        });
        self.last_content = self.last_content.max(id);
        Ok(())
    }

    fn journal(&mut self, account: AccountId) -> Result<&mut Ahead, Failure> {
        match self.journals.entry(account) {
            hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            hash_map::Entry::Vacant(vacant) => {
                let journal = self
                    .accounts
                    .journals
                    .get(&account)
                    .ok_or_else(no_account)?;
                Ok(vacant.insert(Ahead {
                    position: journal.position,
                    batches: Vec::new(),
                    snapshot: None,
                    draft: journal.draft.clone(),
                }))
            }
        }
    }

    fn content(&mut self, id: ContentId) -> &mut Option<Kept> {
        self.contents
            .entry(id)
            .or_insert_with(|| self.memory.kept(id))
    }
}
