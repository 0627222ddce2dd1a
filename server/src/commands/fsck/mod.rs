//! `tandem fsck`: whether what is kept is what it should be, and the repair of what can be.
//!
//! Touches storage, standard output. Nobody is served meanwhile: storage is open for this process alone.
//!
//! Theory of operation. The journal is the truth: what can be worked out from it is, and compared with what storage says (`audit`). Each change of the journal is
//! held against the account that it is about to change (`witness`), for applying one asks no questions. What contradicts a journal that is sound is corrected; what
//! the journal itself says is never changed, and no message is ever removed.

mod audit;
mod fault;
#[cfg(test)]
mod on_disk;
#[cfg(test)]
mod tests;
mod witness;

pub use audit::Audit;
pub use fault::{Fault, Outcome, Tally, Told};

use super::{
    USAGE,
    directory::{ALONE, Absent, Directory},
    say,
};
use std::process::ExitCode;

/// What `tandem fsck --help` begins with.
pub const ABOUT: &str = "\
Look for damage in what is kept, and repair what can be.

Reads everything. For each account: its journal is sound, and makes the account that its snapshot would make; UIDs and MODSEQs \
ascend; each message has its octets, whole, and what was worked out of them is right; octets are counted as often as messages have them, and none are kept that \
no message has. Then whatever the database can tell of itself.

A count of octets that is wrong can be repaired, and octets that no message has can be removed: --repair does it, where the journal that says so is sound. Of a message \
whose octets are lost the rest is kept, and it is reported each time. A snapshot takes the place of the journal before it: one that is damaged cannot be made again.

The exit status is 0 if nothing is wrong, or all of it was repaired; 1 if something is; 2 if it could not be looked at.";

/// Arguments of `tandem fsck`.
#[derive(clap::Args, Debug)]
#[command(after_help = ALONE)]
pub struct FsckArgs {
    #[command(flatten)]
    directory: Directory,
    /// Repair what can be
    #[arg(long)]
    repair: bool,
}

/// Looks, and says what was found.
#[must_use]
pub fn run(args: FsckArgs) -> ExitCode {
    match look(args) {
        Ok(tally) if tally.faults == tally.repaired => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::from(USAGE)
        }
    }
}

fn look(FsckArgs { directory, repair }: FsckArgs) -> Result<Tally, String> {
    // A count that is wrong may say that nothing refers to what is all that is left of a message.
    let (config, storage) = directory.open_unswept(Absent::Refused)?;
    let mut tell = |told: Told<'_>| say(format_args!("{told}"));
    let limits = config.limits.of_account();
    let tally = Audit::new(&*storage, limits, repair, &mut tell).everything();
    let tally = tally.map_err(|failure| format!("cannot look any further: {failure}"))?;
    say(format_args!("{tally}"));
    Ok(tally)
}
