//! SELECT, EXAMINE, CLOSE: how a session comes to a mailbox and leaves it. RFC 3501 sections 6.3.1, 6.3.2, 6.4.2.
//!
//! Touches the views of mailboxes.

use super::{Outcome, Selected, Turn};
use crate::{
    change::Change,
    command::Room,
    fault::Fault,
    name::MailboxName,
    number::{SeqNum, Uid},
    response::{Code, Response, Status},
    view::View,
};

impl Turn<'_> {
    pub(super) fn select(
        &mut self,
        selected: &mut Option<Selected>,
        name: &MailboxName,
        examine: bool,
    ) -> Outcome {
        let read_only = examine || self.moment.room == Room::ReadOnly;
        if selected.is_some() {
            self.leave(selected.take());
            self.out.push(Response::Untagged(
                Status::Ok,
                Some(Code::Closed),
                "the previous mailbox is closed",
            ));
        }
        let id = match self.lookup(name) {
            Ok(id) => id,
            Err(outcome) => return outcome,
        };
        let view = self.account.next_view();
        let Some(mailbox) = self.account.mailbox_by_id(id) else {
            return Outcome::no("no such mailbox").code(Code::NonExistent);
        };
        let expunged_to = if self.practice.has(Fault::CursorAhead) {
            mailbox.highest_modseq().next()
        } else {
            mailbox.highest_modseq()
        };
        let view = View {
            id: view,
            exists_to: Uid(mailbox.uid_next().0.saturating_sub(1)),
            expunged_to,
            flags_to: mailbox.highest_modseq(),
            keywords_to: u8::try_from(mailbox.keywords().list().len()).unwrap_or(u8::MAX),
            read_only,
        };
        let claims = !read_only && view.exists_to > mailbox.claimed_to();
        self.account.commit(Change::Opened { mailbox: id, view });
        if claims {
            self.account.commit(Change::Claimed {
                mailbox: id,
                view: view.id,
                to: view.exists_to,
            });
        }
        let here = Selected {
            mailbox: id,
            view: view.id,
        };
        *selected = Some(here);
        self.describe(here, view);
        let code = if read_only {
            Code::ReadOnly
        } else {
            Code::ReadWrite
        };
        if examine {
            Outcome::ok("EXAMINE completed").code(code)
        } else {
            Outcome::ok("SELECT completed").code(code)
        }
    }

    /// The untagged responses to SELECT.
    fn describe(&mut self, here: Selected, view: View) {
        let Some(mailbox) = self.account.mailbox_by_id(here.mailbox) else {
            return;
        };
        let list = mailbox.list();
        let ok = |code, text| Response::Untagged(Status::Ok, Some(code), text);
        let keywords = mailbox.keywords();
        self.out.push(Response::Flags(keywords.clone()));
        let permanent = Code::PermanentFlags {
            keywords: keywords.clone(),
            read_only: view.read_only,
        };
        self.out.push(ok(permanent, "flags that are kept"));
        self.out.push(Response::Exists(list.len()));
        self.out.push(Response::Recent(mailbox.recent_count(&view)));
        if let Some(unseen) = list.first_unseen() {
            self.out.push(ok(
                Code::Unseen(SeqNum(list.rank(unseen.uid)).next()),
                "the first unseen message",
            ));
        }
        self.out.push(ok(
            Code::UidValidity(mailbox.uid_validity()),
            "UIDs are valid",
        ));
        self.out
            .push(ok(Code::UidNext(mailbox.uid_next()), "the next UID"));
    }

    /// CLOSE: removes \Deleted messages without a word, and leaves. CLOSE has no NO, so that where it must not remove them
    /// (EXAMINE; RFC 2180 section 4.1.4) it leaves them.
    pub(super) fn close(&mut self, here: Selected) {
        if let Some(mailbox) = self.mailbox(here) {
            let read_only = mailbox.view(here.view).is_some_and(|view| view.read_only)
                && !self.practice.has(Fault::CloseExpungesReadOnly);
            if !read_only && !self.must_not_expunge(mailbox, Some(here.view)) {
                let uids = mailbox
                    .list()
                    .deleted()
                    .map(|message| message.uid)
                    .collect();
                // Leaving first: this session is not owed what it removes.
                self.leave(Some(here));
                self.remove(here.mailbox, uids, None);
                return;
            }
        }
        self.leave(Some(here));
    }
}
