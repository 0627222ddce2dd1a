//! `spec/` says what is so: nothing is cited that is not there, nothing required is unchecked, nothing is there that nobody asks for; and what is generated
//! from it, and from the code, is what the documentation has (`TANDEM_UPDATE=1` writes it again).

#![expect(clippy::unwrap_used, reason = "what fails fails the test")]

use std::collections::BTreeSet;
use tandem_model::{Fault, Invariant, check::Property};
use tandem_tests::spec::{
    Spec,
    blocks::{self, Block},
    consumers::CONSUMERS,
    judge,
    sources::Sources,
};

#[test]
fn the_specification_and_what_it_cites_agree() {
    let breaches = judge::breaches(&Spec::read());
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn what_is_generated_is_what_the_documentation_has() {
    let write = std::env::var_os("TANDEM_UPDATE").is_some();
    let blocks = blocks::all(&Spec::read());
    let differ: Vec<String> = blocks
        .iter()
        .filter_map(|block| block.hold(write).err())
        .collect();
    assert!(differ.is_empty(), "\n{}\n", differ.join("\n"));
}

#[test]
fn readme_counts_properties_and_faults_as_the_code_does() {
    let sources = Sources::read();
    for counted in [
        format!("judge each step by {} properties", Property::ALL.len()),
        format!("{} planted faults", Fault::ALL.len()),
    ] {
        assert!(
            sources.text("README.md").contains(&counted),
            "README should say: {counted}"
        );
    }
}

/// The crates that manifests name, but for our own.
fn dependencies(sources: &Sources) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (path, text) in &sources.files {
        if !path.ends_with("/Cargo.toml") {
            continue;
        }
        let mut is_list = false;
        for line in text.lines() {
            if let Some(head) = line.strip_prefix('[') {
                is_list = head.ends_with("dependencies]");
                assert!(
                    is_list || !head.contains("dependencies."),
                    "{path}: {line}: one line is expected for each"
                );
            } else if let Some((name, _)) = line.split_once(['=', '.']).filter(|_| is_list) {
                let name = name.trim();
                let is_named = !name.starts_with('#') && !name.starts_with("tandem-");
                found.extend(is_named.then_some(name));
            }
        }
    }
    found
}

/// The crates that README's table has in its first column.
fn listed(readme: &str) -> BTreeSet<&str> {
    let (_, section) = readme.split_once("\n## Dependencies\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    rows.flat_map(|row| row.split('|').next().unwrap().split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn readme_lists_the_dependencies_that_there_are() {
    let sources = Sources::read();
    let found = dependencies(&sources);
    assert!(found.len() >= 20, "{found:?}");
    assert_eq!(listed(sources.text("README.md")), found);
}

#[test]
fn who_is_said_to_look_at_invariants_was_seen_to_reject_what_breaks_them() {
    let sources = Sources::read();
    for consumer in CONSUMERS {
        let looked = Invariant::ALL
            .iter()
            .filter(|one| consumer.looks_at(**one, &sources));
        let (name, all) = (consumer.name, looked.count() == Invariant::ALL.len());
        assert_eq!(all, consumer.because.is_empty(), "{name} has no reason");
        let without = |(path, test): (&str, &str)| {
            let mut sources = sources.clone();
            let text = sources.files.get_mut(path).unwrap();
            *text = text.replace(&format!("fn {test}("), "fn another_test(");
            sources
        };
        for &test in consumer.rejects {
            let seen = consumer.looks_at(Invariant::UidsAscend, &without(test));
            assert!(!seen, "{name} is believed without {test:?}");
        }
    }
    // What each kind of fault is found by is in the table of faults.
    let breaks = &Spec::read().catalogue.breaks;
    for (fault, property) in [("cursor-ahead", "sound"), ("unjournalled", "replay")] {
        assert!(breaks[fault].contains(property), "{fault}");
    }
}

/// What the specification has to say against it once something was replaced in a file.
fn planted(path: &str, now: &str, then: &str) -> Vec<String> {
    let mut sources = Sources::read();
    let text = sources.files.get_mut(path).unwrap();
    assert!(text.contains(now), "{path} has no `{now}`");
    *text = text.replacen(now, then, 1);
    judge::breaches(&Spec::of(sources))
}

#[track_caller]
fn found(path: &str, now: &str, then: &str, expected: &str) {
    let breaches = planted(path, now, then);
    assert!(
        breaches.iter().any(|breach| breach.contains(expected)),
        "`{then}` should be found: {expected}\n{breaches:#?}"
    );
}

const RFC: &str = "spec/rfc2180.md";

#[test]
fn an_entry_that_is_malformed_is_found() {
    for (then, expected) in [
        ("- `R2180-4.3-1` MIGHT — SEARCH", "`MIGHT` is no level"),
        ("- `R2180-4.3` MAY — SEARCH", "`R2180-4.3` is no id"),
        ("- `R2180-4.3-01` MAY — SEARCH", "`R2180-4.3-01` is no id"),
        (
            "- R2180-4.3-1 MAY — SEARCH",
            "begins with no id in backticks",
        ),
        (
            "- `R2180-4.3-1` MAY (follows, lower case) — SEARCH",
            "`MAY (follows, lower case)` is no level",
        ),
        (
            "- `R2180-4.3-1` MAY: SEARCH",
            "expected `id` LEVEL — statement",
        ),
        (
            "- Also\n- `R2180-4.3-1` MAY — SEARCH",
            "does not say where it is checked",
        ),
    ] {
        found(RFC, "- `R2180-4.3-1` MAY — SEARCH", then, expected);
    }
    for (then, expected) in [
        (
            "  also checked: property `search-omits`",
            "does not say where",
        ),
        (
            "  checked: proof `search-omits`",
            "`proof` is no kind of check",
        ),
        ("  checked: property search-omits", "cites nothing"),
        (
            "  checked: property `search-omits`, other",
            "is no name in backticks",
        ),
        ("  checked: nothing yet", "cites nothing"),
    ] {
        found(RFC, "  checked: property `search-omits`", then, expected);
    }
    found(
        RFC,
        "# RFC 2180",
        "checked: nothing\n# RFC 2180",
        "belongs to no entry",
    );
}

#[test]
fn an_id_that_is_used_twice_or_elsewhere_or_out_of_order_is_found() {
    found(
        RFC,
        "- `R2180-3.1-2`",
        "- `R2180-3.1-1`",
        "R2180-3.1-1 is used twice, first in spec/rfc2180.md:",
    );
    found(
        RFC,
        "- `R2180-3.1-2`",
        "- `R2181-3.1-2`",
        "belongs into spec/rfc2181.md",
    );
    found(
        RFC,
        "- `R2180-3.1-1`",
        "- `R2180-3.9-1`",
        "R2180-3.1-2 is out of order",
    );
}

#[test]
fn a_citation_of_what_is_not_there_is_found() {
    for (now, then) in [
        ("property `search-omits`", "property `search-omit`"),
        ("fault `search-finds-ghosts`", "fault `search-finds`"),
        ("invariant `ghosts-owed`", "invariant `ghosts`"),
        ("transcript `rfc2180_4_3_omit`", "transcript `rfc2180_4_3`"),
        (
            "test `every_combination_is_listed_once`",
            "test `every_combination`",
        ),
        ("RULING-35", "RULING-3500"),
    ] {
        let (_, name) = then.split_once(' ').unwrap_or(("", then));
        found(RFC, now, then, &format!("{name}, which is not there"));
    }
    // Not in the list of scripts, or not played.
    found(
        "spec/transcripts.md",
        "### rfc2180_4_3_omit",
        "### other",
        "`rfc2180_4_3_omit`, which is not there",
    );
    found(
        "tests/tests/transcripts.rs",
        "    rfc2180_4_3_omit, ",
        "    other, ",
        "`rfc2180_4_3_omit`, which is not there",
    );
    // A function that is no test.
    found(
        "model/src/practice.rs",
        "#[test]\n    fn every_combination_is",
        "fn every_combination_is",
        "cites the test `every_combination_is_listed_once`, which is not there",
    );
}

#[test]
fn a_citation_of_a_test_that_is_not_run_is_found() {
    let expected = "cites the test `every_combination_is_listed_once`, which is not there";
    let now = "#[test]\n    fn every_combination_is";
    for then in [
        "#[test]\n    #[ignore]\n    fn every_combination_is",
        "#[ignore = \"slow\"]\n    #[test]\n    fn every_combination_is",
        "#[test]\n    // Why.\n    #[cfg_attr(miri, ignore)]\n    fn every_combination_is",
    ] {
        found("model/src/practice.rs", now, then, expected);
    }
    found(
        "tests/tests/transcripts.rs",
        "    rfc2180_4_3_omit, ",
        "    #[ignore]\n    rfc2180_4_3_omit, ",
        "`rfc2180_4_3_omit`, which is not there",
    );
}

#[test]
fn a_citation_that_two_tests_could_be_meant_by_is_found() {
    found(
        "tests/tests/kept.rs",
        "#[test]",
        "#[test]\nfn every_combination_is_listed_once() {}\n\n#[test]",
        "cites the test `every_combination_is_listed_once`, and 2 are called so",
    );
}

#[test]
fn a_fault_that_is_cited_without_the_property_that_it_breaks_is_found() {
    found(
        RFC,
        "  checked: property `search-omits`",
        "  checked: property `search-omits`; fault `unjournalled`",
        "R2180-4.3-1 cites the fault `unjournalled`, which breaks `replay`, and not that property",
    );
    // It is found by one property or by another, as the world is.
    found(
        RFC,
        "  checked: property `search-omits`",
        "  checked: property `search-omits`; fault `store-ghosts-ok`",
        "which breaks `store-expunged` or `store-partial`, and not that property",
    );
    found(
        "model/tests/check_faults/lengths.txt",
        "search-finds-ghosts ",
        "other ",
        "cites the fault `search-finds-ghosts`, of which nothing says what it breaks",
    );
}

#[test]
fn what_is_required_and_checked_by_nothing_is_found() {
    let checked = "checked: property `store-silent`; fault `silent-store-no`; transcript `rfc2180_4_2_1_silent`; RULING-30";
    let rulings = ["checked: RULING-30", "checked: RULING-30; RULING-2"];
    for then in rulings {
        found(RFC, checked, then, "R2180-4.2.1-1 is checked by nothing");
    }
    for then in [
        "checked: clients: they do",
        "checked: not a behaviour: no",
        "checked: not done: no",
    ] {
        found(
            RFC,
            checked,
            then,
            "R2180-4.2.1-1 gives a reason that does not fit its level",
        );
    }
    // What is asked of clients is theirs to do; that we have ruled so makes nobody do it.
    let clients = "checked: clients: the checker's keep to it with sequence numbers (`R3501-5.5-2`); property `command-hits-meant`";
    found(
        RFC,
        clients,
        "checked: RULING-12",
        "R2180-4.4-2 is checked by nothing",
    );
    let accepted = planted(RFC, checked, "checked: nothing, because nobody can see it");
    assert!(
        !accepted
            .iter()
            .any(|breach| breach.contains("R2180-4.2.1-1")),
        "{accepted:?}"
    );
    let list: String = (50..=50 + judge::ACCEPTED)
        .map(|number| format!("- `R2180-5-{number}` MUST — It is so.\n  checked: nothing, because nobody can see it\n"))
        .collect();
    found(
        RFC,
        "- `R2180-5-1`",
        &format!("{list}- `R2180-5-1`"),
        "are required and not checked; no more than",
    );
    found(
        "spec/rfc7162.md",
        "not offered: `CONDSTORE`",
        "not offered: `IDLE`",
        "is called not offered, and CAPABILITY says `IDLE`",
    );
}

#[test]
fn what_no_statement_asks_for_is_found() {
    for (kind, name, other) in [
        ("property", "store-silent", "sound"),
        ("fault", "silent-store-no", "cursor-ahead"),
        ("transcript", "rfc2180_4_2_1_silent", "rfc2180_3_2_ghost"),
        ("invariant", "ghosts-owed", "uids-ascend"),
    ] {
        let mut sources = Sources::read();
        for (path, text) in &mut sources.files {
            if path.starts_with("spec/rfc") || path == "spec/promises.md" {
                *text = text.replace(&format!("`{name}`"), &format!("`{other}`"));
            }
        }
        // A fault whose property was taken away is told of as well.
        let mut breaches = judge::breaches(&Spec::of(sources));
        breaches.retain(|breach| !breach.contains(" cites the fault "));
        assert_eq!(
            breaches,
            [format!("no statement asks for the {kind} `{name}`")]
        );
    }
}

#[test]
fn a_fault_that_others_had_and_that_nobody_plants_is_found() {
    let path = "spec/FAULTS.md";
    for (then, expected) in [
        ("`store-live`", "the fault `store-live` is not there"),
        (
            "`exists-lowered`",
            "the fault `exists-lowered` is there twice",
        ),
    ] {
        found(path, "`store-numbers-live`", then, expected);
    }
    // Each of the bugs that are known has a row: what is left of it without that row is found wanting.
    let lacks = |breaches: Vec<String>| -> Vec<String> {
        let begin = "spec/FAULTS.md: no row has the fault `";
        let faults = breaches
            .iter()
            .map(|breach| breach.strip_prefix(begin).unwrap());
        faults
            .map(|fault| fault.split_once('`').unwrap().0.to_owned())
            .collect()
    };
    let known = [
        "numbers-in-newer-view",
        "exists-lowered",
        "star-in-live-mailbox",
        "copy-drops-ghosts",
        "bye-only-to-idle",
        "expunge-told-twice",
        "search-numbers-after-expunge",
        "numbering-shared",
    ];
    for fault in known {
        let row = format!("| `{fault}`");
        assert_eq!(lacks(planted(path, &row, "| no fault, `x`")), [fault]);
    }
    let mut sources = Sources::read();
    sources.files.remove(path);
    assert_eq!(lacks(judge::breaches(&Spec::of(sources))), known);
}

#[test]
fn a_practice_without_a_statement_is_found() {
    found(
        RFC,
        "- `R2180-4.2.4-1` MAY",
        "- `R2180-4.2.4-1` NOTE",
        "storing=reject names section 4.2.4",
    );
}

#[test]
fn a_mention_of_what_is_not_there_is_found_wherever_it_is() {
    for path in [
        "model/src/session.rs",
        "tests/src/wire.rs",
        "README.md",
        "spec/transcripts.md",
        "server/tests/check.rs",
    ] {
        let mut sources = Sources::read();
        sources
            .files
            .get_mut(path)
            .unwrap()
            .push_str("\n// RULING-9000, (R2180-4.3-99): PROMISE-77.\n");
        let breaches = judge::breaches(&Spec::of(sources));
        for name in ["RULING-9000", "R2180-4.3-99", "PROMISE-77"] {
            let expected = format!("{path}: {name} is not there");
            assert!(breaches.contains(&expected), "{expected}: {breaches:#?}");
        }
    }
    // What was struck out may be mentioned.
    let struck = planted(
        RFC,
        "- `R2180-4.3-1`",
        "- ~~`R2180-4.3-9` MAY — See R2180-4.3-9.~~\n- `R2180-4.3-1`",
    );
    assert_eq!(struck, Vec::<String>::new());
}

#[test]
fn a_ruling_that_nobody_cites_is_found() {
    let breaches = planted(
        "spec/rulings.md",
        "### RULING-1: ",
        "### RULING-900: the weather\n\n### RULING-1: ",
    );
    assert_eq!(breaches, ["nobody cites RULING-900"]);
}

#[test]
fn a_part_that_is_not_what_is_generated_is_found() {
    let block = |name| Block {
        path: "README.md",
        name,
        text: "new\n".into(),
    };
    let now = "before\n<!-- generated: a; by hand -->\nold\n<!-- end of a -->\nafter\n";
    assert_eq!(
        block(Some("a")).applied(now).unwrap(),
        "before\n<!-- generated: a; by hand -->\nnew\n<!-- end of a -->\nafter\n"
    );
    assert!(block(Some("b")).applied(now).is_err());
    assert_eq!(block(None).applied(now).unwrap(), "new\n");
    let breach = block(Some("practices")).hold(false);
    assert!(breach.unwrap_err().contains("TANDEM_UPDATE=1"));
}
