//! One connection that does random things and believes what it is told.
//!
//! Touches its socket. What it sends follows from a seed and from what it believes, as a client that keeps to RFC 3501 section 5.5 would
//! send it; so none of it may be answered BAD.

use super::NAMES;
use imap_codec::imap_types::{
    extensions::uidplus::UidElement,
    response::{Code, Data, Response, Status, StatusBody, StatusKind},
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tandem_tests::{
    belief::Belief,
    chance::Chance,
    reader::{Client, line},
    server::Server,
};

/// The text of each message, by UIDVALIDITY and UID: the same for everybody, always.
pub type Texts = BTreeMap<(u32, u32), Vec<u8>>;

/// A command that was sent.
#[derive(Clone, Debug)]
pub struct Asked {
    tag: String,
    command: String,
    /// EXPUNGE may be sent while it is answered (RFC 3501 section 7.4.1).
    permits_expunge: bool,
    /// A STORE .SILENT.
    silent: Option<Silent>,
    /// FETCH: the numbers of which nothing was shown yet.
    fetched: BTreeSet<u32>,
}

/// What a STORE .SILENT does, as its client knows.
#[derive(Clone, Debug)]
struct Silent {
    uids: bool,
    from: u32,
    to: u32,
    action: char,
    flag: &'static str,
}

/// A connection, with what it believes.
pub struct Actor {
    pub client: Client,
    pub belief: Option<Belief>,
    asked: VecDeque<Asked>,
    appended: u32,
    pub number: usize,
}

impl Actor {
    pub fn new(server: &Server, number: usize) -> Self {
        Self {
            client: Client::login(server),
            belief: None,
            asked: VecDeque::new(),
            appended: 0,
            number,
        }
    }

    pub fn ask(&mut self, command: String) {
        let first = command.split(' ').next().unwrap_or_default();
        let permits_expunge = !matches!(first, "FETCH" | "STORE" | "SEARCH");
        let tag = self.client.begin(&command);
        self.asked.push_back(Asked {
            tag,
            command,
            permits_expunge,
            silent: None,
            fetched: BTreeSet::new(),
        });
    }

    /// FETCH of these, and perhaps of more.
    fn fetch(&mut self, from: u32, to: u32, set: &str, items: &str) {
        self.ask(format!("FETCH {set} {items}"));
        if let Some(asked) = self.asked.back_mut() {
            asked.fetched = (from..=to).collect();
        }
    }

    /// Sends something, computed from what it believes now.
    pub fn act(&mut self, chance: &mut Chance) {
        let Some(belief) = &self.belief else {
            return self.act_outside(chance);
        };
        let count = u32::try_from(belief.slots.len()).unwrap();
        if count == 0 || chance.below(4) == 0 {
            return self.act_on_mailbox(chance);
        }
        let from = 1 + chance.below(count);
        let to = from + chance.below(count - from + 1);
        let last = belief
            .slots
            .iter()
            .filter_map(|slot| slot.uid)
            .max()
            .unwrap_or(1);
        let uid = 1 + chance.below(last + 2);
        let name = *chance.one(&NAMES);
        match chance.below(10) {
            0 => self.fetch(from, count, &format!("{from}:*"), "(UID FLAGS)"),
            1 => self.fetch(from, to, &format!("{from}:{to}"), "(UID BODY.PEEK[TEXT])"),
            2 => self.fetch(from, to, &format!("{to}:{from}"), "BODY[TEXT]"),
            3 => self.ask("UID FETCH 1:* (FLAGS BODY.PEEK[TEXT])".to_owned()),
            4 => self.ask(format!("UID COPY {uid}:{} {name}", uid + 1)),
            5 => self.ask(format!("COPY {from}:{to} {name}")),
            6 => self.ask(format!("MOVE {from} {name}")),
            7 => self.ask(format!("{}SEARCH NOT SEEN", chance.one(&["", "UID "]))),
            _ => self.store(chance, from, to, uid),
        }
    }

    /// Behind a command that lets nobody change the numbers another may be sent at once.
    pub fn pipeline(&mut self, chance: &mut Chance) {
        let more = self
            .asked
            .back()
            .is_some_and(|asked| !asked.permits_expunge);
        if more && self.belief.is_some() && chance.below(3) == 0 {
            let command = *chance.one(&["NOOP", "FETCH 1:* (UID FLAGS)"]);
            self.ask(command.to_owned());
        }
    }

    fn store(&mut self, chance: &mut Chance, from: u32, to: u32, uid: u32) {
        let uids = chance.below(3) == 0;
        let (from, to) = if uids { (uid, uid + 2) } else { (from, to) };
        let action = *chance.one(&['+', '-', ' ']);
        let flag = *chance.one(&["\\Deleted", "\\Deleted", "\\Seen", "\\Flagged", "$Junk"]);
        let silent = (chance.below(2) == 0).then_some(Silent {
            uids,
            from,
            to,
            action,
            flag,
        });
        let command = format!(
            "{}STORE {from}:{to} {}FLAGS{} ({flag})",
            if uids { "UID " } else { "" },
            action.to_string().trim(),
            if silent.is_some() { ".SILENT" } else { "" },
        );
        self.ask(command);
        if let Some(asked) = self.asked.back_mut() {
            asked.silent = silent;
        }
    }

    fn act_on_mailbox(&mut self, chance: &mut Chance) {
        let name = *chance.one(&NAMES);
        let command = match chance.below(8) {
            0 | 1 => "EXPUNGE".to_owned(),
            2 => format!("UID EXPUNGE {}:*", 1 + chance.below(9)),
            3 | 4 => {
                self.appended += 1;
                let text = format!("text {} of {}", self.appended, self.number);
                let message = format!("Subject: x\r\n\r\n{text}");
                format!("APPEND {name} {{{}+}}\r\n{message}", message.len())
            }
            5 => "NOOP".to_owned(),
            6 => "IDLE".to_owned(),
            _ => return self.act_outside(chance),
        };
        self.ask(command);
    }

    fn act_outside(&mut self, chance: &mut Chance) {
        let name = *chance.one(&NAMES);
        let command = match chance.below(12) {
            0 => format!("CREATE {name}"),
            1 => format!("DELETE {name}"),
            2 => format!("RENAME {name} {}", chance.one(&NAMES)),
            3 => format!("EXAMINE {name}"),
            4 if self.belief.is_some() => "CLOSE".to_owned(),
            _ => format!("SELECT {name}"),
        };
        self.ask(command);
    }

    /// Reads the answers to all that was asked; false: the connection has ended.
    pub fn listen(&mut self, texts: &mut Texts) -> bool {
        if self.asked.iter().any(|asked| asked.command == "IDLE") {
            self.client.send("DONE\r\n");
        }
        while let Some(asked) = self.asked.front().cloned() {
            match self.client.receive() {
                None => panic!("the connection ended without BYE in `{}`", asked.command),
                Some(Response::Status(Status::Bye(_))) => {
                    let more = self.client.receive();
                    assert!(more.is_none(), "after BYE: {more:?}");
                    return false;
                }
                Some(Response::Status(Status::Tagged(done))) => {
                    assert_eq!(done.tag.as_ref(), asked.tag);
                    self.asked.pop_front();
                    self.done(&asked, &done.body, texts);
                }
                Some(response) => self.hear(&asked, &response, texts),
            }
        }
        true
    }

    pub fn listen_or_begin_anew(&mut self, server: &Server, texts: &mut Texts) {
        if !self.listen(texts) {
            *self = Self::new(server, self.number);
        }
    }

    fn hear(&mut self, asked: &Asked, response: &Response<'static>, texts: &mut Texts) {
        if asked.command.starts_with("SELECT") || asked.command.starts_with("EXAMINE") {
            let closed = line(response).starts_with("* OK [CLOSED]");
            assert!(closed || self.asked.len() == 1);
            if closed {
                self.belief = None;
                return;
            }
            self.belief.get_or_insert_default().hear(response, true);
            return;
        }
        self.copied(response, texts);
        if let (Response::Data(Data::Fetch { seq, .. }), Some(asked)) =
            (response, self.asked.front_mut())
        {
            asked.fetched.remove(&seq.get());
        }
        if let Some(belief) = &mut self.belief {
            belief.hear(response, asked.permits_expunge);
            for slot in &belief.slots {
                if let (Some(uid), Some(text)) = (slot.uid, &slot.text) {
                    let known = texts
                        .entry((belief.uid_validity, uid))
                        .or_insert_with(|| text.clone());
                    assert_eq!(known, text, "UID {uid} is another message to somebody else");
                }
            }
        }
    }

    /// The copies of a message have its text.
    fn copied(&self, response: &Response<'static>, texts: &mut Texts) {
        if let Response::Status(Status::Untagged(StatusBody {
            code: Some(code), ..
        })) = response
        {
            self.copied_by(code, texts);
        }
    }

    fn copied_by(&self, code: &Code<'static>, texts: &mut Texts) {
        let (
            Code::CopyUid {
                uid_validity,
                source,
                destination,
            },
            Some(belief),
        ) = (code, &self.belief)
        else {
            return;
        };
        let all = |set: &[UidElement]| -> Vec<u32> {
            let ranges = set.iter().map(|element| match element {
                UidElement::Single(uid) => uid.get()..=uid.get(),
                UidElement::Range(from, to) => from.get()..=to.get(),
            });
            ranges.flatten().collect()
        };
        let (from, to) = (all(source.0.as_ref()), all(destination.0.as_ref()));
        assert_eq!(from.len(), to.len());
        for (from, to) in from.into_iter().zip(to) {
            if let Some(text) = texts.get(&(belief.uid_validity, from)).cloned() {
                let known = texts
                    .entry((uid_validity.get(), to))
                    .or_insert_with(|| text.clone());
                assert_eq!(*known, text);
            }
        }
    }

    fn done(&mut self, asked: &Asked, done: &StatusBody<'static>, texts: &mut Texts) {
        // What this client sends is right by what it was told.
        assert_ne!(done.kind, StatusKind::Bad, "{}: {done:?}", asked.command);
        if let Some(code) = &done.code {
            self.copied_by(code, texts);
        }
        // Under every practice of section 4.1, OK to FETCH says that nothing was left out.
        let complete = asked.fetched.is_empty() || done.kind == StatusKind::No;
        assert!(
            complete,
            "{} does not show {:?}",
            asked.command, asked.fetched
        );
        match (
            asked.command.split(' ').next().unwrap_or_default(),
            done.kind,
        ) {
            ("CLOSE", _) | ("SELECT" | "EXAMINE", StatusKind::No) => self.belief = None,
            ("SELECT" | "EXAMINE", _) => assert!(self.belief.is_some()),
            (_, StatusKind::Ok) => {
                if let (Some(silent), Some(belief)) = (&asked.silent, &mut self.belief) {
                    silent.apply(belief);
                }
            }
            _ => {}
        }
    }
}

impl Silent {
    fn apply(&self, belief: &mut Belief) {
        for (number, slot) in (1..).zip(&mut belief.slots) {
            let number = if self.uids { slot.uid } else { Some(number) };
            let Some(number) = number else {
                slot.flags = None;
                continue;
            };
            if number < self.from || number > self.to {
                continue;
            }
            match (&mut slot.flags, self.action) {
                (flags, ' ') => *flags = Some(BTreeSet::from([self.flag.to_owned()])),
                (Some(flags), '+') => drop(flags.insert(self.flag.to_owned())),
                (Some(flags), _) => drop(flags.remove(self.flag)),
                (None, _) => {}
            }
        }
    }
}
