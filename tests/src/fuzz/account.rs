//! Several sessions of one account.
//!
//! Touches nothing: scripts, clients and what has to hold are those of the tests' random scripts.

use crate::random::{Script, World, invariants, play};
use tandem_model::Fault;

/// Numberings are compared with their definition in mailboxes of no more messages: every range of them is.
const FEW: usize = 12;

/// Judges the model on what any bytes make several sessions do, under any practice.
pub fn account(data: &[u8]) {
    account_with(data, None);
}

/// The same, with a fault in the model: what judges has to find it.
pub fn account_with(data: &[u8], fault: Option<Fault>) {
    let Some(mut script) = Script::of_bytes(data) else {
        return;
    };
    script.practice.fault = fault;
    let played = play(&script, numberings);
    if let Err(fault) = played {
        panic!("{fault}");
    }
}

fn numberings(world: &World) -> Result<(), String> {
    let mut mailboxes = world.account().mailboxes().iter();
    if mailboxes.all(|mailbox| mailbox.messages().count() <= FEW) {
        invariants::check_numberings(world.account())
    } else {
        Ok(())
    }
}
