//! The suite, in memory.

use super::Memory;
use crate::storage::conformance::{Ground, suite};

fn ground() -> Ground {
    Ground::fleeting(Memory::new())
}

suite!(ground);
