//! Search keys against the content of messages.
//!
//! Touches nothing. RFC 3501 section 6.4.4: strings are found anywhere, without regard to case; encodings of content (transfer
//! encodings, charsets, encoded words) are undone first, and header fields are searched as they are, too.
//!
//! Splitting a message is [`crate::render`]'s; decoding is mail-parser's, on pieces that are cut out for it. All of it is linear in
//! the size of the message, and done at most once for all keys of a command.

mod decode;

use crate::render::{
    Source, header,
    part::{Inside, Part},
};
use decode::fold;
use mail_parser::DateTime;
use std::cell::OnceCell;
use tandem_model::{
    SearchKey,
    message::Day,
    response::Unjudged,
    search_key::{ContentKey, Subject},
};

/// Whether the key holds of a message that [`SearchKey::judge`] could not judge without its content.
#[must_use]
pub fn judge(key: &SearchKey, unjudged: &Unjudged, content: &[u8]) -> bool {
    let subject = Subject {
        seq: unjudged.seq,
        message: &unjudged.message,
        recent: unjudged.recent,
        keywords: &unjudged.keywords,
    };
    let searched = Searched::new(content);
    key.judge(&subject, &mut |key| Some(searched.holds(key)))
        .unwrap_or(false)
}

/// A message that is searched: what was decoded for one key serves the others.
struct Searched<'a> {
    source: Source<'a>,
    /// Names, folded, and texts, decoded and folded, of the fields.
    fields: OnceCell<Vec<(String, String)>>,
    header: OnceCell<String>,
    body: OnceCell<String>,
    sent: OnceCell<Option<Day>>,
}

impl<'a> Searched<'a> {
    const fn new(content: &'a [u8]) -> Self {
        Self {
            source: Source::new(content),
            fields: OnceCell::new(),
            header: OnceCell::new(),
            body: OnceCell::new(),
            sent: OnceCell::new(),
        }
    }

    fn holds(&self, key: &ContentKey) -> bool {
        match key {
            ContentKey::Header { field, text } => self.has_field(field, &fold(text)),
            ContentKey::Body(text) => self.body().contains(&fold(text)),
            ContentKey::Text(text) => {
                let text = fold(text);
                self.header().contains(&text) || self.body().contains(&text)
            }
            ContentKey::SentBefore(day) => self.sent().is_some_and(|sent| sent < *day),
            ContentKey::SentOn(day) => self.sent() == Some(*day),
            ContentKey::SentSince(day) => self.sent().is_some_and(|sent| sent >= *day),
        }
    }

    /// Whether a field of this name contains the text.
    fn has_field(&self, name: &str, text: &str) -> bool {
        let name = fold(name);
        self.fields()
            .iter()
            .any(|(found, value)| *found == name && value.contains(text))
    }

    fn fields(&self) -> &[(String, String)] {
        self.fields.get_or_init(|| {
            header::fields(self.source.split().0)
                .map(|field| {
                    let name = String::from_utf8_lossy(field.name);
                    (fold(&name), field_text(field.value))
                })
                .collect()
        })
    }

    fn header(&self) -> &str {
        self.header.get_or_init(|| {
            let mut text = String::new();
            header_text(self.source.split().0, &mut text);
            text
        })
    }

    fn body(&self) -> &str {
        self.body.get_or_init(|| {
            let mut text = String::new();
            body_text(self.source.tree(), &mut text);
            text
        })
    }

    /// The day that the Date field names, time and zone disregarded.
    fn sent(&self) -> Option<Day> {
        *self.sent.get_or_init(|| {
            let value = header::first(self.source.split().0, "Date")?;
            let date = DateTime::parse_rfc822(&String::from_utf8_lossy(&value))?;
            day(&date)
        })
    }
}

fn day(date: &DateTime) -> Option<Day> {
    /// The Julian day of 1970-01-01.
    const EPOCH: i32 = 2_440_588;
    let month = time::Month::try_from(date.month).ok()?;
    let date = time::Date::from_calendar_date(i32::from(date.year), month, date.day).ok()?;
    Some(Day(date.to_julian_day() - EPOCH))
}

/// What a field's value is searched as: decoded, and, if that differs, as it is.
fn field_text(value: &[u8]) -> String {
    let raw = header::unfold(value);
    let decoded = decode::encoded_words(&raw);
    let mut text = fold(&decoded);
    if decoded.as_bytes() != raw {
        text.push('\n');
        text.push_str(&fold(&String::from_utf8_lossy(&raw)));
    }
    text
}

/// Adds all fields of a header, one a line: `name: value`.
fn header_text(header: &[u8], text: &mut String) {
    for field in header::fields(header) {
        let name = fold(&String::from_utf8_lossy(field.name));
        text.push_str(&format!("{name}: {}\n", field_text(field.value)));
    }
}

/// Adds the text of all parts, and the headers of messages in the message. Depth is bounded by [`crate::render::part::DEPTH_MOST`].
fn body_text(part: &Part<'_>, text: &mut String) {
    match &part.inside {
        Inside::Parts(parts) => parts.iter().for_each(|part| body_text(part, text)),
        Inside::Message(message) => {
            header_text(message.header, text);
            body_text(message, text);
        }
        Inside::Octets if part.media.kind == b"TEXT" => {
            text.push_str(&fold(&decode::body(part)));
            // So that nothing is found across two parts.
            text.push('\n');
        }
        Inside::Octets => {}
    }
}
