//! Names of mailboxes: CREATE, DELETE, RENAME, LIST, LSUB, SUBSCRIBE, STATUS. RFC 3501 sections 6.3.3 to 6.3.10, RFC 3348.

use tandem_tests::{reader::Client, server::Server};

#[test]
fn names_form_a_hierarchy() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a/b/c");
    client.ok("CREATE a/b/d/");
    client.ok("CREATE e");
    assert_eq!(
        client.lines("LIST \"\" *"),
        [
            "* LIST (\\HasNoChildren) \"/\" INBOX",
            "* LIST (\\Noselect \\HasChildren) \"/\" a",
            "* LIST (\\Noselect \\HasChildren) \"/\" a/b",
            "* LIST (\\HasNoChildren) \"/\" a/b/c",
            "* LIST (\\HasNoChildren) \"/\" a/b/d",
            "* LIST (\\HasNoChildren) \"/\" e",
        ]
    );
    assert_eq!(
        client.lines("LIST \"\" %"),
        [
            "* LIST (\\HasNoChildren) \"/\" INBOX",
            "* LIST (\\Noselect \\HasChildren) \"/\" a",
            "* LIST (\\HasNoChildren) \"/\" e",
        ]
    );
    assert_eq!(
        client.lines("LIST a/ %/c"),
        ["* LIST (\\HasNoChildren) \"/\" a/b/c"]
    );
    assert_eq!(
        client.lines("LIST \"\" \"inbox\""),
        ["* LIST (\\HasNoChildren) \"/\" INBOX"]
    );
    assert_eq!(
        client.lines("LIST \"\" \"\""),
        ["* LIST (\\Noselect) \"/\" \"\""]
    );
    assert_eq!(client.lines("LIST \"\" nothing"), Vec::<String>::new());
}

#[test]
fn a_name_is_made_and_goes_as_the_rfc_says() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a/b");
    for (command, answer) in [
        ("CREATE inbox", "NO [ALREADYEXISTS]"),
        ("CREATE a/b", "NO [ALREADYEXISTS]"),
        ("CREATE a//b", "NO [CANNOT]"),
        ("CREATE \"\"", "NO [CANNOT]"),
        ("DELETE INBOX", "NO [CANNOT]"),
        ("DELETE a", "NO [CANNOT]"),
        ("DELETE nothing", "NO [NONEXISTENT]"),
        ("SELECT a", "NO [NONEXISTENT]"),
        ("STATUS a (MESSAGES)", "NO [NONEXISTENT]"),
        ("RENAME nothing other", "NO [NONEXISTENT]"),
        ("RENAME a/b INBOX", "NO [ALREADYEXISTS]"),
        ("RENAME a a/b/c", "NO [CANNOT]"),
    ] {
        assert_eq!(client.refused(command), answer, "{command}");
    }
    client.ok("CREATE a");
    client.ok("DELETE a");
    assert_eq!(
        client.lines("LIST \"\" a*"),
        [
            "* LIST (\\Noselect \\HasChildren) \"/\" a",
            "* LIST (\\HasNoChildren) \"/\" a/b",
        ]
    );
    client.ok("DELETE a/b");
    client.ok("DELETE a");
    assert_eq!(client.lines("LIST \"\" a*"), Vec::<String>::new());
}

#[test]
fn rename_takes_inferiors_and_messages_along() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a/b");
    client.append("a/b", "Subject: one\r\n\r\n");
    client.ok("RENAME a x/y");
    assert_eq!(
        client.lines("LIST \"\" *"),
        [
            "* LIST (\\HasNoChildren) \"/\" INBOX",
            "* LIST (\\Noselect \\HasChildren) \"/\" x",
            "* LIST (\\Noselect \\HasChildren) \"/\" x/y",
            "* LIST (\\HasNoChildren) \"/\" x/y/b",
        ]
    );
    assert_eq!(
        client.lines("STATUS x/y/b (MESSAGES UIDNEXT)"),
        ["* STATUS x/y/b (MESSAGES 1 UIDNEXT 2)"]
    );
    assert_eq!(client.refused("SELECT a/b"), "NO [NEWNAME a/b x/y/b]");
}

#[test]
fn rename_of_inbox_leaves_it_empty_and_its_uids_go_on() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.append("INBOX", "Subject: one\r\n\r\n");
    client.append("INBOX", "Subject: two\r\n\r\n");
    client.ok("RENAME INBOX old");
    assert_eq!(
        client.lines("STATUS INBOX (MESSAGES UIDNEXT)"),
        ["* STATUS INBOX (MESSAGES 0 UIDNEXT 3)"]
    );
    assert_eq!(
        client.lines("STATUS old (MESSAGES)"),
        ["* STATUS old (MESSAGES 2)"]
    );
}

#[test]
fn subscriptions_are_kept_apart_from_mailboxes() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a/b");
    client.ok("SUBSCRIBE a/b");
    client.ok("SUBSCRIBE INBOX");
    client.ok("SUBSCRIBE not/there");
    assert_eq!(
        client.lines("LSUB \"\" *"),
        [
            "* LSUB () \"/\" INBOX",
            "* LSUB () \"/\" a/b",
            "* LSUB () \"/\" not/there",
        ]
    );
    // What `%` does not reach is shown by its superior (RFC 3501 section 6.3.9).
    assert_eq!(
        client.lines("LSUB \"\" %"),
        [
            "* LSUB () \"/\" INBOX",
            "* LSUB (\\Noselect) \"/\" a",
            "* LSUB (\\Noselect) \"/\" not",
        ]
    );
    client.ok("DELETE a/b");
    client.ok("UNSUBSCRIBE not/there");
    assert_eq!(
        client.lines("LSUB \"\" *"),
        ["* LSUB () \"/\" INBOX", "* LSUB () \"/\" a/b"]
    );
}

#[test]
fn a_deleted_mailbox_that_is_still_open_is_in_no_list_and_no_argument() {
    let server = Server::practising(&["deletion=ghost"]);
    let (mut client, mut other) = (Client::login(&server), Client::login(&server));
    client.ok("CREATE a");
    client.ok("SUBSCRIBE a");
    client.append("a", "Subject: one\r\n\r\ntext");
    other.ok("SELECT a");
    client.ok("DELETE a");
    assert_eq!(client.lines("LIST \"\" a"), Vec::<String>::new());
    assert_eq!(client.lines("LSUB \"\" a"), Vec::<String>::new());
    for (command, answer) in [
        ("SELECT a", "NO [NONEXISTENT]"),
        ("STATUS a (MESSAGES)", "NO [NONEXISTENT]"),
        ("APPEND a {1+}\r\nx", "NO [NONEXISTENT]"),
        ("DELETE a", "NO [NONEXISTENT]"),
        ("SUBSCRIBE a", "NO [NONEXISTENT]"),
        ("RENAME a b", "NO [NONEXISTENT]"),
        ("CREATE a", "NO [INUSE]"),
        ("CREATE a/b", "NO [INUSE]"),
        ("RENAME INBOX a", "NO [INUSE]"),
    ] {
        assert_eq!(client.refused(command), answer, "{command}");
        if !command.starts_with("SELECT") {
            assert_eq!(other.refused(command), answer, "{command}");
        }
    }
    assert_eq!(
        other.lines("FETCH 1 BODY.PEEK[TEXT]"),
        ["* 1 FETCH (BODY[TEXT] {4}\r\ntext)"]
    );
    other.ok("UNSELECT");
    assert_eq!(client.lines("LSUB \"\" a"), ["* LSUB () \"/\" a"]);
    client.ok("CREATE a");
    assert_eq!(
        client.lines("STATUS a (MESSAGES)"),
        ["* STATUS a (MESSAGES 0)"]
    );
}

#[test]
fn status_tells_what_it_is_asked_for() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a");
    client.append("a (\\Seen)", "Subject: one\r\n\r\n");
    client.append("a", "Subject: two\r\n\r\n");
    assert_eq!(
        client.lines("STATUS a (UNSEEN RECENT MESSAGES UIDNEXT)"),
        ["* STATUS a (MESSAGES 2 RECENT 2 UIDNEXT 3 UNSEEN 1)"]
    );
    // Asking has changed nothing, and asking for another leaves the one that is selected.
    assert_eq!(client.lines("STATUS a (RECENT)"), ["* STATUS a (RECENT 2)"]);
    client.ok("SELECT a");
    assert_eq!(client.lines("STATUS a (RECENT)"), ["* STATUS a (RECENT 0)"]);
    client.ok("STATUS INBOX (RECENT)");
    assert_eq!(client.lines("FETCH 2 UID"), ["* 2 FETCH (UID 2)"]);
    let lines = client.lines("STATUS a (UIDVALIDITY)");
    let validity = |line: &str| -> u32 {
        let rest = line.strip_prefix("* STATUS a (UIDVALIDITY ").unwrap();
        rest.strip_suffix(')').unwrap().parse().unwrap()
    };
    let before = validity(&lines[0]);
    client.ok("UNSELECT");
    client.ok("DELETE a");
    client.ok("CREATE a");
    assert!(validity(&client.lines("STATUS a (UIDVALIDITY)")[0]) > before);
}

#[test]
fn names_beyond_ascii_are_written_in_modified_utf_7() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    let listed = |name: &str| format!("* LIST (\\HasNoChildren) \"/\" {name}");
    for name in ["Entw&APw-rfe", "&ZeVnLIqe-", "a&-b", "&2D3eAA-"] {
        client.ok(format!("CREATE {name}"));
        assert_eq!(client.lines(format!("LIST \"\" {name}")), [listed(name)]);
        assert_eq!(
            client.lines(format!("STATUS \"{name}\" (MESSAGES)")),
            [format!("* STATUS {name} (MESSAGES 0)")]
        );
    }
    // One who sends UTF-8 means the same mailbox; what is written is IMAP4rev1.
    assert_eq!(
        client.lines("LIST \"\" \"Entw\u{fc}rfe\""),
        [listed("Entw&APw-rfe")]
    );
    assert_eq!(
        client.refused("CREATE \"Entw\u{fc}rfe\""),
        "NO [ALREADYEXISTS]"
    );
    client.ok("CREATE \"with \\\"quotes\\\" and \\\\\"");
    assert_eq!(
        client.lines("LIST \"\" with*"),
        [listed("\"with \\\"quotes\\\" and \\\\\"")]
    );
    client.ok("CREATE {6+}\r\n]]%%**");
    assert_eq!(client.lines("LIST \"\" \"]*\""), [listed("\"]]%%**\"")]);
}
