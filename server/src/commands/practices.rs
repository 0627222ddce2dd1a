//! `tandem practices`: the table of practices, as plain text.
//!
//! Touches standard output. RFC 2180 sections 3 and 4.

use std::{fmt::Write as _, io::Write as _, process::ExitCode};
use tandem_model::practice::{Row, TABLE};

/// Columns in all; a summary that is longer goes on in the next line.
const WIDTH: usize = 100;

/// Prints the table.
#[must_use]
pub fn run() -> ExitCode {
    match std::io::stdout().lock().write_all(table(TABLE).as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// The table: a row for each value, the default marked.
#[must_use]
pub fn table(rows: &[Row]) -> String {
    let widest = |cell: fn(&Row) -> &str, title: &str| {
        rows.iter()
            .map(|row| cell(row).len())
            .max()
            .unwrap_or_default()
            .max(title.len())
    };
    let key = widest(|row| row.key, "key");
    let value = widest(|row| row.value, "value");
    let section = widest(|row| row.section, "RFC 2180");
    let indent = key + value + section + "default".len() + 8;
    let mut text = String::new();
    let mut line = |cells: [&str; 4], summary: &str| {
        let [first, second, third, fourth] = cells;
        let mut left = format!("{first:key$}  {second:value$}  {third:section$}  {fourth:7}  ");
        for part in wrapped(summary, WIDTH - indent) {
            let _ = writeln!(text, "{left:indent$}{part}");
            left.clear();
        }
    };
    line(["key", "value", "RFC 2180", "default"], "what it does");
    let mut last = "";
    for row in rows {
        let shown = if row.key == last { "" } else { row.key };
        last = row.key;
        line(
            [
                shown,
                row.value,
                row.section,
                if row.default { "yes" } else { "" },
            ],
            row.summary,
        );
    }
    text.push_str(
        "\nChoose with --practice KEY=VALUE,... The defaults are the safest for clients.\n",
    );
    text
}

/// The words of a text in lines of at most `width`; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.into()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_value_and_fits_a_terminal() {
        let text = table(TABLE);
        for row in TABLE {
            assert!(
                text.lines()
                    .any(|line| line.contains(row.value) && line.contains(row.section)),
                "{}",
                row.value
            );
        }
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert_eq!(
            text.lines().filter(|line| line.contains(" yes ")).count(),
            6
        );
    }
}
