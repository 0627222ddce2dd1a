//! The bytes of messages, in memory, by [`ContentId`].
//!
//! Touches nothing else. What is in here is counted: once for every message of any mailbox that has this content.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tandem_model::number::ContentId;

/// How many locks the contents are spread over.
const SHARDS: usize = 16;

/// Message contents with the number of references to each.
#[derive(Debug, Default)]
pub struct Contents {
    last: AtomicU64,
    shards: [Mutex<HashMap<ContentId, Counted>>; SHARDS],
}

/// One content. INVARIANT: `count` is at least 1.
#[derive(Debug)]
struct Counted {
    bytes: Arc<[u8]>,
    count: u64,
}

impl Contents {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps these bytes, with one reference. The identifier has not been used before and will not be again.
    pub fn insert(&self, bytes: impl Into<Arc<[u8]>>) -> ContentId {
        let id = ContentId(self.last.fetch_add(1, Ordering::Relaxed).saturating_add(1));
        self.shard(id).insert(
            id,
            Counted {
                bytes: bytes.into(),
                count: 1,
            },
        );
        id
    }

    /// Counts one more reference, as for a message made by COPY; whether the content is there.
    pub fn retain(&self, id: ContentId) -> bool {
        match self.shard(id).get_mut(&id) {
            Some(counted) => {
                counted.count = counted.count.saturating_add(1);
                true
            }
            None => false,
        }
    }

    /// Counts one reference less, and forgets the bytes with the last; whether the content was there. Whoever holds the
    /// bytes from [`Self::get`] keeps them.
    pub fn release(&self, id: ContentId) -> bool {
        let mut shard = self.shard(id);
        match shard.get_mut(&id) {
            Some(counted) if counted.count > 1 => {
                counted.count -= 1;
                true
            }
            Some(_) => {
                let gone = shard.remove(&id);
                // Freeing the bytes may take long; not under the lock.
                drop(shard);
                gone.is_some()
            }
            None => false,
        }
    }

    /// The bytes.
    #[must_use]
    pub fn get(&self, id: ContentId) -> Option<Arc<[u8]>> {
        self.shard(id)
            .get(&id)
            .map(|counted| Arc::clone(&counted.bytes))
    }

    /// How many references there are; 0 if it is not there.
    #[must_use]
    pub fn count(&self, id: ContentId) -> u64 {
        self.shard(id).get(&id).map_or(0, |counted| counted.count)
    }

    /// How many contents are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| locked(shard).len()).sum()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, id: ContentId) -> MutexGuard<'_, HashMap<ContentId, Counted>> {
        let index = usize::try_from(id.0).unwrap_or_default() % SHARDS;
        let [first, ..] = &self.shards;
        locked(self.shards.get(index).unwrap_or(first))
    }
}

/// The lock, whether or not its last holder panicked: every change of a shard is a single call.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_forgotten_with_its_last_reference() {
        let contents = Contents::new();
        let id = contents.insert(*b"one");
        assert!(contents.retain(id));
        assert_eq!(contents.count(id), 2);
        assert!(contents.release(id));
        assert_eq!(contents.get(id).as_deref(), Some(&b"one"[..]));
        assert!(contents.release(id));
        assert_eq!((contents.get(id), contents.len()), (None, 0));
        assert!(!contents.release(id));
        assert!(!contents.retain(id));
    }

    #[test]
    fn bytes_that_are_held_outlive_their_content() {
        let contents = Contents::new();
        let id = contents.insert(*b"held");
        let held = contents.get(id);
        assert!(contents.release(id));
        assert!(contents.is_empty());
        assert_eq!(held.as_deref(), Some(&b"held"[..]));
    }

    #[test]
    fn identifiers_are_never_used_again() {
        let contents = Contents::new();
        let first = contents.insert(*b"a");
        contents.release(first);
        let second = contents.insert(*b"a");
        assert_ne!(first, second);
        assert_eq!(contents.get(first), None);
    }

    #[test]
    fn counts_are_exact_when_many_threads_change_them() {
        const THREADS: u64 = 4;
        const ROUNDS: u64 = 1_000;
        let contents = Contents::new();
        let shared = contents.insert(*b"shared");
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let contents = &contents;
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let own = contents.insert(*b"own");
                        assert!(contents.retain(shared));
                        if (thread + round) % 2 == 0 {
                            assert!(contents.release(shared));
                        }
                        assert!(contents.release(own));
                    }
                });
            }
        });
        assert_eq!(contents.count(shared), 1 + THREADS * ROUNDS / 2);
        assert_eq!(contents.len(), 1);
    }
}
