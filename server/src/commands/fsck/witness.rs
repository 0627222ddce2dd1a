//! Whether a change can be true of an account. Applying one asks no questions, so that this has to.
//!
//! Touches nothing. RFC 3501 section 2.3.1.1 (UIDs ascend and are never used again), RFC 7162 section 3.1 (so do MODSEQs).

use tandem_model::{
    Account, Change,
    flags::{Flags, Keywords},
    mailbox::Mailbox,
    number::{MailboxId, ModSeq, Uid},
};

/// Where a change stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a snapshot: it makes what is there.
    Snapshot,
    /// In the journal: it is what happened.
    Journal,
}

/// What is wrong with a change that is about to be applied, if anything.
pub(super) fn contradiction(account: &Account, change: &Change, place: Place) -> Option<String> {
    if !belongs(change, place) {
        return Some(match place {
            Place::Snapshot => "the snapshot has a change that only a journal can have".into(),
            Place::Journal => "the journal has a change that it cannot have".into(),
        });
    }
    match change {
        Change::Created {
            name,
            mailbox,
            uid_validity,
        } => {
            let taken = matches!(account.place_of(name), Some(Some(_)));
            let what = if taken {
                "a name that is taken"
            } else if *mailbox < account.next_mailbox() {
                "an id that was given before"
            } else if *uid_validity <= account.last_uid_validity() {
                "a UIDVALIDITY that is not above all before"
            } else {
                return None;
            };
            Some(format!("a mailbox `{name}` is created with {what}"))
        }
        Change::Placed { name } => account
            .place_of(name)
            .map(|_| format!("the name `{name}` is placed twice")),
        Change::Deleted { name, .. } => (account.place_of(name).is_none())
            .then(|| format!("`{name}` is deleted, and was not there")),
        Change::Renamed { names, .. } => names
            .iter()
            .find(|(old, _)| account.place_of(old).is_none())
            .map(|(old, _)| format!("`{old}` is renamed, and was not there")),
        Change::Added { mailbox, .. }
        | Change::Flagged { mailbox, .. }
        | Change::KeywordAdded { mailbox, .. }
        | Change::Expunged { mailbox, .. }
        | Change::Claimed { mailbox, .. }
        | Change::Counted { mailbox, .. }
        | Change::Remembered { mailbox, .. } => within(account, *mailbox, change, place),
        // Subscriptions are to names, there or not; the others are told above, or are not kept.
        Change::Subscribed { .. }
        | Change::Unsubscribed { .. }
        | Change::Numbered { .. }
        | Change::Opened { .. }
        | Change::Told { .. }
        | Change::Left { .. }
        | Change::Evicted { .. }
        | Change::Dismissed { .. } => None,
    }
}

/// Whether a change of this kind can stand here.
fn belongs(change: &Change, place: Place) -> bool {
    match change {
        Change::Created { .. }
        | Change::Placed { .. }
        | Change::Subscribed { .. }
        | Change::Added { .. }
        | Change::KeywordAdded { .. } => true,
        Change::Deleted { .. }
        | Change::Renamed { .. }
        | Change::Unsubscribed { .. }
        | Change::Flagged { .. }
        | Change::Expunged { .. }
        | Change::Claimed { .. } => place == Place::Journal,
        Change::Counted { .. } | Change::Numbered { .. } | Change::Remembered { .. } => {
            place == Place::Snapshot
        }
        Change::Opened { .. }
        | Change::Told { .. }
        | Change::Left { .. }
        | Change::Evicted { .. }
        | Change::Dismissed { .. } => false,
    }
}

/// The same of what happens in one mailbox.
fn within(account: &Account, id: MailboxId, change: &Change, place: Place) -> Option<String> {
    let Some(mailbox) = account.mailbox_by_id(id) else {
        // A mailbox that was deleted while somebody had it open went on for them, in a journal that has the deletion already.
        let was_there = place == Place::Journal && id < account.next_mailbox();
        return (!was_there).then(|| format!("a mailbox {id} is changed that never was"));
    };
    let what = match change {
        Change::Added { messages, .. } => {
            let uids = messages.iter().map(|message| message.uid);
            let modseqs = messages.iter().map(|message| message.modseq);
            let mut flags = messages.iter().map(|message| message.flags);
            if !ascends(uids, Uid(mailbox.uid_next().0.saturating_sub(1))) {
                "messages arrive whose UIDs do not ascend"
            } else if !flags.all(|flags| knows(mailbox.keywords(), flags)) {
                UNKNOWN_KEYWORD
            } else if place == Place::Journal && !all_above(modseqs, mailbox) {
                "messages arrive with a MODSEQ that is not above all before"
            } else {
                return None;
            }
        }
        Change::Flagged { modseq, flags, .. } => {
            if !flags
                .iter()
                .all(|&(_, flags)| knows(mailbox.keywords(), flags))
            {
                UNKNOWN_KEYWORD
            } else {
                touched(mailbox, *modseq, flags.iter().map(|&(uid, _)| uid))?
            }
        }
        Change::Expunged { modseq, uids, .. } => touched(mailbox, *modseq, uids.iter().copied())?,
        Change::KeywordAdded { keyword, .. } => {
            let keywords = mailbox.keywords();
            if keywords.index(keyword).is_some() || !keywords.has_room() {
                "a keyword is added that is known, or for which there is no room"
            } else {
                return None;
            }
        }
        Change::Claimed { to, .. } if *to >= mailbox.uid_next() => {
            "messages were \\Recent that have not arrived"
        }
        Change::Counted {
            uid_next,
            highest_modseq,
            flags_changed,
            claimed_to,
            ..
        } => {
            if *uid_next < mailbox.uid_next() || *highest_modseq < mailbox.highest_modseq() {
                "UIDNEXT or the highest MODSEQ is not above all messages"
            } else if flags_changed > highest_modseq || claimed_to >= uid_next {
                "its numbers contradict each other"
            } else {
                return None;
            }
        }
        _ => return None,
    };
    Some(format!("in `{}` {what}", mailbox.name()))
}

const UNKNOWN_KEYWORD: &str = "a message has a keyword that the mailbox does not know";

/// The same of messages that are there.
fn touched(
    mailbox: &Mailbox,
    modseq: ModSeq,
    uids: impl Iterator<Item = Uid> + Clone,
) -> Option<&'static str> {
    if modseq <= mailbox.highest_modseq() {
        Some("messages change with a MODSEQ that is not above all before")
    } else if !ascends(uids.clone(), Uid(0)) {
        Some("messages change in the wrong order")
    } else if !uids
        .into_iter()
        .all(|uid| mailbox.list().find(uid).is_some())
    {
        Some("messages change that are not there")
    } else {
        None
    }
}

fn ascends(uids: impl Iterator<Item = Uid>, after: Uid) -> bool {
    uids.scan(after, |last, uid| {
        let ascends = uid > *last;
        *last = uid;
        Some(ascends)
    })
    .all(|ascends| ascends)
}

fn all_above(mut modseqs: impl Iterator<Item = ModSeq>, mailbox: &Mailbox) -> bool {
    modseqs.all(|modseq| modseq > mailbox.highest_modseq())
}

/// Whether a mailbox has all the keywords of these flags.
fn knows(keywords: &Keywords, flags: Flags) -> bool {
    let known = (0..keywords.list().len()).fold(Flags::SYSTEM, |known, index| {
        known.with(Flags::keyword(index))
    });
    known.contains(flags)
}
