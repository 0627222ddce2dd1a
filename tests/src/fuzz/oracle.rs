//! What a stream of bytes means, said slowly and at once: the whole input is at hand, and nothing of the fragmenter is
//! used but the names of its faults.
//!
//! RFC 3501 sections 2.2.1, 4.3 and 7.5, RFC 7888 section 3.

use tandem_server::codec::fragment::{Event, Fault, Limits, Refusal};

/// An event, and after how many bytes it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A command as it was sent.
    Command(usize, Vec<u8>),
    /// A continuation.
    Continue(usize),
    /// A line that was asked for, without its end.
    Line(usize, Vec<u8>),
    /// A refusal, with the tag.
    Refused(usize, Option<String>, Fault),
}

impl Told {
    /// What the fragmenter said.
    pub fn new(at: usize, event: Event) -> Self {
        match event {
            Event::Command(fragments) => Self::Command(at, fragments.sent()),
            Event::Continue => Self::Continue(at),
            Event::Line(line) => Self::Line(at, line),
            Event::Refused(Refusal { tag, fault }) => {
                Self::Refused(at, tag.map(|tag| tag.0.to_string()), fault)
            }
        }
    }
}

/// The rule by which bare lines are asked for here.
pub fn asks_for_a_line(told: &Told) -> bool {
    matches!(told, Told::Command(_, sent) if sent.ends_with(b"IDLE\r\n") || sent.ends_with(b"PLAIN\r\n"))
}

/// The events of an input.
pub fn events(limits: Limits, input: &[u8]) -> Vec<Told> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < input.len() {
        let bare = all.last().is_some_and(asks_for_a_line);
        at = if bare {
            line(limits, input, at, &mut all)
        } else {
            command(limits, input, at, &mut all)
        };
    }
    all
}

/// Where the line that begins at `from` ends, and whether it does.
fn line_end(input: &[u8], from: usize) -> (usize, bool) {
    match input[from..].iter().position(|&byte| byte == b'\n') {
        Some(length) => (from + length + 1, true),
        None => (input.len(), false),
    }
}

/// A bare line from `start`; says where it ends.
pub fn line(limits: Limits, input: &[u8], start: usize, all: &mut Vec<Told>) -> usize {
    let (end, whole) = line_end(input, start);
    if end - start > limits.line {
        all.push(Told::Refused(
            start + limits.line + 1,
            None,
            Fault::LineTooLong(limits.line),
        ));
    } else if let Some(line) = input[start..end].strip_suffix(b"\r\n") {
        all.push(Told::Line(end, line.to_vec()));
    } else if whole {
        all.push(Told::Refused(end, None, Fault::BareLineFeed));
    }
    end
}

/// A command from `start`; says where it ends, or what has been refused of it.
pub fn command(limits: Limits, input: &[u8], start: usize, all: &mut Vec<Told>) -> usize {
    let (mut from, mut text, mut octets, mut count) = (start, Vec::new(), 0_u128, 0);
    loop {
        let (end, whole) = line_end(input, from);
        let room = limits.line - text.len();
        text.extend_from_slice(&input[from..end]);
        if text.len() > limits.line {
            let at = from + room + 1;
            text.truncate(limits.line);
            all.push(Told::Refused(
                at,
                tag(&text),
                Fault::LineTooLong(limits.line),
            ));
            return rest(input, from);
        }
        if !whole {
            return end;
        }
        if !text.ends_with(b"\r\n") {
            all.push(Told::Refused(end, tag(&text), Fault::BareLineFeed));
            return rest(input, from);
        }
        let Some((size, synchronising)) = announcement(&input[from..end]) else {
            all.push(Told::Command(end, input[start..end].to_vec()));
            return end;
        };
        count += 1;
        octets += size;
        if let Some(fault) = literal_fault(limits, &text, size, octets, count) {
            all.push(Told::Refused(end, tag(&text), fault));
            return rest(input, from);
        }
        if synchronising {
            all.push(Told::Continue(end));
        }
        from = after(input, end, size);
        if from == input.len() {
            return from;
        }
    }
}

/// Why a literal is refused, if so.
fn literal_fault(
    limits: Limits,
    text: &[u8],
    size: u128,
    octets: u128,
    count: usize,
) -> Option<Fault> {
    let words: Vec<&[u8]> = text.splitn(3, |&byte| byte == b' ').collect();
    let tagged = tag(text).is_some_and(|tag| tag.as_bytes() == words[0]);
    let append = tagged && words.len() == 3 && words[1].eq_ignore_ascii_case(b"APPEND");
    let (one, sum) = if append {
        (limits.append, limits.append + limits.literal)
    } else {
        (limits.literal, limits.literals)
    };
    let before = octets - size;
    if count > limits.count {
        return Some(Fault::TooManyLiterals(limits.count));
    }
    let most = if (one as u128) + before <= sum as u128 {
        one
    } else {
        sum
    };
    let refused = size > one as u128 || octets > sum as u128;
    let fault = if append {
        Fault::MessageTooLarge(most)
    } else {
        Fault::LiteralTooLarge(most)
    };
    refused.then_some(fault)
}

/// Where the rest of a refused command ends, which is refused in the line that begins at `from`.
fn rest(input: &[u8], mut from: usize) -> usize {
    loop {
        let (end, whole) = line_end(input, from);
        match announcement(&input[from..end]) {
            Some((size, false)) if whole => from = after(input, end, size),
            _ => return end,
        }
    }
}

/// The place `size` bytes after `at`, or the end.
fn after(input: &[u8], at: usize, size: u128) -> usize {
    usize::try_from(size)
        .ok()
        .and_then(|size| at.checked_add(size))
        .map_or(input.len(), |to| to.min(input.len()))
}

/// `{n}` or `{n+}` at the end of a line: how many octets, and whether it is the former.
pub fn announcement(line: &[u8]) -> Option<(u128, bool)> {
    let line = line.strip_suffix(b"\n")?;
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = line.strip_suffix(b"}")?;
    let open = line.iter().rposition(|&byte| byte == b'{')?;
    let number = &line[open + 1..];
    let (number, synchronising) = number
        .strip_suffix(b"+")
        .map_or((number, true), |number| (number, false));
    let digits = std::str::from_utf8(number).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What is too large for any number is too large for any limit, too.
    Some((digits.parse().unwrap_or(1 << 100), synchronising))
}

/// The tag that a text begins with, if it is followed by a space or the end of the line.
pub fn tag(text: &[u8]) -> Option<String> {
    let end = text.iter().position(|byte| b" \r\n".contains(byte))?;
    let tag = std::str::from_utf8(&text[..end]).ok()?;
    let allowed =
        |character: char| matches!(character, '!'..='~') && !"(){%*\"\\+".contains(character);
    (!tag.is_empty() && tag.chars().all(allowed)).then(|| tag.to_owned())
}
