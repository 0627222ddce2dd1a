//! How connections end: broken, and with the server.

use crate::client::{Server, soon};
use std::time::Duration;
use tandem_model::practice::Deletion;

#[tokio::test]
async fn a_broken_connection_leaves_its_mailbox() {
    let server = Server::start(|config| config.practice.deletion = Deletion::Refuse).await;
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
        other.tagged("DELETE box", "NO [INUSE]").await;
        drop(client);
        soon("DELETE", async {
            while other
                .command("DELETE box")
                .await
                .last()
                .unwrap()
                .contains(" NO ")
            {}
        })
        .await;
    }
    server.close().await;
}

#[tokio::test]
async fn the_end_of_the_server_is_told_to_everybody() {
    let server = Server::start(|_| {}).await;
    let stranger = server.connect().await;
    let mut half = server.connect().await;
    half.send("a LOGIN {4}\r\n").await;
    assert!(half.line().await.starts_with("+ "));
    let mut selected = server.login().await;
    selected.ok("SELECT INBOX").await;
    let mut idler = server.login().await;
    idler.send("a IDLE\r\n").await;
    assert!(idler.line().await.starts_with("+ "));
    let mut appender = server.login().await;
    appender.send("a APPEND INBOX {10}\r\n").await;
    assert!(appender.line().await.starts_with("+ "));
    let mut clients = [stranger, half, selected, idler, appender];
    let told = async {
        for client in &mut clients {
            let rest = client.rest().await;
            assert!(rest.len() == 1 && rest[0].starts_with("* BYE "), "{rest:?}");
        }
    };
    tokio::join!(server.close(), told);
}

#[tokio::test]
async fn the_end_of_the_server_does_not_wait_for_those_who_take_nothing() {
    let server =
        Server::start(|config| config.limits.shutdown_timeout = Duration::from_millis(10)).await;
    let mut client = server.login().await;
    let message = format!("{{1000000+}}\r\n{}", "x".repeat(1_000_000));
    for _ in 0..16 {
        client.ok(&format!("APPEND INBOX {message}")).await;
    }
    client.ok("SELECT INBOX").await;
    client.send("a FETCH 1:* BODY[]\r\n").await;
    assert!(client.line().await.starts_with("* 1 FETCH "));
    server.close().await;
    drop(client);
}

#[tokio::test]
async fn who_does_not_log_in_gets_bye() {
    let server =
        Server::start(|config| config.limits.login_timeout = Duration::from_millis(10)).await;
    let mut client = server.connect().await;
    assert!(client.rest().await.last().unwrap().starts_with("* BYE "));
    server.close().await;
}

#[tokio::test]
async fn who_is_not_heard_for_too_long_gets_bye() {
    let server =
        Server::start(|config| config.limits.idle_timeout = Duration::from_millis(200)).await;
    let mut client = server.login().await;
    let rest = client.rest().await;
    assert!(rest.len() == 1 && rest[0].starts_with("* BYE "), "{rest:?}");
    server.close().await;
}
