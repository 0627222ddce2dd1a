//! What clients do while it is measured.
//!
//! Touches threads, a connection each.

use super::{client::Client, report::Times, server::Subject};
use std::{
    io,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// Octets of a message.
const SIZE: usize = 4 << 10;
/// Messages of the mailbox in which flags are stored, and messages read.
const MESSAGES: u32 = 1_000;
/// How many messages are appended before an answer is waited for, to fill a mailbox.
const AT_ONCE: u32 = 50;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// A message is appended to a mailbox that nobody has open.
    Append,
    /// A flag of one message is set, silently, in a mailbox that all have open: each is told of the others'.
    Store,
    /// One message is read.
    Read,
    /// The whole mailbox is listed.
    List,
}

/// All of them, and whether each is also measured with one connection.
pub(super) const WORKS: [(Work, bool); 4] = [
    (Work::Append, true),
    (Work::Store, true),
    (Work::Read, true),
    (Work::List, false),
];

impl Work {
    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Append => "APPEND of 4 KiB",
            Self::Store => "STORE, in one mailbox",
            Self::Read => "FETCH of 4 KiB",
            Self::List => "ENVELOPE of 1,000",
        }
    }

    /// What is counted.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Append | Self::Read => "messages",
            Self::Store | Self::List => "commands",
        }
    }

    /// Does it once.
    fn once(self, client: &mut Client, number: u32) -> io::Result<()> {
        // Two in a row are of one message, which STORE changes and changes back.
        let message = 1 + (number / 2).wrapping_mul(0x9e37_79b9) / 7 % MESSAGES;
        match self {
            Self::Append => {
                let message = message_of(SIZE, number);
                client.append("bench-append", [message.as_slice()])
            }
            Self::Store => {
                let sign = if number.is_multiple_of(2) { '+' } else { '-' };
                client.command(&format!("STORE {message} {sign}FLAGS.SILENT (\\Flagged)"))
            }
            Self::Read => client.command(&format!("FETCH {message} BODY.PEEK[]")),
            Self::List => client.command("FETCH 1:* (UID FLAGS INTERNALDATE ENVELOPE)"),
        }
    }
}

/// What one round came to.
#[derive(Clone, Debug)]
pub(super) struct Samples {
    /// Of each command.
    pub(super) times: Times,
    elapsed: Duration,
    /// How many batches were made durable, by how many commits.
    committed: Option<(u64, u64)>,
}

impl Samples {
    /// How many a second.
    pub(super) fn rate(&self) -> f64 {
        self.times.count() as f64 / self.elapsed.as_secs_f64()
    }

    /// How many commands shared a commit, and so a sync.
    pub(super) fn a_sync(&self) -> Option<f64> {
        let (batches, commits) = self.committed?;
        (commits > 0).then(|| batches as f64 / commits as f64)
    }
}

/// The middle one of these rounds.
pub(super) fn middle(mut rounds: Vec<Samples>) -> Samples {
    rounds.sort_by(|one, other| one.rate().total_cmp(&other.rate()));
    // INVARIANT: there are some.
    rounds.swap_remove(rounds.len() / 2)
}

/// A message of so many octets, unlike all others.
pub(super) fn message_of(octets: usize, number: u32) -> Vec<u8> {
    let mut message = format!(
        "From: Bench <bench@example.com>\r\nTo: Somebody <somebody@example.com>\r\nSubject: Number {number}\r\n\
         Date: Mon, 7 Feb 1994 21:52:25 -0800\r\nMessage-Id: <{number}@bench.example.com>\r\n\r\n"
    )
    .into_bytes();
    let mut seed = number;
    while message.len() + 2 < octets {
        // Nothing that could be kept in less room.
        seed = seed.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        message.extend_from_slice(format!("{seed:08x}").as_bytes());
        if message.len() % 72 < 8 {
            message.extend_from_slice(b"\r\n");
        }
    }
    message.truncate(octets.saturating_sub(2));
    message.extend_from_slice(b"\r\n");
    message
}

/// Makes the mailboxes, and fills that which is read.
pub(super) fn prepare(subject: &Subject, connections: u32) -> io::Result<()> {
    let mut client = Client::login(subject)?;
    for mailbox in ["bench-append", "bench-read"] {
        client.try_command(&format!("DELETE {mailbox}"))?;
        client.command(&format!("CREATE {mailbox}"))?;
    }
    fill(subject, "bench-read", MESSAGES, SIZE, connections)
}

/// Appends so many messages to a mailbox.
pub(super) fn fill(
    subject: &Subject,
    mailbox: &str,
    messages: u32,
    size: usize,
    connections: u32,
) -> io::Result<()> {
    let part = messages.div_ceil(connections);
    together(connections, |connection| {
        let (first, end) = (connection * part, messages.min((connection + 1) * part));
        let mut client = Client::login(subject)?;
        let mut next = first;
        while next < end {
            let stop = end.min(next + AT_ONCE);
            let batch: Vec<_> = (next..stop)
                .map(|number| message_of(size, number))
                .collect();
            client.append(mailbox, batch.iter().map(Vec::as_slice))?;
            next = stop;
        }
        Ok(())
    })
    .map(drop)
}

/// Has so many connections do this for so long.
pub(super) fn run(
    work: Work,
    subject: &Subject,
    connections: u32,
    time: Duration,
) -> io::Result<Samples> {
    // INVARIANT: each thread comes to it once, whatever happens to its connection.
    let ready = Barrier::new(usize::try_from(connections).unwrap_or(1) + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|connection| {
                let ready = &ready;
                scope.spawn(move || {
                    let opened = open(work, subject);
                    ready.wait();
                    repeat(work, &mut opened?, connection, time)
                })
            })
            .collect();
        ready.wait();
        let (before, start) = (subject.counts(), Instant::now());
        let mut times = Times::default();
        for thread in threads {
            times.take_in(
                thread
                    .join()
                    .map_err(|_| io::Error::other("a client failed"))??,
            );
        }
        let committed = before.zip(subject.counts()).map(|(before, after)| {
            (
                after.batches - before.batches,
                after.commits - before.commits,
            )
        });
        Ok(Samples {
            times,
            elapsed: start.elapsed(),
            committed,
        })
    })
}

fn open(work: Work, subject: &Subject) -> io::Result<Client> {
    let mut client = Client::login(subject)?;
    match work {
        Work::Append => {}
        Work::Store | Work::Read | Work::List => client.command("SELECT bench-read")?,
    }
    Ok(client)
}

fn repeat(work: Work, client: &mut Client, connection: u32, time: Duration) -> io::Result<Times> {
    let (mut times, start) = (Times::default(), Instant::now());
    let mut number = connection << 20;
    while start.elapsed() < time {
        let begun = Instant::now();
        work.once(client, number)?;
        times.add(begun.elapsed());
        number += 1;
    }
    Ok(times)
}

/// Runs these at the same time, and waits for all of them.
fn together<T: Send>(count: u32, each: impl Fn(u32) -> io::Result<T> + Sync) -> io::Result<Vec<T>> {
    thread::scope(|scope| {
        let each = &each;
        let threads: Vec<_> = (0..count)
            .map(|number| scope.spawn(move || each(number)))
            .collect();
        let ended = threads.into_iter().map(|thread| {
            thread
                .join()
                .map_err(|_| io::Error::other("a client failed"))?
        });
        ended.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_size_that_is_asked_for_and_ends_with_a_line() {
        for size in [512, 4096, 4097] {
            let message = message_of(size, 7);
            assert_eq!(message.len(), size);
            assert!(message.ends_with(b"\r\n"));
        }
        assert_ne!(message_of(512, 1), message_of(512, 2));
    }
}
