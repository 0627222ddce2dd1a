//! The words of a structured header field.
//!
//! Touches nothing. RFC 5322 section 3.2 (quoted strings, comments), with the set of characters that make a word given by the
//! caller, since RFC 2045 and RFC 5322 differ in it. Never fails: whatever is no word is a special. Linear, no recursion.

/// A lexical token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// A run of characters that make a word.
    Word(&'a [u8]),
    /// A quoted string, its quoting removed.
    Quoted(Vec<u8>),
    /// A comment, its outer parentheses and its quoting removed.
    Comment(Vec<u8>),
    /// Any other character.
    Special(u8),
}

/// Reads tokens; white space between them is skipped.
#[derive(Clone, Debug)]
pub struct Tokens<'a> {
    rest: &'a [u8],
    is_word: fn(u8) -> bool,
    comments: bool,
    spaced: bool,
}

impl<'a> Tokens<'a> {
    /// Tokens of a field's value; comments are skipped.
    #[must_use]
    pub const fn new(value: &'a [u8], is_word: fn(u8) -> bool) -> Self {
        Self {
            rest: value,
            is_word,
            comments: false,
            spaced: false,
        }
    }

    /// Tokens of a field's value, comments among them.
    #[must_use]
    pub const fn with_comments(value: &'a [u8], is_word: fn(u8) -> bool) -> Self {
        Self {
            rest: value,
            is_word,
            comments: true,
            spaced: false,
        }
    }

    /// The next token, not taken.
    #[must_use]
    pub fn peek(&self) -> Option<Token<'a>> {
        self.clone().next()
    }

    /// Whether white space stood before the token that was taken last.
    #[must_use]
    pub const fn was_spaced(&self) -> bool {
        self.spaced
    }

    fn skip_space(&mut self) -> bool {
        let trimmed = self.rest.trim_ascii_start();
        let skipped = trimmed.len() < self.rest.len();
        self.rest = trimmed;
        skipped
    }

    fn word(&mut self) -> Token<'a> {
        let end = self
            .rest
            .iter()
            .position(|&byte| !(self.is_word)(byte))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, &[]));
        self.rest = rest;
        Token::Word(word)
    }

    /// Up to the closing quote, or to the end.
    fn quoted(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        while let Some(byte) = self.byte() {
            match byte {
                b'"' => break,
                b'\\' => text.extend(self.byte()),
                b'\r' | b'\n' => {}
                _ => text.push(byte),
            }
        }
        text
    }

    /// Up to the parenthesis that closes it, or to the end.
    fn comment(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 0_usize;
        while let Some(byte) = self.byte() {
            match byte {
                b')' if depth == 0 => break,
                b'(' => depth += 1,
                b')' => depth -= 1,
                b'\\' => {
                    text.extend(self.byte());
                    continue;
                }
                b'\r' | b'\n' => continue,
                _ => {}
            }
            text.push(byte);
        }
        text
    }

    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.spaced = false;
        loop {
            self.spaced |= self.skip_space();
            if self.rest.first().is_some_and(|&byte| (self.is_word)(byte)) {
                return Some(self.word());
            }
            match self.byte()? {
                b'"' => return Some(Token::Quoted(self.quoted())),
                b'(' => {
                    let comment = self.comment();
                    if self.comments {
                        return Some(Token::Comment(comment));
                    }
                    self.spaced = true;
                }
                special => return Some(Token::Special(special)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_is_removed_and_comments_nest() {
        let value = br#"one "t\"wo" (th(r)ee \) ) ; "open"#;
        let tokens: Vec<_> =
            Tokens::with_comments(value, |byte| byte.is_ascii_alphanumeric()).collect();
        assert_eq!(
            tokens,
            [
                Token::Word(b"one"),
                Token::Quoted(b"t\"wo".to_vec()),
                Token::Comment(b"th(r)ee ) ".to_vec()),
                Token::Special(b';'),
                Token::Quoted(b"open".to_vec()),
            ]
        );
        assert_eq!(
            Tokens::new(value, |byte| byte.is_ascii_alphanumeric()).count(),
            4
        );
    }
}
