//! A dialogue of several clients with a server, written as RFC 2180 writes them.
//!
//! Touches the stage that it is played on. A script holds what clients send, line by line; what they receive is found out by playing it, and
//! written down between the lines:
//!
//! - `C1: A001 NOOP` is sent by client 1, which then receives everything up to the tagged response; or up to `+`, if the line is IDLE or
//!   announces a literal.
//! - `C1: (message 5)` after a line that announces a literal is message number 5 of [`message`]; the command goes on from there.
//! - `S2: * 4 EXISTS` lets client 2 receive what comes unasked up to this line. `S2: * BYE` is up to BYE, and then the connection has to be closed.
//!
//! At the end every client that is left logs out; what it had not received until then is written down as well.

use crate::{stage::Stage, wire::shown};

/// Message number `n` of the setups: 68 octets, if n is one digit.
#[must_use]
pub fn message(n: u32) -> String {
    format!("From: sender@example.org\r\nSubject: message {n}\r\n\r\nText of message {n}.\r\n")
}

/// What there is before a script begins: mailboxes, with messages numbered from 1, none of them \Recent.
#[derive(Clone, Copy, Debug)]
pub struct Setup {
    /// What it is called.
    pub name: &'static str,
    /// How many messages are in FOO.
    pub messages: u32,
    /// Which of them are \Deleted, as a sequence set; empty: none.
    pub deleted: &'static str,
    /// A mailbox that is there beside FOO, and empty; or none.
    pub other: Option<&'static str>,
}

impl Setup {
    /// FOO with three messages.
    pub const FOO3: Self = Self {
        name: "FOO3",
        messages: 3,
        deleted: "",
        other: None,
    };
    /// FOO with four messages.
    pub const FOO4: Self = Self {
        name: "FOO4",
        messages: 4,
        ..Self::FOO3
    };
    /// FOO with seven messages, 4 to 7 \Deleted; FRED.
    pub const FOO7: Self = Self {
        name: "FOO7",
        messages: 7,
        deleted: "4:7",
        other: Some("FRED"),
    };
    /// FOO with eight messages, 3 \Deleted; FRED.
    pub const FOO8_3: Self = Self {
        name: "FOO8-3",
        messages: 8,
        deleted: "3",
        other: Some("FRED"),
    };
    /// FOO with eight messages, 4 \Deleted; FRED.
    pub const FOO8_4: Self = Self {
        name: "FOO8-4",
        deleted: "4",
        ..Self::FOO8_3
    };

    /// What makes it.
    fn commands(self) -> Vec<String> {
        let mut commands = vec!["CREATE FOO".to_owned()];
        commands.extend(self.other.map(|name| format!("CREATE {name}")));
        for n in 1..=self.messages {
            let message = message(n);
            commands.push(format!(
                "APPEND FOO \"07-Feb-1994 21:52:25 -0800\" {{{}+}}\r\n{message}",
                message.len()
            ));
        }
        commands.push("SELECT FOO".to_owned());
        if !self.deleted.is_empty() {
            commands.push(format!("STORE {} +FLAGS.SILENT (\\Deleted)", self.deleted));
        }
        commands.push("UNSELECT".to_owned());
        commands
    }
}

/// A script with where it begins.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// What there is.
    pub setup: Setup,
    /// One for each client: the command with which it begins, empty for none. Not part of the dialogue.
    pub clients: &'static [&'static str],
    /// What is sent, and waited for.
    pub lines: &'static str,
}

impl Script {
    /// Plays the script; the whole dialogue.
    #[must_use]
    pub fn play(&self, stage: &mut impl Stage) -> String {
        let mut play = Play {
            stage,
            written: String::new(),
            gone: vec![false; self.clients.len()],
            waiting: vec![None; self.clients.len()],
        };
        for _ in self.clients {
            play.stage.enter();
        }
        // The clients come first so that theirs are the first numbers; the setup is done by one more.
        play.stage.enter();
        for command in self.setup.commands() {
            play.prepare(self.clients.len(), &command);
        }
        play.prepare(self.clients.len(), "LOGOUT");
        for (client, command) in self.clients.iter().enumerate() {
            if !command.is_empty() {
                play.prepare(client, command);
            }
        }
        for line in self.lines.lines().map(str::trim) {
            match line
                .split_once(": ")
                .map(|(who, text)| (who.split_at(1), text))
            {
                Some((("C", number), text)) => play.client(client(number), text),
                Some((("S", number), text)) => play.wait(client(number), text),
                _ => assert!(line.is_empty(), "not a line of a script: `{line}`"),
            }
        }
        play.leave();
        play.written
    }
}

fn client(number: &str) -> usize {
    number.parse::<usize>().unwrap() - 1
}

/// A script in progress.
struct Play<'a, S> {
    stage: &'a mut S,
    written: String,
    /// Whose connection has been closed.
    gone: Vec<bool>,
    /// The command that a client has not finished: its tag.
    waiting: Vec<Option<String>>,
}

impl<S: Stage> Play<'_, S> {
    /// A command that is not part of the dialogue.
    fn prepare(&mut self, client: usize, command: &str) {
        self.stage
            .send(client, format!("setup {command}\r\n").as_bytes());
        loop {
            let response = self.stage.receive(client).unwrap();
            if response.starts_with(b"setup ") {
                assert!(response.starts_with(b"setup OK "), "{}", shown(&response));
                return;
            }
        }
    }

    fn client(&mut self, client: usize, text: &str) {
        let message = text
            .strip_prefix("(message ")
            .and_then(|rest| rest.strip_suffix(')'))
            .map(|number| message(number.parse().unwrap()));
        let sent = message.as_deref().unwrap_or(text);
        self.write('C', client, sent);
        self.stage.send(client, format!("{sent}\r\n").as_bytes());
        let (tag, rest) = match self.waiting[client].take() {
            Some(tag) => (tag, ""),
            None => text
                .split_once(' ')
                .map(|(tag, rest)| (tag.to_owned(), rest))
                .unwrap(),
        };
        let continues = rest == "IDLE" || rest.ends_with('}');
        let end = if continues {
            "+ ".to_owned()
        } else {
            format!("{tag} ")
        };
        self.receive_to(client, &end);
        self.waiting[client] = continues.then_some(tag);
    }

    fn wait(&mut self, client: usize, text: &str) {
        self.receive_to(client, text);
        if text == "* BYE" {
            self.gone[client] = true;
            let more = self.stage.receive(client);
            assert!(more.is_none(), "after BYE: {}", shown(&more.unwrap()));
        }
    }

    /// Receives up to the first response that begins so.
    fn receive_to(&mut self, client: usize, end: &str) {
        loop {
            let Some(response) = self.stage.receive(client) else {
                panic!(
                    "no `{end}` comes to client {}:\n{}",
                    client + 1,
                    self.written
                );
            };
            let text = without_validity(&shown(&response));
            self.write('S', client, &text);
            if text.starts_with(end) {
                return;
            }
        }
    }

    /// Everybody who is left logs out.
    fn leave(&mut self) {
        for client in 0..self.gone.len() {
            if self.gone[client] {
                continue;
            }
            self.stage.send(client, b"end LOGOUT\r\n");
            while let Some(response) = self.stage.receive(client) {
                let text = shown(&response);
                if !text.starts_with("* BYE logging out") && !text.starts_with("end OK ") {
                    self.write('S', client, &format!("{text} (not received before LOGOUT)"));
                }
            }
        }
    }

    fn write(&mut self, side: char, client: usize, text: &str) {
        for line in text.replace("\r\n", "\n").split('\n') {
            let number = client + 1;
            self.written
                .push_str(format!("{side}{number}: {line}").trim_end());
            self.written.push('\n');
        }
    }
}

/// The same with `V` for the UIDVALIDITY in a response code: it depends on the clock.
fn without_validity(text: &str) -> String {
    for code in ["[APPENDUID ", "[COPYUID ", "[UIDVALIDITY "] {
        if let Some((before, rest)) = text.split_once(code) {
            let after = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
            return format!("{before}{code}V{after}");
        }
    }
    text.to_owned()
}
