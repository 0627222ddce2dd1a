//! Commands that are all depth, all numbers.

use crate::{
    polite::is_served_while,
    process::{MIB, Server},
    wire::Wire,
};

#[test]
fn a_search_that_is_nested_ten_thousand_deep_is_bad() {
    let server = Server::start(&["--limit", "bad-commands=1000000"]);
    is_served_while(&server, "SEARCH, nested", 0, || {
        let mut wire = Wire::login(server.address);
        let before = server.peak();
        wire.ok("SELECT INBOX");
        let depth = 10_000;
        let nested = [
            format!("SEARCH {}ALL{}", "(".repeat(depth), ")".repeat(depth)),
            format!("SEARCH {}ALL", "NOT ".repeat(depth)),
            format!("SEARCH {}ALL{}", "OR ".repeat(depth), " ALL".repeat(depth)),
            format!("UID SEARCH {}", "OR SEEN (NOT ".repeat(4_000)),
            format!("SEARCH {}", "(".repeat(60_000)),
        ];
        for _ in 0..50 {
            for command in &nested {
                wire.refused(command, "BAD ");
            }
        }
        server.has_taken_at_most("SEARCH, nested", before, 16 * MIB);
    });
}

#[test]
fn a_sequence_set_of_a_million_ranges_is_bad_and_the_longest_that_is_not_is_answered() {
    let server = Server::start(&["--limit", "bad-commands=1000000"]);
    let mut wire = Wire::login(server.address);
    for _ in 0..100 {
        wire.append(b"Subject: small\r\n\r\ntext\r\n");
    }
    is_served_while(&server, "sequence sets", 0, || {
        let before = server.peak();
        wire.ok("SELECT INBOX");
        let million: Vec<String> = (1..=1_000_000_u32)
            .map(|number| format!("{number}:{number}"))
            .collect();
        for command in ["FETCH", "STORE", "UID FETCH", "SEARCH"] {
            wire.refused(format!("{command} {} FLAGS", million.join(",")), "BAD ");
        }
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
        server.has_taken_at_most("sequence sets", before, 32 * MIB);
    });
}
