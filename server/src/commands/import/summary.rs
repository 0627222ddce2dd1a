//! What an import did.
//!
//! Touches nothing.

use super::source::{Place, Reason};
use std::{collections::BTreeMap, fmt};

/// How many of what was skipped for one reason are named, if not all.
pub const NAMED: usize = 5;

/// What an import did, so far.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Messages that are in the mailboxes now and were not before.
    pub imported: u64,
    /// Messages that were in the mailboxes before.
    pub there: u64,
    /// Keywords that messages lost, since their mailbox has no room for more.
    pub keywords_lost: u64,
    skipped: BTreeMap<Reason, Named>,
    left_alone: BTreeMap<Reason, Named>,
    /// Everything that was skipped is named.
    verbose: bool,
}

/// What was passed over for one reason.
#[derive(Clone, Debug, Default)]
struct Named {
    count: u64,
    first: Vec<String>,
}

impl Named {
    fn add(&mut self, place: &Place, verbose: bool) {
        self.count = self.count.saturating_add(1);
        if verbose || self.first.len() < NAMED {
            self.first.push(place.to_string());
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, ": {}", self.count)?;
        for place in &self.first {
            writeln!(f, "  {place}")?;
        }
        let named = u64::try_from(self.first.len()).unwrap_or(u64::MAX);
        match self.count.saturating_sub(named) {
            0 => Ok(()),
            more => writeln!(f, "  and {more} more: --verbose names all"),
        }
    }
}

impl Summary {
    /// Of nothing yet. With `verbose`, everything that is skipped will be named.
    #[must_use]
    pub fn new(verbose: bool) -> Self {
        Self {
            verbose,
            ..Self::default()
        }
    }

    /// Counts something that was skipped.
    pub fn skip(&mut self, place: &Place, reason: Reason) {
        let skipped = self.skipped.entry(reason).or_default();
        skipped.add(place, self.verbose);
    }

    /// Counts something that was left alone, and does not count as skipped.
    pub fn leave_alone(&mut self, place: &Place, reason: Reason) {
        let left_alone = self.left_alone.entry(reason).or_default();
        left_alone.add(place, self.verbose);
    }

    /// How many things were skipped.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped.values().map(|skipped| skipped.count).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let skipped = self.skipped();
        writeln!(
            f,
            "imported: {}, already there: {}, skipped: {skipped}",
            self.imported, self.there
        )?;
        if self.keywords_lost > 0 {
            let lost = self.keywords_lost;
            writeln!(f, "keywords for which a mailbox had no room: {lost}")?;
        }
        for (kind, reasons) in [("skipped", &self.skipped), ("left alone", &self.left_alone)] {
            for (reason, named) in reasons {
                write!(f, "{kind}: {reason}")?;
                named.write(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_first_few_of_each_reason_are_named_or_all() {
        for (verbose, more) in [(false, "\n  and 2 more: --verbose names all"), (true, "")] {
            let mut summary = Summary::new(verbose);
            summary.imported = 3;
            for number in 0..NAMED + 2 {
                summary.skip(&Path::new(&format!("f{number}")).into(), "empty".into());
            }
            summary.skip(&Path::new("x").into(), "other".into());
            summary.leave_alone(&Path::new("y").into(), "hidden".into());
            let text = summary.to_string();
            let start = "imported: 3, already there: 0, skipped: 8\nskipped: empty: 7\n  f0\n  f1\n  f2\n  f3\n  f4";
            assert!(text.starts_with(start), "{text}");
            assert!(
                text.ends_with(&format!(
                    "{more}\nskipped: other: 1\n  x\nleft alone: hidden: 1\n  y\n"
                )),
                "{text}"
            );
            assert_eq!(text.contains("f6"), verbose);
        }
    }
}
