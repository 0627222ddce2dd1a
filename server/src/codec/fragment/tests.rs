//! What the fragmenter makes of bytes.

use super::{Event, Fault, Fragmenter, Limits, Refusal};
use proptest::{collection::vec, prelude::*, sample::select};

const SMALL: Limits = Limits {
    line: 30,
    literal: 8,
    literals: 12,
    count: 2,
    append: 20,
};

/// What comes of the pieces of an input, one after the other, each event with how many bytes had been taken by then; what
/// is kept stays below the limits all along. A bare line is asked for after each command with `LINE` in it.
fn events(limits: Limits, pieces: &[&[u8]]) -> Vec<(usize, Event)> {
    let mut fragmenter = Fragmenter::new(limits);
    let mut events = Vec::new();
    let mut end = 0;
    for mut input in pieces.iter().copied() {
        end += input.len();
        while let Some(event) = fragmenter.advance(&mut input) {
            if matches!(&event, Event::Command(fragments) if fragments.text.windows(4).any(|part| part == b"LINE"))
            {
                fragmenter.expect_line();
            }
            events.push((end - input.len(), event));
            assert!(fragmenter.kept() <= limits.most());
        }
        assert!(input.is_empty());
        assert!(fragmenter.kept() <= limits.most());
    }
    events
}

fn bytewise(limits: Limits, input: &[u8]) -> Vec<(usize, Event)> {
    events(limits, &input.chunks(1).collect::<Vec<_>>())
}

/// The events of an input as text: `command` with its literals in their places; `continue`, `line`, or a refusal.
fn told(limits: Limits, input: &str) -> Vec<String> {
    let whole = events(limits, &[input.as_bytes()]);
    assert_eq!(whole, bytewise(limits, input.as_bytes()), "{input:?}");
    whole.iter().map(|(_, event)| tell(event)).collect()
}

fn tell(event: &Event) -> String {
    match event {
        Event::Continue => "continue".into(),
        Event::Line(line) => format!("line {}", line.escape_ascii()),
        Event::Refused(Refusal { tag, fault }) => {
            format!("{} {fault:?}", tag.as_ref().map_or("*", |tag| &tag.0))
        }
        Event::Command(fragments) => {
            let mut told = String::from("command ");
            let mut from = 0;
            for literal in &fragments.literals {
                told += &fragments.text[from..literal.at].escape_ascii().to_string();
                told += &format!("<{}>", literal.octets.escape_ascii());
                from = literal.at;
            }
            told + &fragments.text[from..].escape_ascii().to_string()
        }
    }
}

#[test]
fn a_command_is_complete_only_with_its_last_crlf() {
    let small = |input| told(SMALL, input);
    assert!(small("a NOOP\r").is_empty());
    assert_eq!(small("a NOOP\r\n"), ["command a NOOP\\r\\n"]);
    assert_eq!(small("a LOGIN {1}\r\n"), ["continue"]);
    assert_eq!(small("a LOGIN {1}\r\nu"), ["continue"]);
    assert_eq!(small("a LOGIN {1}\r\nu {1+}\r\np\r"), ["continue"]);
    assert_eq!(
        small("a LOGIN {1}\r\nu {1+}\r\np\r\nb NOOP\r\n"),
        [
            "continue",
            "command a LOGIN {1}\\r\\n<u> {1+}\\r\\n<p>\\r\\n",
            "command b NOOP\\r\\n"
        ]
    );
    assert_eq!(small("\r\n"), ["command \\r\\n"]);
}

#[test]
fn what_is_in_a_literal_is_never_syntax() {
    assert_eq!(
        told(SMALL, "a X {8+}\r\n{3+}\r\n\r\n\r\nb X {0}\r\n\r\n"),
        [
            "command a X {8+}\\r\\n<{3+}\\r\\n\\r\\n>\\r\\n",
            "continue",
            "command b X {0}\\r\\n<>\\r\\n"
        ]
    );
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_not_longer() {
    let line = |length: usize| format!("a {}\r\n", "x".repeat(length - 4));
    assert_eq!(told(SMALL, &line(30)).len(), 1);
    assert!(told(SMALL, &line(30))[0].starts_with("command"));
    for length in [31, 32, 33, 34, 200] {
        let input = line(length) + "b NOOP\r\n";
        assert_eq!(
            told(SMALL, &input),
            ["a LineTooLong(30)", "command b NOOP\\r\\n"],
            "{length}"
        );
    }
    // The lines around literals count together.
    let input = "a X {1+}\r\n0 {1+}\r\n0 xxxxxxxxxxxx\r\nb NOOP\r\n";
    assert_eq!(
        told(SMALL, input),
        ["a LineTooLong(30)", "command b NOOP\\r\\n"]
    );
}

#[test]
fn a_refused_line_takes_its_literals_along() {
    let long = "x".repeat(40);
    assert_eq!(
        told(
            SMALL,
            &format!("a {long} {{7+}}\r\nb NOOP\n {{3+}}\r\nc \n {long}\r\nd NOOP\r\n")
        ),
        ["a LineTooLong(30)", "command d NOOP\\r\\n"]
    );
    // A synchronising literal is not sent after a refusal.
    assert_eq!(
        told(SMALL, &format!("a {long} {{7}}\r\nb NOOP\r\n")),
        ["a LineTooLong(30)", "command b NOOP\\r\\n"]
    );
}

#[test]
fn a_literal_may_be_as_large_as_the_limit_and_not_larger() {
    assert_eq!(told(SMALL, "a X {8}\r\n"), ["continue"]);
    assert_eq!(
        told(SMALL, "a X {9}\r\nb NOOP\r\n"),
        ["a LiteralTooLarge(8)", "command b NOOP\\r\\n"]
    );
    assert_eq!(
        told(SMALL, "a X {9+}\r\nb NOOP\r\n X {3+}\r\n\r\n\r\nc NOOP\r\n"),
        ["a LiteralTooLarge(8)", "command c NOOP\\r\\n"]
    );
    assert_eq!(
        told(SMALL, "a X {8+}\r\n12345678 {5}\r\nb NOOP\r\n"),
        ["a LiteralTooLarge(12)", "command b NOOP\\r\\n"]
    );
    assert_eq!(
        told(SMALL, "a X {0+}\r\n {0+}\r\n {0+}\r\n\r\nb NOOP\r\n"),
        ["a TooManyLiterals(2)", "command b NOOP\\r\\n"]
    );
    assert_eq!(
        told(SMALL, "a X {99999999999999999999}\r\nb NOOP\r\n"),
        ["a LiteralTooLarge(8)", "command b NOOP\\r\\n"]
    );
}

#[test]
fn append_has_a_limit_of_its_own() {
    assert_eq!(told(SMALL, "a Append x {20}\r\n"), ["continue"]);
    assert_eq!(
        told(SMALL, "a APPEND x {21}\r\nb NOOP\r\n"),
        ["a MessageTooLarge(20)", "command b NOOP\\r\\n"]
    );
    assert_eq!(
        told(SMALL, "a APPEND {8+}\r\n12345678 {20}\r\n"),
        ["continue"]
    );
    assert_eq!(
        told(SMALL, "a APPEND {9+}\r\n123456789 {20}\r\n"),
        ["a MessageTooLarge(28)"]
    );
    assert_eq!(told(SMALL, "a APPENDIX {9}\r\n"), ["a LiteralTooLarge(8)"]);
    assert_eq!(told(SMALL, "a\rAPPEND {9}\r\n"), ["a LiteralTooLarge(8)"]);
    assert_eq!(told(SMALL, "a  APPEND {9}\r\n"), ["a LiteralTooLarge(8)"]);
}

#[test]
fn a_bare_line_feed_ends_a_line_and_is_refused() {
    assert_eq!(
        told(
            SMALL,
            "a NOOP\nb NOOP\r\n\nc X {2+}\n\r\n\r\nd X {2}\ne NOOP\r\n"
        ),
        [
            "a BareLineFeed",
            "command b NOOP\\r\\n",
            "* BareLineFeed",
            "c BareLineFeed",
            "d BareLineFeed",
            "command e NOOP\\r\\n"
        ]
    );
}

#[test]
fn a_refusal_has_the_tag_if_there_is_one() {
    let long = "x".repeat(40);
    let tag = |start: &str| told(SMALL, &format!("{start}{long}\r\n")).concat();
    assert_eq!(tag("a1 "), "a1 LineTooLong(30)");
    assert_eq!(tag("a]1 NOOP "), "a]1 LineTooLong(30)");
    for start in ["", " ", "+ ", "* ", "a+ ", "a\u{e9} ", "(a) ", "a\t"] {
        assert_eq!(tag(start), "* LineTooLong(30)", "{start:?}");
    }
}

#[test]
fn a_line_that_was_asked_for_is_no_command() {
    assert_eq!(
        told(SMALL, "a LINE\r\nb NOOP {5}\r\nc NOOP\r\n"),
        [
            "command a LINE\\r\\n",
            "line b NOOP {5}",
            "command c NOOP\\r\\n"
        ]
    );
    assert_eq!(
        told(SMALL, "a LINE\r\n\r\n"),
        ["command a LINE\\r\\n", "line "]
    );
    assert_eq!(
        told(SMALL, "a LINE\r\nDONE\nb NOOP\r\n"),
        [
            "command a LINE\\r\\n",
            "* BareLineFeed",
            "command b NOOP\\r\\n"
        ]
    );
    let long = "x".repeat(40);
    assert_eq!(
        told(SMALL, &format!("a LINE\r\n{long} {{9+}}\r\nb NOOP\r\n")),
        [
            "command a LINE\\r\\n",
            "* LineTooLong(30)",
            "command b NOOP\\r\\n"
        ]
    );
}

#[test]
fn other_limits_hold_from_the_next_byte() {
    let mut fragmenter = Fragmenter::new(SMALL);
    let line = [b"a ".as_slice(), &[b'x'; 40], b"\r\n"].concat();
    assert!(matches!(
        fragmenter.advance(&mut line.as_slice()),
        Some(Event::Refused(Refusal {
            fault: Fault::LineTooLong(30),
            ..
        }))
    ));
    let mut fragmenter = Fragmenter::new(SMALL);
    fragmenter.set_limits(Limits::default());
    assert!(matches!(
        fragmenter.advance(&mut line.as_slice()),
        Some(Event::Command(_))
    ));
}

#[test]
fn what_was_announced_is_not_reserved() {
    let mut fragmenter = Fragmenter::new(Limits::default());
    let mut input: &[u8] = b"a APPEND x {67108864}\r\n";
    assert_eq!(fragmenter.advance(&mut input), Some(Event::Continue));
    assert_eq!(fragmenter.advance(&mut b"abc".as_slice()), None);
    let octets = &fragmenter.fragments.literals[0].octets;
    assert!(octets.capacity() < 64, "{}", octets.capacity());
}

/// What comes of the first bytes, then of giving up, then of the others.
fn given_up(first: &[u8], waits: bool, mut then: &[u8]) -> Vec<String> {
    let mut fragmenter = Fragmenter::new(SMALL);
    let event = fragmenter.advance(&mut &*first);
    assert_eq!(event, waits.then_some(Event::Continue));
    assert!(fragmenter.has_large());
    let mut events = vec![fragmenter.give_up(Fault::TooMuchAtOnce(9), waits)];
    assert!(fragmenter.kept() == 0 && !fragmenter.has_large());
    while let Some(event) = fragmenter.advance(&mut then) {
        events.push(event);
    }
    events.iter().map(tell).collect()
}

#[test]
fn a_command_that_is_given_up_is_skipped_to_its_end() {
    let rest = b"345\r\nc NOOP\r\n {3+}\r\n\r\nc\r\nb NOOP\r\n";
    let told = ["a TooMuchAtOnce(9)", "command b NOOP\\r\\n"];
    assert_eq!(given_up(b"a APPEND x {15+}\r\n12", false, rest), told);
    assert_eq!(
        given_up(b"a APPEND x {15+}\r\n", false, &[b"12", &rest[..]].concat()),
        told
    );
    // All of the literal is there, and its line goes on.
    let whole = b"a APPEND x {15+}\r\n123456789012345";
    assert_eq!(given_up(whole, false, b" c NOOP\r\nb NOOP\r\n"), told);
    // Nothing of it comes.
    assert_eq!(given_up(b"a APPEND x {15}\r\n", true, b"b NOOP\r\n"), told);
}

#[test]
fn a_command_is_large_once_its_literals_are_more_than_one_may_have_that_is_no_message() {
    for (announced, large) in [("{8}", false), ("{12}", false), ("{13}", true)] {
        let mut fragmenter = Fragmenter::new(SMALL);
        let line = format!("a APPEND x {announced}\r\n");
        assert_eq!(
            fragmenter.advance(&mut line.as_bytes()),
            Some(Event::Continue)
        );
        assert_eq!(fragmenter.has_large(), large, "{announced}");
        assert_eq!(
            fragmenter.announced(),
            announced[1..announced.len() - 1].parse::<usize>().unwrap()
        );
        let mut rest: &[u8] = b"1234567890123\r\n";
        assert!(fragmenter.advance(&mut rest).is_some() && !fragmenter.has_large());
    }
}

#[test]
fn a_command_is_told_as_it_was_sent() {
    let input = b"a X {3+}\r\n{1} {0+}\r\n {2+}\r\n\r\n\r\n";
    let Some(Event::Command(fragments)) =
        Fragmenter::new(Limits::default()).advance(&mut input.as_slice())
    else {
        panic!("no command");
    };
    assert_eq!(fragments.sent(), input);
}

/// A command that is taken or refused, each in any of the ways in which it can be: its bytes, and what is told of it.
fn exchange() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let long = "x".repeat(40);
    select(vec![
        ("a NOOP\r\n".into(), vec!["command a NOOP\\r\\n"]),
        (
            "b X {3+}\r\n\r\na\r\n".into(),
            vec!["command b X {3+}\\r\\n<\\r\\na>\\r\\n"],
        ),
        (
            "c X {1}\r\n{\r\n".into(),
            vec!["continue", "command c X {1}\\r\\n<{>\\r\\n"],
        ),
        (
            "d LINE\r\na NOOP\r\n".into(),
            vec!["command d LINE\\r\\n", "line a NOOP"],
        ),
        (format!("e {long}\r\n"), vec!["e LineTooLong(30)"]),
        (format!("{long}\r\n"), vec!["* LineTooLong(30)"]),
        (
            format!("f {long} {{8+}}\r\na NOOP\r\n \r\n"),
            vec!["f LineTooLong(30)"],
        ),
        ("g X {9}\r\n".into(), vec!["g LiteralTooLarge(8)"]),
        (
            "h X {10+}\r\na NOOP\r\n{{ {9}\r\n".into(),
            vec!["h LiteralTooLarge(8)"],
        ),
        (
            "i APPEND {21+}\r\na NOOP\r\na NOOP\r\na NOO\r\n".into(),
            vec!["i MessageTooLarge(20)"],
        ),
        ("j X {2+}\n\r\n\r\n".into(), vec!["j BareLineFeed"]),
        ("\n".into(), vec!["* BareLineFeed"]),
        (
            "k LINE\r\nDONE\n".into(),
            vec!["command k LINE\\r\\n", "* BareLineFeed"],
        ),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn no_refusal_swallows_or_invents_a_command(exchanges in vec(exchange(), 0..12)) {
        let (inputs, expected): (Vec<_>, Vec<_>) = exchanges.into_iter().unzip();
        prop_assert_eq!(told(SMALL, &inputs.concat()), expected.concat());
    }
}
