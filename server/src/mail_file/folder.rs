//! The name of a folder in a Maildir++: `.Work.2025` is the mailbox `Work/2025`.
//!
//! Touches nothing. A level of the name is in modified UTF-7 (RFC 3501 section 5.1.3), as Courier and Dovecot write it. What parts the levels is
//! the full stop, so a full stop within a level is written `&AC4-`: its modified UTF-7 too, though one that RFC 3501 never uses for a
//! character that can stand for itself. So every name has one form, and comes back from it.

use crate::codec::utf7;
use tandem_model::name::SEPARATOR;

/// A full stop within a level.
const STOP: &str = "&AC4-";

/// The most octets of a name in a directory, on every file system that matters.
pub const MOST: usize = 255;

/// The folder's name for a mailbox; INBOX is the Maildir itself, and has none. `None`: it would have more than [`MOST`] octets.
#[must_use]
pub fn folder(mailbox: &str) -> Option<String> {
    let levels = mailbox.split(SEPARATOR);
    let folder: String = levels
        .flat_map(|level| [".".to_owned(), utf7::encode(level).replace('.', STOP)])
        .collect();
    (folder.len() <= MOST).then_some(folder)
}

/// The mailbox of a folder. A level that is not modified UTF-7 is taken as it stands: some programs write UTF-8.
///
/// # Errors
/// It is no name of a folder; says why.
pub fn mailbox(folder: &str) -> Result<String, &'static str> {
    let levels = folder
        .strip_prefix('.')
        .ok_or("the name of a folder begins with `.`")?;
    let separator = SEPARATOR.to_string();
    let levels: Vec<String> = levels.split('.').map(level).collect();
    let mailbox = levels.join(&separator);
    if levels.iter().any(|level| level.is_empty()) {
        Err("the name has an empty level")
    } else if levels.iter().any(|level| level.contains(SEPARATOR)) {
        Err("the name has a `/` within a level")
    } else {
        Ok(mailbox)
    }
}

/// One level, decoded.
#[must_use]
pub fn level(encoded: &str) -> String {
    utf7::decode(&encoded.replace(STOP, ".")).unwrap_or_else(|| encoded.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mailbox_is_a_folder_and_back() {
        for (name, expected) in [
            ("Sent", ".Sent"),
            ("Work/2025/July", ".Work.2025.July"),
            ("v1.0/a.b", ".v1&AC4-0.a&AC4-b"),
            ("Entwürfe & mehr", ".Entw&APw-rfe &- mehr"),
            ("ü.ü", ".&APw-&AC4-&APw-"),
            ("&AC4-", ".&-AC4-"),
            ("../..", ".&AC4-&AC4-.&AC4-&AC4-"),
            ("日本語", ".&ZeVnLIqe-"),
            ("INBOX/Old", ".INBOX.Old"),
        ] {
            let folder = folder(name).unwrap();
            assert_eq!(folder, expected);
            assert_eq!(mailbox(&folder).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_is_not_modified_utf_7_is_taken_as_it_stands() {
        assert_eq!(mailbox(".Entwürfe.a").as_deref(), Ok("Entwürfe/a"));
        assert_eq!(mailbox(".R&D").as_deref(), Ok("R&D"));
    }

    #[test]
    fn what_is_no_folder_is_refused() {
        for wrong in ["", "Sent", ".", "..", ".a.", ".a..b", ".a/b"] {
            assert!(mailbox(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_name_that_no_directory_can_have_is_refused() {
        assert!(folder(&"x".repeat(MOST - 1)).is_some());
        assert!(folder(&"x".repeat(MOST)).is_none());
    }

    proptest! {
        #[test]
        fn every_name_comes_back(name in "([a.&/]|\\PC){1,30}") {
            prop_assume!(!name.split('/').any(str::is_empty));
            prop_assume!(!name.contains('\u{0}'));
            if let Some(folder) = folder(&name) {
                prop_assert!(!folder.contains('/'));
                prop_assert_eq!(mailbox(&folder), Ok(name));
            }
        }

        #[test]
        fn whatever_a_folder_is_called_is_read_or_refused(folder in ".{0,30}") {
            let _ = mailbox(&folder);
        }
    }
}
