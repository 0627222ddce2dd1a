//! Every planted fault is found, by the property that it breaks. Feature `check`.
#![cfg(feature = "check")]

use tandem_model::{
    Fault,
    check::{Bounds, Property, Rules, plant::planted, search, transcript::transcript},
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
fn at_least_half_of_the_properties_are_broken_by_a_planted_fault() {
    let broken = |property: &Property| {
        Fault::ALL
            .iter()
            .any(|&fault| planted(fault).breaks == *property)
    };
    let count = Property::ALL
        .iter()
        .filter(|property| broken(property))
        .count();
    assert!(
        2 * count >= Property::ALL.len(),
        "{count} of {}",
        Property::ALL.len()
    );
}
