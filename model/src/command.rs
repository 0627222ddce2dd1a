//! What a session can be asked: commands about mailboxes, and everything else that moves it.
//!
//! Touches nothing. The commands are those of RFC 3501 section 6 with IDLE (RFC 2177), UNSELECT (RFC 3691), UIDPLUS (RFC 4315)
//! and MOVE (RFC 6851). A command arrives here whole: with its literals, authenticated, parsed.

use crate::{
    flags::FlagNames,
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, UidValidity},
    search_key::SearchKey,
    sequence_set::SequenceSet,
};
use alloc::sync::Arc;

/// One input of [`crate::Session::step`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Input {
    /// A complete command. A session takes one at a time: the next only after the tagged response.
    Command(Command, Moment),
    /// The next page of a FETCH, STORE or SEARCH for which [`crate::Session::wants_resume`] holds.
    Resume,
    /// DONE, the end of IDLE (RFC 2177).
    Done,
    /// Something may have changed: an IDLE reports it, and a session that lost its mailbox says BYE.
    Wake,
    /// The connection is gone, at whatever moment.
    Break,
    /// The server is closing: BYE.
    Shutdown,
}

/// What holds at the moment of a command and the model cannot know: the time, and what storage has room for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The least UIDVALIDITY for a mailbox created by this command: seconds since 1970, say.
    pub uid_validity: UidValidity,
    /// What can be kept.
    pub room: Room,
}

/// What storage can keep from now on. What it has kept stays in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// Everything.
    #[default]
    Free,
    /// The disk is full: no messages, mailboxes or subscriptions more. What is there can be changed and removed.
    Full,
    /// As `Full`, because no more is allowed.
    OverQuota,
    /// Nothing at all: mailboxes open as by EXAMINE.
    ReadOnly,
}

/// Whether a command names messages by sequence number or by UID: FETCH or UID FETCH, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// Message sequence numbers. EXPUNGE is not permitted while FETCH, STORE or SEARCH answers.
    Sequence,
    /// Unique identifiers (RFC 3501 section 6.4.8). EXPUNGE is permitted.
    Uid,
}

/// What STORE does with the flags that it is given (RFC 3501 section 6.4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreAction {
    /// FLAGS: those and no others.
    Replace,
    /// +FLAGS.
    Add,
    /// -FLAGS.
    Remove,
}

/// Which of its data STATUS asks for (RFC 3501 section 6.3.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusItems {
    /// MESSAGES.
    pub messages: bool,
    /// RECENT.
    pub recent: bool,
    /// UIDNEXT.
    pub uid_next: bool,
    /// UIDVALIDITY.
    pub uid_validity: bool,
    /// UNSEEN.
    pub unseen: bool,
}

/// A command of an authenticated client that concerns mailboxes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// NOOP.
    Noop,
    /// CHECK.
    Check,
    /// LOGOUT.
    Logout,
    /// SELECT, or EXAMINE.
    Select {
        /// Which mailbox.
        mailbox: MailboxName,
        /// EXAMINE.
        read_only: bool,
    },
    /// CLOSE.
    Close,
    /// UNSELECT.
    Unselect,
    /// CREATE.
    Create {
        /// The new name; one trailing separator is allowed.
        mailbox: MailboxName,
    },
    /// DELETE.
    Delete {
        /// Which name.
        mailbox: MailboxName,
    },
    /// RENAME.
    Rename {
        /// The name that is.
        from: MailboxName,
        /// The name that shall be.
        to: MailboxName,
    },
    /// SUBSCRIBE.
    Subscribe {
        /// Which name; it need not exist.
        mailbox: MailboxName,
    },
    /// UNSUBSCRIBE.
    Unsubscribe {
        /// Which name.
        mailbox: MailboxName,
    },
    /// LIST, or LSUB.
    List {
        /// The reference name, decoded; put before the pattern.
        reference: Arc<str>,
        /// The mailbox name with possible wildcards, decoded.
        pattern: Arc<str>,
        /// LSUB.
        subscribed: bool,
    },
    /// STATUS.
    Status {
        /// Which mailbox.
        mailbox: MailboxName,
        /// What of it.
        items: StatusItems,
    },
    /// APPEND. The content is with the server already.
    Append {
        /// Where to.
        mailbox: MailboxName,
        /// With which flags.
        flags: FlagNames,
        /// INTERNALDATE.
        date: InternalDate,
        /// The message's bytes.
        content: ContentId,
        /// How many they are.
        size: u32,
    },
    /// IDLE; ended by [`Input::Done`].
    Idle,
    /// EXPUNGE, or UID EXPUNGE.
    Expunge {
        /// UID EXPUNGE: of these only.
        uids: Option<SequenceSet>,
    },
    /// STORE.
    Store {
        /// Which messages.
        set: SequenceSet,
        /// STORE, or UID STORE.
        form: Form,
        /// What to do with the flags.
        action: StoreAction,
        /// .SILENT.
        silent: bool,
        /// Which flags.
        flags: FlagNames,
    },
    /// COPY.
    Copy {
        /// Which messages.
        set: SequenceSet,
        /// COPY, or UID COPY.
        form: Form,
        /// Where to.
        mailbox: MailboxName,
    },
    /// MOVE.
    Move {
        /// Which messages.
        set: SequenceSet,
        /// MOVE, or UID MOVE.
        form: Form,
        /// Where to.
        mailbox: MailboxName,
    },
    /// FETCH. What is shown of each message is the server's to render.
    Fetch {
        /// Which messages.
        set: SequenceSet,
        /// FETCH, or UID FETCH.
        form: Form,
        /// Whether it sets \Seen: BODY[...] without .PEEK, RFC822, RFC822.TEXT.
        marks_seen: bool,
    },
    /// SEARCH.
    Search {
        /// What for.
        key: SearchKey,
        /// SEARCH, or UID SEARCH.
        form: Form,
    },
}

impl Command {
    /// Whether an EXPUNGE response may be sent while this command is answered: not during FETCH, STORE
    /// and SEARCH (RFC 3501 section 7.4.1, RFC 9051 section 7.5.1), whose UID forms are other commands.
    #[must_use]
    pub const fn permits_expunge(&self) -> bool {
        match self {
            Self::Store { form, .. } | Self::Fetch { form, .. } | Self::Search { form, .. } => {
                matches!(form, Form::Uid)
            }
            Self::Noop
            | Self::Check
            | Self::Logout
            | Self::Select { .. }
            | Self::Close
            | Self::Unselect
            | Self::Create { .. }
            | Self::Delete { .. }
            | Self::Rename { .. }
            | Self::Subscribe { .. }
            | Self::Unsubscribe { .. }
            | Self::List { .. }
            | Self::Status { .. }
            | Self::Append { .. }
            | Self::Idle
            | Self::Expunge { .. }
            | Self::Copy { .. }
            | Self::Move { .. } => true,
        }
    }

    /// The command's name, as in a tagged response: `STORE`, `UID STORE`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Noop => "NOOP",
            Self::Check => "CHECK",
            Self::Logout => "LOGOUT",
            Self::Select {
                read_only: false, ..
            } => "SELECT",
            Self::Select {
                read_only: true, ..
            } => "EXAMINE",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Create { .. } => "CREATE",
            Self::Delete { .. } => "DELETE",
            Self::Rename { .. } => "RENAME",
            Self::Subscribe { .. } => "SUBSCRIBE",
            Self::Unsubscribe { .. } => "UNSUBSCRIBE",
            Self::List {
                subscribed: false, ..
            } => "LIST",
            Self::List {
                subscribed: true, ..
            } => "LSUB",
            Self::Status { .. } => "STATUS",
            Self::Append { .. } => "APPEND",
            Self::Idle => "IDLE",
            Self::Expunge { uids: None } => "EXPUNGE",
            Self::Expunge { uids: Some(_) } => "UID EXPUNGE",
            Self::Store {
                form: Form::Sequence,
                ..
            } => "STORE",
            Self::Store {
                form: Form::Uid, ..
            } => "UID STORE",
            Self::Copy {
                form: Form::Sequence,
                ..
            } => "COPY",
            Self::Copy {
                form: Form::Uid, ..
            } => "UID COPY",
            Self::Move {
                form: Form::Sequence,
                ..
            } => "MOVE",
            Self::Move {
                form: Form::Uid, ..
            } => "UID MOVE",
            Self::Fetch {
                form: Form::Sequence,
                ..
            } => "FETCH",
            Self::Fetch {
                form: Form::Uid, ..
            } => "UID FETCH",
            Self::Search {
                form: Form::Sequence,
                ..
            } => "SEARCH",
            Self::Search {
                form: Form::Uid, ..
            } => "UID SEARCH",
        }
    }
}
