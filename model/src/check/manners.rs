//! What a client does with what it sends and is sent, and what a step may send at all, whatever the command.
//!
//! Touches lanes. RFC 3501 section 2.2.2, RFC 9051 section 5.5.

use super::{
    alphabet::{Ration, Verb},
    client::covers,
    crash::hear,
    properties::{Finding, Property, ensure},
    setup::Setup,
    told::bits,
    world::{Errand, Lane, Selected, Sent, World},
};
use crate::{
    account::Account,
    command::{Command, Form, Input},
    mailbox::Mailbox,
    number::ContentId,
    practice::Practice,
    response::{Response, Status},
    search_key::{Numbers, SearchKey},
};
use alloc::{sync::Arc, vec::Vec};

impl Lane {
    /// The client sends a command.
    pub(super) fn say(&mut self, verb: u8, command: &Arc<Command>) {
        let meant = self.meant(command);
        self.client.send(Arc::clone(command));
        self.errands.push(Errand { verb, meant });
        self.waiting += 1;
    }

    /// The messages that the client means by the sequence numbers in a command, as bits of their UIDs.
    pub(super) fn meant(&self, command: &Command) -> u64 {
        let set = match command {
            Command::Fetch {
                set,
                form: Form::Sequence,
                ..
            }
            | Command::Store {
                set,
                form: Form::Sequence,
                ..
            }
            | Command::Copy {
                set,
                form: Form::Sequence,
                ..
            }
            | Command::Move {
                set,
                form: Form::Sequence,
                ..
            }
            | Command::Search {
                key: SearchKey::Sequence(Numbers::Asked(set)),
                ..
            } => set,
            _ => return 0,
        };
        let last = u32::try_from(self.client.slots().len()).unwrap_or(u32::MAX);
        let named = self
            .client
            .slots()
            .iter()
            .zip(1..)
            .filter(|(_, number)| covers(set, *number, last));
        bits(named.filter_map(|(slot, _)| slot.uid))
    }

    /// The command that the server is about.
    pub(super) fn in_progress(&self) -> Option<Arc<Command>> {
        let taken = self.errands.len() - self.waiting;
        self.client.asked().get(taken.checked_sub(1)?).cloned()
    }

    /// IDLE is going on, as far as the client knows, and it has not said DONE.
    pub(super) fn may_be_done(&self) -> bool {
        let idle = self
            .client
            .asked()
            .first()
            .is_some_and(|command| matches!(**command, Command::Idle));
        let begun = |sent: &Arc<Sent>| {
            sent.responses
                .iter()
                .any(|response| matches!(response, Response::Continue(_)))
        };
        idle && self.session.is_idle() && !self.done && !self.inbox.iter().any(begun)
    }
}

/// Whether a session would be woken: something happened since it was last told of anything.
pub(super) fn has_news(world: &World, lane: &Lane) -> bool {
    let here = lane
        .session
        .mailbox()
        .and_then(|id| world.account.mailbox_by_id(id));
    let view = here.and_then(|mailbox| mailbox.view(lane.session.view()?));
    let (Some(mailbox), Some(view)) = (here, view) else {
        return lane.evicted;
    };
    view.exists_to.next() < mailbox.uid_next()
        || view.flags_to.min(view.expunged_to) < mailbox.highest_modseq()
        || usize::from(view.keywords_to) < mailbox.keywords().list().len()
}

/// A client takes one batch.
pub(super) fn receive(world: &mut World, me: usize) -> Result<(), Finding> {
    let Some(slot) = world.lanes.get_mut(me) else {
        return Ok(());
    };
    let lane = Arc::make_mut(slot);
    let sent = lane.inbox.remove(0);
    for response in &sent.responses {
        if lane.client.receive(response)?.is_some() {
            lane.errands.remove(0);
        }
    }
    if lane.client.is_over() {
        *slot = Arc::new(Lane::lost());
    } else if let Some(told) = &sent.told {
        lane.client.learn(&told.list)?;
        lane.client.learn_flags(&told.arrived);
    }
    hear(world, &sent)
}

/// What a session has selected after a step, by what it was answered.
pub(super) fn selected_after(
    lane: &Lane,
    command: Option<&Command>,
    out: &[Response],
    after: &Account,
) -> Option<Selected> {
    let status = match out.last() {
        Some(Response::Tagged(status, _, _)) => Some(*status),
        _ => None,
    };
    if lane.session.is_over() {
        return None;
    }
    match (command, status) {
        (Some(Command::Select { mailbox, read_only }), Some(Status::Ok)) => after
            .mailbox(mailbox)
            .map(Mailbox::id)
            .map(|mailbox| Selected {
                mailbox,
                read_only: *read_only,
            }),
        (Some(Command::Select { .. }), Some(Status::No))
        | (Some(Command::Close | Command::Unselect), Some(Status::Ok)) => None,
        _ => lane.selected,
    }
}

/// A step sends what it may send at all.
pub(super) fn is_expected(
    lane: &Lane,
    out: &[Response],
    command: Option<&Command>,
    breaks: bool,
) -> Result<(), Finding> {
    if breaks {
        return ensure(
            out.is_empty() && lane.session.is_over(),
            Property::Answered,
            "a broken connection is sent something",
        );
    }
    if lane.evicted {
        let only_bye = matches!(out, [Response::Bye(_)]) && lane.session.is_over();
        return ensure(
            only_bye,
            Property::ByeFirst,
            "a session that lost its mailbox is sent something else than BYE",
        );
    }
    is_answered(lane, out, command)
}

/// A step that took a command, or the next page of one, either ends it or goes on with it.
pub(super) fn is_answered(
    lane: &Lane,
    out: &[Response],
    command: Option<&Command>,
) -> Result<(), Finding> {
    let bye = out
        .iter()
        .any(|response| matches!(response, Response::Bye(_)));
    let logout = matches!(command, Some(Command::Logout));
    ensure(
        bye == logout && lane.session.is_over() == logout,
        Property::ByeFirst,
        "BYE without a reason, or LOGOUT without BYE",
    )?;
    let tagged = out
        .iter()
        .filter(|response| matches!(response, Response::Tagged(..)))
        .count();
    let Some(command) = command else {
        return ensure(
            tagged == 0,
            Property::Answered,
            "a tagged response while no command is answered",
        );
    };
    let goes_on = match command {
        Command::Fetch { .. } | Command::Store { .. } | Command::Search { .. } => {
            lane.session.wants_resume()
        }
        Command::Idle => lane.session.is_idle(),
        _ => false,
    };
    let last = matches!(out.last(), Some(Response::Tagged(..)));
    let once = if goes_on {
        tagged == 0
    } else {
        tagged == 1 && last
    };
    ensure(
        once,
        Property::Answered,
        "a command is not answered once, at its end",
    )
}

/// The changes of a step make of the account before it the account after it, and every reference to content is released once.
pub(super) fn replays(
    before: &Account,
    batch: &crate::Batch,
    after: &Account,
) -> Result<(), Finding> {
    after
        .audit_step(before, batch)
        .map_err(|broken| Finding::new(Property::Replay, broken.described()))
}

/// The account breaks no invariant that can be seen in it alone.
pub(super) fn is_sound(account: &Account) -> Result<(), Finding> {
    account
        .audit()
        .map_err(|broken| Finding::new(Property::Sound, broken.described()))
}

pub(super) fn changes_list(response: &Response) -> bool {
    matches!(response, Response::Exists(_) | Response::Expunge(_))
}

pub(super) fn with_content(command: &Command, content: u8) -> Command {
    let mut command = command.clone();
    if let Command::Append { content: given, .. } = &mut command {
        *given = ContentId(u64::from(content));
    }
    command
}

/// Whether a command makes copies of messages.
pub(super) const fn copies(command: &Command) -> bool {
    matches!(command, Command::Copy { .. } | Command::Move { .. })
}

/// Whether a client may say it now.
pub(super) fn may_say(setup: &Setup, world: &World, lane: &Lane, verb: &Verb) -> bool {
    let ration = match verb.ration {
        None => true,
        Some(Ration::Arrivals) => world.rations[0] > 0,
        Some(Ration::Names) => world.rations[1] > 0,
    };
    ration
        && (!verb.selected || lane.client.picture().is_some())
        && verb.number <= lane.client.slots().len()
        && (!verb.star || lane.client.asked().is_empty())
        && lane.client.may_send(&verb.command, setup.pipeline)
}

/// Whether a session that is woken does nothing, as it should unless it is idle or has lost its mailbox.
pub(super) fn sleeps_on(practice: &Practice, world: &World, me: usize) -> bool {
    let Some(lane) = world
        .lanes
        .get(me)
        .filter(|lane| !lane.session.is_idle() && !lane.evicted)
    else {
        return false;
    };
    let (mut session, mut account, mut out) =
        (lane.session.clone(), (*world.account).clone(), Vec::new());
    session.step(Input::Wake, &mut account, practice, &mut out);
    (out.as_slice(), &session, &account) == (&[], &lane.session, &*world.account)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Change,
        check::{alphabet::Scene, rules::Rules},
        flags::{Flags, Keyword},
        message::{InternalDate, Message},
        number::{ModSeq, Uid},
    };
    use alloc::vec;

    #[test]
    fn whatever_a_session_has_not_been_told_is_news_to_it() {
        let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
        let world = rules.beginning();
        assert!(!has_news(world, &world.lanes[0]));
        let selected = world.lanes[0].selected.unwrap();
        let mailbox = selected.mailbox;
        let here = world.account.mailbox_by_id(mailbox).unwrap();
        let modseq = here.highest_modseq().next();
        for change in [
            // As if no MODSEQ told of it.
            Change::Added {
                mailbox,
                messages: vec![Message {
                    uid: here.uid_next(),
                    size: 1,
                    modseq: ModSeq(0),
                    flags: Flags::NONE,
                    date: InternalDate::default(),
                    content: ContentId(9),
                }],
            },
            Change::Flagged {
                mailbox,
                modseq,
                flags: vec![(Uid(1), Flags::SEEN)],
            },
            Change::Expunged {
                mailbox,
                modseq,
                uids: vec![Uid(1)],
                keeps_content: true,
            },
            Change::KeywordAdded {
                mailbox,
                keyword: Keyword("$Junk".into()),
            },
        ] {
            let mut news = world.clone();
            Arc::make_mut(&mut news.account).replay(&[change]);
            assert!(has_news(&news, &news.lanes[0]));
        }
    }
}
