//! A client that only waits for answers.
//!
//! Touches one socket. Nothing of a response is looked at but where it ends and whether it is OK: the client shall cost little.

use super::server::Subject;
use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

/// One connection, logged in.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
    request: Vec<u8>,
    /// Literals need no invitation (RFC 7888).
    literal_plus: bool,
}

impl Client {
    /// Connects, and logs in.
    pub(super) fn login(subject: &Subject) -> io::Result<Self> {
        let stream = TcpStream::connect(subject.address)?;
        stream.set_nodelay(true)?;
        let mut client = Self {
            stream: BufReader::with_capacity(64 << 10, stream),
            line: Vec::new(),
            request: Vec::new(),
            literal_plus: false,
        };
        client.response()?;
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let (name, password) = (quoted(&subject.user.name), quoted(&subject.user.password));
        client.command(&format!("LOGIN {name} {password}"))?;
        client.send(b"a CAPABILITY\r\n")?;
        while !client.response()? {
            let line = client.line.to_ascii_uppercase();
            let has = |word: &[u8]| {
                line.split(u8::is_ascii_whitespace)
                    .any(|found| found == word)
            };
            client.literal_plus |= has(b"LITERAL+") || has(b"LITERAL-");
        }
        Ok(client)
    }

    /// A command, which has to be answered OK.
    pub(super) fn command(&mut self, text: &str) -> io::Result<()> {
        self.request.clear();
        write!(self.request, "a {text}\r\n")?;
        self.stream.get_mut().write_all(&self.request)?;
        self.answer()
    }

    /// The same, and it may be refused: a mailbox that is to be made may be there.
    pub(super) fn try_command(&mut self, text: &str) -> io::Result<()> {
        self.send(format!("a {text}\r\n").as_bytes())?;
        while !self.response()? {}
        Ok(())
    }

    /// Appends these messages; all of them are sent before the first answer is waited for, if the server can be spoken to like that.
    pub(super) fn append<'a>(
        &mut self,
        mailbox: &str,
        messages: impl IntoIterator<Item = &'a [u8]>,
    ) -> io::Result<()> {
        self.request.clear();
        let mut sent = 0;
        for message in messages {
            let plus = if self.literal_plus { "+" } else { "" };
            let length = message.len();
            write!(self.request, "a APPEND {mailbox} {{{length}{plus}}}\r\n")?;
            if !self.literal_plus {
                self.stream.get_mut().write_all(&self.request)?;
                self.request.clear();
                self.response()?;
            }
            self.request.extend_from_slice(message);
            self.request.extend_from_slice(b"\r\n");
            sent += 1;
            if !self.literal_plus {
                self.stream.get_mut().write_all(&self.request)?;
                self.request.clear();
                self.answer()?;
            }
        }
        if self.literal_plus {
            self.stream.get_mut().write_all(&self.request)?;
            (0..sent).try_for_each(|_| self.answer())?;
        }
        Ok(())
    }

    fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(octets)
    }

    /// Reads up to the tagged response, which has to be OK.
    fn answer(&mut self) -> io::Result<()> {
        while !self.response()? {}
        if self.line.starts_with(b"a OK") {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    /// Reads a response; whether it is a tagged one, or an invitation to go on.
    fn response(&mut self) -> io::Result<bool> {
        self.line.clear();
        let mut ends = self.end_of_line()?;
        let last = self.line.starts_with(b"a ") || self.line.starts_with(b"+");
        while let Some(literal) = ends {
            io::copy(&mut self.stream.by_ref().take(literal), &mut io::sink())?;
            let kept = self.line.len();
            ends = self.end_of_line()?;
            self.line.truncate(kept);
        }
        if self.line.starts_with(b"* BYE") {
            return Err(self.unexpected());
        }
        Ok(last)
    }

    /// Reads to the end of the line; the length of the literal that it ends with.
    fn end_of_line(&mut self) -> io::Result<Option<u64>> {
        let start = self.line.len();
        if self.stream.read_until(b'\n', &mut self.line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = self.line.get(start..).unwrap_or_default();
        let literal = line.strip_suffix(b"}\r\n").and_then(|line| {
            let digits = line.rsplit(|octet| *octet == b'{').next()?;
            str::from_utf8(digits).ok()?.parse().ok()
        });
        Ok(literal)
    }

    fn unexpected(&self) -> io::Error {
        let line = String::from_utf8_lossy(&self.line);
        io::Error::other(format!("the server said: {}", line.trim_end()))
    }
}
