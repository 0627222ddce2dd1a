//! What changes messages, or where they are: STORE, COPY, MOVE, UID EXPUNGE.
//!
//! Touches nothing. RFC 3501 section 9, RFC 6851 section 5, RFC 4315 section 4.

use super::{
    cursor::{Cursor, Unexpected},
    flag::{flag_list, flags},
    mailbox::mailbox,
    primitives::{argument, sp},
    sequence_set::sequence_set,
};
use crate::codec::request::Request;
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag, tag_no_case},
    combinator::{map, opt},
};
use tandem_model::{
    command::{Command, Form, StoreAction},
    flags::FlagNames,
};

/// `store = "STORE" SP sequence-set SP store-att-flags`
pub(super) fn store(input: Cursor<'_>, form: Form) -> IResult<Cursor<'_>, Request, Unexpected> {
    let read = |(set, (action, silent, flags))| {
        Request::Mailbox(Command::Store {
            set,
            form,
            action,
            silent,
            flags,
        })
    };
    map((argument(sequence_set), argument(store_att_flags)), read).parse(input)
}

/// `store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag)))`
fn store_att_flags(
    input: Cursor<'_>,
) -> IResult<Cursor<'_>, (StoreAction, bool, FlagNames), Unexpected> {
    let add = map(tag("+"), |_| StoreAction::Add);
    let remove = map(tag("-"), |_| StoreAction::Remove);
    let action = map(opt(alt((add, remove))), |action| {
        action.unwrap_or(StoreAction::Replace)
    });
    let silent = map(opt(tag_no_case(".SILENT")), |silent| silent.is_some());
    let mut word = (action, tag_no_case("FLAGS"), silent);
    let (rest, (action, _, silent)) = word.parse(input).map_err(|_: nom::Err<Unexpected>| {
        input.fail("FLAGS, +FLAGS or -FLAGS, with or without .SILENT")
    })?;
    let (rest, _) = sp(rest)?;
    let (rest, flags) = if rest.is_at(b'(') {
        flag_list(rest)?
    } else {
        flags(rest)?
    };
    Ok((rest, (action, silent, flags)))
}

/// `copy = "COPY" SP sequence-set SP mailbox`
pub(super) fn copy(input: Cursor<'_>, form: Form) -> IResult<Cursor<'_>, Request, Unexpected> {
    let read = |(set, mailbox)| Request::Mailbox(Command::Copy { set, form, mailbox });
    map((argument(sequence_set), argument(mailbox)), read).parse(input)
}

/// `move = "MOVE" SP sequence-set SP mailbox` (RFC 6851 section 5)
pub(super) fn move_(input: Cursor<'_>, form: Form) -> IResult<Cursor<'_>, Request, Unexpected> {
    let read = |(set, mailbox)| Request::Mailbox(Command::Move { set, form, mailbox });
    map((argument(sequence_set), argument(mailbox)), read).parse(input)
}

/// `uid-expunge = "UID" SP "EXPUNGE" SP sequence-set` (RFC 4315 section 4)
pub(super) fn uid_expunge(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let read = |uids| Request::Mailbox(Command::Expunge { uids: Some(uids) });
    map(argument(sequence_set), read).parse(input)
}
