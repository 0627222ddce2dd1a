//! What can go wrong with a statement, and what an engine says of it.
//!
//! Touches nothing.

use crate::storage::{
    Failure,
    encoding::{Fault, Place},
};
use rusqlite::{ErrorCode, ffi, types::FromSqlError};

/// Why a statement, or a transaction of several, was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// SQLite said so.
    Sqlite(rusqlite::Error),
    /// What is kept does not go with it.
    Told(Failure),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<FromSqlError> for Trouble {
    fn from(error: FromSqlError) -> Self {
        Self::Sqlite(error.into())
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Told(failure)
    }
}

impl From<(Place, Fault)> for Trouble {
    fn from((place, fault): (Place, Fault)) -> Self {
        Self::Told(fault.at(place))
    }
}

impl Trouble {
    /// Something that is kept is not what was written.
    pub(super) fn damaged(what: impl Into<String>) -> Self {
        Self::Told(Failure::Damaged(what.into()))
    }

    /// Whether the system failed to write, which it also says of a user's quota of the disk.
    pub(super) fn is_failed_write(&self) -> bool {
        let codes = [
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_IOERR_SHMSIZE,
            ffi::SQLITE_IOERR_TRUNCATE,
        ];
        match self {
            Self::Sqlite(error) => error
                .sqlite_error()
                .is_some_and(|error| codes.contains(&error.extended_code)),
            Self::Told(_) => false,
        }
    }

    /// What an engine says.
    pub(super) fn failure(self) -> Failure {
        let error = match self {
            Self::Told(failure) => return failure,
            Self::Sqlite(error) => error,
        };
        let Some(told) = error.sqlite_error() else {
            // What was found is of another type than what is kept.
            return Failure::Damaged(error.to_string());
        };
        match told.code {
            ErrorCode::DiskFull => Failure::Full,
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Failure::Busy,
            // The statements are right: if one cannot be compiled, the tables are wrong.
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::ConstraintViolation
            | ErrorCode::TypeMismatch
            | ErrorCode::Unknown => Failure::Damaged(error.to_string()),
            ErrorCode::SystemIoFailure
                if [
                    ffi::SQLITE_IOERR_SHORT_READ,
                    ffi::SQLITE_IOERR_DATA,
                    ffi::SQLITE_IOERR_CORRUPTFS,
                ]
                .contains(&told.extended_code) =>
            {
                Failure::Damaged(error.to_string())
            }
            _ => Failure::Io(error.to_string()),
        }
    }
}
