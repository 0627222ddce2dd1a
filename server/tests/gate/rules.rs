//! The rules, and where each is allowed what.

use super::source::{Source, occurrences};
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
            ".account=",
            "*account=",
            "&mut state.account",
            "&mut self.account",
            "&mut open.account",
            "mem::swap(",
            "mem::replace(",
            // Whoever has no name for it can neither be given one to change, nor make one, nor call it something else.
            "Account",
            "tandem_model as",
            "tandem_model::*",
        ],
        allowed: &[
            (
                "accounts/shared.rs",
                12,
                "has the account; opens it as it is kept, lets sessions step it, and drains what a step did",
            ),
            (
                "commands/fsck/audit.rs",
                16,
                "applies what is kept to accounts that nobody is in",
            ),
            (
                "commands/fsck/fault.rs",
                2,
                "a word of its own for one that is told of",
            ),
            ("commands/fsck/witness.rs", 3, "looks at what is kept"),
            (
                "mail_file/mbox.rs",
                1,
                "replaces something that is no account",
            ),
            (
                "recording/replay.rs",
                7,
                "makes the steps of a recording again",
            ),
            (
                "recording/replay/kept.rs",
                8,
                "replays what is kept of an account that is replayed",
            ),
            ("storage/memory.rs", 2, "compares the ids of accounts"),
        ],
    },
    Rule {
        breach: "makes a session, or a step of one",
        signs: &["Session", "Witness", ".step("],
        allowed: &[
            (
                "accounts/seat.rs",
                7,
                "a seat has a session, and steps by `shared`",
            ),
            ("accounts/shared.rs", 3, "the step, under the lock"),
            ("commands/mailbox.rs", 1, "import and export: by a seat"),
            ("commands/replay.rs", 1, "tells of a step that was recorded"),
            ("connection/conversation.rs", 5, "by its seat"),
            (
                "recording/replay.rs",
                5,
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
                8,
                "looks what a line of a recording needs",
            ),
        ],
    },
    Rule {
        breach: "may change what a step answered",
        signs: &[".responses", "Page{", "Page as"],
        allowed: &[
            (
                "accounts/seat.rs",
                4,
                "what a page is; looks what it answers",
            ),
            (
                "accounts/shared.rs",
                2,
                "the step puts them there, and they are recorded",
            ),
            (
                "commands/mailbox.rs",
                4,
                "import and export: looks at the answers to its own commands",
            ),
            ("connection/answer.rs", 2, "writes them"),
            (
                "connection/conversation.rs",
                2,
                "looks whether BAD was answered, or nothing",
            ),
            ("recording/replay.rs", 1, "counts them"),
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
        signs: &[
            "encode::condition",
            "encode::continuation",
            "encode::corruption",
        ],
        allowed: &[
            (
                "connection.rs",
                4,
                "BYE at an end that is no session's; BAD, TOOBIG and LIMIT",
            ),
            ("connection/answer.rs", 1, "NO [CORRUPTION] in place of OK"),
            ("recording/wording.rs", 1, "the same, to compare it"),
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
            ".out",
            "Wire{",
            "Wire::",
            "from_raw_fd",
            // What a socket is to the wire, or would be to whoever writes to it.
            "impl Stream",
            "dyn Stream",
            "AsyncWrite",
            "AsyncWriteExt",
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
            ("connection/wire.rs", 11, "has the socket"),
            ("listener.rs", 2, "accepts; refuses one that is too many"),
            ("login.rs", 14, "before login there is no mailbox"),
            ("render/structure.rs", 37, "a buffer that is no wire's"),
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

/// What untagged responses about the messages of a mailbox are worded with.
const WORDS: &[&str] = &["EXISTS", "EXPUNGE", "RECENT", "FETCH"];

/// Where string literals may have these words in them, in capitals or not; how often, and why.
const WORDED: &[(&str, usize, &str)] = &[
    ("codec/encode/flags.rs", 1, "\\Recent in FLAGS"),
    ("codec/encode/mod.rs", 5, "the encoder; an item of STATUS"),
    ("codec/parse/command.rs", 5, "names of commands"),
    ("codec/parse/date.rs", 1, "says what was expected"),
    ("codec/parse/fetch.rs", 1, "says what was expected"),
    ("codec/parse/flag.rs", 2, "\\Recent cannot be set"),
    ("codec/parse/mailbox.rs", 2, "an item of STATUS"),
    ("codec/parse/search.rs", 1, "a key of SEARCH"),
    ("codec/print/mod.rs", 1, "names of commands"),
    ("codec/print/search.rs", 1, "a key of SEARCH"),
    (
        "commands/bench/work.rs",
        3,
        "is a client: names of commands",
    ),
    ("commands/explore.rs", 1, "the name of a scene"),
    ("commands/fsck/witness.rs", 1, "tells of a contradiction"),
    ("config/limits.rs", 1, "says what a limit is about"),
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
    // What it asks may remember what it was asked.
    "search_key.rs: judge",
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
