//! What a client asks, parsed: either for the connection itself, or for [`tandem_model::Session::step`].
//!
//! Touches nothing. RFC 3501 section 9.

use crate::content::Part;
use std::sync::Arc;
use tandem_model::{command::Command, flags::FlagNames, message::InternalDate, name::MailboxName};

/// A tag (`tag` of RFC 3501 section 9): what the tagged response is marked with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag(pub Arc<str>);

/// A parsed command with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The tag.
    pub tag: Tag,
    /// What is asked for.
    pub request: Request,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// CAPABILITY.
    Capability,
    /// ID (RFC 2971): what the client says of itself; fields without a value are left out.
    Id(Vec<(String, String)>),
    /// NAMESPACE (RFC 2342).
    Namespace,
    /// ENABLE (RFC 5161): the capabilities named, in capitals.
    Enable(Vec<String>),
    /// STARTTLS.
    StartTls,
    /// LOGIN.
    Login {
        /// User name.
        user: String,
        /// Password.
        password: String,
    },
    /// AUTHENTICATE.
    Authenticate {
        /// The mechanism, in capitals.
        mechanism: String,
        /// The initial response, decoded (RFC 4959).
        initial: Option<Vec<u8>>,
    },
    /// A command about mailboxes that the model takes as it is.
    Mailbox(Command),
    /// FETCH or UID FETCH: the command for the model, and what to render of each message.
    Fetch {
        /// [`Command::Fetch`].
        command: Command,
        /// The attributes in the order asked for, macros spelled out; UID is among them if the command is UID FETCH.
        attributes: Vec<FetchAttribute>,
    },
    /// SEARCH or UID SEARCH with a CHARSET that is not known (RFC 3501 section 6.4.4): answered `NO [BADCHARSET]`.
    BadCharset,
    /// APPEND; the server stores the message, and gives the model [`Command::Append`].
    Append {
        /// Where to.
        mailbox: MailboxName,
        /// With which flags.
        flags: FlagNames,
        /// INTERNALDATE; now, if not given.
        date: Option<InternalDate>,
        /// The message's bytes.
        message: Vec<u8>,
    },
}

/// `fetch-att` of RFC 3501 section 9.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FetchAttribute {
    /// ENVELOPE.
    Envelope,
    /// FLAGS.
    Flags,
    /// INTERNALDATE.
    InternalDate,
    /// RFC822.
    Rfc822,
    /// RFC822.HEADER.
    Rfc822Header,
    /// RFC822.SIZE.
    Rfc822Size,
    /// RFC822.TEXT.
    Rfc822Text,
    /// BODY: BODYSTRUCTURE without extension data.
    Body,
    /// BODYSTRUCTURE.
    BodyStructure,
    /// UID.
    Uid,
    /// `BODY[section]<partial>` or `BODY.PEEK[section]<partial>`.
    Section {
        /// Which part of the message.
        section: Section,
        /// From which octet, and at most how many.
        partial: Option<(u32, u32)>,
        /// BODY.PEEK: \Seen is not set.
        peek: bool,
    },
}

/// `section` of RFC 3501 section 9.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Section {
    /// Part numbers, 1 and up, outermost first; none: the message itself.
    pub part: Vec<u32>,
    /// What of the part; `None`: all its content.
    pub text: Option<SectionText>,
}

/// `section-text` of RFC 3501 section 9.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SectionText {
    /// HEADER.
    Header,
    /// HEADER.FIELDS: these only.
    HeaderFields(Vec<String>),
    /// HEADER.FIELDS.NOT: all but these.
    HeaderFieldsNot(Vec<String>),
    /// TEXT.
    Text,
    /// MIME; only of a part.
    Mime,
}

impl FetchAttribute {
    /// Whether showing it sets \Seen (RFC 3501 section 6.4.5).
    #[must_use]
    pub const fn marks_seen(&self) -> bool {
        match self {
            Self::Rfc822 | Self::Rfc822Text | Self::Section { peek: false, .. } => true,
            Self::Section { peek: true, .. }
            | Self::Envelope
            | Self::Flags
            | Self::InternalDate
            | Self::Rfc822Header
            | Self::Rfc822Size
            | Self::Body
            | Self::BodyStructure
            | Self::Uid => false,
        }
    }

    /// How much of the message has to be read to show it; `None`: nothing.
    #[must_use]
    pub const fn part(&self) -> Option<Part> {
        match self {
            Self::Flags | Self::InternalDate | Self::Rfc822Size | Self::Uid => None,
            Self::Envelope | Self::Body | Self::BodyStructure => Some(Part::Digest),
            Self::Rfc822Header => Some(Part::Header),
            Self::Rfc822 | Self::Rfc822Text => Some(Part::Whole),
            Self::Section { section, .. } => Some(section.content()),
        }
    }

    /// How much has to be read to show all of these: the greatest of [`Self::part`].
    #[must_use]
    pub fn parts(attributes: &[Self]) -> Option<Part> {
        attributes.iter().filter_map(Self::part).max()
    }
}

impl Section {
    /// How much of the message has to be read to find it. Which octets a part of the message has is told by those around them.
    const fn content(&self) -> Part {
        match &self.text {
            Some(
                SectionText::Header
                | SectionText::HeaderFields(_)
                | SectionText::HeaderFieldsNot(_),
            ) if self.part.is_empty() => Part::Header,
            Some(
                SectionText::Header
                | SectionText::HeaderFields(_)
                | SectionText::HeaderFieldsNot(_)
                | SectionText::Text
                | SectionText::Mime,
            )
            | None => Part::Whole,
        }
    }
}
