//! Accounts above storage in memory.

mod snapshots;
mod staged;

use super::*;
use crate::storage::{self, journal::Writer, memory::Memory};
use tandem_model::{
    Change, Command, Input, Response,
    command::Form,
    flags::Flags,
    name::MailboxName,
    number::{MailboxId, Position},
    response::{Code, FetchData, Status},
    sequence_set::SequenceSet,
};

fn on(storage: &Arc<Memory>, change: impl FnOnce(&mut Config)) -> Arc<Accounts> {
    let mut config = Config::default();
    change(&mut config);
    Accounts::open(config, Arc::clone(storage) as Arc<dyn Storage>).unwrap()
}

fn accounts(change: impl FnOnce(&mut Config)) -> Arc<Accounts> {
    on(&Arc::new(Memory::new()), change)
}

#[tokio::test]
async fn only_the_right_password_opens_an_account() {
    let accounts = accounts(|_| {});
    for (name, password) in [
        ("demo", "Demo"),
        ("demo", ""),
        ("demo", "demodemo"),
        ("nobody", "unknown"),
        ("", ""),
    ] {
        assert_eq!(
            accounts.login(name, password.as_bytes(), None).await.err(),
            Some(Refusal::Credentials),
            "{name} {password}"
        );
    }
    assert!(accounts.login("demo", b"demo", None).await.is_ok());
}

/// A session that has done these commands.
async fn seat(accounts: &Arc<Accounts>, commands: impl IntoIterator<Item = Command>) -> Seat {
    let mut seat = accounts.login("demo", b"demo", None).await.ok().unwrap();
    for command in commands {
        seat.command(command).unwrap();
    }
    seat
}

fn select() -> Command {
    Command::Select {
        mailbox: MailboxName::inbox(),
        read_only: false,
    }
}

fn fetch() -> Command {
    Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Sequence,
        marks_seen: false,
    }
}

const EXPUNGE: Command = Command::Expunge { uids: None };

async fn append(seat: &mut Seat, mailbox: &str) -> Page {
    let (mailbox, flags) = (MailboxName::new(mailbox), Flags::DELETED.into());
    seat.append(mailbox, flags, None, b"\r\nx".to_vec())
        .await
        .unwrap()
}

/// Everything up to now has been committed, and what follows from it as well.
async fn settle(accounts: &Arc<Accounts>) {
    for _ in 0..2 {
        let (done, all) = tokio::sync::oneshot::channel::<()>();
        accounts.journal.then(move || drop(done));
        let _ = all.await;
    }
}

fn contents(storage: &Memory) -> usize {
    let owners = storage.owners().unwrap();
    owners
        .iter()
        .map(|owner| storage.references(owner.account).unwrap().len())
        .sum()
}

#[tokio::test]
async fn a_message_that_was_not_taken_is_not_kept() {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| config.demo = false);
    let mut seat = seat(&accounts, []).await;
    append(&mut seat, "nowhere").await;
    let large = vec![b'x'; crate::storage::PIECE * 2];
    let nowhere = MailboxName::new("nowhere");
    seat.append(nowhere, Flags::NONE.into(), None, large)
        .await
        .unwrap();
    settle(&accounts).await;
    assert_eq!(contents(&storage), 0);
}

#[tokio::test]
async fn content_is_kept_while_a_mailbox_or_a_session_has_its_message() {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| config.demo = false);
    let copies = |form| Command::Copy {
        set: SequenceSet::all(),
        form,
        mailbox: MailboxName::inbox(),
    };
    append(&mut seat(&accounts, []).await, "INBOX").await;
    let mut first = seat(&accounts, [select(), copies(Form::Sequence)]).await;
    let second = seat(&accounts, [select()]).await;
    settle(&accounts).await;
    assert_eq!(contents(&storage), 1);
    first.command(EXPUNGE).unwrap();
    settle(&accounts).await;
    assert_eq!(contents(&storage), 1, "the second has not been told");
    drop(second);
    settle(&accounts).await;
    assert_eq!(contents(&storage), 0);
}

/// A machine whose journal is written when it is told to.
#[derive(Debug, Default)]
struct ByHand(Mutex<Option<Writer>>);

impl Machine for ByHand {
    fn now(&self) -> u64 {
        Host.now()
    }

    fn work(&self, work: Box<dyn FnOnce() + Send>) {
        work();
    }

    fn write(&self, writer: Writer) -> std::io::Result<Option<std::thread::JoinHandle<()>>> {
        *self.0.lock().unwrap() = Some(writer);
        Ok(None)
    }
}

#[tokio::test]
async fn what_a_session_is_owed_is_kept_though_a_copy_of_it_was_let_go_before() {
    let (machine, storage) = (Arc::new(ByHand::default()), Arc::new(Memory::new()));
    let config = Config {
        demo: false,
        ..Config::default()
    };
    let accounts = Accounts::open_on(machine.clone(), config, storage.clone()).unwrap();
    let commit = || {
        let mut writer = machine.0.lock().unwrap();
        assert!(!writer.as_mut().unwrap().turn(usize::MAX));
    };
    append(&mut seat(&accounts, []).await, "INBOX").await;
    let copy = Command::Copy {
        set: SequenceSet::all(),
        form: Form::Sequence,
        mailbox: MailboxName::inbox(),
    };
    let mut first = seat(&accounts, [select(), copy]).await;
    let mut second = seat(&accounts, [select()]).await;
    commit();
    let one = Command::Expunge {
        uids: Some(SequenceSet::one(1)),
    };
    first.command(one).unwrap();
    // The first message is owed to nobody any more, and lets its content go; then the copy haunts.
    second.command(Command::Noop).unwrap();
    second.command(EXPUNGE).unwrap();
    commit();
    assert_eq!(contents(&storage), 1, "the first has not been told");
    first.command(Command::Noop).unwrap();
    commit();
    assert_eq!(contents(&storage), 0);
}

#[tokio::test]
async fn what_is_expunged_from_a_deleted_mailbox_goes_once() {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| config.demo = false);
    let mailbox = || MailboxName::new("A");
    let select = || Command::Select {
        mailbox: mailbox(),
        read_only: false,
    };
    let create = Command::Create { mailbox: mailbox() };
    let mut first = seat(&accounts, [create]).await;
    append(&mut first, "A").await;
    append(&mut first, "A").await;
    first.command(select()).unwrap();
    let mut second = seat(&accounts, [select()]).await;
    first
        .command(Command::Delete { mailbox: mailbox() })
        .unwrap();
    let page = first.command(EXPUNGE).unwrap();
    assert_eq!(first.settled(&page).await, Ok(()));
    settle(&accounts).await;
    assert_eq!(contents(&storage), 2, "the second has not been told");
    let page = second.command(Command::Noop).unwrap();
    assert_eq!(second.settled(&page).await, Ok(()));
    settle(&accounts).await;
    assert_eq!(contents(&storage), 0);
}

#[tokio::test]
async fn what_a_page_shows_can_be_read_while_the_page_is_there() {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| config.demo = false);
    let mut first = seat(&accounts, []).await;
    append(&mut first, "INBOX").await;
    first.command(select()).unwrap();
    let page = first.command(fetch()).unwrap();
    let Some(Response::Fetch {
        data: FetchData::Message { message, .. },
        ..
    }) = page.responses.first()
    else {
        panic!("{page:?}");
    };
    let id = message.content;
    drop(first.command(EXPUNGE).unwrap());
    drop(first);
    settle(&accounts).await;
    assert_eq!(contents(&storage), 1);
    drop(page);
    settle(&accounts).await;
    assert_eq!(contents(&storage), 0);
    assert_eq!(storage.read(id, crate::content::Part::Whole), Ok(None));
}

#[tokio::test]
async fn nobody_rings_where_nobody_is() {
    let accounts = accounts(|_| {});
    let first = seat(&accounts, [select()]).await;
    let mut second = seat(&accounts, [select()]).await;
    let account = Arc::clone(accounts.places()["demo"].get().unwrap());
    let bells = || account.locked().ok().unwrap().bells();
    assert_eq!(bells(), 1);
    drop(first);
    assert_eq!(bells(), 1);
    second.command(Command::Unselect).unwrap();
    assert_eq!(bells(), 0);
}

#[tokio::test]
async fn a_session_wakes_when_idle_by_others_and_else_by_eviction_only() {
    let accounts = accounts(|config| {
        config.limits.ghosts = 1;
        config.demo = false;
    });
    let mut other = seat(&accounts, [select()]).await;
    let mut idle = seat(&accounts, [select(), Command::Idle]).await;
    let mut ready = seat(&accounts, [select()]).await;
    let is_woken = async |seat: &mut Seat| {
        tokio::select! {
            biased;
            woken = seat.woken() => woken.is_ok(),
            () = std::future::ready(()) => false,
        }
    };
    assert!(!is_woken(&mut idle).await);
    append(&mut other, "INBOX").await;
    assert!(is_woken(&mut idle).await && !is_woken(&mut ready).await);
    assert!(!idle.step(Input::Wake).unwrap().responses.is_empty());
    assert!(!is_woken(&mut idle).await);
    append(&mut other, "INBOX").await;
    ready.command(Command::Noop).unwrap();
    other.command(EXPUNGE).unwrap();
    assert!(is_woken(&mut ready).await);
    let page = ready.step(Input::Wake).unwrap();
    assert!(matches!(page.responses[..], [Response::Bye(_)]));
}

#[tokio::test]
async fn a_user_has_so_many_connections_and_no_more() {
    let accounts = accounts(|config| config.limits.connections_per_user = 2);
    let first = accounts.login("demo", b"demo", None).await;
    let second = accounts.login("demo", b"demo", None).await;
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(
        accounts.login("demo", b"demo", None).await.err(),
        Some(Refusal::TooMany)
    );
    drop(first);
    assert!(accounts.login("demo", b"demo", None).await.is_ok());
}

#[tokio::test]
async fn an_account_that_failed_is_not_used_again() {
    let accounts = accounts(|_| {});
    let mut seat = accounts.login("demo", b"demo", None).await.ok().unwrap();
    let account = Arc::clone(accounts.places()["demo"].get().unwrap());
    let failed = std::thread::spawn(move || {
        let _state = account.locked();
        panic!("inside of a step");
    });
    assert!(failed.join().is_err());
    assert_eq!(seat.step(Input::Wake).err(), Some(Lost));
    assert_eq!(
        accounts.login("demo", b"demo", None).await.err(),
        Some(Refusal::Lost)
    );
}

#[tokio::test]
async fn an_account_is_closed_after_its_last_session_and_comes_back_as_it_was() {
    let accounts = accounts(|config| config.demo = false);
    append(&mut seat(&accounts, []).await, "INBOX").await;
    settle(&accounts).await;
    assert!(accounts.places().is_empty());
    let mut again = seat(&accounts, []).await;
    let page = again.command(select()).unwrap();
    assert!(page.responses.contains(&Response::Exists(1)));
}

#[tokio::test]
async fn everything_is_there_after_the_end() {
    let storage = Arc::new(Memory::new());
    let before = on(&storage, |config| config.demo = false);
    append(&mut seat(&before, []).await, "INBOX").await;
    before.close().await;
    let after = on(&storage, |config| config.demo = false);
    let page = seat(&after, []).await.command(select()).unwrap();
    assert!(page.responses.contains(&Response::Exists(1)));
}

#[tokio::test]
async fn samples_are_put_into_a_new_account_and_not_again() {
    let storage = Arc::new(Memory::new());
    let samples = u32::try_from(sample::messages().len()).unwrap();
    for _ in 0..2 {
        let accounts = on(&storage, |_| {});
        let page = seat(&accounts, []).await.command(select()).unwrap();
        assert!(page.responses.contains(&Response::Exists(samples)));
        accounts.close().await;
    }
}

#[tokio::test]
async fn an_account_that_breaks_an_invariant_is_not_opened() {
    let storage = Arc::new(Memory::new());
    let opens = async || {
        let accounts = on(&storage, |config| config.demo = false);
        let opened = accounts.login("demo", b"demo", None).await;
        let is_open = opened.is_ok();
        drop(opened);
        accounts.close().await;
        is_open
    };
    assert!(opens().await);
    let owner = storage.owner("demo").unwrap().unwrap();
    let (mut uid_validity, mut position) = (None, Position(0));
    let mut look = |loaded| {
        if let storage::Loaded::Batch(at, changes) = loaded {
            position = at;
            uid_validity = changes.iter().find_map(|change| match change {
                Change::Created { uid_validity, .. } => Some(*uid_validity),
                _ => None,
            });
        }
    };
    storage.load(owner.account, &mut look).unwrap();
    assert!(opens().await, "what was read of it is sound");
    let twin = Change::Created {
        name: MailboxName::new("twin"),
        mailbox: MailboxId(2),
        uid_validity: uid_validity.unwrap(),
    };
    let batch = storage::Batch {
        account: owner.account,
        position: position.next(),
        changes: vec![twin],
        contents: Vec::new(),
        dropped: Vec::new(),
    };
    storage.commit(&[storage::Entry::Batch(batch)]).unwrap();
    assert!(!opens().await);
}

#[tokio::test]
async fn a_snapshot_takes_the_place_of_a_long_journal() {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| config.demo = false);
    let mut seat = seat(&accounts, []).await;
    append(&mut seat, "INBOX").await;
    seat.command(select()).unwrap();
    let copy = || Command::Copy {
        set: SequenceSet::all(),
        form: Form::Sequence,
        mailbox: MailboxName::inbox(),
    };
    for _ in 0..14 {
        seat.command(copy()).unwrap();
    }
    let page = seat.command(copy()).unwrap();
    assert!(matches!(
        page.responses.last(),
        Some(Response::Tagged(Status::Ok, Some(Code::CopyUid(..)), _))
    ));
    seat.settled(&page).await.unwrap();
    drop(seat);
    accounts.close().await;
    let owner = storage.owner("demo").unwrap().unwrap();
    let (mut snapshot, mut batches) = (0, 0);
    storage
        .load(owner.account, &mut |loaded| match loaded {
            crate::storage::Loaded::Snapshot(..) => snapshot += 1,
            crate::storage::Loaded::Batch(..) => batches += 1,
        })
        .unwrap();
    assert!(snapshot > 0 && batches < 16, "{snapshot} {batches}");
}

/// A machine on which work that blocks waits until it is told to go on.
#[derive(Debug, Default)]
struct Slow(Mutex<Waiting>);

#[derive(Default)]
struct Waiting(Vec<Box<dyn FnOnce() + Send>>);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Waiting").field(&self.0.len()).finish()
    }
}

impl Machine for Slow {
    fn now(&self) -> u64 {
        Host.now()
    }

    fn work(&self, work: Box<dyn FnOnce() + Send>) {
        self.0.lock().unwrap().0.push(work);
    }

    fn write(&self, writer: Writer) -> std::io::Result<Option<std::thread::JoinHandle<()>>> {
        Host.write(writer)
    }
}

#[tokio::test]
async fn a_new_account_is_founded_once_though_who_asked_first_has_gone() {
    let (machine, storage) = (Arc::new(Slow::default()), Arc::new(Memory::new()));
    let config = Config {
        demo: false,
        ..Config::default()
    };
    let accounts = Accounts::open_on(machine.clone(), config, storage).unwrap();
    // Comes as far as the reading, of which so many have been asked for then.
    async fn ask(machine: &Slow, entering: impl Future, count: usize) {
        tokio::select! {
            biased;
            _ = entering => panic!("nothing has been read"),
            () = tokio::task::yield_now() => {}
        }
        assert_eq!(machine.0.lock().unwrap().0.len(), count);
    }
    ask(&machine, accounts.enter("demo"), 1).await;
    let mut second = std::pin::pin!(accounts.enter("demo"));
    ask(&machine, &mut second, 2).await;
    let work = std::mem::take(&mut machine.0.lock().unwrap().0);
    work.into_iter().for_each(|work| work());
    let mut seat = second.await.unwrap();
    let create = Command::Create {
        mailbox: MailboxName::new("a"),
    };
    let page = seat.command(create).unwrap();
    seat.settled(&page).await.unwrap();
    assert_eq!(accounts.room(), Room::Free);
}
