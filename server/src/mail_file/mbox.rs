//! Mbox: many messages in one file, each after a line that begins with `From `.
//!
//! Touches the reader that it is given, and keeps no more of it than one message. RFC 4155 calls the format by its name and leaves
//! its details to its users; these are ours. A line that begins with `From `, at the beginning of the file or after an empty line, starts a
//! message, if it has a date or a header field comes after it; any other is text that somebody forgot to quote. Of a quoted line
//! (`>From `, `>>From `, ...) one `>` is taken away: that is mboxrd; in an mboxo, which quotes `From ` only, a line that had `>>From ` in
//! the original loses one `>` too many, and nobody can tell. The empty line before the next `From ` line, or before the end of the file, belongs to the
//! format and not to the message.

use super::{begins_with_field, date, line_end::LineEnd};
use std::io::{self, BufRead, Read as _};
use tandem_model::message::InternalDate;

/// Lines are read in pieces of at most so many octets.
const PIECE: u64 = 8192;

/// An mbox that is being read.
#[derive(Debug)]
pub struct Mbox<R> {
    reader: R,
    /// The most octets of a message.
    most: usize,
    line_end: LineEnd,
    /// How many octets have been read.
    read: u64,
    /// A piece that was read ahead.
    ahead: Option<Piece>,
    /// The line that starts the next message, and where it begins.
    from: Option<(u64, Vec<u8>)>,
    /// The last piece ended its line.
    at_line: bool,
}

/// A line, or a piece of one.
#[derive(Debug)]
struct Piece {
    octets: Vec<u8>,
    /// Its first octet is the first of a line.
    begins: bool,
}

/// A message in an mbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// At which octet of the file its `From ` line begins.
    pub at: u64,
    /// The date of that line, if it has one.
    pub date: Option<InternalDate>,
    /// The message, with CRLF line ends; `None`: it is larger than it may be.
    pub message: Option<Vec<u8>>,
}

/// Whether a file that begins so is an mbox.
#[must_use]
pub fn is_mbox(octets: &[u8]) -> bool {
    octets.starts_with(b"From ")
}

impl<R: BufRead> Mbox<R> {
    /// Of this file, which begins with `From `; messages have at most `most` octets.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn new(reader: R, most: usize) -> io::Result<Self> {
        let mut mbox = Self {
            reader,
            most,
            line_end: LineEnd::CrLf,
            read: 0,
            ahead: None,
            from: None,
            at_line: true,
        };
        if let Some(piece) = mbox.piece()? {
            mbox.line_end = LineEnd::of(&piece.octets);
            mbox.from = Some((0, piece.octets));
        }
        Ok(mbox)
    }

    /// How many octets of the file have been read.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.read
    }

    /// The next message.
    ///
    /// # Errors
    /// The file cannot be read. There is no way on from there.
    pub fn entry(&mut self) -> io::Result<Option<Entry>> {
        let Some((at, from)) = self.from.take() else {
            return Ok(None);
        };
        let mut body = Body {
            octets: Some(Vec::new()),
            line_end: self.line_end,
            most: self.most,
        };
        // An empty line that may turn out to be the format's.
        let mut held: Option<Piece> = None;
        while let Some(piece) = self.piece()? {
            let start = self.read.saturating_sub(length(&piece.octets));
            if held.is_some() && piece.begins && self.starts_message(&piece)? {
                self.from = Some((start, piece.octets));
                break;
            }
            if let Some(empty) = held.take() {
                body.add(&empty);
            }
            if piece.begins && is_empty(&piece.octets) {
                held = Some(piece);
            } else {
                body.add(&piece);
            }
        }
        Ok(Some(Entry {
            at,
            date: date::of_from_line(&from),
            message: body.octets,
        }))
    }

    /// Whether the message before ends here.
    fn starts_message(&mut self, line: &Piece) -> io::Result<bool> {
        if !is_mbox(&line.octets) {
            return Ok(false);
        }
        if date::of_from_line(&line.octets).is_some() {
            return Ok(true);
        }
        let next = self.piece()?;
        let starts = next
            .as_ref()
            .is_some_and(|next| next.begins && begins_with_field(&next.octets));
        if let Some(next) = next {
            self.read = self.read.saturating_sub(length(&next.octets));
            self.ahead = Some(next);
        }
        Ok(starts)
    }

    /// The next line, or a piece of it; none at the end.
    fn piece(&mut self) -> io::Result<Option<Piece>> {
        if let Some(ahead) = self.ahead.take() {
            self.read = self.read.saturating_add(length(&ahead.octets));
            return Ok(Some(ahead));
        }
        let mut octets = Vec::new();
        (&mut self.reader)
            .take(PIECE)
            .read_until(b'\n', &mut octets)?;
        self.read = self.read.saturating_add(length(&octets));
        let begins = std::mem::replace(&mut self.at_line, octets.ends_with(b"\n"));
        Ok((!octets.is_empty()).then_some(Piece { octets, begins }))
    }
}

/// A message that is being put together.
struct Body {
    /// What there is of it; `None`: it was too large.
    octets: Option<Vec<u8>>,
    line_end: LineEnd,
    most: usize,
}

impl Body {
    fn add(&mut self, piece: &Piece) {
        let Some(octets) = &mut self.octets else {
            return;
        };
        let quoted = piece.begins && is_quoted(&piece.octets);
        let text = piece.octets.get(usize::from(quoted)..).unwrap_or_default();
        self.line_end.add(octets, text);
        if octets.len() > self.most {
            self.octets = None;
        }
    }
}

/// `>From `, with any number of `>`.
fn is_quoted(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    marks > 0 && line.get(marks..).is_some_and(is_mbox)
}

fn is_empty(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

fn length(octets: &[u8]) -> u64 {
    u64::try_from(octets.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    /// The messages of an mbox, `capacity` octets of which are read at a time.
    fn read(mbox: &[u8], most: usize, capacity: usize) -> Vec<Entry> {
        let reader = BufReader::with_capacity(capacity, mbox);
        let mut mbox = Mbox::new(reader, most).unwrap();
        std::iter::from_fn(|| mbox.entry().unwrap()).collect()
    }

    fn messages(mbox: &str) -> Vec<String> {
        read(mbox.as_bytes(), 1 << 20, 512)
            .into_iter()
            .map(|entry| String::from_utf8(entry.message.unwrap()).unwrap())
            .collect()
    }

    const FROM: &str = "From a@b Mon Jul  7 09:00:00 2025\n";

    #[test]
    fn messages_are_parted_at_from_lines_after_empty_lines() {
        let mbox =
            format!("{FROM}A: 1\n\nbody\nFrom the middle\n\n{FROM}A: 2\n\n\n{FROM}A: 3\n\nno end");
        assert_eq!(
            messages(&mbox),
            [
                "A: 1\r\n\r\nbody\r\nFrom the middle\r\n",
                "A: 2\r\n\r\n",
                "A: 3\r\n\r\nno end"
            ]
        );
    }

    #[test]
    fn a_from_line_without_a_date_starts_a_message_if_a_header_follows() {
        let mbox = format!("{FROM}A: 1\n\ntext\n\nFrom here on\nnothing\n\nFrom -\nA: 2\n\n");
        assert_eq!(
            messages(&mbox),
            [
                "A: 1\r\n\r\ntext\r\n\r\nFrom here on\r\nnothing\r\n",
                "A: 2\r\n"
            ]
        );
        let entries = read(mbox.as_bytes(), 1 << 20, 512);
        assert!(entries[0].date.is_some() && entries[1].date.is_none());
        assert_eq!(&mbox.as_bytes()[entries[1].at as usize..][..6], b"From -");
    }

    #[test]
    fn one_mark_of_a_quoted_line_is_taken_away() {
        let mbox = format!("{FROM}A: 1\n\n>From x\n>>From y\n>Fro m\n> From z\n\n");
        assert_eq!(
            messages(&mbox),
            ["A: 1\r\n\r\nFrom x\r\n>From y\r\n>Fro m\r\n> From z\r\n"]
        );
    }

    #[test]
    fn an_mbox_with_crlf_is_taken_as_it_is() {
        let mbox = format!("{FROM}A: 1\n\nx\n\n{FROM}A: 2\n\n").replace('\n', "\r\n");
        assert_eq!(messages(&mbox), ["A: 1\r\n\r\nx\r\n", "A: 2\r\n"]);
    }

    #[test]
    fn a_message_that_is_too_large_is_not_kept_and_the_next_is() {
        let long = "x".repeat(100_000);
        let mbox = format!("{FROM}A: 1\n\n{long}\n{long}\n\n{FROM}A: 2\n\n");
        let entries = read(mbox.as_bytes(), 1000, 16);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].message, None);
        assert_eq!(entries[1].message.as_deref(), Some(&b"A: 2\r\n"[..]));
    }

    #[test]
    fn a_message_of_the_limit_is_kept() {
        let mbox = format!("{FROM}A: 1\n\n");
        let limit = "A: 1\r\n".len();
        assert!(read(mbox.as_bytes(), limit, 16)[0].message.is_some());
        assert!(read(mbox.as_bytes(), limit - 1, 16)[0].message.is_none());
    }

    #[test]
    fn a_line_that_is_cut_in_pieces_is_one_line() {
        // Each piece of the long line but the first would start a message, were it a line.
        let long = "From a@b Mon Jul  7 09:00:00 2025 ".repeat(2000);
        let mbox = format!("{FROM}A: 1\n\nx{long}\n\n{FROM}A: 2\n");
        assert_eq!(
            messages(&mbox),
            [format!("A: 1\r\n\r\nx{long}\r\n"), "A: 2\r\n".into()]
        );
    }

    #[test]
    fn what_has_been_read_is_counted() {
        let mbox = format!("{FROM}A: 1\n\nFrom x\ny\n\nFrom -\nA: 2\n\n");
        let mut reader = Mbox::new(mbox.as_bytes(), 100).unwrap();
        while reader.entry().unwrap().is_some() {}
        assert_eq!(reader.position(), mbox.len() as u64);
    }

    /// As an mboxrd is written.
    fn write(messages: &[String]) -> String {
        let quote = |line: &str| match is_quoted(line.as_bytes()) || is_mbox(line.as_bytes()) {
            true => format!(">{line}"),
            false => line.to_owned(),
        };
        let write = |message: &String| {
            let body: String = message.split_inclusive('\n').map(quote).collect();
            format!("{FROM}{body}\n")
        };
        messages.iter().map(write).collect()
    }

    proptest! {
        #[test]
        fn an_mboxrd_gives_back_its_messages(
            messages in prop::collection::vec("A: 1\n(\n|x\n|From \n|>From y: z\n|From a: b\n|>\n|\r\n){0,6}", 1..5),
            capacity in 1_usize..20,
        ) {
            let mbox = write(&messages);
            let entries = read(mbox.as_bytes(), 1 << 20, capacity);
            let read: Vec<_> = entries
                .into_iter()
                .map(|entry| String::from_utf8(entry.message.unwrap()).unwrap().replace("\r\n", "\n"))
                .collect();
            let expected: Vec<_> = messages.iter().map(|message| message.replace("\r\n", "\n")).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
