//! A Maildir, and the folders in it that make it a Maildir++.
//!
//! Touches the file system, and reads only. Messages are in `cur` and `new`, in the order of their names: first by the number that these begin with, which
//! is when they were delivered, or that of an export. INTERNALDATE is when the file was changed, as Courier and Dovecot have it.

use super::{Item, Source, Target, Task, unreadable};
use crate::mail_file::{
    folder,
    line_end::LineEnd,
    suffix::{self, KEYWORDS, Letters},
};
use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _},
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};
use tandem_model::name::MailboxName;

/// A `dovecot-keywords` of more octets than this is none.
const KEYWORDS_MOST: u64 = 1 << 16;

/// The files of a Maildir that are still to be read.
#[derive(Debug)]
pub(super) struct Files {
    mailbox: MailboxName,
    path: Arc<Path>,
    letters: Letters,
    /// In `cur` (or else `new`), a name.
    names: std::vec::IntoIter<(bool, OsString)>,
}

/// Whether a directory is a Maildir.
pub(super) fn is_maildir(path: &Path) -> bool {
    path.join("cur").is_dir() || path.join("new").is_dir()
}

impl Source {
    /// A Maildir: its files, then its folders.
    pub(super) fn maildir(&mut self, path: &Path, target: Target) -> io::Result<Option<Item>> {
        let mut names = Vec::new();
        for (in_cur, place) in [(true, "cur"), (false, "new")] {
            let entries = match path.join(place).read_dir() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let name = entry?.file_name();
                if !name.as_bytes().starts_with(b".") {
                    names.push((in_cur, name));
                }
            }
        }
        names.sort_by_cached_key(|(_, name)| (number(name.as_bytes()), name.clone()));
        let files = Files {
            mailbox: target.mailbox().clone(),
            path: path.into(),
            letters: letters(path),
            names: names.into_iter(),
        };
        let folders = folders(path, &target)?;
        self.push(
            [Task::Maildir(files)]
                .into_iter()
                .chain(folders)
                .collect::<Vec<_>>(),
        );
        Ok(Some(Item::Mailbox(target.mailbox().clone())))
    }

    /// The next file of a Maildir.
    pub(super) fn next_file(&mut self, mut files: Files) -> Option<Item> {
        let (in_cur, name) = files.names.next()?;
        let path = files
            .path
            .join(if in_cur { "cur" } else { "new" })
            .join(&name);
        let read = path.metadata().and_then(|metadata| {
            if !metadata.is_file() {
                return Ok(Item::Skipped(path.as_path().into(), "not a file".into()));
            }
            let mut octets = Vec::new();
            let file = File::open(&path)?;
            file.take(self.limit()).read_to_end(&mut octets)?;
            if !suffix::has_crlf(name.as_bytes(), octets.len()) {
                octets = LineEnd::message(octets);
            }
            let flags = suffix::flags(name.as_bytes(), &files.letters);
            Ok(self.message(&path, octets, &files.mailbox, flags, &metadata))
        });
        self.tasks.push(Task::Maildir(files));
        Some(read.unwrap_or_else(|error| Item::Skipped(path.as_path().into(), unreadable(&error))))
    }
}

/// The folders in a Maildir: `.Work.2025`; and directories that are Maildirs themselves, which Dovecot calls the layout `fs`.
fn folders(path: &Path, target: &Target) -> io::Result<Vec<Task>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in path.read_dir()? {
        let path = entry?.path();
        if path.is_dir() && !["cur", "new", "tmp"].iter().any(|own| path.ends_with(own)) {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths
        .into_iter()
        .map(|path| match below(&path, target) {
            Ok(target) => Task::Path {
                path,
                target,
                asked: false,
            },
            Err(reason) => Task::Said(Item::Skipped(path.as_path().into(), reason.into())),
        })
        .collect())
}

/// The mailbox of a folder.
///
/// # Errors
/// It is none; says why.
pub(super) fn below(path: &Path, target: &Target) -> Result<Target, &'static str> {
    if !is_maildir(path) {
        return Err("a directory in a Maildir that has neither `cur` nor `new`");
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or("its name is not UTF-8")?;
    if name.starts_with('.') {
        target.below(&folder::mailbox(name)?)
    } else {
        target.below(&folder::level(name))
    }
}

/// What the folder says of its keywords.
fn letters(path: &Path) -> Letters {
    let path = path.join(KEYWORDS);
    let small = path
        .metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= KEYWORDS_MOST);
    let text = if small {
        std::fs::read(path).ok()
    } else {
        None
    };
    text.map_or_else(Letters::default, |text| {
        Letters::read(&String::from_utf8_lossy(&text))
    })
}

/// The number that a name begins with.
fn number(name: &[u8]) -> u64 {
    let digits = name.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |number: u64, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit.wrapping_sub(b'0')))
    })
}
