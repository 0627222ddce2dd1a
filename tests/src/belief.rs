//! What a client believes of the mailbox that it has selected, from the responses alone, as imap-codec reads them.
//!
//! Touches nothing. RFC 3501 sections 5.2, 7.3.1, 7.4.1 and 7.4.2. Whatever breaks a rule of these fails the test.

use crate::reader::{bytes, line};
use imap_codec::imap_types::{
    fetch::MessageDataItem,
    flag::FlagFetch,
    response::{Code, Data, Response, Status},
};
use std::collections::BTreeSet;

/// A message, as far as it was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slot {
    /// Its UID.
    pub uid: Option<u32>,
    /// Its flags, \Recent aside.
    pub flags: Option<BTreeSet<String>>,
    /// Its text; one that was shown as empty counts as not shown.
    pub text: Option<Vec<u8>>,
}

/// The messages behind the numbers.
#[derive(Clone, Debug, Default)]
pub struct Belief {
    /// Message number n is at n - 1.
    pub slots: Vec<Slot>,
    /// UIDVALIDITY.
    pub uid_validity: u32,
}

impl Belief {
    /// Hears one untagged response; `permits_expunge`: of the command that is in progress.
    ///
    /// # Panics
    /// The server should not have said it.
    pub fn hear(&mut self, response: &Response<'static>, permits_expunge: bool) {
        match response {
            Response::Data(Data::Exists(count)) => {
                let count = *count as usize;
                assert!(
                    count >= self.slots.len(),
                    "EXISTS lowers the count to {count}"
                );
                self.slots.resize(count, Slot::default());
            }
            Response::Data(Data::Expunge(seq)) => {
                assert!(permits_expunge, "EXPUNGE while it is not permitted");
                let at = self.at(seq.get());
                self.slots.remove(at);
            }
            Response::Data(Data::Fetch { seq, items }) => {
                let at = self.at(seq.get());
                for item in items.as_ref() {
                    self.show(at, item);
                }
            }
            Response::Data(Data::Search(found)) => {
                let fits = found.iter().all(|number| number.get() > 0);
                assert!(fits, "{}", line(response));
            }
            Response::Status(Status::Untagged(status)) => {
                if let Some(Code::UidValidity(value)) = &status.code {
                    self.uid_validity = value.get();
                }
            }
            _ => {}
        }
    }

    fn at(&self, seq: u32) -> usize {
        let held = seq as usize <= self.slots.len();
        assert!(held, "message {seq} of {}", self.slots.len());
        seq as usize - 1
    }

    fn show(&mut self, at: usize, item: &MessageDataItem<'static>) {
        match item {
            MessageDataItem::Uid(uid) => {
                let uid = uid.get();
                let (before, rest) = self.slots.split_at(at);
                let ascends = before
                    .iter()
                    .filter_map(|slot| slot.uid)
                    .all(|other| other < uid)
                    && rest[1..]
                        .iter()
                        .filter_map(|slot| slot.uid)
                        .all(|other| other > uid);
                assert!(ascends, "UID {uid} of message {} does not ascend", at + 1);
                let known = self.slots[at].uid.replace(uid);
                assert!(
                    known.is_none_or(|known| known == uid),
                    "{known:?} is shown as UID {uid}"
                );
            }
            MessageDataItem::Flags(flags) => {
                let named = flags.iter().filter_map(|flag| match flag {
                    FlagFetch::Flag(flag) => Some(flag.to_string()),
                    FlagFetch::Recent => None,
                });
                self.slots[at].flags = Some(named.collect());
            }
            MessageDataItem::BodyExt { data, .. } => {
                let text = bytes(data).unwrap_or_default();
                if !text.is_empty() {
                    let known = self.slots[at].text.replace(text.to_vec());
                    assert!(
                        known.is_none_or(|known| known == text),
                        "message {} is shown as another one",
                        at + 1
                    );
                }
            }
            _ => {}
        }
    }
}
