//! Dates and times, of days that exist.
//!
//! Touches nothing. RFC 3501 section 9 (`date`, `date-time`).

use super::{
    cursor::{Cursor, Unexpected},
    primitives::expected,
};
use nom::{
    IResult, Parser,
    branch::alt,
    bytes::complete::{tag, take, take_while_m_n},
    combinator::{cut, map},
    sequence::{delimited, preceded, terminated},
};
use tandem_model::message::{Day, InternalDate};
use time::{Date, Month, Time, UtcOffset};

/// The months as they are written, January first.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The Julian day number of 1970-01-01.
const EPOCH: i32 = 2_440_588;

/// `date = date-text / DQUOTE date-text DQUOTE`
pub(super) fn date(input: Cursor<'_>) -> IResult<Cursor<'_>, Day, Unexpected> {
    let closing = cut(expected("the closing `\"` of a date", tag("\"")));
    let within = delimited(tag("\""), cut(date_text), closing);
    let (rest, date) =
        expected("a date such as 1-Feb-1994", alt((within, date_text))).parse(input)?;
    Ok((rest, Day(date.to_julian_day().saturating_sub(EPOCH))))
}

/// `date-text = date-day "-" date-month "-" date-year`
fn date_text(input: Cursor<'_>) -> IResult<Cursor<'_>, Date, Unexpected> {
    day_month_year(input, date_day)
}

/// A day, however it is written, and `"-" date-month "-" date-year`
fn day_month_year<'a>(
    input: Cursor<'a>,
    day: impl Parser<Cursor<'a>, Output = u16, Error = Unexpected>,
) -> IResult<Cursor<'a>, Date, Unexpected> {
    let rest = (terminated(date_month, hyphen), date_year);
    let (rest, (day, (month, year))) = (terminated(day, hyphen), cut(rest)).parse(input)?;
    let day = u8::try_from(day).unwrap_or(0);
    let date = Date::from_calendar_date(i32::from(year), month, day)
        .map_err(|_| input.fail("a day that exists"))?;
    Ok((rest, date))
}

/// `"-"`
fn hyphen(input: Cursor<'_>) -> IResult<Cursor<'_>, Cursor<'_>, Unexpected> {
    expected("`-`", tag("-")).parse(input)
}

/// `date-day = 1*2DIGIT`
fn date_day(input: Cursor<'_>) -> IResult<Cursor<'_>, u16, Unexpected> {
    expected("a day", digits(1, 2)).parse(input)
}

/// `date-day-fixed = (SP DIGIT) / 2DIGIT`
fn date_day_fixed(input: Cursor<'_>) -> IResult<Cursor<'_>, u16, Unexpected> {
    let single = preceded(tag(" "), digits(1, 1));
    expected(
        "a day of two digits, or a space and one",
        alt((single, digits(2, 2))),
    )
    .parse(input)
}

/// `date-month = "Jan" / "Feb" / "Mar" / "Apr" / "May" / "Jun" / "Jul" / "Aug" / "Sep" / "Oct" / "Nov" / "Dec"`
fn date_month(input: Cursor<'_>) -> IResult<Cursor<'_>, Month, Unexpected> {
    const WHAT: &str = "a month from `Jan` to `Dec`";
    let (rest, name) = expected(WHAT, take(3_usize)).parse(input)?;
    let index = MONTHS
        .iter()
        .position(|month| name.rest.eq_ignore_ascii_case(month.as_bytes()));
    let number = index.and_then(|index| u8::try_from(index + 1).ok());
    let month = number.and_then(|number| Month::try_from(number).ok());
    Ok((rest, month.ok_or_else(|| input.fail(WHAT))?))
}

/// `date-year = 4DIGIT`
fn date_year(input: Cursor<'_>) -> IResult<Cursor<'_>, u16, Unexpected> {
    expected("a year of four digits", digits(4, 4)).parse(input)
}

/// `date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE`
///
/// Times before 1970 become the first second of it: the model's INTERNALDATE begins there.
pub(super) fn date_time(input: Cursor<'_>) -> IResult<Cursor<'_>, InternalDate, Unexpected> {
    let space = || expected("a space", tag(" "));
    let day = |input| day_month_year(input, date_day_fixed);
    let parts = (terminated(day, space()), terminated(time, space()), zone);
    let opening = expected("a date and time", tag("\""));
    let closing = expected("the closing `\"` of a date and time", tag("\""));
    let (rest, (day, time, zone)) = delimited(opening, cut(parts), cut(closing)).parse(input)?;
    let local = day.with_time(time).assume_utc().unix_timestamp();
    let seconds = local.saturating_sub(i64::from(zone) * 60);
    Ok((
        rest,
        InternalDate::new(u64::try_from(seconds).unwrap_or(0), zone),
    ))
}

/// `time = 2DIGIT ":" 2DIGIT ":" 2DIGIT`
fn time(input: Cursor<'_>) -> IResult<Cursor<'_>, Time, Unexpected> {
    const WHAT: &str = "a time of day such as 23:59:59";
    let part = || map(digits(2, 2), |value| u8::try_from(value).unwrap_or(u8::MAX));
    let colon = || expected("`:`", tag(":"));
    let parts = (
        terminated(part(), colon()),
        terminated(part(), colon()),
        part(),
    );
    let (rest, (hour, minute, second)) = expected(WHAT, parts).parse(input)?;
    let time = Time::from_hms(hour, minute, second).map_err(|_| input.fail(WHAT))?;
    Ok((rest, time))
}

/// `zone = ("+" / "-") 4DIGIT`, as minutes east of UTC
fn zone(input: Cursor<'_>) -> IResult<Cursor<'_>, i16, Unexpected> {
    const WHAT: &str = "a time zone such as +0100";
    let east = alt((map(tag("+"), |_| 1), map(tag("-"), |_| -1)));
    let (rest, (east, hours, minutes)) =
        expected(WHAT, (east, digits(2, 2), digits(2, 2))).parse(input)?;
    // An offset of up to 25 hours could be kept, but hours they are only up to 23.
    if hours > 23 {
        return Err(input.fail(WHAT));
    }
    let signed = |value| i8::try_from(value).map_or(i8::MAX, |value: i8| value * east);
    let offset =
        UtcOffset::from_hms(signed(hours), signed(minutes), 0).map_err(|_| input.fail(WHAT))?;
    Ok((rest, offset.whole_minutes()))
}

/// Digits, at least `least` and at most `most` of them, which is at most four.
fn digits<'a>(
    least: usize,
    most: usize,
) -> impl Parser<Cursor<'a>, Output = u16, Error = Unexpected> {
    let value = |digits: Cursor<'_>| {
        let digit = |value: u16, byte: &u8| value * 10 + u16::from(byte - b'0');
        digits.rest.iter().fold(0, digit)
    };
    map(
        take_while_m_n(least, most, |byte: u8| byte.is_ascii_digit()),
        value,
    )
}
