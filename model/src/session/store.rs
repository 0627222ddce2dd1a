//! STORE and UID STORE. RFC 3501 section 6.4.6, RFC 2180 sections 4.2.1 to 4.2.4.
//!
//! Touches the flags of messages, and the keywords of the mailbox.
//!
//! Two decisions keep pages and flags together. Flags that others changed are reported before the first page, so that a client that
//! said .SILENT adds its own change to what is true. And under `storing=reject` it is the beginning of the command that decides whether some of
//! the messages have been expunged: those that go between two pages had their flags set in time, as if the whole STORE had come before.

use super::{Outcome, Page, Progress, Selected, Turn, fetch::expunged};
use crate::{
    change::Change,
    command::{Form, StoreAction},
    fault::Fault,
    flags::{FlagNames, Flags},
    number::SeqNum,
    practice::Storing,
    response::{Code, FetchData, Response},
    sequence_set::{NumberSet, SequenceSet},
    view::Entry,
};
use alloc::vec::Vec;

/// What is left of a STORE.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    numbers: NumberSet,
    form: Form,
    action: StoreAction,
    silent: bool,
    flags: Flags,
    /// The next number to look at.
    next: SeqNum,
    /// Whether a message was expunged that the client asked for.
    met_ghost: bool,
}

impl Turn<'_> {
    pub(super) fn store(
        &mut self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        action: StoreAction,
        silent: bool,
        names: FlagNames,
    ) -> Progress {
        match self.store_begin(here, set, form, silent) {
            Err(outcome) => Progress::Done(outcome),
            Ok(numbers) => {
                let Some(flags) = self.flags_to_store(here, action, &names) else {
                    let outcome = Outcome::no("the mailbox has no room for another keyword");
                    return Progress::Done(outcome.code(Code::Limit));
                };
                if !self.practice.has(Fault::SilentHidesOthers) {
                    self.report_flags(here, form == Form::Uid);
                }
                let next = SeqNum(1);
                let store = Store {
                    numbers,
                    form,
                    action,
                    silent,
                    flags,
                    next,
                    met_ghost: false,
                };
                self.store_page(here, store)
            }
        }
    }

    /// Whether there is anything to be done at all.
    fn store_begin(
        &self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        silent: bool,
    ) -> Result<NumberSet, Outcome> {
        let (_, view, numbering) = self
            .here(here)
            .ok_or_else(|| Outcome::bad("no mailbox is selected"))?;
        let numbers = self.resolve(&numbering, set, form)?;
        if view.read_only {
            return Err(Outcome::no("the mailbox is open read-only").code(Code::ReadOnly));
        }
        let ghosts = numbering.ghost_count_of(&numbers, form);
        if silent || ghosts == 0 {
            return Ok(numbers);
        }
        let none_left = ghosts == numbering.count_of(&numbers, form);
        if none_left && !self.practice.has(Fault::StoreGhostsOk) {
            return Err(expunged("the messages have been expunged"));
        }
        let rejected = self.practice.storing == Storing::Reject && !none_left;
        if rejected && !self.practice.has(Fault::StorePartialThenNo) {
            return Err(expunged(
                "some of the messages have been expunged: no flag was changed",
            ));
        }
        Ok(numbers)
    }

    pub(super) fn store_page(&mut self, here: Selected, mut store: Store) -> Progress {
        self.report_keywords(here);
        let Some((mailbox, view, numbering)) = self.here(here) else {
            return Progress::Done(Outcome::bad("no mailbox is selected"));
        };
        let numbering = if self.practice.has(Fault::StoreNumbersLive) {
            numbering.without_ghosts()
        } else {
            numbering
        };
        let was_told =
            mailbox.flags_changed() <= view.flags_to || self.practice.has(Fault::SilentHidesOthers);
        let modseq = mailbox.highest_modseq().next();
        let mut changed = Vec::new();
        let mut shown = Vec::new();
        let mut more = false;
        for looked_at in 0.. {
            let Some((seq, entry)) = numbering.next_of(&store.numbers, store.form, store.next)
            else {
                break;
            };
            more = looked_at == self.account.limits().page;
            if more {
                break;
            }
            store.next = seq.next();
            let Entry::Live(message) = entry else {
                store.met_ghost = true;
                continue;
            };
            let flags = store.applied_to(message.flags);
            if flags != message.flags {
                changed.push((message.uid, flags));
            }
            if !store.silent {
                let uid = (store.form == Form::Uid).then_some(message.uid);
                let recent = mailbox.is_recent(message.uid, &view);
                shown.push(Response::Fetch {
                    seq,
                    data: FetchData::Flags { flags, recent, uid },
                });
            }
        }
        self.out.append(&mut shown);
        if !changed.is_empty() {
            let change = Change::Flagged {
                mailbox: here.mailbox,
                modseq,
                flags: changed,
            };
            if self.practice.has(Fault::Unjournalled) {
                self.account.apply(&change);
            } else {
                self.account.commit(change);
            }
            self.knows_own_flags(here, was_told);
        }
        if more {
            return Progress::More(Page::Store(store));
        }
        Progress::Done(self.stored(&store))
    }

    /// What the flags named are here; STORE that adds keywords makes the mailbox learn them. `None`: it has no room.
    fn flags_to_store(
        &mut self,
        here: Selected,
        action: StoreAction,
        names: &FlagNames,
    ) -> Option<Flags> {
        match action {
            StoreAction::Replace | StoreAction::Add => self.learn(here.mailbox, names),
            StoreAction::Remove => {
                let keywords = self.mailbox(here)?.keywords();
                let known = names
                    .keywords
                    .iter()
                    .filter_map(|keyword| keywords.index(keyword));
                Some(known.fold(names.system, |flags, index| {
                    flags.with(Flags::keyword(index))
                }))
            }
        }
    }

    fn stored(&self, store: &Store) -> Outcome {
        // Under `reject`, what was expunged by now was not when the command began.
        let silent = store.silent && !self.practice.has(Fault::SilentStoreNo);
        let missed = store.met_ghost && !silent;
        let refused = match self.practice.storing {
            Storing::Partial => missed && !self.practice.has(Fault::StoreGhostsOk),
            Storing::Reject => missed && self.practice.has(Fault::StorePartialThenNo),
        };
        if refused {
            return expunged("some of the messages have been expunged");
        }
        Outcome::ok(match store.form {
            Form::Sequence => "STORE completed",
            Form::Uid => "UID STORE completed",
        })
    }
}

impl Store {
    fn applied_to(&self, flags: Flags) -> Flags {
        match self.action {
            StoreAction::Replace => self.flags,
            StoreAction::Add => flags.with(self.flags),
            StoreAction::Remove => flags.without(self.flags),
        }
    }
}
