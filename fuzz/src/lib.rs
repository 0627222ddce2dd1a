//! What any bytes at all must not do: one function for each fuzz target, which panics if they do.
//!
//! | target | property |
//! |---|---|
//! | `fragmenter` | the events of an input, and where each of them is, are those of the oracle, however the input is cut; what is kept stays below the limits; a command is told as it was sent |
//! | `command` | nothing panics; an error is within the command; what can be parsed is printed, and parsed again to the same |
//!
//! Fuzzing, on stable Rust, from the repository's root; what is found goes to the first directory, and the committed seeds
//! stay as they are:
//!
//! ```text
//! cargo install --locked cargo-fuzz
//! mkdir -p fuzz/target/found/command
//! cargo fuzz run -s none command fuzz/target/found/command fuzz/corpus/command -- -dict=fuzz/imap.dict -max_total_time=60
//! ```
//!
//! Without fuzzing, `cargo test --manifest-path fuzz/Cargo.toml` replays the committed corpora.
#![forbid(unsafe_code)]

mod oracle;

use oracle::{Told, asks_for_a_line};
use tandem_server::codec::{
    fragment::{Event, Fragmenter, Fragments, Limits},
    parse,
    print::print,
    request::Tagged,
};

/// Limits so small that inputs meet them.
const SMALL: Limits = Limits {
    line: 64,
    literal: 16,
    literals: 24,
    count: 3,
    append: 40,
};

/// Judges the fragmenter on a stream of bytes. The first byte chooses how the rest is cut.
pub fn fragmenter(data: &[u8]) {
    let Some((&seed, input)) = data.split_first() else {
        return;
    };
    for limits in [SMALL, Limits::STRANGER] {
        let expected = oracle::events(limits, input);
        assert_eq!(told(limits, &[input]), expected, "in one piece");
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        assert_eq!(told(limits, &bytes), expected, "byte by byte");
        assert_eq!(told(limits, &cut(seed, input)), expected, "cut by {seed}");
    }
}

/// Pieces of 0 to 31 bytes, as a linear congruential generator has it.
fn cut(seed: u8, mut input: &[u8]) -> Vec<&[u8]> {
    let mut state = u32::from(seed);
    let mut pieces = Vec::new();
    while !input.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = usize::try_from(state >> 27).unwrap_or(1);
        let (piece, rest) = input.split_at_checked(length).unwrap_or((input, &[]));
        pieces.push(piece);
        input = rest;
    }
    pieces
}

/// What the fragmenter makes of the pieces of an input.
fn told(limits: Limits, pieces: &[&[u8]]) -> Vec<Told> {
    let mut fragmenter = Fragmenter::new(limits);
    let mut all = Vec::new();
    let mut end = 0;
    for mut input in pieces.iter().copied() {
        end += input.len();
        while let Some(event) = fragmenter.advance(&mut input) {
            let told = Told::new(end - input.len(), event);
            if asks_for_a_line(&told) {
                fragmenter.expect_line();
            }
            all.push(told);
        }
        assert!(input.is_empty(), "bytes were left");
        assert!(fragmenter.kept() <= limits.most(), "too much was kept");
    }
    all
}

/// Judges the parser on a stream of bytes, to which a CRLF is added.
pub fn command(data: &[u8]) {
    let input = [data, b"\r\n"].concat();
    for fragments in commands(Limits::default(), &input) {
        let length = fragments.sent().len();
        match parse::command(fragments) {
            Ok(tagged) => assert_prints(&tagged),
            Err(error) => assert!(error.at <= length, "{error}, of {length}"),
        }
    }
    for line in input.split(|&byte| byte == b'\n') {
        drop(parse::authenticate_response(line));
    }
}

/// Every command in a stream of bytes.
fn commands(limits: Limits, mut input: &[u8]) -> Vec<Fragments> {
    let mut fragmenter = Fragmenter::new(limits);
    let mut commands = Vec::new();
    while let Some(event) = fragmenter.advance(&mut input) {
        if let Event::Command(fragments) = event {
            commands.push(fragments);
        }
    }
    commands
}

/// What a client could have meant is understood in the form in which it is printed.
fn assert_prints(tagged: &Tagged) {
    // A string may take more room in another form.
    let limits = Limits {
        line: 1 << 20,
        ..Limits::default()
    };
    let printed = print(tagged);
    let mut commands = commands(limits, &printed);
    assert_eq!(commands.len(), 1, "{}", printed.escape_ascii());
    let again = commands.pop().map(parse::command);
    assert_eq!(
        again.as_ref(),
        Some(&Ok(tagged.clone())),
        "{}",
        printed.escape_ascii()
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    /// Calls a target with every file of its corpus, and says how many there are.
    fn replay(target: fn(&[u8]), name: &str) -> usize {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("corpus")
            .join(name);
        let files = fs::read_dir(corpus).unwrap();
        files
            .map(|file| target(&fs::read(file.unwrap().path()).unwrap()))
            .count()
    }

    #[test]
    fn the_fragmenter_stands_its_corpus() {
        assert!(replay(fragmenter, "fragmenter") >= 20);
    }

    #[test]
    fn the_parser_stands_its_corpus() {
        assert!(replay(command, "command") >= 60);
    }

    #[test]
    fn each_target_stands_the_corpus_of_the_other() {
        replay(fragmenter, "command");
        replay(command, "fragmenter");
    }

    #[test]
    fn a_seed_is_malformed_if_and_only_if_its_name_says_so() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/command");
        let mut counts = (0, 0);
        for file in fs::read_dir(corpus).unwrap() {
            let file = file.unwrap();
            let malformed = file.file_name().to_string_lossy().starts_with("malformed");
            let input = [fs::read(file.path()).unwrap(), b"\r\n".to_vec()].concat();
            for fragments in commands(Limits::default(), &input) {
                let sent = fragments.sent();
                let parsed = parse::command(fragments);
                assert_eq!(
                    parsed.is_err(),
                    malformed,
                    "{}: {parsed:?}",
                    sent.escape_ascii()
                );
                if malformed {
                    counts.1 += 1
                } else {
                    counts.0 += 1
                }
            }
        }
        assert!(counts.0 >= 60 && counts.1 >= 20, "{counts:?}");
    }
}
