//! Where imap-codec and the parser read something else in the same bytes.
//!
//! Touches nothing. What imap-codec has read is written by imap-codec and read by the parser: so both readings are of one type, and are compared as what they
//! mean. Where they differ, a row of the [`TABLE`] says which grammar decides; a difference that no row has fails the target. A row is as narrow as
//! what the parser missed, and where it missed it, can make it.

mod table;

pub use table::TABLE;

use imap_codec::{CommandCodec, decode::Decoder as _, encode::Encoder as _};
use tandem_server::codec::{
    fragment::Limits,
    parse::{self, Expected, ParseError},
    request::Tagged,
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
}

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
    /// Whether a case is of this kind.
    is: fn(&Case) -> bool,
}

impl Case {
    /// Has imap-codec read what the parser has read.
    #[must_use]
    pub fn new(sent: Vec<u8>, ours: Result<Tagged, ParseError>) -> Self {
        let theirs = match CommandCodec::default().decode(&sent) {
            Ok(([], command)) => {
                let written = CommandCodec::default().encode(&command).dump();
                // A string may take more room in another form.
                let limits = Limits {
                    line: 1 << 20,
                    ..Limits::default()
                };
                let mut again = crate::fuzz::commands(limits, &written);
                assert_eq!(again.len(), 1, "{}", written.escape_ascii());
                again.pop().map(parse::command)
            }
            Ok(_) | Err(_) => None,
        };
        Self { sent, ours, theirs }
    }

    /// How they differ, if they do.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match (&self.ours, &self.theirs) {
            (Err(_), None) => None,
            (Err(_), Some(_)) => Some(Kind::WeRefuse),
            (Ok(_), None) => Some(Kind::TheyRefuse),
            (Ok(ours), Some(Ok(theirs))) if ours == theirs => None,
            (Ok(_), Some(_)) => Some(Kind::Meaning),
        }
    }

    /// The row of the table that has it.
    #[must_use]
    pub fn difference(&self) -> Option<&'static Difference> {
        let kind = self.kind()?;
        TABLE.iter().find(|row| row.kind == kind && (row.is)(self))
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

/// Fails at a difference that no row has.
pub fn judge(case: &Case) {
    let Some(kind) = case.kind() else { return };
    assert!(
        case.difference().is_some(),
        "no row has this difference: {kind:?} `{}`\nours: {:?}\ntheirs: {:?}",
        case.sent.escape_ascii(),
        case.ours,
        case.theirs
    );
}
