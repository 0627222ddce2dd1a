//! Connections that read.
//!
//! Touches the database. A few connections, each lent for one read, which is one transaction: the log cannot begin again while one that began before a checkpoint goes on.

use super::{connection, trouble::Trouble};
use crate::storage::Failure;
use rusqlite::Connection;
use std::{
    path::Path,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// How many there are: reads beyond that wait.
const READERS: usize = 4;

/// The connections that nobody has.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    returned: Condvar,
}

impl Readers {
    /// Opens them.
    pub(super) fn new(path: &Path) -> Result<Self, Trouble> {
        let connections = (0..READERS).map(|_| connection::reader(path));
        Ok(Self {
            idle: Mutex::new(connections.collect::<Result<_, _>>()?),
            returned: Condvar::new(),
        })
    }

    /// Reads, as soon as there is a connection, in one transaction.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Trouble>,
    ) -> Result<T, Failure> {
        let lent = Lent {
            connection: Some(self.take()),
            readers: self,
        };
        let read = |connection: &Connection| {
            let transaction = connection.unchecked_transaction()?;
            let done = work(&transaction)?;
            transaction.finish()?;
            Ok(done)
        };
        // INVARIANT: what is lent is there until it is returned.
        let connection = lent.connection.as_ref();
        connection.map_or_else(
            || Err(Failure::Io("no connection".to_owned())),
            |connection| read(connection).map_err(Trouble::failure),
        )
    }

    fn take(&self) -> Connection {
        let mut idle = self.idle();
        loop {
            match idle.pop() {
                Some(connection) => return connection,
                None => {
                    let waited = self.returned.wait(idle);
                    idle = waited.unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that somebody has, even if he panics.
struct Lent<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.readers.idle().extend(self.connection.take());
        self.readers.returned.notify_one();
    }
}
