//! LIST, LSUB, STATUS. RFC 3501 sections 6.3.8 to 6.3.10, RFC 3348.
//!
//! Touches nothing. A mailbox that was deleted and is still open is in none of their answers (RFC 2180 section 3.2).

use super::{Outcome, Turn};
use crate::{
    command::StatusItems,
    name::MailboxName,
    response::{Code, Listed, ListedName, MailboxStatus, Response},
};
use alloc::{boxed::Box, string::String, vec::Vec};

impl Turn<'_> {
    pub(super) fn list(&mut self, reference: &str, pattern: &str, subscribed: bool) -> Outcome {
        let mut whole = String::from(reference);
        whole.push_str(pattern);
        if whole.len() > MailboxName::MOST {
            return Outcome::no("a pattern cannot be longer than 1,000 octets").code(Code::Limit);
        }
        if subscribed {
            self.list_subscribed(&whole);
            return Outcome::ok("LSUB completed");
        }
        if pattern.is_empty() {
            self.out.push(Response::List(Listed {
                subscribed,
                name: ListedName::Root,
                no_select: true,
                children: None,
            }));
            return Outcome::ok("LIST completed");
        }
        for (name, mailbox) in self.account.names() {
            if name.matches(&whole) {
                self.out.push(Response::List(Listed {
                    subscribed,
                    name: ListedName::Mailbox(name.clone()),
                    no_select: mailbox.is_none(),
                    children: Some(!self.account.inferiors(name).is_empty()),
                }));
            }
        }
        Outcome::ok("LIST completed")
    }

    /// LSUB: with `%` at the end, a superior of a name subscribed to is answered in place of what `%` does not reach
    /// (RFC 3501 section 6.3.9).
    fn list_subscribed(&mut self, pattern: &str) {
        let mut found: Vec<(MailboxName, bool)> = Vec::new();
        for name in self.account.subscribed() {
            if self.account.is_ghosted(name) {
                continue;
            }
            if name.matches(pattern) {
                found.push((name.clone(), self.account.place_of(name) == Some(None)));
            } else if pattern.ends_with('%') {
                let above = name.superiors().filter(|above| above.matches(pattern));
                let unlisted =
                    above.filter(|above| self.account.subscribed().binary_search(above).is_err());
                found.extend(unlisted.map(|above| (above, true)));
            }
        }
        found.sort();
        found.dedup();
        self.out.extend(found.into_iter().map(|(name, no_select)| {
            Response::List(Listed {
                subscribed: true,
                name: ListedName::Mailbox(name),
                no_select,
                children: None,
            })
        }));
    }

    pub(super) fn status(&mut self, name: &MailboxName, items: StatusItems) -> Outcome {
        let id = match self.lookup(name) {
            Ok(id) => id,
            Err(outcome) => return outcome,
        };
        let Some(mailbox) = self.account.mailbox_by_id(id) else {
            return Outcome::no("no such mailbox").code(Code::NonExistent);
        };
        let list = mailbox.list();
        self.out.push(Response::Status(Box::new(MailboxStatus {
            mailbox: name.clone(),
            items,
            messages: list.len(),
            recent: list.len() - list.rank(mailbox.claimed_to().next()),
            uid_next: mailbox.uid_next(),
            uid_validity: mailbox.uid_validity(),
            unseen: list.unseen(),
        })));
        Outcome::ok("STATUS completed")
    }
}
