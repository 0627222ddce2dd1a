//! Reads FETCH answers: parentheses, quoted strings, literals and atoms, and nothing of MIME.
//!
//! Touches nothing. RFC 3501 sections 4 and 9. Shares no code with what writes.

/// A value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An atom, a number, NIL; a label, with its brackets and whatever is between them.
    Atom(String),
    /// A quoted string or a literal.
    Text(Vec<u8>),
    /// What is in parentheses.
    List(Vec<Value>),
}

impl Value {
    /// Whether it is NIL.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        *self == Self::Atom("NIL".to_owned())
    }

    /// The octets of a string.
    #[must_use]
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::Atom(_) | Self::List(_) => None,
        }
    }

    /// The number that it is.
    #[must_use]
    pub fn number(&self) -> Option<usize> {
        match self {
            Self::Atom(digits) => digits.parse().ok(),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// What is in parentheses.
    #[must_use]
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(values) => Some(values),
            Self::Atom(_) | Self::Text(_) => None,
        }
    }
}

/// All values of all lines `* 1 FETCH (...)` of an answer; `None` if they are not well-formed.
#[must_use]
pub fn lines(mut lines: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while !lines.is_empty() {
        let (value, rest) = value(lines.strip_prefix(b"* 1 FETCH ")?)?;
        lines = rest.strip_prefix(b"\r\n")?;
        match value {
            Value::List(list) => values.extend(list),
            Value::Atom(_) | Value::Text(_) => return None,
        }
    }
    Some(values)
}

fn value(input: &[u8]) -> Option<(Value, &[u8])> {
    match input.split_first()? {
        (b'(', rest) => list(rest),
        (b'"', rest) => quoted(rest),
        (b'{', rest) => literal(rest),
        _ => atom(input),
    }
}

fn literal(input: &[u8]) -> Option<(Value, &[u8])> {
    let end = input.iter().position(|&byte| byte == b'}')?;
    let (digits, rest) = input.split_at_checked(end)?;
    let size = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let (octets, rest) = rest.strip_prefix(b"}\r\n")?.split_at_checked(size)?;
    Some((Value::Text(octets.to_vec()), rest))
}

fn list(mut input: &[u8]) -> Option<(Value, &[u8])> {
    let mut values: Vec<Value> = Vec::new();
    loop {
        if let Some(rest) = input.strip_prefix(b")") {
            return Some((Value::List(values), rest));
        }
        if let Some(last) = values.last() {
            // Between parentheses the space may be missing: `1*address`, `1*body`.
            let adjoins = last.list().is_some() && input.first() == Some(&b'(');
            if !adjoins {
                input = input.strip_prefix(b" ")?;
            }
        }
        let (next, rest) = value(input)?;
        values.push(next);
        input = rest;
    }
}

fn quoted(mut input: &[u8]) -> Option<(Value, &[u8])> {
    let mut text = Vec::new();
    loop {
        match input {
            [b'"', rest @ ..] => return Some((Value::Text(text), rest)),
            [b'\\', byte @ (b'"' | b'\\'), rest @ ..] => {
                text.push(*byte);
                input = rest;
            }
            [byte @ (b' '..=b'[' | b']'..=b'~'), rest @ ..] => {
                text.push(*byte);
                input = rest;
            }
            _ => return None,
        }
    }
}

/// An atom; the brackets of a section, with whatever is between them, are part of it.
fn atom(input: &[u8]) -> Option<(Value, &[u8])> {
    let mut in_brackets = false;
    let end = input.iter().position(|&byte| {
        in_brackets = (in_brackets || byte == b'[') && byte != b']';
        !in_brackets && matches!(byte, b' ' | b'(' | b')' | b'\r')
    })?;
    let (text, rest) = input.split_at_checked(end)?;
    let printable = !text.is_empty() && text.iter().all(|byte| (b' '..=b'~').contains(byte));
    let text = std::str::from_utf8(text).ok().filter(|_| printable)?;
    Some((Value::Atom(text.to_owned()), rest))
}
