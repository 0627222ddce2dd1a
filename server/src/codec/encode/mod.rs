//! Responses as bytes: pure functions, each line whole and ended by CRLF.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 7 and 9 decide.

use crate::codec::request::Tag;
use tandem_model::{
    flags::{Flags, Keywords},
    number::{SeqNum, Uid},
    response::Response,
};

/// Writes one response. FETCH with more than flags is [`crate::render`]'s and SEARCH's pages are joined by the
/// connection for [`search`]; neither can be written from the response alone, and nothing is written for them.
pub fn response(out: &mut Vec<u8>, response: &Response, tag: &Tag, keywords: &Keywords) {
    let _ = (out, response, tag, keywords);
}

/// Writes `* SEARCH 2 3 6`.
pub fn search(out: &mut Vec<u8>, numbers: &[u32]) {
    let _ = (out, numbers);
}

/// Writes `* n FETCH (FLAGS (...) UID n)`; UID only if given.
pub fn fetch_flags(
    out: &mut Vec<u8>,
    seq: SeqNum,
    flags: Flags,
    recent: bool,
    uid: Option<Uid>,
    keywords: &Keywords,
) {
    let _ = (out, seq, flags, recent, uid, keywords);
}

/// Writes a status response that the model does not know of: `tag OK [code] text`, or untagged without a tag.
/// `condition` is `OK`, `NO`, `BAD`, `BYE` or `PREAUTH`; `code` is without its brackets, empty for none; `text` may be
/// anything: what cannot stand in a line is replaced.
pub fn condition(out: &mut Vec<u8>, tag: Option<&Tag>, condition: &str, code: &str, text: &str) {
    let _ = (out, tag, condition, code, text);
}

/// Writes `+ text`.
pub fn continuation(out: &mut Vec<u8>, text: &str) {
    let _ = (out, text);
}
