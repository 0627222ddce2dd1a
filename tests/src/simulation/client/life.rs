//! What a client does, from its first connection to its last.
//!
//! Touches what all clients share: it says when it has come to rest, and is told when all are to go.

use super::{Gone, PATIENCE, Person};
use crate::simulation::{
    machine::pause,
    pipe::End,
    run::stage::{Phase, Stage},
};
use std::{rc::Rc, time::Duration};
use tandem_model::Command;
use tokio::time::{Instant, timeout_at};

/// How long one that does not read goes on so, in milliseconds.
const SLOTH: u64 = 300_000;

/// Lives a few lives, one connection after the other.
pub async fn live(stage: Rc<Stage>, lives: usize, acts: usize) {
    let mut restless = Some(Restless(Rc::clone(&stage)));
    let mut life = 1;
    while life <= lives {
        let lived = match Person::stumble_in(&stage).await {
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
        while let Ok(heard) = timeout_at(until, self.response()).await {
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
        while let Ok(heard) = timeout_at(until, self.response()).await {
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
}
