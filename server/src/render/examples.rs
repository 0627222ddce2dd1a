//! What FETCH shows of given messages.

use super::{Fetch, LINE_MOST, fetch};
use crate::{
    codec::request::{FetchAttribute, Section, SectionText},
    content::{Content, Part},
    sample,
};
use tandem_model::{
    flags::{Flags, Keywords},
    message::{InternalDate, Message},
    number::{ContentId, ModSeq, SeqNum, Uid},
    response::FetchData,
};

fn message(content: &[u8]) -> Message {
    Message {
        uid: Uid(42),
        size: u32::try_from(content.len()).unwrap(),
        modseq: ModSeq(1),
        flags: Flags::SEEN,
        date: InternalDate::new(837_596_665, -420),
        content: ContentId(1),
    }
}

fn shown(content: &[u8]) -> FetchData {
    FetchData::Message {
        message: message(content),
        recent: false,
        seen_now: false,
    }
}

fn written(data: &FetchData, attributes: &[FetchAttribute], content: Option<&[u8]>) -> String {
    let mut out = Vec::new();
    // No more is read than the attributes need.
    let part = FetchAttribute::parts(attributes);
    let found = content
        .zip(part)
        .map(|(octets, part)| Content::new(octets).read(part));
    fetch(
        &mut out,
        SeqNum(12),
        data,
        attributes,
        found.as_ref(),
        &Keywords::default(),
    );
    String::from_utf8(out).unwrap()
}

/// One attribute without the frame around it, with `\n` for CRLF.
fn one(content: &[u8], attribute: FetchAttribute) -> String {
    let line = written(&shown(content), &[attribute], Some(content)).replace('\r', "");
    let inner = line.strip_prefix("* 12 FETCH (").unwrap();
    inner.strip_suffix(")\n").unwrap().to_owned()
}

fn section(part: &[u32], text: Option<SectionText>) -> FetchAttribute {
    FetchAttribute::Section {
        section: Section {
            part: part.to_vec(),
            text,
        },
        partial: None,
        peek: true,
    }
}

fn partial(part: &[u32], text: Option<SectionText>, from: u32, most: u32) -> FetchAttribute {
    FetchAttribute::Section {
        section: Section {
            part: part.to_vec(),
            text,
        },
        partial: Some((from, most)),
        peek: false,
    }
}

/// The octets of a section as a string; `None` for NIL.
fn octets(content: &[u8], attribute: FetchAttribute) -> Option<String> {
    let line = written(&shown(content), &[attribute], Some(content));
    let (_, value) = line
        .split_once("] ")
        .or_else(|| line.split_once("> "))
        .unwrap();
    let value = value.strip_suffix(")\r\n").unwrap();
    match value {
        "NIL" => None,
        "\"\"" => Some(String::new()),
        literal => {
            let (size, octets) = literal.split_once("}\r\n").unwrap();
            assert_eq!(size, format!("{{{}", octets.len()));
            Some(octets.to_owned())
        }
    }
}

/// The message of RFC 3501 section 8, header and a body of the size and lines that its BODY has.
fn rfc_3501() -> Vec<u8> {
    let header = "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n\
        From: Terry Gray <gray@cac.washington.edu>\r\n\
        Subject: IMAP4rev1 WG mtg summary and minutes\r\n\
        To: imap@cac.washington.edu\r\n\
        cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n\
        Message-Id: <B27397-0100000@cac.washington.edu>\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\
        \r\n";
    let lines = "x\r\n".repeat(91);
    let last = "y".repeat(3028 - lines.len() - 2);
    format!("{header}{lines}{last}\r\n").into_bytes()
}

fn nested() -> Vec<u8> {
    sample::messages().swap_remove(2).bytes
}

#[test]
fn the_example_of_rfc_3501_comes_out_as_printed() {
    let content = rfc_3501();
    let data = FetchData::Message {
        message: Message {
            size: 4286,
            ..message(&content)
        },
        recent: false,
        seen_now: false,
    };
    let full = [
        FetchAttribute::Flags,
        FetchAttribute::InternalDate,
        FetchAttribute::Rfc822Size,
        FetchAttribute::Envelope,
        FetchAttribute::Body,
    ];
    // Section 8, with its line breaks taken out.
    assert_eq!(
        written(&data, &full, Some(&content)),
        "* 12 FETCH (FLAGS (\\Seen) INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
         RFC822.SIZE 4286 ENVELOPE (\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \
         \"IMAP4rev1 WG mtg summary and minutes\" \
         ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
         ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
         ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) \
         ((NIL NIL \"imap\" \"cac.washington.edu\")) \
         ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")\
         (\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL \
         \"<B27397-0100000@cac.washington.edu>\") \
         BODY (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 3028 92))\r\n"
    );
}

#[test]
fn the_two_part_example_of_rfc_3501_comes_out_as_printed() {
    let lines = |size: usize, count: usize| {
        let start = "x\r\n".repeat(count - 1);
        format!("{start}{}", "y".repeat(size - start.len()))
    };
    let content = format!(
        "Content-Type: MULTIPART/MIXED; BOUNDARY=b\r\n\r\n--b\r\n\
         Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n{}\r\n--b\r\n\
         Content-Type: TEXT/PLAIN; charset=US-ASCII; name=\"cc.diff\"\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-ID: <960723163407.20117h@cac.washington.edu>\r\n\
         Content-Description: Compiler diff\r\n\r\n{}\r\n--b--\r\n",
        lines(1152, 23),
        lines(4554, 73),
    );
    // Section 7.4.2, under BODYSTRUCTURE; it prints two spaces for one before MIXED.
    assert_eq!(
        one(content.as_bytes(), FetchAttribute::Body),
        "BODY ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\") NIL NIL \"7BIT\" 1152 23)\
         (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"US-ASCII\" \"NAME\" \"cc.diff\") \
         \"<960723163407.20117h@cac.washington.edu>\" \"Compiler diff\" \"BASE64\" 4554 73) \"MIXED\")"
    );
}

#[test]
fn the_nested_sample_has_its_envelope() {
    insta::assert_snapshot!(one(&nested(), FetchAttribute::Envelope), @r#"ENVELOPE ("Tue, 8 Jul 2025 18:30:00 +0200" "Parts within parts" (("tandem, the server" NIL "tandem" "example.org")) ((NIL NIL "postmaster" "example.org")) ((NIL NIL "questions" NIL)(NIL NIL "first" "example.org")("Second One" NIL "second" "example.org")(NIL NIL NIL NIL)) (("demo" NIL "demo" "example.org")) (("Quoted \"Name\"" NIL "quoted" "example.org")("in a comment" NIL "plain" "example.org")) NIL NIL "<nested@tandem.example.org>")"#);
}

#[test]
fn the_nested_sample_has_its_structure() {
    insta::assert_snapshot!(one(&nested(), FetchAttribute::Body), @r#"BODY (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL "where the parts are" "7BIT" 383 7)("MESSAGE" "RFC822" NIL NIL "a forwarded message" "7BIT" 840 ("Tue, 8 Jul 2025 09:15:00 -0700" "Re: what happens to my COPY?" (("Another Author" NIL "author" "example.net")) (("Another Author" NIL "author" "example.net")) (("Another Author" NIL "author" "example.net")) (("tandem" NIL "tandem" "example.org")) NIL NIL NIL "<copy@example.net>") (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 132 2)(("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 69 1)("TEXT" "HTML" ("CHARSET" "us-ascii") NIL NIL "7BIT" 76 1) "ALTERNATIVE") "MIXED") 26)("TEXT" "CSV" ("CHARSET" "us-ascii" "HEADER" "present" "NAME" "practices.csv") NIL NIL "BASE64" 362 5)("IMAGE" "PNG" ("NAME" "wheels.png") "<wheels@tandem.example.org>" NIL "BASE64" 202) "MIXED")"#);
    insta::assert_snapshot!(one(&nested(), FetchAttribute::BodyStructure), @r#"BODYSTRUCTURE (("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL "where the parts are" "7BIT" 383 7 NIL NIL NIL NIL)("MESSAGE" "RFC822" NIL NIL "a forwarded message" "7BIT" 840 ("Tue, 8 Jul 2025 09:15:00 -0700" "Re: what happens to my COPY?" (("Another Author" NIL "author" "example.net")) (("Another Author" NIL "author" "example.net")) (("Another Author" NIL "author" "example.net")) (("tandem" NIL "tandem" "example.org")) NIL NIL NIL "<copy@example.net>") (("TEXT" "PLAIN" NIL NIL NIL "7BIT" 132 2 NIL NIL NIL NIL)(("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 69 1 NIL NIL NIL NIL)("TEXT" "HTML" ("CHARSET" "us-ascii") NIL NIL "7BIT" 76 1 NIL NIL NIL NIL) "ALTERNATIVE" ("BOUNDARY" "frame-inner-most") NIL NIL NIL) "MIXED" ("BOUNDARY" "frame-inner") NIL NIL NIL) 26 NIL ("INLINE" NIL) NIL NIL)("TEXT" "CSV" ("CHARSET" "us-ascii" "HEADER" "present" "NAME" "practices.csv") NIL NIL "BASE64" 362 5 NIL ("ATTACHMENT" ("FILENAME" "practices.csv" "SIZE" "262")) NIL NIL)("IMAGE" "PNG" ("NAME" "wheels.png") "<wheels@tandem.example.org>" NIL "BASE64" 202 NIL ("ATTACHMENT" ("FILENAME*0*" "utf-8''zwei%20R%C3%A4der" "FILENAME*1" ".png")) NIL "http://tandem.example.org/wheels.png") "MIXED" ("BOUNDARY" "frame") NIL "en" NIL)"#);
}

#[test]
fn the_digest_is_made_of_messages() {
    let content = sample::messages().swap_remove(5).bytes;
    insta::assert_snapshot!(one(&content, FetchAttribute::Body), @r#"BODY (("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 390 ("Fri, 11 Jul 2025 11:58:00 +0000" "Delete a mailbox that another client has open" (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) NIL NIL NIL NIL "<digest.1@tandem.example.org>") ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 215 3) 8)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 316 ("Fri, 11 Jul 2025 11:59:00 +0000" "Rename a mailbox that another client has open" (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) NIL NIL NIL NIL "<digest.2@tandem.example.org>") ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 141 2) 7)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 303 ("Fri, 11 Jul 2025 12:00:00 +0000" "Store flags on a message that another client expunged" (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) (("tandem" NIL "tandem" "example.org")) NIL NIL NIL NIL "<digest.3@tandem.example.org>") ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 120 2) 7) "DIGEST")"#);
}

#[test]
fn encoded_words_stay_and_folds_go() {
    let content = sample::messages().swap_remove(3).bytes;
    insta::assert_snapshot!(one(&content, FetchAttribute::Envelope), @r#"ENVELOPE ("Wed, 9 Jul 2025 23:59:00 +0530" "=?utf-8?Q?Gr=C3=BC=C3=9Fe_von_zwei_R=C3=A4dern=2C_und_eine?= =?utf-8?Q?_=C3=9Cberschrift=2C_die_l=C3=A4nger_ist_als_eine_Zeile?=" (("=?utf-8?Q?J=C3=B6rg_M=C3=BCller?=" NIL "joerg" "example.org")) (("=?utf-8?Q?J=C3=B6rg_M=C3=BCller?=" NIL "joerg" "example.org")) (("=?utf-8?Q?J=C3=B6rg_M=C3=BCller?=" NIL "joerg" "example.org")) (("=?utf-8?B?5LqU6YOO?=" NIL "goro" "example.org")("=?iso-8859-1?Q?Andr=E9?=" NIL "andre" "example.org")("Someone with a long name, quoted because of its comma" NIL "someone.with.a.long.name" "a.rather.long.name.of.a.host.example.org")("demo" NIL "demo" "example.org")) NIL NIL NIL "<beyond-ascii@tandem.example.org>")"#);
}

#[test]
fn headers_beyond_ascii_are_literals() {
    let content = "Subject: gr\u{fc}n\r\nFrom: J\u{f6}rg <j@x>\r\n\r\n".as_bytes();
    insta::assert_snapshot!(one(content, FetchAttribute::Envelope), @r#"
    ENVELOPE (NIL {5}
    grün (({5}
    Jörg NIL "j" "x")) (({5}
    Jörg NIL "j" "x")) (({5}
    Jörg NIL "j" "x")) NIL NIL NIL NIL NIL)
    "#);
}

#[test]
fn fields_that_are_empty_are_not_fields_that_are_absent() {
    let content = b"Subject:\r\nFrom: a@b\r\nSender: \r\nTo:\r\nMessage-ID: \r\n\r\n";
    insta::assert_snapshot!(one(content, FetchAttribute::Envelope), @r#"ENVELOPE (NIL "" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL "")"#);
}

#[test]
fn extension_data_is_shown() {
    let content = b"Content-Type: image/x-thing\r\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\n\
        Content-Disposition: attachment; filename=a\r\nContent-Language: en, de\r\nContent-Location: http://x/\r\n\r\n12345";
    insta::assert_snapshot!(one(content, FetchAttribute::BodyStructure), @r#"BODYSTRUCTURE ("IMAGE" "X-THING" NIL NIL NIL "7BIT" 5 "Q2hlY2sgSW50ZWdyaXR5IQ==" ("ATTACHMENT" ("FILENAME" "a")) ("en" "de") "http://x/")"#);
}

#[test]
fn the_header_of_a_nested_message_is_its_own() {
    let content = nested();
    insta::assert_snapshot!(one(&content, section(&[2], Some(SectionText::Header))), @r#"
    BODY[2.HEADER] {261}
    From: Another Author <author@example.net>
    To: tandem <tandem@example.org>
    Date: Tue, 8 Jul 2025 09:15:00 -0700
    Subject: Re: what happens to my COPY?
    Message-ID: <copy@example.net>
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="frame-inner"
    "#);
    insta::assert_snapshot!(one(&content, section(&[2], Some(SectionText::Mime))), @r#"
    BODY[2.MIME] {103}
    Content-Type: message/rfc822
    Content-Description: a forwarded message
    Content-Disposition: inline
    "#);
    let fields = ["date", "X Y", "FROM"].map(str::to_owned).to_vec();
    insta::assert_snapshot!(one(&content, section(&[2], Some(SectionText::HeaderFields(fields.clone())))), @r#"
    BODY[2.HEADER.FIELDS (DATE "X Y" FROM)] {83}
    From: Another Author <author@example.net>
    Date: Tue, 8 Jul 2025 09:15:00 -0700
    "#);
    insta::assert_snapshot!(one(&content, section(&[2], Some(SectionText::HeaderFieldsNot(fields)))), @r#"
    BODY[2.HEADER.FIELDS.NOT (DATE "X Y" FROM)] {180}
    To: tandem <tandem@example.org>
    Subject: Re: what happens to my COPY?
    Message-ID: <copy@example.net>
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="frame-inner"
    "#);
}

#[test]
fn parts_have_the_numbers_of_rfc_3501() {
    let content = nested();
    insta::assert_snapshot!(one(&content, section(&[2, 2, 1], None)), @r#"
    BODY[2.2.1] {69}
    The boundaries here begin with one another. They are different still.
    "#);
    insta::assert_snapshot!(one(&content, section(&[2, 2, 2], Some(SectionText::Mime))), @r#"
    BODY[2.2.2.MIME] {45}
    Content-Type: text/html; charset=us-ascii
    "#);
    let message = octets(&content, section(&[2], None)).unwrap();
    let header = octets(&content, section(&[2], Some(SectionText::Header))).unwrap();
    let text = octets(&content, section(&[2], Some(SectionText::Text))).unwrap();
    assert_eq!(message, header + &text);
}

#[test]
fn a_part_that_is_not_there_is_nil() {
    let content = nested();
    for attribute in [
        section(&[5], None),
        section(&[0], None),
        section(&[1, 1], None),
        section(&[2, 3], None),
        section(&[1], Some(SectionText::Header)),
        section(&[3], Some(SectionText::Text)),
        section(&[2, 2], Some(SectionText::Header)),
        partial(&[5], None, 0, 10),
    ] {
        assert_eq!(octets(&content, attribute.clone()), None, "{attribute:?}");
    }
}

#[test]
fn a_message_without_parts_has_a_part_1() {
    let content = b"Subject: s\r\n\r\nbody\r\n";
    let all = |attribute| octets(content, attribute).unwrap();
    assert_eq!(all(section(&[1], None)), "body\r\n");
    assert_eq!(
        all(section(&[1], Some(SectionText::Mime))),
        "Subject: s\r\n\r\n"
    );
    assert_eq!(all(section(&[], Some(SectionText::Text))), "body\r\n");
    assert_eq!(
        all(section(&[], Some(SectionText::Header))),
        "Subject: s\r\n\r\n"
    );
    assert_eq!(all(section(&[], None)), "Subject: s\r\n\r\nbody\r\n");
    assert_eq!(octets(content, section(&[2], None)), None);
}

#[test]
fn a_partial_is_cut_to_what_there_is() {
    let content = b"Subject: s\r\n\r\n0123456789";
    let text = || Some(SectionText::Text);
    for (attribute, expected) in [
        (partial(&[], text(), 0, 4), "BODY[TEXT]<0> {4}\n0123"),
        (partial(&[], text(), 8, 4), "BODY[TEXT]<8> {2}\n89"),
        (
            partial(&[], text(), 0, u32::MAX),
            "BODY[TEXT]<0> {10}\n0123456789",
        ),
        (partial(&[1], None, 10, 4), "BODY[1]<10> \"\""),
        (
            partial(&[], text(), u32::MAX, u32::MAX),
            "BODY[TEXT]<4294967295> \"\"",
        ),
        (partial(&[2], None, 0, 1), "BODY[2]<0> NIL"),
    ] {
        assert_eq!(one(content, attribute), expected);
    }
    let names = vec!["subject".to_owned()];
    assert_eq!(
        one(
            content,
            partial(&[], Some(SectionText::HeaderFields(names)), 9, 9)
        ),
        "BODY[HEADER.FIELDS (SUBJECT)]<9> {5}\ns\n\n"
    );
}

#[test]
fn the_blank_line_is_part_of_every_header_unless_there_is_none() {
    let names = || vec!["absent".to_owned()];
    let fields = || section(&[], Some(SectionText::HeaderFields(names())));
    let others = || section(&[], Some(SectionText::HeaderFieldsNot(names())));
    for (content, found, rest) in [
        (&b"A: b\r\n\r\nbody"[..], "\r\n", "A: b\r\n\r\n"),
        (b"A: b\r\n", "", "A: b\r\n"),
        (b"\r\nbody", "\r\n", "\r\n"),
        (b"", "", ""),
    ] {
        assert_eq!(octets(content, fields()).unwrap(), found);
        assert_eq!(octets(content, others()).unwrap(), rest);
    }
}

#[test]
fn rfc822_items_are_sections_by_another_name() {
    let content = b"A: b\r\n\r\nbody";
    let items = [
        FetchAttribute::Rfc822,
        FetchAttribute::Rfc822Header,
        FetchAttribute::Rfc822Text,
    ];
    insta::assert_snapshot!(written(&shown(content), &items, Some(content)).replace('\r', ""), @r#"
    * 12 FETCH (RFC822 {12}
    A: b

    body RFC822.HEADER {8}
    A: b

     RFC822.TEXT {4}
    body)
    "#);
}

#[test]
fn flags_are_shown_when_fetch_has_set_seen() {
    let content = b"A: b\r\n\r\nbody";
    let seen = FetchData::Message {
        message: message(content),
        recent: true,
        seen_now: true,
    };
    let text = section(&[], Some(SectionText::Text));
    assert_eq!(
        written(&seen, &[text.clone(), FetchAttribute::Uid], Some(content)),
        "* 12 FETCH (BODY[TEXT] {4}\r\nbody UID 42 FLAGS (\\Seen \\Recent))\r\n"
    );
    assert_eq!(
        written(&seen, &[FetchAttribute::Flags, text], Some(content)),
        "* 12 FETCH (FLAGS (\\Seen \\Recent) BODY[TEXT] {4}\r\nbody)\r\n"
    );
}

#[test]
fn flags_alone_need_no_attributes() {
    let data = FetchData::Flags {
        flags: Flags::DELETED,
        recent: false,
        uid: Some(Uid(7)),
    };
    assert_eq!(
        written(&data, &[], None),
        "* 12 FETCH (FLAGS (\\Deleted) UID 7)\r\n"
    );
}

#[test]
fn an_expunged_message_has_the_nil_forms_of_rfc_2180() {
    let attributes = [
        FetchAttribute::Uid,
        FetchAttribute::Envelope,
        FetchAttribute::Flags,
        FetchAttribute::InternalDate,
        FetchAttribute::Rfc822,
        FetchAttribute::Rfc822Header,
        FetchAttribute::Rfc822Text,
        FetchAttribute::Rfc822Size,
        FetchAttribute::Body,
        FetchAttribute::BodyStructure,
        section(&[1], Some(SectionText::Mime)),
        partial(&[], None, 7, 9),
    ];
    let line = written(&FetchData::Nil { uid: Uid(7) }, &attributes, None);
    insta::assert_snapshot!(line, @r#"* 12 FETCH (UID 7 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) FLAGS () INTERNALDATE "00-Jan-0000 00:00:00 +0000" RFC822 "" RFC822.HEADER "" RFC822.TEXT "" RFC822.SIZE 0 BODY ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) BODYSTRUCTURE ("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0) BODY[1.MIME] "" BODY[]<7> "")"#);
}

#[test]
fn content_that_is_missing_has_the_nil_forms_too() {
    let attributes = [
        FetchAttribute::Uid,
        FetchAttribute::Envelope,
        section(&[], None),
    ];
    assert_eq!(
        written(&shown(b""), &attributes, None),
        "* 12 FETCH (UID 42 ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL) BODY[] \"\")\r\n"
    );
}

#[test]
fn what_was_not_read_has_the_nil_forms_too() {
    let content = b"Subject: x\r\n\r\nbody";
    let attributes = [
        FetchAttribute::Rfc822Header,
        section(&[], Some(SectionText::Text)),
        section(&[1], None),
    ];
    for (part, header) in [
        (Part::Digest, "\"\""),
        (Part::Header, "{14}\r\nSubject: x\r\n\r\n"),
    ] {
        let mut out = Vec::new();
        let found = Content::new(content.as_slice()).read(part);
        let (data, keywords) = (shown(content), Keywords::default());
        fetch(
            &mut out,
            SeqNum(1),
            &data,
            &attributes,
            Some(&found),
            &keywords,
        );
        assert_eq!(
            String::from_utf8(out).unwrap(),
            format!("* 1 FETCH (RFC822.HEADER {header} BODY[TEXT] \"\" BODY[1] \"\")\r\n")
        );
    }
}

#[test]
fn what_asks_for_much_more_than_the_message_comes_in_several_lines() {
    let content = vec![b'x'; LINE_MOST / 4];
    let mut attributes = vec![section(&[], None); 40];
    attributes.push(FetchAttribute::Uid);
    let data = FetchData::Message {
        message: message(&content),
        recent: false,
        seen_now: true,
    };
    let keywords = Keywords::default();
    let found = Content::new(content.as_slice()).read(Part::Whole);
    let mut answer = Fetch::new(SeqNum(12), &data, &attributes, Some(&found), &keywords);
    let mut lines = Vec::new();
    loop {
        let mut out = Vec::new();
        let more = answer.line(&mut out);
        lines.push(String::from_utf8(out).unwrap());
        if !more {
            break;
        }
    }
    let count = |wanted: &str| {
        lines
            .iter()
            .map(|line| line.matches(wanted).count())
            .sum::<usize>()
    };
    assert!(lines.len() > 5, "{}", lines.len());
    assert!(
        lines
            .iter()
            .all(|line| line.len() < LINE_MOST + content.len() + 200)
    );
    assert!(lines.iter().all(|line| line.matches("UID 42").count() == 1));
    assert_eq!((count("BODY[]"), count("FLAGS")), (40, 1));
}

#[test]
fn one_line_is_enough_for_a_large_message_asked_for_once() {
    let content = vec![b'x'; 2 * LINE_MOST];
    let attributes = [
        section(&[], None),
        FetchAttribute::Flags,
        FetchAttribute::Uid,
    ];
    let keywords = Keywords::default();
    let data = shown(&content);
    let found = Content::new(content.as_slice()).read(Part::Whole);
    let mut answer = Fetch::new(SeqNum(1), &data, &attributes, Some(&found), &keywords);
    assert!(!answer.line(&mut Vec::new()));
}
