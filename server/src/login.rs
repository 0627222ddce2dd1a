//! From the greeting to LOGIN or AUTHENTICATE: the not-authenticated state.
//!
//! Touches the client's socket, and no account before the password was right. RFC 3501 sections 3.1, 6.1 and 6.2, RFC 4616 (PLAIN), RFC 4959
//! (initial response), RFC 5530 (response codes). There is no TLS yet, so STARTTLS is neither advertised nor possible.

use crate::{
    accounts::{Accounts, Refusal, Seat},
    codec::{
        encode,
        fragment::Event,
        parse,
        request::{Request, Tag},
    },
    connection::{
        End, Patience,
        capability::{self, CAPABILITIES},
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
    encode::condition(
        &mut wire.out,
        None,
        "OK",
        &format!("CAPABILITY {CAPABILITIES}"),
        "tandem ready",
    );
    let limits = accounts.config().limits;
    let mut login = Login {
        wire,
        accounts,
        patience: Patience::new(limits.bad_commands),
        attempts: limits.login_attempts,
    };
    loop {
        match login.wire.next().await? {
            Event::Continue => encode::continuation(&mut login.wire.out, "Ready"),
            Event::Refused(refusal) => login.patience.refused(&mut login.wire.out, &refusal)?,
            // Nothing asked for a line; one that comes is no command.
            Event::Line(_) => {
                login
                    .patience
                    .bad(&mut login.wire.out, None, "expected a command")?
            }
            Event::Command(fragments) => match parse::command(fragments) {
                Err(error) => login.patience.bad(
                    &mut login.wire.out,
                    error.tag.as_ref(),
                    &error.to_string(),
                )?,
                Ok(tagged) => {
                    if let Some(seat) = login.request(&tagged.tag, tagged.request).await? {
                        return Ok(seat);
                    }
                }
            },
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
    /// Answers one command; the session, if it was the one that logs in.
    async fn request(&mut self, tag: &Tag, request: Request) -> Result<Option<Seat>, End> {
        match request {
            Request::Capability | Request::Id(_) => {
                let name = capability::answer(&mut self.wire.out, &request).unwrap_or_default();
                self.ok(tag, &format!("{name} completed"));
            }
            Request::Mailbox(Command::Noop) => self.ok(tag, "NOOP completed"),
            Request::Mailbox(Command::Logout) => {
                encode::condition(&mut self.wire.out, None, "BYE", "", "logging out");
                self.ok(tag, "LOGOUT completed");
                return Err(End::Said);
            }
            Request::Login { user, password } => {
                return self.attempt(tag, &user, password.as_bytes()).await;
            }
            Request::Authenticate { mechanism, initial } => {
                return self.authenticate(tag, &mechanism, initial).await;
            }
            Request::StartTls => self.bad(tag, "there is no TLS here")?,
            Request::Namespace
            | Request::Enable(_)
            | Request::Mailbox(_)
            | Request::Fetch { .. }
            | Request::BadCharset
            | Request::Append { .. } => self.bad(tag, "log in first")?,
        }
        Ok(None)
    }

    /// AUTHENTICATE (RFC 3501 section 6.2.2): asks for the response, unless the client has sent it already.
    async fn authenticate(
        &mut self,
        tag: &Tag,
        mechanism: &str,
        initial: Option<Vec<u8>>,
    ) -> Result<Option<Seat>, End> {
        if mechanism != "PLAIN" {
            self.patience.restore();
            encode::condition(
                &mut self.wire.out,
                Some(tag),
                "NO",
                "CANNOT",
                "the only mechanism is PLAIN",
            );
            return Ok(None);
        }
        let response = match initial {
            Some(response) => response,
            None => {
                encode::continuation(&mut self.wire.out, "");
                self.wire.expect_line();
                match self.wire.next().await? {
                    Event::Line(line) => match parse::authenticate_response(&line) {
                        Ok(Some(response)) => response,
                        Ok(None) => {
                            self.bad(tag, "AUTHENTICATE cancelled")?;
                            return Ok(None);
                        }
                        Err(error) => {
                            self.bad(tag, &error.to_string())?;
                            return Ok(None);
                        }
                    },
                    Event::Refused(_) | Event::Command(_) | Event::Continue => {
                        self.bad(tag, "expected a line of base64")?;
                        return Ok(None);
                    }
                }
            }
        };
        match plain(&response) {
            Some(plain) if plain.acts_as.is_empty() || plain.acts_as == plain.user => {
                self.attempt(tag, plain.user, plain.password).await
            }
            Some(_) => {
                self.patience.restore();
                let text = "nobody can act for somebody else";
                encode::condition(
                    &mut self.wire.out,
                    Some(tag),
                    "NO",
                    "AUTHORIZATIONFAILED",
                    text,
                );
                Ok(None)
            }
            None => {
                self.bad(tag, "expected a PLAIN message")?;
                Ok(None)
            }
        }
    }

    /// Lets a user in, or counts the failure.
    async fn attempt(
        &mut self,
        tag: &Tag,
        user: &str,
        password: &[u8],
    ) -> Result<Option<Seat>, End> {
        self.patience.restore();
        let (code, text) = match self.accounts.login(user, password).await {
            Ok(seat) => {
                info!(user, "logged in");
                let code = format!("CAPABILITY {CAPABILITIES}");
                encode::condition(&mut self.wire.out, Some(tag), "OK", &code, "logged in");
                return Ok(Some(seat));
            }
            Err(Refusal::Credentials) => ("AUTHENTICATIONFAILED", "wrong user name or password"),
            Err(Refusal::TooMany) => ("LIMIT", "too many connections of this user"),
            Err(Refusal::Lost) => (
                "SERVERBUG",
                "the account failed and is closed until the server starts again",
            ),
            Err(Refusal::Unavailable) => ("UNAVAILABLE", "the account cannot be opened now"),
            Err(Refusal::Damaged) => ("CORRUPTION", "what is kept of the account is damaged"),
        };
        warn!(user, text, "not logged in");
        encode::condition(&mut self.wire.out, Some(tag), "NO", code, text);
        self.attempts = self.attempts.saturating_sub(1);
        if self.attempts == 0 {
            Err(End::Bye("too many failed logins"))
        } else {
            Ok(None)
        }
    }

    fn ok(&mut self, tag: &Tag, text: &str) {
        self.patience.restore();
        encode::condition(&mut self.wire.out, Some(tag), "OK", "", text);
    }

    fn bad(&mut self, tag: &Tag, text: &str) -> Result<(), End> {
        self.patience.bad(&mut self.wire.out, Some(tag), text)
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
