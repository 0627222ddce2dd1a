//! Steps of a sound server, spoilt in one place each, and who notices: the referee, the oracle, or whoever looks at the world at rest.
//!
//! Touches worlds of its own. A planted fault shows that a property can be broken, in the one way in which that fault breaks it. Here a response
//! is left out, doubled or made another, or the account is not what it should be, wherever that can be done in some walks at random; what is found, and how
//! often, is in a file. `TANDEM_UPDATE=1` writes it; what has changed is for who changed it to read. What nobody notices is there as well: much of that is
//! right, as a RECENT that is left out, or a step that tells something sooner than it has to.

mod changes;
mod responses;
mod scripts;

use super::{
    Setup,
    alphabet::Scene,
    chronicle::Claim,
    claims::Heard,
    coverage::Event,
    crash::leaving,
    manners::{receive, selected_after},
    properties::Finding,
    rules::{
        Rules,
        step::{Step, taken, woken},
    },
    world::{Action, World},
};
use crate::{
    account::Account,
    command::{Command, Input},
    practice::Practice,
    response::{Response, Status},
};
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};
use scripts::{
    Script, about_messages, about_names, of_messages, of_names, one_goes, with_messages, with_names,
};

/// How often a step of one kind is spoilt.
const OFTEN: usize = 1;
/// How many actions a walk has.
const LONG: usize = 60;

/// Numbers that look random, the same each time.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }
}

/// A step before it is judged, and the world in which it was taken.
struct Taken {
    before: Arc<Account>,
    /// The account in it is what the step made.
    world: World,
    me: usize,
    step: Step,
}

impl Taken {
    /// The step that an action is, if it is one.
    fn by(rules: &Rules, world: &World, action: Action) -> Option<Self> {
        let me = action.client()?;
        let before = world.account.clone();
        let mut world = world.clone();
        let (input, command) = match action {
            Action::Process { .. } => taken(&mut world, me)?,
            Action::Wake { .. } => (Input::Wake, woken(&world, me)),
            Action::Break { .. } => (Input::Break, None),
            _ => return None,
        };
        let step = rules.step(&mut world, me, input, command)?;
        Some(Self {
            before,
            world,
            me,
            step,
        })
    }

    /// What kind of step it is: of what command, and what it sends and changes.
    fn kind(&self, rules: &Rules) -> String {
        let command = self.step.command.as_deref();
        let sent: Vec<&str> = self.step.out.iter().map(responses::kind).collect();
        let changed: Vec<&str> = self.step.batch.changes.iter().map(changes::kind).collect();
        let status = match self.step.out.last() {
            Some(Response::Tagged(status, code, _)) => format!("{status:?} {code:?}"),
            _ => String::new(),
        };
        let practice = match command.map_or("", |command| command.name()) {
            "FETCH" | "UID FETCH" | "EXPUNGE" | "UID EXPUNGE" | "MOVE" | "UID MOVE" | "CLOSE" => {
                rules.setup().practice.fetching.as_str()
            }
            "STORE" | "UID STORE" => rules.setup().practice.storing.as_str(),
            "COPY" | "UID COPY" => rules.setup().practice.copying.as_str(),
            "DELETE" => rules.setup().practice.deletion.as_str(),
            "RENAME" => rules.setup().practice.renaming.as_str(),
            _ => "",
        };
        let lane = &self.world.lanes[self.me];
        let here = lane.selected.map(|selected| {
            let mailbox = self.before.mailbox_by_id(selected.mailbox);
            let ghosts = mailbox.map(|mailbox| (mailbox.ghosts().len(), mailbox.views().len()));
            (selected.read_only, ghosts)
        });
        format!("{command:?} {practice} {sent:?} {changed:?} {status} {here:?}")
    }

    /// The same, less precisely.
    fn sort(&self) -> String {
        let command = self.step.command.as_ref().map(|command| command.name());
        let goes_on = self.step.lane.session.wants_resume();
        let evicted = self.step.lane.evicted;
        let waits = self.step.lane.waiting > 0;
        let last = self.step.out.last().map(responses::kind);
        format!(
            "{command:?} {} {goes_on} {evicted} {waits} {last:?}",
            self.step.begins
        )
    }

    /// Everything that it can be spoilt to be, each with how.
    fn spoilt(&self, strays: bool) -> Vec<(String, Step, Arc<Account>)> {
        let same = |how: String, out| {
            let step = Step {
                out,
                ..self.step.clone()
            };
            (how, step, self.world.account.clone())
        };
        let mut otherwise = responses::spoilt(&self.step.out);
        if strays {
            otherwise.extend(responses::with_strays(&self.step.out));
        }
        let otherwise = otherwise.into_iter();
        let mut all: Vec<_> = otherwise.map(|(how, out)| same(how, out)).collect();
        all.extend(changes::spoilt(
            &self.before,
            &self.world.account,
            &self.step,
        ));
        all
    }

    /// What is made of it, as it is or spoilt.
    fn verdict(&self, rules: &Rules, step: Step, account: Arc<Account>) -> Result<(), Finding> {
        let mut world = World {
            account,
            ..self.world.clone()
        };
        let breaks = step.breaks;
        rules.settle(&self.before, &mut world, self.me, step)?;
        if breaks {
            return Ok(());
        }
        while leaving(&world, &world.lanes[self.me]) > 0 {
            receive(&mut world, self.me)?;
        }
        rules.verdict(&world)?;
        match rules.one(&world, Action::Crash) {
            Some(World {
                finding: Some(finding),
                ..
            }) => Err(finding),
            _ => Ok(()),
        }
    }
}

/// What was made of the steps that were spoilt, and how often.
#[derive(Default)]
struct Verdicts {
    /// Kinds of steps, and how often each was spoilt.
    seen: BTreeMap<String, usize>,
    /// How a step was spoilt, what was made of it, how often.
    all: BTreeMap<(String, String), usize>,
    /// What the coverage notes of the steps as they are.
    noted: BTreeMap<(String, String), usize>,
    /// What they claim of what is kept.
    claimed: BTreeMap<(String, String), usize>,
}

impl Verdicts {
    /// How often something was seen, with this.
    fn times(&mut self, what: String) -> usize {
        let times = self.seen.entry(what).or_default();
        *times += 1;
        *times
    }

    /// Spoils the step that an action is, if it is one; nobody minds it as it is.
    fn add(&mut self, rules: &Rules, world: &World, action: Action) {
        let Some(taken) = Taken::by(rules, world, action) else {
            return;
        };
        if self.times(taken.kind(rules)) > OFTEN {
            return;
        }
        let sound = taken.verdict(rules, taken.step.clone(), taken.world.account.clone());
        assert_eq!(sound, Ok(()));
        self.claim(&taken);
        let strays = self.times(taken.sort()) <= OFTEN;
        for (how, step, account) in taken.spoilt(strays) {
            let verdict = taken.verdict(rules, step, account);
            let verdict = verdict.err().map_or("-".into(), |found| found.to_string());
            *self.all.entry((how, verdict)).or_default() += 1;
        }
    }

    /// What a step claims, as if its answer waited for nothing.
    fn claim(&mut self, taken: &Taken) {
        let step = &taken.step;
        let before = &taken.world.lanes[taken.me];
        let account = &taken.world.account;
        let command = step.command.as_deref();
        let selected = selected_after(&step.lane, command, &step.out, account);
        let here = selected.and_then(|selected| account.mailbox_by_id(selected.mailbox));
        let mut told = before.told.clone();
        told.hear(&step.out, here).unwrap();
        let heard = Heard {
            command,
            meant: step.lane.current().map_or(0, |errand| errand.meant),
            out: &step.out,
            before: &before.told,
            after: &told,
            selected,
            account,
        };
        let what = command.map_or("", |command| command.name());
        for Claim { fact, property } in heard.claims() {
            let claim = (what.to_string(), format!("{property}: {fact:?}"));
            *self.claimed.entry(claim).or_default() += 1;
        }
    }

    /// What comes of an action, and what the coverage notes of it.
    fn one(&mut self, rules: &Rules, world: &World, action: Action) -> Option<World> {
        let coverage = rules.coverage();
        coverage.forget();
        let next = rules.one(world, action)?;
        let about = action.client().map(|me| &world.lanes[me]);
        let command = about.and_then(|lane| match action {
            Action::Process { .. } if lane.waiting > 0 => {
                let at = lane.errands.len() - lane.waiting;
                lane.client.asked().get(at).cloned()
            }
            Action::Process { .. } | Action::Wake { .. } => lane.in_progress(),
            _ => None,
        });
        let what = match action {
            Action::Durable => "durable",
            Action::Crash => "crash",
            Action::Break { .. } => "break",
            _ => command.as_ref().map_or("", |command| command.name()),
        };
        let events = Event::ALL.iter().filter(|&&event| coverage.has(event));
        let mut noted: Vec<&str> = events.map(|event| event.as_str()).collect();
        noted.extend(coverage.commands());
        noted.extend(coverage.changes());
        for noted in noted {
            let times = self.noted.entry((what.to_string(), noted.to_string()));
            *times.or_default() += 1;
        }
        assert_eq!(next.finding, None);
        Some(next)
    }

    /// Walks at random.
    fn walk(&mut self, rules: &Rules, chance: &mut Chance) {
        let mut world = rules.beginning().clone();
        for _ in 0..LONG {
            let mut actions = Vec::new();
            rules.possible(&world, &mut actions);
            if actions.is_empty() {
                break;
            }
            // Clients say more than a server can answer, and it crashes before it has, unless they are held back.
            let mut others = actions.clone();
            others.retain(|action| !matches!(action, Action::Send { .. } | Action::Crash));
            if !others.is_empty() && chance.below(4) > 0 {
                actions = others;
            }
            let action = actions[chance.below(actions.len())];
            self.add(rules, &world, action);
            if let Some(next) = self.one(rules, &world, action) {
                world = next;
            }
        }
    }

    /// One command of the first client, in this situation.
    fn run(&mut self, rules: &Rules, script: &Script, command: &Command) {
        let mut world = rules.beginning().clone();
        let play = |world: &mut World, commands: &[(usize, Command)]| {
            for (who, command) in commands {
                // It may have been sent away, or not have a mailbox any more.
                let lane = &world.lanes[*who];
                let has = lane.selected.is_some() || !matches!(command, Command::Expunge { .. });
                if has && !lane.session.is_over() && lane.client.may_send(command, 2) {
                    rules.perform(world, *who, command.clone()).unwrap();
                }
            }
        };
        play(&mut world, &script.first);
        let lane = Arc::make_mut(&mut world.lanes[0]);
        if lane.client.is_over() || lane.session.is_over() {
            return;
        }
        lane.say(0, &Arc::new(command.clone()));
        play(&mut world, &script.then);
        let mut later = script.later.as_slice();
        if *command == Command::Noop {
            for action in [Action::Wake { client: 0 }, Action::Break { client: 0 }] {
                self.add(rules, &world, action);
            }
        }
        loop {
            let lane = &world.lanes[0];
            let goes_on = lane.waiting > 0 || lane.session.wants_resume();
            if lane.session.is_over() || !goes_on {
                return;
            }
            let action = Action::Process { client: 0 };
            if is_bad(rules, &world) {
                return;
            }
            self.add(rules, &world, action);
            world = self.one(rules, &world, action).unwrap();
            play(&mut world, later);
            later = &[];
            if world.lanes[0].session.is_idle() {
                play(&mut world, &one_goes());
                let action = Action::Wake { client: 0 };
                self.add(rules, &world, action);
                world = self.one(rules, &world, action).unwrap();
                Arc::make_mut(&mut world.lanes[0]).done = true;
                self.add(rules, &world, Action::Process { client: 0 });
                return;
            }
        }
    }
}

/// The first client has said what it should not have.
fn is_bad(rules: &Rules, world: &World) -> bool {
    let taken = Taken::by(rules, world, Action::Process { client: 0 });
    let step = taken.map(|taken| taken.step);
    step.is_some_and(|step| matches!(step.out.last(), Some(Response::Tagged(Status::Bad, ..))))
}

/// Of each of these, what goes with it and how often.
fn to_text(table: &BTreeMap<(String, String), usize>) -> String {
    let mut text = String::new();
    let mut last = None;
    for ((of, what), times) in table {
        if last != Some(of) {
            text.push_str(of);
            text.push('\n');
            last = Some(of);
        }
        text.push_str(&format!("{times:>6}  {what}\n"));
    }
    text
}

/// Compares with a file beside the sources of the check.
pub(super) fn is_as_it_was(name: &str, text: &str) {
    let path = format!("{}/src/check/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("TANDEM_UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let before = std::fs::read_to_string(&path).unwrap();
    let differs = before.lines().zip(text.lines()).find(|(was, is)| was != is);
    assert_eq!(differs, None, "{path}");
    assert!(before == text, "{path} has another length");
}

fn rules(scene: Scene, practice: Practice) -> Rules {
    let mut setup = Setup::new(scene, practice);
    setup.messages = 3;
    setup.pipeline = 2;
    Rules::new(setup).unwrap()
}

#[test]
fn a_step_that_is_spoilt_is_noticed_by_whom_it_was() {
    let mut verdicts = Verdicts::default();
    let scenes = Scene::NAMED.iter().cycle();
    for (seed, (practice, &scene)) in (1..).zip(Practice::every().into_iter().zip(scenes)) {
        verdicts.walk(&rules(scene, practice), &mut Chance(seed));
    }
    for (practices, scripts, commands) in [
        (with_messages(), of_messages(), about_messages()),
        (with_names(), of_names(), about_names()),
    ] {
        for practice in practices {
            let rules = rules(Scene::Everything, practice);
            for (script, command) in scripts
                .iter()
                .flat_map(|script| commands.iter().map(move |command| (script, command)))
            {
                verdicts.run(&rules, script, command);
            }
        }
    }
    is_as_it_was("spoilt/verdicts.txt", &to_text(&verdicts.all));
    is_as_it_was("spoilt/noted.txt", &to_text(&verdicts.noted));
    is_as_it_was("spoilt/claimed.txt", &to_text(&verdicts.claimed));
}
