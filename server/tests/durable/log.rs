//! What `disk.c` has recorded: every effect on the files, and all that was sent, in one order.
//!
//! Touches the log file.

use std::{fs, path::Path};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A file or directory was opened, and made or truncated if its flags say so.
    Opened {
        descriptor: i32,
        path: String,
        flags: i32,
    },
    Closed {
        descriptor: i32,
    },
    Written {
        descriptor: i32,
        at: usize,
        octets: Vec<u8>,
    },
    Sized {
        descriptor: i32,
        size: usize,
    },
    /// What was written before this is durable once [`Record::SyncEnded`] of the same descriptor has come.
    SyncBegun {
        descriptor: i32,
    },
    SyncEnded {
        descriptor: i32,
    },
    /// It is not; and a later sync may say that all is well, though it is not.
    SyncFailed {
        descriptor: i32,
    },
    /// A directory was made.
    Made {
        path: String,
    },
    Removed {
        path: String,
    },
    Renamed {
        from: String,
        to: String,
    },
    /// Octets left for the client of this port.
    Told {
        port: u16,
        octets: Vec<u8>,
    },
}

/// Reads a log; a last record that is not whole was being written when the process was killed.
pub fn read(path: &Path) -> Vec<Record> {
    let octets = fs::read(path).unwrap();
    let mut rest = octets.as_slice();
    let mut records = Vec::new();
    while let Some((record, after)) = next(rest) {
        records.push(record);
        rest = after;
    }
    records
}

fn next(octets: &[u8]) -> Option<(Record, &[u8])> {
    let (head, rest) = octets.split_at_checked(24)?;
    let word = |at: usize| u64::from_le_bytes(head[at..at + 8].try_into().unwrap()) as usize;
    let kind = u32::from_le_bytes(head[..4].try_into().unwrap());
    let descriptor = i32::from_le_bytes(head[4..8].try_into().unwrap());
    let number = word(8);
    let (octets, rest) = rest.split_at_checked(word(16))?;
    let path = || String::from_utf8(octets.to_vec()).unwrap();
    let record = match kind {
        1 => Record::Opened {
            descriptor,
            path: path(),
            flags: number as i32,
        },
        2 => Record::Closed { descriptor },
        3 => Record::Written {
            descriptor,
            at: number,
            octets: octets.to_vec(),
        },
        4 => Record::Sized {
            descriptor,
            size: number,
        },
        5 => Record::SyncBegun { descriptor },
        6 => Record::SyncEnded { descriptor },
        7 => Record::SyncFailed { descriptor },
        8 => Record::Made { path: path() },
        9 => Record::Removed { path: path() },
        10 => {
            let both = path();
            let (from, to) = both.split_at(number);
            Record::Renamed {
                from: from.into(),
                to: to.into(),
            }
        }
        11 => Record::Told {
            port: descriptor as u16,
            octets: octets.to_vec(),
        },
        _ => panic!("no kind of record: {kind}"),
    };
    Some((record, rest))
}
