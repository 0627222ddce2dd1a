//! FETCH and UID FETCH. RFC 3501 section 6.4.5, RFC 2180 sections 4.1.1 to 4.1.3.
//!
//! Touches \Seen of the messages shown. A page looks at so many messages and no more; the numbers stay what they were at its
//! beginning, since nothing moves the session's cursors but its own commands.

use super::{Outcome, Page, Progress, Selected, Turn};
use crate::{
    change::Change,
    command::Form,
    fault::Fault,
    flags::Flags,
    mailbox::Ghost,
    message::Message,
    number::SeqNum,
    practice::Fetching,
    response::{Code, FetchData, Response},
    sequence_set::{NumberSet, SequenceSet},
    view::Entry,
};
use alloc::vec::Vec;

/// What is left of a FETCH.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fetch {
    numbers: NumberSet,
    form: Form,
    marks_seen: bool,
    /// The next number to look at.
    next: SeqNum,
    /// Whether a message was expunged that the client asked for.
    met_ghost: bool,
    /// Whether data of a message was shown.
    showed: bool,
}

impl Turn<'_> {
    pub(super) fn fetch(
        &mut self,
        here: Selected,
        set: &SequenceSet,
        form: Form,
        marks_seen: bool,
    ) -> Progress {
        let Some((_, view, numbering)) = self.here(here) else {
            return Progress::Done(Outcome::bad("no mailbox is selected"));
        };
        let numbers = match self.resolve(&numbering, set, form) {
            Ok(numbers) => numbers,
            Err(outcome) => return Progress::Done(outcome),
        };
        let ghosts = numbering.ghost_count_of(&numbers, form);
        let none_left = ghosts > 0 && ghosts == numbering.count_of(&numbers, form);
        if none_left
            && self.practice.fetching == Fetching::Nil
            && !self.practice.has(Fault::NilOnly)
        {
            return Progress::Done(expunged("the messages have been expunged"));
        }
        let marks_seen = marks_seen && !view.read_only;
        if marks_seen {
            self.report_flags(here, form == Form::Uid);
        }
        let fetch = Fetch {
            numbers,
            form,
            marks_seen,
            next: SeqNum(1),
            met_ghost: false,
            showed: false,
        };
        self.fetch_page(here, fetch)
    }

    pub(super) fn fetch_page(&mut self, here: Selected, mut fetch: Fetch) -> Progress {
        self.report_keywords(here);
        let Some((mailbox, view, numbering)) = self.here(here) else {
            return Progress::Done(Outcome::bad("no mailbox is selected"));
        };
        let was_told = mailbox.flags_changed() <= view.flags_to;
        let modseq = mailbox.highest_modseq().next();
        let mut seen = Vec::new();
        let mut shown = Vec::new();
        let mut more = false;
        for looked_at in 0.. {
            let Some((seq, entry)) = numbering.next_of(&fetch.numbers, fetch.form, fetch.next)
            else {
                break;
            };
            more = looked_at == self.account.limits().page;
            if more {
                break;
            }
            fetch.next = seq.next();
            match entry {
                Entry::Live(message) => {
                    fetch.showed = true;
                    let seen_now = fetch.marks_seen && !message.flags.contains(Flags::SEEN);
                    let mut message = *message;
                    if seen_now {
                        message = Message {
                            flags: message.flags.with(Flags::SEEN),
                            modseq,
                            ..message
                        };
                        seen.push((message.uid, message.flags));
                    }
                    let recent = mailbox.is_recent(message.uid, &view);
                    let mut seq = seq;
                    if self.practice.has(Fault::FetchNumbersLive) {
                        seq = SeqNum(mailbox.list().rank(message.uid)).next();
                    }
                    let data = FetchData::Message {
                        message,
                        recent,
                        seen_now,
                    };
                    shown.push(Response::Fetch { seq, data });
                }
                Entry::Ghost(ghost) => {
                    fetch.met_ghost = true;
                    if let Some(data) =
                        self.ghost_data(ghost, mailbox.is_recent(ghost.message.uid, &view))
                    {
                        fetch.showed |= matches!(data, FetchData::Message { .. });
                        shown.push(Response::Fetch { seq, data });
                    }
                }
            }
        }
        self.out.append(&mut shown);
        if !seen.is_empty() {
            self.account.commit(Change::Flagged {
                mailbox: here.mailbox,
                modseq,
                flags: seen,
            });
            self.knows_own_flags(here, was_told);
        }
        if more {
            return Progress::More(Page::Fetch(fetch));
        }
        Progress::Done(self.fetched(&fetch))
    }

    /// What FETCH shows of an expunged message, if anything.
    fn ghost_data(&self, ghost: &Ghost, recent: bool) -> Option<FetchData> {
        let nil = FetchData::Nil {
            uid: ghost.message.uid,
        };
        match self.practice.fetching {
            Fetching::Ghost if self.practice.has(Fault::GhostContentGone) => Some(nil),
            // Where EXPUNGE is refused while the mailbox is shared there are no ghosts to meet.
            Fetching::Ghost | Fetching::RefuseExpunge => Some(FetchData::Message {
                message: ghost.message,
                recent,
                seen_now: false,
            }),
            Fetching::No => None,
            Fetching::Nil => Some(nil),
        }
    }

    fn fetched(&self, fetch: &Fetch) -> Outcome {
        let refused = match self.practice.fetching {
            Fetching::Ghost | Fetching::RefuseExpunge => false,
            Fetching::No => fetch.met_ghost && !self.practice.has(Fault::FetchGhostsOk),
            Fetching::Nil => fetch.met_ghost && !fetch.showed && !self.practice.has(Fault::NilOnly),
        };
        if refused {
            return expunged("some of the messages have been expunged");
        }
        Outcome::ok(match fetch.form {
            Form::Sequence => "FETCH completed",
            Form::Uid => "UID FETCH completed",
        })
    }
}

/// NO, since others expunged what was asked for (RFC 5530, EXPUNGEISSUED).
pub(super) fn expunged(text: &'static str) -> Outcome {
    Outcome::no(text).code(Code::ExpungeIssued)
}
