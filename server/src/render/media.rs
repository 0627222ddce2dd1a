//! Content-Type and Content-Disposition, raw: a value and its parameters, undecoded.
//!
//! Touches nothing. RFC 2045 section 5.1, RFC 2183 section 2. Parameters that RFC 2231 splits or encodes stay as they are:
//! BODYSTRUCTURE has them as the header has them, and clients join and decode.

use super::token::{Token, Tokens};

/// The most parameters of one field that are looked at.
pub const PARAMETERS_MOST: usize = 128;

/// The longest type, subtype or encoding that is one; RFC 6838 section 4.2 allows 127 characters.
pub const NAME_MOST: usize = 127;

/// What a Content-Type says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// In capitals.
    pub kind: Vec<u8>,
    /// In capitals.
    pub subtype: Vec<u8>,
    /// The parameters.
    pub parameters: Parameters,
}

/// Names, in capitals, and values, as they are.
pub type Parameters = Vec<(Vec<u8>, Vec<u8>)>;

impl Media {
    /// What a part is that does not say, or says it wrongly (RFC 2045 section 5.2).
    #[must_use]
    pub fn plain_text() -> Self {
        Self {
            kind: b"TEXT".to_vec(),
            subtype: b"PLAIN".to_vec(),
            parameters: vec![(b"CHARSET".to_vec(), b"US-ASCII".to_vec())],
        }
    }

    /// A part of multipart/digest that does not say (RFC 2046 section 5.1.5).
    #[must_use]
    pub fn message() -> Self {
        Self::without_parameters(b"MESSAGE", b"RFC822")
    }

    /// What is not looked into.
    #[must_use]
    pub fn opaque() -> Self {
        Self::without_parameters(b"APPLICATION", b"OCTET-STREAM")
    }

    fn without_parameters(kind: &[u8], subtype: &[u8]) -> Self {
        Self {
            kind: kind.to_vec(),
            subtype: subtype.to_vec(),
            parameters: Vec::new(),
        }
    }

    /// Reads the value of a Content-Type field; `None` if it is not `type/subtype`.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let mut tokens = Tokens::new(value, is_token_char);
        let kind = name(tokens.next()?)?;
        if tokens.next()? != Token::Special(b'/') {
            return None;
        }
        let subtype = name(tokens.next()?)?;
        Some(Self {
            kind: kind.to_ascii_uppercase(),
            subtype: subtype.to_ascii_uppercase(),
            parameters: parameters(&mut tokens),
        })
    }

    /// Whether this is `kind/subtype`, given in capitals.
    #[must_use]
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind.as_bytes() && self.subtype == subtype.as_bytes()
    }

    /// The value of a parameter, named in capitals.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&[u8]> {
        self.parameters
            .iter()
            .find(|(found, _)| found == name.as_bytes())
            .map(|(_, value)| value.as_slice())
    }
}

/// The value, in capitals, and the parameters of a Content-Disposition field.
#[must_use]
pub fn disposition(value: &[u8]) -> Option<(Vec<u8>, Parameters)> {
    let mut tokens = Tokens::new(value, is_token_char);
    let kind = word(tokens.next()?)?;
    Some((kind.to_ascii_uppercase(), parameters(&mut tokens)))
}

/// The first token of a Content-Transfer-Encoding field, in capitals.
#[must_use]
pub fn encoding(value: &[u8]) -> Option<Vec<u8>> {
    let mut tokens = Tokens::new(value, is_token_char);
    Some(name(tokens.next()?)?.to_ascii_uppercase())
}

/// The tokens of a Content-Language field.
pub fn languages(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    Tokens::new(value, is_token_char)
        .filter_map(word)
        .take(PARAMETERS_MOST)
}

/// `*(";" attribute "=" value)`; what does not fit is passed over up to the next semicolon.
fn parameters(tokens: &mut Tokens<'_>) -> Parameters {
    let mut found = Parameters::new();
    while found.len() < PARAMETERS_MOST {
        match tokens.next() {
            None => break,
            Some(Token::Special(b';')) => {}
            Some(_) => continue,
        }
        let Some(Token::Word(name)) = tokens.peek() else {
            continue;
        };
        tokens.next();
        if tokens.peek() != Some(Token::Special(b'=')) {
            continue;
        }
        tokens.next();
        if let Some(value) = value(tokens) {
            found.push((name.to_ascii_uppercase(), value));
        }
    }
    found
}

/// A quoted string; or everything up to white space or a semicolon, since `boundary==_x` is common though it should be quoted.
fn value(tokens: &mut Tokens<'_>) -> Option<Vec<u8>> {
    let mut value: Option<Vec<u8>> = None;
    loop {
        let mut ahead = tokens.clone();
        let token = ahead.next();
        let goes_on = value.is_none() || !ahead.was_spaced();
        match token {
            Some(Token::Quoted(text)) if value.is_none() => {
                *tokens = ahead;
                return Some(text);
            }
            Some(Token::Word(word)) if goes_on => value.get_or_insert_default().extend(word),
            Some(Token::Special(byte)) if goes_on && byte != b';' => {
                value.get_or_insert_default().push(byte);
            }
            _ => return value,
        }
        *tokens = ahead;
    }
}

fn name(token: Token<'_>) -> Option<Vec<u8>> {
    word(token).filter(|name| name.len() <= NAME_MOST)
}

fn word(token: Token<'_>) -> Option<Vec<u8>> {
    match token {
        Token::Word(word) => Some(word.to_vec()),
        Token::Quoted(text) => Some(text),
        Token::Special(_) | Token::Comment(_) => None,
    }
}

/// `token` of RFC 2045, and what is beyond ASCII, which is found in the wild. `[` and `]` too: nothing here gives them a meaning.
const fn is_token_char(byte: u8) -> bool {
    byte > b' '
        && byte != 0x7f
        && !matches!(
            byte,
            b'(' | b')'
                | b'<'
                | b'>'
                | b'@'
                | b','
                | b';'
                | b':'
                | b'\\'
                | b'"'
                | b'/'
                | b'?'
                | b'='
        )
}
