//! The numbers of IMAP, each a type of its own, so that none is taken for another.
//!
//! Touches nothing. RFC 3501 sections 2.3.1.1 and 2.3.1.2, RFC 7162 section 3.1.

use core::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl $name {
            /// The one after this; saturates at the largest.
            #[must_use]
            pub const fn next(self) -> Self {
                Self(self.0.saturating_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// Unique identifier of a message in its mailbox: 1 and up, strictly ascending, never used
    /// again (RFC 3501 section 2.3.1.1). 0 names no message; it is a cursor before the first.
    Uid(u32)
}
number! {
    /// What makes UIDs comparable between sessions: a mailbox that takes an old name gets a greater
    /// one (RFC 3501 section 2.3.1.1).
    UidValidity(u32)
}
number! {
    /// Message sequence number: position in one session's view, 1 and up (RFC 3501 section 2.3.1.2).
    SeqNum(u32)
}
number! {
    /// Modification sequence of a mailbox: moves on every real change of it, never back
    /// (RFC 7162 section 3.1). 0 is before the first change.
    ModSeq(u64)
}
number! {
    /// Names a mailbox for as long as the account lives, whatever it is called; never used again.
    MailboxId(u32)
}
number! {
    /// Names one session's access to one mailbox, from SELECT or EXAMINE to its end; never used again.
    ViewId(u32)
}
number! {
    /// How many batches of changes the journal of an account holds: a batch moves it by one.
    Position(u64)
}
number! {
    /// Names the bytes of a message. The server chose it and resolves it; the model only hands it on.
    ContentId(u64)
}
