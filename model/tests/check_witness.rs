//! The witness beside sessions at random: of a sound server it says nothing, and planted faults that a client can see it sees. Feature `check`.
#![cfg(feature = "check")]
#![expect(
    clippy::indexing_slicing,
    reason = "the helpers of tests may panic as tests do"
)]

use tandem_model::{
    Account, Command, Fault, Input, Limits, Practice, SearchKey,
    check::{Finding, Property, witness::Witness},
    command::{Form, Moment, StoreAction},
    flags::{FlagNames, Flags},
    message::InternalDate,
    name::MailboxName,
    number::ContentId,
    practice::Deletion,
    sequence_set::{Bound, SequenceSet},
};

/// How many steps the sessions take together.
const STEPS: u64 = 2_000;
/// How many where nothing is found: of mutants it is asked often, and less is asked.
const SOUND: u64 = if cfg!(feature = "mutants") {
    150
} else {
    STEPS
};
/// Of how many practices one is taken.
const EVERY: usize = if cfg!(feature = "mutants") { 5 } else { 1 };

/// Numbers that look random, the same each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        u32::try_from((self.0 >> 33) % u64::from(most)).unwrap_or_default()
    }
}

fn command(chance: &mut Chance, content: u64) -> Command {
    let form = [Form::Sequence, Form::Uid][chance.below(2) as usize];
    let first = chance.below(4) + 1;
    let set = match chance.below(3) {
        0 => SequenceSet::one(first),
        1 => SequenceSet::all(),
        _ => SequenceSet::range(Bound::Number(first), Bound::Star),
    };
    let mailbox = MailboxName::new(["INBOX", "B"][chance.below(2) as usize]);
    let deleted = FlagNames::from(Flags::DELETED);
    match chance.below(16) {
        0..=2 => Command::Append {
            mailbox,
            flags: Flags::NONE.into(),
            date: InternalDate::default(),
            content: ContentId(content),
            size: 1,
        },
        3 | 4 => Command::Store {
            set,
            form,
            action: [StoreAction::Add, StoreAction::Remove][chance.below(2) as usize],
            silent: chance.below(2) == 0,
            flags: deleted,
        },
        5 | 6 => Command::Expunge { uids: None },
        7 | 8 => Command::Fetch {
            set,
            form,
            marks_seen: chance.below(2) == 0,
        },
        9 => Command::Search {
            key: SearchKey::ALL,
            form,
        },
        10 => Command::Copy { set, form, mailbox },
        11 => Command::Move { set, form, mailbox },
        12 => Command::Select {
            mailbox,
            read_only: chance.below(3) == 0,
        },
        13 => Command::Idle,
        14 if chance.below(3) == 0 => Command::Delete { mailbox },
        14 => Command::Create { mailbox },
        _ => Command::Noop,
    }
}

/// Many steps of a few sessions; the first finding.
fn judged(practice: Practice, seed: u64, steps: u64) -> Result<(), Finding> {
    let mut account = Account::new(Limits {
        page: 2,
        ..Limits::default()
    });
    let mut chance = Chance(seed);
    let mut sessions = vec![Witness::new(); 3];
    for content in 0..steps {
        let session = &mut sessions[chance.below(3) as usize];
        if session.session().is_over() {
            *session = Witness::new();
        }
        let input = if session.session().wants_resume() {
            Input::Resume
        } else if session.session().is_idle() && chance.below(2) == 0 {
            Input::Done
        } else {
            match chance.below(40) {
                0 => Input::Break,
                1..=5 => Input::Wake,
                6 => Input::Shutdown,
                _ => Input::Command(command(&mut chance, content), Moment::default()),
            }
        };
        session.step(input, &mut account, &practice, &mut Vec::new())?;
        account.drain();
    }
    Ok(())
}

#[test]
fn nothing_is_found_in_sessions_of_a_sound_server() {
    for (seed, practice) in (0..).zip(Practice::every()).step_by(EVERY) {
        assert_eq!(judged(practice, seed, SOUND), Ok(()), "{practice:?}");
    }
}

#[test]
fn faults_that_a_client_can_see_are_seen() {
    use Property as P;
    for (fault, property) in [
        (Fault::ExpungeDuringFetch, P::ExpungePermitted),
        (Fault::ExpungeDuringStore, P::ExpungePermitted),
        (Fault::ExpungeUnasked, P::ExpungePermitted),
        (Fault::ExistsLowered, P::ExistsCounts),
        (Fault::ExpungeToldTwice, P::ExpungeNamesGone),
        (Fault::ExpungeNumbersFromStart, P::ExpungeNamesGone),
        (Fault::UidReused, P::NumbersAgree),
        (Fault::FetchNumbersLive, P::FetchAboutHeld),
        (Fault::ExistsUntold, P::NumbersAgree),
        (Fault::ByeOnlyToIdle, P::ByeFirst),
        (Fault::CursorAhead, P::Sound),
        (Fault::Unjournalled, P::Replay),
    ] {
        let practice = Practice {
            fault: Some(fault),
            deletion: Deletion::Disconnect,
            ..Practice::default()
        };
        let mut found = (0..50).filter_map(|seed| judged(practice, seed, STEPS).err());
        let seen = found.any(|finding| finding.property == property);
        assert!(seen, "{fault:?}");
    }
}
