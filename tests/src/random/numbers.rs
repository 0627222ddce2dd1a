//! The numbering of a view by its definition, with none of the code that computes it for the server.
//!
//! Touches mailboxes, to read them. RFC 3501 section 2.3.1.2: what a session has been told of, and not been told that it is gone, ascending by UID.

use tandem_model::{mailbox::Mailbox, message::Message, view::View};

/// A message with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The message.
    pub message: Message,
    /// It was expunged, and the session has not been told.
    pub ghost: bool,
}

/// Every message that has a number in this view; number n is at n - 1.
#[must_use]
pub fn numbered(mailbox: &Mailbox, view: &View) -> Vec<Numbered> {
    let live = mailbox.messages().map(|&message| Numbered {
        message,
        ghost: false,
    });
    let ghosts = mailbox.ghosts().iter();
    let owed = ghosts.filter(|ghost| ghost.expunged > view.expunged_to);
    let owed = owed.map(|ghost| Numbered {
        message: ghost.message,
        ghost: true,
    });
    let mut all: Vec<Numbered> = live.chain(owed).collect();
    all.retain(|one| one.message.uid <= view.exists_to);
    all.sort_by_key(|one| one.message.uid);
    all
}
