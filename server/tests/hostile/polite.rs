//! Another client of the same user, who wants to be served meanwhile.
//!
//! Touches sockets and the clock: it measures how long its commands take, before and during what others do, in the same run.

use crate::{process::Server, wire::Wire};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

/// How much longer than before its commands may take, at the 99th percentile, ...
const FACTOR: u32 = 20;
/// ... but for this: on a machine with two cores those who do harm and who tell time take turns with the server.
const ALWAYS: Duration = Duration::from_millis(250);
/// How many commands are measured at least.
const ROUNDS: usize = 400;

/// What it says, again and again: reads, a search, and a change that is durable before it is answered.
const SAYS: [&str; 4] = [
    "NOOP",
    "FETCH 1:10 (FLAGS ENVELOPE)",
    "SEARCH UNSEEN",
    "STORE 1 FLAGS.SILENT (\\Seen)",
];

/// Has others do harm while it is served, and judges how it was.
#[track_caller]
pub fn is_served_while<T>(server: &Server, what: &str, harm: impl FnOnce() -> T) -> T {
    let mut wire = Wire::login(server.address);
    wire.ok("CREATE polite");
    for number in 0..10 {
        let message = format!("Subject: {number}\r\n\r\ntext\r\n");
        wire.ok(format!("APPEND polite {{{}+}}\r\n{message}", message.len()));
    }
    wire.ok("SELECT polite");
    let before = percentile(rounds(&mut wire, |count| count >= ROUNDS));
    let over = AtomicBool::new(false);
    let (harmed, during) = thread::scope(|scope| {
        let meanwhile = scope.spawn(|| {
            rounds(&mut wire, |count| {
                count >= ROUNDS && over.load(Ordering::Acquire)
            })
        });
        // Told also if it fails, or nobody would end.
        let told = Over(&over);
        let harmed = harm();
        drop(told);
        (harmed, percentile(meanwhile.join().unwrap()))
    });
    println!("{what}: p99 {during:?}, {before:?} before");
    let most = (FACTOR * before).max(ALWAYS);
    assert!(
        during <= most,
        "{what}: p99 {during:?}, {before:?} before, at most {most:?}"
    );
    harmed
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn rounds(wire: &mut Wire, enough: impl Fn(usize) -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    while !enough(times.len()) {
        let begun = Instant::now();
        wire.ok(SAYS[times.len() % SAYS.len()]);
        times.push(begun.elapsed());
    }
    times
}

fn percentile(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() * 99 / 100]
}
