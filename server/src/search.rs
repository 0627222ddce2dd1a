//! Search keys against the content of messages.
//!
//! Touches nothing. RFC 3501 section 6.4.4: strings are found anywhere, without regard to case; encodings of content (transfer
//! encodings, charsets, encoded words) are undone first, and header fields are searched as they are, too.
//!
//! How much of a message is read for that is [`part`]'s to say: keys about fields need the header only. Splitting a message is
//! [`crate::render`]'s; decoding is mail-parser's, on pieces that are cut out for it. All of it is linear in
//! the size of the message, and done at most once for all keys of a command.

mod decode;

use crate::{
    content::{Found, Octets, Part},
    render::{
        Source,
        entity::{Entity, Inside},
        header,
    },
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

/// How much of a message has to be read to judge the key; `None`: nothing.
#[must_use]
pub fn part(key: &SearchKey) -> Option<Part> {
    match key {
        SearchKey::And(keys) => keys.iter().filter_map(part).max(),
        SearchKey::Or(left, right) => part(left).max(part(right)),
        SearchKey::Not(key) => part(key),
        SearchKey::Content(
            ContentKey::Header { .. }
            | ContentKey::SentBefore(_)
            | ContentKey::SentOn(_)
            | ContentKey::SentSince(_),
        ) => Some(Part::Header),
        SearchKey::Content(ContentKey::Body(_) | ContentKey::Text(_)) => Some(Part::Whole),
        SearchKey::Flags(_)
        | SearchKey::Keyword(_)
        | SearchKey::Recent
        | SearchKey::Sequence(_)
        | SearchKey::Uid(_)
        | SearchKey::Larger(_)
        | SearchKey::Smaller(_)
        | SearchKey::Before(_)
        | SearchKey::On(_)
        | SearchKey::Since(_) => None,
    }
}

/// Whether the key holds of a message that [`SearchKey::judge`] could not judge without its content. `found` is as much of it as [`part`]
/// says; nothing holds that depends on more.
#[must_use]
pub fn judge(key: &SearchKey, unjudged: &Unjudged, found: &Found) -> bool {
    let subject = Subject {
        seq: unjudged.seq,
        message: &unjudged.message,
        recent: unjudged.recent,
        keywords: &unjudged.keywords,
    };
    let searched = Searched::new(&found.octets);
    key.judge(&subject, &mut |key| searched.holds(key))
        .unwrap_or(false)
}

/// The fields of a header of no more octets than this are remembered from one key to the next. Many that are short would take twenty times their octets.
const REMEMBERED: usize = 64 << 10;

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
    const fn new(octets: &'a Octets) -> Self {
        Self {
            source: Source::new(octets),
            fields: OnceCell::new(),
            header: OnceCell::new(),
            body: OnceCell::new(),
            sent: OnceCell::new(),
        }
    }

    /// Whether the key holds; `None` if what it is about was not read.
    fn holds(&self, key: &ContentKey) -> Option<bool> {
        let header = self.source.octets().header()?;
        Some(match key {
            ContentKey::Header { field, text } => self.has_field(header, field, &fold(text)),
            ContentKey::Body(text) => self.body()?.contains(&fold(text)),
            ContentKey::Text(text) => {
                let text = fold(text);
                self.header(header).contains(&text) || self.body()?.contains(&text)
            }
            ContentKey::SentBefore(day) => self.sent(header).is_some_and(|sent| sent < *day),
            ContentKey::SentOn(day) => self.sent(header) == Some(*day),
            ContentKey::SentSince(day) => self.sent(header).is_some_and(|sent| sent >= *day),
        })
    }

    /// Whether a field of this name contains the text.
    fn has_field(&self, header: &[u8], name: &str, text: &str) -> bool {
        let name = fold(name);
        if header.len() > REMEMBERED {
            return header::fields(header)
                .filter(|field| fold(&String::from_utf8_lossy(field.name)) == name)
                .any(|field| field_text(field.value).contains(text));
        }
        self.fields(header)
            .iter()
            .any(|(found, value)| *found == name && value.contains(text))
    }

    fn fields(&self, header: &[u8]) -> &[(String, String)] {
        self.fields.get_or_init(|| {
            header::fields(header)
                .map(|field| {
                    let name = String::from_utf8_lossy(field.name);
                    (fold(&name), field_text(field.value))
                })
                .collect()
        })
    }

    fn header(&self, header: &[u8]) -> &str {
        self.header.get_or_init(|| {
            let mut text = String::new();
            header_text(header, &mut text);
            text
        })
    }

    /// The text of the body; `None` if it was not read.
    fn body(&self) -> Option<&str> {
        let tree = self.source.tree()?;
        Some(self.body.get_or_init(|| {
            let mut text = String::new();
            body_text(tree, &mut text);
            text
        }))
    }

    /// The day that the Date field names, time and zone disregarded.
    fn sent(&self, header: &[u8]) -> Option<Day> {
        *self.sent.get_or_init(|| {
            let value = header::first(header, "Date")?;
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
    if decoded.as_bytes() != &*raw {
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

/// Adds the text of all parts, and the headers of messages in the message. Depth is bounded by [`crate::render::entity::DEPTH_MOST`].
fn body_text(part: &Entity<'_>, text: &mut String) {
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

#[cfg(test)]
mod reading;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use proptest::prelude::*;
    use tandem_model::{
        flags::{Flags, Keywords},
        message::{InternalDate, Message},
        number::{ContentId, ModSeq, SeqNum, Uid},
    };

    fn unjudged() -> Unjudged {
        Unjudged {
            seq: SeqNum(3),
            message: Message {
                uid: Uid(9),
                size: 100,
                modseq: ModSeq(1),
                flags: Flags::SEEN,
                date: InternalDate::default(),
                content: ContentId(1),
            },
            recent: false,
            keywords: Keywords::default(),
        }
    }

    fn holds(key: ContentKey, content: &[u8]) -> bool {
        let found = Content::new(content).read(Part::Whole);
        judge(&SearchKey::Content(key), &unjudged(), &found)
    }

    fn header(field: &str, text: &str) -> ContentKey {
        ContentKey::Header {
            field: field.into(),
            text: text.into(),
        }
    }

    const MESSAGE: &str = "Date: Tue, 1 Jul 2025 23:30:00 -0800\r\n\
        From: =?utf-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@example.org>\r\n\
        Subject: =?utf-8?Q?two?= =?iso-8859-1?Q?_w=F6rds?= and\r\n a fold\r\n\
        X-Empty:\r\n\
        Content-Type: multipart/mixed; boundary=b\r\n\r\n\
        preamble\r\n--b\r\n\
        Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Gr=C3=BC=C3=9Fe a soft=\r\n break =CE=9F=CE=94=CE=9F=CE=A3\r\n--b\r\n\
        Content-Type: text/html; charset=iso-8859-5\r\nContent-Transfer-Encoding: base64\r\n\r\n\
        v+DY0tXi\r\n--b\r\n\
        Content-Type: message/rfc822\r\n\r\nSubject: inner subject\r\n\r\ninner text\r\n--b\r\n\
        Content-Type: image/png\r\n\r\npicture\r\n--b--\r\nepilogue";

    #[test]
    fn a_field_is_found_decoded_and_as_it_is() {
        for (field, text, expected) in [
            ("from", "J\u{f6}RG M\u{fc}ller", true),
            ("From", "=?UTF-8?q?j=C3", true),
            ("FROM", "joerg@", true),
            ("subject", "two w\u{f6}rds and a fold", true),
            ("subject", "nothing of it", false),
            ("x-empty", "", true),
            ("x-empty", "x", false),
            ("x-absent", "", false),
            ("to", "joerg", false),
        ] {
            assert_eq!(
                holds(header(field, text), MESSAGE.as_bytes()),
                expected,
                "{field} {text}"
            );
        }
    }

    #[test]
    fn a_field_of_a_header_that_is_not_remembered_is_found_as_well() {
        let long = format!("{}{MESSAGE}", "x: y\r\n".repeat(REMEMBERED));
        for (field, text, expected) in [
            ("X", "y", true),
            ("subject", "two w\u{f6}rds and a fold", true),
            ("subject", "y", false),
            ("to", "joerg", false),
        ] {
            let found = holds(header(field, text), long.as_bytes());
            assert_eq!(found, expected, "{field} {text}");
        }
    }

    #[test]
    fn text_parts_are_searched_decoded() {
        for (text, in_body, in_text) in [
            ("GR\u{dc}\u{df}E", true, true),
            ("soft break", true, true),
            ("\u{3bf}\u{3b4}\u{3bf}\u{3c2}", true, true),
            ("\u{43f}\u{440}\u{418}\u{432}\u{435}\u{442}", true, true),
            ("inner text", true, true),
            ("Inner Subject", true, true),
            ("x-empty:", false, true),
            ("m\u{fc}ller", false, true),
            ("picture", false, false),
            ("preamble", false, false),
            ("breakinner", false, false),
        ] {
            let found = |key: fn(std::sync::Arc<str>) -> ContentKey| {
                holds(key(text.into()), MESSAGE.as_bytes())
            };
            assert_eq!(found(ContentKey::Body), in_body, "BODY {text}");
            assert_eq!(found(ContentKey::Text), in_text, "TEXT {text}");
        }
    }

    #[test]
    fn a_message_is_sent_on_the_day_in_its_date_field_whatever_the_zone() {
        // 2025-07-01.
        let day = |offset| Day(20_270 + offset);
        for (key, expected) in [
            (ContentKey::SentOn(day(0)), true),
            (ContentKey::SentOn(day(1)), false),
            (ContentKey::SentBefore(day(0)), false),
            (ContentKey::SentBefore(day(1)), true),
            (ContentKey::SentSince(day(0)), true),
            (ContentKey::SentSince(day(1)), false),
        ] {
            assert_eq!(holds(key.clone(), MESSAGE.as_bytes()), expected, "{key:?}");
        }
    }

    #[test]
    fn a_message_without_a_date_was_sent_on_no_day() {
        for content in [
            &b"Subject: x\r\n\r\n"[..],
            b"Date: soon\r\n\r\n",
            b"Date: 31 Feb 2025 00:00:00 +0000\r\n\r\n",
        ] {
            assert!(!holds(ContentKey::SentBefore(Day(i32::MAX)), content));
            assert!(!holds(ContentKey::SentSince(Day(i32::MIN)), content));
        }
    }

    #[test]
    fn keys_of_both_kinds_are_judged_together() {
        let found = SearchKey::Content(header("subject", "words"));
        let seen = SearchKey::Flags(Flags::SEEN);
        let found_whole = Content::new(*b"Subject: words\r\n\r\n").read(Part::Whole);
        let judged = |key| judge(&key, &unjudged(), &found_whole);
        assert!(judged(SearchKey::And(vec![seen.clone(), found.clone()])));
        assert!(!judged(SearchKey::And(vec![
            seen,
            SearchKey::Not(Box::new(found.clone()))
        ])));
        assert!(judged(SearchKey::Or(
            Box::new(SearchKey::Recent),
            Box::new(found)
        )));
    }

    #[test]
    fn the_samples_can_be_searched_as_they_say() {
        let sample = crate::sample::messages().swap_remove(3).bytes;
        assert!(holds(ContentKey::Text("GR\u{dc}\u{df}E".into()), &sample));
        assert!(holds(header("FROM", "j\u{f6}rg"), &sample));
        assert!(holds(
            header("SUBJECT", "und eine \u{dc}berschrift"),
            &sample
        ));
    }

    #[test]
    fn hostile_headers_of_a_megabyte_are_searched() {
        for piece in [
            "=?",
            "=?aa?q?",
            "=?utf-8?q?=",
            "=?utf-8?b?",
            "=?utf-8?q?a?= ",
            "?=",
            "(",
            "1 ",
        ] {
            let content = format!(
                "Date: {0}\r\nSubject: {0}\r\n\r\n",
                piece.repeat(1_000_000 / piece.len())
            );
            assert!(!holds(
                ContentKey::Text("no such text".into()),
                content.as_bytes()
            ));
            assert!(!holds(ContentKey::SentOn(Day(0)), content.as_bytes()));
        }
    }

    fn charset() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "utf-8",
            "utf-7",
            "utf-16",
            "utf-16le",
            "utf-16be",
            "iso-8859-1",
            "koi8-r",
            "windows-1252",
            "us-ascii",
            "big5",
            "x",
            "",
        ])
    }

    fn encoding() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec!["base64", "quoted-printable", "8bit", "x"])
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn any_octets_in_any_encoding_can_be_searched(
            charset in charset(),
            encoding in encoding(),
            body in prop::collection::vec(any::<u8>(), 0..100),
            code in "[A-Za-z0-9+/=\r\n -]{0,100}",
        ) {
            for octets in [body.as_slice(), code.as_bytes()] {
                let head = format!(
                    "Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
                );
                let content = [head.as_bytes(), octets].concat();
                prop_assert!(!holds(ContentKey::Text("no such text".into()), &content));
            }
        }

        #[test]
        fn any_octets_in_a_header_can_be_searched(
            charset in charset(),
            encoding in prop::sample::select(vec!["q", "b", "Q", "B", "x"]),
            word in prop::collection::vec(any::<u8>(), 0..30),
            date in "[0-9 :+A-Za-z,;()-]{0,40}",
        ) {
            let mut content = format!("Date: {date}\r\nSubject: =?{charset}?{encoding}?").into_bytes();
            content.extend(word);
            content.extend_from_slice(b"?= x\r\n\r\n");
            prop_assert!(!holds(ContentKey::Text("no such text".into()), &content));
            holds(ContentKey::SentOn(Day(0)), &content);
        }

        #[test]
        fn what_is_in_the_body_is_found(before in ".{0,20}", text in "[^\r\n]{1,20}", after in ".{0,20}") {
            let content = format!("Content-Type: text/plain; charset=utf-8\r\n\r\n{before}{text}{after}");
            prop_assert!(holds(ContentKey::Body(text.to_uppercase().into()), content.as_bytes())
                || text.to_uppercase().to_lowercase() != text.to_lowercase());
        }
    }
}
