//! Keys of SEARCH, as imap-codec and as the model have them.
//!
//! Touches nothing. RFC 3501 sections 6.4.4 and 9 (`search-key`).

use super::meaning::{set, text};
use imap_codec::imap_types::search::SearchKey;
use tandem_model::{Command, search_key};
use tandem_server::codec::request::{Request, Tagged};

/// Whether strings can be read in a charset.
pub(super) fn is_known(charset: &[u8]) -> bool {
    charset.eq_ignore_ascii_case(b"UTF-8") || charset.eq_ignore_ascii_case(b"US-ASCII")
}

/// What it means that all of these hold. Parentheses around one key mean nothing.
pub(super) fn meaning(keys: &[SearchKey<'_>]) -> String {
    match keys {
        [key] => one(key),
        keys => {
            let keys: Vec<_> = keys.iter().map(one).collect();
            format!("({})", keys.join(" "))
        }
    }
}

fn one(key: &SearchKey<'_>) -> String {
    let not = |key: &str| format!("(NOT {key})");
    match key {
        SearchKey::And(keys) => meaning(keys.as_ref()),
        SearchKey::Or(left, right) => format!("(OR {} {})", one(left), one(right)),
        SearchKey::Not(key) => not(&one(key)),
        SearchKey::New => format!("(Recent {})", not("Seen")),
        SearchKey::Old => not("Recent"),
        SearchKey::Unanswered => not("Answered"),
        SearchKey::Undeleted => not("Deleted"),
        SearchKey::Undraft => not("Draft"),
        SearchKey::Unflagged => not("Flagged"),
        SearchKey::Unseen => not("Seen"),
        SearchKey::Keyword(word) => keyword(word.as_ref()),
        SearchKey::Unkeyword(word) => not(&keyword(word.as_ref())),
        SearchKey::SequenceSet(numbers) => set(numbers),
        SearchKey::Uid(numbers) => format!("UID {}", set(numbers)),
        SearchKey::Bcc(wanted) => header(b"BCC", wanted.as_ref()),
        SearchKey::Cc(wanted) => header(b"CC", wanted.as_ref()),
        SearchKey::From(wanted) => header(b"FROM", wanted.as_ref()),
        SearchKey::Subject(wanted) => header(b"SUBJECT", wanted.as_ref()),
        SearchKey::To(wanted) => header(b"TO", wanted.as_ref()),
        SearchKey::Header(field, wanted) => header(field.as_ref(), wanted.as_ref()),
        SearchKey::Body(wanted) => format!("BODY {}", text(wanted)),
        SearchKey::Text(wanted) => format!("TEXT {}", text(wanted)),
        // A flag, a size or a date.
        other => format!("{other:?}"),
    }
}

fn keyword(word: &str) -> String {
    format!("KEYWORD {}", word.to_ascii_lowercase())
}

fn header(field: &[u8], wanted: &[u8]) -> String {
    format!("HEADER {} {}", text(field), text(wanted))
}

/// The same SEARCH, if no key were within another one.
pub(super) fn flat(tagged: &Tagged) -> Tagged {
    let mut tagged = tagged.clone();
    if let Request::Mailbox(Command::Search { key, .. }) = &mut tagged.request {
        let mut all = Vec::new();
        leaves(key, &mut all);
        *key = search_key::SearchKey::And(all);
    }
    tagged
}

fn leaves(key: &search_key::SearchKey, all: &mut Vec<search_key::SearchKey>) {
    use search_key::SearchKey as Key;
    match key {
        Key::And(keys) if !keys.is_empty() => keys.iter().for_each(|key| leaves(key, all)),
        Key::Or(left, right) => {
            leaves(left, all);
            leaves(right, all);
        }
        Key::Not(key) => leaves(key, all),
        key => all.push(key.clone()),
    }
}
