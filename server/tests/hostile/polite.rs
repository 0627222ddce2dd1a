//! Another client of the same user, who wants to be served meanwhile.
//!
//! Touches sockets and the clock: it measures how long its commands take, before and during what others do, in the same run. What counts as during is
//! what was asked before the harm was over, so that nothing which comes after makes a stall look rare.

use crate::{process::Server, wire::Wire};
use std::{
    fmt,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How many answers are measured before, and at least during the harm, which is done again until then.
const ROUNDS: usize = 400;

/// Whoever is not answered so often by then is not served.
const PATIENCE: Duration = Duration::from_secs(60);

/// How much longer than before its commands may take at the 99th percentile, ...
const FACTOR: u32 = 20;

/// ... but for this, of harm that disturbs hardly anybody: 30 ms were seen at most, 35 with three programs more for each core.
pub const HARDLY: Duration = Duration::from_millis(60);

/// ... and this, of messages that take long to look into: 55 ms were seen, with three programs more for each core.
pub const LONG: Duration = Duration::from_millis(120);

/// ... and this, of harm that keeps the server, the disk and the sockets busy: those who do it and who tell time take turns with the server on two cores. With three
/// programs more for each core 170 ms were seen.
pub const BUSY: Duration = Duration::from_millis(200);

/// No answer takes longer, but for the disk: twice what was seen then, 372 ms. What is certain to show is a lock that is held for so long, once.
const MOST: Duration = Duration::from_millis(750);

/// How many octets a disk takes in a millisecond, at least. Whatever a user is told waits until what the user's other clients have done is durable.
const DISK: usize = 10_000;

/// What it says, again and again: reads, a search, and changes, each of which is durable before it is answered, for none is of what is so already.
const SAYS: [&str; 5] = [
    "NOOP",
    "STORE 1 +FLAGS.SILENT (\\Flagged)",
    "FETCH 1:10 (FLAGS ENVELOPE)",
    "STORE 1 -FLAGS.SILENT (\\Flagged)",
    "SEARCH UNSEEN",
];

/// Has others do harm while it is served, and judges how it was. However quick it was before, its commands may take `always` at the 99th percentile. So many octets do the
/// others store at once, at most.
#[track_caller]
pub fn is_served_while<T>(
    server: &Server,
    what: &str,
    always: Duration,
    stored: usize,
    mut harm: impl FnMut() -> T,
) -> T {
    let mut wire = Wire::login(server.address);
    wire.ok("CREATE polite");
    for number in 0..10 {
        let message = format!("Subject: {number}\r\n\r\ntext\r\n");
        wire.ok(format!("APPEND polite {{{}+}}\r\n{message}", message.len()));
    }
    wire.ok("SELECT polite");
    let before = Times::of(&mut wire, |count| count >= ROUNDS);
    let (answers, over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (harmed, during) = thread::scope(|scope| {
        let meanwhile = scope.spawn(|| {
            Times::of(&mut wire, |count| {
                answers.store(count, Ordering::Release);
                over.load(Ordering::Acquire)
            })
        });
        // Told also if it fails, or nobody would end.
        let told = Over(&over);
        let begun = Instant::now();
        let mut harmed = harm();
        while answers.load(Ordering::Acquire) < ROUNDS && begun.elapsed() < PATIENCE {
            drop(harmed);
            harmed = harm();
        }
        drop(told);
        (harmed, meanwhile.join().unwrap())
    });
    println!("{what}: {during}; before: {before}");
    let count = during.0.len();
    assert!(count >= ROUNDS, "{what}: {count} answers in {PATIENCE:?}");
    let syncs = Duration::from_millis(u64::try_from(stored / DISK).unwrap());
    for (which, during, bound) in [
        (
            "p99",
            during.percentile(),
            (FACTOR * before.percentile()).max(always),
        ),
        ("most", during.most(), MOST + syncs),
    ] {
        assert!(
            during <= bound,
            "{what}: {which} {during:?}, at most {bound:?}; before: {before}"
        );
    }
    harmed
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// How long commands took, the shortest first.
#[derive(Debug)]
struct Times(Vec<Duration>);

impl Times {
    /// Of commands, until there are enough.
    fn of(wire: &mut Wire, enough: impl Fn(usize) -> bool) -> Self {
        let mut times = Vec::new();
        while !enough(times.len()) {
            let begun = Instant::now();
            wire.ok(SAYS[times.len() % SAYS.len()]);
            times.push(begun.elapsed());
        }
        times.sort_unstable();
        Self(times)
    }

    fn percentile(&self) -> Duration {
        self.0[self.0.len() * 99 / 100]
    }

    fn most(&self) -> Duration {
        self.0[self.0.len() - 1]
    }
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, percentile, most) = (self.0.len(), self.percentile(), self.most());
        write!(
            formatter,
            "{count} answers, p99 {percentile:.1?}, at most {most:.1?}"
        )
    }
}
