//! What the large literals of all clients together may take: a budget, and each connection's share of it.
//!
//! Touches nothing. Small literals are not counted: they have a limit for each connection, and nobody who sends them has to look here. A share grows with what
//! has come, not with what was announced, and is given back when the command has been answered, or with the connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// So many octets, for all.
#[derive(Debug)]
pub struct Budget {
    most: usize,
    used: AtomicUsize,
}

impl Budget {
    /// Nothing of it is used.
    #[must_use]
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            used: AtomicUsize::new(0),
        })
    }
}

/// What one connection has of it.
#[derive(Debug)]
pub struct Share {
    budget: Arc<Budget>,
    held: usize,
}

impl Share {
    /// Nothing yet.
    #[must_use]
    pub const fn new(budget: Arc<Budget>) -> Self {
        Self { budget, held: 0 }
    }

    /// Whether there is room for so many octets in all: now, and for nobody in particular.
    #[must_use]
    pub fn may_hold(&self, octets: usize) -> bool {
        let used = self.budget.used.load(Ordering::Relaxed);
        octets.saturating_sub(self.held) <= self.budget.most.saturating_sub(used)
    }

    /// Holds so many octets in all, or no more than before; whether it does.
    pub fn hold(&mut self, octets: usize) -> bool {
        let Some(more) = octets.checked_sub(self.held).filter(|&more| more > 0) else {
            return true;
        };
        let most = self.budget.most;
        let grow = |used: usize| used.checked_add(more).filter(|&used| used <= most);
        let grown = self
            .budget
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow);
        if grown.is_ok() {
            self.held = octets;
        }
        grown.is_ok()
    }

    /// Gives all of it back.
    pub fn release(&mut self) {
        if self.held > 0 {
            self.budget.used.fetch_sub(self.held, Ordering::Relaxed);
            self.held = 0;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_together_are_no_more_than_the_budget_and_come_back() {
        let budget = Budget::new(10);
        let [mut first, mut second] = [(); 2].map(|()| Share::new(Arc::clone(&budget)));
        assert!(first.hold(4) && second.hold(6) && first.hold(3));
        assert!(!first.hold(5) && !second.may_hold(7) && second.may_hold(6));
        drop(second);
        assert!(first.hold(10) && !first.hold(usize::MAX));
        first.release();
        assert!(first.may_hold(10) && !first.may_hold(11));
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}
