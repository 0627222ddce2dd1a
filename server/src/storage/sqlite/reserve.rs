//! Room on the disk that is held back for when there is none left.
//!
//! Touches the file `reserve` in the directory. It is written, not only made long: a file with holes holds nothing.

use super::directory::{private, sync, told};
use crate::storage::Failure;
use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

/// How much is written at once.
const CHUNK: usize = 1 << 20;
/// How much has to fit to say that there is room.
const PROBE: usize = 64 << 10;

/// What part of it has to be free beside it, or it would be given up again at once.
const BESIDE: u64 = 8;

/// The file, or the want of it.
#[derive(Debug)]
pub(super) struct Reserve {
    directory: PathBuf,
    octets: u64,
}

impl Reserve {
    /// So many octets of this directory; none is held yet, unless from before.
    pub(super) fn new(directory: &Path, octets: u64) -> Self {
        Self {
            directory: directory.to_owned(),
            octets,
        }
    }

    /// How many octets have to be free for it to be held: itself, and what has to be left beside it.
    pub(super) const fn wanted(&self) -> u64 {
        self.octets.saturating_add(self.octets / BESIDE)
    }

    /// How many octets have to become free before [`Reserve::hold`] can hold it.
    pub(super) fn missing(&self) -> u64 {
        let held = self.held();
        if held == self.octets {
            return 0;
        }
        let room = available(&self.directory).unwrap_or(0).saturating_add(held);
        self.wanted().saturating_sub(room)
    }

    /// Whether something is held.
    pub(super) fn is_held(&self) -> bool {
        self.held() > 0
    }

    /// Gives it up; whether it was held.
    pub(super) fn give_up(&self) -> bool {
        self.is_held() && fs::remove_file(self.path()).is_ok()
    }

    /// Holds it, if as much is left beside it; whether it is held.
    pub(super) fn hold(&self) -> bool {
        if self.held() == self.octets {
            return true;
        }
        if self.missing() > 0 {
            return false;
        }
        let written = self.write(&self.path(), self.octets);
        if written.is_err() {
            let _ = fs::remove_file(self.path());
        }
        written.is_ok()
    }

    /// Whether nothing can be written for want of room, which a system may say of one file and not of another.
    pub(super) fn is_out_of_room(&self) -> bool {
        let probe = self.directory.join("probe");
        let written = self.write(&probe, PROBE as u64);
        let _ = fs::remove_file(&probe);
        written.is_err_and(|error| told(&error) == Failure::Full)
    }

    fn held(&self) -> u64 {
        fs::metadata(self.path()).map_or(0, |file| file.len())
    }

    fn path(&self) -> PathBuf {
        self.directory.join("reserve")
    }

    /// Writes a file of so many octets, durably.
    fn write(&self, path: &Path, octets: u64) -> io::Result<()> {
        let mut options = private();
        let mut file = options.create(true).truncate(true).open(path)?;
        // Not zeros: some file systems keep no blocks for them.
        let chunk = vec![0x2e; CHUNK];
        let mut left = octets;
        while left > 0 {
            let length = usize::try_from(left).unwrap_or(CHUNK).min(CHUNK);
            file.write_all(chunk.get(..length).unwrap_or(&chunk))?;
            left -= length as u64;
        }
        file.sync_all()?;
        sync(&self.directory)
    }
}

/// How many octets the file system of a directory has left.
fn available(directory: &Path) -> io::Result<u64> {
    let system = rustix::fs::statvfs(directory)?;
    Ok(system.f_bavail.saturating_mul(system.f_frsize))
}
