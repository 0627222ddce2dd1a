//! The messages of a stage, counted.
//!
//! Touches nothing else: one reference for each message and each ghost that has it.

use std::{collections::BTreeMap, sync::Arc};
use tandem_model::number::ContentId;
use tandem_server::content::Content;

/// Messages with the number of references to each.
#[derive(Debug, Default)]
pub struct Contents {
    last: u64,
    kept: BTreeMap<ContentId, (Arc<Content>, usize)>,
}

impl Contents {
    /// Keeps a message, with one reference.
    pub fn insert(&mut self, octets: Vec<u8>) -> ContentId {
        self.last += 1;
        let id = ContentId(self.last);
        self.kept.insert(id, (Arc::new(Content::new(octets)), 1));
        id
    }

    /// Counts one reference more; whether it is there.
    pub fn retain(&mut self, id: ContentId) -> bool {
        let kept = self.kept.get_mut(&id);
        kept.map(|(_, count)| *count += 1).is_some()
    }

    /// Counts one reference less, and forgets it with the last; whether it was there.
    pub fn release(&mut self, id: ContentId) -> bool {
        let Some((_, count)) = self.kept.get_mut(&id) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.kept.remove(&id);
        }
        true
    }

    /// The message.
    #[must_use]
    pub fn get(&self, id: ContentId) -> Option<Arc<Content>> {
        self.kept.get(&id).map(|(content, _)| Arc::clone(content))
    }
}
