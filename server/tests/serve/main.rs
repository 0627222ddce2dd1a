//! The server from the outside, over TCP: logging in, waking, back-pressure, limits, ends.
//!
//! Touches sockets. What the responses say of mailboxes is the model's, and tested there.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod client;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod login;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod recording;
