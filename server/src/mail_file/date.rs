//! Dates in mail files: that of a `From ` line, and that of the header.
//!
//! Touches nothing. RFC 4155 (the line has the time in UTC, as asctime writes it; what deployed programs write is more varied), RFC 5322
//! section 3.3. Times before 1970 become the first second of it.

use crate::render::header;
use mail_parser::DateTime;
use tandem_model::message::InternalDate;
use time::{Date, Month, Time};

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The date of a line like `From somebody@example.org Mon Jul  7 09:00:00 2025`. The seconds may be missing, and a zone like
/// `+0200` may stand before or after the year; the name of a zone is passed over, and without one it is UTC.
#[must_use]
pub fn of_from_line(line: &[u8]) -> Option<InternalDate> {
    let line = str::from_utf8(line).ok()?;
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    // A sender may have spaces in it, and even the name of a day.
    let day_of_week = words.iter().rposition(|word| DAYS.contains(word))?;
    let mut words = words.into_iter().skip(day_of_week.saturating_add(1));
    let month = words.next()?;
    let month = (1..)
        .zip(MONTHS)
        .find(|(_, name)| *name == month)
        .and_then(|(number, _)| Month::try_from(number).ok())?;
    let day: u8 = words.next()?.parse().ok()?;
    let time = time(words.next()?)?;
    let (mut year, mut zone) = (None, 0);
    for word in words {
        match word.split_at_checked(1) {
            Some((sign @ ("+" | "-"), offset)) => {
                let minutes = minutes(offset)?;
                zone = if sign == "-" { -minutes } else { minutes };
            }
            _ if word.len() == 4 && year.is_none() => year = word.parse::<u16>().ok(),
            _ => {}
        }
    }
    let date = Date::from_calendar_date(i32::from(year?), month, day).ok()?;
    let local = date.with_time(time).assume_utc().unix_timestamp();
    Some(of(local.saturating_sub(i64::from(zone) * 60), zone))
}

/// That of a message's Date field, if it has one.
#[must_use]
pub fn of_header(message: &[u8]) -> Option<InternalDate> {
    let value = header::first(header::split(message).0, "Date")?;
    let date = DateTime::parse_rfc822(&String::from_utf8_lossy(&value))?;
    if !date.is_valid() {
        return None;
    }
    let zone = i16::from(date.tz_hour) * 60 + i16::from(date.tz_minute);
    let zone = if date.tz_before_gmt { -zone } else { zone };
    Some(of(date.to_timestamp(), zone))
}

/// From seconds since 1970 in UTC and minutes east of it.
#[must_use]
pub fn of(seconds: i64, zone: i16) -> InternalDate {
    InternalDate::new(u64::try_from(seconds).unwrap_or_default(), zone)
}

/// `09:00` or `09:00:00`.
fn time(word: &str) -> Option<Time> {
    let mut parts = word.splitn(3, ':').map(|part| part.parse::<u8>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    // A leap second is no second of its own.
    let second = parts.next().unwrap_or(Some(0))?.min(59);
    Time::from_hms(hour, minute, second).ok()
}

/// `0130`, in minutes.
fn minutes(offset: &str) -> Option<i16> {
    let (hours, minutes) = offset.split_at_checked(2).filter(|_| offset.len() == 4)?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    (hours < 24 && minutes < 60).then(|| i16::from(hours) * 60 + i16::from(minutes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode::date::date_time;

    fn written(date: Option<InternalDate>) -> String {
        let mut out = Vec::new();
        if let Some(date) = date {
            date_time(&mut out, date);
        }
        String::from_utf8(out).unwrap().replace('"', "")
    }

    #[test]
    fn the_date_of_a_from_line_is_read_as_programs_write_it() {
        for (line, expected) in [
            (
                "From a@b Mon Jul  7 09:00:00 2025",
                " 7-Jul-2025 09:00:00 +0000",
            ),
            (
                "From - Sat Feb 29 23:59:60 2020\r\n",
                "29-Feb-2020 23:59:59 +0000",
            ),
            (
                "From a b Sun Mon Jul  7 09:00 2025",
                " 7-Jul-2025 09:00:00 +0000",
            ),
            (
                "From 17@xxx Mon Jul 07 09:00:00 +0200 2025",
                " 7-Jul-2025 09:00:00 +0200",
            ),
            (
                "From a@b Mon Jul  7 09:00:00 2025 -0730",
                " 7-Jul-2025 09:00:00 -0730",
            ),
            (
                "From a@b Mon Jul  7 09:00:00 CEST 2025",
                " 7-Jul-2025 09:00:00 +0000",
            ),
            (
                "From a@b Wed Jan  1 00:00:00 1969",
                " 1-Jan-1970 00:00:00 +0000",
            ),
            ("From a@b Mon Jul  7 09:00:00", ""),
            ("From a@b Mon Feb 30 09:00:00 2025", ""),
            ("From a@b Mon Jul  7 25:00:00 2025", ""),
            ("From a@b Mon Jul  7 09:00:00 2025 +9900", ""),
            ("From now on, 7 Jul 2025", ""),
            ("From \u{ff}", ""),
            ("From", ""),
        ] {
            assert_eq!(written(of_from_line(line.as_bytes())), expected, "{line}");
        }
    }

    #[test]
    fn the_date_of_a_header_keeps_its_zone() {
        for (message, expected) in [
            (
                "Date: Tue, 8 Jul 2025 18:30:00 +0200\r\n\r\n",
                " 8-Jul-2025 18:30:00 +0200",
            ),
            (
                "A: b\r\nDATE: 8 Jul 2025 18:30:00 -0130\r\n\r\n",
                " 8-Jul-2025 18:30:00 -0130",
            ),
            ("Date: yesterday\r\n\r\n", ""),
            ("Date: Tue, 99 Jul 2025 18:30:00 +0200\r\n\r\n", ""),
            ("A: b\r\n\r\nDate: Tue, 8 Jul 2025 18:30:00 +0200\r\n", ""),
        ] {
            assert_eq!(
                written(of_header(message.as_bytes())),
                expected,
                "{message}"
            );
        }
    }
}
