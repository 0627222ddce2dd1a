//! Every example of RFC 2180 as a dialogue: the scripts of `spec/transcripts.md`, under the names given there.
//!
//! Each is played twice, with sessions stepped by hand and over TCP. What comes out has to be the same, and is kept in `snapshots/`, where it reads as
//! in the RFC (`V` stands for a UIDVALIDITY). Where it differs from the RFC's lines, `spec/transcripts.md` names the ruling that says why.

use tandem_tests::{
    script::{Script, Setup},
    stage::{Steps, Tcp},
};

/// The dialogue, which is the same on both stages, whatever the size of pages, under each of these practices.
fn dialogue(script: &Script, practices: &[&[&str]]) -> String {
    let mut dialogue = String::new();
    for practice in practices {
        let over_tcp = script.play(&mut Tcp::new(practice));
        for page in [1, 2, 1024] {
            let by_steps = script.play(&mut Steps::new(practice, page));
            assert_eq!(over_tcp, by_steps, "{practice:?}, pages of {page}");
        }
        if !dialogue.is_empty() {
            assert_eq!(dialogue, over_tcp, "{practice:?}");
        }
        dialogue = over_tcp;
    }
    dialogue
}

macro_rules! transcripts {
    ($($(#[$doc:meta])+ $name:ident, $setup:ident, $clients:expr, $practices:expr, $lines:literal;)+) => {
        $(
            $(#[$doc])+
            #[test]
            fn $name() {
                let script = Script {
                    setup: Setup::$setup,
                    clients: &$clients,
                    lines: $lines,
                };
                let practices: &[&[&str]] = &$practices;
                let dialogue = dialogue(&script, practices);
                let mut settings = insta::Settings::clone_current();
                settings.set_description(described(&script, practices));
                settings.set_omit_expression(true);
                settings.bind(|| insta::assert_snapshot!(stringify!($name), dialogue));
            }
        )+

        /// Every transcript there is.
        const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

/// Where a script begins, for who reads the snapshot.
fn described(script: &Script, practices: &[&[&str]]) -> String {
    let practices: Vec<String> = practices
        .iter()
        .map(|one| match one.join(",") {
            none if none.is_empty() => "default practices".to_owned(),
            some => some,
        })
        .collect();
    let clients: Vec<String> = (1..)
        .zip(script.clients)
        .filter(|(_, command)| !command.is_empty())
        .map(|(number, command)| format!("C{number}: {command}"))
        .collect();
    format!(
        "{}; {}; {}",
        practices.join(" or "),
        script.setup.name,
        clients.join(", ")
    )
}

#[test]
fn every_script_of_the_specification_is_played() {
    let text = include_str!("../../spec/transcripts.md");
    let named: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .collect();
    assert_eq!(named, NAMES);
}

transcripts! {
    /// Section 3.1.
    rfc2180_3_1_refuse, FOO3, ["SELECT FOO", "SELECT FOO"], [&["deletion=refuse"]],
    "C1: A001 DELETE FOO";

    /// Section 3.1: the same for RENAME, until nobody else has it open.
    rfc2180_3_1_refuse_rename, FOO3, ["SELECT FOO", "SELECT FOO"], [&["renaming=refuse"]],
    "C1: A001 RENAME FOO BAR
     C2: B001 UNSELECT
     C1: A002 RENAME FOO BAR";

    /// Section 3.2: the name comes free when the last session leaves.
    rfc2180_3_2_ghost, FOO3, ["SELECT FOO", "SELECT FOO", ""], [&["deletion=ghost"]],
    "C1: A001 DELETE FOO
     C2: B001 STORE 1 +FLAGS (\\Seen)
     C3: C001 STATUS FOO (MESSAGES)
     C3: C002 CREATE FOO
     C2: B002 CLOSE
     C3: C003 CREATE FOO
     C1: A002 NOOP
     C1: A003 CLOSE
     C3: C004 CREATE FOO";

    /// Section 3.3: client 2 sends nothing.
    rfc2180_3_3_disconnect, FOO3, ["SELECT FOO", "SELECT FOO"], [&["deletion=disconnect"]],
    "C1: A001 DELETE FOO
     S2: * BYE";

    /// Section 3.3: the same for RENAME.
    rfc2180_3_3_disconnect_rename, FOO3, ["SELECT FOO", "SELECT FOO"], [&["renaming=disconnect"]],
    "C1: A001 RENAME FOO BAR
     S2: * BYE
     C1: A002 FETCH 1 (FLAGS)
     C1: A003 STATUS FOO (MESSAGES)";

    /// Section 3.4.
    rfc2180_3_4_keep, FOO4, ["SELECT FOO", "SELECT FOO"], [&["renaming=keep"]],
    "C1: A001 RENAME FOO BAR
     C2: B001 FETCH 2:4 (FLAGS)
     C2: B002 APPEND FOO {68}
     C2: (message 5)";

    /// Section 4.1.1.
    rfc2180_4_1_1_ghost, FOO7, ["SELECT FOO", "SELECT FOO"], [&["fetching=ghost"]],
    "C1: A001 EXPUNGE
     C2: B001 FETCH 4:7 RFC822
     C2: B002 NOOP
     C2: B003 FETCH 4:7 RFC822";

    /// Section 4.1.2.
    rfc2180_4_1_2_no, FOO7, ["SELECT FOO", "SELECT FOO"], [&["fetching=no"]],
    "C1: A001 EXPUNGE
     C2: B001 FETCH 3:5 ENVELOPE
     C2: B002 NOOP";

    /// Section 4.1.3: every NIL form.
    rfc2180_4_1_3_nil_forms, FOO7, ["SELECT FOO", "SELECT FOO"], [&["fetching=nil"]],
    "C1: A001 EXPUNGE
     C2: B001 FETCH 3:4 (ENVELOPE FLAGS INTERNALDATE RFC822.SIZE BODY BODYSTRUCTURE UID)
     C2: B002 FETCH 3:4 (BODY.PEEK[TEXT] BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<5.6>)
     C2: B003 FETCH 3:4 (RFC822 RFC822.HEADER RFC822.TEXT)";

    /// Section 4.1.3: some are expunged.
    rfc2180_4_1_3_nil_mixed, FOO7, ["SELECT FOO", "SELECT FOO"], [&["fetching=nil"]],
    "C1: A001 EXPUNGE
     C2: B001 FETCH 3:5 ENVELOPE";

    /// Section 4.1.3: all are expunged.
    rfc2180_4_1_3_nil_all, FOO7, ["SELECT FOO", "SELECT FOO"], [&["fetching=nil"]],
    "C1: A001 EXPUNGE
     C2: B001 FETCH 4:7 ENVELOPE
     C2: B002 NOOP";

    /// Section 4.1.4: nothing is expunged while another session has the mailbox open.
    rfc2180_4_1_4_refuse_expunge, FOO7, ["SELECT FOO", "EXAMINE FOO"], [&["fetching=refuse-expunge"]],
    "C1: A001 EXPUNGE
     C1: A002 UID EXPUNGE 4:5
     C1: A003 MOVE 7 FRED
     C2: B001 FETCH 6:7 (FLAGS)
     C1: A004 CLOSE
     C1: A005 STATUS FOO (MESSAGES)
     C2: B002 UNSELECT
     C1: A006 SELECT FOO
     C1: A007 EXPUNGE";

    /// Section 4.2.1.
    rfc2180_4_2_1_silent, FOO7, ["SELECT FOO", "SELECT FOO"], [&[], &["storing=reject"]],
    "C1: A001 EXPUNGE
     C2: B001 STORE 1:7 +FLAGS.SILENT (\\Seen)
     C1: A002 NOOP";

    /// Section 4.2.2.
    rfc2180_4_2_2_only_expunged, FOO7, ["SELECT FOO", "SELECT FOO"], [&[], &["storing=reject"]],
    "C1: A001 EXPUNGE
     C2: B001 STORE 5:7 +FLAGS (\\Seen)";

    /// Section 4.2.3.
    rfc2180_4_2_3_partial, FOO7, ["SELECT FOO", "SELECT FOO"], [&["storing=partial"]],
    "C1: A001 EXPUNGE
     C2: B001 STORE 1:7 +FLAGS (\\Seen)
     C2: B002 NOOP";

    /// Section 4.2.4.
    rfc2180_4_2_4_reject, FOO7, ["SELECT FOO", "SELECT FOO"], [&["storing=reject"]],
    "C1: A001 EXPUNGE
     C2: B001 STORE 1:7 +FLAGS (\\Seen)
     C1: A002 NOOP
     C2: B002 NOOP
     C2: B003 STORE 1:3 +FLAGS (\\Seen)";

    /// Section 4.3.
    rfc2180_4_3_omit, FOO7, ["SELECT FOO", "SELECT FOO"], [&["searching=omit"]],
    "C1: A001 EXPUNGE
     C2: B001 SEARCH ALL
     C2: B002 SEARCH 5:7
     C2: B003 NOOP
     C2: B004 SEARCH ALL";

    /// Section 4.4.1.
    rfc2180_4_4_1_refuse, FOO8_4, ["SELECT FOO", "SELECT FOO"], [&["copying=refuse"]],
    "C1: A001 EXPUNGE
     C2: B001 COPY 2,4,6,8 FRED
     C2: B002 STATUS FRED (MESSAGES UIDNEXT)
     C2: B003 COPY 2,5,7 FRED";

    /// Section 4.4.2: the message that is expunged is not copied.
    rfc2180_4_4_2_allow_other_expunged, FOO8_3, ["SELECT FOO", "SELECT FOO"],
    [&["copying=allow"], &["copying=refuse"]],
    "C1: A001 EXPUNGE
     C2: B001 COPY 2,4,6,8 FRED
     C2: B002 FETCH 2,3,5,7 (UID)";

    /// Section 4.4.2: the message that is expunged is copied, even if its content is kept for that alone.
    rfc2180_4_4_2_allow_copied_expunged, FOO8_4, ["SELECT FOO", "SELECT FOO", "SELECT FRED"],
    [&["copying=allow"], &["copying=allow", "fetching=no"]],
    "C1: A001 EXPUNGE
     C2: B001 COPY 2,4,6,8 FRED
     C3: C001 NOOP
     C3: C002 FETCH 2 BODY.PEEK[TEXT]";

    /// RFC 9051 section 6.3.13.
    rfc9051_6_3_13_idle, FOO3, ["SELECT FOO", "SELECT FOO"], [&[]],
    "C1: A001 IDLE
     C2: B001 APPEND FOO {68}
     C2: (message 4)
     S1: * 0 RECENT
     C1: DONE
     C2: B002 STORE 2 +FLAGS.SILENT (\\Deleted)
     C2: B003 EXPUNGE
     C1: A002 FETCH 4 (UID)
     C1: A003 IDLE
     S1: * 3 EXISTS
     C2: B004 STORE 3 +FLAGS.SILENT (\\Deleted)
     S1: * 3 FETCH
     C2: B005 EXPUNGE
     S1: * 2 EXISTS
     C1: DONE
     C1: A004 FETCH 2 (UID)";
}
