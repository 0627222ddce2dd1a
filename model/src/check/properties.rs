//! What is checked: each property with its name, its source and one sentence.
//!
//! Touches nothing. A breach is kept as a [`Finding`], a small value in the world, since a model checker judges states and
//! what happens in a step must therefore leave a mark in the state after it.

use core::fmt;

macro_rules! properties {
    ($($name:ident = $text:literal, $group:literal, $section:literal, $sentence:literal;)+) => {
        /// A property that holds in every reachable state.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Property {
            $(#[doc = concat!($section, ": ", $sentence, ".")] $name,)+
        }

        impl Property {
            /// Every property.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it is written on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// To which of the eleven questions it belongs that the check asks.
            #[must_use]
            pub const fn group(self) -> u8 {
                match self { $(Self::$name => $group,)+ }
            }

            /// Where it comes from.
            #[must_use]
            pub const fn section(self) -> &'static str {
                match self { $(Self::$name => $section,)+ }
            }

            /// What it says.
            #[must_use]
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)+ }
            }
        }
    };
}

properties! {
    ExpungePermitted = "expunge-permitted", 1, "RFC 9051 section 7.5.1",
        "no EXPUNGE arrives with no command in progress, nor while FETCH, STORE or SEARCH is answered";
    NumbersAgree = "numbers-agree", 2, "RFC 3501 section 2.3.1.2",
        "the client's list, built from responses alone, is the server's numbering of its view whenever both are at rest";
    FetchAboutHeld = "fetch-about-held", 2, "RFC 3501 section 7.4.2",
        "every FETCH n is about the message that the client holds at n, its UID and its body";
    CommandHitsMeant = "command-hits-meant", 2, "RFC 9051 section 5.5",
        "a number in a command means the message that the client held there when it sent the command";
    ExistsCounts = "exists-counts", 3, "RFC 3501 section 7.3.1",
        "EXISTS never lowers the count, and what it adds to the count has arrived";
    ExpungeNamesGone = "expunge-names-gone", 3, "RFC 3501 section 7.4.1",
        "every EXPUNGE is about a message that the client has and that is gone, so that none is told twice";
    UidsStay = "uids-stay", 3, "RFC 3501 section 2.3.1.1",
        "UIDs ascend, never name another message in the same UIDVALIDITY, and UIDNEXT is above them all";
    CopySurvives = "copy-survives", 4, "RFC 3501 section 6.4.7",
        "a COPY that answered OK put every message of its set, content and flags, into the destination; one that answered NO put none";
    MoveKeeps = "move-keeps", 4, "RFC 6851 section 3.3",
        "a MOVE that answered OK took every message of its set to the destination, one that answered NO took none, and none is ever in neither place";
    CopyUid = "copy-uid", 4, "RFC 4315 section 3",
        "COPYUID pairs the UIDs of what was copied with those of the copies, in order and under the UIDVALIDITY of their mailbox, in the tagged OK of COPY, and before the EXPUNGEs of MOVE";
    AppendStays = "append-stays", 5, "RFC 3501 section 6.3.11",
        "a message whose APPEND answered OK is in the mailbox; one whose APPEND did not is not";
    AppendUid = "append-uid", 5, "RFC 4315 section 3",
        "APPENDUID names the message that was appended, by the UIDVALIDITY of its mailbox and its UID";
    NothingVanishes = "nothing-vanishes", 5, "RFC 3501 section 6.4.3",
        "a message goes only by EXPUNGE or CLOSE while it is \\Deleted, by MOVE, or with its mailbox by DELETE";
    NamesStay = "names-stay", 5, "RFC 3501 section 6.3",
        "names of mailboxes and subscriptions change as a command that answers OK asks, and not otherwise: no subscription comes or goes with its mailbox";
    InUseRefused = "in-use-refused", 6, "RFC 2180 section 3.1",
        "under refuse, DELETE and RENAME answer NO if and only if another session has the mailbox open";
    GhostMailbox = "ghost-mailbox", 6, "RFC 2180 section 3.2",
        "a deleted mailbox serves the sessions that have it open and no others, and its name is free when the last of them has left, not before";
    ByeFirst = "bye-first", 6, "RFC 2180 section 3.3",
        "under disconnect, every other session that has the mailbox open is sent BYE, and nothing before it";
    NewNameOffered = "new-name-offered", 6, "RFC 2180 section 3.4",
        "under keep, sessions go on after RENAME, and a command with the old name answers NO [NEWNAME old new]";
    FetchGhost = "fetch-ghost", 6, "RFC 2180 section 4.1.1",
        "under ghost, FETCH shows expunged messages whole until the session has been told, and answers OK";
    FetchNo = "fetch-no", 6, "RFC 2180 section 4.1.2",
        "under no, FETCH shows what is left, and answers NO if and only if some message had been expunged";
    FetchNil = "fetch-nil", 6, "RFC 2180 section 4.1.3",
        "under nil, FETCH shows expunged messages in NIL form, and answers NO if and only if it shows no other, with no NIL form if all had been expunged before";
    ExpungeRefused = "expunge-refused", 6, "RFC 2180 section 4.1.4",
        "under refuse-expunge, EXPUNGE, UID EXPUNGE and MOVE answer NO, and CLOSE removes nothing, if and only if another session has the mailbox open";
    StoreSilent = "store-silent", 6, "RFC 2180 section 4.2.1",
        "STORE .SILENT sets the flags of those that are left and answers OK";
    StoreExpunged = "store-expunged", 6, "RFC 2180 section 4.2.2",
        "STORE of none but expunged messages answers NO and shows nothing";
    StorePartial = "store-partial", 6, "RFC 2180 section 4.2.3",
        "under partial, STORE sets and shows the flags of those that are left, and answers NO if some had been expunged";
    StoreReject = "store-reject", 6, "RFC 2180 section 4.2.4",
        "under reject, STORE sets nothing and answers NO if some message had been expunged";
    SearchOmits = "search-omits", 6, "RFC 2180 section 4.3",
        "SEARCH returns what matches and has not been expunged";
    CopyRefused = "copy-refused", 6, "RFC 2180 section 4.4.1",
        "under refuse, COPY answers NO if and only if some message of its set has been expunged";
    ExpungesTold = "expunges-told", 6, "RFC 2180 section 4.4",
        "COPY reports every EXPUNGE that is pending, whether it copies or not";
    FlagsBelieved = "flags-believed", 7, "RFC 3501 section 5.2",
        "a client that has polled has been shown the flags that others changed, and what it believes of flags is what they are";
    GhostsFreed = "ghosts-freed", 8, "RFC 2180 section 4.1.1",
        "an expunged message is kept while some session has a number for it, and no longer";
    Replay = "replay", 9, "RFC 2180 section 2",
        "the changes that a step reports, applied to the account before it, make the account after it";
    Sound = "sound", 9, "RFC 2180 section 2",
        "after every step the account breaks no invariant of the catalogue that can be seen in it alone";
    Convergence = "convergence", 10, "RFC 3501 section 5.2",
        "once all clients have polled and nobody changes anything, every client's picture is the mailbox";
    Answered = "answered", 10, "RFC 3501 section 2.2.2",
        "every command is answered once, in turn, as it deserves, and nothing follows BYE";
    RestReached = "rest-reached", 10, "RFC 3501 section 2.2.2",
        "from whatever has happened, all commands can still be answered and all answers read, though no client says more than DONE and no connection breaks";
    KeptAfterOk = "kept-after-ok", 11, "RFC 3501 section 7.1.1",
        "what a client was told OK for is there after a crash, unless a later command has changed it";
    SeenStays = "seen-stays", 11, "RFC 3501 section 5.2",
        "what a client was shown, messages, flags, names or that they are gone, is so after a crash, unless a later command has changed it";
    UidsOnce = "uids-once", 11, "RFC 3501 section 2.3.1.1",
        "a UID is never seen on two messages in the same UIDVALIDITY, though the server crashed in between";
    CountersRise = "counters-rise", 11, "RFC 3501 section 2.3.1.1",
        "UIDVALIDITY, UIDNEXT and HIGHESTMODSEQ are after a crash at least what they were";
    WholeAfterCrash = "whole-after-crash", 11, "RFC 3501 section 6.4.7",
        "a crash leaves what some step left, all that it did and nothing of those after it, so that a MOVE of many messages is in one mailbox or in the other";
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A breach of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was broken.
    pub property: Property,
    /// How, in a few words.
    pub how: &'static str,
}

impl Finding {
    /// A breach of `property`.
    #[must_use]
    pub const fn new(property: Property, how: &'static str) -> Self {
        Self { property, how }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.property, self.how)
    }
}

/// Ends a judgement with a breach unless a condition holds.
///
/// # Errors
/// The breach.
pub(super) fn ensure(holds: bool, property: Property, how: &'static str) -> Result<(), Finding> {
    if holds {
        Ok(())
    } else {
        Err(Finding::new(property, how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_property_and_every_name_is_used_once() {
        for group in 1..=11 {
            assert!(
                Property::ALL
                    .iter()
                    .any(|property| property.group() == group),
                "{group}"
            );
        }
        for (at, property) in Property::ALL.iter().enumerate() {
            assert!(
                Property::ALL[..at]
                    .iter()
                    .all(|other| other.as_str() != property.as_str())
            );
        }
    }
}
