//! The oracle: what a correct client believes, built from the responses alone.
//!
//! Touches nothing of the server's. It shares no code with what it judges: it has its own idea of which commands permit EXPUNGE, of what
//! a set of numbers means, of what STORE does. RFC 9051 sections 5.5, 7.3 to 7.5; RFC 3501 sections 2.3.1, 6.4.6, 7.3, 7.4.
//!
//! Theory of operation. A client remembers the commands that it sent and that have not been answered, oldest first: since a server answers
//! in turn, the oldest is the one in progress. Of the mailbox that it has selected it has a picture: a list of messages, of each what it was
//! shown. EXISTS makes the list longer, EXPUNGE takes one message out of it, FETCH fills it in. A message whose UID or content it
//! has been shown must stay that message for as long as it is in the list; that is how a response, or a command, that is about
//! another message than it should comes to light. Whoever knows more than the client, as the checker does, fills the list in by [`Client::learn`].

use super::properties::{Finding, Property, ensure};
use crate::{
    command::{Command, Form, StoreAction},
    flags::{FlagNames, Flags, Keywords},
    number::{ContentId, SeqNum, Uid, UidValidity},
    response::{Code, FetchData, Response, Status},
    search_key::{Numbers, SearchKey},
    sequence_set::{Bound, SequenceSet},
};
use alloc::{sync::Arc, vec::Vec};

/// A message as a client knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Its UID, once shown.
    pub uid: Option<Uid>,
    /// Its content, once shown.
    pub content: Option<ContentId>,
    /// Its flags, as last shown, or as the client itself set them last; `None`: it cannot tell.
    pub flags: Option<Flags>,
    /// Its UID, not yet shown, is above this.
    above: Uid,
}

/// What a client knows of the mailbox that it has selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its messages; number n is at n - 1.
    pub slots: Vec<Slot>,
    /// Messages that arrive from now on have UIDs above this.
    pub high: Uid,
    /// UIDVALIDITY.
    pub uid_validity: Option<UidValidity>,
    /// The keywords that may occur in FLAGS.
    pub keywords: Keywords,
}

/// A client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    picture: Option<Picture>,
    asked: Vec<Arc<Command>>,
    /// BYE came.
    over: bool,
}

impl Client {
    /// A client that has just logged in.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it knows of the mailbox that it has selected, if it has.
    #[must_use]
    pub const fn picture(&self) -> Option<&Picture> {
        self.picture.as_ref()
    }

    /// Its messages; none if nothing is selected.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        self.picture
            .as_ref()
            .map(|picture| picture.slots.as_slice())
            .unwrap_or_default()
    }

    /// The commands that are not answered, oldest first.
    #[must_use]
    pub fn asked(&self) -> &[Arc<Command>] {
        &self.asked
    }

    /// The server said BYE.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// Whether the client may send a command now, with no more than `pipeline` of them in flight (RFC 9051 section 5.5): none behind one that
    /// changes what is selected, ends the session or waits for DONE, and none with message sequence numbers behind one that permits EXPUNGE.
    #[must_use]
    pub fn may_send(&self, command: &Command, pipeline: usize) -> bool {
        !self.over
            && self.asked.len() < pipeline.max(1)
            && self.asked.iter().all(|before| !must_be_awaited(before))
            && (self.asked.is_empty() || !must_be_awaited(command))
            && (!has_numbers(command) || self.asked.iter().all(|before| !permits_expunge(before)))
    }

    /// Sends a command. `*` in a STORE .SILENT is read as what it stands for when the tagged response comes: where messages may arrive
    /// while it is answered, whoever sends it gives the number in its place.
    pub fn send(&mut self, command: Arc<Command>) {
        self.asked.push(command);
    }

    /// The connection is gone.
    pub fn lose(&mut self) {
        *self = Self {
            over: true,
            ..Self::default()
        };
    }

    /// Takes one response. Returns the command that it answered, if it was a tagged one.
    ///
    /// # Errors
    /// The server should not have sent it.
    pub fn receive(&mut self, response: &Response) -> Result<Option<Arc<Command>>, Finding> {
        let logging_out = matches!(
            self.asked.first().map(|command| &**command),
            Some(Command::Logout)
        );
        let after_bye = self.over && !(logging_out && matches!(response, Response::Tagged(..)));
        ensure(!after_bye, Property::Answered, "a response after BYE")?;
        match response {
            Response::Exists(count) => self.exists(*count)?,
            Response::Expunge(seq) => self.expunge(*seq)?,
            Response::Fetch { seq, data } => self.fetch(*seq, data)?,
            Response::Recent(count) => {
                let known = u32::try_from(self.slots().len()).unwrap_or(u32::MAX);
                ensure(
                    *count <= known || self.picture.is_none(),
                    Property::ExistsCounts,
                    "RECENT is above EXISTS",
                )?;
            }
            Response::Search(page) => {
                if let Some(Command::Search {
                    form: Form::Sequence,
                    ..
                }) = self.asked.first().map(|command| &**command)
                {
                    let held = page
                        .candidates
                        .iter()
                        .all(|candidate| self.index(SeqNum(candidate.number)).is_some());
                    ensure(
                        held,
                        Property::FetchAboutHeld,
                        "SEARCH returns a number that the client does not have",
                    )?;
                }
            }
            Response::Flags(keywords) => {
                if let Some(picture) = self.picture_opening() {
                    picture.keywords = keywords.clone();
                }
            }
            Response::Untagged(_, Some(code), _) => self.code(code)?,
            Response::Bye(_) => self.over = true,
            Response::Continue(_) => {
                let idle = matches!(
                    self.asked.first().map(|command| &**command),
                    Some(Command::Idle)
                );
                ensure(
                    idle,
                    Property::Answered,
                    "a continuation that no command waits for",
                )?;
            }
            Response::Tagged(status, _, _) => return self.tagged(*status).map(Some),
            Response::List(_) | Response::Status(_) | Response::Untagged(_, None, _) => {}
        }
        Ok(None)
    }

    /// Fills in what each message is, for one who knows: the checker, which knows what had arrived when the server said EXISTS.
    ///
    /// # Errors
    /// What the client was shown before contradicts it.
    pub fn learn(&mut self, messages: &[(Uid, ContentId)]) -> Result<(), Finding> {
        ensure(
            self.slots().len() == messages.len(),
            Property::NumbersAgree,
            "the client holds more or fewer messages than it was told of",
        )?;
        let Some(picture) = &mut self.picture else {
            return Ok(());
        };
        for (at, &(uid, content)) in messages.iter().enumerate() {
            picture.identify(at, uid, Some(content))?;
        }
        Ok(())
    }

    /// Fills in which flags messages had when they were first spoken of, where nothing else has been shown.
    pub fn learn_flags(&mut self, arrived: &[(Uid, Flags)]) {
        let slots = self
            .picture
            .iter_mut()
            .flat_map(|picture| &mut picture.slots);
        for slot in slots.filter(|slot| slot.flags.is_none()) {
            let known = arrived.iter().find(|&&(uid, _)| slot.uid == Some(uid));
            slot.flags = known.map(|&(_, flags)| flags);
        }
    }

    fn index(&self, seq: SeqNum) -> Option<usize> {
        let at = usize::try_from(seq.0).ok()?.checked_sub(1)?;
        (at < self.slots().len()).then_some(at)
    }

    /// The picture, which the first response about a mailbox begins while SELECT is answered.
    fn picture_opening(&mut self) -> Option<&mut Picture> {
        if self.picture.is_none()
            && matches!(
                self.asked.first().map(|command| &**command),
                Some(Command::Select { .. })
            )
        {
            self.picture = Some(Picture::default());
        }
        self.picture.as_mut()
    }

    fn exists(&mut self, count: u32) -> Result<(), Finding> {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let Some(picture) = self.picture_opening() else {
            return Err(Finding::new(
                Property::ExistsCounts,
                "EXISTS while no mailbox is selected",
            ));
        };
        ensure(
            count >= picture.slots.len(),
            Property::ExistsCounts,
            "EXISTS lowers the count",
        )?;
        // INVARIANT: what tests and checks send is small; a client of the wild would bound this.
        let above = picture.high;
        picture.slots.resize(
            count,
            Slot {
                above,
                ..Slot::default()
            },
        );
        Ok(())
    }

    fn expunge(&mut self, seq: SeqNum) -> Result<(), Finding> {
        let property = Property::ExpungePermitted;
        match self.asked.first() {
            None => {
                return Err(Finding::new(
                    property,
                    "EXPUNGE with no command in progress",
                ));
            }
            Some(command) => ensure(
                permits_expunge(command),
                property,
                "EXPUNGE while FETCH, STORE or SEARCH is answered",
            )?,
        }
        let at = self.index(seq);
        match (at, &mut self.picture) {
            (Some(at), Some(picture)) => {
                picture.slots.remove(at);
                Ok(())
            }
            _ => Err(Finding::new(
                Property::ExpungeNamesGone,
                "EXPUNGE of a number that the client does not have",
            )),
        }
    }

    fn fetch(&mut self, seq: SeqNum, data: &FetchData) -> Result<(), Finding> {
        let at = self.index(seq);
        let (Some(at), Some(picture)) = (at, &mut self.picture) else {
            return Err(Finding::new(
                Property::FetchAboutHeld,
                "FETCH of a number that the client does not have",
            ));
        };
        let flags = match data {
            FetchData::Flags { flags, uid, .. } => {
                if let Some(uid) = uid {
                    picture.identify(at, *uid, None)?;
                }
                Some(*flags)
            }
            FetchData::Message { message, .. } => {
                picture.identify(at, message.uid, Some(message.content))?;
                Some(message.flags)
            }
            FetchData::Nil { uid } => {
                picture.identify(at, *uid, None)?;
                None
            }
        };
        if let Some(slot) = picture.slots.get_mut(at) {
            slot.flags = flags;
        }
        Ok(())
    }

    fn code(&mut self, code: &Code) -> Result<(), Finding> {
        match code {
            Code::Closed => {
                self.picture = None;
                self.picture_opening();
            }
            Code::UidNext(next) => {
                if let Some(picture) = self.picture_opening() {
                    let below = picture
                        .slots
                        .iter()
                        .filter_map(|slot| slot.uid)
                        .all(|uid| uid < *next);
                    ensure(below, Property::UidsStay, "UIDNEXT is not above every UID")?;
                    picture.high = picture.high.max(Uid(next.0.saturating_sub(1)));
                }
            }
            Code::UidValidity(value) => {
                if let Some(picture) = self.picture_opening() {
                    picture.uid_validity = Some(*value);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn tagged(&mut self, status: Status) -> Result<Arc<Command>, Finding> {
        if self.asked.is_empty() {
            return Err(Finding::new(
                Property::Answered,
                "a tagged response without a command",
            ));
        }
        let command = self.asked.remove(0);
        match (&*command, status) {
            // Also a SELECT that fails leaves nothing selected (RFC 3501 section 6.3.1).
            (Command::Select { .. }, Status::No)
            | (Command::Close | Command::Unselect, Status::Ok)
            | (Command::Logout, _) => self.picture = None,
            (
                Command::Store {
                    set,
                    form,
                    action,
                    silent: true,
                    flags,
                },
                Status::Ok,
            ) => {
                if let Some(picture) = &mut self.picture {
                    picture.store(set, *form, *action, flags);
                }
            }
            _ => {}
        }
        Ok(command)
    }
}

impl Picture {
    /// Message number `at + 1` turns out to have this UID, and this content.
    fn identify(&mut self, at: usize, uid: Uid, content: Option<ContentId>) -> Result<(), Finding> {
        self.high = self.high.max(uid);
        let before = self
            .slots
            .get(..at)
            .unwrap_or_default()
            .iter()
            .filter_map(|slot| slot.uid)
            .next_back();
        let after = self
            .slots
            .get(at..)
            .unwrap_or_default()
            .iter()
            .find_map(|slot| slot.uid);
        let Some(slot) = self.slots.get_mut(at) else {
            return Ok(());
        };
        match slot.uid {
            Some(known) => ensure(
                known == uid,
                Property::FetchAboutHeld,
                "the UID is another message's than the one held",
            )?,
            None => {
                let ascends = before.is_none_or(|before| before < uid)
                    && after.is_none_or(|after| uid < after);
                ensure(ascends, Property::UidsStay, "UIDs do not ascend")?;
                ensure(
                    uid > slot.above,
                    Property::UidsStay,
                    "a new message has a UID that is not new",
                )?;
                slot.uid = Some(uid);
                slot.above = Uid(0);
            }
        }
        if let Some(content) = content {
            let same = slot.content.is_none_or(|known| known == content);
            ensure(
                same,
                Property::FetchAboutHeld,
                "the body is another message's than the one held",
            )?;
            slot.content = Some(content);
        }
        Ok(())
    }

    /// A STORE .SILENT has been done: the client knows what it did.
    fn store(&mut self, set: &SequenceSet, form: Form, action: StoreAction, names: &FlagNames) {
        let last = match form {
            Form::Sequence => u32::try_from(self.slots.len()).unwrap_or(u32::MAX),
            Form::Uid => {
                self.slots
                    .iter()
                    .filter_map(|slot| slot.uid)
                    .next_back()
                    .unwrap_or_default()
                    .0
            }
        };
        let mut known = true;
        let named = names.keywords.iter().fold(names.system, |flags, keyword| {
            let index = self.keywords.index(keyword);
            known &= index.is_some();
            flags.with(index.map_or(Flags::NONE, Flags::keyword))
        });
        for (slot, number) in self.slots.iter_mut().zip(1..) {
            let number = match form {
                Form::Sequence => Some(number),
                Form::Uid => slot.uid.map(|uid| uid.0),
            };
            if number.is_none_or(|number| covers(set, number, last)) {
                let flags = match action {
                    StoreAction::Replace => Some(named),
                    StoreAction::Add => slot.flags.map(|flags| flags.with(named)),
                    StoreAction::Remove => slot.flags.map(|flags| flags.without(named)),
                };
                slot.flags = flags.filter(|_| known && number.is_some());
            }
        }
    }
}

/// Whether EXPUNGE may arrive while this command is the one in progress (RFC 9051 section 7.5.1).
#[must_use]
pub fn permits_expunge(command: &Command) -> bool {
    !matches!(
        command,
        Command::Fetch {
            form: Form::Sequence,
            ..
        } | Command::Store {
            form: Form::Sequence,
            ..
        } | Command::Search {
            form: Form::Sequence,
            ..
        }
    )
}

/// Whether message sequence numbers occur in a command (RFC 9051 section 5.5).
#[must_use]
pub fn has_numbers(command: &Command) -> bool {
    match command {
        Command::Fetch { form, .. }
        | Command::Store { form, .. }
        | Command::Copy { form, .. }
        | Command::Move { form, .. } => *form == Form::Sequence,
        Command::Search { key, .. } => key_has_numbers(key),
        _ => false,
    }
}

fn key_has_numbers(key: &SearchKey) -> bool {
    match key {
        SearchKey::And(keys) => keys.iter().any(key_has_numbers),
        SearchKey::Or(left, right) => key_has_numbers(left) || key_has_numbers(right),
        SearchKey::Not(key) => key_has_numbers(key),
        SearchKey::Sequence(Numbers::Asked(_) | Numbers::Fixed(_)) => true,
        _ => false,
    }
}

/// Whether a client had better wait for the answer before it sends anything else, and send it only when nothing is in flight.
fn must_be_awaited(command: &Command) -> bool {
    matches!(
        command,
        Command::Select { .. }
            | Command::Close
            | Command::Unselect
            | Command::Logout
            | Command::Idle
    )
}

/// Whether a set names a number, where `*` is `last` (RFC 3501 section 9: a range may be written either way round).
#[must_use]
pub fn covers(set: &SequenceSet, number: u32, last: u32) -> bool {
    let value = |bound: Bound| match bound {
        Bound::Number(number) => number,
        Bound::Star => last,
    };
    set.ranges.iter().any(|&(from, to)| {
        let (from, to) = (value(from), value(to));
        (from <= number && number <= to) || (to <= number && number <= from)
    })
}
