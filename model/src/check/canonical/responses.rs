//! Of a world's bytes, those of responses that are on their way.
//!
//! Touches nothing.

use super::{count, flag_byte, small, write_message};
use crate::{
    check::{told::bit, world::Sent},
    response::{Code, FetchData, Response, Status},
};
use alloc::vec::Vec;

/// Of messages that are not among the live ones, given as bits of their UIDs, a client forgets the flags.
pub(super) fn write_sent(out: &mut Vec<u8>, sent: &Sent, live: u64) {
    out.push(count(sent.responses.len()));
    for response in &sent.responses {
        write_response(out, response, live);
    }
    if let Some(told) = &sent.told {
        out.push(count(told.list.len()));
        out.extend(told.list.iter().map(|(uid, _)| small(uid.0)));
        out.extend(told.arrived.iter().map(|&(_, flags)| flag_byte(flags)));
    }
}

/// What a client makes of a response; the texts are for people.
fn write_response(out: &mut Vec<u8>, response: &Response, live: u64) {
    match response {
        Response::Exists(number) => out.extend([1, small(*number)]),
        Response::Recent(number) => out.extend([2, small(*number)]),
        Response::Expunge(seq) => out.extend([3, small(seq.0)]),
        Response::Flags(keywords) => out.extend([4, count(keywords.list().len())]),
        Response::Fetch { seq, data } => {
            out.extend([5, small(seq.0)]);
            match data {
                FetchData::Flags { flags, recent, uid } => {
                    out.extend([
                        u8::from(*recent),
                        flag_byte(*flags),
                        uid.map_or(0, |uid| small(uid.0)),
                    ]);
                }
                FetchData::Message {
                    message,
                    recent,
                    seen_now,
                } => {
                    out.push(2 + u8::from(*recent) + 4 * u8::from(*seen_now));
                    write_message(out, message, live & bit(message.uid) != 0);
                }
                FetchData::Nil { uid } => out.extend([8, small(uid.0)]),
            }
        }
        Response::Search(page) => {
            out.extend([6, u8::from(page.last), count(page.candidates.len())]);
            out.extend(
                page.candidates
                    .iter()
                    .map(|candidate| small(candidate.number)),
            );
        }
        Response::List(listed) => out.extend([7, u8::from(listed.no_select)]),
        Response::Status(status) => out.extend([8, small(status.messages)]),
        Response::Untagged(status, code, _) => write_status(out, 9, *status, code.as_ref()),
        Response::Bye(_) => out.push(10),
        Response::Continue(_) => out.push(11),
        Response::Tagged(status, code, _) => write_status(out, 12, *status, code.as_ref()),
    }
}

fn write_status(out: &mut Vec<u8>, kind: u8, status: Status, code: Option<&Code>) {
    out.extend([kind, status as u8]);
    match code {
        Some(Code::UidNext(uid)) => out.extend([1, small(uid.0)]),
        Some(Code::UidValidity(value)) => out.extend([2, small(value.0)]),
        Some(Code::Closed) => out.push(3),
        // The others tell a client nothing that it keeps.
        Some(_) => out.push(4),
        None => out.push(0),
    }
}
