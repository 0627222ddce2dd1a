//! What holds when nothing is on its way: the server's numbering, ghosts, and convergence.
//!
//! Touches a copy of the world, which it lets poll. Properties 2, 7, 8 and 10.
//!
//! Only states at rest are asked. That loses nothing: from any state, the server doing what it was sent and the clients taking what they
//! were sent leads to a state at rest by actions of the model, so that the state at rest is explored too, and whatever a world that is quiesced
//! from the first would show, it shows.

use super::{
    client::Client,
    properties::{Finding, Property, ensure},
    rules::Rules,
    told::bit,
    world::{Lane, World},
};
use crate::{
    account::Account,
    mailbox::Mailbox,
    number::{ContentId, Uid},
    session::Session,
    view::View,
};
use alloc::vec::Vec;

/// Judges a world if it is at rest.
///
/// # Errors
/// What is wrong with it.
pub fn judge(rules: &Rules, world: &World) -> Result<(), Finding> {
    if !world.lanes.iter().all(|lane| lane.is_at_rest()) {
        return Ok(());
    }
    for lane in &world.lanes {
        numbers_agree(&world.account, &lane.session, &lane.client)?;
    }
    ghosts_are_owed(world)?;
    let mut quiet = World {
        // What it does is durable at once.
        storage: None,
        ..world.clone()
    };
    rules.poll(&mut quiet)?;
    quiet
        .lanes
        .iter()
        .try_for_each(|lane| is_up_to_date(&quiet, lane))?;
    let kept = quiet
        .account
        .mailboxes()
        .iter()
        .any(|mailbox| !mailbox.ghosts().is_empty());
    ensure(
        !kept,
        Property::GhostsFreed,
        "an expunged message is kept although every session has been told",
    )
}

/// The client's list is the server's numbering of its view, which is worked out here from the cursors, by definition and not by
/// the code that does so for the server.
pub(super) fn numbers_agree(
    account: &Account,
    session: &Session,
    client: &Client,
) -> Result<(), Finding> {
    let agrees = client.picture().is_some() == session.mailbox().is_some();
    ensure(
        agrees,
        Property::NumbersAgree,
        "client and server do not agree on whether a mailbox is selected",
    )?;
    let (Some(id), Some(view)) = (session.mailbox(), session.view()) else {
        return Ok(());
    };
    let here = account.mailbox_by_id(id);
    let Some((mailbox, view)) =
        here.and_then(|mailbox| mailbox.view(view).map(|view| (mailbox, view)))
    else {
        return Err(Finding::new(
            Property::GhostMailbox,
            "a session has a mailbox open that is not there",
        ));
    };
    let held = client.slots().iter();
    let same = numbered(mailbox, view).eq(held.map(|slot| (slot.uid, slot.content)));
    ensure(
        same,
        Property::NumbersAgree,
        "the client's list is not what the server numbers",
    )
}

fn numbered(
    mailbox: &Mailbox,
    view: &View,
) -> impl Iterator<Item = (Option<Uid>, Option<ContentId>)> {
    let live = mailbox
        .messages()
        .filter(|message| message.uid <= view.exists_to);
    let owed = mailbox
        .ghosts()
        .iter()
        .filter(|ghost| ghost.expunged > view.expunged_to);
    let owed = owed
        .map(|ghost| &ghost.message)
        .filter(|message| message.uid <= view.exists_to);
    let mut all: Vec<(Uid, ContentId)> = live
        .chain(owed)
        .map(|message| (message.uid, message.content))
        .collect();
    all.sort_unstable();
    all.into_iter()
        .map(|(uid, content)| (Some(uid), Some(content)))
}

/// Every ghost has a number with some client, every view a session, and every mailbox without a name somebody who has it open.
fn ghosts_are_owed(world: &World) -> Result<(), Finding> {
    for mailbox in world.account.mailboxes() {
        let open: Vec<&Lane> = world
            .lanes
            .iter()
            .map(|lane| &**lane)
            .filter(|lane| lane.has_open(mailbox.id()))
            .collect();
        ensure(
            mailbox.views().len() == open.len(),
            Property::GhostsFreed,
            "a view is kept that no session has, or the reverse",
        )?;
        for ghost in mailbox.ghosts() {
            let owed = open.iter().any(|lane| {
                lane.client
                    .slots()
                    .iter()
                    .any(|slot| slot.uid == Some(ghost.message.uid))
            });
            ensure(
                owed,
                Property::GhostsFreed,
                "an expunged message is kept that no session has a number for",
            )?;
        }
        let named = || {
            world
                .account
                .names()
                .iter()
                .any(|&(_, id)| id == Some(mailbox.id()))
        };
        ensure(
            !open.is_empty() || named(),
            Property::GhostMailbox,
            "a deleted mailbox is kept that nobody has open",
        )?;
    }
    Ok(())
}

/// A client that has polled knows what is in the mailbox.
fn is_up_to_date(world: &World, lane: &Lane) -> Result<(), Finding> {
    let Some(selected) = lane.selected else {
        return Ok(());
    };
    let Some(mailbox) = world.account.mailbox_by_id(selected.mailbox) else {
        return Ok(());
    };
    let slots = lane.client.slots();
    let count = usize::try_from(mailbox.list().len()).unwrap_or(usize::MAX);
    ensure(
        slots.len() == count,
        Property::Convergence,
        "a client that has polled holds more or fewer messages than there are",
    )?;
    for (slot, message) in slots.iter().zip(mailbox.messages()) {
        let same = slot.uid == Some(message.uid) && slot.content == Some(message.content);
        ensure(
            same,
            Property::Convergence,
            "a client that has polled holds another message than is there",
        )?;
        ensure(
            lane.told.outdated & bit(message.uid) == 0,
            Property::FlagsBelieved,
            "a client that has polled was not shown flags that another has changed",
        )?;
        let believed = slot.flags.is_none_or(|flags| flags == message.flags);
        ensure(
            believed,
            Property::FlagsBelieved,
            "a client that has polled believes other flags than there are",
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Change,
        check::{alphabet::Scene, journal::opened, setup::Setup},
        flags::Flags,
        message::Message,
        practice::Practice,
    };
    use alloc::sync::Arc;

    #[test]
    fn a_client_that_has_polled_is_held_against_the_mailbox() {
        let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
        let world = rules.beginning();
        let with = |alter: &dyn Fn(&mut Vec<Message>)| {
            let account = opened(&world.account, |mut change| {
                if let Change::Added { messages, .. } = &mut change {
                    alter(messages);
                }
                Some(change)
            });
            let other = World {
                account: Arc::new(account),
                ..world.clone()
            };
            let found = is_up_to_date(&other, &world.lanes[0]);
            found.err().map(|finding| finding.property)
        };
        assert_eq!(with(&|_| {}), None);
        for alter in [
            |messages: &mut Vec<Message>| messages.truncate(1),
            |messages: &mut Vec<Message>| messages[1].uid = Uid(7),
            |messages: &mut Vec<Message>| messages[0].content = ContentId(7),
        ] {
            assert_eq!(with(&alter), Some(Property::Convergence));
        }
        let seen = with(&|messages| messages[0].flags = Flags::SEEN);
        assert_eq!(seen, Some(Property::FlagsBelieved));
    }
}
