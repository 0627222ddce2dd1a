//! SEARCH and its keys.
//!
//! Touches nothing. RFC 3501 sections 6.4.4 and 9.

use super::{calendar::date, list, string::astring, word};
use tandem_model::{
    flags::Flags,
    search_key::{ContentKey, Numbers, SearchKey},
};

/// `search`, as `command` has it: SEARCH or UID SEARCH. CHARSET UTF-8 if a string needs it.
pub(super) fn search(out: &mut Vec<u8>, command: &str, key: &SearchKey) {
    word(out, format_args!("{command} "));
    if !is_ascii(key) {
        word(out, "CHARSET UTF-8 ");
    }
    match key {
        SearchKey::And(keys) if !keys.is_empty() => spaced(out, keys),
        key => search_key(out, key),
    }
}

/// Keys with spaces between them.
fn spaced(out: &mut Vec<u8>, keys: &[SearchKey]) {
    for (index, key) in keys.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        search_key(out, key);
    }
}

/// Whether all strings are US-ASCII, which needs no CHARSET.
fn is_ascii(key: &SearchKey) -> bool {
    match key {
        SearchKey::And(keys) => keys.iter().all(is_ascii),
        SearchKey::Or(left, right) => is_ascii(left) && is_ascii(right),
        SearchKey::Not(key) => is_ascii(key),
        SearchKey::Content(
            ContentKey::Header { text, .. } | ContentKey::Body(text) | ContentKey::Text(text),
        ) => text.is_ascii(),
        _ => true,
    }
}

/// In the shortest way, so that what was within the parser's limits still is.
fn search_key(out: &mut Vec<u8>, key: &SearchKey) {
    match key {
        SearchKey::And(keys) if keys.is_empty() => word(out, "ALL"),
        SearchKey::And(keys) if is_new(keys) => word(out, "NEW"),
        SearchKey::And(keys) => list(out, keys, search_key),
        SearchKey::Or(left, right) => {
            word(out, "OR ");
            search_key(out, left);
            out.push(b' ');
            search_key(out, right);
        }
        SearchKey::Not(key) => not(out, key),
        SearchKey::Flags(flags) => system_flags(out, *flags),
        SearchKey::Keyword(keyword) => word(out, format_args!("KEYWORD {}", keyword.0)),
        SearchKey::Recent => word(out, "RECENT"),
        SearchKey::Sequence(numbers) => numbers_key(out, "", numbers),
        SearchKey::Uid(numbers) => numbers_key(out, "UID ", numbers),
        SearchKey::Larger(size) => word(out, format_args!("LARGER {size}")),
        SearchKey::Smaller(size) => word(out, format_args!("SMALLER {size}")),
        SearchKey::Before(day) => word(out, format_args!("BEFORE {}", date(*day))),
        SearchKey::On(day) => word(out, format_args!("ON {}", date(*day))),
        SearchKey::Since(day) => word(out, format_args!("SINCE {}", date(*day))),
        SearchKey::Content(key) => content_key(out, key),
    }
}

/// Whether these keys are what NEW stands for.
fn is_new(keys: &[SearchKey]) -> bool {
    let [SearchKey::Recent, SearchKey::Not(key)] = keys else {
        return false;
    };
    **key == SearchKey::Flags(Flags::SEEN)
}

/// OLD, UNSEEN and the like, UNKEYWORD, or NOT.
fn not(out: &mut Vec<u8>, key: &SearchKey) {
    match key {
        SearchKey::Recent => word(out, "OLD"),
        SearchKey::Flags(flag) if Flags::NAMES.iter().any(|(known, _)| known == flag) => {
            word(out, "UN")
        }
        SearchKey::Keyword(_) => word(out, "UN"),
        _ => word(out, "NOT "),
    }
    if *key != SearchKey::Recent {
        search_key(out, key);
    }
}

/// A key for each flag; all of them, in parentheses, unless there is one.
fn system_flags(out: &mut Vec<u8>, flags: Flags) {
    let set = Flags::NAMES
        .into_iter()
        .filter(|&(flag, _)| flags.contains(flag));
    let mut names: Vec<String> = set
        .map(|(_, name)| name.trim_start_matches('\\').to_ascii_uppercase())
        .collect();
    match names.pop() {
        None => word(out, "ALL"),
        Some(name) if names.is_empty() => word(out, name),
        Some(name) => list(out, names.into_iter().chain([name]), word),
    }
}

fn numbers_key(out: &mut Vec<u8>, before: &str, numbers: &Numbers) {
    let set = match numbers {
        Numbers::Asked(set) => set.to_string(),
        Numbers::Fixed(set) => set.to_string(),
    };
    if set.is_empty() {
        word(out, "NOT ALL");
    } else {
        word(out, format_args!("{before}{set}"));
    }
}

fn content_key(out: &mut Vec<u8>, key: &ContentKey) {
    let text = match key {
        ContentKey::SentBefore(day) => return word(out, format_args!("SENTBEFORE {}", date(*day))),
        ContentKey::SentOn(day) => return word(out, format_args!("SENTON {}", date(*day))),
        ContentKey::SentSince(day) => return word(out, format_args!("SENTSINCE {}", date(*day))),
        ContentKey::Body(text) => {
            word(out, "BODY ");
            text
        }
        ContentKey::Text(text) => {
            word(out, "TEXT ");
            text
        }
        ContentKey::Header { field, text } => {
            match &**field {
                "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => word(out, field),
                field => {
                    word(out, "HEADER ");
                    astring(out, field.as_bytes());
                }
            }
            out.push(b' ');
            text
        }
    };
    astring(out, text.as_bytes());
}
