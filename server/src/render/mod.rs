//! FETCH responses from the content of messages.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 6.4.5 and 7.4.2; NIL forms: RFC 2180 section 4.1.3.
//!
//! Content is whatever a client appended: any octets at all. It is split lazily ([`Source`]), at most once for one answer, and not
//! beyond its header if nothing more is asked for. What comes out is well-formed whatever goes in.

pub mod address;
pub mod envelope;
pub mod header;
pub mod media;
pub mod nil;
pub mod part;
pub mod section;
pub mod structure;
pub mod token;

use crate::codec::{
    encode::{self, date::date_time, flags::flag_list, string::put},
    request::FetchAttribute,
};
use part::Part;
use std::cell::OnceCell;
use tandem_model::{flags::Keywords, message::Message, number::SeqNum, response::FetchData};

/// A line of more octets than this, and more than twice the message, ends after the attribute that made it so; the rest of the
/// attributes comes in a line of its own. One command line can ask for the same octets hundreds of times.
pub const LINE_MOST: usize = 1 << 20;

/// What is shown where nothing was asked for; the grammar has no empty list.
const FLAGS: &[FetchAttribute] = &[FetchAttribute::Flags];

/// The content of a message, split as far as was needed.
#[derive(Debug)]
pub struct Source<'a> {
    content: &'a [u8],
    split: OnceCell<(&'a [u8], &'a [u8])>,
    tree: OnceCell<Part<'a>>,
}

impl<'a> Source<'a> {
    /// Nothing is looked at yet.
    #[must_use]
    pub const fn new(content: &'a [u8]) -> Self {
        Self {
            content,
            split: OnceCell::new(),
            tree: OnceCell::new(),
        }
    }

    /// All of it.
    #[must_use]
    pub const fn content(&self) -> &'a [u8] {
        self.content
    }

    /// Its header, with the blank line, and its body.
    #[must_use]
    pub fn split(&self) -> (&'a [u8], &'a [u8]) {
        *self.split.get_or_init(|| header::split(self.content))
    }

    /// Its parts.
    #[must_use]
    pub fn tree(&self) -> &Part<'a> {
        self.tree.get_or_init(|| Part::parse(self.content))
    }
}

/// One FETCH answer being written: usually one line; several where a client asks for much more than the message has.
#[derive(Debug)]
pub struct Fetch<'a> {
    seq: SeqNum,
    data: &'a FetchData,
    attributes: &'a [FetchAttribute],
    /// How many of them are written.
    written: usize,
    source: Option<Source<'a>>,
    keywords: &'a Keywords,
}

impl<'a> Fetch<'a> {
    /// The answer about one message.
    ///
    /// `content` may be `None` where no attribute [`FetchAttribute::needs_content`]; what needs it gets its NIL form. `keywords` is what the
    /// client was last told by FLAGS.
    #[must_use]
    pub fn new(
        seq: SeqNum,
        data: &'a FetchData,
        attributes: &'a [FetchAttribute],
        content: Option<&'a [u8]>,
        keywords: &'a Keywords,
    ) -> Self {
        Self {
            seq,
            data,
            attributes: if attributes.is_empty() {
                FLAGS
            } else {
                attributes
            },
            written: 0,
            source: content.map(Source::new),
            keywords,
        }
    }

    /// Writes the next line; whether another follows.
    pub fn line(&mut self, out: &mut Vec<u8>) -> bool {
        match self.data {
            FetchData::Flags { flags, recent, uid } => {
                encode::fetch_flags(out, self.seq, *flags, *recent, *uid, self.keywords);
                false
            }
            FetchData::Message {
                message,
                recent,
                seen_now,
            } => {
                let shown = Shown {
                    message,
                    recent: *recent,
                    source: self.source.as_ref(),
                    keywords: self.keywords,
                };
                let pending = self.attributes.get(self.written..).unwrap_or_default();
                put(out, format_args!("* {} FETCH (", self.seq));
                let now = shown.attributes(out, pending, self.attributes);
                let last = now == pending.len();
                if last && *seen_now && !self.attributes.contains(&FetchAttribute::Flags) {
                    out.push(b' ');
                    shown.attribute(out, &FetchAttribute::Flags);
                }
                out.extend_from_slice(b")\r\n");
                self.written += now;
                !last
            }
            FetchData::Nil { uid } => {
                put(out, format_args!("* {} FETCH (", self.seq));
                for (index, attribute) in self.attributes.iter().enumerate() {
                    put(out, format_args!("{}", if index > 0 { " " } else { "" }));
                    nil::attribute(out, attribute, *uid);
                }
                out.extend_from_slice(b")\r\n");
                false
            }
        }
    }
}

/// Writes `* n FETCH (...)`, all lines of it: see [`Fetch`].
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

/// A message of which attributes are shown.
struct Shown<'s, 'a> {
    message: &'s Message,
    recent: bool,
    source: Option<&'s Source<'a>>,
    keywords: &'s Keywords,
}

impl<'a> Shown<'_, 'a> {
    /// Writes `pending` attributes until one makes the line longer than it may be, and returns how many they were. UID, if it
    /// is `asked` for, is in every line (RFC 3501 section 6.4.8).
    fn attributes(
        &self,
        out: &mut Vec<u8>,
        pending: &[FetchAttribute],
        asked: &[FetchAttribute],
    ) -> usize {
        let start = out.len();
        let most = self.size().saturating_mul(2).max(LINE_MOST);
        let mut written = 0;
        let mut has_uid = false;
        for attribute in pending {
            if out.len() - start > most {
                break;
            }
            if written > 0 {
                out.push(b' ');
            }
            self.attribute(out, attribute);
            written += 1;
            has_uid |= *attribute == FetchAttribute::Uid;
        }
        if !has_uid && asked.contains(&FetchAttribute::Uid) {
            out.push(b' ');
            self.attribute(out, &FetchAttribute::Uid);
        }
        written
    }

    fn size(&self) -> usize {
        self.source.map_or(0, |source| source.content().len())
    }

    /// Writes one attribute with its label.
    fn attribute(&self, out: &mut Vec<u8>, attribute: &FetchAttribute) {
        match attribute {
            FetchAttribute::Flags => {
                out.extend_from_slice(b"FLAGS ");
                flag_list(out, self.message.flags, self.recent, self.keywords);
            }
            FetchAttribute::InternalDate => {
                out.extend_from_slice(b"INTERNALDATE ");
                date_time(out, self.message.date);
            }
            FetchAttribute::Rfc822Size => {
                put(out, format_args!("RFC822.SIZE {}", self.message.size));
            }
            FetchAttribute::Uid => put(out, format_args!("UID {}", self.message.uid)),
            FetchAttribute::Envelope
            | FetchAttribute::Body
            | FetchAttribute::BodyStructure
            | FetchAttribute::Rfc822
            | FetchAttribute::Rfc822Header
            | FetchAttribute::Rfc822Text
            | FetchAttribute::Section { .. } => match self.source {
                Some(source) => from_content(out, attribute, source),
                None => nil::attribute(out, attribute, self.message.uid),
            },
        }
    }
}

/// Writes one attribute that needs the content.
fn from_content(out: &mut Vec<u8>, attribute: &FetchAttribute, source: &Source<'_>) {
    let (label, octets) = match attribute {
        FetchAttribute::Envelope => {
            out.extend_from_slice(b"ENVELOPE ");
            return envelope::envelope(out, source.split().0);
        }
        FetchAttribute::Body => {
            out.extend_from_slice(b"BODY ");
            return structure::structure(out, source.tree(), false);
        }
        FetchAttribute::BodyStructure => {
            out.extend_from_slice(b"BODYSTRUCTURE ");
            return structure::structure(out, source.tree(), true);
        }
        FetchAttribute::Section {
            section, partial, ..
        } => {
            section::label(out, section, *partial);
            out.push(b' ');
            let octets = section::find(source, section);
            return section::octets(out, octets.as_deref(), *partial);
        }
        FetchAttribute::Rfc822 => ("RFC822 ", source.content()),
        FetchAttribute::Rfc822Header => ("RFC822.HEADER ", source.split().0),
        FetchAttribute::Rfc822Text => ("RFC822.TEXT ", source.split().1),
        // These need no content.
        FetchAttribute::Flags
        | FetchAttribute::InternalDate
        | FetchAttribute::Rfc822Size
        | FetchAttribute::Uid => return,
    };
    out.extend_from_slice(label.as_bytes());
    section::octets(out, Some(octets), None);
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
