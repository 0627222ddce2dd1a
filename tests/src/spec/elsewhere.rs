//! Which of the planted faults other servers had: what is wrong with that list.
//!
//! Touches nothing.

use super::Spec;
use std::collections::BTreeSet;

/// Where faults are listed that other servers had.
const ELSEWHERE: &str = "spec/FAULTS.md";

/// Bugs of multi-access that others have really had, each with the fault that shows it: these the list has to have.
const KNOWN: [(&str, &str); 8] = [
    (
        "numbers resolved in a newer view than the client's",
        "numbers-in-newer-view",
    ),
    ("EXISTS lowered before the EXPUNGE lines", "exists-lowered"),
    ("`*` resolved in the live mailbox", "star-in-live-mailbox"),
    (
        "COPY that leaves out what was expunged and says OK",
        "copy-drops-ghosts",
    ),
    ("a BYE that only sessions in IDLE get", "bye-only-to-idle"),
    ("a queue that is emptied twice", "expunge-told-twice"),
    (
        "EXPUNGE during UID SEARCH with sequence numbers",
        "search-numbers-after-expunge",
    ),
    ("numbers shared by all sessions", "numbering-shared"),
];

/// The faults that are said to have been seen elsewhere can be planted, each in one row, and those that are known are among them.
#[must_use]
pub fn breaches(spec: &Spec) -> Vec<String> {
    let rows = spec.sources.text(ELSEWHERE).lines();
    let cells = rows.filter_map(|row| row.strip_prefix("| `")?.split(" |").next());
    let mut known = BTreeSet::new();
    let mut breaches = Vec::new();
    for name in cells.flat_map(|cell| cell.split(", ")) {
        let name = name.trim_matches('`');
        if !spec.catalogue.faults.contains(name) {
            breaches.push(format!("{ELSEWHERE}: the fault `{name}` is not there"));
        }
        if !known.insert(name) {
            breaches.push(format!("{ELSEWHERE}: the fault `{name}` is there twice"));
        }
    }
    let forgotten = KNOWN.iter().filter(|(_, fault)| !known.contains(fault));
    breaches.extend(forgotten.map(|(bug, fault)| {
        format!("{ELSEWHERE}: no row has the fault `{fault}`, which is {bug}")
    }));
    breaches
}
