//! Response codes.
//!
//! Touches nothing but the buffer. RFC 3501 section 7.1, RFC 4315, RFC 5530, RFC 9051; NEWNAME: RFC 2060.

use super::{
    flags::all_flags,
    string::{mailbox, put},
};
use tandem_model::{name::MailboxName, response::Code, sequence_set::NumberSet};

/// Writes `[CODE ...] `, brackets and the space after them included; nothing where a code cannot be written.
pub fn code(out: &mut Vec<u8>, code: &Code) {
    let start = out.len();
    out.push(b'[');
    if inner(out, code) {
        out.extend_from_slice(b"] ");
    } else {
        out.truncate(start);
    }
}

fn inner(out: &mut Vec<u8>, code: &Code) -> bool {
    let name = match code {
        Code::AlreadyExists => "ALREADYEXISTS",
        Code::Cannot => "CANNOT",
        Code::Closed => "CLOSED",
        Code::ExpungeIssued => "EXPUNGEISSUED",
        Code::InUse => "INUSE",
        Code::Limit => "LIMIT",
        Code::NonExistent => "NONEXISTENT",
        Code::OverQuota => "OVERQUOTA",
        Code::ReadOnly => "READ-ONLY",
        Code::ReadWrite => "READ-WRITE",
        Code::TryCreate => "TRYCREATE",
        Code::Unavailable => "UNAVAILABLE",
        Code::AppendUid(validity, uid) => {
            put(out, format_args!("APPENDUID {validity} {uid}"));
            return true;
        }
        Code::CopyUid(validity, uids) => {
            let (source, destination): &(NumberSet, NumberSet) = uids;
            put(
                out,
                format_args!("COPYUID {validity} {source} {destination}"),
            );
            // Nothing was copied: there are no UIDs to tell (RFC 4315 section 3).
            return !source.is_empty() && !destination.is_empty();
        }
        Code::NewName(names) => {
            let (old, new): &(MailboxName, MailboxName) = names;
            return new_name(out, old.as_str(), new.as_str());
        }
        Code::PermanentFlags {
            read_only: true, ..
        } => "PERMANENTFLAGS ()",
        Code::PermanentFlags {
            keywords,
            read_only: false,
        } => {
            out.extend_from_slice(b"PERMANENTFLAGS ");
            all_flags(out, keywords, true);
            return true;
        }
        Code::UidNext(uid) => {
            put(out, format_args!("UIDNEXT {uid}"));
            return true;
        }
        Code::UidValidity(validity) => {
            put(out, format_args!("UIDVALIDITY {validity}"));
            return true;
        }
        Code::Unseen(seq) => {
            put(out, format_args!("UNSEEN {seq}"));
            return true;
        }
    };
    out.extend_from_slice(name.as_bytes());
    true
}

/// RFC 3501 dropped NEWNAME because a name may need a literal, or hold a bracket, which a response code cannot; such
/// names are not told.
fn new_name(out: &mut Vec<u8>, old: &str, new: &str) -> bool {
    out.extend_from_slice(b"NEWNAME ");
    let start = out.len();
    mailbox(out, old);
    out.push(b' ');
    mailbox(out, new);
    out.get(start..).is_some_and(|names| {
        !names
            .iter()
            .any(|&byte| byte == b']' || byte.is_ascii_control())
    })
}
