//! What a session is told: typed responses, in the order in which they go on the wire.
//!
//! Touches nothing. RFC 3501 section 7, with the response codes of RFC 2180 (NEWNAME, after RFC 2060), RFC 4315, RFC 5530 and RFC 9051.
//! Turning them into bytes is the server's codec; it adds nothing and leaves nothing out. Tags are the transport's: a
//! session has one command at a time, and a [`Response::Tagged`] ends it.

use crate::{
    command::StatusItems,
    flags::{Flags, Keywords},
    message::Message,
    name::MailboxName,
    number::{SeqNum, Uid, UidValidity},
    search_key::SearchKey,
    sequence_set::NumberSet,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// One response.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Response {
    /// `* n EXISTS`.
    Exists(u32),
    /// `* n RECENT`.
    Recent(u32),
    /// `* n EXPUNGE`.
    Expunge(SeqNum),
    /// `* FLAGS (...)`: the system flags and these keywords. FETCH responses after it may use them.
    Flags(Keywords),
    /// `* n FETCH (...)`.
    Fetch {
        /// The message's number in this session's view.
        seq: SeqNum,
        /// What is shown of it.
        data: FetchData,
    },
    /// One page of what SEARCH found; `* SEARCH ...` is written when the last has come.
    Search(SearchPage),
    /// `* LIST (...) "/" name`, or `* LSUB`.
    List(Listed),
    /// `* STATUS name (...)`.
    Status(Box<MailboxStatus>),
    /// `* OK [code] text` and the like.
    Untagged(Status, Option<Code>, &'static str),
    /// `* BYE text`; the connection is closed after it, or after the tagged response to LOGOUT.
    Bye(&'static str),
    /// `+ text`.
    Continue(&'static str),
    /// `tag OK [code] text` and the like: the end of the command.
    Tagged(Status, Option<Code>, &'static str),
}

/// Status responses (RFC 3501 section 7.1) that are not BYE or PREAUTH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// OK.
    Ok,
    /// NO.
    No,
    /// BAD.
    Bad,
}

/// What a FETCH response shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FetchData {
    /// FLAGS, unasked for, or in answer to STORE.
    Flags {
        /// The flags.
        flags: Flags,
        /// Whether \Recent is shown.
        recent: bool,
        /// UID, in answer to UID STORE and in every response while a UID command is answered (RFC 3501 section 6.4.8).
        uid: Option<Uid>,
    },
    /// In answer to FETCH: the attributes asked for, rendered from this.
    Message {
        /// The message as it is now.
        message: Message,
        /// Whether \Recent is shown.
        recent: bool,
        /// FETCH itself has set \Seen: FLAGS is shown though not asked for.
        seen_now: bool,
    },
    /// In answer to FETCH: the attributes asked for, each in its NIL form (RFC 2180 section 4.1.3). UID is
    /// shown as it is.
    Nil {
        /// The UID of the expunged message.
        uid: Uid,
    },
}

/// One page of SEARCH's result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchPage {
    /// Messages that match, or may; ascending.
    pub candidates: Vec<Candidate>,
    /// Where a candidate is not judged: the key to judge it by, its numbers fixed as they were when SEARCH began.
    pub key: Option<Arc<SearchKey>>,
    /// No page follows.
    pub last: bool,
}

/// A message that SEARCH may return.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Candidate {
    /// The number to return: message sequence number, or UID for UID SEARCH.
    pub number: u32,
    /// `None`: it matches. Otherwise the key is to be judged on its content.
    pub unjudged: Option<Box<Unjudged>>,
}

/// What judging a [`Candidate`] needs beside the content; see [`crate::SearchKey::judge`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unjudged {
    /// Its number in this session's view.
    pub seq: SeqNum,
    /// The message as it was when its page was taken.
    pub message: Message,
    /// Whether it is \Recent for this session.
    pub recent: bool,
    /// The keywords of the mailbox.
    pub keywords: Keywords,
}

/// One name in the answer to LIST or LSUB.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listed {
    /// The answer is to LSUB.
    pub subscribed: bool,
    /// The name.
    pub name: ListedName,
    /// \Noselect: nothing by this name can be selected.
    pub no_select: bool,
    /// \HasChildren or \HasNoChildren (RFC 3348); `None` shows neither.
    pub children: Option<bool>,
}

/// What LIST answers about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ListedName {
    /// A name.
    Mailbox(MailboxName),
    /// The root, in answer to LIST with an empty pattern: written as an empty string.
    Root,
}

/// The answer to STATUS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MailboxStatus {
    /// Which mailbox.
    pub mailbox: MailboxName,
    /// Which of the following were asked for.
    pub items: StatusItems,
    /// MESSAGES.
    pub messages: u32,
    /// RECENT.
    pub recent: u32,
    /// UIDNEXT.
    pub uid_next: Uid,
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// UNSEEN: how many.
    pub unseen: u32,
}

/// A response code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// ALREADYEXISTS (RFC 5530).
    AlreadyExists,
    /// APPENDUID (RFC 4315).
    AppendUid(UidValidity, Uid),
    /// CANNOT (RFC 5530).
    Cannot,
    /// CLOSED (RFC 7162, RFC 9051): what follows is about another mailbox.
    Closed,
    /// COPYUID (RFC 4315): UIDVALIDITY of the destination, source UIDs, destination UIDs in the same order.
    CopyUid(UidValidity, Box<(NumberSet, NumberSet)>),
    /// EXPUNGEISSUED (RFC 5530).
    ExpungeIssued,
    /// INUSE (RFC 5530).
    InUse,
    /// LIMIT (RFC 5530).
    Limit,
    /// NEWNAME (RFC 2060, named by RFC 2180 section 3.4): the old name and the new.
    NewName(Box<(MailboxName, MailboxName)>),
    /// NONEXISTENT (RFC 5530).
    NonExistent,
    /// PERMANENTFLAGS: `()` if read-only, else the system flags, these keywords, and `\*` while there is room for more.
    PermanentFlags {
        /// The keywords.
        keywords: Keywords,
        /// EXAMINE: nothing can be changed.
        read_only: bool,
    },
    /// OVERQUOTA (RFC 5530).
    OverQuota,
    /// READ-ONLY.
    ReadOnly,
    /// READ-WRITE.
    ReadWrite,
    /// TRYCREATE.
    TryCreate,
    /// UIDNEXT.
    UidNext(Uid),
    /// UIDVALIDITY.
    UidValidity(UidValidity),
    /// UNAVAILABLE (RFC 5530).
    Unavailable,
    /// UNSEEN: the first message without \Seen.
    Unseen(SeqNum),
}
