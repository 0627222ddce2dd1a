//! Fewer orders of the same actions: which of the possible actions have to be tried in a world, so that all that can happen is seen.
//!
//! Touches nothing. Feature `check`. RFC 9051 section 5.5. (Partial-order reduction, as in Godefroid, "Partial-Order Methods for the Verification of Concurrent
//! Systems", 1996.)
//!
//! Theory of operation. To send and to read are a client's own: neither touches the account, nor any other lane. So whatever others do in
//! between, they could as well have done before or after it, and of all those orders one is enough.
//!
//! *What has come is read at once.* To read commutes with every action of others, and with what the server puts behind it; no step of the server knows what was read. It commutes as well with all that the
//! client itself could say before it, which it may say after it too, and means the same by it:
//!
//! - What comes answers a command that the client still waits for, or belongs to IDLE; behind SELECT, CLOSE, UNSELECT, LOGOUT and IDLE it says nothing before it has read.
//! - If one of the commands it waits for permits EXPUNGE, it says no sequence numbers before it has read the answer. If none does, its list only grows, or reading is a breach: so numbers
//!   mean what they meant. `*` would not, and the clients of these worlds say it only when they wait for nothing.
//! - BYE comes unasked. The server takes nothing any more that is sent after it.
//! - A list that is changed though nothing is asked is the exception, for numbers and `*` may mean something else by then. No sound server here does that; of one that does, both orders are tried.
//!
//! A connection that breaks leaves of the world where it was read what it leaves of that where it was not. So does a server that crashes, and whoever has read more
//! has more to hold against it: what contradicts a client that had not read, contradicts it when it has. It cannot go on for ever: each time a queue gets shorter.
//!
//! *A command is sent at the last moment.* What a client means by its numbers depends on what it has read, and not on what others do. So the
//! server takes a command as soon as it is sent; and while the server is about a long command, of which every page leaves the numbers alone, or cannot do
//! more before something is durable, no other is sent. Rations are taken when a command is sent, so that to send later is never less possible. Every world that
//! is at rest in some order is still reached: a command that is on its way is no rest.
//!
//! Together: where no answer is ever held back, the next command is sent when the one before it has been answered and the answer read, however many might be in flight; so worlds that differ only in that
//! are the same in few orders. In every order they are not, and tests hold the one against the other. Clients that say what RFC 9051 section 5.5 calls ambiguous are
//! not in these worlds. Where the server may crash, answers wait until something is durable, and more in flight makes more worlds.
//!
//! What has to follow at once is done with the action that it follows, so that worlds which can only go on in one way are not kept.
//!
//! What is left to chance: in which order the server takes what different clients sent, between which pages, when it wakes whom; what becomes durable when; and when
//! connections break and the server crashes.
//!
//! Tests take small worlds with reduction and without, and see the same steps of the server judged, the same reads of clients, the same worlds at rest, and every planted fault found.

use super::{
    crash::leaving,
    world::{Action, Lane, Sent, World},
};
use alloc::sync::Arc;

/// What has to follow at once. Of several that would do it is any: what comes of them all is the same in every order.
pub(super) fn forced(world: &World) -> Option<Action> {
    if world.finding.is_some() {
        return None;
    }
    let lanes = || (0..).zip(&world.lanes);
    let sent = lanes().find(|(_, lane)| is_sent(lane));
    if let Some((client, _)) = sent {
        return Some(Action::Process { client });
    }
    let reads = |lane: &Lane| leaving(world, lane) > 0 && !chooses(lane);
    let (client, _) = lanes().find(|(_, lane)| reads(lane))?;
    Some(Action::Receive { client })
}

/// Whether an action has to be tried: all but to send while the server could not take it.
pub(super) fn is_left(world: &World, action: Action) -> bool {
    let busy = action
        .client()
        .and_then(|client| world.lanes.get(client))
        .is_some_and(|lane| lane.session.wants_resume());
    !busy || !matches!(action, Action::Send { .. } | Action::Done { .. })
}

/// Whether the server can take at once what this client has sent. Nothing is sent while it is about a long command, nor by a client that is gone.
fn is_sent(lane: &Lane) -> bool {
    !lane.session.is_over() && (lane.done || (lane.waiting > 0 && !lane.session.is_idle()))
}

/// Whether something that this client may send would mean something else once it has read: nothing is asked, and what it reads next changes its list.
fn chooses(lane: &Lane) -> bool {
    let alters = |sent: &Arc<Sent>| sent.told.is_some();
    lane.client.asked().is_empty() && lane.inbox.first().is_some_and(alters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        check::{Rules, Scene, Setup, told::Told},
        command::Command,
        practice::Practice,
        response::Response,
    };
    use alloc::vec;

    #[test]
    fn only_what_changes_an_unasked_list_may_wait_to_be_read() {
        let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
        let follows = |response: Response, told: Option<Told>, asks: bool| {
            let mut world = rules.beginning().clone();
            let lane = Arc::make_mut(&mut world.lanes[1]);
            if asks {
                lane.say(0, &Arc::new(Command::Noop));
                lane.waiting = 0;
            }
            lane.inbox.push(Arc::new(Sent {
                responses: vec![response],
                shows: 0,
                told,
                held: None,
            }));
            forced(&world)
        };
        let reads = Some(Action::Receive { client: 1 });
        let told = || Some(Told::default());
        assert_eq!(follows(Response::Exists(3), told(), false), None);
        assert_eq!(follows(Response::Exists(3), told(), true), reads);
        assert_eq!(follows(Response::Recent(0), None, false), reads);
        assert_eq!(forced(rules.beginning()), None);
    }
}
