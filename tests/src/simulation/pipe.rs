//! A connection in memory that is as bad as fate likes: short reads, short writes, late ones; a peer that takes nothing, or is gone.
//!
//! Touches nothing else. Everything that the server writes is kept, with up to where its journal was durable at that moment.

use super::{
    disk::Disk,
    fate::{Fate, Fault},
};
use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Instant,
};

/// The client's end.
#[derive(Clone, Debug)]
pub struct Near(Arc<Shared>);

/// The server's end. Dropping it closes the connection.
#[derive(Debug)]
pub struct Far(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    fate: Fate,
    disk: Arc<Disk>,
    number: usize,
}

/// What the server wrote.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// All of it.
    pub octets: Vec<u8>,
    /// For each piece: where it ends, and up to where the journal was durable.
    pub pieces: Vec<(usize, u64)>,
}

/// How the client's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is there.
    Open,
    /// It was closed: the server reads its end, and may write what goes on its way.
    Closed,
    /// It is gone: whatever the server does with it is an error.
    Broken,
}

#[derive(Debug)]
struct State {
    to_server: VecDeque<u8>,
    from_server: VecDeque<u8>,
    /// How many octets are on their way to the client at most.
    room: usize,
    client: End,
    server_closed: bool,
    /// The server's end was lost, with its server or its task.
    cut: bool,
    /// When the client last sent something.
    sent: Instant,
    /// Since when it has had something to take, and taken nothing.
    waits: Option<Instant>,
    /// How long it had sent nothing, or taken nothing, when the server closed the connection.
    silence: Duration,
    written: Written,
    /// [`Fault::Swaps`].
    held: Option<Vec<u8>>,
    server: Vec<Waker>,
    reader: Option<Waker>,
}

/// A connection on which so many octets are on their way to the client at most.
#[must_use]
pub fn connection(fate: &Fate, number: usize, room: usize, disk: &Arc<Disk>) -> (Near, Far) {
    let shared = Arc::new(Shared {
        state: Mutex::new(State {
            to_server: VecDeque::new(),
            from_server: VecDeque::new(),
            room,
            client: End::Open,
            server_closed: false,
            cut: false,
            sent: Instant::now(),
            waits: None,
            silence: Duration::ZERO,
            written: Written::default(),
            held: None,
            server: Vec::new(),
            reader: None,
        }),
        fate: fate.clone(),
        disk: Arc::clone(disk),
        number,
    });
    (Near(Arc::clone(&shared)), Far(shared))
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.state().fmt(f)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What becomes of octets on their way, if a fault is planted there.
    fn spoil(&self, state: &mut State, mut octets: Vec<u8>) -> Vec<u8> {
        if self.fate.shows(Fault::LosesOctet, 100) {
            octets.pop();
        }
        if let Some(held) = state.held.take() {
            octets.extend(held);
        } else if self.fate.shows(Fault::Swaps, 100) {
            state.held = Some(std::mem::take(&mut octets));
        }
        self.fate.stray(self.number, &mut octets);
        octets
    }

    fn end(&self) {
        let mut state = self.state();
        if !state.server_closed {
            state.silence = state.silence();
        }
        state.server_closed = true;
        state.wake_client();
    }
}

impl State {
    /// How long the client has sent nothing, or taken nothing: whichever is longer.
    fn silence(&self) -> Duration {
        let waits = self.waits.map_or(Duration::ZERO, |since| since.elapsed());
        self.sent.elapsed().max(waits)
    }

    fn wake_server(&mut self) {
        self.server.drain(..).for_each(Waker::wake);
    }

    fn wake_client(&mut self) {
        self.reader.take().into_iter().for_each(Waker::wake);
    }
}

impl Near {
    /// Sends this.
    pub fn send(&self, octets: &[u8]) {
        let fate = &self.0.fate;
        fate.note(format_args!("from {}: {}", self.0.number, noted(octets)));
        let mut state = self.0.state();
        state.to_server.extend(octets);
        state.sent = Instant::now();
        state.wake_server();
    }

    /// Some of what the server has sent; none: it has closed the connection.
    pub async fn receive(&self) -> Option<Vec<u8>> {
        poll_fn(|context| {
            let mut state = self.0.state();
            if state.from_server.is_empty() {
                if state.server_closed {
                    return Poll::Ready(None);
                }
                state.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
            let count = self.0.fate.some(state.from_server.len());
            let octets = state.from_server.drain(..count).collect();
            state.waits = (!state.from_server.is_empty()).then(Instant::now);
            state.wake_server();
            self.0.fate.takes(self.0.number);
            Poll::Ready(Some(octets))
        })
        .await
    }

    /// Goes.
    pub fn leave(&self, end: End) {
        self.0
            .fate
            .note(format_args!("from {}: {end:?}", self.0.number));
        self.0.fate.takes(self.0.number);
        if self.0.fate.shows(Fault::HidesEnd, 1) {
            return;
        }
        let mut state = self.0.state();
        state.client = end;
        state.wake_server();
    }

    /// The server's end is lost; what was on its way comes as far as fate likes.
    pub fn cut(&self) {
        let fate = &self.0.fate;
        fate.note(format_args!("to {}: cut", self.0.number));
        let mut state = self.0.state();
        if state.server_closed {
            return;
        }
        state.cut = true;
        state.silence = state.silence();
        state.server_closed = true;
        let comes = fate.below(state.from_server.len() + 1);
        state.from_server.truncate(comes);
        state.wake_client();
    }

    /// How long the client had sent nothing, or taken nothing, when the server closed the connection.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.0.state().silence
    }

    /// Whether the server's end was lost.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.0.state().cut
    }

    /// Whether the client has gone.
    #[must_use]
    pub fn end(&self) -> End {
        self.0.state().client
    }

    /// What the server has written up to now.
    #[must_use]
    pub fn written(&self) -> Written {
        self.0.state().written.clone()
    }
}

/// Octets as they are noted: of many, the first, how many, and a sum.
fn noted(octets: &[u8]) -> String {
    let Some((first, _)) = octets.split_at_checked(1_000) else {
        return octets.escape_ascii().to_string();
    };
    let sum = octets.iter().fold(0_u64, |sum, octet| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*octet))
    });
    format!(
        "{} and so on: {} octets, sum {sum}",
        first.escape_ascii(),
        octets.len()
    )
}

impl AsyncRead for Far {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.state();
        if state.client == End::Broken {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        if state.to_server.is_empty() {
            if state.client == End::Closed {
                return Poll::Ready(Ok(()));
            }
            state.server.push(context.waker().clone());
            return Poll::Pending;
        }
        if self.0.fate.once_in(4) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let count = self
            .0
            .fate
            .some(state.to_server.len())
            .min(buffer.remaining());
        let octets: Vec<u8> = state.to_server.drain(..count).collect();
        buffer.put_slice(&octets);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Far {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.state();
        if state.client == End::Broken {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let fate = &self.0.fate;
        let room = state.room.saturating_sub(state.from_server.len());
        if room == 0 && state.client == End::Closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if fate.is_blocked(self.0.number, room == 0, context.waker()) {
            return Poll::Pending;
        }
        if room == 0 {
            state.server.push(context.waker().clone());
            return Poll::Pending;
        }
        if self.0.fate.once_in(8) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let count = self.0.fate.some(octets.len()).min(room);
        let octets = self.0.spoil(&mut state, octets[..count].to_vec());
        state.waits = state.waits.or_else(|| Some(Instant::now()));
        state.from_server.extend(&octets);
        state.written.octets.extend_from_slice(&octets);
        let end = state.written.octets.len();
        let durable = self.0.disk.durable();
        state.written.pieces.push((end, durable));
        self.0.fate.note(format_args!(
            "to {} at {durable}: {}",
            self.0.number,
            noted(&octets)
        ));
        state.wake_client();
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
