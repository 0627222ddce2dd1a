//! One client of a random script, with its session.
//!
//! Touches nothing: it hears what its session is answered. It is judged by the checker's oracle ([`tandem_model::check::client`]), which believes
//! responses only, and by a list of its own that is simpler still.

use super::{numbers::numbered, transcript::Tag};
use tandem_model::{
    Account, Change, Command, Response, Session,
    check::client::Client,
    command::Form,
    flags::Keywords,
    number::{ContentId, SeqNum, Uid},
    response::{Code, FetchData, Status},
    sequence_set::Bound,
};

/// A client with its session.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) session: Session,
    /// The checker's oracle.
    pub(super) client: Client,
    /// Another: what is behind each number, as far as responses have shown it.
    pub(super) list: Vec<Option<ContentId>>,
    pub(super) tag: Tag,
    pub(super) commands: u32,
    pub(super) keywords: Keywords,
    /// What is in progress.
    pub(super) command: Option<Command>,
    /// It names a message that the client does not have.
    pub(super) too_high: bool,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            session: Session::new(),
            client: Client::new(),
            list: Vec::new(),
            tag: Tag("".into()),
            commands: 0,
            keywords: Keywords::default(),
            command: None,
            too_high: false,
        }
    }
}

impl Person {
    /// The command as this client means it: messages that are announced while it is answered are not the `*` of a STORE.
    pub(super) fn with_star_resolved(&self, command: &Command) -> Command {
        let mut command = command.clone();
        if let Command::Store { set, form, .. } = &mut command {
            let last = self.last(*form);
            for (from, to) in &mut set.ranges {
                *from = Bound::Number(bound(*from, last));
                *to = Bound::Number(bound(*to, last));
            }
        }
        command
    }

    /// What `*` stands for.
    fn last(&self, form: Form) -> u32 {
        let slots = self.client.slots();
        match form {
            Form::Sequence => u32::try_from(slots.len()).unwrap_or(u32::MAX),
            Form::Uid => slots.last().and_then(|slot| slot.uid).unwrap_or_default().0,
        }
    }

    /// Takes what was sent, and compares what it now believes with what the server takes it to know.
    pub(super) fn hear(&mut self, out: &[Response], account: &Account) -> Result<(), String> {
        for response in out {
            self.follow(response)?;
            if let Err(finding) = self.client.receive(response) {
                return Err(finding.to_string());
            }
        }
        if let Some(Response::Tagged(status, ..)) = out.last() {
            self.answered(*status)?;
        }
        let view = self.session.mailbox().zip(self.session.view());
        let Some((mailbox, view)) = view.and_then(|(id, view)| {
            let mailbox = account.mailbox_by_id(id)?;
            Some((mailbox, mailbox.view(view)?))
        }) else {
            return Ok(());
        };
        let list: Vec<(Uid, ContentId)> = numbered(mailbox, view)
            .iter()
            .map(|one| (one.message.uid, one.message.content))
            .collect();
        if self.list.len() != list.len() {
            return Err(format!(
                "the client counts {}, the server {}",
                self.list.len(),
                list.len()
            ));
        }
        for (number, (known, (_, content))) in (1..).zip(self.list.iter_mut().zip(&list)) {
            if known.is_some_and(|known| known != *content) {
                return Err(format!(
                    "message {number} is another one than the client holds"
                ));
            }
            *known = Some(*content);
        }
        // From here on the oracle knows each message, and notices if a number is another's.
        self.client
            .learn(&list)
            .map_err(|finding| finding.to_string())
    }

    /// The second list.
    fn follow(&mut self, response: &Response) -> Result<(), String> {
        let at = |seq: SeqNum| (seq.0 as usize).checked_sub(1);
        match response {
            Response::Exists(count) => self.list.resize(*count as usize, None),
            Response::Expunge(seq) => match at(*seq).filter(|&at| at < self.list.len()) {
                Some(at) => drop(self.list.remove(at)),
                None => return Err(format!("EXPUNGE of {seq}, which is not there")),
            },
            Response::Fetch { seq, data } => {
                let slot = at(*seq).and_then(|at| self.list.get_mut(at));
                let Some(slot) = slot else {
                    return Err(format!("FETCH of {seq}, which is not there"));
                };
                if let FetchData::Message { message, .. } = data {
                    if slot.is_some_and(|known| known != message.content) {
                        return Err(format!("FETCH of {seq} shows another message"));
                    }
                    *slot = Some(message.content);
                }
            }
            Response::Untagged(_, Some(Code::Closed), _) => self.list.clear(),
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, status: Status) -> Result<(), String> {
        let Some(command) = self.command.take() else {
            return Err("an answer to nothing".to_owned());
        };
        if (status == Status::Bad) != self.too_high {
            return Err(format!("{status:?} to {}", command.name()));
        }
        let left = matches!(command, Command::Close | Command::Unselect) && status == Status::Ok
            || matches!(command, Command::Select { .. }) && status == Status::No;
        if left {
            self.list.clear();
        }
        Ok(())
    }

    /// This client has polled, and nobody has done anything since.
    pub(super) fn is_right(&self, account: &Account) -> Result<(), String> {
        let Some(mailbox) = self
            .session
            .mailbox()
            .and_then(|id| account.mailbox_by_id(id))
        else {
            return Ok(());
        };
        let slots = self.client.slots();
        let held: Vec<Option<ContentId>> = mailbox
            .messages()
            .map(|message| Some(message.content))
            .collect();
        if self.list != held || slots.len() != held.len() {
            return Err("after NOOP a client has not the messages that there are".to_owned());
        }
        for (slot, message) in slots.iter().zip(mailbox.messages()) {
            if slot.uid != Some(message.uid)
                || slot.flags.is_some_and(|flags| flags != message.flags)
            {
                return Err(format!(
                    "after NOOP a client believes {slot:?} of {message:?}"
                ));
            }
        }
        Ok(())
    }
}

/// What is refused adds and removes nothing; APPEND that is answered OK adds its message, and that alone.
pub(super) fn effect_fits(
    person: &Person,
    out: &[Response],
    changes: &[Change],
) -> Result<(), String> {
    let Some(Response::Tagged(status, ..)) = out.last() else {
        return Ok(());
    };
    let refused = *status != Status::Ok;
    let moves = |change: &&Change| {
        matches!(
            change,
            Change::Added { .. }
                | Change::Expunged { .. }
                | Change::Created { .. }
                | Change::Deleted { .. }
                | Change::Renamed { .. }
        )
    };
    if let Some(change) = changes.iter().find(moves).filter(|_| refused) {
        return Err(format!("{status:?}, and yet {change:?}"));
    }
    if let (Some(Command::Append { content, .. }), false) = (&person.command, refused) {
        let added = changes.iter().filter_map(|change| match change {
            Change::Added { messages, .. } => Some(messages.as_slice()),
            _ => None,
        });
        let added: Vec<ContentId> = added.flatten().map(|message| message.content).collect();
        if added != [*content] {
            return Err(format!("APPEND of {content:?} has added {added:?}"));
        }
    }
    Ok(())
}

/// COPY and MOVE, if answered OK, copied what the client had at these numbers when it sent the command, in this order.
pub(super) fn copied_what_was_meant(
    person: &Person,
    out: &[Response],
    changes: &[Change],
) -> Result<(), String> {
    let Some(Response::Tagged(Status::Ok, ..)) = out.last() else {
        return Ok(());
    };
    let Some(Command::Copy { set, form, .. } | Command::Move { set, form, .. }) = &person.command
    else {
        return Ok(());
    };
    let slots = person.client.slots();
    let last = person.last(*form);
    let meant: Vec<Option<ContentId>> = (1..)
        .zip(slots)
        .filter(|(number, slot)| {
            let number = match form {
                Form::Sequence => *number,
                Form::Uid => slot.uid.unwrap_or_default().0,
            };
            set.ranges.iter().any(|&(from, to)| {
                let (from, to) = (bound(from, last), bound(to, last));
                number >= from.min(to) && number <= from.max(to)
            })
        })
        .map(|(_, slot)| slot.content)
        .collect();
    let copied: Vec<Option<ContentId>> = changes
        .iter()
        .filter_map(|change| match change {
            Change::Added { messages, .. } => Some(messages),
            _ => None,
        })
        .flatten()
        .map(|message| Some(message.content))
        .collect();
    if copied == meant {
        Ok(())
    } else {
        Err(format!("copied {copied:?}, meant {meant:?}"))
    }
}

const fn bound(bound: Bound, last: u32) -> u32 {
    match bound {
        Bound::Number(number) => number,
        Bound::Star => last,
    }
}
