//! How much there was in a run, or in many: so it is seen that what should happen sometimes does.
//!
//! Touches nothing.

/// How much there was in a run, or in many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Steps of sessions.
    pub steps: u64,
    /// Responses.
    pub responses: u64,
    /// Octets that came to clients, and were right.
    pub octets: u64,
    /// Connections.
    pub connections: u64,
    /// Crashes.
    pub crashes: u64,
    /// Wrong passwords that were refused.
    pub guesses: u64,
    /// Clients that were sent away because they did not log in.
    pub loiterers: u64,
    /// Messages that were left out because they could not be read.
    pub missed: u64,
    /// Clients to whom some of an answer was written, and no answer in whole.
    pub unheard: u64,
    /// Contents in pieces that became a message's.
    pub pieced: u64,
    /// Snapshots.
    pub snapshots: Snapshots,
}

impl Counts {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            responses: self.responses + other.responses,
            octets: self.octets + other.octets,
            connections: self.connections + other.connections,
            crashes: self.crashes + other.crashes,
            guesses: self.guesses + other.guesses,
            loiterers: self.loiterers + other.loiterers,
            missed: self.missed + other.missed,
            unheard: self.unheard + other.unheard,
            pieced: self.pieced + other.pieced,
            snapshots: self.snapshots.and(other.snapshots),
        }
    }
}

/// How many snapshots there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshots {
    /// They were begun: a first piece is durable.
    pub begun: u64,
    /// They took the place of the journal before them.
    pub completed: u64,
    /// The server crashed before they were complete.
    pub cut: u64,
}

impl Snapshots {
    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            begun: self.begun + other.begun,
            completed: self.completed + other.completed,
            cut: self.cut + other.cut,
        }
    }
}
