//! One command after the other: parsed, printed, and parsed by another parser.
//!
//! Touches nothing. Where imap-codec reads something else in the same bytes, or nothing, one row of [`differences`] has to say so.

use super::differences::{self, Case};
use tandem_server::codec::{
    fragment::{Event, Fragmenter, Fragments, Limits},
    parse,
    print::print,
    request::Tagged,
};

/// Judges the parser on a stream of bytes, to which a CRLF is added.
pub fn command(data: &[u8]) {
    let input = [data, b"\r\n"].concat();
    for fragments in commands(Limits::default(), &input) {
        let case = Case::new(fragments);
        match &case.ours {
            Ok(tagged) => assert_prints(tagged),
            Err(error) => {
                let length = case.sent.len();
                assert!(error.at <= length, "{error}, of {length}");
            }
        }
        differences::judge(&case);
    }
    for line in input.split(|&byte| byte == b'\n') {
        drop(parse::authenticate_response(line));
    }
}

/// Every command in a stream of bytes.
#[must_use]
pub fn commands(limits: Limits, mut input: &[u8]) -> Vec<Fragments> {
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
