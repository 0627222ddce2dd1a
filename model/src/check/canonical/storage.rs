//! Of a world's bytes, those of what outlives a crash.
//!
//! Touches nothing. There are none in a world whose server does not crash.

use super::{account, count, flag_byte, hash_name, small};
use crate::{
    check::{
        chronicle::Fact,
        journal::{Journal, Storage},
        world::Sent,
    },
    number::{ContentId, Position, Uid, UidValidity},
};
use alloc::vec::Vec;

/// What is durable, and of what is not all but the last step, which is what is left of the account; then what must not be taken back.
pub(super) fn write(out: &mut Vec<u8>, storage: &Storage) {
    if let Some(journal) = &storage.journal {
        out.push(count(journal.tail.len()));
        for entry in journal.moments().take(journal.tail.len()) {
            account(out, &entry.left, true);
            for &(name, mailbox) in &entry.memory.moved {
                out.extend([name, small(mailbox.0)]);
            }
        }
    }
    out.push(count(storage.chronicle.claims().len()));
    for claim in storage.chronicle.claims() {
        write_fact(out, &claim.fact);
        out.push(claim.property as u8);
    }
}

fn write_fact(out: &mut Vec<u8>, fact: &Fact) {
    let mut message = |kind: u8, of: UidValidity, uid: Uid, content: ContentId| {
        out.extend([kind, small(of.0), small(uid.0), content.0.to_le_bytes()[0]]);
    };
    match fact {
        Fact::There(of, uid, content) => message(1, *of, *uid, *content),
        Fact::Gone(of, uid) => message(2, *of, *uid, ContentId(0)),
        Fact::Given(of, uid, content) => message(3, *of, *uid, *content),
        Fact::Flags {
            uid_validity,
            uid,
            among,
            flags,
        } => {
            message(4, *uid_validity, *uid, ContentId(0));
            out.extend([flag_byte(*among), flag_byte(*flags)]);
        }
        Fact::Named(name, of) => {
            message(5, of.unwrap_or_default(), Uid(0), ContentId(0));
            hash_name(out, name);
        }
    }
}

/// What a response waits for, as far as it is not durable yet. What claims of it is durable when it leaves is forgotten at once.
pub(super) fn write_held(out: &mut Vec<u8>, sent: &Sent, journal: &Journal) {
    let Some(held) = &sent.held else { return };
    let beyond = |position: Position| {
        u8::try_from(position.0.saturating_sub(journal.position().0)).unwrap_or(u8::MAX)
    };
    out.extend([beyond(held.awaits), beyond(held.made)]);
    if held.made > journal.position() {
        out.push(count(held.claims.len()));
        for claim in &held.claims {
            write_fact(out, &claim.fact);
        }
    }
}
