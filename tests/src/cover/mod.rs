//! Scripts made of the checked world, and played: what arrives over TCP has to be what `Session::step` says, octet by octet.
//!
//! Touches a server's sockets. [`space`] is all that can happen in a small world when commands are done from end to end; [`route`] are ways through it
//! that together take every edge, and random ones; [`script`] is what clients say on such a way; [`duet`] plays it on sessions that are stepped by hand and
//! over TCP at once, and compares.
//!
//! What is compared, and with what. The world's own answers (of `tandem check`, a page for each message, numbers for contents) with those of sessions stepped
//! on an account of their own, as far as the encoder words them: so a script is where the world says it is. And the octets of these, encoded and
//! rendered by the server's code, with what comes over TCP: so everything is between that is not the model: the fragmenter, the parser, the driver and its
//! pages, the lock, the journal, the contents, wake-ups, the socket. Commands are sent as octets and stepped as values: the parser is held to the
//! printer.
//!
//! Not in it: what only happens while something is in flight, such as two clients that act at once, or a BYE that answers a command. That is
//! the simulation's.

pub mod duet;
pub mod play;
pub mod reading;
pub mod route;
pub mod script;
pub mod space;
