//! What a server is told at its start: where to listen, where to keep mailboxes, whom to let in, which practices to follow, its limits.
//!
//! Touches nothing. A [`Config`] is made of up to three [`Source`]s over the defaults: a flag goes before an
//! environment variable, that before the file. Practices and limits are merged one by one; users are taken from the first source
//! that names any; the directory and `memory` are one choice, and the first source that makes it counts.

mod limits;
mod source;

pub use limits::{LIMITS, Limits, Row, table as limit_table};
pub use source::Source;

use crate::storage::Owner;
use std::{collections::BTreeMap, fmt, path::PathBuf};
use tandem_model::Practice;

/// The directory in which the commands of tandem keep mailboxes if none is chosen.
pub const DATA: &str = "./tandem-data";

/// Settings of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Address and port on which `tandem serve` listens; port 0 takes a free one. Default: 127.0.0.1:1143.
    pub listen: String,
    /// The directory in which mailboxes are kept; `None`: in memory, and gone when the server ends. Default: `None`, which is
    /// not that of `tandem serve`.
    pub data: Option<PathBuf>,
    /// Who can log in, each with an account of their own. Default: `demo` with password `demo`.
    pub users: Vec<User>,
    /// Each INBOX starts with sample messages. Default: yes, while no user is configured.
    pub demo: bool,
    /// Which of RFC 2180's alternatives are followed.
    pub practice: Practice,
    /// What peers can make the server keep or do, at most.
    pub limits: Limits,
    /// The file in which every step of every session is recorded; it must not be there yet. Default: `None`.
    pub record: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:1143".into(),
            data: None,
            users: vec![User {
                name: "demo".into(),
                password: "demo".into(),
            }],
            demo: true,
            practice: Practice::default(),
            limits: Limits::default(),
            record: None,
        }
    }
}

impl Config {
    /// The defaults, overridden by each source in turn: the last counts most.
    ///
    /// # Errors
    /// A practice or a limit is unknown, or its value is; says what is allowed.
    pub fn from_sources(sources: impl IntoIterator<Item = Source>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let (mut practices, mut limits) = (BTreeMap::new(), BTreeMap::new());
        let (mut data, mut memory) = (None, false);
        for source in sources {
            // What a later source overrides must be right as well, or the error shows up on another day.
            for (key, value) in &source.practices {
                Practice::default().set(key, value).map_err(ConfigError)?;
            }
            for (key, value) in &source.limits {
                Limits::default().set(key, value).map_err(ConfigError)?;
            }
            practices.extend(source.practices);
            limits.extend(source.limits);
            if let Some(listen) = source.listen {
                let port = listen.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
                if !matches!(port, Some(Ok(_))) {
                    return Err(ConfigError(format!(
                        "bad value `{listen}` for `listen`: expected an address and a port like 127.0.0.1:1143"
                    )));
                }
                config.listen = listen;
            }
            match (source.data, source.memory) {
                (Some(data), Some(true)) => {
                    return Err(ConfigError(format!(
                        "`data` is `{}` and `memory` is true: expected one of them",
                        data.display()
                    )));
                }
                (Some(directory), _) => (data, memory) = (Some(directory), false),
                (None, chosen) => memory = chosen.unwrap_or(memory),
            }
            if let Some(users) = source.users {
                config.users = users;
                config.demo = false;
            }
        }
        config.data = data.filter(|_| !memory);
        for (key, value) in practices {
            config.practice.set(&key, &value).map_err(ConfigError)?;
        }
        for (key, value) in limits {
            config.limits.set(&key, &value).map_err(ConfigError)?;
        }
        Ok(config)
    }

    /// Takes in who has an account already: once anybody has a password that is kept, the demo user of the defaults is not let in.
    pub fn heed(&mut self, owners: &[Owner]) {
        if self.demo && owners.iter().any(|owner| owner.password.is_some()) {
            self.demo = false;
            self.users.clear();
        }
    }
}

/// Somebody who can log in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// User name; upper and lower case differ.
    pub name: String,
    /// Password.
    pub password: String,
}

impl User {
    /// From `NAME:PASSWORD`, neither of them empty; the name ends at the first colon.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (name, password) = text.split_once(':')?;
        let plain = |part: &str| !part.is_empty() && !part.chars().any(char::is_control);
        (plain(name) && plain(password)).then(|| Self {
            name: name.into(),
            password: password.into(),
        })
    }
}

impl fmt::Debug for User {
    /// Without the password: this ends up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Why settings are not accepted: names the key and what is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::AccountId;
    use tandem_model::practice::{Deletion, Fetching, Renaming};

    fn file(text: &str) -> Result<Config, ConfigError> {
        Config::from_sources([Source::from_file("tandem.toml", text)?])
    }

    fn flags(users: &[&str], practices: &[&str], limits: &[&str]) -> Result<Config, ConfigError> {
        let own = |texts: &[&str]| {
            texts
                .iter()
                .map(|&text| text.to_owned())
                .collect::<Vec<_>>()
        };
        Config::from_sources([Source::from_flags(
            None,
            &own(users),
            &own(practices),
            &own(limits),
        )?])
    }

    fn environment(name: &str, value: &str) -> Result<Config, ConfigError> {
        Config::from_sources([Source::from_environment([(
            name.to_owned(),
            value.to_owned(),
        )])?])
    }

    #[test]
    fn a_flag_goes_before_the_environment_and_that_before_the_file() {
        let from_file = Source::from_file(
            "tandem.toml",
            "listen = \"a:1\"\nuser = [\"f:f\"]\npractice = { deletion = \"refuse\", renaming = \"refuse\", fetching = \"no\" }\n[limit]\nline = 1\nliterals = 1",
        );
        let from_environment = Source::from_environment(
            [
                ("TANDEM_LISTEN", "b:2"),
                ("TANDEM_USER", "e:e,f:f"),
                ("TANDEM_LIMIT", ""),
                ("TANDEM_PRACTICE", "renaming=disconnect,deletion=disconnect"),
                ("PATH", "/"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let from_flags = Source::from_flags(
            None,
            &[],
            &["deletion=ghost".to_owned()],
            &["line=9".to_owned()],
        );
        let config = Config::from_sources([
            from_file.unwrap(),
            from_environment.unwrap(),
            from_flags.unwrap(),
        ])
        .unwrap();
        assert_eq!(config.listen, "b:2");
        assert_eq!(
            config
                .users
                .iter()
                .map(|user| user.name.as_str())
                .collect::<Vec<_>>(),
            ["e", "f"]
        );
        assert!(!config.demo);
        assert_eq!(config.practice.deletion, Deletion::Ghost);
        assert_eq!(config.practice.renaming, Renaming::Disconnect);
        assert_eq!(config.practice.fetching, Fetching::No);
        assert_eq!((config.limits.line, config.limits.literals), (9, 1));
    }

    #[test]
    fn what_is_unknown_or_contradictory_is_an_error_that_names_it() {
        for (given, expected) in [
            (
                file("lisen = \"a:1\""),
                "unknown key `lisen` in `tandem.toml`: expected one of listen, data, memory, user, practice, limit",
            ),
            (
                file("data = 1"),
                "bad value for `data` in `tandem.toml`: expected a string like \"/var/lib/tandem\"",
            ),
            (
                file("memory = \"yes\""),
                "bad value for `memory` in `tandem.toml`: expected true or false",
            ),
            (
                file("data = \"d\"\nmemory = true"),
                "`data` is `d` and `memory` is true: expected one of them",
            ),
            (
                environment("TANDEM_MEMORY", "1"),
                "bad value `1` for `TANDEM_MEMORY`: expected true or false",
            ),
            (
                flags(&[], &[], &["reserve=32M"]),
                "bad value `32M` for limit `reserve`: expected a number of octets from 0 to 9223372036854775807",
            ),
            (
                file("listen = 1143"),
                "bad value for `listen` in `tandem.toml`: expected a string like \"127.0.0.1:1143\"",
            ),
            (
                file("listen = \"localhost\""),
                "bad value `localhost` for `listen`: expected an address and a port like 127.0.0.1:1143",
            ),
            (
                environment("TANDEM_LISTEN", "127.0.0.1"),
                "bad value `127.0.0.1` for `listen`: expected an address and a port like 127.0.0.1:1143",
            ),
            (
                file("user = \"a:b\""),
                "bad value for `user` in `tandem.toml`: expected a list of strings like [\"demo:demo\"]",
            ),
            (
                file("user = [\"a\"]"),
                "bad value for `user` in `tandem.toml`: expected NAME:PASSWORD",
            ),
            (
                file("user = [\"a:b\", \"a:c\"]"),
                "user `a` is given twice in `user` in `tandem.toml`: expected one password each",
            ),
            (
                file("practice = \"deletion=ghost\""),
                "bad value for `practice` in `tandem.toml`: expected a table like { deletion = \"ghost\" }",
            ),
            (
                file("[practice]\ndeletion = \"maybe\""),
                "unknown value `maybe` for practice `deletion`: expected one of refuse, ghost, disconnect",
            ),
            (
                file("[limit]\nline = -1"),
                "bad value `-1` for limit `line`: expected a number of octets from 1 to 4294967295",
            ),
            (
                flags(&["a:"], &[], &[]),
                "bad value for `--user`: expected NAME:PASSWORD",
            ),
            (
                flags(&["a:b", "a:b"], &[], &[]),
                "user `a` is given twice in `--user`: expected one password each",
            ),
            (
                flags(&[], &["deletion"], &[]),
                "bad value `deletion` for `--practice`: expected KEY=VALUE,...",
            ),
            (
                flags(&[], &["searching=find"], &[]),
                "unknown value `find` for practice `searching`: expected one of omit",
            ),
            (
                flags(&[], &["deletion=ghost,deletion=refuse"], &[]),
                "`deletion` is both `ghost` and `refuse` in `--practice`: expected one value",
            ),
            (
                flags(&[], &["deletion=ghost", "deletion=refuse"], &[]),
                "`deletion` is both `ghost` and `refuse` in `--practice`: expected one value",
            ),
            (
                flags(&[], &[], &["line=1,line=2"]),
                "`line` is both `1` and `2` in `--limit`: expected one value",
            ),
            (
                environment("TANDEM_USER", "a:b,a:c"),
                "user `a` is given twice in `TANDEM_USER`: expected one password each",
            ),
            (
                environment("TANDEM_PRACTICE", "deletion:ghost"),
                "bad value `deletion:ghost` for `TANDEM_PRACTICE`: expected KEY=VALUE,...",
            ),
        ] {
            assert_eq!(given.unwrap_err().to_string(), expected);
        }
        let error = flags(&[], &["colour=red"], &[]).unwrap_err().to_string();
        assert!(
            error.starts_with("unknown practice `colour`: expected one of deletion, renaming, "),
            "{error}"
        );
        let error = environment("TANDEM_PRACTISE", "x=y")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with(
                "unknown environment variable `TANDEM_PRACTISE`: expected one of TANDEM_LISTEN, "
            ),
            "{error}"
        );
    }

    #[test]
    fn the_last_source_that_chooses_where_mailboxes_are_kept_counts() {
        let in_directory = |name: &str| Source {
            data: Some(name.into()),
            ..Source::default()
        };
        let in_memory = |memory| Source {
            memory: Some(memory),
            ..Source::default()
        };
        for (sources, expected) in [
            (vec![], None),
            (vec![in_directory("a"), Source::default()], Some("a")),
            (vec![in_directory("a"), in_directory("b")], Some("b")),
            (vec![in_directory("a"), in_memory(true)], None),
            (vec![in_memory(true), in_directory("a")], Some("a")),
            (
                vec![in_directory("a"), in_memory(true), in_memory(false)],
                Some("a"),
            ),
            (vec![in_memory(false)], None),
        ] {
            let config = Config::from_sources(sources.clone()).unwrap();
            assert_eq!(
                config.data.as_deref(),
                expected.map(std::path::Path::new),
                "{sources:?}"
            );
        }
    }

    #[test]
    fn the_demo_user_is_let_in_while_nobody_has_a_password() {
        let owner = |name: &str, password: Option<&str>| Owner {
            account: AccountId(1),
            name: name.into(),
            password: password.map(Into::into),
        };
        for (owners, let_in) in [
            (vec![], true),
            (vec![owner("demo", None)], true),
            (vec![owner("demo", Some("$argon2id$"))], false),
            (vec![owner("demo", None), owner("alice", None)], true),
            (
                vec![owner("alice", Some("$argon2id$")), owner("demo", None)],
                false,
            ),
        ] {
            let mut config = Config::default();
            config.heed(&owners);
            assert_eq!(
                (config.demo, config.users.len() == 1),
                (let_in, let_in),
                "{owners:?}"
            );
            let mut configured = flags(&["alice:secret"], &[], &[]).unwrap();
            configured.heed(&owners);
            assert_eq!(configured.users.len(), 1, "{owners:?}");
        }
    }

    #[test]
    fn a_file_that_names_a_key_twice_is_refused() {
        let error = file("[practice]\ndeletion = \"ghost\"\ndeletion = \"refuse\"")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("in `tandem.toml`: ") && error.contains("duplicate key"),
            "{error}"
        );
    }

    #[test]
    fn the_same_value_twice_is_no_contradiction() {
        let config = flags(&[], &["deletion=refuse, deletion=refuse"], &[]).unwrap();
        assert_eq!(config.practice.deletion, Deletion::Refuse);
    }

    #[test]
    fn a_password_may_have_colons_and_is_not_shown() {
        let user = User::read("a:b:c").unwrap();
        assert_eq!((user.name.as_str(), user.password.as_str()), ("a", "b:c"));
        assert!(!format!("{user:?}").contains("b:c"));
    }
}
