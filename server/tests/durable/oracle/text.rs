//! A message whose octets name its client and its number, and follow from them: so that every message that comes back can be told from
//! every other, and a wrong octet in it shows.
//!
//! Touches nothing.

use std::fmt;

/// Names a message's octets and its INTERNALDATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text {
    /// Who appended it.
    pub client: usize,
    /// Which of that client's messages it is.
    pub number: usize,
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.client, self.number)
    }
}

impl Text {
    /// How long the body is: mostly short; sometimes of more than a page, rarely of more than storage keeps in one piece.
    fn length(self) -> usize {
        let mixed = (self.client * 7919 + self.number).wrapping_mul(0x9e37_79b9) >> 7;
        match mixed % 100 {
            0 => 300_000 + mixed % 1000,
            1..5 => 40_000 + mixed % 1000,
            5..20 => 5_000 + mixed % 1000,
            _ => mixed % 900,
        }
    }

    /// The octets.
    pub fn octets(self) -> Vec<u8> {
        let Self { client, number } = self;
        let length = self.length();
        let mut octets = format!(
            "From: client {client} <c{client}@example.org>\r\nSubject: {client}.{number}\r\nX-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        let line = format!("This is message {number} of client {client}, and no other one.\r\n");
        let end = octets.len() + length;
        while octets.len() < end {
            octets.extend_from_slice(line.as_bytes());
        }
        octets
    }

    /// Which one this is.
    ///
    /// # Errors
    /// None, exactly.
    pub fn read(octets: &[u8]) -> Result<Self, String> {
        let shown = || String::from_utf8_lossy(&octets[..octets.len().min(120)]).into_owned();
        let head = String::from_utf8_lossy(octets);
        let named = head.split("Subject: ").nth(1).and_then(|rest| {
            let (client, number) = rest.split("\r\n").next()?.split_once('.')?;
            Some(Self {
                client: client.parse().ok()?,
                number: number.parse().ok()?,
            })
        });
        let text = named.ok_or_else(|| format!("no message of ours: `{}`", shown()))?;
        if text.octets() == octets {
            Ok(text)
        } else {
            Err(format!(
                "message {text} came back with other octets: `{}`",
                shown()
            ))
        }
    }

    /// Its INTERNALDATE, as APPEND and FETCH write it.
    pub fn date(self) -> String {
        let (hour, minute, second) = (
            self.number / 3600 % 24,
            self.number / 60 % 60,
            self.number % 60,
        );
        format!(
            "{:02}-Feb-2024 {hour:02}:{minute:02}:{second:02} +0{}00",
            self.client + 10,
            self.client % 10
        )
    }
}
