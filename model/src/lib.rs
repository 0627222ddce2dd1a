#![no_std]
//! placeholder, being written
extern crate alloc;
#[cfg(any(test, feature = "check"))]
extern crate std;
pub mod account;
pub mod change;
#[cfg(feature = "check")]
pub mod check;
pub mod command;
pub mod fault;
pub mod flags;
pub mod message;
pub mod name;
pub mod number;
pub mod practice;
pub mod response;
pub mod search_key;
pub mod sequence_set;
pub mod session;
pub mod view;
pub use account::{Account, Batch, Limits};
pub use change::Change;
pub use command::{Command, Input};
pub use fault::Fault;
pub use practice::Practice;
pub use response::Response;
pub use search_key::SearchKey;
pub use session::Session;
