//! What SEARCH promises: RFC 2180 section 4.3, RFC 9051 sections 5.5 and 6.4.4.
//!
//! Touches nothing. It judges the keys that the alphabets have: ALL, a flag, message sequence numbers.

use super::{Turn, bit, ensure_ok};
use crate::{
    check::{
        client::covers,
        properties::{Finding, Property, ensure},
        told::{Told, bits, live},
        world::Task,
    },
    command::Form,
    number::SeqNum,
    response::{Code, Response},
    search_key::{Numbers, SearchKey},
};

pub(super) fn judge(
    turn: &Turn<'_>,
    key: &SearchKey,
    form: Form,
    task: &mut Task,
) -> Result<(), Finding> {
    // What the client has; what UID SEARCH reports at its end comes after what it found.
    let Some(told) = turn.lane().map(|lane| &lane.told) else {
        return Ok(());
    };
    let here = live(turn.source());
    let matching = matching(turn, key, told);
    // Others act between the steps only: what matches at each of them matched when it was looked at.
    task.due &= matching & here;
    for response in turn.out {
        let Response::Search(page) = response else {
            continue;
        };
        for candidate in &page.candidates {
            let uid = match form {
                Form::Uid => told
                    .list
                    .iter()
                    .map(|&(uid, _)| uid)
                    .find(|uid| uid.0 == candidate.number),
                Form::Sequence => told.at(SeqNum(candidate.number)).map(|(uid, _)| uid),
            };
            let Some(uid) = uid else {
                return Err(Finding::new(
                    Property::SearchOmits,
                    "SEARCH returns a message that the client does not have",
                ));
            };
            ensure(
                here & bit(uid) != 0,
                Property::SearchOmits,
                "SEARCH returns an expunged message",
            )?;
            let property = if matches!(key, SearchKey::Sequence(_)) {
                Property::CommandHitsMeant
            } else {
                Property::SearchOmits
            };
            ensure(
                matching & bit(uid) != 0,
                property,
                "SEARCH returns a message that does not match",
            )?;
            task.shown |= bit(uid);
        }
    }
    let Some((_, code)) = turn.tagged() else {
        return Ok(());
    };
    ensure_ok(turn, Property::SearchOmits, "SEARCH answers NO")?;
    ensure(
        task.due & !task.shown == 0,
        Property::SearchOmits,
        "SEARCH leaves out a message that matches",
    )?;
    let gone_now = task.meant & !live(turn.source_now());
    let warned = matches!(code, Some(Code::ExpungeIssued));
    let right = if warned {
        gone_now != 0
    } else {
        task.gone == 0
    };
    ensure(
        right,
        Property::SearchOmits,
        "EXPUNGEISSUED is not said if and only if messages had been expunged",
    )
}

/// What of the client's messages the key holds for now.
fn matching(turn: &Turn<'_>, key: &SearchKey, told: &Told) -> u64 {
    match key {
        SearchKey::Sequence(Numbers::Asked(set)) => {
            let last = u32::try_from(told.list.len()).unwrap_or(u32::MAX);
            let named = told
                .list
                .iter()
                .zip(1..)
                .filter(|(_, number)| covers(set, *number, last));
            bits(named.map(|(&(uid, _), _)| uid))
        }
        SearchKey::Flags(flags) => turn.source().map_or(0, |mailbox| {
            let with = mailbox
                .messages()
                .filter(|message| message.flags.contains(*flags));
            bits(with.map(|message| message.uid))
        }),
        _ => told.mask(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Fault,
        check::{Rules, Scene, Setup, alphabet::Names},
        command::Command,
        practice::Practice,
        sequence_set::SequenceSet,
    };

    /// What is found where one client moves the first of three messages away, and another, which has not been told, asks for the UID of its first.
    fn found(fault: Option<Fault>) -> Result<(), Finding> {
        let practice = Practice {
            fault,
            ..Practice::default()
        };
        let setup = Setup {
            messages: 3,
            ..Setup::new(Scene::Fetch, practice)
        };
        let rules = Rules::new(setup)?;
        let mut world = rules.beginning().clone();
        let first = SequenceSet::one(1);
        let r#move = Command::Move {
            set: first.clone(),
            form: Form::Sequence,
            mailbox: Names::default().other,
        };
        rules.perform(&mut world, 0, r#move)?;
        let search = Command::Search {
            key: SearchKey::Sequence(Numbers::Asked(first)),
            form: Form::Uid,
        };
        rules.perform(&mut world, 1, search)
    }

    #[test]
    fn a_number_that_is_looked_up_after_expunge_means_another_message() {
        assert_eq!(found(None), Ok(()));
        let finding = found(Some(Fault::SearchNumbersAfterExpunge)).err();
        let expected = Finding::new(
            Property::CommandHitsMeant,
            "SEARCH returns a message that does not match",
        );
        assert_eq!(finding, Some(expected));
    }
}
