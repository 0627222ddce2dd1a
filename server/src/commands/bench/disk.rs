//! What the disk takes to make a little durable.
//!
//! Touches one file in a directory that it is given.

use super::report::{Times, short};
use std::{
    fmt,
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// About what the log of a database takes for a message of 4 KiB.
const OCTETS: usize = 9 << 9;

/// Syncs of a file that grows.
pub(super) struct Syncs {
    directory: PathBuf,
    times: Times,
}

/// Writes and syncs for a while.
pub(super) fn sync_time(directory: &Path, time: Duration) -> io::Result<Syncs> {
    let path = directory.join("sync");
    let mut file = File::create(&path)?;
    let (octets, start) = ([0x2e; OCTETS], Instant::now());
    let mut times = Times::default();
    while start.elapsed() < time {
        let begun = Instant::now();
        file.write_all(&octets)?;
        file.sync_data()?;
        times.add(begun.elapsed());
    }
    drop(file);
    std::fs::remove_file(path)?;
    Ok(Syncs {
        directory: directory.to_owned(),
        times,
    })
}

impl fmt::Display for Syncs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let directory = self.directory.parent().unwrap_or(&self.directory);
        let (middle, most) = (self.times.quantile(50), self.times.quantile(99));
        write!(
            f,
            "disk of {}: 4.5 KiB written and synced in {} (99 of 100 in {})",
            directory.display(),
            short(middle),
            short(most)
        )
    }
}
