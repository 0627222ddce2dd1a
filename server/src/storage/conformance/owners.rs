//! Who has accounts.

use super::{Ground, arrival, is_damaged, mark};
use crate::{
    content::Part,
    storage::{Entry, Owner},
};
use tandem_model::number::{ContentId, Position};

pub(crate) fn owners_are_found_by_name(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    assert_eq!(ground.storage.owners(), Ok(vec![]));
    let zoe = ground
        .storage
        .add_owner("zoë", Some("$argon2id$z"))
        .unwrap();
    let anna = ground.storage.add_owner("anna", None).unwrap();
    assert_eq!(zoe.name, "zoë");
    assert_eq!(zoe.password.as_deref(), Some("$argon2id$z"));
    ground.reopen();
    assert_eq!(ground.storage.owners(), Ok(vec![anna.clone(), zoe.clone()]));
    assert_eq!(ground.storage.owner("zoë"), Ok(Some(zoe)));
    assert_eq!(ground.storage.owner("anna"), Ok(Some(anna)));
    // Names are as they are written.
    for nobody in ["Anna", "ann", "", "anna ", "an%", "anna\0"] {
        assert_eq!(ground.storage.owner(nobody), Ok(None));
    }
}

pub(crate) fn a_name_is_given_once(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let account = ground.add("anna");
    assert!(is_damaged(&ground.storage.add_owner("anna", Some("other"))));
    let anna = Owner {
        account,
        name: "anna".to_owned(),
        password: None,
    };
    assert_eq!(ground.storage.owners(), Ok(vec![anna]));
    ground.add("Anna");
    assert_eq!(ground.storage.owners().unwrap().len(), 2);
}

pub(crate) fn a_password_changes(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    for password in [Some("one"), Some("two"), None] {
        ground.storage.set_password(anna, password).unwrap();
        ground.reopen();
        let found = ground.storage.owner("anna").unwrap().unwrap();
        assert_eq!(found.password.as_deref(), password);
    }
    ground.storage.set_password(berta, Some("three")).unwrap();
    ground.storage.remove_owner(anna).unwrap();
    assert!(is_damaged(&ground.storage.set_password(anna, None)));
    let berta = ground.storage.owner("berta").unwrap().unwrap();
    assert_eq!(berta.password.as_deref(), Some("three"));
}

pub(crate) fn who_is_removed_leaves_nothing(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let (anna, berta) = (ground.add("anna"), ground.add("berta"));
    let many: Vec<u64> = (1..=30).collect();
    let snapshot = |number, last| Entry::Snapshot {
        account: anna,
        position: Position(1),
        number,
        changes: vec![],
        last,
    };
    ground
        .commit(&[
            Entry::Batch(arrival(anna, 1, &many)),
            Entry::Batch(arrival(berta, 1, &[31])),
            snapshot(0, true),
            snapshot(0, false),
            Entry::Batch(mark(anna, 2)),
        ])
        .unwrap();
    ground.storage.remove_owner(anna).unwrap();
    assert!(is_damaged(&ground.storage.remove_owner(anna)));
    assert!(is_damaged(&ground.load(anna)));
    assert!(is_damaged(&ground.commit(&[Entry::Batch(mark(anna, 3))])));
    assert_eq!(ground.storage.owner("anna"), Ok(None));
    assert_eq!(ground.storage.references(anna), Ok(vec![]));
    assert_eq!(ground.storage.read(ContentId(1), Part::Digest), Ok(None));
    assert_eq!(
        ground.storage.references(berta),
        Ok(vec![(ContentId(31), 1)])
    );
    assert_eq!(ground.load(berta).unwrap().len(), 1);
    assert_eq!(ground.storage.examine(), Ok(vec![]));
}

pub(crate) fn an_account_is_never_used_again(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    let first = ground.add("anna");
    ground.commit(&[Entry::Batch(mark(first, 1))]).unwrap();
    ground.storage.remove_owner(first).unwrap();
    ground.reopen();
    let second = ground.add("anna");
    assert!(second > first);
    assert_eq!(ground.load(second), Ok(vec![]));
}

pub(crate) fn a_healthy_engine_has_nothing_to_tell(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    assert_eq!(ground.storage.examine(), Ok(vec![]));
    let account = ground.add("anna");
    ground
        .commit(&[Entry::Batch(arrival(account, 1, &[1, 2, 3]))])
        .unwrap();
    assert_eq!(ground.storage.examine(), Ok(vec![]));
}

pub(crate) fn room_is_held_back(ground: &dyn Fn() -> Ground) {
    let mut ground = ground();
    assert_eq!(ground.storage.restore_reserve(), Ok(()));
    let account = ground.add("anna");
    // Whether there is a reserve is the engine's; it is there once, and then again when it is restored.
    let there = ground.storage.use_reserve();
    assert!(!ground.storage.use_reserve());
    ground.commit(&[Entry::Batch(mark(account, 1))]).unwrap();
    assert_eq!(ground.storage.restore_reserve(), Ok(()));
    assert_eq!(ground.storage.use_reserve(), there);
    assert_eq!(ground.load(account).unwrap().len(), 1);
}
