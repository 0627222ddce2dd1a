//! How much memory this process uses.
//!
//! Touches the counters of `stats_alloc`, which has to be the allocator of the process that asks, and whoever asks alone in it: all that is in use is counted.

use stats_alloc::INSTRUMENTED_SYSTEM;

/// How many octets are in use.
///
/// # Panics
/// Nobody counts them.
#[must_use]
pub fn in_use() -> usize {
    let stats = INSTRUMENTED_SYSTEM.stats();
    assert!(stats.allocations > 0, "allocations are not counted");
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}
