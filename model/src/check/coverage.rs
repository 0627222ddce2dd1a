//! What has happened while a world was explored, so that a model which has quietly lost its behaviour is seen to have.
//!
//! Touches a few atomic bits. These are the `sometimes` properties: they are about steps, and a state that remembered them would
//! be many states.

mod expected;

pub use expected::expected;

use super::{judge::Turn, told::live, world::Task};
use crate::{
    change::Change,
    command::{Command, Form},
    response::{Code, FetchData, Response, Status},
};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

macro_rules! events {
    ($($name:ident = $text:literal;)+) => {
        /// Something that happens sometimes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event {
            $(#[doc = concat!("Sometimes, ", $text, ".")] $name,)+
        }

        impl Event {
            /// Every event.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// What it is, as the end of a sentence that begins with "sometimes".
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

events! {
    FetchMeetsGhost = "a FETCH meets an expunged message";
    FetchShowsGhost = "a FETCH shows an expunged message whole";
    FetchNo = "a FETCH answers NO";
    FetchNil = "a FETCH shows an expunged message in NIL form";
    FetchAllGone = "a FETCH of none but expunged messages answers NO";
    ExpungeInUse = "an EXPUNGE, MOVE or UID EXPUNGE is refused with INUSE";
    StoreNo = "a STORE answers NO";
    StoreMixed = "a STORE meets both expunged messages and others";
    SearchOmits = "a SEARCH leaves an expunged message out";
    CopyCopiesGhost = "a COPY copies an expunged message";
    CopyRefused = "a COPY is refused with EXPUNGEISSUED";
    MoveRefused = "a MOVE is refused with EXPUNGEISSUED";
    NameInUse = "a DELETE, RENAME or CREATE is refused with INUSE";
    GhostMailboxServes = "a FETCH is served from a deleted mailbox";
    NewName = "NEWNAME is offered";
    Bye = "a session that lost its mailbox is sent BYE";
    IdleTells = "an IDLE tells of an EXPUNGE";
    ActsBetweenPages = "another session expunges between the pages of a command";
    CrashLoses = "a crash loses what was not durable";
    CrashWhileHeld = "the server crashes while an answer waits";
    CrashLeaves = "a crash leaves what was done before it";
    ComesBack = "a client that comes back after a crash is shown what is there";
    Released = "an answer that waited leaves once what it waits for is durable";
}

/// Names of the changes.
pub const CHANGES: [&str; 16] = [
    "Created",
    "Placed",
    "Deleted",
    "Renamed",
    "Subscribed",
    "Unsubscribed",
    "Added",
    "Flagged",
    "KeywordAdded",
    "Expunged",
    "Claimed",
    "Opened",
    "Told",
    "Left",
    "Evicted",
    "Dismissed",
];

/// Names of the commands.
pub const COMMANDS: [&str; 29] = [
    "NOOP",
    "CHECK",
    "LOGOUT",
    "SELECT",
    "EXAMINE",
    "CLOSE",
    "UNSELECT",
    "CREATE",
    "DELETE",
    "RENAME",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
    "LIST",
    "LSUB",
    "STATUS",
    "APPEND",
    "IDLE",
    "EXPUNGE",
    "UID EXPUNGE",
    "STORE",
    "UID STORE",
    "COPY",
    "UID COPY",
    "MOVE",
    "UID MOVE",
    "FETCH",
    "UID FETCH",
    "SEARCH",
    "UID SEARCH",
];

/// What has happened.
#[derive(Debug, Default)]
pub struct Coverage {
    events: AtomicU64,
    commands: AtomicU64,
    changes: AtomicU64,
}

impl Coverage {
    /// Whether this has happened.
    #[must_use]
    pub fn has(&self, event: Event) -> bool {
        self.events.load(Ordering::Relaxed) & (1 << event as u64) != 0
    }

    /// The commands that have been done.
    #[must_use]
    pub fn commands(&self) -> Vec<&'static str> {
        named(&COMMANDS, &self.commands)
    }

    /// The changes that have been made.
    #[must_use]
    pub fn changes(&self) -> Vec<&'static str> {
        named(&CHANGES, &self.changes)
    }

    /// Counts in what has happened elsewhere.
    pub fn include(&self, other: &Self) {
        for (mine, theirs) in [
            (&self.events, &other.events),
            (&self.commands, &other.commands),
            (&self.changes, &other.changes),
        ] {
            mine.fetch_or(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Nothing has happened yet.
    pub(super) fn forget(&self) {
        for bits in [&self.events, &self.commands, &self.changes] {
            bits.store(0, Ordering::Relaxed);
        }
    }

    /// A step was taken.
    pub(super) fn step(&self, command: Option<&Command>, out: &[Response], changes: &[Change]) {
        if let Some(command) = command {
            set(&self.commands, place_of(command));
        }
        changes
            .iter()
            .filter_map(change)
            .for_each(|made| set(&self.changes, made));
        if matches!(out, [Response::Bye(_)]) {
            self.happened(Event::Bye);
        }
    }

    /// A step was judged.
    pub(super) fn task(&self, turn: &Turn<'_>, task: &Task) {
        let Some(command) = turn.command else { return };
        // What was there when the command began, and is not when it goes on, went in between: none of these expunges by itself.
        if !turn.begins && task.meant & !task.gone & !live(turn.source()) != 0 {
            self.happened(Event::ActsBetweenPages);
        }
        events_of(turn, command, task, &mut |event| self.happened(event));
    }

    pub(super) fn happened(&self, event: Event) {
        set(&self.events, event as usize);
    }
}

/// The bits are written once and read often: a write would take the line from the other threads.
fn set(bits: &AtomicU64, at: usize) {
    let bit = 1 << at;
    if bits.load(Ordering::Relaxed) & bit == 0 {
        bits.fetch_or(bit, Ordering::Relaxed);
    }
}

fn named(names: &[&'static str], bits: &AtomicU64) -> Vec<&'static str> {
    let bits = bits.load(Ordering::Relaxed);
    names
        .iter()
        .enumerate()
        .filter(|&(at, _)| bits & (1 << at) != 0)
        .map(|(_, &name)| name)
        .collect()
}

fn events_of(turn: &Turn<'_>, command: &Command, task: &Task, happened: &mut dyn FnMut(Event)) {
    let (status, code) = match turn.out.last() {
        Some(Response::Tagged(status, code, _)) => (Some(*status), code.as_ref()),
        _ => (None, None),
    };
    let no = status == Some(Status::No);
    let ok = status == Some(Status::Ok);
    let mut when = |holds: bool, event| {
        if holds {
            happened(event);
        }
    };
    let issued = matches!(code, Some(Code::ExpungeIssued));
    let in_use = matches!(code, Some(Code::InUse));
    when(matches!(code, Some(Code::NewName(_))), Event::NewName);
    match command {
        Command::Fetch { .. } => {
            when(task.gone != 0, Event::FetchMeetsGhost);
            when(task.shown & task.gone != 0, Event::FetchShowsGhost);
            when(no, Event::FetchNo);
            when(no && task.gone == task.meant, Event::FetchAllGone);
            let nil = |response: &Response| {
                matches!(
                    response,
                    Response::Fetch {
                        data: FetchData::Nil { .. },
                        ..
                    }
                )
            };
            when(turn.out.iter().any(nil), Event::FetchNil);
            when(turn.is_of_deleted_mailbox(), Event::GhostMailboxServes);
        }
        Command::Store { .. } => {
            when(no, Event::StoreNo);
            when(task.gone != 0 && task.gone != task.meant, Event::StoreMixed);
        }
        Command::Search { .. } => when(issued, Event::SearchOmits),
        Command::Copy { .. } => {
            when(ok && task.gone != 0, Event::CopyCopiesGhost);
            when(issued, Event::CopyRefused);
        }
        Command::Move { .. } => {
            when(issued, Event::MoveRefused);
            when(in_use, Event::ExpungeInUse);
        }
        Command::Expunge { .. } => when(in_use, Event::ExpungeInUse),
        Command::Create { .. } | Command::Delete { .. } | Command::Rename { .. } => {
            when(in_use, Event::NameInUse)
        }
        Command::Idle if !turn.begins => {
            when(
                turn.out
                    .iter()
                    .any(|response| matches!(response, Response::Expunge(_))),
                Event::IdleTells,
            );
        }
        _ => {}
    }
}

/// Where a command is in [`COMMANDS`].
const fn place_of(command: &Command) -> usize {
    match command {
        Command::Noop => 0,
        Command::Check => 1,
        Command::Logout => 2,
        Command::Select {
            read_only: false, ..
        } => 3,
        Command::Select {
            read_only: true, ..
        } => 4,
        Command::Close => 5,
        Command::Unselect => 6,
        Command::Create { .. } => 7,
        Command::Delete { .. } => 8,
        Command::Rename { .. } => 9,
        Command::Subscribe { .. } => 10,
        Command::Unsubscribe { .. } => 11,
        Command::List {
            subscribed: false, ..
        } => 12,
        Command::List {
            subscribed: true, ..
        } => 13,
        Command::Status { .. } => 14,
        Command::Append { .. } => 15,
        Command::Idle => 16,
        Command::Expunge { uids: None } => 17,
        Command::Expunge { uids: Some(_) } => 18,
        Command::Store {
            form: Form::Sequence,
            ..
        } => 19,
        Command::Store {
            form: Form::Uid, ..
        } => 20,
        Command::Copy {
            form: Form::Sequence,
            ..
        } => 21,
        Command::Copy {
            form: Form::Uid, ..
        } => 22,
        Command::Move {
            form: Form::Sequence,
            ..
        } => 23,
        Command::Move {
            form: Form::Uid, ..
        } => 24,
        Command::Fetch {
            form: Form::Sequence,
            ..
        } => 25,
        Command::Fetch {
            form: Form::Uid, ..
        } => 26,
        Command::Search {
            form: Form::Sequence,
            ..
        } => 27,
        Command::Search {
            form: Form::Uid, ..
        } => 28,
    }
}

/// Where a change is in [`CHANGES`], which are those of steps.
const fn change(change: &Change) -> Option<usize> {
    Some(match change {
        Change::Created { .. } => 0,
        Change::Placed { .. } => 1,
        Change::Deleted { .. } => 2,
        Change::Renamed { .. } => 3,
        Change::Subscribed { .. } => 4,
        Change::Unsubscribed { .. } => 5,
        Change::Added { .. } => 6,
        Change::Flagged { .. } => 7,
        Change::KeywordAdded { .. } => 8,
        Change::Expunged { .. } => 9,
        Change::Claimed { .. } => 10,
        Change::Opened { .. } => 11,
        Change::Told { .. } => 12,
        Change::Left { .. } => 13,
        Change::Evicted { .. } => 14,
        Change::Dismissed { .. } => 15,
        // Of snapshots: no step makes them.
        Change::Counted { .. } | Change::Numbered { .. } | Change::Remembered { .. } => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_happened_elsewhere_is_counted_in() {
        let (here, there) = (Coverage::default(), Coverage::default());
        here.happened(Event::NewName);
        there.happened(Event::Bye);
        there.step(Some(&Command::Check), &[], &[]);
        here.include(&there);
        assert!(here.has(Event::NewName) && here.has(Event::Bye));
        assert!(!here.has(Event::FetchNo) && !there.has(Event::NewName));
        assert_eq!(here.commands(), ["CHECK"]);
    }
}
