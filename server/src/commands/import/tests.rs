//! Files and directories on a disk, imported into accounts in memory, and once into a directory that is too small.

use super::*;
use crate::{
    commands::mailbox,
    content::{Octets, Part},
    mail_file::suffix::{Letters, suffix},
    storage::{Storage, memory::Memory},
};
use std::{
    fs::{self, File},
    os::unix::ffi::OsStrExt as _,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

/// Alice's account.
struct Alice {
    accounts: Arc<Accounts>,
}

impl Alice {
    fn new() -> Self {
        Self::within(Directory::default().config(), Arc::new(Memory::new()))
    }

    fn within(config: crate::config::Config, storage: Arc<dyn Storage>) -> Self {
        let accounts = Accounts::open(config, storage).unwrap();
        Self { accounts }
    }

    /// Imports these, of at most `most` octets each.
    async fn import(&self, paths: &[&Path], mailbox: Option<&str>, most: usize) -> Summary {
        let (summary, stopped) = self.try_import(paths, mailbox, most).await;
        assert_eq!(stopped, None);
        summary
    }

    async fn try_import(
        &self,
        paths: &[&Path],
        mailbox: Option<&str>,
        most: usize,
    ) -> (Summary, Option<Stopped>) {
        let seat = enter(&self.accounts, "alice").await.unwrap();
        let target = Target::new(mailbox.map(MailboxName::new).as_ref());
        let source = Source::new(paths.iter().map(|&path| path.into()), &target, most);
        let mut summary = Summary::new(true);
        let bar = ProgressBar::hidden();
        let done = deliver(source, Delivery::new(seat), &mut summary, &bar).await;
        (summary, done.err())
    }

    /// What there is: a line for each message, with the second of its date, and its flags as in a Maildir.
    async fn has(&self) -> Vec<String> {
        let mut seat = enter(&self.accounts, "alice").await.unwrap();
        let mut lines = Vec::new();
        for name in mailbox::names(&mut seat).unwrap() {
            let mut messages = Vec::new();
            mailbox::messages(&mut seat, &name, |message, keywords| {
                messages.push((*message, keywords.clone()));
            })
            .unwrap();
            for (message, keywords) in messages {
                let mut found = seat.read(vec![message.content], Part::Whole).await;
                let Octets::Whole { octets, .. } = found.remove(&message.content).unwrap().octets
                else {
                    panic!("not read whole");
                };
                let flags = mailbox::flags(message.flags, &keywords);
                let (letters, _) = suffix(&flags.system.into(), &Letters::default());
                let keywords = flags.keywords;
                let keywords: Vec<_> = keywords.iter().map(|keyword| &*keyword.0).collect();
                lines.push(format!(
                    "{name} {} {letters} {keywords:?} {:?}",
                    message.date.seconds(),
                    String::from_utf8_lossy(&octets)
                ));
            }
        }
        lines
    }
}

/// A file that was changed at this second.
fn write(path: &Path, text: &[u8], second: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(second);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

const MOST: usize = 1 << 20;

/// A message of each kind of file.
fn mail() -> TempDir {
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    write(&at("Maildir/cur/7.a.host:2,FSa"), b"A: 7\n\nseven\n", 700);
    write(&at("Maildir/cur/10.a.host:2,"), b"A: 10\r\n\nx", 1000);
    write(&at("Maildir/new/8.a.host"), b"no field at all", 800);
    write(&at("Maildir/new/.hidden"), b"A: not mail", 1);
    write(&at("Maildir/tmp/9.a.host"), b"A: half", 900);
    write(&at("Maildir/dovecot-keywords"), b"0 $Label1\n", 1);
    write(
        &at("Maildir/.W&APw-rfel.v1&AC4-0/cur/1.a,S=5,W=5:2,RT"),
        b"A: 1\n",
        1,
    );
    fs::create_dir_all(at("Maildir/.Empty/new")).unwrap();
    let mbox = "From a@b Thu Jan  1 00:16:51 1970\nA: 1\n\n>From here\n\nFrom -\nDate: Thu, 1 Jan 1970 00:00:12 +0000\n\n";
    write(&at("Mail/Archive/2025/all.mbox"), mbox.as_bytes(), 13);
    write(&at("Mail/one.eml"), b"Subject: x\n\nbody\n", 14);
    directory
}

#[tokio::test]
async fn each_kind_of_file_gives_its_messages_with_flags_and_dates() {
    let (alice, mail) = (Alice::new(), mail());
    let (maildir, files) = (mail.path().join("Maildir"), mail.path().join("Mail"));
    let summary = alice.import(&[&maildir, &files], None, MOST).await;
    assert_eq!((summary.imported, summary.skipped()), (7, 0), "{summary}");
    assert_eq!(
        alice.has().await,
        [
            r#"Archive/2025 1011 :2, [] "A: 1\r\n\r\nFrom here\r\n""#,
            r#"Archive/2025 12 :2, [] "Date: Thu, 1 Jan 1970 00:00:12 +0000\r\n""#,
            r#"INBOX 700 :2,FS ["$Label1"] "A: 7\r\n\r\nseven\r\n""#,
            r#"INBOX 800 :2, [] "no field at all""#,
            r#"INBOX 1000 :2, [] "A: 10\r\n\nx""#,
            r#"INBOX 14 :2, [] "Subject: x\r\n\r\nbody\r\n""#,
            r#"Würfel/v1.0 1 :2,RT [] "A: 1\n""#,
        ]
    );
    let mut seat = enter(&alice.accounts, "alice").await.unwrap();
    let names = mailbox::names(&mut seat).unwrap();
    assert!(names.contains(&MailboxName::new("Empty")), "{names:?}");
}

#[tokio::test]
async fn an_import_that_is_repeated_adds_nothing() {
    let (alice, mail) = (Alice::new(), mail());
    alice.import(&[mail.path()], Some("Old"), MOST).await;
    let before = alice.has().await;
    assert!(before[0].starts_with("Old/Mail "), "{before:?}");
    let summary = alice.import(&[mail.path()], Some("Old"), MOST).await;
    assert_eq!((summary.imported, summary.there), (0, 7), "{summary}");
    assert_eq!(alice.has().await, before);
}

#[tokio::test]
async fn what_the_files_have_twice_the_mailbox_has_twice() {
    let alice = Alice::new();
    let directory = TempDir::new().unwrap();
    let at = |name: &str| directory.path().join(name);
    write(&at("1.eml"), b"A: 1\n", 5);
    alice.import(&[directory.path()], None, MOST).await;
    write(&at("2.eml"), b"A: 1\n", 5);
    // Another date, and other octets, are other messages.
    write(&at("3.eml"), b"A: 1\n", 6);
    write(&at("4.eml"), b"A: 2\n", 5);
    let summary = alice.import(&[directory.path()], None, MOST).await;
    assert_eq!((summary.imported, summary.there), (3, 1), "{summary}");
    let summary = alice.import(&[directory.path()], None, MOST).await;
    assert_eq!((summary.imported, summary.there), (0, 4), "{summary}");
}

#[tokio::test]
async fn what_cannot_be_imported_is_told_and_the_rest_is_imported() {
    let alice = Alice::new();
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    write(&at("Maildir/cur/1.a"), b"A: 1\n\n", 1);
    write(&at("Maildir/cur/2.empty"), b"", 1);
    write(&at("Maildir/cur/3.large"), &[b'x'; 101], 1);
    fs::create_dir(at("Maildir/cur/4.directory")).unwrap();
    std::os::unix::fs::symlink("nowhere", at("Maildir/cur/5.dangling")).unwrap();
    fs::create_dir_all(at("Maildir/.a..b/cur")).unwrap();
    fs::create_dir_all(at("Maildir/sieve")).unwrap();
    let unnamed = directory
        .path()
        .join("Maildir")
        .join(std::ffi::OsStr::from_bytes(b".\xff"));
    fs::create_dir_all(unnamed.join("cur")).unwrap();
    write(&at("files/.DS_Store"), b"A: b", 1);
    write(
        &at("files/large.mbox"),
        format!("From -\nA: {}\n\nFrom -\nA: 2\n\n", "x".repeat(200)).as_bytes(),
        2,
    );
    write(&at("files/picture.png"), b"\x89PNG\r\n", 1);
    write(&at("files/z.eml"), b"A: 3\n\n", 3);
    std::os::unix::fs::symlink("..", at("files/loop")).unwrap();
    // A Maildir++ whose INBOX is elsewhere.
    write(&at("files/.Sent/cur/1.a:2,S"), b"A: 4\n\n", 4);
    let paths = ["Maildir", "missing", "files"].map(at);
    let paths = paths.each_ref().map(PathBuf::as_path);
    let summary = alice.import(&paths, None, 100).await;
    assert_eq!((summary.imported, summary.skipped()), (4, 11), "{summary}");
    let text = summary.to_string();
    for expected in [
        "skipped: empty: 1\n  ",
        "skipped: larger than 100 octets: 2\n  ",
        "skipped: not a file: 1\n  ",
        "skipped: cannot be read: entity not found: 2\n  ",
        "skipped: the name has an empty level: 1\n  ",
        "skipped: a directory in a Maildir that has neither `cur` nor `new`: 1\n  ",
        "skipped: its name is not UTF-8: 1\n  ",
        "skipped: no message: begins neither with a header field nor with `From `: 1\n  ",
        "skipped: a symbolic link to a directory: 1\n  ",
        "left alone: hidden: its name begins with `.`: 1\n  ",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert_eq!(
        alice.has().await,
        [
            r#"INBOX 1 :2, [] "A: 1\r\n\r\n""#,
            r#"INBOX 2 :2, [] "A: 2\r\n""#,
            r#"INBOX 3 :2, [] "A: 3\r\n\r\n""#,
            r#"Sent 4 :2,S [] "A: 4\r\n\r\n""#,
        ]
    );
}

#[tokio::test]
async fn keywords_for_which_there_is_no_room_are_lost_and_counted() {
    let alice = Alice::new();
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    // Three folders with 26 keywords each, into one mailbox.
    for folder in 0..3 {
        let keywords: String = (0..26).map(|n| format!("{n} k{folder}-{n}\n")).collect();
        write(
            &at(&format!("{folder}/dovecot-keywords")),
            keywords.as_bytes(),
            1,
        );
        let name = format!("{folder}/cur/1.a:2,Fabcdefghijklmnopqrstuvwxyz");
        write(&at(&name), format!("A: {folder}\n").as_bytes(), 1);
    }
    let paths = ["0", "1", "2"].map(at);
    let summary = alice
        .import(&paths.each_ref().map(PathBuf::as_path), None, MOST)
        .await;
    assert_eq!(
        (summary.imported, summary.keywords_lost),
        (3, 26),
        "{summary}"
    );
    assert!(
        alice.has().await[2].starts_with("INBOX 1 :2,F [] "),
        "still \\Flagged"
    );
}

#[tokio::test]
async fn an_import_ends_when_nothing_more_may_be_stored_and_goes_on_when_repeated() {
    let (data, mail) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    // Of a message so large it is known at once whether there is room.
    for number in 0..20 {
        let text = format!("A: {number}\n\n{}\n", "x".repeat(300_000));
        let path = mail.path().join(format!("{number:02}.eml"));
        write(&path, text.as_bytes(), number);
    }
    let open = |quota| {
        let mut config = Directory::default().config();
        config.data = Some(data.path().into());
        (config.limits.storage, config.limits.reserve) = (quota, 8 << 20);
        let storage = crate::storage::open(&config).unwrap();
        Alice::within(config, storage)
    };
    let alice = open(2 << 20);
    let (summary, stopped) = alice.try_import(&[mail.path()], None, MOST).await;
    assert!(stopped.is_some() && summary.imported > 0, "{summary}");
    alice.accounts.close().await;
    drop(alice);
    let alice = open(0);
    let kept = alice.has().await.len() as u64;
    assert!(kept == summary.imported && kept < 20, "{summary}, {kept}");
    let summary = alice.import(&[mail.path()], None, MOST).await;
    assert_eq!(
        (summary.there, summary.imported),
        (kept, 20 - kept),
        "{summary}"
    );
}
