//! The messages that the demo user finds in INBOX.
//!
//! Touches nothing. Their text says what to try with tandem; their form has what clients stumble on. The files beside have
//! the line ends of a text file, whatever a checkout made of them; messages have CRLF.

use tandem_model::{flags::Flags, message::InternalDate};

/// A message to put into INBOX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The message, with CRLF line ends.
    pub bytes: Vec<u8>,
    /// Its flags.
    pub flags: Flags,
    /// INTERNALDATE.
    pub date: InternalDate,
}

/// The sample messages, in the order of their UIDs.
#[must_use]
pub fn messages() -> Vec<Sample> {
    let answered = Flags::ANSWERED.with(Flags::SEEN);
    [
        (
            include_str!("sample/1-welcome.eml"),
            Flags::NONE,
            1_751_878_800,
            0,
        ),
        (
            include_str!("sample/2-two-clients.eml"),
            Flags::FLAGGED,
            1_751_879_100,
            0,
        ),
        (
            include_str!("sample/3-nested.eml"),
            answered,
            1_751_992_200,
            120,
        ),
        (
            include_str!("sample/4-beyond-ascii.eml"),
            Flags::SEEN,
            1_752_085_740,
            330,
        ),
        (
            include_str!("sample/5-empty.eml"),
            Flags::DRAFT,
            1_752_127_200,
            0,
        ),
        (
            include_str!("sample/6-digest.eml"),
            Flags::NONE,
            1_752_235_200,
            0,
        ),
    ]
    .map(|(text, flags, seconds, zone)| Sample {
        bytes: with_crlf(text),
        flags,
        date: InternalDate::new(seconds, zone),
    })
    .into()
}

fn with_crlf(text: &str) -> Vec<u8> {
    text.replace("\r\n", "\n")
        .replace('\n', "\r\n")
        .into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        codec::encode::date::date_time,
        render::{
            entity::{Entity, Inside},
            header,
        },
    };

    #[test]
    fn every_line_of_a_sample_ends_in_crlf_and_fits() {
        for sample in messages() {
            let text = String::from_utf8(sample.bytes).unwrap();
            assert!(text.ends_with("\r\n"));
            for line in text.split_terminator("\r\n") {
                assert!(!line.contains(['\r', '\n']) && line.len() <= 998, "{line}");
            }
        }
    }

    #[test]
    fn the_date_of_a_sample_is_the_one_in_its_header() {
        for sample in messages() {
            let value = header::first(&sample.bytes, "Date").unwrap();
            let date =
                mail_parser::DateTime::parse_rfc822(&String::from_utf8(value).unwrap()).unwrap();
            let mut shown = Vec::new();
            date_time(&mut shown, sample.date);
            assert_eq!(
                date.to_timestamp(),
                i64::try_from(sample.date.seconds()).unwrap(),
                "{}",
                String::from_utf8_lossy(&shown)
            );
        }
    }

    #[test]
    fn the_samples_have_what_clients_stumble_on() {
        let samples = messages();
        let trees: Vec<_> = samples
            .iter()
            .map(|sample| Entity::parse(&sample.bytes))
            .collect();
        assert!(trees[1].media.is("MULTIPART", "ALTERNATIVE"));
        assert!(trees[2].find(&[2, 2, 2]).unwrap().media.is("TEXT", "HTML"));
        assert!(!samples[3].bytes.is_ascii());
        assert!(trees[4].body.is_empty());
        let Inside::Parts(digest) = &trees[5].inside else {
            panic!("the digest has parts");
        };
        assert!(digest.len() == 3 && digest.iter().all(|part| part.message().is_some()));
    }
}
