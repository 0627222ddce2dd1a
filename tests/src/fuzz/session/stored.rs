//! How much is stored, and how much memory that may take.
//!
//! Touches storage, to read it.

use tandem_server::{
    content::Part,
    storage::{Loaded, Storage},
};

/// What a change takes in a journal that is kept in memory, and what it makes in an account and in those who see it, at most.
const CHANGE: usize = 128;

/// What a message takes beside its octets: in its account, and in each of two views of it.
const MESSAGE: usize = 256;

/// How many octets may be kept for what is stored.
pub fn octets(storage: &dyn Storage) -> usize {
    let mut sum = 0;
    for owner in storage.owners().unwrap_or_default() {
        let loaded = storage.load(owner.account, &mut |loaded| {
            let (Loaded::Snapshot(_, changes) | Loaded::Batch(_, changes)) = loaded;
            sum += CHANGE * changes.len();
        });
        assert!(loaded.is_ok(), "{loaded:?}");
        for (id, messages) in storage.references(owner.account).unwrap_or_default() {
            let found = storage.read(id, Part::Whole).ok().flatten();
            let of_content = found.map_or(0, |found| {
                let digest = [
                    found.digest.envelope,
                    found.digest.body,
                    found.digest.structure,
                ];
                let digest: usize = digest.iter().map(|text| text.len()).sum();
                digest + found.octets.whole().map_or(0, <[u8]>::len)
            });
            sum += of_content + MESSAGE * (1 + usize::try_from(messages).unwrap_or_default());
        }
    }
    sum
}
