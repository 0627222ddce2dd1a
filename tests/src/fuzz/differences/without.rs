//! Commands without what imap-codec cannot read: the rest of each has to be read alike.
//!
//! Touches nothing. Reads slowly, in bytes as they were sent, and shares nothing with the parser. RFC 3501 sections 4.3, 6.4.4 and 9.

use super::keys::is_known;
use crate::fuzz::oracle::announcement;

/// Strings between quotes that are not US-ASCII, as literals. `None`: there are none.
pub(super) fn utf8_between_quotes(sent: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(sent);
    let mut written = Vec::new();
    let mut found = false;
    while let Some(&byte) = reader.rest().first() {
        let (raw, octets) = match byte {
            b'"' => reader.string()?,
            b'\r' | b'\n' | b'{' => match reader.string() {
                Some(literal) => literal,
                None => (reader.take(1)?, Vec::new()),
            },
            _ => (reader.take(1)?, Vec::new()),
        };
        if byte == b'"' && !octets.is_ascii() {
            found = true;
            written.extend_from_slice(format!("{{{}+}}\r\n", octets.len()).as_bytes());
            written.extend_from_slice(&octets);
        } else {
            written.extend_from_slice(raw);
        }
    }
    found.then_some(written)
}

/// An atom for a charset that is sent as a literal, or with `]`. `None`: it is sent otherwise, or not at all.
pub(super) fn charset_as_no_atom(sent: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(sent);
    reader.charset()?;
    let before = &sent[..reader.at];
    let (raw, octets) = reader.string().or_else(|| reader.atom())?;
    let is_other = raw.starts_with(b"{") || (!raw.starts_with(b"\"") && raw.contains(&b']'));
    let name = if is_known(&octets) {
        &octets[..]
    } else {
        b"X-UNKNOWN"
    };
    is_other.then(|| [before, name, reader.rest()].concat())
}

/// How deep imap-codec reads keys of SEARCH within others.
const DEPTH: usize = 8;

/// All keys of a SEARCH beside each other. `None`: none of them is deeper than imap-codec reads.
pub(super) fn keys_within_others(sent: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(sent);
    if reader.charset().is_some() {
        reader.string().or_else(|| reader.atom())?;
        reader.word(" ")?;
    } else {
        reader = Reader::new(sent);
        reader.search()?;
    }
    let mut written = sent[..reader.at].to_vec();
    let mut deepest = 0;
    reader.keys(0, &mut deepest, &mut written)?;
    written.extend_from_slice(reader.rest());
    (deepest > DEPTH && reader.rest() == b"\r\n").then_some(written)
}

/// How many strings or words come after a key of SEARCH.
fn arguments(key: &[u8]) -> usize {
    match key.to_ascii_uppercase().as_slice() {
        b"HEADER" => 2,
        b"BCC" | b"BEFORE" | b"BODY" | b"CC" | b"FROM" | b"KEYWORD" | b"LARGER" | b"ON"
        | b"SENTBEFORE" | b"SENTON" | b"SENTSINCE" | b"SINCE" | b"SMALLER" | b"SUBJECT"
        | b"TEXT" | b"TO" | b"UID" | b"UNKEYWORD" => 1,
        _ => 0,
    }
}

struct Reader<'a> {
    sent: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(sent: &'a [u8]) -> Self {
        Self { sent, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        &self.sent[self.at..]
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.rest().get(..count)?;
        self.at += count;
        Some(taken)
    }

    /// This word, in any case.
    fn word(&mut self, word: &str) -> Option<()> {
        let is = self.rest().get(..word.len())?;
        is.eq_ignore_ascii_case(word.as_bytes())
            .then(|| self.at += word.len())
    }

    /// Everything up to the end of a word.
    fn atom(&mut self) -> Option<(&'a [u8], Vec<u8>)> {
        let end = self
            .rest()
            .iter()
            .position(|byte| b" ()\r".contains(byte))?;
        let atom = self.take(end).filter(|atom| !atom.is_empty())?;
        Some((atom, atom.to_vec()))
    }

    /// A string, as it was sent and what it holds.
    fn string(&mut self) -> Option<(&'a [u8], Vec<u8>)> {
        let rest = self.rest();
        if rest.starts_with(b"{") {
            let line = rest.iter().position(|&byte| byte == b'\n')? + 1;
            let size = usize::try_from(announcement(&rest[..line])?.0).ok()?;
            let is_here = !rest[1..line].contains(&b'{');
            let raw = is_here.then(|| self.take(line + size))??;
            return Some((raw, raw[line..].to_vec()));
        }
        let mut octets = Vec::new();
        let mut inner = rest.strip_prefix(b"\"")?.iter().enumerate();
        while let Some((index, &byte)) = inner.next() {
            match byte {
                b'"' => return Some((self.take(index + 2)?, octets)),
                b'\\' => octets.push(*inner.next()?.1),
                byte => octets.push(byte),
            }
        }
        None
    }

    /// `tag SP ["UID" SP] "SEARCH" SP`
    fn search(&mut self) -> Option<()> {
        self.atom()?;
        self.word(" ")?;
        let _ = self.word("UID ");
        self.word("SEARCH ")
    }

    /// The same, and `"CHARSET" SP`.
    fn charset(&mut self) -> Option<()> {
        self.search()?;
        self.word("CHARSET ")
    }

    /// `search-key *(SP search-key)`: written beside each other.
    fn keys(&mut self, depth: usize, deepest: &mut usize, written: &mut Vec<u8>) -> Option<()> {
        self.key(depth, deepest, written)?;
        while self.word(" ").is_some() {
            written.push(b' ');
            self.key(depth, deepest, written)?;
        }
        Some(())
    }

    fn key(&mut self, depth: usize, deepest: &mut usize, written: &mut Vec<u8>) -> Option<()> {
        *deepest = depth.max(*deepest);
        if self.word("(").is_some() {
            self.keys(depth + 1, deepest, written)?;
            return self.word(")");
        }
        if self.word("NOT ").is_some() {
            return self.key(depth + 1, deepest, written);
        }
        if self.word("OR ").is_some() {
            self.key(depth + 1, deepest, written)?;
            self.word(" ")?;
            written.push(b' ');
            return self.key(depth + 1, deepest, written);
        }
        let (key, _) = self.atom()?;
        written.extend_from_slice(key);
        for _ in 0..arguments(key) {
            self.word(" ")?;
            let (raw, _) = self.string().or_else(|| self.atom())?;
            written.push(b' ');
            written.extend_from_slice(raw);
        }
        Some(())
    }
}
