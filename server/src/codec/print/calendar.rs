//! Dates and times as a client writes them.
//!
//! Touches nothing. RFC 3501 section 9 (`date`, `date-time`).

use tandem_model::message::{Day, InternalDate};
use time::Date;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `date-text`; of the first or the last day that has four digits for its year, if the day is beyond them.
pub(super) fn date(day: Day) -> String {
    let date = calendar_date(i64::from(day.0));
    format!("{}-{}-{:04}", date.day(), month(date), date.year())
}

/// `date-time`; limited likewise.
pub(super) fn date_time(date: InternalDate) -> String {
    let zone = i64::from(date.zone());
    let seconds = i64::try_from(date.seconds()).unwrap_or(i64::MAX);
    let local = seconds.saturating_add(zone * 60);
    let (day, second) = (
        calendar_date(local.div_euclid(86_400)),
        local.rem_euclid(86_400),
    );
    format!(
        "\"{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}\"",
        day.day(),
        month(day),
        day.year(),
        second / 3_600,
        second / 60 % 60,
        second % 60,
        if zone < 0 { '-' } else { '+' },
        zone.abs() / 60,
        zone.abs() % 60,
    )
}

/// The date of a day counted from 1970-01-01.
fn calendar_date(day: i64) -> Date {
    const EPOCH: i64 = 2_440_588;
    const FIRST: i64 = 1_721_060;
    const LAST: i64 = 5_373_484;
    let julian = day.saturating_add(EPOCH).clamp(FIRST, LAST);
    let julian = i32::try_from(julian).unwrap_or_default();
    Date::from_julian_day(julian).unwrap_or(Date::MIN)
}

fn month(date: Date) -> &'static str {
    let index = usize::from(u8::from(date.month())).saturating_sub(1);
    MONTHS.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_beyond_four_digits_are_the_first_or_last_within() {
        assert_eq!(date(Day(0)), "1-Jan-1970");
        assert_eq!(date(Day(i32::MIN)), "1-Jan-0000");
        assert_eq!(date(Day(i32::MAX)), "31-Dec-9999");
        assert_eq!(
            date_time(InternalDate::new(u64::MAX, 0)).get(..13),
            Some("\"31-Dec-9999 ")
        );
    }

    #[test]
    fn a_time_is_written_in_its_zone() {
        assert_eq!(
            date_time(InternalDate::new(0, 90)),
            "\" 1-Jan-1970 01:30:00 +0130\""
        );
        assert_eq!(
            date_time(InternalDate::new(0, -90)),
            "\"31-Dec-1969 22:30:00 -0130\""
        );
    }
}
