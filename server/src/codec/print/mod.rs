//! Writes requests as a client would: the inverse of [`super::parse`], for tests.
//!
//! Touches nothing. RFC 3501 section 9, RFC 7888 section 8. Shares with the parser only the classes of characters,
//! modified UTF-7 and the names of flags.
//!
//! What no client can say is written as the nearest thing that one can: a set of numbers that is empty, a
//! string with NUL in it.

mod calendar;
mod search;
#[cfg(test)]
mod strategies;
mod string;

use super::{
    request::{FetchAttribute, Request, Section, SectionText, Tagged},
    utf7,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt::Display;
use string::{astring, list_mailbox, literal, quoted_or_literal};
use tandem_model::{
    command::{Command, StatusItems, StoreAction},
    flags::{FlagNames, Flags},
    message::InternalDate,
    name::MailboxName,
};

/// Writes a command, with its tag and its CRLF.
#[must_use]
pub fn print(tagged: &Tagged) -> Vec<u8> {
    let mut out = Vec::new();
    word(&mut out, &tagged.tag.0);
    out.push(b' ');
    request(&mut out, &tagged.request);
    word(&mut out, "\r\n");
    out
}

fn word(out: &mut Vec<u8>, word: impl Display) {
    out.extend_from_slice(word.to_string().as_bytes());
}

/// `(`, the items with spaces between them, `)`.
fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'(');
    for (index, each) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        item(out, each);
    }
    out.push(b')');
}

fn request(out: &mut Vec<u8>, request: &Request) {
    match request {
        Request::Capability => word(out, "CAPABILITY"),
        Request::Namespace => word(out, "NAMESPACE"),
        Request::StartTls => word(out, "STARTTLS"),
        Request::Id(fields) => id(out, fields),
        Request::Enable(capabilities) => {
            word(out, format_args!("ENABLE {}", capabilities.join(" ")))
        }
        Request::Login { user, password } => {
            word(out, "LOGIN ");
            astring(out, user.as_bytes());
            out.push(b' ');
            astring(out, password.as_bytes());
        }
        Request::Authenticate { mechanism, initial } => {
            word(out, format_args!("AUTHENTICATE {mechanism}"));
            match initial.as_deref() {
                None => {}
                Some([]) => word(out, " ="),
                Some(initial) => word(out, format_args!(" {}", STANDARD.encode(initial))),
            }
        }
        Request::Mailbox(command) => mailbox_command(out, command),
        Request::Fetch {
            command,
            attributes,
        } => {
            mailbox_command(out, command);
            out.push(b' ');
            list(out, attributes, fetch_attribute);
        }
        Request::BadCharset => word(out, "SEARCH CHARSET X-UNKNOWN ALL"),
        Request::Append {
            mailbox,
            flags,
            date,
            message,
        } => append(out, mailbox, flags, *date, message),
    }
}

fn id(out: &mut Vec<u8>, fields: &[(String, String)]) {
    word(out, "ID ");
    if fields.is_empty() {
        return word(out, "NIL");
    }
    list(out, fields, |out, (name, value)| {
        quoted_or_literal(out, name.as_bytes());
        out.push(b' ');
        quoted_or_literal(out, value.as_bytes());
    });
}

fn append(
    out: &mut Vec<u8>,
    mailbox: &MailboxName,
    flags: &FlagNames,
    date: Option<InternalDate>,
    message: &[u8],
) {
    on(out, "APPEND", mailbox);
    out.push(b' ');
    if *flags != FlagNames::default() {
        flag_list(out, flags);
        out.push(b' ');
    }
    if let Some(date) = date {
        word(out, format_args!("{} ", calendar::date_time(date)));
    }
    literal(out, message);
}

/// A command and a mailbox name.
fn on(out: &mut Vec<u8>, command: &str, mailbox: &MailboxName) {
    word(out, format_args!("{command} "));
    astring(out, utf7::encode(mailbox.as_str()).as_bytes());
}

fn mailbox_command(out: &mut Vec<u8>, command: &Command) {
    let name = command.name();
    match command {
        Command::Noop
        | Command::Check
        | Command::Logout
        | Command::Close
        | Command::Unselect
        | Command::Idle
        | Command::Expunge { uids: None } => word(out, name),
        Command::Expunge { uids: Some(set) } => word(out, format_args!("{name} {set}")),
        Command::Select { mailbox, .. }
        | Command::Create { mailbox }
        | Command::Delete { mailbox }
        | Command::Subscribe { mailbox }
        | Command::Unsubscribe { mailbox } => on(out, name, mailbox),
        Command::Rename { from, to } => {
            on(out, name, from);
            on(out, "", to);
        }
        Command::List {
            reference, pattern, ..
        } => {
            word(out, format_args!("{name} "));
            astring(out, utf7::encode(reference).as_bytes());
            out.push(b' ');
            list_mailbox(out, utf7::encode(pattern).as_bytes());
        }
        Command::Status { mailbox, items } => {
            on(out, name, mailbox);
            out.push(b' ');
            list(out, status_items(*items), word);
        }
        // What the server makes of an APPEND: the message is with it already.
        Command::Append {
            mailbox,
            flags,
            date,
            ..
        } => append(out, mailbox, flags, Some(*date), b""),
        Command::Store {
            set,
            action,
            silent,
            flags,
            ..
        } => store(out, format_args!("{name} {set}"), *action, *silent, flags),
        Command::Copy { set, mailbox, .. } | Command::Move { set, mailbox, .. } => {
            word(out, format_args!("{name} {set}"));
            on(out, "", mailbox);
        }
        // What is fetched, Request::Fetch knows.
        Command::Fetch { set, .. } => word(out, format_args!("{name} {set}")),
        Command::Search { key, .. } => search::search(out, name, key),
    }
}

fn status_items(items: StatusItems) -> impl Iterator<Item = &'static str> {
    [
        (items.messages, "MESSAGES"),
        (items.recent, "RECENT"),
        (items.uid_next, "UIDNEXT"),
        (items.uid_validity, "UIDVALIDITY"),
        (items.unseen, "UNSEEN"),
    ]
    .into_iter()
    .filter_map(|(asked, name)| asked.then_some(name))
}

fn store(
    out: &mut Vec<u8>,
    command: impl Display,
    action: StoreAction,
    silent: bool,
    flags: &FlagNames,
) {
    let action = match action {
        StoreAction::Replace => "FLAGS",
        StoreAction::Add => "+FLAGS",
        StoreAction::Remove => "-FLAGS",
    };
    let silent = if silent { ".SILENT" } else { "" };
    word(out, format_args!("{command} {action}{silent} "));
    flag_list(out, flags);
}

fn flag_list(out: &mut Vec<u8>, flags: &FlagNames) {
    let system = Flags::NAMES
        .into_iter()
        .filter(|&(flag, _)| flags.system.contains(flag));
    let keywords = flags.keywords.iter().map(|keyword| &*keyword.0);
    list(out, system.map(|(_, name)| name).chain(keywords), word);
}

fn fetch_attribute(out: &mut Vec<u8>, attribute: &FetchAttribute) {
    match attribute {
        FetchAttribute::Envelope => word(out, "ENVELOPE"),
        FetchAttribute::Flags => word(out, "FLAGS"),
        FetchAttribute::InternalDate => word(out, "INTERNALDATE"),
        FetchAttribute::Rfc822 => word(out, "RFC822"),
        FetchAttribute::Rfc822Header => word(out, "RFC822.HEADER"),
        FetchAttribute::Rfc822Size => word(out, "RFC822.SIZE"),
        FetchAttribute::Rfc822Text => word(out, "RFC822.TEXT"),
        FetchAttribute::Body => word(out, "BODY"),
        FetchAttribute::BodyStructure => word(out, "BODYSTRUCTURE"),
        FetchAttribute::Uid => word(out, "UID"),
        FetchAttribute::Section {
            section,
            partial,
            peek,
        } => {
            word(out, if *peek { "BODY.PEEK[" } else { "BODY[" });
            section_spec(out, section);
            out.push(b']');
            if let Some((from, count)) = partial {
                word(out, format_args!("<{from}.{count}>"));
            }
        }
    }
}

fn section_spec(out: &mut Vec<u8>, section: &Section) {
    let parts: Vec<String> = section.part.iter().map(u32::to_string).collect();
    word(out, parts.join("."));
    let Some(text) = &section.text else { return };
    if !parts.is_empty() {
        out.push(b'.');
    }
    let fields = match text {
        SectionText::Header => return word(out, "HEADER"),
        SectionText::Text => return word(out, "TEXT"),
        SectionText::Mime => return word(out, "MIME"),
        SectionText::HeaderFields(fields) => {
            word(out, "HEADER.FIELDS ");
            fields
        }
        SectionText::HeaderFieldsNot(fields) => {
            word(out, "HEADER.FIELDS.NOT ");
            fields
        }
    };
    list(out, fields, |out, field| astring(out, field.as_bytes()));
}

#[cfg(test)]
mod tests {
    use super::{strategies::tagged, *};
    use crate::codec::{
        fragment::{Event, Fragmenter, Limits},
        parse,
    };
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_096))]

        #[test]
        fn what_is_printed_is_parsed_to_the_same(tagged in tagged()) {
            let printed = print(&tagged);
            let mut input = printed.as_slice();
            let event = Fragmenter::new(Limits::default()).advance(&mut input);
            prop_assert!(input.is_empty());
            let Some(Event::Command(fragments)) = event else {
                return Err(TestCaseError::fail(format!("not one command: {event:?}")));
            };
            prop_assert_eq!(parse::command(fragments), Ok(tagged), "{}", printed.escape_ascii());
        }
    }
}
