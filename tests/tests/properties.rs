//! Properties of the model under random scripts, and of its sets and numberings against naive ones.
//!
//! What fails is made smaller, and printed as a dialogue.

use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{TestCaseError, TestError, TestRunner},
};
use std::collections::BTreeSet;
use tandem_model::{
    Fault, Invariant,
    name::MailboxName,
    sequence_set::{Bound, NumberSet, SequenceSet},
};
use tandem_tests::{
    property::{config, hold},
    random::{invariants, play, strategy::scripts},
};

#[test]
fn no_script_of_any_sessions_under_any_practice_confuses_anybody() {
    hold(12_000, scripts(70), |script| {
        play(&script, |_| Ok(())).map_err(TestCaseError::fail)
    });
}

#[test]
fn numberings_of_random_accounts_are_those_by_definition() {
    hold(400, scripts(40), |script| {
        play(&script, |world| {
            invariants::check_numberings(world.account())
        })
        .map_err(TestCaseError::fail)
    });
}

/// Which invariant a fault breaks, if it is about one.
fn broken_by(fault: Fault) -> Option<Invariant> {
    match fault {
        Fault::CursorAhead => Some(Invariant::CursorsBounded),
        Fault::Unjournalled => Some(Invariant::ChangesReplay),
        _ => None,
    }
}

/// That there is a judge at all: it finds what is planted, and shows it as a dialogue.
#[test]
fn faults_that_are_planted_in_the_model_are_found_and_shown_as_a_dialogue() {
    for fault in [
        Fault::ExpungeDuringFetch,
        Fault::ExpungeDuringStore,
        Fault::ExpungeUnasked,
        Fault::NumbersInNewerView,
        Fault::StarInLiveMailbox,
        Fault::ExistsLowered,
        Fault::ExistsUntold,
        Fault::ExpungeToldTwice,
        Fault::ExpungeNumbersFromStart,
        Fault::UidReused,
        Fault::CopyDropsGhosts,
        Fault::CopyHalfThenNo,
        Fault::MoveLoses,
        Fault::AppendLost,
        Fault::ByeOnlyToIdle,
        Fault::FlagsUntold,
        Fault::SilentHidesOthers,
        Fault::GhostsKept,
        Fault::CursorAhead,
        Fault::Unjournalled,
    ] {
        let mut runner = TestRunner::new(config(1_000));
        let found = runner.run(&scripts(70), |mut script| {
            script.practice.fault = Some(fault);
            play(&script, |_| Ok(())).map_err(TestCaseError::fail)
        });
        let Err(TestError::Fail(reason, script)) = found else {
            panic!("{} is not found", fault.as_str());
        };
        assert!(
            reason.message().contains("\nC1: A001 APPEND INBOX "),
            "{reason}"
        );
        if let Some(broken) = broken_by(fault) {
            let broken = format!("broken: {broken}\n");
            assert!(reason.message().starts_with(&broken), "{reason}");
        }
        assert!(script.acts.len() < 25, "not made smaller: {reason}");
    }
}

fn bounds(most: u32) -> impl Strategy<Value = Bound> {
    prop_oneof![6 => (1..=most).prop_map(Bound::Number), 1 => Just(Bound::Star)]
}

fn sets(most: u32) -> impl Strategy<Value = SequenceSet> {
    vec((bounds(most), bounds(most)), 1..12).prop_map(|ranges| SequenceSet { ranges })
}

/// The numbers that a set stands for, one by one.
fn members(set: &SequenceSet, largest: u32) -> BTreeSet<u32> {
    let value = |bound| match bound {
        Bound::Number(number) => number,
        Bound::Star => largest,
    };
    let ranges = set
        .ranges
        .iter()
        .map(|&(from, to)| (value(from), value(to)));
    ranges
        .flat_map(|(from, to)| from.min(to)..=from.max(to))
        .collect()
}

#[test]
fn a_set_of_numbers_answers_as_a_plain_set_does() {
    hold(
        2_000,
        (sets(40), 0_u32..45, 0_u32..45),
        |(set, largest, number)| {
            let plain = members(&set, largest);
            let resolved = set.resolve(largest);
            prop_assert_eq!(resolved.iter().collect::<BTreeSet<_>>(), plain.clone());
            prop_assert_eq!(resolved.contains(number), plain.contains(&number));
            prop_assert_eq!(
                resolved.next_from(number),
                plain.range(number..).next().copied()
            );
            prop_assert_eq!(resolved.smallest(), plain.first().copied());
            prop_assert_eq!(resolved.largest(), plain.last().copied());
            let pushed = plain.iter().fold(NumberSet::default(), |mut set, &number| {
                set.push(number);
                set
            });
            prop_assert_eq!(&pushed, &resolved);
            // Neither overlapping nor touching: the same numbers are always written the same way.
            prop_assert!(
                resolved
                    .ranges()
                    .windows(2)
                    .all(|pair| pair[0].1 + 1 < pair[1].0)
            );
            Ok(())
        },
    );
}

#[test]
fn the_largest_numbers_are_numbers_like_others() {
    let ends = (u32::MAX - 3)..=u32::MAX;
    hold(
        500,
        (vec((ends.clone(), ends), 1..6), any::<u32>()),
        |(ranges, largest)| {
            let set = SequenceSet {
                ranges: ranges
                    .iter()
                    .map(|&(from, to)| (Bound::Number(from), Bound::Number(to)))
                    .collect(),
            };
            let resolved = set.resolve(largest);
            for number in (u32::MAX - 5)..=u32::MAX {
                let within = ranges
                    .iter()
                    .any(|&(from, to)| (from.min(to)..=from.max(to)).contains(&number));
                prop_assert_eq!(resolved.contains(number), within, "{}", number);
            }
            Ok(())
        },
    );
}

/// LIST's wildcards as one would explain them: each stands for nothing, or for one character and then for itself again.
fn matches(name: &[char], pattern: &[char]) -> bool {
    match (name, pattern) {
        ([], []) => true,
        (_, [wildcard @ ('*' | '%'), rest @ ..]) => {
            let takes = |letter: &char| *wildcard == '*' || *letter != '/';
            matches(name, rest)
                || name
                    .split_first()
                    .is_some_and(|(letter, after)| takes(letter) && matches(after, pattern))
        }
        ([letter, name @ ..], [expected, pattern @ ..]) => {
            letter == expected && matches(name, pattern)
        }
        _ => false,
    }
}

#[test]
fn a_pattern_matches_as_a_plain_recursion_does() {
    let names = proptest::string::string_regex("[ab/\u{fc}]{1,8}").unwrap();
    let patterns = proptest::string::string_regex("[ab/\u{fc}*%]{0,8}").unwrap();
    hold(4_000, (names, patterns), |(name, pattern)| {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = matches(&letters(&name), &letters(&pattern));
        prop_assert_eq!(MailboxName::new(&name).matches(&pattern), expected);
        Ok(())
    });
}
