//! The binary: its ready line, its end by a signal, and what it says of wrong settings.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Command, Output, Stdio},
};

fn tandem() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
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
            .args(["serve", "--listen", "127.0.0.1:0"])
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
            "expected one of listen, user, practice, limit",
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
