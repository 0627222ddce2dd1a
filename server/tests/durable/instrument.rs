//! The instruments, tried on what is simpler than a server: a process that commits one thing after the other, and says so after each.
//!
//! Touches processes (this test binary, run again as its own child) and directories of its own.

use crate::{
    chance::{self, Chance},
    disk::{Disk, Fate, contents},
    log::Record,
    oracle::Text,
    shim::{ALL, Fault, Scratch, Shim},
};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use tandem_model::{
    Account, Change, Limits,
    flags::Flags,
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, MailboxId, ModSeq, Position, Uid, UidValidity},
};
use tandem_server::{
    content::{Content, Octets, Part},
    storage::{AccountId, Batch, Entry, Failure, Loaded, Options, PIECE, Storage, sqlite::Sqlite},
};

const COMMITS: usize = 150;
const OPTIONS: Options = Options {
    quota: None,
    reserve: 0,
    sweep: true,
};
const INBOX: MailboxId = MailboxId(1);

/// The message that a commit brings.
fn text(number: usize) -> Text {
    Text { client: 1, number }
}

/// A commit: of INBOX the first, of a message the others; a large one comes in pieces first.
fn entries(account: AccountId, number: usize) -> Vec<Entry> {
    let octets = text(number).octets();
    let (id, size) = (ContentId(number as u64), octets.len());
    let content = Arc::new(Content::new(octets));
    let created = Change::Created {
        name: MailboxName::inbox(),
        mailbox: INBOX,
        uid_validity: UidValidity(1),
    };
    let message = Message {
        uid: Uid(number as u32),
        size: size as u32,
        modseq: ModSeq(number as u64),
        flags: Flags::NONE,
        date: InternalDate::new(0, 0),
        content: id,
    };
    let added = Change::Added {
        mailbox: INBOX,
        messages: vec![message],
    };
    let change = if number == 0 { created } else { added };
    let (rest, large) = (content.split().1.len(), number > 0 && size > PIECE);
    let starts = (0..rest).step_by(PIECE).filter(|_| large);
    let mut entries: Vec<_> = starts
        .map(|start| Entry::Piece {
            account,
            id,
            content: Arc::clone(&content),
            range: start..rest.min(start + PIECE),
        })
        .collect();
    entries.push(Entry::Batch(Batch {
        account,
        position: Position(number as u64 + 1),
        changes: vec![change],
        contents: if large || number == 0 {
            Vec::new()
        } else {
            vec![(id, content)]
        },
        dropped: Vec::new(),
    }));
    entries
}

/// How many commits this directory has; all of them before the last one are there, and whole.
fn kept(directory: &Path) -> usize {
    let storage = Sqlite::open(directory, OPTIONS).unwrap();
    let Some(owner) = storage.owner("alice").unwrap() else {
        return 0;
    };
    let mut account = Account::blank(Limits::default());
    let mut position = Position(0);
    let fold = &mut |loaded| match loaded {
        Loaded::Snapshot(..) => panic!("nobody made a snapshot"),
        Loaded::Batch(at, changes) => {
            assert_eq!(at, position.next());
            position = at;
            account.replay(&changes);
        }
    };
    storage.load(owner.account, fold).unwrap();
    for message in account
        .mailbox(&MailboxName::inbox())
        .into_iter()
        .flat_map(|inbox| inbox.messages())
    {
        let found = storage.read(message.content, Part::Whole).unwrap().unwrap();
        let Octets::Whole { octets, .. } = found.octets else {
            panic!("not whole")
        };
        assert_eq!(Text::read(&octets), Ok(text(message.uid.0 as usize)));
    }
    position.0 as usize
}

/// In this process it is a test; in one that [`run`] starts, it is the work of the child.
#[test]
fn every_commit_is_kept() {
    let Ok(directory) = std::env::var("DURABLE_DIRECTORY") else {
        let scratch = Scratch::new("commits");
        let storage = Sqlite::open(&scratch.join("data"), OPTIONS).unwrap();
        assert_eq!(commit_all(&storage, || {}), Ok(()));
        drop(storage);
        return assert_eq!(kept(&scratch.join("data")), COMMITS);
    };
    let directory = Path::new(&directory);
    let storage = match std::env::var("DURABLE_FAST") {
        Ok(_) => Sqlite::open_unsafely_fast(directory, OPTIONS),
        Err(_) => Sqlite::open(directory, OPTIONS),
    };
    let storage = storage.unwrap();
    let mut told = TcpStream::connect(std::env::var("DURABLE_TOLD").unwrap()).unwrap();
    let _ = commit_all(&storage, || told.write_all(&[1]).unwrap());
    // Without an end that is in order: as a server that is killed.
    std::process::exit(0);
}

/// Makes all commits, or as many as can be made, and calls `told` after each.
fn commit_all(storage: &Sqlite, mut told: impl FnMut()) -> Result<(), Failure> {
    let account = storage.add_owner("alice", None)?.account;
    for number in 0..COMMITS {
        storage.commit(&entries(account, number))?;
        told();
    }
    Ok(())
}

/// Runs the child; how many commits it was told of.
fn run(shim: &Shim, directory: &Path, fast: bool) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "instrument::every_commit_is_kept"])
        .env("DURABLE_DIRECTORY", directory)
        .env("DURABLE_TOLD", listener.local_addr().unwrap().to_string())
        .stdout(Stdio::null());
    if fast {
        command.env("DURABLE_FAST", "1");
    }
    shim.load(&mut command);
    let mut child = command.spawn().unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut told = Vec::new();
    stream.read_to_end(&mut told).unwrap();
    assert!(child.wait().unwrap().success());
    told.len()
}

/// In how many cuts of about so many a commit is lost that was told of before.
fn losing(fast: bool, cuts: usize) -> usize {
    let scratch = Scratch::new(&format!("instrument-{fast}"));
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let shim = Shim::new(&root);
    let mut disk = Disk::of(&root);
    assert_eq!(run(&shim, &root, fast), COMMITS);
    let records = shim.records();
    let mut chance = Chance::new(chance::seed("instrument"));
    let every = records.len() / cuts;
    let (mut told, mut losing) = (0, 0);
    for (at, record) in records.iter().enumerate() {
        disk.follow(record);
        told += usize::from(matches!(record, Record::Told { .. }));
        if at % every == 0 {
            let cut = scratch.join("cut");
            let _ = fs::remove_dir_all(&cut);
            fs::create_dir(&cut).unwrap();
            disk.cut(*chance.one(&Fate::ALL), &mut chance, &cut);
            losing += usize::from(kept(&cut) < told);
        }
    }
    let whole = scratch.join("whole");
    fs::create_dir(&whole).unwrap();
    disk.cut(Fate::Kept, &mut chance, &whole);
    assert_eq!(
        contents(&whole),
        contents(&root),
        "the log is not the whole truth"
    );
    losing
}

#[test]
fn a_cut_loses_nothing_of_what_was_synced_and_much_of_what_was_not() {
    assert_eq!(losing(false, 120), 0);
    let losing = losing(true, 120);
    println!("synchronous=NORMAL loses something in {losing} cuts of 120");
    assert!(losing > 40);
}

#[test]
fn syncs_and_writes_fail_when_they_are_told_to_and_files_stop_growing() {
    let faults = [
        Fault("sync", |shim| shim.fail_syncs(40, ALL)),
        Fault("one sync", |shim| shim.fail_syncs(40, 1)),
        Fault("write", |shim| shim.fail_writes(100, 1)),
        Fault("room", |shim| shim.room(400_000)),
    ];
    for Fault(name, order) in faults {
        let scratch = Scratch::new(&format!("fault-{}", name.replace(' ', "-")));
        let root = scratch.join("root");
        fs::create_dir(&root).unwrap();
        let shim = Shim::new(&root);
        order(&shim);
        let told = run(&shim, &root, false);
        assert!((5..COMMITS).contains(&told), "{name}: {told}");
        assert!(kept(&root) >= told, "{name}");
    }
}

#[test]
fn a_database_does_not_mind_short_writes() {
    let scratch = Scratch::new("short");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let shim = Shim::new(&root);
    shim.longest_write(1000);
    assert_eq!(run(&shim, &root, false), COMMITS);
    let longest = shim
        .records()
        .iter()
        .map(|record| match record {
            Record::Written { octets, .. } => octets.len(),
            _ => 0,
        })
        .max();
    assert_eq!(longest, Some(1000));
}
