//! Telling a session what it is owed: the only place where EXISTS, RECENT and EXPUNGE are said, and FETCH unasked.
//!
//! Touches the session's cursors. RFC 3501 sections 5.2 and 7.3 to 7.4.1.
//!
//! In this order: new keywords; EXPUNGE, if permitted, ascending, each numbered after those before it; EXISTS, if anything came or went; RECENT,
//! if anything came; flags that others changed, of messages that the session knew before.

use super::{Permits, Selected, Turn};
use crate::{
    change::Change,
    fault::Fault,
    mailbox::Mailbox,
    number::{SeqNum, Uid},
    practice::Practice,
    response::{Code, FetchData, Response, Status},
    view::{Numbering, View},
};
use alloc::vec::Vec;

/// What a report is made from.
struct Owed<'a> {
    mailbox: &'a Mailbox,
    practice: &'a Practice,
    out: &'a mut Vec<Response>,
    /// The cursors when the report began.
    before: View,
}

impl Turn<'_> {
    /// Tells the session what it is owed and may be told now.
    pub(super) fn report(&mut self, selected: Option<Selected>, permits: Permits) {
        let Some(selected) = selected else { return };
        let Some(mailbox) = self.account.mailbox_by_id(selected.mailbox) else {
            return;
        };
        let Some(&before) = mailbox.view(selected.view) else {
            return;
        };
        if mailbox.owes_nothing(&before) {
            return;
        }
        let mut owed = Owed {
            mailbox,
            practice: self.practice,
            out: &mut *self.out,
            before,
        };
        let mut now = before;
        owed.keywords(&mut now);
        let went = permits.expunge && owed.expunges(&mut now);
        let claimed_to = owed.arrivals(&mut now, went);
        if permits.flags {
            owed.flags(&mut now, permits.uid);
        }
        self.tell(selected, now, claimed_to);
    }

    /// Tells of new keywords, before a FETCH response that may show them.
    pub(super) fn report_keywords(&mut self, selected: Selected) {
        let Some(mailbox) = self.account.mailbox_by_id(selected.mailbox) else {
            return;
        };
        let Some(&before) = mailbox.view(selected.view) else {
            return;
        };
        let mut now = before;
        Owed {
            mailbox,
            practice: self.practice,
            out: &mut *self.out,
            before,
        }
        .keywords(&mut now);
        self.tell(selected, now, None);
    }

    /// Tells of flags that others changed, and of nothing else.
    pub(super) fn report_flags(&mut self, selected: Selected, uid: bool) {
        let Some(mailbox) = self.account.mailbox_by_id(selected.mailbox) else {
            return;
        };
        let Some(&before) = mailbox.view(selected.view) else {
            return;
        };
        let mut now = before;
        let mut owed = Owed {
            mailbox,
            practice: self.practice,
            out: &mut *self.out,
            before,
        };
        owed.keywords(&mut now);
        owed.flags(&mut now, uid);
        self.tell(selected, now, None);
    }

    /// Moves the session's cursors, if they moved.
    fn tell(&mut self, selected: Selected, now: View, claimed_to: Option<Uid>) {
        let Selected { mailbox, view } = selected;
        if self
            .account
            .mailbox_by_id(mailbox)
            .and_then(|mailbox| mailbox.view(view))
            != Some(&now)
        {
            self.account.commit(Change::Told { mailbox, view: now });
        }
        if let Some(to) = claimed_to {
            self.account.commit(Change::Claimed { mailbox, view, to });
        }
    }

    /// After this session has changed flags itself: it knows, unless it is still owed what others changed before, which
    /// the same cursor has to find again.
    pub(super) fn knows_own_flags(&mut self, selected: Selected, was_told: bool) {
        let Some(mailbox) = self.mailbox(selected) else {
            return;
        };
        let Some(&view) = mailbox.view(selected.view) else {
            return;
        };
        if was_told {
            let now = View {
                flags_to: mailbox.flags_changed().max(view.flags_to),
                ..view
            };
            self.tell(selected, now, None);
        }
    }
}

impl Owed<'_> {
    fn keywords(&mut self, now: &mut View) {
        let keywords = self.mailbox.keywords();
        let count = u8::try_from(keywords.list().len()).unwrap_or(u8::MAX);
        if count > now.keywords_to {
            now.keywords_to = count;
            self.out.push(Response::Flags(keywords.clone()));
            let code = Code::PermanentFlags {
                keywords: keywords.clone(),
                read_only: now.read_only,
            };
            self.out.push(Response::Untagged(
                Status::Ok,
                Some(code),
                "a keyword is new",
            ));
        }
    }

    /// EXPUNGE for each ghost that has a number in the view. Whether there was one.
    fn expunges(&mut self, now: &mut View) -> bool {
        let numbering = Numbering::new(self.mailbox, &self.before);
        let again: &[_] = match self.practice.has(Fault::ExpungeToldTwice) {
            true => numbering.ghosts(),
            false => &[],
        };
        for (told, ghost) in numbering.ghosts().iter().chain(again).enumerate() {
            // Those before it are told by now, so that only live messages stand before it.
            let mut seq = SeqNum(self.mailbox.list().rank(ghost.message.uid)).next();
            if self.practice.has(Fault::ExpungeNumbersFromStart) {
                seq.0 += u32::try_from(told).unwrap_or_default();
            }
            self.out.push(Response::Expunge(seq));
        }
        now.expunged_to = self.mailbox.highest_modseq();
        !numbering.ghosts().is_empty()
    }

    /// EXISTS and RECENT. Returns up to where messages become \Recent for this session.
    fn arrivals(&mut self, now: &mut View, went: bool) -> Option<Uid> {
        if self.practice.has(Fault::ExistsWithheld) {
            return None;
        }
        now.exists_to = now.announceable(self.mailbox);
        let list = self.mailbox.list();
        let came = list.rank(now.exists_to.next()) > list.rank(self.before.exists_to.next());
        let owed = Numbering::new(self.mailbox, now);
        let lowered = self.practice.has(Fault::ExistsLowered);
        if came && self.practice.has(Fault::ExistsUntold) {
            return None;
        }
        if came || went || lowered {
            let count = if lowered { list.len() } else { owed.count() };
            self.out.push(Response::Exists(count));
        }
        if !came {
            return None;
        }
        let claims = !now.read_only && now.exists_to > self.mailbox.claimed_to();
        let fresh = if claims {
            list.rank(now.exists_to.next()) - list.rank(self.mailbox.claimed_to().next())
        } else {
            0
        };
        self.out
            .push(Response::Recent(self.mailbox.recent_count(now) + fresh));
        claims.then_some(now.exists_to)
    }

    /// FETCH for each message known before whose flags changed.
    fn flags(&mut self, now: &mut View, uid: bool) {
        if self.mailbox.flags_changed() > now.flags_to && !self.practice.has(Fault::FlagsUntold) {
            let numbering = Numbering::new(self.mailbox, now);
            for (_, message) in self.mailbox.list().changed_since(now.flags_to) {
                if message.uid > self.before.exists_to {
                    break;
                }
                self.out.push(Response::Fetch {
                    seq: numbering.first_from(message.uid),
                    data: FetchData::Flags {
                        flags: message.flags,
                        recent: self.mailbox.is_recent(message.uid, now),
                        uid: uid.then_some(message.uid),
                    },
                });
            }
        }
        now.flags_to = self.mailbox.highest_modseq();
    }
}
