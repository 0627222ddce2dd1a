//! How the checked world moves: which actions are possible, and what each does.
//!
//! Touches the world that it is given. The server's part of an action is one call of [`crate::Session::step`], and nothing else. RFC 9051
//! section 5.5, RFC 2177.

use super::{
    alphabet::{Names, Ration, Verb},
    coverage::Coverage,
    crash::leaving,
    judge::{self, Turn},
    manners::{
        changes_list, copies, has_news, is_expected, is_sound, may_say, receive, replays,
        selected_after, sleeps_on, with_content,
    },
    properties::Finding,
    reduction::{forced, is_left},
    rest,
    setup::Setup,
    told::Told,
    world::{Action, Lane, Memory, Sent, World},
};
use crate::{
    account::{Account, Limits},
    batch::Batch,
    change::Change,
    command::{Command, Input, Moment},
    fault::Fault,
    name::MailboxName,
    response::Response,
};
use alloc::{sync::Arc, vec::Vec};

/// The checked world's laws.
#[derive(Clone, Debug)]
pub struct Rules {
    setup: Setup,
    verbs: Vec<Verb>,
    /// The names of mailboxes that occur in it.
    names: Vec<MailboxName>,
    coverage: Arc<Coverage>,
    beginning: World,
}

/// What one step of a session did, before anybody has judged it.
#[derive(Clone)]
pub(super) struct Step {
    /// Its lane, as the step left it.
    pub(super) lane: Lane,
    /// The command that it was about.
    pub(super) command: Option<Arc<Command>>,
    /// The command began with it.
    pub(super) begins: bool,
    /// The connection broke.
    pub(super) breaks: bool,
    /// What it sent.
    pub(super) out: Vec<Response>,
    /// What it says that it changed.
    pub(super) batch: Batch,
    /// The account before it.
    pub(super) was: Arc<Account>,
}

impl Rules {
    /// The laws of one world.
    ///
    /// # Errors
    /// The world is wrong before anybody acts.
    pub fn new(setup: Setup) -> Result<Self, Finding> {
        let names = Names::default();
        let account = Account::new(Limits {
            page: 1,
            ..Limits::default()
        });
        let verbs = setup.scene.verbs(setup.messages, &names);
        let mut rules = Self {
            setup,
            names: names.all(),
            coverage: Arc::default(),
            beginning: World {
                account: Arc::new(account),
                lanes: (0..setup.clients).map(|_| Arc::default()).collect(),
                rations: setup.scene.rations(),
                copies: verbs.iter().any(|verb| copies(&verb.command)),
                sees_ghosts: setup.practice.has(Fault::SearchFindsGhosts),
                breaks: setup.breaks,
                crashes: 0,
                next_content: 1,
                memory: Memory::default(),
                storage: None,
                finding: None,
            },
            verbs,
        };
        rules.beginning = rules.begin(&names)?;
        Ok(rules)
    }

    /// Which world this is.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// What its clients may say.
    #[must_use]
    pub fn verbs(&self) -> &[Verb] {
        &self.verbs
    }

    /// The names of mailboxes that occur in it.
    pub(super) fn names(&self) -> &[MailboxName] {
        &self.names
    }

    /// What has happened in it so far, wherever it was explored.
    #[must_use]
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// How it begins: all clients have the shared mailbox selected and know what is in it.
    #[must_use]
    pub const fn beginning(&self) -> &World {
        &self.beginning
    }

    /// The same laws, with no fault planted.
    pub(super) fn sound(&self) -> Self {
        let mut sound = self.clone();
        sound.setup.practice.fault = None;
        sound
    }

    /// What is wrong with a world, if anything is.
    ///
    /// # Errors
    /// The breach.
    pub fn verdict(&self, world: &World) -> Result<(), Finding> {
        match world.finding {
            Some(finding) => Err(finding),
            None => rest::judge(self, world),
        }
    }

    /// The possible actions, always in the same order.
    pub fn possible(&self, world: &World, actions: &mut Vec<Action>) {
        if world.finding.is_some() {
            return;
        }
        for (client, lane) in (0..).zip(&world.lanes) {
            if leaving(world, lane) > 0 {
                actions.push(Action::Receive { client });
            }
            if lane.gone || lane.session.is_over() {
                continue;
            }
            if lane.session.wants_resume()
                || lane.done
                || (lane.waiting > 0 && !lane.session.is_idle())
            {
                actions.push(Action::Process { client });
            }
            if !lane.session.wants_resume() && has_news(world, lane) {
                actions.push(Action::Wake { client });
            }
            if world.breaks > 0 {
                actions.push(Action::Break { client });
            }
            if lane.may_be_done() {
                actions.push(Action::Done { client });
            }
            if lane.client.asked().len() < self.setup.pipeline.max(1) {
                let verbs = (0..)
                    .zip(&self.verbs)
                    .filter(|(_, verb)| may_say(&self.setup, world, lane, verb));
                actions.extend(verbs.map(|(verb, _)| Action::Send { client, verb }));
            }
        }
        if let Some(journal) = world.journal() {
            if !journal.tail.is_empty() {
                actions.push(Action::Durable);
            }
            actions.push(Action::Crash);
        }
        if self.setup.reduced {
            actions.retain(|action| is_left(world, *action));
        }
    }

    /// What comes of an action, and, if orders are reduced, of those that have to follow it at once; `None`: nothing.
    #[must_use]
    pub fn next(&self, world: &World, action: Action) -> Option<World> {
        let mut next = self.one(world, action)?;
        while let Some(action) = self.following(&next) {
            next = self.one(&next, action)?;
        }
        Some(next)
    }

    /// What has to follow at once.
    fn following(&self, world: &World) -> Option<Action> {
        forced(world, self.setup.pipeline).filter(|_| self.setup.reduced)
    }

    /// Every single action of a way.
    #[must_use]
    pub fn way(&self, actions: &[Action]) -> Vec<Action> {
        let mut all = Vec::new();
        let mut world = self.beginning.clone();
        for &action in actions {
            for (action, next) in self.steps(&world, action) {
                all.push(action);
                world = next;
            }
        }
        all
    }

    /// An action and those that follow it at once, each with what comes of it.
    #[must_use]
    pub fn steps(&self, world: &World, action: Action) -> Vec<(Action, World)> {
        let mut steps: Vec<(Action, World)> = Vec::new();
        let mut action = Some(action);
        while let Some(next) = action {
            let before = steps.last().map_or(world, |(_, world)| world);
            let Some(after) = self.one(before, next) else {
                break;
            };
            action = self.following(&after);
            steps.push((next, after));
        }
        steps
    }

    /// What comes of one action alone, as a way is told; `None`: nothing.
    #[must_use]
    pub fn one(&self, world: &World, action: Action) -> Option<World> {
        if let Action::Wake { client } = action
            && sleeps_on(&self.setup.practice, world, client.into())
        {
            return None;
        }
        let mut next = world.clone();
        let before = &world.account;
        let result = match action {
            Action::Send { client, verb } => self.send(&mut next, client.into(), verb),
            Action::Done { client } => {
                Arc::make_mut(next.lanes.get_mut(usize::from(client))?).done = true;
                Ok(())
            }
            Action::Process { client } => self.process(before, &mut next, client.into()),
            Action::Receive { client } => receive(&mut next, client.into()),
            Action::Wake { client } => self.wake(before, &mut next, client.into()),
            Action::Break { client } => {
                let me = client.into();
                next.breaks = next.breaks.saturating_sub(1);
                let result = self.act(before, &mut next, me, Input::Break, None);
                *next.lanes.get_mut(me)? = Arc::new(Lane::lost());
                result
            }
            Action::Durable => {
                self.make_durable(&mut next);
                Ok(())
            }
            Action::Crash => self.crash(&mut next),
        };
        if next.must_wait() {
            return None;
        }
        next.finding = result.err();
        Some(next)
    }

    fn send(&self, world: &mut World, me: usize, verb: u8) -> Result<(), Finding> {
        let Some(said) = self.verbs.get(usize::from(verb)) else {
            return Ok(());
        };
        match said.ration {
            None => {}
            Some(Ration::Arrivals) => world.rations[0] = world.rations[0].saturating_sub(1),
            Some(Ration::Names) => world.rations[1] = world.rations[1].saturating_sub(1),
        }
        if let Some(lane) = world.lanes.get_mut(me) {
            Arc::make_mut(lane).say(verb, &said.command);
        }
        Ok(())
    }

    pub(super) fn process(
        &self,
        before: &Account,
        world: &mut World,
        me: usize,
    ) -> Result<(), Finding> {
        match taken(world, me) {
            Some((input, command)) => self.act(before, world, me, input, command),
            None => Ok(()),
        }
    }

    fn wake(&self, before: &Account, world: &mut World, me: usize) -> Result<(), Finding> {
        let command = woken(world, me);
        self.act(before, world, me, Input::Wake, command)
    }

    /// One step of one session, and the referee's judgement of it.
    pub(super) fn act(
        &self,
        before: &Account,
        world: &mut World,
        me: usize,
        input: Input,
        command: Option<Arc<Command>>,
    ) -> Result<(), Finding> {
        match self.step(world, me, input, command) {
            Some(step) => self.settle(before, world, me, step),
            None => Ok(()),
        }
    }

    /// One step of one session; the account is then what the step has made of it.
    pub(super) fn step(
        &self,
        world: &mut World,
        me: usize,
        input: Input,
        command: Option<Arc<Command>>,
    ) -> Option<Step> {
        let mut lane = (**world.lanes.get(me)?).clone();
        let begins = matches!(input, Input::Command(..));
        let breaks = input == Input::Break;
        if begins {
            lane.waiting -= 1;
        }
        lane.done &= input != Input::Done;
        let mut out = Vec::new();
        let was = Arc::clone(&world.account);
        let account = Arc::make_mut(&mut world.account);
        lane.session
            .step(input, account, &self.setup.practice, &mut out);
        let batch = account.drain();
        Some(Step {
            lane,
            command,
            begins,
            breaks,
            out,
            batch,
            was,
        })
    }

    /// Judges a step, and puts what came of it into the world.
    pub(super) fn settle(
        &self,
        before: &Account,
        world: &mut World,
        me: usize,
        step: Step,
    ) -> Result<(), Finding> {
        let Step {
            mut lane,
            command,
            begins,
            breaks,
            out,
            batch,
            was,
        } = step;
        let command = command.as_deref();
        self.coverage
            .step(command.filter(|_| begins), &out, &batch.changes);
        let result = replays(before, &batch, &world.account)
            .and_then(|()| is_expected(&lane, &out, command, breaks))
            .and_then(|()| {
                self.weigh(
                    before,
                    world,
                    me,
                    &mut lane,
                    begins,
                    command,
                    &out,
                    &batch.changes,
                )
            });
        let result = result.and_then(|()| match batch.changes.is_empty() {
            true => {
                // What has not changed is what it was when it was last looked at, and need not be kept twice.
                world.account = was;
                Ok(())
            }
            false => is_sound(&world.account),
        });
        lane.evicted = false;
        let (held, result) = match result {
            Ok(()) => self.journal(world, me, &lane, &batch, &out, command),
            Err(finding) => (None, Err(finding)),
        };
        if !out.is_empty() {
            let told = out.iter().any(changes_list).then(|| lane.told.clone());
            lane.inbox.push(Arc::new(Sent {
                responses: out,
                shows: lane.told.shown,
                told,
                held,
            }));
        }
        if let Some(slot) = world.lanes.get_mut(me) {
            *slot = Arc::new(lane);
        }
        result
    }

    /// Judges the step, and remembers what is to be remembered of it.
    #[expect(clippy::too_many_arguments, reason = "they are what a step is made of")]
    fn weigh(
        &self,
        before: &Account,
        world: &mut World,
        me: usize,
        lane: &mut Lane,
        begins: bool,
        command: Option<&Command>,
        out: &[Response],
        changes: &[Change],
    ) -> Result<(), Finding> {
        let World {
            account: after,
            lanes,
            memory,
            ..
        } = &mut *world;
        let selected = selected_after(lane, command, out, after);
        let leaves = selected.is_none();
        let mailbox = selected.and_then(|selected| after.mailbox_by_id(selected.mailbox));
        let heard = lane.told.hear(out, mailbox);
        let meant = lane.current().map_or(0, |errand| errand.meant);
        let turn = Turn {
            practice: &self.setup.practice,
            names: &self.names,
            me,
            lanes,
            command: command.filter(|_| !lane.evicted),
            begins,
            before,
            after,
            out,
            told: &lane.told,
            memory,
        };
        let mut task = lane.task;
        judge::judge(&turn, meant, heard, &mut task)?;
        self.coverage.task(&turn, &task);
        let mut now = memory.clone();
        let lost = judge::remember(&turn, &mut now);
        lane.task = if lane.session.wants_resume() {
            task
        } else {
            Default::default()
        };
        lane.selected = selected;
        if leaves {
            lane.told = Told::default();
        }
        let flagged = |change: &Change| matches!(change, Change::Flagged { .. });
        let outdates = changes.iter().any(flagged);
        for (_, other) in lanes.iter_mut().enumerate().filter(|&(at, _)| at != me) {
            if outdates && let Some(here) = other.selected {
                Arc::make_mut(other).told.outdate(here.mailbox, changes);
            }
            if lost.iter().any(|&mailbox| other.has_open(mailbox)) {
                let other = Arc::make_mut(other);
                other.evicted = true;
                other.selected = None;
                other.told = Told::default();
            }
        }
        let open = |id| {
            selected.is_some_and(|mine| mine.mailbox == id)
                || lanes
                    .iter()
                    .enumerate()
                    .any(|(at, other)| at != me && other.has_open(id))
        };
        now.graves.retain(|&(_, id)| open(id));
        *memory = now;
        if changes.is_empty() {
            return Ok(());
        }
        judge::agrees(&self.names, memory, after)
    }
}

/// What the server takes next of what a client has sent, and the command that it is about.
pub(super) fn taken(world: &mut World, me: usize) -> Option<(Input, Option<Arc<Command>>)> {
    let lane = world.lanes.get(me)?;
    if lane.session.wants_resume() {
        return Some((Input::Resume, lane.in_progress()));
    }
    if lane.waiting == 0 {
        return Some((Input::Done, lane.in_progress()));
    }
    let at = lane.errands.len() - lane.waiting;
    let command = lane.client.asked().get(at).cloned()?;
    let command = match &*command {
        Command::Append { .. } => {
            let content = world.next_content;
            world.next_content += 1;
            Arc::new(with_content(&command, content))
        }
        _ => command,
    };
    let input = Input::Command((*command).clone(), Moment::default());
    Some((input, Some(command)))
}

/// The command that a session which is woken is about: IDLE, or none.
pub(super) fn woken(world: &World, me: usize) -> Option<Arc<Command>> {
    let lane = world.lanes.get(me)?;
    lane.in_progress().filter(|_| lane.session.is_idle())
}
