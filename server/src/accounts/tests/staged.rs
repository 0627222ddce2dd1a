//! Messages whose contents come to storage in pieces, ahead of the mailbox that has them.

use super::*;
use crate::{
    content::{Found, Part},
    storage::{AccountId, Entry, Loaded, PIECE},
};

/// Memory, with a note of the contents that it was asked to let go.
#[derive(Debug, Default)]
struct Noting {
    memory: Memory,
    collected: Mutex<Vec<ContentId>>,
}

impl Storage for Noting {
    fn commit(&self, entries: &[Entry]) -> Result<(), Failure> {
        for entry in entries {
            if let Entry::Collect { contents } = entry {
                self.collected.lock().unwrap().extend(contents);
            }
        }
        self.memory.commit(entries)
    }

    fn load(&self, account: AccountId, fold: &mut dyn FnMut(Loaded)) -> Result<(), Failure> {
        self.memory.load(account, fold)
    }

    fn read(&self, content: ContentId, part: Part) -> Result<Option<Found>, Failure> {
        self.memory.read(content, part)
    }

    fn last_content(&self) -> Result<ContentId, Failure> {
        self.memory.last_content()
    }

    fn owners(&self) -> Result<Vec<Owner>, Failure> {
        self.memory.owners()
    }

    fn owner(&self, name: &str) -> Result<Option<Owner>, Failure> {
        self.memory.owner(name)
    }

    fn add_owner(&self, name: &str, password: Option<&str>) -> Result<Owner, Failure> {
        self.memory.add_owner(name, password)
    }

    fn set_password(&self, account: AccountId, password: Option<&str>) -> Result<(), Failure> {
        self.memory.set_password(account, password)
    }

    fn remove_owner(&self, account: AccountId) -> Result<(), Failure> {
        self.memory.remove_owner(account)
    }

    fn references(&self, account: AccountId) -> Result<Vec<(ContentId, u64)>, Failure> {
        self.memory.references(account)
    }

    fn correct(&self, content: ContentId, references: u64) -> Result<(), Failure> {
        self.memory.correct(content, references)
    }

    fn examine(&self) -> Result<Vec<String>, Failure> {
        self.memory.examine()
    }

    fn use_reserve(&self) -> bool {
        self.memory.use_reserve()
    }

    fn restore_reserve(&self) -> Result<(), Failure> {
        self.memory.restore_reserve()
    }
}

/// Appends a message that comes in pieces.
async fn append_large(seat: &mut Seat, mailbox: &str) -> Page {
    let (mailbox, flags) = (MailboxName::new(mailbox), Flags::DELETED.into());
    let large = vec![b'x'; PIECE * 2];
    seat.append(mailbox, flags, None, large).await.unwrap()
}

/// Between a step and what is put into the queue after it, another session may have its turn, and expunge the message while somebody is still owed it: so
/// the queue must not hear of a content that a mailbox has taken.
#[tokio::test]
async fn a_content_that_a_mailbox_took_is_named_only_when_nobody_is_owed_it() {
    let storage = Arc::new(Noting::default());
    let config = Config {
        demo: false,
        ..Config::default()
    };
    let accounts = Accounts::open(config, Arc::clone(&storage) as _).unwrap();
    let collected = || storage.collected.lock().unwrap().clone();
    let mut first = seat(&accounts, [select()]).await;
    append_large(&mut first, "INBOX").await;
    let second = seat(&accounts, [select()]).await;
    settle(&accounts).await;
    assert_eq!(collected(), []);
    first.command(EXPUNGE).unwrap();
    settle(&accounts).await;
    assert_eq!(collected(), [], "the second has not been told");
    drop(second);
    settle(&accounts).await;
    assert_eq!(collected(), [ContentId(1)]);
    append_large(&mut first, "nowhere").await;
    settle(&accounts).await;
    assert_eq!(collected(), [1, 2].map(ContentId));
}

#[tokio::test]
async fn a_content_is_let_go_whose_append_was_given_up_while_it_came() {
    let (machine, storage) = (Arc::new(ByHand::default()), Arc::new(Memory::new()));
    let config = Config {
        demo: false,
        ..Config::default()
    };
    let accounts = Accounts::open_on(machine.clone(), config, storage.clone()).unwrap();
    let mut seat = seat(&accounts, []).await;
    tokio::select! {
        biased;
        _ = append_large(&mut seat, "INBOX") => panic!("nothing has been committed"),
        () = tokio::task::yield_now() => {}
    }
    let mut writer = machine.0.lock().unwrap().take().unwrap();
    // As many entries as pieces first: some are there when it is let go.
    assert!(!writer.turn(2) && !writer.turn(usize::MAX));
    assert_eq!(contents(&storage), 0);
}
