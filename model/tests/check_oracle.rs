//! The oracle believes what a correct server says, and nothing else: hand-written sequences of responses, each
//! with the property that the last of them breaks. Feature `check`.
#![cfg(feature = "check")]
#![expect(
    clippy::expect_used,
    reason = "the helpers of tests may panic as tests do"
)]

use std::sync::Arc;
use tandem_model::{
    Command, Response, SearchKey,
    check::{Property, client::Client},
    command::{Form, StoreAction},
    flags::Flags,
    message::{InternalDate, Message},
    name::MailboxName,
    number::{ContentId, ModSeq, SeqNum, Uid, UidValidity},
    response::{Candidate, Code, FetchData, SearchPage, Status},
    search_key::Numbers,
    sequence_set::{Bound, SequenceSet},
};

fn fetch() -> Command {
    Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Sequence,
        marks_seen: false,
    }
}

fn store(set: SequenceSet, form: Form, action: StoreAction, flags: Flags) -> Command {
    Command::Store {
        set,
        form,
        action,
        silent: true,
        flags: flags.into(),
    }
}

fn ok() -> Response {
    Response::Tagged(Status::Ok, None, "")
}

fn no() -> Response {
    Response::Tagged(Status::No, None, "")
}

fn code(code: Code) -> Response {
    Response::Untagged(Status::Ok, Some(code), "")
}

fn expunge(number: u32) -> Response {
    Response::Expunge(SeqNum(number))
}

fn shown(number: u32, uid: u32, content: u64, flags: Flags) -> Response {
    let message = Message {
        uid: Uid(uid),
        size: 1,
        modseq: ModSeq(1),
        flags,
        date: InternalDate::default(),
        content: ContentId(content),
    };
    let data = FetchData::Message {
        message,
        recent: false,
        seen_now: false,
    };
    Response::Fetch {
        seq: SeqNum(number),
        data,
    }
}

fn flags(number: u32, flags: Flags) -> Response {
    Response::Fetch {
        seq: SeqNum(number),
        data: FetchData::Flags {
            flags,
            recent: false,
            uid: None,
        },
    }
}

/// A client that has selected a mailbox of three messages, UIDs 1, 3 and 5, and has been shown all of them.
fn client() -> Client {
    let mut client = Client::new();
    let select = Command::Select {
        mailbox: MailboxName::new("A"),
        read_only: false,
    };
    let opened = [
        Response::Exists(3),
        Response::Recent(0),
        code(Code::UidValidity(UidValidity(1))),
        code(Code::UidNext(Uid(6))),
        ok(),
    ];
    hear(&mut client, Some(select), &opened).expect("SELECT is right");
    let all = [
        shown(1, 1, 11, Flags::NONE),
        shown(2, 3, 12, Flags::SEEN),
        shown(3, 5, 13, Flags::NONE),
        ok(),
    ];
    hear(&mut client, Some(fetch()), &all).expect("FETCH is right");
    client
}

fn hear(
    client: &mut Client,
    command: Option<Command>,
    responses: &[Response],
) -> Result<(), Property> {
    if let Some(command) = command {
        client.send(Arc::new(command));
    }
    responses.iter().try_for_each(|response| {
        client
            .receive(response)
            .map(drop)
            .map_err(|finding| finding.property)
    })
}

/// What the client makes of the responses to a command.
fn told(command: Option<Command>, responses: &[Response]) -> Result<Client, Property> {
    let mut client = client();
    hear(&mut client, command, responses).map(|()| client)
}

fn uids(client: &Client) -> Vec<Option<u32>> {
    client
        .slots()
        .iter()
        .map(|slot| slot.uid.map(|uid| uid.0))
        .collect()
}

#[test]
fn expunge_takes_one_message_out_and_exists_adds_unknown_ones() {
    let responses = [expunge(1), expunge(1), Response::Exists(3), ok()];
    let client = told(Some(Command::Noop), &responses).unwrap();
    assert_eq!(uids(&client), [Some(5), None, None]);
}

#[test]
fn expunge_needs_a_command_that_permits_it() {
    let broken = Err(Property::ExpungePermitted);
    assert_eq!(told(None, &[expunge(1)]).map(drop), broken);
    assert_eq!(told(Some(fetch()), &[expunge(1)]).map(drop), broken);
    let search = |form| Command::Search {
        key: SearchKey::ALL,
        form,
    };
    assert_eq!(
        told(Some(search(Form::Sequence)), &[expunge(1)]).map(drop),
        broken
    );
    let store = |form| store(SequenceSet::one(1), form, StoreAction::Add, Flags::SEEN);
    assert_eq!(
        told(Some(store(Form::Sequence)), &[expunge(1)]).map(drop),
        broken
    );
    for permits in [
        search(Form::Uid),
        store(Form::Uid),
        Command::Idle,
        Command::Expunge { uids: None },
    ] {
        assert!(told(Some(permits), &[expunge(1)]).is_ok());
    }
    // Its answer has come: it is not in progress any more.
    assert_eq!(
        told(Some(Command::Noop), &[ok(), expunge(1)]).map(drop),
        broken
    );
}

#[test]
fn expunge_of_a_number_that_is_not_held_is_refused() {
    let broken = Err(Property::ExpungeNamesGone);
    assert_eq!(told(Some(Command::Noop), &[expunge(4)]).map(drop), broken);
    assert_eq!(told(Some(Command::Noop), &[expunge(0)]).map(drop), broken);
    let twice = [expunge(3), expunge(3)];
    assert_eq!(told(Some(Command::Noop), &twice).map(drop), broken);
}

#[test]
fn exists_does_not_shrink_and_recent_is_not_above_it() {
    let broken = Err(Property::ExistsCounts);
    assert_eq!(
        told(Some(Command::Noop), &[Response::Exists(2)]).map(drop),
        broken
    );
    assert_eq!(
        told(Some(Command::Noop), &[Response::Recent(4)]).map(drop),
        broken
    );
    assert_eq!(
        told(Some(Command::Unselect), &[ok(), Response::Exists(3)]).map(drop),
        broken
    );
}

#[test]
fn fetch_is_about_the_message_held() {
    let broken = Err(Property::FetchAboutHeld);
    assert_eq!(
        told(Some(fetch()), &[shown(1, 3, 12, Flags::NONE)]).map(drop),
        broken
    );
    assert_eq!(
        told(Some(fetch()), &[shown(1, 1, 12, Flags::NONE)]).map(drop),
        broken
    );
    assert_eq!(
        told(Some(fetch()), &[shown(4, 7, 14, Flags::NONE)]).map(drop),
        broken
    );
    let nil = Response::Fetch {
        seq: SeqNum(2),
        data: FetchData::Nil { uid: Uid(1) },
    };
    assert_eq!(told(Some(fetch()), &[nil]).map(drop), broken);
    let found = Candidate {
        number: 4,
        unjudged: None,
    };
    let page = Response::Search(SearchPage {
        candidates: vec![found],
        key: None,
        last: true,
    });
    let search = Command::Search {
        key: SearchKey::ALL,
        form: Form::Sequence,
    };
    assert_eq!(told(Some(search), &[page]).map(drop), broken);
}

#[test]
fn uids_ascend_and_new_ones_are_new() {
    let broken = Err(Property::UidsStay);
    let arrives = |uid| [Response::Exists(4), ok(), shown(4, uid, 14, Flags::NONE)];
    // 5 was UIDNEXT's: below what SELECT promised.
    assert_eq!(told(Some(Command::Noop), &arrives(5)).map(drop), broken);
    assert!(told(Some(Command::Noop), &arrives(6)).is_ok());
    // The UID of a message that is gone.
    let again = [
        expunge(3),
        Response::Exists(3),
        ok(),
        shown(3, 5, 14, Flags::NONE),
    ];
    assert_eq!(told(Some(Command::Noop), &again).map(drop), broken);
    assert_eq!(told(None, &[code(Code::UidNext(Uid(5)))]).map(drop), broken);
    // A message that the client knows stands between others that it does not know yet.
    let between = |number, uid| {
        let arrives = [Response::Exists(6), ok(), shown(5, 9, 15, Flags::NONE)];
        let mut client = told(Some(Command::Noop), &arrives).expect("they are new");
        hear(&mut client, None, &[shown(number, uid, 16, Flags::NONE)])
    };
    assert_eq!(between(4, 9), Err(Property::UidsStay));
    assert_eq!(between(4, 10), Err(Property::UidsStay));
    assert_eq!(between(4, 8), Ok(()));
    assert_eq!(between(6, 9), Err(Property::UidsStay));
    assert_eq!(between(6, 8), Err(Property::UidsStay));
    assert_eq!(between(6, 10), Ok(()));
}

#[test]
fn every_answer_belongs_to_a_command_and_none_follows_bye() {
    let broken = Err(Property::Answered);
    assert_eq!(told(None, &[ok()]).map(drop), broken);
    assert_eq!(
        told(Some(Command::Noop), &[Response::Continue("")]).map(drop),
        broken
    );
    assert_eq!(
        told(None, &[Response::Bye(""), Response::Exists(3)]).map(drop),
        broken
    );
    assert_eq!(
        told(Some(Command::Noop), &[Response::Bye(""), ok()]).map(drop),
        broken
    );
    let out = told(Some(Command::Logout), &[Response::Bye(""), ok()]).unwrap();
    assert!(out.is_over() && out.picture().is_none());
}

#[test]
fn a_client_whose_connection_is_gone_says_and_believes_nothing() {
    let mut client = client();
    client.lose();
    assert!(client.is_over() && client.picture().is_none());
    assert!(!client.may_send(&Command::Noop, 1));
    let broken = Err(Property::Answered);
    assert_eq!(hear(&mut client, None, &[Response::Exists(3)]), broken);
}

#[test]
fn what_is_known_beside_the_responses_must_agree_with_them() {
    let message = |uid, content| (Uid(uid), ContentId(content));
    let mut client = client();
    assert!(
        client
            .learn(&[message(1, 11), message(3, 12), message(5, 13)])
            .is_ok()
    );
    let fewer = client.learn(&[message(1, 11)]).unwrap_err();
    assert_eq!(fewer.property, Property::NumbersAgree);
    let other = client
        .learn(&[message(1, 11), message(3, 13), message(5, 13)])
        .unwrap_err();
    assert_eq!(other.property, Property::FetchAboutHeld);
}

#[test]
fn a_silent_store_is_believed_once_it_is_answered_with_ok() {
    let held = |client: &Client| {
        client
            .slots()
            .iter()
            .map(|slot| slot.flags)
            .collect::<Vec<_>>()
    };
    let both = Flags::SEEN.with(Flags::FLAGGED);
    let (none, seen, flagged) = (Some(Flags::NONE), Some(Flags::SEEN), Some(Flags::FLAGGED));
    let add = || {
        store(
            SequenceSet::range(Bound::Star, Bound::Number(2)),
            Form::Sequence,
            StoreAction::Add,
            Flags::FLAGGED,
        )
    };
    assert_eq!(
        held(&told(Some(add()), &[ok()]).unwrap()),
        [none, Some(both), flagged]
    );
    assert_eq!(
        held(&told(Some(add()), &[no()]).unwrap()),
        [none, seen, none]
    );
    let reported = told(Some(add()), &[flags(3, Flags::SEEN), ok()]).unwrap();
    assert_eq!(held(&reported), [none, Some(both), Some(both)]);
    let replace = store(
        SequenceSet::one(3),
        Form::Uid,
        StoreAction::Replace,
        Flags::FLAGGED,
    );
    assert_eq!(
        held(&told(Some(replace), &[ok()]).unwrap()),
        [none, flagged, none]
    );
}

#[test]
fn no_numbers_are_sent_behind_a_command_that_permits_expunge() {
    let copy = |form| Command::Copy {
        set: SequenceSet::one(1),
        form,
        mailbox: MailboxName::new("B"),
    };
    let may = |before: Command, after: &Command| {
        let mut client = client();
        client.send(Arc::new(before));
        client.may_send(after, 2)
    };
    // RFC 9051 section 5.5's own examples.
    assert!(may(fetch(), &fetch()));
    assert!(may(fetch(), &Command::Noop));
    assert!(may(copy(Form::Sequence), &Command::Expunge { uids: None }));
    assert!(!may(Command::Noop, &fetch()));
    assert!(!may(copy(Form::Sequence), &fetch()));
    assert!(!may(copy(Form::Sequence), &copy(Form::Sequence)));
    assert!(!may(Command::Check, &fetch()));
    assert!(may(Command::Noop, &copy(Form::Uid)));
    assert!(!may(Command::Idle, &Command::Noop));
    // In the keys of SEARCH as well, however deep.
    let search = |key| Command::Search {
        key,
        form: Form::Uid,
    };
    let flag = || SearchKey::Flags(Flags::SEEN);
    let number = || SearchKey::Sequence(Numbers::Asked(SequenceSet::one(1)));
    for (key, sent) in [
        (SearchKey::And(vec![flag(), number()]), false),
        (SearchKey::And(vec![flag(), flag()]), true),
        (SearchKey::Or(number().into(), flag().into()), false),
        (SearchKey::Or(flag().into(), number().into()), false),
        (SearchKey::Or(flag().into(), flag().into()), true),
        (SearchKey::Not(number().into()), false),
        (SearchKey::Not(flag().into()), true),
    ] {
        assert_eq!(may(Command::Noop, &search(key)), sent);
    }
}
