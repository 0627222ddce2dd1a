//! A connection in memory, of which one can tell when the server has nothing left to do but to wait for its client.
//!
//! Touches nothing else. It gives and takes a few bytes at a time, as sockets do when they like.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
};

/// The client's end.
#[derive(Clone, Debug)]
pub struct Pipe(Arc<Shared>);

/// The server's end. Dropping it closes the connection.
#[derive(Debug)]
pub struct Far(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    moved: Notify,
}

#[derive(Debug)]
struct State {
    to_server: Vec<u8>,
    from_server: Vec<u8>,
    /// How many bytes go through at once.
    step: usize,
    /// The server has read everything, and asked for more.
    is_hungry: bool,
    client_closed: bool,
    server_closed: bool,
    reader: Option<Waker>,
}

/// A connection, through which so many bytes go at once.
pub fn connection(step: usize) -> (Pipe, Far) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            to_server: Vec::new(),
            from_server: Vec::new(),
            step: step.max(1),
            is_hungry: false,
            client_closed: false,
            server_closed: false,
            reader: None,
        }),
        moved: Notify::new(),
    });
    (Pipe(Arc::clone(&shared)), Far(shared))
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pipe {
    /// Sends bytes, and waits until the server has read them and asks for more, or has closed.
    pub async fn send(&self, bytes: &[u8]) {
        self.give(|state| state.to_server.extend_from_slice(bytes));
        self.until(|state| state.is_hungry || state.server_closed)
            .await;
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.give(|state| state.client_closed = true);
    }

    /// What the server has written since the last time.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.state().from_server)
    }

    /// Whether the server has closed.
    pub fn is_closed(&self) -> bool {
        self.0.state().server_closed
    }

    fn give(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.0.state();
        change(&mut state);
        state.is_hungry = false;
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let moved = self.0.moved.notified();
            if holds(&self.0.state()) {
                return;
            }
            moved.await;
        }
    }
}

impl AsyncRead for Far {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.to_server.is_empty() && !state.client_closed {
            state.is_hungry = true;
            state.reader = Some(context.waker().clone());
            self.0.moved.notify_one();
            return Poll::Pending;
        }
        let most = state.step.min(buffer.remaining());
        let count = state.to_server.len().min(most);
        buffer.put_slice(&state.to_server[..count]);
        state.to_server.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Far {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.state();
        let count = bytes.len().min(state.step);
        state.from_server.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.end();
        Poll::Ready(Ok(()))
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Shared {
    fn end(&self) {
        self.state().server_closed = true;
        self.moved.notify_one();
    }
}
