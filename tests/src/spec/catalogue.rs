//! What there is to be cited.
//!
//! Touches nothing: the code's own lists, and the text of the repository.

use super::sources::{Sources, is_ignored};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::{Fault, Invariant, check::Property};
use tandem_server::connection::capability::CAPABILITIES;

/// Which property each fault breaks, as the test has found that plants them.
const BREAKS: &str = "model/tests/check_faults/lengths.txt";

/// Names by kind.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// Properties of the checker.
    pub properties: BTreeSet<String>,
    /// Faults that can be planted.
    pub faults: BTreeSet<String>,
    /// What each of them breaks when it is planted: a property, or one in one world and another in another.
    pub breaks: BTreeMap<String, BTreeSet<String>>,
    /// Invariants.
    pub invariants: BTreeSet<String>,
    /// Transcripts: written down in `spec/transcripts.md`, and played.
    pub transcripts: BTreeSet<String>,
    /// Tests that are run, and how many are called so.
    pub tests: BTreeMap<String, usize>,
    /// Rulings.
    pub rulings: BTreeSet<u32>,
    /// What CAPABILITY says.
    pub capabilities: BTreeSet<String>,
}

impl Catalogue {
    /// What these sources have.
    #[must_use]
    pub fn of(sources: &Sources) -> Self {
        let headings = |path| {
            let lines = sources.text(path).lines();
            lines.filter_map(|line| line.strip_prefix("### "))
        };
        let played = sources.text("tests/tests/transcripts.rs");
        let rulings = headings("spec/rulings.md").filter_map(|heading| {
            let (number, _) = heading.strip_prefix("RULING-")?.split_once(": ")?;
            number.parse().ok()
        });
        let mut tests = BTreeMap::new();
        for (name, _) in sources.tests() {
            *tests.entry(name).or_default() += 1;
        }
        let names = |all: Vec<&str>| all.into_iter().map(str::to_owned).collect();
        Self {
            properties: names(Property::ALL.iter().map(|one| one.as_str()).collect()),
            faults: names(Fault::ALL.iter().map(|one| one.as_str()).collect()),
            breaks: breaks(sources.text(BREAKS)),
            invariants: names(Invariant::ALL.iter().map(|one| one.as_str()).collect()),
            transcripts: headings("spec/transcripts.md")
                .filter(|name| is_played(played, name))
                .map(str::to_owned)
                .collect(),
            tests,
            rulings: rulings.collect(),
            capabilities: names(CAPABILITIES.split(' ').collect()),
        }
    }
}

/// Whether a transcript of this name is among those that are played, and is not ignored.
fn is_played(played: &str, name: &str) -> bool {
    let begins = format!("    {name}, ");
    let mut attributes = Vec::new();
    for line in played.lines() {
        if line.starts_with(&begins) {
            return !is_ignored(&attributes);
        }
        match line.trim().starts_with(['#', '/']) {
            true => attributes.push(line.trim()),
            false => attributes.clear(),
        }
    }
    false
}

/// The table's first two columns, below its heading.
fn breaks(table: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut breaks: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let rows = table.lines().skip_while(|line| !line.starts_with("fault "));
    for row in rows.skip(1) {
        let mut columns = row.split_whitespace().map(str::to_owned);
        if let (Some(fault), Some(property)) = (columns.next(), columns.next()) {
            breaks.entry(fault).or_default().insert(property);
        }
    }
    breaks
}
