//! The names of the checked world's mailboxes, and what clients say to make them come and go.
//!
//! Touches nothing.

use super::{Ration, Verb, append, appended, fetch};
use crate::{
    command::{Command, Form, StatusItems},
    flags::Flags,
    name::MailboxName,
    sequence_set::SequenceSet,
};
use alloc::{vec, vec::Vec};

/// The mailboxes of the checked world.
#[derive(Clone, Debug)]
pub struct Names {
    /// The one that all clients have selected at the beginning.
    pub shared: MailboxName,
    /// The one that copies go to.
    pub other: MailboxName,
    /// A name that is free, below one that is not there either.
    pub free: MailboxName,
    /// A name that is free, below the one that is shared.
    pub below: MailboxName,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            shared: MailboxName::new("A"),
            other: MailboxName::new("B"),
            free: MailboxName::new("N/C"),
            below: MailboxName::new("A/D"),
        }
    }
}

impl Names {
    /// All that can ever be, INBOX and superiors included.
    #[must_use]
    pub fn all(&self) -> Vec<MailboxName> {
        let mut all = vec![
            MailboxName::inbox(),
            self.shared.clone(),
            self.other.clone(),
            self.free.clone(),
        ];
        all.extend(self.free.superiors());
        all.extend([
            self.below.clone(),
            self.below.moved(&self.shared, &self.free),
        ]);
        all
    }
}

/// CREATE, DELETE, RENAME.
pub(super) fn rationed(command: Command) -> Verb {
    Verb::anywhere(command).rationed(Ration::Names)
}

pub(super) fn select(mailbox: MailboxName, read_only: bool) -> Verb {
    Verb::anywhere(Command::Select { mailbox, read_only })
}

/// All names, or all that are subscribed to.
fn list(subscribed: bool) -> Verb {
    Verb::anywhere(Command::List {
        reference: "".into(),
        pattern: "*".into(),
        subscribed,
    })
}

pub(super) fn subscribing(names: &Names) -> Vec<Verb> {
    let name = || names.shared.clone();
    vec![
        rationed(Command::Delete { mailbox: name() }),
        rationed(Command::Create { mailbox: name() }),
        rationed(Command::Rename {
            from: name(),
            to: names.free.clone(),
        }),
        Verb::anywhere(Command::Subscribe { mailbox: name() }),
        Verb::anywhere(Command::Unsubscribe { mailbox: name() }),
        list(true),
        Verb::about(Command::Check),
        Verb::about(Command::Close),
    ]
}

pub(super) fn naming(names: &Names) -> Vec<Verb> {
    let name = |name: &MailboxName| name.clone();
    vec![
        rationed(Command::Delete {
            mailbox: name(&names.shared),
        }),
        rationed(Command::Create {
            mailbox: name(&names.shared),
        }),
        rationed(Command::Rename {
            from: name(&names.shared),
            to: name(&names.free),
        }),
        rationed(Command::Delete {
            mailbox: name(&names.free),
        }),
        select(name(&names.shared), false),
        select(name(&names.free), true),
        Verb::about(Command::Close),
        Verb::about(Command::Unselect),
        Verb::about(Command::Idle),
        Verb::anywhere(Command::Logout),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
        Verb::anywhere(Command::Status {
            mailbox: name(&names.shared),
            items: StatusItems {
                messages: true,
                uid_next: true,
                ..StatusItems::default()
            },
        }),
        list(false),
    ]
}

pub(super) fn moving_house(names: &Names) -> Vec<Verb> {
    let name = |name: &MailboxName| name.clone();
    let copy = Command::Copy {
        set: SequenceSet::all(),
        form: Form::Sequence,
        mailbox: name(&names.other),
    };
    let r#move = Command::Move {
        set: SequenceSet::one(1),
        form: Form::Sequence,
        mailbox: name(&names.other),
    };
    vec![
        Verb::about(Command::Expunge { uids: None }),
        Verb::about(copy).with_star().rationed(Ration::Arrivals),
        Verb::about(r#move).up_to(1).rationed(Ration::Arrivals),
        append(&names.other),
        rationed(Command::Delete {
            mailbox: name(&names.shared),
        }),
        rationed(Command::Delete {
            mailbox: name(&names.other),
        }),
        rationed(Command::Rename {
            from: name(&names.shared),
            to: name(&names.free),
        }),
        rationed(Command::Rename {
            from: name(&names.other),
            to: name(&names.free),
        }),
        select(name(&names.other), false),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
    ]
}

pub(super) fn growing(names: &Names) -> Vec<Verb> {
    let name = |name: &MailboxName| name.clone();
    let rename = |from| {
        rationed(Command::Rename {
            from,
            to: name(&names.free),
        })
    };
    vec![
        rationed(Command::Create {
            mailbox: name(&names.below),
        }),
        rationed(Command::Create {
            mailbox: name(&names.shared),
        }),
        rationed(Command::Delete {
            mailbox: name(&names.shared),
        }),
        rationed(Command::Delete {
            mailbox: name(&names.below),
        }),
        rename(name(&names.shared)),
        rename(MailboxName::inbox()),
        select(MailboxName::inbox(), false),
        select(name(&names.below), false),
        appended(&MailboxName::inbox(), Flags::SEEN),
        append(&names.below),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
        list(false),
    ]
}
