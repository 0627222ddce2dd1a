//! [`tandem_tests::fuzz::session_alone`] for libFuzzer.
#![no_main]

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;

// What is kept is judged, too: every allocation of Rust is counted, none of libFuzzer's own.
#[global_allocator]
static MEMORY: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

libfuzzer_sys::fuzz_target!(|data: &[u8]| tandem_tests::fuzz::session_alone(data));
