//! What a server recorded, replayed when its test is done.
//!
//! Touches a file of its own. So every test over TCP holds the server to `Session::step`, whatever else it looks at.

use std::{
    env, fs,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};
use tandem_server::recording::replay::{Verdict, replay};

/// The recording of one server.
#[derive(Debug)]
pub struct Recording {
    file: PathBuf,
}

impl Recording {
    /// One that is not there yet.
    #[must_use]
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = env::temp_dir().join(format!("tandem-{}-{count}.recording", process::id()));
        // Left behind by another process of this id.
        let _ = fs::remove_file(&file);
        Self { file }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file
    }

    /// Replays it: it has to be whole and equal, with steps in it unless its server was not used, and all of them judged. Then it is gone.
    ///
    /// # Panics
    /// It is not.
    pub fn is_equal(self, is_unused: bool) {
        let source = BufReader::new(File::open(&self.file).unwrap());
        let verdict = replay(source, |_, _| {}).unwrap();
        let is_right = match verdict {
            Verdict::Equal { counts, whole } => {
                whole && counts.unjudged == 0 && (counts.steps == 0) == is_unused
            }
            Verdict::Differs { .. } => false,
        };
        assert!(
            is_right,
            "{verdict:?}\nsee `tandem replay {}`",
            self.file.display()
        );
        fs::remove_file(&self.file).unwrap();
    }
}

impl Default for Recording {
    fn default() -> Self {
        Self::new()
    }
}
