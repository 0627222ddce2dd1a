//! The oracle beside a session that nobody explores: one of a real client, which was recorded, and is played again.
//!
//! Touches nothing; it looks at an account before and after a step. RFC 3501 sections 2.3.1.2, 5.2 and 7; RFC 2180 section 3.3.
//!
//! Theory of operation. The rules are those of the check and no others: [`Client`] says what a client cannot believe, [`Told`] follows what the
//! server has said of the list and knows what was there when it said so, and where no command is in progress the list has to be
//! the server's numbering of its view. When a real client sent a command and when it read what it was sent is not known, only when the
//! server took the one and made the other: it is judged as one that sends a command when it is taken, and reads at once.
//!
//! The referee of the explored worlds is not asked: what it knows of commands is what their alphabets say, with so few messages that their UIDs
//! fit into 63 bits. Nor is a client asked that holds more than [`MOST`] messages, for the oracle looks at all of them, again and again.

use super::{
    client::Client,
    manners::changes_list,
    properties::{Finding, Property, ensure},
    rest::numbers_agree,
    told::Told,
};
use crate::{
    account::Account,
    command::Input,
    invariant::{Judged, Watch},
    practice::Practice,
    response::Response,
    session::Session,
};
use alloc::{sync::Arc, vec::Vec};

/// How many messages a client may hold for its session to be judged.
pub const MOST: usize = 10_000;

/// A session with the oracle beside it.
#[derive(Clone, Debug, Default)]
pub struct Witness {
    session: Session,
    client: Client,
    told: Told,
    watch: Watch,
    blind: bool,
}

impl Witness {
    /// A session that has just been authenticated.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// It held more messages than [`MOST`] at some time, and has not been judged since.
    #[must_use]
    pub const fn is_blind(&self) -> bool {
        self.blind
    }

    /// One step of the session, by [`Session::step`], at an account that was drained; what it answers is pushed to `out`. Returns the judgement of it, which is not the
    /// step's affair: the step is done in any case.
    ///
    /// # Errors
    /// What no client should have been sent.
    pub fn step(
        &mut self,
        input: Input,
        account: &mut Account,
        practice: &Practice,
        out: &mut Vec<Response>,
    ) -> Result<(), Finding> {
        let begun = out.len();
        let evicted = self
            .session
            .view()
            .is_some_and(|view| account.eviction(view).is_some());
        let is_over = self.session.is_over();
        let breaks = input == Input::Break;
        if let Input::Command(command, _) = &input
            // What comes during IDLE is no command: it should have been DONE.
            && !self.session.is_idle()
        {
            self.client.send(Arc::new(command.clone()));
        }
        self.watch.begins(account);
        self.session.step(input, account, practice, out);
        self.audit(account)?;
        let new = out.get(begun..).unwrap_or_default();
        if self.blind || is_over {
            return Ok(());
        }
        self.judge(account, new, evicted, breaks)
    }

    /// Holds the account, and the step that was done, to the catalogue of invariants.
    fn audit(&mut self, account: &Account) -> Result<(), Finding> {
        if !self.watch.is_due() {
            return Ok(());
        }
        let mut drained = account.clone();
        let batch = drained.drain();
        let broken = self.watch.ends(&drained, &batch).err();
        broken.map_or(Ok(()), |broken| {
            let property = match broken.judged() {
                Judged::Step => Property::Replay,
                Judged::State | Judged::Thoroughly => Property::Sound,
            };
            Err(Finding::new(property, broken.described()))
        })
    }

    /// What a session was sent that was not over, by a step that found it without its mailbox, or that broke the connection.
    fn judge(
        &mut self,
        account: &Account,
        new: &[Response],
        evicted: bool,
        breaks: bool,
    ) -> Result<(), Finding> {
        if breaks {
            self.client.lose();
            return ensure(
                new.is_empty() && self.session.is_over(),
                Property::Answered,
                "a broken connection is sent something",
            );
        }
        let only_bye = matches!(new, [Response::Bye(_)]) && self.session.is_over();
        ensure(
            !evicted || only_bye,
            Property::ByeFirst,
            "a session that lost its mailbox is sent something else than BYE",
        )?;
        self.hear(account, new)
    }

    fn hear(&mut self, account: &Account, new: &[Response]) -> Result<(), Finding> {
        let held = new.iter().map(|response| match response {
            Response::Exists(count) => usize::try_from(*count).unwrap_or(usize::MAX),
            _ => 0,
        });
        if held.max().is_some_and(|held| held > MOST) {
            self.blind = true;
            return Ok(());
        }
        let here = self.session.mailbox();
        let here = here.and_then(|id| account.mailbox_by_id(id));
        self.told.hear(new, here)?;
        for response in new {
            self.client.receive(response)?;
        }
        if self.client.is_over() {
            return Ok(());
        }
        if self.client.picture().is_none() {
            self.told = Told::default();
        }
        if new.iter().any(changes_list) {
            self.client.learn(&self.told.list)?;
        }
        let ended = matches!(new.last(), Some(Response::Tagged(..)));
        if ended {
            numbers_agree(account, &self.session, &self.client)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        account::Limits,
        change::Change,
        command::{Command, Moment},
        flags::Flags,
        message::{InternalDate, Message},
        name::MailboxName,
        number::{ContentId, ModSeq, Uid},
    };

    /// A witness of a session that opens a mailbox of so many messages.
    fn opens(messages: usize) -> Witness {
        let mut account = Account::new(Limits::default());
        let mailbox = account.mailbox(&MailboxName::inbox()).unwrap().id();
        let message = |uid| Message {
            uid: Uid(uid),
            size: 1,
            modseq: ModSeq(1),
            flags: Flags::NONE,
            date: InternalDate::default(),
            content: ContentId(1),
        };
        let messages = (1..).take(messages).map(message).collect();
        account.apply(&Change::Added { mailbox, messages });
        account.drain();
        let mut witness = Witness::new();
        let select = Command::Select {
            mailbox: MailboxName::inbox(),
            read_only: false,
        };
        let input = Input::Command(select, Moment::default());
        let mut out = Vec::new();
        let judged = witness.step(input, &mut account, &Practice::default(), &mut out);
        assert_eq!(judged, Ok(()));
        assert_eq!(witness.session().mailbox(), Some(mailbox));
        account.drain();
        // Once it has not been judged, it is not judged by what it was told since.
        let input = Input::Command(Command::Noop, Moment::default());
        let judged = witness.step(input, &mut account, &Practice::default(), &mut out);
        assert_eq!(judged, Ok(()));
        witness
    }

    #[test]
    fn who_is_gone_is_sent_nothing_and_who_lost_its_mailbox_bye_alone() {
        let mut account = Account::new(Limits::default());
        let (mut over, mut open) = (Witness::new(), Witness::new());
        let judged = over.step(
            Input::Break,
            &mut account,
            &Practice::default(),
            &mut Vec::new(),
        );
        assert_eq!(judged, Ok(()));
        let breaks = |witness: &mut Witness, new: &[Response], evicted| {
            let judged = witness.judge(&account, new, evicted, !evicted);
            judged.err().map(|finding| finding.property)
        };
        let bye = [Response::Bye("")];
        assert_eq!(breaks(&mut over, &[], false), None);
        let said = breaks(&mut over, &bye, false);
        assert_eq!(said, Some(Property::Answered));
        assert_eq!(breaks(&mut open, &[], false), Some(Property::Answered));
        let (mut over, mut open) = (Witness::new(), Witness::new());
        let end = Input::Shutdown;
        let (practice, mut out) = (Practice::default(), Vec::new());
        let mut blank = Account::new(Limits::default());
        over.session.step(end, &mut blank, &practice, &mut out);
        assert_eq!(breaks(&mut over, &bye, true), None);
        let unended = breaks(&mut open, &bye, true);
        assert_eq!(unended, Some(Property::ByeFirst));
        let mut over = Witness {
            client: Client::new(),
            ..over
        };
        let other = breaks(&mut over, &[Response::Exists(1)], true);
        assert_eq!(other, Some(Property::ByeFirst));
    }

    #[test]
    fn a_session_that_holds_too_many_messages_is_judged_no_more() {
        assert!(!opens(MOST).is_blind());
        assert!(opens(MOST + 1).is_blind());
    }
}
