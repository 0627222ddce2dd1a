//! ENVELOPE.
//!
//! Touches nothing but the buffer. RFC 3501 section 7.4.2. Values are those of the first field of each name, unfolded and otherwise as they
//! are: encoded words are the client's to decode. What the [`Allowance`] does not cover is NIL.

use super::{
    address::{Address, addresses},
    allowance::Allowance,
    fields::Fields,
    header,
};
use crate::codec::encode::string::nstring;

/// Writes the envelope of the message that has these fields.
pub fn envelope(out: &mut Vec<u8>, fields: &Fields<'_>, allowance: &mut Allowance) {
    let list = |value: Option<&[u8]>| addresses(&header::unfold(value.unwrap_or_default()));
    let from = list(fields.from);
    out.push(b'(');
    text(out, fields.date, allowance);
    out.push(b' ');
    text(out, fields.subject, allowance);
    for addresses in [
        &from,
        or(&list(fields.sender), &from),
        or(&list(fields.reply_to), &from),
        &list(fields.to),
        &list(fields.cc),
        &list(fields.bcc),
    ] {
        out.push(b' ');
        address_list(out, addresses, allowance);
    }
    out.push(b' ');
    text(out, fields.in_reply_to, allowance);
    out.push(b' ');
    text(out, fields.message_id, allowance);
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

/// Writes an unfolded value, NIL for none.
pub(super) fn text(out: &mut Vec<u8>, value: Option<&[u8]>, allowance: &mut Allowance) {
    let value = value.map(header::unfold);
    let shown = value.as_deref().filter(|text| allowance.covers([*text]));
    nstring(out, shown);
}

fn address_list(out: &mut Vec<u8>, addresses: &[Address], allowance: &mut Allowance) {
    let strings = addresses.iter().flat_map(Address::fields);
    if addresses.is_empty() || !allowance.covers(strings.map(Option::unwrap_or_default)) {
        return nstring(out, None);
    }
    out.push(b'(');
    for address in addresses {
        for (index, field) in address.fields().into_iter().enumerate() {
            out.push(if index == 0 { b'(' } else { b' ' });
            nstring(out, field);
        }
        out.push(b')');
    }
    out.push(b')');
}
