//! `tandem check`: explores the transition function, and prints what it found.
//!
//! Touches standard output and error; the work is [`tandem_model::check`]'s. Worlds are explored one after the other: each
//! scene under each practice that was asked for.

mod deep;
mod report;

use self::report::{
    Ticker, Total, failure, faults, print, properties, rate, scenes, summary, title, verdicts,
};
use super::USAGE;
use crate::config::{Config, ConfigError, Source};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use tandem_model::{
    Fault, Practice,
    check::{
        Reach, Rules, Scene, Setup,
        plant::{self, Planted},
        run, simulate,
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
    /// No way of more actions than this is looked at; with --reduced, of more choices
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    depth: Option<u32>,
    /// On so many threads [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
    /// Search breadth first with every world kept exactly, and see that all can come to rest from each; else stateright searches, depth first
    #[arg(long)]
    exact: bool,
    /// Walk at random through worlds that are too large to be explored, each for --timeout seconds [default: 10], every walk of --depth actions at most
    /// [default: 1000]. On one thread a seed is the same walks, as far as the time goes; other threads, and other seeds, walk otherwise. With --deep it is
    /// the seed of the walks at the end
    #[arg(long, value_name = "SEED", conflicts_with = "exact")]
    simulate: Option<u32>,
    /// Explore larger worlds, exactly and in few orders, under each value of the practices that a scene is about, for hours, and then walk through larger ones at random; what it
    /// prints is in spec/RESULTS.md. Of the other arguments it takes --scene, --timeout, of each world [default: 3600] and each walk [default: 60], --depth, --threads and
    /// --simulate [default: 1]
    #[arg(long)]
    deep: bool,
    /// Of orders of actions that make no difference try only one
    #[arg(long)]
    reduced: bool,
    /// Stop each world after this long, exhausted or not
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    timeout: Option<u64>,
    /// Plant a wrong behaviour, to see that it is found; without other arguments where it is found fastest
    #[arg(long, value_name = "NAME")]
    fault: Option<String>,
    /// List the faults that can be planted, with the properties that they break
    #[arg(long)]
    list_faults: bool,
    /// List the properties that are checked, and the invariants
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
    } else if args.deep {
        return match ignored(&args) {
            Some(argument) => usage(&ConfigError(format!(
                "`--deep` chooses its worlds and how they are explored, and cannot be used with `{argument}`: allowed are --scene, --timeout, --depth, --threads and --simulate"
            ))),
            None => match scene(&args) {
                Ok(scene) => deep::deep(scene, reach(&args), args.simulate.unwrap_or(1)),
                Err(error) => usage(&error),
            },
        };
    } else {
        return match worlds(&args) {
            Ok(worlds) => check(&worlds, reach(&args), args.simulate),
            Err(error) => usage(&error),
        };
    };
    print(&text)
}

fn usage(error: &ConfigError) -> ExitCode {
    eprintln!("tandem: {error}");
    ExitCode::from(USAGE)
}

/// The first argument that `--deep` would not heed.
fn ignored(args: &CheckArgs) -> Option<&'static str> {
    [
        ("--clients", args.clients.is_some()),
        ("--messages", args.messages.is_some()),
        ("--pipeline", args.pipeline.is_some()),
        ("--crashes", args.crashes.is_some()),
        ("--practice", !args.practice.is_empty()),
        ("--all-practices", args.all_practices),
        ("--exact", args.exact),
        ("--reduced", args.reduced),
        ("--fault", args.fault.is_some()),
    ]
    .into_iter()
    .find_map(|(argument, is_there)| is_there.then_some(argument))
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
        exact: args.exact,
    }
}

/// The scene that was asked for, if one was.
fn scene(args: &CheckArgs) -> Result<Option<Scene>, ConfigError> {
    let named = args.scene.as_deref().map(Scene::named);
    named.transpose().map_err(ConfigError)
}

/// The worlds that were asked for.
fn worlds(args: &CheckArgs) -> Result<Vec<Setup>, ConfigError> {
    let scene = scene(args)?;
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
            setup.reduced |= args.reduced;
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
fn check(worlds: &[Setup], reach: Reach, seed: Option<u32>) -> ExitCode {
    let begun = Instant::now();
    let mut total = Total::default();
    for setup in worlds {
        let title = title(setup);
        print(&format!("{title}\n"));
        let rules = match Rules::new(*setup) {
            Ok(rules) => rules,
            Err(finding) => {
                print(&format!("  {finding}, before anybody acts\n"));
                return ExitCode::FAILURE;
            }
        };
        let mut ticker = Ticker::new();
        let outcome = match seed {
            Some(seed) => simulate(&rules, seed, reach),
            None => run::run(&rules, reach, &mut |progress| ticker.tell(&progress)),
        };
        ticker.clear();
        print(&format!("  {}\n", summary(&outcome)));
        total.count(&outcome);
        if !outcome.holds() {
            print(&failure(&rules, &outcome));
            print(&verdicts(
                &total,
                outcome.breach.as_ref().map(|(finding, _)| *finding),
                reach.exact,
            ));
            return ExitCode::FAILURE;
        }
    }
    print(&verdicts(&total, None, reach.exact));
    print(&format!(
        "\n{} worlds in {:.1} s: {} unique states, {} generated, {:.0} generated a second. {}\n",
        worlds.len(),
        begun.elapsed().as_secs_f64(),
        total.unique,
        total.generated,
        rate(total.generated, total.exploring),
        if total.exhausted && reach.exact {
            "Every one was exhausted: these properties hold in all of their states, and rest can be reached from each.".to_owned()
        } else if total.exhausted {
            "Every one was exhausted: these properties hold in all of their states.".to_owned()
        } else {
            format!(
                "NOT EXHAUSTED{}: nothing was found, as far as it was explored.",
                total.why()
            )
        }
    ));
    ExitCode::SUCCESS
}
