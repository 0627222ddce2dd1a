//! A world as a few bytes, the same for all worlds that can only go on alike.
//!
//! Touches nothing. States are compared and hashed by these bytes, so that the space is finite although MODSEQs and ids of views grow for
//! ever, and so that it is explored once and not once for each order of the clients.
//!
//! What is forgotten, and why nothing is lost by it. A MODSEQ is only ever compared with a cursor, and a cursor only ever moves to a value that is not below
//! any other at that time: so of all MODSEQs nothing matters but, for each view, which changes it has not been told of yet. A
//! view's id only says whose it is, so that a view is written with the lane of its session. Clients are alike: lanes are sorted. A ghost's place in its
//! log matters as little. What a client believes of flags is compared with nothing before it has been shown those that it is owed or that are on their way, nor once the
//! message is expunged, nor while the answer to SELECT of another mailbox is on its way; and the flags of an expunged message are nobody's, unless it can still be copied. Positions in the journal are written as how far they are from what is durable. What a crash leaves of the last step is what is left of
//! the account without its sessions, and follows from it. A test takes two worlds of the same bytes and sees that what follows from both is the same, also
//! where the server is not sound, in how flags are told. It need not be under every planted fault: one that forgets counters in a crash goes wrong by MODSEQs that are compared with no cursor.

mod responses;
mod storage;
#[cfg(test)]
mod tests;

use super::{
    journal::Journal,
    told::{bit, live},
    world::{Errand, Lane, Selected, Task, World},
};
use crate::{
    account::Account,
    flags::Flags,
    mailbox::Mailbox,
    message::Message,
    name::MailboxName,
    number::{MailboxId, Uid, ViewId},
};
use alloc::vec::Vec;
use core::{
    cell::RefCell,
    hash::{Hash, Hasher},
};

/// The bytes of a world.
#[derive(Clone, Default)]
pub struct Bytes {
    bytes: Vec<u8>,
    /// Where each lane's bytes are.
    lanes: Vec<(usize, usize)>,
}

impl Bytes {
    /// Of this world.
    #[must_use]
    pub fn of(world: &World) -> Self {
        let mut bytes = Self::default();
        bytes.write(world);
        bytes
    }

    /// Becomes the bytes of this world.
    pub fn write(&mut self, world: &World) {
        let Self { bytes: out, lanes } = self;
        out.clear();
        lanes.clear();
        out.extend([
            world.rations[0],
            world.rations[1],
            world.breaks,
            world.next_content,
        ]);
        out.push(
            world
                .finding
                .map_or(0, |finding| 1 + finding.property as u8),
        );
        out.push(small(world.memory.uid_validity.0));
        out.extend([
            count(world.memory.graves.len()),
            count(world.memory.moved.len()),
        ]);
        for &(name, mailbox) in world.memory.graves.iter().chain(&world.memory.moved) {
            out.extend([name, small(mailbox.0)]);
        }
        account(out, &world.account, world.ghosts_matter());
        if let Some(storage) = &world.storage {
            out.push(world.crashes);
            storage::write(out, storage);
        }
        let journal = world.journal();
        for lane in &world.lanes {
            let from = out.len();
            write_lane(out, lane, &world.account, journal);
            lanes.push((from, out.len()));
        }
        lanes.sort_unstable_by(|&(from, to), &(a, b)| out.get(from..to).cmp(&out.get(a..b)));
    }

    /// What all clients share, and each client's lane, the lanes in the order of their bytes.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        let shared = self
            .lanes
            .iter()
            .map(|&(from, _)| from)
            .min()
            .unwrap_or(self.bytes.len());
        core::iter::once((0, shared))
            .chain(self.lanes.iter().copied())
            .map(|(from, to)| self.bytes.get(from..to).unwrap_or_default())
    }

    /// All of them.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        self.pieces().flatten().copied().collect()
    }

    /// 64 bits of them. Two worlds of the same fingerprint are taken for one: with n worlds, the chance that any two
    /// different ones are is about n squared in 2^65.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        const PRIME: u64 = 0x9e37_79b9_7f4a_7c15;
        // Twice the other, and one.
        const FACTOR: u128 = 0x1_3c6e_f372_fe94_f82b;
        let mut state = PRIME;
        let mut mix = |word: u64| {
            let product = u128::from(state ^ word).wrapping_mul(FACTOR);
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the halves of the product are what is wanted"
            )]
            let (low, high) = (product as u64, (product >> 64) as u64);
            state = low.rotate_left(23) ^ high ^ word;
        };
        for piece in self.pieces() {
            mix(piece.len() as u64);
            for chunk in piece.chunks(8) {
                let mut word = [0; 8];
                word.iter_mut()
                    .zip(chunk)
                    .for_each(|(to, from)| *to = *from);
                mix(u64::from_le_bytes(word));
            }
        }
        mix(PRIME);
        mix(PRIME);
        state
    }
}

std::thread_local! {
    /// Room to write in, since stateright hashes every world that is made.
    static SCRATCH: RefCell<Bytes> = RefCell::default();
}

impl Hash for World {
    fn hash<H: Hasher>(&self, state: &mut H) {
        SCRATCH.with_borrow_mut(|bytes| {
            bytes.write(self);
            bytes.pieces().for_each(|piece| state.write(piece));
        });
    }
}

impl PartialEq for World {
    fn eq(&self, other: &Self) -> bool {
        Bytes::of(self).pieces().eq(Bytes::of(other).pieces())
    }
}

/// Numbers are small in the checked world; those that are not are all one.
fn small(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the model has three keywords at most"
)]
fn flag_byte(flags: Flags) -> u8 {
    flags.0 as u8
}

fn count(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

fn account(out: &mut Vec<u8>, account: &Account, may_copy: bool) {
    out.extend([
        small(account.next_mailbox().0),
        small(account.last_uid_validity().0),
        count(account.names().len()),
    ]);
    for (name, mailbox) in account.names() {
        hash_name(out, name);
        out.push(mailbox.map_or(0, |id| small(id.0)));
    }
    for name in account.subscribed() {
        hash_name(out, name);
    }
    out.push(count(account.mailboxes().len()));
    for mailbox in account.mailboxes() {
        write_mailbox(out, mailbox, may_copy);
    }
}

/// Names differ in their last two letters.
fn hash_name(out: &mut Vec<u8>, name: &MailboxName) {
    let bytes = name.as_str().as_bytes();
    out.extend([
        count(bytes.len()),
        bytes.last().copied().unwrap_or_default(),
    ]);
}

fn write_mailbox(out: &mut Vec<u8>, mailbox: &Mailbox, may_copy: bool) {
    hash_name(out, mailbox.name());
    out.extend([
        small(mailbox.id().0),
        small(mailbox.uid_validity().0),
        small(mailbox.uid_next().0),
        count(mailbox.keywords().list().len()),
        small(mailbox.list().len()),
        count(mailbox.views().len()),
        count(mailbox.ghosts().len()),
    ]);
    for message in mailbox.messages() {
        write_message(out, message, true);
        out.push(u8::from(message.uid > mailbox.claimed_to()));
    }
    // There are few ghosts, so that looking for the next in order of UIDs is as good as sorting.
    let mut last = Uid(0);
    while let Some(ghost) = mailbox
        .ghosts()
        .iter()
        .filter(|ghost| ghost.message.uid > last)
        .min_by_key(|ghost| ghost.message.uid)
    {
        last = ghost.message.uid;
        write_message(out, &ghost.message, may_copy);
        out.extend([small(ghost.owed), u8::from(ghost.keeps_content)]);
    }
}

/// A message, with its flags if they can make a difference.
fn write_message(out: &mut Vec<u8>, message: &Message, flags_matter: bool) {
    out.extend([
        small(message.uid.0),
        if flags_matter {
            flag_byte(message.flags)
        } else {
            u8::MAX
        },
        message.content.0.to_le_bytes()[0],
    ]);
}

fn write_lane(out: &mut Vec<u8>, lane: &Lane, account: &Account, journal: Option<&Journal>) {
    if lane.gone {
        out.push(0);
        return;
    }
    let bits = [
        lane.session.is_over(),
        lane.session.is_idle(),
        lane.session.wants_resume(),
        lane.evicted,
        lane.done,
    ];
    out.push(bits.iter().fold(1, |byte, &bit| 2 * byte + u8::from(bit)));
    out.extend([
        count(lane.errands.len()),
        count(lane.waiting),
        count(lane.inbox.len()),
    ]);
    for Errand { verb, meant } in &lane.errands {
        out.push(*verb);
        out.extend(low(*meant));
    }
    let here = lane.session.mailbox();
    let here = here.and_then(|id| account.mailbox_by_id(id));
    let live = live(here);
    for sent in &lane.inbox {
        responses::write_sent(out, sent, live);
        if let Some(journal) = journal {
            storage::write_held(out, sent, journal);
        }
    }
    if lane.session.wants_resume() {
        lane.session.hash_progress(&mut Writer(out));
        let Task {
            meant,
            gone,
            shown,
            nil,
            due,
            changed,
        } = &lane.task;
        for mask in [meant, gone, shown, nil, due] {
            out.extend(low(*mask));
        }
        out.push(u8::from(*changed));
    }
    match lane.selected {
        None => out.push(0),
        Some(Selected { mailbox, read_only }) => {
            out.extend([small(mailbox.0), u8::from(read_only)])
        }
    }
    match (lane.session.mailbox(), lane.session.view()) {
        (Some(mailbox), Some(view)) => write_view(out, account, mailbox, view),
        _ => out.push(0),
    }
    write_client(out, lane, here, live);
    // By it a crash finds the mailbox again.
    if let Some(picture) = lane.client.picture().filter(|_| journal.is_some()) {
        out.push(picture.uid_validity.map_or(0, |value| small(value.0)));
    }
}

/// Masks of UIDs: the model has 15 at most.
#[expect(
    clippy::cast_possible_truncation,
    reason = "UIDs above 15 do not occur"
)]
fn low(mask: u64) -> [u8; 2] {
    (mask as u16).to_le_bytes()
}

fn write_view(out: &mut Vec<u8>, account: &Account, mailbox: MailboxId, view: ViewId) {
    let Some(here) = account.mailbox_by_id(mailbox) else {
        return out.extend([1, small(mailbox.0)]);
    };
    let Some(view) = here.view(view) else {
        return out.extend([
            2,
            small(mailbox.0),
            account.eviction(view).map_or(0, |reason| 1 + reason as u8),
        ]);
    };
    let untold = here.flags_changed() > view.flags_to;
    out.extend([
        3,
        small(mailbox.0),
        small(view.exists_to.0),
        view.keywords_to,
        u8::from(view.read_only),
        u8::from(untold),
    ]);
    let messages = here
        .messages()
        .map(|message| (message, message.modseq > view.flags_to));
    let (mut owed, mut recent) = (0, 0);
    for ghost in here.ghosts() {
        let uid = ghost.message.uid;
        owed |= u64::from(ghost.expunged > view.expunged_to) * bit(uid);
        recent |= u64::from(here.is_recent(uid, view)) * bit(uid);
    }
    out.extend(low(owed).into_iter().chain(low(recent)));
    out.extend(messages.map(|(message, untold)| {
        u8::from(untold) + 2 * u8::from(here.is_recent(message.uid, view))
    }));
}

fn write_client(out: &mut Vec<u8>, lane: &Lane, here: Option<&Mailbox>, live: u64) {
    let Some(picture) = lane.client.picture() else {
        return out.push(u8::MAX);
    };
    let slots = &picture.slots;
    // A client that has not read yet that another mailbox is selected gives up what it believes when it does.
    let is_of_here = picture.uid_validity == here.map(Mailbox::uid_validity);
    let matters = if is_of_here {
        live & !lane.to_be_shown()
    } else {
        0
    };
    out.extend(low(live & lane.told.outdated));
    out.extend([
        count(slots.len()),
        small(picture.high.0),
        count(picture.keywords.list().len()),
    ]);
    for slot in slots {
        out.push(slot.uid.map_or(0, |uid| small(uid.0)));
        out.push(slot.content.map_or(0, |content| content.0.to_le_bytes()[0]));
        let matters = slot.uid.is_none_or(|uid| matters & bit(uid) != 0);
        // Whether they matter is seen by the rest: by the UID, by what is live, outdated, or unread.
        out.push(match slot.flags {
            Some(flags) if matters => flag_byte(flags),
            _ => u8::MAX,
        });
    }
}

/// Writes down what is hashed.
struct Writer<'a>(&'a mut Vec<u8>);

impl Hasher for Writer<'_> {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn write_usize(&mut self, number: usize) {
        self.0.push(count(number));
    }

    fn write_isize(&mut self, number: isize) {
        self.0.push(number.to_le_bytes()[0]);
    }

    fn write_u32(&mut self, number: u32) {
        self.0.push(small(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.0.push(number.to_le_bytes()[0]);
    }
}
