//! What a script can be played on.
//!
//! Touches nothing itself: [`Tcp`] touches sockets, [`Steps`] an account of its own.

pub mod answer;
mod contents;
mod steps;
mod tcp;

pub use steps::{Steps, Taken};
pub use tcp::Tcp;

/// Clients that have logged in to one account, numbered from 0 in the order in which they came.
pub trait Stage {
    /// One more client.
    fn enter(&mut self);

    /// A client sends these bytes.
    fn send(&mut self, client: usize, bytes: &[u8]);

    /// The next response that a client receives, whole, with its CRLF; `None`: its connection has been closed.
    ///
    /// # Panics
    /// None comes.
    fn receive(&mut self, client: usize) -> Option<Vec<u8>>;
}
