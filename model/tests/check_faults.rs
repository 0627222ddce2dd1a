//! Every planted fault is found, by the property that it breaks. Feature `check`.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use std::fmt::Write as _;
use tandem_model::{
    Fault, Practice,
    check::{Bounds, Property, Rules, Setup, plant::planted, search, transcript::transcript},
};

/// Every fault with the length of its shortest counterexample; `TANDEM_UPDATE=1` writes it.
const LENGTHS: &str = "tests/check_faults.txt";

/// What stands above the table.
const HEADING: &str = "\
The length of the shortest counterexample of every planted fault, in actions: a client sends, the server takes, a client reads, a session is woken, a connection
breaks, something becomes durable, the server crashes. Each was searched for breadth first, in every order of the actions of the world that stands beside it, of
two clients and two messages unless it says otherwise, with nothing pipelined and every world kept exactly: no shorter way breaks any property there. `cargo test -p tandem-model --features check
--test check_faults` compares; TANDEM_UPDATE=1 writes.

";

#[test]
fn every_planted_fault_is_found_at_the_end_of_a_way_as_short_as_it_is_written() {
    let mut table = String::from(HEADING);
    line(&mut table, ["fault", "breaks", "length", "world"]);
    for &fault in Fault::ALL {
        let planted = planted(fault);
        // In every order, so that no way is longer than it need be.
        let mut setup = Setup {
            reduced: false,
            ..planted.setup
        };
        if planted.breaks == Property::RestReached {
            // It is asked once all worlds are known: of those that one client makes.
            setup.clients = 1;
        }
        line(&mut table, shortest(setup, planted.breaks));
        if fault == Fault::StoreGhostsOk {
            line(&mut table, shortest(alone(setup), Property::StoreExpunged));
        }
    }
    if std::env::var_os("TANDEM_UPDATE").is_some() {
        std::fs::write(LENGTHS, &table).expect("the table can be written");
    }
    let written = std::fs::read_to_string(LENGTHS).expect("the table can be read");
    let found: Vec<&str> = table.lines().collect();
    let written: Vec<&str> = written.lines().collect();
    assert_eq!(found, written, "{LENGTHS} is not what is found");
}

/// The same world with one message.
fn alone(setup: Setup) -> Setup {
    Setup {
        messages: 1,
        ..setup
    }
}

/// A row about the shortest way to a breach, which has to be one of this property.
fn shortest(setup: Setup, breaks: Property) -> [String; 4] {
    let fault = setup.practice.fault.map_or("", Fault::as_str);
    let rules = Rules::new(setup).expect("the world begins without the fault");
    let bounds = Bounds {
        // Whether rest can be reached is asked once all is known.
        rest: breaks == Property::RestReached,
        ..Bounds::default()
    };
    let found = search(&rules, bounds, &mut |_| {});
    let (finding, actions) = found.breach.expect(fault);
    let told = transcript(&rules, &actions);
    assert_eq!(finding.property, breaks, "{finding}\n{told}");
    assert!(!told.is_empty());
    let unusual = setup.practice.chosen().into_iter();
    let unusual = unusual.filter(|choice| !Practice::default().chosen().contains(choice));
    let mut world = setup.scene.as_str().to_owned();
    for (count, usual, what) in [
        (setup.clients, 2, "clients"),
        (setup.messages, 2, "messages"),
    ] {
        if count != usual {
            let _ = write!(world, ", {what}: {count}");
        }
    }
    let world = unusual.fold(world, |world, (key, value)| {
        format!("{world}, {key}={value}")
    });
    [
        fault.to_owned(),
        breaks.as_str().to_owned(),
        actions.len().to_string(),
        world,
    ]
}

/// A row of the table.
fn line(table: &mut String, row: [impl AsRef<str>; 4]) {
    let [fault, breaks, length, world] = row.each_ref().map(AsRef::as_ref);
    // Writing to a string does not fail.
    let _ = writeln!(table, "{fault:30}{breaks:20}{length:>6}  {world}");
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
    // The table has that one too, broken by a fault that breaks another where there are two messages.
    assert_eq!(untested, [&Property::StoreExpunged]);
}

#[test]
fn what_a_crash_takes_back_is_told_with_the_crash() {
    for fault in [
        Fault::AckBeforeDurable,
        Fault::RevealBeforeDurable,
        Fault::HalfBatchRecovered,
        Fault::UidReusedAfterCrash,
        Fault::CountersForgotten,
    ] {
        let rules = Rules::new(planted(fault).setup).expect("the world begins without the fault");
        let (_, actions) = search(&rules, Bounds::default(), &mut |_| {})
            .breach
            .expect("it is found");
        let told = transcript(&rules, &actions);
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
