//! A message as a tree of entities (RFC 2045 section 2.4: a message, or a part of one), each a slice of the original octets.
//!
//! Touches nothing. RFC 2046 section 5.1 and RFC 2045 section 5.2 decide.
//!
//! The splitting is ours, and not mail-parser's, for what a peer can do to it: version 0.11 nests message/rfc822 as deep as the message says,
//! and dropping the result overflows the stack (3 MB of `Content-Type: message/rfc822` end the process); a
//! multipart whose boundary never comes is sought to the end, once for each (27 s for 1.8 MB, growing with
//! the square); and it takes a boundary for found in the middle of a line or with more behind it, which moves the octets of a section. What this does instead:
//! every line is looked at once, at most [`DEPTH_MOST`] boundaries are open, and [`PARTS_MOST`] parts are made. mail-parser
//! decodes: see [`crate::search`].

use super::{
    fields::Fields,
    header::{self, is_blank},
    media::Media,
};

/// How deep parts may lie in each other; what is deeper is not looked into, and is application/octet-stream.
pub const DEPTH_MOST: usize = 32;

/// How many parts a message may have; what would begin the next is the text of the last.
pub const PARTS_MOST: usize = 2_000;

/// The longest boundary that is one. RFC 2046 allows 70 characters.
const BOUNDARY_MOST: usize = 256;

/// A message, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity<'a> {
    /// Its header, with the blank line.
    pub header: &'a [u8],
    /// Its body, encoded as it is.
    pub body: &'a [u8],
    /// How many lines its body has; a last one that is not ended counts.
    pub lines: usize,
    /// What its header says of it.
    pub fields: Fields<'a>,
    /// What it is.
    pub media: Media,
    /// What is in it.
    pub inside: Inside<'a>,
}

/// What is in a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inside<'a> {
    /// No parts.
    Octets,
    /// Parts, one at least.
    Parts(Vec<Entity<'a>>),
    /// A message.
    Message(Box<Entity<'a>>),
}

impl<'a> Entity<'a> {
    /// The tree of a message.
    #[must_use]
    pub fn parse(message: &'a [u8]) -> Self {
        let mut splitter = Splitter {
            bytes: message,
            at: 0,
            line: 0,
            boundaries: Vec::new(),
            parts: 0,
        };
        splitter.part(0, Media::plain_text).0
    }

    /// The part that a section's part numbers name, in a message; `None` if there is none (RFC 3501 section 6.4.5).
    #[must_use]
    pub fn find(&self, numbers: &[u32]) -> Option<&Self> {
        let (&first, rest) = numbers.split_first()?;
        let mut part = self.numbered(first)?;
        for &number in rest {
            part = match &part.inside {
                Inside::Octets => return None,
                Inside::Parts(_) => part.numbered(number)?,
                Inside::Message(message) => message.numbered(number)?,
            };
        }
        Some(part)
    }

    /// The message that this part is, if it is message/rfc822.
    #[must_use]
    pub fn message(&self) -> Option<&Self> {
        match &self.inside {
            Inside::Message(message) => Some(message),
            Inside::Octets | Inside::Parts(_) => None,
        }
    }

    /// Part `number` of a multipart; of anything else, itself is part 1.
    fn numbered(&self, number: u32) -> Option<&Self> {
        match &self.inside {
            Inside::Parts(parts) => parts.get(usize::try_from(number).ok()?.checked_sub(1)?),
            Inside::Octets | Inside::Message(_) => (number == 1).then_some(self),
        }
    }
}

/// What ended a part, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// A line `--boundary`, or `--boundary--` if `last`, that starts at `at` after `line` others; `level` counts the open boundaries
    /// from the outermost, 0.
    Delimiter {
        at: usize,
        line: usize,
        level: usize,
        last: bool,
    },
    /// The end of the message.
    Message,
}

struct Splitter<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How many lines there are before that.
    line: usize,
    boundaries: Vec<Vec<u8>>,
    parts: usize,
}

impl<'a> Splitter<'a> {
    /// Reads one part from where the splitter is, and over what ended it.
    fn part(&mut self, depth: usize, default: fn() -> Media) -> (Entity<'a>, End) {
        self.parts += 1;
        let start = self.at;
        let is_cut = self.header();
        let (body, line) = (self.at, self.line);
        let fields = Fields::of(self.slice(start, body));
        let mut media = media(fields.media, default);
        let (inside, end) = self.body(depth, &mut media, is_cut);
        let limit = self.limit(start, end);
        let text = self.slice(body.min(limit), limit);
        let part = Entity {
            header: self.slice(start, body.min(limit)),
            body: text,
            lines: self.lines(line, text, end),
            fields,
            media,
            inside,
        };
        (part, end)
    }

    /// Reads a header with its blank line; stops before a delimiter line that comes instead, and at the end. Whether there was such a delimiter.
    fn header(&mut self) -> bool {
        loop {
            let start = self.at;
            let line = self.line();
            if line.is_empty() || is_blank(line) {
                return false;
            }
            if self.delimiter(start, line).is_some() {
                self.at = start;
                self.line -= 1;
                return true;
            }
        }
    }

    /// Reads a body: what is in it, and what ended it; if the header was cut off by a delimiter, nothing, and that did. What cannot be what it says to be gets another `media`.
    fn body(&mut self, depth: usize, media: &mut Media, is_cut: bool) -> (Inside<'a>, End) {
        let is_message = media.is("MESSAGE", "RFC822");
        let is_multipart = media.kind == b"MULTIPART";
        if depth + 1 >= DEPTH_MOST && (is_message || is_multipart) {
            *media = Media::opaque();
            return (Inside::Octets, self.text());
        }
        if is_message {
            let (message, end) = self.part(depth + 1, Media::plain_text);
            return (Inside::Message(Box::new(message)), end);
        }
        if !is_multipart {
            return (Inside::Octets, self.text());
        }
        // What cut the header off ends this part, though its own boundary may be the same.
        let (parts, end) = match boundary(media).filter(|_| !is_cut) {
            Some(boundary) => self.parts(depth, boundary, media.is("MULTIPART", "DIGEST")),
            None => (Vec::new(), self.text()),
        };
        if parts.is_empty() {
            *media = Media::plain_text();
            return (Inside::Octets, end);
        }
        (Inside::Parts(parts), end)
    }

    /// Reads the body of a multipart, preamble and epilogue included.
    fn parts(&mut self, depth: usize, boundary: Vec<u8>, digest: bool) -> (Vec<Entity<'a>>, End) {
        let own = self.boundaries.len();
        let default = if digest {
            Media::message
        } else {
            Media::plain_text
        };
        self.boundaries.push(boundary);
        let mut parts = Vec::new();
        let mut end = self.text();
        let mut closed = false;
        while let End::Delimiter { level, last, .. } = end {
            closed = last && level == own;
            if closed || level != own {
                break;
            }
            let (part, ended) = self.part(depth + 1, default);
            parts.push(part);
            end = ended;
        }
        self.boundaries.truncate(own);
        // After the last delimiter comes the epilogue; without one, what ended the last part ends this too.
        (parts, if closed { self.text() } else { end })
    }

    /// Reads up to and over the next delimiter line.
    fn text(&mut self) -> End {
        loop {
            let start = self.at;
            let line = self.line();
            if line.is_empty() {
                return End::Message;
            }
            if let Some(end) = self.delimiter(start, line) {
                return end;
            }
        }
    }

    /// Takes a line, with its end; empty at the end of the message.
    fn line(&mut self) -> &'a [u8] {
        let line = header::line(self.bytes.get(self.at..).unwrap_or_default());
        self.at += line.len();
        self.line += usize::from(!line.is_empty());
        line
    }

    /// What the line that was taken last delimits, innermost boundary first: `--boundary`, perhaps `--`, then white space only.
    fn delimiter(&self, at: usize, line: &[u8]) -> Option<End> {
        let line = line.strip_prefix(b"--")?;
        let mut open = self.boundaries.iter().enumerate().rev();
        open.find_map(|(level, boundary)| {
            let rest = line.strip_prefix(boundary.as_slice())?;
            let closing = rest.strip_prefix(b"--");
            let last = closing.is_some();
            let is_delimiter = closing.unwrap_or(rest).trim_ascii().is_empty();
            (is_delimiter && (last || self.parts < PARTS_MOST)).then_some(End::Delimiter {
                at,
                line: self.line - 1,
                level,
                last,
            })
        })
    }

    /// The end of what begins at `start`: a delimiter begins with the line end before it (RFC 2046 section 5.1.1).
    fn limit(&self, start: usize, end: End) -> usize {
        let End::Delimiter { at, .. } = end else {
            return self.bytes.len();
        };
        let text = self.slice(start, at);
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        start + text.len()
    }

    /// How many lines `text` has, which begins after `first` lines. Counted where they were taken: a message in a message in a message
    /// is looked at once.
    fn lines(&self, first: usize, text: &[u8], end: End) -> usize {
        match end {
            End::Message => self.line - first,
            // The delimiter has taken the end of the last line, and so all of it if there was nothing else.
            End::Delimiter { line, .. } if text.is_empty() || text.ends_with(b"\n") => {
                (line - first).saturating_sub(1)
            }
            End::Delimiter { line, .. } => line - first,
        }
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }
}

/// What the Content-Type field of a header says.
fn media(value: Option<&[u8]>, default: fn() -> Media) -> Media {
    match value {
        Some(value) => Media::parse(&header::unfold(value)).unwrap_or_else(Media::plain_text),
        None => default(),
    }
}

fn boundary(media: &Media) -> Option<Vec<u8>> {
    // White space at its end would be lost in the delimiter line.
    let boundary = media.parameter("BOUNDARY")?.trim_ascii_end();
    let fits = !boundary.is_empty() && boundary.len() <= BOUNDARY_MOST;
    fits.then(|| boundary.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(octets: &[u8]) -> &str {
        std::str::from_utf8(octets).unwrap()
    }

    fn multipart(boundary: &str, rest: &str) -> String {
        format!("Content-Type: multipart/mixed; boundary=\"{boundary}\"\r\n\r\n{rest}")
    }

    fn body<'a>(message: &'a str, numbers: &[u32]) -> Option<&'a str> {
        let tree = Entity::parse(message.as_bytes());
        tree.find(numbers).map(|part| text(part.body))
    }

    #[test]
    fn the_line_end_before_a_delimiter_belongs_to_it() {
        let message = multipart(
            "b",
            "pre\r\n--b\r\n\r\none\r\n\r\n--b \t\r\n\r\n--b\r\nA: b\r\n\r\n\r\n--b--\r\npost",
        );
        assert_eq!(body(&message, &[1]), Some("one\r\n"));
        assert_eq!(body(&message, &[2]), Some(""));
        assert_eq!(body(&message, &[3]), Some(""));
        assert_eq!(body(&message, &[4]), None);
        let tree = Entity::parse(message.as_bytes());
        assert_eq!(text(tree.find(&[3]).unwrap().header), "A: b\r\n\r\n");
    }

    #[test]
    fn a_delimiter_is_a_whole_line() {
        let message = multipart(
            "b",
            "--b\r\n\r\nx --b\r\n--bb\r\n--b x\r\n -- b\r\ny\r\n--b--x\r\nz\r\n--b--",
        );
        assert_eq!(
            body(&message, &[1]),
            Some("x --b\r\n--bb\r\n--b x\r\n -- b\r\ny\r\n--b--x\r\nz")
        );
    }

    #[test]
    fn line_feeds_alone_end_lines_too() {
        let message = multipart("b", "--b\r\n\r\none\r\n--b--").replace("\r\n", "\n");
        assert_eq!(body(&message, &[1]), Some("one"));
    }

    #[test]
    fn an_outer_boundary_ends_an_inner_multipart_that_is_not_closed() {
        let inner = multipart("in", "--in\r\n\r\none\r\n--out\r\n\r\ntwo\r\n--out--\r\n");
        let message = multipart("out", &format!("--out\r\n{inner}"));
        assert_eq!(body(&message, &[1, 1]), Some("one"));
        assert_eq!(body(&message, &[1]), Some("--in\r\n\r\none"));
        assert_eq!(body(&message, &[2]), Some("two"));
    }

    #[test]
    fn the_epilogue_is_part_of_the_body_but_of_no_part() {
        let inner = multipart("in", "--in\r\n\r\none\r\n--in--\r\nepilogue");
        let message = multipart("out", &format!("--out\r\n{inner}\r\n--out--\r\n"));
        assert_eq!(body(&message, &[1, 1]), Some("one"));
        assert_eq!(
            body(&message, &[1]),
            Some("--in\r\n\r\none\r\n--in--\r\nepilogue")
        );
    }

    #[test]
    fn a_multipart_without_its_delimiter_is_text() {
        for message in [
            multipart("b", "there is no part"),
            multipart("b", "--b--"),
            "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\none\r\n--b--".to_owned(),
        ] {
            let tree = Entity::parse(message.as_bytes());
            assert_eq!(tree.media, Media::plain_text());
            assert_eq!(tree.inside, Inside::Octets);
            assert_eq!(tree.find(&[1]), Some(&tree));
        }
    }

    #[test]
    fn a_delimiter_that_cuts_a_header_off_is_not_one_of_its_own_body() {
        let message = multipart(
            "b",
            "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n--b\r\n\r\nC\r\n--b--",
        );
        let tree = Entity::parse(message.as_bytes());
        let first = tree.find(&[1]).unwrap();
        let header = "Content-Type: multipart/mixed; boundary=b";
        assert_eq!((text(first.header), text(first.body)), (header, ""));
        assert_eq!(body(&message, &[2]), Some("C"));
    }

    #[test]
    fn a_header_without_a_blank_line_ends_at_a_delimiter() {
        let message = multipart(
            "b",
            "--b\r\nContent-Type: message/rfc822\r\n--b\r\n\r\nA: b\r\n--b--",
        );
        let tree = Entity::parse(message.as_bytes());
        let first = tree.find(&[1]).unwrap();
        assert_eq!(
            (text(first.header), text(first.body)),
            ("Content-Type: message/rfc822", "")
        );
        assert_eq!(first.message().unwrap().header, b"");
        assert_eq!(body(&message, &[2]), Some("A: b"));
    }

    #[test]
    fn lines_are_those_of_the_body_whatever_ended_it() {
        let inner = multipart("in", "--in\r\nA: b\r\n--in\r\n\r\none\r\n\r\n--in--\r\n");
        let message = format!("Content-Type: message/rfc822\r\n\r\n{inner}");
        let message = multipart(
            "out",
            &format!("--out\r\n{message}\r\n--out\r\n\r\n\r\n--out\r\n\r\nx"),
        );
        let tree = Entity::parse(message.as_bytes());
        for (numbers, lines) in [
            (&[1][..], 9),
            (&[1, 1], 0),
            (&[1, 2], 1),
            (&[2], 0),
            (&[3], 1),
        ] {
            assert_eq!(tree.find(numbers).unwrap().lines, lines, "{numbers:?}");
        }
        assert_eq!(tree.lines, 19);
    }

    #[test]
    fn a_message_in_a_message_has_its_numbers() {
        let inner = multipart("b", "--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n--b--");
        let message = format!("Content-Type: message/rfc822\r\n\r\n{inner}");
        assert_eq!(body(&message, &[1]), Some(inner.as_str()));
        assert_eq!(body(&message, &[1, 2]), Some("two"));
        assert_eq!(body(&message, &[2]), None);
        assert_eq!(body(&message, &[1, 2, 1]), None);
    }

    #[test]
    fn what_is_nested_deeper_than_the_limit_is_opaque() {
        let message = "Content-Type: message/rfc822\r\n\r\n".repeat(100_000);
        let tree = Entity::parse(message.as_bytes());
        let mut part = &tree;
        let mut depth = 1;
        while let Some(inner) = part.message() {
            part = inner;
            depth += 1;
        }
        assert_eq!(depth, DEPTH_MOST);
        assert_eq!(part.media, Media::opaque());
    }

    #[test]
    fn what_would_be_a_part_too_many_is_text_of_the_last() {
        let parts = "--b\r\n\r\nx\r\n".repeat(PARTS_MOST + 5);
        let message = multipart("b", &format!("{parts}--b--\r\n"));
        let tree = Entity::parse(message.as_bytes());
        let Inside::Parts(parts) = &tree.inside else {
            panic!("it has parts");
        };
        // The message itself is counted.
        assert_eq!(parts.len(), PARTS_MOST - 1);
        assert_eq!(text(parts.last().unwrap().body).matches("--b").count(), 6);
    }
}
