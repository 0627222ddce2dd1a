//! The picture of coverage: a cell for each statement, a quarter of it for each kind of check.
//!
//! Touches nothing. It is SVG that brings its own colours for a light page and a dark one.

use super::{
    Spec,
    entry::{Citation, Entry},
};
use std::fmt::Write as _;

/// How many columns the sections are spread over.
const COLUMNS: usize = 5;
/// How wide a column is.
const WIDTH: usize = 194;
/// How many statements a line has.
const CELLS: usize = 6;
/// How high a line is.
const LINE: usize = 22;
/// Where the first line begins.
const TOP: usize = 92;
/// The space around it all.
const MARGIN: usize = 24;

/// A kind of check: its class, its name, where in a cell it is.
const KINDS: [(&str, &str, usize, usize); 4] = [
    ("p", "property", 0, 0),
    ("f", "fault", 9, 0),
    ("t", "transcript", 0, 9),
    ("u", "test", 9, 9),
];

const STYLE: &str = "\
text { font-family: system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', sans-serif; font-size: 12px; fill: #57606a }
.h { font-weight: 600; font-size: 13px; fill: #1f2328 } .title { font-weight: 600; font-size: 17px; fill: #1f2328 }
.page { fill: #ffffff; stroke: #d0d7de } .o { fill: #eaeef2 } .n { fill: none; stroke: #afb8c1; stroke-dasharray: 2.5 2 }
.p { fill: #2f6fdb } .f { fill: #e5484d } .t { fill: #1a9e77 } .u { fill: #f0a020 }
@media (prefers-color-scheme: dark) {
text { fill: #9198a1 } .h, .title { fill: #f0f6fc } .page { fill: #0d1117; stroke: #3d444d } .o { fill: #262c36 } .n { stroke: #656c76 }
.p { fill: #5c9bff } .f { fill: #ff6a6a } .t { fill: #35c79a } .u { fill: #f5b84a }
}";

/// A line of a column.
#[derive(Clone)]
enum Line<'a> {
    Heading(String),
    Section(String, Vec<&'a Entry>),
}

/// Draws it.
#[must_use]
pub fn draw(spec: &Spec) -> String {
    let lines = lines(spec);
    let columns = columns(&lines);
    let longest = columns.iter().map(Vec::len).max().unwrap_or_default();
    let (width, height) = (
        2 * MARGIN + COLUMNS * WIDTH - 20,
        TOP + longest * LINE + MARGIN - 4,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Which statements of which section are checked by a property, a fault, a transcript, a test\">\n<style>\n{STYLE}\n</style>\n\
         <rect class=\"page\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
        width - 1,
        height - 1
    );
    legend(&mut svg, spec);
    for (column, lines) in columns.iter().enumerate() {
        let x = MARGIN + column * WIDTH;
        for (row, line) in lines.iter().enumerate() {
            let y = TOP + row * LINE;
            draw_line(&mut svg, line, x, y);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// A heading for each RFC, a line for each section.
fn lines(spec: &Spec) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut asking: Vec<&Entry> = spec.entries.iter().filter(|entry| entry.asks()).collect();
    asking.sort_by_key(|entry| rank(entry.id.rfc));
    for of_rfc in asking.chunk_by(|one, next| one.id.rfc == next.id.rfc) {
        lines.push(Line::Heading(match of_rfc[0].id.rfc {
            0 => "Our promises".to_owned(),
            rfc => format!("RFC {rfc}"),
        }));
        for section in of_rfc.chunk_by(|one, next| one.id.section == next.id.section) {
            let numbers: Vec<String> = section[0].id.section.iter().map(u32::to_string).collect();
            for (at, cells) in section.chunks(CELLS).enumerate() {
                let label = if at == 0 {
                    numbers.join(".")
                } else {
                    String::new()
                };
                lines.push(Line::Section(label, cells.to_vec()));
            }
        }
    }
    lines
}

/// RFC 2180 comes first, what it rests on next, our promises last.
fn rank(rfc: u32) -> (usize, u32) {
    let first = [2180, 3501, 9051];
    match first.iter().position(|&one| one == rfc) {
        Some(at) => (at, rfc),
        None if rfc == 0 => (first.len() + 1, rfc),
        None => (first.len(), rfc),
    }
}

/// Spreads lines over columns that are as short as can be.
fn columns<'a>(lines: &[Line<'a>]) -> Vec<Vec<Line<'a>>> {
    let mut most = lines.len().div_ceil(COLUMNS);
    loop {
        let columns = spread(lines, most);
        if columns.len() <= COLUMNS {
            return columns;
        }
        most += 1;
    }
}

/// Columns of at most so many lines. No heading is the last of one; what goes on in the next has its heading there again.
fn spread<'a>(lines: &[Line<'a>], most: usize) -> Vec<Vec<Line<'a>>> {
    let mut columns = vec![Vec::new()];
    let mut heading = String::new();
    for line in lines {
        let (needs, is_heading) = match line {
            Line::Heading(title) => {
                heading.clone_from(title);
                (2, true)
            }
            Line::Section(..) => (1, false),
        };
        let full = columns.last().map_or(0, Vec::len) + needs > most;
        if full {
            columns.push(Vec::new());
        }
        if let Some(column) = columns.last_mut() {
            if full && !is_heading {
                column.push(Line::Heading(heading.clone()));
            }
            column.push(line.clone());
        }
    }
    columns
}

fn legend(svg: &mut String, spec: &Spec) {
    let asking: Vec<&Entry> = spec.entries.iter().filter(|entry| entry.asks()).collect();
    let _ = writeln!(
        svg,
        "<text class=\"title\" x=\"{MARGIN}\" y=\"38\">{} statements; a cell for each, a quarter of it for each kind of check</text>",
        asking.len()
    );
    let mut x = MARGIN;
    for (at, (class, name, ..)) in KINDS.into_iter().enumerate() {
        let count = asking.iter().filter(|entry| kinds(entry)[at]).count();
        let label = format!("{name}: {count}");
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"54\" width=\"12\" height=\"12\" rx=\"3\"/><text x=\"{}\" y=\"64.5\">{label}</text>",
            x + 18
        );
        x += 44 + 7 * label.len();
    }
    let absent = asking.iter().filter(|entry| is_absent(entry)).count();
    let _ = writeln!(
        svg,
        "<rect class=\"n\" x=\"{}.5\" y=\"54.5\" width=\"11\" height=\"11\" rx=\"3\"/><text x=\"{}\" y=\"64.5\">not announced, not done, or a client’s alone: {absent}</text>",
        x,
        x + 18
    );
}

fn draw_line(svg: &mut String, line: &Line<'_>, x: usize, y: usize) {
    match line {
        Line::Heading(title) => {
            let _ = writeln!(
                svg,
                "<text class=\"h\" x=\"{x}\" y=\"{}\">{title}</text>",
                y + 15
            );
        }
        Line::Section(label, entries) => {
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{}\">{label}</text>", y + 13);
            for (at, entry) in entries.iter().enumerate() {
                cell(svg, entry, x + 52 + 21 * at, y);
            }
        }
    }
}

fn cell(svg: &mut String, entry: &Entry, x: usize, y: usize) {
    let _ = write!(svg, "<g><title>{}</title>", entry.id);
    if is_absent(entry) {
        let _ = write!(
            svg,
            "<rect class=\"n\" x=\"{x}.5\" y=\"{y}.5\" width=\"16\" height=\"16\" rx=\"3\"/>"
        );
    } else {
        for ((class, _, right, down), checks) in KINDS.into_iter().zip(kinds(entry)) {
            let class = if checks { class } else { "o" };
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"8\" height=\"8\" rx=\"2\"/>",
                x + right,
                y + down
            );
        }
    }
    svg.push_str("</g>\n");
}

/// Nothing is run for it.
fn is_absent(entry: &Entry) -> bool {
    !entry.is_checked()
}

/// Whether a property (or an invariant), a fault, a transcript, a test checks it.
fn kinds(entry: &Entry) -> [bool; 4] {
    let has = |is: fn(&Citation) -> bool| entry.citations.iter().any(is);
    [
        has(|one| matches!(one, Citation::Property(_) | Citation::Invariant(_))),
        has(|one| matches!(one, Citation::Fault(_))),
        has(|one| matches!(one, Citation::Transcript(_))),
        has(|one| matches!(one, Citation::Test(_))),
    ]
}
