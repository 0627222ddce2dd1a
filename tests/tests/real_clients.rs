//! Clients that people have: CPython's imaplib and curl, against a server on a free port.
//!
//! Touches processes of its own. They have to be there: a test that could not run has not passed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "what fails fails the test"
)]

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};
use tandem_tests::server::Server;

/// Starts a program that the test cannot do without.
fn start(program: &str, arguments: &[&str]) -> Child {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| {
            panic!("this test needs `{program}` ({error}): install it, on Debian by `apt-get install {program}`")
        })
}

/// What it printed; it has to have succeeded.
fn finished(child: Child) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(status.success(), "{status}\n{stdout}\n{stderr}");
    stdout.into_owned()
}

/// A server with the sample messages.
fn server() -> Server {
    Server::start(|config| config.demo = true)
}

/// Whether curl is on this machine. Where it is not, people go without its two tests, and are told so; CI does not.
fn has_curl() -> bool {
    let found = Command::new("curl").arg("--version").output().is_ok();
    assert!(found || std::env::var_os("CI").is_none(), "install curl");
    if !found {
        eprintln!("NOT TESTED: install curl, for the tests with curl as the client");
    }
    found
}

/// curl with a path of the server, and more arguments.
fn curl(server: &Server, path: &str, more: &[&str]) -> Child {
    let url = format!("imap://{}/{path}", server.address());
    let mut arguments = vec![
        "--silent",
        "--show-error",
        "--max-time",
        "20",
        "--user",
        "demo:demo",
        &url,
    ];
    arguments.extend(more);
    start("curl", &arguments)
}

#[test]
fn two_connections_of_imaplib_share_a_mailbox() {
    let server = server();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/two_clients.py");
    let port = server.address().port().to_string();
    let output = finished(start("python3", &[script, "127.0.0.1", &port]));
    assert!(output.ends_with("all steps passed\n"), "{output}");
}

#[test]
fn curl_lists_fetches_searches_and_sends_commands() {
    if !has_curl() {
        return;
    }
    let server = server();
    let run = |path: &str, more: &[&str]| finished(curl(&server, path, more));
    assert_eq!(run("", &[]), "* LIST (\\HasNoChildren) \"/\" INBOX\r\n");
    let whole = run("INBOX;UID=1", &[]);
    let sample = tandem_server::sample::messages().swap_remove(0).bytes;
    assert_eq!(whole.as_bytes(), sample);
    let subject = run("INBOX;UID=3;SECTION=HEADER.FIELDS%20(SUBJECT)", &[]);
    assert_eq!(subject, "Subject: Parts within parts\r\n\r\n");
    assert_eq!(run("INBOX?FLAGGED", &[]), "* SEARCH 2\r\n");
    run("", &["--request", "CREATE archive"]);
    let status = run("", &["--request", "STATUS archive (MESSAGES)"]);
    assert_eq!(status, "* STATUS archive (MESSAGES 0)\r\n");
    let stored = run("INBOX", &["--request", "STORE 2 +FLAGS (\\Deleted)"]);
    assert_eq!(stored, "* 2 FETCH (FLAGS (\\Flagged \\Deleted))\r\n");
    assert_eq!(
        run("INBOX", &["--request", "EXPUNGE"]),
        "* 2 EXPUNGE\r\n* 5 EXISTS\r\n"
    );
}

#[test]
fn many_curls_upload_to_one_mailbox_at_once() {
    const UPLOADS: usize = 8;
    if !has_curl() {
        return;
    }
    let server = server();
    let message = |n: usize| {
        format!(
            "Subject: upload {n}\r\n\r\n{}\r\n",
            "a line of text\r\n".repeat(n * 100)
        )
    };
    let files: Vec<PathBuf> = (0..UPLOADS)
        .map(|n| {
            let file = std::env::temp_dir().join(format!("tandem-{}-{n}.eml", std::process::id()));
            fs::write(&file, message(n)).unwrap();
            file
        })
        .collect();
    let uploads: Vec<Child> = files
        .iter()
        .map(|file| curl(&server, "INBOX", &["--upload-file", file.to_str().unwrap()]))
        .collect();
    for upload in uploads {
        finished(upload);
    }
    for file in files {
        fs::remove_file(file).unwrap();
    }
    let mut sizes: Vec<usize> = (7..7 + UPLOADS)
        .map(|uid| finished(curl(&server, &format!("INBOX;UID={uid}"), &[])).len())
        .collect();
    sizes.sort_unstable();
    let expected: Vec<usize> = (0..UPLOADS).map(|n| message(n).len()).collect();
    assert_eq!(sizes, expected);
    let found = finished(curl(&server, "INBOX?SUBJECT%20upload", &[]));
    assert_eq!(found, "* SEARCH 7 8 9 10 11 12 13 14\r\n");
}
