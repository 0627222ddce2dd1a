//! Damage planted in a database with the tools of others, each kind found, and repaired where that can be.

use super::{Audit, Told, tests};
use crate::{
    content::Content,
    storage::{AccountId, Entry, Options, PIECE, Storage as _, sqlite::Sqlite},
};
use rusqlite::Connection;
use std::{fs, path::Path, sync::Arc};
use tandem_model::{
    Account, Limits,
    number::{ContentId, Position},
};
use tempfile::TempDir;

fn open(directory: &Path) -> Sqlite {
    let options = Options {
        reserve: 0,
        ..Options::default()
    };
    Sqlite::open(directory, options).unwrap()
}

/// Alice has a journal, a message twice and a message in pieces; bob the same, of which the first two batches are a snapshot.
fn kept() -> TempDir {
    let directory = TempDir::new().unwrap();
    let storage = open(directory.path());
    for (name, first) in [("alice", 1), ("bob", 11)] {
        let account = storage.add_owner(name, None).unwrap().account;
        storage.commit(&tests::journal(account, first)).unwrap();
        large(&storage, account, first + 2);
    }
    let bob = storage.owner("bob").unwrap().unwrap().account;
    let mut there = Account::blank(Limits::default());
    for entry in &tests::journal(bob, 11)[..2] {
        if let Entry::Batch(batch) = entry {
            there.replay(&batch.changes);
        }
    }
    let mut changes: Vec<_> = there.snapshot().collect();
    let rest = changes.split_off(1);
    for (number, changes) in [(0, changes), (1, rest)] {
        let snapshot = Entry::Snapshot {
            account: bob,
            position: Position(2),
            number,
            changes,
            last: number == 1,
        };
        storage.commit(&[snapshot]).unwrap();
    }
    directory
}

/// A message whose octets are in two pieces.
fn large(storage: &Sqlite, account: AccountId, id: u64) {
    let octets = [b"A: b\r\n\r\n".as_slice(), &vec![b'x'; PIECE + 9]].concat();
    let id = ContentId(id);
    let mut message = tests::message(4, 4, id.0);
    message.size = u32::try_from(octets.len()).unwrap();
    let content = Arc::new(Content::new(octets));
    let all = content.split().1.len();
    let piece = |range| Entry::Piece {
        account,
        id,
        content: Arc::clone(&content),
        range,
    };
    storage
        .commit(&[
            piece(0..PIECE),
            piece(PIECE..all),
            tests::batch(account, 4, vec![tests::added([message])], &[]),
        ])
        .unwrap();
}

/// What is told, and how much of it was repaired.
fn look(directory: &Path, repair: bool) -> (Vec<String>, u64) {
    let options = Options {
        reserve: 0,
        sweep: false,
        ..Options::default()
    };
    let storage = Sqlite::open(directory, options).unwrap();
    let mut told = Vec::new();
    let mut tell = |line: Told<'_>| match line {
        Told::Fault(fault) => told.push(fault.to_string()),
        Told::Account(..) => {}
    };
    let tally = Audit::new(&storage, Limits::default(), repair, &mut tell)
        .everything()
        .unwrap();
    (told, tally.repaired)
}

fn plant(directory: &Path, damage: &str) {
    let connection = Connection::open(directory.join("tandem.db")).unwrap();
    connection.execute_batch(damage).unwrap();
    let checkpoint = "PRAGMA wal_checkpoint(TRUNCATE)";
    connection.query_row(checkpoint, (), |_| Ok(())).unwrap();
}

#[test]
fn a_sound_database_has_no_fault() {
    let directory = kept();
    assert_eq!(look(directory.path(), true), (Vec::new(), 0));
}

#[test]
fn what_counts_contradict_is_repaired() {
    for (damage, expected) in [
        (
            "UPDATE content SET refs = 5 WHERE id = 2",
            "alice: content 2 is counted 5 times, and messages have it 2 times",
        ),
        // Whoever opens it otherwise would take this for what nobody has.
        (
            "UPDATE content SET refs = 0 WHERE id = 2",
            "alice: content 2 is counted 0 times, and messages have it 2 times",
        ),
        // Nobody has it, and nobody would collect it.
        (
            "INSERT INTO content VALUES (20, 1, 1, 7, 0); \
             INSERT INTO digest SELECT 20, seal, envelope, body, structure FROM digest WHERE content = 1; \
             INSERT INTO octets SELECT 20, header_seal, rest_seal, header, rest FROM octets WHERE content = 1",
            "alice: content 20 is counted 1 times, and no message has it",
        ),
    ] {
        let directory = kept();
        plant(directory.path(), damage);
        let (told, _) = look(directory.path(), false);
        assert_eq!(
            told[0],
            format!("{expected}: --repair can repair it"),
            "{told:?}"
        );
        let (told, repaired) = look(directory.path(), true);
        assert_eq!((told, repaired), (vec![format!("{expected}: repaired")], 1));
        assert_eq!(look(directory.path(), false), (Vec::new(), 0));
    }
}

#[test]
fn what_is_lost_is_told_each_time_and_nothing_is_removed_for_it() {
    let inbox = "alice, INBOX: message UID 1: its octets cannot be read: damaged: ";
    let large = "alice, INBOX: message UID 4: its octets cannot be read: damaged: ";
    for (damage, expected) in [
        (
            "UPDATE octets SET header = zeroblob(length(header)) WHERE content = 1",
            inbox,
        ),
        ("UPDATE octets SET rest = x'00' WHERE content = 1", inbox),
        (
            "UPDATE digest SET envelope = x'00' WHERE content = 1",
            inbox,
        ),
        (
            "UPDATE piece SET octets = x'00' WHERE content = 3 AND start = 0",
            large,
        ),
        ("DELETE FROM piece WHERE content = 3 AND start > 0", large),
        ("UPDATE content SET size = 1 WHERE id = 1", inbox),
        (
            "UPDATE content SET missing = 1 WHERE id = 1",
            "alice, INBOX: message UID 1: its octets are not there",
        ),
        (
            "DELETE FROM content WHERE id = 1",
            "alice, INBOX: message UID 1: its octets are not there",
        ),
        (
            "DELETE FROM batch WHERE account = 1 AND position = 2",
            "alice: cannot be loaded: damaged: ",
        ),
        (
            "DELETE FROM batch WHERE account = 1 AND position = 4",
            "alice: cannot be loaded: damaged: ",
        ),
        (
            "UPDATE batch SET changes = x'00' WHERE account = 1 AND position = 1",
            "alice: cannot be loaded: damaged: ",
        ),
        (
            "UPDATE batch SET changes = (SELECT changes FROM batch WHERE account = 1 AND position = 2) \
             WHERE account = 1 AND position = 3",
            "alice: cannot be loaded: damaged: ",
        ),
        (
            "UPDATE snapshot SET changes = x'00' WHERE number = 1",
            "bob: cannot be loaded: damaged: ",
        ),
        (
            "DELETE FROM snapshot WHERE number = 1",
            "bob: cannot be loaded: damaged: ",
        ),
        (
            "INSERT INTO batch VALUES (9, 1, x'00')",
            "database: 1 batches of no account",
        ),
        (
            "INSERT INTO piece VALUES (99, 0, 0, x'00')",
            "database: 1 pieces of no content",
        ),
    ] {
        let directory = kept();
        plant(directory.path(), damage);
        for _ in 0..2 {
            let (told, repaired) = look(directory.path(), true);
            let what = told.iter().find(|what| what.starts_with(expected));
            assert!(
                what.is_some_and(|what| what.ends_with(": cannot be repaired")),
                "{damage}: {told:?}"
            );
            assert_eq!(repaired, 0, "{damage}: {told:?}");
            let once = !expected.ends_with("damaged: ") || told.len() == 1;
            assert!(
                once,
                "the engine's examination tells nothing again: {told:?}"
            );
        }
    }
}

#[test]
fn no_count_is_corrected_by_a_journal_that_is_not_sound() {
    let directory = kept();
    let storage = open(directory.path());
    let account = storage.owner("alice").unwrap().unwrap().account;
    let contradiction = tests::added([tests::message(2, 9, 2)]);
    let entry = tests::batch(account, 5, vec![contradiction], &[]);
    storage.commit(&[entry]).unwrap();
    drop(storage);
    plant(directory.path(), "UPDATE content SET refs = 5 WHERE id = 1");
    let (told, repaired) = look(directory.path(), true);
    assert!(told[0].contains("UIDs do not ascend"), "{told:?}");
    assert!(
        told[2].ends_with(": not repaired, since the journal is not sound"),
        "{told:?}"
    );
    assert_eq!(repaired, 0);
}

#[test]
fn an_index_that_lies_is_found() {
    let directory = kept();
    let path = directory.path().join("tandem.db");
    plant(directory.path(), "");
    let connection = Connection::open(&path).unwrap();
    let root = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_account_1'";
    let root: u32 = connection.query_row(root, (), |row| row.get(0)).unwrap();
    let size = "PRAGMA page_size";
    let size: u32 = connection.query_row(size, (), |row| row.get(0)).unwrap();
    drop(connection);
    let (root, size) = (root as usize, size as usize);
    let mut octets = fs::read(&path).unwrap();
    let page = &mut octets[(root - 1) * size..root * size];
    let at = page.windows(5).position(|name| name == b"alice").unwrap();
    page[at..at + 5].copy_from_slice(b"alicf");
    fs::write(&path, octets).unwrap();
    let (told, _) = look(directory.path(), true);
    let found = "database: row 1 missing from index sqlite_autoindex_account_1: cannot be repaired";
    assert!(told.contains(&found.to_owned()), "{told:?}");
}
