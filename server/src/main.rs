//! `tandem`: the command line.
//!
//! Touches standard error, for logs: `RUST_LOG` chooses which; warnings and errors, if it is not set.

use clap::Parser as _;
use std::{io::IsTerminal as _, process::ExitCode};
use tandem_server::commands::Command;
use tracing_subscriber::EnvFilter;

/// A fifth of the checker's time, and more, is taking memory and giving it back. A server keeps within its bounds with the system's.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An IMAP server that follows every practice of RFC 2180, as its user chooses, and the checker of it
#[derive(clap::Parser, Debug)]
#[command(name = "tandem", version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // Reported to standard error, whose failure would then be a panic.
        .log_internal_errors(false)
        .init();
    command_line.command.run()
}
