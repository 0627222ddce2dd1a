//! A stage over TCP: as many connections to a server as there are clients.
//!
//! Touches sockets.

use super::Stage;
use crate::{
    server::Server,
    wire::{Wire, shown},
};

/// A server and its clients.
#[derive(Debug)]
pub struct Tcp {
    clients: Vec<Wire>,
    // Last: connections are closed before the server ends.
    server: Server,
}

impl Tcp {
    /// A server with these practices, each as `key=value`.
    #[must_use]
    pub fn new(practices: &[&str]) -> Self {
        Self {
            clients: Vec::new(),
            server: Server::practising(practices),
        }
    }
}

impl Stage for Tcp {
    fn enter(&mut self) {
        let mut wire = Wire::connect(self.server.address());
        wire.send(b"login LOGIN demo demo\r\n");
        for expected in ["* OK ", "login OK "] {
            let line = wire.response().unwrap_or_default();
            assert!(line.starts_with(expected.as_bytes()), "{}", shown(&line));
        }
        self.clients.push(wire);
    }

    fn send(&mut self, client: usize, bytes: &[u8]) {
        self.clients[client].send(bytes);
    }

    fn receive(&mut self, client: usize) -> Option<Vec<u8>> {
        self.clients[client].response()
    }
}
