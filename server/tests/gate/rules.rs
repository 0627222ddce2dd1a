//! The rules, and where each is allowed what.

use super::source::Source;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Something that only a few places may do.
struct Rule {
    /// What it would be to do it elsewhere.
    breach: &'static str,
    /// How it looks, with no space but between words.
    signs: &'static [&'static str],
    /// Where it is allowed, how often, and why.
    allowed: &'static [(&'static str, usize, &'static str)],
}

const RULES: &[Rule] = &[
    Rule {
        breach: "changes an account otherwise than by a step",
        signs: &[
            ".apply(",
            ".replay(",
            ".resume_at(",
            ".drain()",
            "Account::blank(",
            "Account::founded(",
            "Account::new(",
            "Account::apply",
            "Account::replay",
            "Account as",
        ],
        allowed: &[
            (
                "accounts/shared.rs",
                7,
                "opens an account as it is kept, and drains what a step did",
            ),
            (
                "commands/fsck/audit.rs",
                10,
                "applies what is kept to accounts that nobody is in",
            ),
            (
                "recording/replay.rs",
                4,
                "makes the steps of a recording again",
            ),
        ],
    },
    Rule {
        breach: "makes a session, or a step of one",
        signs: &["Session::", "session.step(", "witness.step(", "Witness::"],
        allowed: &[
            ("accounts/seat.rs", 1, "a seat has a session"),
            ("accounts/shared.rs", 1, "the step, under the lock"),
            (
                "recording/replay.rs",
                2,
                "makes the steps of a recording again",
            ),
        ],
    },
    Rule {
        breach: "may make a response that no step made",
        signs: &["Response::", "Response as"],
        allowed: &[
            (
                "accounts/seat.rs",
                3,
                "looks whether a response needs a content, and whether a mailbox took a message",
            ),
            ("codec/encode/mod.rs", 12, "the encoder: one arm for each"),
            (
                "commands/mailbox.rs",
                5,
                "import and export: looks at the answers to its own commands",
            ),
            (
                "connection/answer.rs",
                5,
                "looks which response is rendered, and how",
            ),
            (
                "connection/conversation.rs",
                1,
                "looks whether BAD was answered",
            ),
            (
                "recording/wording.rs",
                6,
                "looks what a line of a recording needs",
            ),
        ],
    },
    Rule {
        breach: "encodes a response of the model's",
        signs: &[
            "encode::response",
            "encode::search",
            "encode::fetch_flags",
            "encode::{",
            "encode::*",
            "encode as",
        ],
        allowed: &[
            (
                "connection/answer.rs",
                3,
                "the one way from a page to the socket",
            ),
            ("recording/wording.rs", 1, "into a recording"),
            (
                "render/mod.rs",
                2,
                "FLAGS in a FETCH that is rendered, and what else it imports",
            ),
        ],
    },
    Rule {
        breach: "says something of the connection's own",
        signs: &["encode::condition", "encode::continuation"],
        allowed: &[
            (
                "connection.rs",
                4,
                "BYE at an end that is no session's; BAD, TOOBIG and LIMIT",
            ),
            ("connection/answer.rs", 1, "NO [CORRUPTION] in place of OK"),
            (
                "connection/conversation.rs",
                2,
                "`+ Ready`; tagged answers to CAPABILITY and the like",
            ),
            ("login.rs", 9, "before login there is no mailbox"),
        ],
    },
    Rule {
        breach: "may write to a client's socket",
        signs: &[
            "TcpStream",
            "UnixStream",
            "TcpSocket",
            "wire.out",
            "Wire::",
            "from_raw_fd",
            // What a socket is to the wire, or would be to whoever writes to it.
            "impl Stream",
            "dyn Stream",
            "AsyncWrite",
        ],
        allowed: &[
            ("commands/bench/client.rs", 3, "is a client"),
            ("connection.rs", 3, "makes the wire, says BYE"),
            ("connection/answer.rs", 7, "what a page answers"),
            (
                "connection/conversation.rs",
                6,
                "what the connection answers of its own",
            ),
            ("connection/wire.rs", 6, "has the socket"),
            ("listener.rs", 2, "accepts; refuses one that is too many"),
            ("login.rs", 14, "before login there is no mailbox"),
        ],
    },
];

/// Where string literals may begin with `* `, as untagged responses do; how often, and why.
const UNTAGGED: &[(&str, usize, &str)] = &[
    ("codec/encode/mod.rs", 8, "the encoder"),
    ("commands/bench/client.rs", 1, "is a client: looks for BYE"),
    (
        "connection/capability.rs",
        4,
        "CAPABILITY, ID, NAMESPACE, ENABLED: not about a mailbox",
    ),
    ("listener.rs", 1, "BYE to a connection that is too many"),
    ("recording/wording.rs", 1, "SEARCH in a recording"),
    (
        "render/judge/reader.rs",
        1,
        "reads what was rendered, for tests and the fuzzer",
    ),
    ("render/mod.rs", 2, "FETCH that is rendered"),
];

/// What of the model is public and changes something, apart from the check.
const MUTATORS: &[&str] = &[
    "account.rs: resume_at",
    "account.rs: replay",
    "account.rs: apply",
    "account.rs: drain",
    // Of values, before they are anybody's.
    "flags.rs: add",
    "invariant.rs: begins",
    "invariant.rs: ends",
    "practice.rs: set",
    "search_key.rs: fix",
    "sequence_set.rs: push",
    "session.rs: step",
];

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
        for function in source.code.split("pub fn ").skip(1) {
            let (name, rest) = function.split_once('(').unwrap();
            if rest.starts_with("&mut self") {
                found.push(format!("{file}: {name}"));
            }
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
        "fn f() -> Response { Response::Exists(7) }",
        "fn f(out: &mut Vec<u8>) { out.extend_from_slice(b\"* 7 EXISTS\\r\\n\"); }",
        "fn f(out: &mut Vec<u8>) { put(out, format_args!(\"* {n} EXPUNGE\\r\\n\")); }",
        "fn f(wire: &mut Wire) { wire.out.push(b'*'); }",
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
