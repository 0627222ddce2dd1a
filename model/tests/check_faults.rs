//! Every planted fault is found, by the property that it breaks, and told. Feature `check`.
//!
//! How long the ways are, and how they are told, is in files. `TANDEM_UPDATE=1` writes them; what has changed is for who changed it to read.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use stateright::{Model, Path};
use std::fmt::Write as _;
use tandem_model::{
    Fault, Practice,
    check::{
        Action, Bounds, Property, Rules, Setup, plant::planted, search, transcript::transcript,
    },
};

/// Every fault with the length of its shortest counterexample.
const LENGTHS: &str = "lengths.txt";
/// And the counterexample itself.
const TRANSCRIPTS: &str = "transcripts.txt";

/// What stands above the table.
const HEADING: &str = "\
The length of the shortest counterexample of every planted fault, in actions: a client sends, the server takes, a client reads, a session is woken, a connection
breaks, something becomes durable, the server crashes. Each was searched for breadth first, in every order of the actions of the world that stands beside it, of
two clients and two messages unless it says otherwise, with nothing pipelined and every world kept exactly: no shorter way breaks any property there. `cargo test -p tandem-model --features check
--test check_faults` compares; TANDEM_UPDATE=1 writes.

";

/// Compares with the file of this name.
fn is_as_it_was(name: &str, text: &str) {
    let path = format!("{}/tests/check_faults/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("TANDEM_UPDATE").is_some() {
        std::fs::write(&path, text).expect("the file is written");
    }
    let before = std::fs::read_to_string(&path).expect("the file is there");
    let differs = before.lines().zip(text.lines()).find(|(was, is)| was != is);
    assert_eq!(differs, None, "{path}");
    assert!(before == text, "{path} has another length");
}

/// What stateright's Explorer shows of each step, and of where it leads.
fn shown(rules: &Rules, actions: &[Action]) -> String {
    let mut shown = String::new();
    let mut world = rules.beginning().clone();
    for &action in actions {
        let step = rules.format_step(&world, action).unwrap_or_default();
        write!(shown, "> {}\n{step}\n", rules.format_action(&action)).expect("it is text");
        world = rules.next(&world, action).expect("it is possible");
    }
    shown
}

#[test]
fn every_planted_fault_is_found_at_the_end_of_a_way_as_short_as_it_is_written() {
    let (mut table, mut transcripts) = (String::from(HEADING), String::new());
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
        line(
            &mut table,
            shortest(setup, planted.breaks, &mut transcripts),
        );
        if fault == Fault::StoreGhostsOk {
            let row = shortest(alone(setup), Property::StoreExpunged, &mut transcripts);
            line(&mut table, row);
        }
    }
    is_as_it_was(LENGTHS, &table);
    is_as_it_was(TRANSCRIPTS, &transcripts);
}

/// The same world with one message.
fn alone(setup: Setup) -> Setup {
    Setup {
        messages: 1,
        ..setup
    }
}

/// A row about the shortest way to a breach, which has to be one of this property.
fn shortest(setup: Setup, breaks: Property, transcripts: &mut String) -> [String; 4] {
    let fault = setup.practice.fault.map_or("", Fault::as_str);
    let rules = Rules::new(setup).expect("the world begins without the fault");
    let bounds = Bounds {
        // Whether rest can be reached is asked once all is known.
        rest: breaks == Property::RestReached,
        // Far more than any of them takes.
        worlds: Some(20_000),
        ..Bounds::default()
    };
    let found = search(&rules, bounds, &mut |_| {});
    let (finding, actions) = found.breach.expect(fault);
    let told = transcript(&rules, &actions);
    assert_eq!(finding.property, breaks, "{finding}\n{told}");
    assert!(!told.is_empty());
    // Writing to a string does not fail.
    let _ = writeln!(
        transcripts,
        "{fault}, {}: {finding}\n{told}\n",
        actions.len()
    );
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
fn what_is_found_is_shown_step_by_step_and_drawn() {
    for fault in [
        Fault::ExpungeDuringFetch,
        Fault::ByeOnlyToIdle,
        Fault::CopyDropsGhosts,
        Fault::DoneIgnored,
        Fault::RevealBeforeDurable,
        Fault::UidReusedAfterCrash,
    ] {
        let rules = Rules::new(planted(fault).setup).expect("the world begins without the fault");
        let bounds = Bounds {
            rest: true,
            ..Bounds::default()
        };
        let (_, actions) = search(&rules, bounds, &mut |_| {})
            .breach
            .expect("it is found");
        // What was found in few orders is told action by action.
        let every = Setup {
            reduced: false,
            ..planted(fault).setup
        };
        let rules = Rules::new(every).expect("the world begins without the fault");
        let name = fault.as_str();
        is_as_it_was(&format!("{name}.txt"), &shown(&rules, &actions));
        let path = Path::from_actions(&rules, rules.beginning().clone(), &actions);
        let drawn = path.and_then(|path| rules.as_svg(path));
        is_as_it_was(&format!("{name}.svg"), &drawn.expect("it is drawn"));
    }
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
