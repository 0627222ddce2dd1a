//! The rules, held against the sources.
//!
//! Touches the sources, to read.

use super::{
    source::{Source, occurrences},
    table::{MUTATORS, RULES, UNTAGGED, WORDED, WORDS},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every file below a folder that is not for tests only, by its path.
fn sources(root: &Path) -> BTreeMap<String, Source> {
    let (mut all, mut tests) = (BTreeMap::new(), BTreeSet::new());
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let source = Source::read(&fs::read_to_string(&path).unwrap());
                let name = path.strip_prefix(root).unwrap().with_extension("");
                let name = name.to_str().unwrap().to_owned();
                let module = name.strip_suffix("/mod").unwrap_or(&name);
                let below = |test: &String| match module {
                    "lib" | "main" => test.clone(),
                    module => format!("{module}/{test}"),
                };
                tests.extend(source.test_modules.iter().map(below));
                all.insert(name, source);
            }
        }
    }
    let is_test = |name: &str| {
        tests.iter().any(|test| {
            name.strip_prefix(test.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    all.retain(|name, _| !is_test(name));
    all.into_iter()
        .map(|(name, source)| (name + ".rs", source))
        .collect()
}

/// Compares where something is done with where it may be.
fn compare(
    breach: &str,
    found: impl Iterator<Item = (String, usize)>,
    allowed: &[(&str, usize, &str)],
) -> Vec<String> {
    let mut faults = Vec::new();
    let found: BTreeMap<String, usize> = found.filter(|(_, count)| *count > 0).collect();
    for (file, count) in &found {
        let (may, why) = allowed
            .iter()
            .find(|(known, ..)| known == file)
            .map_or((0, "it may not"), |(_, count, why)| (*count, why));
        if *count != may {
            faults.push(format!("{file} {breach}: {count} times, not {may} ({why})"));
        }
    }
    let gone = allowed
        .iter()
        .filter(|(file, ..)| !found.contains_key(*file));
    faults
        .extend(gone.map(|(file, ..)| format!("{file} is allowed what it does not do: {breach}")));
    faults
}

/// Everything that is done where it may not be.
fn faults(sources: &BTreeMap<String, Source>) -> Vec<String> {
    let mut faults = Vec::new();
    for rule in RULES {
        let count = |source: &Source| rule.signs.iter().map(|sign| source.count(sign)).sum();
        let found = sources
            .iter()
            .map(|(file, source)| (file.clone(), count(source)));
        faults.extend(compare(rule.breach, found, rule.allowed));
    }
    let untagged = |source: &Source| {
        source
            .texts
            .iter()
            .filter(|text| text.starts_with("* "))
            .count()
    };
    let found = sources
        .iter()
        .map(|(file, source)| (file.clone(), untagged(source)));
    faults.extend(compare("words an untagged response", found, UNTAGGED));
    let worded = |source: &Source| {
        let has_word = |text: &&String| {
            let text = text.to_uppercase();
            WORDS.iter().any(|word| occurrences(&text, word) > 0)
        };
        source.texts.iter().filter(has_word).count()
    };
    let found = sources
        .iter()
        .map(|(file, source)| (file.clone(), worded(source)));
    faults.extend(compare("has a word of untagged responses", found, WORDED));
    faults
}

#[test]
fn nothing_goes_around_the_step() {
    let faults = faults(&sources(&folder("src")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_model_can_be_changed_by_what_is_listed_and_nothing_else() {
    let mut found = Vec::new();
    for (file, source) in sources(&folder("../model/src")) {
        if file.starts_with("check/") {
            continue;
        }
        found.extend(source.mutators().map(|name| format!("{file}: {name}")));
        // What changes something that has no method for it.
        for way in ["DerefMut", "IndexMut", "AsMut", "BorrowMut"] {
            assert_eq!(source.count(way), 0, "{file}: {way}");
        }
    }
    assert_eq!(found, MUTATORS);
}

#[test]
fn a_way_around_is_seen_wherever_it_is_planted() {
    let root = folder("src");
    let mut sources = sources(&root);
    let sound = faults(&sources);
    assert!(sources.len() > 100);
    for planted in [
        "fn f(a: &mut Account, c: &Change) { a . apply (c) }",
        "fn f(a: &mut Account, c: &Change) { a\n    .apply(c); }",
        "fn f(a: &mut Account, c: &Change) { Account::apply(a, c) }",
        "use tandem_model::Account as Quiet;",
        "fn f(a: &mut Account) { let _ = a.drain(); }",
        "fn f(a: &mut Account) { Account::drain(a); }",
        "fn f(c: &Change) { a.with(|a| <Account>::apply(a, c)) }",
        "type A = Account;",
        "type A = tandem_model::Account;",
        "use tandem_model as quiet;",
        "fn f(state: &mut State) { state.account = other; }",
        "fn f(state: &mut State) { mem::swap(&mut state.account, &mut other); }",
        "fn f(talk: &mut Talk) { talk.step(input, &mut state, &practice, &mut out); }",
        "fn f() -> Response { Response::Exists(7) }",
        "fn f(page: &mut Page) { page.responses.push(one); }",
        "fn f(page: &mut Page) { page.responses.retain(|one| keep(one)); }",
        "fn f(page: &mut Page) { page.responses.swap(0, 1); }",
        "fn f(page: Page) { let Page { mut responses, .. } = page; }",
        "fn f(out: &mut Vec<u8>) { out.extend_from_slice(b\"* 7 EXISTS\\r\\n\"); }",
        "fn f(out: &mut Vec<u8>) { put(out, format_args!(\"* {n} EXPUNGE\\r\\n\")); }",
        "fn f(out: &mut Vec<u8>) { put(out, format_args!(\"{star} {n} EXISTS\\r\\n\")); }",
        "fn f(out: &mut Vec<u8>) { out.extend_from_slice(b\" Recent\\r\\n\"); }",
        "fn f(wire: &mut Wire) { wire.out.push(b'*'); }",
        "fn f(w: &mut Wire) { w.out.push(b'*'); }",
        "fn f(w: &mut Wire) { let Wire { out, .. } = w; }",
        "async fn f(stream: &mut TcpStream) { stream.write_all(b\"x\").await; }",
        "fn f(out: &mut Vec<u8>) { encode::response(out, &r, &tag, &keywords) }",
        "fn f() { let mut session = Session::new(); session.step(input, &mut account, &practice, &mut out); }",
    ] {
        for file in [
            "accounts/holds.rs",
            "commands/serve.rs",
            "connection/answer.rs",
            "new.rs",
        ] {
            let text = fs::read_to_string(root.join(file)).unwrap_or_default();
            let other = Source::read(&format!("{text}\n{planted}"));
            let before = sources.insert(file.into(), other);
            assert_ne!(faults(&sources), sound, "{file}: {planted}");
            match before {
                Some(before) => sources.insert(file.into(), before),
                None => sources.remove(file),
            };
        }
    }
}
