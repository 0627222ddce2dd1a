//! One client, from its greeting to its end.
//!
//! Touches its socket ([`wire`]), and its account through a [`Seat`](crate::accounts::Seat) once it has logged in. RFC 3501 sections 3 and 7.1.5.

mod answer;
pub mod budget;
pub mod capability;
mod conversation;
pub mod wire;

use crate::{
    accounts::Accounts,
    codec::{
        encode,
        fragment::{Fault, Refusal},
        request::Tag,
    },
    login,
};
use conversation::Conversation;
use std::sync::Arc;
use tokio::{sync::watch, time};
use wire::{Gone, Stream, Wire};

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// It is gone already.
    Gone,
    /// All has been said, as by LOGOUT.
    Said,
    /// With BYE, for this reason.
    Bye(&'static str),
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Serves one client until it logs out, is gone, or has to go; or until `closing` turns true, and it has been told BYE.
///
/// Dropping the future is the same as a broken connection: nothing stays behind in the account.
pub async fn serve(
    stream: impl Stream + 'static,
    accounts: &Arc<Accounts>,
    mut closing: watch::Receiver<bool>,
) {
    let limits = accounts.config().limits;
    let mut wire = Wire::new(stream, limits, accounts.literals());
    let admitted = tokio::select! {
        // What ends it goes first. Chance, which chooses otherwise, could not be simulated.
        biased;
        // An error means that whoever would close is gone: the same.
        _ = closing.wait_for(|closing| *closing) => Err(End::Bye("the server is closing")),
        () = time::sleep(limits.login_timeout) => Err(End::Bye("nobody has logged in for too long")),
        admitted = login::run(&mut wire, accounts) => admitted,
    };
    let end = match admitted {
        Ok(seat) => {
            wire.trust();
            Conversation::new(&mut wire, seat, limits, closing)
                .run()
                .await
        }
        Err(end) => end,
    };
    match end {
        End::Gone => return,
        End::Said => {}
        End::Bye(text) => encode::condition(&mut wire.out, None, "BYE", "", text),
    }
    wire.close().await;
}

/// Counts the commands that were bad, one after the other.
#[derive(Debug)]
pub(crate) struct Patience {
    most: usize,
    left: usize,
}

impl Patience {
    pub(crate) const fn new(most: usize) -> Self {
        Self { most, left: most }
    }

    /// A command made sense.
    pub(crate) const fn restore(&mut self) {
        self.left = self.most;
    }

    /// Answers BAD, and counts it.
    pub(crate) fn bad(
        &mut self,
        out: &mut Vec<u8>,
        tag: Option<&Tag>,
        text: &str,
    ) -> Result<(), End> {
        encode::condition(out, tag, "BAD", "", text);
        self.tried()
    }

    /// A command was answered BAD: ends the connection when that was the last that is borne.
    pub(crate) fn tried(&mut self) -> Result<(), End> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            Err(End::Bye("too many bad commands"))
        } else {
            Ok(())
        }
    }

    /// Answers a command that was too large, or not framed as it should be.
    pub(crate) fn refused(&mut self, out: &mut Vec<u8>, refusal: &Refusal) -> Result<(), End> {
        let (tag, text) = (refusal.tag.as_ref(), refusal.fault.to_string());
        match refusal.fault {
            Fault::MessageTooLarge(_) => {
                encode::condition(out, tag, "NO", "TOOBIG", &text);
                Ok(())
            }
            Fault::TooMuchAtOnce(_) => {
                encode::condition(out, tag, "NO", "LIMIT", &text);
                Ok(())
            }
            Fault::LineTooLong(_)
            | Fault::LiteralTooLarge(_)
            | Fault::TooManyLiterals(_)
            | Fault::BareLineFeed => self.bad(out, tag, &text),
        }
    }
}
