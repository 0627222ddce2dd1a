//! Judges a run by what was recorded of its steps, and by what was written to each client.
//!
//! Touches nothing. RFC 3501 and RFC 2180 as far as the check's oracle knows them, which judges each session ([`replay`]).
//!
//! Theory of operation. The recording has the steps in the order in which the server made them, under the account's lock. They are made again: by
//! [`replay`], which compares what they answered, and has a client believe it; and here, with the contents of messages, so that it is
//! known, octet by octet, what each client is to be written, and at which position of the journal each response was made (`steps`). With that is compared what
//! was written (`written`). Then:
//!
//! - what was written to a client is that and nothing else, in that order; all of it, unless the client went before. A message whose content could not be read is
//!   left out, and its command answered NO; there are no more of these than times that the disk could not read;
//! - nothing was written before the journal was durable up to where its step had left it;
//! - whatever opens the account after a crash or a failure finds what some step had left, and nothing that was written to anybody is taken back ([`survival`]);
//! - at rest, when everybody waits, no session would say anything if it were woken: no wake-up was lost;
//! - at the end nobody is left in the account, nothing is kept for anybody, and what is on the disk is the account, with the contents of its messages and no others.
//!
//! A server that crashed is judged by what it had recorded until then. An account that fails, as it may on a bad disk, is judged up to there: its sessions are told so, and no more.
//!
//! [`survival`]: super::survival

mod steps;
mod written;

use super::{client::Sitting, counts::Counts, disk::Disk, run::server::Past, survival::Survival};
use crate::stage::answer::Answer;
use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
    sync::Arc,
};
use tandem_model::{Account, Limits, Practice, Session, number::ContentId};
use tandem_server::{
    codec::request::Tagged,
    content::Content,
    recording::replay::{Verdict, replay},
};

/// Judges a run: servers that crashed, and the last, that did not. `rested`: how long its recording was when everybody was at rest.
///
/// # Errors
/// What is wrong.
pub fn judge(
    lives: &[Past],
    sittings: &[Rc<Sitting>],
    rested: usize,
    disk: &Disk,
) -> Result<Counts, String> {
    let (mut survival, mut contents) = (Survival::default(), HashMap::new());
    let (mut sum, mut first) = (Counts::default(), 0);
    let (mut missed, mut unheard) = (0, 0);
    for (at, life) in lives.iter().enumerate() {
        let is_last = at + 1 == lives.len();
        let verdict = replay(life.recorded.as_bytes(), |_, _| {});
        let counts = match verdict.map_err(|unreadable| unreadable.to_string())? {
            Verdict::Equal { counts, whole } if whole == is_last => counts,
            other => return Err(format!("the replay: {other:?}")),
        };
        let here = first..life.sittings;
        let mut judge = Judge::new(&life.recorded, sittings, here, survival)?;
        judge.is_bad = disk.is_bad();
        judge.contents = contents;
        judge.take_all(&life.recorded, is_last.then_some(rested))?;
        let mut octets = 0;
        let all = sittings.iter().enumerate();
        for (number, sitting) in all.take(life.sittings).skip(first) {
            octets += judge.written(number, sitting)?;
        }
        missed += judge.missed;
        unheard += judge.unheard;
        survival = judge.survival;
        contents = judge.contents;
        sum = sum.and(Counts {
            steps: counts.steps,
            responses: counts.responses,
            octets,
            connections: u64::try_from(life.sittings - first).unwrap_or_default(),
            crashes: u64::from(!is_last),
            ..Counts::default()
        });
        first = life.sittings;
    }
    if let Some(kept) = disk.account(Limits::default()) {
        survival.opened(&kept)?;
        if let Some(wrong) = disk.audit(&kept) {
            return Err(wrong);
        }
    }
    survival.judge()?;
    if missed > disk.unread() {
        return Err(format!(
            "{missed} messages are left out, and {} could not be read",
            disk.unread()
        ));
    }
    Ok(Counts {
        missed,
        unheard,
        ..sum
    })
}

struct Judge {
    practice: Practice,
    limits: Limits,
    /// By opening.
    accounts: HashMap<u64, Account>,
    sessions: HashMap<u64, Seat>,
    contents: HashMap<ContentId, Arc<Content>>,
    /// Which client a session is.
    clients: HashMap<u64, usize>,
    /// Clients to whom a whole answer was written.
    heard: HashSet<usize>,
    /// What each client sent.
    sent: Vec<Vec<Tagged>>,
    /// Messages by their sizes.
    messages: HashMap<u32, Arc<Content>>,
    /// What is to be written to each client.
    due: HashMap<usize, Vec<Due>>,
    /// Which time it was that an account was opened, of all servers.
    openings: HashMap<u64, usize>,
    survival: Survival,
    /// The disk may fail.
    is_bad: bool,
    /// Openings of an account that failed.
    failed: HashSet<u64>,
    /// To which opening each client came.
    came: HashMap<usize, u64>,
    /// How many messages were left out because their contents could not be read.
    missed: u64,
    /// How many clients were written some of an answer, and no answer in whole.
    unheard: u64,
}

/// A response that came of a step.
#[derive(Default)]
struct Due {
    octets: Vec<u8>,
    /// Where the journal was then.
    position: u64,
    /// Which time it was that the account was opened.
    opening: usize,
    /// It shows a content, which may not have been there to be read.
    shows: bool,
    /// It ends a command: what is due in its place if a content of the same command could not be read.
    otherwise: Option<Vec<u8>>,
}

/// One session.
struct Seat {
    opening: u64,
    session: Session,
    answer: Answer,
    /// How many it has been given.
    commands: usize,
}
