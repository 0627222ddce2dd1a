//! What happened in the checked world, as a sequence diagram for stateright's Explorer.
//!
//! Touches nothing. The server is the lane in the middle; clients stand on its two sides. A command is an arrow from where its client sends
//! it to where the server takes it, a batch of responses one from where it is sent to where it is read: what is in flight
//! is seen to be. What has not arrived at the end of the path, or when the server crashes, is dashed.

use super::{
    events::{Event, What},
    transcript::{befell, durable, waits},
};
use alloc::{
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::Write;

/// Between the server and the first client on a side, and between clients there.
const LANE: i32 = 380;
/// Height of a line of text.
const LINE: i32 = 15;
/// Room above the first event.
const HEAD: i32 = 50;

/// What is on its way.
struct Arrow {
    from: (i32, i32),
    lines: Vec<String>,
    /// It is a response.
    answer: bool,
}

/// One client's lane.
#[derive(Default)]
struct Lane {
    x: i32,
    /// It is on the left of the server.
    left: bool,
    commands: VecDeque<Arrow>,
    answers: VecDeque<Arrow>,
}

/// The diagram of these events, for so many clients.
#[must_use]
pub fn diagram(events: &[Event], clients: usize) -> String {
    let sides = i32::try_from(clients.div_ceil(2)).unwrap_or(1);
    let server = sides * LANE;
    let mut lanes: Vec<Lane> = (0..clients)
        .map(|client| {
            let left = client % 2 == 0;
            let away = i32::try_from(client / 2 + 1).unwrap_or(1) * LANE;
            let x = if left { server - away } else { server + away };
            Lane {
                x: x + 60,
                left,
                ..Lane::default()
            }
        })
        .collect();
    let server = server + 60;
    let mut body = String::new();
    let mut y = HEAD;
    for event in events {
        y += LINE + 9;
        match event.client.map(|client| lanes.get_mut(client)) {
            Some(Some(lane)) => y += happens(lane, &event.what, server, y, &mut body),
            Some(None) => {}
            None => y += befalls(&mut lanes, &event.what, server, y, &mut body),
        }
    }
    y += 2 * LINE;
    lose(&mut lanes, server, y, &mut body);
    frame(&lanes, server, y + 20, &body)
}

/// Draws what happens to the server, and so to all; how much more height it takes.
fn befalls(lanes: &mut [Lane], what: &What, server: i32, y: i32, body: &mut String) -> i32 {
    let note = |body: &mut String, y, line: &str| text(body, server, y, "middle", line);
    match what {
        What::Durable(step) => {
            note(body, y, &format!("({})", durable(step)));
            0
        }
        What::Crash { lost, left } => {
            lose(lanes, server, y, body);
            let (from, to) = lanes.iter().fold((server, server), |(from, to), lane| {
                (from.min(lane.x), to.max(lane.x))
            });
            let _ = writeln!(
                body,
                "<line x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\" stroke=\"#b2182b\" stroke-width=\"3\"/>"
            );
            note(body, y - 4, "crash");
            let mut more = 0;
            for line in befell(lost, left) {
                more += LINE;
                note(body, y + more, &format!("({line})"));
            }
            more
        }
        _ => 0,
    }
}

/// What is on its way does not arrive.
fn lose(lanes: &mut [Lane], server: i32, y: i32, body: &mut String) {
    for lane in lanes {
        for arrow in core::mem::take(&mut lane.commands) {
            draw(body, &arrow, (server, y), lane.left, true);
        }
        for arrow in core::mem::take(&mut lane.answers) {
            draw(body, &arrow, (lane.x, y), lane.left, true);
        }
    }
}

/// Draws an event in a lane at height `y`; how much more height it takes.
fn happens(lane: &mut Lane, what: &What, server: i32, y: i32, body: &mut String) -> i32 {
    match what {
        What::Sends(line) => {
            let lines = alloc::vec![line.clone()];
            lane.commands.push_back(Arrow {
                from: (lane.x, y),
                lines,
                answer: false,
            });
            0
        }
        What::Takes(does) => {
            // The next page of a command has no arrow of its own.
            if does.starts_with("takes")
                && let Some(arrow) = lane.commands.pop_front()
            {
                draw(body, &arrow, (server, y), lane.left, false);
            } else {
                text(body, server, y, "middle", &format!("({does})"));
            }
            0
        }
        What::Answers(lines) => {
            let count = i32::try_from(lines.len()).unwrap_or_default();
            let lower = (count - 1).max(0) * LINE;
            lane.answers.push_back(Arrow {
                from: (server, y + lower),
                lines: lines.clone(),
                answer: true,
            });
            lower
        }
        What::Reads => {
            if let Some(arrow) = lane.answers.pop_front() {
                draw(body, &arrow, (lane.x, y), lane.left, false);
            }
            0
        }
        What::Breaks => {
            text(body, lane.x, y, "middle", "(the connection breaks)");
            0
        }
        What::Wakes => {
            text(body, server, y, "middle", "(wakes it)");
            0
        }
        What::Waits(step) => {
            text(body, server, y, "middle", &format!("({})", waits(step)));
            0
        }
        What::Durable(_) | What::Crash { .. } => 0,
    }
}

fn draw(body: &mut String, arrow: &Arrow, to: (i32, i32), left: bool, lost: bool) {
    let (x, y) = arrow.from;
    let dashes = if lost {
        " stroke-dasharray=\"5 4\""
    } else {
        ""
    };
    let colour = if arrow.answer { "#225ea8" } else { "#1b7837" };
    let _ = writeln!(
        body,
        "<line x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"1.5\" marker-end=\"url(#head)\"{dashes}/>",
        to.0, to.1
    );
    // Text stands above its own end of the arrow, towards the other.
    let towards_right = left != arrow.answer;
    let (anchor, at) = if towards_right {
        ("start", x + 6)
    } else {
        ("end", x - 6)
    };
    for (line, up) in arrow.lines.iter().rev().zip(0..) {
        text(body, at, y - 4 - up * LINE, anchor, line);
    }
}

fn text(body: &mut String, x: i32, y: i32, anchor: &str, line: &str) {
    let safe = line
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = writeln!(
        body,
        "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" paint-order=\"stroke\" stroke=\"white\" stroke-width=\"3\">{safe}</text>"
    );
}

/// The lanes, their names, and what is drawn on them.
fn frame(lanes: &[Lane], server: i32, height: i32, body: &str) -> String {
    let width = lanes
        .iter()
        .map(|lane| lane.x)
        .max()
        .unwrap_or(server)
        .max(server)
        + 60;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"monospace\" font-size=\"12\">\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" orient=\"auto\">\
         <path d=\"M0,0 L8,4 L0,8 z\"/></marker></defs>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let names = lanes
        .iter()
        .zip(1..)
        .map(|(lane, number)| (lane.x, format!("client {number}")));
    for (x, name) in names.chain([(server, "server".to_string())]) {
        let _ = writeln!(
            svg,
            "<line x1=\"{x}\" y1=\"30\" x2=\"{x}\" y2=\"{height}\" stroke=\"#bbbbbb\"/>\
             <text x=\"{x}\" y=\"20\" text-anchor=\"middle\" font-weight=\"bold\">{name}</text>"
        );
    }
    svg.push_str(body);
    svg.push_str("</svg>\n");
    svg
}
