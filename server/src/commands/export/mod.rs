//! `tandem export`: mailboxes as a Maildir++.
//!
//! Touches storage, the directory that it makes, standard output.

mod copy;
#[cfg(test)]
mod tests;
mod tree;

pub use copy::Copying;
pub use tree::{Folder, Tree};

use super::{
    directory::{Absent, Directory, enter},
    ended, import, say,
    user::{known, name},
};
use crate::accounts::Accounts;
use std::{fmt, path::PathBuf, process::ExitCode};
use tandem_model::name::MailboxName;

/// What `tandem export --help` begins with.
pub const ABOUT: &str = "\
Write mailboxes out, as a Maildir.

DIR becomes a Maildir++: INBOX is DIR itself, `Work/2025` is the folder `.Work.2025` in it. With --mailbox that mailbox is DIR itself, and those below it are \
the folders. Nothing is ever overwritten: DIR must be empty, or not there. `tandem import DIR` makes the same mailboxes again.";

/// What `tandem export --help` ends with.
pub const NOTES: &str = "\
Messages are written as they are, with CRLF line ends, to `tmp`, and moved to `cur` when they are whole. Their names keep the order of UIDs. A file's time is \
INTERNALDATE, as far as the file system can have it; the zone is lost.

Flags are letters after `:2,`: D(raft), F(lagged), R(eplied, \\Answered), S(een), T(rashed, \\Deleted), and P(assed) for the keyword $Forwarded. Other keywords are \
small letters, which a file dovecot-keywords beside `cur` explains; a folder has letters for 26, and messages that lose more are counted.

In the name of a folder each level is modified UTF-7, and a `.` within a level is `&AC4-`. A name of more than 255 octets then, or a message whose octets are \
lost, is reported and left out, and the exit status is 1. Not written: subscriptions, UIDs, names that lead to no mailbox (\\Noselect).

A server that runs on the directory has it for itself: end it first. The directory is that of --data, or of the environment variable TANDEM_DATA, or \
./tandem-data.";

/// Arguments of `tandem export`.
#[derive(clap::Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    directory: Directory,
    /// Whose mailboxes
    #[arg(long, value_name = "NAME", value_parser = name)]
    user: String,
    /// Only this mailbox and those below it
    #[arg(long, value_name = "NAME", value_parser = import::target::argument)]
    mailbox: Option<MailboxName>,
    /// What becomes the Maildir: empty, or not there
    #[arg(value_name = "DIR")]
    target: PathBuf,
}

/// What an export did, so far.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Messages that were written.
    pub exported: u64,
    /// Mailboxes that were.
    pub mailboxes: u64,
    /// Keywords that messages lost, since their folder has no letter for more.
    pub keywords_lost: u64,
    /// What was left out, and why.
    pub left_out: Vec<String>,
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            exported,
            mailboxes,
            keywords_lost,
            left_out,
        } = self;
        let missing = left_out.len();
        write!(
            f,
            "exported: {exported}, mailboxes: {mailboxes}, left out: {missing}"
        )?;
        if *keywords_lost > 0 {
            write!(
                f,
                "\nkeywords for which a folder had no letter: {keywords_lost}"
            )?;
        }
        for what in left_out {
            write!(f, "\n  {what}")?;
        }
        Ok(())
    }
}

/// Exports.
#[must_use]
pub fn run(args: ExportArgs) -> ExitCode {
    ended(export(args))
}

fn export(args: ExportArgs) -> Result<(), String> {
    let (config, storage) = args.directory.open(Absent::Refused)?;
    known(&*storage, &args.user)?;
    let tree = Tree::new(&args.target)
        .map_err(|error| format!("cannot write to `{}`: {error}", args.target.display()))?;
    let mut summary = Summary::default();
    let copied = super::runtime()?.block_on(async {
        let opened = Accounts::open(config, storage);
        let accounts = opened.map_err(|failure| failure.to_string())?;
        let copied = match enter(&accounts, &args.user).await {
            Ok(mut seat) => {
                let mut copying = Copying::new(&mut seat, &tree, &mut summary);
                copying.everything(args.mailbox.as_ref()).await
            }
            Err(why) => Err(why),
        };
        accounts.close().await;
        copied
    });
    // A message is written to `tmp` first for those who read meanwhile; that all of it survives a loss of power, is this.
    rustix::fs::sync();
    say(format_args!("{summary}"));
    match summary.left_out.len() {
        0 => copied,
        _ => copied.and(Err("something was left out".into())),
    }
}
