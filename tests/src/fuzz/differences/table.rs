//! Every difference that is known, and which rule decides.
//!
//! Touches nothing.

use super::{
    Difference,
    Is::{So, Without},
    Kind, Right, limits, without,
};

/// Every difference that is known.
pub const TABLE: &[Difference] = &[
    Difference {
        name: "a name or a pattern that is no modified UTF-7",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "mailbox = \"INBOX\" / astring, of which `&` begins modified BASE64, which has one form and ends with `-`",
        source: "RFC 3501 section 5.1.3",
        example: b"a SELECT &Jjo\r\n",
        is: So(|case| {
            // Of US-ASCII, what can be printed stands for itself; the rest is encoded.
            let is_encoded = |byte: &u8| *byte == b'&' || !(b' '..=b'~').contains(byte);
            let is_name = |what: &str| {
                case.missed(what, |found| {
                    let name = found.strip_suffix(b"\r\n").unwrap_or(found);
                    name.iter().any(is_encoded)
                })
            };
            is_name("a mailbox name in modified UTF-7")
                || is_name("a mailbox pattern in modified UTF-7")
        }),
    },
    Difference {
        name: "control characters in a name",
        kind: Kind::WeRefuse,
        right: Right::Theirs,
        rule: "mailbox = \"INBOX\" / astring; that they be avoided is advice, and a rule in UTF-8 mailbox names",
        source: "RFC 3501 section 5.1, RFC 6855 section 3",
        example: b"a SELECT a&AAo-b\r\n",
        is: So(|case| case.missed("a mailbox name without control characters", |_| true)),
    },
    Difference {
        name: "a header field that cannot exist",
        kind: Kind::WeRefuse,
        right: Right::Theirs,
        rule: "header-fld-name = astring; no field has such a name: ftext = %d33-57 / %d59-126",
        source: "RFC 3501 section 9, RFC 5322 section 3.6.8",
        example: b"a FETCH 1 BODY[HEADER.FIELDS (a:b)]\r\n",
        is: So(|case| case.missed("a header field name", |found| !found.starts_with(b")"))),
    },
    Difference {
        name: "text beyond US-ASCII without a charset",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "search = \"SEARCH\" [SP \"CHARSET\" SP astring] 1*(SP search-key): the default is US-ASCII",
        source: "RFC 3501 section 6.4.4",
        example: b"a SEARCH BODY {1+}\r\n\xfc\r\n",
        is: So(|case| {
            case.missed(
                "US-ASCII, or CHARSET UTF-8 before the search keys",
                |found| !found.is_ascii(),
            )
        }),
    },
    Difference {
        name: "text that is not of the charset",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "search = \"SEARCH\" [SP \"CHARSET\" SP astring] 1*(SP search-key)",
        source: "RFC 3501 section 6.4.4",
        example: b"a SEARCH CHARSET UTF-8 BODY {1+}\r\n\xfc\r\n",
        is: So(|case| case.missed("UTF-8", |found| !found.is_ascii())),
    },
    Difference {
        name: "an initial response of no characters",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "authenticate = \"AUTHENTICATE\" SP auth-type [SP (base64 / \"=\")] *(CRLF base64): no octets are sent as `=`",
        source: "RFC 4959 sections 3 and 7",
        example: b"a AUTHENTICATE PLAIN \r\n",
        is: So(|case| case.missed("base64 or `=`", |found| found == b"\r\n")),
    },
    Difference {
        name: "STATUS of nothing",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "status = \"STATUS\" SP mailbox SP \"(\" status-att *(SP status-att) \")\"",
        source: "RFC 3501 section 9",
        example: b"a STATUS x ()\r\n",
        is: So(|case| case.missed(STATUS, |found| found.starts_with(b")"))),
    },
    Difference {
        name: "FETCH of nothing",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "fetch = \"FETCH\" SP sequence-set SP (... / \"(\" fetch-att *(SP fetch-att) \")\")",
        source: "RFC 3501 section 9",
        example: b"a FETCH 1 ()\r\n",
        is: So(|case| case.missed("an attribute to fetch", |found| found.starts_with(b")"))),
    },
    Difference {
        name: "STATUS of what an extension adds",
        kind: Kind::WeRefuse,
        right: Right::Both,
        rule: "status-att =/ \"DELETED\" / \"DELETED-STORAGE\": QUOTA is not offered",
        source: "RFC 9208 section 7",
        example: b"a STATUS x (DELETED)\r\n",
        is: So(|case| case.missed(STATUS, |found| begins(found, "DELETED"))),
    },
    Difference {
        name: "\\Recent, to be stored",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "flag-fetch = flag / \"\\Recent\"; no flag is \\Recent",
        source: "RFC 3501 sections 2.3.2 and 9",
        example: b"a STORE 1 FLAGS (\\Recent)\r\n",
        is: So(|case| case.missed("a flag that clients can set, not \\Recent", |_| true)),
    },
    Difference {
        name: "a system flag that is none",
        kind: Kind::WeRefuse,
        right: Right::Theirs,
        rule: "flag-extension = \"\\\" atom: future expansion; none is offered in PERMANENTFLAGS",
        source: "RFC 3501 section 9",
        example: b"a STORE 1 FLAGS \\Shiny\r\n",
        is: So(|case| {
            case.missed(
                "\\Answered, \\Flagged, \\Deleted, \\Seen, \\Draft or a keyword",
                |found| found.starts_with(b"\\"),
            )
        }),
    },
    Difference {
        name: "a command of an extension that is not offered",
        kind: Kind::WeRefuse,
        right: Right::Both,
        rule: "compress, getquota, getquotaroot, setquota, sort, thread",
        source: "RFC 4978 section 6, RFC 9208 section 7, RFC 5256 section 5",
        example: b"a COMPRESS DEFLATE\r\n",
        is: So(|case| {
            let names = [
                "COMPRESS ",
                "GETQUOTA ",
                "GETQUOTAROOT ",
                "SETQUOTA ",
                "SORT ",
                "THREAD ",
            ];
            let is_one = |found: &[u8]| names.iter().any(|name| begins(found, name));
            case.missed("a command", is_one)
                || case.missed("COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE", is_one)
        }),
    },
    Difference {
        name: "a literal of binary octets",
        kind: Kind::WeRefuse,
        right: Right::Both,
        rule: "literal8 = \"~{\" number [\"+\"] \"}\" CRLF *OCTET: BINARY is not offered",
        source: "RFC 3516 section 7, RFC 4466 section 6",
        example: b"a APPEND x ~{1+}\r\n\0\r\n",
        is: So(|case| {
            case.refused().is_some_and(|(what, found)| {
                what.ends_with("a literal") && found.starts_with(b"~{")
            })
        }),
    },
    Difference {
        name: "FETCH of what an extension adds",
        kind: Kind::WeRefuse,
        right: Right::Both,
        rule: "fetch-att =/ \"BINARY\" [\".PEEK\"] section-binary [partial] / \"BINARY.SIZE\" section-binary: BINARY is not offered",
        source: "RFC 3516 section 7",
        example: b"a FETCH 1 BINARY.SIZE[1]\r\n",
        is: So(|case| case.missed("an attribute to fetch", |found| begins(found, "BINARY"))),
    },
    Difference {
        name: "a leading zero",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "nz-number = digit-nz *DIGIT",
        source: "RFC 3501 section 9",
        example: b"a FETCH 01 FLAGS\r\n",
        is: So(|case| {
            case.missed("a number from 1 to 4294967295", |found| {
                found.starts_with(b"0")
            })
        }),
    },
    Difference {
        name: "a time zone of more than 59 minutes",
        kind: Kind::WeRefuse,
        right: Right::Ours,
        rule: "zone = (\"+\" / \"-\") 4DIGIT: a value of hhmm, hours and minutes",
        source: "RFC 3501 section 9",
        example: b"a APPEND x \" 7-Feb-1994 21:52:25 -0799\" {1+}\r\nx\r\n",
        is: So(|case| {
            case.missed("a time zone such as +0100", |found| {
                found.get(3..5).is_some_and(|minutes| minutes > &b"59"[..])
            })
        }),
    },
    Difference {
        name: "what is beyond a limit",
        kind: Kind::WeRefuse,
        right: Right::Both,
        rule: "none: what a server takes has to have limits",
        source: "RFC 2683 section 3.2.1.5, RFC 2971 section 3.3",
        example: b"a ID (\"0123456789012345678901234567890\" NIL)\r\n",
        is: So(limits::is_beyond),
    },
    Difference {
        name: "a name or a password that is not UTF-8",
        kind: Kind::WeRefuse,
        right: Right::Theirs,
        rule: "userid = astring, password = astring, of which a literal is *CHAR8; what is compared is UTF-8",
        source: "RFC 3501 section 9, RFC 4616 section 2",
        example: b"a LOGIN {1+}\r\n\xfc b\r\n",
        is: So(|case| {
            let is_other = |what: &str| case.missed(what, |found| !found.is_ascii());
            is_other("a user name") || is_other("a password")
        }),
    },
    Difference {
        name: "a field of ID that is not UTF-8",
        kind: Kind::WeRefuse,
        right: Right::Theirs,
        rule: "id-params-list = \"(\" *(string SP nstring) \")\" / nil, of which a literal is *CHAR8",
        source: "RFC 2971 section 4",
        example: b"a ID ({1+}\r\n\xfc NIL)\r\n",
        is: So(|case| {
            let is_other = |what: &str| case.missed(what, |found| !found.is_ascii());
            is_other("the name of a field") || is_other("the value of a field")
        }),
    },
    Difference {
        name: "UTF-8 between quotes",
        kind: Kind::TheyRefuse,
        right: Right::Theirs,
        rule: "QUOTED-CHAR = <any TEXT-CHAR except quoted-specials> / ...: a CHAR has seven bits; clients send UTF-8 all the same",
        source: "RFC 3501 section 9, RFC 6855 section 3",
        example: b"a SELECT \"Entw\xc3\xbcrfe\"\r\n",
        is: Without(without::utf8_between_quotes),
    },
    Difference {
        name: "search keys within more than eight others",
        kind: Kind::TheyRefuse,
        right: Right::Both,
        rule: "none: what nests has to have a limit",
        source: "RFC 3501 section 9",
        example: b"a SEARCH NOT NOT NOT NOT NOT NOT NOT NOT NOT ALL\r\n",
        is: Without(without::keys_within_others),
    },
    Difference {
        name: "a charset that is no atom",
        kind: Kind::TheyRefuse,
        right: Right::Ours,
        rule: "search = \"SEARCH\" [SP \"CHARSET\" SP astring] 1*(SP search-key)",
        source: "RFC 3501 section 9",
        example: b"a SEARCH CHARSET {5+}\r\nUTF-8 ALL\r\n",
        is: Without(without::charset_as_no_atom),
    },
];

const STATUS: &str = "MESSAGES, RECENT, UIDNEXT, UIDVALIDITY or UNSEEN";

/// Whether this begins so, in any case.
fn begins(found: &[u8], with: &str) -> bool {
    found
        .get(..with.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()))
}
