//! The responses of one command, on their way to bytes: what the session's step leaves to be rendered or judged.
//!
//! Touches the client's socket, to write, and contents, to read. No account, no lock. RFC 3501 sections 7.2.5 and 7.4.2.
//!
//! Contents are read a few at a time ([`Shelf`]), however long the page is. They are pinned by the page. One
//! that is not there, or cannot be read, is a failure of the disk, of which no step could know, and so is one for which there is no room: nothing is shown of its message, and where the step
//! would have said OK the client is told NO, with CORRUPTION or LIMIT (RFC 5530).

use super::{
    shelf::{Shelf, Use},
    wire::{Gone, Wire},
};
use crate::{
    accounts::{Page, Seat},
    codec::{
        encode,
        request::{FetchAttribute, Tag},
    },
    content::Lack,
    recording::Written,
    render, search,
};
use tandem_model::{
    Response, SearchKey,
    flags::Keywords,
    message::Message,
    response::{Candidate, FetchData, SearchPage, Status},
};
use tokio::task::coop::consume_budget;

/// What a command's responses are written with.
#[derive(Debug)]
pub struct Answer {
    /// The command's tag.
    pub tag: Tag,
    /// FETCH: what to show of each message.
    pub attributes: Vec<FetchAttribute>,
    /// SEARCH: what was found in the pages up to now.
    found: Vec<u32>,
    /// Why a content that was needed could not be shown.
    lack: Option<Lack>,
}

impl Answer {
    /// To a command that is neither FETCH nor SEARCH, and to none.
    #[must_use]
    pub const fn new(tag: Tag) -> Self {
        Self {
            tag,
            attributes: Vec::new(),
            found: Vec::new(),
            lack: None,
        }
    }

    /// Puts the responses of one step into `out`, flushing it whenever it is full. `keywords` is what the client was last
    /// told by FLAGS. `written`, if somebody records, learns what was put there.
    pub async fn write(
        &mut self,
        page: &Page,
        seat: &Seat,
        wire: &mut Wire,
        keywords: &mut Keywords,
        mut written: Option<&mut Written>,
    ) -> Result<(), Gone> {
        let part = FetchAttribute::parts(&self.attributes);
        let mut shelf = Shelf::new(seat, Use::Shown, self.lack);
        for (at, response) in page.responses.iter().enumerate() {
            let (mut start, mut flushed) = (wire.out.len(), false);
            match response {
                Response::Fetch { seq, data } if !matches!(data, FetchData::Flags { .. }) => {
                    let content = part.zip(message_of(response));
                    if let Some((part, message)) = content {
                        let rest = page.responses.get(at..).unwrap_or_default();
                        let coming = rest.iter().filter_map(message_of);
                        if let Some(lack) = shelf.fill(wire, message, coming, part).await? {
                            let told = *self.lack.get_or_insert(lack);
                            if let Some(written) = &mut written {
                                written.left_out(told);
                            }
                            // Flags need no content, and the session takes it that they were told.
                            if lack == Lack::NoRoom {
                                encode::response(&mut wire.out, response, &self.tag, keywords);
                            }
                            continue;
                        }
                    }
                    // What was there may have left.
                    start = wire.out.len();
                    let found = content.and_then(|(_, message)| shelf.get(message));
                    let mut fetch =
                        render::Fetch::new(*seq, data, &self.attributes, found, keywords);
                    while fetch.line(&mut wire.out) {
                        if wire.is_full() {
                            wire.flush_within(shelf.patience()).await?;
                            flushed = true;
                        }
                    }
                    consume_budget().await;
                }
                Response::Search(found) => start = self.search(found, seat, wire).await?,
                Response::Tagged(Status::Ok, ..) if let Some(lack) = self.lack => {
                    encode::lack(&mut wire.out, &self.tag, lack);
                }
                Response::Flags(told) => {
                    keywords.clone_from(told);
                    encode::response(&mut wire.out, response, &self.tag, keywords);
                }
                _ => encode::response(&mut wire.out, response, &self.tag, keywords),
            }
            if let Some(written) = &mut written {
                let octets = if flushed { None } else { wire.out.get(start..) };
                written.response(response, octets, self.lack);
            }
            if wire.is_full() {
                wire.flush_within(shelf.patience()).await?;
            }
        }
        Ok(())
    }

    /// Judges one page of what SEARCH found; writes all of it with the last. Returns where in `out` that begins.
    async fn search(
        &mut self,
        found: &SearchPage,
        seat: &Seat,
        wire: &mut Wire,
    ) -> Result<usize, Gone> {
        let mut shelf = Shelf::new(seat, Use::Searched, self.lack);
        for (at, candidate) in found.candidates.iter().enumerate() {
            let rest = found.candidates.get(at..).unwrap_or_default();
            let holds = match &found.key {
                Some(key) => self.judge(key, candidate, rest, &mut shelf, wire).await?,
                None => candidate.unjudged.is_none(),
            };
            if holds {
                self.found.push(candidate.number);
            }
        }
        let start = wire.out.len();
        if found.last {
            encode::search(&mut wire.out, &self.found);
            self.found = Vec::new();
        }
        Ok(start)
    }

    /// Whether a candidate matches; `rest` are those that follow, with it.
    async fn judge(
        &mut self,
        key: &SearchKey,
        candidate: &Candidate,
        rest: &[Candidate],
        shelf: &mut Shelf<'_>,
        wire: &mut Wire,
    ) -> Result<bool, Gone> {
        let Some(unjudged) = &candidate.unjudged else {
            return Ok(true);
        };
        let Some(part) = search::part(key) else {
            return Ok(false);
        };
        let coming = rest
            .iter()
            .filter_map(|candidate| candidate.unjudged.as_ref());
        let coming = coming.map(|unjudged| &unjudged.message);
        let message = &unjudged.message;
        if let Some(lack) = shelf.fill(wire, message, coming, part).await? {
            self.lack = self.lack.or(Some(lack));
        }
        let found = shelf.get(&unjudged.message);
        let holds = found.is_some_and(|found| search::judge(key, unjudged, found));
        consume_budget().await;
        Ok(holds)
    }
}

/// The message that a FETCH response shows.
fn message_of(response: &Response) -> Option<&Message> {
    match response {
        Response::Fetch {
            data: FetchData::Message { message, .. },
            ..
        } => Some(message),
        _ => None,
    }
}
