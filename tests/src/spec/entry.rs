//! An entry: one statement of an RFC, or a promise of ours, with its id, its level, and where it is checked.
//!
//! Touches nothing. `spec/README.md` has the grammar in words.

use std::fmt;

/// What a file of requirements has.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// What looks like an entry and is none.
    pub malformed: Vec<String>,
}

/// Names a statement.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// The number of the RFC; 0: a promise of ours.
    pub rfc: u32,
    /// The numbers of its section.
    pub section: Vec<u32>,
    /// Which statement of the section, from 1.
    pub number: u32,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// MUST, MUST NOT.
    Must,
    /// SHOULD, SHOULD NOT.
    Should,
    /// MAY.
    May,
    /// A definition.
    Term,
    /// A remark.
    Note,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id.
    pub id: Id,
    /// What it asks.
    pub word: Word,
    /// It asks it of clients.
    pub of_clients: bool,
    /// What it says, in our words.
    pub text: String,
    /// Where it is checked.
    pub citations: Vec<Citation>,
    /// File and line, for whoever has to mend it.
    pub place: String,
}

/// Where a statement is checked, or why it is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Citation {
    /// A property of the checker.
    Property(String),
    /// A fault that is planted.
    Fault(String),
    /// An invariant.
    Invariant(String),
    /// A transcript.
    Transcript(String),
    /// A test.
    Test(String),
    /// A ruling.
    Ruling(u32),
    /// It asks for nothing.
    NoBehaviour,
    /// Clients do it; the checker's are made so.
    Clients,
    /// It comes with a capability that is not announced.
    NotOffered(String),
    /// A MAY that we do without.
    NotDone,
    /// Nothing checks it, for a reason.
    Accepted(String),
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rfc == 0 {
            return write!(f, "PROMISE-{}", self.number);
        }
        let section: Vec<String> = self.section.iter().map(u32::to_string).collect();
        write!(f, "R{}-{}-{}", self.rfc, section.join("."), self.number)
    }
}

impl Id {
    /// Reads `R2180-4.1.3-2` or `PROMISE-2`.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (rfc, section, number) = match text.strip_prefix("PROMISE-") {
            Some(number) => (0, Vec::new(), number),
            None => {
                let (rfc, rest) = text.strip_prefix('R')?.split_once('-')?;
                let (section, number) = rest.split_once('-')?;
                let section: Result<_, _> = section.split('.').map(str::parse).collect();
                (rfc.parse().ok()?, section.ok()?, number)
            }
        };
        let id = Self {
            rfc,
            section,
            number: number.parse().ok()?,
        };
        (id.to_string() == text && id.number > 0).then_some(id)
    }
}

/// Reads a file of requirements. Every list item in it is an entry, or `~~struck out~~`.
#[must_use]
pub fn read(path: &str, text: &str) -> Read {
    let mut read = Read::default();
    let mut lines = (1..).zip(text.lines()).peekable();
    while let Some((number, line)) = lines.next() {
        let place = format!("{path}:{number}");
        let Some(first) = line.strip_prefix("- ") else {
            if line.contains("checked:") {
                read.malformed
                    .push(format!("{place}: `checked:` belongs to no entry"));
            }
            continue;
        };
        let mut words = vec![first.to_owned()];
        while let Some((_, more)) = lines.next_if(|(_, line)| line.starts_with("  ")) {
            words.push(more.trim().to_owned());
        }
        if first.starts_with("~~") {
            continue;
        }
        match entry(&words, place.clone()) {
            Ok(entry) => read.entries.push(entry),
            Err(why) => read.malformed.push(format!("{place}: {why}")),
        }
    }
    read
}

fn entry(lines: &[String], place: String) -> Result<Entry, String> {
    let at = lines
        .iter()
        .position(|line| line.starts_with("checked: "))
        .ok_or("it does not say where it is checked, in a line of its own")?;
    let said = lines[..at].join(" ");
    let checked = lines[at..].join(" ");
    let (head, text) = said
        .split_once(" — ")
        .ok_or("expected `id` LEVEL — statement")?;
    let (id, level) = head
        .strip_prefix('`')
        .and_then(|rest| rest.split_once("` "))
        .ok_or("it begins with no id in backticks")?;
    let id = Id::read(id).ok_or_else(|| format!("`{id}` is no id"))?;
    let (word, of_clients) = level_of(level).ok_or_else(|| format!("`{level}` is no level"))?;
    if !text.ends_with(['.', ')']) {
        return Err("the statement does not end with a full stop".to_owned());
    }
    let checked = checked.strip_prefix("checked: ").unwrap_or_default();
    Ok(Entry {
        id,
        word,
        of_clients,
        text: text.to_owned(),
        citations: citations(checked)?,
        place,
    })
}

fn level_of(level: &str) -> Option<(Word, bool)> {
    let (word, remarks) = match level.split_once(" (") {
        Some((word, remarks)) => (word, remarks.strip_suffix(')')?),
        None => (level, ""),
    };
    let word = match word {
        "MUST" | "MUST NOT" => Word::Must,
        "SHOULD" | "SHOULD NOT" => Word::Should,
        "MAY" => Word::May,
        "TERM" => Word::Term,
        "NOTE" => Word::Note,
        _ => return None,
    };
    let (mut of_clients, mut sources) = (false, 0);
    for remark in remarks.split(", ").filter(|remark| !remark.is_empty()) {
        match remark {
            "client" => of_clients = true,
            // Whose word it is: only one can be so.
            "follows" | "lower case" | "ours" => sources += 1,
            "RFC 9051: MUST" => {}
            _ => return None,
        }
    }
    (sources <= 1).then_some((word, of_clients))
}

/// Parts are parted by `;`, names of one kind by `,`.
fn citations(checked: &str) -> Result<Vec<Citation>, String> {
    let mut citations = Vec::new();
    for part in checked.split("; ") {
        if let Some(reason) = reason(part) {
            citations.push(reason);
        } else if part.starts_with("RULING-") {
            for name in names(part) {
                let number = name
                    .strip_prefix("RULING-")
                    .and_then(|number| number.parse().ok());
                citations.push(Citation::Ruling(
                    number.ok_or_else(|| format!("`{name}` is no ruling"))?,
                ));
            }
        } else {
            citations.extend(named(part)?);
        }
    }
    Ok(citations)
}

/// Why nothing is cited, if that is what it says.
fn reason(part: &str) -> Option<Citation> {
    if let Some(why) = part.strip_prefix("nothing, because ") {
        return Some(Citation::Accepted(why.to_owned()));
    }
    let (kind, _) = part.split_once(": ")?;
    match kind {
        "not a behaviour" => Some(Citation::NoBehaviour),
        "clients" => Some(Citation::Clients),
        "not done" => Some(Citation::NotDone),
        _ => None,
    }
}

/// "property `a`, `b` (which ...)".
fn named(part: &str) -> Result<Vec<Citation>, String> {
    let (kind, rest) = part
        .split_once(" `")
        .ok_or_else(|| format!("`{part}` cites nothing"))?;
    let make: fn(String) -> Citation = match kind {
        "property" => Citation::Property,
        "fault" => Citation::Fault,
        "invariant" => Citation::Invariant,
        "transcript" => Citation::Transcript,
        "test" => Citation::Test,
        "not offered:" => Citation::NotOffered,
        _ => return Err(format!("`{kind}` is no kind of check")),
    };
    names(&format!("`{rest}"))
        .into_iter()
        .map(|name| {
            let bare = name
                .strip_prefix('`')
                .and_then(|name| name.strip_suffix('`'));
            let bare = bare.filter(|bare| !bare.is_empty() && !bare.contains(['`', ' ']));
            bare.map(|bare| make(bare.to_owned()))
                .ok_or_else(|| format!("{name} is no name in backticks"))
        })
        .collect()
}

/// Names parted by commas, without what is said of them in parentheses.
fn names(part: &str) -> Vec<String> {
    let mut bare = String::new();
    let mut depth = 0;
    for letter in part.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ if depth == 0 => bare.push(letter),
            _ => {}
        }
    }
    bare.split(',').map(|name| name.trim().to_owned()).collect()
}
