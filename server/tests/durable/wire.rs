//! A connection to a server that may die at any moment, and the responses that come through it.
//!
//! Touches one socket. RFC 3501 sections 2.2.2, 4.3, 7 and 9. Nothing of this is the server's code.

use std::{
    collections::BTreeSet,
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// No answer takes this long: whoever waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    arrived: Vec<u8>,
    commands: usize,
}

impl Wire {
    /// Connects and logs in, as a user whose password is the name; `None` if the server is gone, or says no.
    pub fn try_login(address: SocketAddr, user: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut wire = Self {
            stream,
            arrived: Vec::new(),
            commands: 0,
        };
        let login = wire.command(format!("LOGIN {user} {user}"));
        login
            .is_some_and(|answer| answer.condition() == "OK")
            .then_some(wire)
    }

    /// The same; it works.
    pub fn login(address: SocketAddr, user: &str) -> Self {
        Self::try_login(address, user).expect("LOGIN works")
    }

    /// Our port: the server's peer.
    pub fn port(&self) -> u16 {
        self.stream.local_addr().unwrap().port()
    }

    /// Sends these octets; a server that is gone shows when its answer is read.
    pub fn send(&mut self, octets: &[u8]) {
        let _ = self.stream.write_all(octets);
    }

    /// The next response; `None` at the end of the connection, even within one.
    pub fn response(&mut self) -> Option<Response> {
        let mut chunk = vec![0; 65_536];
        loop {
            if let Some(length) = whole(&self.arrived) {
                let octets: Vec<u8> = self.arrived.drain(..length).collect();
                return Some(Response::read(&octets));
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return None,
                Ok(count) => self.arrived.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("nothing comes: {error}"),
            }
        }
    }

    /// Sends a command without waiting; its tag.
    pub fn begin(&mut self, command: impl AsRef<[u8]>) -> String {
        self.commands += 1;
        let tag = format!("t{}", self.commands);
        self.send(&[tag.as_bytes(), b" ", command.as_ref(), b"\r\n"].concat());
        tag
    }

    /// What comes up to this tag; `None` if the connection ends before.
    pub fn finish(&mut self, tag: &str) -> Option<Answer> {
        let mut untagged = Vec::new();
        loop {
            match self.response()? {
                Response::Tagged { tag: found, text } if found == tag => {
                    return Some(Answer { untagged, text });
                }
                other => untagged.push(other),
            }
        }
    }

    /// A command and its answer; `None` if the connection ends before.
    pub fn command(&mut self, command: impl AsRef<[u8]>) -> Option<Answer> {
        let tag = self.begin(command);
        self.finish(&tag)
    }

    /// A command that is answered OK; what came before.
    pub fn ok(&mut self, command: impl AsRef<[u8]>) -> Vec<Response> {
        let shown = String::from_utf8_lossy(&command.as_ref()[..command.as_ref().len().min(100)])
            .into_owned();
        let answer = self
            .command(command)
            .unwrap_or_else(|| panic!("the connection ended: {shown}"));
        assert_eq!(answer.condition(), "OK", "{shown}: {answer:?}");
        answer.untagged
    }

    /// Appends without waiting for a continuation; `None` if the connection ends before the answer.
    pub fn append(&mut self, mailbox: &str, octets: &[u8]) -> Option<Answer> {
        self.command(append(mailbox, "", octets))
    }
}

/// The octets of an APPEND; `options` are flags and date, with a space after each.
pub fn append(mailbox: &str, options: &str, octets: &[u8]) -> Vec<u8> {
    let head = format!("APPEND {mailbox} {options}{{{}+}}\r\n", octets.len());
    [head.as_bytes(), octets].concat()
}

/// How a command was answered.
#[derive(Clone, Debug)]
pub struct Answer {
    pub untagged: Vec<Response>,
    /// The tagged response, without its tag.
    pub text: String,
}

impl Answer {
    /// `OK`, `NO [INUSE]`: the condition, with the name of a response code that is not APPENDUID or the like.
    pub fn condition(&self) -> String {
        let (condition, rest) = self.text.split_once(' ').unwrap();
        match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((code, _)) if condition != "OK" => format!("{condition} [{code}]"),
            _ => condition.into(),
        }
    }
}

/// A response, as far as the tests look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Response {
    /// `text` begins with the condition.
    Tagged {
        tag: String,
        text: String,
    },
    /// `* OK [UIDVALIDITY 4] text`, and NO, BAD and BYE: `text` begins with the condition.
    Condition {
        text: String,
    },
    Exists(usize),
    Expunge(usize),
    Fetch(Box<Fetch>),
    List {
        subscribed: bool,
        name: String,
        no_select: bool,
    },
    Status {
        name: String,
        items: Vec<(String, u32)>,
    },
    Other,
}

/// `* n FETCH (...)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fetch {
    pub number: usize,
    pub uid: Option<u32>,
    /// Without \Recent.
    pub flags: Option<BTreeSet<String>>,
    pub date: Option<String>,
    pub body: Option<Vec<u8>>,
}

impl Response {
    /// Reads one, whole, with its CRLF.
    pub fn read(octets: &[u8]) -> Self {
        let line = octets.strip_suffix(b"\r\n").unwrap();
        let first = line.split(|&octet| octet == b' ').next().unwrap();
        let rest = line.get(first.len() + 1..).unwrap_or_default();
        let text = || String::from_utf8_lossy(rest).into_owned();
        match first {
            b"+" => Self::Other,
            b"*" => Self::untagged(rest),
            tag => Self::Tagged {
                tag: String::from_utf8(tag.into()).unwrap(),
                text: text(),
            },
        }
    }

    fn untagged(mut rest: &[u8]) -> Self {
        if [&b"OK "[..], b"NO ", b"BAD ", b"BYE "]
            .iter()
            .any(|start| rest.starts_with(start))
        {
            return Self::Condition {
                text: String::from_utf8_lossy(rest).into_owned(),
            };
        }
        let values = values(&mut rest);
        match values.as_slice() {
            [Value::Word(number), Value::Word(what)] if what == "EXISTS" => {
                Self::Exists(number.parse().unwrap())
            }
            [Value::Word(number), Value::Word(what)] if what == "EXPUNGE" => {
                Self::Expunge(number.parse().unwrap())
            }
            [Value::Word(number), Value::Word(what), Value::List(items)] if what == "FETCH" => {
                Self::Fetch(Box::new(Fetch::read(number.parse().unwrap(), items)))
            }
            [Value::Word(what), Value::List(attributes), _, name]
                if what == "LIST" || what == "LSUB" =>
            {
                Self::List {
                    subscribed: what == "LSUB",
                    name: name.text(),
                    no_select: attributes.iter().any(|one| one.text() == "\\Noselect"),
                }
            }
            [Value::Word(what), name, Value::List(items)] if what == "STATUS" => Self::Status {
                name: name.text(),
                items: items
                    .chunks(2)
                    .map(|pair| (pair[0].text(), pair[1].text().parse().unwrap()))
                    .collect(),
            },
            _ => Self::Other,
        }
    }

    /// The number in a response code of a condition: of UIDVALIDITY, say.
    pub fn code(&self, name: &str) -> Option<u32> {
        let Self::Condition { text } = self else {
            return None;
        };
        let (_, rest) = text.split_once(&format!("[{name} "))?;
        rest.split_once(']')?.0.parse().ok()
    }
}

impl Fetch {
    fn read(number: usize, items: &[Value]) -> Self {
        let mut fetch = Self {
            number,
            ..Self::default()
        };
        for pair in items.chunks(2) {
            match (pair[0].text().as_str(), &pair[1]) {
                ("UID", uid) => fetch.uid = Some(uid.text().parse().unwrap()),
                ("FLAGS", Value::List(flags)) => {
                    let flags = flags
                        .iter()
                        .map(Value::text)
                        .filter(|flag| flag != "\\Recent");
                    fetch.flags = Some(flags.collect());
                }
                ("INTERNALDATE", date) => fetch.date = Some(date.text()),
                ("BODY[]", Value::Octets(octets)) => fetch.body = Some(octets.clone()),
                _ => {}
            }
        }
        fetch
    }
}

/// A word, a string, or a list of these.
#[derive(Debug)]
enum Value {
    Word(String),
    Octets(Vec<u8>),
    List(Vec<Value>),
}

impl Value {
    fn text(&self) -> String {
        match self {
            Self::Word(text) => text.clone(),
            Self::Octets(octets) => String::from_utf8(octets.clone()).unwrap(),
            Self::List(_) => panic!("a list is no text"),
        }
    }
}

/// Values up to the end, or to the end of the list that they are in.
fn values(rest: &mut &[u8]) -> Vec<Value> {
    let mut found = Vec::new();
    while let Some((&first, after)) = rest.split_first() {
        match first {
            b' ' => *rest = after,
            b')' => {
                *rest = after;
                break;
            }
            b'(' => {
                *rest = after;
                found.push(Value::List(values(rest)));
            }
            b'"' => found.push(Value::Octets(quoted(rest))),
            b'{' => {
                let end = rest.iter().position(|&octet| octet == b'}').unwrap();
                let size: usize = std::str::from_utf8(&rest[1..end]).unwrap().parse().unwrap();
                let (octets, after) = rest[end + 3..].split_at(size);
                *rest = after;
                found.push(Value::Octets(octets.into()));
            }
            _ => {
                let end = rest
                    .iter()
                    .position(|octet| b" ()".contains(octet))
                    .unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                *rest = after;
                found.push(Value::Word(String::from_utf8_lossy(word).into_owned()));
            }
        }
    }
    found
}

fn quoted(rest: &mut &[u8]) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut at = 1;
    while rest[at] != b'"' {
        at += usize::from(rest[at] == b'\\');
        octets.push(rest[at]);
        at += 1;
    }
    *rest = &rest[at + 1..];
    octets
}

/// How long the response is that these octets begin with, if all of it is there.
pub fn whole(octets: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = octets.get(from..)?;
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        from += end + 2;
        let line = &rest[..end];
        let literal = line.strip_suffix(b"}").and_then(|line| {
            let open = line.iter().rposition(|&octet| octet == b'{')?;
            std::str::from_utf8(&line[open + 1..])
                .ok()?
                .parse::<usize>()
                .ok()
        });
        match literal {
            None => return Some(from).filter(|&from| from <= octets.len()),
            Some(size) => from += size,
        }
    }
}
