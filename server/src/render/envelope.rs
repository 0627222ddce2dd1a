//! ENVELOPE.
//!
//! Touches nothing but the buffer. RFC 3501 section 7.4.2. Values are those of the first field of each name, unfolded and otherwise as they
//! are: encoded words are the client's to decode.

use super::{
    address::{Address, addresses},
    header,
};
use crate::codec::encode::string::nstring;

/// The fields of an envelope, in a header.
#[derive(Debug, Default)]
struct Fields<'a> {
    date: Option<&'a [u8]>,
    subject: Option<&'a [u8]>,
    from: Option<&'a [u8]>,
    sender: Option<&'a [u8]>,
    reply_to: Option<&'a [u8]>,
    to: Option<&'a [u8]>,
    cc: Option<&'a [u8]>,
    bcc: Option<&'a [u8]>,
    in_reply_to: Option<&'a [u8]>,
    message_id: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn find(header: &'a [u8]) -> Self {
        let mut found = Self::default();
        for field in header::fields(header) {
            if let Some(place) = found.place(field.name) {
                place.get_or_insert(field.value);
            }
        }
        found
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name.to_ascii_lowercase().as_slice() {
            b"date" => &mut self.date,
            b"subject" => &mut self.subject,
            b"from" => &mut self.from,
            b"sender" => &mut self.sender,
            b"reply-to" => &mut self.reply_to,
            b"to" => &mut self.to,
            b"cc" => &mut self.cc,
            b"bcc" => &mut self.bcc,
            b"in-reply-to" => &mut self.in_reply_to,
            b"message-id" => &mut self.message_id,
            _ => return None,
        })
    }
}

/// Writes the envelope of the message that has this header.
pub fn envelope(out: &mut Vec<u8>, header: &[u8]) {
    let fields = Fields::find(header);
    let list = |value: Option<&[u8]>| addresses(&header::unfold(value.unwrap_or_default()));
    let from = list(fields.from);
    out.push(b'(');
    text(out, fields.date);
    out.push(b' ');
    text(out, fields.subject);
    for addresses in [
        &from,
        or(&list(fields.sender), &from),
        or(&list(fields.reply_to), &from),
        &list(fields.to),
        &list(fields.cc),
        &list(fields.bcc),
    ] {
        out.push(b' ');
        address_list(out, addresses);
    }
    out.push(b' ');
    text(out, fields.in_reply_to);
    out.push(b' ');
    text(out, fields.message_id);
    out.push(b')');
}

/// Sender and Reply-To that are absent or empty are as From.
fn or<'a>(addresses: &'a [Address], from: &'a [Address]) -> &'a [Address] {
    if addresses.is_empty() {
        from
    } else {
        addresses
    }
}

fn text(out: &mut Vec<u8>, value: Option<&[u8]>) {
    nstring(out, value.map(header::unfold).as_deref());
}

fn address_list(out: &mut Vec<u8>, addresses: &[Address]) {
    if addresses.is_empty() {
        out.extend_from_slice(b"NIL");
        return;
    }
    out.push(b'(');
    for address in addresses {
        out.push(b'(');
        nstring(out, address.name.as_deref());
        for field in [&address.route, &address.mailbox, &address.host] {
            out.push(b' ');
            nstring(out, field.as_deref());
        }
        out.push(b')');
    }
    out.push(b')');
}
