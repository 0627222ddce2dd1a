//! Rust source as a scan needs it: code without comments, whitespace and tests, and the text of its string literals.
//!
//! Touches nothing. It knows as much of Rust's lexical structure as that takes.

/// What a file has, apart from its tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The code: a space between words, nothing between other tokens, and nothing in its literals.
    pub code: String,
    /// What is in its string literals.
    pub texts: Vec<String>,
    /// Files of modules that are compiled for tests only, by the module's name.
    pub test_modules: Vec<String>,
}

/// Stands for a string literal in the code; no source has it. Which one is told by counting.
const TEXT: char = '\u{1}';

impl Source {
    pub fn read(text: &str) -> Self {
        let (code, all) = without_literals(text);
        let mut source = Self::default();
        let mut rest = code.as_str();
        let mut texts = all.into_iter();
        loop {
            let (kept, test) = match rest.split_once("#[cfg(test)]") {
                Some((kept, test)) => (kept, Some(test)),
                None => (rest, None),
            };
            source
                .texts
                .extend(texts.by_ref().take(kept.matches(TEXT).count()));
            source.code.push_str(kept);
            let Some(test) = test else { return source };
            let (item, after) = test.split_at(item(test));
            let skipped = item.matches(TEXT).count();
            texts.by_ref().take(skipped).for_each(drop);
            let module = item.rsplit_once("]").map_or(item, |(_, module)| module);
            if let Some(name) = module
                .strip_prefix("mod ")
                .and_then(|name| name.strip_suffix(';'))
            {
                source.test_modules.push(name.into());
            }
            rest = after;
        }
    }

    /// How often something occurs in the code: as whole words, where it begins or ends with one.
    pub fn count(&self, pattern: &str) -> usize {
        occurrences(&self.code, pattern)
    }

    /// The public functions that are given something to change, by name.
    pub fn mutators(&self) -> impl Iterator<Item = &str> {
        let functions = self.code.match_indices("fn ");
        functions.filter_map(|(at, found)| {
            let mut before = self.code[..at].trim_end();
            while let Some(rest) = QUALIFIERS.iter().find_map(|word| before.strip_suffix(word)) {
                before = rest.trim_end();
            }
            let (name, rest) = self.code[at + found.len()..].split_once('(')?;
            let parameters = &rest[..closing(rest)];
            let changes = occurrences(parameters, "mut") > 0;
            (before.ends_with("pub") && changes).then_some(name)
        })
    }
}

/// What may stand between `pub` and `fn`.
const QUALIFIERS: &[&str] = &["const", "async", "unsafe", "extern", "extern\u{1}"];

/// How often something occurs, as whole words where it begins or ends with one.
pub fn occurrences(text: &str, pattern: &str) -> usize {
    let (begins, ends) = (pattern.starts_with(is_word), pattern.ends_with(is_word));
    let found = text.match_indices(pattern).filter(|(at, _)| {
        let (before, after) = (&text[..*at], &text[*at + pattern.len()..]);
        let is_part = (begins && before.ends_with(is_word)) || (ends && after.starts_with(is_word));
        !is_part
    });
    found.count()
}

/// Where the parenthesis is closed within which a code begins.
fn closing(code: &str) -> usize {
    let mut open = 1;
    for (at, letter) in code.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    code.len()
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Where the item ends with which a code begins.
fn item(code: &str) -> usize {
    let (mut braces, mut others) = (0, 0);
    for (at, letter) in code.char_indices() {
        match letter {
            '{' => braces += 1,
            '(' | '[' => others += 1,
            ')' | ']' => others -= 1,
            '}' => braces -= 1,
            _ => {}
        }
        let ends = letter == ';' || letter == '}';
        if ends && braces == 0 && others == 0 {
            return at + 1;
        }
    }
    code.len()
}

fn without_literals(text: &str) -> (String, Vec<String>) {
    let (mut code, mut texts) = (String::new(), Vec::new());
    let (mut rest, mut apart) = (text, false);
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        rest = if rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, rest)| rest)
        } else if rest.starts_with("/*") {
            after_comment(rest)
        } else if letter == '"' {
            let end = quoted(after);
            texts.push(after[..end].into());
            code.push(TEXT);
            &after[end + 1..]
        } else if let Some((content, rest)) = raw(rest, &code) {
            texts.push(content.into());
            code.push(TEXT);
            rest
        } else if letter == '\'' {
            after_quote(after)
        } else {
            if letter.is_whitespace() {
                apart = true;
            } else {
                if apart && is_word(letter) && code.ends_with(is_word) {
                    code.push(' ');
                }
                apart = false;
                code.push(letter);
            }
            after
        };
    }
    (code, texts)
}

fn after_comment(text: &str) -> &str {
    let mut depth = 0;
    for (at, _) in text.char_indices() {
        let here = &text[at..];
        if here.starts_with("/*") {
            depth += 1;
        } else if let Some(after) = here.strip_prefix("*/") {
            depth -= 1;
            if depth == 0 {
                return after;
            }
        }
    }
    ""
}

/// Where a string literal ends.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    panic!("a string literal has no end");
}

/// A raw string literal: what is in it, and what comes after.
fn raw<'a>(text: &'a str, code: &str) -> Option<(&'a str, &'a str)> {
    let is_raw = !code.ends_with(is_word) || code.ends_with('b');
    let hashes = text.strip_prefix('r').filter(|_| is_raw)?;
    let content = hashes.trim_start_matches('#');
    let count = hashes.len() - content.len();
    let end = format!("\"{}", "#".repeat(count));
    content.strip_prefix('"')?.split_once(&end)
}

/// What comes after a character literal, or after the quote of a lifetime.
fn after_quote(text: &str) -> &str {
    if let Some(escape) = text.strip_prefix('\\') {
        let end = escape[1..].find('\'').map_or(escape.len(), |end| end + 2);
        return &escape[end..];
    }
    let mut letters = text.char_indices().skip(1);
    match letters.next() {
        Some((at, '\'')) => &text[at + 1..],
        _ => text,
    }
}

#[test]
fn comments_tests_and_literals_are_no_code() {
    let source = Source::read(
        "fn a<'a>() { x . step (1) } // y.step()\n/* /* y.step() */ y */ const C: &str = \"* 1 EXISTS\\\"\";\n\
         #[cfg(test)]\n#[rustfmt::skip]\nmod rows;\n#[cfg(test)] mod tests { fn b() { y.step(); let _ = \"* 2\"; let _ = '}'; } }\n\
         const D: &[u8] = br#\"* \"BYE\"\"#; const E: char = '\"';\n#[cfg(test)] impl A { fn c(&self) {} }\nuse z;",
    );
    assert_eq!(
        source.code,
        "fn a<a>(){x.step(1)}const C:&str=\u{1};const D:&[u8]=b\u{1};const E:char=;use z;"
    );
    assert_eq!(source.texts, ["* 1 EXISTS\\\"", "* \"BYE\""]);
    assert_eq!(source.test_modules, ["rows"]);
}

#[test]
fn every_public_function_that_is_given_something_to_change_is_a_mutator() {
    let source = Source::read(
        "impl A { pub fn a(&mut self) {} pub const fn b(&mut self) {} pub async fn c<'a>(&'a mut self) {} pub unsafe extern \"C\" fn d(self: &mut Self) {}\n\
         pub fn e(&self, mutable: u8) {} fn f(&mut self) {} pub(crate) fn g(&mut self) {} }\npub fn h(f: impl Fn(u8) -> u8, account: &mut Account) {}\n\
         pub fn i() { let mut a = 1; }",
    );
    assert_eq!(
        source.mutators().collect::<Vec<_>>(),
        ["a", "b", "c<a>", "d", "h"]
    );
}
