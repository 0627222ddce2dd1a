//! What holds of how much is read for a search: it is enough, and nothing else is found for more.

use super::{judge, part};
use crate::content::{Content, Found, Octets, Part};
use proptest::{prelude::*, sample::select};
use tandem_model::{
    SearchKey,
    flags::{Flags, Keywords},
    message::{Day, InternalDate, Message},
    number::{ContentId, ModSeq, SeqNum, Uid},
    response::Unjudged,
    search_key::ContentKey,
};

fn unjudged() -> Unjudged {
    Unjudged {
        seq: SeqNum(1),
        message: Message {
            uid: Uid(1),
            size: 1,
            modseq: ModSeq(1),
            flags: Flags::SEEN,
            date: InternalDate::default(),
            content: ContentId(1),
        },
        recent: false,
        keywords: Keywords::default(),
    }
}

fn key() -> impl Strategy<Value = SearchKey> {
    let text = || select(vec!["", "a", "b", "ab", "x", "2025"]).prop_map(Into::into);
    let day = || (20_268..20_273_i32).prop_map(Day);
    let content = prop_oneof![
        (select(vec!["a", "Subject", "Date"]), text()).prop_map(|(field, text)| {
            ContentKey::Header {
                field: field.into(),
                text,
            }
        }),
        day().prop_map(ContentKey::SentBefore),
        day().prop_map(ContentKey::SentOn),
        day().prop_map(ContentKey::SentSince),
        text().prop_map(ContentKey::Body),
        text().prop_map(ContentKey::Text),
    ];
    let leaf = prop_oneof![
        4 => content.prop_map(SearchKey::Content),
        1 => select(vec![SearchKey::Flags(Flags::SEEN), SearchKey::Recent, SearchKey::Larger(0)]),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(SearchKey::And),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| SearchKey::Or(Box::new(left), Box::new(right))),
            inner.prop_map(|key| SearchKey::Not(Box::new(key))),
        ]
    })
}

fn message() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "a",
        "b",
        "a:",
        "Subject: ",
        "Date: 1 Jul 2025 00:00:00 +0000",
        "\r\n",
        "\r\n",
        "\r\n\r\n",
    ]);
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn as_much_as_a_key_needs_is_enough(key in key(), message in message()) {
        let content = Content::new(message.into_bytes());
        let whole = judge(&key, &unjudged(), &content.read(Part::Whole));
        let enough = [Part::Digest, Part::Header]
            .into_iter()
            .filter(|&read| Some(read) >= part(&key));
        for read in enough {
            prop_assert_eq!(judge(&key, &unjudged(), &content.read(read)), whole, "{:?}", read);
        }
    }
}

#[test]
fn a_key_needs_what_it_looks_into_and_no_more() {
    let subject = || {
        SearchKey::Content(ContentKey::Header {
            field: "subject".into(),
            text: "a".into(),
        })
    };
    let body = || SearchKey::Content(ContentKey::Body("a".into()));
    let not = |key| SearchKey::Not(Box::new(key));
    for (key, expected) in [
        (SearchKey::ALL, None),
        (not(SearchKey::Recent), None),
        (subject(), Some(Part::Header)),
        (
            SearchKey::Content(ContentKey::SentOn(Day(0))),
            Some(Part::Header),
        ),
        (
            SearchKey::And(vec![SearchKey::Recent, not(subject())]),
            Some(Part::Header),
        ),
        (body(), Some(Part::Whole)),
        (
            SearchKey::Content(ContentKey::Text("a".into())),
            Some(Part::Whole),
        ),
        (
            SearchKey::Or(Box::new(subject()), Box::new(body())),
            Some(Part::Whole),
        ),
    ] {
        assert_eq!(part(&key), expected, "{key:?}");
    }
}

#[test]
fn what_was_not_read_holds_neither_way() {
    let found = Found {
        digest: Content::new(*b"").digest().clone(),
        octets: Octets::Unread,
    };
    let absent = SearchKey::Content(ContentKey::Header {
        field: "subject".into(),
        text: "a".into(),
    });
    assert!(!judge(&absent, &unjudged(), &found));
    assert!(!judge(
        &SearchKey::Not(Box::new(absent)),
        &unjudged(),
        &found
    ));
}
