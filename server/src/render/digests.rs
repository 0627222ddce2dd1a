//! What holds of digests, and of what FETCH shows from them: it is what the octets say, and it has an end.

use super::{
    ENVELOPE_MOST, STRUCTURE_MOST, digest, direct, fetch,
    properties::{drawn, rubble},
};
use crate::{
    codec::request::{FetchAttribute, Section, SectionText},
    content::{Content, Part},
};
use proptest::{prelude::*, sample::select};
use tandem_model::{
    flags::{Flags, Keywords},
    message::{InternalDate, Message},
    number::{ContentId, ModSeq, SeqNum, Uid},
    response::FetchData,
};

/// The answer to FETCH, of which so much was read.
fn answer(content: &Content, part: Option<Part>, attributes: &[FetchAttribute]) -> Vec<u8> {
    let message = Message {
        uid: Uid(1),
        size: u32::try_from(content.octets().len()).unwrap(),
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
        attributes,
        part.map(|part| content.read(part)).as_ref(),
        &Keywords::default(),
    );
    out
}

/// The same, straight from the octets.
fn direct_answer(octets: &[u8], attributes: &[FetchAttribute]) -> Vec<u8> {
    let shown = attributes.iter().map(|attribute| match attribute {
        FetchAttribute::Uid => b"UID 1".to_vec(),
        FetchAttribute::Rfc822Size => format!("RFC822.SIZE {}", octets.len()).into_bytes(),
        attribute => direct::attribute(attribute, octets),
    });
    let shown: Vec<_> = shown.collect();
    [b"* 1 FETCH (", shown.join(&b" "[..]).as_slice(), b")\r\n"].concat()
}

fn attribute() -> impl Strategy<Value = FetchAttribute> {
    let names = || prop::collection::vec(select(vec!["From", "to", "content-TYPE", "X"]), 1..3);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    let text = prop_oneof![
        Just(None),
        Just(Some(SectionText::Header)),
        Just(Some(SectionText::Text)),
        names().prop_map(move |names| Some(SectionText::HeaderFields(owned(names)))),
        names().prop_map(move |names| Some(SectionText::HeaderFieldsNot(owned(names)))),
        Just(Some(SectionText::Mime)),
    ];
    let part = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(1..4_u32, 1..4),
    ];
    let partial = prop::option::of((0..60_u32, 1..60_u32));
    let section = (part, text, partial, any::<bool>())
        .prop_filter("MIME is of a part", |(part, text, ..)| {
            !part.is_empty() || *text != Some(SectionText::Mime)
        })
        .prop_map(|(part, text, partial, peek)| FetchAttribute::Section {
            section: Section { part, text },
            partial,
            peek,
        });
    prop_oneof![
        3 => select(vec![
            FetchAttribute::Envelope,
            FetchAttribute::Body,
            FetchAttribute::BodyStructure,
        ]),
        1 => select(vec![
            FetchAttribute::Uid,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Rfc822,
            FetchAttribute::Rfc822Header,
            FetchAttribute::Rfc822Text,
        ]),
        2 => section,
    ]
}

fn attributes() -> impl Strategy<Value = Vec<FetchAttribute>> {
    prop::collection::vec(attribute(), 1..5)
}

/// Whatever is read, if it is enough, the answer is that of the octets.
fn check(octets: &[u8], attributes: &[FetchAttribute]) -> Result<(), TestCaseError> {
    let content = Content::new(octets);
    let needed = FetchAttribute::parts(attributes);
    let expected = direct_answer(octets, attributes);
    for part in [
        None,
        Some(Part::Digest),
        Some(Part::Header),
        Some(Part::Whole),
    ] {
        let answer = answer(&content, part, attributes);
        if part >= needed {
            prop_assert_eq!(
                answer.escape_ascii().to_string(),
                expected.escape_ascii().to_string()
            );
        } else {
            let known: Vec<_> = attributes
                .iter()
                .filter(|attribute| attribute.part() <= part)
                .map(|attribute| direct_answer(octets, std::slice::from_ref(attribute)))
                .collect();
            // What was read is shown all the same.
            for line in known {
                let shown = &line[b"* 1 FETCH (".len()..line.len() - b")\r\n".len()];
                prop_assert!(answer.windows(shown.len()).any(|window| window == shown));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn broken_messages_are_shown_as_their_octets_are(octets in rubble(), attributes in attributes()) {
        check(&octets, &attributes)?;
    }

    #[test]
    fn any_octets_are_shown_as_they_are(
        octets in prop::collection::vec(any::<u8>(), 0..200),
        attributes in attributes(),
    ) {
        check(&octets, &attributes)?;
    }

    #[test]
    fn messages_in_parts_are_shown_as_their_octets_are(drawn in drawn(), attributes in attributes()) {
        check(drawn.write(&mut 0).as_bytes(), &attributes)?;
    }
}

/// Messages of about so many octets that say as much of themselves as they can.
fn hostile(octets: usize) -> Vec<(&'static str, String)> {
    let fill = |piece: &str| piece.repeat(octets / piece.len());
    let header = |name: &str, piece: &str| format!("{name}: {}\r\n\r\n", fill(piece));
    let all_addresses = ["From", "To", "Cc", "Bcc"]
        .map(|name| format!("{name}: {}\r\n", ":;".repeat(3_000)))
        .concat();
    let message = format!("Content-Type: message/rfc822\r\n\r\n{all_addresses}\r\n--b\r\n");
    let forms = |length| {
        "Content-Type: \"{}\"/\"{}\"\r\nContent-Transfer-Encoding: \"{}\"\r\n\r\n--b\r\n"
            .replace("{}", &"\\\"".repeat(length))
    };
    let multipart = |part: &str| {
        format!(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{}",
            fill(part)
        )
    };
    let boundary = |last: &str| format!("{}{last}", "b".repeat(250));
    let alike: String = (b'A'..=b'^')
        .map(|last| boundary(&char::from(last).to_string()))
        .map(|own| format!("Content-Type: multipart/x; boundary=\"{own}\"\r\n\r\n--{own}\r\n"))
        .collect();
    let none_of_them = fill(&format!("--{}\r\n", boundary("x")));
    vec![
        ("boundaries alike", format!("{alike}\r\n{none_of_them}")),
        (
            "nested messages",
            fill("Content-Type: message/rfc822\r\n\r\n"),
        ),
        (
            "nested multiparts",
            fill("Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n"),
        ),
        ("parts", multipart("\r\n--b\r\n")),
        ("parts of long types", multipart(&forms(127))),
        ("parts of types that are too long", multipart(&forms(1_000))),
        (
            "parts with long names",
            multipart(&format!("Content-ID: {}\r\n\r\n--b\r\n", "\"".repeat(900))),
        ),
        ("messages with addresses", multipart(&message)),
        ("fields", fill("Subject: a\r\n")),
        ("one subject", header("Subject", "\"")),
        ("one line of NULs", header("Subject", "\0")),
        ("addresses", header("From", "a,")),
        ("groups", header("From", ":;")),
        ("names", header("From", &format!("({}),", "\"".repeat(900)))),
        ("one name", header("From", "\"\\")),
        ("one comment", header("From", "(")),
        ("one long type", header("Content-Type", "a")),
        ("parameters", header("Content-Type", "a/b;x=\"\";")),
        (
            "one parameter",
            format!("Content-Type: a/b; x={}\r\n\r\n", fill("y")),
        ),
        ("languages", header("Content-Language", "a,")),
        ("one disposition", header("Content-Disposition", "a")),
        ("one encoding", header("Content-Transfer-Encoding", "a")),
    ]
}

#[test]
fn a_digest_has_an_end_whatever_the_message_is() {
    // Time is judged, too: what is not linear would take hours.
    const { assert!(ENVELOPE_MOST + 2 * STRUCTURE_MOST < 8 << 20) };
    for (name, message) in hostile(10 << 20) {
        let (digest, header) = digest(message.as_bytes());
        assert!(digest.envelope.len() <= ENVELOPE_MOST, "{name}");
        for structure in [&digest.body, &digest.structure] {
            assert!(
                structure.len() <= STRUCTURE_MOST,
                "{name}: {}",
                structure.len()
            );
        }
        assert!(header <= message.len());
    }
}

#[test]
fn a_million_parts_are_two_thousand() {
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n{}",
        "\n--b\n".repeat(1_000_000)
    );
    let (digest, _) = digest(message.as_bytes());
    let text = String::from_utf8_lossy(&digest.body);
    assert_eq!(
        text.matches("(\"TEXT\" ").count(),
        super::entity::PARTS_MOST - 1
    );
}

#[test]
fn a_list_that_is_more_than_is_allowed_is_nil_and_what_follows_is_shown() {
    let names = format!("({}),", "x".repeat(900)).repeat(1_000);
    let message = format!("From: {names}\r\nTo: a@b\r\nMessage-ID: <1>\r\n\r\n");
    let (digest, _) = digest(message.as_bytes());
    assert_eq!(
        String::from_utf8_lossy(&digest.envelope),
        "(NIL NIL NIL NIL NIL ((NIL NIL \"a\" \"b\")) NIL NIL NIL \"<1>\")"
    );
}
