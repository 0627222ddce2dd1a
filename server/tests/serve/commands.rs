//! The commands that work on a directory: user, import, export, fsck; and what a server shows of it.

use super::binary::{serving, tandem};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Stdio},
};
use tempfile::TempDir;

/// A server that is ended, however its test ends.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// What a command says, on standard output and standard error, and its exit status.
#[derive(Debug)]
struct Told {
    status: Option<i32>,
    output: String,
    error: String,
}

/// Runs it with these words, on this directory, with this standard input.
fn run(words: &str, data: &Path, input: &str, paths: &[&Path]) -> Told {
    let mut command = tandem()
        .args(words.split(' '))
        .arg("--data")
        .arg(data)
        .args(paths)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may not read it.
    let _ = command.stdin.take().unwrap().write_all(input.as_bytes());
    let done = command.wait_with_output().unwrap();
    Told {
        status: done.status.code(),
        output: String::from_utf8(done.stdout).unwrap(),
        error: String::from_utf8(done.stderr).unwrap(),
    }
}

/// It did what it was asked, and said so.
fn did(told: &Told, output: &str) {
    assert_eq!((told.status, &*told.output), (Some(0), output), "{told:?}");
}

/// It did not, and said why in a line.
fn refused(told: &Told, status: i32, error: &str) {
    assert_eq!((told.status, &*told.output), (Some(status), ""), "{told:?}");
    assert!(told.error.contains(error), "{told:?}");
    assert!(status == 2 || told.error.lines().count() == 1, "{told:?}");
}

/// What these commands are answered, after this LOGIN.
fn answers(address: &str, login: &str, commands: &[&str]) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    for command in [&[login], commands, &["z LOGOUT"]].concat() {
        client
            .write_all(format!("{command}\r\n").as_bytes())
            .unwrap();
    }
    let mut answers = String::new();
    client.read_to_string(&mut answers).unwrap();
    answers
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn users_come_and_go_by_passwords_from_standard_input() {
    let directory = TempDir::new().unwrap();
    let data = directory.path().join("data");
    let user = |words: &str, input: &str| run(&format!("user {words}"), &data, input, &[]);
    refused(&user("list", ""), 1, "nothing is kept in `");
    refused(
        &user("add alice", "\n"),
        1,
        "no password: expected one that is not empty",
    );
    refused(
        &user("add alice", ""),
        1,
        "no password: expected one that is not empty",
    );
    did(
        &user("add alice", "pässword with: spaces\n"),
        "added `alice`\n",
    );
    refused(
        &user("add alice", "again\n"),
        1,
        "user `alice` is there already",
    );
    refused(&user("passwd bob", "x\n"), 1, "no user `bob`");
    refused(&user("remove bob", ""), 1, "no user `bob`");
    refused(
        &user("add a:b", "x\n"),
        2,
        "expected a name that is not empty and has no `:`",
    );
    did(&user("add bob", "b\r\n"), "added `bob`\n");
    did(
        &user("passwd bob", "bob's\n"),
        "changed the password of `bob`\n",
    );
    did(&user("list", ""), "alice\nbob\n");
    // The mailboxes of whom is removed stay, unless they are to go.
    let kept = "removed `bob`; the mailboxes stay: `tandem user add` gives them back, --with-mail removes them\n";
    did(&user("remove bob", ""), kept);
    did(&user("list", ""), "alice\nbob (no password is kept)\n");
    refused(
        &user("remove bob", ""),
        1,
        "`bob` has no password that is kept: --with-mail removes",
    );
    did(
        &user("add bob", "new\n"),
        "added `bob`, with the mailboxes that are there under this name\n",
    );
    did(
        &user("remove --with-mail bob", ""),
        "removed `bob`, with all mailboxes and messages\n",
    );
    did(&user("list", ""), "alice\n");

    let (server, address, output) = serving(&data);
    let server = Ended(server);
    let login = |login: &str| answers(&address, login, &[]);
    let password = "pässword with: spaces";
    let literal = format!("a LOGIN alice {{{}+}}\r\n{password}", password.len());
    assert!(login(&literal).contains("a OK "));
    assert!(login("a LOGIN alice password").contains("a NO [AUTHENTICATIONFAILED] "));
    // Nobody comes in with a password that everybody knows.
    assert!(login("a LOGIN demo demo").contains("a NO [AUTHENTICATIONFAILED] "));
    drop(server);
    let mut said = String::new();
    { output }.read_to_string(&mut said).unwrap();
    assert!(said.ends_with("\ntandem: log in as alice\n"), "{said}");
}

#[test]
fn the_demo_user_is_let_in_until_somebody_has_a_password() {
    let directory = TempDir::new().unwrap();
    for demo in [true, false] {
        let (server, address, output) = serving(directory.path());
        let server = Ended(server);
        let answered = answers(&address, "a LOGIN demo demo", &[]);
        assert_eq!(answered.contains("a OK "), demo, "{answered}");
        drop(server);
        let mut said = String::new();
        { output }.read_to_string(&mut said).unwrap();
        let line =
            "log in as demo with password demo, until `tandem user add` has let somebody in\n";
        assert_eq!(said.contains(line), demo, "{said}");
        let added = run("user add demo", directory.path(), "secret\n", &[]);
        let what = "added `demo`, with the mailboxes that are there under this name\n";
        assert_eq!(added.output == what, demo, "{added:?}");
    }
}

#[test]
fn a_password_is_never_an_argument() {
    let directory = TempDir::new().unwrap();
    for words in [
        "user add alice secret",
        "user add alice --password secret",
        "user add --password=secret alice",
        "user passwd alice secret",
        "user add alice:secret",
    ] {
        let told = run(words, directory.path(), "x\n", &[]);
        assert_eq!(told.status, Some(2), "{words}: {told:?}");
    }
    assert!(!directory.path().join("tandem.db").exists());
}

/// A Maildir++, an mbox and a message.
fn mail(directory: &Path) {
    let message = |subject: &str| format!("From: a@b\nSubject: {subject}\n\n{subject}\n");
    let file = |path: &str, text: &str| write(&directory.join(path), text);
    file("Maildir/cur/1.a:2,FS", &message("one"));
    file("Maildir/new/2.a", &message("two"));
    fs::create_dir_all(directory.join("Maildir/tmp")).unwrap();
    file(
        "Maildir/.Entw&APw-rfe.v1&AC4-0/cur/3.a:2,D",
        &message("three"),
    );
    let from = "From a@b Mon Jul  7 09:00:00 2025";
    let (four, five) = (message("four"), message("five"));
    file(
        "old.mbox",
        &format!("{from}\n{four}\n>From x\n\n{from}\n{five}\n"),
    );
    file("six.eml", &message("six"));
}

const MAILBOXES: [(&str, u32); 2] = [("INBOX", 5), ("Entw&APw-rfe/v1.0", 1)];

/// All that there is in these mailboxes.
fn fetched(address: &str) -> String {
    let mut commands = Vec::new();
    for (mailbox, _) in MAILBOXES {
        commands.push(format!("b EXAMINE {mailbox}"));
        commands.push("c FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])".to_owned());
    }
    let commands: Vec<_> = commands.iter().map(String::as_str).collect();
    let all = answers(address, "a LOGIN alice secret", &commands);
    // No other mailbox has the same.
    let lines = all.split_inclusive('\n');
    lines.filter(|line| !line.contains("UIDVALIDITY")).collect()
}

#[test]
fn what_is_imported_is_served_and_exported_and_imported_again() {
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    mail(directory.path());
    let (data, paths) = (at("data"), ["Maildir", "old.mbox", "six.eml"].map(at));
    let paths = paths.each_ref().map(|path| path.as_path());
    let import = |data: &Path, paths: &[&Path]| run("import --user alice", data, "", paths);
    refused(&import(&data, &paths), 1, "nothing is kept in `");
    did(
        &run("user add alice", &data, "secret\n", &[]),
        "added `alice`\n",
    );
    did(
        &import(&data, &paths),
        "imported: 6, already there: 0, skipped: 0\n",
    );
    did(
        &import(&data, &paths),
        "imported: 0, already there: 6, skipped: 0\n",
    );

    let (server, address, _output) = serving(&data);
    let server = Ended(server);
    let served = fetched(&address);
    for expected in [
        "* 1 FETCH (UID 1 FLAGS (\\Flagged \\Seen \\Recent) ",
        "INTERNALDATE \" 7-Jul-2025 09:00:00 +0000\" BODY[] {44}\r\nFrom: a@b\r\nSubject: four\r\n\r\nfour\r\n\r\nFrom x\r\n)",
        "* 5 FETCH (UID 5 ",
        "* 1 FETCH (UID 1 FLAGS (\\Draft \\Recent) ",
        "Subject: three\r\n",
    ] {
        assert!(served.contains(expected), "{expected}: {served}");
    }
    // Whoever works on the directory has it for himself.
    for words in ["user list", "user add bob", "fsck", "fsck --repair"] {
        let status = if words.starts_with("fsck") { 2 } else { 1 };
        refused(
            &run(words, &data, "x\n", &[]),
            status,
            "is in use by another tandem: end it first",
        );
    }
    refused(&import(&data, &paths), 1, "is in use by another tandem");
    refused(
        &run("export --user alice", &data, "", &[&at("out")]),
        1,
        "is in use by another",
    );
    assert!(!at("out").exists());
    drop(server);

    let export = |path: &str| run("export --user alice", &data, "", &[&at(path)]);
    did(&export("out"), "exported: 6, mailboxes: 2, left out: 0\n");
    let again = export("out");
    assert!(
        again.error.contains("expected an empty directory"),
        "{again:?}"
    );
    let other = at("other");
    did(
        &run("user add alice", &other, "secret\n", &[]),
        "added `alice`\n",
    );
    did(
        &import(&other, &[&at("out")]),
        "imported: 6, already there: 0, skipped: 0\n",
    );
    did(
        &run("fsck", &other, "", &[]),
        "alice: messages: 6, contents: 6, faults: 0, repaired: 0\naccounts: 1, messages: 6, contents: 6, faults: 0, repaired: 0\n",
    );
    let (server, address, _output) = serving(&other);
    let server = Ended(server);
    assert_eq!(fetched(&address), served);
    drop(server);
}

#[test]
fn what_is_skipped_is_told_and_is_no_success() {
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    let data = at("data");
    write(&at("mail/1.eml"), "A: 1\n\n");
    write(&at("mail/2.eml"), "");
    write(&at("mail/3.png"), "\u{89}PNG");
    let told = run("import --create --user alice", &data, "", &[&at("mail")]);
    assert_eq!(told.status, Some(1), "{told:?}");
    let lines: Vec<_> = told.output.lines().collect();
    assert_eq!(lines[0], "imported: 1, already there: 0, skipped: 2");
    assert!(lines.contains(&"skipped: empty: 1"), "{told:?}");
    assert_eq!(told.error, "tandem: something was skipped\n");
    refused(
        &run("import --user bob", &data, "", &[&at("mail")]),
        1,
        "no user `bob`",
    );
}

#[test]
fn damage_is_told_and_repaired_and_a_newer_database_is_left_alone() {
    let directory = TempDir::new().unwrap();
    let at = |path: &str| directory.path().join(path);
    let data = at("data");
    refused(&run("fsck", &data, "", &[]), 2, "nothing is kept in `");
    mail(directory.path());
    run("user add alice", &data, "secret\n", &[]);
    run("import --user alice", &data, "", &[&at("Maildir")]);
    let plant = |damage: &str| {
        let database = rusqlite::Connection::open(data.join("tandem.db")).unwrap();
        database.execute_batch(damage).unwrap();
    };
    plant("UPDATE content SET refs = 7 WHERE id = 2");
    let what = "alice: content 2 is counted 7 times, and messages have it 1 times";
    let found = run("fsck", &data, "", &[]);
    assert_eq!(found.status, Some(1), "{found:?}");
    assert!(
        found
            .output
            .starts_with(&format!("{what}: --repair can repair it\n")),
        "{found:?}"
    );
    let tally = |faults: u8| {
        let counts = format!("messages: 3, contents: 3, faults: {faults}, repaired: {faults}");
        format!("alice: {counts}\naccounts: 1, {counts}\n")
    };
    did(
        &run("fsck --repair", &data, "", &[]),
        &format!("{what}: repaired\n{}", tally(1)),
    );
    did(&run("fsck", &data, "", &[]), &tally(0));
    plant("PRAGMA user_version = 99");
    for (words, status) in [("fsck --repair", 2), ("user list", 1)] {
        refused(
            &run(words, &data, "", &[]),
            status,
            "was written by a newer tandem",
        );
    }
    fs::write(data.join("tandem.db"), "a text file").unwrap();
    for (words, status) in [("fsck --repair", 2), ("user add alice", 1)] {
        refused(&run(words, &data, "x\n", &[]), status, "tandem: ");
    }
    assert_eq!(
        fs::read_to_string(data.join("tandem.db")).unwrap(),
        "a text file"
    );
}
