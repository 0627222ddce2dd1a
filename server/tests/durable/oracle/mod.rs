//! What clients were told, and what therefore has to be there after a crash.
//!
//! Touches nothing but, in [`found`], a connection to the server that came back. Nothing of this is the server's code, nor the model's.
//!
//! Theory of operation. Each client has mailboxes of its own, and messages of its own in INBOX, which clients of one user share: it alone
//! changes them, one small bunch of commands at a time. So what it has ([`Holdings`]) after each of its commands is known, and a crash
//! leaves it after one of them: not before the last that was answered OK, not after the last that was sent, and not between two.
//! What others saw of it ([`Sight`]) raises the first of these bounds: a step that was shown to anybody has happened for good.
//!
//! | module | noun |
//! |---|---|
//! | [`text`] | a message's octets: they name client and number |
//! | [`command`] | a command, and its octets |
//! | [`holdings`] | what a client has, and what a command makes of it |
//! | [`actor`] | a client: what it sent, what it was told |
//! | [`plan`] | what a client does next |
//! | [`found`] | what the server has when it is back |
//! | [`judge`] | whether that is as it has to be |

pub mod actor;
pub mod command;
pub mod found;
pub mod holdings;
pub mod judge;
pub mod plan;
pub mod text;

pub use actor::Actor;
pub use command::Command;
pub use found::Found;
pub use judge::Judge;
pub use text::Text;
