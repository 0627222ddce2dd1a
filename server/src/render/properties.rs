//! What holds of FETCH whatever the content is: the answer can be read, and shows octets of the message and no others.
//!
//! The reader knows parentheses, quoted strings, literals and atoms, and nothing of MIME; it shares no code with what writes.

use super::{
    digest,
    entity::{Entity, Inside},
    fetch, header,
};
use crate::{
    codec::request::{FetchAttribute, Section, SectionText},
    content::{Content, Part},
};
use proptest::prelude::*;
use tandem_model::{
    flags::{Flags, Keywords},
    message::{InternalDate, Message},
    number::{ContentId, ModSeq, SeqNum, Uid},
    response::FetchData,
};

/// A value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Atom(String),
    Text(Vec<u8>),
    List(Vec<Value>),
}

/// Reads all lines of an answer; panics at whatever is not well-formed.
fn read(mut lines: &[u8]) -> Vec<Value> {
    let mut values = Vec::new();
    while !lines.is_empty() {
        let line = lines
            .strip_prefix(b"* 1 FETCH ")
            .expect("an untagged FETCH");
        let (value, rest) = value(line);
        lines = rest.strip_prefix(b"\r\n").expect("the end of the line");
        match value {
            Value::List(list) => values.extend(list),
            other => panic!("{other:?} is no list"),
        }
    }
    values
}

fn value(input: &[u8]) -> (Value, &[u8]) {
    match input.first().expect("a value") {
        b'(' => list(&input[1..]),
        b'"' => quoted(&input[1..]),
        b'{' => {
            let end = input.iter().position(|&byte| byte == b'}').expect("}");
            let size: usize = std::str::from_utf8(&input[1..end])
                .unwrap()
                .parse()
                .unwrap();
            let octets = input[end + 1..].strip_prefix(b"\r\n").expect("a line end");
            (Value::Text(octets[..size].to_vec()), &octets[size..])
        }
        _ => atom(input),
    }
}

fn list(mut input: &[u8]) -> (Value, &[u8]) {
    let mut values = Vec::new();
    loop {
        if let Some(rest) = input.strip_prefix(b")") {
            return (Value::List(values), rest);
        }
        // Between parentheses the space may be missing: `1*address`, `1*body`.
        if !values.is_empty() && input.first() != Some(&b'(') {
            input = input.strip_prefix(b" ").expect("a space");
        } else if !values.is_empty() {
            assert!(
                matches!(values.last(), Some(Value::List(_))),
                "a space is missing"
            );
        }
        let (next, rest) = value(input);
        values.push(next);
        input = rest;
    }
}

fn quoted(mut input: &[u8]) -> (Value, &[u8]) {
    let mut text = Vec::new();
    loop {
        match input {
            [b'"', rest @ ..] => return (Value::Text(text), rest),
            [b'\\', byte @ (b'"' | b'\\'), rest @ ..] => {
                text.push(*byte);
                input = rest;
            }
            [byte, rest @ ..] if (b' '..=b'~').contains(byte) && *byte != b'\\' => {
                text.push(*byte);
                input = rest;
            }
            _ => panic!("{input:?} is not the inside of a quoted string"),
        }
    }
}

/// An atom; the brackets of a section, with whatever is between them, are part of it.
fn atom(input: &[u8]) -> (Value, &[u8]) {
    let mut in_brackets = false;
    let end = input
        .iter()
        .position(|&byte| {
            in_brackets = (in_brackets || byte == b'[') && byte != b']';
            !in_brackets && matches!(byte, b' ' | b'(' | b')' | b'\r')
        })
        .expect("the end of an atom");
    assert!(end > 0, "an atom is not empty");
    let text = std::str::from_utf8(&input[..end]).expect("ASCII");
    assert!(
        text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{text:?}"
    );
    (Value::Atom(text.to_owned()), &input[end..])
}

/// Whether a value has the form of `body` (RFC 3501 section 9).
fn is_body(value: &Value) -> bool {
    let Value::List(values) = value else {
        return false;
    };
    let parts = values
        .iter()
        .take_while(|value| matches!(value, Value::List(_)))
        .count();
    if parts > 0 {
        return values[..parts].iter().all(is_body)
            && matches!(
                &values[parts..],
                [Value::Text(_)] | [Value::Text(_), _, _, _, _]
            );
    }
    let is_basic = matches!(
        values.as_slice(),
        [
            Value::Text(_),
            Value::Text(_),
            _,
            _,
            _,
            Value::Text(_),
            Value::Atom(_),
            ..
        ]
    );
    let rest = values.get(7..).unwrap_or_default();
    let is = |index: usize, text: &[u8]| values.get(index) == Some(&Value::Text(text.to_vec()));
    let extension = if is(0, b"MESSAGE") && is(1, b"RFC822") {
        let [envelope, body, Value::Atom(_), extension @ ..] = rest else {
            return false;
        };
        if !is_envelope(envelope) || !is_body(body) {
            return false;
        }
        extension
    } else if is(0, b"TEXT") {
        let [Value::Atom(_), extension @ ..] = rest else {
            return false;
        };
        extension
    } else {
        rest
    };
    is_basic && matches!(extension.len(), 0 | 4)
}

fn is_envelope(value: &Value) -> bool {
    let nil = Value::Atom("NIL".to_owned());
    let is_string = |value: &Value| *value == nil || matches!(value, Value::Text(_));
    let is_address = |value: &Value| matches!(value, Value::List(fields) if fields.len() == 4 && fields.iter().all(is_string));
    let is_list = |value: &Value| {
        *value == nil
            || matches!(value, Value::List(list) if !list.is_empty() && list.iter().all(is_address))
    };
    let Value::List(fields) = value else {
        return false;
    };
    fields.len() == 10
        && [0, 1, 8, 9].iter().all(|&index| is_string(&fields[index]))
        && fields[2..8].iter().all(is_list)
}

fn all_attributes() -> Vec<FetchAttribute> {
    let section = |part: &[u32], text| FetchAttribute::Section {
        section: Section {
            part: part.to_vec(),
            text,
        },
        partial: None,
        peek: true,
    };
    let names = || {
        vec![
            "from".to_owned(),
            "Content-Type".to_owned(),
            "a b".to_owned(),
        ]
    };
    vec![
        FetchAttribute::Envelope,
        FetchAttribute::Body,
        FetchAttribute::BodyStructure,
        FetchAttribute::Rfc822,
        FetchAttribute::Rfc822Header,
        FetchAttribute::Rfc822Text,
        section(&[], Some(SectionText::HeaderFields(names()))),
        section(&[], Some(SectionText::HeaderFieldsNot(names()))),
        section(&[1], None),
        section(&[1], Some(SectionText::Mime)),
        section(&[1], Some(SectionText::Header)),
        section(&[2, 1], Some(SectionText::Text)),
        section(&[2, 1], None),
    ]
}

/// The values of all attributes, by their labels.
fn answer(content: &[u8]) -> Vec<(String, Value)> {
    let message = Message {
        uid: Uid(1),
        size: 0,
        modseq: ModSeq(1),
        flags: Flags::NONE,
        date: InternalDate::default(),
        content: ContentId(1),
    };
    let data = FetchData::Message {
        message,
        recent: false,
        seen_now: false,
    };
    let mut out = Vec::new();
    fetch(
        &mut out,
        SeqNum(1),
        &data,
        &all_attributes(),
        Some(&Content::new(content).read(Part::Whole)),
        &Keywords::default(),
    );
    let values = read(&out);
    assert_eq!(values.len(), 2 * all_attributes().len());
    values
        .chunks(2)
        .map(|pair| match pair {
            [Value::Atom(label), value] => (label.clone(), value.clone()),
            other => panic!("{other:?} is no attribute"),
        })
        .collect()
}

fn check(content: &[u8]) {
    let values = answer(content);
    let named = |wanted: &str| {
        let found = values.iter().find(|(label, _)| label == wanted);
        found
            .map(|(_, value)| value.clone())
            .expect("every attribute is there")
    };
    let text = |wanted: &str| match named(wanted) {
        Value::Text(text) => text,
        other => panic!("{wanted} is {other:?}"),
    };
    assert!(is_envelope(&named("ENVELOPE")));
    assert!(is_body(&named("BODY")) && is_body(&named("BODYSTRUCTURE")));
    assert_eq!(text("RFC822"), content);
    assert_eq!(
        [text("RFC822.HEADER"), text("RFC822.TEXT")].concat(),
        content
    );
    tree(&Entity::parse(content), content, 0);
}

/// A part lies within what it is a part of; a message in a part is all of its body.
fn tree(part: &Entity<'_>, within: &[u8], depth: usize) {
    assert!(depth < super::entity::DEPTH_MOST);
    for octets in [part.header, part.body] {
        let (outer, inner) = (within.as_ptr_range(), octets.as_ptr_range());
        let is_within = outer.start <= inner.start && inner.end <= outer.end;
        assert!(
            octets.is_empty() || is_within,
            "a part is a slice of what it is in"
        );
    }
    let lines = part.body.split_inclusive(|&byte| byte == b'\n').count();
    assert_eq!(part.lines, lines, "{}", part.body.escape_ascii());
    match &part.inside {
        Inside::Octets => {}
        Inside::Parts(parts) => {
            assert!(!parts.is_empty());
            parts
                .iter()
                .for_each(|inner| tree(inner, part.body, depth + 1));
        }
        Inside::Message(message) => {
            assert_eq!([message.header, message.body].concat(), part.body);
            tree(message, part.body, depth + 1);
        }
    }
}

/// A MIME tree to be written down.
#[derive(Clone, Debug)]
pub(super) enum Drawn {
    Leaf {
        kind: &'static str,
        body: String,
    },
    Multipart {
        subtype: &'static str,
        parts: Vec<Drawn>,
    },
    Message(Box<Drawn>),
}

impl Drawn {
    /// What is drawn, as octets; `counter` makes boundaries that differ, though one begins with another.
    pub(super) fn write(&self, counter: &mut usize) -> String {
        match self {
            Self::Leaf { kind, body } => format!("Content-Type: {kind}\r\n\r\n{body}"),
            Self::Message(inner) => {
                let inner = inner.write(counter);
                format!("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n{inner}")
            }
            Self::Multipart { subtype, parts } => {
                *counter += 1;
                let boundary = format!("b{}", "x".repeat(*counter));
                let mut text =
                    format!("Content-Type: multipart/{subtype}; boundary=\"{boundary}\"\r\n\r\n");
                for part in parts {
                    text += &format!("--{boundary}\r\n{}\r\n", part.write(counter));
                }
                text + &format!("--{boundary}--\r\n")
            }
        }
    }

    /// Whether a part is what is drawn.
    fn is(&self, part: &Entity<'_>) -> bool {
        match (self, &part.inside) {
            (Self::Leaf { body, .. }, Inside::Octets) => part.body == body.as_bytes(),
            (Self::Message(inner), Inside::Message(message)) => inner.is(message),
            (Self::Multipart { parts, .. }, Inside::Parts(found)) => {
                parts.len() == found.len()
                    && parts.iter().zip(found).all(|(part, found)| part.is(found))
            }
            _ => false,
        }
    }
}

pub(super) fn drawn() -> impl Strategy<Value = Drawn> {
    let kind = prop::sample::select(vec!["text/plain", "text/html; charset=utf-8", "image/png"]);
    // Lines that begin as a delimiter does, and are none.
    let lines = "((--bx{1,4})?[a-w -]{0,5}[a-w]\r\n){0,3}[a-w]{0,5}";
    let leaf = (kind, lines).prop_map(|(kind, body)| Drawn::Leaf { kind, body });
    leaf.prop_recursive(5, 24, 4, |inner| {
        let subtype = prop::sample::select(vec!["mixed", "alternative", "digest"]);
        prop_oneof![
            (subtype, prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|(subtype, parts)| Drawn::Multipart { subtype, parts }),
            inner.prop_map(|inner| Drawn::Message(Box::new(inner))),
        ]
    })
}

/// Pieces of which messages are made, in any order: most of what comes out is broken.
pub(super) fn rubble() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "\r\n", "\n", "\r", " ", "\t", "--b", "--b\r\n", "--b--\r\n", "--c\r\n", "--c--", "\r\n\r\n",
            "Content-Type: multipart/mixed; boundary=b\r\n", "Content-Type: multipart/digest; boundary=\"c\"\r\n\r\n",
            "Content-Type: message/rfc822\r\n", "Content-Type: message/rfc822\r\n\r\n", "Content-Type: text/plain; charset",
            "content-type:", "Content-Disposition: attachment; filename=\"a\\\"", "Content-Language: en, de\r\n",
            "Content-Transfer-Encoding: base64\r\n", "Content-ID: <1>\r\n", "Content-Description:", "Content-MD5: \t x\r\n", "Content-Location: ",
            "Sender: ", "Reply-To: ", "Bcc:", "Date: ", "Message-ID: <2>\r\n", "In-Reply-To: ", "SUBJECT: s\r\n", "\r\n ",
            "From: ", "To: a@b, C <c@d>", "Cc: g: <@x,@y:z@w>, \"", "(((", ")", "<", ">",
            ";", ":", ",", "@", "[", "]", "\\", "\"", "=", "=?utf-8?q?", "?=", "Subject: \u{e9}\r\n", "\0", "{3}\r\n", "NIL",
        ]).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_octets_give_an_answer_that_can_be_read(content in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&content);
    }

    #[test]
    fn broken_messages_give_an_answer_that_can_be_read(content in rubble()) {
        check(&content);
    }

    #[test]
    fn trees_are_found_as_they_were_written(drawn in drawn()) {
        let text = drawn.write(&mut 0);
        prop_assert!(drawn.is(&Entity::parse(text.as_bytes())), "{}", text);
        check(text.as_bytes());
    }

    #[test]
    fn the_header_is_the_same_for_all_who_look_for_it(content in rubble()) {
        let (header, body) = header::split(&content);
        let tree = Entity::parse(&content);
        prop_assert_eq!(digest(&content).1, header.len());
        prop_assert_eq!((tree.header, tree.body), (header, body));
        let raw: usize = header::fields(header).map(|field| field.raw.len()).sum();
        prop_assert!(raw + header::blank_line(header).len() <= header.len());
    }
}

#[test]
fn hostile_messages_of_a_megabyte_are_answered() {
    // Each would take minutes, or the stack, of a parser that seeks every boundary, or nests without bound.
    let unclosed = "--b\r\nContent-Type: multipart/x; boundary=zz\r\n\r\n".repeat(40_000);
    check(format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{unclosed}").as_bytes());
    check(
        "Content-Type: message/rfc822\r\n\r\n"
            .repeat(40_000)
            .as_bytes(),
    );
    check(format!("From: {}\r\n\r\n", "a,".repeat(500_000)).as_bytes());
    check(format!("From: {}\r\n\r\n", "(".repeat(1_000_000)).as_bytes());
    check(format!("Content-Type: a/b{}\r\n\r\n", ";x=\"\"".repeat(200_000)).as_bytes());
    check("A:\r\n".repeat(300_000).as_bytes());
}
