//! What SEARCH asks for, and how much of it can be judged without the content of a message.
//!
//! Touches nothing but the message that it judges. RFC 3501 section 6.4.4.
//!
//! Theory of operation: a key is judged twice by the same function, [`SearchKey::judge`]. The first time is
//! inside the account's lock, where [`ContentKey`]s are unknown, so that the verdict may be "unknown"; only for
//! those messages the server then judges again, outside of the lock, with the content at hand. Numbers in
//! the key are fixed once, when SEARCH begins, in the numbering that the client had then.

use crate::{
    flags::{Flags, Keyword, Keywords},
    message::{Day, Message},
    number::{SeqNum, Uid},
    sequence_set::{NumberSet, SequenceSet},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// A search key (`search-key` of RFC 3501 section 9). Keys that abbreviate others are spelled out: NEW is RECENT and not \Seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SearchKey {
    /// ALL, and several keys side by side: all of them hold.
    And(Vec<SearchKey>),
    /// OR.
    Or(Box<SearchKey>, Box<SearchKey>),
    /// NOT.
    Not(Box<SearchKey>),
    /// ANSWERED, DELETED, DRAFT, FLAGGED, SEEN: every system flag given is set.
    Flags(Flags),
    /// KEYWORD.
    Keyword(Keyword),
    /// RECENT.
    Recent,
    /// A sequence set: message sequence numbers.
    Sequence(Numbers),
    /// UID.
    Uid(Numbers),
    /// LARGER: RFC822.SIZE is greater than this many octets.
    Larger(u32),
    /// SMALLER: RFC822.SIZE is less than this many octets.
    Smaller(u32),
    /// BEFORE: INTERNALDATE is earlier than this day.
    Before(Day),
    /// ON: INTERNALDATE is within this day.
    On(Day),
    /// SINCE: INTERNALDATE is within this day or later.
    Since(Day),
    /// What only the content can tell.
    Content(ContentKey),
}

/// Keys that need the content of the message. Strings are Unicode, compared as RFC 3501 section 6.4.4 says:
/// a substring, without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ContentKey {
    /// HEADER; also BCC, CC, FROM, SUBJECT, TO, which are HEADER with that field.
    Header {
        /// The field's name, without the colon.
        field: Arc<str>,
        /// What its text contains; empty: it is there at all.
        text: Arc<str>,
    },
    /// BODY.
    Body(Arc<str>),
    /// TEXT: header or body.
    Text(Arc<str>),
    /// SENTBEFORE: the Date: field, time and zone disregarded, is earlier than this day.
    SentBefore(Day),
    /// SENTON.
    SentOn(Day),
    /// SENTSINCE.
    SentSince(Day),
}

/// A set of numbers in a search key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Numbers {
    /// As the client wrote it.
    Asked(SequenceSet),
    /// With `*` resolved; SEARCH has begun.
    Fixed(NumberSet),
}

impl Numbers {
    fn fix(&mut self, largest: u32) {
        if let Self::Asked(set) = self {
            *self = Self::Fixed(set.resolve(largest));
        }
    }

    fn contains(&self, number: u32) -> bool {
        match self {
            Self::Asked(_) => false,
            Self::Fixed(set) => set.contains(number),
        }
    }
}

/// What a key is judged on.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The message's number in the view of the session that searches.
    pub seq: SeqNum,
    /// The message.
    pub message: &'a Message,
    /// Whether it is \Recent for this session.
    pub recent: bool,
    /// The keywords of its mailbox.
    pub keywords: &'a Keywords,
}

impl SearchKey {
    /// ALL.
    pub const ALL: Self = Self::And(Vec::new());

    /// Resolves every `*`: to the last message sequence number of the view, and to its last UID.
    pub fn fix(&mut self, last: SeqNum, last_uid: Uid) {
        match self {
            Self::And(keys) => keys.iter_mut().for_each(|key| key.fix(last, last_uid)),
            Self::Or(left, right) => {
                left.fix(last, last_uid);
                right.fix(last, last_uid);
            }
            Self::Not(key) => key.fix(last, last_uid),
            Self::Sequence(numbers) => numbers.fix(last.0),
            Self::Uid(numbers) => numbers.fix(last_uid.0),
            Self::Flags(_)
            | Self::Keyword(_)
            | Self::Recent
            | Self::Larger(_)
            | Self::Smaller(_)
            | Self::Before(_)
            | Self::On(_)
            | Self::Since(_)
            | Self::Content(_) => {}
        }
    }

    /// The largest message sequence number that it names, once fixed: above EXISTS it is an error.
    #[must_use]
    pub fn largest_sequence_number(&self) -> Option<SeqNum> {
        match self {
            Self::And(keys) => keys.iter().filter_map(Self::largest_sequence_number).max(),
            Self::Or(left, right) => left
                .largest_sequence_number()
                .max(right.largest_sequence_number()),
            Self::Not(key) => key.largest_sequence_number(),
            Self::Sequence(Numbers::Fixed(set)) => set.largest().map(SeqNum),
            _ => None,
        }
    }

    /// Whether it names sequence number 0, once fixed: `*` where there is no message.
    #[must_use]
    pub fn names_zero(&self) -> bool {
        match self {
            Self::And(keys) => keys.iter().any(Self::names_zero),
            Self::Or(left, right) => left.names_zero() || right.names_zero(),
            Self::Not(key) => key.names_zero(),
            Self::Sequence(Numbers::Fixed(set)) => set.smallest() == Some(0),
            _ => false,
        }
    }

    /// Whether it holds of a message; `None` where that depends on content that `content` does not
    /// know (it answers `None`). Keys must be fixed; those that are not hold of nothing.
    pub fn judge(
        &self,
        subject: &Subject<'_>,
        content: &mut dyn FnMut(&ContentKey) -> Option<bool>,
    ) -> Option<bool> {
        let message = subject.message;
        Some(match self {
            Self::And(keys) => {
                let mut verdict = Some(true);
                for key in keys {
                    match key.judge(subject, content) {
                        Some(true) => {}
                        Some(false) => return Some(false),
                        None => verdict = None,
                    }
                }
                return verdict;
            }
            Self::Or(left, right) => {
                return match left.judge(subject, content) {
                    Some(true) => Some(true),
                    Some(false) => right.judge(subject, content),
                    None => right.judge(subject, content).filter(|&holds| holds),
                };
            }
            Self::Not(key) => return key.judge(subject, content).map(|holds| !holds),
            Self::Content(key) => return content(key),
            Self::Flags(flags) => message.flags.contains(*flags),
            Self::Keyword(keyword) => subject
                .keywords
                .index(keyword)
                .is_some_and(|index| message.flags.contains(Flags::keyword(index))),
            Self::Recent => subject.recent,
            Self::Sequence(numbers) => numbers.contains(subject.seq.0),
            Self::Uid(numbers) => numbers.contains(message.uid.0),
            Self::Larger(size) => message.size > *size,
            Self::Smaller(size) => message.size < *size,
            Self::Before(day) => message.date.day() < *day,
            Self::On(day) => message.date.day() == *day,
            Self::Since(day) => message.date.day() >= *day,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        message::InternalDate,
        number::{ContentId, ModSeq},
        sequence_set::Bound,
    };
    use alloc::vec;

    /// Sequence number 2 of three, of UID 20: \Seen, with keyword 1, of 100 octets, of day 10.
    fn judged(key: &SearchKey, recent: bool, content: Option<bool>) -> Option<bool> {
        let mut keywords = Keywords::default();
        keywords.add(Keyword("other".into()));
        keywords.add(Keyword("known".into()));
        let message = Message {
            uid: Uid(20),
            size: 100,
            modseq: ModSeq(1),
            flags: Flags::SEEN.with(Flags::keyword(1)),
            date: InternalDate::new(10 * 86_400, 0),
            content: ContentId(1),
        };
        let subject = Subject {
            seq: SeqNum(2),
            message: &message,
            recent,
            keywords: &keywords,
        };
        key.judge(&subject, &mut |_| content)
    }

    fn numbers(from: u32, to: Bound) -> Numbers {
        Numbers::Asked(SequenceSet::range(Bound::Number(from), to))
    }

    fn fixed(mut key: SearchKey) -> SearchKey {
        key.fix(SeqNum(3), Uid(30));
        key
    }

    #[test]
    fn each_key_is_judged_by_what_it_names() {
        for (key, holds) in [
            (SearchKey::ALL, true),
            (SearchKey::Flags(Flags::SEEN), true),
            (SearchKey::Flags(Flags::SEEN.with(Flags::DRAFT)), false),
            (SearchKey::Keyword(Keyword("KNOWN".into())), true),
            (SearchKey::Keyword(Keyword("other".into())), false),
            (SearchKey::Keyword(Keyword("unheard".into())), false),
            (SearchKey::Larger(99), true),
            (SearchKey::Larger(100), false),
            (SearchKey::Smaller(100), false),
            (SearchKey::Smaller(101), true),
            (SearchKey::Before(Day(10)), false),
            (SearchKey::Before(Day(11)), true),
            (SearchKey::On(Day(9)), false),
            (SearchKey::On(Day(10)), true),
            (SearchKey::On(Day(11)), false),
            (SearchKey::Since(Day(9)), true),
            (SearchKey::Since(Day(10)), true),
            (SearchKey::Since(Day(11)), false),
            (SearchKey::Sequence(numbers(2, Bound::Number(2))), true),
            (SearchKey::Sequence(numbers(3, Bound::Star)), false),
            (SearchKey::Uid(numbers(20, Bound::Number(20))), true),
            (SearchKey::Uid(numbers(2, Bound::Number(3))), false),
        ] {
            let key = fixed(key);
            assert_eq!(judged(&key, false, None), Some(holds), "{key:?}");
            let not = SearchKey::Not(Box::new(key));
            assert_eq!(judged(&not, false, None), Some(!holds), "{not:?}");
        }
        for recent in [true, false] {
            assert_eq!(judged(&SearchKey::Recent, recent, None), Some(recent));
        }
    }

    #[test]
    fn what_depends_on_content_is_unknown_until_that_is_at_hand() {
        let of = |verdict| match verdict {
            Some(true) => SearchKey::ALL,
            Some(false) => SearchKey::Not(Box::new(SearchKey::ALL)),
            None => SearchKey::Content(ContentKey::Body("".into())),
        };
        let verdicts = [Some(true), Some(false), None];
        for left in verdicts {
            for right in verdicts {
                let or = SearchKey::Or(Box::new(of(left)), Box::new(of(right)));
                let and = SearchKey::And(vec![of(left), of(right)]);
                for content in verdicts {
                    let (left, right) = (left.or(content), right.or(content));
                    let expected = match (left, right) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    };
                    assert_eq!(judged(&or, false, content), expected);
                    let expected = match (left, right) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    };
                    assert_eq!(judged(&and, false, content), expected);
                }
            }
        }
    }

    #[test]
    fn the_numbers_of_a_key_are_found_wherever_they_stand_in_it() {
        let sequence = |from, to| SearchKey::Sequence(numbers(from, to));
        let uid = || SearchKey::Uid(numbers(50, Bound::Star));
        let boxed = Box::new;
        for (key, largest) in [
            (sequence(1, Bound::Number(7)), Some(7)),
            (sequence(1, Bound::Star), Some(3)),
            (SearchKey::Not(boxed(sequence(7, Bound::Star))), Some(7)),
            (
                SearchKey::Or(boxed(sequence(4, Bound::Star)), boxed(uid())),
                Some(4),
            ),
            (
                SearchKey::Or(boxed(uid()), boxed(sequence(4, Bound::Star))),
                Some(4),
            ),
            (
                SearchKey::And(vec![sequence(5, Bound::Star), sequence(1, Bound::Star)]),
                Some(5),
            ),
            (uid(), None),
            (SearchKey::Recent, None),
        ] {
            assert_eq!(key.largest_sequence_number(), None, "it is not fixed");
            let key = fixed(key);
            assert_eq!(
                key.largest_sequence_number(),
                largest.map(SeqNum),
                "{key:?}"
            );
            assert!(!key.names_zero());
        }
        assert_eq!(
            fixed(uid()),
            SearchKey::Uid(Numbers::Fixed([(30, 50)].into_iter().collect()))
        );
    }

    #[test]
    fn star_where_there_is_no_message_is_number_0() {
        let star =
            || SearchKey::Sequence(Numbers::Asked(SequenceSet::range(Bound::Star, Bound::Star)));
        let boxed = Box::new;
        for key in [
            star(),
            SearchKey::Not(boxed(star())),
            SearchKey::Or(boxed(star()), boxed(SearchKey::ALL)),
            SearchKey::Or(boxed(SearchKey::ALL), boxed(star())),
            SearchKey::And(vec![SearchKey::ALL, star()]),
        ] {
            let mut empty = key.clone();
            empty.fix(SeqNum(0), Uid(0));
            assert!(empty.names_zero(), "{key:?}");
            assert!(!fixed(key).names_zero());
        }
        assert!(
            !fixed(SearchKey::Or(
                boxed(SearchKey::ALL),
                boxed(SearchKey::Recent)
            ))
            .names_zero()
        );
    }
}
