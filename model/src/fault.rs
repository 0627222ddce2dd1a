//! Wrong behaviours that the checker plants, to see that it finds them.
//!
//! The places at which they act are in the code that they spoil (those of recovery, which the checked world does by the account's own functions, in
//! `check/journal.rs`), behind `Practice::has`, which is constantly false unless feature `check` is on and a fault was chosen. The server is built with the feature, for it is the checker too; nothing but
//! the checker chooses one. Which property each breaks is told in `check/plant.rs`; which of them are bugs that other servers had, in `spec/FAULTS.md`.

macro_rules! faults {
    ($($name:ident = $text:literal, $summary:literal;)+) => {
        /// A wrong behaviour to plant.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $(#[doc = concat!($summary, ".")] $name,)+
        }

        impl Fault {
            /// Every fault.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// As it is written on the command line.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What goes wrong, in one sentence.
            #[must_use]
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)+ }
            }
        }
    };
}

faults! {
    ExpungeDuringFetch = "expunge-during-fetch", "FETCH reports EXPUNGE before its tagged response";
    ExpungeDuringStore = "expunge-during-store", "STORE reports EXPUNGE before its tagged response";
    ExpungeUnasked = "expunge-unasked", "EXPUNGE is sent as soon as it happens, with no command in progress";
    NumbersInNewerView = "numbers-in-newer-view", "message sequence numbers are resolved in the mailbox as it is, not as the client knows it";
    StarInLiveMailbox = "star-in-live-mailbox", "`*` means the last message of the mailbox, told to the client or not";
    SearchNumbersAfterExpunge = "search-numbers-after-expunge", "UID SEARCH resolves sequence numbers after the EXPUNGEs that it reports";
    ExistsLowered = "exists-lowered", "EXISTS counts what is left although EXPUNGEs are still owed";
    ExpungeToldTwice = "expunge-told-twice", "an EXPUNGE that was told is told again";
    ExpungeNumbersFromStart = "expunge-numbers-from-start", "successive EXPUNGEs are numbered as before the first of them";
    UidReused = "uid-reused", "a message gets the UID of the last one, if that was expunged";
    CopyDropsGhosts = "copy-drops-ghosts", "COPY leaves expunged messages out and answers OK";
    CopyHalfThenNo = "copy-half-then-no", "COPY that is refused has copied what was left";
    CopyForgetsFlags = "copy-forgets-flags", "COPY does not take the flags along";
    CopyUidShifted = "copy-uid-shifted", "COPYUID names UIDs that are one higher than those of the copies";
    MoveUidAfter = "move-uid-after", "COPYUID of a MOVE comes in the tagged OK, after the EXPUNGEs";
    MoveLoses = "move-loses", "MOVE expunges a message that it did not copy";
    AppendLost = "append-lost", "APPEND answers OK and the message is not there";
    AppendUidOfLast = "append-uid-of-last", "APPENDUID names the message before the one that was appended";
    CloseExpungesReadOnly = "close-expunges-read-only", "CLOSE removes \\Deleted messages after EXAMINE";
    GhostNameFree = "ghost-name-free", "the name of a deleted mailbox can be taken while sessions have it open";
    ByeOnlyToIdle = "bye-only-to-idle", "a session whose mailbox was deleted learns it only during IDLE";
    NewNameForgotten = "new-name-forgotten", "a command with the old name of a renamed mailbox answers a bare NO";
    GhostContentGone = "ghost-content-gone", "FETCH shows expunged messages empty although content is kept for it";
    FetchGhostsOk = "fetch-ghosts-ok", "FETCH leaves expunged messages out and answers OK";
    NilOnly = "nil-only", "FETCH of none but expunged messages answers OK";
    ExpungeWhileShared = "expunge-while-shared", "EXPUNGE goes on although it is to be refused while others have the mailbox open";
    StorePartialThenNo = "store-partial-then-no", "STORE that is to be rejected sets flags first";
    StoreGhostsOk = "store-ghosts-ok", "STORE on none but expunged messages answers OK";
    SearchFindsGhosts = "search-finds-ghosts", "SEARCH returns expunged messages";
    CopyHidesExpunges = "copy-hides-expunges", "COPY does not report the pending EXPUNGEs";
    FlagsUntold = "flags-untold", "flags that another session changed are not reported";
    SilentHidesOthers = "silent-hides-others", "STORE .SILENT counts what others changed before it as told";
    FlagsBeforeOk = "flags-before-ok", "what others changed while STORE .SILENT was done is told before its OK, and the client takes its own change for the later one";
    GhostsKept = "ghosts-kept", "a connection that breaks leaves its view behind, and what that is owed is kept for ever";
    Unjournalled = "unjournalled", "flags are changed without a Change";
    DeleteWhileShared = "delete-while-shared", "DELETE goes on although it is to be refused while others have the mailbox open";
    SilentStoreNo = "silent-store-no", "STORE .SILENT answers NO if some of its messages have been expunged";
    CopyGhostsAnyway = "copy-ghosts-anyway", "COPY copies expunged messages although it is to be refused";
    FetchNumbersLive = "fetch-numbers-live", "FETCH numbers its responses by the mailbox as it is, not as the client knows it";
    StoreNumbersLive = "store-numbers-live", "STORE resolves numbers in the mailbox as it is, not as the client knows it";
    ExistsWithheld = "exists-withheld", "a new message is never told of";
    ExistsUntold = "exists-untold", "a new message is counted as told though EXISTS was not sent";
    DoneIgnored = "done-ignored", "DONE is read and IDLE goes on";
    AckBeforeDurable = "ack-before-durable", "a command is answered before the journal has what it did";
    RevealBeforeDurable = "reveal-before-durable", "a session is told what another did before the journal has it";
    HalfBatchRecovered = "half-batch-recovered", "after a crash a step's changes are there in part";
    UidReusedAfterCrash = "uid-reused-after-crash", "after a crash UIDNEXT is worked out from the messages that are left";
    CursorAhead = "cursor-ahead", "SELECT opens a mailbox as if the client had been told of the next EXPUNGE already";
    NumberingShared = "numbering-shared", "a number is a place in the mailbox as it is, the same for all sessions";
    DeleteUnsubscribes = "delete-unsubscribes", "DELETE takes away the subscription to the name, too";
    UnsubscribeIgnored = "unsubscribe-ignored", "UNSUBSCRIBE answers OK and does nothing";
    NewNameIfShared = "new-name-if-shared", "RENAME leaves a new name behind only while another session has the mailbox open";
    InferiorsStay = "inferiors-stay", "RENAME leaves the inferiors where they are";
    InboxLosesFlags = "inbox-loses-flags", "RENAME of INBOX takes its messages along without their flags";
    CountersForgotten = "counters-forgotten", "after a crash UIDVALIDITY and MODSEQ begin anew";
}
