//! Every planted fault is found, by the property that it breaks. Feature `check`.
#![cfg(feature = "check")]

use tandem_model::{
    Fault,
    check::{Bounds, Property, Rules, Setup, plant::planted, search, transcript::transcript},
};

/// The longest of the shortest ways to a planted fault; a model that grows a detour fails here.
const LONGEST: usize = 8;

#[test]
fn every_planted_fault_is_found_and_breaks_the_property_that_it_should() {
    for &fault in Fault::ALL {
        let planted = planted(fault);
        let rules = Rules::new(planted.setup).expect("the world begins without the fault");
        let bounds = Bounds {
            // Whether rest can be reached is asked once all is known.
            depth: (planted.breaks != Property::RestReached).then_some(LONGEST),
            rest: true,
            ..Bounds::default()
        };
        let found = search(&rules, bounds, &mut |_| {});
        let Some((finding, actions)) = found.breach else {
            panic!("{} is not found", fault.as_str())
        };
        let told = transcript(&rules, &actions);
        println!(
            "{:30} {:2} actions  {finding}",
            fault.as_str(),
            actions.len()
        );
        assert_eq!(
            finding.property,
            planted.breaks,
            "{}: {finding}\n{told}",
            fault.as_str()
        );
        assert!(!told.is_empty());
    }
}

#[test]
fn with_one_message_a_store_that_is_answered_with_ok_is_of_none_but_expunged_ones() {
    let planted = planted(Fault::StoreGhostsOk);
    let setup = Setup {
        messages: 1,
        ..planted.setup
    };
    let rules = Rules::new(setup).expect("the world begins without the fault");
    let (finding, _) = search(&rules, Bounds::default(), &mut |_| {})
        .breach
        .expect("it is found");
    assert_eq!(finding.property, Property::StoreExpunged);
}

#[test]
fn every_property_is_seen_to_fail() {
    let in_the_table = |property: &Property| {
        Fault::ALL
            .iter()
            .any(|&fault| planted(fault).breaks == *property)
    };
    let untested: Vec<_> = Property::ALL
        .iter()
        .filter(|property| !in_the_table(property))
        .collect();
    // That one is broken in the test above, by a fault that breaks another where there are two messages.
    assert_eq!(untested, [&Property::StoreExpunged]);
}

#[test]
fn what_a_crash_takes_back_is_found_in_a_few_actions() {
    let lengths = [
        (Fault::AckBeforeDurable, 4),
        (Fault::RevealBeforeDurable, 6),
        (Fault::HalfBatchRecovered, 3),
        (Fault::UidReusedAfterCrash, 6),
        (Fault::CountersForgotten, 4),
    ];
    for (fault, length) in lengths {
        let rules = Rules::new(planted(fault).setup).expect("the world begins without the fault");
        let (_, actions) = search(&rules, Bounds::default(), &mut |_| {})
            .breach
            .expect("it is found");
        let told = transcript(&rules, &actions);
        assert_eq!(actions.len(), length, "{}\n{told}", fault.as_str());
        assert!(told.contains("-- crash --"), "{told}");
    }
}

#[test]
fn a_change_that_was_shown_too_soon_is_told_as_it_happened() {
    let planted = planted(Fault::RevealBeforeDurable);
    let rules = Rules::new(planted.setup).expect("the world begins without the fault");
    let (_, actions) = search(&rules, Bounds::default(), &mut |_| {})
        .breach
        .expect("it is found");
    let expected = "\
C1: A001 NOOP
C2: B001 STORE 1 +FLAGS.SILENT (\\Deleted)
<the answer to B001 waits for the journal>
<the server takes A001 of client 1>
S1: * 1 FETCH (FLAGS (\\Deleted))
S1: A001 OK NOOP completed
-- crash --
<what B001 did was not durable>
<started again: A has UID 1 and UID 2 (\\Deleted); B is empty>";
    assert_eq!(transcript(&rules, &actions), expected);
}
