//! All that is left to chance in a simulation, and a note of what it came to.
//!
//! Touches nothing. One seed, one sequence of choices: whoever asks next gets the next. Since nothing else is left to chance, whoever asks next is a matter
//! of the seed, too.

use crate::chance::Chance;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard},
    task::Waker,
};

/// What can be planted in a simulation, to see that it is found: each is what a server would look like from outside if it did wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Two pieces of what is written to a client are swapped.
    Swaps,
    /// An octet of what is written is lost.
    LosesOctet,
    /// What is written to one client comes to another.
    Strays,
    /// The server does not notice that a client has gone.
    HidesEnd,
    /// While one client takes nothing, nobody is written anything.
    BlocksAll,
    /// A task that should be woken is not.
    LosesWake,
    /// An account is read without what was committed last: so it looks if it is closed before it is durable.
    ReadsLess,
    /// What was committed last is not there after a crash.
    ForgetsAtCrash,
    /// Of what was committed last a part is not there after a crash.
    TearsAtCrash,
    /// The journal before a snapshot is gone as soon as the first piece of the snapshot is there.
    DropsTooSoon,
    /// A snapshot has less than what it stands for.
    SnapsLess,
    /// In the model: [`tandem_model::Fault::AckBeforeDurable`], and so on.
    Model(tandem_model::Fault),
}

/// Chance, and the trace of a run. Clones are of the same.
#[derive(Clone, Debug)]
pub struct Fate(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    chance: Chance,
    trace: String,
    fault: Option<Fault>,
    /// [`Fault::Strays`]: whose it was, and what.
    stray: Option<(usize, Vec<u8>)>,
    /// [`Fault::BlocksAll`]: who takes nothing, and who waits for that.
    full: BTreeSet<usize>,
    blocked: Vec<Waker>,
}

impl Fate {
    /// Of this seed.
    #[must_use]
    pub fn new(seed: u64, fault: Option<Fault>) -> Self {
        Self(Arc::new(Mutex::new(State {
            chance: Chance::new(seed),
            trace: String::new(),
            fault,
            stray: None,
            full: BTreeSet::new(),
            blocked: Vec::new(),
        })))
    }

    /// A number from 0 to `below` - 1; 0 if `below` is 0.
    #[must_use]
    pub fn below(&self, below: usize) -> usize {
        let below = u32::try_from(below).unwrap_or(u32::MAX);
        self.state().chance.below(below) as usize
    }

    /// True once in so many times.
    #[must_use]
    pub fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// A number from 1 to `most`, small ones more often.
    #[must_use]
    pub fn some(&self, most: usize) -> usize {
        let scale = 1 + self.below(most);
        1 + self.below(scale)
    }

    /// Notes what happens.
    pub fn note(&self, what: std::fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.state().trace, "{what}");
    }

    /// All that was noted.
    #[must_use]
    pub fn trace(&self) -> String {
        std::mem::take(&mut self.state().trace)
    }

    /// Which fault is planted in the model.
    #[must_use]
    pub fn of_model(&self) -> Option<tandem_model::Fault> {
        match self.state().fault {
            Some(Fault::Model(fault)) => Some(fault),
            _ => None,
        }
    }

    /// Whether a fault is planted.
    #[must_use]
    pub fn is_planted(&self, fault: Fault) -> bool {
        self.state().fault == Some(fault)
    }

    /// Whether a fault shows now; it does so once in so many times.
    #[must_use]
    pub fn shows(&self, fault: Fault, times: usize) -> bool {
        self.is_planted(fault) && self.once_in(times)
    }

    /// [`Fault::Strays`]: takes what is written to a client, or adds to it.
    pub fn stray(&self, number: usize, octets: &mut Vec<u8>) {
        let shows = self.shows(Fault::Strays, 100);
        let mut state = self.state();
        let of_another = |(whose, _): &mut (usize, Vec<u8>)| *whose != number;
        if let Some((_, other)) = state.stray.take_if(of_another) {
            octets.splice(..0, other);
        } else if shows && state.stray.is_none() {
            state.stray = Some((number, std::mem::take(octets)));
        }
    }

    /// [`Fault::BlocksAll`]: notes whether a client takes anything, and says whether this one has to wait for another.
    pub fn is_blocked(&self, number: usize, is_full: bool, waker: &Waker) -> bool {
        let mut state = self.state();
        if state.fault != Some(Fault::BlocksAll) {
            return false;
        }
        if is_full {
            state.full.insert(number);
        }
        let blocked = state.full.iter().any(|&full| full != number);
        if blocked {
            state.blocked.push(waker.clone());
        }
        blocked
    }

    /// [`Fault::BlocksAll`]: a client has taken something.
    pub fn takes(&self, number: usize) {
        let mut state = self.state();
        if state.full.remove(&number) {
            let blocked = std::mem::take(&mut state.blocked);
            drop(state);
            blocked.into_iter().for_each(Waker::wake);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}
