//! Scripts of any bytes: what a fuzzer changes is then what somebody does.
//!
//! Touches nothing. Four bytes say who there is and what the server does; of the rest, each five are an [`Act`]. What is cut short is left out, so a
//! shorter input is a shorter script.

use super::act::{Act, Deed, Saying, Script, VERBS, Verb};
use tandem_model::{Limits, Practice};

/// So many acts, and no more: each costs a comparison of whole accounts.
const ACTS: usize = 200;

/// So many COPY and MOVE of all of them: each can double what there is.
const COPIES: usize = 5;

/// A verb byte from here on wakes the session; from [`BREAK`] on it breaks the connection.
const WAKE: u8 = 240;

/// See [`WAKE`].
const BREAK: u8 = 250;

impl Script {
    /// The script that these bytes are; `None` if there are too few for any.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[people, high, low, limits], acts) = bytes.split_first_chunk()?;
        let sessions = 2 + usize::from(people % 4);
        let practices = Practice::every();
        let practice = usize::from(u16::from_be_bytes([high, low])) % practices.len();
        let (acts, _) = acts.as_chunks();
        let mut copies = 0;
        let may_be = |act: &Act| {
            let is_copy = matches!(&act.deed, Deed::Say(saying) if matches!(saying.verb, Verb::Copy | Verb::Move));
            copies += usize::from(is_copy);
            !is_copy || copies <= COPIES
        };
        Some(Self {
            sessions,
            practice: practices[practice],
            limits: Limits {
                page: 1 + u32::from(limits % 3),
                ghosts: match limits / 3 {
                    few @ 0..4 => 2 + u32::from(few),
                    _ => 1_000,
                },
                mailboxes: 5,
                ..Limits::default()
            },
            acts: acts
                .iter()
                .take(ACTS)
                .map(|act| of(act, sessions))
                .filter(may_be)
                .collect(),
        })
    }
}

/// One act: three bits say who, two choose a form, the other bytes are the verb and its numbers.
pub(crate) fn of(&[who, verb, first, second, third]: &[u8; 5], sessions: usize) -> Act {
    let deed = match verb {
        ..WAKE => Deed::Say(Saying {
            verb: self::verb(verb),
            numbers: [first, second, third],
            uid: who & 8 != 0,
            other: who & 16 != 0,
        }),
        WAKE..BREAK => Deed::Wake,
        BREAK.. => Deed::Break,
    };
    Act {
        client: usize::from(who & 7) % sessions,
        deed,
    }
}

/// The verb that a number falls to, as often as the weights have it.
fn verb(number: u8) -> Verb {
    let all: u32 = VERBS.iter().map(|(weight, _)| weight).sum();
    let mut left = u32::from(number) % all;
    for (weight, verb) in VERBS {
        if left < weight {
            return verb;
        }
        left -= weight;
    }
    Verb::Noop
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_from_four_on_are_a_script_of_those_who_are_there() {
        assert!(Script::of_bytes(&[255; 3]).is_none());
        let script = Script::of_bytes(&[255; 4 + 5 * (ACTS + 1) + 4]).unwrap();
        assert_eq!((script.sessions, script.acts.len()), (5, ACTS));
        assert!(script.acts.iter().all(|act| act.client < 5));
        assert_eq!(Script::of_bytes(&[0; 13]).unwrap().acts.len(), 1);
    }

    #[test]
    fn copies_beyond_the_limit_are_left_out() {
        let copy = (0..WAKE)
            .find(|&number| verb(number) == Verb::Copy)
            .unwrap();
        let script = Script::of_bytes(&[copy; 4 + 5 * (COPIES + 3)]).unwrap();
        assert_eq!(script.acts.len(), COPIES);
    }

    #[test]
    fn every_verb_is_some_byte() {
        for (_, wanted) in VERBS {
            assert!((0..WAKE).any(|number| verb(number) == wanted), "{wanted:?}");
        }
    }
}
