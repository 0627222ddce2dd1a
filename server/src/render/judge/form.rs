//! The forms of ENVELOPE, BODY and BODYSTRUCTURE, and what they say of the parts of a message.
//!
//! Touches nothing. RFC 3501 section 9 (`envelope`, `body`) and 6.4.5 (numbers of parts). Shares no code with what writes.

use super::reader::Value;

/// A part, as BODYSTRUCTURE tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its part numbers, outermost first.
    pub number: Vec<u32>,
    /// How many octets it has; not told of a multipart.
    pub octets: Option<usize>,
    /// How many lines; told of texts and messages.
    pub lines: Option<usize>,
    /// It is a message.
    pub is_message: bool,
}

/// Whether a value has the form of `envelope`.
#[must_use]
pub fn is_envelope(value: &Value) -> bool {
    let is_string = |value: &Value| value.is_nil() || value.text().is_some();
    let is_address = |value: &Value| {
        let fields = value.list().unwrap_or_default();
        fields.len() == 4 && fields.iter().all(is_string)
    };
    let are_addresses = |value: &Value| {
        let addresses = value.list().unwrap_or_default();
        value.is_nil() || (!addresses.is_empty() && addresses.iter().all(is_address))
    };
    let fields = value.list().unwrap_or_default();
    fields.len() == 10
        && (0..).zip(fields).all(|(index, field)| match index {
            2..8 => are_addresses(field),
            _ => is_string(field),
        })
}

/// A value of the form of `body` without its extension data, and the parts that it tells of; `None` if it has another form. `extended`:
/// extension data have to be there.
#[must_use]
pub fn body(value: &Value, extended: bool) -> Option<(Value, Vec<Part>)> {
    let mut parts = Vec::new();
    let mut reader = Reader {
        extended,
        parts: &mut parts,
    };
    let plain = reader.message(value, &[])?;
    Some((plain, parts))
}

struct Reader<'a> {
    extended: bool,
    parts: &'a mut Vec<Part>,
}

impl Reader<'_> {
    /// The body of a message whose parts are numbered within `number`: what is no multipart is part 1 of it.
    fn message(&mut self, value: &Value, number: &[u32]) -> Option<Value> {
        let is_multipart = matches!(value.list()?, [Value::List(_), ..]);
        if is_multipart {
            self.multipart(value.list()?, number)
        } else {
            self.single(value.list()?, &[number, &[1]].concat())
        }
    }

    /// `body-type-mpart`
    fn multipart(&mut self, values: &[Value], number: &[u32]) -> Option<Value> {
        let count = values.iter().take_while(|value| value.list().is_some());
        let (inner, rest) = values.split_at_checked(count.count())?;
        let mut plain = Vec::new();
        for (index, part) in (1..).zip(inner) {
            let number = [number, &[index]].concat();
            let values = part.list()?;
            plain.push(if matches!(values, [Value::List(_), ..]) {
                self.parts.push(Part {
                    number: number.clone(),
                    octets: None,
                    lines: None,
                    is_message: false,
                });
                self.multipart(values, &number)?
            } else {
                self.single(values, &number)?
            });
        }
        let (subtype, extension) = rest.split_first()?;
        subtype.text()?;
        plain.push(subtype.clone());
        self.is_extension(extension).then_some(Value::List(plain))
    }

    /// `body-type-1part`
    fn single(&mut self, values: &[Value], number: &[u32]) -> Option<Value> {
        let (basic, rest) = values.split_at_checked(7)?;
        let [kind, subtype, _, _, _, encoding, octets] = basic else {
            return None;
        };
        let (kind, subtype) = (kind.text()?, subtype.text()?);
        encoding.text()?;
        let mut part = Part {
            number: number.to_vec(),
            octets: Some(octets.number()?),
            lines: None,
            is_message: kind == b"MESSAGE" && subtype == b"RFC822",
        };
        let mut plain = basic.to_vec();
        let extension = if part.is_message {
            let (specific, extension) = rest.split_at_checked(3)?;
            let [envelope, body, lines] = specific else {
                return None;
            };
            part.lines = Some(lines.number()?);
            self.parts.push(part);
            let body = self.message(body, number)?;
            plain.extend([envelope.clone(), body, lines.clone()]);
            extension.get(..).filter(|_| is_envelope(envelope))?
        } else if kind == b"TEXT" {
            let (lines, extension) = rest.split_first()?;
            part.lines = Some(lines.number()?);
            self.parts.push(part);
            plain.push(lines.clone());
            extension
        } else {
            self.parts.push(part);
            rest
        };
        self.is_extension(extension).then_some(Value::List(plain))
    }

    /// `body-ext-1part` and `body-ext-mpart` have four values each, if they are there.
    fn is_extension(&self, values: &[Value]) -> bool {
        values.len() == if self.extended { 4 } else { 0 }
    }
}
