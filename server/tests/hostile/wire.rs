//! A client: it sends what it is told, and reads lines.
//!
//! Touches sockets.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// No answer takes this long: a test that waits longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A connection.
#[derive(Debug)]
pub struct Wire {
    stream: BufReader<TcpStream>,
    commands: usize,
}

impl Wire {
    /// A client that has read the greeting.
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut wire = Self {
            stream: BufReader::new(stream),
            commands: 0,
        };
        let greeting = wire.line();
        assert!(greeting.starts_with("* OK "), "{greeting}");
        wire
    }

    /// A client that has logged in.
    pub fn login(address: SocketAddr) -> Self {
        let mut wire = Self::connect(address);
        wire.ok("LOGIN user user");
        wire
    }

    /// The socket.
    pub fn stream(&self) -> &TcpStream {
        self.stream.get_ref()
    }

    /// Sends these octets.
    pub fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(octets.as_ref()).unwrap();
    }

    /// The next line, whole but for its CRLF.
    pub fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).unwrap();
        assert!(line.ends_with(b"\r\n"), "the connection ended");
        line.truncate(line.len() - 2);
        String::from_utf8_lossy(&line).into_owned()
    }

    /// A command: how many octets came before its tagged response, and that response without its tag.
    pub fn command(&mut self, command: impl AsRef<[u8]>) -> (usize, String) {
        self.commands += 1;
        let tag = format!("t{} ", self.commands);
        self.send([tag.as_bytes(), command.as_ref(), b"\r\n"].concat());
        self.finish(&tag)
    }

    /// What comes up to this tag.
    pub fn finish(&mut self, tag: &str) -> (usize, String) {
        let mut octets = 0;
        loop {
            let line = self.line();
            match line.strip_prefix(tag) {
                Some(answer) => return (octets, answer.to_owned()),
                None => octets += line.len(),
            }
        }
    }

    /// A command that is answered OK; how many octets came before.
    #[track_caller]
    pub fn ok(&mut self, command: impl AsRef<[u8]>) -> usize {
        let (octets, answer) = self.command(command);
        assert!(answer.starts_with("OK "), "{answer}");
        octets
    }

    /// A command that is answered otherwise, in these words.
    #[track_caller]
    pub fn refused(&mut self, command: impl AsRef<[u8]>, begins: &str) {
        let (_, answer) = self.command(command);
        assert!(answer.starts_with(begins), "{answer}");
    }

    /// Appends a message.
    pub fn append(&mut self, message: &[u8]) {
        let head = format!("APPEND INBOX {{{}+}}\r\n", message.len());
        self.ok([head.as_bytes(), message].concat());
    }
}
