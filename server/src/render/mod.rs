//! FETCH responses from the content of messages.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 sections 6.4.5 and 7.4.2; NIL forms: RFC 2180 section 4.1.3.
//!
//! Content is whatever a client appended: any octets at all. What comes out is well-formed whatever goes in. ENVELOPE, BODY and
//! BODYSTRUCTURE are written once, when a message comes ([`digest`]), and shown as they were written; header and text are where they were
//! found then. Only who asks for a part by its number has the message split again ([`Source`]), at most once for one answer.

pub mod address;
pub mod allowance;
pub mod entity;
pub mod envelope;
pub mod fields;
pub mod header;
pub mod judge;
pub mod media;
pub mod nil;
pub mod section;
pub mod structure;
pub mod token;

use crate::codec::{
    encode::{self, date::date_time, flags::flag_list, string::put},
    request::FetchAttribute,
};
use crate::content::{Digest, Found, Octets};
use allowance::{Allowance, TEXT_MOST};
use entity::{DEPTH_MOST, Entity, PARTS_MOST};
use std::cell::OnceCell;
use structure::Structure;
use tandem_model::{flags::Keywords, message::Message, number::SeqNum, response::FetchData};

/// A line of more octets than this, and more than twice the message, ends after the attribute that made it so; the rest of the
/// attributes comes in a line of its own. One command line can ask for the same octets hundreds of times.
pub const LINE_MOST: usize = 1 << 20;

/// No ENVELOPE has more octets than this: what [`Allowance`] covers, and what stands around it.
pub const ENVELOPE_MOST: usize = 2 * TEXT_MOST + 64;

/// No BODY and no BODYSTRUCTURE has more octets than this: what [`Allowance`] covers, and for each part the names of its type, its sizes, NILs.
pub const STRUCTURE_MOST: usize = 2 * TEXT_MOST + (PARTS_MOST + DEPTH_MOST) * 1_024;

/// What is shown where nothing was asked for; the grammar has no empty list.
const FLAGS: &[FetchAttribute] = &[FetchAttribute::Flags];

/// The octets of a message that were read, split as far as was needed.
#[derive(Debug)]
pub struct Source<'a> {
    octets: &'a Octets,
    tree: OnceCell<Option<Entity<'a>>>,
}

impl<'a> Source<'a> {
    /// Nothing is looked at yet.
    #[must_use]
    pub const fn new(octets: &'a Octets) -> Self {
        Self {
            octets,
            tree: OnceCell::new(),
        }
    }

    /// What was read.
    #[must_use]
    pub const fn octets(&self) -> &'a Octets {
        self.octets
    }

    /// Its parts; `None` if not all of it was read.
    #[must_use]
    pub fn tree(&self) -> Option<&Entity<'a>> {
        let parse = || self.octets.whole().map(Entity::parse);
        self.tree.get_or_init(parse).as_ref()
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
    found: Option<(&'a Digest, Source<'a>)>,
    keywords: &'a Keywords,
}

impl<'a> Fetch<'a> {
    /// The answer about one message.
    ///
    /// `found` is as much as the attributes need, see [`FetchAttribute::part`]; what needs more gets its NIL form. `keywords` is what the
    /// client was last told by FLAGS.
    #[must_use]
    pub fn new(
        seq: SeqNum,
        data: &'a FetchData,
        attributes: &'a [FetchAttribute],
        found: Option<&'a Found>,
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
            found: found.map(|found| (&found.digest, Source::new(&found.octets))),
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
                    found: self.found.as_ref(),
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

/// What FETCH shows of a message without looking at it, and how many octets its header has. Takes a time that is linear in the message, whatever it is;
/// [`ENVELOPE_MOST`] and [`STRUCTURE_MOST`] say how much comes out.
#[must_use]
pub fn digest(octets: &[u8]) -> (Digest, usize) {
    let message = Entity::parse(octets);
    let mut envelope = Vec::new();
    envelope::envelope(&mut envelope, &message.fields, &mut Allowance::new());
    let structure = Structure::new(&message);
    let digest = Digest {
        envelope: envelope.into(),
        body: structure.body().into(),
        structure: structure.body_structure().into(),
    };
    (digest, message.header.len())
}

/// Writes `* n FETCH (...)`, all lines of it: see [`Fetch`].
pub fn fetch(
    out: &mut Vec<u8>,
    seq: SeqNum,
    data: &FetchData,
    attributes: &[FetchAttribute],
    found: Option<&Found>,
    keywords: &Keywords,
) {
    let mut fetch = Fetch::new(seq, data, attributes, found, keywords);
    while fetch.line(out) {}
}

/// A message of which attributes are shown.
struct Shown<'s, 'a> {
    message: &'s Message,
    recent: bool,
    found: Option<&'s (&'a Digest, Source<'a>)>,
    keywords: &'s Keywords,
}

impl Shown<'_, '_> {
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
        usize::try_from(self.message.size).unwrap_or(usize::MAX)
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
            | FetchAttribute::Section { .. } => match self.found {
                Some((digest, source)) if attribute.part() <= Some(source.octets().part()) => {
                    from_found(out, attribute, digest, source);
                }
                _ => nil::attribute(out, attribute, self.message.uid),
            },
        }
    }
}

/// Writes one attribute of which all was read that it needs.
fn from_found(out: &mut Vec<u8>, attribute: &FetchAttribute, digest: &Digest, source: &Source<'_>) {
    let octets = source.octets();
    let (label, octets) = match attribute {
        FetchAttribute::Envelope => return ready(out, b"ENVELOPE ", &digest.envelope),
        FetchAttribute::Body => return ready(out, b"BODY ", &digest.body),
        FetchAttribute::BodyStructure => {
            return ready(out, b"BODYSTRUCTURE ", &digest.structure);
        }
        FetchAttribute::Section {
            section, partial, ..
        } => {
            section::label(out, section, *partial);
            out.push(b' ');
            let octets = section::find(source, section);
            return section::octets(out, octets.as_deref(), *partial);
        }
        FetchAttribute::Rfc822 => ("RFC822 ", octets.whole()),
        FetchAttribute::Rfc822Header => ("RFC822.HEADER ", octets.header()),
        FetchAttribute::Rfc822Text => ("RFC822.TEXT ", octets.text()),
        // These need nothing.
        FetchAttribute::Flags
        | FetchAttribute::InternalDate
        | FetchAttribute::Rfc822Size
        | FetchAttribute::Uid => return,
    };
    out.extend_from_slice(label.as_bytes());
    section::octets(out, octets, None);
}

/// Writes what a digest has ready.
fn ready(out: &mut Vec<u8>, label: &[u8], value: &[u8]) {
    out.extend_from_slice(label);
    out.extend_from_slice(value);
}

#[cfg(test)]
mod digests;
#[cfg(test)]
mod direct;
#[cfg(test)]
mod examples;
#[cfg(test)]
mod properties;
