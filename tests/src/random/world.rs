//! An account with several clients, and what they do to it.
//!
//! Touches an account of its own, through `Session::step` alone.

use super::{
    act::{Act, Deed, Known, Script},
    invariants,
    person::{Person, copied_what_was_meant, effect_fits},
    transcript::{Tag, Transcript},
};
use std::sync::Arc;
use tandem_model::{
    Account, Command, Input, Practice, Response,
    command::{Form, Moment},
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, MailboxId, Uid},
};

/// An account with its clients.
#[derive(Clone, Debug)]
pub struct World {
    account: Account,
    practice: Practice,
    people: Vec<Person>,
    contents: u64,
    /// What the journal makes of nothing.
    kept: Account,
    /// What has been said.
    pub transcript: Transcript,
}

impl World {
    /// Nobody has done anything yet.
    #[must_use]
    pub fn new(script: &Script) -> Self {
        Self {
            account: Account::new(script.limits),
            practice: script.practice,
            people: vec![Person::default(); script.sessions],
            contents: 0,
            kept: invariants::recovered(&Account::new(script.limits)),
            transcript: Transcript::default(),
        }
    }

    /// What every script begins with: INBOX has three messages, and everybody selects it.
    ///
    /// # Errors
    /// What goes wrong on the way there.
    pub fn begin(&mut self) -> Result<(), String> {
        for _ in 0..3 {
            self.append_first()?;
        }
        for me in 0..self.people.len() {
            let select = Command::Select {
                mailbox: MailboxName::inbox(),
                read_only: false,
            };
            self.say(me, select)?;
        }
        Ok(())
    }

    fn append_first(&mut self) -> Result<(), String> {
        self.contents += 1;
        let command = Command::Append {
            mailbox: MailboxName::inbox(),
            flags: Default::default(),
            date: InternalDate::new(0, 0),
            content: ContentId(self.contents),
            size: 1,
        };
        self.say(0, command)
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Does one thing.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn act(&mut self, act: &Act) -> Result<(), String> {
        let me = act.client;
        match &act.deed {
            Deed::Break => self.end(me),
            Deed::Wake => self.step(me, Input::Wake),
            Deed::Say(_) if self.people[me].session.wants_resume() => self.step(me, Input::Resume),
            Deed::Say(_) if self.people[me].session.is_idle() => {
                self.transcript.note(me, "DONE");
                self.step(me, Input::Done)
            }
            Deed::Say(saying) => {
                let person = &self.people[me];
                let selected = person.session.mailbox();
                let known = Known {
                    count: selected.map(|_| u32::try_from(person.list.len()).unwrap_or(u32::MAX)),
                    last_uid: selected.map_or(Uid(0), |id| self.last_uid(id)),
                    content: ContentId(self.contents + 1),
                };
                let command = saying.command(known);
                if matches!(command, Command::Append { .. }) {
                    self.contents += 1;
                }
                self.say(me, command)
            }
        }
    }

    fn last_uid(&self, id: MailboxId) -> Uid {
        let mailbox = self.account.mailbox_by_id(id);
        mailbox.map_or(Uid(0), |mailbox| Uid(mailbox.uid_next().0 - 1))
    }

    /// A client says something; a long command may have more pages after this.
    fn say(&mut self, me: usize, command: Command) -> Result<(), String> {
        let person = &mut self.people[me];
        person.commands += 1;
        let letter = char::from(b'A' + u8::try_from(me).unwrap_or_default());
        person.tag = Tag(format!("{letter}{:03}", person.commands).into());
        self.transcript.command(me, &person.tag, &command);
        person
            .client
            .send(Arc::new(person.with_star_resolved(&command)));
        person.command = Some(command.clone());
        let count = u32::try_from(person.list.len()).unwrap_or(u32::MAX);
        person.too_high = matches!(&command, Command::Fetch { set, form: Form::Sequence, .. }
            if set.resolve(count).largest() > Some(count));
        self.step(me, Input::Command(command, Moment::default()))
    }

    fn end(&mut self, me: usize) -> Result<(), String> {
        self.transcript.note(me, "(the connection breaks)");
        self.step(me, Input::Break)
    }

    /// One step, and all that is to be said of it.
    fn step(&mut self, me: usize, input: Input) -> Result<(), String> {
        let before = self.account.clone();
        let mut out = Vec::new();
        let person = &mut self.people[me];
        let breaks = input == Input::Break;
        let begins = matches!(input, Input::Command(..));
        let source = person.session.mailbox();
        person
            .session
            .step(input, &mut self.account, &self.practice, &mut out);
        let batch = self.account.drain();
        for response in &out {
            if let Response::Flags(keywords) = response {
                person.keywords = keywords.clone();
            }
        }
        self.transcript
            .responses(me, &person.tag, &out, &person.keywords);
        invariants::check(&before, &self.account, &batch)?;
        let durable = batch.changes.iter().filter(|change| change.is_durable());
        self.kept.replay(&durable.cloned().collect::<Vec<_>>());
        if self.kept != invariants::recovered(&self.account) {
            return Err("the journal, replayed, is not what a snapshot makes".to_owned());
        }
        if begins {
            effect_fits(person, &out, &batch.changes)?;
            if source.is_some() {
                copied_what_was_meant(person, &out, &batch.changes)?;
            }
        }
        person.hear(&out, &self.account)?;
        if breaks || person.session.is_over() {
            if breaks && !out.is_empty() {
                return Err("a broken connection is sent something".to_owned());
            }
            // Somebody else comes in its place.
            *person = Person {
                commands: person.commands,
                ..Person::default()
            };
        }
        Ok(())
    }

    /// Everybody finishes what is in progress and polls; then everybody is right, and nothing is kept for anybody.
    ///
    /// # Errors
    /// Who is wrong, or what is kept.
    pub fn settle(&mut self) -> Result<(), String> {
        for me in 0..self.people.len() {
            while self.people[me].session.wants_resume() {
                self.step(me, Input::Resume)?;
            }
            if self.people[me].session.is_idle() {
                self.transcript.note(me, "DONE");
                self.step(me, Input::Done)?;
            }
        }
        for me in 0..self.people.len() {
            self.say(me, Command::Noop)?;
        }
        for person in &self.people {
            person.is_right(&self.account)?;
        }
        for me in 0..self.people.len() {
            self.end(me)?;
        }
        for mailbox in self.account.mailboxes() {
            if !mailbox.ghosts().is_empty() || !mailbox.views().is_empty() {
                return Err("something is kept although nobody is there".to_owned());
            }
        }
        let named = self.account.names().iter().filter(|(_, id)| id.is_some());
        if named.count() != self.account.mailboxes().len() {
            return Err("a mailbox without a name is kept although nobody is there".to_owned());
        }
        Ok(())
    }
}
