//! When a snapshot is taken.

use super::*;
use crate::storage::Loaded;

/// Whether an account has a snapshot once it has so many messages.
async fn has_snapshot(messages: u32, snapshot_after: u32) -> bool {
    let storage = Arc::new(Memory::new());
    let accounts = on(&storage, |config| {
        config.demo = false;
        config.limits.snapshot_after = snapshot_after;
    });
    let mut seat = seat(&accounts, []).await;
    for _ in 0..messages {
        append(&mut seat, "INBOX").await;
    }
    drop(seat);
    accounts.close().await;
    let owner = storage.owner("demo").unwrap().unwrap();
    let mut found = false;
    let fold = &mut |loaded| found |= matches!(loaded, Loaded::Snapshot(..));
    storage.load(owner.account, fold).unwrap();
    found
}

#[tokio::test]
async fn a_snapshot_is_taken_after_more_changes_than_the_limit_says() {
    // Its foundation is the first.
    assert!(!has_snapshot(9, 10).await);
    assert!(has_snapshot(10, 10).await);
    assert!(!has_snapshot(10, 11).await);
}
