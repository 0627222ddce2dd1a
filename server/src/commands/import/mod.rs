//! `tandem import`: messages from files into mailboxes.
//!
//! Touches the file system, storage, standard output.
//!
//! Theory of operation. `source` reads messages one by one; `delivery` puts each into its mailbox unless that has it already (`twins`), by the transitions by
//! which a client would, and waits now and then until what it put there is durable. Nothing is remembered elsewhere: an import that was
//! interrupted is repeated, and finds what it has done.

mod delivery;
mod source;
mod summary;
pub mod target;
#[cfg(test)]
mod tests;
mod twins;

pub use delivery::{Delivery, Fate, Stopped};
pub use source::{Item, Source};
pub use summary::Summary;
pub use target::Target;

use super::{
    directory::{Absent, Directory, enter},
    ended, say,
    user::{known, name},
};
use crate::accounts::Accounts;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    process::ExitCode,
};
use tandem_model::name::MailboxName;

/// What `tandem import --help` begins with.
pub const ABOUT: &str = "\
Take in messages from files: .eml, mbox, Maildir.

Each PATH is a message (a file that begins with a header field), an mbox (a file that begins with `From `), a Maildir (a directory with `cur` or `new` in it) or \
a directory of these. Messages go into INBOX, or the mailbox of --mailbox, which is created if need be. A folder `.Work.2025` of a \
Maildir goes into `Work/2025` (under the mailbox of --mailbox, if given), and so does what is in the directory `Work/2025` of a PATH.

What a mailbox has already is not imported again: repeat an import that was interrupted, or a Maildir that has got new mail.";

/// What `tandem import --help` ends with.
pub const NOTES: &str = "\
The same message: the same octets and the same date (to the second), in the same mailbox. Each message of the mailbox counts once, so that what the files \
have twice, the mailbox has twice.

Dates: INTERNALDATE is when the file was changed, as for Courier and Dovecot. A message of an mbox has that of its `From ` line, else that \
of its Date field, else that of the file. Copy files with their times (cp -p), or all of it is new.

Line ends: if the first is LF, each LF becomes CRLF; if it is CRLF, the file is taken as it is, and so is a file of a Maildir whose name tells (`,W=`) that its \
size is that with CRLF. A CR alone stays.

mbox: a line that begins with `From `, first or after an empty line, begins a message if it has a date or a header field follows. One `>` is \
taken away from `>From `, `>>From `, ... (mboxrd; for mboxo, which does not quote `>From `, that is one too many there). Flags in header fields (Status) are not read.

Maildir: flags are those after `:2,`; `P` is the keyword $Forwarded; small letters are the keywords of the file dovecot-keywords, and none without it. \
Levels of a folder's name are modified UTF-7, or else UTF-8. `tmp`, files beside `cur`, and names in `cur` and `new` that begin with `.` are left alone.

Skipped, with the reason: what is no message, empty, or larger than 64 MiB; what cannot be read; what no mailbox can be called; symbolic links to \
directories, other than a PATH. The exit status is 1 if anything was, and 0 if not. What is hidden in a directory that is no Maildir is left alone, which is told.

If the disk becomes full the import ends; what was imported up to then stays.

A server that runs on the directory has it for itself: end it first. The directory is that of --data, or of the environment variable TANDEM_DATA, or \
./tandem-data.";

/// Arguments of `tandem import`.
#[derive(clap::Args, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    directory: Directory,
    /// Whose mailboxes
    #[arg(long, value_name = "NAME", value_parser = name)]
    user: String,
    /// Give the user an account if there is none; nobody can log in to it until `tandem user passwd`
    #[arg(long)]
    create: bool,
    /// The mailbox for what is not in a folder [default: INBOX]
    #[arg(long, value_name = "NAME", value_parser = target::argument)]
    mailbox: Option<MailboxName>,
    /// Name everything that was skipped, not the first few only
    #[arg(long)]
    verbose: bool,
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Imports.
#[must_use]
pub fn run(args: ImportArgs) -> ExitCode {
    ended(import(args))
}

fn import(args: ImportArgs) -> Result<(), String> {
    let absent = if args.create {
        Absent::Made
    } else {
        Absent::Refused
    };
    let (config, storage) = args.directory.open(absent)?;
    if args.create && storage.owner(&args.user) == Ok(None) {
        let added = storage.add_owner(&args.user, None);
        added.map_err(|failure| format!("cannot add `{}`: {failure}", args.user))?;
    }
    known(&*storage, &args.user)?;
    let most = config.limits.message;
    let bar = bar(args.paths.iter().map(PathBuf::as_path));
    let source = Source::new(args.paths, &Target::new(args.mailbox.as_ref()), most);
    let mut summary = Summary::new(args.verbose);
    let runtime = super::runtime()?;
    let stopped = runtime.block_on(async {
        let opened = Accounts::open(config, storage);
        let accounts = opened.map_err(|failure| failure.to_string())?;
        let delivered = match enter(&accounts, &args.user).await {
            Ok(seat) => {
                let delivery = Delivery::new(seat);
                Ok(deliver(source, delivery, &mut summary, &bar).await.err())
            }
            Err(why) => Err(why),
        };
        accounts.close().await;
        delivered
    })?;
    bar.finish_and_clear();
    say(format_args!("{}", summary.to_string().trim_end()));
    match (stopped, summary.skipped()) {
        (Some(Stopped(why)), _) => Err(format!("the import ended early: {why}")),
        (None, 0) => Ok(()),
        (None, _) => Err("something was skipped".into()),
    }
}

/// Delivers everything, and waits until it is durable.
async fn deliver(
    source: Source,
    mut delivery: Delivery,
    summary: &mut Summary,
    bar: &ProgressBar,
) -> Result<(), Stopped> {
    let delivered = deliver_each(source, &mut delivery, summary, bar).await;
    // What was taken stays, even if there was no room for what came then.
    let settled = delivery.settle().await;
    summary.imported = delivery.durable();
    delivered.and(settled)
}

async fn deliver_each(
    mut source: Source,
    delivery: &mut Delivery,
    summary: &mut Summary,
    bar: &ProgressBar,
) -> Result<(), Stopped> {
    while let Some(item) = source.next() {
        bar.set_position(source.read());
        match item {
            Item::Mailbox(name) => delivery.open(&name).await?,
            Item::Skipped(place, reason) => summary.skip(&place, reason),
            Item::LeftAlone(place, reason) => summary.leave_alone(&place, reason),
            Item::Message(message) => {
                let place = message.place.clone();
                match delivery.deliver(message).await? {
                    Fate::Imported(lost) => {
                        summary.keywords_lost = summary.keywords_lost.saturating_add(lost);
                    }
                    Fate::There => summary.there = summary.there.saturating_add(1),
                    Fate::Skipped(reason) => summary.skip(&place, reason),
                }
            }
        }
    }
    Ok(())
}

/// How far the import is; on a terminal only.
fn bar<'a>(paths: impl IntoIterator<Item = &'a Path>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar =
        ProgressBar::with_draw_target(Some(source::size(paths)), ProgressDrawTarget::stderr());
    // A template that is wrong would show in a test; the default bar does as well.
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    bar
}

const TEMPLATE: &str =
    "{bar:40} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
