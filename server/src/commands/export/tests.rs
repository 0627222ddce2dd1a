//! What is exported and imported again is the same.

use super::*;
use crate::{
    accounts::Seat,
    commands::{
        import::{Delivery, Item, Source, Target},
        mailbox,
    },
    content::{Octets, Part},
    storage::{Storage, memory::Memory},
};
use std::{fs, sync::Arc};
use tandem_model::{
    Command,
    flags::{FlagNames, Flags, Keyword},
    message::InternalDate,
};
use tempfile::TempDir;

const NAMES: [&str; 11] = [
    "INBOX",
    "INBOX/below",
    "Sent",
    "Work/2025/July",
    "v1.0/a.b",
    "Entwürfe & mehr",
    "日本語/☃",
    "../..",
    "&AC4-",
    "cur",
    "Nobody's \"mail\"",
];

/// Line ends, octets and sizes of all kinds.
fn texts() -> [Vec<u8>; 7] {
    [
        b"A: 1\r\n\r\nbody\r\n".to_vec(),
        b"A: 2\n\nonly LF\n".to_vec(),
        b"A: 3\n\r\nmixed\r\rX\r\n".to_vec(),
        b"From a@b Mon Jul  7 09:00:00 2025\r\n>From x\r\n\r\nFrom y\r\n".to_vec(),
        b"no field, no end".to_vec(),
        b"A: \xff\xfe\r\n\r\n\x01\x7f".to_vec(),
        [
            b"A: 7\r\n\r\n".as_slice(),
            &b"0123456789\r\n".repeat(50_000),
        ]
        .concat(),
    ]
}

fn accounts() -> Arc<Accounts> {
    let config = Directory::default().config();
    let storage: Arc<dyn Storage> = Arc::new(Memory::new());
    Accounts::open(config, storage).unwrap()
}

/// In each of these mailboxes a message of each text, with ever other flags and dates.
async fn fill(seat: &mut Seat) {
    let mut number = 0;
    for name in NAMES.map(MailboxName::new) {
        if !name.is_inbox() {
            let mailbox = name.clone();
            seat.command(Command::Create { mailbox }).unwrap();
        }
        for text in texts() {
            number += 1;
            let keywords = ["$Forwarded", "NonJunk", "$Label1"].iter().enumerate();
            let keywords = keywords.filter(|(bit, _)| number & (32 << bit) != 0);
            let flags = FlagNames {
                system: Flags(number & 31),
                keywords: keywords.map(|(_, name)| Keyword((*name).into())).collect(),
            };
            let date = InternalDate::new(number * 86_399, 0);
            seat.append(name.clone(), flags, Some(date), text)
                .await
                .unwrap();
        }
    }
    let mailbox = MailboxName::new("Empty");
    seat.command(Command::Create { mailbox }).unwrap();
}

/// Everything that there is, mailbox by mailbox and message by message.
async fn everything(seat: &mut Seat) -> Vec<(String, Vec<(Vec<u8>, u64, u64, Vec<String>)>)> {
    let mut all = Vec::new();
    for name in mailbox::names(seat).unwrap() {
        let mut messages = Vec::new();
        mailbox::messages(seat, &name, |message, keywords| {
            messages.push((*message, keywords.clone()));
        })
        .unwrap();
        let mut read = Vec::new();
        for (message, keywords) in messages {
            let mut found = seat.read(vec![message.content], Part::Whole).await;
            let Octets::Whole { octets, .. } = found.remove(&message.content).unwrap().octets
            else {
                panic!("not read whole");
            };
            let flags = mailbox::flags(message.flags, &keywords);
            let mut keywords: Vec<_> = flags.keywords.iter().map(|k| k.0.to_string()).collect();
            keywords.sort_unstable();
            read.push((
                octets.to_vec(),
                message.date.seconds(),
                flags.system.0,
                keywords,
            ));
        }
        all.push((name.to_string(), read));
    }
    all
}

async fn export_to(seat: &mut Seat, asked: Option<&str>, path: &std::path::Path) -> Summary {
    let tree = Tree::new(path).unwrap();
    let mut summary = Summary::default();
    Copying::new(seat, &tree, &mut summary)
        .everything(asked.map(MailboxName::new).as_ref())
        .await
        .unwrap();
    summary
}

async fn import_from(seat: Seat, path: &std::path::Path) {
    let mut delivery = Delivery::new(seat);
    for item in Source::new([path.to_owned()], &Target::new(None), 1 << 20) {
        match item {
            Item::Mailbox(name) => delivery.open(&name).await.unwrap(),
            Item::Message(message) => drop(delivery.deliver(message).await.unwrap()),
            Item::Skipped(..) | Item::LeftAlone(..) => panic!("{item:?}"),
        }
    }
    delivery.settle().await.unwrap();
}

#[tokio::test]
async fn an_import_of_an_export_is_the_same() {
    let (accounts, directory) = (accounts(), TempDir::new().unwrap());
    let mut alice = enter(&accounts, "alice").await.unwrap();
    fill(&mut alice).await;
    let target = directory.path().join("Maildir");
    let summary = export_to(&mut alice, None, &target).await;
    assert_eq!((summary.exported, summary.mailboxes), (77, 12), "{summary}");
    assert_eq!(
        (summary.left_out.len(), summary.keywords_lost),
        (0, 0),
        "{summary}"
    );
    assert_eq!(fs::read_dir(target.join("tmp")).unwrap().count(), 0);
    import_from(enter(&accounts, "bob").await.unwrap(), &target).await;
    let mut bob = enter(&accounts, "bob").await.unwrap();
    let (hers, his) = (everything(&mut alice).await, everything(&mut bob).await);
    assert_eq!(hers.len(), 12);
    assert!(hers == his, "{his:?}");
}

#[tokio::test]
async fn a_mailbox_is_exported_with_those_below_it() {
    let (accounts, directory) = (accounts(), TempDir::new().unwrap());
    let mut alice = enter(&accounts, "alice").await.unwrap();
    fill(&mut alice).await;
    let target = directory.path().join("Maildir");
    let summary = export_to(&mut alice, Some("Work/2025"), &target).await;
    assert_eq!((summary.exported, summary.mailboxes), (7, 1), "{summary}");
    assert!(target.join(".July/cur").is_dir());
    let nothing = Tree::new(&directory.path().join("none")).unwrap();
    let mut summary = Summary::default();
    let error = Copying::new(&mut alice, &nothing, &mut summary)
        .everything(Some(&MailboxName::new("Wor")))
        .await;
    assert_eq!(error.unwrap_err(), "no mailbox `Wor`");
}

#[tokio::test]
async fn a_name_that_no_directory_can_have_is_left_out_and_told() {
    let (accounts, directory) = (accounts(), TempDir::new().unwrap());
    let mut alice = enter(&accounts, "alice").await.unwrap();
    let mailbox = MailboxName::new(&"x".repeat(255));
    alice.command(Command::Create { mailbox }).unwrap();
    let summary = export_to(&mut alice, None, &directory.path().join("Maildir")).await;
    assert_eq!(
        (summary.mailboxes, summary.left_out.len()),
        (1, 1),
        "{summary}"
    );
}

#[test]
fn a_directory_with_something_in_it_is_refused_and_stays() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("letter");
    fs::write(&file, "mine").unwrap();
    let error = Tree::new(directory.path()).unwrap_err();
    assert!(
        error.to_string().contains("expected an empty directory"),
        "{error}"
    );
    assert!(Tree::new(&file).is_err());
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}
