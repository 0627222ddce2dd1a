//! What a connection says of its own, without a step of a session: before login, of itself, and to what cannot be read.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 3.1, 6.1, 6.2 and 7.1, RFC 4616 (PLAIN), RFC 5530 (response codes).
//!
//! Theory of operation: what is said follows from why it is said, a [`Cause`], and from whether somebody has logged in; from nothing else. So
//! a recording has the cause, which is what the client sent, without what nobody should read of it, or what became of the connection;
//! and a replay says it again. How many commands may be bad is the connection's business ([`Sense`]).

use super::capability::{self, CAPABILITIES};
use crate::codec::{
    encode,
    fragment::{Fault, Refusal},
    request::{Request, Tag, Tagged},
};
use tandem_model::Command;

/// Why a connection says something of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A client has come.
    Came,
    /// A client has come, and there are too many of them already.
    OneTooMany,
    /// It waits for leave to send a literal.
    Waits,
    /// It has sent a command that no session takes; other than LOGIN and AUTHENTICATE.
    Asked(Tagged),
    /// It has tried to log in.
    Login(Tag, Login),
    /// It has sent something that cannot be read: with which tag, if that could be, and what was expected.
    Unread(Option<Tag>, String),
    /// It has sent more than is taken, or not framed as it should be.
    Refused(Refusal),
    /// It has sent a line that nothing asked for.
    Line,
    /// Its connection ends, for this reason.
    Bye(String),
}

/// What becomes of an attempt to log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// The client is in.
    In,
    /// AUTHENTICATE has to be followed by a line.
    Challenge,
    /// No such user, or another password.
    Credentials,
    /// The user has too many connections.
    TooMany,
    /// The account failed.
    Lost,
    /// The account cannot be opened now.
    Unavailable,
    /// What is kept of the account is damaged.
    Damaged,
    /// It was for somebody else than who has the password.
    ForAnother,
    /// The mechanism is not known.
    Mechanism,
    /// AUTHENTICATE was followed by `*`.
    Cancelled,
    /// AUTHENTICATE was followed by something else than a line.
    NoLine,
    /// AUTHENTICATE was followed by something else than a message of PLAIN.
    NotPlain,
    /// Somebody has logged in before.
    Again,
}

impl Login {
    /// All of them, each with its name in a recording.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::In, "in"),
        (Self::Challenge, "challenge"),
        (Self::Credentials, "credentials"),
        (Self::TooMany, "too-many"),
        (Self::Lost, "lost"),
        (Self::Unavailable, "unavailable"),
        (Self::Damaged, "damaged"),
        (Self::ForAnother, "for-another"),
        (Self::Mechanism, "mechanism"),
        (Self::Cancelled, "cancelled"),
        (Self::NoLine, "no-line"),
        (Self::NotPlain, "not-plain"),
        (Self::Again, "again"),
    ];

    /// What is answered: the condition, the response code without its brackets, and a text. None: it is asked to go on.
    const fn answer(self) -> Option<(&'static str, &'static str, &'static str)> {
        Some(match self {
            Self::Challenge => return None,
            Self::In => ("OK", "", "logged in"),
            Self::Credentials => ("NO", "AUTHENTICATIONFAILED", "wrong user name or password"),
            Self::TooMany => ("NO", "LIMIT", "too many connections of this user"),
            Self::Lost => (
                "NO",
                "SERVERBUG",
                "the account failed and is closed until the server starts again",
            ),
            Self::Unavailable => ("NO", "UNAVAILABLE", "the account cannot be opened now"),
            Self::Damaged => ("NO", "CORRUPTION", "what is kept of the account is damaged"),
            Self::ForAnother => (
                "NO",
                "AUTHORIZATIONFAILED",
                "nobody can act for somebody else",
            ),
            Self::Mechanism => ("NO", "CANNOT", "the only mechanism is PLAIN"),
            Self::Cancelled => ("BAD", "", "AUTHENTICATE cancelled"),
            Self::NoLine => ("BAD", "", "expected a line of base64"),
            Self::NotPlain => ("BAD", "", "expected a PLAIN message"),
            Self::Again => ("BAD", "", "logged in already"),
        })
    }
}

/// How much sense there was in what a client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// It was a command, and those before it are forgotten.
    Good,
    /// It was none, or not here.
    Bad,
    /// Neither can be said.
    None,
}

impl Cause {
    /// Whether a connection may say something for this: a session answers its commands, and nobody else does.
    #[must_use]
    pub const fn is_possible(&self, logged_in: bool) -> bool {
        match self {
            Self::Came | Self::OneTooMany | Self::Line => !logged_in,
            Self::Asked(tagged) => match tagged.request {
                Request::Login { .. } | Request::Authenticate { .. } => false,
                Request::Mailbox(_) | Request::Fetch { .. } | Request::Append { .. } => !logged_in,
                _ => true,
            },
            Self::Login(_, login) => matches!(login, Login::Again) == logged_in,
            Self::Waits | Self::Unread(..) | Self::Refused(_) | Self::Bye(_) => true,
        }
    }

    /// Whether nothing may be said after this.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        match self {
            Self::OneTooMany | Self::Bye(_) => true,
            Self::Asked(tagged) => matches!(tagged.request, Request::Mailbox(Command::Logout)),
            _ => false,
        }
    }

    /// Says it.
    pub fn say(&self, out: &mut Vec<u8>, logged_in: bool) -> Sense {
        match self {
            Self::Came => {
                let code = format!("CAPABILITY {CAPABILITIES}");
                encode::condition(out, None, "OK", &code, "tandem ready");
                Sense::None
            }
            Self::OneTooMany => {
                encode::condition(out, None, "BYE", "UNAVAILABLE", "too many connections");
                Sense::None
            }
            Self::Waits => {
                encode::continuation(out, "Ready");
                Sense::None
            }
            Self::Asked(tagged) => asked(out, tagged, logged_in),
            Self::Login(tag, login) => tried(out, tag, *login),
            Self::Unread(tag, why) => bad(out, tag.as_ref(), why),
            Self::Refused(refusal) => refused(out, refusal),
            Self::Line => bad(out, None, "expected a command"),
            Self::Bye(why) => {
                encode::condition(out, None, "BYE", "", why);
                Sense::None
            }
        }
    }
}

fn good(out: &mut Vec<u8>, tag: &Tag, name: &str) -> Sense {
    encode::condition(out, Some(tag), "OK", "", &format!("{name} completed"));
    Sense::Good
}

fn bad(out: &mut Vec<u8>, tag: Option<&Tag>, text: &str) -> Sense {
    encode::condition(out, tag, "BAD", "", text);
    Sense::Bad
}

fn asked(out: &mut Vec<u8>, tagged: &Tagged, logged_in: bool) -> Sense {
    let Tagged { tag, request } = tagged;
    let is_known = logged_in || matches!(request, Request::Capability | Request::Id(_));
    if is_known && let Some(name) = capability::answer(out, request) {
        return good(out, tag, name);
    }
    match request {
        Request::Mailbox(Command::Noop) => good(out, tag, "NOOP"),
        Request::Mailbox(Command::Logout) => {
            encode::condition(out, None, "BYE", "", "logging out");
            good(out, tag, "LOGOUT")
        }
        Request::BadCharset if logged_in => {
            let code = "BADCHARSET (US-ASCII UTF-8)";
            encode::condition(out, Some(tag), "NO", code, "this charset is not known");
            Sense::Good
        }
        Request::StartTls if logged_in => bad(out, Some(tag), "logged in already"),
        Request::StartTls => bad(out, Some(tag), "there is no TLS here"),
        _ => bad(out, Some(tag), "log in first"),
    }
}

fn tried(out: &mut Vec<u8>, tag: &Tag, login: Login) -> Sense {
    let Some((kind, code, text)) = login.answer() else {
        encode::continuation(out, "");
        return Sense::None;
    };
    if login == Login::In {
        let code = format!("CAPABILITY {CAPABILITIES}");
        encode::condition(out, Some(tag), kind, &code, text);
    } else {
        encode::condition(out, Some(tag), kind, code, text);
    }
    if kind == "BAD" {
        Sense::Bad
    } else {
        Sense::Good
    }
}

fn refused(out: &mut Vec<u8>, refusal: &Refusal) -> Sense {
    let (tag, text) = (refusal.tag.as_ref(), refusal.fault.to_string());
    let code = match refusal.fault {
        Fault::MessageTooLarge(_) => "TOOBIG",
        Fault::TooMuchAtOnce(_) => "LIMIT",
        Fault::LineTooLong(_)
        | Fault::LiteralTooLarge(_)
        | Fault::TooManyLiterals(_)
        | Fault::BareLineFeed => return bad(out, tag, &text),
    };
    encode::condition(out, tag, "NO", code, &text);
    Sense::None
}
