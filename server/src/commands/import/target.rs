//! Where imported messages go.
//!
//! Touches nothing. What stands below the given place becomes a mailbox below the target; without a target that was asked for, the place itself is INBOX and
//! what stands below it are mailboxes of the first level, as in a Maildir++.

use tandem_model::name::{MailboxName, SEPARATOR};

/// The mailbox of a place, and how those below it are called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    mailbox: MailboxName,
    /// What the names below begin with.
    prefix: String,
}

impl Target {
    /// That of the places that were given.
    #[must_use]
    pub fn new(asked: Option<&MailboxName>) -> Self {
        match asked.filter(|asked| !asked.is_inbox()) {
            Some(mailbox) => Self::of(mailbox.clone()),
            None => Self {
                mailbox: MailboxName::inbox(),
                prefix: String::new(),
            },
        }
    }

    fn of(mailbox: MailboxName) -> Self {
        Self {
            prefix: mailbox.with_separator(),
            mailbox,
        }
    }

    /// The mailbox.
    #[must_use]
    pub const fn mailbox(&self) -> &MailboxName {
        &self.mailbox
    }

    /// That of something below.
    ///
    /// # Errors
    /// No mailbox can be called this; says why.
    pub fn below(&self, name: &str) -> Result<Self, &'static str> {
        mailbox(&format!("{}{name}", self.prefix)).map(Self::of)
    }
}

/// A mailbox of this name, if clients could name it.
///
/// # Errors
/// They could not; says why.
pub fn mailbox(name: &str) -> Result<MailboxName, &'static str> {
    let unnameable =
        |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    let mailbox = MailboxName::new(name);
    match mailbox.fault() {
        Some(fault) => Err(fault),
        None if name.contains(unnameable) => Err("a mailbox name cannot have control characters"),
        None => Ok(mailbox),
    }
}

/// A mailbox of the command line.
///
/// # Errors
/// As [`mailbox`].
pub fn argument(name: &str) -> Result<MailboxName, String> {
    let name = name.strip_suffix(SEPARATOR).unwrap_or(name);
    mailbox(name).map_err(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_inbox_is_of_the_first_level_and_else_below_the_target() {
        let inbox = Target::new(None);
        assert_eq!(inbox.mailbox().as_str(), "INBOX");
        let work = inbox.below("Work/2025").unwrap();
        assert_eq!(work.mailbox().as_str(), "Work/2025");
        assert_eq!(work.below("a").unwrap().mailbox().as_str(), "Work/2025/a");
        assert_eq!(Target::new(Some(&MailboxName::inbox())), inbox);
        let old = Target::new(Some(&MailboxName::new("Old")));
        assert_eq!(old.mailbox().as_str(), "Old");
        assert_eq!(old.below("a").unwrap().mailbox().as_str(), "Old/a");
    }

    #[test]
    fn a_mailbox_that_no_client_could_name_is_refused() {
        for wrong in ["", "a//b", "/a", "a\nb", "a\u{2028}b", &"x".repeat(1001)] {
            assert!(mailbox(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(argument("Old/").unwrap().as_str(), "Old");
    }
}
