//! FETCH of every item, on the sample messages. RFC 3501 sections 6.4.5 and 7.4.2; RFC 2180 section 4.1.3.
//!
//! What a section has to be is cut out of the sample by hand here, with the texts that it begins and ends with.

use imap_codec::imap_types::{fetch::MessageDataItem, response::Response};
use imap_proto::AttributeValue;
use tandem_server::sample;
use tandem_tests::{
    reader::{Client, bytes, fetched},
    server::Server,
};

/// A server with the sample messages, and a client that EXAMINEs them.
fn samples() -> (Server, Client) {
    let server = Server::start(|config| config.demo = true);
    let mut client = Client::login(&server);
    client.ok("EXAMINE INBOX");
    (server, client)
}

/// The strings among the items of the only FETCH response, in their order.
fn strings(responses: &[Response<'static>]) -> Vec<Vec<u8>> {
    let [(_, items)] = fetched(responses).collect::<Vec<_>>()[..] else {
        panic!("{responses:?}");
    };
    let strings = items.iter().filter_map(|item| match item {
        MessageDataItem::BodyExt { data, .. }
        | MessageDataItem::Rfc822(data)
        | MessageDataItem::Rfc822Header(data)
        | MessageDataItem::Rfc822Text(data) => Some(bytes(data).unwrap().to_vec()),
        _ => None,
    });
    strings.collect()
}

/// One string, as text.
fn text(client: &mut Client, fetch: &str) -> String {
    let responses = client.ok(format!("FETCH {fetch}"));
    let strings = strings(&responses);
    assert_eq!(strings.len(), 1, "{fetch}");
    String::from_utf8(strings.concat()).unwrap()
}

#[test]
fn a_message_is_its_header_and_its_text() {
    let (_server, mut client) = samples();
    for (n, sample) in (1..).zip(sample::messages()) {
        let responses = client.ok(format!(
            "FETCH {n} (BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT] RFC822.HEADER RFC822 RFC822.TEXT RFC822.SIZE)"
        ));
        let strings = strings(&responses);
        let [whole, header, body, rfc822_header, rfc822, rfc822_text] = &strings[..] else {
            panic!("{strings:?}");
        };
        assert_eq!(whole, &sample.bytes);
        assert_eq!([header.as_slice(), body.as_slice()].concat(), sample.bytes);
        assert!(header.ends_with(b"\r\n\r\n"));
        assert_eq!((rfc822_header, rfc822, rfc822_text), (header, whole, body));
        let (_, items) = fetched(&responses).next().unwrap();
        let size = u32::try_from(sample.bytes.len()).unwrap();
        assert!(items.contains(&MessageDataItem::Rfc822Size(size)));
    }
}

#[test]
fn a_part_of_a_section_is_cut_out_of_it() {
    let (_server, mut client) = samples();
    let whole = sample::messages().swap_remove(0).bytes;
    let size = whole.len();
    for (origin, count) in [
        (0, 1),
        (0, size),
        (5, 6),
        (100, 100),
        (size - 1, 10),
        (size, 1),
        (size + 5, 1),
    ] {
        let part = text(&mut client, &format!("1 BODY.PEEK[]<{origin}.{count}>"));
        let from = origin.min(size);
        let expected = &whole[from..(origin + count).clamp(from, size)];
        assert_eq!(part.as_bytes(), expected, "{origin}.{count}");
    }
    assert_eq!(
        client.lines("FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]<9.7>"),
        ["* 1 FETCH (BODY[HEADER.FIELDS (SUBJECT)]<9> {7}\r\nWelcome)"]
    );
}

#[test]
fn fields_are_chosen_by_name_whatever_their_case() {
    let (_server, mut client) = samples();
    let to = text(&mut client, "4 BODY.PEEK[HEADER.FIELDS (to X-NOT-THERE)]");
    assert!(
        to.starts_with("To: =?utf-8?B?5LqU6YOO?= <goro@example.org>,\r\n ="),
        "{to}"
    );
    assert!(to.ends_with("demo <demo@example.org>\r\n\r\n"), "{to}");
    let rest = text(&mut client, "4 BODY.PEEK[HEADER.FIELDS.NOT (TO)]");
    let header = text(&mut client, "4 BODY.PEEK[HEADER]");
    let to = to.strip_suffix("\r\n").unwrap();
    assert_eq!(header.replace(to, ""), rest);
    assert_eq!(
        text(&mut client, "4 BODY.PEEK[HEADER.FIELDS (NONE)]"),
        "\r\n"
    );
}

#[test]
fn every_part_of_a_nested_message_has_its_number() {
    let (_server, mut client) = samples();
    for (section, begins, ends) in [
        ("3 BODY.PEEK[TEXT]", "--frame\r\n", "\r\n--frame--\r\n"),
        (
            "3 BODY.PEEK[1]",
            "Part 1 is this text.",
            "\"fetching\".\r\n",
        ),
        (
            "3 BODY.PEEK[1.MIME]",
            "Content-Type: text/plain",
            "where the parts are\r\n\r\n",
        ),
        (
            "3 BODY.PEEK[2]",
            "From: Another Author",
            "--frame-inner--\r\n",
        ),
        (
            "3 BODY.PEEK[2.MIME]",
            "Content-Type: message/rfc822",
            "inline\r\n\r\n",
        ),
        (
            "3 BODY.PEEK[2.HEADER]",
            "From: Another Author",
            "boundary=\"frame-inner\"\r\n\r\n",
        ),
        (
            "3 BODY.PEEK[2.TEXT]",
            "--frame-inner\r\n",
            "--frame-inner--\r\n",
        ),
        (
            "3 BODY.PEEK[2.1]",
            "With copying=refuse",
            "see them any more.",
        ),
        (
            "3 BODY.PEEK[2.2.1]",
            "The boundaries here",
            "different still.",
        ),
        (
            "3 BODY.PEEK[2.2.2]",
            "<p>The boundaries",
            "different still.</p>",
        ),
        (
            "3 BODY.PEEK[2.2.2.MIME]",
            "Content-Type: text/html",
            "us-ascii\r\n\r\n",
        ),
        (
            "3 BODY.PEEK[2.HEADER.FIELDS (SUBJECT)]",
            "Subject: Re: what",
            "COPY?\r\n\r\n",
        ),
        (
            "3 BODY.PEEK[3]",
            "cHJhY3RpY2Us",
            "Ugd2FzIHJlZnVzZWQNCg==\r\n",
        ),
        ("3 BODY.PEEK[4]", "iVBORw0KGgo", "ErkJggg==\r\n"),
        (
            "6 BODY.PEEK[2]",
            "From: tandem",
            "NEWNAME Shared Ours].\r\n",
        ),
        (
            "6 BODY.PEEK[2.HEADER]",
            "From: tandem",
            "<digest.2@tandem.example.org>\r\n\r\n",
        ),
        (
            "6 BODY.PEEK[2.1]",
            "With renaming=keep",
            "NEWNAME Shared Ours].\r\n",
        ),
        ("1 BODY.PEEK[1]", "Hello,\r\n", "as you like with them.\r\n"),
        ("5 BODY.PEEK[1]", "", ""),
        ("5 BODY.PEEK[TEXT]", "", ""),
    ] {
        let part = text(&mut client, section);
        assert!(
            part.starts_with(begins) && part.ends_with(ends),
            "{section}: {part}"
        );
        assert!(!begins.is_empty() || part.is_empty(), "{section}: {part}");
    }
    // A part that is not there has no octets.
    for section in [
        "3 BODY.PEEK[5]",
        "3 BODY.PEEK[1.1]",
        "1 BODY.PEEK[2]",
        "1 BODY.PEEK[1.HEADER]",
    ] {
        assert!(
            matches!(&client.lines(format!("FETCH {section}"))[0][..], line
            if line.ends_with("] NIL)") || line.ends_with("] \"\")")),
            "{section}"
        );
    }
}

#[test]
fn envelopes_are_those_of_the_samples() {
    let (_server, mut client) = samples();
    insta::assert_snapshot!(client.lines("FETCH 1:* ENVELOPE").join("\n"));
}

#[test]
fn structures_are_those_of_the_samples() {
    let (_server, mut client) = samples();
    insta::assert_snapshot!(client.lines("FETCH 1:* BODYSTRUCTURE").join("\n"));
    insta::assert_snapshot!(
        "structures_without_extension_data",
        client.lines("FETCH 1:* BODY").join("\n")
    );
}

#[test]
fn macros_stand_for_their_items() {
    let (_server, mut client) = samples();
    for (name, items) in [
        ("FAST", "(FLAGS INTERNALDATE RFC822.SIZE)"),
        ("ALL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"),
        ("FULL", "(FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY)"),
    ] {
        assert_eq!(
            client.lines(format!("FETCH 1:* {name}")),
            client.lines(format!("FETCH 1:* {items}"))
        );
    }
    assert_eq!(
        client.lines("FETCH 3 FAST"),
        [
            "* 3 FETCH (FLAGS (\\Answered \\Seen \\Recent) INTERNALDATE \"08-Jul-2025 18:30:00 +0200\" RFC822.SIZE 2953)"
        ]
    );
}

#[test]
fn what_shows_a_text_sets_seen_and_says_so_and_peek_does_not() {
    let (_server, mut client) = samples();
    client.ok("SELECT INBOX");
    client.ok("SELECT INBOX");
    client.ok("STORE 1:* -FLAGS.SILENT (\\Seen)");
    client.ok("FETCH 1 (BODY.PEEK[] RFC822.HEADER ENVELOPE BODYSTRUCTURE)");
    assert_eq!(client.lines("SEARCH SEEN"), ["* SEARCH"]);
    for (n, item) in [
        (1, "RFC822"),
        (2, "RFC822.TEXT"),
        (3, "BODY[1]"),
        (4, "BODY[HEADER]"),
    ] {
        let lines = client.lines(format!("FETCH {n} {item}"));
        assert!(
            lines.len() == 1 && lines[0].contains("\\Seen"),
            "{item}: {lines:?}"
        );
        let lines = client.lines(format!("FETCH {n} {item}"));
        assert!(!lines[0].contains("\\Seen"), "{item}: {lines:?}");
    }
    assert_eq!(client.lines("SEARCH SEEN"), ["* SEARCH 1 2 3 4"]);
    assert_eq!(
        client.lines("UID FETCH 5:6 (BODY[TEXT]<0.1> FLAGS)"),
        [
            "* 5 FETCH (UID 5 BODY[TEXT]<0> \"\" FLAGS (\\Seen \\Draft))",
            "* 6 FETCH (UID 6 BODY[TEXT]<0> {1}\r\n- FLAGS (\\Seen))"
        ]
    );
}

#[test]
fn uid_fetch_shows_the_uid_and_passes_over_uids_that_are_not_there() {
    let (_server, mut client) = samples();
    client.ok("SELECT INBOX");
    client.ok("STORE 2,4 +FLAGS.SILENT (\\Deleted)");
    client.ok("EXPUNGE");
    assert_eq!(
        client.lines("UID FETCH 2:5,77 RFC822.SIZE"),
        [
            "* 2 FETCH (UID 3 RFC822.SIZE 2953)",
            "* 3 FETCH (UID 5 RFC822.SIZE 223)"
        ]
    );
    assert_eq!(client.lines("UID FETCH 99:* UID"), ["* 4 FETCH (UID 6)"]);
    assert_eq!(client.lines("UID FETCH 77 UID"), Vec::<String>::new());
    assert_eq!(
        client.lines("FETCH *:3 UID"),
        ["* 3 FETCH (UID 5)", "* 4 FETCH (UID 6)"]
    );
    // Where there is no last message, `*` is none.
    client.ok("STORE 1:* +FLAGS.SILENT (\\Deleted)");
    client.ok("EXPUNGE");
    for set in ["*", "1:*", "99:*"] {
        let lines = client.lines(format!("UID FETCH {set} UID"));
        assert_eq!(lines, Vec::<String>::new(), "{set}");
    }
}

#[test]
fn nil_forms_can_be_read_and_are_empty() {
    let server = Server::start(|config| {
        config.demo = true;
        config.practice = tandem_tests::server::practice(&["fetching=nil"]);
    });
    let (mut first, mut second) = (Client::login(&server), Client::login(&server));
    first.ok("SELECT INBOX");
    second.ok("SELECT INBOX");
    first.ok("STORE 2 +FLAGS.SILENT (\\Deleted)");
    first.ok("EXPUNGE");
    let lines = second.lines(
        "FETCH 2:3 (FLAGS UID RFC822.SIZE ENVELOPE BODY BODYSTRUCTURE BODY[] BODY.PEEK[2.MIME]<7.5>)",
    );
    assert_eq!(
        lines[0],
        "* 2 FETCH (FLAGS () UID 2 RFC822.SIZE 0 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) \
         BODY (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) \
         BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 0 0) BODY[] \"\" BODY[2.MIME]<7> \"\")"
    );
    // imap-codec wants a date that there is.
    let tag = second.begin("FETCH 2:3 INTERNALDATE");
    let raw = second.raw().unwrap();
    let (_, response) = imap_proto::Response::parse(&raw).unwrap();
    let imap_proto::Response::Fetch(2, attributes) = response else {
        panic!("{response:?}");
    };
    assert!(
        matches!(&attributes[..], [AttributeValue::InternalDate(date)] if date == "00-Jan-0000 00:00:00 +0000"),
        "{attributes:?}"
    );
    assert_eq!(second.finish(&tag).untagged.len(), 1);
    assert_eq!(second.refused("FETCH 2 FLAGS"), "NO [EXPUNGEISSUED]");
}
