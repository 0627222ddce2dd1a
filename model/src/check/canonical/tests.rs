//! What the bytes of worlds are, and what they are hashed to.
//!
//! That they say enough is seen where whole spaces are (`model/tests/check_space.rs`). Here it is seen that they stay what they are: what they are today is in a file,
//! which `TANDEM_UPDATE=1` writes.

use super::*;
use crate::check::{
    alphabet::Scene,
    rules::Rules,
    setup::Setup,
    spoilt::{Chance, is_as_it_was},
};
use crate::{fault::Fault, practice::Practice};
use alloc::{format, string::String};

/// Pieces, in this order.
fn bytes(shared: &[u8], lanes: &[&[u8]]) -> Bytes {
    let mut bytes = Bytes::default();
    bytes.bytes.extend_from_slice(shared);
    for lane in lanes {
        let from = bytes.bytes.len();
        bytes.bytes.extend_from_slice(lane);
        bytes.lanes.push((from, bytes.bytes.len()));
    }
    bytes
}

/// Goes some way at random, a world after the other.
fn walk(rules: &Rules, chance: &mut Chance, mut look: impl FnMut(&World)) {
    let mut world = rules.beginning().clone();
    let mut actions = Vec::new();
    for _ in 0..80 {
        look(&world);
        actions.clear();
        rules.possible(&world, &mut actions);
        let Some(&action) = actions.get(chance.below(actions.len().max(1))) else {
            return;
        };
        world = rules.next(&world, action).unwrap_or(world);
    }
}

#[test]
fn the_bytes_of_worlds_are_what_they_were() {
    let mut text = String::new();
    for (seed, &scene) in (1..).zip(Scene::NAMED) {
        let [mut worlds, mut length, mut hash] = [0_u64, 0, 0xcbf2_9ce4_8422_2325];
        let mut chance = Chance(seed);
        let every = Practice::every().into_iter();
        // These write down more: the flags of ghosts, and what was told too early.
        let faults = [
            Fault::SearchFindsGhosts,
            Fault::RevealBeforeDurable,
            Fault::AckBeforeDurable,
        ];
        let planted = faults.into_iter().flat_map(|fault| {
            let with = move |practice| Practice {
                fault: Some(fault),
                ..practice
            };
            every.clone().map(with)
        });
        for (pipeline, practice) in [1, 2].into_iter().cycle().zip(every.clone().chain(planted)) {
            let setup = Setup {
                pipeline,
                messages: 3,
                ..Setup::new(scene, practice)
            };
            walk(&Rules::new(setup).unwrap(), &mut chance, |world| {
                let bytes = Bytes::of(world).to_vec();
                worlds += 1;
                length += bytes.len() as u64;
                for byte in bytes {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            });
        }
        text.push_str(&format!(
            "{scene:?}: {worlds} worlds, {length} bytes, {hash:016x}\n"
        ));
    }
    is_as_it_was("canonical/bytes.txt", &text);
}

#[test]
fn worlds_are_equal_by_their_bytes_and_hashed_by_them() {
    let rules = Rules::new(Setup::new(Scene::Fetch, Practice::default())).unwrap();
    let beginning = rules.beginning();
    let mut actions = Vec::new();
    rules.possible(beginning, &mut actions);
    let next = rules.next(beginning, actions[0]).unwrap();
    assert!(*beginning == beginning.clone() && *beginning != next);
    let hashed = |world: &World| {
        let mut out = Vec::new();
        world.hash(&mut Writer(&mut out));
        out
    };
    for world in [beginning, &next] {
        assert_eq!(hashed(world), Bytes::of(world).to_vec());
    }
}

#[test]
fn a_world_falls_into_what_is_shared_and_its_lanes() {
    let bytes = bytes(b"ab", &[b"c", b"", b"def"]);
    let pieces: Vec<&[u8]> = bytes.pieces().collect();
    assert_eq!(pieces, [b"ab".as_slice(), b"c", b"", b"def"]);
    assert_eq!(bytes.to_vec(), b"abcdef");
    let alone = self::bytes(b"ab", &[]);
    assert_eq!(alone.pieces().collect::<Vec<_>>(), [b"ab"]);
}

/// The values are worked out apart from this.
#[test]
fn a_fingerprint_mixes_every_byte_and_where_the_pieces_end() {
    let some = [
        bytes(b"", &[]),
        bytes(b"\0", &[]),
        bytes(b"ab", &[b"cd"]),
        bytes(b"abc", &[b"d"]),
        bytes(b"12345678", &[b"9", b"0123456789"]),
    ];
    let fingerprints = [
        0x3b04_82a5_a8e4_e873,
        0x7636_de57_599e_a43e,
        0xe1b3_fcb8_fe6e_5175,
        0x1b0a_0fe1_68f6_799f,
        0x4f39_0927_3e5e_b591,
    ];
    assert_eq!(
        some.map(|bytes| bytes.fingerprint()).as_slice(),
        fingerprints
    );
}

#[test]
fn what_is_hashed_is_written_down_in_small() {
    let mut out = Vec::new();
    let mut writer = Writer(&mut out);
    writer.write(b"ab");
    writer.write_usize(300);
    writer.write_isize(-2);
    writer.write_u32(7);
    writer.write_u32(256);
    writer.write_u64(0x0201);
    assert_eq!(writer.finish(), 0);
    assert_eq!(out, [b'a', b'b', 255, 254, 7, 255, 1]);
}
