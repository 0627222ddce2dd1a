//! What is written is read again, and nothing else is.

use super::*;
use proptest::{collection::vec, prelude::*};
use tandem_model::{
    flags::{Flags, Keyword},
    message::{InternalDate, Message},
    name::MailboxName,
    number::{MailboxId, ModSeq, Uid, UidValidity, ViewId},
    view::View,
};

const PLACE: Place = Place::Batch(AccountId(7), Position(9));

fn name() -> impl Strategy<Value = MailboxName> {
    "\\PC{0,12}".prop_map(|name| MailboxName::new(&name))
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..300_u64, any::<u64>()]
}

fn uid() -> impl Strategy<Value = Uid> {
    prop_oneof![0..300_u32, any::<u32>()].prop_map(Uid)
}

fn mailbox() -> impl Strategy<Value = MailboxId> {
    any::<u32>().prop_map(MailboxId)
}

fn date() -> impl Strategy<Value = InternalDate> {
    prop_oneof![
        Just(InternalDate::default()),
        (any::<u64>(), any::<i16>()).prop_map(|(seconds, zone)| InternalDate::new(seconds, zone)),
        (1_700_000_000..1_800_000_000_u64, -720..840_i16)
            .prop_map(|(seconds, zone)| InternalDate::new(seconds, zone)),
    ]
}

prop_compose! {
    fn message()(uid in uid(), size: u32, modseq in number(), flags: u64, date in date(), content in number()) -> Message {
        Message {
            uid,
            size,
            modseq: ModSeq(modseq),
            flags: Flags(flags),
            date,
            content: ContentId(content),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let names = prop_oneof![
        (name(), mailbox(), any::<u32>()).prop_map(|(name, mailbox, uid_validity)| {
            Change::Created {
                name,
                mailbox,
                uid_validity: UidValidity(uid_validity),
            }
        }),
        name().prop_map(|name| Change::Placed { name }),
        (name(), any::<bool>()).prop_map(|(name, keeps_name)| Change::Deleted { name, keeps_name }),
        (vec((name(), name()), 0..4), any::<bool>())
            .prop_map(|(names, remembered)| Change::Renamed { names, remembered }),
        name().prop_map(|name| Change::Subscribed { name }),
        name().prop_map(|name| Change::Unsubscribed { name }),
        (name(), mailbox()).prop_map(|(name, mailbox)| Change::Remembered { name, mailbox }),
    ];
    let messages = prop_oneof![
        (mailbox(), vec(message(), 0..20))
            .prop_map(|(mailbox, messages)| Change::Added { mailbox, messages }),
        (
            mailbox(),
            number(),
            vec((uid(), any::<u64>().prop_map(Flags)), 0..20)
        )
            .prop_map(|(mailbox, modseq, flags)| Change::Flagged {
                mailbox,
                modseq: ModSeq(modseq),
                flags,
            }),
        (mailbox(), "\\PC{0,12}").prop_map(|(mailbox, keyword)| Change::KeywordAdded {
            mailbox,
            keyword: Keyword(keyword.into()),
        }),
        (mailbox(), number(), vec(uid(), 0..20), any::<bool>()).prop_map(
            |(mailbox, modseq, uids, keeps_content)| Change::Expunged {
                mailbox,
                modseq: ModSeq(modseq),
                uids,
                keeps_content,
            }
        ),
        (mailbox(), any::<u32>(), uid()).prop_map(|(mailbox, view, to)| Change::Claimed {
            mailbox,
            view: ViewId(view),
            to,
        }),
        (mailbox(), uid(), number(), number(), uid()).prop_map(
            |(mailbox, uid_next, highest_modseq, flags_changed, claimed_to)| Change::Counted {
                mailbox,
                uid_next,
                highest_modseq: ModSeq(highest_modseq),
                flags_changed: ModSeq(flags_changed),
                claimed_to,
            }
        ),
        (mailbox(), any::<u32>()).prop_map(|(next_mailbox, last)| Change::Numbered {
            next_mailbox,
            last_uid_validity: UidValidity(last),
        }),
    ];
    prop_oneof![names, messages]
}

/// A blob whose checksum is right, whatever its body is.
fn sealed(body: &[u8]) -> Vec<u8> {
    let sum = checksum(PLACE, &[&[VERSION], body]);
    [&[VERSION], &sum.to_le_bytes()[..], body].concat()
}

proptest! {
    #[test]
    fn changes_are_read_as_they_were_written(changes in vec(change(), 0..12)) {
        let blob = encode(PLACE, &changes).unwrap();
        // `Keyword` equals itself in any case: what is printed does not.
        prop_assert_eq!(format!("{:?}", decode(PLACE, &blob)), format!("{:?}", Ok::<_, Fault>(changes)));
    }

    #[test]
    fn any_octets_are_read_or_refused_within_memory_in_proportion(body in vec(any::<u8>(), 0..400)) {
        let _ = decode(PLACE, &body);
        if let Ok(changes) = decode(PLACE, &sealed(&body)) {
            prop_assert!(changes.len() <= body.len());
            let again = encode(PLACE, &changes).unwrap();
            prop_assert_eq!(format!("{:?}", decode(PLACE, &again)), format!("{:?}", Ok::<_, Fault>(changes)));
        }
    }

    #[test]
    fn a_mutilated_body_is_read_or_refused(changes in vec(change(), 1..6), at: prop::sample::Index, octet: u8, cut: bool) {
        let blob = encode(PLACE, &changes).unwrap();
        let mut body = blob[5..].to_vec();
        let at = at.index(body.len());
        if cut { body.truncate(at) } else { body[at] = octet }
        let _ = decode(PLACE, &sealed(&body));
    }

    #[test]
    fn damage_is_told(changes in vec(change(), 0..6), at: prop::sample::Index, bit in 0..8_u32) {
        let mut blob = encode(PLACE, &changes).unwrap();
        let at = at.index(blob.len());
        blob[at] ^= 1_u8 << bit;
        prop_assert!(decode(PLACE, &blob).is_err());
        blob[at] ^= 1_u8 << bit;
        blob.truncate(at);
        prop_assert!(decode(PLACE, &blob).is_err());
    }
}

#[test]
fn octets_are_not_believed_in_another_place() {
    let blob = encode(PLACE, &examples()).unwrap();
    for other in [
        Place::Batch(AccountId(8), Position(9)),
        Place::Batch(AccountId(7), Position(10)),
        Place::Snapshot(AccountId(7), Position(9), 0),
    ] {
        assert_eq!(decode(other, &blob), Err(Fault::Checksum));
    }
    assert!(decode(PLACE, &blob).is_ok());
}

#[test]
fn a_count_without_octets_to_fill_it_takes_no_memory() {
    let most = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    assert_eq!(decode(PLACE, &sealed(&most)), Err(Fault::Short));
    for before in [
        &[1, 4, 1][..],
        &[1, 7, 1],
        &[1, 8, 1, 1],
        &[1, 10, 1, 1, 1],
        &[1, 2],
    ] {
        let body = [before, &most].concat();
        assert_eq!(decode(PLACE, &sealed(&body)), Err(Fault::Short));
    }
}

#[test]
fn what_is_not_version_1_is_refused() {
    let mut blob = encode(PLACE, &[]).unwrap();
    blob[0] = 2;
    assert_eq!(decode(PLACE, &blob), Err(Fault::Version(2)));
    assert_eq!(decode(PLACE, &sealed(&[1, 99, 0])), Err(Fault::Kind(99)));
    assert_eq!(decode(PLACE, &sealed(&[0, 0])), Err(Fault::Long));
    let too_much = [1, 2, 1, 0xff];
    assert_eq!(decode(PLACE, &sealed(&too_much)), Err(Fault::Text));
}

#[test]
fn a_change_of_the_living_is_not_kept() {
    let view = View {
        id: ViewId(1),
        exists_to: Uid(0),
        expunged_to: ModSeq(0),
        flags_to: ModSeq(0),
        keywords_to: 0,
        read_only: false,
    };
    let opened = Change::Opened {
        mailbox: MailboxId(1),
        view,
    };
    assert_eq!(encode(PLACE, &[opened]), Err(Fault::Volatile));
}

#[test]
fn a_message_takes_about_ten_octets() {
    let message = |n: u32| Message {
        uid: Uid(n),
        size: 4000 + n % 1000,
        modseq: ModSeq(u64::from(n)),
        flags: Flags::SEEN,
        date: InternalDate::new(1_750_000_000 + u64::from(n) * 600, 120),
        content: ContentId(u64::from(n)),
    };
    let added = Change::Added {
        mailbox: MailboxId(1),
        messages: (1..=1000).map(message).collect(),
    };
    let length = encode(PLACE, &[added]).unwrap().len();
    assert!(length < 10_000, "{length}");
}

/// One of each kind.
fn examples() -> Vec<Change> {
    let inbox = MailboxName::inbox;
    let mailbox = MailboxId(1);
    let message = |uid, size, content| Message {
        uid: Uid(uid),
        size,
        modseq: ModSeq(300),
        flags: Flags::SEEN.with(Flags::keyword(58)),
        date: InternalDate::new(1_751_878_800, -330),
        content: ContentId(content),
    };
    vec![
        Change::Created {
            name: inbox(),
            mailbox,
            uid_validity: UidValidity(u32::MAX),
        },
        Change::Placed {
            name: MailboxName::new("a"),
        },
        Change::Deleted {
            name: MailboxName::new("ä/b"),
            keeps_name: true,
        },
        Change::Renamed {
            names: vec![(inbox(), MailboxName::new("Old"))],
            remembered: false,
        },
        Change::Subscribed { name: inbox() },
        Change::Unsubscribed { name: inbox() },
        Change::Added {
            mailbox,
            messages: vec![message(1, 4096, 1000), message(2, 0, 999)],
        },
        Change::Flagged {
            mailbox,
            modseq: ModSeq(301),
            flags: vec![(Uid(1), Flags::NONE), (Uid(5), Flags::DELETED)],
        },
        Change::KeywordAdded {
            mailbox,
            keyword: Keyword("$Junk".into()),
        },
        Change::Expunged {
            mailbox,
            modseq: ModSeq(302),
            uids: vec![Uid(5), Uid(200)],
            keeps_content: true,
        },
        Change::Claimed {
            mailbox,
            view: ViewId(3),
            to: Uid(4),
        },
        Change::Counted {
            mailbox,
            uid_next: Uid(201),
            highest_modseq: ModSeq(302),
            flags_changed: ModSeq(301),
            claimed_to: Uid(4),
        },
        Change::Numbered {
            next_mailbox: MailboxId(2),
            last_uid_validity: UidValidity(5),
        },
        Change::Remembered {
            name: inbox(),
            mailbox,
        },
    ]
}

/// Accounts on disk are in this format: if this fails, they cannot be read any more. Another format is another version, beside this one.
#[test]
fn version_1_is_as_it_was() {
    let blob = encode(PLACE, &examples()).unwrap();
    let lines: Vec<String> = blob
        .chunks(24)
        .map(|line| line.iter().map(|octet| format!("{octet:02x}")).collect())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    01674a2e3c0e0105494e424f5801ffffffff0f0201610304
    c3a42f620104000105494e424f58034f6c640505494e424f
    580605494e424f58070102028020d8048880808080808080
    8001a0b2dc860d9305d00f02000088808080808080808001
    0000010801ad020202000804090105244a756e6b0a01ae02
    01020a86030b0103040c01c901ae02ad02040d02050e0549
    4e424f5801
    ");
}
