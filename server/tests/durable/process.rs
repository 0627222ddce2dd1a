//! A server, as a process: it ends with its test, one way or another.
//!
//! Touches processes.

use crate::shim::Shim;
use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Holds back less for a full disk than by default, so that little has to be written.
pub const RESERVE: [&str; 2] = ["--limit", "reserve=1048576"];

/// A running server.
#[derive(Debug)]
pub struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    errors: Option<PathBuf>,
    pub address: SocketAddr,
    pub data: PathBuf,
}

/// `tandem`, with nothing of this environment that could be meant for it.
pub fn tandem(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tandem"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TANDEM_")) {
        command.env_remove(name);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Where a server writes what goes wrong: on no disk that is made to fail.
fn errors() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("errors-{}-{count}", std::process::id());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// What `tandem serve` is given: a free port, and these users, whose passwords are their names.
fn serve(data: &Path, users: &[&str], options: &[&str]) -> Command {
    let mut command = tandem(["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data);
    for user in users {
        command.arg(format!("--user={user}:{user}"));
    }
    command.args(options);
    command
}

impl Server {
    /// Starts one on this directory, and waits until it listens.
    pub fn start(data: &Path, users: &[&str], options: &[&str], shim: Option<&Shim>) -> Self {
        let started = Self::try_start(data, users, options, shim);
        started.unwrap_or_else(|(status, said)| panic!("{status}: {said}"))
    }

    /// The same; how it ended, and what it said, if it does not come to listening.
    pub fn try_start(
        data: &Path,
        users: &[&str],
        options: &[&str],
        shim: Option<&Shim>,
    ) -> Result<Self, (ExitStatus, String)> {
        let errors = errors();
        let log = File::create(&errors).unwrap();
        Self::spawn(serve(data, users, options), shim, log, data, Some(errors))
    }

    /// The same, and its log goes to a disk that is full.
    pub fn start_without_log(data: &Path, options: &[&str], shim: Option<&Shim>) -> Self {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let mut command = serve(data, &["alice"], options);
        command.env("RUST_LOG", "info");
        Self::spawn(command, shim, full, data, None).expect("it listens")
    }

    fn spawn(
        mut command: Command,
        shim: Option<&Shim>,
        log: File,
        data: &Path,
        errors: Option<PathBuf>,
    ) -> Result<Self, (ExitStatus, String)> {
        if let Some(shim) = shim {
            shim.load(&mut command);
        }
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        output.read_line(&mut ready).unwrap();
        let address = ready.strip_prefix("tandem: imap listening on ");
        let listens = address.is_some();
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let address = address.map_or(nowhere, |rest| rest.trim_end().parse().unwrap());
        let mut server = Self {
            child,
            output,
            errors,
            address,
            data: data.into(),
        };
        if listens {
            return Ok(server);
        }
        let status = server.child.wait().unwrap();
        Err((status, ready + &server.said()))
    }

    /// SIGKILL; nothing of it runs any more when this returns.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGKILL, in the moment that its next effect on the disk or on a client is recorded.
    pub fn end(mut self, shim: &Shim) {
        shim.end();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "{status}");
    }

    /// SIGTERM, and its end, which is an orderly one.
    pub fn terminate(mut self) {
        let status = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", self.child.id())])
            .status();
        assert!(status.unwrap().success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.said());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
    }

    /// What it wrote to standard error so far.
    pub fn said(&self) -> String {
        let errors = self.errors.as_ref();
        errors.map_or_else(String::new, |errors| fs::read_to_string(errors).unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            println!("the server said: {}", self.said());
        }
        if let Some(errors) = &self.errors {
            let _ = fs::remove_file(errors);
        }
    }
}
