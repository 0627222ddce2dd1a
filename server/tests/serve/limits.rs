//! What is one too many, too long or too large: answered, and the connection goes on, or ends with BYE.

use crate::client::{Client, Server};
use std::time::Duration;
use tandem_server::recording::replay::{Verdict, replay};

#[tokio::test]
async fn a_command_that_is_too_long_is_bad_and_the_next_is_read() {
    let server = Server::start(|config| config.limits.line = 1_000).await;
    let mut client = server.login().await;
    // `tag SP NOOP SP pad CRLF`; arguments make it BAD anyway, but for another reason.
    let longest = client
        .command(&format!("SEARCH SUBJECT {}", "x".repeat(900)))
        .await;
    assert!(
        longest.last().unwrap().contains("no mailbox is selected"),
        "{longest:?}"
    );
    let bad = client
        .tagged(&format!("SEARCH SUBJECT {}", "x".repeat(1_000)), "BAD")
        .await;
    assert!(bad.contains("1000 octets"), "{bad}");
    client.ok("NOOP").await;
    server.close().await;
}

#[tokio::test]
async fn literals_have_limits_that_login_widens() {
    let server = Server::start(|config| {
        config.limits.literals_before_login = 10;
        config.limits.literal = 20;
        config.limits.message = 30;
    })
    .await;
    let mut client = server.connect().await;
    client.send("a LOGIN {11}\r\n").await;
    assert!(client.line().await.starts_with("a BAD "));
    client.send("b LOGIN {11+}\r\nabcdefghijk demo\r\n").await;
    assert!(client.line().await.starts_with("b BAD "));
    client.ok("LOGIN {4+}\r\ndemo {4+}\r\ndemo").await;
    client
        .ok(&format!("CREATE {{20+}}\r\n{}", "x".repeat(20)))
        .await;
    client
        .tagged(&format!("CREATE {{21+}}\r\n{}", "x".repeat(21)), "BAD")
        .await;
    client
        .ok(&format!("APPEND INBOX {{30+}}\r\n{}", "x".repeat(30)))
        .await;
    client
        .tagged(
            &format!("APPEND INBOX {{31+}}\r\n{}", "x".repeat(31)),
            "NO [TOOBIG]",
        )
        .await;
    client.tagged("APPEND INBOX {31}", "NO [TOOBIG]").await;
    client.ok("NOOP").await;
    server.close().await;
}

#[tokio::test]
async fn so_many_bad_commands_in_a_row_end_the_connection() {
    let server = Server::start(|config| config.limits.bad_commands = 3).await;
    for logged_in in [false, true] {
        let mut client = if logged_in {
            server.login().await
        } else {
            server.connect().await
        };
        client.tagged("FROB", "BAD").await;
        client.tagged("FETCH 1 FLAGS", "BAD").await;
        client.ok("NOOP").await;
        client.tagged("FROB", "BAD").await;
        client.tagged("FETCH 1 FLAGS", "BAD").await;
        client.send("a FROB\r\nb NOOP\r\n").await;
        let rest = client.rest().await;
        assert!(
            rest.len() == 2 && rest[0].starts_with("a BAD ") && rest[1].starts_with("* BYE "),
            "{rest:?}"
        );
    }
    server.close().await;
}

#[tokio::test]
async fn so_many_failed_logins_end_the_connection() {
    let server = Server::start(|config| config.limits.login_attempts = 2).await;
    let mut client = server.connect().await;
    client.tagged("LOGIN demo wrong", "NO").await;
    client
        .tagged("AUTHENTICATE PLAIN AGRlbW8Ad3Jvbmc=", "NO")
        .await;
    assert!(client.line().await.starts_with("* BYE "));
    assert_eq!(client.next().await, None);
    server.close().await;
}

#[tokio::test]
async fn a_user_has_so_many_connections_and_others_have_theirs() {
    let server = Server::start(|config| {
        config
            .users
            .extend(tandem_server::config::User::read("other:other"));
        config.limits.connections_per_user = 2;
    })
    .await;
    let (_first, mut second) = (server.login().await, server.login().await);
    let mut third = server.connect().await;
    third.tagged("LOGIN demo demo", "NO [LIMIT]").await;
    third.ok("LOGIN other other").await;
    second.ok("LOGOUT").await;
    assert_eq!(second.next().await, None);
    server.login().await;
    server.close().await;
}

#[tokio::test]
async fn one_connection_too_many_is_told_so() {
    let server = Server::start(|config| config.limits.connections = 2).await;
    let (first, _second) = (server.connect().await, server.connect().await);
    let mut third = server
        .connect_silently(tokio::net::TcpSocket::new_v4().unwrap())
        .await;
    let rest = third.rest().await;
    assert!(rest.len() == 1 && rest[0].starts_with("* BYE "), "{rest:?}");
    drop(first);
    crate::client::soon("a free place", async {
        let free = |line: &str| line.starts_with("* OK ");
        while !free(
            &server
                .connect_silently(tokio::net::TcpSocket::new_v4().unwrap())
                .await
                .line()
                .await,
        ) {}
    })
    .await;
    server.close().await;
}

/// How many octets a message has that is large: many more than sockets hold on their way.
const LARGE: usize = 32 << 20;

/// A client that has asked for a large message and takes no more than the beginning of it.
async fn stalled(server: &Server) -> Client {
    let mut stalled = server.login().await;
    stalled.ok("SELECT INBOX").await;
    stalled.send("x FETCH 1 BODY.PEEK[]\r\n").await;
    assert!(stalled.line().await.starts_with("* 1 FETCH (BODY[] {"));
    stalled
}

/// A server with a large message, a small one, and room for one answer from a large one; and a client of it.
async fn crowded(change: impl FnOnce(&mut tandem_server::Config)) -> (Server, Client) {
    let server = Server::start(|config| {
        config.limits.answers_at_once = 1;
        change(config);
    })
    .await;
    let mut client = server.login().await;
    client.append("INBOX", &"x".repeat(LARGE)).await;
    client.append("INBOX", "Subject: x\r\n\r\nsmall").await;
    client.ok("SELECT INBOX").await;
    (server, client)
}

#[tokio::test]
async fn who_waits_too_long_for_room_for_an_answer_is_told_so_and_others_are_answered() {
    let directory = tempfile::TempDir::new().unwrap();
    let tape = directory.path().join("tape");
    let (server, mut client) = crowded(|config| {
        config.limits.answer_wait = Duration::from_secs(1);
        config.record = Some(tape.clone());
    })
    .await;
    let stalled = stalled(&server).await;
    let none = client.command("FETCH 1 BODY[]").await;
    assert!(none[0].starts_with("* 1 FETCH (FLAGS (\\Seen"), "{none:?}");
    assert!(none[1].contains(" NO [LIMIT] "), "{none:?}");
    let some = client.command("FETCH 1:2 (BODY.PEEK[])").await;
    // Flags are told, for whom they are set believes that they were.
    assert!(some[0].starts_with("* 1 FETCH (FLAGS ("), "{some:?}");
    assert!(some[1].starts_with("* 2 FETCH (BODY[] "), "{some:?}");
    assert!(some.last().unwrap().contains(" NO [LIMIT] "), "{some:?}");
    let found = client.command("SEARCH BODY small").await;
    assert_eq!(found[0], "* SEARCH 2");
    assert!(found[1].contains(" NO [LIMIT] "), "{found:?}");
    // What needs no content has none to wait for.
    client
        .ok("FETCH 1 (RFC822.SIZE ENVELOPE BODYSTRUCTURE)")
        .await;
    client.ok("FETCH 2 BODY.PEEK[]").await;
    drop(stalled);
    crate::client::soon("room", async {
        while client.command("FETCH 1 BODY.PEEK[]").await.len() == 2 {}
    })
    .await;
    server.close().await;
    let text = std::fs::read(tape).unwrap();
    assert!(String::from_utf8_lossy(&text).contains(" no-room t"));
    let verdict = replay(text.as_slice(), |_, _| {}).unwrap();
    assert!(
        matches!(verdict, Verdict::Equal { whole: true, .. }),
        "{verdict:?}"
    );
}

#[tokio::test]
async fn who_takes_nothing_of_a_large_answer_is_sent_away_and_the_next_is_answered() {
    let (server, mut client) = crowded(|config| {
        config.limits.answer_timeout = Duration::from_secs(1);
        config.limits.answer_wait = Duration::from_secs(600);
    })
    .await;
    let mut stalled = stalled(&server).await;
    let large = client.ok("FETCH 1 BODY.PEEK[]").await;
    assert!(large.iter().any(|line| line.len() >= LARGE));
    // What was sent before it stalled is on its way, and no more.
    let rest: usize = stalled.rest().await.iter().map(String::len).sum();
    assert!(rest < LARGE, "{rest}");
    server.close().await;
}

#[tokio::test]
async fn who_waits_for_room_when_the_server_ends_is_told_bye() {
    let (server, mut client) = crowded(|config| {
        config.limits.answer_wait = Duration::from_secs(600);
        config.limits.shutdown_timeout = Duration::from_secs(15);
    })
    .await;
    let stalled = stalled(&server).await;
    client.send("a NOOP\r\nb FETCH 1 BODY.PEEK[]\r\n").await;
    client.lines_to("a ").await;
    let (rest, ()) = tokio::join!(client.rest(), server.close());
    assert!(rest.last().unwrap().starts_with("* BYE "), "{rest:?}");
    drop(stalled);
}
