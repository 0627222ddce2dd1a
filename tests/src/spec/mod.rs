//! The specification as a table: what `spec/` says is checked where, held against what there is.
//!
//! Touches the repository's files, to read them; where `TANDEM_UPDATE` is set, it writes the parts of the documentation that are generated.
//!
//! Theory of operation. An entry of `spec/rfcN.md` or `spec/promises.md` is read by a strict grammar ([`entry`]); what it cites is looked up in the
//! catalogue ([`catalogue`]): properties, faults and invariants as the code lists them, transcripts, rulings, and tests found in the sources.
//! [`judge`] tells every breach, in either direction: what is cited and is not there, and what is there and is asked for by nobody. From the same table are made
//! the blocks of README and `spec/README.md` ([`blocks`]) and the picture of coverage ([`picture`]). Who looks at which invariant is a table of its own
//! ([`consumers`]), which goes by the tests in which they are seen to.

pub mod blocks;
pub mod catalogue;
pub mod consumers;
pub mod elsewhere;
pub mod entry;
pub mod judge;
pub mod picture;
pub mod sources;

use catalogue::Catalogue;
use entry::Entry;
use sources::Sources;

/// The specification and what it is held against.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Every entry, in the order of files and lines.
    pub entries: Vec<Entry>,
    /// What is malformed, with file and line.
    pub malformed: Vec<String>,
    /// What there is to be cited.
    pub catalogue: Catalogue,
    /// The repository's text.
    pub sources: Sources,
}

impl Spec {
    /// Reads the repository.
    #[must_use]
    pub fn read() -> Self {
        Self::of(Sources::read())
    }

    /// The specification that these sources have.
    #[must_use]
    pub fn of(sources: Sources) -> Self {
        let mut entries = Vec::new();
        let mut malformed = Vec::new();
        for (path, text) in sources.requirements() {
            let read = entry::read(path, text);
            entries.extend(read.entries);
            malformed.extend(read.malformed);
        }
        let catalogue = Catalogue::of(&sources);
        Self {
            entries,
            malformed,
            catalogue,
            sources,
        }
    }
}
