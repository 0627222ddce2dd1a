//! What a mailbox has, as its session tells: for the commands that read mailboxes without a client.
//!
//! Touches the account, through a session only. Mailboxes are opened as by EXAMINE: nothing becomes \Seen, and nothing stops being \Recent.

use crate::accounts::{Lost, Page, Seat};
use tandem_model::{
    Command, Input, Response,
    command::Form,
    flags::{FlagNames, Flags, Keywords},
    message::Message,
    name::MailboxName,
    response::{Code, FetchData, Status},
    sequence_set::SequenceSet,
};

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// OK.
    Ok,
    /// NO or BAD, with its code and text.
    No(Option<Code>, &'static str),
}

impl Answer {
    /// That of the command that this page ends.
    #[must_use]
    pub fn of(page: &Page) -> Self {
        let tagged = page.responses.iter().find_map(|response| match response {
            Response::Tagged(Status::Ok, ..) => Some(Self::Ok),
            Response::Tagged(_, code, text) => Some(Self::No(code.clone(), text)),
            _ => None,
        });
        tagged.unwrap_or(Self::No(None, "the session has ended"))
    }
}

/// Shows each message of a mailbox, in the order of UIDs, with the keywords that the mailbox knows. The answer is that to EXAMINE.
///
/// # Errors
/// The account failed.
pub fn messages(
    seat: &mut Seat,
    mailbox: &MailboxName,
    mut show: impl FnMut(&Message, &Keywords),
) -> Result<Answer, Lost> {
    let page = seat.command(Command::Select {
        mailbox: mailbox.clone(),
        read_only: true,
    })?;
    let answer = Answer::of(&page);
    if answer != Answer::Ok {
        return Ok(answer);
    }
    let keywords = page.responses.iter().find_map(|response| match response {
        Response::Flags(keywords) => Some(keywords.clone()),
        _ => None,
    });
    let keywords = keywords.unwrap_or_default();
    let mut page = seat.command(Command::Fetch {
        set: SequenceSet::all(),
        form: Form::Uid,
        marks_seen: false,
    })?;
    loop {
        for response in &page.responses {
            if let Response::Fetch {
                data: FetchData::Message { message, .. },
                ..
            } = response
            {
                show(message, &keywords);
            }
        }
        if !seat.session().wants_resume() {
            break;
        }
        page = seat.step(Input::Resume)?;
    }
    seat.command(Command::Unselect)?;
    Ok(answer)
}

/// Every mailbox, by name; names that lead to none (\Noselect) are left out.
///
/// # Errors
/// The account failed.
pub fn names(seat: &mut Seat) -> Result<Vec<MailboxName>, Lost> {
    use tandem_model::response::{Listed, ListedName};
    let page = seat.command(Command::List {
        reference: "".into(),
        pattern: "*".into(),
        subscribed: false,
    })?;
    Ok(page
        .responses
        .into_iter()
        .filter_map(|response| match response {
            Response::List(Listed {
                name: ListedName::Mailbox(name),
                no_select: false,
                ..
            }) => Some(name),
            _ => None,
        })
        .collect())
}

/// The flags of a message by name.
#[must_use]
pub fn flags(flags: Flags, keywords: &Keywords) -> FlagNames {
    let set = |index| flags.contains(Flags::keyword(index));
    let keywords = keywords.list().iter().enumerate();
    FlagNames {
        keywords: keywords
            .filter(|&(index, _)| set(index))
            .map(|(_, keyword)| keyword.clone())
            .collect(),
        ..flags.into()
    }
}
