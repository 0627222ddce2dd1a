//! From the greeting to LOGIN or AUTHENTICATE: the not-authenticated state.
//!
//! Touches the client's socket, and no account before the password was right. RFC 3501 sections 3.1, 6.1 and 6.2, RFC 4616 (PLAIN), RFC 4959
//! (initial response), RFC 5530 (response codes). There is no TLS yet, so STARTTLS is neither advertised nor possible.

use crate::{
    accounts::{Accounts, Refusal, Seat},
    codec::{
        fragment::{Event, Fragments},
        parse,
        request::{Request, Tag, Tagged},
    },
    connection::{
        End, Patience,
        own::{Cause, Login as Outcome},
        wire::Wire,
    },
};
use std::sync::Arc;
use tandem_model::Command;
use tracing::{info, warn};

/// Greets, and answers until somebody has logged in.
///
/// # Errors
/// Nobody has: how the connection ends.
pub async fn run(wire: &mut Wire, accounts: &Arc<Accounts>) -> Result<Seat, End> {
    let limits = accounts.config().limits;
    let mut login = Login {
        wire,
        accounts,
        patience: Patience::new(limits.bad_commands),
        attempts: limits.login_attempts,
    };
    login.say(&Cause::Came)?;
    loop {
        let seat = match login.wire.next().await? {
            Event::Command(fragments) => login.command(fragments).await?,
            Event::Continue => login.say(&Cause::Waits)?,
            Event::Refused(refusal) => login.say(&Cause::Refused(refusal))?,
            // Nothing asked for a line; one that comes is no command.
            Event::Line(_) => login.say(&Cause::Line)?,
        };
        if let Some(seat) = seat {
            return Ok(seat);
        }
    }
}

struct Login<'a> {
    wire: &'a mut Wire,
    accounts: &'a Arc<Accounts>,
    patience: Patience,
    /// How often the password may still be wrong.
    attempts: usize,
}

impl Login<'_> {
    /// Says something; nobody has logged in by it.
    fn say(&mut self, cause: &Cause) -> Result<Option<Seat>, End> {
        let sense = self.wire.say(cause);
        self.patience.heard(sense)?;
        Ok(None)
    }

    /// Answers one command; the session, if it was the one that logs in.
    async fn command(&mut self, fragments: Fragments) -> Result<Option<Seat>, End> {
        let tagged = match parse::command(fragments) {
            Ok(tagged) => tagged,
            Err(error) => {
                let why = error.to_string();
                return self.say(&Cause::Unread(error.tag, why));
            }
        };
        let Tagged { tag, request } = tagged;
        match request {
            Request::Login { user, password } => {
                self.attempt(tag, &user, password.as_bytes()).await
            }
            Request::Authenticate { mechanism, initial } => {
                self.authenticate(tag, &mechanism, initial).await
            }
            request => {
                let ends = matches!(request, Request::Mailbox(Command::Logout));
                let said = self.say(&Cause::Asked(Tagged { tag, request }));
                if ends { Err(End::Said) } else { said }
            }
        }
    }

    /// AUTHENTICATE (RFC 3501 section 6.2.2): asks for the response, unless the client has sent it already.
    async fn authenticate(
        &mut self,
        tag: Tag,
        mechanism: &str,
        initial: Option<Vec<u8>>,
    ) -> Result<Option<Seat>, End> {
        if mechanism != "PLAIN" {
            return self.say(&Cause::Login(tag, Outcome::Mechanism));
        }
        let response = match initial {
            Some(response) => response,
            None => {
                self.say(&Cause::Login(tag.clone(), Outcome::Challenge))?;
                self.wire.expect_line();
                let Event::Line(line) = self.wire.next().await? else {
                    return self.say(&Cause::Login(tag, Outcome::NoLine));
                };
                match parse::authenticate_response(&line) {
                    Ok(Some(response)) => response,
                    Ok(None) => return self.say(&Cause::Login(tag, Outcome::Cancelled)),
                    Err(error) => return self.say(&Cause::Unread(Some(tag), error.to_string())),
                }
            }
        };
        match plain(&response) {
            Some(plain) if plain.acts_as.is_empty() || plain.acts_as == plain.user => {
                self.attempt(tag, plain.user, plain.password).await
            }
            Some(_) => self.say(&Cause::Login(tag, Outcome::ForAnother)),
            None => self.say(&Cause::Login(tag, Outcome::NotPlain)),
        }
    }

    /// Lets a user in, or counts the failure.
    async fn attempt(
        &mut self,
        tag: Tag,
        user: &str,
        password: &[u8],
    ) -> Result<Option<Seat>, End> {
        let outcome = match self
            .accounts
            .login(user, password, self.wire.greeted())
            .await
        {
            Ok(seat) => {
                info!(user, "logged in");
                self.say(&Cause::Login(tag, Outcome::In))?;
                return Ok(Some(seat));
            }
            Err(Refusal::Credentials) => Outcome::Credentials,
            Err(Refusal::TooMany) => Outcome::TooMany,
            Err(Refusal::Lost) => Outcome::Lost,
            Err(Refusal::Unavailable) => Outcome::Unavailable,
            Err(Refusal::Damaged) => Outcome::Damaged,
        };
        warn!(user, ?outcome, "not logged in");
        self.say(&Cause::Login(tag, outcome))?;
        self.attempts = self.attempts.saturating_sub(1);
        if self.attempts == 0 {
            Err(End::Bye("too many failed logins"))
        } else {
            Ok(None)
        }
    }
}

/// `message` of RFC 4616 section 2.
struct Plain<'a> {
    /// `authzid`: whom to act as; empty for oneself.
    acts_as: &'a str,
    /// `authcid`.
    user: &'a str,
    /// `passwd`.
    password: &'a [u8],
}

fn plain(message: &[u8]) -> Option<Plain<'_>> {
    let mut parts = message.split(|&byte| byte == 0);
    let (acts_as, user, password) = (parts.next()?, parts.next()?, parts.next()?);
    let read = |part| std::str::from_utf8(part).ok();
    let whole = parts.next().is_none() && !user.is_empty() && !password.is_empty();
    whole.then_some(Plain {
        acts_as: read(acts_as)?,
        user: read(user)?,
        password,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_message_has_three_parts_and_the_last_two_are_not_empty() {
        let read = |message: &str| {
            plain(message.as_bytes())
                .map(|plain| format!("{}|{}|{:?}", plain.acts_as, plain.user, plain.password))
        };
        assert_eq!(read("\0u\0p").as_deref(), Some("|u|[112]"));
        assert_eq!(read("a\0u\0p").as_deref(), Some("a|u|[112]"));
        for wrong in ["", "\0", "u\0p", "\0u\0", "\0\0p", "\0u\0p\0"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
        assert!(plain(b"\0\xff\0p").is_none());
    }
}
