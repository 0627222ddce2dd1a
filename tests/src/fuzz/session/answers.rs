//! What a server has written, read by imap-codec.
//!
//! Touches nothing. Two things imap-codec does not read, and they are seen to here: the date `00-Jan-0000` of a NIL form (RFC 2180 section 4.1.3), and
//! a BODY or BODYSTRUCTURE that is deeper than it goes.

use crate::wire;
use imap_codec::{
    ResponseCodec,
    decode::Decoder as _,
    imap_types::{
        core::Vec1,
        fetch::MessageDataItem,
        response::{Code, Data, Response, StatusBody},
    },
};
use tandem_server::render::judge::reader;

/// Every response; panics at whatever is none.
pub fn read(mut written: &[u8]) -> Vec<Response<'static>> {
    let mut responses = Vec::new();
    while !written.is_empty() {
        let Some(length) = wire::whole(written) else {
            panic!("cut short: {}", written.escape_ascii());
        };
        let (one, rest) = written.split_at(length);
        responses.extend(response(one));
        written = rest;
    }
    responses
}

/// One response; `None` if it is one that imap-codec cannot read.
fn response(bytes: &[u8]) -> Option<Response<'static>> {
    if let Ok(([], response)) = ResponseCodec::default().decode_static(bytes) {
        return Some(response);
    }
    let dated = replaced(bytes, b"\"00-Jan-0000", b"\"01-Jan-1970");
    if let Ok(([], response)) = ResponseCodec::default().decode_static(&dated) {
        return Some(response);
    }
    let (number, rest) = bytes
        .strip_prefix(b"* ")
        .map(|rest| rest.split_at(rest.iter().take_while(|byte| byte.is_ascii_digit()).count()))
        .unwrap_or_default();
    let is_fetch = !number.is_empty() && rest.starts_with(b" FETCH (");
    let values = reader::lines(&[b"* 1", rest].concat()).filter(|_| is_fetch);
    assert!(values.is_some(), "no response: {}", bytes.escape_ascii());
    None
}

fn replaced(bytes: &[u8], old: &[u8; 12], new: &[u8; 12]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(old.len()).position(|window| window == old) {
        bytes[at..at + old.len()].copy_from_slice(new);
    }
    bytes
}

/// Whether it says that the mailbox is closed, and another one is being opened (RFC 7162 section 3.2.11).
pub fn is_closed(status: &StatusBody<'_>) -> bool {
    matches!(&status.code, Some(Code::Other(code)) if code.inner().eq_ignore_ascii_case(b"CLOSED"))
}

/// A response without the octets of sections but `BODY[]`: of a message one knows the whole text, or nothing.
pub fn without_sections(response: &Response<'static>) -> Response<'static> {
    let Response::Data(Data::Fetch { seq, items }) = response else {
        return response.clone();
    };
    let is_other = |item: &MessageDataItem<'_>| matches!(item, MessageDataItem::BodyExt { section, origin, .. } if section.is_some() || origin.is_some());
    let items: Vec<_> = items
        .as_ref()
        .iter()
        .filter(|item| !is_other(item))
        .cloned()
        .collect();
    // FETCH has one item at least.
    let items = Vec1::try_from(items).unwrap_or_else(|_| {
        vec![MessageDataItem::Rfc822Size(0)]
            .try_into()
            .expect("one is one at least")
    });
    Response::Data(Data::Fetch { seq: *seq, items })
}
