//! Several clients at work, each in a thread, until the server is gone.
//!
//! Touches sockets.

use crate::{
    chance::Chance,
    oracle::{Actor, Command},
    wire::{Response, Wire, whole},
};
use std::{
    net::SocketAddr,
    sync::mpsc::{Receiver, Sender, channel},
    thread,
};

/// What one client sent, bunch by bunch, and through which port: enough to tell it again what it was told.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub port: u16,
    pub bunches: Vec<Vec<Command>>,
}

/// Lets them work. `direct` sees whose commands are answered, and ends the server in its own time; it may also just return, and each
/// client then stops after its bunch.
///
/// # Panics
/// A client was told what should not have been said.
pub fn play(
    address: SocketAddr,
    actors: &mut [Actor],
    chance: &mut Chance,
    direct: impl FnOnce(&Receiver<usize>),
) -> Vec<Script> {
    let (answered, answers) = channel();
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for actor in actors {
            let (mut chance, answered) = (chance.part(), answered.clone());
            threads.push(scope.spawn(move || act(address, actor, &mut chance, &answered)));
        }
        drop(answered);
        direct(&answers);
        drop(answers);
        let ended = threads
            .into_iter()
            .map(|thread| thread.join().expect("a client's thread"));
        ended
            .map(|script| script.unwrap_or_else(|fault| panic!("{fault}")))
            .collect()
    })
}

fn act(
    address: SocketAddr,
    actor: &mut Actor,
    chance: &mut Chance,
    answered: &Sender<usize>,
) -> Result<Script, String> {
    let mut script = Script::default();
    let Some(mut wire) = Wire::try_login(address, &actor.user) else {
        return Ok(script);
    };
    script.port = wire.port();
    loop {
        let bunch = actor.plan(chance);
        script.bunches.push(bunch.clone());
        wire.send(&actor.send(bunch));
        while !actor.in_flight.is_empty() {
            let Some(response) = wire.response() else {
                return Ok(script);
            };
            hear(actor, &response)?;
            if matches!(response, Response::Tagged { .. })
                && answered.send(actor.client).is_err()
                && actor.in_flight.is_empty()
            {
                return Ok(script);
            }
        }
    }
}

fn hear(actor: &mut Actor, response: &Response) -> Result<(), String> {
    let heard = actor.hear(response);
    heard.map_err(|fault| {
        format!(
            "client {}: {fault}\n{}",
            actor.client,
            actor.transcript.join("\n")
        )
    })
}

/// A client that is told again what another one was told, as far as it was.
#[derive(Clone, Debug)]
pub struct Listener {
    pub actor: Actor,
    script: Script,
    sent: usize,
    /// LOGIN is not the client's own doing: its answer is passed over, and so is the greeting.
    logged_in: bool,
    arrived: Vec<u8>,
}

impl Listener {
    /// One that was told nothing yet.
    pub fn new(actor: Actor, script: Script) -> Self {
        Self {
            actor,
            script,
            sent: 0,
            logged_in: false,
            arrived: Vec::new(),
        }
    }

    /// Hears what was sent to this port, if it is its own.
    ///
    /// # Errors
    /// As [`Actor::hear`].
    pub fn hear(&mut self, port: u16, octets: &[u8]) -> Result<(), String> {
        if port != self.script.port {
            return Ok(());
        }
        self.arrived.extend_from_slice(octets);
        while let Some(length) = whole(&self.arrived) {
            let octets: Vec<u8> = self.arrived.drain(..length).collect();
            let response = Response::read(&octets);
            if !self.logged_in {
                self.logged_in = matches!(response, Response::Tagged { .. });
                continue;
            }
            self.send();
            hear(&mut self.actor, &response)?;
        }
        Ok(())
    }

    /// The client may have sent its next bunch as soon as the one before was answered.
    pub fn send(&mut self) {
        if self.logged_in && self.actor.in_flight.is_empty() {
            let bunch = self.script.bunches.get(self.sent).cloned();
            self.sent += 1;
            self.actor.send(bunch.unwrap_or_default());
        }
    }
}
