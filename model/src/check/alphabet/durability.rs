//! What clients say while the server crashes: a few commands, each of which leaves a batch in the journal, or shows what others left.
//!
//! Touches nothing. A world with a journal has more states than one without, so that the alphabets are small.

use super::{
    Names, Ration, Verb, append, fetch,
    names::{rationed, select},
    store,
};
use crate::{
    command::{Command, Form, StoreAction},
    flags::Flags,
    name::MailboxName,
    sequence_set::SequenceSet,
};
use alloc::{vec, vec::Vec};

/// What brings messages, changes them and takes them away. Nobody selects where the copies go, for what a crash leaves of them
/// is compared in the account; it alone would make several times as many states. STORE is of one message, and so of one page.
pub(super) fn messages(names: &Names) -> Vec<Verb> {
    let name = |name: &MailboxName| name.clone();
    let copy = Command::Copy {
        set: SequenceSet::all(),
        form: Form::Sequence,
        mailbox: name(&names.other),
    };
    let r#move = Command::Move {
        set: SequenceSet::all(),
        form: Form::Sequence,
        mailbox: name(&names.other),
    };
    vec![
        Verb::anywhere(Command::Select {
            mailbox: name(&names.shared),
            read_only: false,
        }),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
        store(
            SequenceSet::one(1),
            Form::Sequence,
            StoreAction::Add,
            true,
            Flags::DELETED,
        )
        .up_to(1),
        Verb::about(Command::Expunge { uids: None }),
        append(&names.shared),
        Verb::about(copy).with_star().rationed(Ration::Arrivals),
        Verb::about(r#move).with_star().rationed(Ration::Arrivals),
    ]
}

/// CREATE, DELETE and RENAME; SELECT to see what became of them.
pub(super) fn names(names: &Names) -> Vec<Verb> {
    let name = |name: &MailboxName| name.clone();
    vec![
        rationed(Command::Create {
            mailbox: name(&names.shared),
        }),
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
        select(name(&names.shared), false),
        select(name(&names.free), false),
        append(&names.shared),
        fetch(SequenceSet::all(), Form::Sequence, false).with_star(),
    ]
}
