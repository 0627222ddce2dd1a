//! The text of the repository.
//!
//! Touches files, to read them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Every file of text, by its path from the repository's root.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The files.
    pub files: BTreeMap<String, String>,
}

/// Where the repository is.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What holds text of ours; what else is there may be large.
const ROOMS: [&str; 9] = [
    "model",
    "server",
    "tests",
    "fuzz",
    "spec",
    ".ci",
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
];

impl Sources {
    /// Reads the repository.
    ///
    /// # Panics
    /// A file cannot be read.
    #[must_use]
    pub fn read() -> Self {
        let mut sources = Self::default();
        for room in ROOMS {
            sources.collect(&root(), room);
        }
        sources
    }

    fn collect(&mut self, root: &Path, path: &str) {
        let here = root.join(path);
        if here.is_dir() {
            let mut names: Vec<String> = fs::read_dir(&here)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            let skipped = ["target", "corpus", "snapshots"];
            for name in names
                .iter()
                .filter(|name| !skipped.contains(&name.as_str()))
            {
                self.collect(root, &format!("{path}/{name}"));
            }
        } else if let Ok(text) = fs::read_to_string(&here) {
            self.files.insert(path.to_owned(), text);
        }
    }

    /// The text of a file; empty if there is none.
    #[must_use]
    pub fn text(&self, path: &str) -> &str {
        self.files.get(path).map_or("", String::as_str)
    }

    /// The files of requirements.
    pub fn requirements(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files
            .iter()
            .filter(|(path, _)| path.starts_with("spec/rfc") || path.as_str() == "spec/promises.md")
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every test by its name: a function with an attribute that begins with `test` or `tokio::test`, and with none that has it ignored.
    #[must_use]
    pub fn tests(&self) -> Vec<(String, &str)> {
        let mut tests = Vec::new();
        for (path, text) in self.files.iter().filter(|(path, _)| path.ends_with(".rs")) {
            let mut attributes = Vec::new();
            for line in text.lines().map(str::trim) {
                if line.starts_with("#[") {
                    attributes.push(line);
                } else if let Some(name) = function(line) {
                    if is_test(&attributes) && !is_ignored(&attributes) {
                        tests.push((name.to_owned(), path.as_str()));
                    }
                    attributes.clear();
                } else if line.is_empty() {
                    attributes.clear();
                }
            }
        }
        tests
    }
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let begins = before
        .split_whitespace()
        .all(|word| word.starts_with("pub") || ["async", "const", "unsafe"].contains(&word));
    begins
        .then(|| rest.split_once('('))
        .flatten()
        .map(|(name, _)| name)
}

fn is_test(attributes: &[&str]) -> bool {
    let mut attributes = attributes.iter();
    attributes.any(|one| one.starts_with("#[test]") || one.starts_with("#[tokio::test"))
}

/// Whether a test with these attributes is left out when all are run.
#[must_use]
pub fn is_ignored(attributes: &[&str]) -> bool {
    let mut attributes = attributes.iter();
    attributes.any(|one| {
        one.starts_with("#[ignore") || (one.starts_with("#[cfg_attr(") && one.contains("ignore"))
    })
}
