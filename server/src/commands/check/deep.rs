//! `tandem check --deep`: the worlds that take longer than a test may, and the table of what was found in them.
//!
//! Touches standard output and error. What it prints is kept in `spec/RESULTS.md`.

use super::report::{Ticker, failure, print, title};
use std::{process::ExitCode, time::Duration};
use tandem_model::{
    Practice,
    check::{Finding, Outcome, Reach, Rules, Scene, Setup, deletions_and_renamings, run, simulate},
    practice::{Copying, Fetching, Storing},
};

/// How long a world is explored, unless it is said.
const LONG: Duration = Duration::from_secs(3_600);

/// How long a world is walked through, unless it is said.
const LONG_WALK: Duration = Duration::from_secs(60);

/// What `spec/RESULTS.md` begins with.
const HEADING: &str = "\
| scene | clients | messages | pipeline | practice | exhausted | unique states | generated | longest way | s | bytes a state |
|---|---|---|---|---|---|---|---|---|---|---|
";

/// How large the worlds of scenes about one question are: clients, messages, pipeline.
const SIZES: [[usize; 3]; 5] = [[2, 3, 1], [3, 2, 1], [2, 3, 2], [3, 3, 1], [3, 2, 2]];

/// How large the world with every command is.
const SMALLEST: [usize; 3] = [2, 1, 1];

/// Explores them all, or those of one scene; those at the end of the table are walked through at random.
pub(super) fn deep(only: Option<Scene>, reach: Reach, seed: u32) -> ExitCode {
    print(HEADING);
    let mut sound = true;
    let scenes = |size| Scene::ALL.iter().map(move |&scene| (scene, size));
    let worlds = SIZES.into_iter().flat_map(scenes);
    let worlds = worlds.chain([(Scene::Everything, SMALLEST)]);
    let wanted = |scene: Scene| only.is_none_or(|only| only == scene);
    for (scene, [clients, messages, pipeline]) in worlds.filter(|&(scene, _)| wanted(scene)) {
        for practice in practices(scene) {
            let setup = Setup {
                clients,
                messages,
                pipeline,
                reduced: true,
                ..Setup::new(scene, practice)
            };
            let mut ticker = Ticker::new();
            let explored = Rules::new(setup).map(|rules| {
                let outcome = run::run(&rules, bounded(reach), &mut |progress| {
                    ticker.tell(&progress);
                });
                (rules, outcome)
            });
            ticker.clear();
            sound &= tell(&setup, explored);
        }
    }
    for &scene in Scene::NAMED.iter().filter(|&&scene| wanted(scene)) {
        let setup = Setup {
            clients: 4,
            messages: 5,
            ..Setup::new(scene, Practice::default())
        };
        let walk = Reach {
            timeout: reach.timeout.or(Some(LONG_WALK)),
            ..reach
        };
        let walked = Rules::new(setup).map(|rules| {
            let outcome = simulate(&rules, seed, walk);
            (rules, outcome)
        });
        sound &= tell(&setup, walked);
    }
    if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn bounded(reach: Reach) -> Reach {
    Reach {
        timeout: reach.timeout.or(Some(LONG)),
        exact: true,
        ..reach
    }
}

/// Each value of the practices that a scene is about; the others have their defaults.
fn practices(scene: Scene) -> Vec<Practice> {
    let usual = Practice::default();
    let copying = |&copying: &Copying| Practice { copying, ..usual };
    let fetching = |&fetching: &Fetching| Practice { fetching, ..usual };
    let storing = |&storing: &Storing| Practice { storing, ..usual };
    let refusing = copying(&Copying::Refuse);
    match scene {
        Scene::Fetch => Fetching::ALL.iter().map(fetching).collect(),
        Scene::Store => Storing::ALL.iter().map(storing).collect(),
        Scene::Copy | Scene::Durability => Copying::ALL.iter().map(copying).collect(),
        Scene::Pipeline => {
            let fetching = Fetching::ALL.iter().map(fetching);
            fetching.chain([refusing]).collect()
        }
        Scene::Homes => deletions_and_renamings().chain([refusing]).collect(),
        Scene::Names | Scene::Tree | Scene::Subscriptions | Scene::DurableNames => {
            deletions_and_renamings().collect()
        }
        Scene::Everything => vec![usual],
    }
}

/// Bytes a state, to a tenth.
fn each(bytes: usize, states: usize) -> String {
    let tenths = (10 * bytes + states / 2) / states;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A line of the table; whether all is well.
fn tell(setup: &Setup, explored: Result<(Rules, Outcome), Finding>) -> bool {
    let (rules, outcome) = match explored {
        Ok(explored) => explored,
        Err(finding) => {
            let title = title(setup);
            print(&format!("{title}: {finding}, before anybody acts\n"));
            return false;
        }
    };
    let usual = Practice::default().chosen();
    let chosen = setup.practice.chosen();
    let others: Vec<String> = chosen
        .into_iter()
        .filter(|choice| !usual.contains(choice))
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let progress = outcome.progress;
    let (unique, bytes) = match (progress.unique, progress.bytes) {
        (0, _) => ("walks".to_owned(), String::new()),
        (unique, bytes) => (unique.to_string(), each(bytes, unique)),
    };
    print(&format!(
        "| {} | {} | {} | {} | {} | {} | {unique} | {} | {}{} | {:.0} | {bytes} |\n",
        setup.scene.as_str(),
        setup.clients,
        setup.messages,
        setup.pipeline,
        if others.is_empty() {
            "defaults".to_owned()
        } else {
            others.join(", ")
        },
        match (outcome.exhausted, outcome.cut) {
            (true, _) => "yes".to_owned(),
            (false, Some(cut)) => format!("no: {}", cut.as_str()),
            (false, None) => "no".to_owned(),
        },
        progress.generated,
        progress.depth,
        if progress.dived { "+" } else { "" },
        progress.elapsed.as_secs_f64(),
    ));
    let sound = outcome.holds();
    if !sound {
        print(&failure(&rules, &outcome));
    }
    sound
}
