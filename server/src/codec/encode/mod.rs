//! Responses as bytes: pure functions, each line whole and ended by CRLF.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 7 and 9 decide.

pub mod code;
pub mod date;
pub mod flags;
pub mod string;

use crate::codec::request::Tag;
use string::put;
use tandem_model::{
    flags::{Flags, Keywords},
    number::{SeqNum, Uid},
    response::{Code, FetchData, Listed, ListedName, MailboxStatus, Response, Status},
};

/// Writes one response.
///
/// Two need more than the response and are not for this function. [`Response::Search`] is one page of several; the connection
/// joins them and calls [`search`]; nothing is written here. [`Response::Fetch`] in answer to FETCH is
/// [`crate::render`]'s; here it becomes FLAGS and UID.
pub fn response(out: &mut Vec<u8>, response: &Response, tag: &Tag, keywords: &Keywords) {
    match response {
        Response::Exists(count) => put(out, format_args!("* {count} EXISTS\r\n")),
        Response::Recent(count) => put(out, format_args!("* {count} RECENT\r\n")),
        Response::Expunge(seq) => put(out, format_args!("* {seq} EXPUNGE\r\n")),
        Response::Flags(keywords) => {
            out.extend_from_slice(b"* FLAGS ");
            flags::all_flags(out, keywords, false);
            out.extend_from_slice(b"\r\n");
        }
        Response::Fetch { seq, data } => fetch(out, *seq, data, keywords),
        Response::Search(_) => {}
        Response::List(listed) => list(out, listed),
        Response::Status(status) => mailbox_status(out, status),
        Response::Untagged(status, code, text) => state(out, None, *status, code.as_ref(), text),
        Response::Bye(text) => condition(out, None, "BYE", "", text),
        Response::Continue(text) => continuation(out, text),
        Response::Tagged(status, code, text) => {
            state(out, Some(tag), *status, code.as_ref(), text);
        }
    }
}

/// Writes `* SEARCH 2 3 6`, or `* SEARCH` if nothing was found.
pub fn search(out: &mut Vec<u8>, numbers: &[u32]) {
    out.extend_from_slice(b"* SEARCH");
    for number in numbers {
        put(out, format_args!(" {number}"));
    }
    out.extend_from_slice(b"\r\n");
}

/// Writes `* n FETCH (FLAGS (...) UID n)`; UID only if given.
pub fn fetch_flags(
    out: &mut Vec<u8>,
    seq: SeqNum,
    flags: Flags,
    recent: bool,
    uid: Option<Uid>,
    keywords: &Keywords,
) {
    put(out, format_args!("* {seq} FETCH (FLAGS "));
    flags::flag_list(out, flags, recent, keywords);
    if let Some(uid) = uid {
        put(out, format_args!(" UID {uid}"));
    }
    out.extend_from_slice(b")\r\n");
}

/// Writes a status response that the model does not know of: `tag OK [code] text`, or untagged without a tag.
///
/// `condition` is `OK`, `NO`, `BAD`, `BYE` or `PREAUTH`; `code` is without its brackets, empty for none; both are ours. `text`
/// may be anything: what cannot stand in a line is replaced.
pub fn condition(out: &mut Vec<u8>, tag: Option<&Tag>, condition: &str, code: &str, text: &str) {
    start(out, tag);
    put(out, format_args!("{condition} "));
    if !code.is_empty() {
        put(out, format_args!("[{code}] "));
    }
    string::text(out, text);
    out.extend_from_slice(b"\r\n");
}

/// Writes `+ text`; with no text, it is a challenge of no octets, as AUTHENTICATE PLAIN has it.
pub fn continuation(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"+ ");
    if !text.is_empty() {
        string::text(out, text);
    }
    out.extend_from_slice(b"\r\n");
}

fn state(out: &mut Vec<u8>, tag: Option<&Tag>, status: Status, code: Option<&Code>, text: &str) {
    start(out, tag);
    out.extend_from_slice(match status {
        Status::Ok => b"OK ",
        Status::No => b"NO ",
        Status::Bad => b"BAD ",
    });
    if let Some(code) = code {
        code::code(out, code);
    }
    string::text(out, text);
    out.extend_from_slice(b"\r\n");
}

/// Writes the tag, or `*`. INVARIANT: the parser lets nothing into a tag that could end the line; this makes sure.
fn start(out: &mut Vec<u8>, tag: Option<&Tag>) {
    match tag {
        Some(tag) => {
            let graphic = tag.0.bytes().filter(u8::is_ascii_graphic);
            out.extend(graphic);
        }
        None => out.push(b'*'),
    }
    out.push(b' ');
}

fn fetch(out: &mut Vec<u8>, seq: SeqNum, data: &FetchData, keywords: &Keywords) {
    match data {
        FetchData::Flags { flags, recent, uid } => {
            fetch_flags(out, seq, *flags, *recent, *uid, keywords);
        }
        FetchData::Message {
            message,
            recent,
            seen_now: _,
        } => {
            fetch_flags(
                out,
                seq,
                message.flags,
                *recent,
                Some(message.uid),
                keywords,
            );
        }
        FetchData::Nil { uid } => fetch_flags(out, seq, Flags::NONE, false, Some(*uid), keywords),
    }
}

/// RFC 3501 sections 7.2.2 and 7.2.3; RFC 3348 for \HasChildren and \HasNoChildren.
fn list(out: &mut Vec<u8>, listed: &Listed) {
    let name = if listed.subscribed { "LSUB" } else { "LIST" };
    let no_select = if listed.no_select { "\\Noselect" } else { "" };
    let children = match listed.children {
        Some(true) => "\\HasChildren",
        Some(false) => "\\HasNoChildren",
        None => "",
    };
    let space = if no_select.is_empty() || children.is_empty() {
        ""
    } else {
        " "
    };
    put(
        out,
        format_args!("* {name} ({no_select}{space}{children}) \"/\" "),
    );
    match &listed.name {
        ListedName::Mailbox(mailbox) => string::mailbox(out, mailbox.as_str()),
        ListedName::Root => out.extend_from_slice(b"\"\""),
    }
    out.extend_from_slice(b"\r\n");
}

/// RFC 3501 section 7.2.4.
fn mailbox_status(out: &mut Vec<u8>, status: &MailboxStatus) {
    out.extend_from_slice(b"* STATUS ");
    string::mailbox(out, status.mailbox.as_str());
    out.extend_from_slice(b" (");
    let items = [
        (status.items.messages, "MESSAGES", status.messages),
        (status.items.recent, "RECENT", status.recent),
        (status.items.uid_next, "UIDNEXT", status.uid_next.0),
        (
            status.items.uid_validity,
            "UIDVALIDITY",
            status.uid_validity.0,
        ),
        (status.items.unseen, "UNSEEN", status.unseen),
    ];
    let mut space = "";
    for (_, name, value) in items.into_iter().filter(|(asked, ..)| *asked) {
        put(out, format_args!("{space}{name} {value}"));
        space = " ";
    }
    out.extend_from_slice(b")\r\n");
}
