//! The list beside a plain vector, and its summaries.

use super::*;
use crate::{message::InternalDate, number::ContentId};

fn message(uid: u32) -> Message {
    Message {
        uid: Uid(uid),
        size: 0,
        modseq: ModSeq(u64::from(uid)),
        flags: if uid.is_multiple_of(3) {
            Flags::SEEN
        } else {
            Flags::DELETED
        },
        date: InternalDate::default(),
        content: ContentId(u64::from(uid)),
    }
}

/// The list beside a plain vector that does the same.
fn grown(count: u32) -> (MessageList, Vec<Message>) {
    let plain: Vec<_> = (1..=count).map(|n| message(n * 2)).collect();
    let mut list = MessageList::default();
    plain.iter().for_each(|&message| list.push(message));
    (list, plain)
}

/// All that a list is asked, against a plain vector.
fn agree(list: &MessageList, plain: &[Message]) {
    list.audit().unwrap();
    assert!(list.iter().eq(plain));
    assert_eq!(list.len() as usize, plain.len());
    assert_eq!(list.is_empty(), plain.is_empty());
    assert_eq!(list.last(), plain.last());
    for (at, expected) in plain.iter().enumerate().step_by(7) {
        assert_eq!(list.at(at as u32), Some(expected));
        assert_eq!(list.rank(expected.uid) as usize, at);
        assert_eq!(list.rank(Uid(expected.uid.0 + 1)) as usize, at + 1);
        assert_eq!(list.find(expected.uid), Some(expected));
        assert_eq!(list.find(Uid(expected.uid.0 + 1)), None);
    }
    assert_eq!(list.at(list.len()), None);
    let deleted = plain.iter().filter(|m| m.flags.contains(Flags::DELETED));
    assert!(list.deleted().eq(deleted));
    let mut unseen = plain.iter().filter(|m| !m.flags.contains(Flags::SEEN));
    assert_eq!(list.first_unseen(), unseen.clone().next());
    assert_eq!(list.unseen() as usize, unseen.by_ref().count());
    for since in [0, 3000, 9000, 20_000].map(ModSeq) {
        let changed = (0..).zip(plain).filter(|(_, m)| m.modseq > since);
        assert!(list.changed_since(since).eq(changed), "{since:?}");
    }
}

#[test]
fn a_list_answers_as_a_plain_vector_does_through_removals_and_changes_of_flags() {
    let (mut list, mut plain) = grown(5000);
    agree(&list, &plain);
    // A small linear congruence is random enough to choose what goes, and the same every time.
    let mut seed = 7_u32;
    let mut chance = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 28
    };
    for round in 0..40 {
        let gone: Vec<Uid> = plain
            .iter()
            .filter(|_| chance() <= round % 5)
            .map(|message| message.uid)
            .chain([Uid(20_000)])
            .collect();
        let removed = list.remove(&gone);
        let (out, left): (Vec<_>, Vec<_>) = plain
            .iter()
            .partition(|message| gone.contains(&message.uid));
        plain = left;
        assert_eq!(removed, out);
        agree(&list, &plain);
        let modseq = ModSeq(10_000 + u64::from(round));
        let mut changes = Vec::new();
        for message in plain.iter_mut().filter(|_| chance() == 0) {
            message.flags = [Flags::NONE, Flags::SEEN, Flags::DELETED][changes.len() % 3];
            message.modseq = modseq;
            changes.push((message.uid, message.flags));
            changes.push((Uid(message.uid.0 + 1), Flags::SEEN));
        }
        list.set_flags(modseq, &changes);
        agree(&list, &plain);
    }
}

#[test]
fn what_is_added_after_removals_is_the_last() {
    let (mut list, mut plain) = grown(3 * CHUNK as u32);
    for gone in [1..=100, 400..=1500, 1..=6000] {
        let gone: Vec<Uid> = gone.map(Uid).collect();
        list.remove(&gone);
        plain.retain(|message| !gone.contains(&message.uid));
        for _ in 0..2 * CHUNK {
            let next = message(plain.last().map_or(9001, |message| message.uid.0 + 2));
            list.push(next);
            plain.push(next);
        }
        agree(&list, &plain);
    }
}

#[test]
fn as_long_as_everything_is_seen_nothing_is_unseen() {
    let (mut list, plain) = grown(20_000);
    let seen: Vec<_> = plain.iter().map(|one| (one.uid, Flags::SEEN)).collect();
    list.set_flags(ModSeq(50_000), &seen);
    assert_eq!((list.unseen(), list.first_unseen()), (0, None));
    // It is in a chunk far behind many without any.
    list.set_flags(ModSeq(50_001), &[(Uid(39_000), Flags::NONE)]);
    let first = list.first_unseen().map(|message| message.uid);
    assert_eq!((list.unseen(), first), (1, Some(Uid(39_000))));
    // Two chunks without any that is seen.
    let (mut list, plain) = grown(2 * CHUNK as u32);
    let none: Vec<_> = plain.iter().map(|one| (one.uid, Flags::NONE)).collect();
    list.set_flags(ModSeq(50_000), &none);
    assert_eq!(list.first_unseen(), list.at(0));
}

#[test]
fn no_chunk_is_larger_than_it_may_be_and_neighbours_are_not_both_small() {
    let (mut list, plain) = grown(5000);
    let full = |list: &MessageList| list.chunks.iter().all(|c| c.messages.len() <= CHUNK);
    assert!(full(&list));
    assert_eq!(list.chunks.len(), 5000_usize.div_ceil(CHUNK));
    for modulus in [2, 3, 5, 7] {
        let gone: Vec<Uid> = plain
            .iter()
            .map(|message| message.uid)
            .filter(|uid| uid.0 / 2 % modulus != 0)
            .collect();
        list.remove(&gone);
        assert!(full(&list));
        let mut pairs = list.chunks.windows(2);
        assert!(pairs.all(|pair| { pair[0].messages.len() + pair[1].messages.len() > CHUNK / 2 }));
    }
    // Where nothing is small, nothing is moved about.
    let (mut list, _) = grown(5000);
    list.remove(&[Uid(2)]);
    assert_eq!(list.chunks.len(), 5000_usize.div_ceil(CHUNK));
}

#[test]
fn a_uid_that_is_there_twice_is_seen() {
    let (mut list, plain) = grown(3);
    list.push(plain[2]);
    assert_eq!(list.audit(), Err(Invariant::UidsAscend));
}

#[test]
fn lists_are_equal_and_have_the_same_hash_if_their_messages_are_the_same() {
    let hash = |list: &MessageList| {
        let mut hasher = std::hash::DefaultHasher::new();
        list.hash(&mut hasher);
        hasher.finish()
    };
    // Cut into other chunks, by what was there before.
    let (mut cut, _) = grown(600);
    let (half, _) = grown(300);
    cut.remove(&(601..=1200).map(Uid).collect::<Vec<_>>());
    cut.remove(&[Uid(2), Uid(4)]);
    let mut whole = half.clone();
    whole.remove(&[Uid(2), Uid(4)]);
    assert!(cut == whole && hash(&cut) == hash(&whole));
    let mut other = whole.clone();
    other.set_flags(ModSeq(99_999), &[(Uid(6), Flags::SEEN)]);
    assert!(other != whole && hash(&other) != hash(&whole));
    let mut shorter = whole.clone();
    shorter.remove(&[Uid(600)]);
    assert!(shorter != whole && hash(&shorter) != hash(&whole));
}

#[test]
fn changes_are_found_by_modseq() {
    let (mut list, _) = grown(2000);
    let before = ModSeq(10_000);
    list.set_flags(
        ModSeq(10_001),
        &[
            (Uid(2), Flags::SEEN),
            (Uid(3), Flags::SEEN),
            (Uid(3000), Flags::NONE),
        ],
    );
    let changed: Vec<_> = list
        .changed_since(before)
        .map(|(at, message)| (at, message.uid.0))
        .collect();
    assert_eq!(changed, [(0, 2), (1499, 3000)]);
    assert_eq!(list.first_unseen().map(|message| message.uid), Some(Uid(4)));
    list.audit().unwrap();
}
