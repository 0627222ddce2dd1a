//! The parts of the documentation that are made from the code and from the specification.
//!
//! Touches the files that have them, where it is asked to.

use super::{Spec, consumers, entry::Citation, picture, sources::root};
use std::{collections::BTreeMap, fs};
use tandem_model::{
    Fault, Invariant,
    check::Property,
    practice::{Row, TABLE},
};

/// A part of a file, between `<!-- generated: NAME` and `<!-- end of NAME -->`, or a whole file.
#[derive(Clone, Debug)]
pub struct Block {
    /// The file.
    pub path: &'static str,
    /// The part; none: the whole file.
    pub name: Option<&'static str>,
    /// What shall be there.
    pub text: String,
}

/// Everything that is generated.
#[must_use]
pub fn all(spec: &Spec) -> Vec<Block> {
    let part = |path, name, text| Block {
        path,
        name: Some(name),
        text,
    };
    let whole = |path, text| Block {
        path,
        name: None,
        text,
    };
    vec![
        part("README.md", "practices", practices(TABLE)),
        part("README.md", "coverage", summary(spec)),
        part("spec/rfc2180.md", "practices", statements(spec)),
        part(
            "spec/README.md",
            "invariants",
            consumers::table(&spec.sources),
        ),
        part("spec/README.md", "accepted", accepted(spec)),
        whole("spec/index.md", index(spec)),
        whole("spec/coverage.svg", picture::draw(spec)),
    ]
}

impl Block {
    /// The file as it should be, given as it is.
    ///
    /// # Errors
    /// It has no such part.
    pub fn applied(&self, now: &str) -> Result<String, String> {
        let Some(name) = self.name else {
            return Ok(self.text.clone());
        };
        let missing = || format!("{} has no part `{name}`", self.path);
        let at = now
            .find(&format!("<!-- generated: {name}"))
            .ok_or_else(missing)?;
        let begins = at + now[at..].find("-->\n").ok_or_else(missing)? + "-->\n".len();
        let end = now[begins..]
            .find(&format!("<!-- end of {name} -->"))
            .ok_or_else(missing)?;
        Ok(format!(
            "{}{}{}",
            &now[..begins],
            self.text,
            &now[begins + end..]
        ))
    }

    /// Whether the file is as it should be; if not, and it is to be, it is written.
    ///
    /// # Errors
    /// It is not, and was not written.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn hold(&self, write: bool) -> Result<(), String> {
        let path = root().join(self.path);
        let now = fs::read_to_string(&path).unwrap_or_default();
        let should = self.applied(&now)?;
        if now == should {
            return Ok(());
        }
        if write {
            fs::write(&path, should).unwrap();
            return Ok(());
        }
        let name = self.name.unwrap_or("all of it");
        Err(format!(
            "{}, {name}, is not what is generated: see it with TANDEM_UPDATE=1 cargo test -p tandem-tests --test spec",
            self.path
        ))
    }
}

/// The table of README: what `tandem practices` prints.
fn practices(rows: &[Row]) -> String {
    let mut table = String::from("| key | value | RFC 2180 | what it does |\n|---|---|---|---|\n");
    for row in rows {
        let default = if row.default { " (default)" } else { "" };
        let (key, value) = (row.key, row.value);
        table.push_str(&format!(
            "| `{key}` | `{value}`{default} | {} | {} |\n",
            row.section, row.summary
        ));
    }
    table
}

/// The same with the statements of each section.
fn statements(spec: &Spec) -> String {
    let mut table = String::from("| practice | section | statements |\n|---|---|---|\n");
    for row in TABLE {
        let here = spec.entries.iter().filter(|entry| {
            entry.id.rfc == 2180
                && entry
                    .id
                    .to_string()
                    .starts_with(&format!("R2180-{}-", row.section))
        });
        let ids: Vec<String> = here.map(|entry| format!("`{}`", entry.id)).collect();
        table.push_str(&format!(
            "| `{}={}` | {} | {} |\n",
            row.key,
            row.value,
            row.section,
            ids.join(", ")
        ));
    }
    table
}

fn summary(spec: &Spec) -> String {
    let asking = || spec.entries.iter().filter(|entry| entry.asks());
    let required = asking().filter(|entry| {
        !entry.of_clients && entry.word != super::entry::Word::May && entry.is_checked()
    });
    let offered = |citation: &Citation| matches!(citation, Citation::NotOffered(_));
    let not_offered = asking().filter(|entry| entry.citations.iter().any(offered));
    let rfcs: std::collections::BTreeSet<u32> = asking()
        .map(|entry| entry.id.rfc)
        .filter(|&rfc| rfc > 0)
        .collect();
    format!(
        "{} statements of {} RFCs and of our own, of which {} are MUST or SHOULD of a server and checked, {} come with extensions that are not announced, and {} are required and not checked. {} properties, {} faults and {} invariants check them, and {} rulings say how they are read.\n",
        asking().count(),
        rfcs.len(),
        required.count(),
        not_offered.count(),
        spec.accepted().count(),
        Property::ALL.len(),
        Fault::ALL.len(),
        Invariant::ALL.len(),
        spec.catalogue.rulings.len()
    )
}

fn accepted(spec: &Spec) -> String {
    let mut list: String = spec
        .accepted()
        .map(|(entry, reason)| format!("- `{}`: {reason}\n", entry.id))
        .collect();
    if list.is_empty() {
        list.push_str("None.\n");
    }
    list
}

/// What asks for each property, fault, invariant and ruling.
fn index(spec: &Spec) -> String {
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in &spec.entries {
        for citation in &entry.citations {
            let name = match citation {
                Citation::Property(name) | Citation::Fault(name) | Citation::Invariant(name) => {
                    name.clone()
                }
                Citation::Ruling(number) => format!("RULING-{number}"),
                _ => continue,
            };
            let ids = asked.entry(name).or_default();
            let id = entry.id.to_string();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    let asks = |name: &str| {
        asked
            .get(name)
            .map(|ids| ids.join(", "))
            .unwrap_or_default()
    };
    let mut text = String::from(
        "# What asks for what\n\nGenerated from the files beside it: TANDEM_UPDATE=1 cargo test -p tandem-tests --test spec. A test compares.\n",
    );
    let mut list = |title: &str, what: &str, rows: Vec<(String, &str)>| {
        text.push_str(&format!(
            "\n## {title}\n\n| id | {what} | asked for by |\n|---|---|---|\n"
        ));
        for (name, sentence) in rows {
            let ids = asks(&name);
            text.push_str(&format!("| `{name}` | {sentence} | {ids} |\n"));
        }
    };
    list(
        "Properties",
        "what it says",
        Property::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), one.sentence()))
            .collect(),
    );
    list(
        "Faults",
        "what goes wrong",
        Fault::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), one.summary()))
            .collect(),
    );
    list(
        "Invariants",
        "what it says",
        Invariant::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), one.sentence()))
            .collect(),
    );
    let headings = spec.sources.text("spec/rulings.md").lines();
    let rulings = headings
        .filter_map(|line| line.strip_prefix("### ")?.split_once(": "))
        .map(|(name, about)| (name.to_owned(), about))
        .collect();
    list("Rulings", "about", rulings);
    text
}
