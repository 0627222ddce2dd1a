//! NIL FETCH responses: what is shown of a message that was expunged, for `fetching=nil`.
//!
//! Touches nothing but the buffer. RFC 2180 section 4.1.3 lists the forms. UID is real, since the client has it already.

use super::section;
use crate::codec::{encode::string::put, request::FetchAttribute};
use tandem_model::number::Uid;

/// What BODY and BODYSTRUCTURE show.
const EMPTY_TEXT: &str = r#"("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)"#;

/// Writes one attribute with its label.
pub fn attribute(out: &mut Vec<u8>, attribute: &FetchAttribute, uid: Uid) {
    let text = match attribute {
        FetchAttribute::Envelope => "ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)",
        FetchAttribute::Flags => "FLAGS ()",
        FetchAttribute::InternalDate => "INTERNALDATE \"00-Jan-0000 00:00:00 +0000\"",
        FetchAttribute::Rfc822 => "RFC822 \"\"",
        FetchAttribute::Rfc822Header => "RFC822.HEADER \"\"",
        FetchAttribute::Rfc822Size => "RFC822.SIZE 0",
        FetchAttribute::Rfc822Text => "RFC822.TEXT \"\"",
        FetchAttribute::Body => return put(out, format_args!("BODY {EMPTY_TEXT}")),
        FetchAttribute::BodyStructure => {
            return put(out, format_args!("BODYSTRUCTURE {EMPTY_TEXT}"));
        }
        FetchAttribute::Uid => return put(out, format_args!("UID {uid}")),
        FetchAttribute::Section {
            section, partial, ..
        } => {
            section::label(out, section, *partial);
            " \"\""
        }
    };
    out.extend_from_slice(text.as_bytes());
}
