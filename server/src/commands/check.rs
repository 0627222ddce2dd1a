//! `tandem check`: explores the transition function, and prints what it found.
//!
//! Touches standard output and error; the work is [`tandem_model::check`]'s. Worlds are explored one after the other: each
//! scene under each practice that was asked for.

use super::USAGE;
use crate::config::{Config, ConfigError, Source};
use std::{
    fmt::Write as _,
    io::{IsTerminal as _, Write as _},
    process::ExitCode,
    time::{Duration, Instant},
};
use tandem_model::{
    Fault, Practice,
    check::{
        Event, Finding, Outcome, Progress, Property, Reach, Rules, Scene, Setup,
        plant::{self, Planted},
        run, transcript,
    },
};

/// What `tandem check --help` begins with.
pub const ABOUT: &str = "\
Explore what several clients and a server can do, and check every state.

Clients send commands, the server takes them, clients read the answers, connections break, the server crashes and comes back with what was \
durable: in every order. The server's part is the code that `tandem serve` runs. Exit status: 0 all properties hold, as far as --depth and --timeout let it look, \
which the last line says; 1 one is violated; 2 bad arguments.";

/// Arguments of `tandem check`.
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// How many clients [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=4))]
    clients: Option<u8>,
    /// How many messages in the mailbox at the beginning; the last is \Deleted [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=5))]
    messages: Option<u8>,
    /// How many commands a client may have in flight [default: 1]
    #[arg(long, value_name = "P", value_parser = clap::value_parser!(u8).range(1..=3))]
    pipeline: Option<u8>,
    /// How often the server may crash [default: 1 in the scenes about that, 0 in the others]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=3))]
    crashes: Option<u8>,
    /// Only this scene; each has the commands that one of RFC 2180's questions is about [default: all]
    #[arg(long, value_name = "NAME")]
    scene: Option<String>,
    /// Which of RFC 2180's alternatives the server follows; `tandem practices` lists them
    #[arg(long, value_name = "KEY=VALUE,...", conflicts_with = "all_practices")]
    practice: Vec<String>,
    /// Every combination of practices, one after the other
    #[arg(long)]
    all_practices: bool,
    /// No way of more actions than this is looked at
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    depth: Option<u32>,
    /// On so many threads [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Stop each world after this long, exhausted or not
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// Plant a wrong behaviour, to see that it is found; without other arguments where it is found fastest
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// List the faults that can be planted, with the properties that they break
    #[arg(long)]
    list_faults: bool,
    /// List the properties that are checked
    #[arg(long)]
    list_properties: bool,
    /// List the scenes
    #[arg(long)]
    list_scenes: bool,
}

/// Checks, or lists.
#[must_use]
pub fn run(args: CheckArgs) -> ExitCode {
    let text = if args.list_properties {
        properties()
    } else if args.list_faults {
        faults()
    } else if args.list_scenes {
        scenes()
    } else {
        return match worlds(&args) {
            Ok(worlds) => check(&worlds, reach(&args)),
            Err(error) => {
                eprintln!("tandem: {error}");
                ExitCode::from(USAGE)
            }
        };
    };
    print(&text)
}

/// The practice of `--practice`.
pub(super) fn practice(texts: &[String]) -> Result<Practice, ConfigError> {
    let source = Source::from_flags(None, &[], texts, &[])?;
    Ok(Config::from_sources([source])?.practice)
}

fn reach(args: &CheckArgs) -> Reach {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    Reach {
        depth: args.depth.and_then(|depth| usize::try_from(depth).ok()),
        timeout: args.timeout.map(Duration::from_secs),
        threads: args.threads.map_or(processors, usize::from),
    }
}

/// The worlds that were asked for.
fn worlds(args: &CheckArgs) -> Result<Vec<Setup>, ConfigError> {
    let scene = args
        .scene
        .as_deref()
        .map(Scene::named)
        .transpose()
        .map_err(ConfigError)?;
    let fault = args.fault.as_deref().map(fault).transpose()?;
    let chosen = practice(&args.practice)?;
    let planted = fault.map(plant::planted);
    let free = args.practice.is_empty() && !args.all_practices;
    let practices = match planted {
        Some(Planted { setup, .. }) if free => vec![setup.practice],
        _ if args.all_practices => Practice::every(),
        _ => vec![chosen],
    };
    let scenes = match (scene, planted) {
        (Some(scene), _) => vec![scene],
        (None, Some(Planted { setup, .. })) => vec![setup.scene],
        (None, None) => Scene::ALL.to_vec(),
    };
    let mut worlds = Vec::new();
    for practice in practices {
        for &scene in &scenes {
            let mut setup = match planted {
                Some(planted) => Setup {
                    practice,
                    scene,
                    crashes: planted.setup.crashes.max(scene.crashes()),
                    ..planted.setup
                },
                None => Setup::new(scene, practice),
            };
            setup.practice.fault = fault;
            setup.clients = args.clients.map_or(setup.clients, usize::from);
            setup.messages = args.messages.map_or(setup.messages, usize::from);
            setup.pipeline = args.pipeline.map_or(setup.pipeline, usize::from);
            setup.crashes = args.crashes.unwrap_or(setup.crashes);
            worlds.push(setup);
        }
    }
    Ok(worlds)
}

fn fault(name: &str) -> Result<Fault, ConfigError> {
    Fault::ALL
        .iter()
        .copied()
        .find(|fault| fault.as_str() == name)
        .ok_or_else(|| {
            let known: Vec<&str> = Fault::ALL.iter().map(|fault| fault.as_str()).collect();
            ConfigError(format!(
                "unknown fault `{name}`: expected one of {}",
                known.join(", ")
            ))
        })
}

/// Explores each world in turn; ends with the first that is broken.
fn check(worlds: &[Setup], reach: Reach) -> ExitCode {
    let begun = Instant::now();
    let mut total = Total::default();
    for setup in worlds {
        let title = title(setup);
        println!("{title}");
        let rules = match Rules::new(*setup) {
            Ok(rules) => rules,
            Err(finding) => {
                println!("  {finding}, before anybody acts");
                return ExitCode::FAILURE;
            }
        };
        let mut ticker = Ticker::new();
        let outcome = run::run(&rules, reach, &mut |progress| ticker.tell(&progress));
        ticker.clear();
        println!("  {}", summary(&outcome));
        total.count(&outcome);
        if !outcome.holds() {
            print(&failure(&rules, &outcome));
            print(&verdicts(
                &total,
                outcome.breach.as_ref().map(|(finding, _)| *finding),
            ));
            return ExitCode::FAILURE;
        }
    }
    print(&verdicts(&total, None));
    println!(
        "\n{} worlds in {:.1} s: {} unique states, {} generated, {:.0} generated a second. {}",
        worlds.len(),
        begun.elapsed().as_secs_f64(),
        total.unique,
        total.generated,
        rate(total.generated, total.exploring),
        if total.exhausted {
            "Every one was exhausted: these properties hold in all of their states."
        } else {
            "NOT EXHAUSTED: nothing was found, as far as it was explored."
        }
    );
    ExitCode::SUCCESS
}

/// Everything explored so far.
struct Total {
    unique: usize,
    generated: usize,
    exploring: Duration,
    exhausted: bool,
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
            sometimes: Vec::new(),
        }
    }
}

impl Total {
    fn count(&mut self, outcome: &Outcome) {
        self.unique += outcome.progress.unique;
        self.generated += outcome.progress.generated;
        self.exploring += outcome.progress.elapsed;
        self.exhausted &= outcome.exhausted;
        for &(event, seen) in &outcome.sometimes {
            match self.sometimes.iter_mut().find(|(known, _)| *known == event) {
                Some((_, before)) => *before |= seen,
                None => self.sometimes.push((event, seen)),
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a rate to be read")]
fn rate(generated: usize, time: Duration) -> f64 {
    generated as f64 / time.as_secs_f64().max(1e-9)
}

fn title(setup: &Setup) -> String {
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
    format!(
        "scene {}, {} clients, {} messages, pipeline {}{crashes}{fault}: {}",
        setup.scene.as_str(),
        setup.clients,
        setup.messages,
        setup.pipeline,
        chosen.join(",")
    )
}

fn summary(outcome: &Outcome) -> String {
    let Progress {
        unique,
        generated,
        depth,
        elapsed,
    } = outcome.progress;
    let end = match (&outcome.breach, outcome.exhausted) {
        (Some(_), _) => "violated",
        (None, true) => "exhausted",
        (None, false) => "NOT exhausted",
    };
    format!(
        "{end}: {unique} unique states, {generated} generated, depth {depth}, {:.1} s, {:.0} states/s",
        elapsed.as_secs_f64(),
        outcome.progress.rate()
    )
}

/// What was broken, or did not happen, and how it came to that.
fn failure(rules: &Rules, outcome: &Outcome) -> String {
    let mut text = String::new();
    if let Some((Finding { property, how }, actions)) = &outcome.breach {
        let _ = writeln!(
            text,
            "\nThe shortest way there, in {} actions:\n",
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
fn verdicts(total: &Total, broken: Option<Finding>) -> String {
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

fn properties() -> String {
    Property::ALL
        .iter()
        .fold(String::new(), |mut text, property| {
            let _ = writeln!(
                text,
                "{} ({}, question {})\n  {}",
                property.as_str(),
                property.section(),
                property.group(),
                property.sentence()
            );
            text
        })
}

fn faults() -> String {
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

fn scenes() -> String {
    Scene::ALL.iter().fold(String::new(), |mut text, scene| {
        let _ = writeln!(text, "{}: {}", scene.as_str(), scene.summary());
        text
    })
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Tells the progress: on a terminal in one line, time and again; elsewhere a line every ten seconds.
struct Ticker {
    terminal: bool,
    last: Instant,
}

impl Ticker {
    fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            last: Instant::now(),
        }
    }

    fn tell(&mut self, progress: &Progress) {
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

    fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
