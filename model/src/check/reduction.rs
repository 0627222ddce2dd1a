//! Fewer orders of the same actions: which of the possible actions have to be tried in a world, so that all that can happen is seen.
//!
//! Touches nothing. Feature `check`. RFC 9051 section 5.5. (Partial-order reduction, as in Godefroid, "Partial-Order Methods for the Verification of Concurrent
//! Systems", 1996.)
//!
//! Theory of operation. To send and to read are a client's own: neither touches the account, nor any other lane. So whatever others do in
//! between, they could as well have done before or after it, and of all those orders one is enough.
//!
//! *A client that can do nothing but read, reads first.* While as many of its commands are unanswered as it may have in flight, nothing that it may do
//! depends on what it has read. To read commutes with every action of others and with what the server puts behind it; a connection that breaks, or a server
//! that crashes, makes of the world where it was read what it makes of that where it was not, and what a client had not read is judged at the crash before it sent. It
//! cannot go on for ever: each time a queue gets shorter.
//!
//! *A command is sent at the last moment.* What a client means by its numbers depends on what it has read, and not on what others do. So the
//! server takes a command as soon as it is sent; and while the server is about a long command, of which every page leaves the numbers alone, or cannot do
//! more before something is durable, no other is sent. Rations are taken when a command is sent, so that to send later is never less possible. Every world that
//! is at rest in some order is still reached: a command that is on its way is no rest.
//!
//! What has to follow at once is done with the action that it follows, so that worlds which can only go on in one way are not kept.
//!
//! What is left to chance: in which order the server takes what different clients sent, between which pages, when it wakes whom; when connections break; and, where
//! a client may send before it has read, which of the two it does first.
//!
//! Tests take small worlds with reduction and without, and see the same steps of the server judged, the same reads of clients, the same worlds at rest, and every planted fault found.

use super::{
    crash::leaving,
    world::{Action, Lane, World},
};
use crate::command::Command;

/// What has to follow at once. Of several that would do it is any: what comes of them all is the same in every order.
pub(super) fn forced(world: &World, pipeline: usize) -> Option<Action> {
    if world.finding.is_some() {
        return None;
    }
    let lanes = || (0..).zip(&world.lanes);
    let sent = lanes().find(|(_, lane)| is_sent(lane));
    if let Some((client, _)) = sent {
        return Some(Action::Process { client });
    }
    let reads = |lane: &Lane| leaving(world, lane) > 0 && only_reads(lane, pipeline);
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

/// Whether there is nothing that this client may send before it has read: not even NOOP, which may be sent whenever anything may.
fn only_reads(lane: &Lane, pipeline: usize) -> bool {
    !lane.client.may_send(&Command::Noop, pipeline)
}
