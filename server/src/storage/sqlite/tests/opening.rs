//! What is opened, what is refused and why, and what becomes of an older database.

use super::{open, options};
use crate::{
    content::{Content, Part},
    storage::{
        Batch, Closed, Entry, Failure, Storage,
        sqlite::{Sqlite, Synchronous, schema::MIGRATIONS},
    },
};
use rusqlite::Connection;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tandem_model::{
    Change,
    flags::Flags,
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, MailboxId, ModSeq, Position, Uid, UidValidity},
};
use tempfile::TempDir;

const CONTENT: ContentId = ContentId(1);

fn octets() -> Content {
    Content::new(*b"Subject: kept\r\n\r\nkept\r\n")
}

/// A directory with alice, her journal and one content; closed.
fn kept() -> TempDir {
    let directory = TempDir::new().unwrap();
    let storage = open(&directory);
    let account = storage.add_owner("alice", None).unwrap().account;
    let message = Message {
        uid: Uid(1),
        size: 23,
        modseq: ModSeq(1),
        flags: Flags::NONE,
        date: InternalDate::new(0, 0),
        content: CONTENT,
    };
    let batch = Batch {
        account,
        position: Position(1),
        changes: vec![
            Change::Created {
                name: MailboxName::inbox(),
                mailbox: MailboxId(1),
                uid_validity: UidValidity(1),
            },
            Change::Added {
                mailbox: MailboxId(1),
                messages: vec![message],
            },
        ],
        contents: vec![(CONTENT, Arc::new(octets()))],
        dropped: Vec::new(),
    };
    storage.commit(&[Entry::Batch(batch)]).unwrap();
    directory
}

fn database(directory: &TempDir) -> PathBuf {
    directory.path().join("tandem.db")
}

/// Changes the database behind tandem's back.
fn execute(directory: &TempDir, statements: &str) {
    let connection = Connection::open(database(directory)).unwrap();
    connection.execute_batch(statements).unwrap();
}

/// Why this directory is not opened; and nothing in its database was changed by that.
fn refusal(directory: &TempDir) -> String {
    let before = fs::read(database(directory)).ok();
    let refused = Sqlite::open(directory.path(), options()).unwrap_err();
    assert_eq!(fs::read(database(directory)).ok(), before, "{refused}");
    let path = directory.path().display().to_string();
    let text = refused.to_string();
    assert!(text.contains(&path), "{text}");
    text.replace(&path, "DIR")
}

#[test]
fn a_newer_database_is_refused_and_left_as_it_is() {
    let directory = kept();
    execute(&directory, "PRAGMA user_version = 99");
    let newest = MIGRATIONS.len();
    assert_eq!(
        refusal(&directory),
        format!(
            "`DIR` was written by a newer tandem (schema 99): this one knows schemas up to {newest}"
        )
    );
}

#[test]
fn what_is_not_tandems_is_refused_and_left_as_it_is() {
    let other = || {
        let directory = TempDir::new().unwrap();
        execute(&directory, "CREATE TABLE mine (secret TEXT)");
        directory
    };
    assert_eq!(
        refusal(&other()),
        "`DIR` is not a directory of tandem: `tandem.db` is a database of another program"
    );
    for (octets, what) in [
        (&b""[..], "`tandem.db` is empty"),
        (&b"hello"[..], "`tandem.db` is no SQLite database"),
        (&[0x2e; 5000][..], "`tandem.db` is no SQLite database"),
    ] {
        let directory = TempDir::new().unwrap();
        fs::write(database(&directory), octets).unwrap();
        let expected = format!("`DIR` is not a directory of tandem: {what}");
        assert_eq!(refusal(&directory), expected);
    }
    let directory = kept();
    fs::remove_file(database(&directory)).unwrap();
    fs::write(directory.path().join("tandem.db-wal"), b"a log").unwrap();
    assert_eq!(
        refusal(&directory),
        "`DIR` is not a directory of tandem: `tandem.db` is gone, its `tandem.db-wal` is not"
    );
}

#[test]
fn a_database_that_lacks_something_is_refused() {
    let directory = kept();
    execute(&directory, "DROP TABLE digest");
    assert_eq!(
        refusal(&directory),
        "cannot open `DIR`: damaged: table `digest` is not as it was made"
    );
}

#[test]
fn damaged_pages_are_an_error_and_nothing_else() {
    let directory = kept();
    let whole = fs::read(database(&directory)).unwrap();
    let page = 4096;
    let mut failed = 0;
    for number in 0..whole.len() / page {
        let mut octets = whole.clone();
        octets[number * page..][..page].fill(0x5a);
        fs::write(database(&directory), octets).unwrap();
        let Ok(storage) = Sqlite::open(directory.path(), options()) else {
            failed += 1;
            continue;
        };
        let Ok(Some(owner)) = storage.owner("alice") else {
            failed += 1;
            continue;
        };
        let loaded = storage.load(owner.account, &mut |_| ());
        let read = storage.read(CONTENT, Part::Whole);
        // Whatever is given out is right.
        if let Ok(Some(found)) = &read {
            assert!(*found == octets_found(), "page {number}");
        }
        let told = storage.examine();
        assert!(told.is_ok(), "page {number}: it does not look any further");
        let noticed = loaded.is_err() || read.is_err() || told != Ok(Vec::new());
        failed += usize::from(noticed);
    }
    // Pages that nothing was ever written to may be as they like.
    assert!(
        failed + 2 >= whole.len() / page,
        "{failed} of {}",
        whole.len() / page
    );
}

fn octets_found() -> crate::content::Found {
    octets().read(Part::Whole)
}

#[test]
fn a_directory_has_one_tandem_at_a_time() {
    let directory = kept();
    let storage = open(&directory);
    let refused = Sqlite::open(directory.path(), options()).unwrap_err();
    assert_eq!(refused, Closed::InUse(directory.path().to_owned()));
    drop(storage);
    open(&directory);
}

#[test]
fn where_nothing_can_be_made_the_system_says_why() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, b"").unwrap();
    let refused = Sqlite::open(&file.join("inside"), options()).unwrap_err();
    assert!(
        matches!(refused, Closed::Failed(_, Failure::Io(_))),
        "{refused}"
    );
}

#[test]
fn nobody_else_can_read_what_is_kept() {
    let above = TempDir::new().unwrap();
    let path = above.path().join("far/below");
    let storage = Sqlite::open(&path, options()).unwrap();
    storage.add_owner("alice", None).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for entry in fs::read_dir(&path).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

/// A schema of the future.
fn open_newer(directory: &TempDir, next: &str) -> Result<Sqlite, Closed> {
    let migrations = [MIGRATIONS, &[next]].concat();
    Sqlite::open_as(directory.path(), options(), Synchronous::Full, &migrations)
}

fn version(directory: &TempDir) -> i64 {
    let connection = Connection::open(database(directory)).unwrap();
    let version = connection.query_row("PRAGMA user_version", (), |row| row.get(0));
    version.unwrap()
}

#[test]
fn an_older_database_becomes_as_they_are_now_with_all_that_is_in_it() {
    let directory = kept();
    let next = "CREATE TABLE colour (account INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT; \
                INSERT INTO colour SELECT id, 'red' FROM account";
    let storage = open_newer(&directory, next).unwrap();
    let alice = storage.owner("alice").unwrap().unwrap();
    let mut positions = Vec::new();
    let load = storage.load(alice.account, &mut |part| positions.push(part));
    assert_eq!((load, positions.len()), (Ok(()), 1));
    assert!(storage.read(CONTENT, Part::Whole) == Ok(Some(octets_found())));
    drop(storage);
    assert_eq!(version(&directory), MIGRATIONS.len() as i64 + 1);
    let connection = Connection::open(database(&directory)).unwrap();
    let colours: i64 = connection
        .query_row("SELECT count(*) FROM colour", (), |row| row.get(0))
        .unwrap();
    assert_eq!(colours, 1);
    drop(connection);
    // It is made once; and the tandem of before refuses what came of it.
    drop(open_newer(&directory, next).unwrap());
    assert!(matches!(
        Sqlite::open(directory.path(), options()),
        Err(Closed::Newer(..))
    ));
}

#[test]
fn a_migration_that_fails_half_way_has_changed_nothing() {
    let directory = kept();
    let next =
        "CREATE TABLE colour (name TEXT) STRICT; DROP TABLE digest; INSERT INTO nowhere VALUES (1)";
    let refused = open_newer(&directory, next).unwrap_err();
    assert!(refused.to_string().contains("nowhere"), "{refused}");
    assert_eq!(version(&directory), MIGRATIONS.len() as i64);
    let storage = open(&directory);
    assert!(storage.read(CONTENT, Part::Whole) == Ok(Some(octets_found())));
}
