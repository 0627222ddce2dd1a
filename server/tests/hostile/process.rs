//! A server as a process, and how much memory it took at most.
//!
//! Touches processes and `/proc`.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, ChildStdout, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};
use tempfile::TempDir;

/// 1 MiB, in the KiB that `/proc` counts in.
pub const MIB: u64 = 1024;

/// A running server; it ends with its test.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Kept open: the server writes to it.
    _output: BufReader<ChildStdout>,
    _directory: TempDir,
    /// One at a time, or they would disturb each other's measurements.
    _turn: MutexGuard<'static, ()>,
    pub address: SocketAddr,
}

impl Server {
    /// With the user `user`, whose password is `user`, mailboxes on disk, and these settings beside.
    pub fn start(options: &[&str]) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let directory = TempDir::new().unwrap();
        // As many systems start what they start: with few file descriptors, and leave to raise that.
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -Sn 512; exec \"$@\"", "sh"])
            .arg(env!("CARGO_BIN_EXE_tandem"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TANDEM_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--user", "user:user"])
            .args(["--limit", "reserve=1048576", "--data"])
            .arg(directory.path().join("data"))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready.strip_prefix("tandem: imap listening on ").unwrap();
        Self {
            child,
            address: address.trim_end().parse().unwrap(),
            _output: output,
            _directory: directory,
            _turn: turn,
        }
    }

    /// The most memory that it has had so far, in KiB.
    pub fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let amount = line.unwrap().trim().strip_suffix(" kB").unwrap();
        amount.parse().unwrap()
    }

    /// It has taken at most so many KiB more than it had.
    #[track_caller]
    pub fn has_taken_at_most(&self, what: &str, before: u64, bound: u64) {
        let taken = self.peak().saturating_sub(before);
        println!(
            "{what}: {} MiB, of at most {} MiB",
            taken / MIB,
            bound / MIB
        );
        assert!(taken <= bound, "{what}: {taken} KiB, of at most {bound}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
