//! `disk.c` loaded into a process: where it writes its log, and the faults that it injects.
//!
//! Touches the C compiler, once, and a directory of its own.

use crate::log::{self, Record};
use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// The library, compiled.
static LIBRARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let room = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = room.join("disk.so");
    let fresh = room.join(format!("disk-{}.so", std::process::id()));
    let done = Command::new("cc")
        .args([
            "-std=gnu17",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O1",
            "-shared",
            "-fPIC",
            "-o",
        ])
        .arg(&fresh)
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/durable/disk.c"))
        .args(["-ldl", "-lpthread"])
        .status()
        .expect("a C compiler called `cc`");
    assert!(done.success(), "disk.c does not compile");
    // Another run of the tests may be about to load it.
    fs::rename(&fresh, &library).unwrap();
    library
});

/// A directory for one test, removed when the test has passed.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        // As the kernel will call it.
        Self(path.canonicalize().unwrap())
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if std::thread::panicking() {
            println!("left as it was: {}", self.0.display());
        } else {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A way in which a disk fails: its name, and how it is ordered.
#[derive(Clone, Copy, Debug)]
pub struct Fault(pub &'static str, pub fn(&Shim));

/// No limit, or for ever.
pub const ALL: u64 = u64::MAX;

/// The library for one process.
#[derive(Debug)]
pub struct Shim {
    root: PathBuf,
    log: PathBuf,
    orders: PathBuf,
    control: File,
}

impl Shim {
    /// For a process that works below `root`; log and control file are beside it.
    pub fn new(root: &Path) -> Self {
        let beside = |suffix: &str| root.with_extension(suffix);
        let (log, orders) = (beside("log"), beside("control"));
        let _ = fs::remove_file(&log);
        let control = File::options()
            .create(true)
            .truncate(true)
            .read(true)
            .write(true)
            .open(&orders);
        let shim = Self {
            root: root.into(),
            log,
            orders,
            control: control.unwrap(),
        };
        shim.control.set_len(88).unwrap();
        shim.room(ALL);
        shim
    }

    /// For a process of which nothing is asked afterwards: no log is kept, which would be most of what is written to the real disk.
    pub fn without_log(root: &Path) -> Self {
        Self {
            log: "/dev/null".into(),
            ..Self::new(root)
        }
    }

    /// The process will run with it.
    pub fn load(&self, command: &mut Command) {
        command
            .env("LD_PRELOAD", &*LIBRARY)
            .env("DISK_ROOT", &self.root)
            .env("DISK_LOG", &self.log)
            .env("DISK_CONTROL", &self.orders);
    }

    /// Everything that was recorded so far.
    pub fn records(&self) -> Vec<Record> {
        log::read(&self.log)
    }

    /// So many octets can be allocated from now on.
    pub fn room(&self, octets: u64) {
        self.set(0, &[octets]);
    }

    /// A write takes so many octets at most; 0: as many as there are.
    pub fn longest_write(&self, octets: u64) {
        self.set(8, &[octets]);
    }

    /// So many syncs go well, so many after that fail.
    pub fn fail_syncs(&self, pass: u64, fail: u64) {
        self.set(16, &[pass, fail]);
    }

    /// So many writes go well, so many after that fail.
    pub fn fail_writes(&self, pass: u64, fail: u64) {
        self.set(32, &[pass, fail]);
    }

    /// Only files whose path ends so fail.
    pub fn fail_only(&self, part: &str) {
        let mut name = [0; 32];
        name[..part.len()].copy_from_slice(part.as_bytes());
        self.control.write_all_at(&name, 48).unwrap();
    }

    /// The process is killed with its next effect, which is the last one, and the last that is recorded.
    pub fn end(&self) {
        self.set(80, &[1]);
    }

    fn set(&self, at: u64, words: &[u64]) {
        let octets: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.control.write_all_at(&octets, at).unwrap();
    }
}
