//! Everything that a step can do in place of what it does, made by one change of that; and what it can say of it that is not so.
//!
//! Touches accounts of its own.

use crate::{
    account::Account,
    batch::Batch,
    change::Change,
    check::rules::step::Step,
    flags::Flags,
    mailbox::Mailbox,
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, ModSeq, Uid, UidValidity},
};
use alloc::{
    format,
    string::{String, ToString},
    sync::Arc,
    vec,
    vec::Vec,
};

/// What kind of change it is.
pub(super) fn kind(change: &Change) -> &'static str {
    match change {
        Change::Created { .. } => "created",
        Change::Placed { .. } => "placed",
        Change::Deleted { .. } => "deleted",
        Change::Renamed { .. } => "renamed",
        Change::Subscribed { .. } => "subscribed",
        Change::Unsubscribed { .. } => "unsubscribed",
        Change::Added { .. } => "added",
        Change::Flagged { .. } => "flagged",
        Change::KeywordAdded { .. } => "keyword added",
        Change::Expunged { .. } => "expunged",
        Change::Claimed { .. } => "claimed",
        Change::Counted { .. } => "counted",
        Change::Numbered { .. } => "numbered",
        Change::Remembered { .. } => "remembered",
        Change::Opened { .. } => "opened",
        Change::Told { .. } => "told",
        Change::Left { .. } => "left",
        Change::Evicted { .. } => "evicted",
        Change::Dismissed { .. } => "dismissed",
    }
}

/// All of them, each with how it differs and the account that it makes.
pub(super) fn spoilt(
    before: &Account,
    after: &Arc<Account>,
    step: &Step,
) -> Vec<(String, Step, Arc<Account>)> {
    let changes = &step.batch.changes;
    let mut all: Vec<(String, Step, Arc<Account>)> = vec![];
    let mut done = |how: String, changes: Vec<Change>| {
        let mut account = before.clone();
        let replayed = account.replay(&changes);
        let batch = Batch {
            changes,
            ..replayed
        };
        let step = Step {
            batch,
            ..step.clone()
        };
        all.push((how, step, Arc::new(account)));
    };
    if !changes.is_empty() {
        done("nothing is done".to_string(), vec![]);
    }
    for (at, change) in changes.iter().enumerate() {
        let kind = kind(change);
        let mut with = |how: &str, instead: &[Change]| {
            let mut other = changes.clone();
            other.splice(at..=at, instead.iter().cloned());
            done(format!("{kind}: {how}"), other);
        };
        with("not done", &[]);
        for (how, other) in otherwise(after, change) {
            with(how, &[other]);
        }
    }
    for (how, more) in strays(after) {
        let mut other = changes.clone();
        other.push(more);
        done(format!("{how} as well"), other);
    }
    all.extend(lies(after, step));
    all
}

/// What it can say of what it did that is not so.
fn lies(after: &Arc<Account>, step: &Step) -> Vec<(String, Step, Arc<Account>)> {
    let mut all = vec![];
    let mut says = |how: &str, batch: Batch| {
        let step = Step {
            batch,
            ..step.clone()
        };
        all.push((how.to_string(), step, after.clone()));
    };
    let batch = || step.batch.clone();
    let mut other = batch();
    other.position = other.position.next();
    says("another position is said", other);
    let mut other = batch();
    other.references.dropped.push(ContentId(1));
    says("another reference is dropped, it is said", other);
    let mut other = batch();
    other.changes.pop();
    says("the last change is not said", other);
    let mut other = batch();
    other.changes.push(Change::Subscribed {
        name: MailboxName::new("Z"),
    });
    says("a change is said that was not made", other);
    all
}

fn toggled(flags: Flags) -> Flags {
    Flags(flags.0 ^ Flags::FLAGGED.0)
}

/// One change otherwise.
fn otherwise(after: &Account, change: &Change) -> Vec<(&'static str, Change)> {
    let another = |id| {
        let mut others = after.mailboxes().iter().map(|other| other.id());
        others.find(|other| *other != id)
    };
    let mut all = vec![];
    match change {
        Change::Added { mailbox, messages } => {
            let with = |mailbox, messages| Change::Added { mailbox, messages };
            let altered = |alter: fn(&mut Message)| {
                let mut messages = messages.clone();
                messages.last_mut().map(alter);
                with(*mailbox, messages)
            };
            all.push((
                "of another content",
                altered(|last| last.content = ContentId(last.content.0 + 7)),
            ));
            all.push((
                "of other flags",
                altered(|last| last.flags = toggled(last.flags)),
            ));
            all.push(("of another UID", altered(|last| last.uid = last.uid.next())));
            all.push(("of fewer", with(*mailbox, messages[1..].to_vec())));
            if let Some(other) = another(*mailbox) {
                all.push(("elsewhere", with(other, messages.clone())));
            }
        }
        Change::Flagged {
            mailbox,
            modseq,
            flags,
        } => {
            let with = |flags| Change::Flagged {
                mailbox: *mailbox,
                modseq: *modseq,
                flags,
            };
            let mut other = flags.clone();
            other[0].1 = toggled(other[0].1);
            all.push(("otherwise", with(other)));
            all.push(("of fewer", with(flags[1..].to_vec())));
        }
        Change::Expunged {
            mailbox,
            modseq,
            uids,
            keeps_content,
        } => {
            let with = |uids, keeps_content| Change::Expunged {
                mailbox: *mailbox,
                modseq: *modseq,
                uids,
                keeps_content,
            };
            all.push(("of fewer", with(uids[1..].to_vec(), *keeps_content)));
            all.push((
                "with its content or without",
                with(uids.clone(), !keeps_content),
            ));
        }
        Change::Created {
            name,
            mailbox,
            uid_validity,
        } => {
            // One that was given last, and the first of all.
            for old in [UidValidity(uid_validity.0 - 1), UidValidity(1)] {
                let name = name.clone();
                let mailbox = *mailbox;
                let uid_validity = old;
                let created = Change::Created {
                    name,
                    mailbox,
                    uid_validity,
                };
                all.push(("with an old UIDVALIDITY", created));
            }
        }
        Change::Renamed { names, remembered } => {
            let mut other = names.clone();
            other[0].1 = MailboxName::new("Z");
            all.push((
                "otherwise",
                Change::Renamed {
                    names: other,
                    remembered: *remembered,
                },
            ));
            all.push((
                "remembered or not",
                Change::Renamed {
                    names: names.clone(),
                    remembered: !remembered,
                },
            ));
        }
        _ => {}
    }
    all
}

/// What may be done though nothing calls for it.
fn strays(after: &Account) -> Vec<(&'static str, Change)> {
    let mut all = vec![
        (
            "a mailbox is made",
            Change::Created {
                name: MailboxName::new("Z"),
                mailbox: after.next_mailbox(),
                uid_validity: after.last_uid_validity().next(),
            },
        ),
        (
            "a name is subscribed to",
            Change::Subscribed {
                name: MailboxName::new("Z"),
            },
        ),
    ];
    for (name, mailbox) in after.names() {
        let Some(mailbox) = mailbox.and_then(|id| after.mailbox_by_id(id)) else {
            continue;
        };
        if !name.is_inbox() {
            all.push((
                "a mailbox is deleted",
                Change::Deleted {
                    name: name.clone(),
                    keeps_name: false,
                },
            ));
        }
        all.extend(within(mailbox));
    }
    all
}

fn within(mailbox: &Mailbox) -> Vec<(&'static str, Change)> {
    let modseq = mailbox.highest_modseq().next();
    let id = mailbox.id();
    let arrives = |uid| Change::Added {
        mailbox: id,
        messages: vec![Message {
            uid,
            size: 1,
            modseq: ModSeq(modseq.0),
            flags: Flags::NONE,
            date: InternalDate::default(),
            content: ContentId(77),
        }],
    };
    let mut all = vec![
        ("a message arrives", arrives(mailbox.uid_next())),
        ("a last message arrives", arrives(Uid(u32::MAX))),
    ];
    for message in mailbox.messages() {
        all.push((
            "a message is flagged",
            Change::Flagged {
                mailbox: id,
                modseq,
                flags: vec![(message.uid, toggled(message.flags))],
            },
        ));
        all.push((
            "a message is seen",
            Change::Flagged {
                mailbox: id,
                modseq,
                flags: vec![(message.uid, message.flags.with(Flags::SEEN))],
            },
        ));
        all.push((
            "a message is expunged",
            Change::Expunged {
                mailbox: id,
                modseq,
                uids: vec![message.uid],
                keeps_content: true,
            },
        ));
    }
    let gone = (1..mailbox.uid_next().0).map(Uid);
    let mut gone = gone.filter(|&uid| mailbox.list().find(uid).is_none());
    if let Some(uid) = gone.next_back() {
        all.push(("a message comes back", arrives(uid)));
    }
    all
}
