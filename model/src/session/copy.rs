//! COPY and MOVE, and their UID forms. RFC 3501 section 6.4.7, RFC 6851, RFC 4315 section 3, RFC 2180 sections 4.4.1 and 4.4.2.
//!
//! Touches the destination and, for MOVE, the mailbox that is selected. Both are one step: all of the messages or none.
//!
//! COPY takes what the client means by its numbers, expunged by others or not, if the practice allows. MOVE never takes a message that
//! another session has expunged: it could not remove it again, and of two MOVEs of one message both would make a copy.

use super::{Outcome, Selected, Turn};
use crate::{
    change::Change,
    command::Form,
    fault::Fault,
    flags::{FlagNames, Flags, Keywords},
    message::Message,
    name::MailboxName,
    number::{MailboxId, SeqNum},
    practice::Copying,
    response::{Code, Response, Status},
    sequence_set::{NumberSet, SequenceSet},
    view::Entry,
};
use alloc::{boxed::Box, vec::Vec};

/// The messages that a set names.
struct Chosen {
    messages: Vec<Message>,
    /// How many of them have been expunged.
    ghosts: u32,
    /// The keywords of their mailbox.
    keywords: Keywords,
}

impl Turn<'_> {
    pub(super) fn copy(
        &mut self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        name: &MailboxName,
    ) -> Outcome {
        let (chosen, destination) = match self.choose(here, set, form, name) {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
        let refused = chosen.ghosts > 0
            && self.practice.copying == Copying::Refuse
            && !self.practice.has(Fault::CopyGhostsAnyway);
        if refused {
            if self.practice.has(Fault::CopyHalfThenNo) {
                let _ = self.add_copies(&chosen, destination);
            }
            return Outcome::no("some of the messages have been expunged")
                .code(Code::ExpungeIssued);
        }
        if !self.may_keep(chosen.messages.len()) {
            return Outcome::no("the account would have more messages than it may have")
                .code(Code::OverQuota);
        }
        let outcome = Outcome::ok(match form {
            Form::Sequence => "COPY completed",
            Form::Uid => "UID COPY completed",
        });
        match self.add_copies(&chosen, destination) {
            Ok(Some(code)) => outcome.code(code),
            Ok(None) => outcome,
            Err(outcome) => outcome,
        }
    }

    pub(super) fn r#move(
        &mut self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        name: &MailboxName,
    ) -> Outcome {
        let read_only = self.view(here).is_some_and(|view| view.read_only);
        if read_only {
            return Outcome::no("the mailbox is open read-only").code(Code::ReadOnly);
        }
        let (chosen, destination) = match self.choose(here, set, form, name) {
            Ok(found) => found,
            Err(outcome) => return outcome,
        };
        if self
            .mailbox(here)
            .is_some_and(|mailbox| self.must_not_expunge(mailbox, Some(here.view)))
        {
            return Outcome::no("another session has the mailbox open").code(Code::InUse);
        }
        if chosen.ghosts > 0 {
            return Outcome::no("some of the messages have been expunged")
                .code(Code::ExpungeIssued);
        }
        let mut after = None;
        if !self.practice.has(Fault::MoveLoses) {
            match self.add_copies(&chosen, destination) {
                Ok(None) => {}
                Ok(code) if self.practice.has(Fault::MoveUidAfter) => after = code,
                Ok(Some(code)) => {
                    self.out
                        .push(Response::Untagged(Status::Ok, Some(code), "moved"))
                }
                Err(outcome) => return outcome,
            }
        }
        let uids = chosen.messages.iter().map(|message| message.uid).collect();
        self.remove(here.mailbox, uids, Some(here.view));
        let outcome = Outcome::ok(match form {
            Form::Sequence => "MOVE completed",
            Form::Uid => "UID MOVE completed",
        });
        match after {
            Some(code) => outcome.code(code),
            None => outcome,
        }
    }

    /// What a set names in the client's numbering, and where it shall go.
    fn choose(
        &self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        name: &MailboxName,
    ) -> Result<(Chosen, MailboxId), Outcome> {
        let (mailbox, _, numbering) = self
            .here(here)
            .ok_or_else(|| Outcome::bad("no mailbox is selected"))?;
        let numbers = self.resolve(&numbering, set, form)?;
        let mut chosen = Chosen {
            messages: Vec::new(),
            ghosts: 0,
            keywords: mailbox.keywords().clone(),
        };
        let mut next = SeqNum(1);
        while let Some((seq, entry)) = numbering.next_of(&numbers, form, next) {
            next = seq.next();
            match entry {
                Entry::Live(message) => chosen.messages.push(*message),
                Entry::Ghost(_) if self.practice.has(Fault::CopyDropsGhosts) => {}
                Entry::Ghost(ghost) => {
                    chosen.ghosts += 1;
                    chosen.messages.push(ghost.message);
                }
            }
        }
        Ok((chosen, self.destination(name)?))
    }

    /// Puts copies into the destination; COPYUID of them, if there are any.
    fn add_copies(&mut self, chosen: &Chosen, id: MailboxId) -> Result<Option<Code>, Outcome> {
        if chosen.messages.is_empty() {
            return Ok(None);
        }
        if !self.has_room(id, chosen.messages.len()) {
            return Err(Outcome::no("the mailbox has not enough UIDs left").code(Code::Limit));
        }
        let flags = self.translate(chosen, id);
        let Some(mailbox) = self.account.mailbox_by_id(id) else {
            return Err(Outcome::no("no such mailbox").code(Code::NonExistent));
        };
        let (mut from, mut to) = (NumberSet::default(), NumberSet::default());
        let modseq = mailbox.highest_modseq().next();
        let mut uid = mailbox.uid_next();
        let mut messages = Vec::with_capacity(chosen.messages.len());
        for (message, flags) in chosen.messages.iter().zip(flags) {
            messages.push(Message {
                uid,
                modseq,
                flags,
                ..*message
            });
            from.push(message.uid.0);
            to.push(if self.practice.has(Fault::CopyUidShifted) {
                uid.next().0
            } else {
                uid.0
            });
            uid = uid.next();
        }
        let code = Code::CopyUid(mailbox.uid_validity(), Box::new((from, to)));
        self.account.commit(Change::Added {
            mailbox: id,
            messages,
        });
        Ok(Some(code))
    }

    /// The flags of each message as the destination knows them. A keyword for which it has no room is left behind, which RFC 3501
    /// section 6.4.7 permits ("SHOULD be preserved").
    fn translate(&mut self, chosen: &Chosen, id: MailboxId) -> Vec<Flags> {
        let used = chosen
            .messages
            .iter()
            .fold(Flags::NONE, |used, message| used.with(message.flags));
        let places: Vec<(Flags, Flags)> = chosen
            .keywords
            .list()
            .iter()
            .enumerate()
            .map(|(index, keyword)| (Flags::keyword(index), keyword))
            .filter(|&(flag, _)| used.contains(flag))
            .filter_map(|(flag, keyword)| {
                let names = FlagNames {
                    system: Flags::NONE,
                    keywords: alloc::vec![keyword.clone()],
                };
                self.learn(id, &names).map(|here| (flag, here))
            })
            .collect();
        let forgets = self.practice.has(Fault::CopyForgetsFlags);
        chosen
            .messages
            .iter()
            .map(|message| {
                if forgets {
                    return Flags::NONE;
                }
                places
                    .iter()
                    .filter(|(there, _)| message.flags.contains(*there))
                    .fold(
                        Flags(message.flags.0 & Flags::SYSTEM.0),
                        |flags, &(_, here)| flags.with(here),
                    )
            })
            .collect()
    }
}
