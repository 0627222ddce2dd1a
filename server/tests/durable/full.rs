//! Disks that are full: what does not fit is refused, all else goes on, and when there is room again so does that.
//!
//! Touches processes, directories of its own, and a small file system in memory, where it may mount one.

use crate::{
    chance::{self, Chance},
    kill::{USERS, clients, judge},
    oracle::Judge,
    play::play,
    process::Server,
    shim::{ALL, Scratch, Shim},
    wire::{Response, Wire},
};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::Receiver,
    thread,
    time::{Duration, Instant},
};

const MIB: usize = 1 << 20;

/// What is held back: less than by default, so that little has to be written.
const RESERVE: [&str; 2] = ["--limit", "reserve=4194304"];

/// How long it may take until there is room again: a busy disk can take a minute for one sync.
const PATIENCE: Duration = Duration::from_secs(240);

/// Some octets that compress badly, should anything try.
fn octets(seed: u64, length: usize) -> Vec<u8> {
    let mut chance = Chance::new(seed);
    let mut octets = b"Subject: large\r\n\r\n".to_vec();
    octets.extend((0..length / 2).flat_map(|_| format!("{:02x}", chance.below(256)).into_bytes()));
    octets
}

/// Appends until it is refused, so many times at most; how often it was not, and how it was refused.
fn fill(wire: &mut Wire, octets: &[u8], most: usize) -> (usize, String) {
    for number in 0..most {
        let answer = wire
            .append("INBOX", octets)
            .expect("the connection goes on");
        if answer.condition() != "OK" {
            return (number, answer.condition());
        }
    }
    panic!("there is no end to it");
}

/// Tries again until there is room.
fn until_there_is_room(wire: &mut Wire, octets: &[u8]) {
    let started = Instant::now();
    while wire
        .append("INBOX", octets)
        .expect("the connection goes on")
        .condition()
        != "OK"
    {
        assert!(
            started.elapsed() < PATIENCE,
            "there is room, and APPEND is refused"
        );
    }
}

/// How many messages INBOX has; each is whole.
fn count(address: SocketAddr, octets: &[&[u8]]) -> usize {
    let mut wire = Wire::login(address, "alice");
    wire.ok("EXAMINE INBOX");
    let fetched = wire.ok("FETCH 1:* (BODY.PEEK[])");
    let bodies = fetched.iter().filter_map(|response| match response {
        Response::Fetch(fetch) => fetch.body.as_deref(),
        _ => None,
    });
    let count = bodies
        .inspect(|body| assert!(octets.contains(body), "a message is not whole"))
        .count();
    log_out(wire);
    count
}

/// Ends a session that has seen messages: it is owed them no longer, so that they can go, once this returns.
fn log_out(mut wire: Wire) {
    wire.ok("LOGOUT");
}

/// Everything but what grows goes on.
fn others_go_on(address: SocketAddr) {
    let mut wire = Wire::login(address, "alice");
    wire.ok("SELECT INBOX");
    wire.ok("FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE)");
    wire.ok("STORE 1 +FLAGS.SILENT (\\Flagged)");
    wire.ok("STORE 1 -FLAGS.SILENT (\\Flagged)");
    wire.ok("SEARCH ALL");
    wire.ok("STATUS INBOX (MESSAGES)");
    wire.ok("LIST \"\" *");
    log_out(wire);
}

fn expunge_all(address: SocketAddr) {
    let mut wire = Wire::login(address, "alice");
    wire.ok("SELECT INBOX");
    wire.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    wire.ok("EXPUNGE");
    log_out(wire);
}

/// Fills a server up, has it refuse, makes room by EXPUNGE, and fills it again; then starts it anew.
fn fills_up_and_goes_on(data: &Path, options: &[&str], shim: Option<&Shim>, refusal: &str) {
    let server = Server::start(data, &["alice"], options, shim);
    let (small, address) = (octets(1, 100_000), server.address);
    let mut wire = Wire::login(address, "alice");
    let mut kept = 0;
    for _ in 0..3 {
        let (more, refused) = fill(&mut wire, &small, 1000);
        kept += more;
        assert_eq!(refused, refusal);
        assert!(kept > 10, "{kept}");
        assert_eq!(wire.command("CREATE box").unwrap().condition(), refusal);
        assert_eq!(count(address, &[&small]), kept);
        others_go_on(address);
        expunge_all(address);
        until_there_is_room(&mut wire, &small);
        kept = 1;
    }
    kept += fill(&mut wire, &small, 1000).0;
    server.kill();
    // A start finds the disk full, and does not take it for anything else; nor does the next.
    for _ in 0..2 {
        let server = Server::start(data, &["alice"], options, shim);
        assert_eq!(count(server.address, &[&small]), kept);
        let mut wire = Wire::login(server.address, "alice");
        let (more, refused) = fill(&mut wire, &small, 1000);
        assert_eq!(refused, refusal);
        kept += more;
        others_go_on(server.address);
        server.kill();
    }
    let server = Server::start(data, &["alice"], options, shim);
    assert_eq!(count(server.address, &[&small]), kept);
    expunge_all(server.address);
    until_there_is_room(&mut Wire::login(server.address, "alice"), &small);
    server.terminate();
}

#[test]
fn expunge_makes_room_on_a_full_disk() {
    let scratch = Scratch::new("full-expunge");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let shim = Shim::without_log(&root);
    shim.room(24 << 20);
    fills_up_and_goes_on(
        &root.join("data"),
        &RESERVE,
        Some(&shim),
        "NO [UNAVAILABLE]",
    );
}

#[test]
fn expunge_makes_room_within_the_limit() {
    let scratch = Scratch::new("full-quota");
    let options = [RESERVE[0], RESERVE[1], "--limit", "storage=12582912"];
    fills_up_and_goes_on(&scratch.join("data"), &options, None, "NO [OVERQUOTA]");
}

/// A small file system in memory; gone with the value.
struct Mount(PathBuf);

impl Mount {
    fn try_new(path: PathBuf) -> Option<Self> {
        fs::create_dir(&path).unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(&path);
        let done = mount.output().is_ok_and(|output| output.status.success());
        done.then_some(Self(path))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn expunge_makes_room_on_a_small_file_system() {
    let scratch = Scratch::new("full-mount");
    let Some(mount) = Mount::try_new(scratch.join("mount")) else {
        // Most people may not mount, go without this test, and are told so; who said that it can be mounted is wrong.
        let may_mount = std::env::var_os("TANDEM_TEST_MOUNT").is_some();
        assert!(!may_mount, "this user may not mount a file system");
        eprintln!("NOT TESTED: this user may not mount a file system");
        return;
    };
    fills_up_and_goes_on(&mount.0.join("data"), &RESERVE, None, "NO [UNAVAILABLE]");
}

#[test]
fn many_connections_meet_a_full_disk_and_none_is_told_a_lie() {
    let scratch = Scratch::new("full-many");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (data, shim) = (root.join("data"), Shim::without_log(&root));
    let server = Server::start(&data, &["alice"], &RESERVE, Some(&shim));
    let (small, large) = (octets(2, 30_000), octets(3, 20 * MIB));
    shim.room(8 << 20);
    let address = server.address;
    let kept: usize = thread::scope(|scope| {
        let appending = (0..16).map(|_| {
            scope.spawn(|| {
                let (kept, refused) = fill(&mut Wire::login(address, "alice"), &small, 1000);
                assert_eq!(refused, "NO [UNAVAILABLE]");
                kept
            })
        });
        let appending: Vec<_> = appending.collect();
        // One that does not fit, whatever the others do.
        let answer = Wire::login(address, "alice")
            .append("INBOX", &large)
            .unwrap();
        assert_eq!(answer.condition(), "NO [UNAVAILABLE]");
        appending
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    });
    assert_eq!(count(address, &[&small]), kept);
    others_go_on(address);

    shim.room(ALL);
    let mut wire = Wire::login(address, "alice");
    until_there_is_room(&mut wire, &small);
    until_there_is_room(&mut wire, &large);
    assert_eq!(count(address, &[&small, &large]), kept + 2);
    server.kill();
    let server = Server::start(&data, &["alice"], &RESERVE, None);
    assert_eq!(count(server.address, &[&small, &large]), kept + 2);
}

#[test]
fn without_room_for_the_reserve_nothing_that_grows_begins() {
    let scratch = Scratch::new("full-first");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (data, shim) = (root.join("data"), Shim::without_log(&root));
    let started = Server::start(&data, &["alice", "bob"], &RESERVE, Some(&shim));
    Wire::login(started.address, "alice").ok("CREATE box");
    started.terminate();
    fs::remove_file(data.join("reserve")).unwrap();
    shim.room(3 << 20);
    let server = Server::start(&data, &["alice", "bob"], &RESERVE, Some(&shim));
    let (small, mut wire) = (octets(7, 30_000), Wire::login(server.address, "alice"));
    let answer = wire.append("INBOX", &small).unwrap();
    assert_eq!(answer.condition(), "NO [UNAVAILABLE]");
    wire.ok("DELETE box");
    assert!(
        Wire::try_login(server.address, "bob").is_none(),
        "a new account needs room"
    );
    assert!(server.said().contains("no room"), "{}", server.said());
    shim.room(ALL);
    until_there_is_room(&mut wire, &small);
    Wire::login(server.address, "bob").ok("SELECT INBOX");
    server.terminate();
}

#[test]
fn many_messages_that_go_at_once_make_room_and_disturb_nobody() {
    const EACH: usize = 5_000;
    let scratch = Scratch::new("full-collect");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (data, shim) = (root.join("data"), Shim::without_log(&root));
    let server = Server::start(&data, &["alice", "bob"], &RESERVE, Some(&shim));
    let (tiny, small, address) = (octets(8, 900), octets(9, 30_000), server.address);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut wire = Wire::login(address, "alice");
                (0..EACH).for_each(|_| drop(wire.append("INBOX", &tiny).unwrap()));
            });
        }
    });
    let mut bob = Wire::login(address, "bob");
    assert_eq!(bob.append("INBOX", &small).unwrap().condition(), "OK");
    bob.ok("SELECT INBOX");
    shim.room(MIB as u64);
    let mut wire = Wire::login(address, "alice");
    assert_eq!(fill(&mut wire, &small, 1000).1, "NO [UNAVAILABLE]");
    thread::scope(|scope| {
        let expunging = scope.spawn(|| expunge_all(address));
        while !expunging.is_finished() {
            bob.ok("STORE 1 +FLAGS (\\Flagged)");
            bob.ok("STORE 1 -FLAGS (\\Flagged)");
        }
    });
    until_there_is_room(&mut wire, &small);
    bob.ok("STORE 1 +FLAGS (\\Flagged)");
    server.kill();
    let server = Server::start(&data, &["alice", "bob"], &RESERVE, Some(&shim));
    assert_eq!(count(server.address, &[&small]), 1);
    server.terminate();
}

#[test]
fn a_large_message_that_does_not_fit_leaves_room_for_small_ones() {
    let scratch = Scratch::new("full-large");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (data, shim) = (root.join("data"), Shim::without_log(&root));
    let server = Server::start(&data, &["alice"], &RESERVE, Some(&shim));
    let (small, large) = (octets(4, 30_000), octets(5, 20 * MIB));
    let mut wire = Wire::login(server.address, "alice");
    assert_eq!(wire.append("INBOX", &small).unwrap().condition(), "OK");
    shim.room(12 << 20);
    assert_eq!(
        wire.append("INBOX", &large).unwrap().condition(),
        "NO [UNAVAILABLE]"
    );
    until_there_is_room(&mut wire, &small);
    assert_eq!(
        wire.append("INBOX", &large).unwrap().condition(),
        "NO [UNAVAILABLE]"
    );
    assert_eq!(count(server.address, &[&small]), 2);
}

/// How many commands clients send together at most.
const BUNCH: usize = 4;

/// Waits until nobody waits any more for what was sent before. Of commands that are not answered when a server is killed, one may not have been
/// refused and the next be done: the judge, who cannot know, takes that for a loss.
fn all_go_on(answered: &Receiver<usize>) {
    answered.try_iter().for_each(drop);
    let mut left = vec![BUNCH + 1; clients().len()];
    for client in answered.iter().take(100_000) {
        left[client] = left[client].saturating_sub(1);
        if left.iter().all(|&left| left == 0) {
            return;
        }
    }
    panic!("some are not answered any more: {left:?}");
}

/// Eight clients work while the disk is full for a while. It is another user who fills it: what they have themselves may fit in what the
/// log leaves behind.
#[test]
fn what_was_told_survives_a_full_disk() {
    let mut chance = Chance::new(chance::seed("full"));
    let scratch = Scratch::new("full-load");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (mut actors, mut past, mut met) = (clients(), Judge::default(), 0);
    let (users, small) = ([&USERS[..], &["dave"]].concat(), octets(10, 30_000));
    for number in 0..6 {
        let (data, shim) = (root.join("data"), Shim::without_log(&root));
        let server = Server::start(&data, &users, &RESERVE, Some(&shim));
        let (before, address) = (1 + chance.below(200), server.address);
        let room = chance.below(MIB) as u64;
        play(address, &mut actors, &mut chance, |answered| {
            answered.iter().take(before).for_each(drop);
            let mut dave = Wire::login(address, "dave");
            shim.room(room);
            let (_, refusal) = fill(&mut dave, &small, 1000);
            assert_eq!(refusal, "NO [UNAVAILABLE]");
            // From here on: what was answered before may have had room.
            answered.try_iter().for_each(drop);
            answered.iter().take(600).for_each(drop);
            shim.room(ALL);
            until_there_is_room(&mut dave, &small);
            all_go_on(answered);
            answered.iter().take(100).for_each(drop);
            server.kill();
        });
        met += usize::from(actors.iter().any(|actor| actor.refused > 0));
        judge(&data, &mut actors, &mut past)
            .unwrap_or_else(|fault| panic!("round {number}: {fault}"));
    }
    // Now and then the log gives back so much at the right moment that what the others have fits in.
    assert!(met > 3, "they met a full disk in {met} of 6 rounds");
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let scratch = Scratch::new("full-log");
    let root = scratch.join("root");
    fs::create_dir(&root).unwrap();
    let (data, shim) = (root.join("data"), Shim::without_log(&root));
    let server = Server::start_without_log(&data, &RESERVE, Some(&shim));
    let (small, mut wire) = (octets(6, 30_000), Wire::login(server.address, "alice"));
    shim.room(5 << 20);
    assert_eq!(fill(&mut wire, &small, 1000).1, "NO [UNAVAILABLE]");
    others_go_on(server.address);
    shim.room(ALL);
    until_there_is_room(&mut wire, &small);
    server.terminate();
}
