//! What writes a recording, and what those hold who are recorded.
//!
//! Touches the file, in a thread of its own.

use super::{
    Header, QUEUE,
    record::{Opened, Said, Step, Wrote},
    said,
    wording::{Wording, is_rendered},
};
use crate::{connection::own::Cause, content::Lack};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
    },
    thread::{self, JoinHandle},
};
use tandem_model::{Input, Response, number::Position};
use tracing::error;

/// What happened, on its way to the file.
#[derive(Debug)]
enum Event {
    Said {
        client: u64,
        cause: String,
        octets: Vec<u8>,
    },
    Gone(u64),
    Opened(Opened),
    Entered {
        session: u64,
        opening: u64,
        is_unheard: bool,
    },
    Step {
        session: u64,
        input: Input,
        responses: Vec<Response>,
        position: Option<Position>,
    },
    Wrote(Wrote),
    Lost(u64),
    Failed(u64),
    Left(u64),
    Ended,
}

/// A recording that is being made.
#[derive(Debug)]
pub struct Recorder {
    sink: Sink,
    /// Of clients, and of sessions that are no client's.
    numbers: AtomicU64,
    openings: AtomicU64,
}

/// Where a recording goes.
#[derive(Debug)]
enum Sink {
    File {
        queue: SyncSender<Event>,
        thread: Mutex<Option<JoinHandle<()>>>,
    },
    Memory(Mutex<Tape>),
}

/// A recording that is kept in memory.
#[derive(Debug, Default)]
struct Tape {
    text: String,
    wordings: HashMap<u64, Wording>,
}

impl Recorder {
    /// Begins a recording in a file, which must not be there yet.
    ///
    /// # Errors
    /// The file is there, or cannot be made or written.
    pub fn start(path: &Path, header: &Header) -> io::Result<Self> {
        let mut file = BufWriter::new(File::create_new(path)?);
        file.write_all(header.write().as_bytes())?;
        file.flush()?;
        let (queue, events) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("tandem-recorder".into())
            .spawn(move || {
                if let Err(failure) = write(file, &events) {
                    error!(%failure, "the recording cannot be written: it has no more than this");
                }
            })?;
        let thread = Mutex::new(Some(thread));
        Ok(Self::into(Sink::File { queue, thread }))
    }

    /// Begins a recording that is kept in memory, and written by whoever is recorded.
    #[must_use]
    pub fn in_memory(header: &Header) -> Self {
        let text = header.write();
        Self::into(Sink::Memory(Mutex::new(Tape {
            text,
            ..Tape::default()
        })))
    }

    const fn into(sink: Sink) -> Self {
        Self {
            sink,
            numbers: AtomicU64::new(0),
            openings: AtomicU64::new(0),
        }
    }

    /// What has been recorded in memory.
    #[must_use]
    pub fn text(&self) -> String {
        match &self.sink {
            Sink::File { .. } => String::new(),
            Sink::Memory(tape) => {
                let tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                tape.text.clone()
            }
        }
    }

    /// Ends the recording; what comes after is not in it. Blocks until all is written.
    pub fn close(&self) {
        self.send(Event::Ended);
        let Sink::File { thread, .. } = &self.sink else {
            return;
        };
        let mut thread = thread.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(thread) = thread.take()
            && thread.join().is_err()
        {
            error!("the recording was not ended");
        }
    }

    /// The number of an account that is being opened.
    pub fn next_opening(&self) -> u64 {
        self.openings.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// An account has been opened, and nobody has been in it yet.
    pub fn opened(&self, opened: Opened) {
        self.send(Event::Opened(opened));
    }

    /// An account has failed, and will be opened again with what is kept of it.
    pub fn failed(&self, opening: u64) {
        self.send(Event::Failed(opening));
    }

    /// How many clients have come, and sessions that are no client's; the last has this number.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.numbers.load(Ordering::Relaxed)
    }

    fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A client has come.
    #[must_use]
    pub fn greet(self: &Arc<Self>) -> Greeted {
        Greeted {
            recorder: Arc::clone(self),
            client: self.number(),
        }
    }

    /// A session comes to an opening of an account, that of a client, if it is one's; `is_unheard`: nobody is written what it answers.
    #[must_use]
    pub fn enter(
        self: &Arc<Self>,
        opening: u64,
        greeted: Option<&Greeted>,
        is_unheard: bool,
    ) -> Recorded {
        let session = greeted.map_or_else(|| self.number(), |greeted| greeted.client);
        self.send(Event::Entered {
            session,
            opening,
            is_unheard,
        });
        Recorded {
            recorder: Arc::clone(self),
            session,
        }
    }

    fn send(&self, event: Event) {
        match &self.sink {
            // Without the thread there is no recording any more; that was told.
            Sink::File { queue, .. } => drop(queue.send(event)),
            Sink::Memory(tape) => {
                let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                let Tape { text, wordings } = &mut *tape;
                word(text, event, wordings);
            }
        }
    }
}

/// A client that is recorded, before and after its session. Dropping it is the end of its connection.
#[derive(Debug)]
pub struct Greeted {
    recorder: Arc<Recorder>,
    client: u64,
}

impl Greeted {
    /// Its connection has said this of its own.
    pub fn said(&self, cause: &Cause, octets: &[u8]) {
        let (cause, octets) = said::masked(cause, octets);
        self.recorder.send(Event::Said {
            client: self.client,
            cause: said::cause(&cause),
            octets,
        });
    }
}

impl Drop for Greeted {
    fn drop(&mut self) {
        self.recorder.send(Event::Gone(self.client));
    }
}

/// A session that is recorded. Dropping it is its end.
#[derive(Debug)]
pub struct Recorded {
    recorder: Arc<Recorder>,
    session: u64,
}

impl Recorded {
    /// A step begins. The account's lock is held from here until [`Pending::ends`].
    #[must_use]
    pub fn begins(&self, input: &Input) -> Pending<'_> {
        Pending {
            recorded: self,
            input: Some(input.clone()),
        }
    }

    /// The session is told that its account failed.
    pub fn lost(&self) {
        self.recorder.send(Event::Lost(self.session));
    }

    /// The answer to the last step has been written.
    pub fn wrote(&self, tag: &str, written: Written) {
        self.recorder.send(Event::Wrote(Wrote {
            session: self.session,
            tag: tag.into(),
            sum: written.sum.finalize(),
            octets: written.octets,
            rendered: written.rendered,
            lack: written.lack,
        }));
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        self.recorder.send(Event::Left(self.session));
    }
}

/// A step that is being made. If it never ends, it failed, and that is recorded.
#[derive(Debug)]
pub struct Pending<'a> {
    recorded: &'a Recorded,
    input: Option<Input>,
}

impl Pending<'_> {
    /// The step has answered this, and left the journal there.
    pub fn ends(mut self, responses: &[Response], position: Position) {
        self.tell(responses.to_vec(), Some(position));
    }

    fn tell(&mut self, responses: Vec<Response>, position: Option<Position>) {
        if let Some(input) = self.input.take() {
            self.recorded.recorder.send(Event::Step {
                session: self.recorded.session,
                input,
                responses,
                position,
            });
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.tell(Vec::new(), None);
    }
}

/// What is being written to a client of the answer to one step.
#[derive(Clone, Debug, Default)]
pub struct Written {
    sum: crc32fast::Hasher,
    octets: u64,
    rendered: u64,
    lack: Option<Lack>,
}

impl Written {
    /// A response was left out, for this.
    pub fn left_out(&mut self, lack: Lack) {
        self.lack = self.lack.or(Some(lack));
    }

    /// These octets were put out for a response; none: some of them have left already. `lack`: why what the session answered is not what could be said.
    pub fn response(&mut self, response: &Response, octets: Option<&[u8]>, lack: Option<Lack>) {
        self.lack = self.lack.or(lack);
        if is_rendered(response) {
            self.rendered += u64::from(octets.is_none_or(|octets| !octets.is_empty()));
        } else if let Some(octets) = octets {
            self.sum.update(octets);
            self.octets += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        }
    }
}

/// Writes what happens until the end. What has come is in the file before more is waited for, so that a server that is killed loses what was in
/// the queue, and nothing that had been written before.
fn write(mut file: BufWriter<File>, events: &Receiver<Event>) -> io::Result<()> {
    let mut wordings = HashMap::new();
    let mut text = String::new();
    loop {
        let event = match events.try_recv() {
            Ok(event) => event,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                file.flush()?;
                match events.recv() {
                    Ok(event) => event,
                    Err(_) => break,
                }
            }
        };
        let ended = matches!(event, Event::Ended);
        text.clear();
        word(&mut text, event, &mut wordings);
        file.write_all(text.as_bytes())?;
        if ended {
            break;
        }
    }
    file.flush()?;
    file.get_ref().sync_all()
}

fn word(text: &mut String, event: Event, wordings: &mut HashMap<u64, Wording>) {
    match event {
        Event::Said {
            client,
            cause,
            octets,
        } => Said::write(text, client, &cause, &octets),
        Event::Gone(client) => text.push_str(&format!("gone {client}\n")),
        Event::Opened(opened) => opened.write(text),
        Event::Entered {
            session,
            opening,
            is_unheard,
        } => {
            wordings.insert(session, Wording::default());
            let how = if is_unheard { " unheard" } else { "" };
            text.push_str(&format!("enter {session} {opening}{how}\n"));
        }
        Event::Step {
            session,
            input,
            responses,
            position,
        } => {
            Step::write_input(text, session, &input);
            let wording = wordings.entry(session).or_default();
            for response in &responses {
                text.push_str("> ");
                text.push_str(&wording.line(response));
                text.push('\n');
            }
            Step::write_end(text, position);
        }
        Event::Wrote(wrote) => wrote.write(text),
        Event::Lost(session) => text.push_str(&format!("lost {session}\n")),
        Event::Failed(opening) => text.push_str(&format!("fail {opening}\n")),
        Event::Left(session) => {
            wordings.remove(&session);
            text.push_str(&format!("leave {session}\n"));
        }
        Event::Ended => text.push_str("end\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::replay::{Difference, Verdict, replay};
    use crate::storage::AccountId;
    use tandem_model::{Account, Limits, Practice};

    #[test]
    fn a_step_that_never_ends_is_recorded_as_one_that_failed() {
        let directory = tempfile::TempDir::new().unwrap();
        let path = directory.path().join("tape");
        let header = Header::new(Practice::default(), Limits::default());
        let recorder = Arc::new(Recorder::start(&path, &header).unwrap());
        let (account, opening) = (Account::new(Limits::default()), recorder.next_opening());
        recorder.opened(Opened {
            opening,
            account: AccountId(1),
            position: account.position(),
            read_only: false,
            changes: account.snapshot().collect(),
        });
        let recorded = recorder.enter(opening, None, false);
        recorded.lost();
        let failed = std::thread::scope(|scope| {
            let step = scope.spawn(|| {
                let _pending = recorded.begins(&Input::Wake);
                panic!("inside of a step");
            });
            step.join().is_err()
        });
        assert!(failed);
        drop(recorded);
        recorder.close();
        let text = std::fs::read(path).unwrap();
        let verdict = replay(text.as_slice(), |_, _| {}).unwrap();
        let Verdict::Differs { difference, .. } = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(difference, Difference::Failed);
        assert!(text.ends_with(b"lost 1\nstep 1 wake\n!\nleave 1\nend\n"));
    }

    #[test]
    fn an_account_that_failed_may_be_opened_with_less_and_no_other() {
        let account = Account::new(Limits::default());
        let whole = account.snapshot().collect::<Vec<_>>();
        let open = |opening, position, changes| {
            let opened = Opened {
                opening,
                account: AccountId(1),
                position,
                read_only: false,
                changes,
            };
            let mut text = String::new();
            opened.write(&mut text);
            text
        };
        let less = open(2, Position(0), Vec::new());
        let first = open(1, Position(1), whole);
        let header = Header::new(Practice::default(), Limits::default()).write();
        let verdict = |between: &str| {
            let text = format!("{header}{first}{between}{less}end\n");
            replay(text.as_bytes(), |_, _| {}).unwrap()
        };
        assert!(matches!(verdict("fail 1\n"), Verdict::Equal { .. }));
        assert!(matches!(verdict(""), Verdict::Differs { .. }));
    }
}
