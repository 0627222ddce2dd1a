//! The responses of one command, on their way to bytes: what the session's step leaves to be rendered or judged.
//!
//! Touches the client's socket, to write, and contents that were pinned. No account, no lock. RFC 3501 sections 7.2.5 and 7.4.2.

use super::wire::{Gone, Wire};
use crate::{
    accounts::Page,
    codec::{
        encode,
        request::{FetchAttribute, Tag},
    },
    render, search,
};
use tandem_model::{
    Response,
    flags::Keywords,
    response::{FetchData, SearchPage},
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
}

impl Answer {
    /// To a command that is neither FETCH nor SEARCH, and to none.
    #[must_use]
    pub const fn new(tag: Tag) -> Self {
        Self {
            tag,
            attributes: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Whether the contents of messages are to be pinned for [`Self::write`].
    #[must_use]
    pub fn needs_content(&self) -> bool {
        self.attributes.iter().any(FetchAttribute::needs_content)
    }

    /// Puts the responses of one step into `out`, flushing it whenever it is full. `keywords` is what the client was last
    /// told by FLAGS.
    pub async fn write(
        &mut self,
        page: &Page,
        wire: &mut Wire,
        keywords: &mut Keywords,
    ) -> Result<(), Gone> {
        for response in &page.responses {
            match response {
                Response::Fetch { seq, data, .. } if !matches!(data, FetchData::Flags { .. }) => {
                    let content = match data {
                        FetchData::Message { message, .. } => page.contents.get(&message.content),
                        FetchData::Flags { .. } | FetchData::Nil { .. } => None,
                    };
                    let mut fetch = render::Fetch::new(
                        *seq,
                        data,
                        &self.attributes,
                        content.map(|bytes| &**bytes),
                        keywords,
                    );
                    while fetch.line(&mut wire.out) {
                        if wire.is_full() {
                            wire.flush().await?;
                        }
                    }
                    consume_budget().await;
                }
                Response::Search(found) => self.search(found, page, wire).await,
                Response::Flags(told) => {
                    keywords.clone_from(told);
                    encode::response(&mut wire.out, response, &self.tag, keywords);
                }
                _ => encode::response(&mut wire.out, response, &self.tag, keywords),
            }
            if wire.is_full() {
                wire.flush().await?;
            }
        }
        Ok(())
    }

    /// Judges one page of what SEARCH found; writes all of it with the last.
    async fn search(&mut self, found: &SearchPage, page: &Page, wire: &mut Wire) {
        for candidate in &found.candidates {
            let holds = match (&candidate.unjudged, &found.key) {
                (None, _) => true,
                (Some(unjudged), Some(key)) => {
                    consume_budget().await;
                    let content = page.contents.get(&unjudged.message.content);
                    content.is_some_and(|bytes| search::judge(key, unjudged, bytes))
                }
                (Some(_), None) => false,
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
}
