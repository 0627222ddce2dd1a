//! SIGKILL at any moment: whatever was told before is there after the next start. And SIGTERM, after which nothing is left to do.
//!
//! Touches processes and directories of its own.

use crate::{
    chance::{self, Chance},
    oracle::{Actor, Found, Judge},
    play::play,
    process::{RESERVE, Server},
    shim::Scratch,
};
use std::{collections::BTreeMap, path::Path};

/// Each is of two clients or more, which share an INBOX.
pub const USERS: [&str; 3] = ["alice", "bob", "carol"];

/// Eight clients: four of the first user, two of each other; the last has much.
pub fn clients() -> Vec<Actor> {
    let users = [0, 0, 0, 0, 1, 1, 2, 2].into_iter().enumerate();
    let mut clients: Vec<_> = users
        .map(|(client, user)| Actor::new(client, USERS[user]))
        .collect();
    clients[7].is_busy = true;
    clients
}

/// What a server has of all users.
pub fn found(server: &Server) -> Result<BTreeMap<String, Found>, String> {
    USERS
        .iter()
        .map(|user| Ok(((*user).to_owned(), Found::of(server.address, user)?)))
        .collect()
}

/// Starts a server on this directory, and judges what it has.
pub fn judge(data: &Path, actors: &mut [Actor], judge: &mut Judge) -> Result<(), String> {
    let server = Server::try_start(data, &USERS, &RESERVE, None);
    let server = server.map_err(|(status, said)| format!("it does not start: {status}: {said}"))?;
    let judged = found(&server).and_then(|found| judge.judge(actors, &found));
    judged.map_err(|fault| format!("{fault}\nthe server said: {}", server.said()))
}

/// How many accounts have a snapshot.
pub fn snapshots(data: &Path) -> i64 {
    let database = rusqlite::Connection::open(data.join("tandem.db")).unwrap();
    let count = "SELECT count(*) FROM account WHERE snapshot IS NOT NULL";
    database.query_row(count, [], |row| row.get(0)).unwrap()
}

/// Lets the clients work on this directory until so many commands were answered, ends the server, starts it again and judges.
fn round(
    data: &Path,
    actors: &mut [Actor],
    past: &mut Judge,
    chance: &mut Chance,
    end: fn(Server),
) {
    let server = Server::start(data, &USERS, &RESERVE, None);
    let address = server.address;
    let answers = 1 + chance.below(300);
    play(address, actors, chance, |answered| {
        answered.iter().take(answers).for_each(drop);
        end(server);
    });
    judge(data, actors, past).unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn what_was_told_survives_sigkill() {
    let scratch = Scratch::new("kill");
    let mut chance = Chance::new(chance::seed("kill"));
    let (mut actors, mut past) = (clients(), Judge::default());
    let data = scratch.join("data");
    for number in 1..=chance::setting("TANDEM_TEST_KILLS", 50) {
        println!("kill {number}");
        round(&data, &mut actors, &mut past, &mut chance, Server::kill);
    }
    assert!(
        snapshots(&data) > 0,
        "there was no snapshot to be killed over"
    );
}

#[test]
fn sigterm_leaves_nothing_to_recover() {
    let scratch = Scratch::new("term");
    let mut chance = Chance::new(chance::seed("term"));
    let (mut actors, mut past) = (clients(), Judge::default());
    let data = scratch.join("data");
    for _ in 0..3 {
        round(&data, &mut actors, &mut past, &mut chance, |server| {
            let data = server.data.clone();
            server.terminate();
            let log = std::fs::metadata(data.join("tandem.db-wal")).map_or(0, |file| file.len());
            assert_eq!(log, 0, "all of the log is in the database");
        });
    }
}

/// Something that must not be found.
struct Wrong(&'static str, fn(&mut Found));

#[test]
fn the_judge_sees_what_is_lost_changed_or_made_up() {
    let scratch = Scratch::new("judge");
    let mut chance = Chance::new(chance::seed("judge"));
    let (mut actors, data) = (clients(), scratch.join("data"));
    let server = Server::start(&data, &USERS, &RESERVE, None);
    play(server.address, &mut actors, &mut chance, |answered| {
        answered.iter().take(500).for_each(drop)
    });
    let found = found(&server).unwrap();
    Judge::default().judge(&mut actors.clone(), &found).unwrap();
    let wrongs = [
        Wrong("a message is lost", |found| {
            found
                .mailboxes
                .get_mut("INBOX")
                .unwrap()
                .messages
                .pop_first();
        }),
        Wrong("the last message is lost", |found| {
            found
                .mailboxes
                .get_mut("INBOX")
                .unwrap()
                .messages
                .pop_last();
        }),
        Wrong("a flag is lost", |found| {
            let messages = &mut found.mailboxes.get_mut("INBOX").unwrap().messages;
            messages
                .values_mut()
                .find_map(|(_, flags)| flags.pop_first())
                .unwrap();
        }),
        Wrong("a flag is made up", |found| {
            let messages = &mut found.mailboxes.get_mut("INBOX").unwrap().messages;
            messages
                .first_entry()
                .unwrap()
                .get_mut()
                .1
                .insert("Else".into());
        }),
        Wrong("a UID means another message", |found| {
            let messages = &mut found.mailboxes.get_mut("INBOX").unwrap().messages;
            let (uid, message) = messages.pop_last().unwrap();
            messages.insert(uid + 1, message);
        }),
        Wrong("UIDNEXT goes back", |found| {
            found.mailboxes.get_mut("INBOX").unwrap().uid_next -= 1
        }),
        Wrong("UIDVALIDITY changes", |found| {
            found.mailboxes.get_mut("INBOX").unwrap().uid_validity += 1
        }),
        Wrong("a mailbox is lost", |found| {
            found.mailboxes.pop_last();
        }),
        Wrong("a subscription is made up", |found| {
            found.subscribed.insert("c0-x".into());
        }),
    ];
    for Wrong(name, wrong) in wrongs {
        let mut found = found.clone();
        wrong(found.get_mut(USERS[0]).unwrap());
        assert!(
            Judge::default().judge(&mut actors.clone(), &found).is_err(),
            "{name}"
        );
    }
}
