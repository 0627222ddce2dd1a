//! The alternatives that RFC 2180 permits, as enums: which one a server follows is its user's choice.
//!
//! Touches nothing. [`TABLE`] is the one source of what the command line, the configuration and the documentation say of them.

use crate::fault::Fault;
use alloc::{format, string::String, vec::Vec};

macro_rules! practices {
    ($($(#[$doc:meta])* $key:ident: $name:ident = $default:ident {
        $($value:ident = $text:literal, $section:literal, $summary:literal;)+
    })+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $name {
                $(#[doc = concat!("RFC 2180 section ", $section, ": ", $summary, ".")] $value,)+
            }

            impl Default for $name {
                fn default() -> Self {
                    Self::$default
                }
            }

            impl $name {
                /// Every value.
                pub const ALL: &[Self] = &[$(Self::$value),+];

                /// As it is written on the command line.
                #[must_use]
                pub const fn as_str(self) -> &'static str {
                    match self { $(Self::$value => $text,)+ }
                }
            }
        )+

        /// Which of RFC 2180's alternatives are followed. The default is the safest for clients.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Practice {
            $($(#[$doc])* pub $key: $name,)+
            /// A wrong behaviour that the checker plants to see that it is found.
            #[cfg(feature = "check")]
            pub fault: Option<Fault>,
        }

        impl Practice {
            /// Chooses one alternative by name.
            ///
            /// # Errors
            /// The key or the value is unknown; says which are known.
            pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
                match key {
                    $(stringify!($key) => {
                        self.$key = *$name::ALL
                            .iter()
                            .find(|known| known.as_str() == value)
                            .ok_or_else(|| unknown("value", value, stringify!($key), &[$($text),+]))?;
                        Ok(())
                    })+
                    _ => Err(unknown("practice", key, "practice", &[$(stringify!($key)),+])),
                }
            }

            /// Key and value of each alternative chosen, in the order of [`TABLE`].
            #[must_use]
            pub fn chosen(&self) -> Vec<(&'static str, &'static str)> {
                alloc::vec![$((stringify!($key), self.$key.as_str()),)+]
            }

            /// Every combination there is.
            #[must_use]
            pub fn every() -> Vec<Self> {
                let mut every = alloc::vec![Self::default()];
                $(
                    every = every
                        .into_iter()
                        .flat_map(|base| $name::ALL.iter().map(move |&$key| Self { $key, ..base }))
                        .collect();
                )+
                every
            }
        }

        /// Every practice with its alternatives: what `tandem practices` prints.
        pub const TABLE: &[Row] = &[$($(
            Row {
                key: stringify!($key),
                value: $text,
                section: $section,
                summary: $summary,
                default: matches!($name::$default, $name::$value),
            },
        )+)+];
    };
}

practices! {
    /// What DELETE does to a mailbox that others have open.
    deletion: Deletion = Ghost {
        Refuse = "refuse", "3.1", "DELETE answers NO while another session has the mailbox open";
        Ghost = "ghost", "3.2", "the mailbox leaves its name at once and stays for the sessions that have it open; the name is free when the last of them has left";
        Disconnect = "disconnect", "3.3", "the mailbox goes at once; every other session that has it open gets BYE";
    }
    /// What RENAME does to a mailbox that others have open.
    renaming: Renaming = Keep {
        Refuse = "refuse", "3.1", "RENAME answers NO while another session has the mailbox open";
        Disconnect = "disconnect", "3.3", "the name changes; every other session that has the mailbox open gets BYE";
        Keep = "keep", "3.4", "the name changes and sessions go on; a command with the old name answers NO [NEWNAME old new]";
    }
    /// What FETCH shows of messages that others have expunged and the session has not been told of.
    fetching: Fetching = Ghost {
        Ghost = "ghost", "4.1.1", "all of it: content stays until every session has been told";
        No = "no", "4.1.2", "nothing, and the tagged response is NO";
        Nil = "nil", "4.1.3", "empty data; NO if nothing else was asked for";
        RefuseExpunge = "refuse-expunge", "4.1.4", "cannot happen: EXPUNGE answers NO while another session has the mailbox open";
    }
    /// What STORE without .SILENT does when some of its messages have been expunged and others not.
    storing: Storing = Partial {
        Partial = "partial", "4.2.3", "sets the flags of those that are left, shows them, and answers NO";
        Reject = "reject", "4.2.4", "sets nothing and answers NO";
    }
    /// What COPY does with messages that others have expunged and the session has not been told of.
    copying: Copying = Allow {
        Refuse = "refuse", "4.4.1", "copies nothing, reports the EXPUNGEs, and answers NO";
        Allow = "allow", "4.4.2", "copies them too, and reports the EXPUNGEs";
    }
    /// What SEARCH says of messages that others have expunged and the session has not been told of.
    searching: Searching = Omit {
        Omit = "omit", "4.3", "it does not return them";
    }
}

/// One alternative of one practice.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The practice.
    pub key: &'static str,
    /// The alternative.
    pub value: &'static str,
    /// The section of RFC 2180 that permits it.
    pub section: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// Whether it is the default.
    pub default: bool,
}

fn unknown(what: &str, given: &str, key: &str, known: &[&str]) -> String {
    let subject = if what == "value" {
        format!(" for practice `{key}`")
    } else {
        String::new()
    };
    format!(
        "unknown {what} `{given}`{subject}: expected one of {}",
        known.join(", ")
    )
}

impl Practice {
    /// Whether messages that were expunged keep their content until every session has been told:
    /// for FETCH (4.1.1), or for COPY alone (4.4.2).
    #[must_use]
    pub const fn ghosts_keep_content(&self) -> bool {
        matches!(self.fetching, Fetching::Ghost) || matches!(self.copying, Copying::Allow)
    }

    /// Whether this fault is planted: never, but in the checker.
    #[cfg(feature = "check")]
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Whether this fault is planted: never, but in the checker.
    #[cfg(not(feature = "check"))]
    #[expect(clippy::unused_self, reason = "the same signature as in the checker")]
    pub(crate) const fn has(&self, _: Fault) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_each_practice_is_marked_once() {
        for (key, value) in Practice::default().chosen() {
            let defaults: Vec<_> = TABLE
                .iter()
                .filter(|row| row.key == key && row.default)
                .collect();
            assert_eq!(defaults.len(), 1, "{key}");
            assert_eq!(defaults[0].value, value);
        }
    }

    #[test]
    fn every_combination_is_listed_once() {
        let every = Practice::every();
        assert_eq!(every.len(), 3 * 3 * 4 * 2 * 2);
        assert!(
            every
                .iter()
                .enumerate()
                .all(|(at, one)| !every[..at].contains(one))
        );
    }

    #[test]
    fn an_unknown_value_names_what_is_allowed() {
        let error = Practice::default().set("deletion", "maybe").unwrap_err();
        assert_eq!(
            error,
            "unknown value `maybe` for practice `deletion`: expected one of refuse, ghost, disconnect"
        );
        let error = Practice::default().set("colour", "red").unwrap_err();
        assert!(error.starts_with("unknown practice `colour`: expected one of deletion, "));
    }
}
