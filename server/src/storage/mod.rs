//! Where accounts are kept: what an engine has to do, whichever it is.
//!
//! Touches nothing; the engines ([`memory`], [`sqlite`]) touch memory and a directory. DESIGN: nothing leaves before it is durable.
//!
//! Theory of operation. An account is its *journal*: batches of [`Change`]s, each the work of one step, in order. A *snapshot* is a
//! journal that begins later: changes that make of nothing the account as it was at some position. Opening an account is applying its
//! snapshot and the batches after it, by the code that made the changes first ([`tandem_model::Account::replay`]); there is no other format of an
//! account.
//!
//! A message's octets are its *content*. Contents are counted: one reference for each message of the account as its journal has it,
//! neither more nor less, so that counts can be worked out again from the journal, and audited. A content without a reference is kept until it
//! is collected: a session may still be owed it (RFC 2180 section 4.1.1), and whoever knows when the last of these has gone says so
//! ([`Entry::Collect`]). After a crash nobody is owed anything, and opening storage collects all that have no reference.
//!
//! An engine is asked for two things that make the rest safe. [`Storage::commit`] makes a group of entries durable *together*: all of them or
//! none, and when it returns they survive a crash of the process, of the system, and a loss of power. And what [`Storage::load`] and
//! [`Storage::read`] return has been made durable before, so that nobody is shown what can be taken back. One thread commits
//! ([`journal`]); any number read.

#[cfg(test)]
mod conformance;
pub mod encoding;
pub mod journal;
pub mod memory;
pub mod sqlite;

use crate::{
    config::Config,
    content::{Content, Found, Part},
};
use std::{fmt, ops::Range, path::PathBuf, sync::Arc};
use tandem_model::{
    Change,
    number::{ContentId, Position},
};

/// Names an account in storage; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

/// A content of more octets than this is kept in pieces of at most as many, ahead of the batch that refers to it.
pub const PIECE: usize = 256 << 10;

/// What [`Storage::commit`] makes durable.
#[derive(Clone, Debug)]
pub enum Entry {
    /// The work of one step.
    Batch(Batch),
    /// A piece of a content of more than [`PIECE`] octets. The first makes it known, with no reference; all of them come, in order, before
    /// the batch that refers to it.
    Piece {
        /// Whose it will be.
        account: AccountId,
        /// Its id.
        id: ContentId,
        /// All of it.
        content: Arc<Content>,
        /// Which of the octets after the header this is about; the first piece begins at 0, and brings digest and header, too.
        range: Range<usize>,
    },
    /// Nobody is owed these any more: those without a reference go.
    Collect {
        /// Which contents.
        contents: Vec<ContentId>,
    },
    /// A piece of a snapshot.
    Snapshot {
        /// Of which account.
        account: AccountId,
        /// At which position.
        position: Position,
        /// Which piece of it: 0 is the first. It removes what is left of a snapshot that was not completed.
        number: u32,
        /// Its changes.
        changes: Vec<Change>,
        /// No piece follows: it takes the place of the one before, and of all batches up to its position.
        last: bool,
    },
}

/// The durable part of what one step did.
#[derive(Clone, Debug)]
pub struct Batch {
    /// To which account.
    pub account: AccountId,
    /// Where the journal is after it: one more than before it.
    pub position: Position,
    /// The changes, at least one, all of them durable ([`Change::is_durable`]). Each message that one of them adds is a reference to its content.
    pub changes: Vec<Change>,
    /// Contents of at most [`PIECE`] octets that some of these messages have, and that have not been kept before.
    pub contents: Vec<(ContentId, Arc<Content>)>,
    /// An entry for each message that is no more: a reference less.
    pub dropped: Vec<ContentId>,
}

impl Batch {
    /// By how many references each content becomes more or less, each once, in the order of ids; those that stay as they are left out.
    #[must_use]
    pub fn references(&self) -> Vec<(ContentId, i64)> {
        let added = self.changes.iter().flat_map(|change| match change {
            Change::Added { messages, .. } => messages.as_slice(),
            _ => &[],
        });
        let added = added.map(|message| (message.content, 1));
        let dropped = self.dropped.iter().map(|&content| (content, -1));
        let mut steps: Vec<(ContentId, i64)> = added.chain(dropped).collect();
        steps.sort_unstable();
        steps.dedup_by(|next, sum| {
            let same = next.0 == sum.0;
            if same {
                sum.1 += next.1;
            }
            same
        });
        steps.retain(|&(_, step)| step != 0);
        steps
    }
}

/// A part of an account, from its beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// Changes of the snapshot, which comes first, in pieces; the position is the same for all.
    Snapshot(Position, Vec<Change>),
    /// A batch, with where the journal is after it.
    Batch(Position, Vec<Change>),
}

/// Somebody who has an account.
#[derive(Clone, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// The user's name.
    pub name: String,
    /// A hash of the password, in the PHC string format; `None`: nobody can log in by a password that is kept here.
    pub password: Option<String>,
}

impl fmt::Debug for Owner {
    /// Without the hash: this ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Owner")
            .field("account", &self.account)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// An engine that keeps accounts. Its methods block.
pub trait Storage: fmt::Debug + Send + Sync {
    /// Makes these entries durable: when it returns, they survive whatever happens to the process, the system and its power, or none of them was made.
    /// Called by one thread at a time.
    ///
    /// # Errors
    /// Nothing was made. After [`Failure::Full`], [`Failure::OverQuota`] and [`Failure::Busy`] the engine goes on; after any other it must not be
    /// asked to commit again.
    fn commit(&self, entries: &[Entry]) -> Result<(), Failure>;

    /// Hands out the account as it is kept: the pieces of its snapshot, if it has one, and the batches after that, in order.
    ///
    /// # Errors
    /// It cannot be read, or is not as it was written.
    fn load(&self, account: AccountId, fold: &mut dyn FnMut(Loaded)) -> Result<(), Failure>;

    /// So much of a content; `None` if it is not kept.
    ///
    /// # Errors
    /// It cannot be read, or is not as it was written.
    fn read(&self, content: ContentId, part: Part) -> Result<Option<Found>, Failure>;

    /// [`Storage::read`] of each of these, in their order, until they have so many octets: what comes after is not read. An engine may have less work with them together.
    fn read_all(
        &self,
        contents: &[ContentId],
        part: Part,
        most: usize,
    ) -> Vec<Result<Option<Found>, Failure>> {
        let read = |content: &ContentId| self.read(*content, part);
        until(most, contents.iter().map(read))
    }

    /// The greatest id that any content ever kept has had; 0 if there was none.
    ///
    /// # Errors
    /// It cannot be read.
    fn last_content(&self) -> Result<ContentId, Failure>;

    /// Everybody who has an account, by name.
    ///
    /// # Errors
    /// They cannot be read.
    fn owners(&self) -> Result<Vec<Owner>, Failure>;

    /// Who has this name.
    ///
    /// # Errors
    /// It cannot be read.
    fn owner(&self, name: &str) -> Result<Option<Owner>, Failure>;

    /// Gives somebody an account, whose journal is empty; durable when it returns. The name is not taken, or [`Failure::Damaged`] comes.
    ///
    /// # Errors
    /// As [`Storage::commit`].
    fn add_owner(&self, name: &str, password: Option<&str>) -> Result<Owner, Failure>;

    /// Changes the hash of a password; durable when it returns.
    ///
    /// # Errors
    /// As [`Storage::commit`].
    fn set_password(&self, account: AccountId, password: Option<&str>) -> Result<(), Failure>;

    /// Removes an account with everything in it; durable when it returns.
    ///
    /// # Errors
    /// As [`Storage::commit`].
    fn remove_owner(&self, account: AccountId) -> Result<(), Failure>;

    /// Every content of an account with the number of its references as it is kept, in the order of ids; for an audit.
    ///
    /// # Errors
    /// They cannot be read.
    fn references(&self, account: AccountId) -> Result<Vec<(ContentId, u64)>, Failure>;

    /// Sets the number of references of a content to what an audit has found; with 0 it goes. Durable when it returns.
    ///
    /// # Errors
    /// As [`Storage::commit`].
    fn correct(&self, content: ContentId, references: u64) -> Result<(), Failure>;

    /// Looks for damage that the engine itself can tell: each a sentence. Reads everything.
    ///
    /// # Errors
    /// It cannot be read at all.
    fn examine(&self) -> Result<Vec<String>, Failure>;

    /// Gives up the room that is held back for when there is none left, so that a commit that failed for want of it can be made; whether there was any.
    fn use_reserve(&self) -> bool;

    /// Holds room back, or goes on to; called before the first commit, and when there may be room again.
    ///
    /// # Errors
    /// There is too little: [`Failure::Full`], [`Failure::OverQuota`]. Any other as for [`Storage::commit`].
    fn restore_reserve(&self) -> Result<(), Failure>;
}

/// Opens the storage that the settings name.
///
/// # Errors
/// It cannot be opened.
pub fn open(config: &Config) -> Result<Arc<dyn Storage>, Closed> {
    open_with(config, config.limits.of_storage())
}

/// The same, and nothing is removed: for an audit.
///
/// # Errors
/// It cannot be opened.
pub fn open_unswept(config: &Config) -> Result<Arc<dyn Storage>, Closed> {
    let options = Options {
        sweep: false,
        ..config.limits.of_storage()
    };
    open_with(config, options)
}

fn open_with(config: &Config, options: Options) -> Result<Arc<dyn Storage>, Closed> {
    match &config.data {
        None => Ok(Arc::new(memory::Memory::new())),
        Some(directory) => Ok(Arc::new(sqlite::Sqlite::open(directory, options)?)),
    }
}

/// Why storage did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The disk is full.
    Full,
    /// More than it was allowed ([`Options::quota`]).
    OverQuota,
    /// Another program has it locked, and has had for a while.
    Busy,
    /// The system failed to read or write; what it said.
    Io(String),
    /// What is kept is not what was written; what is wrong.
    Damaged(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => f.write_str("the disk is full"),
            Self::OverQuota => f.write_str("no more may be stored"),
            Self::Busy => f.write_str("another program has the database locked"),
            Self::Io(what) => write!(f, "cannot read or write: {what}"),
            Self::Damaged(what) => write!(f, "damaged: {what}"),
        }
    }
}

impl std::error::Error for Failure {}

/// Why a directory cannot be opened as storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Another process has it open.
    InUse(PathBuf),
    /// A newer tandem made it: its version, and the newest that this one knows.
    Newer(PathBuf, i64, i64),
    /// It is not tandem's: what is wrong.
    Foreign(PathBuf, String),
    /// It cannot be read or written, or is damaged.
    Failed(PathBuf, Failure),
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "`{}` is in use by another tandem: end it first, or choose another directory",
                path.display()
            ),
            Self::Newer(path, found, known) => write!(
                f,
                "`{}` was written by a newer tandem (schema {found}): this one knows schemas up to {known}",
                path.display()
            ),
            Self::Foreign(path, what) => {
                write!(
                    f,
                    "`{}` is not a directory of tandem: {what}",
                    path.display()
                )
            }
            Self::Failed(path, failure) => {
                write!(f, "cannot open `{}`: {failure}", path.display())
            }
        }
    }
}

impl std::error::Error for Closed {}

/// How an engine on disk is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many octets it may take on disk, more or less; `None`: as many as there are.
    pub quota: Option<u64>,
    /// How many octets are held back for when the disk is full. Default: 32 MiB.
    pub reserve: u64,
    /// Whether contents that nothing refers to are removed when it is opened. Default: yes.
    pub sweep: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            quota: None,
            reserve: 32 << 20,
            sweep: true,
        }
    }
}

/// The first of what is read, until it has so many octets.
fn until(
    most: usize,
    read: impl Iterator<Item = Result<Option<Found>, Failure>>,
) -> Vec<Result<Option<Found>, Failure>> {
    let (mut all, mut octets) = (Vec::new(), 0);
    for found in read {
        octets += found
            .as_ref()
            .map_or(0, |found| found.as_ref().map_or(0, Found::size));
        all.push(found);
        if octets >= most {
            break;
        }
    }
    all
}
