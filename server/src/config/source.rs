//! Where settings come from: flags, environment variables, a file. Each says some of them, in the same words.
//!
//! Touches nothing: the file's text and the variables are handed in. What is unknown, or contradicts itself within
//! one source, is an error that names it and what is allowed.

use super::{ConfigError, User};
use std::{collections::BTreeMap, path::PathBuf};
use toml::Value;

/// The keys of a file; flags are called the same, and variables `TANDEM_` with the key in capitals.
const KEYS: [&str; 6] = ["listen", "data", "memory", "user", "practice", "limit"];

/// What one source says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The address to listen on.
    pub listen: Option<String>,
    /// The directory in which mailboxes are kept.
    pub data: Option<PathBuf>,
    /// Whether they are in memory instead.
    pub memory: Option<bool>,
    /// The users, all of them.
    pub users: Option<Vec<User>>,
    /// Practices by name.
    pub practices: BTreeMap<String, String>,
    /// Limits by name.
    pub limits: BTreeMap<String, String>,
}

impl Source {
    /// What the flags say: `--listen ADDR`, `--user NAME:PASSWORD` and, as `KEY=VALUE,...`,
    /// `--practice` and `--limit`; all but the first any number of times. `--data DIR` and `--memory` are for the caller to add.
    ///
    /// # Errors
    /// One is not of that form, or two contradict each other.
    pub fn from_flags(
        listen: Option<String>,
        users: &[String],
        practices: &[String],
        limits: &[String],
    ) -> Result<Self, ConfigError> {
        Ok(Self {
            listen,
            data: None,
            memory: None,
            users: read_users(users.iter().map(String::as_str), "--user")?,
            practices: read_pairs(practices, "--practice")?,
            limits: read_pairs(limits, "--limit")?,
        })
    }

    /// What environment variables say: TANDEM_LISTEN, TANDEM_DATA, TANDEM_MEMORY (`true` or `false`), TANDEM_USER (`NAME:PASSWORD,...`),
    /// TANDEM_PRACTICE and TANDEM_LIMIT (`KEY=VALUE,...`); an empty one is as good as none. TANDEM_CONFIG is known and names the file; the
    /// caller reads it.
    ///
    /// # Errors
    /// One is not of that form, contradicts itself, or is called TANDEM_ something else.
    pub fn from_environment(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut source = Self::default();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix("TANDEM_").filter(|_| !value.is_empty()) else {
                continue;
            };
            match key {
                "LISTEN" => source.listen = Some(value),
                "DATA" => source.data = Some(value.into()),
                "MEMORY" => {
                    source.memory = Some(value.parse().map_err(|_| {
                        ConfigError(format!(
                            "bad value `{value}` for `{name}`: expected true or false"
                        ))
                    })?);
                }
                "USER" => source.users = read_users(value.split(','), &name)?,
                "PRACTICE" => source.practices = read_pairs(&[value], &name)?,
                "LIMIT" => source.limits = read_pairs(&[value], &name)?,
                "CONFIG" => {}
                _ => {
                    return Err(ConfigError(format!(
                        "unknown environment variable `{name}`: expected one of TANDEM_LISTEN, TANDEM_DATA, TANDEM_MEMORY, \
                         TANDEM_USER, TANDEM_PRACTICE, TANDEM_LIMIT, TANDEM_CONFIG"
                    )));
                }
            }
        }
        Ok(source)
    }

    /// What a file says, in TOML: `listen` and `data` are strings, `memory` is true or false, `user` a list of strings; `practice` and
    /// `limit` are tables.
    ///
    /// # Errors
    /// It is not TOML, has an unknown key, or a value is not of that form. `name` is the file's, for the message.
    pub fn from_file(name: &str, text: &str) -> Result<Self, ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigError(format!("in `{name}`: {}", error.to_string().trim_end()))
        })?;
        let mut source = Self::default();
        for (key, value) in table {
            let wrong = |expected: &str| {
                ConfigError(format!(
                    "bad value for `{key}` in `{name}`: expected {expected}"
                ))
            };
            match key.as_str() {
                "listen" => {
                    source.listen = Some(
                        value
                            .as_str()
                            .ok_or_else(|| wrong("a string like \"127.0.0.1:1143\""))?
                            .into(),
                    );
                }
                "data" => {
                    let path = value.as_str().filter(|path| !path.is_empty());
                    source.data = Some(
                        path.ok_or_else(|| wrong("a string like \"/var/lib/tandem\""))?
                            .into(),
                    );
                }
                "memory" => {
                    source.memory = Some(value.as_bool().ok_or_else(|| wrong("true or false"))?);
                }
                "user" => {
                    let expected = "a list of strings like [\"demo:demo\"]";
                    let users: Option<Vec<&str>> = value
                        .as_array()
                        .and_then(|list| list.iter().map(Value::as_str).collect());
                    source.users = read_users(
                        users.ok_or_else(|| wrong(expected))?,
                        &format!("user` in `{name}"),
                    )?;
                }
                "practice" => {
                    source.practices = read_table(&value)
                        .ok_or_else(|| wrong("a table like { deletion = \"ghost\" }"))?
                }
                "limit" => {
                    source.limits = read_table(&value)
                        .ok_or_else(|| wrong("a table like { connections = 100 }"))?
                }
                _ => {
                    return Err(ConfigError(format!(
                        "unknown key `{key}` in `{name}`: expected one of {}",
                        KEYS.join(", ")
                    )));
                }
            }
        }
        Ok(source)
    }
}

/// `KEY=VALUE,...` of one or more flags; `place` is the flag's name, for the message.
fn read_pairs(texts: &[String], place: &str) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut pairs: BTreeMap<String, String> = BTreeMap::new();
    for pair in texts.iter().flat_map(|text| text.split(',')) {
        let Some((key, value)) = pair.split_once('=') else {
            return Err(ConfigError(format!(
                "bad value `{pair}` for `{place}`: expected KEY=VALUE,..."
            )));
        };
        let (key, value) = (key.trim(), value.trim());
        match pairs.get(key) {
            Some(other) if other != value => {
                return Err(ConfigError(format!(
                    "`{key}` is both `{other}` and `{value}` in `{place}`: expected one value"
                )));
            }
            _ => pairs.insert(key.into(), value.into()),
        };
    }
    Ok(pairs)
}

/// A table of strings and numbers.
fn read_table(value: &Value) -> Option<BTreeMap<String, String>> {
    value
        .as_table()?
        .iter()
        .map(|(key, value)| match value {
            Value::String(text) => Some((key.clone(), text.clone())),
            Value::Integer(number) => Some((key.clone(), number.to_string())),
            _ => None,
        })
        .collect()
}

/// Several of `NAME:PASSWORD`; none if there is none.
fn read_users<'a>(
    texts: impl IntoIterator<Item = &'a str>,
    place: &str,
) -> Result<Option<Vec<User>>, ConfigError> {
    let mut users: Vec<User> = Vec::new();
    for text in texts {
        // The text has a password in it, and is not repeated.
        let user = User::read(text).ok_or_else(|| {
            ConfigError(format!("bad value for `{place}`: expected NAME:PASSWORD"))
        })?;
        if users.iter().any(|known| known.name == user.name) {
            return Err(ConfigError(format!(
                "user `{}` is given twice in `{place}`: expected one password each",
                user.name
            )));
        }
        users.push(user);
    }
    Ok(Some(users).filter(|users| !users.is_empty()))
}
