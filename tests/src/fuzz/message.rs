//! Any octets, as a mail.
//!
//! Touches nothing: the judge is that of the renderer's properties.

use tandem_server::render::judge::judge;

/// Judges what FETCH shows of a message of these octets.
pub fn message(data: &[u8]) {
    if let Err(fault) = judge(data) {
        panic!("{fault}");
    }
}
