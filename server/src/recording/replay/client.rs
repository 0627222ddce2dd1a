//! A client of a recording, as its connection sees it: greeted, logged in, told BYE.
//!
//! Touches nothing. RFC 3501 section 3, and section 7.1.5: BYE is the last that is said.

use super::Difference;
use crate::{
    connection::own::{Cause, Login},
    recording::record::Said,
};

/// How far a client has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Client {
    /// Nothing has been said.
    #[default]
    Came,
    /// It has been greeted.
    Greeted,
    /// It has logged in.
    In,
    /// It has been told BYE.
    Over,
}

impl Client {
    /// Whether a session answers it.
    pub(super) fn is_served(self) -> bool {
        self == Self::In
    }

    /// Its session has told it BYE.
    pub(super) fn is_told_bye(&mut self) {
        *self = Self::Over;
    }

    /// What its connection says of its own, line by line. `has_session`: there is one for it.
    ///
    /// # Errors
    /// It says nothing of the kind here.
    pub(super) fn says(
        &mut self,
        cause: &Cause,
        has_session: bool,
    ) -> Result<Vec<String>, Difference> {
        let logged_in = self.is_served();
        let fits = match cause {
            Cause::Came | Cause::OneTooMany => *self == Self::Came,
            Cause::Login(_, Login::In) => *self == Self::Greeted && has_session,
            // Its session may have gone before; and it need not have been greeted.
            Cause::Bye(_) => *self != Self::Over,
            _ => *self == Self::Greeted || (logged_in && has_session),
        };
        if !fits || !cause.is_possible(logged_in) {
            return Err(Difference::Misplaced);
        }
        *self = match cause {
            _ if cause.is_last() => Self::Over,
            Cause::Came => Self::Greeted,
            Cause::Login(_, Login::In) => Self::In,
            _ => *self,
        };
        let mut octets = Vec::new();
        cause.say(&mut octets, logged_in);
        Ok(Said::lines(&octets))
    }
}
