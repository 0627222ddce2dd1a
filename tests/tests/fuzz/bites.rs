//! That the judges bite: with a fault planted in the model, some seed of the corpus fails.

use crate::seeds::{plant, seeds};
use std::panic;
use tandem_model::{
    Fault, Invariant,
    check::{Bounds, Rules, Setup, plant::planted, search},
};
use tandem_tests::fuzz::{account_with, session_with, world_of, world_with};

/// Which invariant a fault breaks, if it is about one: who finds it says so.
fn broken_by(fault: Fault) -> Option<Invariant> {
    match fault {
        Fault::CursorAhead => Some(Invariant::CursorsBounded),
        Fault::Unjournalled => Some(Invariant::ChangesReplay),
        _ => None,
    }
}

/// Whether a seed of a corpus fails with a fault, and in the right words.
fn is_found(corpus: &str, fault: Fault, target: fn(&[u8], Option<Fault>)) -> bool {
    let failed = |seed: &[u8]| panic::catch_unwind(|| target(seed, Some(fault))).err();
    seeds(corpus).iter().any(|(_, seed)| {
        failed(seed).is_some_and(|said| {
            let said = said.downcast_ref::<String>();
            let said = said.map(String::as_str).unwrap_or_default();
            broken_by(fault).is_none_or(|broken| said.contains(broken.described()))
        })
    })
}

/// Those that are not found, of these.
fn missed(corpus: &str, faults: &[Fault], target: fn(&[u8], Option<Fault>)) -> Vec<&'static str> {
    // What fails is meant to.
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let missed = faults
        .iter()
        .filter(|&&fault| !is_found(corpus, fault, target));
    let missed = missed.map(|fault| fault.as_str()).collect();
    panic::set_hook(hook);
    missed
}

/// What the seeds of `account` find.
const OF_SCRIPTS: &[Fault] = &[
    Fault::ExpungeDuringFetch,
    Fault::ExpungeDuringStore,
    Fault::NumbersInNewerView,
    Fault::StarInLiveMailbox,
    Fault::ExistsLowered,
    Fault::ExistsUntold,
    Fault::ExistsWithheld,
    Fault::ExpungeToldTwice,
    Fault::ExpungeNumbersFromStart,
    Fault::FetchNumbersLive,
    Fault::StoreNumbersLive,
    Fault::NumberingShared,
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
];

/// What those of `session` find: clients that know nothing but what they are told.
const OF_CLIENTS: &[Fault] = &[
    Fault::ExpungeDuringFetch,
    Fault::ExpungeDuringStore,
    Fault::ExpungeUnasked,
    Fault::NumbersInNewerView,
    Fault::ExistsLowered,
    Fault::ExistsUntold,
    Fault::ExpungeToldTwice,
    Fault::ExpungeNumbersFromStart,
    Fault::FetchNumbersLive,
    Fault::UidReused,
];

#[test]
fn seeds_find_the_faults_of_the_model() {
    let none: [&str; 0] = [];
    assert_eq!(missed("account", OF_SCRIPTS, account_with), none);
    assert_eq!(missed("session", OF_CLIENTS, session_with), none);
    assert_eq!(missed("world", Fault::ALL, world_with), none);
}

/// A seed of `world` for each fault: the shortest way to it. `TANDEM_UPDATE=1` writes them: what the actions of a world are, and in which order, may change.
#[test]
fn the_shortest_way_to_each_fault_is_a_seed() {
    for &fault in Fault::ALL {
        let planted = planted(fault);
        let setup = Setup {
            reduced: false,
            // It is asked once all worlds are known: of those that one client makes.
            clients: if fault == Fault::DoneIgnored {
                1
            } else {
                planted.setup.clients
            },
            ..planted.setup
        };
        let bounds = Bounds {
            rest: fault == Fault::DoneIgnored,
            ..Bounds::default()
        };
        let rules = Rules::new(setup).unwrap();
        let found = search(&rules, bounds, &mut |_| {});
        let (_, way) = found.breach.unwrap();
        plant("world", fault.as_str(), &world_of(&setup, &way));
    }
}
