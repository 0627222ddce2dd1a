//! The real server as a process, held to its promise: nothing that a client was told is lost.
//!
//! Touches processes, sockets and directories of its own making. Whoever waits, waits for what has to come, never for time.
//!
//! | module | noun |
//! |---|---|
//! | [`disk`] | a directory as a loss of power may leave it |
//! | [`log`] | what `disk.c` has recorded, in one order |
//! | [`shim`] | `disk.c` loaded into a process: its log, and the faults that it injects |
//! | [`process`] | a server |
//! | [`wire`] | a connection, and its responses |
//! | [`oracle`] | what clients were told, and what therefore has to be there |
//! | [`chance`] | choices by a seed |
//!
//! The tests: [`instrument`] of the instruments themselves, [`kill`], [`power`], [`full`], [`errors`], [`restart`].

#[cfg(test)]
mod chance;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod full;
#[cfg(test)]
mod instrument;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod log;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod play;
#[cfg(test)]
mod power;
#[cfg(test)]
mod process;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod shim;
#[cfg(test)]
mod wire;
