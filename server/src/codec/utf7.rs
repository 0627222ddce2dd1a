//! Modified UTF-7, in which mailbox names are on the wire.
//!
//! Touches nothing. RFC 3501 section 5.1.3: printable ASCII stands for itself, `&-` for `&`, and runs of
//! anything else are UTF-16 in a base64 of its own, between `&` and `-`. Every name has exactly one form, and
//! no other is read: two ways to write a name would be two mailboxes that look alike.

use base64::{
    Engine,
    alphabet::IMAP_MUTF7,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

const BASE64: GeneralPurpose = GeneralPurpose::new(&IMAP_MUTF7, NO_PAD);

/// Whether a character stands for itself; `&` is printable, but has a form of its own.
const fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~')
}

/// Writes a name in modified UTF-7.
#[must_use]
pub fn encode(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut run = Vec::new();
    for character in name.chars() {
        if is_printable(character) {
            end_run(&mut run, &mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            run.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    end_run(&mut run, &mut encoded);
    encoded
}

/// Writes what has been collected for base64, if anything.
fn end_run(run: &mut Vec<u8>, encoded: &mut String) {
    if !run.is_empty() {
        encoded.push('&');
        BASE64.encode_string(&*run, encoded);
        encoded.push('-');
        run.clear();
    }
}

/// Reads modified UTF-7; `None` if it is ill-formed: a character that is not printable ASCII, a `&` without its `-`,
/// bad base64 or UTF-16, base64 of what stands for itself, or two runs of base64 where one would do.
#[must_use]
pub fn decode(encoded: &str) -> Option<String> {
    let mut name = String::with_capacity(encoded.len());
    let mut rest = encoded;
    let mut after_run = false;
    while let Some(character) = rest.chars().next() {
        if !is_printable(character) {
            return None;
        }
        if character != '&' {
            let plain = rest
                .find(|next| next == '&' || !is_printable(next))
                .unwrap_or(rest.len());
            let (text, more) = rest.split_at_checked(plain)?;
            name.push_str(text);
            (rest, after_run) = (more, false);
            continue;
        }
        let (run, more) = rest.get(1..)?.split_once('-')?;
        if run.is_empty() {
            name.push('&');
            after_run = false;
        } else if after_run {
            return None;
        } else {
            name.push_str(&decode_run(run)?);
            after_run = true;
        }
        rest = more;
    }
    Some(name)
}

/// What a run of base64 stands for.
fn decode_run(run: &str) -> Option<String> {
    let octets = BASE64.decode(run).ok()?;
    let (pairs, odd) = octets.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let units = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
    let text: String = char::decode_utf16(units).collect::<Result<_, _>>().ok()?;
    (!text.chars().any(is_printable)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_have_the_forms_that_the_rfc_shows() {
        for (name, encoded) in [
            ("", ""),
            ("INBOX", "INBOX"),
            ("R&D", "R&-D"),
            ("&&", "&-&-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("ü&", "&APw-&-"),
            ("&ü", "&-&APw-"),
            ("😀", "&2D3eAA-"),
            ("a\r\nb", "a&AA0ACg-b"),
        ] {
            assert_eq!(encode(name), encoded);
            assert_eq!(decode(encoded).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_ill_formed_is_not_read() {
        for (encoded, why) in [
            ("a&b", "no end of base64"),
            ("&", "no end of base64"),
            ("&Jjo", "no end of base64"),
            ("&Jjo!", "no end of base64"),
            ("&Jj!o-", "not base64"),
            ("&U/BTFw-", "the base64 of others"),
            ("&Jjo=-", "padding"),
            ("&Jjp-", "bits left over that are not zero"),
            ("&JjoA-", "an octet too many"),
            ("&A-", "no octet at all"),
            ("&AGE-", "base64 of `a`"),
            ("&ACY-", "base64 of `&`"),
            ("&U,AAYQ-", "base64 of `a` behind another character"),
            ("&Jjo-&Jjo-", "two runs side by side"),
            ("&2D0-", "half a surrogate pair"),
            ("&3gDYPQ-", "a surrogate pair the wrong way round"),
            ("a\tb", "a control"),
            ("Entwürfe", "not ASCII"),
            ("ü&-", "not ASCII"),
        ] {
            assert_eq!(decode(encoded), None, "{why}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_read_as_it_was_written(name in any::<String>()) {
            prop_assert_eq!(decode(&encode(&name)), Some(name));
        }

        #[test]
        fn what_is_read_has_one_form(encoded in "([ -~]|&[A-D,+]{0,6}-|&AP[w-z]-){0,6}") {
            if let Some(name) = decode(&encoded) {
                prop_assert_eq!(encode(&name), encoded);
            }
        }
    }
}
