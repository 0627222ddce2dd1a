//! What the responses of one step claim of what is kept.
//!
//! Touches nothing. It follows the numbers as the client does, and knows by [`Told`] which message stands behind each. RFC 3501 sections 6.3.3 to 6.3.5,
//! 6.3.11, 6.4.3 to 6.4.7, 7.3 and 7.4; RFC 4315 section 3; RFC 6851.

use super::{
    chronicle::{Claim, Fact},
    properties::Property,
    told::{Told, bit},
    world::Selected,
};
use crate::{
    account::Account,
    command::{Command, Form, StoreAction},
    flags::Flags,
    mailbox::Mailbox,
    name::MailboxName,
    number::{Uid, UidValidity},
    response::{Code, FetchData, Response, Status},
    sequence_set::SequenceSet,
};
use alloc::vec::Vec;

/// One step, as the chronicle hears of it.
pub struct Heard<'a> {
    /// The command that it is about.
    pub command: Option<&'a Command>,
    /// The messages that the client means by the sequence numbers in it.
    pub meant: u64,
    /// What was sent.
    pub out: &'a [Response],
    /// What the session had been told before.
    pub before: &'a Told,
    /// What it has been told, with this.
    pub after: &'a Told,
    /// The mailbox that is selected now.
    pub selected: Option<Selected>,
    /// The account after it.
    pub account: &'a Account,
}

impl Heard<'_> {
    /// What is claimed of what outlives the sessions.
    #[must_use]
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims = Vec::new();
        self.seen(&mut claims);
        self.promised(&mut claims);
        // A page of a command may be about what others have changed since; a deleted mailbox is nobody's after a crash.
        claims.retain(|claim| claim.fact.holds(self.account));
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    fn named(&self, name: &MailboxName) -> Fact {
        let mailbox = self.account.mailbox(name);
        Fact::Named(name.clone(), mailbox.map(Mailbox::uid_validity))
    }

    fn here(&self) -> Option<UidValidity> {
        let mailbox = self.account.mailbox_by_id(self.selected?.mailbox)?;
        Some(mailbox.uid_validity())
    }

    /// By untagged responses: EXISTS, EXPUNGE, FETCH, and what SELECT tells.
    fn seen(&self, claims: &mut Vec<Claim>) {
        let mut claim = |fact, property| claims.push(Claim { fact, property });
        let Some(here) = self.here() else { return };
        if let Some(Command::Select { mailbox, .. }) = self.command {
            claim(self.named(mailbox), Property::SeenStays);
        }
        let mut told = self.before.clone();
        for response in self.out {
            match response {
                Response::Untagged(_, Some(Code::Closed), _) => told.list.clear(),
                Response::Exists(_) => {
                    let last = told.list.last().map_or(Uid(0), |&(uid, _)| uid);
                    for &(uid, content) in self.after.list.iter().filter(|&&(uid, _)| uid > last) {
                        claim(Fact::There(here, uid, content), Property::SeenStays);
                        claim(Fact::Given(here, uid, content), Property::UidsOnce);
                        told.list.push((uid, content));
                    }
                }
                Response::Expunge(seq) => {
                    if let Some((uid, content)) = told.take(*seq) {
                        claim(Fact::Gone(here, uid), Property::SeenStays);
                        claim(Fact::Given(here, uid, content), Property::UidsOnce);
                    }
                }
                Response::Fetch { seq, data } => {
                    let message = told.at(*seq);
                    let flags = match data {
                        FetchData::Flags { flags, .. } => Some(*flags),
                        FetchData::Message { message, .. } => Some(message.flags),
                        FetchData::Nil { .. } => None,
                    };
                    if let (Some((uid, _)), Some(flags)) = (message, flags) {
                        let among = Flags(u64::MAX);
                        claim(
                            Fact::Flags {
                                uid_validity: here,
                                uid,
                                among,
                                flags,
                            },
                            Property::SeenStays,
                        );
                    }
                }
                _ => {}
            }
        }
    }

    /// By a tagged OK.
    fn promised(&self, claims: &mut Vec<Claim>) {
        let (Some(command), Some(Response::Tagged(Status::Ok, code, _))) =
            (self.command, self.out.last())
        else {
            return;
        };
        let mut claim = |fact| {
            claims.push(Claim {
                fact,
                property: Property::KeptAfterOk,
            });
        };
        match command {
            Command::Append { content, .. } => {
                if let Some(Code::AppendUid(uid_validity, uid)) = code {
                    claim(Fact::There(*uid_validity, *uid, *content));
                    claim(Fact::Given(*uid_validity, *uid, *content));
                }
            }
            Command::Copy { .. } | Command::Move { .. } => self.copied(&mut claim),
            Command::Expunge { .. } => self.removed(&mut claim),
            Command::Store {
                set,
                form,
                action,
                flags,
                ..
            } => self.stored(set, *form, *action, flags.system, &mut claim),
            Command::Create { mailbox } | Command::Delete { mailbox } => claim(self.named(mailbox)),
            Command::Rename { from, to } => {
                claim(self.named(from));
                claim(self.named(to));
            }
            _ => {}
        }
    }

    /// Of the flags that STORE named, its messages have what it asked for.
    fn stored(
        &self,
        set: &SequenceSet,
        form: Form,
        action: StoreAction,
        named: Flags,
        claim: &mut impl FnMut(Fact),
    ) {
        let Some(uid_validity) = self.here() else {
            return;
        };
        let uids = match form {
            Form::Sequence => self.meant,
            Form::Uid => self.before.named(set),
        };
        let (among, flags) = match action {
            StoreAction::Replace => (Flags::SYSTEM, named),
            StoreAction::Add => (named, named),
            StoreAction::Remove => (named, Flags::NONE),
        };
        let told = self.before.list.iter();
        for &(uid, _) in told.filter(|(uid, _)| uids & bit(*uid) != 0) {
            claim(Fact::Flags {
                uid_validity,
                uid,
                among,
                flags,
            });
        }
    }

    /// COPYUID tells which message of the destination is which of the source; MOVE took those.
    fn copied(&self, claim: &mut impl FnMut(Fact)) {
        let Some((uid_validity, sets)) = self.out.iter().find_map(|response| match response {
            Response::Tagged(_, Some(Code::CopyUid(uid_validity, sets)), _)
            | Response::Untagged(_, Some(Code::CopyUid(uid_validity, sets)), _) => {
                Some((*uid_validity, sets))
            }
            _ => None,
        }) else {
            return;
        };
        for (from, to) in sets.0.iter().zip(sets.1.iter()) {
            let source = self.before.list.iter().find(|(uid, _)| uid.0 == from);
            if let Some(&(_, content)) = source {
                claim(Fact::There(uid_validity, Uid(to), content));
                claim(Fact::Given(uid_validity, Uid(to), content));
            }
        }
        if matches!(self.command, Some(Command::Move { .. })) {
            self.removed(claim);
        }
    }

    /// What was told until now and is not any more.
    fn removed(&self, claim: &mut impl FnMut(Fact)) {
        let Some(here) = self.here() else { return };
        let stays = |uid| self.after.list.iter().any(|&(other, _)| other == uid);
        for &(uid, _) in self.before.list.iter().filter(|&&(uid, _)| !stays(uid)) {
            claim(Fact::Gone(here, uid));
        }
    }
}
