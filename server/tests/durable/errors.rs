//! Disks that fail: what cannot be kept is not answered OK, what was kept is still shown, and nothing that was told is lost.
//!
//! Touches processes and directories of its own. After an fsync that failed nobody can tell what is on the disk, so that nothing is
//! written any more until the server starts again.

use crate::{
    chance::{self, Chance},
    disk::{Disk, Fate},
    kill::{USERS, clients, judge},
    oracle::{Judge, Text},
    play::play,
    process::{RESERVE, Server},
    shim::{ALL, Fault, Scratch, Shim},
    wire::{Response, Wire},
};
use std::fs;

const FAULTS: [Fault; 8] = [
    Fault("every sync of the log", |shim| {
        shim.fail_only("-wal");
        shim.fail_syncs(0, ALL);
    }),
    Fault("one sync of the log", |shim| {
        shim.fail_only("-wal");
        shim.fail_syncs(3, 1);
    }),
    Fault("every sync of the database", |shim| {
        shim.fail_only("tandem.db");
        shim.fail_syncs(0, ALL);
    }),
    Fault("one sync of the database", |shim| {
        shim.fail_only("tandem.db");
        shim.fail_syncs(0, 1);
    }),
    Fault("every write", |shim| shim.fail_writes(0, ALL)),
    Fault("one write to the log", |shim| {
        shim.fail_only("-wal");
        shim.fail_writes(7, 1);
    }),
    Fault("one write to the database", |shim| {
        shim.fail_only("tandem.db");
        shim.fail_writes(2, 1);
    }),
    Fault("short writes", |shim| shim.longest_write(700)),
];

/// Eight clients work while the disk fails; the server is then killed, and the power fails as well.
#[test]
fn what_was_told_survives_a_failing_disk() {
    let mut chance = Chance::new(chance::seed("errors"));
    for Fault(name, order) in FAULTS {
        println!("failing: {name}");
        let scratch = Scratch::new(&format!("errors-{}", name.replace(' ', "-")));
        let root = scratch.join("root");
        fs::create_dir(&root).unwrap();
        let (shim, mut disk) = (Shim::new(&root), Disk::of(&root));
        let (mut actors, server) = (
            clients(),
            Server::start(&root.join("data"), &USERS, &RESERVE, Some(&shim)),
        );
        let (before, after) = (100 + chance.below(300), 300);
        let address = server.address;
        play(address, &mut actors, &mut chance, |answered| {
            answered.iter().take(before).for_each(drop);
            order(&shim);
            answered.iter().take(after).for_each(drop);
            server.kill();
        });
        shim.records().iter().for_each(|record| disk.follow(record));
        for fate in Fate::ALL {
            let cut = scratch.join(&format!("{fate:?}"));
            fs::create_dir(&cut).unwrap();
            disk.cut(fate, &mut chance, &cut);
            let judged = judge(
                &cut.join("data"),
                &mut actors.clone(),
                &mut Judge::default(),
            );
            judged.unwrap_or_else(|fault| panic!("{name}, then {fate:?}: {fault}"));
        }
    }
}

/// The texts that INBOX shows, and whether it was opened READ-ONLY.
fn inbox(wire: &mut Wire) -> (Vec<Text>, bool) {
    let selected = wire.command("SELECT INBOX").unwrap();
    let fetched = wire.ok("UID FETCH 1:* (UID BODY.PEEK[])");
    let texts = fetched.iter().filter_map(|response| match response {
        Response::Fetch(fetch) => Some(Text::read(fetch.body.as_ref().unwrap()).unwrap()),
        _ => None,
    });
    (texts.collect(), selected.text.starts_with("OK [READ-ONLY]"))
}

fn text(number: usize) -> Text {
    Text { client: 1, number }
}

#[test]
fn after_a_failed_sync_everything_is_read_only_until_the_next_start() {
    let faults: [Fault; 3] = [
        Fault("sync", |shim| {
            shim.fail_only("-wal");
            shim.fail_syncs(0, 1);
        }),
        Fault("write", |shim| {
            shim.fail_only("-wal");
            shim.fail_writes(0, 1);
        }),
        Fault("all", |shim| {
            shim.fail_syncs(0, ALL);
            shim.fail_writes(0, ALL);
        }),
    ];
    for Fault(name, order) in faults {
        let scratch = Scratch::new(&format!("read-only-{name}"));
        let root = scratch.join("root");
        fs::create_dir(&root).unwrap();
        let (data, shim) = (root.join("data"), Shim::new(&root));
        let server = Server::start(&data, &["alice", "bob"], &RESERVE, Some(&shim));
        let mut alice = Wire::login(server.address, "alice");
        let mut other = Wire::login(server.address, "alice");
        let mut bob = Wire::login(server.address, "bob");
        for number in 0..5 {
            assert_eq!(
                alice
                    .append("INBOX", &text(number).octets())
                    .unwrap()
                    .condition(),
                "OK"
            );
        }
        assert_eq!(
            bob.append("INBOX", &text(0).octets()).unwrap().condition(),
            "OK"
        );
        other.ok("SELECT INBOX");
        order(&shim);

        // What was not made durable is not answered; and whoever could be shown it is shown nothing any more.
        let refused = alice.append("INBOX", &text(5).octets());
        assert!(refused.is_none(), "{name}: {refused:?}");
        assert!(
            other.command("NOOP").is_none(),
            "{name}: a session of an account that was lost goes on"
        );
        assert!(Wire::login(server.address, "bob").command("NOOP").is_some());

        // Whoever comes now finds what is durable, and can change nothing; even if the disk says that all is well again.
        shim.fail_syncs(0, 0);
        shim.fail_writes(0, 0);
        let mut alice = Wire::login(server.address, "alice");
        let (texts, read_only) = inbox(&mut alice);
        assert!(
            texts.starts_with(&[0, 1, 2, 3, 4].map(text)),
            "{name}: {texts:?}"
        );
        assert!(read_only, "{name}: SELECT does not say READ-ONLY");
        for command in [
            "STORE 1 +FLAGS (\\Seen)",
            "EXPUNGE",
            "COPY 1 INBOX",
            "CREATE box",
            "SUBSCRIBE INBOX",
            "DELETE box",
        ] {
            let answer = alice.command(command).unwrap();
            assert!(
                answer.text.starts_with("NO "),
                "{name}: {command}: {answer:?}"
            );
        }
        let answer = alice.append("INBOX", &text(6).octets()).unwrap();
        assert_eq!(answer.condition(), "NO [UNAVAILABLE]", "{name}");
        let mut bob = Wire::login(server.address, "bob");
        assert_eq!(inbox(&mut bob), (vec![text(0)], true), "{name}");
        assert_eq!(
            bob.append("INBOX", &text(1).octets()).unwrap().condition(),
            "NO [UNAVAILABLE]"
        );
        server.kill();

        let server = Server::start(&data, &["alice", "bob"], &RESERVE, None);
        let (texts, read_only) = inbox(&mut Wire::login(server.address, "alice"));
        assert!(
            texts.starts_with(&[0, 1, 2, 3, 4].map(text)) && texts.len() <= 6,
            "{name}: {texts:?}"
        );
        assert!(!read_only, "{name}");
        let mut alice = Wire::login(server.address, "alice");
        assert_eq!(
            alice
                .append("INBOX", &text(7).octets())
                .unwrap()
                .condition(),
            "OK",
            "{name}"
        );
    }
}
