//! What octets say, as a reader understands them that is not ours, beside what a session answered.
//!
//! Touches nothing. Both come down to the same few words: so that what the encoder does wrong is not right because it does so on both stages.

use imap_codec::{
    ResponseCodec,
    decode::Decoder as _,
    imap_types::{
        fetch::MessageDataItem,
        flag::FlagFetch,
        response::{Data, Response as Read, Status as Condition, StatusKind},
    },
};
use std::collections::BTreeSet;
use tandem_model::{
    Response,
    flags::{Flags, Keywords},
    response::{FetchData, Status},
};

/// Reads octets, whole responses; each in a few words.
///
/// # Errors
/// They cannot be read.
pub fn read(mut octets: &[u8]) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    while !octets.is_empty() {
        let decoded = ResponseCodec::default().decode(octets);
        let (rest, response) = decoded.map_err(|fault| format!("{fault:?}"))?;
        words.push(of_read(&response));
        octets = rest;
    }
    Ok(words)
}

fn of_read(response: &Read<'_>) -> String {
    match response {
        Read::Data(Data::Exists(count)) => format!("{count} exist"),
        Read::Data(Data::Recent(count)) => format!("{count} recent"),
        Read::Data(Data::Expunge(seq)) => format!("{seq} expunged"),
        Read::Data(Data::Fetch { seq, items }) => {
            let (mut uid, mut flags) = (None, None);
            for item in items.as_ref() {
                match item {
                    MessageDataItem::Uid(shown) => uid = Some(shown.get()),
                    MessageDataItem::Flags(shown) => {
                        let names = shown.iter().map(|flag| match flag {
                            FlagFetch::Flag(flag) => flag.to_string(),
                            FlagFetch::Recent => RECENT.to_owned(),
                        });
                        flags = Some(names.collect());
                    }
                    _ => {}
                }
            }
            fetched(seq.get(), uid, flags)
        }
        Read::Data(Data::Search(numbers)) => {
            format!(
                "found {:?}",
                numbers
                    .iter()
                    .map(|number| number.get())
                    .collect::<Vec<_>>()
            )
        }
        Read::Data(Data::Flags(_)) => "flags".to_owned(),
        Read::Data(Data::List { .. }) => "list".to_owned(),
        Read::Data(Data::Lsub { .. }) => "lsub".to_owned(),
        Read::Data(Data::Status { items, .. }) => format!("status of {}", items.len()),
        Read::Status(Condition::Tagged(done)) => format!("tagged {}", kind(done.body.kind)),
        Read::Status(Condition::Untagged(said)) => format!("untagged {}", kind(said.kind)),
        Read::Status(Condition::Bye(_)) => "bye".to_owned(),
        Read::CommandContinuationRequest(_) => "continue".to_owned(),
        other => format!("{other:?}"),
    }
}

const RECENT: &str = "\\Recent";

const fn kind(kind: StatusKind) -> &'static str {
    match kind {
        StatusKind::Ok => "OK",
        StatusKind::No => "NO",
        StatusKind::Bad => "BAD",
    }
}

fn fetched(seq: u32, uid: Option<u32>, flags: Option<BTreeSet<String>>) -> String {
    format!("{seq} is {uid:?} {flags:?}")
}

/// What a session answered, in the same words. `keywords` are those that the client was told of last.
#[derive(Clone, Debug, Default)]
pub struct Words {
    keywords: Keywords,
    found: Vec<u32>,
}

impl Words {
    /// Of these responses, in order.
    #[must_use]
    pub fn of(&mut self, responses: &[Response]) -> Vec<String> {
        responses.iter().filter_map(|one| self.one(one)).collect()
    }

    fn one(&mut self, response: &Response) -> Option<String> {
        let status = |status: &Status| match status {
            Status::Ok => "OK",
            Status::No => "NO",
            Status::Bad => "BAD",
        };
        Some(match response {
            Response::Exists(count) => format!("{count} exist"),
            Response::Recent(count) => format!("{count} recent"),
            Response::Expunge(seq) => format!("{} expunged", seq.0),
            Response::Fetch { seq, data } => {
                let (uid, flags) = match data {
                    FetchData::Flags { flags, recent, uid } => {
                        (uid.map(|uid| uid.0), self.names(*flags, *recent))
                    }
                    FetchData::Message {
                        message, recent, ..
                    } => (Some(message.uid.0), self.names(message.flags, *recent)),
                    FetchData::Nil { uid } => (Some(uid.0), BTreeSet::new()),
                };
                fetched(seq.0, uid, Some(flags))
            }
            Response::Search(page) => {
                let candidates = page.candidates.iter();
                self.found
                    .extend(candidates.map(|candidate| candidate.number));
                if !page.last {
                    return None;
                }
                format!("found {:?}", std::mem::take(&mut self.found))
            }
            Response::Flags(keywords) => {
                self.keywords.clone_from(keywords);
                "flags".to_owned()
            }
            Response::List(listed) if listed.subscribed => "lsub".to_owned(),
            Response::List(_) => "list".to_owned(),
            Response::Status(shown) => {
                let asked = shown.items;
                let asked = [
                    asked.messages,
                    asked.recent,
                    asked.uid_next,
                    asked.uid_validity,
                    asked.unseen,
                ];
                format!("status of {}", asked.iter().filter(|asked| **asked).count())
            }
            Response::Tagged(tagged, ..) => format!("tagged {}", status(tagged)),
            Response::Untagged(untagged, ..) => format!("untagged {}", status(untagged)),
            Response::Bye(_) => "bye".to_owned(),
            Response::Continue(_) => "continue".to_owned(),
        })
    }

    fn names(&self, flags: Flags, recent: bool) -> BTreeSet<String> {
        let system = Flags::NAMES
            .iter()
            .filter(|&&(flag, _)| flags.contains(flag))
            .map(|&(_, name)| name.to_owned());
        let keywords = self.keywords.list().iter().zip(0..);
        let keywords = keywords
            .filter(|&(_, place)| flags.contains(Flags::keyword(place)))
            .map(|(keyword, _)| keyword.0.to_string());
        let recent = recent.then(|| RECENT.to_owned());
        system.chain(keywords).chain(recent).collect()
    }
}
