//! How the checked world moves: which actions are possible, and what each does.
//!
//! Touches the world that it is given; the server's part of an action is a [`step`]. RFC 9051 section 5.5, RFC 2177.

pub(super) mod step;

use super::{
    alphabet::{Names, Ration, Verb},
    coverage::Coverage,
    crash::leaving,
    manners::{copies, has_news, may_say, receive, sleeps_on},
    properties::Finding,
    reduction::{forced, is_left},
    rest,
    setup::Setup,
    world::{Action, Lane, Memory, World},
};
use crate::{
    account::{Account, Limits},
    command::Input,
    fault::Fault,
    name::MailboxName,
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
        forced(world).filter(|_| self.setup.reduced)
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
}
