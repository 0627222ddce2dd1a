//! The suite, on disk, and what only a directory can suffer.

mod durable;
mod opening;
mod plans;

use super::Sqlite;
use crate::storage::{Options, conformance::Ground};
use tempfile::TempDir;

/// A directory of its own, without a reserve: that takes time to write.
fn ground() -> Ground {
    let directory = TempDir::new().unwrap();
    Ground::lasting(move || Box::new(open(&directory)))
}

fn open(directory: &TempDir) -> Sqlite {
    Sqlite::open(directory.path(), options()).unwrap()
}

fn options() -> Options {
    Options {
        reserve: 0,
        ..Options::default()
    }
}

mod suite {
    crate::storage::conformance::suite!(super::ground);
}

/// The same, opened again between the steps.
mod restless {
    use super::Ground;

    fn ground() -> Ground {
        super::ground().restless()
    }

    crate::storage::conformance::suite!(ground);
}
