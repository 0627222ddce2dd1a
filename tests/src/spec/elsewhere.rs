//! Which of the planted faults other servers had: what is wrong with that list.
//!
//! Touches nothing.

use super::Spec;
use std::collections::BTreeSet;

/// Where faults are listed that other servers had.
const ELSEWHERE: &str = "spec/FAULTS.md";

/// The faults that are said to have been seen elsewhere can be planted, each in one row.
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
    if known.is_empty() {
        breaches.push(format!("{ELSEWHERE} names no fault"));
    }
    breaches
}
