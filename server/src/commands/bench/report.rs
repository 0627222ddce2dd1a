//! What was found, in columns.
//!
//! Touches standard output.

use super::work::Samples;
use std::{io::Write as _, time::Duration};

/// Columns of a name.
const NAME: usize = 50;
/// Columns of what one server did.
const CELL: usize = 30;

/// Times of single commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    pub(super) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub(super) fn take_in(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    pub(super) const fn count(&self) -> usize {
        self.0.len()
    }

    /// What so many of a hundred do not exceed.
    pub(super) fn quantile(&self, of_hundred: usize) -> Duration {
        let mut times = self.0.clone();
        times.sort_unstable();
        let last = times.len().saturating_sub(1);
        let at = (times.len() * of_hundred / 100).min(last);
        times.get(at).copied().unwrap_or_default()
    }
}

/// One measurement.
pub(super) struct Row<const N: usize> {
    pub(super) name: String,
    pub(super) cells: [Samples; N],
    pub(super) unit: &'static str,
}

/// The table.
pub(super) struct Report<const N: usize> {
    subjects: [&'static str; N],
}

impl<const N: usize> Report<N> {
    pub(super) const fn new(subjects: [&'static str; N]) -> Self {
        Self { subjects }
    }

    /// A line of its own.
    pub(super) fn line(&self, text: &str) {
        // Whoever closed the pipe does not want to read on.
        let _ = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// What the columns are.
    pub(super) fn head(&self) {
        let mut line = format!("\n{:NAME$}", "a second (median, 99 of 100)");
        for subject in self.subjects {
            line += &format!("{subject:>CELL$}");
        }
        if N > 1 {
            line += "   ratio";
        }
        self.line(&line);
    }

    /// One measurement.
    pub(super) fn row(&self, row: &Row<N>) {
        let mut line = format!("{:NAME$}", format!("{} ({})", row.name, row.unit));
        for cell in &row.cells {
            let times = format!(
                "({}, {})",
                short(cell.times.quantile(50)),
                short(cell.times.quantile(99))
            );
            line += &format!("{:>CELL$}", format!("{:.0} {times:>18}", cell.rate()));
        }
        if let [one, other, ..] = row.cells.as_slice() {
            line += &format!("{:8.2}", one.rate() / other.rate());
        }
        self.line(line.trim_end());
        for (subject, cell) in self.subjects.iter().zip(&row.cells) {
            if let Some(shared) = cell.a_sync() {
                self.line(&format!("  {subject}: {shared:.1} shared a sync"));
            }
        }
    }
}

/// A time with its unit, in few characters.
pub(super) fn short(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..1e3 => format!("{micros:.0} us"),
        ..1e4 => format!("{:.2} ms", micros / 1e3),
        ..1e6 => format!("{:.0} ms", micros / 1e3),
        _ => format!("{:.1} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_few_characters() {
        let shown = [7, 999, 1_250, 12_400, 2_500_000]
            .map(Duration::from_micros)
            .map(short);
        assert_eq!(shown, ["7 us", "999 us", "1.25 ms", "12 ms", "2.5 s"]);
    }

    #[test]
    fn quantiles_are_of_what_was_added() {
        let mut times = Times::default();
        assert_eq!(times.quantile(50), Duration::ZERO);
        (1..=200)
            .rev()
            .map(Duration::from_millis)
            .for_each(|time| times.add(time));
        assert_eq!(times.quantile(50), Duration::from_millis(101));
        assert_eq!(times.quantile(99), Duration::from_millis(199));
        assert_eq!(times.quantile(100), Duration::from_millis(200));
    }
}
