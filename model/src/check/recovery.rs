//! Whether what a crash leaves is right: all of some steps and nothing of the others, and nothing that a client would have to unlearn.
//!
//! Touches nothing. It compares what recovery made with the live account as it was between steps, which it was not made from, and with
//! what the clients believe at the moment of the crash. RFC 3501 sections 2.3.1.1, 5.2 and 6.4.7.

use super::{
    client::Picture,
    journal::{Journal, opened},
    properties::{Finding, Property, ensure},
    world::Lane,
};
use crate::{
    account::Account,
    mailbox::Mailbox,
    message::Message,
    number::{ContentId, Uid, UidValidity},
};
use alloc::{sync::Arc, vec::Vec};

/// Judges what recovery made of a journal, while the clients still believe what they did before the crash.
///
/// # Errors
/// What is wrong with it.
pub fn judge(journal: &Journal, lanes: &[Arc<Lane>], recovered: &Account) -> Result<(), Finding> {
    let left = &journal.durable.left;
    ensure(
        opened(left, Some) == *left,
        Property::Replay,
        "a snapshot does not make the account that its journal makes",
    )?;
    for lane in lanes {
        if let Some(picture) = lane.client.picture() {
            bears_out(picture, &journal.last().live, recovered)?;
        }
    }
    counters_rise(&journal.durable.live, recovered)?;
    is_whole(journal, recovered)
}

/// What a client has seen, and what nobody has changed since, is so after the crash.
fn bears_out(picture: &Picture, live: &Account, recovered: &Account) -> Result<(), Finding> {
    let Some(uid_validity) = picture.uid_validity else {
        return Ok(());
    };
    // Once its mailbox is deleted nobody is promised that it stays.
    let Some(was) = identified(live, uid_validity) else {
        return Ok(());
    };
    let now = identified(recovered, uid_validity);
    let find = |uid| now.and_then(|mailbox| mailbox.list().find(uid));
    let seen = |uid| {
        picture
            .slots
            .iter()
            .find(|slot| slot.uid == Some(uid))
            .and_then(|slot| slot.content)
    };
    for slot in &picture.slots {
        let Some(uid) = slot.uid else { continue };
        ensure(
            was.list().find(uid).is_none() || find(uid).is_some(),
            Property::SeenStays,
            "a message that a client has seen is gone",
        )?;
    }
    let known = now.into_iter().flat_map(Mailbox::messages);
    for message in known.filter(|message| message.uid <= picture.high) {
        match seen(message.uid) {
            None => {
                return Err(Finding::new(
                    Property::SeenStays,
                    "a message of which a client was told EXPUNGE is there again",
                ));
            }
            Some(content) => ensure(
                content == message.content,
                Property::UidsOnce,
                "a UID that a client has seen is another message's",
            )?,
        }
    }
    Ok(())
}

/// What has been given out, and may have been told, is not given out again. UIDNEXT is judged where a client is told of it, or a message gets
/// a UID by it: see [`super::chronicle`].
fn counters_rise(durable: &Account, recovered: &Account) -> Result<(), Finding> {
    ensure(
        recovered.last_uid_validity() >= durable.last_uid_validity(),
        Property::CountersRise,
        "a UIDVALIDITY that was given will be given again",
    )?;
    for was in named(durable) {
        let risen = identified(recovered, was.uid_validity())
            .is_none_or(|now| now.highest_modseq() >= was.highest_modseq());
        ensure(
            risen,
            Property::CountersRise,
            "HIGHESTMODSEQ goes back: changes to come will look old",
        )?;
    }
    Ok(())
}

/// What recovery made is what some step left behind, at or after the last that is durable.
fn is_whole(journal: &Journal, recovered: &Account) -> Result<(), Finding> {
    let mut moments = journal.moments().map(|entry| &*entry.live);
    if moments.any(|live| is_same(live, recovered)) {
        return Ok(());
    }
    let contents = |account: &Account| {
        let mut all: Vec<ContentId> = named(account)
            .flat_map(|mailbox| mailbox.messages().map(|message| message.content))
            .collect();
        all.sort_unstable();
        all
    };
    let found = contents(recovered);
    let counted = journal
        .moments()
        .any(|entry| contents(&entry.live) == found);
    Err(Finding::new(
        Property::WholeAfterCrash,
        if counted {
            "of what one step did, a part is there and the rest is not"
        } else {
            "of the messages that one step brought or took away, it is so for some and not for others"
        },
    ))
}

/// Whether clients that come to either find the same: names, messages, flags, subscriptions.
pub(super) fn is_same(live: &Account, recovered: &Account) -> bool {
    live.names().len() == recovered.names().len()
        && live.subscribed() == recovered.subscribed()
        && live
            .names()
            .iter()
            .zip(recovered.names())
            .all(|((name, was), (same, now))| {
                let was = was.and_then(|id| live.mailbox_by_id(id));
                let now = now.and_then(|id| recovered.mailbox_by_id(id));
                name == same
                    && match (was, now) {
                        (Some(was), Some(now)) => holds_the_same(was, now),
                        (was, now) => was.is_none() && now.is_none(),
                    }
            })
}

fn holds_the_same(was: &Mailbox, now: &Mailbox) -> bool {
    let told = |message: &Message| {
        (
            message.uid,
            message.content,
            message.flags,
            message.date,
            message.size,
        )
    };
    was.uid_validity() == now.uid_validity()
        && was.keywords() == now.keywords()
        && was.messages().map(told).eq(now.messages().map(told))
}

/// The mailboxes that have names: others go with the last session that has them open.
pub(super) fn named(account: &Account) -> impl Iterator<Item = &Mailbox> {
    account
        .names()
        .iter()
        .filter_map(|(_, id)| account.mailbox_by_id((*id)?))
}

/// The mailbox that has a name and this UIDVALIDITY: no two of an account have the same.
pub(super) fn identified(account: &Account, uid_validity: UidValidity) -> Option<&Mailbox> {
    named(account).find(|mailbox| mailbox.uid_validity() == uid_validity)
}

/// The UIDs that were given before a crash and would be given again after it.
pub(super) fn forgotten<'a>(
    durable: &'a Account,
    recovered: &'a Account,
) -> impl Iterator<Item = (UidValidity, Uid)> + 'a {
    named(durable).flat_map(|was| {
        let next =
            identified(recovered, was.uid_validity()).map_or(was.uid_next(), Mailbox::uid_next);
        (next.0..was.uid_next().0).map(move |uid| (was.uid_validity(), Uid(uid)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Change,
        check::{
            alphabet::Scene,
            rules::Rules,
            setup::Setup,
            world::{Action, World},
        },
        flags::{Flags, Keyword},
        name::MailboxName,
        practice::Practice,
    };
    use alloc::vec;

    fn rules() -> Rules {
        Rules::new(Setup::new(Scene::Durability, Practice::default())).expect("it begins in order")
    }

    /// What recovery makes, if each change of the snapshot is one that `change` makes of it.
    fn found(world: &World, change: impl Fn(Change) -> Option<Change>) -> Option<Property> {
        let journal = world.journal().expect("a crash may come");
        let recovered = opened(&journal.durable.left, change);
        let found = judge(journal, &world.lanes, &recovered);
        found.err().map(|finding| finding.property)
    }

    /// The same with other messages.
    fn with(world: &World, change: impl Fn(&mut Vec<Message>)) -> Option<Property> {
        found(world, |mut made| {
            if let Change::Added { messages, .. } = &mut made {
                change(messages);
            }
            Some(made)
        })
    }

    #[test]
    fn what_recovery_makes_is_held_against_what_clients_have_seen() {
        let rules = rules();
        let world = rules.beginning();
        assert_eq!(found(world, Some), None);
        let lost = with(world, |messages| messages.truncate(1));
        assert_eq!(lost, Some(Property::SeenStays));
        let another = with(world, |messages| messages[0].content = ContentId(7));
        assert_eq!(another, Some(Property::UidsOnce));
        let flagged = with(world, |messages| messages[0].flags = messages[1].flags);
        assert_eq!(flagged, Some(Property::WholeAfterCrash));
        let nameless = found(world, |change| match change {
            Change::Created { ref name, .. } if name.as_str() == "B" => None,
            change => Some(change),
        });
        assert_eq!(nameless, Some(Property::WholeAfterCrash));
    }

    #[test]
    fn a_message_whose_end_was_read_does_not_come_back() {
        let rules = rules();
        let mut world = rules.beginning().clone();
        let before = world
            .journal()
            .expect("a crash may come")
            .durable
            .left
            .clone();
        let verbs = rules.verbs().iter();
        let (verb, _) = (0..)
            .zip(verbs)
            .find(|(_, verb)| matches!(*verb.command, crate::Command::Expunge { .. }))
            .expect("EXPUNGE is of the scene");
        for action in [
            Action::Send { client: 0, verb },
            Action::Process { client: 0 },
            Action::Durable,
            Action::Receive { client: 0 },
        ] {
            world = rules.next(&world, action).expect("it is possible");
        }
        let journal = world.journal().expect("a crash may come");
        let finding = judge(journal, &world.lanes, &before).unwrap_err();
        assert_eq!(finding.property, Property::SeenStays);
    }

    #[test]
    fn what_clients_would_find_another_is_not_the_same() {
        let rules = rules();
        let live = opened(&rules.beginning().account, Some);
        assert!(is_same(&live, &live.clone()));
        let name = MailboxName::new;
        let (a, b) = (live.mailbox(&name("A")), live.mailbox(&name("B")));
        let (a, b) = (a.unwrap().id(), b.unwrap().id());
        let modseq = live.mailbox_by_id(a).unwrap().highest_modseq().next();
        for change in [
            Change::Subscribed { name: name("A") },
            Change::Created {
                name: name("Z"),
                mailbox: live.next_mailbox(),
                uid_validity: live.last_uid_validity().next(),
            },
            Change::Renamed {
                names: vec![(name("B"), name("Z"))],
                remembered: false,
            },
            // The name stays, and leads to no mailbox any more.
            Change::Deleted {
                name: name("B"),
                keeps_name: true,
            },
            Change::KeywordAdded {
                mailbox: b,
                keyword: Keyword("$Junk".into()),
            },
            Change::Flagged {
                mailbox: a,
                modseq,
                flags: vec![(Uid(1), Flags::SEEN)],
            },
            Change::Expunged {
                mailbox: a,
                modseq,
                uids: vec![Uid(2)],
                keeps_content: false,
            },
        ] {
            let mut other = live.clone();
            other.replay(core::slice::from_ref(&change));
            assert!(!is_same(&live, &other), "{change:?}");
            assert!(!is_same(&other, &live), "{change:?}");
        }
    }
}
