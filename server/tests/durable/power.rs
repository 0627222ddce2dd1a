//! The power fails at any moment: whatever was told before is there after the next start.
//!
//! Touches processes and directories of its own. What was written and not synced is lost, or not, or torn: see [`crate::disk`].

use crate::{
    chance::{self, Chance},
    disk::{Disk, Fate, contents},
    kill::{USERS, clients, found, snapshots},
    log::Record,
    oracle::{Actor, Judge},
    play::{Listener, play},
    process::{RESERVE, Server},
    shim::{Scratch, Shim},
};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// How many commands are answered while the log is taken.
const ANSWERS: usize = 600;

/// What a server did, and told whom.
struct Recording {
    disk: Disk,
    records: Vec<Record>,
    listeners: Vec<Listener>,
}

impl Recording {
    /// Of eight clients at work, from the first start of a server in a new directory; it ends by SIGKILL.
    fn take(scratch: &Scratch, chance: &mut Chance) -> Self {
        let root = empty(scratch.join("recorded"));
        let (shim, disk) = (Shim::new(&root), Disk::of(&root));
        let mut actors = clients();
        let server = Server::start(&root.join("data"), &USERS, &RESERVE, Some(&shim));
        let address = server.address;
        let scripts = play(address, &mut actors, chance, |answered| {
            answered.iter().take(ANSWERS).for_each(drop);
            server.end(&shim);
        });
        let listeners = clients()
            .into_iter()
            .zip(scripts)
            .map(|(actor, script)| Listener::new(actor, script));
        Self {
            disk,
            records: shim.records(),
            listeners: listeners.collect(),
        }
    }

    /// What comes next happens.
    fn follow(&mut self, at: usize) {
        self.disk.follow(&self.records[at]);
        if let Record::Told { port, octets } = &self.records[at] {
            for listener in &mut self.listeners {
                listener.hear(*port, octets).unwrap();
            }
        }
    }

    /// The clients, as they are now: each may have sent what it sent next.
    fn actors(&self) -> Vec<Actor> {
        let mut listeners = self.listeners.clone();
        listeners.iter_mut().for_each(Listener::send);
        listeners
            .into_iter()
            .map(|listener| listener.actor)
            .collect()
    }

    /// Where to cut: after what was told, before syncs end, and anywhere.
    fn moments(&self, count: usize, chance: &mut Chance) -> BTreeSet<usize> {
        let after = |chosen: fn(&Record) -> bool| -> Vec<usize> {
            let records = self.records.iter().enumerate();
            records
                .filter(|(_, record)| chosen(record))
                .map(|(at, _)| at)
                .collect()
        };
        let told = after(
            |record| matches!(record, Record::Told { octets, .. } if octets.windows(4).any(|word| word == b" OK ")),
        );
        let synced = after(|record| matches!(record, Record::SyncEnded { .. }));
        let mut moments = BTreeSet::new();
        while moments.len() < count {
            moments.insert(match chance.below(4) {
                0 | 1 => *chance.one(&told),
                2 => *chance.one(&synced) - 1,
                _ => chance.below(self.records.len()),
            });
        }
        moments
    }
}

fn empty(path: PathBuf) -> PathBuf {
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// What is left of a cut.
struct Cut<'a> {
    scratch: &'a Scratch,
    root: PathBuf,
    chance: Chance,
}

impl Cut<'_> {
    /// Starts a server on what is left, and judges what it has.
    fn judge(
        &self,
        actors: &mut [Actor],
        past: &mut Judge,
        shim: Option<&Shim>,
    ) -> Result<(), String> {
        let server = Server::try_start(&self.root.join("data"), &USERS, &RESERVE, shim);
        let server =
            server.map_err(|(status, said)| format!("it does not start: {status}: {said}"))?;
        let judged = found(&server).and_then(|found| past.judge(actors, &found));
        judged.map_err(|fault| format!("{fault}\nthe server said: {}", server.said()))
    }

    /// The same; and the power fails again, anywhere in what that server did, or at its end.
    fn judge_twice(mut self, actors: &mut [Actor]) -> Result<(), String> {
        let (shim, mut disk) = (Shim::new(&self.root), Disk::of(&self.root));
        let (mut later, mut past) = (actors.to_vec(), Judge::default());
        self.judge(&mut later, &mut past, Some(&shim))?;
        let records = shim.records();
        let whole = self.chance.once_in(2);
        let end = if whole {
            records.len()
        } else {
            self.chance.below(records.len())
        };
        records[..end].iter().for_each(|record| disk.follow(record));
        self.root = empty(self.scratch.join("again"));
        disk.cut(*self.chance.one(&Fate::ALL), &mut self.chance, &self.root);
        if whole {
            // All that the first start was found to have was shown.
            self.judge(&mut later, &mut past, None)
        } else {
            self.judge(actors, &mut Judge::default(), None)
        }
        .map_err(|fault| format!("after one more cut: {fault}"))
    }
}

#[test]
fn what_was_told_survives_a_loss_of_power() {
    let scratch = Scratch::new("power");
    let mut chance = Chance::new(chance::seed("power"));
    let mut recording = Recording::take(&scratch, &mut chance);
    let moments = recording.moments(chance::setting("TANDEM_TEST_CUTS", 150), &mut chance);
    let mut again = 0;
    for at in 0..recording.records.len() {
        recording.follow(at);
        if !moments.contains(&at) {
            continue;
        }
        let (fate, mut actors) = (*chance.one(&Fate::ALL), recording.actors());
        let root = empty(scratch.join("cut"));
        recording.disk.cut(fate, &mut chance, &root);
        let cut = Cut {
            scratch: &scratch,
            root,
            chance: chance.part(),
        };
        let twice = chance.once_in(4);
        again += usize::from(twice);
        let judged = if twice {
            cut.judge_twice(&mut actors)
        } else {
            cut.judge(&mut actors, &mut Judge::default(), None)
        };
        let count = recording.records.len();
        judged.unwrap_or_else(|fault| panic!("a cut after {at} of {count}, {fate:?}: {fault}"));
    }
    println!(
        "{} cuts, {again} of them followed by another one",
        moments.len()
    );

    let whole = empty(scratch.join("whole"));
    recording.disk.cut(Fate::Kept, &mut chance, &whole);
    assert!(
        contents(&whole) == contents(&scratch.join("recorded")),
        "the log is not the whole truth"
    );
    assert!(
        snapshots(&whole.join("data")) > 0,
        "there was no snapshot to cut"
    );
}
