//! What only a few places may do, and where each is allowed it, how often, and why.
//!
//! Touches nothing. Files are those of the server, by their path; [`MUTATORS`] is about the model.

/// Something that only a few places may do.
pub struct Rule {
    /// What it would be to do it elsewhere.
    pub breach: &'static str,
    /// How it looks, with no space but between words.
    pub signs: &'static [&'static str],
    /// Where it is allowed, how often, and why.
    pub allowed: &'static [(&'static str, usize, &'static str)],
}

pub const RULES: &[Rule] = &[
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
                4,
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
        signs: &["encode::condition", "encode::continuation", "encode::lack"],
        allowed: &[
            (
                "connection/answer.rs",
                1,
                "NO in place of OK, for want of a content",
            ),
            (
                "connection/own.rs",
                12,
                "what a connection says of its own, and nothing else",
            ),
            ("recording/wording.rs", 1, "the same, to compare it"),
        ],
    },
    Rule {
        breach: "may say something of a connection's own past its wire, which records it",
        signs: &[".say(&mut"],
        allowed: &[
            ("connection/wire.rs", 1, "says it, and tells who records"),
            (
                "listener.rs",
                1,
                "BYE to a connection that is too many, which has no wire",
            ),
            ("recording/replay/client.rs", 1, "says it again"),
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
            ("connection.rs", 2, "makes the wire"),
            ("connection/answer.rs", 10, "what a page answers"),
            ("connection/wire.rs", 14, "has the socket"),
            ("listener.rs", 2, "accepts; refuses one that is too many"),
            ("render/structure.rs", 37, "a buffer that is no wire's"),
        ],
    },
];

/// Where string literals may begin with `* `, as untagged responses do; how often, and why.
pub const UNTAGGED: &[(&str, usize, &str)] = &[
    ("codec/encode/mod.rs", 8, "the encoder"),
    ("commands/bench/client.rs", 1, "is a client: looks for BYE"),
    (
        "connection/capability.rs",
        4,
        "CAPABILITY, ID, NAMESPACE, ENABLED: not about a mailbox",
    ),
    ("recording/wording.rs", 1, "SEARCH in a recording"),
    (
        "render/judge/reader.rs",
        1,
        "reads what was rendered, for tests and the fuzzer",
    ),
    ("render/mod.rs", 2, "FETCH that is rendered"),
];

/// What untagged responses about the messages of a mailbox are worded with.
pub const WORDS: &[&str] = &["EXISTS", "EXPUNGE", "RECENT", "FETCH"];

/// Where string literals may have these words in them, in capitals or not; how often, and why.
pub const WORDED: &[(&str, usize, &str)] = &[
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
pub const MUTATORS: &[&str] = &[
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
