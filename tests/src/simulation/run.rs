//! One simulation, from its seed to its end.
//!
//! Touches a runtime of its own, no sockets and no disk. What its clients share is the [`stage`]; a [`server`] may crash, and there is another.

pub mod server;
pub mod stage;

use self::{
    server::{Alarm, Past, Server},
    stage::{Phase, Stage},
};
use super::{
    client::{Person, life::live},
    counts::Counts,
    disk::Disk,
    fate::{Fate, Fault},
    judge,
    scheduler::{self, Door},
};
use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use tandem_model::{
    Command, Practice, flags::Flags, message::InternalDate, name::MailboxName, number::ContentId,
};
use tandem_server::{Config, config::Limits};
use tokio::{
    runtime::Builder,
    sync::watch,
    time::{Instant, sleep, timeout},
};

/// How long everything takes at most, with clients that do not read for minutes.
const LONG: Duration = Duration::from_secs(100_000);

/// How long a server waits for a client that sends nothing, or takes nothing, if it is one that does not wait for ever.
const HASTY: Duration = Duration::from_secs(100);

/// Everything that could happen has happened after this.
const REST: Duration = Duration::from_secs(60);

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// Everything that happened, in order.
    pub trace: String,
    /// What was wrong.
    pub wrong: Vec<String>,
    /// What the server recorded.
    pub recorded: String,
    /// How much there was.
    pub counts: Counts,
}

/// Runs one simulation; with a fault planted in it, perhaps. A panic, as of a broken invariant, is wrong like anything else: what happened up to it is told.
#[must_use]
pub fn run(seed: u64, fault: Option<Fault>) -> Run {
    let fate = Fate::new(seed, fault);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let alarm = Rc::new(Alarm::default());
    let all = async {
        let (door, result) = (Door::default(), Rc::new(RefCell::new(None)));
        let first = direct(
            fate.clone(),
            door.clone(),
            Rc::clone(&alarm),
            Rc::clone(&result),
        );
        scheduler::run(&fate, &door, first, || alarm.turn(&fate, &door)).await;
        result.take()
    };
    // Nothing of it is used afterwards but what it noted.
    let ended = catch_unwind(AssertUnwindSafe(|| runtime.unwrap().block_on(all)));
    let mut run = match ended {
        Ok(run) => run.unwrap(),
        Err(payload) => Run {
            trace: String::new(),
            wrong: vec![format!("a panic: {}", said(&*payload))],
            recorded: alarm.recorded(),
            counts: Counts::default(),
        },
    };
    run.trace = fate.trace();
    run
}

/// What somebody said in a panic.
fn said(payload: &(dyn Any + Send)) -> &str {
    let worded = payload.downcast_ref::<String>().map(String::as_str);
    worded
        .or_else(|| payload.downcast_ref::<&str>().copied())
        .unwrap_or_default()
}

fn limits(fate: &Fate, large: bool) -> Limits {
    let few = |most: usize| u32::try_from(fate.some(most)).unwrap_or(1);
    Limits {
        // Where messages are large, so is what is read and written of them at a time.
        read_buffer: if large { 16_384 } else { fate.some(200) },
        write_buffer: if large { 65_536 } else { fate.some(400) },
        page: few(4),
        ghosts: if fate.once_in(4) { 2 + few(5) } else { 1_000 },
        mailboxes: 6,
        bad_commands: 1_000,
        login_attempts: fate.some(5),
        snapshot_after: if fate.once_in(2) { few(30) } else { 4_096 },
        // Mostly those who read nothing for minutes are not to be sent away.
        idle_timeout: if fate.once_in(8) { HASTY } else { LONG / 2 },
        shutdown_timeout: LONG / 2,
        ..Limits::default()
    }
}

async fn direct(fate: Fate, door: Door, alarm: Rc<Alarm>, result: Rc<RefCell<Option<Run>>>) {
    let every = Practice::every();
    // Rarely: they take a while.
    let large = if fate.once_in(20) {
        1 + fate.below(4)
    } else {
        0
    };
    let config = Config {
        demo: false,
        practice: Practice {
            fault: fate.of_model(),
            ..every[fate.below(every.len())]
        },
        limits: limits(&fate, large > 0),
        ..Config::default()
    };
    let (disk, began) = (Arc::new(Disk::new(&fate)), Instant::now());
    let server = Server::start(&fate, &door, &config, &disk, began);
    alarm.machine.replace(Some(Arc::clone(&server.machine)));
    let stage = Rc::new(Stage {
        fate: fate.clone(),
        phase: watch::Sender::new(Phase::Busy),
        disk: Arc::clone(&disk),
        door: door.clone(),
        config,
        began,
        alarm,
        server: RefCell::new(server),
        past: RefCell::default(),
        closing: watch::Sender::new(false),
        sittings: RefCell::default(),
        wrong: RefCell::default(),
        copies: Cell::new(0),
        messages: Cell::new(0),
        large: Cell::new(large),
        guesses: Cell::new(0),
        loiterers: Cell::new(0),
        busy: Cell::new(0),
        there: Rc::default(),
        changed: Rc::default(),
        rested: Cell::new(0),
    });
    if timeout(LONG, stage.play()).await.is_err() {
        stage.wrong("somebody does not come to an end".to_owned());
    }
    let server = Rc::clone(&stage.server.borrow());
    let closed = timeout(LONG, async {
        server.accounts.close().await;
        server.machine.written().await;
    });
    if closed.await.is_err() {
        stage.wrong("the journal does not come to an end".to_owned());
    }
    let (mut wrong, mut counts) = (stage.wrong.take(), Counts::default());
    let sittings = stage.sittings.take();
    let mut lives = stage.past.take();
    lives.push(Past {
        recorded: server.machine.recorded(),
        sittings: sittings.len(),
    });
    match judge::judge(&lives, &sittings, stage.rested.get(), &disk) {
        Ok(judged) => counts = judged,
        Err(what) => wrong.push(what),
    }
    counts.snapshots = disk.snapshots();
    counts.pieced = disk.pieced();
    counts.guesses = stage.guesses.get();
    counts.loiterers = stage.loiterers.get();
    *result.borrow_mut() = Some(Run {
        trace: String::new(),
        wrong,
        recorded: lives.into_iter().map(|life| life.recorded).collect(),
        counts,
    });
}

impl Stage {
    /// Everything, up to the end of all connections.
    async fn play(self: &Rc<Self>) {
        if let Ok(mut maker) = Person::come(self).await {
            for command in furniture() {
                let _ = maker.say_and_hear(command).await;
            }
        }
        // One alone is often the last to leave, and the first to come again.
        let clients = 1 + self.fate.below(4);
        self.busy.set(clients);
        for _ in 0..clients {
            let (lives, acts) = (1 + self.fate.below(4), 1 + self.fate.below(12));
            self.spawn("client", live(Rc::clone(self), lives, acts));
        }
        if self.fate.once_in(3) {
            self.door.spawn("crash", Rc::clone(self).crash_at_times());
        }
        while self.busy.get() > 0 {
            self.changed.notified().await;
        }
        // By the simulation's clock, which goes on only when nobody has anything to do.
        sleep(REST).await;
        let recorded = self.server.borrow().machine.recorded();
        self.rested.set(recorded.lines().count());
        if self.fate.once_in(4) {
            self.phase.send_replace(Phase::Shut);
            self.closing.send_replace(true);
        } else {
            self.phase.send_replace(Phase::Leave);
        }
        while self.there.get() > 0 {
            self.changed.notified().await;
        }
    }
}

/// What there is in the account before anybody else comes.
fn furniture() -> Vec<Command> {
    let [inbox, a] = ["INBOX", "a"].map(MailboxName::new);
    let append = |flags: Flags| Command::Append {
        mailbox: MailboxName::inbox(),
        flags: flags.into(),
        date: InternalDate::default(),
        content: ContentId(0),
        size: 0,
    };
    let mut commands = vec![Command::Create { mailbox: a }];
    commands.extend([Flags::NONE, Flags::DELETED, Flags::NONE, Flags::DELETED].map(append));
    commands.push(Command::Select {
        mailbox: inbox,
        read_only: false,
    });
    commands.push(Command::Logout);
    commands
}
