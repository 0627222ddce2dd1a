//! A Maildir++ that is being written.
//!
//! Touches its directory only, which was empty or not there. Only its owner can read what is written: it is mail.

use crate::mail_file::suffix::{KEYWORDS, Letters};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tandem_model::{message::InternalDate, number::Uid};

/// What tells programs that a directory is a folder of the Maildir above it.
const MARK: &str = "maildirfolder";

/// A Maildir++ that is being written.
#[derive(Debug)]
pub struct Tree {
    path: PathBuf,
    /// With what the names of all files begin.
    stamp: u64,
}

/// A folder of it, or the Maildir itself.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    stamp: u64,
}

impl Tree {
    /// Of this directory, which is made if it is not there.
    ///
    /// # Errors
    /// It is not empty, or cannot be made.
    pub fn new(path: &Path) -> io::Result<Self> {
        DirBuilder::new().mode(0o700).recursive(true).create(path)?;
        if path.read_dir()?.next().is_some() {
            return Err(io::Error::new(
                io::ErrorKind::DirectoryNotEmpty,
                "there is something in it: expected an empty directory, or none",
            ));
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Ok(Self {
            path: path.into(),
            stamp: now.map_or(0, |now| now.as_secs()),
        })
    }

    /// Makes a folder, or the Maildir itself if it has no name.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self, name: &str, letters: &Letters) -> io::Result<Folder> {
        let path = self.path.join(name);
        if !name.is_empty() {
            directory(&path)?;
            create(&path.join(MARK))?;
        }
        for inner in ["cur", "new", "tmp"] {
            directory(&path.join(inner))?;
        }
        if !letters.is_empty() {
            create(&path.join(KEYWORDS))?.write_all(letters.text().as_bytes())?;
        }
        Ok(Folder {
            path,
            stamp: self.stamp,
        })
    }
}

impl Folder {
    /// Writes a message, which nobody sees in `cur` before it is whole.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(
        &self,
        uid: Uid,
        octets: &[u8],
        date: InternalDate,
        suffix: &str,
    ) -> io::Result<()> {
        // The order of these names is that of UIDs. Both sizes are that of the file: what a client has appended with other line ends than CRLF stays so.
        let size = octets.len();
        let name = format!("{}.U{:010}.tandem,S={size},W={size}", self.stamp, uid.0);
        let draft = self.path.join("tmp").join(&name);
        let mut file = create(&draft)?;
        file.write_all(octets)?;
        let since = Duration::from_secs(date.seconds());
        if let Some(time) = SystemTime::UNIX_EPOCH.checked_add(since) {
            file.set_modified(time)?;
        }
        drop(file);
        fs::rename(draft, self.path.join("cur").join(format!("{name}{suffix}")))
    }
}

fn directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)
}

/// A file that was not there before.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(path)
}
