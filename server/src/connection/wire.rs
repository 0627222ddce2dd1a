//! The bytes of one client: read and framed, collected and written.
//!
//! Touches the socket; nobody else does. RFC 3501 section 2.2.
//!
//! Both directions are bounded. Nothing is read while there is something to be answered, and whoever has filled `out` past
//! [`Wire::is_full`] waits for [`Wire::flush`]: so a client that sends much, or reads little, meets TCP's back-pressure.

use super::{
    budget::{Budget, Share},
    own::{Cause, Sense},
};
use crate::{
    codec::fragment::{Event, Fault, Fragmenter},
    config::Limits,
    recording::Greeted,
};
use std::{fmt::Debug, future::poll_fn, pin::Pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    time,
};

/// How long a client that was told BYE may go on sending before its socket is closed. Closing with unread input makes TCP
/// reset the connection, which may destroy the BYE on its way.
const LINGER: Duration = Duration::from_millis(200);

/// The connection is of no use any more: the client closed it, it broke, or nothing of what was sent has been taken
/// for as long as is allowed. There is nobody to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

/// What a connection speaks over: a socket, or what stands for one in a test.
pub trait Stream: AsyncRead + AsyncWrite + Debug + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Unpin> Stream for T {}

/// One client's socket with its buffers.
#[derive(Debug)]
pub struct Wire {
    stream: Box<dyn Stream>,
    fragmenter: Fragmenter,
    /// Of what large literals may take.
    share: Share,
    limits: Limits,
    /// What has been read; `taken` of it has gone through the fragmenter.
    input: Vec<u8>,
    taken: usize,
    /// What is to be written, whole lines; `written` of it has been.
    pub out: Vec<u8>,
    written: usize,
    logged_in: bool,
    greeted: Option<Greeted>,
}

impl Wire {
    /// A connection before login.
    #[must_use]
    pub fn new(
        stream: impl Stream + 'static,
        limits: Limits,
        literals: Arc<Budget>,
        greeted: Option<Greeted>,
    ) -> Self {
        Self {
            stream: Box::new(stream),
            fragmenter: Fragmenter::new(limits.before_login()),
            share: Share::new(literals),
            limits,
            input: Vec::new(),
            taken: 0,
            out: Vec::new(),
            written: 0,
            logged_in: false,
            greeted,
        }
    }

    /// The client has logged in, and may send larger commands.
    pub fn trust(&mut self) {
        self.fragmenter.set_limits(self.limits.after_login());
        self.logged_in = true;
    }

    /// Where the connection is recorded, if it is.
    #[must_use]
    pub const fn greeted(&self) -> Option<&Greeted> {
        self.greeted.as_ref()
    }

    /// Says something of its own. The one way to do so.
    pub fn say(&mut self, cause: &Cause) -> Sense {
        debug_assert!(cause.is_possible(self.logged_in), "{cause:?}");
        let start = self.out.len();
        let sense = cause.say(&mut self.out, self.logged_in);
        if let Some(greeted) = &self.greeted {
            greeted.said(cause, self.out.get(start..).unwrap_or_default());
        }
        sense
    }

    /// The next line is no command: DONE, or the answer to AUTHENTICATE.
    pub fn expect_line(&mut self) {
        self.fragmenter.expect_line();
    }

    /// What the client has sent, as far as it was read; `None` calls for [`Self::fill`]. Whoever asks has done with the event before.
    pub fn event(&mut self) -> Option<Event> {
        let mut rest = self.input.get(self.taken..).unwrap_or_default();
        if !self.fragmenter.has_large() {
            self.share.release();
        }
        let mut event = self.fragmenter.advance(&mut rest);
        if self.fragmenter.has_large() {
            // Whoever waits for leave to send is promised nothing: others may be faster.
            let waits = event == Some(Event::Continue);
            let holds = if waits {
                self.share.may_hold(self.fragmenter.announced())
            } else {
                self.share.hold(self.fragmenter.kept())
            };
            if !holds {
                let fault = Fault::TooMuchAtOnce(self.limits.literals_at_once);
                event = Some(self.fragmenter.give_up(fault, waits));
                self.share.release();
            }
        }
        self.taken = self.input.len().saturating_sub(rest.len());
        if rest.is_empty() {
            // Given back rather than cleared: most connections are idle, most of the time.
            self.input = Vec::new();
            self.taken = 0;
        }
        event
    }

    /// Waits for more input, however little. Safe to drop: nothing that was read is lost.
    ///
    /// # Errors
    /// The client has closed the connection, or it broke.
    pub async fn fill(&mut self) -> Result<(), Gone> {
        let most = self.limits.read_buffer;
        let stream = &mut self.stream;
        // A buffer lives as long as one look at the socket: whoever waits has none.
        let read = poll_fn(|context| {
            let mut chunk = vec![0; most];
            let mut buffer = ReadBuf::new(&mut chunk);
            let polled = Pin::new(&mut *stream).poll_read(context, &mut buffer);
            let length = buffer.filled().len();
            polled.map_ok(|()| {
                chunk.truncate(length);
                chunk
            })
        });
        let mut chunk = read.await.map_err(|_| Gone)?;
        if chunk.is_empty() {
            return Err(Gone);
        }
        self.input.drain(..self.taken);
        self.taken = 0;
        self.input.append(&mut chunk);
        Ok(())
    }

    /// Waits for the next event, having written what is to be written.
    ///
    /// # Errors
    /// As [`Self::fill`] and [`Self::flush`].
    pub async fn next(&mut self) -> Result<Event, Gone> {
        loop {
            if let Some(event) = self.event() {
                return Ok(event);
            }
            self.flush().await?;
            self.fill().await?;
        }
    }

    /// Whether `out` is to be flushed before more is put into it.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.out.len() >= self.limits.write_buffer
    }

    /// Waits until all of `out` has been written. Safe to drop: the next call goes on where this one was.
    ///
    /// # Errors
    /// The connection broke, or the client takes nothing.
    pub async fn flush(&mut self) -> Result<(), Gone> {
        self.flush_within(self.limits.idle_timeout).await
    }

    /// The same, from a client that has to take something each time within `patience`.
    ///
    /// # Errors
    /// As [`Self::flush`].
    pub async fn flush_within(&mut self, patience: Duration) -> Result<(), Gone> {
        while let Some(rest) = self.out.get(self.written..).filter(|rest| !rest.is_empty()) {
            match time::timeout(patience, self.stream.write(rest)).await {
                Ok(Ok(length)) if length > 0 => self.written += length,
                Ok(_) | Err(_) => return Err(Gone),
            }
        }
        self.out = Vec::new();
        self.written = 0;
        Ok(())
    }

    /// Writes what is left, ends the connection from this side, and gives the client a moment to do so from its own.
    pub async fn close(mut self) {
        let most = self.limits.shutdown_timeout;
        let farewell = async {
            self.flush().await?;
            self.stream.shutdown().await.map_err(|_| Gone)?;
            let mut ignored = vec![0; self.limits.read_buffer];
            time::timeout(LINGER, async {
                while self
                    .stream
                    .read(&mut ignored)
                    .await
                    .is_ok_and(|length| length > 0)
                {}
            })
            .await
            .map_err(|_| Gone)
        };
        // Whether or not it was read, there is nothing left to do.
        let _ = time::timeout(most, farewell).await;
    }
}
