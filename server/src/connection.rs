//! One client, from its greeting to its end.
//!
//! Touches its socket ([`wire`]), and its account through a [`Seat`](crate::accounts::Seat) once it has logged in. RFC 3501 sections 3 and 7.1.5.

mod answer;
pub mod budget;
pub mod capability;
mod conversation;
pub mod own;
pub mod shelf;
pub mod wire;

use crate::{accounts::Accounts, login};
use conversation::Conversation;
use own::{Cause, Sense};
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
    let mut wire = Wire::new(stream, limits, accounts.literals(), accounts.greeted());
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
        End::Bye(text) => {
            wire.say(&Cause::Bye(text.into()));
        }
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

    /// A client has sent something: ends the connection when that was the last bad command that is borne.
    pub(crate) fn heard(&mut self, sense: Sense) -> Result<(), End> {
        match sense {
            Sense::Good => self.left = self.most,
            Sense::Bad => self.left = self.left.saturating_sub(1),
            Sense::None => {}
        }
        if sense == Sense::Bad && self.left == 0 {
            Err(End::Bye("too many bad commands"))
        } else {
            Ok(())
        }
    }
}
