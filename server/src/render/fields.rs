//! The fields of a header that ENVELOPE and BODYSTRUCTURE show, found in one pass.
//!
//! Touches nothing. RFC 5322 section 3.6, RFC 2045 section 3, RFC 2183, RFC 3282, RFC 2557. Of several fields of one name the first counts.

use super::header;

/// The longest name of them.
const LONGEST: usize = b"content-transfer-encoding".len();

/// What follows the colon of each, folds and line end included; `None`: there is no such field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// Date.
    pub date: Option<&'a [u8]>,
    /// Subject.
    pub subject: Option<&'a [u8]>,
    /// From.
    pub from: Option<&'a [u8]>,
    /// Sender.
    pub sender: Option<&'a [u8]>,
    /// Reply-To.
    pub reply_to: Option<&'a [u8]>,
    /// To.
    pub to: Option<&'a [u8]>,
    /// Cc.
    pub cc: Option<&'a [u8]>,
    /// Bcc.
    pub bcc: Option<&'a [u8]>,
    /// In-Reply-To.
    pub in_reply_to: Option<&'a [u8]>,
    /// Message-ID.
    pub message_id: Option<&'a [u8]>,
    /// Content-Type.
    pub media: Option<&'a [u8]>,
    /// Content-ID.
    pub id: Option<&'a [u8]>,
    /// Content-Description.
    pub description: Option<&'a [u8]>,
    /// Content-Transfer-Encoding.
    pub encoding: Option<&'a [u8]>,
    /// Content-MD5.
    pub md5: Option<&'a [u8]>,
    /// Content-Disposition.
    pub disposition: Option<&'a [u8]>,
    /// Content-Language.
    pub language: Option<&'a [u8]>,
    /// Content-Location.
    pub location: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    /// Those of a header.
    #[must_use]
    pub fn of(header: &'a [u8]) -> Self {
        let mut found = Self::default();
        for field in header::fields(header) {
            if let Some(place) = found.place(field.name) {
                place.get_or_insert(field.value);
            }
        }
        found
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        let mut lower = [0; LONGEST];
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        Some(match &*lower {
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
            b"content-type" => &mut self.media,
            b"content-id" => &mut self.id,
            b"content-description" => &mut self.description,
            b"content-transfer-encoding" => &mut self.encoding,
            b"content-md5" => &mut self.md5,
            b"content-disposition" => &mut self.disposition,
            b"content-language" => &mut self.language,
            b"content-location" => &mut self.location,
            _ => return None,
        })
    }
}
