//! What a command means, as imap-codec has read it: two spellings of one meaning are one text.
//!
//! Touches nothing, and nothing of the parser but modified UTF-7. RFC 3501 sections 5.1, 6.4.4, 6.4.5, 6.4.8 and 9. What the model leaves out is left out: fields of ID
//! without a value, what was asked for twice, times before 1970.

use super::keys;
use imap_codec::imap_types::{
    command::{Command, CommandBody},
    core::{IString, NString},
    datetime::DateTime,
    extensions::binary::LiteralOrLiteral8,
    fetch::{MacroOrMessageDataItemNames, MessageDataItemName, Part, Section},
    flag::Flag,
    mailbox::{ListMailbox, Mailbox},
    sequence::{Sequence, SequenceSet},
};
use std::collections::BTreeSet;
use tandem_server::codec::utf7;

/// What a command means.
#[must_use]
pub fn meaning(command: &Command<'_>) -> String {
    format!("{} {}", command.tag.as_ref(), body(&command.body))
}

fn body(body: &CommandBody<'_>) -> String {
    use CommandBody as Body;
    match body {
        Body::Authenticate {
            mechanism,
            initial_response,
        } => {
            let mechanism = mechanism.as_ref().to_ascii_uppercase();
            let initial = initial_response.as_ref();
            let initial = initial.map(|octets| text(octets.declassify()));
            format!("AUTHENTICATE {mechanism} {initial:?}")
        }
        Body::Login { username, password } => {
            format!("LOGIN {} {}", text(username), text(password.declassify()))
        }
        Body::Select { mailbox } => format!("SELECT {}", name(mailbox)),
        Body::Examine { mailbox } => format!("EXAMINE {}", name(mailbox)),
        Body::Create { mailbox } => format!("CREATE {}", name(mailbox)),
        Body::Delete { mailbox } => format!("DELETE {}", name(mailbox)),
        Body::Subscribe { mailbox } => format!("SUBSCRIBE {}", name(mailbox)),
        Body::Unsubscribe { mailbox } => format!("UNSUBSCRIBE {}", name(mailbox)),
        Body::Rename { from, to } => format!("RENAME {} {}", name(from), name(to)),
        Body::List {
            reference,
            mailbox_wildcard,
        } => format!("LIST {} {}", name(reference), pattern(mailbox_wildcard)),
        Body::Lsub {
            reference,
            mailbox_wildcard,
        } => format!("LSUB {} {}", name(reference), pattern(mailbox_wildcard)),
        Body::Status {
            mailbox,
            item_names,
        } => {
            let items = item_names.iter().map(|item| format!("{item:?}"));
            let items: BTreeSet<_> = items.collect();
            format!("STATUS {} {items:?}", name(mailbox))
        }
        Body::Append {
            mailbox,
            flags,
            date,
            message,
        } => {
            let message = match message {
                LiteralOrLiteral8::Literal(literal) => text(literal.data()),
                LiteralOrLiteral8::Literal8(literal) => format!("binary {literal:?}"),
            };
            let date = date.as_ref().map(time);
            format!(
                "APPEND {} {} {date:?} {message}",
                name(mailbox),
                names(flags)
            )
        }
        Body::Id { parameters } => format!("ID {:?}", fields(parameters.as_deref())),
        Body::Enable { capabilities } => {
            let capabilities = capabilities.as_ref().iter();
            let capabilities = capabilities.map(|one| one.to_string().to_ascii_uppercase());
            format!("ENABLE {:?}", capabilities.collect::<Vec<_>>())
        }
        other => of_messages(other),
    }
}

/// Of commands about messages; and of those that say nothing but their name.
fn of_messages(body: &CommandBody<'_>) -> String {
    use CommandBody as Body;
    match body {
        Body::ExpungeUid { sequence_set } => format!("UID EXPUNGE {}", set(sequence_set)),
        Body::Copy {
            sequence_set,
            mailbox,
            uid,
        } => format!("COPY {uid} {} {}", set(sequence_set), name(mailbox)),
        Body::Move {
            sequence_set,
            mailbox,
            uid,
        } => format!("MOVE {uid} {} {}", set(sequence_set), name(mailbox)),
        Body::Store {
            sequence_set,
            kind,
            response,
            flags,
            uid,
        } => {
            let (set, flags) = (set(sequence_set), names(flags));
            format!("STORE {uid} {set} {kind:?} {response:?} {flags}")
        }
        Body::Fetch {
            sequence_set,
            macro_or_item_names,
            uid,
        } => {
            let items = items(macro_or_item_names, *uid);
            format!("FETCH {uid} {} {items}", set(sequence_set))
        }
        Body::Search {
            charset,
            criteria,
            uid,
        } => match charset.as_ref().map(AsRef::<str>::as_ref) {
            Some(charset) if !keys::is_known(charset.as_bytes()) => "SEARCH, not known".to_owned(),
            Some(_) | None => format!("SEARCH {uid} {}", keys::meaning(criteria.as_ref())),
        },
        other => format!("{other:?}"),
    }
}

/// A string, in whatever form it was sent.
pub(super) fn text(octets: impl AsRef<[u8]>) -> String {
    format!("\"{}\"", octets.as_ref().escape_ascii())
}

/// A mailbox's name (RFC 3501 section 5.1): INBOX, and what is below it, in any case.
fn name(mailbox: &Mailbox<'_>) -> String {
    let Mailbox::Other(other) = mailbox else {
        return "INBOX".to_owned();
    };
    let name = encoded(other.as_ref());
    match name.split_once('/') {
        Some((first, rest)) if first.eq_ignore_ascii_case("INBOX") => text(format!("INBOX/{rest}")),
        Some(_) | None => text(name),
    }
}

fn pattern(pattern: &ListMailbox<'_>) -> String {
    text(encoded(match pattern {
        ListMailbox::Token(token) => token.as_ref(),
        ListMailbox::String(string) => string.as_ref(),
    }))
}

/// A name in modified UTF-7; clients send UTF-8, too.
fn encoded(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    if name.is_ascii() {
        name.into_owned()
    } else {
        utf7::encode(&name)
    }
}

/// Seconds since 1970 and minutes of the zone.
fn time(date: &DateTime) -> (i64, i32) {
    let date = date.as_ref();
    (
        date.timestamp().max(0),
        date.offset().local_minus_utc() / 60,
    )
}

/// Flags: keywords are the same in any case (RFC 3501 section 2.3.2).
fn names(flags: &[Flag<'_>]) -> String {
    let flags = flags
        .iter()
        .map(|flag| flag.to_string().to_ascii_lowercase());
    format!("{:?}", flags.collect::<BTreeSet<_>>())
}

fn fields(fields: Option<&[(IString<'_>, NString<'_>)]>) -> Vec<(String, String)> {
    let fields = fields.unwrap_or_default().iter();
    let given = fields.filter_map(|(name, value)| Some((text(name), text(value.0.as_ref()?))));
    given.collect()
}

/// A set of numbers: `1:1` is `1`.
pub(super) fn set(set: &SequenceSet) -> String {
    let ranges = set.0.as_ref().iter().map(|range| match range {
        Sequence::Single(one) => format!("{one:?}:{one:?}"),
        Sequence::Range(from, to) => format!("{from:?}:{to:?}"),
    });
    ranges.collect::<Vec<_>>().join(",")
}

/// Macros spelled out; UID is among them if the command is UID FETCH.
fn items(asked: &MacroOrMessageDataItemNames<'_>, uid: bool) -> String {
    let mut items = match asked {
        MacroOrMessageDataItemNames::Macro(name) => name.expand(),
        MacroOrMessageDataItemNames::MessageDataItemNames(items) => items.clone(),
    };
    if uid && !items.contains(&MessageDataItemName::Uid) {
        items.insert(0, MessageDataItemName::Uid);
    }
    items.iter().map(item).collect::<Vec<_>>().join(" ")
}

fn item(item: &MessageDataItemName<'_>) -> String {
    match item {
        MessageDataItemName::BodyExt {
            section: of,
            partial,
            peek,
        } => format!(
            "BODY[{}] {partial:?} {peek}",
            of.as_ref().map_or_else(String::new, section)
        ),
        other => format!("{other:?}"),
    }
}

fn section(section: &Section<'_>) -> String {
    let fields = |names: &[_]| names.iter().map(text).collect::<Vec<_>>().join(" ");
    let of = |part: &Option<Part>| format!("{part:?}");
    match section {
        Section::Part(part) => format!("{part:?}"),
        Section::Mime(part) => format!("{part:?} MIME"),
        Section::Header(part) => format!("{} HEADER", of(part)),
        Section::Text(part) => format!("{} TEXT", of(part)),
        Section::HeaderFields(part, names) => {
            format!("{} FIELDS {}", of(part), fields(names.as_ref()))
        }
        Section::HeaderFieldsNot(part, names) => {
            format!("{} FIELDS.NOT {}", of(part), fields(names.as_ref()))
        }
    }
}
