//! The directory in which mailboxes are kept, for the commands that work on it without serving.
//!
//! Touches the environment and the directory.

use crate::{
    accounts::{Accounts, Refusal, Seat},
    config::{Config, DATA},
    storage::{self, Closed, Storage},
};
use std::{path::PathBuf, sync::Arc};

/// What makes a directory one of tandem's.
const DATABASE: &str = "tandem.db";

/// What the help of these commands says of servers.
pub const ALONE: &str = "\
A server that runs on the directory has it for itself: end it first. The directory is that of --data, or of the environment variable TANDEM_DATA, or \
./tandem-data.";

/// Where mailboxes are kept.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Directory {
    /// The directory in which mailboxes are kept [default: ./tandem-data]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// A session of this user's, without a password.
///
/// # Errors
/// There is none; says why.
pub async fn enter(accounts: &Arc<Accounts>, name: &str) -> Result<Seat, String> {
    let why = match accounts.enter(name).await {
        Ok(seat) => return Ok(seat),
        Err(Refusal::Credentials) => "there is none",
        Err(Refusal::TooMany) => "it has too many sessions",
        Err(Refusal::Lost) => "it failed",
        Err(Refusal::Unavailable) => "it cannot be read, or there is no room",
        Err(Refusal::Damaged) => "it is damaged: `tandem fsck` tells more",
    };
    Err(format!("cannot open the account of `{name}`: {why}"))
}

/// What to do where nothing is kept yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Make the directory, and a database in it.
    Made,
    /// Say so.
    Refused,
}

impl Directory {
    /// The settings under which accounts in it are opened: nobody is let in by them.
    #[must_use]
    pub fn config(self) -> Config {
        let variable = std::env::var_os("TANDEM_DATA").filter(|value| !value.is_empty());
        let path = self.data.or_else(|| variable.map(PathBuf::from));
        Config {
            data: Some(path.unwrap_or_else(|| DATA.into())),
            users: Vec::new(),
            demo: false,
            ..Config::default()
        }
    }

    /// Opens it.
    ///
    /// # Errors
    /// It cannot be opened; says why.
    pub fn open(self, absent: Absent) -> Result<(Config, Arc<dyn Storage>), String> {
        self.open_by(storage::open, absent)
    }

    /// Opens it, and nothing in it is removed.
    ///
    /// # Errors
    /// As [`Directory::open`].
    pub fn open_unswept(self, absent: Absent) -> Result<(Config, Arc<dyn Storage>), String> {
        self.open_by(storage::open_unswept, absent)
    }

    fn open_by(
        self,
        open: fn(&Config) -> Result<Arc<dyn Storage>, Closed>,
        absent: Absent,
    ) -> Result<(Config, Arc<dyn Storage>), String> {
        let config = self.config();
        if let Some(path) = config.data.as_deref().filter(|_| absent == Absent::Refused)
            && let Err(error) = path.join(DATABASE).metadata()
        {
            let path = path.display();
            return Err(format!(
                "nothing is kept in `{path}`: cannot find `{path}/{DATABASE}`: {error}"
            ));
        }
        let storage = open(&config).map_err(|closed| closed.to_string())?;
        Ok((config, storage))
    }
}
