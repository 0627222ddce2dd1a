//! One client that has logged in: a command at a time, until the end.
//!
//! Touches the client's socket, and its account by [`Seat::step`] only. RFC 3501 sections 5.2 to 5.5, RFC 2177.
//!
//! Theory of operation: the loop waits for the client, for the mailbox, and for the server's end, whichever comes first. What comes
//! becomes a step under the account's lock; its responses are written, and pages that follow are asked for, before
//! anything else is read. So commands run one at a time and in order, however many were sent at once. What the connection answers of its own
//! (CAPABILITY, `+ Ready`, BAD) comes after a step as well, so that BYE is the next thing that a session
//! is told once it has lost its mailbox (RFC 2180 section 3.3).

use super::{
    End, Patience,
    answer::Answer,
    own::{Cause, Login, Sense},
    wire::Wire,
};
use crate::{
    accounts::{Lost, Page, Seat},
    codec::{
        fragment::{Event, Fragments},
        parse,
        request::{Request, Tag, Tagged},
    },
    config::Limits,
    recording::Written,
};
use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll};
use tandem_model::{Command, Input, Response, flags::Keywords, response::Status};
use tokio::{
    sync::watch,
    task::yield_now,
    time::{self, Instant},
};
use tracing::debug;

/// A client that has logged in.
#[derive(Debug)]
pub struct Conversation<'a> {
    wire: &'a mut Wire,
    seat: Seat,
    limits: Limits,
    closing: watch::Receiver<bool>,
    /// To the command in progress, or to the last one.
    answer: Answer,
    /// What the client was last told by FLAGS.
    keywords: Keywords,
    patience: Patience,
    /// When the client last sent something, or had all that it asked for.
    heard: Instant,
    /// When both the client and the mailbox have something: whether the client is attended to, for once.
    client_first: bool,
}

/// What came of two things.
enum Either<A, B> {
    First(A),
    Second(B),
}

/// What comes first of two things; if both are there, the first or the second. Chance, as others choose, could not be simulated.
async fn either<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    prefers_first: bool,
) -> Either<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        for is_first in [prefers_first, !prefers_first] {
            let came = if is_first {
                first.as_mut().poll(context).map(Either::First)
            } else {
                second.as_mut().poll(context).map(Either::Second)
            };
            if came.is_ready() {
                return came;
            }
        }
        Poll::Pending
    })
    .await
}

impl From<Lost> for End {
    fn from(_: Lost) -> Self {
        Self::Bye("the account failed: what was not answered may not have been done")
    }
}

impl<'a> Conversation<'a> {
    /// From the moment of login.
    #[must_use]
    pub fn new(
        wire: &'a mut Wire,
        seat: Seat,
        limits: Limits,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            wire,
            seat,
            limits,
            closing,
            answer: Answer::new(Tag(Arc::from(""))),
            keywords: Keywords::default(),
            patience: Patience::new(limits.bad_commands),
            heard: Instant::now(),
            client_first: false,
        }
    }

    /// Answers until the end, and says which it was.
    pub async fn run(mut self) -> End {
        loop {
            let turned = match self.wire.event() {
                Some(event) => self.event(event).await,
                None => self.wait().await,
            };
            match turned {
                Ok(()) if self.seat.session().is_over() => return End::Said,
                Ok(()) => {}
                Err(end) => return end,
            }
        }
    }

    /// Waits for the client, for its mailbox, or for the end of the server.
    async fn wait(&mut self) -> Result<(), End> {
        self.wire.flush().await?;
        let patient_until = self.heard + self.limits.idle_timeout;
        self.client_first = !self.client_first;
        let input = tokio::select! {
            // What ends it goes first; of the others neither can keep the other from its turn.
            biased;
            // An error means that whoever would close is gone: the same.
            _ = self.closing.wait_for(|closing| *closing) => Input::Shutdown,
            () = time::sleep_until(patient_until) => return Err(End::Bye("nothing was heard for too long")),
            came = either(self.wire.fill(), self.seat.woken(), self.client_first) => match came {
                Either::First(filled) => {
                    self.heard = Instant::now();
                    return Ok(filled?);
                }
                Either::Second(woken) => {
                    woken?;
                    Input::Wake
                }
            },
        };
        self.step(input).await
    }

    async fn event(&mut self, event: Event) -> Result<(), End> {
        match event {
            Event::Command(fragments) => self.command(fragments).await,
            Event::Line(line) if parse::is_done(&line) => self.step(Input::Done).await,
            // The model answers any command during IDLE with what was expected, and IDLE is over.
            Event::Line(_) => self.asked(Command::Noop).await,
            Event::Continue => self.say(&Cause::Waits).await,
            Event::Refused(_) if self.seat.session().is_idle() => self.asked(Command::Noop).await,
            Event::Refused(refusal) => self.say(&Cause::Refused(refusal)).await,
        }
    }

    async fn command(&mut self, fragments: Fragments) -> Result<(), End> {
        match parse::command(fragments) {
            Ok(Tagged { tag, request }) => {
                debug!(tag = &*tag.0, "command");
                self.answer = Answer::new(tag.clone());
                self.request(tag, request).await
            }
            Err(error) => {
                let why = error.to_string();
                self.say(&Cause::Unread(error.tag, why)).await
            }
        }
    }

    async fn request(&mut self, tag: Tag, request: Request) -> Result<(), End> {
        match request {
            Request::Mailbox(command) => self.asked(command).await,
            Request::Fetch {
                command,
                attributes,
            } => {
                self.answer.attributes = attributes;
                self.asked(command).await
            }
            Request::Append {
                mailbox,
                flags,
                date,
                message,
            } => {
                let page = self.seat.append(mailbox, flags, date, message).await?;
                self.pages(page).await
            }
            Request::Login { .. } | Request::Authenticate { .. } => {
                self.say(&Cause::Login(tag, Login::Again)).await
            }
            Request::Capability
            | Request::Id(_)
            | Request::Namespace
            | Request::Enable(_)
            | Request::BadCharset
            | Request::StartTls => self.say(&Cause::Asked(Tagged { tag, request })).await,
        }
    }

    /// Says something of the connection's own, if the session goes on; if not, its BYE has been written.
    async fn say(&mut self, cause: &Cause) -> Result<(), End> {
        self.step(Input::Wake).await?;
        if self.seat.session().is_over() {
            return Ok(());
        }
        let sense = self.wire.say(cause);
        self.patience.heard(sense)
    }

    async fn step(&mut self, input: Input) -> Result<(), End> {
        let page = self.seat.step(input)?;
        self.write(&page).await
    }

    /// A command that the session takes as it is.
    async fn asked(&mut self, command: Command) -> Result<(), End> {
        let page = self.seat.command(command)?;
        self.pages(page).await
    }

    /// Writes what the first step of a command answered, and takes all that follow.
    async fn pages(&mut self, mut page: Page) -> Result<(), End> {
        loop {
            self.write(&page).await?;
            if !self.seat.session().wants_resume() {
                break;
            }
            // Not a page more before the client has taken this one, and others had their turn.
            self.wire.flush().await?;
            yield_now().await;
            let input = if *self.closing.borrow() {
                Input::Shutdown
            } else {
                Input::Resume
            };
            page = self.seat.step(input)?;
        }
        self.heard = Instant::now();
        if self.seat.session().is_idle() {
            self.wire.expect_line();
        }
        let is_bad = matches!(
            page.responses.last(),
            Some(Response::Tagged(Status::Bad, ..))
        );
        self.patience
            .heard(if is_bad { Sense::Bad } else { Sense::Good })
    }

    /// The one way from a step to the client. What a step has shown leaves when it is durable, whoever did it, and not before.
    async fn write(&mut self, page: &Page) -> Result<(), End> {
        self.seat.settled(page).await?;
        let mut written = self.seat.recorded().map(|_| Written::default());
        self.answer
            .write(
                page,
                &self.seat,
                self.wire,
                &mut self.keywords,
                written.as_mut(),
            )
            .await?;
        if let Some((recorded, written)) = self.seat.recorded().zip(written)
            && !page.responses.is_empty()
        {
            recorded.wrote(&self.answer.tag.0, written);
        }
        Ok(())
    }
}
