//! A server of a run, from its start to its end or its crash, after which there is another.
//!
//! Touches the machine that it runs on, which is turned off in a crash, and what it is on: the disk, and the connections to it.

use super::stage::Stage;
use crate::simulation::{disk::Disk, fate::Fate, machine::Simulated, scheduler::Door};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};
use tandem_server::{Config, accounts::Accounts};
use tokio::{sync::Notify, time::Instant};

/// Before how many turns of tasks the server crashes for the first time, and between that and the second.
const TURNS: usize = 1_500;

/// A server, from its start to its end or its crash.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) machine: Arc<Simulated>,
    pub(super) accounts: Arc<Accounts>,
}

impl Server {
    /// Starts one, on what the disk has.
    pub(super) fn start(
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
pub(super) struct Alarm {
    pub(super) machine: RefCell<Option<Arc<Simulated>>>,
    turns: Cell<Option<usize>>,
    rings: Notify,
}

impl Alarm {
    /// What the machine that runs has recorded.
    pub(super) fn recorded(&self) -> String {
        let machine = self.machine.borrow();
        machine
            .as_deref()
            .map(Simulated::recorded)
            .unwrap_or_default()
    }

    /// After each turn of a task.
    pub(super) fn turn(&self, fate: &Fate, door: &Door) {
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
    /// The server crashes now and then, while clients are busy, and comes back.
    pub(super) async fn crash_at_times(self: Rc<Self>) {
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
}
