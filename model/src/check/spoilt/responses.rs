//! Everything that can be sent in place of what a step sends, made by one change of that.
//!
//! Touches nothing.

use crate::{
    flags::{Flags, Keywords},
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, ModSeq, SeqNum, Uid, UidValidity},
    response::{
        Candidate, Code, FetchData, Listed, ListedName, MailboxStatus, Response, SearchPage, Status,
    },
    sequence_set::NumberSet,
};
use alloc::{boxed::Box, format, string::String, vec, vec::Vec};

/// What kind of response it is.
pub(super) fn kind(response: &Response) -> &'static str {
    match response {
        Response::Exists(_) => "EXISTS",
        Response::Recent(_) => "RECENT",
        Response::Expunge(_) => "EXPUNGE",
        Response::Flags(_) => "FLAGS",
        Response::Fetch { data, .. } => match data {
            FetchData::Flags { .. } => "FETCH of flags",
            FetchData::Message { .. } => "FETCH",
            FetchData::Nil { .. } => "FETCH of NIL",
        },
        Response::Search(_) => "SEARCH",
        Response::List(_) => "LIST",
        Response::Status(_) => "STATUS",
        Response::Untagged(_, Some(Code::CopyUid(..)), _) => "untagged COPYUID",
        Response::Untagged(_, Some(Code::Closed), _) => "CLOSED",
        Response::Untagged(_, Some(Code::UidNext(_)), _) => "UIDNEXT",
        Response::Untagged(_, Some(Code::UidValidity(_)), _) => "UIDVALIDITY",
        Response::Untagged(..) => "untagged OK",
        Response::Bye(_) => "BYE",
        Response::Continue(_) => "continuation",
        Response::Tagged(..) => "tagged",
    }
}

/// All of them, each with how it differs.
pub(super) fn spoilt(out: &[Response]) -> Vec<(String, Vec<Response>)> {
    let mut all = vec![];
    if !out.is_empty() {
        all.push((String::from("silence"), vec![]));
    }
    for (at, response) in out.iter().enumerate() {
        let kind = kind(response);
        let mut with = |how: &str, instead: &[Response]| {
            let mut other = out.to_vec();
            other.splice(at..=at, instead.iter().cloned());
            all.push((format!("{kind}: {how}"), other));
        };
        with("left out", &[]);
        with("twice", &[response.clone(), response.clone()]);
        for (how, other) in otherwise(response) {
            with(how, &[other]);
        }
        if at > 0 {
            let mut other = out.to_vec();
            other.swap(at - 1, at);
            all.push((format!("{kind}: sooner"), other));
        }
    }
    let of_move = out.iter().find_map(|response| match response {
        Response::Untagged(_, code @ Some(Code::CopyUid(..)), _) => Some(code.clone()),
        _ => None,
    });
    if let Some(code) = of_move {
        let mut other = out.to_vec();
        other.retain(|response| !matches!(kind(response), "untagged COPYUID" | "EXPUNGE"));
        if let Some(Response::Tagged(_, tagged, _)) = other.last_mut() {
            *tagged = code;
        }
        all.push((String::from("COPYUID: as of COPY"), other));
    }
    all
}

/// The same with one response more.
pub(super) fn with_strays(out: &[Response]) -> Vec<(String, Vec<Response>)> {
    let mut all = vec![];
    for (how, stray) in strays() {
        let mut first = out.to_vec();
        first.insert(0, stray.clone());
        all.push((format!("first {how}"), first));
        if !out.is_empty() {
            let mut last = out.to_vec();
            last.push(stray);
            all.push((format!("then {how}"), last));
        }
    }
    all
}

fn name(name: &str) -> MailboxName {
    MailboxName::new(name)
}

fn message(uid: u32) -> Message {
    Message {
        uid: Uid(uid),
        size: 1,
        modseq: ModSeq(1),
        flags: Flags::NONE,
        date: InternalDate::default(),
        content: ContentId(1),
    }
}

fn shown(uid: u32) -> FetchData {
    FetchData::Message {
        message: message(uid),
        recent: false,
        seen_now: false,
    }
}

fn seen() -> FetchData {
    FetchData::Flags {
        flags: Flags::SEEN,
        recent: false,
        uid: None,
    }
}

/// What may come though nothing calls for it.
fn strays() -> Vec<(&'static str, Response)> {
    let fetch = |seq, data| Response::Fetch {
        seq: SeqNum(seq),
        data,
    };
    let untagged = |code| Response::Untagged(Status::Ok, Some(code), "");
    vec![
        ("0 EXISTS", Response::Exists(0)),
        ("9 EXISTS", Response::Exists(9)),
        ("9 RECENT", Response::Recent(9)),
        ("1 EXPUNGE", Response::Expunge(SeqNum(1))),
        ("9 EXPUNGE", Response::Expunge(SeqNum(9))),
        ("0 EXPUNGE", Response::Expunge(SeqNum(0))),
        ("FLAGS", Response::Flags(Keywords::default())),
        ("FETCH 1 of flags", fetch(1, seen())),
        ("FETCH 9 of flags", fetch(9, seen())),
        ("FETCH 1 of UID 1", fetch(1, shown(1))),
        ("FETCH 1 of UID 9", fetch(1, shown(9))),
        ("FETCH 1 of NIL", fetch(1, FetchData::Nil { uid: Uid(1) })),
        ("SEARCH 1", search(&[1])),
        ("SEARCH 9", search(&[9])),
        ("STATUS", status(name("A"), 9)),
        ("LIST", list(name("N"), false)),
        ("BYE", Response::Bye("")),
        ("a continuation", Response::Continue("")),
        ("a tagged OK", Response::Tagged(Status::Ok, None, "")),
        ("CLOSED", untagged(Code::Closed)),
        ("UIDNEXT 1", untagged(Code::UidNext(Uid(1)))),
        ("UIDNEXT 99", untagged(Code::UidNext(Uid(99)))),
        ("COPYUID", untagged(copied(UidValidity(1), &[1], &[1]))),
    ]
}

fn search(numbers: &[u32]) -> Response {
    let candidates = numbers.iter().map(|&number| Candidate {
        number,
        unjudged: None,
    });
    Response::Search(SearchPage {
        candidates: candidates.collect(),
        key: None,
        last: true,
    })
}

fn status(mailbox: MailboxName, messages: u32) -> Response {
    Response::Status(Box::new(MailboxStatus {
        mailbox,
        items: Default::default(),
        messages,
        recent: 0,
        uid_next: Uid(1),
        uid_validity: UidValidity(1),
        unseen: 0,
    }))
}

fn list(name: MailboxName, no_select: bool) -> Response {
    Response::List(Listed {
        subscribed: false,
        name: ListedName::Mailbox(name),
        no_select,
        children: None,
    })
}

fn copied(uid_validity: UidValidity, from: &[u32], to: &[u32]) -> Code {
    let set = |numbers: &[u32]| -> NumberSet { numbers.iter().map(|&it| (it, it)).collect() };
    Code::CopyUid(uid_validity, Box::new((set(from), set(to))))
}

/// One response otherwise.
fn otherwise(response: &Response) -> Vec<(&'static str, Response)> {
    match response {
        Response::Exists(count) => vec![
            ("one more", Response::Exists(count + 1)),
            ("one less", Response::Exists(count.saturating_sub(1))),
        ],
        Response::Expunge(seq) => vec![
            ("one more", Response::Expunge(SeqNum(seq.0 + 1))),
            ("one less", Response::Expunge(SeqNum(seq.0 - 1))),
        ],
        Response::Fetch { seq, data } => {
            let fetch = |seq, data| Response::Fetch {
                seq: SeqNum(seq),
                data,
            };
            let mut all = vec![
                ("one more", fetch(seq.0 + 1, data.clone())),
                ("one less", fetch(seq.0 - 1, data.clone())),
            ];
            let others = otherwise_shown(data).into_iter();
            all.extend(others.map(|(how, data)| (how, fetch(seq.0, data))));
            all
        }
        Response::Search(page) => otherwise_found(page),
        Response::List(listed) => {
            let other = |name, no_select| {
                let listed = Listed {
                    name,
                    no_select,
                    ..listed.clone()
                };
                Response::List(listed)
            };
            let name = ListedName::Mailbox(name("Z"));
            vec![
                ("of another name", other(name, listed.no_select)),
                (
                    "to be selected or not",
                    other(listed.name.clone(), !listed.no_select),
                ),
                ("of the root", other(ListedName::Root, listed.no_select)),
            ]
        }
        Response::Status(status) => {
            let (mut more, mut above, mut other) = (status.clone(), status.clone(), status.clone());
            more.messages += 1;
            above.uid_next = above.uid_next.next();
            other.mailbox = name("Z");
            vec![
                ("one message more", Response::Status(more)),
                ("another UIDNEXT", Response::Status(above)),
                ("of another name", Response::Status(other)),
            ]
        }
        Response::Untagged(status, code, text) => codes(code.as_ref())
            .into_iter()
            .map(|(how, code)| (how, Response::Untagged(*status, code, text)))
            .collect(),
        Response::Tagged(status, code, text) => {
            let mut all: Vec<_> = codes(code.as_ref())
                .into_iter()
                .map(|(how, code)| (how, Response::Tagged(*status, code, text)))
                .collect();
            for (how, other) in [("OK", Status::Ok), ("NO", Status::No), ("BAD", Status::Bad)] {
                if other != *status {
                    all.push((how, Response::Tagged(other, code.clone(), text)));
                    if code.is_some() {
                        all.push((how, Response::Tagged(other, None, text)));
                    }
                }
            }
            let expected = Response::Tagged(Status::No, Some(Code::InUse), text);
            all.push(("NO, in use", expected));
            all
        }
        Response::Recent(_) | Response::Flags(_) | Response::Bye(_) | Response::Continue(_) => {
            vec![]
        }
    }
}

fn otherwise_shown(data: &FetchData) -> Vec<(&'static str, FetchData)> {
    match data {
        FetchData::Flags { flags, recent, uid } => vec![
            (
                "of other flags",
                FetchData::Flags {
                    flags: Flags(flags.0 ^ Flags::SEEN.0),
                    recent: *recent,
                    uid: *uid,
                },
            ),
            (
                "with another UID",
                FetchData::Flags {
                    flags: *flags,
                    recent: *recent,
                    uid: Some(uid.map_or(Uid(1), Uid::next)),
                },
            ),
        ],
        FetchData::Message {
            message,
            recent,
            seen_now,
        } => {
            let other = |message| FetchData::Message {
                message,
                recent: *recent,
                seen_now: *seen_now,
            };
            let (mut uid, mut flags, mut content) = (*message, *message, *message);
            uid.uid = uid.uid.next();
            flags.flags = Flags(flags.flags.0 ^ Flags::SEEN.0);
            content.content = ContentId(message.content.0 + 1);
            let flags_only = FetchData::Flags {
                flags: message.flags,
                recent: *recent,
                uid: None,
            };
            vec![
                ("of another UID", other(uid)),
                ("of other flags", other(flags)),
                ("of another content", other(content)),
                ("of flags only", flags_only),
                ("as NIL", FetchData::Nil { uid: message.uid }),
            ]
        }
        FetchData::Nil { uid } => vec![
            ("of another UID", FetchData::Nil { uid: uid.next() }),
            ("whole", shown(uid.0)),
        ],
    }
}

fn otherwise_found(page: &SearchPage) -> Vec<(&'static str, Response)> {
    let numbers: Vec<u32> = page.candidates.iter().map(|one| one.number).collect();
    let with = |numbers: Vec<u32>| {
        let Response::Search(found) = search(&numbers) else {
            return Response::Search(page.clone());
        };
        Response::Search(SearchPage {
            candidates: found.candidates,
            ..page.clone()
        })
    };
    let mut all = vec![];
    for number in 0..6 {
        let mut other = numbers.clone();
        match numbers.iter().position(|&it| it == number) {
            Some(at) => {
                other.remove(at);
                all.push(("one left out", with(other)));
            }
            None => {
                other.push(number);
                all.push(("one more", with(other)));
            }
        }
    }
    all
}

/// Another response code, or none.
fn codes(code: Option<&Code>) -> Vec<(&'static str, Option<Code>)> {
    let new_name = |old, new| Code::NewName(Box::new((name(old), name(new))));
    let mut all = vec![];
    if code.is_some() {
        all.push(("without its code", None));
    }
    for (how, other) in [
        ("with TRYCREATE", Code::TryCreate),
        ("with EXPUNGEISSUED", Code::ExpungeIssued),
        ("with NEWNAME", new_name("A", "N/C")),
        ("with NEWNAME of another name", new_name("A", "B")),
        ("with NEWNAME for another name", new_name("B", "N/C")),
        ("with COPYUID", copied(UidValidity(1), &[1], &[1])),
        ("with APPENDUID", Code::AppendUid(UidValidity(1), Uid(1))),
    ] {
        if code != Some(&other) {
            all.push((how, Some(other)));
        }
    }
    match code {
        Some(Code::CopyUid(uid_validity, sets)) => {
            let numbers = |set: &NumberSet| set.iter().collect::<Vec<_>>();
            let (from, to) = (numbers(&sets.0), numbers(&sets.1));
            let later = |numbers: &[u32]| numbers.iter().map(|it| it + 1).collect::<Vec<_>>();
            let code =
                |uid_validity, from: &[u32], to: &[u32]| Some(copied(uid_validity, from, to));
            all.extend([
                (
                    "of another UIDVALIDITY",
                    code(uid_validity.next(), &from, &to),
                ),
                ("of other UIDs", code(*uid_validity, &later(&from), &to)),
                ("of other copies", code(*uid_validity, &from, &later(&to))),
                ("of fewer", code(*uid_validity, &from[1..], &to[1..])),
            ]);
        }
        Some(Code::AppendUid(uid_validity, uid)) => all.extend([
            (
                "of another UIDVALIDITY",
                Some(Code::AppendUid(uid_validity.next(), *uid)),
            ),
            (
                "of another UID",
                Some(Code::AppendUid(*uid_validity, uid.next())),
            ),
        ]),
        Some(Code::UidNext(uid)) => all.extend([
            ("one more", Some(Code::UidNext(uid.next()))),
            ("one less", Some(Code::UidNext(Uid(uid.0 - 1)))),
        ]),
        Some(Code::UidValidity(value)) => {
            all.push(("one more", Some(Code::UidValidity(value.next()))));
        }
        _ => {}
    }
    all
}
