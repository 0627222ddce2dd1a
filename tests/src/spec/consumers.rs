//! Who holds accounts to the catalogue of invariants, and by which tests it is known that they do.
//!
//! Touches nothing.

use super::sources::Sources;
use tandem_model::{
    Invariant,
    invariant::Judged::{self, State, Step, Thoroughly},
};

/// Somebody who holds accounts to invariants.
#[derive(Clone, Copy, Debug)]
pub struct Consumer {
    /// Who.
    pub name: &'static str,
    /// Of which kinds all.
    pub kinds: &'static [Judged],
    /// Which others.
    pub others: &'static [Invariant],
    /// The tests, each with its file, in which this consumer is given what breaks an invariant, and rejects it.
    pub rejects: &'static [(&'static str, &'static str)],
    /// Why it looks at no others.
    pub because: &'static str,
}

const FAULTS: (&str, &str) = (
    "model/tests/check_faults.rs",
    "every_planted_fault_is_found_at_the_end_of_a_way_as_short_as_it_is_written",
);
/// That a watch looks at each invariant: of those who have one it remains to be seen that they ask it.
const WATCH: (&str, &str) = (
    "model/src/account/audit/tests.rs",
    "a_watch_looks_at_every_invariant",
);
const AUDIT: (&str, &str) = (
    "model/src/account/audit/tests.rs",
    "each_invariant_that_is_broken_is_named",
);
const SCRIPTS: (&str, &str) = (
    "tests/src/random/invariants.rs",
    "a_step_that_breaks_an_invariant_is_told_of",
);

/// Everybody who does.
pub const CONSUMERS: &[Consumer] = &[
    Consumer {
        name: "checker",
        kinds: &[State, Step],
        others: &[],
        rejects: &[FAULTS, AUDIT],
        because: "it would be slower by far; what a client is told it holds against lists of its own (`numbers-agree`, `command-hits-meant`), and what a \
                  snapshot makes, with the journal after it, against the account before a crash (`replay`, in the scene of crashes)",
    },
    Consumer {
        name: "server",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "tests/tests/black_box/invariants.rs",
                "a_step_that_breaks_an_invariant_is_the_last_of_its_account",
            ),
            (
                "tests/tests/black_box/invariants.rs",
                "a_step_that_does_more_than_it_says_is_the_last_of_its_account",
            ),
            WATCH,
        ],
        because: "",
    },
    Consumer {
        name: "opening",
        kinds: &[State],
        others: &[],
        rejects: &[
            (
                "server/src/accounts/tests.rs",
                "an_account_that_breaks_an_invariant_is_not_opened",
            ),
            AUDIT,
        ],
        because: "nobody has a view of an account that is being opened, and no step was made; to make it a second time would double how long it takes, and is \
                  what `tandem fsck` does",
    },
    Consumer {
        name: "replay",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "model/tests/check_witness.rs",
                "faults_that_a_client_can_see_are_seen",
            ),
            (
                "server/src/recording/replay/tests.rs",
                "what_no_client_can_believe_is_a_breach_though_it_is_equal",
            ),
            (
                "server/src/recording/replay/tests.rs",
                "a_step_that_breaks_an_invariant_is_a_breach_though_it_is_equal",
            ),
            WATCH,
        ],
        because: "",
    },
    Consumer {
        name: "simulation",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            ("tests/tests/simulation.rs", "whatever_is_planted_is_found"),
            WATCH,
        ],
        because: "",
    },
    Consumer {
        name: "fsck",
        kinds: &[State],
        others: &[Invariant::SnapshotRestores],
        rejects: &[
            (
                "server/src/commands/fsck/tests.rs",
                "an_account_that_breaks_an_invariant_is_told_of",
            ),
            (
                "server/src/commands/fsck/tests.rs",
                "an_account_that_no_snapshot_makes_again_is_told_of",
            ),
            AUDIT,
        ],
        because: "views are not kept, and a step is kept as its changes alone; it counts the references to contents for itself",
    },
    Consumer {
        name: "proptest",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "tests/tests/properties.rs",
                "faults_that_are_planted_in_the_model_are_found_and_shown_as_a_dialogue",
            ),
            SCRIPTS,
            AUDIT,
        ],
        because: "",
    },
    Consumer {
        name: "fuzz",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "tests/tests/fuzz/bites.rs",
                "seeds_find_the_faults_of_the_model",
            ),
            SCRIPTS,
            AUDIT,
        ],
        because: "",
    },
    Consumer {
        name: "transcripts",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "tests/src/stage/steps.rs",
                "a_state_that_breaks_an_invariant_ends_the_script",
            ),
            (
                "tests/src/stage/steps.rs",
                "a_step_that_does_more_than_it_says_ends_the_script",
            ),
            WATCH,
        ],
        because: "",
    },
    Consumer {
        name: "by hand",
        kinds: &[State, Thoroughly, Step],
        others: &[],
        rejects: &[
            (
                "model/tests/by_hand/stage.rs",
                "a_state_that_breaks_an_invariant_ends_what_is_played_by_hand",
            ),
            (
                "model/tests/by_hand/stage.rs",
                "a_step_that_does_more_than_it_says_ends_what_is_played_by_hand",
            ),
            AUDIT,
        ],
        because: "",
    },
];

impl Consumer {
    /// Whether it looks at an invariant, as far as that is seen: all the tests are there in which it does.
    #[must_use]
    pub fn looks_at(&self, invariant: Invariant, sources: &Sources) -> bool {
        let says = self.kinds.contains(&invariant.judged()) || self.others.contains(&invariant);
        let tests = sources.tests();
        let is_there = |&(path, name): &(&str, &str)| {
            tests
                .iter()
                .any(|(test, file)| test == name && *file == path)
        };
        says && self.rejects.iter().all(is_there)
    }
}

/// The table: who looks at what, and why somebody does not.
#[must_use]
pub fn table(sources: &Sources) -> String {
    let mut table = String::from("| id | what it says |");
    for consumer in CONSUMERS {
        table.push_str(&format!(" {} |", consumer.name));
    }
    table.push_str(&format!("\n|---|---|{}\n", "---|".repeat(CONSUMERS.len())));
    for &invariant in Invariant::ALL {
        let (id, sentence) = (invariant.as_str(), invariant.sentence());
        table.push_str(&format!("| `{id}` | {sentence} |"));
        for consumer in CONSUMERS {
            let looks = consumer.looks_at(invariant, sources);
            table.push_str(if looks { " yes |" } else { " |" });
        }
        table.push('\n');
    }
    table.push_str("\nSomebody is said to look at an invariant if there are tests in which it is given what breaks one, and rejects that:\n\n");
    for Consumer { name, rejects, .. } in CONSUMERS {
        let tests: Vec<String> = rejects
            .iter()
            .map(|(_, test)| format!("`{test}`"))
            .collect();
        table.push_str(&format!("- {name}: {}\n", tests.join(", ")));
    }
    table.push_str("\nWhat is left out is so for a reason:\n\n");
    for Consumer { name, because, .. } in CONSUMERS.iter().filter(|one| !one.because.is_empty()) {
        table.push_str(&format!("- {name}: {because}\n"));
    }
    table
}
