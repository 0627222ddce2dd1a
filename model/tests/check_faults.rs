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
            depth: Some(LONGEST),
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
