//! Recordings of servers under several clients: replayed they are equal, and what is changed in them is found.

use super::{
    binary::{tandem, without_settings},
    client::{Client, Server},
};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};
use tandem_model::practice::Copying;
use tandem_server::{
    connection::capability::CAPABILITIES,
    recording::replay::{Difference, Verdict, replay},
};
use tempfile::TempDir;

/// A recording that is being made.
struct Tape {
    _directory: TempDir,
    path: PathBuf,
}

impl Tape {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("tape");
        Self {
            _directory: directory,
            path,
        }
    }

    async fn server(&self) -> Server {
        Server::start(|config| config.record = Some(self.path.clone())).await
    }

    fn read(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }
}

/// What `tandem replay` says, and its exit status.
fn replayed(path: &Path) -> (Option<i32>, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = tandem().arg("replay").arg(path).output().unwrap();
    let said = [stdout, stderr].concat();
    (status.code(), String::from_utf8(said).unwrap())
}

fn verdict(text: &str) -> Verdict {
    replay(text.as_bytes(), |_, _| {}).unwrap()
}

/// The difference in a recording, with its line.
fn difference(text: &str) -> (u64, Difference) {
    match verdict(text) {
        Verdict::Differs {
            line, difference, ..
        } => (line, difference),
        equal @ Verdict::Equal { .. } => panic!("{equal:?}"),
    }
}

/// One of several that do much to one mailbox at once; what is answered depends on the others.
async fn busy(mut client: Client, number: usize, rounds: usize) {
    client.ok("SELECT INBOX").await;
    for round in 0..rounds {
        let first = (number + round) % 3 + 1;
        client.append("INBOX", "Subject: x\r\n\r\nbody\r\n").await;
        client
            .command(&format!("STORE {first} +FLAGS (\\Deleted k{number})"))
            .await;
        client.command("FETCH 1:* (FLAGS BODY.PEEK[TEXT])").await;
        client
            .command(&format!("COPY {first}:* \"spare room\""))
            .await;
        client.command("SEARCH DELETED BODY body").await;
        client.command("UID STORE 1:* FLAGS.SILENT (\\Seen)").await;
        match number % 3 {
            0 => client.command("EXPUNGE").await,
            1 => client.command("MOVE 1 \"spare room\"").await,
            _ => {
                client.send("i IDLE\r\n").await;
                client.lines_to("+ ").await;
                client.send("DONE\r\n").await;
                client.lines_to("i ").await
            }
        };
    }
    client.command("LOGOUT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_with_many_clients_is_replayed_as_equal() {
    let tape = Tape::new();
    let server = tape.server().await;
    let mut first = server.login().await;
    first.ok("CREATE \"spare room\"").await;
    let mut clients = Vec::new();
    for number in 0..5 {
        clients.push(tokio::spawn(busy(server.login().await, number, 20)));
    }
    // One goes in the middle of things, and one is idle all the time.
    let mut gone = server.login().await;
    gone.ok("SELECT \"spare room\"").await;
    drop(gone);
    first.ok("SELECT INBOX").await;
    first.send("i IDLE\r\n").await;
    for client in clients {
        client.await.unwrap();
    }
    server.close().await;
    let (status, said) = replayed(&tape.path);
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.starts_with("equal: ") && said.contains(" 7 sessions"),
        "{said}"
    );
    assert!(!said.contains("cut off"), "{said}");
    let text = tape.read();
    for word in ["> * 1 EXPUNGE\n", " break\n", " wake\n", " done\n"] {
        assert!(text.contains(word), "nothing was recorded of `{word}`");
    }
    assert!(
        !text.contains("Subject: x") && !text.contains("demo"),
        "contents or names are in it"
    );
}

/// A recording in which the default practice and others differ: one client copies what another has expunged.
async fn of_a_copied_ghost() -> String {
    let tape = Tape::new();
    let server = tape.server().await;
    let (mut one, mut other) = (server.login().await, server.login().await);
    for _ in 0..3 {
        one.append("INBOX", "Subject: x\r\n\r\nbody\r\n").await;
    }
    one.ok("CREATE other").await;
    one.ok("SELECT INBOX").await;
    other.ok("SELECT INBOX").await;
    one.ok("STORE 2 +FLAGS (\\Deleted keyword)").await;
    one.ok("EXPUNGE").await;
    other.ok("FETCH 1:* (FLAGS)").await;
    other.ok("SEARCH NOT BODY nobody").await;
    other.ok("COPY 2 other").await;
    other.ok("LIST \"\" *").await;
    other.ok("STATUS other (MESSAGES UIDNEXT)").await;
    other.command("DELETE INBOX").await;
    drop(one);
    other.command("LOGOUT").await;
    server.close().await;
    tape.read()
}

#[tokio::test]
async fn any_octet_that_is_changed_in_a_response_is_found_in_its_line() {
    let text = of_a_copied_ghost().await;
    assert!(matches!(verdict(&text), Verdict::Equal { whole: true, .. }));
    let lines: Vec<&str> = text.lines().collect();
    let mut changed = 0;
    for (at, line) in lines.iter().enumerate() {
        let Some(response) = line.strip_prefix("> ") else {
            continue;
        };
        for octet in 0..response.len() {
            let mut response = response.as_bytes().to_vec();
            response[octet] ^= 1;
            let planted = format!("> {}", String::from_utf8(response).unwrap());
            let mut lines = lines.clone();
            lines[at] = &planted;
            let (found, difference) = difference(&(lines.join("\n") + "\n"));
            let right = matches!(difference, Difference::Response { .. });
            assert!(right && found == at as u64 + 1, "{planted}: {difference}");
            changed += 1;
        }
    }
    assert!(changed > 1_000, "{changed}");
}

#[tokio::test]
async fn another_practice_is_found_where_it_first_matters() {
    let text = of_a_copied_ghost().await;
    let allow = format!("copying={}", Copying::Allow.as_str());
    assert!(text.contains(&allow));
    let (line, difference) = difference(&text.replace(&allow, "copying=refuse"));
    let lines: Vec<&str> = text.lines().collect();
    let at = usize::try_from(line).unwrap() - 1;
    let Difference::Response {
        at: 2,
        recorded: Some(recorded),
        replayed: Some(replayed),
    } = &difference
    else {
        panic!("{difference:?}");
    };
    let step = lines[..at].iter().rfind(|line| line.starts_with("step "));
    assert!(step.unwrap().ends_with(" COPY 2 other"), "{step:?}");
    assert_eq!(recorded, &lines[at][2..]);
    assert!(recorded.starts_with("tag OK [COPYUID "), "{recorded}");
    assert!(
        replayed.starts_with("tag NO [EXPUNGEISSUED] "),
        "{replayed}"
    );
}

#[tokio::test]
async fn a_difference_is_told_as_a_transcript() {
    let text = of_a_copied_ghost().await;
    let tape = Tape::new();
    fs::write(
        &tape.path,
        text.replacen("> * 2 EXPUNGE", "> * 3 EXPUNGE", 1),
    )
    .unwrap();
    let (status, said) = replayed(&tape.path);
    assert_eq!(status, Some(1));
    let end =
        "C1: A007 EXPUNGE\nS1: * 3 EXPUNGE\nS1: * 2 EXISTS\nS1: A007 OK EXPUNGE completed\n\n";
    assert!(said.contains(end), "{said}");
    let end = " of the recording: response 1 of this step differs\nthen: * 3 EXPUNGE\nnow:  * 2 EXPUNGE\n";
    assert!(said.ends_with(end), "{said}");
}

#[tokio::test]
async fn other_octets_on_the_wire_are_found_though_the_responses_are_equal() {
    let text = of_a_copied_ghost().await;
    let (at, line) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.starts_with("wrote 2 "))
        .unwrap();
    let sum = line.split(' ').nth(2).unwrap();
    let other = if sum == "00000000" {
        "00000001"
    } else {
        "00000000"
    };
    let (found, difference) = difference(&text.replacen(sum, other, 1));
    assert_eq!(found, at as u64 + 1);
    let Difference::Octets { replayed, .. } = difference else {
        panic!("{difference}");
    };
    assert!(String::from_utf8(replayed).unwrap().contains("\r\nt2 OK "));
}

/// What the connections of a recording said of their own, each with its reason and its lines.
fn said(text: &str) -> Vec<String> {
    let mut lines = text.lines();
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        let Some(rest) = line.strip_prefix("said ") else {
            continue;
        };
        let mut words = rest.splitn(3, ' ');
        let (client, count) = (words.next().unwrap(), words.next().unwrap());
        let mut told = format!("{client} {}", words.next().unwrap());
        for _ in 0..count.parse().unwrap() {
            let line = lines.next().unwrap().strip_prefix("> ").unwrap();
            told.push_str(" | ");
            told.push_str(line.split(" (\"name").next().unwrap());
        }
        all.push(told.replace(CAPABILITIES, "..."));
    }
    all
}

/// One client that does all that a connection answers of its own, one that is too many, and one that goes before it has logged in.
async fn of_own_words() -> String {
    let tape = Tape::new();
    let server = Server::start(|config| {
        config.record = Some(tape.path.clone());
        config.limits.connections = 2;
    })
    .await;
    let mut one = server.connect().await;
    let mut other = server.connect().await;
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    assert_eq!(server.connect_silently(socket).await.rest().await.len(), 1);
    let mut say = async |line: &str, until: &str| {
        one.send(line).await;
        one.send("\r\n").await;
        one.lines_to(until).await;
    };
    say("a1 CAPABILITY", "a1 ").await;
    say("a2 ID (\"name\" \"a client\")", "a2 ").await;
    say("a3 SELECT \"a \\\"b\"", "a3 ").await;
    say("a4 NONSENSE", "a4 ").await;
    say("\"", "* BAD ").await;
    say("a5 STARTTLS", "a5 ").await;
    say("a6 APPEND INBOX {11+}\r\nsecret text", "a6 ").await;
    // A password where a command is expected: nothing waited for it.
    say("a6b AUTHENTICATE LOGIN", "a6b ").await;
    say("swordfish", "swordfish BAD ").await;
    say("a6c LOGIN demo {9}\nswordfish", "swordfish BAD ").await;
    say("a7 AUTHENTICATE PLAIN", "+ ").await;
    say("*", "a7 ").await;
    say("a8 LOGIN demo swordfish", "a8 ").await;
    say("a9 LOGIN demo {4}", "+ ").await;
    say("demo", "a9 ").await;
    say("b1 CAPABILITY", "b1 ").await;
    say("b2 NAMESPACE", "b2 ").await;
    say("b3 ENABLE CONDSTORE", "b3 ").await;
    say("b4 SEARCH CHARSET KOI8-R ALL", "b4 ").await;
    say("b5 LOGIN demo demo", "b5 ").await;
    say("b6 NOOP\n", "* BAD ").await;
    say("b7 NOOP", "b7 ").await;
    other.command("LOGOUT").await;
    server.close().await;
    tape.read()
}

#[tokio::test]
async fn what_connections_say_of_their_own_is_recorded_without_what_nobody_should_read() {
    let text = of_own_words().await;
    let expected = [
        "1 greeting | * OK [CAPABILITY ...] tandem ready",
        "2 greeting | * OK [CAPABILITY ...] tandem ready",
        "3 one-too-many | * BYE [UNAVAILABLE] too many connections",
        "1 asked a1 CAPABILITY | * CAPABILITY ... | a1 OK CAPABILITY completed",
        r#"1 asked a2 ID ("name" "a client") | * ID | a2 OK ID completed"#,
        r#"1 asked a3 SELECT "a \"b" | a3 BAD log in first"#,
        "1 unread tag expected a command at byte 3 | tag BAD expected a command at byte 3",
        "1 unread * expected a tag at byte 0 | * BAD expected a tag at byte 0",
        "1 asked a5 STARTTLS | a5 BAD there is no TLS here",
        "1 asked a6 APPEND INBOX {0+}%0D%0A | a6 BAD log in first",
        "1 login a6b mechanism | a6b NO [CANNOT] the only mechanism is PLAIN",
        "1 unread tag expected a space and a command at byte 9 | tag BAD expected a space and a command at byte 9",
        "1 refused tag bare-line-feed 0 | tag BAD expected CRLF at the end of the line, not LF alone",
        "1 unread tag expected a space and a command at byte 9 | tag BAD expected a space and a command at byte 9",
        "1 login a7 challenge | + ",
        "1 login a7 cancelled | a7 BAD AUTHENTICATE cancelled",
        "1 login a8 credentials | a8 NO [AUTHENTICATIONFAILED] wrong user name or password",
        "1 waits | + Ready",
        "1 login a9 in | a9 OK [CAPABILITY ...] logged in",
        "1 asked b1 CAPABILITY | * CAPABILITY ... | b1 OK CAPABILITY completed",
        r#"1 asked b2 NAMESPACE | * NAMESPACE (("" "/")) NIL NIL | b2 OK NAMESPACE completed"#,
        "1 asked b3 ENABLE CONDSTORE | * ENABLED | b3 OK ENABLE completed",
        "1 asked b4 SEARCH CHARSET X-UNKNOWN ALL | b4 NO [BADCHARSET (US-ASCII UTF-8)] this charset is not known",
        "1 login b5 again | b5 BAD logged in already",
        "1 refused tag bare-line-feed 0 | tag BAD expected CRLF at the end of the line, not LF alone",
        "1 unread * expected a tag at byte 0 | * BAD expected a tag at byte 0",
        "2 asked t1 LOGOUT | * BYE logging out | t1 OK LOGOUT completed",
    ];
    assert_eq!(said(&text), expected);
    assert!(matches!(verdict(&text), Verdict::Equal { whole: true, .. }));
    for secret in ["demo", "swordfish", "secret"] {
        assert!(!text.contains(secret), "{secret} is in it");
    }
}

#[tokio::test]
async fn what_a_connection_says_where_it_may_not_is_found() {
    let text = of_own_words().await;
    let lines: Vec<String> = text.lines().map(Into::into).collect();
    let at = |begin: &str| {
        let found = lines.iter().position(|line| line.starts_with(begin));
        found.unwrap_or_else(|| panic!("no {begin}"))
    };
    let greeted = "> * OK [CAPABILITY";
    for (at, planted) in [
        // It has not begun, and begins twice.
        (4, vec!["said 1 1 asked x NOOP", "> x OK NOOP completed"]),
        (
            at(greeted) + 1,
            vec!["said 1 1 greeting", &lines[at(greeted)]],
        ),
        // Nobody has logged in.
        (
            at(greeted) + 1,
            vec![
                "said 1 1 asked x SEARCH CHARSET X ALL",
                "> x BAD log in first",
                "said 1 1 login x in",
                "> x OK",
            ],
        ),
        (
            at("step 1 "),
            vec!["said 1 1 asked x NOOP", "> x OK NOOP completed"],
        ),
        (
            at("step 1 "),
            vec!["said 1 1 login x credentials", "> x NO"],
        ),
        (
            at("said 1 1 login a9 in"),
            vec!["step 1 free 1 NOOP", "> tag OK NOOP completed", "= 1"],
        ),
        // A client that has gone comes again, or stays in part.
        (
            at("gone 1") + 1,
            vec!["said 1 1 greeting", &lines[at(greeted)]],
        ),
        (at("leave 1"), vec!["gone 1"]),
        (at("leave 1"), vec!["enter 1 1"]),
        // After BYE.
        (at("gone 2"), vec!["said 2 1 bye twice", "> * BYE twice"]),
        (at("gone 1"), vec!["said 1 0 asked x CAPABILITY"]),
    ] {
        let mut changed = lines.clone();
        changed.splice(at..at, planted.iter().map(|&line| line.into()));
        let (_, difference) = difference(&joined(&changed));
        assert_eq!(difference, Difference::Misplaced, "{planted:?}");
    }
}

/// The lines of a recording that say what was written, with whether their session goes on after it.
fn wrote(lines: &[String]) -> Vec<(usize, bool)> {
    let mut all = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix("wrote ") else {
            continue;
        };
        let begins = format!("step {} ", rest.split(' ').next().unwrap());
        let next = lines[at..].iter().find(|line| line.starts_with(&begins));
        all.push((at, next.is_some_and(|next| !next.ends_with(" break"))));
    }
    assert!(all.len() > 10, "{}", all.len());
    all
}

fn joined(lines: &[String]) -> String {
    lines.join("\n") + "\n"
}

#[tokio::test]
async fn an_answer_that_is_not_written_or_twice_is_found() {
    let text = of_a_copied_ghost().await;
    let lines: Vec<String> = text.lines().map(Into::into).collect();
    let (mut went_on, mut ended) = (0, 0);
    for (at, goes_on) in wrote(&lines) {
        let mut without = lines.clone();
        without.remove(at);
        if goes_on {
            let (line, difference) = difference(&joined(&without));
            assert!(line > at as u64, "{line}");
            assert_eq!(difference, Difference::Unwritten, "{}", lines[at]);
            went_on += 1;
        } else {
            // Its connection may have been gone.
            assert!(matches!(verdict(&joined(&without)), Verdict::Equal { .. }));
            ended += 1;
        }
        let mut twice = lines.clone();
        twice.insert(at, lines[at].clone());
        let found = difference(&joined(&twice));
        assert_eq!(found, (at as u64 + 2, Difference::Unanswered));
    }
    assert!(went_on > 10 && ended == 2, "{went_on} {ended}");
}

#[tokio::test]
async fn anything_that_is_changed_in_what_was_written_is_found() {
    let text = of_a_copied_ghost().await;
    let lines: Vec<String> = text.lines().map(Into::into).collect();
    let (mut octets, mut rendered) = (0, 0);
    for (at, _) in wrote(&lines) {
        let words: Vec<&str> = lines[at].split(' ').collect();
        let count = |word: usize| words[word].parse::<u64>().unwrap();
        for (word, other) in [
            (
                2,
                format!("{:08x}", u32::from_str_radix(words[2], 16).unwrap() ^ 1),
            ),
            (3, (count(3) + 1).to_string()),
            (4, (count(4) + 1).to_string()),
            (4, count(4).saturating_sub(1).to_string()),
            (6, format!("{}x", words[6])),
        ] {
            let mut words = words.clone();
            let is_same = words[word] == other;
            words[word] = &other;
            let mut changed = lines.clone();
            changed[at] = words.join(" ");
            // Of FETCH data and nothing else no octet is known, nor a tag.
            let has_tag = lines[..at].iter().rfind(|line| line.starts_with("> "));
            if is_same || (word == 6 && !has_tag.unwrap().starts_with("> tag ")) {
                continue;
            }
            match difference(&joined(&changed)) {
                (_, Difference::Octets { .. }) if word != 4 => octets += 1,
                (_, Difference::Rendered { .. }) if word == 4 => rendered += 1,
                (_, difference) => panic!("{}: {difference}", changed[at]),
            }
        }
    }
    assert!(octets > 30 && rendered > 10, "{octets} {rendered}");
}

#[tokio::test]
async fn a_recording_that_is_cut_off_anywhere_is_replayed_up_to_there() {
    let text = of_a_copied_ghost().await;
    let header = text.find("said 1 1 greeting").unwrap();
    for cut in 0..text.len() {
        let read = replay(&text.as_bytes()[..cut], |_, _| {});
        match read {
            Ok(Verdict::Equal { whole, .. }) => assert!(!whole && cut >= header),
            Err(error) => assert!(cut < header, "{cut}: {error}"),
            Ok(differs) => panic!("{cut}: {differs:?}"),
        }
    }
}

#[tokio::test]
async fn an_account_that_is_opened_again_is_what_was_left_of_it() {
    let tape = Tape::new();
    let server = tape.server().await;
    let mut times = 0;
    // When the last session has left, an account is closed as soon as all of it is durable: not at once.
    loop {
        times += 1;
        assert!(times < 10_000);
        let mut client = server.login().await;
        if times < 10 {
            client.append("INBOX", "x").await;
            client.ok("SELECT INBOX").await;
            client.ok("STORE 1 FLAGS (a)").await;
        }
        client.command("LOGOUT").await;
        assert_eq!(client.next().await, None);
        if tape.read().matches("\nopen ").count() > 2 {
            break;
        }
    }
    server.close().await;
    let text = tape.read();
    assert!(matches!(verdict(&text), Verdict::Equal { whole: true, .. }));
    // As if storage had lost the last batch.
    let last = text.rfind("\nopen ").unwrap();
    let (before, after) = text.split_at(last);
    let second = &text[text.find("\nopen ").unwrap()..];
    let second = &second[..second.find("\nenter ").unwrap()];
    let number = after.split(' ').nth(1).unwrap();
    let older = second.replacen("open 1", &format!("open {number}"), 1);
    let rest = &after[after.find("\nenter ").unwrap()..];
    let (_, difference) = difference(&format!("{before}{older}{rest}"));
    assert!(
        matches!(difference, Difference::Reopened { .. }),
        "{difference}"
    );
}

#[test]
fn what_is_no_recording_is_told_with_status_2() {
    let tape = Tape::new();
    let header =
        "tandem recording 1\nmade by tandem 0.1.0\npractice deletion=ghost\nlimit page=1\n";
    for (text, reason) in [
        ("", "line 0: it ends before a recording begins"),
        (
            "tandem recording 2\na\nb\nc\n",
            "it is of version `2`: this tandem reads version 1",
        ),
        ("what\na\nb\nc\n", "line 4: it is no recording"),
        (
            &header.replace("ghost", "maybe"),
            "unknown value `maybe` for practice `deletion`",
        ),
        (
            &format!("{header}stop 1\n"),
            "line 5: expected a record, not `stop 1`",
        ),
        (
            &format!("{header}step 1 free 7 NOPE\n"),
            "line 5: expected a command, not `NOPE`",
        ),
        (
            &format!("{header}end\nend\n"),
            "line 6: expected nothing after the end",
        ),
    ] {
        fs::write(&tape.path, text).unwrap();
        let (status, said) = replayed(&tape.path);
        assert_eq!(status, Some(2), "{text}: {said}");
        assert!(
            said.starts_with("tandem: cannot read `") && said.contains(reason),
            "{said}"
        );
    }
    let (status, _) = replayed(Path::new("/nonexistent/tape"));
    assert_eq!(status, Some(2));
}

#[test]
fn a_recording_that_is_there_is_not_written_over() {
    let tape = Tape::new();
    fs::write(&tape.path, "dear").unwrap();
    let output = tandem()
        .args(["serve", "--memory", "--listen", "127.0.0.1:0", "--record"])
        .arg(&tape.path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("cannot record to `"), "{said}");
    assert_eq!(tape.read(), "dear");
}

#[test]
fn a_recording_that_cannot_be_written_does_not_end_the_server() {
    let tape = Tape::new();
    // No file of more than a few blocks, and no signal about it.
    let limited = "trap '' XFSZ; ulimit -f 16; exec \"$0\" serve --memory --listen 127.0.0.1:0 --record \"$1\"";
    let mut server = without_settings("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_tandem")])
        .arg(&tape.path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(server.stdout.take().unwrap());
    let mut ready = String::new();
    output.read_line(&mut ready).unwrap();
    let address = ready.trim_end().rsplit(' ').next().unwrap();
    let stream = TcpStream::connect(address).unwrap();
    let mut answers = BufReader::new(stream.try_clone().unwrap());
    let mut say = |line: &str| {
        (&stream).write_all(line.as_bytes()).unwrap();
        let mut answer = String::new();
        while !answer.starts_with("t OK ") {
            answer.clear();
            assert!(answers.read_line(&mut answer).unwrap() > 0);
        }
    };
    say("t LOGIN demo demo\r\nu NOOP\r\n");
    for _ in 0..1_000 {
        say("t SELECT INBOX\r\n");
    }
    server.kill().unwrap();
    let mut log = String::new();
    let mut errors = server.stderr.take().unwrap();
    errors.read_to_string(&mut log).unwrap();
    server.wait().unwrap();
    assert!(log.contains("the recording cannot be written"), "{log}");
    let (status, said) = replayed(&tape.path);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("cut off"), "{said}");
}
