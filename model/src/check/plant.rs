//! Which property each planted fault breaks, and the world in which that is found fastest.
//!
//! Touches nothing. The faults themselves are in [`crate::fault`], and the wrong code behind [`crate::Practice`] where it would be. A property
//! that has not been seen to fail is not trusted: a test plants every one of these.

use super::{alphabet::Scene, properties::Property, setup::Setup};
use crate::{
    fault::Fault,
    practice::{Copying, Deletion, Fetching, Practice, Storing},
};

/// A fault, where it is planted, and what it breaks.
#[derive(Clone, Copy, Debug)]
pub struct Planted {
    /// The world, with the fault in its practice.
    pub setup: Setup,
    /// What the shortest way to a breach breaks.
    pub breaks: Property,
}

/// Where to plant a fault.
#[must_use]
pub fn planted(fault: Fault) -> Planted {
    let usual = Practice::default();
    let (scene, practice, breaks) = match fault {
        Fault::ExpungeDuringFetch => (Scene::Fetch, usual, Property::ExpungePermitted),
        Fault::ExpungeDuringStore => (Scene::Store, usual, Property::ExpungePermitted),
        Fault::ExpungeUnasked => (Scene::Fetch, usual, Property::ExpungePermitted),
        Fault::NumbersInNewerView => (Scene::Fetch, usual, Property::FetchGhost),
        Fault::StarInLiveMailbox => (Scene::Fetch, usual, Property::CommandHitsMeant),
        Fault::SearchNumbersAfterExpunge => (Scene::Fetch, usual, Property::Answered),
        Fault::ExistsLowered => (Scene::Fetch, usual, Property::ExistsCounts),
        Fault::ExpungeToldTwice => (Scene::Fetch, usual, Property::ExpungeNamesGone),
        Fault::ExpungeNumbersFromStart => (Scene::Fetch, usual, Property::ExpungeNamesGone),
        Fault::UidReused => (Scene::Copy, usual, Property::UidsStay),
        Fault::CopyDropsGhosts => (Scene::Copy, usual, Property::CopySurvives),
        Fault::CopyHalfThenNo => (
            Scene::Copy,
            Practice {
                copying: Copying::Refuse,
                ..usual
            },
            Property::CopySurvives,
        ),
        Fault::CopyForgetsFlags => (Scene::Copy, usual, Property::CopySurvives),
        Fault::CopyUidShifted | Fault::MoveUidAfter => (Scene::Copy, usual, Property::CopyUid),
        Fault::AppendUidOfLast => (Scene::Copy, usual, Property::AppendUid),
        Fault::MoveLoses => (Scene::Copy, usual, Property::MoveKeeps),
        Fault::AppendLost => (Scene::Copy, usual, Property::AppendStays),
        Fault::CloseExpungesReadOnly => (Scene::Names, usual, Property::NothingVanishes),
        Fault::GhostNameFree => (Scene::Names, usual, Property::GhostMailbox),
        Fault::ByeOnlyToIdle => (
            Scene::Names,
            Practice {
                deletion: Deletion::Disconnect,
                ..usual
            },
            Property::ByeFirst,
        ),
        Fault::NewNameForgotten => (Scene::Names, usual, Property::NewNameOffered),
        Fault::GhostContentGone => (Scene::Fetch, usual, Property::FetchGhost),
        Fault::FetchGhostsOk => (
            Scene::Fetch,
            Practice {
                fetching: Fetching::No,
                ..usual
            },
            Property::FetchNo,
        ),
        Fault::NilOnly => (
            Scene::Fetch,
            Practice {
                fetching: Fetching::Nil,
                ..usual
            },
            Property::FetchNil,
        ),
        Fault::ExpungeWhileShared => (
            Scene::Fetch,
            Practice {
                fetching: Fetching::RefuseExpunge,
                ..usual
            },
            Property::ExpungeRefused,
        ),
        Fault::StorePartialThenNo => (
            Scene::Store,
            Practice {
                storing: Storing::Reject,
                ..usual
            },
            Property::StoreReject,
        ),
        Fault::StoreGhostsOk => (Scene::Store, usual, Property::StorePartial),
        Fault::SearchFindsGhosts => (Scene::Fetch, usual, Property::SearchOmits),
        Fault::CopyHidesExpunges => (Scene::Copy, usual, Property::ExpungesTold),
        Fault::FlagsUntold | Fault::SilentHidesOthers | Fault::FlagsBeforeOk => {
            (Scene::Store, usual, Property::FlagsBelieved)
        }
        Fault::GhostsKept => (Scene::Fetch, usual, Property::GhostsFreed),
        Fault::Unjournalled => (Scene::Store, usual, Property::Replay),
        Fault::ExistsUntold => (Scene::Fetch, usual, Property::NumbersAgree),
        Fault::DeleteWhileShared => (
            Scene::Names,
            Practice {
                deletion: Deletion::Refuse,
                ..usual
            },
            Property::InUseRefused,
        ),
        Fault::SilentStoreNo => (Scene::Store, usual, Property::StoreSilent),
        Fault::CopyGhostsAnyway => (
            Scene::Copy,
            Practice {
                copying: Copying::Refuse,
                ..usual
            },
            Property::CopyRefused,
        ),
        Fault::FetchNumbersLive => (Scene::Copy, usual, Property::FetchAboutHeld),
        Fault::StoreNumbersLive => (Scene::Copy, usual, Property::CommandHitsMeant),
        Fault::AckBeforeDurable => (Scene::Durability, usual, Property::KeptAfterOk),
        Fault::RevealBeforeDurable => (Scene::Durability, usual, Property::SeenStays),
        Fault::HalfBatchRecovered => (Scene::Durability, usual, Property::WholeAfterCrash),
        Fault::UidReusedAfterCrash => (Scene::Durability, usual, Property::UidsOnce),
        Fault::CountersForgotten => (Scene::Durability, usual, Property::CountersRise),
        Fault::DeleteUnsubscribes | Fault::UnsubscribeIgnored => {
            (Scene::Subscriptions, usual, Property::NamesStay)
        }
        Fault::NewNameIfShared => (Scene::Names, usual, Property::NewNameOffered),
        Fault::InferiorsStay => (Scene::Tree, usual, Property::NewNameOffered),
        Fault::InboxLosesFlags => (Scene::Tree, usual, Property::NothingVanishes),
        Fault::NumberingShared => (Scene::Copy, usual, Property::CopySurvives),
        Fault::DoneIgnored => (Scene::Fetch, usual, Property::RestReached),
        Fault::CursorAhead => (Scene::Names, usual, Property::Sound),
        Fault::ExistsWithheld => (Scene::Fetch, usual, Property::Convergence),
    };
    let practice = Practice {
        fault: Some(fault),
        ..practice
    };
    // The last message is \Deleted already, so that it takes one more for STORE to hit it and to be seen to.
    let messages = match fault {
        Fault::StoreNumbersLive | Fault::NumberingShared => 3,
        _ => 2,
    };
    let mut setup = Setup {
        messages,
        ..Setup::new(scene, practice)
    };
    if breaks == Property::RestReached {
        // It is asked once all worlds are known: a small one.
        setup.messages = 1;
        setup.reduced = true;
    }
    Planted { setup, breaks }
}
