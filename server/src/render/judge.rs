//! Judges what FETCH shows of a message, whatever the message is: for tests and the fuzzer.
//!
//! Touches nothing. RFC 3501 sections 6.4.5, 7.4.2 and 9. The answer can be read; it shows octets of the message and no others; every part that
//! BODYSTRUCTURE tells of is there, and has as many octets and lines as it says; fields of a header are those that have the names, and all others; a partial answer is that part of
//! the whole one. The judge shares no code with what writes, but for `tree`, which looks at how the message was split.

mod fields;
pub mod form;
pub mod reader;

use super::{
    digest,
    entity::{DEPTH_MOST, Entity, Inside},
    fetch,
};
use crate::{
    codec::request::{FetchAttribute, Section, SectionText},
    content::{Content, Part},
};
use form::is_envelope;
use reader::Value;
use tandem_model::{
    flags::{Flags, Keywords},
    message::{InternalDate, Message},
    number::{ContentId, ModSeq, SeqNum, Uid},
    response::FetchData,
};

/// Of how many parts each section is asked for. The time of all sections is the product of their number and the size of the message.
const PARTS: usize = 64;

/// Fields that are asked for.
const NAMES: [&str; 3] = ["from", "Content-Type", "a b"];

/// What answers: the lines of FETCH that show these attributes.
type Shows<'a> = &'a dyn Fn(&[FetchAttribute]) -> Vec<u8>;

/// Asks for everything of a message, and looks at what comes.
///
/// # Errors
/// What is wrong.
pub fn judge(octets: &[u8]) -> Result<(), String> {
    let content = Content::new(octets);
    judge_answers(octets, &|attributes| shown(&content, octets, attributes))
}

/// The same of whatever answers.
fn judge_answers(octets: &[u8], shows: Shows<'_>) -> Result<(), String> {
    let values = answer(shows, &whole_message())?;
    let [envelope, body, structure, size, ..] = values.as_slice() else {
        return Err("attributes are missing".to_owned());
    };
    require(size.number() == Some(octets.len()), || {
        format!("RFC822.SIZE {size:?}, of {}", octets.len())
    })?;
    require(is_envelope(envelope), || format!("ENVELOPE {envelope:?}"))?;
    let read = form::body(structure, true).zip(form::body(body, false));
    let ((plain, parts), _) =
        read.ok_or_else(|| format!("BODYSTRUCTURE {structure:?}, BODY {body:?}"))?;
    require(plain == *body, || {
        "BODY is not BODYSTRUCTURE without its extension data".to_owned()
    })?;
    message(&values, octets)?;
    let header = digest(octets).1;
    let entity = Entity::parse(octets);
    require(entity.header.len() == header, || {
        "the header is not the same for all".to_owned()
    })?;
    tree(&entity, octets, 0)?;
    for part in parts.iter().take(PARTS) {
        judge_part(shows, &entity, part).map_err(|fault| format!("{fault}, of {part:?}"))?;
    }
    Ok(())
}

/// What is asked for of the message itself.
fn whole_message() -> Vec<FetchAttribute> {
    vec![
        FetchAttribute::Envelope,
        FetchAttribute::Body,
        FetchAttribute::BodyStructure,
        FetchAttribute::Rfc822Size,
        FetchAttribute::Rfc822,
        FetchAttribute::Rfc822Header,
        FetchAttribute::Rfc822Text,
        section(&[], None, None),
        section(&[], Some(SectionText::Header), None),
        section(&[], Some(SectionText::Text), None),
        section(&[], Some(SectionText::HeaderFields(names())), None),
        section(&[], Some(SectionText::HeaderFieldsNot(names())), None),
    ]
}

fn names() -> Vec<String> {
    NAMES.map(str::to_owned).to_vec()
}

fn section(
    number: &[u32],
    text: Option<SectionText>,
    partial: Option<(u32, u32)>,
) -> FetchAttribute {
    FetchAttribute::Section {
        section: Section {
            part: number.to_vec(),
            text,
        },
        partial,
        peek: true,
    }
}

/// What is shown of the message itself, after ENVELOPE, BODY, BODYSTRUCTURE and RFC822.SIZE.
fn message(values: &[Value], octets: &[u8]) -> Result<(), String> {
    let texts: Option<Vec<&[u8]>> = values.iter().skip(4).map(Value::text).collect();
    let Some(&[all, header, text, whole, head, rest, fields, others]) = texts.as_deref() else {
        return Err("something of the message itself is not there".to_owned());
    };
    require(all == octets && whole == octets, || {
        "the message is not shown as it is".to_owned()
    })?;
    require(header == head && text == rest, || {
        "RFC822.HEADER, RFC822.TEXT: not the sections of these names".to_owned()
    })?;
    require([header, text].concat() == octets, || {
        "header and text are not the message".to_owned()
    })?;
    are_fields(header, fields, others)
}

/// What is shown of these fields, and of all others, is what is in the header.
fn are_fields(header: &[u8], named: &[u8], others: &[u8]) -> Result<(), String> {
    let expected = fields::apart(header, &NAMES);
    require(expected.0 == named && expected.1 == others, || {
        format!("HEADER.FIELDS and HEADER.FIELDS.NOT are not {expected:?}")
    })
}

/// Every section of a part, whole and in parts.
fn judge_part(shows: Shows<'_>, entity: &Entity<'_>, part: &form::Part) -> Result<(), String> {
    let number = part.number.as_slice();
    let texts = [
        None,
        Some(SectionText::Mime),
        Some(SectionText::Header),
        Some(SectionText::Text),
        Some(SectionText::HeaderFields(names())),
        Some(SectionText::HeaderFieldsNot(names())),
    ];
    let asked: Vec<_> = texts.map(|text| section(number, text, None)).into();
    let values = answer(shows, &asked)?;
    let [body, mime, header, text, fields, others] = values.as_slice() else {
        return Err("sections are missing".to_owned());
    };
    let octets = body.text().ok_or("the part is not there")?;
    // Where each part is, `tree` has looked at.
    let found = entity
        .find(number)
        .ok_or("the part is not where it should be")?;
    require(
        octets == found.body && mime.text() == Some(found.header),
        || "neither more nor less than the part and its header".to_owned(),
    )?;
    require(part.octets.is_none_or(|told| told == octets.len()), || {
        format!("{} octets are there", octets.len())
    })?;
    let lines = octets.split_inclusive(|&byte| byte == b'\n').count();
    require(part.lines.is_none_or(|told| told == lines), || {
        format!("{lines} lines are there")
    })?;
    if part.is_message {
        let halves = header.text().zip(text.text());
        let (header, text) = halves.ok_or("a message without a header or a text")?;
        require([header, text].concat() == octets, || {
            "header and text are not the message".to_owned()
        })?;
        let subsets = fields.text().zip(others.text());
        let (fields, others) = subsets.ok_or("header fields are missing")?;
        are_fields(header, fields, others)?;
    } else {
        let of_messages = [header, text, fields, others];
        require(of_messages.into_iter().all(Value::is_nil), || {
            "what only a message has is shown of a part that is none".to_owned()
        })?;
    }
    partial(shows, number, octets)
}

/// Some octets of a part, from places inside and outside of it.
fn partial(shows: Shows<'_>, number: &[u32], octets: &[u8]) -> Result<(), String> {
    let length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    let places = [
        (0, 1),
        (0, u32::MAX),
        (1, 3),
        (length / 2, length),
        (length, 1),
        (u32::MAX, 1),
    ];
    let asked = places.map(|place| section(number, None, Some(place)));
    let values = answer(shows, &asked)?;
    for ((from, count), value) in places.into_iter().zip(values) {
        let (from, count) = (from as usize, count as usize);
        let rest = octets.iter().skip(from).take(count);
        require(
            value.text().is_some_and(|text| text.iter().eq(rest)),
            || format!("<{from}.{count}> is {value:?}"),
        )?;
    }
    Ok(())
}

/// What the server shows of a message.
fn shown(content: &Content, octets: &[u8], attributes: &[FetchAttribute]) -> Vec<u8> {
    let data = FetchData::Message {
        message: Message {
            uid: Uid(1),
            size: u32::try_from(octets.len()).unwrap_or(u32::MAX),
            modseq: ModSeq(1),
            flags: Flags::NONE,
            date: InternalDate::default(),
            content: ContentId(1),
        },
        recent: false,
        seen_now: false,
    };
    let found = content.read(Part::Whole);
    let mut out = Vec::new();
    let keywords = Keywords::default();
    fetch(
        &mut out,
        SeqNum(1),
        &data,
        attributes,
        Some(&found),
        &keywords,
    );
    out
}

/// The values of attributes, in their order; their labels have been looked at.
fn answer(shows: Shows<'_>, attributes: &[FetchAttribute]) -> Result<Vec<Value>, String> {
    let out = shows(attributes);
    let values = reader::lines(&out)
        .ok_or_else(|| format!("this cannot be read: {}", out.escape_ascii()))?;
    let (pairs, rest) = values.as_chunks();
    require(pairs.len() == attributes.len() && rest.is_empty(), || {
        format!("{} attributes make {values:?}", attributes.len())
    })?;
    let mut answer = Vec::new();
    for ([label, value], attribute) in pairs.iter().zip(attributes) {
        require(*label == Value::Atom(expected_label(attribute)), || {
            format!("{label:?} answers {attribute:?}")
        })?;
        answer.push(value.clone());
    }
    Ok(answer)
}

/// What stands before the value of an attribute (`msg-att-static`).
fn expected_label(attribute: &FetchAttribute) -> String {
    let FetchAttribute::Section {
        section, partial, ..
    } = attribute
    else {
        // RFC822.HEADER is Rfc822Header.
        let name = format!("{attribute:?}").to_ascii_uppercase();
        return match name.strip_prefix("RFC822") {
            Some(part) if !part.is_empty() => format!("RFC822.{part}"),
            _ => name,
        };
    };
    let mut words: Vec<String> = section.part.iter().map(u32::to_string).collect();
    let list = NAMES.map(|name| match name {
        "a b" => "\"A B\"".to_owned(),
        name => name.to_ascii_uppercase(),
    });
    match section.text {
        None => {}
        Some(SectionText::Header) => words.push("HEADER".to_owned()),
        Some(SectionText::Text) => words.push("TEXT".to_owned()),
        Some(SectionText::Mime) => words.push("MIME".to_owned()),
        Some(SectionText::HeaderFields(_)) => {
            words.push(format!("HEADER.FIELDS ({})", list.join(" ")));
        }
        Some(SectionText::HeaderFieldsNot(_)) => {
            words.push(format!("HEADER.FIELDS.NOT ({})", list.join(" ")));
        }
    }
    let origin = partial.map_or_else(String::new, |(origin, _)| format!("<{origin}>"));
    format!("BODY[{}]{origin}", words.join("."))
}

/// A part lies within what it is a part of, its body right after its header; a message in a part is all of its body.
fn tree(part: &Entity<'_>, within: &[u8], depth: usize) -> Result<(), String> {
    require(depth < DEPTH_MOST, || "parts lie too deep".to_owned())?;
    for octets in [part.header, part.body] {
        let (outer, inner) = (within.as_ptr_range(), octets.as_ptr_range());
        let is_within = outer.start <= inner.start && inner.end <= outer.end;
        require(octets.is_empty() || is_within, || {
            "a part is no slice of what it is in".to_owned()
        })?;
    }
    let (header, body) = (part.header.as_ptr_range(), part.body.as_ptr_range());
    require(part.body.is_empty() || header.end == body.start, || {
        "a body is not after its header".to_owned()
    })?;
    require(fields::is_header(part.header, part.body.is_empty()), || {
        format!("a header is `{}`", part.header.escape_ascii())
    })?;
    let lines = part.body.split_inclusive(|&byte| byte == b'\n').count();
    require(part.lines == lines, || {
        format!("{} lines in {}", part.lines, part.body.escape_ascii())
    })?;
    match &part.inside {
        Inside::Octets => Ok(()),
        Inside::Parts(parts) => {
            require(!parts.is_empty(), || "a multipart of nothing".to_owned())?;
            parts
                .iter()
                .try_for_each(|inner| tree(inner, part.body, depth + 1))
        }
        Inside::Message(message) => {
            let all = [message.header, message.body].concat();
            require(all == part.body, || {
                "a message is not all of its part".to_owned()
            })?;
            tree(message, part.body, depth + 1)
        }
    }
}

fn require(holds: bool, fault: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(fault()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_malformed_is_not_read() {
        let read = |line: &[u8]| reader::lines(line);
        assert!(read(b"* 1 FETCH (RFC822 {3}\r\na\r\n BODY (\"a\" NIL))\r\n").is_some());
        for line in [
            &b"* 1 FETCH (RFC822 {4}\r\na\r\n)\r\n"[..],
            b"* 1 FETCH (RFC822  NIL)\r\n",
            b"* 1 FETCH (RFC822 \"\xc3\xa4\")\r\n",
            b"* 1 FETCH (RFC822 \"a\\b\")\r\n",
            b"* 1 FETCH (RFC822 NIL)\n",
            b"* 1 FETCH (RFC822 (NIL)\r\n",
        ] {
            assert_eq!(read(line), None, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn a_body_of_another_form_is_none() {
        let body = |text: &str, extended| {
            let line = format!("* 1 FETCH ({text})\r\n");
            let values = reader::lines(line.as_bytes()).unwrap();
            form::body(&values[0], extended).map(|(_, parts)| parts.len())
        };
        let text = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1)"#;
        assert_eq!(body(text, false), Some(1));
        assert_eq!(body(&format!("({text}{text} \"MIXED\")"), false), Some(2));
        assert_eq!(body(text, true), None);
        for other in [
            r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3)"#,
            r#"("IMAGE" "PNG" NIL NIL NIL NIL 3)"#,
            r#"("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 3 (NIL) NIL 1)"#,
        ] {
            assert_eq!(body(other, false), None, "{other}");
        }
    }

    /// A message with a message in it, and what is wrong if something of an answer is replaced; the first time that it is there.
    fn fault(of: &[u8], with: &[u8]) -> Result<(), String> {
        const MESSAGE: &[u8] = b"From: a@b\r\nX: 1\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d\r\nY: 2\r\n\r\ntext\r\n--b--\r\n";
        let content = Content::new(MESSAGE);
        let replaced = std::cell::Cell::new(of.is_empty());
        let judged = judge_answers(MESSAGE, &|attributes| {
            let answer = shown(&content, MESSAGE, attributes);
            let at = answer
                .windows(of.len().max(1))
                .position(|window| window == of);
            match at {
                Some(at) if !replaced.replace(true) => {
                    [&answer[..at], with, &answer[at + of.len()..]].concat()
                }
                _ => answer,
            }
        });
        assert!(replaced.get(), "never answered: {}", of.escape_ascii());
        judged
    }

    #[test]
    fn a_wrong_answer_is_found() {
        assert_eq!(fault(b"", b""), Ok(()));
        for (of, with) in [
            (&b"RFC822.SIZE 131"[..], &b"RFC822.SIZE 130"[..]),
            (
                b"BODY[HEADER.FIELDS (FROM CONTENT-TYPE \"A B\")] {56}\r\nFrom: a@b\r\n",
                b"BODY[HEADER.FIELDS (FROM CONTENT-TYPE \"A B\")] {45}\r\n",
            ),
            (
                b"BODY[HEADER.FIELDS.NOT (FROM CONTENT-TYPE \"A B\")] {8}\r\nX: 1\r\n\r\n",
                b"BODY[HEADER.FIELDS.NOT (FROM CONTENT-TYPE \"A B\")] \"\"",
            ),
            (
                b"BODY[1.HEADER.FIELDS (FROM CONTENT-TYPE \"A B\")] {13}\r\nFrom: c@d\r\n\r\n",
                b"BODY[1.HEADER.FIELDS (FROM CONTENT-TYPE \"A B\")] \"\"",
            ),
            (
                b"BODY[1.HEADER.FIELDS.NOT (FROM CONTENT-TYPE \"A B\")] {8}\r\nY: 2\r\n\r\n",
                b"BODY[1.HEADER.FIELDS.NOT (FROM CONTENT-TYPE \"A B\")] {2}\r\n\r\n",
            ),
            (
                b"BODY[1.MIME] {32}\r\nContent-Type: message/rfc822\r\n\r\n",
                b"BODY[1.MIME] \"\"",
            ),
            (
                b"BODY[1.MIME] {32}\r\nContent-Type: message/rfc822\r\n\r\n",
                b"BODY[1.MIME] {8}\r\nX: 1\r\n\r\n",
            ),
            (b"BODY[1.TEXT] {4}\r\ntext", b"BODY[1.TEXT] {4}\r\ntexT"),
            (b"BODY[1]<0> {1}\r\nF", b"BODY[1]<0> \"\""),
            (b"BODY[TEXT] {", b"BODY[TEXT]<0> {"),
        ] {
            assert!(fault(of, with).is_err(), "{}", with.escape_ascii());
        }
    }
}
