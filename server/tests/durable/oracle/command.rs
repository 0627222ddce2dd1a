//! What clients send.
//!
//! Touches nothing. RFC 3501 section 6, RFC 4315, RFC 6851, RFC 7888.

use super::text::Text;
use crate::wire;
use std::collections::BTreeSet;

/// Flags of a message.
pub type Flags = BTreeSet<String>;

/// A command; `within` is the mailbox that is selected.
#[derive(Clone, Debug)]
pub enum Command {
    Append {
        to: String,
        text: Text,
        flags: Flags,
    },
    Select {
        mailbox: String,
    },
    /// Everything of every message.
    Fetch,
    Store {
        within: String,
        uids: Vec<u32>,
        how: How,
        flags: Flags,
        silent: bool,
    },
    Copy {
        within: String,
        uids: Vec<u32>,
        to: String,
    },
    Move {
        within: String,
        uids: Vec<u32>,
        to: String,
    },
    /// UID EXPUNGE.
    Remove {
        within: String,
        uids: Vec<u32>,
    },
    Expunge {
        within: String,
    },
    Close {
        within: String,
    },
    Unselect,
    Create {
        name: String,
    },
    Rename {
        from: String,
        to: String,
    },
    Delete {
        name: String,
    },
    Subscribe {
        name: String,
    },
    Unsubscribe {
        name: String,
    },
    List,
    Status {
        name: String,
    },
    Noop,
}

/// What STORE does with its flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Add,
    Remove,
    Replace,
}

impl Command {
    /// As it is sent, without tag and CRLF.
    pub fn octets(&self) -> Vec<u8> {
        if let Self::Append { to, text, flags } = self {
            let options = format!("({}) \"{}\" ", words(flags), text.date());
            return wire::append(to, &options, &text.octets());
        }
        self.line().into_bytes()
    }

    /// The same, a message's octets aside.
    pub fn line(&self) -> String {
        match self {
            Self::Append { to, text, flags } => {
                format!("APPEND {to} ({}) [message {text}]", words(flags))
            }
            Self::Select { mailbox } => format!("SELECT {mailbox}"),
            Self::Fetch => "UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])".into(),
            Self::Store {
                uids,
                how,
                flags,
                silent,
                ..
            } => {
                let sign = match how {
                    How::Add => "+",
                    How::Remove => "-",
                    How::Replace => "",
                };
                let silent = if *silent { ".SILENT" } else { "" };
                format!(
                    "UID STORE {} {sign}FLAGS{silent} ({})",
                    set(uids),
                    words(flags)
                )
            }
            Self::Copy { uids, to, .. } => format!("UID COPY {} {to}", set(uids)),
            Self::Move { uids, to, .. } => format!("UID MOVE {} {to}", set(uids)),
            Self::Remove { uids, .. } => format!("UID EXPUNGE {}", set(uids)),
            Self::Expunge { .. } => "EXPUNGE".into(),
            Self::Close { .. } => "CLOSE".into(),
            Self::Unselect => "UNSELECT".into(),
            Self::Create { name } => format!("CREATE {name}"),
            Self::Rename { from, to } => format!("RENAME {from} {to}"),
            Self::Delete { name } => format!("DELETE {name}"),
            Self::Subscribe { name } => format!("SUBSCRIBE {name}"),
            Self::Unsubscribe { name } => format!("UNSUBSCRIBE {name}"),
            Self::List => "LIST \"\" *".into(),
            Self::Status { name } => format!("STATUS {name} (UIDNEXT UIDVALIDITY)"),
            Self::Noop => "NOOP".into(),
        }
    }
}

fn words(flags: &Flags) -> String {
    flags
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ")
}

fn set(uids: &[u32]) -> String {
    uids.iter()
        .map(u32::to_string)
        .collect::<Vec<_>>()
        .join(",")
}
