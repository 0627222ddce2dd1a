//! Sequence consistency over the wire: several connections do random things at once, each keeps its own list of messages from what it is sent, and
//! in the end every list is the mailbox. Under every value of every practice.
//!
//! Commands follow from the seed; how the server interleaves those that are sent at once does not, and must not matter.

mod actor;

use actor::{Actor, Texts};
use imap_codec::imap_types::response::StatusKind;
use std::{collections::BTreeMap, panic, thread};
use tandem_model::{Fault, Practice, practice::TABLE};
use tandem_tests::{
    belief::Belief,
    chance::Chance,
    reader::Client,
    server::{Server, practice},
};

const ROUNDS: u32 = 25;
const SEEDS: u64 = 60;
const NAMES: [&str; 3] = ["one", "two", "one/three"];

/// UIDs and flags of all messages, as one who looks for the first time sees them; by UIDVALIDITY.
fn mailboxes(server: &Server) -> BTreeMap<u32, Belief> {
    let mut client = Client::login(server);
    let mut all = BTreeMap::new();
    for name in NAMES {
        let answer = client.command(format!("EXAMINE {name}"));
        if answer.tagged.kind != StatusKind::Ok {
            continue;
        }
        let mut belief = Belief::default();
        let fetched = client.ok("UID FETCH 1:* (FLAGS)");
        for response in answer.untagged.iter().chain(&fetched) {
            belief.hear(response, true);
        }
        all.insert(belief.uid_validity, belief);
    }
    all
}

/// Whether what is believed is so; what was never shown is not believed.
fn assert_true(believed: &Belief, truth: &Belief, who: &str) {
    assert_eq!(believed.slots.len(), truth.slots.len(), "{who}: how many");
    for (number, (believed, truth)) in (1..).zip(believed.slots.iter().zip(&truth.slots)) {
        assert!(
            believed.uid.is_none() || believed.uid == truth.uid,
            "{who}: UID of {number}"
        );
        assert!(
            believed.flags.is_none() || believed.flags == truth.flags,
            "{who}: flags of {number}: {:?}, not {:?}",
            believed.flags,
            truth.flags
        );
    }
}

fn play(server: &Server, seed: u64) {
    let mut chance = Chance::new(seed);
    let mut texts = Texts::new();
    let connections = 2 + (seed % 2) as usize;
    let mut actors: Vec<Actor> = (0..connections)
        .map(|number| Actor::new(server, number))
        .collect();
    actors[0].client.ok("CREATE one");
    for n in 0..6 {
        actors[0]
            .client
            .append("one", format!("Subject: x\r\n\r\nfirst {n}"));
    }
    for actor in &mut actors {
        actor.ask("SELECT one".to_owned());
        assert!(actor.listen(&mut texts));
    }
    for _ in 0..ROUNDS {
        for actor in &mut actors {
            if chance.below(4) > 0 {
                actor.act(&mut chance);
            }
            actor.pipeline(&mut chance);
        }
        for actor in &mut actors {
            actor.listen_or_begin_anew(server, &mut texts);
        }
    }
    for actor in &mut actors {
        actor.ask("NOOP".to_owned());
        actor.listen_or_begin_anew(server, &mut texts);
    }
    let truth = mailboxes(server);
    for actor in &mut actors {
        let Some(believed) = actor.belief.clone() else {
            continue;
        };
        let who = format!("connection {}", actor.number);
        if let Some(truth) = truth.get(&believed.uid_validity) {
            assert_true(&believed, truth, &who);
        }
        // A mailbox without a name can be asked by those alone that have it open.
        let mut shown = Belief {
            slots: vec![Default::default(); believed.slots.len()],
            ..Belief::default()
        };
        for response in actor.client.ok("UID FETCH 1:* (FLAGS)") {
            shown.hear(&response, false);
        }
        assert_true(&believed, &shown, &who);
    }
}

/// Plays one seed; whether anything was wrong, and what.
fn judge(practice: Practice, seed: u64) -> thread::Result<()> {
    panic::catch_unwind(|| {
        let server = Server::start(|config| {
            config.practice = practice;
            config.limits.page = 1 + u32::try_from(seed % 3).unwrap();
        });
        play(&server, seed);
    })
}

/// Plays all seeds under these practices; a failure names the seed.
fn judge_all(practices: &[&str]) {
    for seed in 0..SEEDS {
        if let Err(reason) = judge(practice(practices), seed) {
            eprintln!("with {practices:?}, seed {seed}");
            panic::resume_unwind(reason);
        }
    }
}

#[test]
fn every_connection_believes_what_is_so_whatever_the_practice() {
    for row in TABLE {
        judge_all(&[&format!("{}={}", row.key, row.value)]);
    }
}

#[test]
fn every_connection_believes_what_is_so_under_strict_practices_together() {
    judge_all(&[
        "deletion=disconnect",
        "renaming=disconnect",
        "fetching=nil",
        "storing=reject",
        "copying=refuse",
    ]);
    judge_all(&[
        "deletion=refuse",
        "renaming=refuse",
        "fetching=no",
        "storing=reject",
    ]);
}

/// That there is a judge at all: it finds what is planted.
#[test]
fn faults_that_are_planted_in_the_server_are_found_from_outside() {
    for fault in [
        Fault::ExpungeDuringFetch,
        Fault::ExpungeDuringStore,
        Fault::NumbersInNewerView,
        Fault::StarInLiveMailbox,
        Fault::ExistsLowered,
        Fault::ExistsUntold,
        Fault::ExpungeToldTwice,
        Fault::ExpungeNumbersFromStart,
        Fault::FlagsUntold,
        Fault::SilentHidesOthers,
    ] {
        let practice = Practice {
            fault: Some(fault),
            ..Practice::default()
        };
        let found = (0..SEEDS).any(|seed| judge(practice, seed).is_err());
        assert!(found, "{}", fault.as_str());
    }
}
