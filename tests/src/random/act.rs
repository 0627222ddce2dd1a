//! What sessions may do, as values that can be made of anything, and made smaller.
//!
//! Touches nothing. An [`Act`] becomes a command only when its turn comes: its numbers are then taken as the client that says it knows them, so
//! that a shorter script still makes sense.

use tandem_model::{
    Command, Limits, Practice, SearchKey,
    command::{Form, StatusItems, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    message::InternalDate,
    name::MailboxName,
    number::{ContentId, Uid},
    search_key::Numbers,
    sequence_set::{Bound, SequenceSet},
};

/// A whole script.
#[derive(Clone, Debug)]
pub struct Script {
    /// How many sessions there are.
    pub sessions: usize,
    /// What the server does.
    pub practice: Practice,
    /// Of the account: small pages, and few ghosts before somebody is too slow.
    pub limits: Limits,
    /// What is done, in order.
    pub acts: Vec<Act>,
}

/// What one client, or its connection, does next. A client whose command has more pages gets the next one, whatever it would have said;
/// one in IDLE says DONE.
#[derive(Clone, Debug)]
pub struct Act {
    /// Which client.
    pub client: usize,
    /// What.
    pub deed: Deed,
}

/// What is done.
#[derive(Clone, Debug)]
pub enum Deed {
    /// A command.
    Say(Saying),
    /// The session is woken.
    Wake,
    /// The connection breaks.
    Break,
}

/// A command in the making.
#[derive(Clone, Debug)]
pub struct Saying {
    /// Which command.
    pub verb: Verb,
    /// Numbers, to be taken modulo what there is.
    pub numbers: [u8; 3],
    /// The UID form.
    pub uid: bool,
    /// .SILENT; \Seen is to be set; EXAMINE; LSUB.
    pub other: bool,
}

/// Commands. Those of which there are several here occur more often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// NOOP.
    Noop,
    /// FETCH.
    Fetch,
    /// STORE.
    Store,
    /// STORE +FLAGS (\Deleted).
    Mark,
    /// SEARCH.
    Search,
    /// EXPUNGE.
    Expunge,
    /// APPEND.
    Append,
    /// COPY.
    Copy,
    /// MOVE.
    Move,
    /// SELECT.
    Select,
    /// CLOSE.
    Close,
    /// UNSELECT.
    Unselect,
    /// IDLE.
    Idle,
    /// CREATE.
    Create,
    /// DELETE.
    Delete,
    /// RENAME.
    Rename,
    /// SUBSCRIBE or UNSUBSCRIBE.
    Subscribe,
    /// LIST.
    List,
    /// STATUS.
    Status,
    /// LOGOUT.
    Logout,
    /// FETCH of a number that is too high.
    TooHigh,
}

/// The names that occur.
pub const NAMES: [&str; 4] = ["INBOX", "a", "a/b", "c"];

/// Every command, and how often it comes in relation to the others.
pub(super) const VERBS: [(u32, Verb); 21] = [
    (8, Verb::Noop),
    (10, Verb::Fetch),
    (8, Verb::Store),
    (10, Verb::Mark),
    (4, Verb::Search),
    (12, Verb::Expunge),
    (10, Verb::Append),
    (6, Verb::Copy),
    (5, Verb::Move),
    (6, Verb::Select),
    (2, Verb::Close),
    (1, Verb::Unselect),
    (4, Verb::Idle),
    (2, Verb::Create),
    (2, Verb::Delete),
    (3, Verb::Rename),
    (1, Verb::Subscribe),
    (1, Verb::List),
    (1, Verb::Status),
    (1, Verb::Logout),
    (1, Verb::TooHigh),
];

const FLAGS: [Flags; 4] = [Flags::DELETED, Flags::SEEN, Flags::FLAGGED, Flags::NONE];

/// What a client that says something knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// How many messages it has been told of; `None`: it has selected nothing.
    pub count: Option<u32>,
    /// A UID that is likely to be there is not above this.
    pub last_uid: Uid,
    /// The content of the next message.
    pub content: ContentId,
}

impl Saying {
    /// The command, for a client that knows this. Where it has selected nothing, or there is no message to name, it is another one.
    #[must_use]
    pub fn command(&self, known: Known) -> Command {
        let form = if self.uid { Form::Uid } else { Form::Sequence };
        let Some(count) = known.count else {
            return self.outside(known);
        };
        let named = self.verb == Verb::TooHigh || self.verb == Verb::Search;
        let names_messages = matches!(
            self.verb,
            Verb::Fetch | Verb::Store | Verb::Mark | Verb::Copy | Verb::Move
        );
        if names_messages && count == 0 && !self.uid {
            return self.outside(known);
        }
        let set = self.set(if self.uid {
            known.last_uid.0 + 1
        } else {
            count
        });
        match self.verb {
            Verb::Noop if self.other => Command::Check,
            Verb::Fetch => Command::Fetch {
                set,
                form,
                marks_seen: self.other,
            },
            Verb::Store | Verb::Mark => self.store(set, form),
            Verb::Search => Command::Search {
                key: self.key(count, known.last_uid),
                form,
            },
            Verb::Expunge => Command::Expunge {
                uids: self.uid.then(|| self.set(known.last_uid.0 + 1)),
            },
            Verb::Copy => Command::Copy {
                set,
                form,
                mailbox: self.name(2),
            },
            Verb::Move => Command::Move {
                set,
                form,
                mailbox: self.name(2),
            },
            Verb::Close => Command::Close,
            Verb::Unselect => Command::Unselect,
            Verb::TooHigh if named => Command::Fetch {
                set: SequenceSet::range(Bound::Number(1), Bound::Number(count + 1)),
                form: Form::Sequence,
                marks_seen: false,
            },
            _ => self.outside(known),
        }
    }

    /// A command that needs no mailbox selected.
    fn outside(&self, known: Known) -> Command {
        let mailbox = self.name(0);
        match self.verb {
            Verb::Append => Command::Append {
                mailbox,
                flags: FlagNames::from(FLAGS[usize::from(self.numbers[1]) % FLAGS.len()]),
                date: InternalDate::new(0, 0),
                content: known.content,
                size: 1,
            },
            Verb::Create => Command::Create { mailbox },
            Verb::Delete => Command::Delete { mailbox },
            Verb::Rename => Command::Rename {
                from: mailbox,
                to: self.name(1),
            },
            Verb::Subscribe if self.other => Command::Unsubscribe { mailbox },
            Verb::Subscribe => Command::Subscribe { mailbox },
            Verb::List => Command::List {
                reference: "".into(),
                pattern: ["*", "%", "a/%", "c"][usize::from(self.numbers[0]) % 4].into(),
                subscribed: self.other,
            },
            Verb::Status => Command::Status {
                mailbox,
                items: StatusItems {
                    messages: true,
                    recent: true,
                    uid_next: true,
                    ..StatusItems::default()
                },
            },
            Verb::Idle => Command::Idle,
            Verb::Logout => Command::Logout,
            Verb::Noop => Command::Noop,
            _ => Command::Select {
                mailbox,
                read_only: self.other && self.uid,
            },
        }
    }

    fn store(&self, set: SequenceSet, form: Form) -> Command {
        let mark = self.verb == Verb::Mark;
        let choice = usize::from(self.numbers[2]);
        let mut flags = FlagNames::from(if mark {
            Flags::DELETED
        } else {
            FLAGS[choice % 4]
        });
        if !mark && choice % 7 == 0 {
            flags.keywords.push(Keyword("$Junk".into()));
        }
        Command::Store {
            set,
            form,
            action: match choice / 4 % 3 {
                _ if mark => StoreAction::Add,
                0 => StoreAction::Replace,
                1 => StoreAction::Add,
                _ => StoreAction::Remove,
            },
            silent: self.other,
            flags,
        }
    }

    fn key(&self, count: u32, last_uid: Uid) -> SearchKey {
        match self.numbers[2] % 5 {
            0 => SearchKey::Flags(Flags::SEEN),
            1 => SearchKey::Not(Box::new(SearchKey::Flags(Flags::DELETED))),
            2 if count > 0 => SearchKey::Sequence(Numbers::Asked(self.set(count))),
            3 => SearchKey::Uid(Numbers::Asked(self.set(last_uid.0 + 1))),
            _ => SearchKey::ALL,
        }
    }

    /// A set of numbers from 1 to `most`, one or two ranges, now and then with `*`.
    fn set(&self, most: u32) -> SequenceSet {
        let [first, second, choice] = self.numbers;
        let number = |from: u8| Bound::Number(1 + u32::from(from) % most.max(1));
        let mut set = SequenceSet::range(number(first), number(second));
        match choice % 8 {
            0 => set = SequenceSet::all(),
            1 => set = SequenceSet::range(number(first), Bound::Star),
            2 => set.ranges = vec![(Bound::Star, Bound::Star)],
            3 => set.ranges.push((number(second), number(second))),
            _ => {}
        }
        set
    }

    fn name(&self, which: usize) -> MailboxName {
        MailboxName::new(NAMES[usize::from(self.numbers[which]) % NAMES.len()])
    }
}
