//! What happened in the checked world, as lines that a person who knows IMAP can read.
//!
//! Touches nothing. Lines are as in RFC 2180: `C1:` is what client 1 sends, `S1:` what the
//! server sends to it, and what lies between is told in angle brackets. Client 1 tags with A001, client 2 with B001.

#[cfg(test)]
mod tests;

use super::{
    events::{Event, What, events},
    rules::Rules,
    world::Action,
};
use crate::{
    command::{Command, Form, StatusItems, StoreAction},
    flags::{FlagNames, Flags},
    response::{Code, FetchData, ListedName, Response, Status},
    search_key::{ContentKey, Numbers, SearchKey},
};
use alloc::{
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

/// The transcript of these actions. What follows at once from the line before it is not told.
#[must_use]
pub fn transcript(rules: &Rules, actions: &[Action]) -> String {
    let mut lines = Vec::new();
    let mut last: Option<&Event> = None;
    let events = events(rules, actions);
    for event in &events {
        let number = event.client.map_or(0, |client| client + 1);
        let follows = last
            .filter(|last| last.client == event.client)
            .map(|last| &last.what);
        match &event.what {
            What::Sends(line) => lines.push(format!("C{number}: {line}")),
            What::Takes(_) if matches!(follows, Some(What::Sends(_))) => {}
            What::Takes(does) => lines.push(format!("<the server {does} of client {number}>")),
            What::Answers(answers) => {
                lines.extend(answers.iter().map(|line| format!("S{number}: {line}")))
            }
            What::Reads if matches!(follows, Some(What::Answers(_))) => {}
            What::Reads => lines.push(format!("<client {number} reads what it was sent first>")),
            What::Breaks => lines.push(format!("<the connection of client {number} breaks>")),
            What::Wakes => lines.push(format!("<the server wakes the session of client {number}>")),
            What::Waits(step) => lines.push(format!("<{}>", waits(step))),
            What::Durable(step) => lines.push(format!("<{}>", durable(step))),
            What::Crash { lost, left } => {
                lines.push("-- crash --".into());
                lines.extend(befell(lost, left).map(|line| format!("<{line}>")));
            }
        }
        last = Some(event);
    }
    lines.join("\n")
}

/// That an answer waits.
pub(super) fn waits(step: &str) -> String {
    format!("the answer to {step} waits for the journal")
}

/// That a step is durable.
pub(super) fn durable(step: &str) -> String {
    format!("what {step} did is durable")
}

/// What was lost in a crash, and what was left.
pub(super) fn befell(lost: &[String], left: &str) -> impl Iterator<Item = String> {
    lost.iter()
        .cloned()
        .chain([format!("started again: {left}")])
}

/// A command as a client would send it, without its tag; content that the model does not have is told, not shown.
#[must_use]
pub fn say(command: &Command) -> String {
    let name = command.name();
    match command {
        Command::Noop
        | Command::Check
        | Command::Logout
        | Command::Close
        | Command::Unselect
        | Command::Idle
        | Command::Expunge { uids: None } => name.into(),
        Command::Select { mailbox, .. }
        | Command::Create { mailbox }
        | Command::Delete { mailbox }
        | Command::Subscribe { mailbox }
        | Command::Unsubscribe { mailbox } => format!("{name} {mailbox}"),
        Command::Rename { from, to } => format!("{name} {from} {to}"),
        Command::List {
            reference, pattern, ..
        } => format!("{name} \"{reference}\" \"{pattern}\""),
        Command::Status { mailbox, items } => {
            format!("{name} {mailbox} ({})", status_items(*items).join(" "))
        }
        Command::Append { mailbox, flags, .. } => {
            format!("{name} {mailbox} ({}) <a new message>", flag_names(flags))
        }
        Command::Expunge { uids: Some(set) } => format!("{name} {set}"),
        Command::Store {
            set,
            action,
            silent,
            flags,
            ..
        } => {
            let sign = match action {
                StoreAction::Replace => "",
                StoreAction::Add => "+",
                StoreAction::Remove => "-",
            };
            let silent = if *silent { ".SILENT" } else { "" };
            format!("{name} {set} {sign}FLAGS{silent} ({})", flag_names(flags))
        }
        Command::Copy { set, mailbox, .. } | Command::Move { set, mailbox, .. } => {
            format!("{name} {set} {mailbox}")
        }
        Command::Fetch {
            set,
            marks_seen,
            form,
        } => {
            let body = if *marks_seen { "BODY[]" } else { "BODY.PEEK[]" };
            let uid = if *form == Form::Sequence { "UID " } else { "" };
            format!("{name} {set} ({uid}FLAGS {body})")
        }
        Command::Search { key, .. } => format!("{name} {}", search_key(key)),
    }
}

/// A response that is not tagged, as the server would send it; none, for a page of SEARCH.
pub(super) fn untagged(response: &Response) -> Vec<String> {
    vec![match response {
        Response::Exists(count) => format!("* {count} EXISTS"),
        Response::Recent(count) => format!("* {count} RECENT"),
        Response::Expunge(seq) => format!("* {seq} EXPUNGE"),
        Response::Flags(keywords) => {
            let keywords: String = keywords
                .list()
                .iter()
                .map(|keyword| format!(" {}", keyword.0))
                .collect();
            format!("* FLAGS ({}{keywords})", flags(Flags::SYSTEM, false))
        }
        Response::Fetch { seq, data } => format!("* {seq} FETCH ({})", fetch_data(data)),
        Response::List(listed) => {
            let name = match &listed.name {
                ListedName::Mailbox(name) => name.to_string(),
                ListedName::Root => "\"\"".into(),
            };
            let no_select = if listed.no_select { "\\Noselect" } else { "" };
            let command = if listed.subscribed { "LSUB" } else { "LIST" };
            format!("* {command} ({no_select}) \"/\" {name}")
        }
        Response::Status(status) => {
            let values = [
                status.messages,
                status.recent,
                status.uid_next.0,
                status.uid_validity.0,
                status.unseen,
            ];
            let all = StatusItems {
                messages: true,
                recent: true,
                uid_next: true,
                uid_validity: true,
                unseen: true,
            };
            let asked = status_items(status.items);
            let shown: Vec<String> = status_items(all)
                .into_iter()
                .zip(values)
                .filter(|(item, _)| asked.contains(item))
                .map(|(item, value)| format!("{item} {value}"))
                .collect();
            format!("* STATUS {} ({})", status.mailbox, shown.join(" "))
        }
        Response::Untagged(status, code, text) => {
            condition("*", word(*status), code.as_ref(), text)
        }
        Response::Bye(text) => condition("*", "BYE", None, text),
        Response::Continue(text) => format!("+ {text}"),
        Response::Search(_) | Response::Tagged(..) => return Vec::new(),
    }]
}

fn fetch_data(data: &FetchData) -> String {
    match data {
        FetchData::Flags {
            flags: set,
            recent,
            uid,
        } => {
            let uid = uid.map(|uid| format!(" UID {uid}")).unwrap_or_default();
            format!("FLAGS ({}){uid}", flags(*set, *recent))
        }
        FetchData::Message {
            message, recent, ..
        } => format!(
            "UID {} FLAGS ({}) BODY[] \"message {}\"",
            message.uid,
            flags(message.flags, *recent),
            message.content
        ),
        FetchData::Nil { uid } => format!("UID {uid} FLAGS () BODY[] \"\""),
    }
}

pub(super) fn condition(tag: &str, word: &str, code: Option<&Code>, text: &str) -> String {
    let code = code
        .map(|code| format!("[{}] ", response_code(code)))
        .unwrap_or_default();
    format!("{tag} {word} {code}{text}")
}

pub(super) const fn word(status: Status) -> &'static str {
    match status {
        Status::Ok => "OK",
        Status::No => "NO",
        Status::Bad => "BAD",
    }
}

fn response_code(code: &Code) -> String {
    match code {
        Code::AlreadyExists => "ALREADYEXISTS".into(),
        Code::AppendUid(validity, uid) => format!("APPENDUID {validity} {uid}"),
        Code::Cannot => "CANNOT".into(),
        Code::Closed => "CLOSED".into(),
        Code::CopyUid(validity, sets) => format!("COPYUID {validity} {} {}", sets.0, sets.1),
        Code::ExpungeIssued => "EXPUNGEISSUED".into(),
        Code::InUse => "INUSE".into(),
        Code::Limit => "LIMIT".into(),
        Code::OverQuota => "OVERQUOTA".into(),
        Code::Unavailable => "UNAVAILABLE".into(),
        Code::NewName(names) => format!("NEWNAME {} {}", names.0, names.1),
        Code::NonExistent => "NONEXISTENT".into(),
        Code::PermanentFlags {
            read_only: true, ..
        } => "PERMANENTFLAGS ()".into(),
        Code::PermanentFlags { keywords, .. } => {
            let keywords: String = keywords
                .list()
                .iter()
                .map(|keyword| format!(" {}", keyword.0))
                .collect();
            format!(
                "PERMANENTFLAGS ({}{keywords} \\*)",
                flags(Flags::SYSTEM, false)
            )
        }
        Code::ReadOnly => "READ-ONLY".into(),
        Code::ReadWrite => "READ-WRITE".into(),
        Code::TryCreate => "TRYCREATE".into(),
        Code::UidNext(uid) => format!("UIDNEXT {uid}"),
        Code::UidValidity(validity) => format!("UIDVALIDITY {validity}"),
        Code::Unseen(seq) => format!("UNSEEN {seq}"),
    }
}

fn status_items(items: StatusItems) -> Vec<&'static str> {
    [
        (items.messages, "MESSAGES"),
        (items.recent, "RECENT"),
        (items.uid_next, "UIDNEXT"),
        (items.uid_validity, "UIDVALIDITY"),
        (items.unseen, "UNSEEN"),
    ]
    .into_iter()
    .filter_map(|(asked, name)| asked.then_some(name))
    .collect()
}

/// Flags as in a list of them; keywords by their places in the mailbox, for their names are not at hand.
fn flags(set: Flags, recent: bool) -> String {
    let mut names: Vec<String> = Flags::NAMES
        .into_iter()
        .filter(|&(flag, _)| set.contains(flag))
        .map(|(_, name)| name.into())
        .collect();
    let keywords =
        (0..crate::flags::Keywords::MOST).filter(|&place| set.contains(Flags::keyword(place)));
    names.extend(keywords.map(|place| format!("keyword{}", place + 1)));
    names.extend(recent.then(|| "\\Recent".into()));
    names.join(" ")
}

fn flag_names(names: &FlagNames) -> String {
    let mut all: Vec<String> = Some(flags(names.system, false))
        .filter(|system| !system.is_empty())
        .into_iter()
        .collect();
    all.extend(names.keywords.iter().map(|keyword| keyword.0.to_string()));
    all.join(" ")
}

fn search_key(key: &SearchKey) -> String {
    let numbers = |numbers: &Numbers| match numbers {
        Numbers::Asked(set) => set.to_string(),
        Numbers::Fixed(set) => set.to_string(),
    };
    match key {
        SearchKey::And(keys) if keys.is_empty() => "ALL".into(),
        SearchKey::And(keys) => {
            let keys: Vec<String> = keys.iter().map(search_key).collect();
            format!("({})", keys.join(" "))
        }
        SearchKey::Or(left, right) => format!("OR {} {}", search_key(left), search_key(right)),
        SearchKey::Not(key) => format!("NOT {}", search_key(key)),
        SearchKey::Flags(set) => flags(*set, false).replace('\\', "").to_uppercase(),
        SearchKey::Keyword(keyword) => format!("KEYWORD {}", keyword.0),
        SearchKey::Recent => "RECENT".into(),
        SearchKey::Sequence(set) => numbers(set),
        SearchKey::Uid(set) => format!("UID {}", numbers(set)),
        SearchKey::Larger(size) => format!("LARGER {size}"),
        SearchKey::Smaller(size) => format!("SMALLER {size}"),
        SearchKey::Before(day) => format!("BEFORE <day {}>", day.0),
        SearchKey::On(day) => format!("ON <day {}>", day.0),
        SearchKey::Since(day) => format!("SINCE <day {}>", day.0),
        SearchKey::Content(ContentKey::Header { field, text }) => {
            format!("HEADER {field} \"{text}\"")
        }
        SearchKey::Content(ContentKey::Body(text)) => format!("BODY \"{text}\""),
        SearchKey::Content(ContentKey::Text(text)) => format!("TEXT \"{text}\""),
        SearchKey::Content(ContentKey::SentBefore(day)) => format!("SENTBEFORE <day {}>", day.0),
        SearchKey::Content(ContentKey::SentOn(day)) => format!("SENTON <day {}>", day.0),
        SearchKey::Content(ContentKey::SentSince(day)) => format!("SENTSINCE <day {}>", day.0),
    }
}
