//! How the checked world begins, and what is done in it from end to end while nobody else acts.
//!
//! Touches the world that it is given, by what its [`Rules`] let happen.

use super::{alphabet::Names, manners::receive, properties::Finding, rules::Rules, world::World};
use crate::{
    command::{Command, Form, Input},
    flags::Flags,
    message::InternalDate,
    number::ContentId,
    sequence_set::SequenceSet,
};
use alloc::{sync::Arc, vec, vec::Vec};

impl Rules {
    /// All clients that have a mailbox selected say NOOP, and take the answer.
    ///
    /// # Errors
    /// Something is wrong in what they are told.
    pub(super) fn poll(&self, world: &mut World) -> Result<(), Finding> {
        let open: Vec<usize> = (0..)
            .zip(&world.lanes)
            .filter(|(_, lane)| lane.selected.is_some())
            .map(|(me, _)| me)
            .collect();
        open.into_iter()
            .try_for_each(|me| self.perform(world, me, Command::Noop))
    }

    /// Lets one client do a command from end to end.
    pub(super) fn perform(
        &self,
        world: &mut World,
        me: usize,
        command: Command,
    ) -> Result<(), Finding> {
        let Some(lane) = world.lanes.get_mut(me) else {
            return Ok(());
        };
        Arc::make_mut(lane).say(0, &Arc::new(command));
        loop {
            let before = world.account.clone();
            self.process(&before, world, me)?;
            if world
                .lanes
                .get(me)
                .is_none_or(|lane| !lane.session.wants_resume())
            {
                break;
            }
        }
        while world
            .lanes
            .get(me)
            .is_some_and(|lane| !lane.inbox.is_empty())
        {
            receive(world, me)?;
        }
        Ok(())
    }

    /// Makes the mailboxes and messages, and lets all clients select. A fault is planted only when this is done.
    pub(super) fn begin(&self, names: &Names) -> Result<World, Finding> {
        let sound = self.sound();
        let mut world = sound.beginning().clone();
        world.lanes.push(Arc::default());
        let maker = self.setup().clients;
        let select = || Command::Select {
            mailbox: names.shared.clone(),
            read_only: false,
        };
        let mut script = vec![
            Command::Create {
                mailbox: names.shared.clone(),
            },
            Command::Create {
                mailbox: names.other.clone(),
            },
        ];
        script.extend((1..=self.setup().messages).map(|number| {
            Command::Append {
                mailbox: names.shared.clone(),
                flags: if number == self.setup().messages {
                    Flags::DELETED
                } else {
                    Flags::NONE
                }
                .into(),
                date: InternalDate::default(),
                content: ContentId(0),
                size: 1,
            }
        }));
        script.extend([select(), Command::Unselect]);
        for command in script {
            sound.perform(&mut world, maker, command)?;
        }
        let before = world.account.clone();
        sound.act(&before, &mut world, maker, Input::Break, None)?;
        world.lanes.truncate(maker);
        for me in 0..maker {
            sound.perform(&mut world, me, select())?;
            let all = Command::Fetch {
                set: SequenceSet::all(),
                form: Form::Sequence,
                marks_seen: false,
            };
            sound.perform(&mut world, me, all)?;
        }
        if self.setup().crashes > 0 {
            world.crashes = self.setup().crashes;
            world.store();
        }
        self.coverage().forget();
        Ok(world)
    }
}
