//! What all clients of a run share: chance, the disk, whichever server there is, and what they have had of what there is little of.
//!
//! Touches the tasks of the run: a connection is served by one more of them.

use super::server::{Alarm, Past, Server};
use crate::simulation::{
    client::Sitting, disk::Disk, fate::Fate, machine::pause, pipe, scheduler::Door,
};
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::pin,
    rc::Rc,
    sync::Arc,
};
use tandem_model::Command;
use tandem_server::{Config, config::Limits, connection, storage::PIECE};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

/// How many COPY and MOVE there are at most: each can double what there is.
const COPIES: usize = 6;

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
    pub(super) door: Door,
    pub(super) config: Config,
    pub(super) began: Instant,
    pub(super) alarm: Rc<Alarm>,
    pub(super) server: RefCell<Rc<Server>>,
    /// The servers that crashed.
    pub(super) past: RefCell<Vec<Past>>,
    pub(super) closing: watch::Sender<bool>,
    pub(super) sittings: RefCell<Vec<Rc<Sitting>>>,
    pub(super) wrong: RefCell<Vec<String>>,
    pub(super) copies: Cell<usize>,
    pub(super) messages: Cell<u32>,
    /// How many large messages there may be.
    pub(super) large: Cell<usize>,
    pub(super) guesses: Cell<u64>,
    pub(super) loiterers: Cell<u64>,
    /// How many clients are not at rest.
    pub(super) busy: Cell<usize>,
    /// How many clients, and connections of the server, have not ended.
    pub(super) there: Rc<Cell<usize>>,
    pub(super) changed: Rc<Notify>,
    /// How many lines the recording had when everybody was at rest.
    pub(super) rested: Cell<usize>,
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
        let sitting = Rc::new(Sitting {
            number,
            patience: self.config.limits.idle_timeout,
            before: RefCell::default(),
            sent: RefCell::default(),
            client: Cell::default(),
            near: near.clone(),
        });
        let (machine, seen) = (Arc::clone(&server.machine), Rc::clone(&sitting));
        let served = async move {
            let mut serving = pin!(connection::serve(far, &accounts, closing));
            // Who comes in the first turn of this task is this client.
            poll_fn(|context| {
                let before = machine.clients();
                let polled = serving.as_mut().poll(context);
                let now = machine.clients();
                if now > before && seen.client.get().is_none() {
                    seen.client.set(Some(now));
                }
                polled
            })
            .await;
        };
        let short = [SHORT, SHORT / 20][self.fate.below(2)];
        let (is_short, fate, end) = (self.fate.once_in(12), self.fate.clone(), near);
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
        self.sittings.borrow_mut().push(Rc::clone(&sitting));
        sitting
    }

    /// A task that has to end.
    pub(super) fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + 'static) {
        let (there, changed) = (Rc::clone(&self.there), Rc::clone(&self.changed));
        there.set(there.get() + 1);
        self.door.spawn(name, async move {
            task.await;
            there.set(there.get() - 1);
            changed.notify_one();
        });
    }
}
