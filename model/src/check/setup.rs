//! Which world is checked, and under which practices, where two of them are checked together.
//!
//! Touches nothing. RFC 2180 section 3.

use super::alphabet::Scene;
use crate::practice::{Deletion, Practice, Renaming};

/// Which world is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// What the clients are about.
    pub scene: Scene,
    /// How many clients there are.
    pub clients: usize,
    /// How many messages there are at the beginning; the last of them is \Deleted.
    pub messages: usize,
    /// How many commands a client may have in flight.
    pub pipeline: usize,
    /// How many connections may break.
    pub breaks: u8,
    /// How often the server may crash; 0: every step is durable at once.
    pub crashes: u8,
    /// Of orders that make no difference only one is taken, as `check/reduction.rs` says.
    pub reduced: bool,
    /// What the server does, and which fault is planted in it.
    pub practice: Practice,
}

impl Setup {
    /// Two clients and two messages, nothing pipelined; one connection that may break or, in the scenes about that, one crash.
    #[must_use]
    pub const fn new(scene: Scene, practice: Practice) -> Self {
        let crashes = scene.crashes();
        Self {
            scene,
            clients: 2,
            messages: 2,
            pipeline: 1,
            breaks: 1_u8.saturating_sub(crashes),
            crashes,
            reduced: false,
            practice,
        }
    }
}

/// Every way to delete with every way to rename, which meet in one mailbox that is open; the other practices have their defaults.
pub fn deletions_and_renamings() -> impl Iterator<Item = Practice> {
    Deletion::ALL.iter().flat_map(|&deletion| {
        Renaming::ALL.iter().map(move |&renaming| Practice {
            deletion,
            renaming,
            ..Practice::default()
        })
    })
}
