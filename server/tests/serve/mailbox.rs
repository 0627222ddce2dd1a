//! Sessions of one mailbox: FETCH, SEARCH, IDLE, slow readers, and what a session is told that lost its mailbox.

use crate::client::{Client, Server, soon};
use tandem_model::practice::Deletion;
use tokio::net::TcpSocket;

#[tokio::test]
async fn the_demo_user_finds_sample_messages() {
    let server = Server::start(|config| config.demo = true).await;
    let mut client = server.login().await;
    let selected = client.ok("SELECT INBOX").await;
    let count: usize = selected
        .iter()
        .find_map(|line| line.strip_prefix("* ")?.strip_suffix(" EXISTS"))
        .unwrap()
        .parse()
        .unwrap();
    assert!(count > 0);
    let fetched = client.ok("FETCH 1:* (UID RFC822.SIZE ENVELOPE)").await;
    assert!(
        fetched
            .iter()
            .filter(|line| line.contains(" FETCH ("))
            .count()
            >= count,
        "{fetched:?}"
    );
    server.close().await;
}

#[tokio::test]
async fn what_was_appended_is_fetched_byte_for_byte() {
    let server = Server::start(|_| {}).await;
    let mut client = server.login().await;
    let message = "Subject: x\r\n\r\n\u{e9}\u{1}\r\n";
    client
        .send(format!("a APPEND INBOX (\\Seen) {{{}}}\r\n", message.len()))
        .await;
    assert!(client.line().await.starts_with("+ "));
    client.send(format!("{message}\r\n")).await;
    assert!(client.line().await.starts_with("a OK [APPENDUID "));
    client.ok("SELECT INBOX").await;
    client.send("b FETCH 1 BODY.PEEK[]\r\n").await;
    assert_eq!(
        client.line().await,
        format!("* 1 FETCH (BODY[] {{{}}}", message.len())
    );
    assert_eq!(client.bytes(message.len()).await, message.as_bytes());
    assert_eq!(client.line().await, ")");
    assert!(client.line().await.starts_with("b OK "));
    server.close().await;
}

#[tokio::test]
async fn search_judges_contents_of_all_pages_by_the_numbers_that_the_client_meant() {
    let server = Server::start(|config| config.limits.page = 2).await;
    let mut client = server.login().await;
    for word in ["red", "blue", "red", "blue", "red", "red", "blue"] {
        client
            .append(
                "INBOX",
                &format!("Subject: {word}\r\n\r\nsomething {word}\r\n"),
            )
            .await;
    }
    client.ok("SELECT INBOX").await;
    for (key, found) in [
        ("2:6 BODY red", "* SEARCH 3 5 6"),
        ("NOT (2:6 SUBJECT red)", "* SEARCH 1 2 4 7"),
        ("* BODY blue", "* SEARCH 7"),
        ("BODY green", "* SEARCH"),
        ("ALL", "* SEARCH 1 2 3 4 5 6 7"),
    ] {
        assert_eq!(client.ok(&format!("SEARCH {key}")).await, [found], "{key}");
    }
    server.close().await;
}

#[tokio::test]
async fn commands_that_are_sent_together_are_answered_in_order() {
    let server = Server::start(|config| config.limits.page = 1).await;
    let mut client = server.login().await;
    client.append("INBOX", "Subject: 1\r\n\r\n").await;
    client.append("INBOX", "Subject: 2\r\n\r\n").await;
    client.send("a SELECT INBOX\r\nb STORE 1 +FLAGS (\\Deleted)\r\nc FETCH 1:2 UID\r\nd EXPUNGE\r\ne FETCH 1 UID\r\nf IDLE\r\nDONE\r\ng NOOP\r\n").await;
    let lines = client.lines_to("g ").await;
    let tags: Vec<&str> = lines
        .iter()
        .filter(|line| !line.starts_with(['*', '+']))
        .map(|line| &line[..1])
        .collect();
    assert_eq!(tags, ["a", "b", "c", "d", "e", "f", "g"], "{lines:?}");
    let at = |text: &str| {
        lines
            .iter()
            .position(|line| line == text)
            .unwrap_or_else(|| panic!("{text}: {lines:?}"))
    };
    assert!(
        at("* 2 FETCH (UID 2)") < at("* 1 EXPUNGE") && at("* 1 EXPUNGE") < at("* 1 FETCH (UID 2)")
    );
    server.close().await;
}

#[tokio::test]
async fn idle_is_woken_by_what_another_session_does() {
    let server = Server::start(|_| {}).await;
    let (mut idler, mut other) = (server.login().await, server.login().await);
    idler.ok("SELECT INBOX").await;
    other.ok("SELECT INBOX").await;
    idler.send("a IDLE\r\n").await;
    assert!(idler.line().await.starts_with("+ "));
    other.append("INBOX", "Subject: news\r\n\r\n").await;
    assert_eq!(idler.line().await, "* 1 EXISTS");
    // The session that appended it was told of it first.
    assert_eq!(idler.line().await, "* 0 RECENT");
    other.ok("STORE 1 +FLAGS (\\Deleted)").await;
    assert!(
        idler
            .line()
            .await
            .starts_with("* 1 FETCH (FLAGS (\\Deleted")
    );
    other.ok("EXPUNGE").await;
    assert_eq!(idler.line().await, "* 1 EXPUNGE");
    assert_eq!(idler.line().await, "* 0 EXISTS");
    idler.send("DONE\r\n").await;
    assert!(idler.line().await.starts_with("a OK "));
    server.close().await;
}

#[tokio::test]
async fn a_line_that_is_not_done_ends_idle_with_bad() {
    let server = Server::start(|_| {}).await;
    let mut client = server.login().await;
    client.send("a IDLE\r\n").await;
    assert!(client.line().await.starts_with("+ "));
    client.send("b NOOP\r\n").await;
    assert!(client.line().await.starts_with("a BAD "));
    client.ok("NOOP").await;
    server.close().await;
}

/// How many messages of INBOX are not \Seen.
async fn unseen(client: &mut Client) -> usize {
    let status = client.ok("STATUS INBOX (UNSEEN)").await;
    status[0]
        .strip_prefix("* STATUS INBOX (UNSEEN ")
        .unwrap()
        .trim_end_matches(')')
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_gets_no_page_before_it_has_taken_the_last_and_blocks_nobody() {
    const MESSAGES: usize = 600;
    let server = Server::start(|config| config.limits.page = 4).await;
    let mut other = server.login().await;
    // 60 MB: far more than the socket buffers of both sides can hold.
    let message = format!("Subject: large\r\n\r\n{}\r\n", "x".repeat(100_000));
    for _ in 0..MESSAGES {
        other.append("INBOX", &message).await;
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(65_536).unwrap();
    let mut slow = server.connect_silently(socket).await;
    slow.send("a LOGIN demo demo\r\nb SELECT INBOX\r\n").await;
    slow.lines_to("b OK").await;
    slow.send("c FETCH 1:* BODY[]\r\n").await;
    // A page sets \Seen when it is produced. It has come to a halt when others are answered many times without one.
    let mut left = MESSAGES;
    let mut unchanged = 0;
    soon("a halt", async {
        while unchanged < 200 {
            let now = unseen(&mut other).await;
            unchanged = if now == left && left < MESSAGES {
                unchanged + 1
            } else {
                0
            };
            left = now;
        }
    })
    .await;
    assert!(
        left > MESSAGES / 2,
        "{left} of {MESSAGES} are left to be produced"
    );
    let lines = slow.lines_to("c ").await;
    assert!(lines.last().unwrap().starts_with("c OK "));
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.contains(" FETCH ("))
            .count(),
        MESSAGES
    );
    assert_eq!(unseen(&mut other).await, 0);
    server.close().await;
}

#[tokio::test]
async fn a_session_that_lost_its_mailbox_gets_bye_next_whatever_it_does() {
    let server = Server::start(|config| config.practice.deletion = Deletion::Disconnect).await;
    let mut other = server.login().await;
    for doing in [
        "",
        "a IDLE\r\n",
        "a APPEND INBOX {10}\r\n",
        "a APPEND INBOX {10+}\r\nabc",
        "half a comm",
    ] {
        other.ok("CREATE box").await;
        let mut client = server.login().await;
        client.ok("SELECT box").await;
        client.send(doing).await;
        if doing.contains("IDLE") || doing.contains("{10}") {
            assert!(client.line().await.starts_with("+ "));
        }
        other.ok("DELETE box").await;
        let rest = client.rest().await;
        assert!(
            rest.len() == 1 && rest[0].starts_with("* BYE "),
            "{doing:?}: {rest:?}"
        );
    }
    server.close().await;
}

#[tokio::test]
async fn who_is_owed_more_than_a_mailbox_keeps_gets_bye() {
    let server = Server::start(|config| config.limits.ghosts = 2).await;
    let (mut silent, mut other) = (server.login().await, server.login().await);
    for _ in 0..3 {
        other.append("INBOX", "Subject: x\r\n\r\n").await;
    }
    silent.ok("SELECT INBOX").await;
    other.ok("SELECT INBOX").await;
    other.ok("STORE 1:3 +FLAGS.SILENT (\\Deleted)").await;
    other.ok("EXPUNGE").await;
    let rest = silent.rest().await;
    assert!(rest.len() == 1 && rest[0].starts_with("* BYE "), "{rest:?}");
    server.close().await;
}
