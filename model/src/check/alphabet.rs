//! What clients of the checked world say: a few commands, chosen so that what RFC 2180 speaks of can happen.
//!
//! Touches nothing. One alphabet with everything in it makes a space that can be exhausted with one message, and hardly with more, so there are several scenes, each
//! with the commands that one of the RFC's questions is about and those that make trouble for them; each of these is explored whole. One more scene has the commands of all.

mod durability;
mod names;
#[cfg(test)]
mod tests;

pub use names::Names;

use crate::{
    command::{Command, Form, StoreAction},
    flags::{FlagNames, Flags, Keyword},
    message::InternalDate,
    name::MailboxName,
    number::ContentId,
    search_key::{Numbers, SearchKey},
    sequence_set::{Bound, SequenceSet},
};
use alloc::{format, string::String, sync::Arc, vec, vec::Vec};

macro_rules! scenes {
    ($($name:ident = $text:literal, $summary:literal;)+) => {
        /// What the clients are about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Scene {
            $(#[doc = concat!($summary, ".")] $name,)+
        }

        impl Scene {
            /// Every scene that there is, [`Self::Everything`] the last.
            pub const NAMED: &[Self] = &[$(Self::$name),+];

            /// As it is written on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What happens in it.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)+ }
            }
        }
    };
}

scenes! {
    Fetch = "fetch", "FETCH and SEARCH while messages are expunged (RFC 2180 sections 4.1 and 4.3)";
    Store = "store", "STORE, silent or not, while flags change and messages are expunged (section 4.2)";
    Copy = "copy", "COPY, MOVE and APPEND while messages are expunged (section 4.4)";
    Homes = "homes", "COPY and MOVE while their mailboxes are deleted and renamed (sections 3 and 4.4)";
    Pipeline = "pipeline", "FETCH, STORE and SEARCH sent one behind the other (RFC 9051 section 5.5)";
    Subscriptions = "subscriptions", "SUBSCRIBE and LSUB while names come and go (section 3.2)";
    Names = "names", "DELETE, RENAME and CREATE of a mailbox that is open (section 3)";
    Tree = "tree", "names with inferiors that come, go and are renamed, and INBOX that is renamed (RFC 3501 section 6.3.5)";
    Durability = "durability", "APPEND, COPY, MOVE, STORE and EXPUNGE while the server crashes (RFC 3501 section 2.3.1.1)";
    DurableNames = "durable-names", "CREATE, DELETE and RENAME while the server crashes";
    Everything = "everything", "the commands of all other scenes; try it with one message, or walk through it";
}

impl Scene {
    /// The scenes about one question each: those that are explored unless one is asked for.
    pub const ALL: &[Self] = match Self::NAMED.split_last() {
        Some((_, scenes)) => scenes,
        None => &[],
    };

    /// The scene of this name.
    ///
    /// # Errors
    /// There is none; says which there are.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::NAMED
            .iter()
            .copied()
            .find(|scene| scene.as_str() == name)
            .ok_or_else(|| {
                let known: Vec<_> = Self::NAMED.iter().map(|scene| scene.as_str()).collect();
                format!(
                    "unknown scene `{name}`: expected one of {}",
                    known.join(", ")
                )
            })
    }
}

/// What makes a space infinite, and is therefore given out in small change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ration {
    /// COPY, MOVE, APPEND: each takes new UIDs.
    Arrivals,
    /// CREATE, DELETE, RENAME: each takes new ids.
    Names,
}

/// One thing that a client may say.
#[derive(Clone, Debug)]
pub struct Verb {
    /// The command.
    pub command: Arc<Command>,
    /// It is about messages: a mailbox has to be selected.
    pub selected: bool,
    /// The greatest message sequence number in it: a client that holds fewer does not say it.
    pub number: usize,
    /// `*` is in it. What `*` is, a client knows only while nothing is in flight that may bring EXISTS: it waits until then.
    pub star: bool,
    /// What it uses up.
    pub ration: Option<Ration>,
}

impl Verb {
    fn about(command: Command) -> Self {
        Self {
            command: Arc::new(command),
            selected: true,
            number: 0,
            star: false,
            ration: None,
        }
    }

    fn anywhere(command: Command) -> Self {
        Self {
            selected: false,
            ..Self::about(command)
        }
    }

    fn up_to(self, number: usize) -> Self {
        Self { number, ..self }
    }

    fn with_star(self) -> Self {
        Self {
            number: 1,
            star: true,
            ..self
        }
    }

    fn rationed(self, ration: Ration) -> Self {
        Self {
            ration: Some(ration),
            ..self
        }
    }
}

impl Scene {
    /// The commands of the scene, with `messages` in the mailbox at the beginning, each once. NOOP is always the first.
    #[must_use]
    pub fn verbs(self, messages: usize, names: &Names) -> Vec<Verb> {
        if self == Self::Everything {
            let mut verbs: Vec<Verb> = Vec::new();
            for verb in Self::ALL
                .iter()
                .flat_map(|scene| scene.verbs(messages, names))
            {
                if !verbs.iter().any(|known| known.command == verb.command) {
                    verbs.push(verb);
                }
            }
            return verbs;
        }
        let mut verbs = vec![Verb::anywhere(Command::Noop)];
        verbs.extend(match self {
            Self::Fetch => fetching(messages),
            Self::Store => storing(messages),
            Self::Copy => copying(messages, names),
            Self::Homes => names::moving_house(names),
            Self::Pipeline => pipelining(messages, names),
            Self::Subscriptions => names::subscribing(names),
            Self::Names => names::naming(names),
            Self::Tree => names::growing(names),
            Self::Durability => durability::messages(names),
            Self::DurableNames => durability::names(names),
            // See above.
            Self::Everything => Vec::new(),
        });
        verbs
    }

    /// How much of each ration there is at the beginning: arrivals, names.
    #[must_use]
    pub const fn rations(self) -> [u8; 2] {
        match self {
            Self::Fetch | Self::Pipeline => [1, 0],
            Self::Store => [0, 0],
            Self::Copy => [2, 0],
            Self::Homes => [1, 2],
            Self::Tree => [1, 3],
            Self::Names | Self::Subscriptions => [0, 2],
            Self::Durability => [2, 0],
            Self::DurableNames => [1, 2],
            Self::Everything => [1, 1],
        }
    }

    /// How often the server crashes in it.
    #[must_use]
    pub const fn crashes(self) -> u8 {
        match self {
            Self::Durability | Self::DurableNames => 1,
            Self::Fetch
            | Self::Store
            | Self::Copy
            | Self::Homes
            | Self::Pipeline
            | Self::Subscriptions
            | Self::Names
            | Self::Tree
            | Self::Everything => 0,
        }
    }
}

fn fetching(messages: usize) -> Vec<Verb> {
    let last = number(messages);
    vec![
        Verb::about(Command::Idle),
        Verb::about(Command::Expunge { uids: None }),
        store(
            SequenceSet::one(1),
            Form::Sequence,
            StoreAction::Add,
            true,
            Flags::DELETED,
        )
        .up_to(1),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
        fetch(SequenceSet::one(last), Form::Sequence, true).up_to(messages),
        fetch(
            SequenceSet::range(Bound::Number(1), Bound::Number(last)),
            Form::Uid,
            false,
        ),
        search(SearchKey::ALL, Form::Sequence),
        search(
            SearchKey::Sequence(Numbers::Asked(SequenceSet::one(last))),
            Form::Uid,
        )
        .up_to(messages),
        append(&Names::default().shared),
    ]
}

fn storing(messages: usize) -> Vec<Verb> {
    let first_to_last = SequenceSet::range(Bound::Number(1), Bound::Number(number(messages)));
    vec![
        Verb::about(Command::Expunge { uids: None }),
        store(
            SequenceSet::all(),
            Form::Sequence,
            StoreAction::Add,
            false,
            Flags::SEEN,
        )
        .with_star(),
        store(
            SequenceSet::all(),
            Form::Sequence,
            StoreAction::Remove,
            true,
            Flags::SEEN,
        )
        .with_star(),
        store(
            first_to_last,
            Form::Uid,
            StoreAction::Replace,
            false,
            Flags::DELETED,
        ),
        Verb::about(Command::Store {
            set: SequenceSet::one(1),
            form: Form::Sequence,
            action: StoreAction::Add,
            silent: true,
            flags: FlagNames {
                system: Flags::NONE,
                keywords: vec![Keyword("$Junk".into())],
            },
        })
        .up_to(1),
        search(SearchKey::Flags(Flags::SEEN), Form::Sequence),
    ]
}

fn copying(messages: usize, names: &Names) -> Vec<Verb> {
    let last = number(messages);
    let copy = |set, form, mailbox: &MailboxName| {
        Verb::about(Command::Copy {
            set,
            form,
            mailbox: mailbox.clone(),
        })
        .rationed(Ration::Arrivals)
    };
    let r#move = |set, form| {
        Verb::about(Command::Move {
            set,
            form,
            mailbox: names.other.clone(),
        })
        .rationed(Ration::Arrivals)
    };
    vec![
        Verb::about(Command::Expunge { uids: None }),
        Verb::about(Command::Expunge {
            uids: Some(SequenceSet::one(last)),
        }),
        store(
            SequenceSet::one(1),
            Form::Sequence,
            StoreAction::Add,
            true,
            Flags::DELETED,
        )
        .up_to(1),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
        copy(SequenceSet::all(), Form::Sequence, &names.other).with_star(),
        copy(SequenceSet::one(last), Form::Sequence, &names.shared).up_to(messages),
        copy(
            SequenceSet::range(Bound::Number(1), Bound::Number(last)),
            Form::Uid,
            &names.other,
        ),
        r#move(SequenceSet::one(1), Form::Sequence).up_to(1),
        r#move(SequenceSet::one(last), Form::Uid),
        Verb::about(Command::Close),
        append(&names.shared),
        append(&names.other),
    ]
}

fn pipelining(messages: usize, names: &Names) -> Vec<Verb> {
    let last = number(messages);
    let delete = store(
        SequenceSet::one(1),
        Form::Sequence,
        StoreAction::Add,
        true,
        Flags::DELETED,
    );
    vec![
        Verb::about(Command::Expunge { uids: None }),
        fetch(SequenceSet::one(last), Form::Sequence, false).up_to(messages),
        delete.up_to(1),
        search(
            SearchKey::Sequence(Numbers::Asked(SequenceSet::one(last))),
            Form::Uid,
        )
        .up_to(messages),
        Verb::about(Command::Copy {
            set: SequenceSet::one(last),
            form: Form::Sequence,
            mailbox: names.other.clone(),
        })
        .rationed(Ration::Arrivals)
        .up_to(messages),
        append(&names.shared),
    ]
}

fn number(messages: usize) -> u32 {
    u32::try_from(messages.max(1)).unwrap_or(u32::MAX)
}

fn fetch(set: SequenceSet, form: Form, marks_seen: bool) -> Verb {
    Verb::about(Command::Fetch {
        set,
        form,
        marks_seen,
    })
}

fn store(set: SequenceSet, form: Form, action: StoreAction, silent: bool, flags: Flags) -> Verb {
    Verb::about(Command::Store {
        set,
        form,
        action,
        silent,
        flags: flags.into(),
    })
}

fn search(key: SearchKey, form: Form) -> Verb {
    Verb::about(Command::Search { key, form })
}

fn append(mailbox: &MailboxName) -> Verb {
    appended(mailbox, Flags::NONE)
}

fn appended(mailbox: &MailboxName, flags: Flags) -> Verb {
    // The content is the world's to choose: a new one each time.
    Verb::anywhere(Command::Append {
        mailbox: mailbox.clone(),
        flags: flags.into(),
        date: InternalDate::default(),
        content: ContentId(0),
        size: 1,
    })
    .rationed(Ration::Arrivals)
}
