//! `tandem bench`: how fast a server is, on this machine and this disk.
//!
//! Touches sockets, standard output, and a directory of its own making, which it removes.
//!
//! Theory of operation. What is measured is what a client sees: threads with a connection each send a command, wait for its tagged response,
//! and send the next. Two servers run in this process, one on disk and one in memory; each measurement goes back and forth between them, so that both have
//! the same machine, and the middle round counts. Beside them stands what the disk takes to sync a little: nothing durable is faster, but for many that share a
//! sync. With `--server` another server is measured instead, by what it says on the wire alone.

mod client;
mod disk;
mod opening;
mod report;
mod server;
mod work;

use crate::config::User;
use report::{Report, Row};
use server::{Running, Subject};
use std::{
    io,
    net::{SocketAddr, ToSocketAddrs as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use work::{Samples, WORKS, Work};

/// What `tandem bench --help` begins with.
pub const ABOUT: &str = "\
Measure a server: durable APPENDs, STOREs, reads, how long an account takes to open, and how much room it needs.

Without --server it measures tandem, on disk and in memory side by side, in this process and over TCP on 127.0.0.1. What it writes is in a directory \
of its own below DIR, on the disk that is to be measured, and is removed. With --server it measures another one, \
in mailboxes called `bench-append` and `bench-read`, which stay.";

/// How often each measurement goes back and forth: the middle one counts.
const ROUNDS: usize = 3;

/// Arguments of `tandem bench`.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// A directory on the disk that is measured
    #[arg(long, value_name = "DIR", default_value = ".")]
    data: PathBuf,
    /// How many connections there are, where there are many
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// How long each measurement takes
    #[arg(long, value_name = "S", default_value = "3", value_parser = seconds)]
    seconds: Duration,
    /// How many messages the account has that is opened; 0: none is
    #[arg(long, value_name = "N", default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    messages: u32,
    /// Measure the server at this address instead
    #[arg(long, value_name = "HOST:PORT", requires = "user")]
    server: Option<String>,
    /// Whom to log in as there
    #[arg(long, value_name = "NAME:PASSWORD", requires = "server")]
    user: Option<String>,
}

/// A time of at least a hundredth of a second.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds >= 0.01);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "expected a number of seconds, at least 0.01".into())
}

/// Measures, and prints what it found.
#[must_use]
pub fn run(args: BenchArgs) -> ExitCode {
    let measured = match (&args.server, &args.user) {
        (Some(address), Some(user)) => theirs(&args, address, user),
        _ => ours(&args),
    };
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tandem: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A directory that goes with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(parent: &Path) -> io::Result<Self> {
        let path = parent.join(format!("tandem-bench-{}", std::process::id()));
        std::fs::create_dir(&path).map_err(|error| {
            let what = format!("cannot make the directory `{}`: {error}", path.display());
            io::Error::new(error.kind(), what)
        })?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Measures tandem, on disk and in memory.
fn ours(args: &BenchArgs) -> io::Result<()> {
    let scratch = Scratch::new(&args.data)?;
    let mut report = Report::new(["on disk", "in memory"]);
    report.line(&disk::sync_time(&scratch.0, args.seconds)?.to_string());
    let servers = [
        Running::start(Some(&scratch.0.join("measured")))?,
        Running::start(None)?,
    ];
    let subjects = [servers[0].subject(), servers[1].subject()];
    measure(args, &subjects, &mut report)?;
    drop(servers);
    if args.messages > 0 {
        let path = scratch.0.join("opened");
        opening::measure(&path, args.messages, args.connections, &mut report)?;
    }
    Ok(())
}

/// Measures the server at an address.
fn theirs(args: &BenchArgs, address: &str, user: &str) -> io::Result<()> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidInput, what.to_owned());
    let user = User::read(user).ok_or_else(|| wrong("`--user` is not NAME:PASSWORD"))?;
    let resolved: Option<SocketAddr> = address.to_socket_addrs()?.next();
    let address = resolved.ok_or_else(|| wrong("`--server` has no address"))?;
    let subject = Subject {
        address,
        user,
        counts: None,
    };
    measure(args, &[subject], &mut Report::new(["this server"]))
}

/// Every work, with as many connections as it is measured with.
fn measure<const N: usize>(
    args: &BenchArgs,
    subjects: &[Subject; N],
    report: &mut Report<N>,
) -> io::Result<()> {
    for subject in subjects {
        work::prepare(subject, args.connections)?;
    }
    report.head();
    for (work, alone) in WORKS {
        let mut counts = vec![args.connections];
        if alone && args.connections > 1 {
            counts.insert(0, 1);
        }
        for connections in counts {
            let mut samples: [Vec<Samples>; N] = [const { Vec::new() }; N];
            for _ in 0..ROUNDS {
                for (subject, samples) in subjects.iter().zip(&mut samples) {
                    let time = args.seconds / u32::try_from(ROUNDS).unwrap_or(1);
                    samples.push(work::run(work, subject, connections, time)?);
                }
            }
            report.row(&Row {
                name: name(work, connections),
                cells: samples.map(work::middle),
                unit: work.unit(),
            });
        }
    }
    Ok(())
}

fn name(work: Work, connections: u32) -> String {
    let plural = if connections == 1 { "" } else { "s" };
    format!("{}, {connections} connection{plural}", work.name())
}
