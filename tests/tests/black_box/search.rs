//! SEARCH with every key, against a filter that knows nothing of IMAP. RFC 3501 section 6.4.4.

use tandem_tests::{
    reader::{Client, found},
    server::Server,
};

/// A message as the naive filter sees it.
struct Known {
    flags: &'static str,
    /// Day of July 2025 in INTERNALDATE, in the zone that stands there.
    arrived: u32,
    /// Day of June 2025 in the Date field.
    sent: u32,
    text: String,
}

/// Messages that differ in everything that a key asks for.
fn known() -> Vec<Known> {
    let flags = [
        "",
        "\\Seen",
        "\\Seen \\Answered",
        "\\Flagged",
        "\\Draft \\Deleted",
        "$Junk",
        "\\Seen $Junk \\Flagged",
    ];
    (0_u32..21)
        .map(|n| {
            let sent = 3 + n % 5;
            let text = format!(
                "From: {}@example.org\r\nTo: {}@example.net\r\n{}{}Subject: {} wheels\r\nDate: {sent} Jun 2025 23:30:00 -0800\r\n{}\r\n{} body\r\n{}",
                ["ann", "Bob", "carol"][n as usize % 3],
                ["dora", "eve"][n as usize % 2],
                if n % 4 == 0 { "Cc: frank@example.com\r\n" } else { "" },
                if n % 6 == 0 { "Bcc: grace@example.com\r\n" } else { "" },
                ["two", "THREE", "four"][n as usize / 7],
                if n % 5 == 0 { "X-Mark: yes\r\n" } else { "" },
                ["red", "Blue", "green", "redder"][n as usize % 4],
                "x".repeat(n as usize * 10),
            );
            Known { flags: flags[n as usize % flags.len()], arrived: 1 + n % 4, sent, text }
        })
        .collect()
}

/// A client that has them selected, the last three \Recent.
fn selected(server: &Server, known: &[Known]) -> Client {
    let mut client = Client::login(server);
    for (at, message) in known.iter().enumerate() {
        if at + 3 == known.len() {
            client.ok("SELECT INBOX");
            client.ok("UNSELECT");
        }
        let append = client.append(
            &format!(
                "INBOX ({}) \"{:02}-Jul-2025 00:30:00 +0200\"",
                message.flags, message.arrived
            ),
            &message.text,
        );
        assert!(append.condition().starts_with("OK"));
    }
    client.ok("SELECT INBOX");
    client
}

/// Whether a field of this name contains the text.
fn field(message: &Known, name: &str, text: &str) -> bool {
    let header = message.text.split("\r\n\r\n").next().unwrap_or_default();
    header.lines().any(|line| {
        line.split_once(": ").is_some_and(|(found, value)| {
            found.eq_ignore_ascii_case(name) && value.to_lowercase().contains(text)
        })
    })
}

type Filter = Box<dyn Fn(usize, &Known) -> bool>;

fn flag(name: &'static str) -> Filter {
    Box::new(move |_, message| message.flags.split(' ').any(|flag| flag == name))
}

fn not(filter: Filter) -> Filter {
    Box::new(move |at, message| !filter(at, message))
}

fn of(filter: impl Fn(usize, &Known) -> bool + 'static) -> Filter {
    Box::new(filter)
}

/// Every key with its filter.
fn keys() -> Vec<(&'static str, Filter)> {
    vec![
        ("ALL", of(|_, _| true)),
        ("ANSWERED", flag("\\Answered")),
        ("DELETED", flag("\\Deleted")),
        ("DRAFT", flag("\\Draft")),
        ("FLAGGED", flag("\\Flagged")),
        ("SEEN", flag("\\Seen")),
        ("UNANSWERED", not(flag("\\Answered"))),
        ("UNDELETED", not(flag("\\Deleted"))),
        ("UNDRAFT", not(flag("\\Draft"))),
        ("UNFLAGGED", not(flag("\\Flagged"))),
        ("UNSEEN", not(flag("\\Seen"))),
        ("KEYWORD $Junk", flag("$Junk")),
        ("UNKEYWORD $Junk", not(flag("$Junk"))),
        ("KEYWORD $Unknown", of(|_, _| false)),
        ("RECENT", of(|at, _| at >= 18)),
        ("OLD", of(|at, _| at < 18)),
        (
            "NEW",
            of(|at, message| at >= 18 && !message.flags.contains("Seen")),
        ),
        ("LARGER 250", of(|_, message| message.text.len() > 250)),
        ("SMALLER 250", of(|_, message| message.text.len() < 250)),
        ("BEFORE 2-Jul-2025", of(|_, message| message.arrived < 2)),
        ("ON 2-Jul-2025", of(|_, message| message.arrived == 2)),
        (
            "SINCE \"02-Jul-2025\"",
            of(|_, message| message.arrived >= 2),
        ),
        ("SENTBEFORE 5-Jun-2025", of(|_, message| message.sent < 5)),
        ("SENTON 5-Jun-2025", of(|_, message| message.sent == 5)),
        ("SENTSINCE 5-Jun-2025", of(|_, message| message.sent >= 5)),
        ("FROM bob", of(|_, message| field(message, "From", "bob"))),
        ("TO EVE@", of(|_, message| field(message, "To", "eve@"))),
        ("CC frank", of(|_, message| field(message, "Cc", "frank"))),
        ("BCC GRACE", of(|_, message| field(message, "Bcc", "grace"))),
        (
            "SUBJECT \"three wheels\"",
            of(|_, message| field(message, "Subject", "three wheels")),
        ),
        (
            "HEADER X-Mark \"\"",
            of(|_, message| message.text.contains("X-Mark")),
        ),
        (
            "HEADER x-mark YES",
            of(|_, message| message.text.contains("X-Mark")),
        ),
        ("HEADER X-Mark no", of(|_, _| false)),
        (
            "BODY red",
            of(|_, message| message.text.contains("\r\n\r\nred")),
        ),
        ("BODY wheels", of(|_, _| false)),
        ("TEXT BLUE", of(|_, message| message.text.contains("Blue"))),
        (
            "TEXT three",
            of(|_, message| message.text.contains("THREE")),
        ),
        (
            "TEXT {4+}\r\nann@",
            of(|_, message| message.text.contains("ann@")),
        ),
        ("3,7:9", of(|at, _| [2, 6, 7, 8].contains(&at))),
        ("*", of(|at, _| at == 20)),
        ("UID 20:*", of(|at, _| at >= 19)),
        ("UID 100:200", of(|_, _| false)),
        ("NOT SEEN", not(flag("\\Seen"))),
        ("NOT NOT SEEN", flag("\\Seen")),
        (
            "OR SEEN BODY red",
            of(|_, message| message.flags.contains("Seen") || message.text.contains("\r\n\r\nred")),
        ),
        (
            "SEEN BODY red",
            of(|_, message| message.flags.contains("Seen") && message.text.contains("\r\n\r\nred")),
        ),
        (
            "(SEEN FLAGGED)",
            of(|_, message| message.flags.contains("Seen") && message.flags.contains("Flagged")),
        ),
        (
            "OR (DRAFT DELETED) NOT (5:* UNSEEN)",
            of(|at, message| {
                message.flags == "\\Draft \\Deleted" || at < 4 || message.flags.contains("Seen")
            }),
        ),
        ("CHARSET US-ASCII SEEN", flag("\\Seen")),
        (
            "CHARSET utf-8 SUBJECT four",
            of(|_, message| field(message, "Subject", "four")),
        ),
    ]
}

#[test]
fn every_key_finds_what_a_plain_filter_finds() {
    for page in [3, 1_024] {
        let server = Server::start(|config| config.limits.page = page);
        let known = known();
        let mut client = selected(&server, &known);
        for (key, filter) in keys() {
            let expected: Vec<u32> = (1..)
                .zip(known.iter().enumerate())
                .filter(|(_, (at, message))| filter(*at, message))
                .map(|(number, _)| number)
                .collect();
            assert_eq!(
                found(&client.ok(format!("SEARCH {key}"))),
                expected,
                "{key}"
            );
            assert_eq!(
                found(&client.ok(format!("UID SEARCH {key}"))),
                expected,
                "{key}"
            );
        }
    }
}

#[test]
fn uid_search_answers_uids_and_reads_numbers_as_the_client_has_them() {
    let server = Server::practising(&[]);
    let known = known();
    let mut client = selected(&server, &known);
    let mut other = Client::login(&server);
    other.ok("SELECT INBOX");
    other.ok("STORE 2:3 +FLAGS.SILENT (\\Deleted)");
    client.ok("NOOP");
    other.ok("UID EXPUNGE 2:3");
    // 3 is gone, and 4 is UID 4 to this client until it is told, which it is at the end of this command.
    let answer = client.command("UID SEARCH 3:4");
    assert_eq!(answer.condition(), "OK [EXPUNGEISSUED]");
    assert_eq!(
        tandem_tests::reader::lines(&answer.untagged),
        ["* SEARCH 4", "* 2 EXPUNGE", "* 2 EXPUNGE", "* 19 EXISTS"]
    );
    assert_eq!(client.lines("UID SEARCH 3:4"), ["* SEARCH 5 6"]);
    assert_eq!(client.lines("SEARCH UID 1:6"), ["* SEARCH 1 2 3 4"]);
}

#[test]
fn text_is_found_beyond_ascii_and_through_encodings() {
    let server = Server::start(|config| config.demo = true);
    let mut client = Client::login(&server);
    client.ok("EXAMINE INBOX");
    for (key, expected) in [
        ("FROM \"\u{f6}rg\"", "* SEARCH 4"),
        ("FROM \"J\u{d6}RG\"", "* SEARCH 4"),
        ("FROM {5+}\r\nJ\u{f6}rg", "* SEARCH 4"),
        ("TO \"\u{4e94}\u{90ce}\"", "* SEARCH 4"),
        (
            "SUBJECT \"R\u{e4}dern, und eine \u{dc}berschrift\"",
            "* SEARCH 4",
        ),
        ("BODY \"\u{417}\u{414}\u{420}\u{410}\u{412}\"", "* SEARCH 4"),
        ("BODY \"as it was. With NOOP\"", "* SEARCH 2"),
        ("BODY \"fetching=refuse-expunge,4.1.4\"", "* SEARCH 3"),
        ("TEXT \"Another Author\"", "* SEARCH 3"),
    ] {
        let command = match key.contains(|letter: char| !letter.is_ascii()) {
            true => format!("SEARCH CHARSET UTF-8 {key}"),
            false => format!("SEARCH {key}"),
        };
        assert_eq!(client.lines(&command), [expected], "{key}");
    }
    assert_eq!(
        client.refused("SEARCH CHARSET ISO-8859-1 ALL"),
        "NO [BADCHARSET (US-ASCII UTF-8)]"
    );
}
