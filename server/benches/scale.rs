//! One mailbox with a million messages and a thousand sessions: what a step costs, and what it holds.
//!
//! Run with `cargo bench -p tandem-server --bench scale`. Sizes are counted by the allocator, times by criterion; the
//! longest page of STORE 1:* is measured over whole STOREs. Model code only: no socket, no disk.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark may panic")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::{
    alloc::System,
    hint::black_box,
    time::{Duration, Instant},
};
use tandem_model::{
    Account, Command, Input, Limits, Practice, Response, Session,
    command::{Form, Moment, StoreAction},
    flags::{FlagNames, Flags},
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, SeqNum},
    sequence_set::SequenceSet,
    view::Numbering,
};

const MESSAGES: u32 = 1_000_000;
const SESSIONS: usize = 1000;
const EXPUNGED: u32 = 1000;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The bytes that are allocated now.
fn in_use() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

/// An account and its sessions.
#[derive(Clone)]
struct World {
    account: Account,
    sessions: Vec<Session>,
}

impl World {
    fn step(&mut self, session: usize, input: Input, out: &mut Vec<Response>) {
        out.clear();
        let session = self.sessions.get_mut(session).unwrap();
        session.step(input, &mut self.account, &Practice::default(), out);
        self.account.drain();
    }

    /// A whole command; the longest time that one page of it took.
    fn run(&mut self, session: usize, command: Command) -> Duration {
        let mut out = Vec::new();
        let mut longest = Duration::ZERO;
        let mut input = Input::Command(command, Moment::default());
        loop {
            let start = Instant::now();
            self.step(session, input, &mut out);
            longest = longest.max(start.elapsed());
            input = Input::Resume;
            if !self.sessions.get(session).unwrap().wants_resume() {
                return longest;
            }
        }
    }
}

/// A copy that shares nothing with the original any more: a change of the mailbox has taken it apart.
fn apart(world: &World) -> World {
    let mut copy = world.clone();
    let mailbox = MailboxName::inbox();
    let content = ContentId(u64::from(MESSAGES));
    let date = InternalDate::default();
    let append = Command::Append {
        mailbox,
        flags: FlagNames::default(),
        date,
        content,
        size: 1,
    };
    copy.run(SESSIONS - 1, append);
    copy
}

fn noop() -> Input {
    Input::Command(Command::Noop, Moment::default())
}

fn select() -> Command {
    Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    }
}

fn store(set: SequenceSet, flags: Flags, silent: bool) -> Command {
    let flags = FlagNames::from(flags);
    Command::Store {
        set,
        form: Form::Uid,
        action: StoreAction::Add,
        silent,
        flags,
    }
}

/// Every thousandth message, spread over the whole mailbox.
fn spread() -> SequenceSet {
    let step = MESSAGES / EXPUNGED;
    let ranges = (1..=EXPUNGED)
        .map(|n| SequenceSet::one(n * step).ranges)
        .collect::<Vec<_>>()
        .concat();
    SequenceSet { ranges }
}

/// What this account holds when it is made from its snapshot, as storage gives it back.
fn opened(account: &Account) -> usize {
    let before = in_use();
    let mut opened = Account::blank(Limits::default());
    for change in account.snapshot() {
        opened.replay(&[change]);
        opened.drain();
    }
    assert_eq!(
        opened.snapshot().count(),
        account.snapshot().count(),
        "all of it is there"
    );
    in_use() - before
}

/// Builds the world, and prints what it holds.
fn million() -> World {
    let before = in_use();
    let mut world = World {
        account: Account::new(Limits::default()),
        sessions: vec![Session::new()],
    };
    let mut out = Vec::new();
    for content in 0..u64::from(MESSAGES) {
        let append = Command::Append {
            mailbox: MailboxName::inbox(),
            flags: FlagNames::from(if content + 1 < u64::from(MESSAGES) {
                Flags::SEEN
            } else {
                Flags::NONE
            }),
            date: InternalDate::new(1_700_000_000 + content, 0),
            content: ContentId(content),
            size: 4096,
        };
        world.step(0, Input::Command(append, Moment::default()), &mut out);
    }
    let messages = in_use() - before;
    println!(
        "bytes per message, opened from its snapshot: {:.1}",
        opened(&world.account) as f64 / f64::from(MESSAGES)
    );
    world.sessions.reserve_exact(SESSIONS - 1);
    world.sessions.resize(SESSIONS, Session::new());
    for session in 0..SESSIONS {
        world.run(session, select());
    }
    let all = in_use() - before;
    println!(
        "bytes per message: {:.1}",
        messages as f64 / f64::from(MESSAGES)
    );
    println!(
        "bytes per session: {:.1}",
        (all - messages) as f64 / SESSIONS as f64
    );
    world
}

fn polls(criterion: &mut Criterion, world: &World) {
    let mut world = apart(world);
    let mut out = Vec::new();
    criterion.bench_function("SELECT, once more", |bencher| {
        bencher.iter(|| {
            world.step(
                7,
                Input::Command(select(), Moment::default()),
                black_box(&mut out),
            )
        });
    });
    criterion.bench_function("NOOP with nothing new", |bencher| {
        bencher.iter(|| world.step(8, noop(), black_box(&mut out)));
    });
}

fn numbers(criterion: &mut Criterion, world: &World) {
    for (name, expunged) in [("no ghost", false), ("1,000 ghosts", true)] {
        let mut world = apart(world);
        if expunged {
            world.run(0, store(spread(), Flags::DELETED, true));
            world.run(0, Command::Expunge { uids: None });
        }
        let mailbox = world.account.mailbox(&MailboxName::inbox()).unwrap();
        let view = *mailbox.views().last().unwrap();
        let mut number = 0;
        criterion.bench_function(&format!("make a numbering with {name}"), |bencher| {
            bencher.iter(|| Numbering::new(black_box(mailbox), &view).count());
        });
        let numbering = Numbering::new(mailbox, &view);
        assert_eq!(numbering.ghost_count(), if expunged { EXPUNGED } else { 0 });
        criterion.bench_function(&format!("resolve one number with {name}"), |bencher| {
            bencher.iter(|| {
                number = (number + 7_919) % MESSAGES;
                black_box(numbering.at(SeqNum(number + 1)))
            });
        });
    }
}

fn expunges(criterion: &mut Criterion, world: &World) {
    let mut marked = world.clone();
    marked.run(0, store(spread(), Flags::DELETED, true));
    for session in 0..SESSIONS {
        marked.run(session, Command::Noop);
    }
    let mut group = criterion.benchmark_group("1,000 of 1,000,000");
    group.sample_size(20);
    let mut out = Vec::new();
    group.bench_function("EXPUNGE, 1,000 sessions owed", |bencher| {
        bencher.iter_batched_ref(
            || apart(&marked),
            |world| {
                world.step(
                    0,
                    Input::Command(Command::Expunge { uids: None }, Moment::default()),
                    &mut out,
                )
            },
            BatchSize::PerIteration,
        );
    });
    let mut expunged = marked;
    expunged.run(0, Command::Expunge { uids: None });
    group.bench_function("NOOP that reports 1,000 expunges", |bencher| {
        bencher.iter_batched_ref(
            || apart(&expunged),
            |world| world.step(9, noop(), &mut out),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

/// The longest time that one step of a STORE of every message holds the lock.
fn pages(world: &World) {
    for (name, silent) in [
        ("UID STORE 1:* +FLAGS.SILENT", true),
        ("UID STORE 1:* +FLAGS", false),
    ] {
        let mut longest: Vec<Duration> = (0..5)
            .map(|_| apart(world).run(3, store(SequenceSet::all(), Flags::FLAGGED, silent)))
            .collect();
        longest.sort_unstable();
        println!(
            "{name}: longest page of {}: {:?} (median of 5 runs)",
            MESSAGES.div_ceil(1024),
            longest.get(2).unwrap()
        );
    }
}

/// The longest step that there is: one session hears of all that another has changed.
fn everything_at_once(world: &World) {
    let mut took: Vec<Duration> = (0..5)
        .map(|_| {
            let mut world = apart(world);
            world.run(3, store(SequenceSet::all(), Flags::FLAGGED, true));
            world.run(4, Command::Noop)
        })
        .collect();
    took.sort_unstable();
    println!(
        "NOOP that reports the flags of {MESSAGES} messages: {:?} (median of 5 runs)",
        took.get(2).unwrap()
    );
}

fn scale(criterion: &mut Criterion) {
    let world = million();
    polls(criterion, &world);
    numbers(criterion, &world);
    expunges(criterion, &world);
    pages(&world);
    everything_at_once(&world);
}

criterion_group!(benches, scale);
criterion_main!(benches);
