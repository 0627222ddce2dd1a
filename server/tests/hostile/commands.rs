//! Commands that are all depth, all numbers.

use crate::{
    polite::{HARDLY, is_served_while},
    process::{MIB, Server},
    wire::Wire,
};

/// The limit on a command without its literals; keys are never in literals, so that it is the limit on how deep they nest, too, ...
const LINE: usize = 65_536;

/// ... but for this one, which is far below.
const TOO_DEEP: &str = "at most 128 search keys within each other";

/// Searches with so many keys within each other, well-formed.
fn nested(depth: usize) -> [String; 4] {
    let third = depth.div_ceil(3);
    [
        format!("SEARCH {}ALL{}", "(".repeat(depth), ")".repeat(depth)),
        format!("SEARCH {}ALL", "NOT ".repeat(depth)),
        format!("SEARCH {}1{}", "OR ".repeat(depth), " 1".repeat(depth)),
        format!(
            "UID SEARCH {}SUBJECT {{1+}}\r\nx{}",
            "OR SEEN (NOT ".repeat(third),
            ")".repeat(third)
        ),
    ]
}

#[test]
fn a_search_that_is_nested_ten_thousand_deep_is_bad() {
    let server = Server::start(&["--limit", "bad-commands=1000000"]);
    Wire::login(server.address).append(b"Subject: small\r\n\r\ntext\r\n");
    is_served_while(&server, "SEARCH, nested", HARDLY, 0, || {
        let mut wire = Wire::login(server.address);
        let before = server.peak();
        wire.ok("SELECT INBOX");
        for _ in 0..50 {
            for command in nested(10_000) {
                assert!(command.len() < LINE, "the line limit decides");
                let (_, answer) = wire.command(command);
                let decides = answer.starts_with("BAD ") && answer.contains(TOO_DEEP);
                assert!(decides, "{answer}");
            }
        }
        // The same keys, less deep, are a SEARCH: nothing else is wrong with them. Of each that is open, the fourth has three.
        for command in nested(40) {
            wire.ok(command);
        }
        server.has_taken_at_most("SEARCH, nested", before, 4 * MIB);
    });
}

#[test]
fn a_sequence_set_of_a_million_ranges_is_bad_and_the_longest_that_is_not_is_answered() {
    let server = Server::start(&["--limit", "bad-commands=1000000"]);
    let mut wire = Wire::login(server.address);
    for _ in 0..100 {
        wire.append(b"Subject: small\r\n\r\ntext\r\n");
    }
    is_served_while(&server, "sequence sets", HARDLY, 0, || {
        let before = server.peak();
        wire.ok("SELECT INBOX");
        let million: Vec<String> = (1..=1_000_000_u32)
            .map(|number| format!("{number}:{number}"))
            .collect();
        for (command, more) in [
            ("FETCH", " FLAGS"),
            ("STORE", " FLAGS (\\Seen)"),
            ("UID FETCH", " FLAGS"),
            ("SEARCH", ""),
        ] {
            wire.refused(format!("{command} {}{more}", million.join(",")), "BAD ");
        }
        // Each has 14 MB, which are refused after 64 KiB.
        server.has_taken_at_most("sequence sets, refused", before, 4 * MIB);
        // As many as there is room for in a line: none next to another, upside down, and overlapping.
        let sets = [
            (1..=8_000)
                .map(|number| format!("{}", 2 * number))
                .collect::<Vec<_>>(),
            (1..=5_000)
                .map(|number| format!("{}:{}", 2 * (5_001 - number), number))
                .collect(),
            vec!["1:*".to_owned(); 8_000],
        ];
        for _ in 0..20 {
            for set in &sets {
                wire.ok(format!("UID FETCH {} FLAGS", set.join(",")));
                wire.ok(format!("UID SEARCH UID {}", set.join(",")));
                wire.ok(format!(
                    "UID STORE {} +FLAGS.SILENT (\\Seen)",
                    set.join(",")
                ));
            }
        }
        server.has_taken_at_most("sequence sets", before, 8 * MIB);
    });
}
