//! A connection to a server: bytes, cut into whole responses.
//!
//! Touches one socket. RFC 3501 sections 2.2.2 and 4.3: a response is a line, or several with a literal between each two. Nothing of this
//! is the server's code.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

/// No answer takes this long: whoever waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    /// What has arrived and was not asked for yet.
    arrived: Vec<u8>,
}

impl Wire {
    /// Connects. The greeting has not been read.
    #[must_use]
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            arrived: Vec::new(),
        }
    }

    /// Sends these bytes.
    pub fn send(&mut self, bytes: &[u8]) {
        // A server that has said BYE may be gone: that shows when its answer is read.
        let _ = self.stream.write_all(bytes);
    }

    /// The next response, whole, with its CRLF; `None` at the end of the connection.
    ///
    /// # Panics
    /// None comes, or the connection ends within one.
    pub fn response(&mut self) -> Option<Vec<u8>> {
        let mut chunk = vec![0; 65_536];
        loop {
            if let Some(length) = whole(&self.arrived) {
                return Some(self.arrived.drain(..length).collect());
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => self.arrived.extend_from_slice(&chunk[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => panic!("nothing comes: {error}; so far `{}`", shown(&self.arrived)),
            }
        }
        assert!(
            self.arrived.is_empty(),
            "the connection ended within `{}`",
            shown(&self.arrived)
        );
        None
    }
}

impl Wire {
    /// So many bytes, or as many as come before the end of the connection or of all patience.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut chunk = vec![0; 65_536];
        while self.arrived.len() < count {
            match self.stream.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => self.arrived.extend_from_slice(&chunk[..count]),
                Err(_) => break,
            }
        }
        let count = count.min(self.arrived.len());
        self.arrived.drain(..count).collect()
    }

    /// Sends nothing more, and waits until the server has closed the connection: what it sends until then.
    pub fn finish(mut self) -> Vec<u8> {
        // Whoever has closed it already need not be told.
        let _ = self.stream.shutdown(Shutdown::Write);
        self.bytes(usize::MAX)
    }
}

/// Bytes as a person can read them.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .replace("\r\n", "\n")
        .trim_end()
        .to_owned()
}

/// How long the response is that these bytes begin with, if all of it is there.
#[must_use]
pub fn whole(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
        from += end + 2;
        match announced(&rest[..end]) {
            None => return Some(from),
            Some(size) => from += size,
        }
    }
}

/// The size of the literal that a line announces at its end: `{68}`.
fn announced(line: &[u8]) -> Option<usize> {
    let open = line.iter().rposition(|&byte| byte == b'{')?;
    let digits = line[open + 1..].strip_suffix(b"}")?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_ends_with_the_line_that_announces_no_literal() {
        let fetch = b"* 1 FETCH (RFC822 {4}\r\n\r\n\r\n BODY[] {0}\r\n)\r\n* 2 EXISTS\r\n";
        assert_eq!(whole(fetch), Some(fetch.len() - 12));
        assert_eq!(whole(&fetch[fetch.len() - 12..]), Some(12));
        for cut in 0..fetch.len() - 12 {
            assert_eq!(whole(&fetch[..cut]), None, "{cut}");
        }
        assert_eq!(whole(b"* OK no {literal} here\r\n"), Some(24));
    }
}
