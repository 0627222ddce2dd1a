//! What two clients send, made of any bytes.
//!
//! Touches nothing. Three bytes say how; the rest is what they send, a piece each in turn: the byte 0xFF, which is in no command, ends a piece.

use tandem_model::Practice;

/// What two clients send.
#[derive(Debug)]
pub struct Script<'a> {
    /// The first one has not logged in.
    pub is_stranger: bool,
    /// They send as many commands at once as RFC 3501 section 5.5 allows.
    pub pipelines: bool,
    /// How many bytes go through the connection at once.
    pub step: usize,
    /// What the server does.
    pub practice: Practice,
    /// The pieces.
    pub pieces: Vec<&'a [u8]>,
}

impl<'a> Script<'a> {
    /// The script that these bytes are.
    pub fn of_bytes(bytes: &'a [u8]) -> Option<Self> {
        let (&[how, high, low], rest) = bytes.split_first_chunk()?;
        let practices = Practice::every();
        let practice = usize::from(u16::from_be_bytes([high, low])) % practices.len();
        Some(Self {
            is_stranger: how & 1 != 0,
            pipelines: how & 2 != 0,
            step: match how >> 2 {
                0 => usize::MAX,
                step => usize::from(step),
            },
            practice: practices[practice],
            pieces: rest.split(|&byte| byte == 0xff).collect(),
        })
    }
}
