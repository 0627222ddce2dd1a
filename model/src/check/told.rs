//! What the server has told a client so far, whether it has arrived or not: which message stands behind which number.
//!
//! Touches a mailbox, to read which messages it has. It follows EXISTS and EXPUNGE as a client does, but knows, as a client cannot, which messages
//! there were when EXISTS was said, and which were gone when EXPUNGE was said. RFC 3501 sections 7.3.1 and 7.4.1.
//!
//! It remembers as well whose flags others have changed since the client was shown them. Such a client has to be shown them again, even if they are by then (which no RFC asks for)
//! what they were; and until then what it believes of them makes no difference, so that the explored worlds need not be told apart by it.

use super::properties::{Finding, Property, ensure};
use crate::{
    change::Change,
    flags::Flags,
    mailbox::Mailbox,
    number::{ContentId, MailboxId, SeqNum, Uid},
    response::{Code, FetchData, Response},
    sequence_set::SequenceSet,
};
use alloc::vec::Vec;

/// The list that the server's responses make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The messages; number n is at n - 1.
    pub list: Vec<(Uid, ContentId)>,
    /// The last of them all, there or not.
    pub high: Uid,
    /// Those of them that the last EXISTS was about, with the flags that they had then.
    pub arrived: Vec<(Uid, Flags)>,
    /// Those of them whose flags it was shown by the last step, as bits of their UIDs.
    pub shown: u64,
    /// Those of them whose flags others have changed since the client was shown them, as bits of their UIDs.
    pub outdated: u64,
}

impl Told {
    /// Takes what one step sent to a session, which has `mailbox` selected now.
    ///
    /// # Errors
    /// EXISTS or EXPUNGE says what is not so.
    pub fn hear(&mut self, out: &[Response], mailbox: Option<&Mailbox>) -> Result<(), Finding> {
        self.arrived.clear();
        self.shown = 0;
        for response in out {
            match response {
                Response::Exists(count) => self.exists(*count, mailbox)?,
                Response::Expunge(seq) => {
                    let Some((uid, _)) = self.take(*seq) else {
                        return Err(Finding::new(
                            Property::ExpungeNamesGone,
                            "EXPUNGE of a number that the client does not have",
                        ));
                    };
                    self.outdated &= !bit(uid);
                    let gone = mailbox.is_none_or(|mailbox| mailbox.list().find(uid).is_none());
                    ensure(
                        gone,
                        Property::ExpungeNamesGone,
                        "EXPUNGE of a message that is there",
                    )?;
                }
                Response::Fetch {
                    seq,
                    data: FetchData::Flags { .. } | FetchData::Message { .. },
                } => {
                    let shown = self.at(*seq).map_or(0, |(uid, _)| bit(uid));
                    self.shown |= shown;
                    self.outdated &= !shown;
                }
                Response::Untagged(_, Some(Code::Closed), _) => *self = Self::default(),
                _ => {}
            }
        }
        Ok(())
    }

    fn exists(&mut self, count: u32, mailbox: Option<&Mailbox>) -> Result<(), Finding> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        ensure(
            count >= self.list.len(),
            Property::ExistsCounts,
            "EXISTS lowers the count",
        )?;
        let high = self.high;
        let arrived = mailbox
            .into_iter()
            .flat_map(|mailbox| mailbox.messages().filter(|message| message.uid > high));
        for message in arrived.take(count - self.list.len()) {
            self.list.push((message.uid, message.content));
            self.arrived.push((message.uid, message.flags));
            self.high = message.uid;
        }
        ensure(
            self.list.len() == count,
            Property::ExistsCounts,
            "EXISTS counts a message that has not arrived",
        )
    }

    /// Another session did this, and this client has `mailbox` selected.
    pub fn outdate(&mut self, mailbox: MailboxId, changes: &[Change]) {
        for change in changes {
            if let Change::Flagged {
                mailbox: there,
                flags,
                ..
            } = change
                && *there == mailbox
            {
                let changed = bits(flags.iter().map(|&(uid, _)| uid));
                self.outdated |= changed & self.mask();
            }
        }
    }

    /// The message behind a number.
    #[must_use]
    pub fn at(&self, seq: SeqNum) -> Option<(Uid, ContentId)> {
        let at = usize::try_from(seq.0).ok()?.checked_sub(1)?;
        self.list.get(at).copied()
    }

    /// Takes the message behind a number out of the list.
    pub fn take(&mut self, seq: SeqNum) -> Option<(Uid, ContentId)> {
        let message = self.at(seq)?;
        self.list.retain(|&(uid, _)| uid != message.0);
        Some(message)
    }

    /// The UIDs of the messages as bits.
    #[must_use]
    pub fn mask(&self) -> u64 {
        bits(self.list.iter().map(|&(uid, _)| uid))
    }

    /// The UIDs of those that a set of UIDs names, as bits.
    #[must_use]
    pub fn named(&self, uids: &SequenceSet) -> u64 {
        let last = self.list.last().map_or(0, |&(uid, _)| uid.0);
        let all = self.list.iter().map(|&(uid, _)| uid);
        bits(all.filter(|uid| super::client::covers(uids, uid.0, last)))
    }
}

/// A UID as a bit. The checked world has no more than 63 messages; those above share a bit.
#[must_use]
pub fn bit(uid: Uid) -> u64 {
    1 << uid.0.min(63)
}

/// UIDs as bits.
pub fn bits(uids: impl IntoIterator<Item = Uid>) -> u64 {
    uids.into_iter().fold(0, |mask, uid| mask | bit(uid))
}

/// The messages of a mailbox as bits.
#[must_use]
pub fn live(mailbox: Option<&Mailbox>) -> u64 {
    mailbox.map_or(0, |mailbox| {
        bits(mailbox.messages().map(|message| message.uid))
    })
}
