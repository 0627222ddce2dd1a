//! The server on a simulated machine, thousands of times: nothing is wrong, whatever comes when.
//!
//! `TANDEM_SEEDS=100000` takes so many seeds. What fails tells its seed; `TANDEM_SEED=300 cargo test -p tandem-tests --test simulation` is that run
//! again, and what happened in it is left in files.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    env, fs, panic,
    path::PathBuf,
    process,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};
use tandem_tests::simulation::{
    counts::Counts,
    fate::Fault,
    run::{Run, run},
};

/// How many seeds are taken.
const SEEDS: u64 = 5_000;

/// How many seeds a planted fault has to be found in.
const BITES: u64 = 500;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|value| value.parse().unwrap())
}

/// What has to happen in some runs, as it stands in a recording.
const EVENTS: &[&str] = &[
    " wake\n",
    " resume\n",
    " done\n",
    " break\n",
    " shutdown\n",
    "> * BYE the mailbox has been deleted\n",
    "> * BYE the mailbox has been renamed\n",
    "> * BYE too far behind the changes of the mailbox\n",
    "\nopen 2 ",
    "\nfail ",
    " full ",
    " over-quota ",
    " pieces=1 read-only\n",
];

#[test]
fn nothing_is_wrong_whatever_comes_when() {
    let only = number("TANDEM_SEED");
    let first = only.unwrap_or(0);
    let seeds = only.map_or_else(|| number("TANDEM_SEEDS").unwrap_or(SEEDS), |_| 1);
    let next = AtomicU64::new(first);
    let sum = Mutex::new((Counts::default(), vec![0; EVENTS.len()]));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + seeds {
                        break;
                    }
                    let run = run(seed, None);
                    if !run.wrong.is_empty() || only.is_some() {
                        tell(seed, &run);
                    }
                    let mut sum = sum.lock().unwrap();
                    sum.0 = sum.0.and(run.counts);
                    for (seen, event) in sum.1.iter_mut().zip(EVENTS) {
                        *seen += usize::from(run.recorded.contains(event));
                    }
                }
            });
        }
    });
    let (counts, seen) = sum.into_inner().unwrap();
    eprintln!("{seeds} seeds: {counts:?}");
    for (event, seen) in EVENTS.iter().zip(seen) {
        eprintln!("in {seen} of them: {}", event.trim());
        assert!(seen > 0 || seeds < 1_000, "it never happens: {event}");
    }
    let Counts {
        steps,
        crashes,
        guesses,
        loiterers,
        missed,
        unheard,
        pieced,
        snapshots,
        ..
    } = counts;
    let floors = [
        (steps, 50 * seeds),
        (crashes, seeds / 10),
        (guesses, seeds / 10),
        (loiterers, seeds / 50),
        (missed, seeds / 50),
        (unheard, seeds / 20),
        (pieced, seeds / 50),
        (snapshots.completed, seeds),
        (snapshots.cut, seeds / 200),
    ];
    for (count, floor) in floors {
        assert!(count >= floor || seeds < 1_000, "{counts:?}");
    }
    // Some were given up for want of room, or by a crash.
    assert!(
        snapshots.completed < snapshots.begun || seeds < 1_000,
        "{counts:?}"
    );
}

/// Where it is left what happened in a run: its trace, and its recording.
fn files(seed: u64) -> [PathBuf; 2] {
    ["trace", "recording"]
        .map(|what| env::temp_dir().join(format!("tandem-{}-{seed}.{what}", process::id())))
}

/// Leaves what happened in files, and fails if it was wrong.
fn tell(seed: u64, run: &Run) {
    let [trace, recording] = files(seed);
    fs::write(&trace, &run.trace).unwrap();
    fs::write(&recording, &run.recorded).unwrap();
    eprintln!(
        "what happened is in {} and {}",
        trace.display(),
        recording.display()
    );
    assert!(
        run.wrong.is_empty(),
        "seed {seed}: {}\nagain: TANDEM_SEED={seed} cargo test -p tandem-tests --test simulation nothing_is_wrong",
        run.wrong.join("\n")
    );
}

#[test]
fn the_same_seed_is_the_same_run_octet_by_octet() {
    let all = || (0..40).map(|seed| run(seed, None)).collect::<Vec<Run>>();
    let once = all();
    let again = thread::spawn(all).join().unwrap();
    for (seed, (once, again)) in once.iter().zip(&again).enumerate() {
        assert!(
            once.trace == again.trace,
            "{seed}: {}",
            difference(&once.trace, &again.trace)
        );
        assert_eq!(once.recorded, again.recorded, "{seed}");
    }
    let runs: Vec<&str> = once.iter().map(|run| run.trace.as_str()).collect();
    assert!(runs.iter().all(|trace| trace.len() > 1_000));
    assert!((1..runs.len()).all(|at| runs[at] != runs[at - 1]));
}

fn difference(once: &str, again: &str) -> String {
    let lines = once.lines().zip(again.lines()).enumerate();
    let mut different = lines.filter(|(_, (once, again))| once != again);
    format!("{:?}", different.next())
}

#[test]
fn whatever_is_planted_is_found() {
    let faults = [
        Fault::Swaps,
        Fault::LosesOctet,
        Fault::Strays,
        Fault::HidesEnd,
        Fault::BlocksAll,
        Fault::LosesWake,
        Fault::ReadsLess,
        Fault::ForgetsAtCrash,
        Fault::TearsAtCrash,
        Fault::DropsTooSoon,
        Fault::SnapsLess,
        Fault::Model(tandem_model::Fault::AckBeforeDurable),
        Fault::Model(tandem_model::Fault::RevealBeforeDurable),
        Fault::Model(tandem_model::Fault::ExpungeDuringFetch),
        Fault::Model(tandem_model::Fault::ByeOnlyToIdle),
        Fault::Model(tandem_model::Fault::CursorAhead),
        Fault::Model(tandem_model::Fault::Unjournalled),
    ];
    // What fails is meant to.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let found = faults.map(|fault| {
        (0..BITES).find_map(|seed| {
            let run = run(seed, Some(fault));
            let what = run.wrong.first()?;
            Some(format!("seed {seed}: {what}"))
        })
    });
    panic::set_hook(hook);
    for (fault, found) in faults.iter().zip(&found) {
        eprintln!("{fault:?}: {found:?}");
        assert!(found.is_some(), "{fault:?}");
    }
    // These are what the servers of a simulation are held to by themselves.
    for found in &found[found.len() - 2..] {
        let by = ": a panic: an invariant is broken: ";
        assert!(found.as_ref().unwrap().contains(by), "{found:?}");
    }
}

#[test]
fn a_panic_tells_its_seed_and_leaves_what_happened() {
    let fault = Fault::Model(tandem_model::Fault::CursorAhead);
    let (seed, run) = (BITES..)
        .map(|seed| (seed, run(seed, Some(fault))))
        .find(|(_, run)| !run.wrong.is_empty())
        .unwrap();
    assert!(run.wrong[0].starts_with("a panic: an invariant is broken: "));
    let told = panic::catch_unwind(|| tell(seed, &run)).unwrap_err();
    let told = told.downcast_ref::<String>().unwrap();
    for part in [
        &run.wrong[0],
        &format!("\nagain: TANDEM_SEED={seed} cargo test "),
    ] {
        assert!(told.contains(part), "{told}");
    }
    let [trace, recording] = files(seed).map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_file(file).unwrap();
        text
    });
    assert!(trace.lines().count() > 10, "{trace}");
    // The step that failed is the last, and it never ended.
    let last = recording.rfind("\nstep ").unwrap();
    assert!(recording[last..].contains(" SELECT "), "{recording}");
    assert!(recording[last..].contains("\n!\n"), "{recording}");
}
