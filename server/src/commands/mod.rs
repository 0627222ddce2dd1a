//! The commands of `tandem`, a file each.
//!
//! Each takes its arguments and gives the exit status: 0 it did what was asked, 1 it could not, or found something
//! wrong, 2 the arguments or the configuration were wrong.

pub mod bench;
pub mod check;
pub mod directory;
pub mod explore;
pub mod export;
pub mod fsck;
pub mod import;
pub mod mailbox;
pub mod practices;
pub mod replay;
pub mod serve;
pub mod user;

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
};

/// Exit status of wrong arguments or configuration; clap's own is the same.
pub const USAGE: u8 = 2;

/// One command with its arguments.
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Serve IMAP
    #[command(long_about = serve::ABOUT, after_long_help = serve::notes())]
    Serve(serve::ServeArgs),
    /// Let people in: add, passwd, remove, list
    #[command(long_about = user::ABOUT)]
    User(user::UserArgs),
    /// Take in messages from files: .eml, mbox, Maildir
    #[command(long_about = import::ABOUT, after_long_help = import::NOTES)]
    Import(import::ImportArgs),
    /// Write mailboxes out, as a Maildir
    #[command(long_about = export::ABOUT, after_long_help = export::NOTES)]
    Export(export::ExportArgs),
    /// Look for damage in what is kept, and repair what can be
    #[command(long_about = fsck::ABOUT)]
    Fsck(fsck::FsckArgs),
    /// Explore what several clients and a server can do, and check every state
    #[command(long_about = check::ABOUT)]
    Check(check::CheckArgs),
    /// Walk through what several clients and a server can do, in a browser
    #[command(long_about = explore::ABOUT)]
    Explore(explore::ExploreArgs),
    /// Replay what `serve --record` has recorded, and tell what differs
    #[command(long_about = replay::ABOUT)]
    Replay(replay::ReplayArgs),
    /// Measure a server: durable APPENDs, STOREs, reads, opening
    #[command(long_about = bench::ABOUT)]
    Bench(bench::BenchArgs),
    /// Print the table of practices: what RFC 2180 permits, and what is the default
    Practices,
}

impl Command {
    /// Does it.
    #[must_use]
    pub fn run(self) -> ExitCode {
        match self {
            Self::Serve(args) => serve::run(args),
            Self::User(args) => user::run(args),
            Self::Import(args) => import::run(args),
            Self::Export(args) => export::run(args),
            Self::Fsck(args) => fsck::run(args),
            Self::Check(args) => check::run(args),
            Self::Explore(args) => explore::run(args),
            Self::Replay(args) => replay::run(args),
            Self::Bench(args) => bench::run(args),
            Self::Practices => practices::run(),
        }
    }
}

/// The exit status of a command that says in one sentence why it could not.
fn ended(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard output. Whoever has closed it does not want the rest.
fn say(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// What the commands that open accounts run on.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(|error| format!("cannot start: {error}"))
}
