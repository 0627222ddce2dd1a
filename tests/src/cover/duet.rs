//! One script on two stages at once: sessions that are stepped by hand, and a server.
//!
//! Touches a server's sockets, and an account of its own. Everything is done on the one, then on the other, and what each client was answered is compared; then
//! comes the next. Commands that follow each other from one client, and of which nobody else hears, are sent in one go, as far as [`Duet::burst`] says.

use super::{
    reading::{self, Words},
    script::{Deed, Line, beginning, entrance},
};
use crate::{
    server::Server,
    stage::{Stage as _, Steps, Taken},
    wire::{Wire, shown},
};
use std::collections::VecDeque;
use tandem_model::{Command, check::Rules};
use tandem_server::codec::{
    print::print,
    request::{Request, Tag, Tagged},
};

/// How many lines are told of a script that fails.
const TOLD: usize = 40;

/// Two stages with the same clients.
#[derive(Debug)]
pub struct Duet<'a> {
    server: &'a Server,
    user: String,
    steps: Steps,
    /// Client number n is at n; none: it is gone.
    wires: Vec<Option<Wire>>,
    words: Vec<Words>,
    /// The place of the script's first client: others came before.
    first: usize,
    /// The client that came last has not logged in.
    stranger: bool,
    played: Played,
    /// What was sent last, for who has to find out.
    told: VecDeque<String>,
    /// How many commands are sent in one go at most.
    pub burst: usize,
}

/// How much was played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Played {
    /// Commands, with DONE and connections that broke.
    pub commands: usize,
    /// Octets that came, and were right.
    pub octets: usize,
}

impl<'a> Duet<'a> {
    /// A user's empty account on both. The server has these practices; on the other stage pages are of this size.
    #[must_use]
    pub fn new(server: &'a Server, user: String, practices: &[&str], page: u32) -> Self {
        Self {
            server,
            user,
            steps: Steps::new(practices, page),
            wires: Vec::new(),
            words: Vec::new(),
            first: 0,
            stranger: false,
            played: Played::default(),
            told: VecDeque::new(),
            burst: 1,
        }
    }

    /// Makes a world's beginning, and lets its clients in.
    pub fn begin(&mut self, rules: &Rules) {
        self.enter();
        self.say(&beginning(rules));
        self.first = 1;
        for _ in 0..rules.setup().clients {
            self.enter();
            self.say(&entrance());
        }
    }

    /// One more client on both; it logs in together with what it says first, before anybody else says anything.
    pub fn enter(&mut self) {
        self.steps.enter();
        let wire = Wire::connect(self.server.address());
        self.wires.push(Some(wire));
        self.words.push(Words::default());
        self.stranger = true;
    }

    /// Plays a script; what comes of it is compared. At the end everybody logs out.
    ///
    /// # Panics
    /// The stages differ, from each other or from the world.
    #[must_use]
    pub fn play(mut self, lines: &[Line]) -> Played {
        let mut rest = lines;
        while !rest.is_empty() {
            let taken = self.turn(rest);
            rest = &rest[taken..];
        }
        for client in 0..self.wires.len() - self.first {
            if self.steps.is_idle(client + self.first) {
                self.turn(&[Line::new(client, Deed::Done)]);
            }
            if self.wires[client + self.first].is_some() {
                let logout = Box::new(Request::Mailbox(Command::Logout));
                self.turn(&[Line::new(client, Deed::Say(logout))]);
            }
        }
        self.played
    }

    /// The client that came last says this.
    fn say(&mut self, deeds: &[Deed]) {
        let client = self.wires.len() - 1 - self.first;
        let lines: Vec<Line> = deeds
            .iter()
            .map(|deed| Line::new(client, deed.clone()))
            .collect();
        let burst = std::mem::replace(&mut self.burst, usize::MAX);
        let mut rest = lines.as_slice();
        while !rest.is_empty() {
            let taken = self.turn(rest);
            rest = &rest[taken..];
        }
        self.burst = burst;
    }

    /// Does the first of these lines, and as many more as go with it; how many.
    fn turn(&mut self, lines: &[Line]) -> usize {
        let actor = lines[0].client + self.first;
        let (mut sent, mut count) = (Vec::new(), 0);
        let mut expected = vec![Vec::new(); self.wires.len()];
        loop {
            let line = &lines[count];
            count += 1;
            self.played.commands += 1;
            let octets = self.step(actor, &line.deed);
            sent.extend_from_slice(&octets);
            let taken: Vec<Taken> = (0..self.wires.len())
                .map(|client| self.steps.taken(client))
                .collect();
            self.compare_with_world(line, &taken);
            let mut is_alone = true;
            for (client, taken) in taken.into_iter().enumerate() {
                is_alone &= client == actor || taken.octets.is_empty();
                let words = self.words[client].of(&taken.responses);
                let read = reading::read(&taken.octets);
                assert_eq!(
                    read,
                    Ok(words),
                    "{}\nclient {client} cannot take this for what was meant: {}",
                    self.dialogue(),
                    shown(&taken.octets)
                );
                expected[client].extend(taken.octets);
            }
            let goes_on = is_alone
                && count < self.burst.min(lines.len())
                && self.may_go_on(actor, line, &lines[count]);
            if !goes_on {
                break;
            }
        }
        self.over_tcp(actor, &sent, &lines[count - 1].deed, expected);
        count
    }

    /// Whether the next line can be sent before this one is answered, and comes to the same.
    fn may_go_on(&self, actor: usize, line: &Line, next: &Line) -> bool {
        let says = |line: &Line| matches!(line.deed, Deed::Say(_));
        // Somebody in IDLE hears of everything at once, or of some things together.
        let nobody_idles = (0..self.wires.len()).all(|client| !self.steps.is_idle(client));
        line.client == next.client
            && says(line)
            && says(next)
            && nobody_idles
            && !self.steps.is_over(actor)
    }

    /// Does one line on the first stage; what is to be sent on the other.
    fn step(&mut self, actor: usize, deed: &Deed) -> Vec<u8> {
        let octets = match deed {
            Deed::Say(request) => {
                let letter = ["x", "a", "b", "c", "d", "e"][actor % 6];
                let tagged = Tagged {
                    tag: Tag(format!("{letter}{}", self.played.commands).into()),
                    request: (**request).clone(),
                };
                let octets = print(&tagged);
                self.steps.ask(actor, tagged);
                octets
            }
            Deed::Done => {
                self.steps.done(actor);
                b"DONE\r\n".to_vec()
            }
            Deed::Leave => {
                self.steps.leave(actor);
                Vec::new()
            }
        };
        self.steps.wake();
        if self.told.len() == TOLD {
            self.told.pop_front();
        }
        let what = match deed {
            Deed::Leave => "(goes)".to_owned(),
            Deed::Say(_) | Deed::Done => shown(&octets),
        };
        self.told.push_back(format!("C{actor}: {what}"));
        octets
    }

    /// What was said by the world, and what by the sessions that were stepped here.
    fn compare_with_world(&self, line: &Line, taken: &[Taken]) {
        let Some(heard) = &line.heard else { return };
        for (client, heard) in heard.iter().enumerate() {
            let worded = &taken[client + self.first].worded;
            assert!(
                worded == heard,
                "{}\nthe world says to client {}: {}\nthe sessions: {}",
                self.dialogue(),
                client + self.first,
                shown(heard),
                shown(worded)
            );
        }
    }

    /// The same on the other stage.
    fn over_tcp(&mut self, actor: usize, sent: &[u8], last: &Deed, expected: Vec<Vec<u8>>) {
        if let Some(wire) = &mut self.wires[actor] {
            if std::mem::take(&mut self.stranger) {
                let login = format!("login LOGIN {} demo\r\n", self.user);
                wire.send(&[login.as_bytes(), sent].concat());
                for expected in ["* OK ", "login OK "] {
                    let line = wire.response().unwrap_or_default();
                    assert!(line.starts_with(expected.as_bytes()), "{}", shown(&line));
                }
            } else {
                wire.send(sent);
            }
        }
        for (client, expected) in expected.iter().enumerate() {
            let Some(wire) = &mut self.wires[client] else {
                assert!(expected.is_empty(), "nobody is there to hear it");
                continue;
            };
            let mut came = wire.bytes(expected.len());
            let leaves = client == actor && *last == Deed::Leave;
            if leaves || self.steps.is_over(client) {
                came.extend(
                    self.wires[client]
                        .take()
                        .map(Wire::finish)
                        .unwrap_or_default(),
                );
            }
            assert!(
                came == *expected,
                "{}\nclient {client} should be answered: {}\nand is: {}",
                self.dialogue(),
                shown(expected),
                shown(&came)
            );
            self.played.octets += came.len();
        }
    }

    fn dialogue(&self) -> String {
        let lines: Vec<&str> = self.told.iter().map(String::as_str).collect();
        format!("user {}, at its end:\n{}", self.user, lines.join("\n"))
    }
}
