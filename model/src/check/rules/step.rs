//! One step of a session in the checked world: what the server takes, what it answers, and the referee's judgement of it.
//!
//! Touches the world that it is given. The step itself is one call of [`crate::Session::step`], and nothing else.

use super::{
    super::{
        judge::{self, Turn},
        manners::{changes_list, is_expected, is_sound, replays, selected_after, with_content},
        properties::Finding,
        told::Told,
        world::{Lane, Sent, World},
    },
    Rules,
};
use crate::{
    account::Account,
    batch::Batch,
    change::Change,
    command::{Command, Input, Moment},
    response::Response,
};
use alloc::{sync::Arc, vec::Vec};

/// What one step of a session did, before anybody has judged it.
#[derive(Clone)]
pub(in crate::check) struct Step {
    /// Its lane, as the step left it.
    pub(in crate::check) lane: Lane,
    /// The command that it was about.
    pub(in crate::check) command: Option<Arc<Command>>,
    /// The command began with it.
    pub(in crate::check) begins: bool,
    /// The connection broke.
    pub(in crate::check) breaks: bool,
    /// What it sent.
    pub(in crate::check) out: Vec<Response>,
    /// What it says that it changed.
    pub(in crate::check) batch: Batch,
    /// The account before it.
    pub(in crate::check) was: Arc<Account>,
}

impl Rules {
    pub(in crate::check) fn process(
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

    pub(super) fn wake(
        &self,
        before: &Account,
        world: &mut World,
        me: usize,
    ) -> Result<(), Finding> {
        let command = woken(world, me);
        self.act(before, world, me, Input::Wake, command)
    }

    /// One step of one session, and the referee's judgement of it.
    pub(in crate::check) fn act(
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
    pub(in crate::check) fn step(
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
    pub(in crate::check) fn settle(
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
pub(in crate::check) fn taken(
    world: &mut World,
    me: usize,
) -> Option<(Input, Option<Arc<Command>>)> {
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
pub(in crate::check) fn woken(world: &World, me: usize) -> Option<Arc<Command>> {
    let lane = world.lanes.get(me)?;
    lane.in_progress().filter(|_| lane.session.is_idle())
}
