//! What a session answers, as octets: the part of the driver's that is no waiting.
//!
//! Touches nothing. The server's encoder and renderer do the work.

use std::mem;
use tandem_model::{
    Response,
    flags::Keywords,
    number::ContentId,
    response::{FetchData, SearchPage},
};
use tandem_server::{
    codec::{
        encode,
        request::{FetchAttribute, Tag},
    },
    content::{Found, Part},
    render, search,
};

/// What is known of the command that is answered, and the octets.
#[derive(Debug)]
pub struct Answer {
    /// The command's tag.
    pub tag: Tag,
    /// FETCH: what to show of each message.
    pub attributes: Vec<FetchAttribute>,
    /// What SEARCH has found in the pages up to now.
    found: Vec<u32>,
    /// What the client was last told by FLAGS.
    pub keywords: Keywords,
    /// What was put out.
    pub out: Vec<u8>,
}

impl Default for Answer {
    fn default() -> Self {
        Self {
            tag: Tag("".into()),
            attributes: Vec::new(),
            found: Vec::new(),
            keywords: Keywords::default(),
            out: Vec::new(),
        }
    }
}

impl Answer {
    /// Puts out one response; contents are found by `found`: so much of it.
    pub fn response(
        &mut self,
        response: &Response,
        found: impl Fn(ContentId, Part) -> Option<Found>,
    ) {
        match response {
            Response::Fetch { seq, data } if !matches!(data, FetchData::Flags { .. }) => {
                let found = match data {
                    FetchData::Message { message, .. } => {
                        let part = FetchAttribute::parts(&self.attributes);
                        part.and_then(|part| found(message.content, part))
                    }
                    FetchData::Flags { .. } | FetchData::Nil { .. } => None,
                };
                render::fetch(
                    &mut self.out,
                    *seq,
                    data,
                    &self.attributes,
                    found.as_ref(),
                    &self.keywords,
                );
            }
            Response::Search(page) => self.search(page, found),
            Response::Flags(keywords) => {
                self.keywords = keywords.clone();
                encode::response(&mut self.out, response, &self.tag, &self.keywords);
            }
            _ => encode::response(&mut self.out, response, &self.tag, &self.keywords),
        }
    }

    fn search(&mut self, page: &SearchPage, found: impl Fn(ContentId, Part) -> Option<Found>) {
        for candidate in &page.candidates {
            let holds = match (&candidate.unjudged, &page.key) {
                (Some(unjudged), Some(key)) => search::part(key)
                    .and_then(|part| found(unjudged.message.content, part))
                    .is_some_and(|found| search::judge(key, unjudged, &found)),
                _ => true,
            };
            if holds {
                self.found.push(candidate.number);
            }
        }
        if page.last {
            encode::search(&mut self.out, &mem::take(&mut self.found));
        }
    }
}
