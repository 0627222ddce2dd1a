//! `tandem replay`: makes the steps of a recording again, and tells the first that differs.
//!
//! Touches the file, standard output and standard error.

use super::{USAGE, say};
use crate::recording::{
    record::{Record, Said, Step},
    replay::{self, Counts, Difference, Verdict},
    said::cause,
    wording::{TAG, escaped, said},
};
use std::{
    collections::{HashMap, VecDeque},
    fs::File,
    io::BufReader,
    path::PathBuf,
    process::ExitCode,
};
use tandem_model::{Input, check::witness};

/// What `tandem replay --help` begins with.
pub const ABOUT: &str = "\
Replay what `tandem serve --record FILE` has recorded.

Every step of every session is made again, in its order, by the code that serves clients; what it answers is compared with what was answered then, and judged by the \
client that judges in `tandem check`. What a connection said of its own, as its greeting, is said again and compared. The first difference is told as a transcript, with the number of its record and its line: C3 is what client 3 sent, S3 what it was sent. \
The exit status is 0 if all is equal, 1 if something differs, 2 if the recording cannot be read.";

/// Arguments of `tandem replay`.
#[derive(clap::Args, Debug)]
pub struct ReplayArgs {
    /// The recording
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print all of it as a transcript
    #[arg(long)]
    print: bool,
    /// How many lines are told before a difference, of the sessions of its account
    #[arg(long, value_name = "LINES", default_value_t = 20)]
    context: usize,
}

/// Replays.
#[must_use]
pub fn run(args: ReplayArgs) -> ExitCode {
    match replayed(&args) {
        Ok(status) => status,
        Err(error) => {
            eprintln!("tandem: cannot read `{}`: {error}", args.file.display());
            ExitCode::from(USAGE)
        }
    }
}

fn replayed(args: &ReplayArgs) -> Result<ExitCode, String> {
    let file = File::open(&args.file).map_err(|error| error.to_string())?;
    let mut teller = Teller::new(args.context, args.print);
    let verdict = replay::replay(BufReader::new(file), |header, record| match record {
        Some(record) => teller.tell(record),
        None => header
            .write()
            .lines()
            .for_each(|line| teller.line(format!("<{line}>"))),
    });
    match verdict.map_err(|error| error.to_string())? {
        Verdict::Equal { counts, whole } => {
            sum_up(counts, whole);
            Ok(ExitCode::SUCCESS)
        }
        Verdict::Differs {
            record,
            line,
            difference,
        } => {
            teller.differs(record, line, &difference);
            Ok(ExitCode::FAILURE)
        }
    }
}
fn sum_up(counts: Counts, whole: bool) {
    let Counts {
        records,
        steps,
        responses,
        octets,
        clients,
        said,
        accounts,
        sessions,
        unjudged,
    } = counts;
    say(format_args!(
        "equal: {records} records, {steps} steps of {sessions} sessions at {accounts} opened accounts, {responses} responses, {octets} octets as they were written, {said} lines that connections of {clients} clients said of their own"
    ));
    if unjudged > 0 {
        say(format_args!(
            "not judged by the oracle: {unjudged} sessions, which held more than {} messages; compared all the same",
            witness::MOST
        ));
    }
    if !whole {
        say(format_args!(
            "the recording is cut off after that: its server was killed, or could not write it"
        ));
    }
}

/// Tells what happens, or remembers the last of it for a difference.
struct Teller {
    context: usize,
    prints: bool,
    /// By the opening of the account.
    lines: HashMap<u64, VecDeque<String>>,
    sessions: HashMap<u64, Lane>,
    /// The opening of the last record.
    last: u64,
}

/// The tags of a session, made here: the last one given, and of which command.
#[derive(Default)]
struct Lane {
    given: u32,
    opening: u64,
    idle: bool,
}

impl Teller {
    fn new(context: usize, prints: bool) -> Self {
        Self {
            context,
            prints,
            lines: HashMap::new(),
            sessions: HashMap::new(),
            last: 0,
        }
    }

    fn tell(&mut self, record: &Record) {
        match record {
            Record::Said(said) => self.said(said),
            Record::Gone { client } => {
                self.to(*client);
                self.line(format!("<client {client} is gone>"));
                self.sessions.remove(client);
            }
            Record::Opened(opened) => {
                self.last = opened.opening;
                self.line(format!(
                    "<account {} is opened, with its journal at {}>",
                    opened.account.0, opened.position
                ));
            }
            Record::Entered {
                session, opening, ..
            } => {
                self.sessions.entry(*session).or_default().opening = *opening;
                self.to(*session);
                self.line(format!("<session {session} begins>"));
            }
            Record::Step(step) => {
                self.to(step.session);
                self.step(step);
            }
            Record::Wrote(_) => {}
            Record::Lost { session } => {
                self.to(*session);
                self.line(format!(
                    "<session {session} is told that its account failed>"
                ));
            }
            Record::Failed { opening } => {
                self.last = *opening;
                self.line("<the account fails>".into());
            }
            Record::Left { session } => {
                self.to(*session);
                self.line(format!("<session {session} ends>"));
            }
            Record::Ended => self.line("<the server ends>".into()),
        }
    }

    /// What follows is about the account of this session.
    fn to(&mut self, session: u64) {
        if let Some(lane) = self.sessions.get(&session) {
            self.last = lane.opening;
        }
    }

    /// What a connection said of its own; with the tag that it had.
    fn said(
        &mut self,
        Said {
            client,
            cause: why,
            lines,
        }: &Said,
    ) {
        self.sessions.entry(*client).or_default();
        self.to(*client);
        let why = cause(why);
        self.line(match why.strip_prefix("asked ") {
            Some(command) => format!("C{client}: {command}"),
            None => format!("<client {client}: {why}>"),
        });
        for line in lines {
            self.line(format!("S{client}: {line}"));
        }
    }

    fn step(&mut self, step: &Step) {
        let session = step.session;
        let lane = self.sessions.entry(session).or_default();
        let line = match &step.input {
            Input::Command(_, _) if lane.idle => format!("C{session}: <something else than DONE>"),
            Input::Command(command, _) => {
                lane.given += 1;
                format!("C{session}: {} {}", tag(session, lane.given), said(command))
            }
            Input::Done => format!("C{session}: DONE"),
            Input::Resume => format!("<the server goes on with {}>", tag(session, lane.given)),
            Input::Wake => format!("<the server wakes session {session}>"),
            Input::Break => format!("<the connection of session {session} breaks>"),
            Input::Shutdown => format!("<the server closes session {session}>"),
        };
        let tag = tag(session, lane.given);
        for line in &step.lines {
            lane.idle |= line.starts_with("+ ");
            lane.idle &= !line.starts_with("tag ");
        }
        self.line(line);
        for line in &step.lines {
            self.line(format!("S{session}: {}", tagged(line, &tag)));
        }
    }

    fn line(&mut self, line: String) {
        if self.prints {
            say(format_args!("{line}"));
            return;
        }
        let lines = self.lines.entry(self.last).or_default();
        lines.push_back(line);
        while lines.len() > self.context.max(1) {
            lines.pop_front();
        }
    }

    fn differs(&self, number: u64, line: u64, difference: &Difference) {
        for line in self.lines.get(&self.last).into_iter().flatten() {
            say(format_args!("{line}"));
        }
        say(format_args!(
            "\nrecord {number}, line {line} of the recording: {difference}"
        ));
        let (recorded, replayed) = match difference {
            Difference::Response {
                recorded, replayed, ..
            } => (recorded, replayed),
            Difference::Reopened { recorded, replayed } => (recorded, replayed),
            Difference::Octets { replayed, .. } => {
                for line in replayed.split_inclusive(|&octet| octet == b'\n') {
                    say(format_args!("now:  {}", escaped(line)));
                }
                return;
            }
            Difference::Position { .. }
            | Difference::Rendered { .. }
            | Difference::Unwritten
            | Difference::Misplaced
            | Difference::Unanswered
            | Difference::Breach(_)
            | Difference::Failed
            | Difference::Unknown(_) => return,
        };
        let told = |line: &Option<String>| line.clone().unwrap_or_else(|| "<nothing>".into());
        say(format_args!("then: {}", told(recorded)));
        say(format_args!("now:  {}", told(replayed)));
    }
}

/// The tag of a command: a letter for the session, as in the transcripts of `tandem check`, and the command's number.
fn tag(session: u64, given: u32) -> String {
    let letter = usize::try_from(session.saturating_sub(1) % 26).unwrap_or_default();
    let letter = (b'A'..=b'Z').nth(letter).map_or('Z', char::from);
    format!("{letter}{given:03}")
}

/// A response with the tag of its command.
fn tagged(line: &str, tag: &str) -> String {
    match line
        .strip_prefix(TAG)
        .and_then(|rest| rest.strip_prefix(' '))
    {
        Some(rest) => format!("{tag} {rest}"),
        None => line.into(),
    }
}
