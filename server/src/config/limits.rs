//! Every limit of the server: its name, its default, what it bounds.
//!
//! Touches nothing. [`LIMITS`] is the one source of what the command line, the configuration and the
//! documentation say of them. Defaults follow RFC 3501 section 5.4 (autologout) and RFC 2683 section 3.2.1.5 (lines).

use crate::{codec::fragment, storage};
use std::{fmt::Write as _, time::Duration};

macro_rules! limits {
    ($($(#[$doc:meta])* $key:ident: $kind:ty = $default:expr, $text:literal, $unit:literal, $summary:literal;)+) => {
        /// What a peer can make the server keep or do, at most.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $(#[doc = concat!("`", $text, "`, in ", $unit, ": ", $summary, ".")] pub $key: $kind,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl Limits {
            /// Sets one limit by name.
            ///
            /// # Errors
            /// The name is unknown, or the value is no number in its range; says what is allowed.
            pub fn set(&mut self, key: &str, value: &str) -> Result<(), String> {
                match key {
                    $($text => {
                        self.$key = <$kind as Amount>::read(value).ok_or_else(|| {
                            format!(
                                "bad value `{value}` for limit `{key}`: expected a number of {} from {} to {}",
                                $unit,
                                <$kind as Amount>::LEAST,
                                <$kind as Amount>::MOST
                            )
                        })?;
                        Ok(())
                    })+
                    _ => Err(format!(
                        "unknown limit `{key}`: expected one of {}",
                        LIMITS.iter().map(|row| row.key).collect::<Vec<_>>().join(", ")
                    )),
                }
            }

            /// Name and value of each limit, in the order of [`LIMITS`].
            #[must_use]
            pub fn chosen(&self) -> Vec<(&'static str, u64)> {
                vec![$(($text, self.$key.number()),)+]
            }
        }

        /// Every limit, as documented.
        pub const LIMITS: &[Row] = &[$(Row { key: $text, unit: $unit, summary: $summary },)+];
    };
}

limits! {
    line: usize = 65_536, "line", "octets", "a command without its literals";
    literal: usize = 65_536, "literal", "octets", "one literal";
    literals: usize = 262_144, "literals", "octets", "all literals of a command together";
    literal_count: usize = 1_024, "literal-count", "literals", "how many literals a command has";
    message: usize = 67_108_864, "message", "octets", "a message, in APPEND";
    literals_at_once: usize = 536_870_912, "literals-at-once", "octets", "what has come of all larger literals, of all clients";
    answers_at_once: usize = 536_870_912, "answers-at-once", "octets", "what answers from larger messages take, of all clients";
    answer_wait: Duration = Duration::from_secs(60), "answer-wait", "seconds", "how long such an answer waits for the others";
    answer_timeout: Duration = Duration::from_secs(120), "answer-timeout", "seconds", "a client that takes nothing of such an answer";
    line_before_login: usize = 8_192, "line-before-login", "octets", "a command without its literals, before login";
    literals_before_login: usize = 8_192, "literals-before-login", "octets", "all literals of a command together, before login";
    read_buffer: usize = 16_384, "read-buffer", "octets", "what is read ahead of the command that is being answered";
    write_buffer: usize = 65_536, "write-buffer", "octets", "what is collected before it is written";
    connections: usize = 10_000, "connections", "connections", "all clients together";
    connections_per_user: usize = 1_000, "connections-per-user", "connections", "all clients of one user";
    idle_timeout: Duration = Duration::from_secs(1_800), "idle-timeout", "seconds", "a client that sends nothing, or takes nothing";
    login_timeout: Duration = Duration::from_secs(60), "login-timeout", "seconds", "a client that has not logged in";
    login_attempts: usize = 5, "login-attempts", "attempts", "failed logins of one connection";
    bad_commands: usize = 20, "bad-commands", "commands", "BAD commands one after the other";
    shutdown_timeout: Duration = Duration::from_secs(5), "shutdown-timeout", "seconds", "a client that does not take its BYE";
    page: u32 = 1_024, "page", "messages", "one step of FETCH, STORE or SEARCH; others wait for it";
    ghosts: u32 = 100_000, "ghosts", "messages", "expunged messages of a mailbox, owed to some session";
    mailboxes: u32 = 10_000, "mailboxes", "names", "mailboxes of one user";
    messages: u32 = 10_000_000, "messages", "messages", "all messages of one user";
    snapshot_after: u32 = 4_096, "snapshot-after", "changes", "what is replayed at opening, or 1/4 of the account";
    storage: u64 = 0, "storage", "octets", "what is kept on disk, for all users; 0: no limit";
    reserve: u64 = 33_554_432, "reserve", "octets", "what is held back for when the disk is full";
}

/// The limits with their defaults, a line each.
#[must_use]
pub fn table() -> String {
    let widest = LIMITS
        .iter()
        .map(|row| row.key.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for (row, (_, default)) in LIMITS.iter().zip(Limits::default().chosen()) {
        let amount = format!("{default} {}", row.unit);
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:widest$}  {amount:17}  {}", row.key, row.summary);
    }
    text
}

/// One limit, for documentation.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Its name in the configuration.
    pub key: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// What it bounds.
    pub summary: &'static str,
}

impl Limits {
    /// Those of a command before login.
    #[must_use]
    pub const fn before_login(&self) -> fragment::Limits {
        fragment::Limits {
            line: self.line_before_login,
            literal: self.literals_before_login,
            literals: self.literals_before_login,
            ..fragment::Limits::STRANGER
        }
    }

    /// Those of a command after login.
    #[must_use]
    pub const fn after_login(&self) -> fragment::Limits {
        fragment::Limits {
            line: self.line,
            literal: self.literal,
            literals: self.literals,
            count: self.literal_count,
            append: self.message,
        }
    }

    /// Those that the model keeps itself.
    #[must_use]
    pub const fn of_account(&self) -> tandem_model::Limits {
        tandem_model::Limits {
            page: self.page,
            ghosts: self.ghosts,
            mailboxes: self.mailboxes,
            messages: self.messages,
        }
    }

    /// Those that an engine on disk keeps itself.
    #[must_use]
    pub fn of_storage(&self) -> storage::Options {
        storage::Options {
            quota: Some(self.storage).filter(|&octets| octets > 0),
            reserve: self.reserve,
            ..storage::Options::default()
        }
    }
}

/// What a limit is counted in.
trait Amount: Sized {
    /// The least that there can be. Most limits begin at 1: nothing works with one of 0.
    const LEAST: u64 = 1;

    /// The most that there can be.
    const MOST: u64 = u32::MAX as u64;

    /// From decimal digits.
    fn read(text: &str) -> Option<Self>;

    /// As it is written.
    fn number(self) -> u64;
}

impl Amount for u32 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|&number| number > 0)
    }

    fn number(self) -> u64 {
        u64::from(self)
    }
}

impl Amount for u64 {
    /// None.
    const LEAST: u64 = 0;

    /// What a signed number of 64 bits holds: engines count in these.
    const MOST: u64 = i64::MAX as u64;

    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|&number| number <= Self::MOST)
    }

    fn number(self) -> u64 {
        self
    }
}

impl Amount for usize {
    fn read(text: &str) -> Option<Self> {
        u32::read(text).and_then(|number| Self::try_from(number).ok())
    }

    fn number(self) -> u64 {
        u64::try_from(self).unwrap_or(u64::MAX)
    }
}

impl Amount for Duration {
    fn read(text: &str) -> Option<Self> {
        u32::read(text).map(|seconds| Self::from_secs(u64::from(seconds)))
    }

    fn number(self) -> u64 {
        self.as_secs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3501 section 5.4, RFC 2683 sections 3.1.2 and 3.2.1.5.
    #[test]
    fn defaults_are_no_less_than_the_rfcs_ask_for() {
        let limits = Limits::default();
        assert!(limits.idle_timeout >= Duration::from_secs(30 * 60));
        assert!(limits.line >= 8_000 && limits.line_before_login >= 8_000);
    }

    #[test]
    fn every_limit_can_be_set_to_its_own_value_and_to_no_other_kind() {
        let mut limits = Limits::default();
        for (key, number) in limits.chosen() {
            assert_eq!(limits.set(key, &number.to_string()), Ok(()), "{key}");
            let wrong = match key {
                "storage" | "reserve" => ["9223372036854775808", "-1", "1.5", "many", ""],
                _ => ["0", "-1", "4294967296", "many", ""],
            };
            for wrong in wrong {
                let error = limits.set(key, wrong).unwrap_err();
                assert!(error.starts_with(&format!(
                    "bad value `{wrong}` for limit `{key}`: expected a number of "
                )));
            }
        }
        assert_eq!(limits, Limits::default());
    }

    #[test]
    fn the_table_of_limits_fits_a_terminal() {
        let text = table();
        assert_eq!(text.lines().count(), LIMITS.len());
        assert!(text.lines().all(|line| line.len() <= 100), "{text}");
    }

    #[test]
    fn an_unknown_limit_names_those_that_are_known() {
        let error = Limits::default().set("lines", "1").unwrap_err();
        assert!(
            error.starts_with("unknown limit `lines`: expected one of line, literal, literals, ")
        );
    }
}
