//! INTERNALDATE.
//!
//! Touches nothing but the buffer. RFC 3501 section 9, `date-time`.

use super::string::put;
use tandem_model::message::InternalDate;
use time::OffsetDateTime;

/// 9999-12-31 23:59:59: the year has four digits.
const LAST_SECOND: i64 = 253_402_300_799;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Writes `"17-Jul-1996 02:44:25 -0700"`, with the quotes; a day of one digit is padded with a space.
pub fn date_time(out: &mut Vec<u8>, date: InternalDate) {
    let zone = date.zone();
    let local = i64::try_from(date.seconds())
        .unwrap_or(LAST_SECOND)
        .saturating_add(i64::from(zone) * 60)
        .min(LAST_SECOND);
    let local = OffsetDateTime::from_unix_timestamp(local).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = usize::from(u8::from(local.month())) - 1;
    put(
        out,
        format_args!(
            "\"{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}\"",
            local.day(),
            MONTHS.get(month).unwrap_or(&"Jan"),
            local.year(),
            local.hour(),
            local.minute(),
            local.second(),
            if zone < 0 { '-' } else { '+' },
            zone.unsigned_abs() / 60,
            zone.unsigned_abs() % 60,
        ),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_in_its_own_zone() {
        for (seconds, zone, expected) in [
            (837_596_665, -420, "\"17-Jul-1996 02:44:25 -0700\""),
            (0, 0, "\" 1-Jan-1970 00:00:00 +0000\""),
            (0, -1, "\"31-Dec-1969 23:59:00 -0001\""),
            (951_782_400, 330, "\"29-Feb-2000 05:30:00 +0530\""),
            (u64::MAX, 720, "\"31-Dec-9999 23:59:59 +1200\""),
        ] {
            let mut out = Vec::new();
            date_time(&mut out, InternalDate::new(seconds, zone));
            assert_eq!(String::from_utf8_lossy(&out), expected);
        }
    }
}
