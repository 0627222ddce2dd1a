//! What a start finds of what the server before it had: everything; and no room taken by what is gone.
//!
//! Touches processes and directories of its own.

use crate::{
    process::{RESERVE, Server},
    shim::Scratch,
    wire::{Response, Wire, append},
};
use std::path::Path;

const USERS: [&str; 1] = ["alice"];

fn login(server: &Server) -> Wire {
    Wire::login(server.address, "alice")
}

/// Everything that can be asked for, in words.
fn everything(wire: &mut Wire, mailboxes: &[&str]) -> Vec<String> {
    let mut all = Vec::new();
    let mut ask = |command: String| {
        let answer = wire.command(&command).unwrap();
        all.push(format!("{command}: {:?} {}", answer.untagged, answer.text));
    };
    ask("LIST \"\" *".into());
    ask("LSUB \"\" *".into());
    for mailbox in mailboxes {
        ask(format!(
            "STATUS {mailbox} (MESSAGES UIDNEXT UIDVALIDITY UNSEEN)"
        ));
        ask(format!("EXAMINE {mailbox}"));
        ask("UID FETCH 1:* (UID FLAGS INTERNALDATE BODY.PEEK[])".into());
        ask("UID SEARCH KEYWORD Work".into());
        ask("UNSELECT".into());
    }
    all
}

#[test]
fn everything_is_there_after_any_end() {
    let scratch = Scratch::new("restart");
    let data = scratch.join("data");
    let mailboxes = [
        "INBOX",
        "box/inner",
        "emptied",
        "new",
        "old",
        "nowhere",
        "box",
        "&2D3eCg-",
    ];
    let server = Server::start(&data, &USERS, &RESERVE, None);
    let mut wire = login(&server);
    let flags = [
        "",
        "(\\Seen) ",
        "(\\Answered \\Flagged \\Draft \\Deleted) ",
        "(Work $Junk) ",
    ];
    for (number, flags) in flags.into_iter().enumerate() {
        let date = format!("{flags}\" {}-Feb-1994 21:52:25 -0800\" ", number + 1);
        wire.ok(append(
            "INBOX",
            &date,
            format!("Subject: {number}\r\n\r\nBody\r\n").as_bytes(),
        ));
    }
    wire.ok(append("INBOX", "", &vec![b'x'; 700_000]));
    for command in [
        "CREATE box/inner",
        "CREATE emptied",
        "CREATE old",
        "CREATE gone",
        "CREATE &2D3eCg-",
        "SUBSCRIBE old",
        "SUBSCRIBE nowhere",
        "SELECT INBOX",
        "COPY 1:2 emptied",
        "COPY 3,4 old",
        "RENAME old new",
        "DELETE gone",
        "STORE 2 +FLAGS (Later)",
        "STORE 1 FLAGS (\\Seen)",
        "MOVE 1 box/inner",
        "SELECT emptied",
        "STORE 1:* +FLAGS (\\Deleted)",
        "EXPUNGE",
        "UNSELECT",
    ] {
        wire.ok(command);
    }
    let before = everything(&mut wire, &mailboxes);
    assert!(
        before.iter().any(|line| line.contains("NEWNAME old new")),
        "{before:#?}"
    );
    assert!(
        before[0].contains("\"box\", no_select: true"),
        "{before:#?}"
    );
    server.terminate();
    let server = Server::start(&data, &USERS, &RESERVE, None);
    assert_eq!(
        everything(&mut login(&server), &mailboxes),
        before,
        "after SIGTERM"
    );
    server.kill();
    let server = Server::start(&data, &USERS, &RESERVE, None);
    assert_eq!(
        everything(&mut login(&server), &mailboxes),
        before,
        "after SIGKILL"
    );

    // Numbers go on from where they were.
    let mut wire = login(&server);
    let told = wire
        .append("emptied", b"Subject: next\r\n\r\n")
        .unwrap()
        .text;
    assert!(told.split_once(']').unwrap().0.ends_with(" 3"), "{told}");
    let validity = |wire: &mut Wire, name: &str| wire.ok(format!("STATUS {name} (UIDVALIDITY)"));
    let first = validity(&mut wire, "new");
    wire.ok("DELETE new");
    server.kill();
    let server = Server::start(&data, &USERS, &RESERVE, None);
    let mut wire = login(&server);
    wire.ok("CREATE new");
    let second = validity(&mut wire, "new");
    let number = |responses: &[Response]| match responses {
        [Response::Status { items, .. }] => items[0].1,
        other => panic!("{other:?}"),
    };
    assert!(number(&second) > number(&first));
}

#[test]
fn a_second_server_on_the_same_directory_is_refused() {
    let scratch = Scratch::new("second");
    let data = scratch.join("data");
    let server = Server::start(&data, &USERS, &RESERVE, None);
    let link = scratch.join("link");
    std::os::unix::fs::symlink(&data, &link).unwrap();
    for path in [&data, &link] {
        let (status, said) =
            Server::try_start(path, &USERS, &RESERVE, None).expect_err("it is refused");
        assert_eq!(status.code(), Some(1), "{said}");
        assert!(
            said.contains("in use") && said.contains(path.to_str().unwrap()),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    login(&server).ok("NOOP");
    server.kill();
    login(&Server::start(&data, &USERS, &RESERVE, None)).ok("NOOP");
}

/// Octets of the directory's files.
fn size(data: &Path) -> u64 {
    std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum()
}

#[test]
fn what_is_expunged_takes_no_room() {
    let scratch = Scratch::new("room");
    let data = scratch.join("data");
    let mut sizes = Vec::new();
    for round in 0..8 {
        let server = Server::start(&data, &USERS, &RESERVE, None);
        let mut wire = login(&server);
        let mut ghost = login(&server);
        wire.ok("CREATE copies");
        wire.ok("SELECT INBOX");
        for number in 0..20 {
            let message = format!("Subject: {round}.{number}\r\n\r\n{}", "x".repeat(60_000));
            assert_eq!(
                wire.append("INBOX", message.as_bytes())
                    .unwrap()
                    .condition(),
                "OK"
            );
        }
        wire.ok(append("INBOX", "", &vec![b'x'; 1_000_000]));
        ghost.ok("SELECT INBOX");
        wire.ok("COPY 1:* copies");
        wire.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
        wire.ok("EXPUNGE");
        wire.ok("DELETE copies");
        // Somebody is still owed them, when the server ends.
        if round % 2 == 0 {
            server.kill();
        } else {
            server.terminate();
        }
        sizes.push(size(&data));
    }
    assert!(sizes[7] <= sizes[2] + (1 << 20), "{sizes:?}");
    let server = Server::start(&data, &USERS, &RESERVE, None);
    login(&server).ok("NOOP");
    server.terminate();
    let database = rusqlite::Connection::open(data.join("tandem.db")).unwrap();
    let kept: i64 = database
        .query_row("select count(*) from content", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0);
}

/// RFC 5530 section 3, CORRUPTION.
#[test]
fn a_content_that_is_damaged_is_not_shown_and_the_others_are() {
    let scratch = Scratch::new("damaged");
    let data = scratch.join("data");
    let server = Server::start(&data, &USERS, &RESERVE, None);
    let mut wire = login(&server);
    for number in 1..=3 {
        let message = format!("Subject: {number}\r\n\r\nBody\r\n");
        wire.ok(append("INBOX", "", message.as_bytes()));
    }
    server.terminate();
    let database = rusqlite::Connection::open(data.join("tandem.db")).unwrap();
    let damage =
        "UPDATE octets SET rest = x'00' WHERE content = (SELECT min(content) + 1 FROM octets)";
    assert_eq!(database.execute(damage, []).unwrap(), 1);
    drop(database);
    let server = Server::start(&data, &USERS, &RESERVE, None);
    let mut wire = login(&server);
    wire.ok("SELECT INBOX");
    for (command, shown) in [("FETCH 1:3 BODY.PEEK[]", 2), ("SEARCH BODY Body", 1)] {
        let answer = wire.command(command).unwrap();
        assert_eq!(answer.condition(), "NO [CORRUPTION]", "{command}");
        assert_eq!(answer.untagged.len(), shown, "{answer:?}");
    }
    let answer = wire.command("FETCH 1,3 BODY.PEEK[]").unwrap();
    assert_eq!(answer.condition(), "OK", "{answer:?}");
}
