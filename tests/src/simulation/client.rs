//! A client of a simulated server: its connection, what it has asked, and what it knows of its mailbox.
//!
//! Touches its end of a connection. How it comes in is in [`login`], what it does then in [`life`], what it says in `saying`, how it takes what it hears in `hearing`. Whether what it hears
//! is right, the judge finds out later; here it only has to be answered, each command in its turn and in time.

mod hearing;
pub mod life;
pub mod login;
mod saying;

use super::{fate::Fate, machine::pause, pipe::Near, run::stage::Stage};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::Duration,
};
use tandem_model::Command;
use tandem_server::codec::request::Tagged;
use tokio::time::Instant;

/// No answer takes longer, if its client reads.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one client was, for the judge.
#[derive(Debug)]
pub struct Sitting {
    /// Its number: its tags begin with `t`, this and `x`.
    pub number: usize,
    /// For how long the server bears that it sends nothing, or takes nothing.
    pub patience: Duration,
    /// How the responses begin that it has to be told before it is logged in, or instead.
    pub before: RefCell<Vec<&'static str>>,
    /// Whole commands, in the order in which they were sent.
    pub sent: RefCell<Vec<Tagged>>,
    /// Which client it is in the recording of its server, once it has been served there.
    pub client: Cell<Option<u64>>,
    /// Its end of the connection.
    pub near: Near,
}

impl Sitting {
    /// Whether the server may have closed the connection for its silence.
    #[must_use]
    pub fn is_too_silent(&self) -> bool {
        self.near.silence() >= self.patience
    }
}

/// A client on a connection.
pub struct Person {
    stage: Rc<Stage>,
    sitting: Rc<Sitting>,
    /// When it connected.
    began: Instant,
    rest: Vec<u8>,
    asked: VecDeque<(String, Command)>,
    commands: usize,
    /// How many messages it has been told of.
    count: u32,
    selected: bool,
    last_uid: u32,
    /// BYE came.
    told_bye: bool,
    /// Whether IDLE was accepted, or a literal.
    continues: bool,
}

/// The connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// One of both sides ended it.
    Ended,
    /// The server, or what served this client, is gone.
    Cut,
}

impl Person {
    /// Whose connection has been made, and nothing more.
    fn new(stage: &Rc<Stage>) -> Self {
        Self {
            stage: Rc::clone(stage),
            sitting: stage.connect(),
            began: Instant::now(),
            rest: Vec::new(),
            asked: VecDeque::new(),
            commands: 0,
            count: 0,
            selected: false,
            last_uid: 0,
            told_bye: false,
            continues: false,
        }
    }

    fn fate(&self) -> Fate {
        self.stage.fate.clone()
    }

    fn wrong(&self, what: String) {
        self.stage
            .wrong(format!("client {}: {what}", self.sitting.number));
    }

    /// One command from beginning to end.
    pub async fn say_and_hear(&mut self, command: Command) -> Result<(), Gone> {
        let message = self.stage.message();
        self.command(command, message).await;
        self.finish().await
    }

    async fn command(&mut self, command: Command, message: u32) {
        let (octets, tagged) = self.tagged(&command, message);
        self.send_command(&octets, tagged, command).await;
    }

    async fn send_command(&mut self, octets: &[u8], tagged: Tagged, command: Command) {
        self.asked.push_back((tagged.tag.0.to_string(), command));
        self.commands += 1;
        self.sitting.sent.borrow_mut().push(tagged);
        self.send(octets).await;
    }

    /// Sends this, in pieces perhaps.
    async fn send(&self, mut octets: &[u8]) {
        let fate = self.fate();
        while !octets.is_empty() {
            let count = if fate.once_in(3) {
                fate.some(octets.len())
            } else {
                octets.len()
            };
            let (now, later) = octets.split_at(count);
            self.sitting.near.send(now);
            octets = later;
            if !octets.is_empty() && fate.once_in(2) {
                pause(&fate, 50).await;
            }
        }
    }
}
