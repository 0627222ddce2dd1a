//! Each kind of durable change as octets.
//!
//! Touches nothing. A kind keeps its number and its fields for ever; one that needs other fields gets a new number.
//!
//! ```text
//! 1  Created       name mailbox uid_validity        8  Flagged       mailbox modseq (uid flags)*
//! 2  Placed        name                             9  KeywordAdded  mailbox keyword
//! 3  Deleted       name keeps_name                  10 Expunged      mailbox modseq keeps_content uid*
//! 4  Renamed       remembered (old new)*            11 Claimed       mailbox view to
//! 5  Subscribed    name                             12 Counted       mailbox uid_next highest_modseq flags_changed claimed_to
//! 6  Unsubscribed  name                             13 Numbered      next_mailbox last_uid_validity
//! 7  Added         mailbox (uid size modseq flags seconds zone content)*
//!                                                   14 Remembered    name mailbox
//! ```
//!
//! A list has its count before it. In a list, a UID, a MODSEQ, the seconds and the zone of a date and a content are differences from the one before.

use super::{
    Fault,
    number::{Octets, Running, put, put_text},
};
use tandem_model::{
    Change,
    flags::Flags,
    message::{InternalDate, Message},
    number::{ContentId, MailboxId, ModSeq, Uid, UidValidity, ViewId},
};

/// Seconds of a date fit in so many bits.
const SECONDS: u32 = 52;
/// The zones that a date can be made with, in minutes.
const ZONES: std::ops::RangeInclusive<i16> = -2047..=2047;
/// The fewest octets of a message, of a message with its flags, of a UID and of a pair of names.
const LEAST_MESSAGE: usize = 7;
const LEAST_FLAGGED: usize = 2;
const LEAST_UID: usize = 1;
const LEAST_RENAMED: usize = 2;

/// Writes one.
pub(super) fn write(out: &mut Vec<u8>, change: &Change) -> Result<(), Fault> {
    match change {
        Change::Created {
            name,
            mailbox,
            uid_validity,
        } => {
            out.push(1);
            put_text(out, name.as_str());
            put(out, mailbox.0);
            put(out, uid_validity.0);
        }
        Change::Placed { name } => {
            out.push(2);
            put_text(out, name.as_str());
        }
        Change::Deleted { name, keeps_name } => {
            out.push(3);
            put_text(out, name.as_str());
            out.push(u8::from(*keeps_name));
        }
        Change::Renamed { names, remembered } => {
            out.push(4);
            out.push(u8::from(*remembered));
            put(out, names.len());
            for (old, new) in names {
                put_text(out, old.as_str());
                put_text(out, new.as_str());
            }
        }
        Change::Subscribed { name } => {
            out.push(5);
            put_text(out, name.as_str());
        }
        Change::Unsubscribed { name } => {
            out.push(6);
            put_text(out, name.as_str());
        }
        Change::Added { mailbox, messages } => {
            out.push(7);
            put(out, mailbox.0);
            write_messages(out, messages);
        }
        Change::Flagged {
            mailbox,
            modseq,
            flags,
        } => {
            out.push(8);
            put(out, mailbox.0);
            put(out, modseq.0);
            put(out, flags.len());
            let mut uids = Running::default();
            for (uid, flags) in flags {
                uids.put(out, u64::from(uid.0));
                put(out, flags.0);
            }
        }
        Change::KeywordAdded { mailbox, keyword } => {
            out.push(9);
            put(out, mailbox.0);
            put_text(out, &keyword.0);
        }
        Change::Expunged {
            mailbox,
            modseq,
            uids,
            keeps_content,
        } => {
            out.push(10);
            put(out, mailbox.0);
            put(out, modseq.0);
            out.push(u8::from(*keeps_content));
            put(out, uids.len());
            let mut running = Running::default();
            for uid in uids {
                running.put(out, u64::from(uid.0));
            }
        }
        Change::Claimed { mailbox, view, to } => {
            out.push(11);
            put(out, mailbox.0);
            put(out, view.0);
            put(out, to.0);
        }
        Change::Counted {
            mailbox,
            uid_next,
            highest_modseq,
            flags_changed,
            claimed_to,
        } => {
            out.push(12);
            put(out, mailbox.0);
            put(out, uid_next.0);
            put(out, highest_modseq.0);
            put(out, flags_changed.0);
            put(out, claimed_to.0);
        }
        Change::Numbered {
            next_mailbox,
            last_uid_validity,
        } => {
            out.push(13);
            put(out, next_mailbox.0);
            put(out, last_uid_validity.0);
        }
        Change::Remembered { name, mailbox } => {
            out.push(14);
            put_text(out, name.as_str());
            put(out, mailbox.0);
        }
        Change::Opened { .. }
        | Change::Told { .. }
        | Change::Left { .. }
        | Change::Evicted { .. }
        | Change::Dismissed { .. } => return Err(Fault::Volatile),
    }
    Ok(())
}

/// Reads one.
pub(super) fn read(octets: &mut Octets<'_>) -> Result<Change, Fault> {
    Ok(match octets.octet()? {
        1 => Change::Created {
            name: octets.name()?,
            mailbox: MailboxId(octets.number()?),
            uid_validity: UidValidity(octets.number()?),
        },
        2 => Change::Placed {
            name: octets.name()?,
        },
        3 => Change::Deleted {
            name: octets.name()?,
            keeps_name: octets.truth()?,
        },
        4 => {
            let remembered = octets.truth()?;
            Change::Renamed {
                names: list(octets, LEAST_RENAMED, |octets| {
                    Ok((octets.name()?, octets.name()?))
                })?,
                remembered,
            }
        }
        5 => Change::Subscribed {
            name: octets.name()?,
        },
        6 => Change::Unsubscribed {
            name: octets.name()?,
        },
        7 => Change::Added {
            mailbox: MailboxId(octets.number()?),
            messages: read_messages(octets)?,
        },
        8 => Change::Flagged {
            mailbox: MailboxId(octets.number()?),
            modseq: ModSeq(octets.number()?),
            flags: {
                let mut uids = Running::default();
                list(octets, LEAST_FLAGGED, |octets| {
                    Ok((Uid(uids.read_short(octets)?), Flags(octets.number()?)))
                })?
            },
        },
        9 => Change::KeywordAdded {
            mailbox: MailboxId(octets.number()?),
            keyword: octets.keyword()?,
        },
        10 => Change::Expunged {
            mailbox: MailboxId(octets.number()?),
            modseq: ModSeq(octets.number()?),
            keeps_content: octets.truth()?,
            uids: {
                let mut uids = Running::default();
                list(octets, LEAST_UID, |octets| uids.read_short(octets).map(Uid))?
            },
        },
        11 => Change::Claimed {
            mailbox: MailboxId(octets.number()?),
            view: ViewId(octets.number()?),
            to: Uid(octets.number()?),
        },
        12 => Change::Counted {
            mailbox: MailboxId(octets.number()?),
            uid_next: Uid(octets.number()?),
            highest_modseq: ModSeq(octets.number()?),
            flags_changed: ModSeq(octets.number()?),
            claimed_to: Uid(octets.number()?),
        },
        13 => Change::Numbered {
            next_mailbox: MailboxId(octets.number()?),
            last_uid_validity: UidValidity(octets.number()?),
        },
        14 => Change::Remembered {
            name: octets.name()?,
            mailbox: MailboxId(octets.number()?),
        },
        kind => return Err(Fault::Kind(kind)),
    })
}

/// Reads a list, of which each member has at least so many octets.
fn list<T>(
    octets: &mut Octets<'_>,
    least: usize,
    mut member: impl FnMut(&mut Octets<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let count = octets.count(least)?;
    let mut members = Vec::with_capacity(count);
    for _ in 0..count {
        members.push(member(octets)?);
    }
    Ok(members)
}

/// What ascends, more or less, from one message to the next.
#[derive(Default)]
struct Track {
    uid: Running,
    modseq: Running,
    seconds: Running,
    zone: Running,
    content: Running,
}

fn write_messages(out: &mut Vec<u8>, messages: &[Message]) {
    put(out, messages.len());
    let mut track = Track::default();
    for message in messages {
        track.uid.put(out, u64::from(message.uid.0));
        put(out, message.size);
        track.modseq.put(out, message.modseq.0);
        put(out, message.flags.0);
        track.seconds.put(out, message.date.seconds());
        let zone = i64::from(message.date.zone()).cast_unsigned();
        track.zone.put(out, zone);
        track.content.put(out, message.content.0);
    }
}

fn read_messages(octets: &mut Octets<'_>) -> Result<Vec<Message>, Fault> {
    let mut track = Track::default();
    list(octets, LEAST_MESSAGE, |octets| {
        Ok(Message {
            uid: Uid(track.uid.read_short(octets)?),
            size: octets.number()?,
            modseq: ModSeq(track.modseq.read(octets)?),
            flags: Flags(octets.number()?),
            date: date(
                track.seconds.read(octets)?,
                track.zone.read(octets)?.cast_signed(),
            )?,
            content: ContentId(track.content.read(octets)?),
        })
    })
}

/// A date that says these, and not the nearest that can be made.
fn date(seconds: u64, zone: i64) -> Result<InternalDate, Fault> {
    let zone = i16::try_from(zone).map_err(|_| Fault::Number)?;
    let none = InternalDate::default();
    if (seconds, zone) == (none.seconds(), none.zone()) {
        return Ok(none);
    }
    if seconds >> SECONDS != 0 || !ZONES.contains(&zone) {
        return Err(Fault::Number);
    }
    Ok(InternalDate::new(seconds, zone))
}
