//! What one step works with, and what every command needs: the account, the client's numbers, names, and the ways to end.
//!
//! Touches the account, through `Account::commit` only.

use super::{Page, Selected, append};
use crate::{
    account::Account,
    change::Change,
    command::{Command, Form, Moment, Room},
    fault::Fault,
    mailbox::Mailbox,
    name::MailboxName,
    number::{MailboxId, ViewId},
    practice::{Fetching, Practice},
    response::{Code, Response, Status},
    sequence_set::{NumberSet, SequenceSet},
    view::{Numbering, View},
};
use alloc::{boxed::Box, vec::Vec};

/// What one step works with.
pub(super) struct Turn<'a> {
    pub(super) account: &'a mut Account,
    pub(super) practice: &'a Practice,
    pub(super) out: &'a mut Vec<Response>,
    pub(super) moment: Moment,
}

/// How a command ends: the tagged response.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) status: Status,
    pub(super) code: Option<Code>,
    pub(super) text: &'static str,
}

impl Outcome {
    pub(super) const fn ok(text: &'static str) -> Self {
        Self {
            status: Status::Ok,
            code: None,
            text,
        }
    }

    pub(super) const fn no(text: &'static str) -> Self {
        Self {
            status: Status::No,
            code: None,
            text,
        }
    }

    pub(super) const fn bad(text: &'static str) -> Self {
        Self {
            status: Status::Bad,
            code: None,
            text,
        }
    }

    pub(super) fn code(self, code: Code) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }
}

/// What a command leaves behind.
pub(super) enum Progress {
    /// It is answered.
    Done(Outcome),
    /// It has more pages.
    More(Page),
}

/// Which of what a session is owed may be told now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Permits {
    pub(super) expunge: bool,
    pub(super) flags: bool,
    /// FETCH responses show the UID.
    pub(super) uid: bool,
}

impl Permits {
    /// Everything, as in answer to NOOP.
    pub(super) const ALL: Self = Self {
        expunge: true,
        flags: true,
        uid: false,
    };

    /// What the end of a command may tell.
    pub(super) const fn after(command: &Command) -> Self {
        let uid = matches!(
            command,
            Command::Fetch {
                form: Form::Uid,
                ..
            } | Command::Store {
                form: Form::Uid,
                ..
            } | Command::Search {
                form: Form::Uid,
                ..
            } | Command::Copy {
                form: Form::Uid,
                ..
            } | Command::Move {
                form: Form::Uid,
                ..
            } | Command::Expunge { uids: Some(_) }
        );
        Self {
            expunge: command.permits_expunge(),
            // What others changed while STORE .SILENT was in pages is told after its tagged response, lest the client takes
            // its own change for the later one.
            flags: !matches!(command, Command::Store { .. }),
            uid,
        }
    }
}

impl Turn<'_> {
    pub(super) fn tagged(&mut self, outcome: Outcome) {
        self.out
            .push(Response::Tagged(outcome.status, outcome.code, outcome.text));
    }

    pub(super) fn run(&mut self, command: Command, selected: &mut Option<Selected>) -> Progress {
        if let Some(outcome) = self.has_no_room_for(&command) {
            return Progress::Done(outcome);
        }
        let outcome = match command {
            Command::Noop => Outcome::ok("NOOP completed"),
            Command::Select { mailbox, read_only } => self.select(selected, &mailbox, read_only),
            Command::Create { mailbox } => self.create(&mailbox),
            Command::Delete { mailbox } => self.delete(*selected, &mailbox),
            Command::Rename { from, to } => self.rename(*selected, &from, &to),
            Command::Subscribe { mailbox } => self.subscribe(mailbox),
            Command::Unsubscribe { mailbox } => self.unsubscribe(mailbox),
            Command::List {
                reference,
                pattern,
                subscribed,
            } => self.list(&reference, &pattern, subscribed),
            Command::Status { mailbox, items } => self.status(&mailbox, items),
            Command::Append {
                mailbox,
                flags,
                date,
                content,
                size,
            } => self.append(
                &mailbox,
                &flags,
                append::New {
                    date,
                    content,
                    size,
                },
            ),
            Command::Check
            | Command::Close
            | Command::Unselect
            | Command::Expunge { .. }
            | Command::Store { .. }
            | Command::Copy { .. }
            | Command::Move { .. }
            | Command::Fetch { .. }
            | Command::Search { .. } => {
                return match *selected {
                    Some(here) => self.run_selected(command, here, selected),
                    None => Progress::Done(Outcome::bad("no mailbox is selected")),
                };
            }
            // These two end otherwise: see Session::command.
            Command::Idle | Command::Logout => Outcome::bad("not a command that is answered here"),
        };
        Progress::Done(outcome)
    }

    /// Why storage could not keep what the command would make, if it could not. What makes room, or needs next to none, is never
    /// refused for a full disk.
    fn has_no_room_for(&self, command: &Command) -> Option<Outcome> {
        let grows = matches!(
            command,
            Command::Append { .. }
                | Command::Copy { .. }
                | Command::Create { .. }
                | Command::Subscribe { .. }
        );
        let changes_names = matches!(
            command,
            Command::Delete { .. } | Command::Rename { .. } | Command::Unsubscribe { .. }
        );
        match self.moment.room {
            Room::Full if grows => Some(Outcome::no("the disk is full").code(Code::Unavailable)),
            Room::OverQuota if grows => {
                Some(Outcome::no("no more may be stored").code(Code::OverQuota))
            }
            Room::ReadOnly if grows || changes_names => {
                Some(Outcome::no("storage failed and is read-only").code(Code::Unavailable))
            }
            Room::Free | Room::Full | Room::OverQuota | Room::ReadOnly => None,
        }
    }

    pub(super) fn run_selected(
        &mut self,
        command: Command,
        here: Selected,
        selected: &mut Option<Selected>,
    ) -> Progress {
        Progress::Done(match command {
            Command::Check => Outcome::ok("CHECK completed"),
            Command::Close => {
                self.close(here);
                *selected = None;
                Outcome::ok("CLOSE completed")
            }
            Command::Unselect => {
                self.leave(Some(here));
                *selected = None;
                Outcome::ok("UNSELECT completed")
            }
            Command::Expunge { uids } => self.expunge(here, uids.as_ref()),
            Command::Copy { set, form, mailbox } => self.copy(here, &set, form, &mailbox),
            Command::Move { set, form, mailbox } => self.r#move(here, &set, form, &mailbox),
            Command::Store {
                set,
                form,
                action,
                silent,
                flags,
            } => {
                return self.store(here, &set, form, action, silent, flags);
            }
            Command::Fetch {
                set,
                form,
                marks_seen,
            } => return self.fetch(here, &set, form, marks_seen),
            Command::Search { key, form } => return self.search(here, key, form),
            _ => Outcome::bad("not a command of the selected state"),
        })
    }

    pub(super) fn permits(&self, command: &Command) -> Permits {
        let mut permits = Permits::after(command);
        permits.flags |= self.practice.has(Fault::FlagsBeforeOk);
        permits.expunge |= match command {
            Command::Fetch { .. } => self.practice.has(Fault::ExpungeDuringFetch),
            Command::Store { .. } => self.practice.has(Fault::ExpungeDuringStore),
            _ => false,
        };
        permits.expunge &=
            !matches!(command, Command::Copy { .. } if self.practice.has(Fault::CopyHidesExpunges));
        permits
    }

    pub(super) fn mailbox(&self, selected: Selected) -> Option<&Mailbox> {
        self.account.mailbox_by_id(selected.mailbox)
    }

    pub(super) fn view(&self, selected: Selected) -> Option<View> {
        self.mailbox(selected)?.view(selected.view).copied()
    }

    /// The mailbox selected, this session's view of it, and the numbers in that.
    pub(super) fn here(&self, selected: Selected) -> Option<(&Mailbox, View, Numbering<'_>)> {
        let mailbox = self.mailbox(selected)?;
        let view = *mailbox.view(selected.view)?;
        let shared = self.practice.has(Fault::NumberingShared);
        let mut seen = view;
        if shared || self.practice.has(Fault::StarInLiveMailbox) {
            // Up to the last message that is there, told or not.
            let last = mailbox.messages().next_back();
            seen.exists_to = last.map_or(view.exists_to, |last| last.uid.max(view.exists_to));
        }
        let numbering = Numbering::new(mailbox, &seen);
        let numbering = if shared || self.practice.has(Fault::NumbersInNewerView) {
            numbering.without_ghosts()
        } else {
            numbering
        };
        Some((mailbox, view, numbering))
    }

    /// The numbers that a client means, as it knows the mailbox; BAD if it knows no message of such a number
    /// (RFC 3501 section 9, `seq-number`).
    pub(super) fn resolve(
        &self,
        numbering: &Numbering<'_>,
        set: &SequenceSet,
        form: Form,
    ) -> Result<NumberSet, Outcome> {
        match form {
            Form::Uid => Ok(set.resolve(numbering.last_uid().0)),
            Form::Sequence => {
                let last = numbering.count();
                let numbers = set.resolve(last);
                if numbers.smallest() == Some(0) || numbers.largest() > Some(last) {
                    return Err(Outcome::bad("no message has a number that high"));
                }
                Ok(numbers)
            }
        }
    }

    /// Whether EXPUNGE has to be refused, since others have the mailbox open (RFC 2180 section 4.1.4).
    pub(super) fn must_not_expunge(&self, mailbox: &Mailbox, mine: Option<ViewId>) -> bool {
        self.practice.fetching == Fetching::RefuseExpunge
            && mailbox.is_open_to_others(mine)
            && !self.practice.has(Fault::ExpungeWhileShared)
    }

    /// The mailbox of a name; else why there is none, with NEWNAME where a RENAME left the name behind (RFC 2180 section 3.4).
    pub(super) fn lookup(&self, name: &MailboxName) -> Result<MailboxId, Outcome> {
        match self.account.place_of(name) {
            Some(Some(id)) => Ok(id),
            Some(None) => {
                Err(Outcome::no("this name has inferiors, but no mailbox").code(Code::NonExistent))
            }
            None => Err(match self.account.new_name(name) {
                Some(new)
                    if name.fits_response_code()
                        && new.fits_response_code()
                        && !self.practice.has(Fault::NewNameForgotten) =>
                {
                    Outcome::no("the mailbox has been renamed")
                        .code(Code::NewName(Box::new((name.clone(), new.clone()))))
                }
                _ => Outcome::no("no such mailbox").code(Code::NonExistent),
            }),
        }
    }

    /// The mailbox to which messages are to be added; TRYCREATE if it could be created (RFC 3501 section 7.1).
    pub(super) fn destination(&self, name: &MailboxName) -> Result<MailboxId, Outcome> {
        self.lookup(name).map_err(|outcome| {
            let creatable =
                matches!(outcome.code, Some(Code::NonExistent)) && self.can_be_taken(name).is_ok();
            if creatable {
                outcome.code(Code::TryCreate)
            } else {
                outcome
            }
        })
    }

    pub(super) fn leave(&mut self, selected: Option<Selected>) {
        if let Some(Selected { mailbox, view }) = selected {
            self.account.commit(Change::Left { mailbox, view });
        }
    }
}
