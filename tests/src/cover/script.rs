//! What clients say, one after the other.
//!
//! Touches nothing.

use super::space::{beginnings, sort, whole};
use crate::script::message;
use tandem_model::{
    Command,
    check::{Action, Rules, World},
    command::Form,
    flags::Flags,
    message::InternalDate,
    name::MailboxName,
    number::ContentId,
    sequence_set::SequenceSet,
};
use tandem_server::{
    codec::request::{FetchAttribute, Request, Section, Tag},
    recording::wording::Wording,
};

/// What a client does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Sends a command.
    Say(Box<Request>),
    /// Ends its IDLE.
    Done,
    /// Goes, without a word.
    Leave,
}

/// One thing that is done, and answered before the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// By which client.
    pub client: usize,
    /// What.
    pub deed: Deed,
    /// What the world says that each client hears then, as [`Wording`] has it; none if nobody has said.
    pub heard: Option<Vec<Vec<u8>>>,
}

impl Line {
    /// Something of which the world has not said what comes of it.
    #[must_use]
    pub const fn new(client: usize, deed: Deed) -> Self {
        Self {
            client,
            deed,
            heard: None,
        }
    }
}

/// A world on its way through some actions, which are written down as lines.
#[derive(Debug)]
pub struct Writer<'a> {
    rules: &'a Rules,
    /// Where it is.
    pub world: World,
    /// Which of the script's clients each of the world's is.
    who: Vec<usize>,
    wordings: Vec<Wording>,
    messages: u32,
    /// What was done.
    pub lines: Vec<Line>,
}

impl<'a> Writer<'a> {
    /// At the beginning.
    #[must_use]
    pub fn new(rules: &'a Rules) -> Self {
        let setup = rules.setup();
        Self {
            rules,
            world: rules.beginning().clone(),
            who: (0..setup.clients).collect(),
            wordings: vec![Wording::default(); setup.clients],
            messages: u32::try_from(setup.messages).unwrap(),
            lines: Vec::new(),
        }
    }

    /// What may be done now.
    #[must_use]
    pub fn possible(&self) -> Vec<Action> {
        beginnings(self.rules, &self.world)
    }

    /// Does this, and all that follows from it.
    pub fn act(&mut self, action: Action) {
        let (client, deed) = match action {
            Action::Send { client, verb } => {
                let verb = &self.rules.verbs()[usize::from(verb)];
                if matches!(*verb.command, Command::Append { .. }) {
                    self.messages += 1;
                }
                (client, say(&verb.command, self.messages))
            }
            Action::Done { client } => (client, Deed::Done),
            Action::Break { client } => (client, Deed::Leave),
            other => panic!("nobody begins with {other:?}"),
        };
        let mut heard = vec![Vec::new(); self.wordings.len()];
        let (wordings, who) = (&mut self.wordings, &self.who);
        self.world = whole(self.rules, &self.world, action, &mut |client, responses| {
            for response in responses {
                let client = who[client];
                wordings[client].encode(&mut heard[client], response, &Tag("".into()));
            }
        });
        let client = self.who[usize::from(client)];
        sort(&mut self.world, &mut self.who);
        self.lines.push(Line {
            client,
            deed,
            heard: Some(heard),
        });
    }
}

/// A command of the world's as a client sends it; what it leaves open is filled in: what is fetched, and the octets of a message.
#[must_use]
pub fn say(command: &Command, messages: u32) -> Deed {
    let request = match command {
        Command::Fetch { marks_seen, .. } => Request::Fetch {
            command: command.clone(),
            attributes: vec![
                FetchAttribute::Uid,
                FetchAttribute::Flags,
                FetchAttribute::Section {
                    section: Section::default(),
                    partial: None,
                    peek: !marks_seen,
                },
            ],
        },
        Command::Append { mailbox, flags, .. } => Request::Append {
            mailbox: mailbox.clone(),
            flags: flags.clone(),
            date: None,
            message: message(messages).into_bytes(),
        },
        command => Request::Mailbox(command.clone()),
    };
    Deed::Say(Box::new(request))
}

/// What one more client does to make the beginning of a world, before the others come.
#[must_use]
pub fn beginning(rules: &Rules) -> Vec<Deed> {
    let [shared, other] = ["A", "B"].map(MailboxName::new);
    let count = u32::try_from(rules.setup().messages).unwrap();
    let mut commands = vec![
        Command::Create {
            mailbox: shared.clone(),
        },
        Command::Create { mailbox: other },
    ];
    commands.extend((1..=count).map(|number| {
        Command::Append {
            mailbox: shared.clone(),
            flags: if number == count {
                Flags::DELETED
            } else {
                Flags::NONE
            }
            .into(),
            date: InternalDate::default(),
            content: ContentId(0),
            size: 0,
        }
    }));
    commands.extend([select(&shared), Command::Unselect, Command::Logout]);
    let mut messages = 0;
    commands
        .iter()
        .map(|command| {
            messages += u32::from(matches!(command, Command::Append { .. }));
            say(command, messages)
        })
        .collect()
}

/// What each client of the world does before it begins.
#[must_use]
pub fn entrance() -> Vec<Deed> {
    let all = Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Sequence,
        marks_seen: false,
    };
    let shared = MailboxName::new("A");
    [select(&shared), all]
        .iter()
        .map(|command| say(command, 0))
        .collect()
}

fn select(mailbox: &MailboxName) -> Command {
    Command::Select {
        mailbox: mailbox.clone(),
        read_only: false,
    }
}
