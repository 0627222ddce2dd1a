//! The server on a machine that is simulated: every task, timer, commit and octet comes in an order that a seed chooses.
//!
//! Touches no sockets and no disk. What runs is the server's own: connections, login, sessions, the account and its lock, pages, wake-ups, the journal and what writes
//! it, snapshots, contents, the engine in memory. What is not is what lies under it: [`machine`] (time and threads), [`pipe`] (sockets),
//! [`scheduler`] (tokio's, of which the timers are left; their clock is paused). The server keeps its part of this by asking a
//! [`Machine`](tandem_server::machine::Machine) for what it does not compute, and by leaving nothing to chance itself.
//!
//! [`run`] is one simulation. A few clients ([`client`]) say what they like under one of all practices, with small pages, buffers and few ghosts: several commands at once,
//! in pieces; they read nothing for minutes, go in the middle of a command or of an answer, and come again. Meanwhile commits take their time. Then
//! all come to rest, and leave, or the server closes. [`judge`] says whether all that was right, and [`counts`] how much there was. The same seed is the same run, octet by octet; [`fate`] has
//! the choices, the trace, and faults to plant.
//!
//! In every third run the server crashes, once or twice, between any two turns of tasks: nothing of it happens any more, connections are cut with what was on its way, and another
//! server starts on the [`disk`], which has what was committed and no more. In every fourth the disk is full now and then, in use, unreadable, as a whole or for one content, or fails for good. In every second a snapshot is taken after few changes, piece by piece. Now and then the task that serves
//! a client is dropped, as whoever embeds the server may. [`survival`] lives across all that. In every eighth run whoever says nothing or takes nothing for a while is sent away, not before, and in time.
//!
//! Some come with wrong passwords, or do not log in at all.
//! In every twentieth run some messages come to storage in pieces.
//!
//! Not simulated: the listener.

pub mod client;
pub mod counts;
pub mod disk;
pub mod fate;
pub mod judge;
pub mod machine;
pub mod pipe;
pub mod run;
pub mod scheduler;
pub mod survival;
