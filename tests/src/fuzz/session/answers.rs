//! What a server has written, read by imap-codec.
//!
//! Touches nothing. Two things imap-codec does not read, and they are put in other words for it here: the date `00-Jan-0000` of a NIL form (RFC 2180 section 4.1.3), and
//! a BODY or BODYSTRUCTURE that is deeper than it goes ([`deep`]).

use super::deep;
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
use std::collections::BTreeSet;

/// Every response; panics at whatever is none.
pub fn read(mut written: &[u8]) -> Vec<Response<'static>> {
    let mut responses = Vec::new();
    while !written.is_empty() {
        let Some(length) = wire::whole(written) else {
            panic!("cut short: {}", written.escape_ascii());
        };
        let (one, rest) = written.split_at(length);
        responses.push(response(one));
        written = rest;
    }
    responses
}

/// One response.
fn response(bytes: &[u8]) -> Response<'static> {
    if let Ok(([], response)) = ResponseCodec::default().decode_static(bytes) {
        return response;
    }
    let dated = replaced(bytes, b"\"00-Jan-0000", b"\"01-Jan-1970");
    let plain = deep::without(&dated);
    match ResponseCodec::default().decode_static(&plain) {
        Ok(([], response)) => response,
        Ok(_) | Err(_) => panic!("no response: {}", bytes.escape_ascii()),
    }
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

/// RFC822.SIZE is the size of the message that is shown with it; of one that is gone it is that of the NIL form.
pub fn assert_sizes(response: &Response<'static>) {
    let Response::Data(Data::Fetch { items, .. }) = response else {
        return;
    };
    let items = items.as_ref().iter();
    let sizes = items.clone().filter_map(|item| match item {
        MessageDataItem::Rfc822Size(size) => Some(*size as usize),
        _ => None,
    });
    let whole = items.filter_map(|item| match item {
        MessageDataItem::Rfc822(data)
        | MessageDataItem::BodyExt {
            section: None,
            origin: None,
            data,
        } => Some(data.0.as_ref().map_or(0, |octets| octets.as_ref().len())),
        _ => None,
    });
    let all: BTreeSet<_> = sizes.chain(whole).collect();
    assert!(all.len() <= 1, "sizes of one message: {all:?}");
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic;

    fn is_read(written: &[u8]) -> bool {
        panic::catch_unwind(|| read(written).iter().for_each(assert_sizes)).is_ok()
    }

    #[test]
    fn nothing_is_excused_but_dates_and_bodies_that_are_deep() {
        let leaf = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 3 1)"#.to_owned();
        let nest = |depth| (0..depth).fold(leaf.clone(), |inner, _| format!("({inner} \"MIXED\")"));
        let fetch = |items: &str| is_read(format!("* 1 FETCH ({items})\r\n").as_bytes());
        let date = r#"INTERNALDATE "00-Jan-0000 00:00:00 +0000""#;
        let deep = format!("BODY {}", nest(20));
        for good in [date, &deep, &format!("{deep} {date} UID 7")] {
            assert!(fetch(good), "{good}");
        }
        for bad in [
            "UID x",
            "UID 0",
            "X-UNKNOWN 1",
            r#"INTERNALDATE "00-Xxx-0000 00:00:00 +0000""#,
            "FLAGS (\\*)",
            "RFC822.SIZE -1",
            &format!("{deep} UID 0"),
            &format!("{deep} X-UNKNOWN 1"),
            &format!("BODY {}", nest(20).replace("3 1", "3")),
            &format!("BODY {} NIL", nest(20)),
            &format!("BODYSTRUCTURE {}", nest(20)),
            "RFC822.SIZE 4 BODY[] {3}\r\nabc",
            "BODY[] {3}\r\nabc RFC822 {2}\r\nab",
        ] {
            assert!(!fetch(bad), "{bad}");
        }
        assert!(fetch("RFC822.SIZE 3 BODY[] {3}\r\nabc BODY[]<1> {1}\r\nb"));
    }
}
