//! Scripts that proptest makes, and makes smaller.
//!
//! Touches nothing.

use super::act::{Act, Deed, Saying, Script, VERBS};
use proptest::{collection::vec, prelude::*, strategy::Union};
use tandem_model::{Limits, Practice};

/// Scripts of two to five sessions under any practice.
pub fn scripts(longest: usize) -> impl Strategy<Value = Script> {
    let limits = (1_u32..=3, prop_oneof![4 => Just(1_000_u32), 1 => 2_u32..6]);
    (2_usize..=5, 0..Practice::every().len(), limits).prop_flat_map(
        move |(sessions, practice, (page, ghosts))| {
            let practice = Practice::every().swap_remove(practice);
            let limits = Limits {
                page,
                ghosts,
                mailboxes: 5,
                ..Limits::default()
            };
            vec(act(sessions), 1..longest).prop_map(move |acts| Script {
                sessions,
                practice,
                limits,
                acts,
            })
        },
    )
}

fn act(sessions: usize) -> impl Strategy<Value = Act> {
    let deed = prop_oneof![
        40 => saying().prop_map(Deed::Say),
        3 => Just(Deed::Wake),
        1 => Just(Deed::Break),
    ];
    (0..sessions, deed).prop_map(|(client, deed)| Act { client, deed })
}

fn saying() -> impl Strategy<Value = Saying> {
    let verbs = VERBS.map(|(weight, verb)| (weight, Just(verb)));
    let verb = Union::new_weighted(verbs.to_vec());
    (
        verb,
        any::<[u8; 3]>(),
        proptest::bool::weighted(0.3),
        any::<bool>(),
    )
        .prop_map(|(verb, numbers, uid, other)| Saying {
            verb,
            numbers,
            uid,
            other,
        })
}
