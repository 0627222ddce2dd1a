//! What UIDNEXT and UIDVALIDITY say, and what changes them. RFC 3501 sections 2.3.1.1 and 6.3.3 to 6.3.5.

use tandem_tests::{
    reader::{Client, found},
    server::Server,
};

/// What STATUS says of a mailbox.
fn status(client: &mut Client, mailbox: &str, item: &str) -> u32 {
    let lines = client.lines(format!("STATUS {mailbox} ({item})"));
    let number = lines[0].strip_prefix(&format!("* STATUS {mailbox} ({item} "));
    number.unwrap().strip_suffix(')').unwrap().parse().unwrap()
}

/// A mailbox `box` of three messages, and `from` of two.
fn two_mailboxes(client: &mut Client) {
    for (mailbox, count) in [("box", 3), ("from", 2)] {
        client.ok(format!("CREATE {mailbox}"));
        for n in 1..=count {
            client.append(mailbox, format!("Subject: {n}\r\n\r\n"));
        }
    }
}

#[test]
fn uidnext_stays_while_nothing_arrives() {
    let server = Server::practising(&["copying=refuse"]);
    let mut looks = Client::login(&server);
    two_mailboxes(&mut looks);
    let (mut copies, mut changes) = (Client::login(&server), Client::login(&server));
    copies.ok("SELECT from");
    changes.ok("SELECT from");
    changes.ok("STORE 1 +FLAGS.SILENT (\\Deleted)");
    changes.ok("EXPUNGE");
    changes.ok("SELECT box");
    let before = status(&mut looks, "box", "UIDNEXT");
    assert_eq!(before, 4);
    // Of message 1 it has not been told that it is gone.
    for (command, answer) in [
        ("COPY 1:2 box", "NO [EXPUNGEISSUED]"),
        ("COPY 2 box", "BAD"),
        ("COPY 1 nothing", "NO [TRYCREATE]"),
    ] {
        assert_eq!(copies.command(command).condition(), answer, "{command}");
        assert_eq!(status(&mut looks, "box", "UIDNEXT"), before, "{command}");
    }
    for command in [
        "NOOP",
        "FETCH 1:* (FLAGS BODY[])",
        "STORE 3 +FLAGS (\\Deleted $Junk)",
        "COPY 1 from",
        "MOVE 1 from",
        "EXPUNGE",
        "STORE 1 +FLAGS.SILENT (\\Deleted)",
        "CLOSE",
        "SELECT box",
        "RENAME from elsewhere",
    ] {
        changes.ok(command);
        assert_eq!(status(&mut looks, "box", "UIDNEXT"), before, "{command}");
    }
    assert_eq!(status(&mut looks, "box", "MESSAGES"), 0);
}

#[test]
fn uidnext_is_a_bound_for_what_arrives_and_changes_though_it_goes_again() {
    let server = Server::practising(&[]);
    let mut looks = Client::login(&server);
    two_mailboxes(&mut looks);
    let (mut brings, mut removes) = (Client::login(&server), Client::login(&server));
    brings.ok("SELECT from");
    for command in ["APPEND box {1+}\r\nx", "COPY 1 box", "MOVE 1:2 box"] {
        let before = status(&mut looks, "box", "UIDNEXT");
        removes.ok("SELECT box");
        removes.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        removes.ok("EXPUNGE");
        brings.ok(command);
        let after = status(&mut looks, "box", "UIDNEXT");
        removes.ok("NOOP");
        let arrived = found(&removes.ok("UID SEARCH ALL"));
        assert!(!arrived.is_empty(), "{command}");
        let within = |uid: &u32| (before..after).contains(uid);
        assert!(arrived.iter().all(within), "{command}: {arrived:?}");
        removes.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        removes.ok("CLOSE");
        assert_eq!(status(&mut looks, "box", "UIDNEXT"), after, "{command}");
        brings.append("box", "for the next round");
    }
}

#[test]
fn a_name_that_delete_or_rename_left_has_a_greater_uidvalidity_when_it_is_taken_again() {
    let server = Server::practising(&[]);
    let mut client = Client::login(&server);
    client.ok("CREATE a");
    for leave in ["RENAME a b", "DELETE a", "RENAME a c"] {
        client.append("a", "Subject: one\r\n\r\n");
        let before = status(&mut client, "a", "UIDVALIDITY");
        client.ok(leave);
        client.ok("CREATE a");
        let after = status(&mut client, "a", "UIDVALIDITY");
        assert!(after > before, "{leave}: {after}, after {before}");
    }
    // What RENAME took along is what it was.
    assert_eq!(status(&mut client, "b", "UIDNEXT"), 2);
    assert!(status(&mut client, "b", "UIDVALIDITY") < status(&mut client, "c", "UIDVALIDITY"));
}
