//! Random groups of entries, right and wrong, against a plain list that does what the contract says.
//!
//! The list is slow, and shares nothing with any engine: it keeps what it was given, and looks through all of it.

use super::{
    Ground, added,
    contents::{large, pieces},
};
use crate::{
    content::{Content, Part},
    storage::{AccountId, Batch, Entry, Failure, Loaded, PIECE},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};
use std::sync::{Arc, LazyLock};
use tandem_model::number::{ContentId, Position};

/// Two people, and contents of these ids, of which those from `LARGE` on come in pieces.
const PEOPLE: [&str; 2] = ["anna", "berta"];
const IDS: [u64; 7] = [1, 2, 3, 4, 5, LARGE, LARGE + 1];
const LARGE: u64 = 100;

static LARGE_CONTENT: LazyLock<Arc<Content>> = LazyLock::new(|| large(2));

fn content(id: u64) -> Arc<Content> {
    if id >= LARGE {
        Arc::clone(&LARGE_CONTENT)
    } else {
        super::content(id)
    }
}

/// One step.
#[derive(Clone, Debug)]
enum Act {
    /// A group, committed.
    Group(Vec<Wish>),
    /// Opened again, where that can be.
    Reopen,
    /// A count is corrected.
    Correct(u64, u64),
    /// Somebody is removed, and comes again as a new one.
    Replace(usize),
}

/// An entry, but for what depends on where the journal is.
#[derive(Clone, Debug)]
enum Wish {
    Batch {
        person: usize,
        /// How far from where it should be.
        skew: u64,
        new: Vec<u64>,
        messages: Vec<u64>,
        dropped: Vec<u64>,
    },
    Piece {
        person: usize,
        id: u64,
        number: usize,
    },
    Collect(Vec<u64>),
    Snapshot {
        person: usize,
        /// How far behind the journal.
        behind: u64,
        number: u32,
        last: bool,
    },
}

fn ids(most: usize) -> impl Strategy<Value = Vec<u64>> {
    vec(prop::sample::select(&IDS[..]), 0..=most)
}

fn wish() -> impl Strategy<Value = Wish> {
    let person = 0..PEOPLE.len();
    let skew = prop_oneof![20 => Just(0_u64), 1 => 1..3_u64, 1 => Just(u64::MAX)];
    prop_oneof![
        8 => (person.clone(), skew, prop_oneof![3 => vec(1..6_u64, 0..1), 2 => vec(1..6_u64, 0..3)], ids(2), ids(1), any::<bool>())
            .prop_map(|(person, skew, new, mut messages, dropped, used)| {
                if used {
                    messages.extend(&new);
                }
                Wish::Batch { person, skew, new, messages, dropped }
            }),
        3 => (person.clone(), LARGE..LARGE + 2, 0..2_usize)
            .prop_map(|(person, id, number)| Wish::Piece { person, id, number }),
        2 => ids(4).prop_map(Wish::Collect),
        4 => (person, 0..2_u64, 0..3_u32, any::<bool>()).prop_map(|(person, behind, number, last)| {
            Wish::Snapshot { person, behind, number, last }
        }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let id = prop::sample::select(&IDS[..]);
    prop_oneof![
        12 => vec(wish(), 1..3).prop_map(Act::Group),
        2 => Just(Act::Reopen),
        1 => (id, 0..3_u64).prop_map(|(id, references)| Act::Correct(id, references)),
        1 => (0..PEOPLE.len()).prop_map(Act::Replace),
    ]
}

/// What is kept, by the contract.
#[derive(Clone, Default)]
struct Plain {
    people: Vec<Person>,
    items: Vec<Item>,
    last: u64,
}

#[derive(Clone)]
struct Person {
    account: AccountId,
    position: u64,
    /// What was handed in of snapshots: those that are complete, and the one that is not.
    snapshot: Vec<Loaded>,
    draft: Vec<Loaded>,
    batches: Vec<Loaded>,
}

#[derive(Clone)]
struct Item {
    id: u64,
    account: AccountId,
    references: i64,
    pieces: usize,
}

impl Person {
    fn new(account: AccountId) -> Self {
        Self {
            account,
            position: 0,
            snapshot: Vec::new(),
            draft: Vec::new(),
            batches: Vec::new(),
        }
    }
}

impl Item {
    fn is_whole(&self) -> bool {
        self.id < LARGE || self.pieces == 2
    }
}

fn position_of(loaded: &Loaded) -> u64 {
    match loaded {
        Loaded::Snapshot(position, _) | Loaded::Batch(position, _) => position.0,
    }
}

impl Plain {
    /// The entry that is wished for.
    fn entry(&self, wish: &Wish) -> Entry {
        match wish {
            Wish::Batch {
                person,
                skew,
                new,
                messages,
                dropped,
            } => {
                let person = &self.people[*person];
                let messages: Vec<(u32, u64)> = (1..).zip(messages.iter().copied()).collect();
                Entry::Batch(Batch {
                    account: person.account,
                    position: Position((person.position + 1).wrapping_add(*skew)),
                    changes: vec![added(&messages)],
                    contents: new.iter().map(|&id| (ContentId(id), content(id))).collect(),
                    dropped: dropped.iter().copied().map(ContentId).collect(),
                })
            }
            Wish::Piece { person, id, number } => {
                pieces(self.people[*person].account, *id, &content(*id)).remove(*number)
            }
            Wish::Collect(ids) => Entry::Collect {
                contents: ids.iter().copied().map(ContentId).collect(),
            },
            Wish::Snapshot {
                person,
                behind,
                number,
                last,
            } => {
                let person = &self.people[*person];
                Entry::Snapshot {
                    account: person.account,
                    position: Position(person.position.saturating_sub(*behind)),
                    number: *number,
                    changes: vec![added(&[(*number, person.position)])],
                    last: *last,
                }
            }
        }
    }

    /// Takes an entry; none if it does not follow.
    fn take(&mut self, entry: &Entry) -> Option<()> {
        match entry {
            Entry::Batch(batch) => self.take_batch(batch),
            Entry::Piece {
                account, id, range, ..
            } => {
                if range.start == 0 {
                    self.take_new(*account, id.0)?;
                }
                let item = self.items.iter_mut().find(|item| item.id == id.0)?;
                let due = item.account == *account && item.pieces * PIECE == range.start;
                item.pieces += 1;
                due.then_some(())
            }
            Entry::Collect { contents } => {
                self.items
                    .retain(|item| item.references > 0 || !contents.contains(&ContentId(item.id)));
                Some(())
            }
            Entry::Snapshot {
                account,
                position,
                number,
                changes,
                last,
            } => {
                let person = self
                    .people
                    .iter_mut()
                    .find(|person| person.account == *account)?;
                let least = person.snapshot.first().map_or(0, position_of);
                if *number == 0 {
                    person.draft.clear();
                }
                let same = person
                    .draft
                    .iter()
                    .all(|piece| position_of(piece) == position.0);
                let due = person.draft.len() == *number as usize;
                let possible = (least..=person.position).contains(&position.0);
                person
                    .draft
                    .push(Loaded::Snapshot(*position, changes.clone()));
                if *last {
                    person.snapshot = std::mem::take(&mut person.draft);
                    person
                        .batches
                        .retain(|batch| position_of(batch) > position.0);
                }
                (same && due && possible).then_some(())
            }
        }
    }

    fn take_batch(&mut self, batch: &Batch) -> Option<()> {
        let person = self
            .people
            .iter_mut()
            .find(|person| person.account == batch.account)?;
        person.position += 1;
        let follows = batch.position.0 == person.position;
        let changes = batch.changes.clone();
        person.batches.push(Loaded::Batch(batch.position, changes));
        for (id, _) in &batch.contents {
            self.take_new(batch.account, id.0)?;
        }
        // Those that arrive count before those that go: they may be the same.
        let steps = batch.changes.iter().flat_map(|change| match change {
            tandem_model::Change::Added { messages, .. } => messages.clone(),
            _ => Vec::new(),
        });
        let steps = steps.map(|message| (message.content, 1));
        let steps = steps.chain(batch.dropped.iter().map(|&id| (id, -1)));
        let mut sums = std::collections::BTreeMap::new();
        for (id, step) in steps {
            *sums.entry(id).or_insert(0) += step;
        }
        for (id, sum) in sums.into_iter().filter(|&(_, sum)| sum != 0) {
            let item = self.items.iter_mut().find(|item| item.id == id.0)?;
            item.references += sum;
            let possible = item.references >= 0 && item.is_whole() && item.account == batch.account;
            possible.then_some(())?;
        }
        follows.then_some(())
    }

    fn take_new(&mut self, account: AccountId, id: u64) -> Option<()> {
        let known = self.items.iter().any(|item| item.id == id);
        self.items.push(Item {
            id,
            account,
            references: 0,
            pieces: 0,
        });
        self.last = self.last.max(id);
        (!known).then_some(())
    }

    /// Nobody is owed anything, and nothing is under way.
    fn reopen(&mut self) {
        self.items.retain(|item| item.references > 0);
        for person in &mut self.people {
            person.draft.clear();
        }
    }

    /// The engine keeps this, and nothing else.
    /// What has arrived of this id, if all of it has.
    fn whole(&self, id: u64) -> Option<&Item> {
        let mut whole = self.items.iter().filter(|item| item.is_whole());
        whole.find(|item| item.id == id)
    }

    fn is_kept_by(&self, ground: &Ground) -> Result<(), TestCaseError> {
        for person in &self.people {
            let all = [&person.snapshot[..], &person.batches].concat();
            prop_assert_eq!(ground.load(person.account), Ok(all));
            let theirs = self
                .items
                .iter()
                .filter(|item| item.account == person.account);
            let mut theirs: Vec<_> = theirs
                .map(|item| (ContentId(item.id), item.references.unsigned_abs()))
                .collect();
            theirs.sort();
            prop_assert_eq!(ground.storage.references(person.account), Ok(theirs));
        }
        let ids = IDS.map(ContentId);
        for part in [Part::Digest, Part::Header, Part::Whole] {
            let together = ground.storage.read_all(&ids, part, usize::MAX);
            let first = ground.storage.read_all(&ids, part, 1).len();
            let has_octets = |found: &Result<
                Option<crate::content::Found>,
                crate::storage::Failure,
            >| { matches!(found, Ok(Some(_))) };
            let expected = together
                .iter()
                .position(has_octets)
                .map_or(ids.len(), |at| at + 1);
            prop_assert_eq!(first, expected);
            prop_assert_eq!(together.len(), ids.len());
            for (id, found) in IDS.into_iter().zip(together) {
                let (item, found) = (self.whole(id), found.unwrap());
                let alone = ground.storage.read(ContentId(id), part).unwrap();
                prop_assert!(found == alone, "{:?} of content {}", part, id);
                let right = found == item.map(|item| content(item.id).read(part));
                prop_assert!(right, "{:?} of content {}", part, id);
            }
        }
        prop_assert_eq!(ground.storage.last_content(), Ok(ContentId(self.last)));
        Ok(())
    }
}

/// Does it to both; the plain list says first what has to come of it.
fn perform(act: &Act, plain: &mut Plain, ground: &mut Ground) -> Result<(), TestCaseError> {
    match act {
        Act::Group(wishes) => {
            let mut then = plain.clone();
            let mut follows = true;
            let mut group = Vec::new();
            for wish in wishes {
                let entry = then.entry(wish);
                follows &= then.take(&entry).is_some();
                group.push(entry);
            }
            let committed = ground.storage.commit(&group);
            if follows {
                *plain = then;
                prop_assert_eq!(committed, Ok(()));
            } else {
                prop_assert!(
                    matches!(committed, Err(Failure::Damaged(_))),
                    "{:?}",
                    committed
                );
            }
        }
        Act::Reopen => {
            if ground.reopen() {
                plain.reopen();
            }
        }
        Act::Correct(id, references) => {
            let item = plain
                .items
                .iter_mut()
                .find(|item| item.id == *id && item.is_whole());
            if let Some(item) = item {
                item.references = i64::try_from(*references).unwrap();
                plain
                    .items
                    .retain(|item| item.id != *id || item.references > 0);
                prop_assert_eq!(ground.storage.correct(ContentId(*id), *references), Ok(()));
            }
        }
        Act::Replace(person) => {
            let gone = plain.people[*person].account;
            prop_assert_eq!(ground.storage.remove_owner(gone), Ok(()));
            plain.items.retain(|item| item.account != gone);
            let owner = ground.storage.add_owner(PEOPLE[*person], None).unwrap();
            plain.people[*person] = Person::new(owner.account);
        }
    }
    if ground.restless && ground.reopen() {
        plain.reopen();
    }
    plain.is_kept_by(ground)
}

pub(crate) fn random_groups_do_what_a_plain_list_does(ground: &dyn Fn() -> Ground) {
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&vec(act(), 1..25), |acts| {
        let mut ground = ground();
        let mut plain = Plain::default();
        for name in PEOPLE {
            let owner = ground.storage.add_owner(name, None).unwrap();
            plain.people.push(Person::new(owner.account));
        }
        for act in &acts {
            perform(act, &mut plain, &mut ground)?;
        }
        prop_assert_eq!(ground.storage.examine(), Ok(vec![]));
        Ok(())
    });
    outcome.unwrap();
}
