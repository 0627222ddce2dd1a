//! One simulation, from its seed to its end.
//!
//! Touches a runtime of its own, no sockets and no disk.

use super::{
    client::{Person, Sitting, life::live},
    counts::Counts,
    disk::Disk,
    fate::{Fate, Fault},
    judge,
    machine::{Simulated, pause},
    pipe,
    scheduler::{self, Door},
};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use tandem_model::{
    Command, Practice, flags::Flags, message::InternalDate, name::MailboxName, number::ContentId,
};
use tandem_server::{Config, accounts::Accounts, config::Limits, connection, storage::PIECE};
use tokio::{
    runtime::Builder,
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

/// How many COPY and MOVE there are at most: each can double what there is.
const COPIES: usize = 6;

/// How long everything takes at most, with clients that do not read for minutes.
const LONG: Duration = Duration::from_secs(100_000);

/// How long a server waits for a client that sends nothing, or takes nothing, if it is one that does not wait for ever.
const HASTY: Duration = Duration::from_secs(100);

/// Everything that could happen has happened after this.
const REST: Duration = Duration::from_secs(60);

/// Before how many turns of tasks the server crashes for the first time, and between that and the second.
const TURNS: usize = 1_500;

/// How long a connection is served at most whose task is dropped, in milliseconds.
const SHORT: u64 = 3_000;

/// What everybody is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Whatever fate likes.
    Busy,
    /// Everybody polls, and logs out.
    Leave,
    /// The server closes.
    Shut,
}

/// What all clients of a run share.
#[derive(Debug)]
pub struct Stage {
    /// Chance.
    pub fate: Fate,
    /// What everybody is about.
    pub phase: watch::Sender<Phase>,
    /// What storage is on, whichever server has it.
    pub disk: Arc<Disk>,
    door: Door,
    config: Config,
    began: Instant,
    alarm: Rc<Alarm>,
    server: RefCell<Rc<Server>>,
    /// The servers that crashed.
    past: RefCell<Vec<Past>>,
    closing: watch::Sender<bool>,
    sittings: RefCell<Vec<Rc<Sitting>>>,
    wrong: RefCell<Vec<String>>,
    copies: Cell<usize>,
    messages: Cell<u32>,
    /// How many large messages there may be.
    large: Cell<usize>,
    guesses: Cell<u64>,
    loiterers: Cell<u64>,
    /// How many clients are not at rest.
    busy: Cell<usize>,
    /// How many clients, and connections of the server, have not ended.
    there: Rc<Cell<usize>>,
    changed: Rc<Notify>,
    /// How many lines the recording had when everybody was at rest.
    rested: Cell<usize>,
}

/// A server, from its start to its end or its crash.
#[derive(Debug)]
struct Server {
    machine: Arc<Simulated>,
    accounts: Arc<Accounts>,
}

impl Server {
    /// Starts one, on what the disk has.
    fn start(
        fate: &Fate,
        door: &Door,
        config: &Config,
        disk: &Arc<Disk>,
        began: Instant,
    ) -> Rc<Self> {
        let machine = Simulated::new(began);
        let accounts = Accounts::open_on(
            Arc::clone(&machine) as _,
            config.clone(),
            Arc::clone(disk) as _,
        );
        let writer = Arc::clone(&machine).write_all(fate.clone());
        door.spawn("writer", machine.powered(writer));
        Rc::new(Self {
            machine,
            accounts: accounts.unwrap(),
        })
    }
}

/// What is known of a server that crashed.
#[derive(Clone, Debug)]
pub struct Past {
    /// What it recorded.
    pub recorded: String,
    /// The connections that were made to it are those before this, and after those to the servers before it.
    pub sittings: usize,
}

/// Which machine runs, and in how many turns it is turned off.
#[derive(Debug, Default)]
struct Alarm {
    machine: RefCell<Option<Arc<Simulated>>>,
    turns: Cell<Option<usize>>,
    rings: Notify,
}

impl Alarm {
    /// After each turn of a task.
    fn turn(&self, fate: &Fate, door: &Door) {
        if let Some(machine) = &*self.machine.borrow() {
            machine.attend(fate, door);
        }
        match self.turns.get() {
            Some(0) => {
                self.turns.set(None);
                self.rings.notify_one();
            }
            turns => self.turns.set(turns.map(|turns| turns - 1)),
        }
    }
}

impl Stage {
    /// Something is not as it should be.
    pub fn wrong(&self, what: String) {
        self.fate.note(format_args!("wrong: {what}"));
        self.wrong.borrow_mut().push(what);
    }

    /// A client is at rest, or will not come again.
    pub fn arrive(&self) {
        self.busy.set(self.busy.get() - 1);
        self.changed.notify_one();
    }

    /// By how many octets a message is larger than others: some, in some runs, come to storage in pieces.
    #[must_use]
    pub fn extra_octets(&self) -> usize {
        if self.large.get() == 0 || !self.fate.once_in(3) {
            return 0;
        }
        self.large.set(self.large.get() - 1);
        PIECE * (1 + self.fate.below(2))
    }

    /// What the server bears.
    #[must_use]
    pub const fn limits(&self) -> Limits {
        self.config.limits
    }

    /// A wrong password was refused.
    pub fn guessed(&self) {
        self.guesses.set(self.guesses.get() + 1);
    }

    /// Somebody who did not log in was sent away.
    pub fn loitered(&self) {
        self.loiterers.set(self.loiterers.get() + 1);
    }

    /// The number of a new message.
    pub fn message(&self) -> u32 {
        self.messages.set(self.messages.get() + 1);
        self.messages.get()
    }

    /// Whether there may be one more COPY or MOVE, if it is one.
    pub fn may_copy(&self, command: &Command) -> bool {
        if !matches!(command, Command::Copy { .. } | Command::Move { .. }) {
            return true;
        }
        self.copies.set(self.copies.get() + 1);
        self.copies.get() <= COPIES
    }

    /// A new connection, served.
    pub fn connect(&self) -> Rc<Sitting> {
        let number = self.sittings.borrow().len();
        let room = if self.config.limits.read_buffer < Limits::default().read_buffer {
            [16, 200, 100_000][self.fate.below(3)]
        } else {
            1_000_000
        };
        let (near, far) = pipe::connection(&self.fate, number, room, &self.disk);
        let server = Rc::clone(&self.server.borrow());
        let (accounts, closing) = (Arc::clone(&server.accounts), self.closing.subscribe());
        let served = async move {
            connection::serve(far, &accounts, closing).await;
        };
        let short = [SHORT, SHORT / 20][self.fate.below(2)];
        let (is_short, fate, end) = (self.fate.once_in(12), self.fate.clone(), near.clone());
        self.spawn(
            "connection",
            server.machine.powered(async move {
                if !is_short {
                    return served.await;
                }
                // Whoever embeds the server may drop what it is doing for a client at any moment.
                let dropped = async {
                    pause(&fate, short).await;
                    end.cut();
                };
                tokio::select! {
                    biased;
                    () = dropped => {}
                    () = served => {}
                }
            }),
        );
        let sitting = Rc::new(Sitting {
            number,
            patience: self.config.limits.idle_timeout,
            before: RefCell::default(),
            sent: RefCell::default(),
            near,
        });
        self.sittings.borrow_mut().push(Rc::clone(&sitting));
        sitting
    }

    /// The server crashes now and then, while clients are busy, and comes back.
    async fn crash_at_times(self: Rc<Self>) {
        for _ in 0..=self.fate.below(2) {
            self.alarm.turns.set(Some(self.fate.below(TURNS)));
            self.alarm.rings.notified().await;
            if self.busy.get() == 0 {
                return;
            }
            self.crash();
        }
    }

    /// The server crashes, and another starts on what is durable.
    fn crash(&self) {
        self.fate.note(format_args!("crash"));
        let sittings = self.sittings.borrow();
        let crashed = Rc::clone(&self.server.borrow());
        crashed.machine.turn_off();
        let mut past = self.past.borrow_mut();
        let first = past.last().map_or(0, |past| past.sittings);
        sittings[first..]
            .iter()
            .for_each(|sitting| sitting.near.cut());
        past.push(Past {
            recorded: crashed.machine.recorded(),
            sittings: sittings.len(),
        });
        self.disk.taken_over();
        let server = Server::start(&self.fate, &self.door, &self.config, &self.disk, self.began);
        self.alarm
            .machine
            .replace(Some(Arc::clone(&server.machine)));
        self.server.replace(server);
    }

    /// A task that has to end.
    fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + 'static) {
        let (there, changed) = (Rc::clone(&self.there), Rc::clone(&self.changed));
        there.set(there.get() + 1);
        self.door.spawn(name, async move {
            task.await;
            there.set(there.get() - 1);
            changed.notify_one();
        });
    }

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

/// Runs one simulation; with a fault planted in it, perhaps.
#[must_use]
pub fn run(seed: u64, fault: Option<Fault>) -> Run {
    let fate = Fate::new(seed, fault);
    let runtime = Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    let mut run = runtime.unwrap().block_on(async {
        let (door, alarm) = (Door::default(), Rc::new(Alarm::default()));
        let result = Rc::new(RefCell::new(None));
        let first = direct(
            fate.clone(),
            door.clone(),
            Rc::clone(&alarm),
            Rc::clone(&result),
        );
        scheduler::run(&fate, &door, first, || alarm.turn(&fate, &door)).await;
        result.take()
    });
    let mut run = run.take().unwrap();
    run.trace = fate.trace();
    run
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
