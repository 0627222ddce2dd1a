//! Which contents of an account may not go yet though no message has them.
//!
//! Touches nothing. RFC 2180 section 4.1.1: what a session has not been told to be expunged may still be fetched.
//!
//! Theory of operation. Two things hold a content: ghosts, which are counted by content; and pages of responses that are being written, for
//! which it is read outside of the account's lock. Pages are not counted by content: each has a turn, and what
//! was let go in a turn is collected when no page of that turn or before is left. So a page costs the same whatever is on it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use tandem_model::{batch::References, number::ContentId};

/// What holds contents, and what waits for being let go.
#[derive(Debug, Default)]
pub(super) struct Holds {
    /// How many ghosts have each.
    ghosts: HashMap<ContentId, u32>,
    /// The turns of pages that are being written.
    pages: BTreeSet<u64>,
    turn: u64,
    /// What has been let go, with the turn in which it was.
    waiting: VecDeque<(u64, ContentId)>,
}

impl Holds {
    /// A page begins to be written; its turn.
    pub(super) fn begin(&mut self) -> u64 {
        self.turn += 1;
        self.pages.insert(self.turn);
        self.turn
    }

    /// A page has been written.
    pub(super) fn end(&mut self, turn: u64) {
        self.pages.remove(&turn);
    }

    /// A step has changed what refers to contents.
    pub(super) fn change(&mut self, references: References) {
        let References {
            dropped,
            haunted,
            released,
        } = references;
        for content in haunted {
            *self.ghosts.entry(content).or_default() += 1;
        }
        for content in &released {
            if let Some(count) = self.ghosts.get_mut(content) {
                *count -= 1;
                if *count == 0 {
                    self.ghosts.remove(content);
                }
            }
        }
        for content in dropped.into_iter().chain(released) {
            if !self.ghosts.contains_key(&content) {
                self.let_go(content);
            }
        }
    }

    /// Nothing of the account's has this content, or has it no longer.
    pub(super) fn let_go(&mut self, content: ContentId) {
        self.waiting.push_back((self.turn, content));
    }

    /// What may be collected now.
    pub(super) fn ready(&mut self) -> Vec<ContentId> {
        let oldest = self.pages.first().copied().unwrap_or(u64::MAX);
        let ready = self.waiting.partition_point(|&(turn, _)| turn < oldest);
        let ghosts = &self.ghosts;
        self.waiting
            .drain(..ready)
            .map(|(_, content)| content)
            // Another message had it, and haunts now: it is let go once more when that ghost goes.
            .filter(|content| !ghosts.contains_key(content))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(contents: &[u64]) -> References {
        References {
            dropped: contents.iter().copied().map(ContentId).collect(),
            ..References::default()
        }
    }

    #[test]
    fn what_nobody_holds_goes_at_once() {
        let mut holds = Holds::default();
        holds.change(dropped(&[1, 2]));
        assert_eq!(holds.ready(), [ContentId(1), ContentId(2)]);
        assert!(holds.ready().is_empty());
    }

    #[test]
    fn a_content_waits_for_the_last_of_its_ghosts() {
        let mut holds = Holds::default();
        let haunted = vec![ContentId(1), ContentId(1)];
        holds.change(References {
            haunted: haunted.clone(),
            ..dropped(&[1, 1])
        });
        assert!(holds.ready().is_empty());
        let released = |contents: &[ContentId]| References {
            released: contents.to_vec(),
            ..References::default()
        };
        holds.change(released(&haunted[..1]));
        assert!(holds.ready().is_empty());
        holds.change(released(&haunted[..1]));
        assert_eq!(holds.ready(), [ContentId(1)]);
    }

    #[test]
    fn a_content_that_haunts_again_while_it_waits_for_a_page_is_held() {
        let mut holds = Holds::default();
        let page = holds.begin();
        holds.change(dropped(&[1]));
        holds.change(References {
            haunted: vec![ContentId(1)],
            ..dropped(&[1])
        });
        holds.end(page);
        assert!(holds.ready().is_empty());
        holds.change(References {
            released: vec![ContentId(1)],
            ..References::default()
        });
        assert_eq!(holds.ready(), [ContentId(1)]);
    }

    #[test]
    fn a_content_waits_for_the_pages_that_were_there_when_it_was_let_go_and_for_no_later_one() {
        let mut holds = Holds::default();
        let (first, second) = (holds.begin(), holds.begin());
        holds.change(dropped(&[1]));
        let third = holds.begin();
        holds.end(first);
        assert!(holds.ready().is_empty());
        holds.end(second);
        assert_eq!(holds.ready(), [ContentId(1)]);
        holds.end(third);
        assert!(holds.ready().is_empty() && holds.waiting.is_empty());
    }
}
