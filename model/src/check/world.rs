//! The checked world: an account, and a few clients at the other end of their connections.
//!
//! Touches nothing; [`super::rules`] moves it. RFC 9051 section 5.5.
//!
//! Theory of operation. Between a client and its session there are two queues: commands that are sent and not yet taken by the server, and
//! responses that are produced and not yet taken by the client. What one step of the session produces is taken as one batch. That loses
//! nothing: a client that has read half a batch could only send what it may send as well after the other half, for the numbers in its list
//! change in batches that end the command which permits EXPUNGE, and before that end it may send no numbers. Nor does a server act on what a
//! client has read. `*`, which EXISTS moves, is not sent while anything is in flight.
//!
//! Where the server may crash there is storage as well, and a third queue: what steps did and what is not durable yet. Responses wait at the head of
//! theirs until what they await is durable. A crash loses whatever is in any queue. A client that reads what was on its way, though the server
//! is gone, might as well have read it before the crash; so that this, too, loses nothing.

use super::{
    chronicle::Claim, client::Client, journal::Storage, manners::copies, properties::Finding,
    told::Told,
};
use crate::{
    account::Account,
    number::{MailboxId, Position, UidValidity},
    response::Response,
    session::Session,
};
use alloc::{sync::Arc, vec::Vec};

/// One state of the checked world.
#[derive(Clone)]
pub struct World {
    /// The account that all clients share.
    pub account: Arc<Account>,
    /// The clients, each with its session.
    pub lanes: Vec<Arc<Lane>>,
    /// What is left of each ration.
    pub rations: [u8; 2],
    /// COPY and MOVE are among the commands.
    pub copies: bool,
    /// The server, which is not sound, looks at the flags of expunged messages for another reason.
    pub sees_ghosts: bool,
    /// How many connections may still break.
    pub breaks: u8,
    /// How often the server may still crash.
    pub crashes: u8,
    /// The content of the next message that is appended.
    pub next_content: u8,
    /// What the referee remembers of names.
    pub memory: Memory,
    /// What is durable, and what is remembered across crashes; none where the server never crashes: every step is durable at once.
    pub storage: Option<Arc<Storage>>,
    /// The first breach; the world stops there.
    pub finding: Option<Finding>,
}

/// One client, its session, and what is on the way between them.
#[derive(Clone, Default)]
pub struct Lane {
    /// What the client believes.
    pub client: Client,
    /// The session, of the code that is checked.
    pub session: Session,
    /// The commands that are not answered, oldest first; as [`Client::asked`].
    pub errands: Vec<Errand>,
    /// How many of them, at the end, the server has not taken yet.
    pub waiting: usize,
    /// DONE is on its way.
    pub done: bool,
    /// What the client has not taken yet, oldest first.
    pub inbox: Vec<Arc<Sent>>,
    /// What the server has told it.
    pub told: Told,
    /// The mailbox that is selected, by what the server has answered.
    pub selected: Option<Selected>,
    /// It lost its mailbox: the next thing that it is sent has to be BYE (RFC 2180 section 3.3).
    pub evicted: bool,
    /// The connection is gone.
    pub gone: bool,
    /// What the referee has seen of the command that is being answered.
    pub task: Task,
}

/// A command that is not answered yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Which, of the alphabet.
    pub verb: u8,
    /// The messages that the client meant by its sequence numbers when it sent it, as bits of their UIDs.
    pub meant: u64,
}

/// What one step produced.
#[derive(Debug)]
pub struct Sent {
    /// The responses.
    pub responses: Vec<Response>,
    /// The messages whose flags they show, as bits of their UIDs.
    pub shows: u64,
    /// What the client has been told once it has taken them, if they changed it.
    pub told: Option<Told>,
    /// Why they may have to wait; none where every step is durable at once.
    pub held: Option<Held>,
}

/// What responses wait for.
#[derive(Clone, Debug)]
pub struct Held {
    /// Up to where the journal has to be durable before they leave.
    pub awaits: Position,
    /// Where the journal was after their step.
    pub made: Position,
    /// What they tell that is not durable when they may leave: nothing, unless the server is wrong.
    pub claims: Vec<Claim>,
}

/// A mailbox that is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Which.
    pub mailbox: MailboxId,
    /// EXAMINE.
    pub read_only: bool,
}

/// What the referee has to remember of a command that takes several steps; messages are bits of their UIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Those that the client means.
    pub meant: u64,
    /// Those of them that were expunged when the command began.
    pub gone: u64,
    /// Those that a FETCH response showed, or SEARCH found.
    pub shown: u64,
    /// Those that were shown in NIL form.
    pub nil: u64,
    /// Those that still have to be dealt with, unless they are expunged first.
    pub due: u64,
    /// Flags were changed.
    pub changed: bool,
}

/// What the referee remembers of names, each by its place among the names of the world.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Mailboxes that were deleted while somebody had them open, with the name that they had.
    pub graves: Vec<(u8, MailboxId)>,
    /// Names that RENAME left behind, with the mailbox that had them (RFC 2180 section 3.4).
    pub moved: Vec<(u8, MailboxId)>,
    /// The greatest UIDVALIDITY that any mailbox has had.
    pub uid_validity: UidValidity,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// A client sends a command.
    Send {
        /// Which client.
        client: u8,
        /// Which command, of the alphabet.
        verb: u8,
    },
    /// A client ends its IDLE.
    Done {
        /// Which client.
        client: u8,
    },
    /// The server takes what a client has sent and does it, or its next page.
    Process {
        /// Which client.
        client: u8,
    },
    /// A client takes a batch of responses.
    Receive {
        /// Which client.
        client: u8,
    },
    /// The server wakes a session, for something may have changed.
    Wake {
        /// Which client.
        client: u8,
    },
    /// A connection breaks.
    Break {
        /// Which client.
        client: u8,
    },
    /// What one more step did becomes durable.
    Durable,
    /// The server crashes, and starts again.
    Crash,
}

impl Action {
    /// Whose lane it is in, if it is in one.
    #[must_use]
    pub fn client(self) -> Option<usize> {
        match self {
            Self::Send { client, .. }
            | Self::Done { client }
            | Self::Process { client }
            | Self::Receive { client }
            | Self::Wake { client }
            | Self::Break { client } => Some(usize::from(client)),
            Self::Durable | Self::Crash => None,
        }
    }
}

impl World {
    /// Whether anybody may still ask for the flags of expunged messages: to copy them.
    #[must_use]
    pub fn ghosts_matter(&self) -> bool {
        let asks = |lane: &Arc<Lane>| lane.client.asked().iter().any(|command| copies(command));
        self.sees_ghosts || self.copies && (self.rations[0] > 0 || self.lanes.iter().any(asks))
    }
}

impl Lane {
    /// A connection that is gone: all such are alike.
    #[must_use]
    pub fn lost() -> Self {
        let mut lane = Self {
            gone: true,
            ..Self::default()
        };
        lane.client.lose();
        lane
    }

    /// The messages whose flags the client will be shown before anybody asks what it believes of them, as bits of their UIDs.
    #[must_use]
    pub fn to_be_shown(&self) -> u64 {
        let unread = self.inbox.iter().fold(0, |mask, sent| mask | sent.shows);
        unread | self.told.outdated
    }

    /// Nothing is on its way in either direction.
    #[must_use]
    pub fn is_at_rest(&self) -> bool {
        self.errands.is_empty() && self.inbox.is_empty() && !self.evicted
    }

    /// The command that the server is about.
    #[must_use]
    pub fn current(&self) -> Option<Errand> {
        let taken = self.errands.len() - self.waiting;
        self.errands.get(taken.checked_sub(1)?).copied()
    }

    /// Whether this lane has a mailbox open.
    #[must_use]
    pub fn has_open(&self, mailbox: MailboxId) -> bool {
        !self.evicted
            && self
                .selected
                .is_some_and(|selected| selected.mailbox == mailbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_that_will_be_shown_twice_will_be_shown() {
        let sent = |shows| {
            Arc::new(Sent {
                responses: Vec::new(),
                told: None,
                held: None,
                shows,
            })
        };
        let mut lane = Lane {
            inbox: [sent(0b0010), sent(0b0110)].into(),
            ..Lane::default()
        };
        lane.told.outdated = 0b1100;
        assert_eq!(lane.to_be_shown(), 0b1110);
        lane.told.outdated = 0;
        assert_eq!(lane.to_be_shown(), 0b0110);
    }
}
