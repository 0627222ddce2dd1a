//! What the server says of itself: CAPABILITY, ID, NAMESPACE, ENABLE.
//!
//! Touches nothing but the buffer that it is given. RFC 3501 section 6.1.1, RFC 2971, RFC 2342, RFC 5161.

use crate::codec::request::Request;

/// What the server can do.
pub const CAPABILITIES: &str =
    "IMAP4rev1 LITERAL+ SASL-IR AUTH=PLAIN IDLE UIDPLUS MOVE UNSELECT NAMESPACE ID ENABLE CHILDREN";

/// Writes the untagged response to one of these; the name of the command, or `None` if it is another one.
pub fn answer(out: &mut Vec<u8>, request: &Request) -> Option<&'static str> {
    match request {
        Request::Capability => {
            out.extend_from_slice(b"* CAPABILITY ");
            out.extend_from_slice(CAPABILITIES.as_bytes());
            out.extend_from_slice(b"\r\n");
            Some("CAPABILITY")
        }
        Request::Id(_) => {
            out.extend_from_slice(
                concat!(
                    "* ID (\"name\" \"tandem\" \"version\" \"",
                    env!("CARGO_PKG_VERSION"),
                    "\")\r\n"
                )
                .as_bytes(),
            );
            Some("ID")
        }
        Request::Namespace => {
            out.extend_from_slice(b"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n");
            Some("NAMESPACE")
        }
        // Nothing that the server can do waits for being enabled.
        Request::Enable(_) => {
            out.extend_from_slice(b"* ENABLED\r\n");
            Some("ENABLE")
        }
        Request::StartTls
        | Request::Login { .. }
        | Request::Authenticate { .. }
        | Request::Mailbox(_)
        | Request::Fetch { .. }
        | Request::BadCharset
        | Request::Append { .. } => None,
    }
}
