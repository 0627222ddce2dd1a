//! The responses of one command, on their way to bytes: what the session's step leaves to be rendered or judged.
//!
//! Touches the client's socket, to write, and contents, to read. No account, no lock. RFC 3501 sections 7.2.5 and 7.4.2.
//!
//! Contents are read a few at a time, bounded in number and in octets, however long the page is. They are pinned by the page. One
//! that is not there, or cannot be read, is a failure of the disk, of which no step could know: nothing is shown of its message, and where the step
//! would have said OK the client is told NO, with CORRUPTION (RFC 5530).

use super::wire::{Gone, Wire};
use crate::{
    accounts::{Page, Seat},
    codec::{
        encode,
        request::{FetchAttribute, Tag},
    },
    content::{Found, Part},
    recording::Written,
    render, search,
};
use std::collections::{HashMap, HashSet};
use tandem_model::{
    Response, SearchKey,
    flags::Keywords,
    message::Message,
    number::ContentId,
    response::{Candidate, FetchData, SearchPage, Status},
};
use tokio::task::coop::consume_budget;

/// How many contents are read together, at most.
const READ_MOST: usize = 64;

/// After how many octets no further content is read with them.
const READ_OCTETS: usize = 1 << 20;

/// What a command's responses are written with.
#[derive(Debug)]
pub struct Answer {
    /// The command's tag.
    pub tag: Tag,
    /// FETCH: what to show of each message.
    pub attributes: Vec<FetchAttribute>,
    /// SEARCH: what was found in the pages up to now.
    found: Vec<u32>,
    /// A content that was needed could not be read.
    corrupt: bool,
}

impl Answer {
    /// To a command that is neither FETCH nor SEARCH, and to none.
    #[must_use]
    pub const fn new(tag: Tag) -> Self {
        Self {
            tag,
            attributes: Vec::new(),
            found: Vec::new(),
            corrupt: false,
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
        let mut shelf = HashMap::new();
        for (at, response) in page.responses.iter().enumerate() {
            let (start, mut flushed) = (wire.out.len(), false);
            match response {
                Response::Fetch { seq, data } if !matches!(data, FetchData::Flags { .. }) => {
                    let content = part.zip(message_of(response));
                    let found = match content {
                        Some((part, message)) => {
                            let rest = page.responses.get(at..).unwrap_or_default();
                            let coming = rest.iter().filter_map(message_of);
                            fill(&mut shelf, message, coming, part, seat).await;
                            shelf.get(&message.content)
                        }
                        None => None,
                    };
                    if content.is_some() && found.is_none() {
                        self.corrupt = true;
                        if let Some(written) = &mut written {
                            written.left_out();
                        }
                        continue;
                    }
                    let mut fetch =
                        render::Fetch::new(*seq, data, &self.attributes, found, keywords);
                    while fetch.line(&mut wire.out) {
                        if wire.is_full() {
                            wire.flush().await?;
                            flushed = true;
                        }
                    }
                    consume_budget().await;
                }
                Response::Search(found) => self.search(found, seat, wire).await,
                Response::Tagged(Status::Ok, ..) if self.corrupt => {
                    encode::corruption(&mut wire.out, &self.tag);
                }
                Response::Flags(told) => {
                    keywords.clone_from(told);
                    encode::response(&mut wire.out, response, &self.tag, keywords);
                }
                _ => encode::response(&mut wire.out, response, &self.tag, keywords),
            }
            if let Some(written) = &mut written {
                let octets = if flushed { None } else { wire.out.get(start..) };
                written.response(response, octets, self.corrupt);
            }
            if wire.is_full() {
                wire.flush().await?;
            }
        }
        Ok(())
    }

    /// Judges one page of what SEARCH found; writes all of it with the last.
    async fn search(&mut self, found: &SearchPage, seat: &Seat, wire: &mut Wire) {
        let mut shelf = HashMap::new();
        for (at, candidate) in found.candidates.iter().enumerate() {
            let rest = found.candidates.get(at..).unwrap_or_default();
            let holds = match &found.key {
                Some(key) => self.judge(key, candidate, rest, &mut shelf, seat).await,
                None => candidate.unjudged.is_none(),
            };
            if holds {
                self.found.push(candidate.number);
            }
        }
        if found.last {
            encode::search(&mut wire.out, &self.found);
            self.found = Vec::new();
        }
    }

    /// Whether a candidate matches; `rest` are those that follow, with it.
    async fn judge(
        &mut self,
        key: &SearchKey,
        candidate: &Candidate,
        rest: &[Candidate],
        shelf: &mut HashMap<ContentId, Found>,
        seat: &Seat,
    ) -> bool {
        let Some(unjudged) = &candidate.unjudged else {
            return true;
        };
        let Some(part) = search::part(key) else {
            return false;
        };
        let coming = rest
            .iter()
            .filter_map(|candidate| candidate.unjudged.as_ref());
        let coming = coming.map(|unjudged| &unjudged.message);
        fill(shelf, &unjudged.message, coming, part, seat).await;
        consume_budget().await;
        match shelf.get(&unjudged.message.content) {
            Some(found) => search::judge(key, unjudged, found),
            None => {
                self.corrupt = true;
                false
            }
        }
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

/// Reads the content of a message, unless it is on the shelf, in place of all that is there; and with it those of messages that come
/// after, as many as may be read together.
async fn fill(
    shelf: &mut HashMap<ContentId, Found>,
    message: &Message,
    coming: impl Iterator<Item = &Message>,
    part: Part,
    seat: &Seat,
) {
    if shelf.contains_key(&message.content) {
        return;
    }
    *shelf = seat.read(together(coming, part), part).await;
}

/// Which of these contents are read at once: the first, and as many more as the bounds allow.
fn together<'a>(coming: impl Iterator<Item = &'a Message>, part: Part) -> Vec<ContentId> {
    let (mut ids, mut octets) = (HashSet::new(), 0_usize);
    for message in coming {
        if ids.len() == READ_MOST || octets > READ_OCTETS {
            break;
        }
        // All of a message may be header.
        if ids.insert(message.content) && part != Part::Digest {
            octets = octets.saturating_add(usize::try_from(message.size).unwrap_or(usize::MAX));
        }
    }
    ids.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_model::{
        flags::Flags,
        message::InternalDate,
        number::{ModSeq, Uid},
    };

    fn message(content: u64, size: usize) -> Message {
        Message {
            uid: Uid(1),
            size: u32::try_from(size).unwrap(),
            modseq: ModSeq(1),
            flags: Flags::NONE,
            date: InternalDate::new(0, 0),
            content: ContentId(content),
        }
    }

    #[test]
    fn what_is_read_at_once_is_bounded_in_number_and_octets() {
        for (size, part, expected) in [
            (100, Part::Whole, READ_MOST),
            (READ_OCTETS, Part::Whole, 2),
            // All of a message may be header.
            (READ_OCTETS, Part::Header, 2),
            (READ_OCTETS, Part::Digest, READ_MOST),
        ] {
            let messages: Vec<_> = (0..100).map(|content| message(content, size)).collect();
            assert_eq!(together(messages.iter(), part).len(), expected, "{part:?}");
        }
        let same = vec![message(7, READ_OCTETS / 2); 100];
        assert_eq!(together(same.iter(), Part::Whole), [ContentId(7)]);
    }
}
