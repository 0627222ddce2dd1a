//! From the greeting to LOGOUT: capabilities, ways to log in, what the server says of itself.

use imap_codec::imap_types::response::{Capability, Code, Data, GreetingKind, Response};
use tandem_tests::{
    reader::{Client, line},
    server::Server,
};

#[test]
fn the_greeting_lists_what_capability_lists() {
    let server = Server::practising(&[]).unused();
    let (mut client, greeting) = Client::connect(&server);
    assert_eq!(greeting.kind, GreetingKind::Ok);
    let Some(Code::Capability(greeted)) = greeting.code else {
        panic!("{greeting:?}");
    };
    let responses = client.ok("CAPABILITY");
    let [Response::Data(Data::Capability(listed))] = &responses[..] else {
        panic!("{responses:?}");
    };
    assert_eq!(&greeted, listed);
    for (capability, name) in [
        (Capability::Imap4Rev1, "IMAP4REV1"),
        (Capability::LiteralPlus, "LITERAL+"),
        (Capability::SaslIr, "SASL-IR"),
        (Capability::Idle, "IDLE"),
        (Capability::UidPlus, "UIDPLUS"),
        (Capability::Move, "MOVE"),
        (Capability::Unselect, "UNSELECT"),
        (Capability::Id, "ID"),
        (Capability::Enable, "ENABLE"),
    ] {
        assert!(listed.as_ref().contains(&capability), "{name}");
    }
    let text = line(&responses[0]);
    assert!(
        [" AUTH=PLAIN", " CHILDREN", " NAMESPACE"]
            .iter()
            .all(|name| text.contains(name)),
        "{text}"
    );
    assert!(
        !text.contains("STARTTLS") && !text.contains("LOGINDISABLED"),
        "{text}"
    );
}

#[test]
fn login_takes_atoms_quoted_strings_and_both_kinds_of_literals() {
    let server = Server::start(|config| {
        config.users = vec![tandem_server::config::User {
            name: "two wheels".into(),
            password: "\"\\ \u{fc}".into(),
        }];
    });
    for command in [
        "a LOGIN \"two wheels\" \"\\\"\\\\ \u{fc}\"\r\n",
        "a login {10+}\r\ntwo wheels {5+}\r\n\"\\ \u{fc}\r\n",
        "a LOGIN \"two wheels\" {5+}\r\n\"\\ \u{fc}\r\n",
    ] {
        let (mut client, _) = Client::connect(&server);
        client.send(command);
        assert_eq!(client.finish("a").condition()[..4], *"OK [", "{command}");
    }
    let (mut client, _) = Client::connect(&server);
    client.send("a LOGIN {10}\r\n");
    assert!(line(&client.receive().unwrap()).starts_with("+ "));
    client.send("two wheels {5}\r\n");
    assert!(line(&client.receive().unwrap()).starts_with("+ "));
    client.send("\"\\ \u{fc}\r\n");
    assert!(client.finish("a").condition().starts_with("OK"));
}

#[test]
fn authenticate_plain_works_with_and_without_an_initial_response() {
    let server = Server::practising(&[]);
    let (mut client, _) = Client::connect(&server);
    client.ok("AUTHENTICATE PLAIN AGRlbW8AZGVtbw==");
    client.ok("STATUS INBOX (MESSAGES)");

    let (mut client, _) = Client::connect(&server);
    client.send("a AUTHENTICATE PLAIN\r\n");
    assert_eq!(line(&client.receive().unwrap()), "+ ");
    client.send("AGRlbW8AZGVtbw==\r\n");
    assert!(client.finish("a").condition().starts_with("OK"));
    client.ok("STATUS INBOX (MESSAGES)");

    let (mut client, _) = Client::connect(&server);
    assert_eq!(
        client.refused("AUTHENTICATE PLAIN AGRlbW8Ad3Jvbmc="),
        "NO [AUTHENTICATIONFAILED]"
    );
    client.send("b AUTHENTICATE PLAIN\r\n");
    assert_eq!(line(&client.receive().unwrap()), "+ ");
    client.send("*\r\n");
    assert_eq!(client.finish("b").condition(), "BAD");
    assert_eq!(
        client.refused("LOGIN demo wrong"),
        "NO [AUTHENTICATIONFAILED]"
    );
    client.ok("LOGIN demo demo");
}

#[test]
fn id_namespace_and_enable_answer_as_their_rfcs_say() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    let responses = client.ok("ID (\"name\" \"test\" \"version\" NIL)");
    let [Response::Data(Data::Id { parameters })] = &responses[..] else {
        panic!("{responses:?}");
    };
    let named = parameters.as_ref().unwrap();
    assert!(named.iter().any(|(field, value)| field.as_ref() == b"name"
        && value.0.as_ref().map(AsRef::as_ref) == Some(b"tandem")));
    assert_eq!(
        client.lines("NAMESPACE"),
        ["* NAMESPACE ((\"\" \"/\")) NIL NIL"]
    );
    // Whatever is not known is passed over (RFC 5161 section 3.1).
    assert_eq!(client.lines("ENABLE CONDSTORE X-UNKNOWN"), ["* ENABLED"]);
}

#[test]
fn before_login_nothing_about_mailboxes_is_answered() {
    let server = Server::practising(&[]);
    let (mut client, _) = Client::connect(&server);
    for command in [
        "SELECT INBOX",
        "LIST \"\" *",
        "FETCH 1 FLAGS",
        "NAMESPACE",
        "IDLE",
        "CHECK",
    ] {
        assert_eq!(client.refused(command), "BAD", "{command}");
    }
    client.ok("NOOP");
    client.ok("LOGIN demo demo");
    assert_eq!(client.refused("LOGIN demo demo"), "BAD");
}

#[test]
fn logout_says_bye_then_ok_then_closes() {
    let server = Server::practising(&[]);
    for logged_in in [false, true] {
        let (mut client, _) = Client::connect(&server);
        if logged_in {
            client.ok("LOGIN demo demo");
            client.ok("SELECT INBOX");
        }
        let lines = client.lines("LOGOUT");
        assert!(
            lines.len() == 1 && lines[0].starts_with("* BYE "),
            "{lines:?}"
        );
        assert_eq!(client.receive(), None);
    }
}
