//! The octets of a message, with what is worked out of them once: at its arrival, and never again.
//!
//! Touches nothing. RFC 3501 section 7.4.2: ENVELOPE, BODY and BODYSTRUCTURE say of a message what never changes. They have a limit, whatever the
//! message is: [`render::ENVELOPE_MOST`], [`render::STRUCTURE_MOST`].

pub mod block;

use crate::render;
use block::Block;
use std::sync::Arc;

/// A message to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    digest: Digest,
    header: usize,
    octets: Arc<[u8]>,
}

/// What FETCH shows of a message without looking at it: each as it stands in the response, without its label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// ENVELOPE.
    pub envelope: Arc<[u8]>,
    /// BODY.
    pub body: Arc<[u8]>,
    /// BODYSTRUCTURE.
    pub structure: Arc<[u8]>,
}

/// How much of a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The digest.
    Digest,
    /// The digest and the header, with the blank line after it.
    Header,
    /// Everything.
    Whole,
}

/// Why a content that is there is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It cannot be read.
    Damaged,
    /// It is large, and there was no room for it beside those that others are being shown.
    NoRoom,
}

/// What was read of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The digest.
    pub digest: Digest,
    /// The octets that were asked for.
    pub octets: Octets,
}

/// As many octets of a message as were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Octets {
    /// None.
    Unread,
    /// The header, with the blank line after it.
    Header(Block),
    /// All.
    Whole {
        /// All octets.
        octets: Block,
        /// How many of them are the header.
        header: usize,
    },
}

impl Content {
    /// Of these octets; works out the digest, which takes a time that is linear in them.
    #[must_use]
    pub fn new(octets: impl Into<Arc<[u8]>>) -> Self {
        let octets = octets.into();
        let (digest, header) = render::digest(&octets);
        Self {
            digest,
            header,
            octets,
        }
    }

    /// What FETCH shows of it without looking at it.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// The header, with the blank line after it, and the rest.
    #[must_use]
    pub fn split(&self) -> (&[u8], &[u8]) {
        split(&self.octets, self.header)
    }

    /// All of it.
    #[must_use]
    pub const fn octets(&self) -> &Arc<[u8]> {
        &self.octets
    }

    /// So much of it.
    #[must_use]
    pub fn read(&self, part: Part) -> Found {
        Found {
            digest: self.digest.clone(),
            octets: match part {
                Part::Digest => Octets::Unread,
                Part::Header => Octets::Header(Arc::<[u8]>::from(self.split().0).into()),
                Part::Whole => Octets::Whole {
                    octets: Arc::clone(&self.octets).into(),
                    header: self.header,
                },
            },
        }
    }
}

impl Found {
    /// How many octets it has in all.
    #[must_use]
    pub fn size(&self) -> usize {
        let Digest {
            envelope,
            body,
            structure,
        } = &self.digest;
        let octets = match &self.octets {
            Octets::Unread => 0,
            Octets::Header(octets) | Octets::Whole { octets, .. } => octets.len(),
        };
        envelope.len() + body.len() + structure.len() + octets
    }
}

impl Octets {
    /// How much was read.
    #[must_use]
    pub const fn part(&self) -> Part {
        match self {
            Self::Unread => Part::Digest,
            Self::Header(_) => Part::Header,
            Self::Whole { .. } => Part::Whole,
        }
    }

    /// The header, with the blank line after it, if it was read.
    #[must_use]
    pub fn header(&self) -> Option<&[u8]> {
        match self {
            Self::Unread => None,
            Self::Header(header) => Some(header),
            Self::Whole { octets, header } => Some(split(octets, *header).0),
        }
    }

    /// What follows the header, if it was read.
    #[must_use]
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Unread | Self::Header(_) => None,
            Self::Whole { octets, header } => Some(split(octets, *header).1),
        }
    }

    /// All of it, if it was read.
    #[must_use]
    pub fn whole(&self) -> Option<&[u8]> {
        match self {
            Self::Unread | Self::Header(_) => None,
            Self::Whole { octets, .. } => Some(octets),
        }
    }
}

fn split(octets: &[u8], header: usize) -> (&[u8], &[u8]) {
    octets.split_at_checked(header).unwrap_or((octets, &[]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn header_and_rest_are_the_whole(
            octets in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..100),
                prop::collection::vec(prop::sample::select(b"a:\r\n".to_vec()), 0..20),
            ],
        ) {
            let content = Content::new(octets.clone());
            let (header, rest) = content.split();
            prop_assert_eq!([header, rest].concat(), octets);
            // It ends with the first blank line.
            let blank = |end: &&[u8]| header.ends_with(end) || header == &end[1..];
            prop_assert!(rest.is_empty() || [&b"\n\r\n"[..], b"\n\n"].iter().any(blank));
            for part in [Part::Digest, Part::Header, Part::Whole] {
                let read = content.read(part).octets;
                let (has_header, is_whole) = (part >= Part::Header, part >= Part::Whole);
                prop_assert_eq!(read.part(), part);
                prop_assert_eq!(read.header(), has_header.then_some(header));
                prop_assert_eq!(read.text(), is_whole.then_some(rest));
                prop_assert_eq!(read.whole(), is_whole.then_some(&**content.octets()));
            }
        }
    }
}
