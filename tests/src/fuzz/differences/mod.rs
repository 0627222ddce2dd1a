//! Where imap-codec and the parser read something else in the same bytes.
//!
//! Touches nothing. What imap-codec has read is written by imap-codec and read by the parser: so both readings are of one type, and are compared. A parser that takes BEFORE for
//! SINCE does so in both; so what the parser has read is printed and read by imap-codec, too, and has to be what imap-codec has read in the first place (`meaning`).
//!
//! Where they differ, a row of the [`TABLE`] says which grammar decides; a difference that no row has fails the target. A row is as narrow as what the parser missed, and
//! where it missed it, can make it. What imap-codec refuses is sent again without (`without`) what the row names, and has to be read alike then.

mod keys;
mod limits;
mod meaning;
mod table;
mod without;

pub use table::TABLE;

use imap_codec::{
    CommandCodec, decode::Decoder as _, encode::Encoder as _, imap_types::command::Command,
};
use meaning::meaning;
use tandem_server::codec::{
    fragment::{Fragments, Limits},
    parse::{self, Expected, ParseError},
    print::print,
    request::Tagged,
};

/// A string may take more room in another form.
const WIDE: Limits = Limits {
    line: 1 << 20,
    literal: 1 << 20,
    literals: 1 << 20,
    count: 1 << 20,
    append: 64 << 20,
};

/// One command, as both read it.
#[derive(Debug)]
pub struct Case {
    /// As it was sent.
    pub sent: Vec<u8>,
    /// What the parser makes of it.
    pub ours: Result<Tagged, ParseError>,
    /// What the parser makes of that which imap-codec makes of it; `None` if it makes nothing of it.
    pub theirs: Option<Result<Tagged, ParseError>>,
    /// What imap-codec makes of it.
    said: Option<Command<'static>>,
    /// What imap-codec takes that for which the parser makes of it.
    meant: Option<String>,
    /// What stands for the parser.
    parser: Parser,
}

type Parser = fn(Fragments) -> Result<Tagged, ParseError>;

/// How they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The parser refuses what imap-codec accepts.
    WeRefuse,
    /// imap-codec refuses what the parser accepts.
    TheyRefuse,
    /// Both accept it, as something else.
    Meaning,
}

/// Whom the grammar is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// The parser.
    Ours,
    /// imap-codec: the parser is stricter, or more lenient, on purpose.
    Theirs,
    /// Both: it is about a limit, or an extension, that one has and the other has not.
    Both,
}

/// One kind of difference.
#[derive(Debug)]
pub struct Difference {
    /// Its name.
    pub name: &'static str,
    /// How they differ.
    pub kind: Kind,
    /// Whom the grammar is with.
    pub right: Right,
    /// The rule that decides.
    pub rule: &'static str,
    /// Where that is.
    pub source: &'static str,
    /// A command that shows it.
    pub example: &'static [u8],
    /// Which cases are of this kind.
    is: Is,
}

/// Which cases are of a kind.
#[derive(Debug)]
enum Is {
    /// Those of which this holds.
    So(fn(&Case) -> bool),
    /// Those of which this leaves out something, and the rest is read alike.
    Without(fn(&[u8]) -> Option<Vec<u8>>),
}

impl Case {
    /// Has both read a command.
    #[must_use]
    pub fn new(fragments: Fragments) -> Self {
        Self::read_by(parse::command, fragments)
    }

    /// The same, with something else in place of the parser: what it takes for something else has to be found.
    #[must_use]
    pub fn read_by(parser: Parser, fragments: Fragments) -> Self {
        let sent = fragments.sent();
        let ours = parser(fragments);
        let said = said(&sent);
        let theirs = said.as_ref().map(|command| {
            let written = CommandCodec::default().encode(command).dump();
            parser(one(&written))
        });
        let meant = ours.as_ref().ok().and_then(said_by);
        Self {
            sent,
            ours,
            theirs,
            said,
            meant,
            parser,
        }
    }

    /// How they differ, if they do.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match (&self.ours, &self.theirs) {
            (Err(_), None) => None,
            (Err(_), Some(_)) => Some(Kind::WeRefuse),
            (Ok(_), None) => Some(Kind::TheyRefuse),
            (Ok(ours), Some(Ok(theirs))) if ours == theirs && self.is_meant() => None,
            (Ok(_), Some(_)) => Some(Kind::Meaning),
        }
    }

    /// Whether imap-codec finds in what the parser has read what it has read itself.
    fn is_meant(&self) -> bool {
        self.said.as_ref().map(meaning) == self.meant
    }

    /// The row of the table that has it.
    #[must_use]
    pub fn difference(&self) -> Option<&'static Difference> {
        let kind = self.kind()?;
        TABLE.iter().find(|row| {
            row.kind == kind
                && match row.is {
                    Is::So(is) => is(self),
                    Is::Without(without) => without(&self.sent).is_some() && self.rest_is_alike(),
                }
        })
    }

    /// Whether both read the same in it without all that a row leaves out; and the parser the same as with it, but for how deep keys of SEARCH are.
    fn rest_is_alike(&self) -> bool {
        let mut rest = self.sent.clone();
        for row in TABLE {
            if let Is::Without(without) = row.is {
                rest = without(&rest).unwrap_or(rest);
            }
        }
        let rest = Self::read_by(self.parser, one(&rest));
        let [with, without] = [&self.ours, &rest.ours].map(|read| read.as_ref().map(keys::flat));
        rest.kind().is_none() && with.is_ok() && with == without
    }

    /// What the parser expected, and what is there instead.
    fn refused(&self) -> Option<(&'static str, &[u8])> {
        let error = self.ours.as_ref().err()?;
        let Expected::This(what) = error.expected else {
            return None;
        };
        Some((what, self.sent.get(error.at..)?))
    }

    /// Whether the parser expected this, and something else is there that `is` so.
    fn missed(&self, what: &str, is: impl Fn(&[u8]) -> bool) -> bool {
        self.refused()
            .is_some_and(|(expected, found)| expected == what && is(found))
    }
}

/// The one command that these octets are.
fn one(octets: &[u8]) -> Fragments {
    let mut commands = crate::fuzz::commands(WIDE, octets);
    assert_eq!(commands.len(), 1, "{}", octets.escape_ascii());
    commands.remove(0)
}

/// What imap-codec makes of a command.
fn said(sent: &[u8]) -> Option<Command<'static>> {
    match CommandCodec::default().decode_static(sent) {
        Ok(([], command)) => Some(command),
        Ok(_) | Err(_) => None,
    }
}

/// What imap-codec takes that for which the parser has read.
fn said_by(tagged: &Tagged) -> Option<String> {
    said(&print(tagged)).as_ref().map(meaning)
}

/// Fails at a difference that no row has.
pub fn judge(case: &Case) {
    let Some(kind) = case.kind() else { return };
    assert!(
        case.difference().is_some(),
        "no row has this difference: {kind:?} `{}`\nours: {:?}\ntheirs: {:?}\nsaid: {:?}\nmeant: {:?}",
        case.sent.escape_ascii(),
        case.ours,
        case.theirs,
        case.said.as_ref().map(meaning),
        case.meant
    );
}
