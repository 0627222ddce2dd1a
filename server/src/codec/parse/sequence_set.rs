//! Sets of message sequence numbers or UIDs.
//!
//! Touches nothing. RFC 3501 section 9 (`sequence-set`).

use super::{
    cursor::{Cursor, Unexpected},
    limits::RANGES,
    primitives::{expected, nz_number},
};
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::tag,
    combinator::{cut, map, opt},
    sequence::preceded,
};
use tandem_model::sequence_set::{Bound, SequenceSet};

/// `sequence-set = (seq-number / seq-range) *("," sequence-set)`
pub(super) fn sequence_set(input: Cursor<'_>) -> IResult<Cursor<'_>, SequenceSet, Unexpected> {
    let (mut input, first) =
        expected("a set of numbers such as 1,3:5,7:*", seq_range).parse(input)?;
    let mut ranges = vec![first];
    while let Ok((next, _)) = tag::<_, _, Unexpected>(",").parse(input) {
        if ranges.len() >= RANGES {
            return Err(next.too_many(RANGES, "ranges in a set of numbers"));
        }
        let (rest, range) = cut(seq_range).parse(next)?;
        ranges.push(range);
        input = rest;
    }
    Ok((input, SequenceSet { ranges }))
}

/// `seq-number / seq-range`
///
/// `seq-range = seq-number ":" seq-number`
fn seq_range(input: Cursor<'_>) -> IResult<Cursor<'_>, (Bound, Bound), Unexpected> {
    let (rest, from) = seq_number(input)?;
    let (rest, to) = opt(preceded(tag(":"), cut(seq_number))).parse(rest)?;
    Ok((rest, (from, to.unwrap_or(from))))
}

/// `seq-number = nz-number / "*"`
fn seq_number(input: Cursor<'_>) -> IResult<Cursor<'_>, Bound, Unexpected> {
    let star = map(tag("*"), |_| Bound::Star);
    let number = map(nz_number, Bound::Number);
    expected("a number from 1 to 4294967295, or `*`", alt((star, number))).parse(input)
}
