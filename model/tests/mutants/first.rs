//! The first of all tests by its name. Feature `mutants`.
//!
//! Touches the process. One failure is as good as many, and nobody reads them.

#[test]
fn a_failure_ends_the_run() {
    std::panic::set_hook(Box::new(|failure| {
        eprintln!("{failure}");
        std::process::exit(101);
    }));
}
