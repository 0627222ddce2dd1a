//! What happened to an account: the only thing that [`crate::Account::apply`] takes, and so the only
//! way in which an account changes.
//!
//! Touches nothing. Commands decide which changes to make; applying one decides nothing. The changes of one step are one
//! batch: a journal keeps a batch whole or not at all.

use crate::{
    flags::{Flags, Keyword},
    message::Message,
    name::MailboxName,
    number::{MailboxId, ModSeq, Uid, UidValidity, ViewId},
    view::View,
};
use alloc::vec::Vec;

/// One change of an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A mailbox came to be, under a name that none had.
    Created {
        /// Its name.
        name: MailboxName,
        /// Its id.
        mailbox: MailboxId,
        /// Its UIDVALIDITY.
        uid_validity: UidValidity,
    },
    /// A name that can't be selected came to be: a superior that CREATE or RENAME needed.
    Placed {
        /// The name.
        name: MailboxName,
    },
    /// A name went, and its mailbox with it; sessions that have it open keep it until they leave (RFC 2180 section 3.2).
    Deleted {
        /// The name.
        name: MailboxName,
        /// The name has inferiors and stays, as \Noselect (RFC 3501 section 6.3.4).
        keeps_name: bool,
    },
    /// Names changed, each mailbox staying what it is.
    Renamed {
        /// Each name that was, with the one that is.
        names: Vec<(MailboxName, MailboxName)>,
        /// The old names are remembered, so that NEWNAME can be offered (RFC 2180 section 3.4).
        remembered: bool,
    },
    /// A name was subscribed to.
    Subscribed {
        /// The name.
        name: MailboxName,
    },
    /// A name was unsubscribed from.
    Unsubscribed {
        /// The name.
        name: MailboxName,
    },
    /// Messages arrived: by APPEND, COPY or MOVE.
    Added {
        /// Where.
        mailbox: MailboxId,
        /// What, in ascending order of UIDs, all of them at or above UIDNEXT.
        messages: Vec<Message>,
    },
    /// The flags of messages became others.
    Flagged {
        /// Where.
        mailbox: MailboxId,
        /// The MODSEQ of this change.
        modseq: ModSeq,
        /// The messages, in ascending order, each with all its flags.
        flags: Vec<(Uid, Flags)>,
    },
    /// A mailbox learned a keyword.
    KeywordAdded {
        /// Where.
        mailbox: MailboxId,
        /// Which.
        keyword: Keyword,
    },
    /// Messages went: by EXPUNGE, MOVE or CLOSE. Sessions that have not been told are owed it.
    Expunged {
        /// Where.
        mailbox: MailboxId,
        /// The MODSEQ of this change.
        modseq: ModSeq,
        /// Which, in ascending order.
        uids: Vec<Uid>,
        /// Ghosts of them keep their content: sessions may still FETCH or COPY it (RFC 2180 sections 4.1.1 and 4.4.2).
        keeps_content: bool,
    },
    /// All messages up to this have been \Recent to some session (RFC 3501 section 2.3.2).
    Claimed {
        /// Where.
        mailbox: MailboxId,
        /// The session for which they are.
        view: ViewId,
        /// The last of them.
        to: Uid,
    },
    /// Numbers of a mailbox that its messages do not tell. Only a snapshot has this, and the two below.
    Counted {
        /// Which.
        mailbox: MailboxId,
        /// UIDNEXT.
        uid_next: Uid,
        /// The MODSEQ of its last change.
        highest_modseq: ModSeq,
        /// The MODSEQ of its last change of flags.
        flags_changed: ModSeq,
        /// The last message that has been \Recent to some session.
        claimed_to: Uid,
    },
    /// Numbers of the account that its mailboxes do not tell.
    Numbered {
        /// The id of the next mailbox.
        next_mailbox: MailboxId,
        /// The greatest UIDVALIDITY given so far.
        last_uid_validity: UidValidity,
    },
    /// RENAME left a name behind (RFC 2180 section 3.4).
    Remembered {
        /// The name.
        name: MailboxName,
        /// The mailbox that had it.
        mailbox: MailboxId,
    },
    /// A session opened a mailbox. Of the living only, as are those below: a journal need not keep them.
    Opened {
        /// Which.
        mailbox: MailboxId,
        /// How it sees it.
        view: View,
    },
    /// A session was told what it was owed: its cursors moved.
    Told {
        /// Which mailbox.
        mailbox: MailboxId,
        /// The cursors as they are now.
        view: View,
    },
    /// A session left a mailbox.
    Left {
        /// Which mailbox.
        mailbox: MailboxId,
        /// Which view of it.
        view: ViewId,
    },
    /// A session lost its mailbox and is owed a BYE (RFC 2180 section 3.3).
    Evicted {
        /// Which mailbox.
        mailbox: MailboxId,
        /// Which view of it.
        view: ViewId,
        /// Why.
        reason: Eviction,
    },
    /// An evicted session was told, or is gone.
    Dismissed {
        /// Which view it had.
        view: ViewId,
    },
}

/// Why a session lost its mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Eviction {
    /// It was deleted (RFC 2180 section 3.3).
    Deleted,
    /// It was renamed (RFC 2180 section 3.3).
    Renamed,
    /// The session was so slow that what it is owed outgrew the limit.
    TooSlow,
}

impl Change {
    /// Whether it outlives the sessions: a journal keeps these, and only these.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        match self {
            Self::Created { .. }
            | Self::Placed { .. }
            | Self::Deleted { .. }
            | Self::Renamed { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::Added { .. }
            | Self::Flagged { .. }
            | Self::KeywordAdded { .. }
            | Self::Expunged { .. }
            | Self::Claimed { .. }
            | Self::Counted { .. }
            | Self::Numbered { .. }
            | Self::Remembered { .. } => true,
            Self::Opened { .. }
            | Self::Told { .. }
            | Self::Left { .. }
            | Self::Evicted { .. }
            | Self::Dismissed { .. } => false,
        }
    }

    /// The mailbox whose sessions may now be owed something by others; `None` if nobody is.
    #[must_use]
    pub const fn concerns(&self) -> Option<MailboxId> {
        match self {
            Self::Added { mailbox, .. }
            | Self::Flagged { mailbox, .. }
            | Self::KeywordAdded { mailbox, .. }
            | Self::Expunged { mailbox, .. }
            | Self::Evicted { mailbox, .. } => Some(*mailbox),
            Self::Created { .. }
            | Self::Placed { .. }
            | Self::Deleted { .. }
            | Self::Renamed { .. }
            | Self::Subscribed { .. }
            | Self::Unsubscribed { .. }
            | Self::Claimed { .. }
            | Self::Counted { .. }
            | Self::Numbered { .. }
            | Self::Remembered { .. }
            | Self::Opened { .. }
            | Self::Told { .. }
            | Self::Left { .. }
            | Self::Dismissed { .. } => None,
        }
    }
}
