//! The messages of files and directories, one after the other.
//!
//! Touches the file system, and reads only. Never more than one message is in memory, and the names of the files of the Maildir that is being read.
//!
//! Theory of operation. What is still to be read is a stack of tasks, the next on top; looking at a directory puts what is in it on the stack. What a file is,
//! its beginning tells: `From ` an mbox, a header field a message. A directory with `cur` or `new` in it is a Maildir, whose files are messages whatever they
//! begin with: other programs take them for such, too.

mod maildir;

use super::target::Target;
use crate::mail_file::{
    begins_with_field, date,
    line_end::LineEnd,
    mbox,
    mbox::Mbox,
    suffix::{self, Letters},
};
use std::{
    borrow::Cow,
    fmt,
    fs::{File, Metadata},
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    time::SystemTime,
};
use tandem_model::{flags::FlagNames, message::InternalDate, name::MailboxName};

/// What is found in files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A mailbox, which is there even if no message is in it.
    Mailbox(MailboxName),
    /// A message.
    Message(Message),
    /// Something that was passed over.
    Skipped(Place, Reason),
    /// Something that nobody would take for mail.
    LeftAlone(Place, Reason),
}

/// A message that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Where.
    pub place: Place,
    /// To which mailbox it goes.
    pub mailbox: MailboxName,
    /// It, with CRLF line ends.
    pub octets: Vec<u8>,
    /// Its flags.
    pub flags: FlagNames,
    /// INTERNALDATE.
    pub date: InternalDate,
}

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    path: PathBuf,
    /// At which octet of it; 0 is not told.
    at: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)?;
        match self.at {
            0 => Ok(()),
            at => write!(f, ", at octet {at}"),
        }
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self {
            path: path.into(),
            at: 0,
        }
    }
}

/// Why something was passed over; the same text for the same reason.
pub type Reason = Cow<'static, str>;

/// Why something that cannot be read was passed over.
pub fn unreadable(error: &io::Error) -> Reason {
    format!("cannot be read: {}", error.kind()).into()
}

/// Why a message of more octets than the limit was passed over.
fn too_large(most: usize) -> Reason {
    format!("larger than {most} octets").into()
}

/// Files and directories that are being read.
#[derive(Debug)]
pub struct Source {
    /// The next is the last.
    tasks: Vec<Task>,
    /// The most octets of a message.
    most: usize,
    /// How many octets have been read.
    read: u64,
}

#[derive(Debug)]
enum Task {
    /// To be looked at. What was not asked for by name is not followed through a symbolic link to a directory.
    Path {
        path: PathBuf,
        target: Target,
        asked: bool,
    },
    /// Nothing but to be said.
    Said(Item),
    /// The files of a Maildir.
    Maildir(maildir::Files),
    /// The rest of an mbox.
    Mbox {
        path: PathBuf,
        mailbox: MailboxName,
        /// Of messages that have no date themselves.
        date: InternalDate,
        mbox: Box<Mbox<BufReader<File>>>,
    },
}

impl Source {
    /// Of these, in this order; what is larger than `most` octets is passed over.
    #[must_use]
    pub fn new(paths: impl IntoIterator<Item = PathBuf>, target: &Target, most: usize) -> Self {
        let task = |path| Task::Path {
            path,
            target: target.clone(),
            asked: true,
        };
        let mut tasks: Vec<_> = paths.into_iter().map(task).collect();
        tasks.reverse();
        Self {
            tasks,
            most,
            read: 0,
        }
    }

    /// How many octets have been read, for a progress bar.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.read
    }

    /// Puts tasks on the stack, the first on top.
    fn push(&mut self, tasks: impl IntoIterator<Item = Task, IntoIter: DoubleEndedIterator>) {
        self.tasks.extend(tasks.into_iter().rev());
    }

    fn path(&mut self, path: PathBuf, target: Target, asked: bool) -> Option<Item> {
        let skipped = |reason| Some(Item::Skipped(path.as_path().into(), reason));
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            Err(error) => return skipped(unreadable(&error)),
        };
        let opened = if metadata.is_file() {
            self.file(&path, target, &metadata)
        } else if !metadata.is_dir() {
            return skipped("neither a file nor a directory".into());
        } else if !asked && path.is_symlink() {
            return skipped("a symbolic link to a directory".into());
        } else if maildir::is_maildir(&path) {
            self.maildir(&path, target)
        } else {
            self.directory(&path, &target)
        };
        match opened {
            Ok(item) => item,
            Err(error) => skipped(unreadable(&error)),
        }
    }

    /// A file that may be anything.
    fn file(
        &mut self,
        path: &Path,
        target: Target,
        metadata: &Metadata,
    ) -> io::Result<Option<Item>> {
        let mut reader = BufReader::new(File::open(path)?);
        let start = reader.fill_buf()?;
        let skipped = |reason: &'static str| Ok(Some(Item::Skipped(path.into(), reason.into())));
        if start.is_empty() {
            skipped("empty")
        } else if mbox::is_mbox(start) {
            self.tasks.push(Task::Mbox {
                path: path.into(),
                mailbox: target.mailbox().clone(),
                date: modified(metadata),
                mbox: Box::new(Mbox::new(reader, self.most)?),
            });
            Ok(None)
        } else if begins_with_field(start) {
            // One that was taken out of a Maildir has its flags in its name.
            let name = path.file_name().unwrap_or_default();
            let flags = suffix::flags(name.as_encoded_bytes(), &Letters::default());
            let mut octets = Vec::new();
            reader.take(self.limit()).read_to_end(&mut octets)?;
            let octets = LineEnd::message(octets);
            Ok(Some(self.message(
                path,
                octets,
                target.mailbox(),
                flags,
                metadata,
            )))
        } else {
            skipped("no message: begins neither with a header field nor with `From `")
        }
    }

    /// How much of a file is read: one octet more than a message can have.
    fn limit(&self) -> u64 {
        let most = u64::try_from(self.most).unwrap_or(u64::MAX);
        most.saturating_add(1)
    }

    /// The message of a file that has no other.
    fn message(
        &mut self,
        path: &Path,
        octets: Vec<u8>,
        mailbox: &MailboxName,
        flags: FlagNames,
        metadata: &Metadata,
    ) -> Item {
        self.read = self.read.saturating_add(metadata.len());
        if octets.is_empty() {
            Item::Skipped(path.into(), "empty".into())
        } else if octets.len() > self.most {
            Item::Skipped(path.into(), too_large(self.most))
        } else {
            Item::Message(Message {
                place: path.into(),
                mailbox: mailbox.clone(),
                octets,
                flags,
                date: modified(metadata),
            })
        }
    }

    /// A directory that is no Maildir: each directory in it is a mailbox.
    fn directory(&mut self, path: &Path, target: &Target) -> io::Result<Option<Item>> {
        let mut names = Vec::new();
        for entry in path.read_dir()? {
            names.push(entry?.file_name());
        }
        names.sort_unstable();
        let tasks: Vec<_> = names
            .into_iter()
            .map(|name| {
                let path = path.join(&name);
                let place = || Place::from(path.as_path());
                let hidden = name.as_encoded_bytes().starts_with(b".");
                let target = match name.to_str() {
                    // A Maildir++ whose INBOX is elsewhere.
                    _ if hidden && maildir::is_maildir(&path) => maildir::below(&path, target),
                    _ if hidden => {
                        let reason = "hidden: its name begins with `.`".into();
                        return Task::Said(Item::LeftAlone(place(), reason));
                    }
                    _ if !path.is_dir() => Ok(target.clone()),
                    Some(name) => target.below(name),
                    None => Err("its name is not UTF-8"),
                };
                match target {
                    Ok(target) => Task::Path {
                        path,
                        target,
                        asked: false,
                    },
                    Err(reason) => Task::Said(Item::Skipped(place(), reason.into())),
                }
            })
            .collect();
        self.push(tasks);
        Ok(None)
    }

    /// The next message of an mbox.
    fn entry(
        &mut self,
        path: PathBuf,
        mailbox: MailboxName,
        date: InternalDate,
        mut mbox: Box<Mbox<BufReader<File>>>,
    ) -> Option<Item> {
        let before = mbox.position();
        let entry = match mbox.entry() {
            Ok(entry) => entry?,
            Err(error) => return Some(Item::Skipped(path.as_path().into(), unreadable(&error))),
        };
        self.read = self
            .read
            .saturating_add(mbox.position().saturating_sub(before));
        let place = Place {
            path: path.clone(),
            at: entry.at,
        };
        let item = match entry.message {
            None => Item::Skipped(place, too_large(self.most)),
            Some(octets) if octets.is_empty() => Item::Skipped(place, "empty".into()),
            Some(octets) => Item::Message(Message {
                place,
                mailbox: mailbox.clone(),
                date: entry
                    .date
                    .or_else(|| date::of_header(&octets))
                    .unwrap_or(date),
                octets,
                flags: FlagNames::default(),
            }),
        };
        self.tasks.push(Task::Mbox {
            path,
            mailbox,
            date,
            mbox,
        });
        Some(item)
    }
}

impl Iterator for Source {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let item = match self.tasks.pop()? {
                Task::Said(item) => Some(item),
                Task::Path {
                    path,
                    target,
                    asked,
                } => self.path(path, target, asked),
                Task::Maildir(files) => self.next_file(files),
                Task::Mbox {
                    path,
                    mailbox,
                    date,
                    mbox,
                } => self.entry(path, mailbox, date, mbox),
            };
            if item.is_some() {
                return item;
            }
        }
    }
}

/// When a file was changed, to the second. A time before 1970, or none, is the first second of it.
fn modified(metadata: &Metadata) -> InternalDate {
    let since = metadata.modified().ok();
    let since = since.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    InternalDate::new(since.map_or(0, |since| since.as_secs()), 0)
}

/// How many octets the files of these have together, as far as they can be looked at.
#[must_use]
pub fn size<'a>(paths: impl IntoIterator<Item = &'a Path>) -> u64 {
    let mut rest: Vec<PathBuf> = paths.into_iter().map(Into::into).collect();
    let mut sum: u64 = 0;
    while let Some(path) = rest.pop() {
        let Ok(metadata) = path.metadata() else {
            continue;
        };
        if metadata.is_file() {
            sum = sum.saturating_add(metadata.len());
        } else if metadata.is_dir()
            && let Ok(entries) = path.read_dir()
        {
            let entries = entries.filter_map(Result::ok);
            let entries =
                entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_symlink()));
            rest.extend(entries.map(|entry| entry.path()));
        }
    }
    sum
}
