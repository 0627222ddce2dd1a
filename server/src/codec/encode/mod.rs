//! Responses as bytes: pure functions, each line whole and ended by CRLF.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 7 and 9 decide.

pub mod code;
pub mod date;
pub mod flags;
pub mod string;

use crate::{codec::request::Tag, content::Lack};
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

/// Writes NO in place of OK: something of what was asked for is not shown (RFC 5530).
pub fn lack(out: &mut Vec<u8>, tag: &Tag, lack: Lack) {
    let (code, text) = match lack {
        Lack::Damaged => ("CORRUPTION", "some of the messages are damaged"),
        Lack::NoRoom => (
            "LIMIT",
            "some of the messages are large, and too much is being answered at once: try again later",
        ),
    };
    condition(out, Some(tag), "NO", code, text);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tandem_model::{
        command::StatusItems,
        flags::Keyword,
        message::{InternalDate, Message},
        name::MailboxName,
        number::{ContentId, ModSeq, UidValidity},
        sequence_set::NumberSet,
    };

    fn keywords(names: &[&str]) -> Keywords {
        let mut keywords = Keywords::default();
        for &name in names {
            keywords.add(Keyword(name.into()));
        }
        keywords
    }

    fn written(responses: &[Response]) -> String {
        let mut out = Vec::new();
        for one in responses {
            response(
                &mut out,
                one,
                &Tag("a1".into()),
                &keywords(&["$Forwarded", "$Junk"]),
            );
        }
        String::from_utf8(out).unwrap().replace('\r', "")
    }

    fn set(ranges: &[(u32, u32)]) -> NumberSet {
        ranges.iter().copied().collect()
    }

    #[test]
    fn mailbox_data_is_written_as_in_the_grammar() {
        let listed = |subscribed, name, no_select, children| {
            Response::List(Listed {
                subscribed,
                name,
                no_select,
                children,
            })
        };
        let named = |name| ListedName::Mailbox(MailboxName::new(name));
        insta::assert_snapshot!(written(&[
            Response::Exists(23),
            Response::Recent(0),
            Response::Expunge(SeqNum(44)),
            Response::Flags(keywords(&["$Forwarded"])),
            Response::Flags(Keywords::default()),
            listed(false, named("inbox"), false, Some(false)),
            listed(false, named("Work/To do"), true, Some(true)),
            listed(true, named("Work"), false, None),
            listed(false, ListedName::Root, true, None),
        ]), @r#"
        * 23 EXISTS
        * 0 RECENT
        * 44 EXPUNGE
        * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $Forwarded)
        * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
        * LIST (\HasNoChildren) "/" INBOX
        * LIST (\Noselect \HasChildren) "/" "Work/To do"
        * LSUB () "/" Work
        * LIST (\Noselect) "/" ""
        "#);
    }

    #[test]
    fn status_shows_what_was_asked_for() {
        let status = |name, items| {
            Response::Status(Box::new(MailboxStatus {
                mailbox: MailboxName::new(name),
                items,
                messages: 231,
                recent: 1,
                uid_next: Uid(44292),
                uid_validity: UidValidity(7),
                unseen: 5,
            }))
        };
        let all = StatusItems {
            messages: true,
            recent: true,
            uid_next: true,
            uid_validity: true,
            unseen: true,
        };
        let two = StatusItems {
            uid_next: true,
            messages: true,
            ..StatusItems::default()
        };
        insta::assert_snapshot!(written(&[
            status("blurdybloop", two),
            status("INBOX", all),
            status("a b", StatusItems::default()),
        ]), @r#"
        * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)
        * STATUS INBOX (MESSAGES 231 RECENT 1 UIDNEXT 44292 UIDVALIDITY 7 UNSEEN 5)
        * STATUS "a b" ()
        "#);
    }

    #[test]
    fn flags_are_written_in_their_order_and_unknown_ones_not_at_all() {
        let fetch = |flags, recent, uid| Response::Fetch {
            seq: SeqNum(3),
            data: FetchData::Flags { flags, recent, uid },
        };
        let message = Message {
            uid: Uid(9),
            size: 1,
            modseq: ModSeq(1),
            flags: Flags::DRAFT,
            date: InternalDate::default(),
            content: ContentId(1),
        };
        let unknown = Flags::keyword(2).with(Flags::keyword(58));
        insta::assert_snapshot!(written(&[
            fetch(Flags::NONE, false, None),
            fetch(Flags::SYSTEM, true, Some(Uid(7))),
            fetch(Flags::SEEN.with(Flags::keyword(1)).with(unknown), false, None),
            Response::Fetch {
                seq: SeqNum(1),
                data: FetchData::Message { message, recent: false, seen_now: false },
            },
            Response::Fetch { seq: SeqNum(2), data: FetchData::Nil { uid: Uid(4) } },
        ]), @r#"
        * 3 FETCH (FLAGS ())
        * 3 FETCH (FLAGS (\Answered \Flagged \Deleted \Seen \Draft \Recent) UID 7)
        * 3 FETCH (FLAGS (\Seen $Junk))
        * 1 FETCH (FLAGS (\Draft) UID 9)
        * 2 FETCH (FLAGS () UID 4)
        "#);
    }

    #[test]
    fn every_response_code_is_written() {
        let names = |old: &str, new: &str| {
            Code::NewName(Box::new((MailboxName::new(old), MailboxName::new(new))))
        };
        let full = {
            let names: Vec<String> = (0..Keywords::MOST)
                .map(|index| format!("k{index}"))
                .collect();
            keywords(&names.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let permanent = |keywords, read_only| Code::PermanentFlags {
            keywords,
            read_only,
        };
        let codes = [
            Code::AlreadyExists,
            Code::AppendUid(UidValidity(38505), Uid(3955)),
            Code::Cannot,
            Code::Closed,
            Code::CopyUid(
                UidValidity(38505),
                Box::new((set(&[(304, 304), (319, 320)]), set(&[(3956, 3958)]))),
            ),
            Code::CopyUid(UidValidity(38505), Box::default()),
            Code::ExpungeIssued,
            Code::InUse,
            Code::Limit,
            names("foo", "bar baz"),
            names("foo", "bar]"),
            Code::NonExistent,
            permanent(keywords(&["$Junk"]), false),
            permanent(keywords(&["$Junk"]), true),
            Code::OverQuota,
            Code::ReadOnly,
            Code::ReadWrite,
            Code::TryCreate,
            Code::Unavailable,
            Code::UidNext(Uid(4392)),
            Code::UidValidity(UidValidity(3857529045)),
            Code::Unseen(SeqNum(12)),
        ];
        let responses = codes.map(|code| Response::Untagged(Status::Ok, Some(code), "text"));
        insta::assert_snapshot!(written(&responses), @r#"
        * OK [ALREADYEXISTS] text
        * OK [APPENDUID 38505 3955] text
        * OK [CANNOT] text
        * OK [CLOSED] text
        * OK [COPYUID 38505 304,319:320 3956:3958] text
        * OK text
        * OK [EXPUNGEISSUED] text
        * OK [INUSE] text
        * OK [LIMIT] text
        * OK [NEWNAME foo "bar baz"] text
        * OK text
        * OK [NONEXISTENT] text
        * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $Junk \*)] text
        * OK [PERMANENTFLAGS ()] text
        * OK [OVERQUOTA] text
        * OK [READ-ONLY] text
        * OK [READ-WRITE] text
        * OK [TRYCREATE] text
        * OK [UNAVAILABLE] text
        * OK [UIDNEXT 4392] text
        * OK [UIDVALIDITY 3857529045] text
        * OK [UNSEEN 12] text
        "#);
        let without_room = written(&[Response::Untagged(
            Status::Ok,
            Some(permanent(full, false)),
            "x",
        )]);
        assert!(without_room.contains(" k58)]") && !without_room.contains("\\*"));
    }

    #[test]
    fn status_responses_are_tagged_or_not() {
        insta::assert_snapshot!(written(&[
            Response::Untagged(Status::No, None, "careful"),
            Response::Bye("see you"),
            Response::Continue("idling"),
            Response::Tagged(Status::Ok, Some(Code::ReadWrite), "SELECT completed"),
            Response::Tagged(Status::No, None, "no such mailbox"),
            Response::Tagged(Status::Bad, None, "what?"),
        ]), @r#"
        * NO careful
        * BYE see you
        + idling
        a1 OK [READ-WRITE] SELECT completed
        a1 NO no such mailbox
        a1 BAD what?
        "#);
    }

    #[test]
    fn a_page_of_search_is_not_written_and_the_whole_is() {
        let mut out = Vec::new();
        search(&mut out, &[]);
        search(&mut out, &[2, 84, 882]);
        assert_eq!(out, b"* SEARCH\r\n* SEARCH 2 84 882\r\n");
        let page = tandem_model::response::SearchPage {
            candidates: Vec::new(),
            key: None,
            last: true,
        };
        assert_eq!(written(&[Response::Search(page)]), "");
    }

    #[test]
    fn nothing_that_is_said_can_begin_another_line() {
        let evil = "x\r\n* BYE\0\u{e9}";
        let tag = Tag(Arc::from(evil));
        let mut out = Vec::new();
        condition(&mut out, Some(&tag), "BAD", "", evil);
        continuation(&mut out, evil);
        flags::flag_list(&mut out, Flags(u64::MAX), false, &keywords(&[evil, "ok"]));
        let mailbox = Listed {
            subscribed: false,
            name: ListedName::Mailbox(MailboxName::new(evil)),
            no_select: false,
            children: None,
        };
        list(&mut out, &mailbox);
        let text = String::from_utf8(out).unwrap();
        insta::assert_snapshot!(text.replace("\r\n", "$\n"), @r#"
        x*BYE BAD x??* BYE??$
        + x??* BYE??$
        (\Answered \Flagged \Deleted \Seen \Draft ok)* LIST () "/" "x&AA0ACg-* BYE&AAAA6Q-"$
        "#);
    }

    #[test]
    fn a_challenge_may_be_empty() {
        let mut out = Vec::new();
        continuation(&mut out, "");
        assert_eq!(out, b"+ \r\n");
    }
}
