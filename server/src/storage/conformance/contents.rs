//! Contents: counted, read by parts, in pieces where they are large, and gone when nobody has them.

use super::{Ground, added, arrival, content, is_damaged, mark};
use crate::{
    content::{Content, Octets, Part},
    storage::{AccountId, Batch, Entry, PIECE},
};
use std::{ops::Range, sync::Arc};
use tandem_model::number::{ContentId, Position};

/// A content of more octets than one piece holds.
pub(super) fn large(pieces: usize) -> Arc<Content> {
    let mut octets = b"Subject: large\r\n\r\n".to_vec();
    // No two pieces are the same.
    octets.extend((0..pieces * PIECE - 100).map(|at| (at / 1009).to_le_bytes()[0]));
    Arc::new(Content::new(octets))
}

/// The pieces of a large content, in order.
pub(super) fn pieces(account: AccountId, id: u64, content: &Arc<Content>) -> Vec<Entry> {
    let rest = content.split().1.len();
    let starts = (0..rest).step_by(PIECE);
    starts
        .map(|start| piece(account, id, content, start..rest.min(start + PIECE)))
        .collect()
}

fn piece(account: AccountId, id: u64, content: &Arc<Content>, range: Range<usize>) -> Entry {
    Entry::Piece {
        account,
        id: ContentId(id),
        content: Arc::clone(content),
        range,
    }
}

/// A batch with a message that has a content which is kept already.
fn copy(account: AccountId, position: u64, of: u64) -> Batch {
    Batch {
        account,
        position: Position(position),
        changes: vec![added(&[(1, of)])],
        contents: Vec::new(),
        dropped: Vec::new(),
    }
}

fn dropping(account: AccountId, position: u64, dropped: &[u64]) -> Batch {
    Batch {
        dropped: dropped.iter().copied().map(ContentId).collect(),
        ..mark(account, position)
    }
}

fn collect(contents: &[u64]) -> Entry {
    Entry::Collect {
        contents: contents.iter().copied().map(ContentId).collect(),
    }
}

fn references(ground: &Ground, account: AccountId) -> Vec<(u64, u64)> {
    let references = ground.storage.references(account).unwrap();
    references
        .into_iter()
        .map(|(id, count)| (id.0, count))
        .collect()
}

/// It is kept, each part of it, as it was given.
#[track_caller]
fn assert_kept(ground: &Ground, id: u64, content: &Content) {
    for part in [Part::Digest, Part::Header, Part::Whole] {
        let found = ground.storage.read(ContentId(id), part).unwrap();
        // Not `assert_eq`: it would print megabytes.
        assert!(
            found == Some(content.read(part)),
            "{part:?} of content {id}"
        );
    }
}

#[track_caller]
fn assert_gone(ground: &Ground, id: u64) {
    for part in [Part::Digest, Part::Header, Part::Whole] {
        let found = ground.storage.read(ContentId(id), part).unwrap();
        assert!(found.is_none(), "{part:?} of content {id}");
    }
}

pub(crate) fn a_content_is_read_by_its_parts(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[7]))])
        .unwrap();
    let read = |part| ground.storage.read(ContentId(7), part).unwrap().unwrap();
    assert_eq!(read(Part::Digest).octets, Octets::Unread);
    assert_eq!(read(Part::Digest).digest, *content(7).digest());
    let header = b"Subject: number 7\r\nFrom: a@example.org\r\n\r\n";
    let expected = crate::content::block::Block::copy(header).unwrap();
    assert_eq!(read(Part::Header).octets, Octets::Header(expected));
    let whole = Octets::Whole {
        octets: Arc::clone(content(7).octets()).into(),
        header: header.len(),
    };
    assert_eq!(read(Part::Whole).octets, whole);
    assert_gone(&ground, 8);
    assert_gone(&ground, u64::MAX);
}

pub(crate) fn contents_of_every_shape_come_back(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let long = |before: &str, length: usize| {
        let mut octets = before.as_bytes().to_vec();
        octets.resize(length, b'x');
        octets
    };
    let shapes = [
        Vec::new(),
        b"\r\n".to_vec(),
        b"\0".to_vec(),
        b"no header".to_vec(),
        b"Subject: only a header\r\n\r\n".to_vec(),
        long("Subject: ", 5000),
        long("Subject: a\r\n\r\n", 5000),
        long("Subject: a\r\n\r\n", PIECE),
        long("Subject: ", PIECE),
    ];
    let shapes: Vec<_> = shapes.map(|octets| Arc::new(Content::new(octets))).into();
    for (position, shape) in (1..).zip(&shapes) {
        let batch = Batch {
            contents: vec![(ContentId(position), Arc::clone(shape))],
            ..copy(account, position, position)
        };
        ground.commit(&[Entry::Batch(batch)]).unwrap();
    }
    for (id, shape) in (1..).zip(&shapes) {
        assert_kept(&ground, id, shape);
    }
    let too_large = Arc::new(Content::new(long("Subject: a\r\n\r\n", PIECE + 1)));
    let batch = Batch {
        contents: vec![(ContentId(10), too_large)],
        ..copy(account, 10, 10)
    };
    assert!(is_damaged(&ground.commit(&[Entry::Batch(batch)])));
    assert_gone(&ground, 10);
}

pub(crate) fn references_count_messages(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    let mut twice = arrival(anna, 1, &[7]);
    twice.changes.push(added(&[(2, 7)]));
    ground
        .commit(&[
            Entry::Batch(twice),
            Entry::Batch(copy(anna, 2, 7)),
            Entry::Batch(arrival(berta, 1, &[8])),
        ])
        .unwrap();
    assert_eq!(references(&ground, anna), [(7, 3)]);
    assert_eq!(references(&ground, berta), [(8, 1)]);
    ground
        .commit(&[Entry::Batch(dropping(anna, 3, &[7, 7]))])
        .unwrap();
    assert_eq!(references(&ground, anna), [(7, 1)]);
    let mut moved = copy(anna, 4, 7);
    moved.dropped = vec![ContentId(7)];
    ground.commit(&[Entry::Batch(moved)]).unwrap();
    assert_eq!(references(&ground, anna), [(7, 1)]);
    assert_kept(&ground, 7, &content(7));
}

pub(crate) fn a_message_that_comes_and_goes_in_one_batch_leaves_no_reference(
    ground: &dyn Fn() -> Ground,
) {
    let mut ground = ground();
    let account = ground.add("anna");
    let mut batch = arrival(account, 1, &[7, 8]);
    batch.dropped = vec![ContentId(7)];
    ground.storage.commit(&[Entry::Batch(batch)]).unwrap();
    assert_eq!(references(&ground, account), [(7, 0), (8, 1)]);
    assert_kept(&ground, 7, &content(7));
}

pub(crate) fn what_has_no_reference_stays_until_it_is_collected(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let arrives = Entry::Batch(arrival(account, 1, &[7, 8, 9]));
    let goes = Entry::Batch(dropping(account, 2, &[7, 8]));
    ground.storage.commit(&[arrives, goes]).unwrap();
    assert_eq!(references(&ground, account), [(7, 0), (8, 0), (9, 1)]);
    assert_kept(&ground, 7, &content(7));
    ground.storage.commit(&[collect(&[7, 99])]).unwrap();
    assert_gone(&ground, 7);
    assert_kept(&ground, 8, &content(8));
    // Nobody is owed anything by an engine that was just opened.
    if ground.reopen() {
        assert_gone(&ground, 8);
        assert_eq!(references(&ground, account), [(9, 1)]);
    }
}

pub(crate) fn what_has_a_reference_is_not_collected(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[7]))])
        .unwrap();
    ground.commit(&[collect(&[7])]).unwrap();
    assert_kept(&ground, 7, &content(7));
    assert_eq!(references(&ground, account), [(7, 1)]);
}

pub(crate) fn a_ghost_that_is_copied_has_a_reference_again(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let arrives = Entry::Batch(arrival(account, 1, &[7]));
    let goes = Entry::Batch(dropping(account, 2, &[7]));
    ground.storage.commit(&[arrives, goes]).unwrap();
    ground
        .storage
        .commit(&[Entry::Batch(copy(account, 3, 7)), collect(&[7])])
        .unwrap();
    ground.reopen();
    assert_eq!(references(&ground, account), [(7, 1)]);
    assert_kept(&ground, 7, &content(7));
}

pub(crate) fn the_count_of_a_content_is_never_wrong(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    ground
        .commit(&[Entry::Batch(arrival(anna, 1, &[7]))])
        .unwrap();
    let wrong = [
        // There is no such content.
        copy(anna, 2, 8),
        dropping(anna, 2, &[8]),
        // More go than there are.
        dropping(anna, 2, &[7, 7]),
        // It is another's.
        copy(berta, 1, 7),
        dropping(berta, 1, &[7]),
    ];
    for batch in wrong {
        let what = format!("{batch:?}");
        assert!(is_damaged(&ground.commit(&[Entry::Batch(batch)])), "{what}");
        assert_eq!(references(&ground, anna), [(7, 1)]);
    }
}

pub(crate) fn a_content_is_kept_once(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[7]))])
        .unwrap();
    assert!(is_damaged(&ground.commit(&[Entry::Batch(arrival(
        account,
        2,
        &[7]
    ))])));
    let piece = pieces(account, 7, &large(2)).remove(0);
    assert!(is_damaged(&ground.commit(&[piece])));
    assert_kept(&ground, 7, &content(7));
}

pub(crate) fn the_greatest_id_outlives_its_content(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    assert_eq!(ground.storage.last_content(), Ok(ContentId(0)));
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[5, 9, 7]))])
        .unwrap();
    assert_eq!(ground.storage.last_content(), Ok(ContentId(9)));
    ground
        .commit(&[Entry::Batch(dropping(account, 2, &[5, 7, 9]))])
        .unwrap();
    ground.commit(&[collect(&[5, 9, 7])]).unwrap();
    assert_eq!(references(&ground, account), []);
    assert_eq!(ground.storage.last_content(), Ok(ContentId(9)));
    ground.reopen();
    assert_eq!(ground.storage.last_content(), Ok(ContentId(9)));
}

pub(crate) fn a_large_content_comes_in_pieces(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let large = large(3);
    for piece in pieces(account, 7, &large) {
        ground.storage.commit(&[piece]).unwrap();
        assert_eq!(references(&ground, account), [(7, 0)]);
    }
    ground
        .storage
        .commit(&[Entry::Batch(copy(account, 1, 7))])
        .unwrap();
    assert_kept(&ground, 7, &large);
    ground.reopen();
    assert_kept(&ground, 7, &large);
    assert_eq!(references(&ground, account), [(7, 1)]);
    // All in one group, and nothing after the header.
    let mut header = b"Subject: ".to_vec();
    header.resize(PIECE + 5, b'x');
    let header = Arc::new(Content::new(header));
    assert_eq!(header.split().1.len(), 0);
    let group = [
        piece(account, 8, &header, 0..0),
        Entry::Batch(copy(account, 2, 8)),
    ];
    ground.commit(&group).unwrap();
    assert_kept(&ground, 8, &header);
    ground
        .commit(&[Entry::Batch(dropping(account, 3, &[7]))])
        .unwrap();
    ground.commit(&[collect(&[7])]).unwrap();
    assert_gone(&ground, 7);
    assert_eq!(ground.storage.examine(), Ok(vec![]));
}

pub(crate) fn pieces_come_in_order_and_all_before_the_batch(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    let large = large(3);
    let all = pieces(anna, 7, &large);
    let rest = large.split().1.len();
    // Without the first; for nobody.
    assert!(is_damaged(&ground.storage.commit(&all[1..2])));
    let nobodys = piece(AccountId(99), 7, &large, 0..PIECE);
    assert!(is_damaged(&ground.storage.commit(&[nobodys])));
    ground.storage.commit(&all[..1]).unwrap();
    let wrong = [
        all[0].clone(),
        all[2].clone(),
        piece(anna, 7, &large, PIECE..PIECE),
        piece(anna, 7, &large, PIECE..2 * PIECE + 1),
        piece(anna, 7, &large, PIECE..rest + 1),
        piece(anna, 8, &large, PIECE..2 * PIECE),
        piece(berta, 7, &large, PIECE..2 * PIECE),
        Entry::Batch(copy(anna, 1, 7)),
    ];
    for entry in &wrong {
        assert!(is_damaged(
            &ground.storage.commit(std::slice::from_ref(entry))
        ));
        assert_gone(&ground, 7);
    }
    ground.storage.commit(&all[1..]).unwrap();
    ground
        .storage
        .commit(&[Entry::Batch(copy(anna, 1, 7))])
        .unwrap();
    assert_kept(&ground, 7, &large);
}

pub(crate) fn a_large_content_that_was_not_completed_goes(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    let all = pieces(account, 7, &large(3));
    ground.storage.commit(&all[..2]).unwrap();
    if !ground.reopen() {
        ground.commit(&[collect(&[7])]).unwrap();
    }
    assert_gone(&ground, 7);
    assert_eq!(references(&ground, account), []);
    assert_eq!(ground.storage.last_content(), Ok(ContentId(7)));
    assert_eq!(ground.storage.examine(), Ok(vec![]));
}

pub(crate) fn counts_are_corrected(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[7, 8]))])
        .unwrap();
    ground.storage.correct(ContentId(7), 5).unwrap();
    ground.storage.correct(ContentId(8), 0).unwrap();
    assert_eq!(references(&ground, account), [(7, 5)]);
    assert_gone(&ground, 8);
    assert!(is_damaged(&ground.storage.correct(ContentId(8), 1)));
    assert!(is_damaged(&ground.storage.correct(ContentId(7), u64::MAX)));
    ground.reopen();
    assert_eq!(references(&ground, account), [(7, 5)]);
}
