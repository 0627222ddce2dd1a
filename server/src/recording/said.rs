//! Why a connection said something of its own, as a line of a recording.
//!
//! Touches nothing. A command is written and read as in [`super::wording`]; of those that have a password or a message, only that they came. Of what cannot be read not even the tag ([`masked`]).

use super::wording::{TAG, escaped, request, unescaped};
use crate::{
    codec::{
        fragment::{Fault, Refusal},
        request::Tag,
    },
    connection::own::{Cause, Login},
};
use std::borrow::Cow;

/// What stands for a tag that could not be read; no tag can be this.
const NO_TAG: &str = "*";

/// The same without the tag of what could not be read, for that may have been no tag: a password that was sent where a command was expected.
#[must_use]
pub fn masked<'a>(cause: &'a Cause, octets: &[u8]) -> (Cow<'a, Cause>, Vec<u8>) {
    let mask = || Some(Tag(TAG.into()));
    let (sent, cause) = match cause {
        Cause::Unread(Some(sent), why) => (sent, Cause::Unread(mask(), why.clone())),
        Cause::Refused(Refusal {
            tag: Some(sent),
            fault,
        }) => {
            let (tag, fault) = (mask(), *fault);
            (sent, Cause::Refused(Refusal { tag, fault }))
        }
        _ => return (Cow::Borrowed(cause), octets.to_vec()),
    };
    let rest = octets.strip_prefix(sent.0.as_bytes()).unwrap_or_default();
    (Cow::Owned(cause), [TAG.as_bytes(), rest].concat())
}

/// A cause as text.
#[must_use]
pub fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Came => "greeting".into(),
        Cause::OneTooMany => "one-too-many".into(),
        Cause::Waits => "waits".into(),
        Cause::Asked(tagged) => format!("asked {}", super::wording::command(tagged)),
        Cause::Login(Tag(tag), login) => {
            let name = Login::ALL.iter().find(|(known, _)| known == login);
            format!("login {tag} {}", name.map_or("", |(_, name)| name))
        }
        Cause::Unread(tag, why) => {
            format!("unread {} {}", named(tag.as_ref()), escaped(why.as_bytes()))
        }
        Cause::Refused(Refusal { tag, fault }) => {
            let (kind, most) = fault_name(*fault);
            format!("refused {} {kind} {most}", named(tag.as_ref()))
        }
        Cause::Line => "line".into(),
        Cause::Bye(why) => format!("bye {}", escaped(why.as_bytes())),
    }
}

/// The cause that [`cause`] made this text of.
///
/// # Errors
/// It did not; says what was expected.
pub fn read_cause(text: &str) -> Result<Cause, String> {
    let (kind, rest) = text.split_once(' ').unwrap_or((text, ""));
    let words = || rest.split_once(' ').unwrap_or((rest, ""));
    let cause = match (kind, rest) {
        ("greeting", "") => Some(Cause::Came),
        ("one-too-many", "") => Some(Cause::OneTooMany),
        ("waits", "") => Some(Cause::Waits),
        ("line", "") => Some(Cause::Line),
        ("asked", _) => {
            let wrong = |why| format!("expected a command, not `{rest}`: {why}");
            return request(rest).map(Cause::Asked).map_err(wrong);
        }
        ("login", _) => {
            let (tag, name) = words();
            let login = Login::ALL.iter().find(|(_, known)| *known == name);
            login.map(|(login, _)| Cause::Login(Tag(tag.into()), *login))
        }
        ("unread", _) => {
            let (tag, why) = words();
            text_of(why).map(|why| Cause::Unread(tag_of(tag), why))
        }
        ("refused", _) => {
            let (tag, fault) = words();
            read_fault(fault).map(|fault| {
                let tag = tag_of(tag);
                Cause::Refused(Refusal { tag, fault })
            })
        }
        ("bye", _) => text_of(rest).map(Cause::Bye),
        _ => None,
    };
    cause.ok_or_else(|| format!("expected why a connection spoke, not `{text}`"))
}

fn text_of(text: &str) -> Option<String> {
    String::from_utf8(unescaped(text)?).ok()
}

fn named(tag: Option<&Tag>) -> &str {
    tag.map_or(NO_TAG, |tag| &tag.0)
}

fn tag_of(word: &str) -> Option<Tag> {
    (word != NO_TAG).then(|| Tag(word.into()))
}

/// The name of a fault, and the number that it has; 0 for none.
const fn fault_name(fault: Fault) -> (&'static str, usize) {
    match fault {
        Fault::LineTooLong(most) => ("line-too-long", most),
        Fault::LiteralTooLarge(most) => ("literal-too-large", most),
        Fault::MessageTooLarge(most) => ("message-too-large", most),
        Fault::TooManyLiterals(most) => ("too-many-literals", most),
        Fault::TooMuchAtOnce(most) => ("too-much-at-once", most),
        Fault::BareLineFeed => ("bare-line-feed", 0),
    }
}

fn read_fault(text: &str) -> Option<Fault> {
    let (kind, most) = text.split_once(' ')?;
    let most = most.parse().ok()?;
    Some(match kind {
        "line-too-long" => Fault::LineTooLong(most),
        "literal-too-large" => Fault::LiteralTooLarge(most),
        "message-too-large" => Fault::MessageTooLarge(most),
        "too-many-literals" => Fault::TooManyLiterals(most),
        "too-much-at-once" => Fault::TooMuchAtOnce(most),
        "bare-line-feed" => Fault::BareLineFeed,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{parse, request::Tagged};
    use crate::recording::wording;

    fn asked(line: &str) -> Cause {
        Cause::Asked(wording::request(line).unwrap())
    }

    #[test]
    fn every_cause_is_read_as_what_was_written() {
        let tag = || Some(Tag("a1".into()));
        let mut all = vec![
            Cause::Came,
            Cause::OneTooMany,
            Cause::Waits,
            Cause::Line,
            Cause::Unread(None, "expected 100 % of a tag\r".into()),
            Cause::Unread(tag(), String::new()),
            Cause::Bye("the end".into()),
        ];
        all.extend(Login::ALL.map(|(login, _)| Cause::Login(Tag("-".into()), login)));
        let faults = [
            Fault::LineTooLong(1),
            Fault::LiteralTooLarge(2),
            Fault::MessageTooLarge(3),
            Fault::TooManyLiterals(4),
            Fault::TooMuchAtOnce(5),
            Fault::BareLineFeed,
        ];
        all.extend(faults.map(|fault| Cause::Refused(Refusal { tag: tag(), fault })));
        let lines = [
            "a1 CAPABILITY",
            "a1 ID (\"name\" \"some client\")",
            "a1 NAMESPACE",
            "a1 ENABLE X-A X-B",
            "a1 STARTTLS",
            "a1 SEARCH CHARSET X-UNKNOWN ALL",
            "a1 SELECT \"a b\"",
            "a1 UID FETCH 1:* (UID BODY[])",
        ];
        all.extend(lines.map(asked));
        for each in all {
            let text = cause(&each);
            assert_eq!(read_cause(&text).as_ref(), Ok(&each), "{text}");
        }
    }

    #[test]
    fn of_a_message_nothing_is_written() {
        let mut fragmenter = crate::codec::fragment::Fragmenter::new(Default::default());
        let mut octets: &[u8] = b"a1 APPEND INBOX (\\Seen) {6+}\r\nsecret\r\n";
        let Some(crate::codec::fragment::Event::Command(fragments)) =
            fragmenter.advance(&mut octets)
        else {
            panic!("no command");
        };
        let Tagged { tag, request } = parse::command(fragments).unwrap();
        let text = cause(&Cause::Asked(Tagged { tag, request }));
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(cause(&read_cause(&text).unwrap()), text);
    }

    #[test]
    fn what_is_none_is_told() {
        for text in [
            "",
            "greeting twice",
            "asked",
            "asked a1 NOPE",
            "login a1",
            "login a1 perhaps",
            "unread * %4",
            "refused a1 line-too-long",
            "refused a1 line-too-short 5",
            "bye %zz",
        ] {
            assert!(read_cause(text).is_err(), "{text}");
        }
    }
}
