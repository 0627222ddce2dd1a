//! What a sequence set may name: message sequence numbers that no message has, UIDs that none has, and what answers to UID commands show.

use super::stage::{Stage, copy, fetch, numbers, search, store, tagged};
use tandem_model::{
    Command, Practice, Response,
    command::{Form, StoreAction},
    flags::Flags,
    number::Uid,
    response::{FetchData, Status},
    sequence_set::{Bound, SequenceSet},
};

#[test]
fn a_number_that_no_message_has_is_bad() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    for set in [
        numbers(4, 4),
        numbers(2, 4),
        SequenceSet::range(Bound::Number(4), Bound::Star),
    ] {
        for command in [
            fetch(set.clone()),
            store(set.clone(), Flags::SEEN, true),
            copy(set.clone(), Form::Sequence),
            search(set.clone(), Form::Sequence),
            search(set.clone(), Form::Uid),
        ] {
            assert_eq!(
                tagged(&stage.run(0, command.clone())),
                (Status::Bad, None),
                "{command:?}"
            );
        }
    }
    let mut empty = Stage::new(Practice::default(), 1, 0);
    for command in [
        fetch(SequenceSet::all()),
        search(SequenceSet::all(), Form::Sequence),
    ] {
        assert_eq!(
            tagged(&empty.run(0, command.clone())).0,
            Status::Bad,
            "{command:?}"
        );
    }
}

#[test]
fn uids_that_no_message_has_are_passed_over() {
    let mut stage = Stage::new(Practice::default(), 1, 3);
    let beyond = || numbers(100, 200);
    let commands = [
        Command::Fetch {
            set: beyond(),
            form: Form::Uid,
            marks_seen: true,
        },
        Command::Store {
            set: beyond(),
            form: Form::Uid,
            action: StoreAction::Add,
            silent: false,
            flags: Flags::SEEN.into(),
        },
        copy(beyond(), Form::Uid),
    ];
    for command in commands {
        let out = stage.run(0, command.clone());
        assert_eq!(out.len(), 1, "{command:?}");
        assert_eq!(tagged(&out), (Status::Ok, None));
    }
}

#[test]
fn responses_to_uid_commands_show_the_uid() {
    let mut stage = Stage::new(Practice::default(), 2, 2);
    let uid_store = |set| Command::Store {
        set,
        form: Form::Uid,
        action: StoreAction::Add,
        silent: false,
        flags: Flags::SEEN.into(),
    };
    let uids = |out: &[Response]| -> Vec<Option<Uid>> {
        out.iter()
            .filter_map(|response| match response {
                Response::Fetch {
                    data: FetchData::Flags { uid, .. },
                    ..
                } => Some(*uid),
                _ => None,
            })
            .collect()
    };
    let out = stage.run(0, uid_store(SequenceSet::one(2)));
    assert_eq!(uids(&out), [Some(Uid(2))]);
    // What another session changed, told by a UID command and by another.
    let out = stage.run(
        1,
        Command::Fetch {
            set: numbers(9, 9),
            form: Form::Uid,
            marks_seen: false,
        },
    );
    assert_eq!(uids(&out), [Some(Uid(2))]);
    stage.run(0, uid_store(SequenceSet::one(1)));
    assert_eq!(uids(&stage.run(1, Command::Noop)), [None]);
    // What comes before the flags that the command sets itself.
    for (form, uid) in [(Form::Uid, Some(Uid(2))), (Form::Sequence, None)] {
        let marking = Command::Fetch {
            set: SequenceSet::one(1),
            form,
            marks_seen: true,
        };
        let storing = Command::Store {
            set: SequenceSet::one(1),
            form,
            action: StoreAction::Add,
            silent: true,
            flags: Flags::DRAFT.into(),
        };
        for (command, action) in [
            (&marking, StoreAction::Remove),
            (&storing, StoreAction::Add),
        ] {
            let others = Command::Store {
                set: SequenceSet::one(2),
                form: Form::Sequence,
                action,
                silent: true,
                flags: Flags::SEEN.into(),
            };
            stage.run(0, others);
            assert_eq!(uids(&stage.run(1, command.clone())), [uid], "{command:?}");
        }
    }
}
