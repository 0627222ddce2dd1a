//! SEARCH and UID SEARCH. RFC 3501 section 6.4.4, RFC 2180 section 4.3.
//!
//! Touches nothing. Numbers in the keys mean what they meant to the client when the command began; UID SEARCH may be followed by EXPUNGE, never
//! preceded (RFC 9051 section 5.5). Expunged messages are not returned.

use super::{Outcome, Page, Permits, Progress, Selected, Turn};
use crate::{
    command::Form,
    fault::Fault,
    number::SeqNum,
    response::{Candidate, Code, Response, SearchPage, Unjudged},
    search_key::{SearchKey, Subject},
    view::Entry,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// What is left of a SEARCH.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Search {
    key: Arc<SearchKey>,
    form: Form,
    /// The next number to look at.
    next: SeqNum,
    /// Whether an expunged message was left out.
    omitted: bool,
}

impl Turn<'_> {
    pub(super) fn search(&mut self, here: Selected, mut key: SearchKey, form: Form) -> Progress {
        if self.practice.has(Fault::SearchNumbersAfterExpunge) && form == Form::Uid {
            self.report(Some(here), Permits::ALL);
        }
        let Some((_, _, numbering)) = self.here(here) else {
            return Progress::Done(Outcome::bad("no mailbox is selected"));
        };
        let last = SeqNum(numbering.count());
        key.fix(last, numbering.last_uid());
        if key.largest_sequence_number() > Some(last) || key.names_zero() {
            return Progress::Done(Outcome::bad("no message has a number that high"));
        }
        self.search_page(
            here,
            Search {
                key: Arc::new(key),
                form,
                next: SeqNum(1),
                omitted: false,
            },
        )
    }

    pub(super) fn search_page(&mut self, here: Selected, mut search: Search) -> Progress {
        let Some((mailbox, view, numbering)) = self.here(here) else {
            return Progress::Done(Outcome::bad("no mailbox is selected"));
        };
        let mut candidates = Vec::new();
        let end = search.next.0.saturating_add(self.account.limits().page);
        while search.next.0 < end {
            let seq = search.next;
            let Some(entry) = numbering.at(seq) else {
                break;
            };
            search.next = seq.next();
            if let Entry::Ghost(_) = entry {
                search.omitted = true;
                if !self.practice.has(Fault::SearchFindsGhosts) {
                    continue;
                }
            }
            let message = entry.message();
            let recent = mailbox.is_recent(message.uid, &view);
            let keywords = mailbox.keywords();
            let subject = Subject {
                seq,
                message,
                recent,
                keywords,
            };
            let verdict = search.key.judge(&subject, &mut |_| None);
            if verdict == Some(false) {
                continue;
            }
            let number = match search.form {
                Form::Sequence => seq.0,
                Form::Uid => message.uid.0,
            };
            let unjudged = verdict.is_none().then(|| {
                Box::new(Unjudged {
                    seq,
                    message: *message,
                    recent,
                    keywords: keywords.clone(),
                })
            });
            candidates.push(Candidate { number, unjudged });
        }
        let last = numbering.at(search.next).is_none();
        let unjudged = candidates
            .iter()
            .any(|candidate| candidate.unjudged.is_some());
        self.out.push(Response::Search(SearchPage {
            candidates,
            key: unjudged.then(|| Arc::clone(&search.key)),
            last,
        }));
        if !last {
            return Progress::More(Page::Search(search));
        }
        let outcome = Outcome::ok(match search.form {
            Form::Sequence => "SEARCH completed",
            Form::Uid => "UID SEARCH completed",
        });
        Progress::Done(if search.omitted {
            outcome.code(Code::ExpungeIssued)
        } else {
            outcome
        })
    }
}
