//! A client of a simulated server: it says what fate likes, one command or several at once, and reads when it likes.
//!
//! Touches its end of a connection. It knows of its mailbox what it needs to say something that makes sense. Whether what it hears is right, the
//! judge finds out later; here it only has to be answered, each command in its turn and in time.

use super::{
    fate::Fate,
    machine::pause,
    pipe::{End, Near},
    run::{Phase, Stage},
};
use crate::{
    cover::script::{Deed as Said, say},
    random::{
        act::{Act, Deed, Known},
        bytes,
    },
    wire::{shown, whole},
};
use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};
use tandem_model::{
    Command,
    command::Form,
    number::{ContentId, Uid},
    sequence_set::Bound,
};
use tandem_server::codec::{
    print::print,
    request::{Request, Tag, Tagged},
};
use tokio::time::{Instant, timeout};

/// No answer takes longer, if its client reads.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long one that does not read goes on so, in milliseconds.
const SLOTH: u64 = 300_000;

/// What one client was, for the judge.
#[derive(Debug)]
pub struct Sitting {
    /// Its number: its tags begin with `t`, this and `x`.
    pub number: usize,
    /// For how long the server bears that it sends nothing, or takes nothing.
    pub patience: Duration,
    /// Whole commands, in the order in which they were sent.
    pub sent: RefCell<Vec<Tagged>>,
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

/// Lives a few lives, one connection after the other.
pub async fn live(stage: Rc<Stage>, lives: usize, acts: usize) {
    let mut restless = Some(Restless(Rc::clone(&stage)));
    let mut life = 1;
    while life <= lives {
        let lived = match Person::come(&stage).await {
            Ok(person) if life == lives => person.live_last(acts, &mut restless).await,
            Ok(person) => person.live(acts).await,
            Err(gone) => Err(gone),
        };
        // One that was cut off comes again, unless it was at rest.
        if restless.is_none() {
            return;
        }
        if lived != Err(Gone::Cut) {
            life += 1;
        }
    }
}

/// A client that is not at rest. Dropping it is being at rest, or gone for good.
struct Restless(Rc<Stage>);

impl Drop for Restless {
    fn drop(&mut self) {
        self.0.arrive();
    }
}

impl Person {
    /// Connects, and logs in.
    pub async fn come(stage: &Rc<Stage>) -> Result<Self, Gone> {
        let sitting = stage.connect();
        let mut person = Self {
            stage: Rc::clone(stage),
            sitting,
            rest: Vec::new(),
            asked: VecDeque::new(),
            commands: 0,
            count: 0,
            selected: false,
            last_uid: 0,
            told_bye: false,
            continues: false,
        };
        person.send(b"login LOGIN demo demo\r\n").await;
        for expected in ["* OK ", "login OK "] {
            let line = person.hear(PATIENCE).await?;
            if !line.starts_with(expected.as_bytes()) {
                if line.starts_with(b"login NO [UNAVAILABLE] ") && stage.disk.is_bad() {
                    person.sitting.near.leave(End::Closed);
                    return Err(Gone::Ended);
                }
                person.wrong(format!("`{}` in place of `{expected}`", shown(&line)));
                return Err(Gone::Ended);
            }
        }
        Ok(person)
    }

    fn fate(&self) -> Fate {
        self.stage.fate.clone()
    }

    fn wrong(&self, what: String) {
        self.stage
            .wrong(format!("client {}: {what}", self.sitting.number));
    }

    /// A life that ends with LOGOUT.
    async fn live(mut self, acts: usize) -> Result<(), Gone> {
        self.act(acts).await?;
        self.say_and_hear(Command::Logout).await
    }

    /// The last, that ends as all do.
    async fn live_last(mut self, acts: usize, restless: &mut Option<Restless>) -> Result<(), Gone> {
        self.act(acts).await?;
        self.stay(restless).await
    }

    /// Does so many things.
    async fn act(&mut self, acts: usize) -> Result<(), Gone> {
        let fate = self.fate();
        for _ in 0..acts {
            if fate.once_in(3) {
                pause(&fate, 200).await;
            }
            if self.sitting.patience < Duration::from_millis(SLOTH) && fate.once_in(20) {
                return self.doze().await;
            }
            match fate.below(40) {
                0 => return self.vanish().await,
                1..5 => self.idle().await?,
                5..7 => {
                    self.begin().await;
                    // It reads nothing for a while.
                    pause(&fate, SLOTH).await;
                    self.finish().await?;
                }
                7..14 => {
                    for _ in 0..2 + fate.below(2) {
                        self.begin().await;
                    }
                    self.finish().await?;
                }
                _ => {
                    self.begin().await;
                    self.finish().await?;
                }
            }
        }
        Ok(())
    }

    /// Waits for the end, in IDLE perhaps, and goes as all do.
    async fn stay(&mut self, restless: &mut Option<Restless>) -> Result<(), Gone> {
        let fate = self.fate();
        let idles = self.selected && fate.once_in(2);
        if idles {
            self.begin_idle().await?;
        }
        *restless = None;
        let mut phase = self.stage.phase.subscribe();
        loop {
            tokio::select! {
                biased;
                heard = self.response() => { heard?; }
                _ = phase.wait_for(|phase| *phase != Phase::Busy) => break,
            }
        }
        if *phase.borrow() == Phase::Shut {
            return self.closed().await;
        }
        if idles {
            self.end_idle().await?;
        }
        self.say_and_hear(Command::Noop).await?;
        self.say_and_hear(Command::Logout).await
    }

    /// One command from beginning to end.
    pub async fn say_and_hear(&mut self, command: Command) -> Result<(), Gone> {
        let message = self.stage.message();
        self.command(command, message).await;
        self.finish().await
    }

    /// Goes in the middle of something.
    async fn vanish(&mut self) -> Result<(), Gone> {
        let fate = self.fate();
        let end = if fate.once_in(2) {
            End::Broken
        } else {
            End::Closed
        };
        self.begin().await;
        match fate.below(3) {
            // Of another command only a part is sent.
            0 => {
                let (octets, ..) = self.next();
                let part = fate.below(octets.len());
                self.send(&octets[..part]).await;
                pause(&fate, 100).await;
            }
            1 => pause(&fate, 100).await,
            _ => {
                self.response().await?;
            }
        }
        self.sitting.near.leave(end);
        Err(Gone::Ended)
    }

    /// Says nothing, in IDLE perhaps, until the server has had enough of it.
    async fn doze(&mut self) -> Result<(), Gone> {
        if self.fate().once_in(2) {
            self.begin_idle().await?;
        }
        let until = Instant::now() + self.sitting.patience + PATIENCE;
        while let Ok(heard) = tokio::time::timeout_at(until, self.response()).await {
            heard?;
        }
        self.wrong("it says nothing, and is not sent away".to_owned());
        self.sitting.near.leave(End::Broken);
        Err(Gone::Ended)
    }

    async fn idle(&mut self) -> Result<(), Gone> {
        let fate = self.fate();
        self.begin_idle().await?;
        let until = Instant::now() + Duration::from_millis(fate.below(2_000) as u64);
        while let Ok(heard) = tokio::time::timeout_at(until, self.response()).await {
            heard?;
        }
        if fate.once_in(20) {
            self.sitting.near.leave(End::Broken);
            return Err(Gone::Ended);
        }
        self.end_idle().await
    }

    async fn begin_idle(&mut self) -> Result<(), Gone> {
        self.command(Command::Idle, 0).await;
        self.until(|person| person.continues || person.asked.is_empty())
            .await
    }

    async fn end_idle(&mut self) -> Result<(), Gone> {
        if !self.asked.is_empty() {
            self.send(b"DONE\r\n").await;
        }
        self.finish().await
    }

    /// Sends a command, whichever.
    async fn begin(&mut self) {
        if self
            .asked
            .iter()
            .any(|(_, command)| *command == Command::Logout)
        {
            return;
        }
        let (octets, tagged, command) = self.next();
        self.send_command(&octets, tagged, command).await;
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

    /// What it would say next.
    fn next(&self) -> (Vec<u8>, Tagged, Command) {
        let fate = self.fate();
        let known = Known {
            count: self.selected.then_some(self.count),
            last_uid: Uid(self.last_uid),
            content: ContentId(0),
        };
        let command = loop {
            let octets: [usize; 5] = std::array::from_fn(|_| fate.below(256));
            let octets = octets.map(|octet| u8::try_from(octet).unwrap_or_default());
            let Act {
                deed: Deed::Say(saying),
                ..
            } = bytes::of(&octets, 2)
            else {
                continue;
            };
            let command = saying.command(known);
            if command == Command::Idle
                || (command == Command::Logout && !fate.once_in(4))
                || !self.stage.may_copy(&command)
            {
                continue;
            }
            break self.without_star(command);
        };
        let message = self.stage.message();
        let (octets, tagged) = self.tagged(&command, message);
        (octets, tagged, command)
    }

    fn tagged(&self, command: &Command, message: u32) -> (Vec<u8>, Tagged) {
        let Said::Say(request) = say(command, message) else {
            panic!("a command is said");
        };
        let mut request = *request;
        if let Request::Append {
            message: octets, ..
        } = &mut request
        {
            // By its size it is known again.
            octets.resize(200 + message as usize, b'x');
        }
        let tagged = Tagged {
            tag: Tag(format!("t{}x{}", self.sitting.number, self.commands).into()),
            request,
        };
        (print(&tagged), tagged)
    }

    /// `*` of a STORE is what it stands for now.
    fn without_star(&self, mut command: Command) -> Command {
        if let Command::Store { set, form, .. } = &mut command {
            let last = match form {
                Form::Sequence => self.count,
                Form::Uid => self.last_uid,
            };
            for (from, to) in &mut set.ranges {
                for bound in [from, to] {
                    if *bound == Bound::Star {
                        *bound = Bound::Number(last.max(1));
                    }
                }
            }
        }
        command
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

    /// Until everything is answered.
    async fn finish(&mut self) -> Result<(), Gone> {
        self.until(|person| person.asked.is_empty()).await
    }

    async fn until(&mut self, holds: impl Fn(&Self) -> bool) -> Result<(), Gone> {
        while !holds(self) {
            let response = self.hear(PATIENCE).await?;
            self.take(&response)?;
        }
        Ok(())
    }

    /// Until the connection is closed.
    async fn closed(&mut self) -> Result<(), Gone> {
        loop {
            let response = self.hear(PATIENCE).await?;
            self.take(&response)?;
        }
    }

    /// The next response, taken in.
    async fn response(&mut self) -> Result<(), Gone> {
        let response = self.next_response().await?;
        self.take(&response)
    }

    /// The next response, which has to come by then.
    async fn hear(&mut self, within: Duration) -> Result<Vec<u8>, Gone> {
        match timeout(within, self.next_response()).await {
            Ok(heard) => heard,
            Err(_) => {
                self.wrong(format!("nothing comes, and {:?} are asked", self.asked));
                self.sitting.near.leave(End::Broken);
                Err(Gone::Ended)
            }
        }
    }

    /// Safe to drop.
    async fn next_response(&mut self) -> Result<Vec<u8>, Gone> {
        loop {
            if let Some(length) = whole(&self.rest) {
                return Ok(self.rest.drain(..length).collect());
            }
            match self.sitting.near.receive().await {
                Some(octets) => self.rest.extend_from_slice(&octets),
                None if self.sitting.near.is_cut() => return Err(Gone::Cut),
                // Whoever takes nothing cannot be told why.
                None if self.sitting.is_too_silent() => return Err(Gone::Ended),
                None => {
                    if !self.told_bye || !self.rest.is_empty() {
                        self.wrong(format!("closed after `{}`", shown(&self.rest)));
                    }
                    return Err(Gone::Ended);
                }
            }
        }
    }

    fn take(&mut self, response: &[u8]) -> Result<(), Gone> {
        let line = String::from_utf8_lossy(response);
        let words: Vec<&str> = line.split_ascii_whitespace().take(6).collect();
        match *words {
            ["+", ..] => self.continues = true,
            ["*", "BYE", ..] => self.told_bye = true,
            ["*", "OK", "[CLOSED]", ..] => self.count = 0,
            ["*", count, "EXISTS"] => self.count = count.parse().unwrap_or_default(),
            ["*", _, "EXPUNGE"] => self.count = self.count.saturating_sub(1),
            ["*", _, "FETCH", "(UID", uid, ..] => {
                self.last_uid = self.last_uid.max(uid.parse().unwrap_or_default());
            }
            ["*", ..] => {}
            [tag, condition, ..] => self.answered(tag, condition),
            _ => self.wrong(format!("no response: `{line}`")),
        }
        Ok(())
    }

    fn answered(&mut self, tag: &str, condition: &str) {
        let (asked, command) = self
            .asked
            .pop_front()
            .unwrap_or_else(|| (String::new(), Command::Noop));
        if asked != tag {
            self.wrong(format!("`{tag}` is answered, not `{asked}`"));
        }
        self.continues = false;
        match (command, condition) {
            (Command::Select { .. }, "OK") => self.selected = true,
            (Command::Select { .. }, "NO") | (Command::Close | Command::Unselect, "OK") => {
                self.selected = false;
                self.count = 0;
            }
            _ => {}
        }
    }
}
