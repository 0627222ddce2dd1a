//! The binary: its ready line, its end by a signal, and what it says of wrong settings.

use std::{
    io::{BufRead as _, BufReader, Read, Write as _},
    net::TcpStream,
    process::{Command, Output, Stdio},
};

/// The binary, without the settings of whoever runs the tests.
pub fn tandem() -> Command {
    without_settings(env!("CARGO_BIN_EXE_tandem"))
}

/// A program, without the settings of whoever runs the tests.
pub fn without_settings(program: &str) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TANDEM_")) {
        command.env_remove(name);
    }
    command
}

fn refused(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_says_where_it_listens_and_ends_cleanly_by_a_signal() {
    for signal in ["TERM", "INT"] {
        let mut server = tandem()
            .args(["serve", "--memory", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(server.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready
            .strip_prefix("tandem: imap listening on ")
            .unwrap()
            .trim_end();
        let mut kept = String::new();
        output.read_line(&mut kept).unwrap();
        assert_eq!(
            kept,
            "tandem: mailboxes are in memory, and gone when this ends\n"
        );
        let mut login = String::new();
        output.read_line(&mut login).unwrap();
        assert_eq!(login, "tandem: log in as demo with password demo\n");
        let mut client = TcpStream::connect(address).unwrap();
        client.write_all(b"a LOGIN demo demo\r\n").unwrap();
        let mut answers = BufReader::new(client);
        let mut line = String::new();
        while !line.starts_with("a OK ") {
            line.clear();
            assert!(answers.read_line(&mut line).unwrap() > 0);
        }
        let kill = Command::new("sh")
            .args(["-c", &format!("kill -{signal} {}", server.id())])
            .status()
            .unwrap();
        assert!(kill.success());
        let mut rest = String::new();
        answers.read_to_string(&mut rest).unwrap();
        assert!(
            rest.starts_with("* BYE ") && rest.lines().count() == 1,
            "{rest}"
        );
        drop(answers);
        assert!(server.wait().unwrap().success());
    }
}

#[test]
fn wrong_settings_end_it_at_start_with_status_2_and_a_reason() {
    let file = std::env::temp_dir().join(format!("tandem-{}.toml", std::process::id()));
    std::fs::write(&file, "colour = \"red\"").unwrap();
    let path = file.to_str().unwrap();
    for (arguments, reason) in [
        (
            ["--practice", "deletion=maybe"],
            "unknown value `maybe` for practice `deletion`: expected one of refuse, ghost, disconnect",
        ),
        (
            ["--user=a:b", "--user=a:c"],
            "user `a` is given twice in `--user`",
        ),
        (
            ["--config", path],
            "expected one of listen, data, memory, user, practice, limit",
        ),
        (
            ["--config", "/nonexistent/tandem.toml"],
            "cannot read the configuration `/nonexistent/tandem.toml`",
        ),
    ] {
        let (status, error) = refused(
            tandem()
                .args(["serve", "--listen", "127.0.0.1:0"])
                .args(arguments),
        );
        assert_eq!(status, Some(2), "{error}");
        assert!(
            error.starts_with("tandem: ") && error.contains(reason) && error.lines().count() == 1,
            "{error}"
        );
    }
    let (status, error) = refused(tandem().arg("serve").env("TANDEM_COLOUR", "red"));
    assert_eq!(status, Some(2));
    assert!(
        error.contains("unknown environment variable `TANDEM_COLOUR`"),
        "{error}"
    );
    let (status, _) = refused(tandem().args(["serve", "--colour"]));
    assert_eq!(status, Some(2));
    std::fs::remove_file(file).unwrap();
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (status, error) = refused(tandem().args(["serve", "--listen", &address]));
    assert_eq!(status, Some(1));
    assert!(
        error.contains(&format!("cannot listen on `{address}`")),
        "{error}"
    );
}

#[test]
fn practices_prints_the_table() {
    let output = tandem().arg("practices").output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("key ") && text.contains("refuse-expunge  4.1.4"),
        "{text}"
    );
}

/// A server on this directory, its address, and what it prints after that.
pub fn serving(data: &std::path::Path) -> (std::process::Child, String, impl Read) {
    let mut server = tandem()
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut ready = String::new();
    output.read_line(&mut ready).unwrap();
    let address = ready.strip_prefix("tandem: imap listening on ").unwrap();
    (server, address.trim_end().to_owned(), output)
}

/// What these commands are answered, all of it; the last one is LOGOUT.
fn told(address: &str, commands: &[&str]) -> String {
    let mut client = TcpStream::connect(address).unwrap();
    for command in [&["a LOGIN demo demo"], commands, &["z LOGOUT"]].concat() {
        client
            .write_all(format!("{command}\r\n").as_bytes())
            .unwrap();
    }
    let mut answers = String::new();
    client.read_to_string(&mut answers).unwrap();
    answers
}

#[test]
fn what_was_answered_is_there_after_the_server_was_killed() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let (mut server, address, _output) = serving(&data);
    let large = format!("Subject: large\r\n\r\n{}", "0123456789\r\n".repeat(50_000));
    let append = format!(
        "c APPEND Work (\\Flagged $Later) {{{}+}}\r\n{large}",
        large.len()
    );
    let first = told(
        &address,
        &[
            "b CREATE Work",
            &append,
            "d SELECT INBOX",
            "e UID COPY 1:3 Work",
            "f STORE 2 +FLAGS.SILENT (\\Deleted)",
            "g EXPUNGE",
            "h RENAME Work Done",
            "i SUBSCRIBE Done",
        ],
    );
    for tag in ["b", "c", "d", "e", "f", "g", "h", "i"] {
        assert!(first.contains(&format!("\r\n{tag} OK ")), "{first}");
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let (mut server, address, _output) = serving(&data);
    let again = told(
        &address,
        &[
            "b STATUS INBOX (MESSAGES UIDNEXT)",
            "c LSUB \"\" *",
            "d SELECT Work",
            "e SELECT Done",
            "f FETCH 1 (UID FLAGS RFC822.SIZE ENVELOPE BODY.PEEK[TEXT]<599990.10>)",
            "g FETCH 4 (UID FLAGS)",
        ],
    );
    server.kill().unwrap();
    server.wait().unwrap();
    for expected in [
        "* STATUS INBOX (MESSAGES 5 UIDNEXT 7)",
        "* LSUB () \"/\" Done",
        "d NO [NEWNAME Work Done]",
        "* 4 EXISTS",
        &format!("RFC822.SIZE {}", large.len()),
        "$Later",
        "BODY[TEXT]<599990> {10}\r\n23456789\r\n",
        "* 4 FETCH (UID 4 ",
    ] {
        assert!(again.contains(expected), "{expected}: {again}");
    }
}

#[test]
fn a_directory_has_one_server_at_a_time_and_has_to_be_tandems() {
    let directory = tempfile::tempdir().unwrap();
    let (mut server, _, _output) = serving(directory.path());
    let second = || {
        let mut command = tandem();
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(directory.path());
        refused(&mut command)
    };
    let (status, error) = second();
    assert_eq!(status, Some(1));
    assert!(error.contains("is in use by another tandem"), "{error}");
    server.kill().unwrap();
    server.wait().unwrap();
    std::fs::write(directory.path().join("tandem.db"), "a text file").unwrap();
    let (status, error) = second();
    assert_eq!(status, Some(1));
    assert!(error.starts_with("tandem: "), "{error}");
}

#[test]
fn data_and_memory_are_one_choice() {
    let (status, _) = refused(tandem().args(["serve", "--memory", "--data", "x"]));
    assert_eq!(status, Some(2));
}

/// What `tandem bench` prints, with so little to do that it is quick.
fn bench(arguments: &[&str]) -> Output {
    let little = [
        "--seconds",
        "0.03",
        "--connections",
        "3",
        "--messages",
        "300",
    ];
    tandem()
        .arg("bench")
        .args(little)
        .args(arguments)
        .output()
        .unwrap()
}

/// The rates in one line of the table.
fn rates(line: &str) -> Vec<f64> {
    let (_, cells) = line.split_once("s) ").unwrap();
    let before = |times: &str| {
        let words = times.split_whitespace();
        words.filter_map(|word| word.parse().ok()).next_back()
    };
    cells.split('(').filter_map(before).collect()
}

#[test]
fn bench_measures_both_storages_and_leaves_nothing_behind() {
    let directory = tempfile::tempdir().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = bench(&["--data", directory.path().to_str().unwrap()]);
    let (told, wrong) = (
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    );
    assert!(status.success(), "{wrong}");
    let rows: Vec<_> = told
        .lines()
        .filter(|line| line.contains(" connection"))
        .collect();
    assert_eq!(rows.len(), 7, "{told}");
    for row in rows {
        let rates = rates(row);
        assert!(
            rates.len() >= 2 && rates.iter().all(|rate| *rate > 0.0),
            "{row}"
        );
    }
    let shared = told.lines().filter(|line| line.contains("shared a sync"));
    assert_eq!(shared.count(), 4, "of APPEND and STORE, on disk: {told}");
    assert!(told.contains("\n300 messages of 512 octets"), "{told}");
    assert!(told.contains("\nopening, middle of 5"), "{told}");
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn bench_measures_a_server_that_is_running() {
    let mut server = tandem()
        .args(["serve", "--memory", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut ready = String::new();
    output.read_line(&mut ready).unwrap();
    let address = ready.trim_end().rsplit_once(' ').unwrap().1;
    let Output { status, stdout, .. } = bench(&["--server", address, "--user", "demo:demo"]);
    let refused = bench(&["--server", address, "--user", "demo:wrong"]);
    server.kill().unwrap();
    server.wait().unwrap();
    let told = String::from_utf8(stdout).unwrap();
    assert!(status.success());
    assert_eq!(
        told.lines()
            .filter(|line| line.contains(" connection"))
            .count(),
        7,
        "{told}"
    );
    assert_eq!(refused.status.code(), Some(1));
    let wrong = String::from_utf8(refused.stderr).unwrap();
    assert!(
        wrong.starts_with("tandem: the server said: a NO [AUTHENTICATIONFAILED]"),
        "{wrong}"
    );
}

#[test]
fn bench_says_where_it_cannot_write() {
    let Output { status, stderr, .. } = bench(&["--data", "/nowhere/at/all"]);
    assert_eq!(status.code(), Some(1));
    let wrong = String::from_utf8(stderr).unwrap();
    assert!(
        wrong.starts_with("tandem: cannot make the directory `/nowhere/at/all/"),
        "{wrong}"
    );
}
