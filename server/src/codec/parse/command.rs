//! Which command it is, and the command UID.
//!
//! Touches nothing. RFC 3501 section 9 (`command-any` to `command-select`, `uid`), RFC 2177, 2342, 3691 and 6851.

use super::{
    cursor::{Cursor, Unexpected},
    fetch::fetch,
    identity::{authenticate, enable, id, login},
    mailbox::{append, list, mailbox, rename, status},
    primitives::{argument, atom, expected},
    search::search,
    store::{copy, move_, store, uid_expunge},
};
use crate::codec::request::Request;
use nom::{IResult, Parser, combinator::map};
use tandem_model::{
    command::{Command, Form},
    name::MailboxName,
};

/// `command-any / command-auth / command-nonauth / command-select`
///
/// In which state a command is valid is not the grammar's to say.
pub(super) fn request(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    const WHAT: &str = "a command";
    let (rest, name) = expected(WHAT, atom).parse(input)?;
    let done = |request| Ok((rest, request));
    let plain = |command| done(Request::Mailbox(command));
    let on = |command: fn(MailboxName) -> Command| mailbox_command(rest, command);
    match name.to_ascii_uppercase().as_str() {
        "CAPABILITY" => done(Request::Capability),
        "NAMESPACE" => done(Request::Namespace),
        "STARTTLS" => done(Request::StartTls),
        "ID" => id(rest),
        "ENABLE" => enable(rest),
        "LOGIN" => login(rest),
        "AUTHENTICATE" => authenticate(rest),
        "NOOP" => plain(Command::Noop),
        "CHECK" => plain(Command::Check),
        "LOGOUT" => plain(Command::Logout),
        "CLOSE" => plain(Command::Close),
        "UNSELECT" => plain(Command::Unselect),
        "IDLE" => plain(Command::Idle),
        "EXPUNGE" => plain(Command::Expunge { uids: None }),
        "SELECT" => on(|mailbox| Command::Select {
            mailbox,
            read_only: false,
        }),
        "EXAMINE" => on(|mailbox| Command::Select {
            mailbox,
            read_only: true,
        }),
        "CREATE" => on(|mailbox| Command::Create { mailbox }),
        "DELETE" => on(|mailbox| Command::Delete { mailbox }),
        "SUBSCRIBE" => on(|mailbox| Command::Subscribe { mailbox }),
        "UNSUBSCRIBE" => on(|mailbox| Command::Unsubscribe { mailbox }),
        "RENAME" => rename(rest),
        "LIST" => list(rest, false),
        "LSUB" => list(rest, true),
        "STATUS" => status(rest),
        "APPEND" => append(rest),
        "FETCH" => fetch(rest, Form::Sequence),
        "STORE" => store(rest, Form::Sequence),
        "COPY" => copy(rest, Form::Sequence),
        "MOVE" => move_(rest, Form::Sequence),
        "SEARCH" => search(rest, Form::Sequence),
        "UID" => argument(uid).parse(rest),
        _ => Err(input.fail(WHAT)),
    }
}

/// `create = "CREATE" SP mailbox`, and likewise `delete`, `examine`, `select`, `subscribe`, `unsubscribe`
fn mailbox_command(
    input: Cursor<'_>,
    command: fn(MailboxName) -> Command,
) -> IResult<Cursor<'_>, Request, Unexpected> {
    map(argument(mailbox), |mailbox| {
        Request::Mailbox(command(mailbox))
    })
    .parse(input)
}

/// `uid = "UID" SP (copy / fetch / search / store)`, to which RFC 6851 adds `move`, and RFC 4315
/// `uid-expunge = "UID" SP "EXPUNGE" SP sequence-set`
fn uid(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    const WHAT: &str = "COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE";
    let (rest, name) = expected(WHAT, atom).parse(input)?;
    match name.to_ascii_uppercase().as_str() {
        "COPY" => copy(rest, Form::Uid),
        "EXPUNGE" => uid_expunge(rest),
        "FETCH" => fetch(rest, Form::Uid),
        "MOVE" => move_(rest, Form::Uid),
        "SEARCH" => search(rest, Form::Uid),
        "STORE" => store(rest, Form::Uid),
        _ => Err(input.fail(WHAT)),
    }
}
