//! Names of mailboxes, and the commands about mailboxes that take more than one name.
//!
//! Touches nothing. RFC 3501 sections 5.1 and 9.

use super::{
    characters::is_list_char,
    cursor::{Cursor, Unexpected},
    date::date_time,
    flag::flag_list,
    limits::{MAILBOX, STATUS_ITEMS},
    primitives::{argument, astring, atom, expected, literal, parenthesised, sp, spaced, string},
};
use crate::codec::{request::Request, utf7};
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::take_while1,
    combinator::{cut, map},
};
use tandem_model::{
    command::{Command, StatusItems},
    name::MailboxName,
};

/// `mailbox = "INBOX" / astring`
pub(super) fn mailbox(input: Cursor<'_>) -> IResult<Cursor<'_>, MailboxName, Unexpected> {
    const WHAT: &str = "a mailbox name";
    let (rest, octets) = expected(WHAT, astring).parse(input)?;
    let name = name(input, &octets, "a mailbox name in modified UTF-7")?;
    Ok((rest, MailboxName::new(&name)))
}

/// `list-mailbox = 1*list-char / string`
///
/// `list-char = ATOM-CHAR / list-wildcards / resp-specials`
fn list_mailbox(input: Cursor<'_>) -> IResult<Cursor<'_>, String, Unexpected> {
    let plain = map(take_while1(is_list_char), |plain: Cursor<'_>| {
        plain.rest.to_vec()
    });
    let (rest, octets) = expected("a mailbox pattern", alt((plain, string))).parse(input)?;
    let pattern = name(input, &octets, "a mailbox pattern in modified UTF-7")?;
    Ok((rest, pattern))
}

/// A name or a pattern, decoded (RFC 3501 section 5.1.3). One that has octets beyond ASCII is UTF-8 and taken
/// as it is. No control characters, in no encoding: RFC 3501 section 5.1 calls them best avoided, RFC 6855
/// section 3 forbids them, and whatever shows names can be led astray by them.
fn name(
    input: Cursor<'_>,
    octets: &[u8],
    what: &'static str,
) -> Result<String, nom::Err<Unexpected>> {
    let raw = std::str::from_utf8(octets).map_err(|_| input.fail(what))?;
    let name = if raw.is_ascii() {
        utf7::decode(raw)
    } else {
        Some(raw.to_owned())
    };
    let name = name.ok_or_else(|| input.fail(what))?;
    if name.contains(|character: char| {
        character.is_control() || matches!(character, '\u{2028}' | '\u{2029}')
    }) {
        Err(input.fail("a mailbox name without control characters"))
    } else if name.len() > MAILBOX {
        Err(input.too_many(MAILBOX, "octets in a mailbox name"))
    } else {
        Ok(name)
    }
}

/// `rename = "RENAME" SP mailbox SP mailbox`
pub(super) fn rename(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let read = |(from, to)| Request::Mailbox(Command::Rename { from, to });
    map((argument(mailbox), argument(mailbox)), read).parse(input)
}

/// `list = "LIST" SP mailbox SP list-mailbox`
///
/// `lsub = "LSUB" SP mailbox SP list-mailbox`
pub(super) fn list(
    input: Cursor<'_>,
    subscribed: bool,
) -> IResult<Cursor<'_>, Request, Unexpected> {
    let (input, _) = sp(input)?;
    let (rest, octets) = expected("a mailbox name", astring).parse(input)?;
    // The reference is the beginning of a name: not yet INBOX, even if it reads like it.
    let reference = name(input, &octets, "a mailbox name in modified UTF-7")?;
    let (rest, pattern) = argument(list_mailbox).parse(rest)?;
    let command = Command::List {
        reference: reference.into(),
        pattern: pattern.into(),
        subscribed,
    };
    Ok((rest, Request::Mailbox(command)))
}

/// `status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"`
pub(super) fn status(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let items = parenthesised(spaced(STATUS_ITEMS, "items", status_att));
    let (rest, (mailbox, items)) = (argument(mailbox), argument(items)).parse(input)?;
    let items = items
        .into_iter()
        .fold(StatusItems::default(), |mut all, set| {
            set(&mut all);
            all
        });
    Ok((rest, Request::Mailbox(Command::Status { mailbox, items })))
}

/// `status-att = "MESSAGES" / "RECENT" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN"`
fn status_att(input: Cursor<'_>) -> IResult<Cursor<'_>, fn(&mut StatusItems), Unexpected> {
    const WHAT: &str = "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN";
    let (rest, name) = expected(WHAT, atom).parse(input)?;
    let item: fn(&mut StatusItems) = match name.to_ascii_uppercase().as_str() {
        "MESSAGES" => |items| items.messages = true,
        "RECENT" => |items| items.recent = true,
        "UIDNEXT" => |items| items.uid_next = true,
        "UIDVALIDITY" => |items| items.uid_validity = true,
        "UNSEEN" => |items| items.unseen = true,
        _ => return Err(input.fail(WHAT)),
    };
    Ok((rest, item))
}

/// `append = "APPEND" SP mailbox [SP flag-list] [SP date-time] SP literal`
///
/// The message itself is not read here: [`command`](super::command()) moves it.
pub(super) fn append(input: Cursor<'_>) -> IResult<Cursor<'_>, Request, Unexpected> {
    let (rest, mailbox) = argument(mailbox).parse(input)?;
    let (mut rest, _) = sp(rest)?;
    let mut what = "a list of flags, a date and time, or a literal";
    let (mut flags, mut date) = (None, None);
    if rest.is_at(b'(') {
        let (after, list) = flag_list(rest)?;
        (rest, flags) = (sp(after)?.0, Some(list));
        what = "a date and time, or a literal";
    }
    if rest.is_at(b'"') {
        let (after, read) = cut(date_time).parse(rest)?;
        (rest, date) = (sp(after)?.0, Some(read));
        what = "a literal";
    }
    let (rest, _) = expected(what, literal).parse(rest)?;
    let request = Request::Append {
        mailbox,
        flags: flags.unwrap_or_default(),
        date,
        message: Vec::new(),
    };
    Ok((rest, request))
}
