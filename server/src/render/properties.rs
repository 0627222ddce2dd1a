//! What holds of FETCH whatever the content is: the answer can be read, and shows octets of the message and no others.

use super::{
    digest,
    entity::{Entity, Inside},
    header,
    judge::judge,
};
use proptest::prelude::*;

/// [`judge`], of which every fault fails the test.
fn check(content: &[u8]) {
    if let Err(fault) = judge(content) {
        panic!("{fault}");
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
