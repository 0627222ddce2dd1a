//! How the checked world moves where its server may crash: what steps did becomes durable, answers wait for that, and a crash loses the rest.
//!
//! Touches the world that it is given. What recovery does is the model's own: a snapshot is applied, and what follows it is replayed. What answers wait for is
//! the model's as well ([`Batch::awaits`]), and the server goes by it. Only that they do wait, in the order in which they were made, is done here again.

use super::{
    chronicle::Chronicle,
    claims::Heard,
    coverage::Event,
    journal::{Journal, Storage, TAIL, opened},
    judge,
    properties::{Finding, Property, ensure},
    recovery::{self, forgotten, is_same},
    rules::Rules,
    world::{Held, Lane, Sent, World},
};
use crate::{account::Account, batch::Batch, command::Command, response::Response};
use alloc::sync::Arc;

impl World {
    /// What is durable and what is not, while a crash may come.
    #[must_use]
    pub fn journal(&self) -> Option<&Journal> {
        self.storage.as_ref()?.journal.as_ref()
    }

    /// From now on, what steps do is durable only when it is made so.
    pub(super) fn store(&mut self) {
        let journal = (self.crashes > 0).then(|| Journal::new(&self.account, &self.memory));
        let chronicle = match self.storage.take() {
            Some(storage) => storage.chronicle.clone(),
            None => Chronicle::default(),
        };
        self.storage = Some(Arc::new(Storage { journal, chronicle }));
    }

    /// The last step did more than the tail of the journal has room for: it does not happen yet.
    pub(super) fn must_wait(&self) -> bool {
        self.journal()
            .is_some_and(|journal| journal.tail.len() > TAIL)
    }
}

/// How many of its answers have left the server and have not been read by the client: all, but for those that wait, and those behind them.
pub(super) fn leaving(world: &World, lane: &Lane) -> usize {
    let Some(journal) = world.journal() else {
        return lane.inbox.len();
    };
    let waits = |sent: &Sent| {
        let held = sent.held.as_ref();
        held.is_some_and(|held| held.awaits > journal.position())
    };
    let first = lane.inbox.iter().position(|sent| waits(sent));
    first.unwrap_or(lane.inbox.len())
}

/// What is journalled of the steps makes what is left of the account if all sessions end.
fn keeps_all(storage: &Storage, batch: &Batch, account: &Account) -> Result<(), Finding> {
    let Some(journal) = storage
        .journal
        .as_ref()
        .filter(|_| !batch.changes.is_empty())
    else {
        return Ok(());
    };
    ensure(
        opened(account, Some) == journal.last().left,
        Property::Replay,
        "what is journalled of the steps does not make what is left of the account",
    )
}

/// A client has read what it was sent.
pub(super) fn hear(world: &mut World, sent: &Sent) -> Result<(), Finding> {
    let Some(storage) = &mut world.storage else {
        return Ok(());
    };
    storage.chronicle.check(&sent.responses)?;
    // To what was durable when it was read, every account is true from now on, or has moved on from it.
    if let Some((held, journal)) = sent.held.as_ref().zip(storage.journal.as_ref())
        && held.made > journal.position()
    {
        let Storage { journal, chronicle } = Arc::make_mut(storage);
        if let Some(journal) = journal {
            chronicle.hear(held, journal);
        }
    }
    Ok(())
}

impl Rules {
    /// Writes down what a step did. Returns what its responses wait for.
    pub(super) fn journal(
        &self,
        world: &mut World,
        me: usize,
        lane: &Lane,
        batch: &Batch,
        out: &[Response],
        command: Option<&Command>,
    ) -> (Option<Held>, Result<(), Finding>) {
        let World {
            storage,
            account,
            lanes,
            memory,
            crashes,
            ..
        } = world;
        let Some(storage) = storage else {
            return (None, Ok(()));
        };
        let shows = |response: &Response| matches!(response, Response::Fetch { .. });
        if *crashes < self.setup().crashes && out.iter().any(shows) {
            self.coverage().happened(Event::ComesBack);
        }
        let result = storage.chronicle.judge(account);
        if storage.journal.is_none() {
            return (None, result);
        }
        if batch.is_durable() {
            let Storage { journal, chronicle } = Arc::make_mut(storage);
            if let Some(journal) = journal {
                journal.keep(batch, account, memory);
                chronicle.forget(journal);
            }
        }
        let result = result.and_then(|()| keeps_all(storage, batch, account));
        // Counted by what was kept, not by what the step says.
        let made = storage
            .journal
            .as_ref()
            .map(|journal| journal.last().position());
        let made = made.unwrap_or_default();
        let awaits = batch.awaits(&self.setup().practice);
        // What waits for its own step claims nothing that a crash could take back.
        let claims = match lanes.get(me) {
            Some(was) if awaits < made => Heard {
                command,
                meant: lane.current().map_or(0, |errand| errand.meant),
                out,
                before: &was.told,
                after: &lane.told,
                selected: lane.selected,
                account,
            }
            .claims(),
            _ => Default::default(),
        };
        let held = Held {
            awaits,
            made,
            claims,
        };
        (Some(held), result)
    }

    /// What one more step did becomes durable.
    pub(super) fn make_durable(&self, world: &mut World) {
        let left = |world: &World| -> usize {
            let lanes = world.lanes.iter();
            lanes.map(|lane| leaving(world, lane)).sum()
        };
        let before = left(world);
        if let Some(storage) = &mut world.storage {
            let Storage { journal, chronicle } = Arc::make_mut(storage);
            if let Some(journal) = journal {
                journal.make_durable();
                chronicle.forget(journal);
            }
        }
        if left(world) > before {
            self.coverage().happened(Event::Released);
        }
    }

    /// The server crashes. What is not durable is lost, and so is what is on its way; every client comes back, with nothing selected, and remembers.
    pub(super) fn crash(&self, world: &mut World) -> Result<(), Finding> {
        let Some(mut storage) = world.storage.clone() else {
            return Ok(());
        };
        let Storage { journal, chronicle } = Arc::make_mut(&mut storage);
        let Some(journal) = journal.take() else {
            return Ok(());
        };
        let recovered = Arc::new(journal.recover(&self.setup().practice));
        self.see(world, &journal, &recovered);
        let durable = &journal.durable;
        let result = chronicle
            .survive(&recovered, forgotten(&durable.live, &recovered))
            .and_then(|()| recovery::judge(&journal, &world.lanes, &recovered))
            .and_then(|()| judge::agrees(self.names(), &durable.memory, &recovered));
        world.crashes = world.crashes.saturating_sub(1);
        world.account = recovered;
        world.memory = durable.memory.clone();
        for lane in &mut world.lanes {
            *lane = Arc::default();
        }
        world.storage = Some(storage);
        world.store();
        result
    }

    /// What a crash meets.
    fn see(&self, world: &World, journal: &Journal, recovered: &Account) {
        let coverage = self.coverage();
        let waits = |lane: &Arc<Lane>| leaving(world, lane) < lane.inbox.len();
        if !journal.tail.is_empty() {
            coverage.happened(Event::CrashLoses);
        }
        if !coverage.has(Event::CrashWhileHeld) && world.lanes.iter().any(waits) {
            coverage.happened(Event::CrashWhileHeld);
        }
        if !coverage.has(Event::CrashLeaves) && !is_same(&self.beginning().account, recovered) {
            coverage.happened(Event::CrashLeaves);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::Change,
        check::{
            alphabet::Scene,
            chronicle::{Claim, Fact},
            journal::Entry,
            setup::Setup,
        },
        flags::Flags,
        name::MailboxName,
        number::{ContentId, Position, Uid, UidValidity},
        practice::Practice,
    };
    use alloc::{vec, vec::Vec};

    fn rules() -> Rules {
        Rules::new(Setup::new(Scene::Durability, Practice::default())).unwrap()
    }

    /// A world in which a message has got \Seen, which is not durable, and the UIDVALIDITY of its mailbox.
    fn seen(rules: &Rules) -> (World, UidValidity) {
        let mut world = rules.beginning().clone();
        let id = world.lanes[0].selected.unwrap().mailbox;
        let mailbox = world.account.mailbox_by_id(id).unwrap();
        let uid_validity = mailbox.uid_validity();
        let flagged = Change::Flagged {
            mailbox: id,
            modseq: mailbox.highest_modseq().next(),
            flags: vec![(Uid(1), Flags::SEEN)],
        };
        let changes = vec![flagged];
        let replayed = Arc::make_mut(&mut world.account).replay(&changes);
        let batch = Batch {
            changes,
            ..replayed
        };
        let storage = Arc::make_mut(world.storage.as_mut().unwrap());
        let journal = storage.journal.as_mut().unwrap();
        journal.keep(&batch, &world.account, &world.memory);
        (world, uid_validity)
    }

    fn claim(fact: Fact) -> Claim {
        Claim {
            fact,
            property: Property::SeenStays,
        }
    }

    fn flags(uid_validity: UidValidity, flags: Flags) -> Claim {
        claim(Fact::Flags {
            uid_validity,
            uid: Uid(1),
            among: Flags::SEEN,
            flags,
        })
    }

    /// What is remembered once this was read, of a step that left the journal there.
    fn remembered(world: &mut World, made: Position, claims: Vec<Claim>) -> Vec<Claim> {
        let sent = Sent {
            shows: 0,
            responses: Vec::new(),
            told: None,
            held: Some(Held {
                awaits: Position(0),
                made,
                claims,
            }),
        };
        hear(world, &sent).unwrap();
        let storage = world.storage.as_ref().unwrap();
        storage.chronicle.claims().to_vec()
    }

    #[test]
    fn there_is_no_storage_where_the_server_never_crashes() {
        let [never, once] = [Scene::Fetch, Scene::Durability].map(|scene| {
            let rules = Rules::new(Setup::new(scene, Practice::default())).unwrap();
            rules.beginning().storage.is_some()
        });
        assert!(!never && once);
    }

    #[test]
    fn what_was_read_is_remembered_while_a_crash_could_take_it_back() {
        let rules = rules();
        let (world, of) = seen(&rules);
        let position = world.journal().unwrap().position();
        let all = || {
            vec![
                // There before and after; a UID that is still to be given; superseded; only just so.
                claim(Fact::There(of, Uid(1), ContentId(1))),
                claim(Fact::Given(of, Uid(2), ContentId(2))),
                claim(Fact::Given(of, Uid(3), ContentId(3))),
                flags(of, Flags::NONE),
                flags(of, Flags::SEEN),
                flags(of, Flags::SEEN),
            ]
        };
        let kept = vec![
            flags(of, Flags::SEEN),
            claim(Fact::Given(of, Uid(3), ContentId(3))),
        ];
        assert_eq!(remembered(&mut world.clone(), position.next(), all()), kept);
        // What was durable when it was read is no matter of memory, whatever it claims.
        assert_eq!(remembered(&mut world.clone(), position, all()), []);
        let mut durable = world.clone();
        remembered(&mut durable, position.next(), all());
        rules.make_durable(&mut durable);
        // Nobody's answer waited for it.
        assert!(!rules.coverage().has(Event::Released));
        let storage = durable.storage.as_ref().unwrap();
        assert_eq!(storage.chronicle.claims(), &kept[1..]);
    }

    #[test]
    fn a_crash_forgets_no_name_that_rename_left_behind() {
        let setup = Setup::new(Scene::DurableNames, Practice::default());
        let rules = Rules::new(setup).unwrap();
        let mut world = rules.beginning().clone();
        let rename = Command::Rename {
            from: MailboxName::new("A"),
            to: MailboxName::new("N/C"),
        };
        rules.perform(&mut world, 0, rename).unwrap();
        rules.make_durable(&mut world);
        assert_eq!(rules.crash(&mut world.clone()), Ok(()));
        // The account still knows it, and the referee is made to forget.
        let storage = Arc::make_mut(world.storage.as_mut().unwrap());
        let journal = storage.journal.as_mut().unwrap();
        let entry = &journal.durable;
        assert!(!entry.memory.moved.is_empty());
        journal.durable = Arc::new(Entry {
            changes: entry.changes.clone(),
            left: entry.left.clone(),
            live: Arc::clone(&entry.live),
            memory: rules.beginning().memory.clone(),
        });
        let found = rules.crash(&mut world).err();
        let expected = Finding::new(
            Property::NewNameOffered,
            "a name that RENAME left behind is forgotten, or another is remembered",
        );
        assert_eq!(found, Some(expected));
    }

    #[test]
    fn a_journal_that_does_not_make_the_account_is_found_by_the_step_that_changes_it() {
        let rules = rules();
        let (mut world, _) = seen(&rules);
        rules.perform(&mut world, 0, Command::Noop).unwrap();
        let storage = Arc::make_mut(world.storage.as_mut().unwrap());
        storage.journal = rules.beginning().journal().cloned();
        let select = Command::Select {
            mailbox: MailboxName::new("A"),
            read_only: false,
        };
        for (command, breaks) in [(Command::Check, None), (select, Some(Property::Replay))] {
            let found = rules.perform(&mut world.clone(), 0, command).err();
            assert_eq!(found.map(|finding| finding.property), breaks);
        }
    }
}
