//! What `tandem check` prints: of each world, at the end, and when it is asked for lists.
//!
//! Touches standard output and error.

use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};
use tandem_model::{
    Fault, Invariant,
    check::{
        Cut, Event, Finding, Outcome, Progress, Property, Rules, Scene, Setup, plant, transcript,
    },
    invariant::Judged,
};

/// Everything explored so far.
pub(super) struct Total {
    pub(super) unique: usize,
    pub(super) generated: usize,
    pub(super) exploring: Duration,
    pub(super) exhausted: bool,
    /// Why some were not, each reason once.
    cuts: Vec<Cut>,
    /// From everywhere in all of them rest can be reached.
    pub(super) rests: bool,
    /// What happened in any world in which it should.
    sometimes: Vec<(Event, bool)>,
}

impl Default for Total {
    fn default() -> Self {
        Self {
            unique: 0,
            generated: 0,
            exploring: Duration::ZERO,
            exhausted: true,
            cuts: Vec::new(),
            rests: true,
            sometimes: Vec::new(),
        }
    }
}

impl Total {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        self.unique += outcome.progress.unique;
        self.generated += outcome.progress.generated;
        self.exploring += outcome.progress.elapsed;
        self.exhausted &= outcome.exhausted;
        self.rests &= outcome.rests;
        let new = outcome.cut.filter(|cut| !self.cuts.contains(cut));
        self.cuts.extend(new);
        for &(event, seen) in &outcome.sometimes {
            match self.sometimes.iter_mut().find(|(known, _)| *known == event) {
                Some((_, before)) => *before |= seen,
                None => self.sometimes.push((event, seen)),
            }
        }
    }
}

impl Total {
    /// Why not everything was explored, for the last line.
    pub(super) fn why(&self) -> String {
        let reasons: Vec<&str> = self.cuts.iter().map(|&cut| reason(cut)).collect();
        match reasons.as_slice() {
            [] => String::new(),
            reasons => format!(" ({})", reasons.join("; ")),
        }
    }
}

/// Why a world was not explored whole.
const fn reason(cut: Cut) -> &'static str {
    match cut {
        Cut::Time => "the time was over: --timeout",
        Cut::Depth => "no longer ways were to be looked at: --depth",
        Cut::Room => "no more states could be kept",
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate to be read")]
pub(super) fn rate(generated: usize, time: Duration) -> f64 {
    generated as f64 / time.as_secs_f64().max(1e-9)
}

pub(super) fn title(setup: &Setup) -> String {
    let chosen: Vec<String> = setup
        .practice
        .chosen()
        .into_iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let fault = setup
        .practice
        .fault
        .map(|fault| format!(", fault {}", fault.as_str()))
        .unwrap_or_default();
    let crashes = match setup.crashes {
        0 => String::new(),
        crashes => format!(", crashes {crashes}"),
    };
    let orders = if setup.reduced { ", few orders" } else { "" };
    format!(
        "scene {}, {} clients, {} messages, pipeline {}{crashes}{orders}{fault}: {}",
        setup.scene.as_str(),
        setup.clients,
        setup.messages,
        setup.pipeline,
        chosen.join(",")
    )
}

pub(super) fn summary(outcome: &Outcome) -> String {
    let Progress {
        unique,
        generated,
        depth,
        dived,
        elapsed,
        bytes,
    } = outcome.progress;
    let more = if dived { " and more" } else { "" };
    let end = match (&outcome.breach, outcome.exhausted, outcome.cut) {
        (Some(_), _, _) => "violated".to_owned(),
        (None, true, _) => "exhausted".to_owned(),
        (None, false, Some(cut)) => format!("NOT exhausted, {}", reason(cut)),
        (None, false, None) => "NOT exhausted".to_owned(),
    };
    if unique == 0 {
        return format!(
            "walked through {generated} states, {depth} actions at most, {:.1} s, {:.0} states/s",
            elapsed.as_secs_f64(),
            outcome.progress.rate()
        );
    }
    let kept = match bytes {
        0 => String::new(),
        bytes => format!(
            ", {:.1} bytes a state",
            rate(bytes, Duration::from_secs(1)) / rate(unique.max(1), Duration::from_secs(1))
        ),
    };
    format!(
        "{end}: {unique} unique states, {generated} generated, depth {depth}{more}, {:.1} s, {:.0} states/s{kept}",
        elapsed.as_secs_f64(),
        outcome.progress.rate()
    )
}

/// What was broken, or did not happen, and how it came to that.
pub(super) fn failure(rules: &Rules, outcome: &Outcome) -> String {
    let mut text = String::new();
    if let Some((Finding { property, how }, actions)) = &outcome.breach {
        let _ = writeln!(
            text,
            "\n{} there, in {} actions:\n",
            if outcome.is_shortest {
                "The shortest way"
            } else {
                "A way"
            },
            actions.len()
        );
        for line in transcript::transcript(rules, actions).lines() {
            let _ = writeln!(text, "    {line}");
        }
        let _ = writeln!(
            text,
            "\nviolated: {property} ({})\n  {}\n  here: {how}\n",
            property.section(),
            property.sentence()
        );
    } else {
        for event in outcome.unseen() {
            let _ = writeln!(
                text,
                "never seen, though it should happen sometimes: {}",
                event.as_str()
            );
        }
    }
    text
}

/// Every property with its verdict.
pub(super) fn verdicts(total: &Total, broken: Option<Finding>, exact: bool) -> String {
    let mut text = String::from("\n");
    let width = Property::ALL
        .iter()
        .map(|property| property.as_str().len())
        .max()
        .unwrap_or_default();
    for property in Property::ALL {
        let verdict = match broken {
            Some(finding) if finding.property == *property => "VIOLATED",
            Some(_) => "not decided",
            None if *property == Property::RestReached && !total.rests && exact => {
                "not decided: not exhausted"
            }
            None if *property == Property::RestReached && !total.rests => "not asked: --exact",
            None if total.exhausted => "holds",
            None => "holds as far as explored",
        };
        let _ = writeln!(
            text,
            "{:width$}  {:24}  {}",
            property.as_str(),
            verdict,
            property.section()
        );
    }
    for (event, seen) in &total.sometimes {
        let _ = writeln!(
            text,
            "sometimes {}: {}",
            event.as_str(),
            if *seen { "seen" } else { "not seen" }
        );
    }
    text
}

/// The properties, and the catalogue of invariants.
pub(super) fn properties() -> String {
    let mut text = String::new();
    for property in Property::ALL {
        let _ = writeln!(
            text,
            "{} ({}, question {})\n  {}",
            property.as_str(),
            property.section(),
            property.group(),
            property.sentence()
        );
    }
    let _ = writeln!(
        text,
        "\nInvariants, of every account, whatever was done to it. Those of one state are judged after every step, as `{}`, and `{}` as `{}`; who looks at the others is in spec/README.md.\n",
        Property::Sound,
        Invariant::ChangesReplay.as_str(),
        Property::Replay
    );
    for invariant in Invariant::ALL {
        let judged = match invariant.judged() {
            Judged::State => "of one state",
            Judged::Thoroughly => "of one state, made again",
            Judged::Step => "of a step",
        };
        let _ = writeln!(
            text,
            "{} ({judged})\n  {}",
            invariant.as_str(),
            invariant.sentence()
        );
    }
    text
}

pub(super) fn faults() -> String {
    Fault::ALL.iter().fold(String::new(), |mut text, &fault| {
        let _ = writeln!(
            text,
            "{}\n  {}\n  breaks {}",
            fault.as_str(),
            fault.summary(),
            plant::planted(fault).breaks
        );
        text
    })
}

pub(super) fn scenes() -> String {
    Scene::NAMED.iter().fold(String::new(), |mut text, scene| {
        let _ = writeln!(text, "{}: {}", scene.as_str(), scene.summary());
        text
    })
}

pub(super) fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Tells the progress: on a terminal in one line, time and again; elsewhere a line every ten seconds.
pub(super) struct Ticker {
    terminal: bool,
    last: Instant,
}

impl Ticker {
    pub(super) fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            last: Instant::now(),
        }
    }

    pub(super) fn tell(&mut self, progress: &Progress) {
        let pause = Duration::from_millis(if self.terminal { 200 } else { 10_000 });
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let line = format!(
            "  {} unique states, {} generated, depth {}, {:.0} states/s",
            progress.unique,
            progress.generated,
            progress.depth,
            progress.rate()
        );
        if self.terminal {
            eprint!("\r\x1b[K{line}");
        } else {
            eprintln!("{line}");
        }
    }

    pub(super) fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
