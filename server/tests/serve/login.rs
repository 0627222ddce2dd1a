//! Greeting, LOGIN, AUTHENTICATE, and what is answered before and after.

use crate::client::Server;

#[tokio::test]
async fn what_the_greeting_advertises_is_what_capability_answers() {
    let server = Server::start(|_| {}).await;
    let mut client = server
        .connect_silently(tokio::net::TcpSocket::new_v4().unwrap())
        .await;
    let greeting = client.line().await;
    let capabilities = client.ok("CAPABILITY").await;
    let [capabilities] = &capabilities[..] else {
        panic!("{capabilities:?}")
    };
    let listed = capabilities.strip_prefix("* CAPABILITY ").unwrap();
    assert_eq!(greeting, format!("* OK [CAPABILITY {listed}] tandem ready"));
    let logged_in = client.tagged("LOGIN demo demo", "OK").await;
    assert_eq!(logged_in, format!("OK [CAPABILITY {listed}] logged in"));
    assert_eq!(client.ok("CAPABILITY").await[0], *capabilities);
    server.close().await;
}

#[tokio::test]
async fn every_way_to_log_in_opens_the_account() {
    let server = Server::start(|_| {}).await;
    for login in [
        "a LOGIN demo demo\r\n",
        "a LOGIN \"demo\" {4+}\r\ndemo\r\n",
        "a AUTHENTICATE PLAIN AGRlbW8AZGVtbw==\r\n",
        "a authenticate plain\r\nAGRlbW8AZGVtbw==\r\n",
        "a AUTHENTICATE PLAIN ZGVtbwBkZW1vAGRlbW8=\r\n",
    ] {
        let mut client = server.connect().await;
        client.send(login).await;
        let lines = client.lines_to("a ").await;
        assert!(
            lines.last().unwrap().starts_with("a OK "),
            "{login}: {lines:?}"
        );
        client.ok("SELECT INBOX").await;
    }
    server.close().await;
}

#[tokio::test]
async fn a_failed_login_says_why_and_the_connection_goes_on() {
    let server = Server::start(|_| {}).await;
    let mut client = server.connect().await;
    client
        .tagged("LOGIN demo wrong", "NO [AUTHENTICATIONFAILED]")
        .await;
    client.tagged("AUTHENTICATE GSSAPI", "NO [CANNOT]").await;
    client
        .tagged(
            "AUTHENTICATE PLAIN Ym9iAGRlbW8AZGVtbw==",
            "NO [AUTHORIZATIONFAILED]",
        )
        .await;
    client.tagged("AUTHENTICATE PLAIN AGRlbW8=", "BAD").await;
    client.send("a AUTHENTICATE PLAIN\r\n").await;
    assert!(client.line().await.starts_with('+'));
    client.send("*\r\n").await;
    assert!(client.line().await.starts_with("a BAD "));
    client.tagged("STARTTLS", "BAD").await;
    client.ok("LOGIN demo demo").await;
    client.tagged("LOGIN demo demo", "BAD").await;
    server.close().await;
}

#[tokio::test]
async fn commands_about_mailboxes_need_a_login_and_others_do_not() {
    let server = Server::start(|_| {}).await;
    let mut client = server.connect().await;
    for command in [
        "SELECT INBOX",
        "FETCH 1 FLAGS",
        "NAMESPACE",
        "ENABLE X",
        "APPEND INBOX {3+}\r\nabc",
        "IDLE",
    ] {
        client.tagged(command, "BAD").await;
    }
    client.ok("NOOP").await;
    assert!(client.ok("ID NIL").await[0].starts_with("* ID (\"name\" \"tandem\" "));
    let lines = client.command("LOGOUT").await;
    assert!(
        lines[0].starts_with("* BYE ") && lines[1].contains(" OK "),
        "{lines:?}"
    );
    assert_eq!(client.next().await, None);
    server.close().await;
}

#[tokio::test]
async fn namespace_and_enable_answer_after_login() {
    let server = Server::start(|_| {}).await;
    let mut client = server.login().await;
    assert_eq!(
        client.ok("NAMESPACE").await,
        ["* NAMESPACE ((\"\" \"/\")) NIL NIL"]
    );
    assert_eq!(client.ok("ENABLE CONDSTORE").await, ["* ENABLED"]);
    client
        .tagged(
            "SEARCH CHARSET KOI8-R ALL",
            "NO [BADCHARSET (US-ASCII UTF-8)]",
        )
        .await;
    server.close().await;
}
