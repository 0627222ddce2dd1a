//! The check: every state that clients and a server can get into, in small worlds, and what must hold in each.
//!
//! Touches nothing outside. Feature `check`; std is allowed here. RFC 2180, RFC 3501, RFC 9051 sections 5.5 and 7.5.1.
//!
//! Theory of operation. A [`World`] is an account, a few clients, and two queues between each client and its session. [`Rules`] say what can happen
//! next: a client sends, the server takes and does, a client reads, a session is woken, a connection breaks; in some, what was done becomes durable, and
//! the server crashes. The server's part is
//! [`crate::Session::step`], the code that serves real clients, and nothing else. Who judges it:
//!
//! - [`client`], the oracle: what a correct client believes, from responses alone; a response that it cannot believe is a breach;
//! - `judge`, the referee: compares the account before and after each step with what the command and the practice promise;
//! - `rest`: where nothing is on its way, numbering, ghosts and convergence;
//! - `recovery` and the `chronicle`: where the server may crash, what it makes of its `journal` after that, and what clients were told.
//!
//! Sessions of real clients, recorded, are judged by a [`witness`].
//!
//! A breach is a [`Finding`] and names a [`Property`]. Worlds that can only go on alike have the same canonical bytes ([`canonical`]), so that the
//! space is finite though the clients never tire. What the clients say is the [`alphabet`](Scene)'s; one alphabet of everything would
//! make a space that nothing exhausts, so there are [`Scene`]s. Two engines explore ([`run`]): stateright, and [`search()`], which is exact, finds the shortest way to a
//! breach, and sees whether all that is begun can end; both can leave out orders that make no difference (`reduction`); what is too large for either is
//! walked through at random ([`simulate`]). [`transcript`] tells it; [`plant`] knows which planted fault breaks which property; [`coverage`] sees that
//! what should happen sometimes does.

mod alphabet;
mod beginning;
pub mod canonical;
mod chronicle;
mod claims;
pub mod client;
pub mod coverage;
mod crash;
mod events;
mod journal;
mod judge;
mod manners;
mod model;
mod picture;
pub mod plant;
mod portrait;
mod properties;
mod recovery;
mod reduction;
mod rest;
mod rules;
pub mod run;
mod search;
mod setup;
mod simulation;
#[cfg(test)]
mod spoilt;
mod told;
pub mod transcript;
pub mod witness;
mod world;

pub use alphabet::{Names, Ration, Scene, Verb};
pub use chronicle::{Chronicle, Claim, Fact};
pub use coverage::{Coverage, Event};
pub use journal::{Entry, Journal, Storage};
pub use model::explore;
pub use properties::{Finding, Property};
pub use rules::Rules;
pub use run::{Outcome, Progress, Reach};
pub use search::{Bounds, Cut, Search, search};
pub use setup::{Setup, deletions_and_renamings};
pub use simulation::simulate;
pub use told::Told;
pub use world::{Action, Errand, Held, Lane, Memory, Selected, Sent, Task, World};
