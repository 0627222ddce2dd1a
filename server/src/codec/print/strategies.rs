//! Every request that can come out of the parser, at random.
//!
//! Touches nothing. What two spellings mean alike has one form here, the parser's: no list of one key, no flag
//! twice, UID among what UID FETCH asks for.

use crate::codec::request::{FetchAttribute, Request, Section, SectionText, Tag, Tagged};
use proptest::{
    collection::{hash_set, vec},
    option,
    prelude::*,
    sample::select,
};
use tandem_model::{
    command::{Command, Form, StatusItems, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    message::{Day, InternalDate},
    name::MailboxName,
    search_key::{ContentKey, Numbers, SearchKey},
    sequence_set::{Bound, SequenceSet},
};

pub(super) fn tagged() -> impl Strategy<Value = Tagged> {
    let tag = "[!#$&',-.0-9:;<=>?@A-Z\\[^_`a-z|}~\\]]{1,8}";
    (tag, request()).prop_map(|(tag, request)| Tagged {
        tag: Tag(tag.into()),
        request,
    })
}

fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        1 => select(vec![
            Request::Capability,
            Request::Namespace,
            Request::StartTls,
            Request::BadCharset,
        ]),
        1 => vec(("[a-z \"]{1,9}", text()), 0..4).prop_map(Request::Id),
        1 => vec("[A-Z0-9=+-]{1,9}", 1..4).prop_map(Request::Enable),
        1 => (text(), text()).prop_map(|(user, password)| Request::Login { user, password }),
        1 => ("[A-Z0-9-]{1,9}", option::of(vec(any::<u8>(), 0..20)))
            .prop_map(|(mechanism, initial)| Request::Authenticate { mechanism, initial }),
        1 => (mailbox(), flags(), option::of(date_time()), vec(1..=u8::MAX, 0..40)).prop_map(
            |(mailbox, flags, date, message)| Request::Append {
                mailbox,
                flags,
                date,
                message,
            }
        ),
        5 => command().prop_map(Request::Mailbox),
        2 => fetch(),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        2 => bare_command(),
        2 => mailbox_command(),
        1 => (mailbox(), mailbox()).prop_map(|(from, to)| Command::Rename { from, to }),
        1 => (name(), name(), any::<bool>()).prop_map(|(reference, pattern, subscribed)| Command::List {
            reference: reference.into(),
            pattern: pattern.into(),
            subscribed,
        }),
        1 => (mailbox(), status_items()).prop_map(|(mailbox, items)| Command::Status { mailbox, items }),
        1 => (sequence_set(), form(), mailbox()).prop_map(|(set, form, mailbox)| Command::Copy { set, form, mailbox }),
        1 => (sequence_set(), form(), mailbox()).prop_map(|(set, form, mailbox)| Command::Move { set, form, mailbox }),
        2 => store(),
        5 => (search_key(), form()).prop_map(|(key, form)| Command::Search { key, form }),
    ]
}

fn bare_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        select(vec![
            Command::Noop,
            Command::Check,
            Command::Logout,
            Command::Close,
            Command::Unselect,
            Command::Idle,
        ]),
        option::of(sequence_set()).prop_map(|uids| Command::Expunge { uids }),
    ]
}

fn mailbox_command() -> impl Strategy<Value = Command> {
    (mailbox(), 0..6).prop_map(|(mailbox, which)| match which {
        0 => Command::Create { mailbox },
        1 => Command::Delete { mailbox },
        2 => Command::Subscribe { mailbox },
        3 => Command::Unsubscribe { mailbox },
        which => Command::Select {
            mailbox,
            read_only: which == 4,
        },
    })
}

fn store() -> impl Strategy<Value = Command> {
    let action = select(vec![
        StoreAction::Replace,
        StoreAction::Add,
        StoreAction::Remove,
    ]);
    (sequence_set(), form(), action, any::<bool>(), flags()).prop_map(
        |(set, form, action, silent, flags)| Command::Store {
            set,
            form,
            action,
            silent,
            flags,
        },
    )
}

fn fetch() -> impl Strategy<Value = Request> {
    (sequence_set(), form(), vec(fetch_attribute(), 1..6)).prop_map(
        |(set, form, mut attributes)| {
            if form == Form::Uid && !attributes.contains(&FetchAttribute::Uid) {
                attributes.push(FetchAttribute::Uid);
            }
            let marks_seen = attributes.iter().any(FetchAttribute::marks_seen);
            let command = Command::Fetch {
                set,
                form,
                marks_seen,
            };
            Request::Fetch {
                command,
                attributes,
            }
        },
    )
}

fn fetch_attribute() -> impl Strategy<Value = FetchAttribute> {
    let section = (
        section(),
        option::of((any::<u32>(), 1..=u32::MAX)),
        any::<bool>(),
    );
    prop_oneof![
        select(vec![
            FetchAttribute::Envelope,
            FetchAttribute::Flags,
            FetchAttribute::InternalDate,
            FetchAttribute::Rfc822,
            FetchAttribute::Rfc822Header,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Rfc822Text,
            FetchAttribute::Body,
            FetchAttribute::BodyStructure,
            FetchAttribute::Uid,
        ]),
        section.prop_map(|(section, partial, peek)| FetchAttribute::Section {
            section,
            partial,
            peek
        }),
    ]
}

fn section() -> impl Strategy<Value = Section> {
    let fields = || vec("[!-9;-~]{1,8}", 1..4);
    let text = prop_oneof![
        Just(SectionText::Header),
        fields().prop_map(SectionText::HeaderFields),
        fields().prop_map(SectionText::HeaderFieldsNot),
        Just(SectionText::Text),
        Just(SectionText::Mime),
    ];
    (vec(1..=u32::MAX, 0..4), option::of(text)).prop_map(|(part, text)| Section {
        text: text.filter(|text| !part.is_empty() || *text != SectionText::Mime),
        part,
    })
}

fn search_key() -> impl Strategy<Value = SearchKey> {
    let leaf = prop_oneof![
        select(vec![SearchKey::ALL, SearchKey::Recent]),
        select(Flags::NAMES.to_vec()).prop_map(|(flag, _)| SearchKey::Flags(flag)),
        keyword().prop_map(SearchKey::Keyword),
        sequence_set().prop_map(|set| SearchKey::Sequence(Numbers::Asked(set))),
        sequence_set().prop_map(|set| SearchKey::Uid(Numbers::Asked(set))),
        any::<u32>().prop_map(SearchKey::Larger),
        any::<u32>().prop_map(SearchKey::Smaller),
        day().prop_map(SearchKey::Before),
        day().prop_map(SearchKey::On),
        day().prop_map(SearchKey::Since),
        content_key().prop_map(SearchKey::Content),
    ];
    leaf.prop_recursive(6, 24, 4, |key| {
        prop_oneof![
            vec(key.clone(), 2..4).prop_map(SearchKey::And),
            (key.clone(), key.clone())
                .prop_map(|(left, right)| SearchKey::Or(left.into(), right.into())),
            key.prop_map(|key| SearchKey::Not(key.into())),
        ]
    })
}

fn content_key() -> impl Strategy<Value = ContentKey> {
    let named = select(vec!["FROM", "TO", "CC", "BCC", "SUBJECT"]).prop_map(String::from);
    let field = prop_oneof![named, "[!-9;-~]{1,8}"];
    prop_oneof![
        (field, text()).prop_map(|(field, text)| ContentKey::Header {
            field: field.into(),
            text: text.into(),
        }),
        text().prop_map(|text| ContentKey::Body(text.into())),
        text().prop_map(|text| ContentKey::Text(text.into())),
        day().prop_map(ContentKey::SentBefore),
        day().prop_map(ContentKey::SentOn),
        day().prop_map(ContentKey::SentSince),
    ]
}

/// From 0000-01-01 to 9999-12-31.
fn day() -> impl Strategy<Value = Day> {
    (-719_528..=2_932_896).prop_map(Day)
}

/// From 1970 to 9999, in every zone that `zone` can write.
fn date_time() -> impl Strategy<Value = InternalDate> {
    (0..253_402_214_400_u64, -1_439_i16..=1_439)
        .prop_map(|(seconds, zone)| InternalDate::new(seconds, zone))
}

fn flags() -> impl Strategy<Value = FlagNames> {
    let keywords = hash_set(keyword(), 0..4).prop_map(Vec::from_iter);
    (0..=Flags::SYSTEM.0, keywords).prop_map(|(system, keywords)| FlagNames {
        system: Flags(system),
        keywords,
    })
}

fn keyword() -> impl Strategy<Value = Keyword> {
    "[!#$&'+,.0-9:;<=>?@A-Z^_`a-z|}~\\[-]{1,8}".prop_map(|keyword| Keyword(keyword.into()))
}

fn sequence_set() -> impl Strategy<Value = SequenceSet> {
    let number = prop_oneof![1..20_u32, 1..=u32::MAX].prop_map(Bound::Number);
    let bound = prop_oneof![4 => number, 1 => Just(Bound::Star)];
    let one = bound.clone().prop_map(|bound| (bound, bound));
    let range = prop_oneof![one, (bound.clone(), bound)];
    vec(range, 1..5).prop_map(|ranges| SequenceSet { ranges })
}

fn form() -> impl Strategy<Value = Form> {
    select(vec![Form::Sequence, Form::Uid])
}

fn status_items() -> impl Strategy<Value = StatusItems> {
    (1..32_u8).prop_map(|bits| StatusItems {
        messages: bits & 1 != 0,
        recent: bits & 2 != 0,
        uid_next: bits & 4 != 0,
        uid_validity: bits & 8 != 0,
        unseen: bits & 16 != 0,
    })
}

fn mailbox() -> impl Strategy<Value = MailboxName> {
    name().prop_map(|name| MailboxName::new(&name))
}

/// A mailbox name or a pattern: anything but controls.
fn name() -> impl Strategy<Value = String> {
    let special = "[&%*/\"\\\\{}() a-c+,-]{0,12}";
    let any = "\\PC{0,12}".prop_filter("no line ends", |name| {
        !name.contains(['\u{2028}', '\u{2029}'])
    });
    prop_oneof![special, any, Just("Inbox/a".into()), Just("iNBOX".into())]
}

/// Any string that can be sent: no NUL.
fn text() -> impl Strategy<Value = String> {
    let any = any::<String>().prop_map(|text| text.replace('\0', ""));
    prop_oneof!["[a-z]{0,9}", "[ -~\r\n]{0,12}", any]
}
