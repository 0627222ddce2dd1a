//! What clients were told is held against what a crash leaves: whatever the command, and however it was told. Feature `check`.
//!
//! The faults are those of the table; the ways are longer than the shortest.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "the helpers of tests may panic as tests do"
)]

use tandem_model::{
    Fault, Practice,
    check::{
        Action, Finding, Property, Rules, Scene, Setup, World,
        transcript::{say, transcript},
    },
};

/// A world, and the way that led to it.
struct Play {
    rules: Rules,
    world: World,
    actions: Vec<Action>,
}

impl Play {
    fn new(scene: Scene, fault: Option<Fault>) -> Self {
        let practice = Practice {
            fault,
            ..Practice::default()
        };
        Self::of(Setup {
            crashes: 1,
            ..Setup::new(scene, practice)
        })
    }

    fn of(setup: Setup) -> Self {
        let rules = Rules::new(setup).expect("the world begins in order");
        let world = rules.beginning().clone();
        Self {
            rules,
            world,
            actions: Vec::new(),
        }
    }

    fn may(&self, action: Action) -> bool {
        let mut actions = Vec::new();
        self.rules.possible(&self.world, &mut actions);
        actions.contains(&action) && self.rules.next(&self.world, action).is_some()
    }

    /// Does what is possible.
    fn act(mut self, action: Action) -> Self {
        assert!(self.may(action), "{action:?}\n{:?}", self.world);
        self.world = self
            .rules
            .next(&self.world, action)
            .expect("it is possible");
        self.actions.push(action);
        self
    }

    /// A client sends a command, and the server does it.
    fn does(mut self, client: u8, command: &str) -> Self {
        self = self.sends(client, command);
        while self.may(Action::Process { client }) {
            self = self.act(Action::Process { client });
        }
        self
    }

    /// A client sends a command.
    fn sends(self, client: u8, command: &str) -> Self {
        let known = self
            .rules
            .verbs()
            .iter()
            .position(|verb| say(&verb.command) == command);
        let verb = known
            .and_then(|at| u8::try_from(at).ok())
            .unwrap_or_else(|| panic!("{command} is not of the scene"));
        self.act(Action::Send { client, verb })
    }

    /// It reads what has left.
    fn reads(mut self, client: u8) -> Self {
        assert!(
            self.may(Action::Receive { client }),
            "nothing to read\n{:?}",
            self.world
        );
        while self.may(Action::Receive { client }) {
            self = self.act(Action::Receive { client });
        }
        self
    }

    fn all_durable(mut self) -> Self {
        while self.may(Action::Durable) {
            self = self.act(Action::Durable);
        }
        self
    }

    fn crash(self) -> Self {
        self.act(Action::Crash)
    }

    fn found(&self) -> Option<Finding> {
        self.rules.verdict(&self.world).err()
    }

    fn breaks(&self, property: Property) {
        let found = self.found().map(|finding| finding.property);
        let told = transcript(&self.rules, &self.actions);
        assert_eq!(found, Some(property), "\n{told}\n{:?}", self.found());
    }

    fn is_right(&self) {
        let told = transcript(&self.rules, &self.actions);
        assert_eq!(self.found(), None, "\n{told}");
    }
}

/// Every command that changes what is kept.
const COMMANDS: [(Scene, &str); 9] = [
    (Scene::Durability, "APPEND A () <a new message>"),
    (Scene::Durability, "COPY 1:* B"),
    (Scene::Durability, "MOVE 1:* B"),
    (Scene::Durability, "STORE 1 +FLAGS.SILENT (\\Deleted)"),
    (Scene::Durability, "EXPUNGE"),
    (Scene::DurableNames, "DELETE A"),
    (Scene::DurableNames, "DELETE B"),
    (Scene::DurableNames, "RENAME A N/C"),
    (Scene::DurableNames, "APPEND A () <a new message>"),
];

#[test]
fn whatever_is_answered_too_soon_is_missed_after_a_crash() {
    for (scene, command) in COMMANDS {
        let fault = Some(Fault::AckBeforeDurable);
        let play = Play::new(scene, fault).does(0, command);
        play.reads(0).crash().breaks(Property::KeptAfterOk);
        // Unread, it was promised to nobody.
        Play::new(scene, fault).does(0, command).crash().is_right();
    }
    // CREATE needs a name that is free.
    let play = Play::new(Scene::DurableNames, Some(Fault::AckBeforeDurable));
    let play = play.does(0, "DELETE A").reads(0).all_durable();
    let play = play.does(0, "SELECT A").reads(0);
    let play = play.does(1, "SELECT A").reads(1).all_durable();
    let play = play.does(0, "CREATE A").reads(0).crash();
    play.breaks(Property::KeptAfterOk);
}

#[test]
fn whatever_is_shown_too_soon_is_missed_after_a_crash() {
    let cases = [
        ("APPEND A () <a new message>", "NOOP"),
        ("APPEND A () <a new message>", "SELECT A"),
        ("STORE 1 +FLAGS.SILENT (\\Deleted)", "NOOP"),
        (
            "STORE 1 +FLAGS.SILENT (\\Deleted)",
            "FETCH 1:* (UID FLAGS BODY.PEEK[])",
        ),
        ("EXPUNGE", "NOOP"),
        ("MOVE 1:* B", "NOOP"),
    ];
    for (changes, shows) in cases {
        let play = Play::new(Scene::Durability, Some(Fault::RevealBeforeDurable));
        let play = play.does(0, changes).does(1, shows).reads(1);
        play.crash().breaks(Property::SeenStays);
    }
    let play = Play::new(Scene::DurableNames, Some(Fault::RevealBeforeDurable));
    let play = play.does(0, "RENAME A N/C").does(1, "SELECT N/C").reads(1);
    play.crash().breaks(Property::SeenStays);
}

#[test]
fn what_another_command_has_changed_since_is_nobody_s_promise() {
    // The flag was told too soon; but when the server crashes, its message is gone, or is another's to change.
    let play = Play::new(Scene::Durability, Some(Fault::AckBeforeDurable));
    let play = play.does(0, "STORE 1 +FLAGS.SILENT (\\Deleted)").reads(0);
    play.does(1, "EXPUNGE").crash().is_right();
    // The same if it is read only then.
    let play = Play::new(Scene::Durability, Some(Fault::AckBeforeDurable));
    let play = play.does(0, "STORE 1 +FLAGS.SILENT (\\Deleted)");
    play.does(1, "EXPUNGE").reads(0).crash().is_right();
    let play = Play::new(Scene::DurableNames, Some(Fault::AckBeforeDurable));
    let play = play.does(0, "APPEND A () <a new message>").reads(0);
    play.does(1, "DELETE A").crash().is_right();
}

#[test]
fn a_uid_that_was_told_too_soon_is_not_another_message_s_after_the_crash() {
    // It came and went, and neither is durable: what is there after the crash is true to that, but the UID is free again.
    let play = Play::new(Scene::Copy, Some(Fault::AckBeforeDurable));
    let play = play.does(0, "COPY 2 A").reads(0).does(1, "EXPUNGE").crash();
    play.is_right();
    let play = play.does(0, "APPEND A () <a new message>");
    play.breaks(Property::UidsOnce);
}

#[test]
fn a_uidnext_that_goes_back_is_found_by_who_is_told_of_it() {
    let play = Play::new(Scene::Durability, Some(Fault::UidReusedAfterCrash));
    let play = play.does(0, "EXPUNGE").all_durable().reads(0).crash();
    play.is_right();
    let play = play.does(1, "SELECT A").reads(1);
    play.breaks(Property::CountersRise);
}

#[test]
fn a_uidvalidity_that_was_given_is_not_given_again() {
    let play = Play::new(Scene::DurableNames, Some(Fault::CountersForgotten));
    let play = play.does(0, "DELETE B").all_durable().crash();
    play.breaks(Property::CountersRise);
}

#[test]
fn a_rename_that_is_there_in_part_is_found() {
    let play = Play::new(Scene::DurableNames, Some(Fault::HalfBatchRecovered));
    let play = play.does(0, "RENAME A N/C").crash();
    play.breaks(Property::WholeAfterCrash);
}

#[test]
fn a_store_is_promised_by_its_tagged_response_and_may_be_there_in_part_before() {
    let begun = |fault| {
        let play = Play::new(Scene::Store, fault).does(0, "STORE 1:* +FLAGS (\\Seen)");
        assert_eq!(
            play.world.journal().map(|journal| journal.tail.len()),
            Some(2),
            "a page each"
        );
        play
    };
    begun(None).act(Action::Durable).crash().is_right();
    let play = begun(Some(Fault::AckBeforeDurable)).act(Action::Durable);
    play.reads(0).crash().breaks(Property::KeptAfterOk);
}

#[test]
fn an_answer_waits_for_what_it_shows_and_for_what_stands_before_it() {
    let play = Play::new(Scene::Durability, None);
    let play = play.does(0, "STORE 1 +FLAGS.SILENT (\\Deleted)");
    assert!(!play.may(Action::Receive { client: 0 }));
    // Another session's change counts as well; one that nobody made since the last does not.
    let play = play.does(1, "NOOP");
    assert!(!play.may(Action::Receive { client: 1 }));
    let play = play.all_durable().reads(0).reads(1);
    let play = play.does(0, "NOOP");
    let play = play.reads(0);
    assert!(!play.may(Action::Durable));
    play.is_right();
}

#[test]
fn a_step_that_the_tail_has_no_room_for_waits() {
    let setup = Setup::new(Scene::Durability, Practice::default());
    let play = Play::of(Setup {
        clients: 4,
        ..setup
    });
    let play = play.does(0, "APPEND A () <a new message>");
    let play = play.does(1, "STORE 1 +FLAGS.SILENT (\\Deleted)");
    let tail = |play: &Play| play.world.journal().map(|journal| journal.tail.len());
    assert_eq!(tail(&play), Some(2));
    // What changes nothing needs no room.
    let play = play.does(2, "STORE 1 +FLAGS.SILENT (\\Deleted)");
    let play = play.does(3, "EXPUNGE");
    assert_eq!(tail(&play), Some(2));
    assert!(!play.may(Action::Process { client: 3 }));
    let play = play.act(Action::Durable).act(Action::Process { client: 3 });
    assert_eq!(tail(&play), Some(2));
    play.is_right();
}

#[test]
fn a_crash_is_told_with_what_it_leaves() {
    let play = Play::new(Scene::Durability, None);
    let play = play.does(0, "MOVE 1:* B").does(1, "NOOP");
    let play = play.act(Action::Durable).reads(0);
    let play = play.does(0, "APPEND A () <a new message>").crash();
    let play = play.does(1, "SELECT A");
    play.is_right();
    let expected = "\
C1: A001 MOVE 1:* B
<the answer to A001 waits for the journal>
C2: B001 NOOP
<the answer to B001 waits for the journal>
<what A001 did is durable>
S1: * OK [COPYUID 3 1:2 1:2] moved
S1: * 1 EXPUNGE
S1: * 1 EXPUNGE
S1: * 0 EXISTS
S1: A001 OK MOVE completed
S2: * 1 EXPUNGE
S2: * 1 EXPUNGE
S2: * 0 EXISTS
S2: B001 OK NOOP completed
<client 1 reads what it was sent first>
C1: A002 APPEND A () <a new message>
<the answer to A002 waits for the journal>
-- crash --
<what A002 did was not durable>
<client 2 has not read all that it was sent>
<started again: A is empty; B has UID 1 and UID 2 (\\Deleted)>
C2: B002 SELECT A
S2: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
S2: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] flags that are kept
S2: * 0 EXISTS
S2: * 0 RECENT
S2: * OK [UIDVALIDITY 2] UIDs are valid
S2: * OK [UIDNEXT 3] the next UID
S2: B002 OK [READ-WRITE] SELECT completed";
    assert_eq!(transcript(&play.rules, &play.actions), expected);
}

#[test]
fn an_answer_is_said_to_wait_once_however_many_pages_tell_nothing() {
    let setup = Setup {
        crashes: 1,
        pipeline: 2,
        messages: 3,
        ..Setup::new(Scene::Store, Practice::default())
    };
    let play = Play::of(setup)
        .does(1, "UID STORE 1:3 FLAGS (\\Deleted)")
        .all_durable()
        .does(1, "EXPUNGE")
        .does(0, "STORE 1 +FLAGS.SILENT ($Junk)")
        .does(0, "UID STORE 1:3 FLAGS (\\Deleted)");
    let told = transcript(&play.rules, &play.actions);
    for answer in ["the answer to A001 waits", "the answer to A002 waits"] {
        assert_eq!(told.matches(answer).count(), 1, "{told}");
    }
}

#[test]
fn what_the_server_is_about_is_told_by_its_own_tag() {
    let setup = Setup {
        pipeline: 2,
        ..Setup::new(Scene::Fetch, Practice::default())
    };
    let client = 0;
    let process = Action::Process { client };
    let play = Play::of(setup)
        .sends(0, "FETCH 1:* (UID FLAGS BODY.PEEK[])")
        .sends(0, "UID FETCH 1:2 (FLAGS BODY.PEEK[])")
        .does(1, "NOOP")
        .act(process)
        .does(1, "NOOP")
        .act(process)
        .act(process)
        .reads(1)
        .act(process)
        .reads(0)
        .does(0, "IDLE")
        .reads(0)
        .act(Action::Done { client })
        .does(1, "NOOP")
        .act(process);
    let told = transcript(&play.rules, &play.actions);
    let server: Vec<&str> = told
        .lines()
        .filter(|line| line.starts_with("<the server"))
        .collect();
    let expected = [
        "<the server takes A001 of client 1>",
        "<the server goes on with A001 of client 1>",
        "<the server takes A002 of client 1>",
        "<the server goes on with A002 of client 1>",
        "<the server takes A003 of client 1>",
    ];
    assert_eq!(server, expected, "{told}");
}
