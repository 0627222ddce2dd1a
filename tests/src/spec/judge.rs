//! What is wrong with the specification, or with what it is held against.
//!
//! Touches nothing.

use super::{
    Spec, elsewhere,
    entry::{Citation, Entry, Id, Word},
};
use std::collections::{BTreeMap, BTreeSet};
use tandem_model::practice::TABLE;

/// The file in which these judgements are tried on text that is wrong.
const PLANTED: &str = "tests/tests/spec.rs";

/// So many statements may be required and not checked.
pub const ACCEPTED: usize = 3;

/// Every breach, each with its place.
#[must_use]
pub fn breaches(spec: &Spec) -> Vec<String> {
    let mut breaches = spec.malformed.clone();
    breaches.extend(ids(spec));
    for entry in &spec.entries {
        let wrong = citations(spec, entry).into_iter();
        let wrong = wrong.chain(faults(spec, entry)).chain(level(spec, entry));
        breaches.extend(wrong.map(|what| format!("{}: {} {what}", entry.place, entry.id)));
    }
    breaches.extend(accepted(spec));
    breaches.extend(unasked(spec));
    breaches.extend(practices(spec));
    breaches.extend(elsewhere::breaches(spec));
    breaches.extend(mentions(spec));
    breaches
}

/// Each id once, in its file, in order.
fn ids(spec: &Spec) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut known: BTreeMap<&Id, &str> = BTreeMap::new();
    let mut last: Option<(&str, &Id)> = None;
    for entry in &spec.entries {
        let Entry { id, place, .. } = entry;
        let file = place.split_once(':').map_or("", |(file, _)| file);
        let home = match id.rfc {
            0 => "spec/promises.md".to_owned(),
            rfc => format!("spec/rfc{rfc}.md"),
        };
        if file != home {
            breaches.push(format!("{place}: {id} belongs into {home}"));
        }
        if let Some(before) = known.insert(id, place) {
            breaches.push(format!("{place}: {id} is used twice, first in {before}"));
        }
        if last.is_some_and(|(other, before)| other == file && before > id) {
            breaches.push(format!("{place}: {id} is out of order"));
        }
        last = Some((file, id));
    }
    breaches
}

/// What is cited is there.
fn citations(spec: &Spec, entry: &Entry) -> Vec<String> {
    let there = &spec.catalogue;
    let missing = entry.citations.iter().filter_map(|citation| {
        let (kind, name, names) = match citation {
            Citation::Property(name) => ("property", name, &there.properties),
            Citation::Fault(name) => ("fault", name, &there.faults),
            Citation::Invariant(name) => ("invariant", name, &there.invariants),
            Citation::Transcript(name) => ("transcript", name, &there.transcripts),
            Citation::Test(name) => return test(there.tests.get(name).copied(), name),
            Citation::Ruling(number) => {
                let missing = !there.rulings.contains(number);
                return missing.then(|| format!("cites RULING-{number}, which is not there"));
            }
            _ => return None,
        };
        let missing = !names.contains(name);
        missing.then(|| format!("cites the {kind} `{name}`, which is not there"))
    });
    missing.collect()
}

/// A test that is cited is there, and no other is called so: one of them could go, and nobody would notice.
fn test(count: Option<usize>, name: &str) -> Option<String> {
    match count {
        None => Some(format!("cites the test `{name}`, which is not there")),
        Some(1) => None,
        Some(count) => Some(format!(
            "cites the test `{name}`, and {count} are called so"
        )),
    }
}

/// Who cites a fault cites the property by which it is found, or one of them: what breaks another statement only, says nothing of this one.
fn faults(spec: &Spec, entry: &Entry) -> Vec<String> {
    let cites = |property: &String| {
        let property = Citation::Property(property.clone());
        entry.citations.contains(&property)
    };
    let cited = entry
        .citations
        .iter()
        .filter_map(|citation| match citation {
            Citation::Fault(name) if spec.catalogue.faults.contains(name) => Some(name),
            _ => None,
        });
    let wrong = cited.filter_map(|fault| {
        let Some(breaks) = spec.catalogue.breaks.get(fault) else {
            return Some(format!(
                "cites the fault `{fault}`, of which nothing says what it breaks"
            ));
        };
        let alone = !breaks.iter().any(cites);
        alone.then(|| {
            let breaks: Vec<&str> = breaks.iter().map(String::as_str).collect();
            let breaks = breaks.join("` or `");
            format!("cites the fault `{fault}`, which breaks `{breaks}`, and not that property")
        })
    });
    wrong.collect()
}

/// What is asked for is checked, or it says why not. What is asked of clients says that they do it: a ruling of ours binds no client.
fn level(spec: &Spec, entry: &Entry) -> Vec<String> {
    let mut breaches = Vec::new();
    let required = matches!(entry.word, Word::Must | Word::Should) && !entry.of_clients;
    let may = entry.word == Word::May && !entry.of_clients;
    let mut excused = false;
    for citation in &entry.citations {
        let fits = match citation {
            Citation::NotOffered(capability) => {
                if spec.catalogue.capabilities.contains(capability) {
                    breaches.push(format!(
                        "is called not offered, and CAPABILITY says `{capability}`"
                    ));
                }
                true
            }
            Citation::Accepted(_) => required,
            Citation::NotDone => may,
            Citation::Clients => entry.of_clients,
            Citation::NoBehaviour => matches!(entry.word, Word::Term | Word::Note),
            _ => continue,
        };
        if fits {
            excused = true;
        } else {
            breaches.push("gives a reason that does not fit its level".to_owned());
        }
    }
    if entry.asks() && !excused && !entry.is_checked() {
        breaches.push("is checked by nothing".to_owned());
    }
    breaches
}

fn accepted(spec: &Spec) -> Option<String> {
    let accepted = spec.accepted().count();
    (accepted > ACCEPTED).then(|| {
        format!(
            "{accepted} statements are required and not checked; no more than {ACCEPTED} may be"
        )
    })
}

/// What is there is asked for.
fn unasked(spec: &Spec) -> Vec<String> {
    let cited = |kind: fn(&Citation) -> Option<&String>| -> BTreeSet<&String> {
        let all = spec.entries.iter().flat_map(|entry| &entry.citations);
        all.filter_map(kind).collect()
    };
    let mut breaches = Vec::new();
    let mut compare = |kind: &str, there: &BTreeSet<String>, cited: BTreeSet<&String>| {
        let unasked = there.iter().filter(|name| !cited.contains(name));
        breaches.extend(unasked.map(|name| format!("no statement asks for the {kind} `{name}`")));
    };
    let there = &spec.catalogue;
    compare(
        "property",
        &there.properties,
        cited(|citation| match citation {
            Citation::Property(name) => Some(name),
            _ => None,
        }),
    );
    compare(
        "fault",
        &there.faults,
        cited(|citation| match citation {
            Citation::Fault(name) => Some(name),
            _ => None,
        }),
    );
    compare(
        "invariant",
        &there.invariants,
        cited(|citation| match citation {
            Citation::Invariant(name) => Some(name),
            _ => None,
        }),
    );
    compare(
        "transcript",
        &there.transcripts,
        cited(|citation| match citation {
            Citation::Transcript(name) => Some(name),
            _ => None,
        }),
    );
    breaches
}

/// Every alternative of RFC 2180 that the code knows has a statement in the section that it names.
fn practices(spec: &Spec) -> Vec<String> {
    let without = TABLE.iter().filter(|row| {
        let mut section = spec.entries.iter().filter(|entry| {
            let numbers: Vec<String> = entry.id.section.iter().map(u32::to_string).collect();
            entry.id.rfc == 2180 && numbers.join(".") == row.section
        });
        section.all(|entry| entry.word != Word::May || entry.of_clients)
    });
    without
        .map(|row| {
            format!(
                "{}={} names section {}, and no statement there says MAY",
                row.key, row.value, row.section
            )
        })
        .collect()
}

/// Ids and rulings that are mentioned anywhere are there, and each ruling is mentioned outside of the rulings.
fn mentions(spec: &Spec) -> Vec<String> {
    let ids: BTreeSet<String> = spec
        .entries
        .iter()
        .map(|entry| entry.id.to_string())
        .collect();
    let mut breaches = Vec::new();
    let mut mentioned = BTreeSet::new();
    for (path, text) in &spec.sources.files {
        if path == PLANTED {
            continue;
        }
        for word in words(text) {
            let ruling = word.strip_prefix("RULING-").map(str::parse::<u32>);
            if let Some(Ok(number)) = ruling {
                if !spec.catalogue.rulings.contains(&number) {
                    breaches.push(format!("{path}: {word} is not there"));
                }
                if path != "spec/rulings.md" && path != "spec/index.md" {
                    mentioned.insert(number);
                }
            } else if Id::read(word).is_some() && !ids.contains(word) && !is_withdrawn(spec, word) {
                breaches.push(format!("{path}: {word} is not there"));
            }
        }
    }
    let forgotten = spec.catalogue.rulings.difference(&mentioned);
    breaches.extend(forgotten.map(|number| format!("nobody cites RULING-{number}")));
    breaches
}

/// What can be an id: letters, digits, hyphens, and dots within.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-.".contains(letter))
        .map(|word| word.trim_end_matches('.'))
}

fn is_withdrawn(spec: &Spec, id: &str) -> bool {
    let struck = format!("- ~~`{id}`");
    spec.sources
        .requirements()
        .any(|(_, text)| text.lines().any(|line| line.starts_with(&struck)))
}

impl Entry {
    /// Something is run that can fail if it is not so.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.citations.iter().any(|citation| {
            matches!(
                citation,
                Citation::Property(_)
                    | Citation::Fault(_)
                    | Citation::Invariant(_)
                    | Citation::Transcript(_)
                    | Citation::Test(_)
            )
        })
    }

    /// It asks for something.
    #[must_use]
    pub const fn asks(&self) -> bool {
        matches!(self.word, Word::Must | Word::Should | Word::May)
    }
}

impl Spec {
    /// What is required and not checked, with the reason.
    pub fn accepted(&self) -> impl Iterator<Item = (&Entry, &str)> {
        self.entries.iter().filter_map(|entry| {
            let reason = entry.citations.iter().find_map(|citation| match citation {
                Citation::Accepted(reason) => Some(reason.as_str()),
                _ => None,
            });
            reason.map(|reason| (entry, reason))
        })
    }
}
