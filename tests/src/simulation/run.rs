//! One simulation, from its seed to its end.
//!
//! Touches a runtime of its own, no sockets and no disk; the server's thread for snapshots is there and has nothing to do.

use super::{
    client::{Person, Sitting, live},
    fate::{Fate, Fault},
    judge,
    machine::Simulated,
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
use tandem_server::{
    Config, accounts::Accounts, config::Limits, connection, storage::memory::Memory,
};
use tokio::{
    runtime::Builder,
    sync::{Notify, watch},
    time::{sleep, timeout},
};

/// How many COPY and MOVE there are at most: each can double what there is.
const COPIES: usize = 6;

/// How long everything takes at most, with clients that do not read for minutes.
const LONG: Duration = Duration::from_secs(100_000);

/// Everything that could happen has happened after this.
const REST: Duration = Duration::from_secs(60);

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
    door: Door,
    machine: Arc<Simulated>,
    accounts: Arc<Accounts>,
    closing: watch::Sender<bool>,
    sittings: RefCell<Vec<Rc<Sitting>>>,
    wrong: RefCell<Vec<String>>,
    copies: Cell<usize>,
    messages: Cell<u32>,
    /// How many clients are not at rest.
    busy: Cell<usize>,
    /// How many clients, and connections of the server, have not ended.
    there: Rc<Cell<usize>>,
    changed: Rc<Notify>,
    /// How many lines the recording had when everybody was at rest.
    rested: Cell<usize>,
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
        let room = [16, 200, 100_000][self.fate.below(3)];
        let (near, far) = pipe::connection(&self.fate, number, room, &self.accounts);
        let (accounts, closing) = (Arc::clone(&self.accounts), self.closing.subscribe());
        self.spawn("connection", async move {
            connection::serve(far, &accounts, closing).await;
        });
        let sitting = Rc::new(Sitting {
            number,
            sent: RefCell::default(),
            near,
        });
        self.sittings.borrow_mut().push(Rc::clone(&sitting));
        sitting
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
        while self.busy.get() > 0 {
            self.changed.notified().await;
        }
        // By the simulation's clock, which goes on only when nobody has anything to do.
        sleep(REST).await;
        self.rested.set(self.machine.recorded().lines().count());
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

/// How much there was in a run, or in many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps of sessions.
    pub steps: u64,
    /// Responses.
    pub responses: u64,
    /// Octets that came to clients, and were right.
    pub octets: u64,
    /// Connections.
    pub connections: u64,
}

impl Counts {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            responses: self.responses + other.responses,
            octets: self.octets + other.octets,
            connections: self.connections + other.connections,
        }
    }
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
        let (door, machine) = (Door::default(), Simulated::new());
        let result = Rc::new(RefCell::new(None));
        let first = direct(
            fate.clone(),
            door.clone(),
            Arc::clone(&machine),
            Rc::clone(&result),
        );
        scheduler::run(&fate, &door, first, || machine.attend(&fate, &door)).await;
        result.take()
    });
    let mut run = run.take().unwrap();
    run.trace = fate.trace();
    run
}

fn limits(fate: &Fate) -> Limits {
    let few = |most: usize| u32::try_from(fate.some(most)).unwrap_or(1);
    Limits {
        read_buffer: fate.some(200),
        write_buffer: fate.some(400),
        page: few(4),
        ghosts: if fate.once_in(4) { 2 + few(5) } else { 1_000 },
        mailboxes: 6,
        bad_commands: 1_000,
        // Those who read nothing for minutes are not to be cut off.
        idle_timeout: LONG / 2,
        shutdown_timeout: LONG / 2,
        ..Limits::default()
    }
}

async fn direct(fate: Fate, door: Door, machine: Arc<Simulated>, result: Rc<RefCell<Option<Run>>>) {
    let every = Practice::every();
    let config = Config {
        demo: false,
        practice: Practice {
            fault: fate.of_model(),
            ..every[fate.below(every.len())]
        },
        limits: limits(&fate),
        ..Config::default()
    };
    let storage = Arc::new(Memory::new());
    let accounts = Accounts::open_on(Arc::clone(&machine) as _, config, storage).unwrap();
    door.spawn("writer", Arc::clone(&machine).write_all(fate.clone()));
    let stage = Rc::new(Stage {
        fate: fate.clone(),
        phase: watch::Sender::new(Phase::Busy),
        door: door.clone(),
        machine: Arc::clone(&machine),
        accounts: Arc::clone(&accounts),
        closing: watch::Sender::new(false),
        sittings: RefCell::default(),
        wrong: RefCell::default(),
        copies: Cell::new(0),
        messages: Cell::new(0),
        busy: Cell::new(0),
        there: Rc::default(),
        changed: Rc::default(),
        rested: Cell::new(0),
    });
    if timeout(LONG, stage.play()).await.is_err() {
        stage.wrong("somebody does not come to an end".to_owned());
    }
    let closed = timeout(LONG, async {
        accounts.close().await;
        machine.written().await;
    });
    if closed.await.is_err() {
        stage.wrong("the journal does not come to an end".to_owned());
    }
    let (mut wrong, mut counts) = (stage.wrong.take(), Counts::default());
    let sittings = stage.sittings.take();
    let recorded = machine.recorded();
    match judge::judge(&recorded, &sittings, stage.rested.get()) {
        Ok(judged) => counts = judged,
        Err(what) => wrong.push(what),
    }
    *result.borrow_mut() = Some(Run {
        trace: String::new(),
        wrong,
        recorded,
        counts,
    });
}
