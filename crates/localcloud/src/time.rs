//! Points in time as AWS's JSON has them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// A point in time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiTimestamp(Duration);

impl ApiTimestamp {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(Duration::from_millis(now.as_millis() as u64))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.0.as_millis() as u64
    }

    /// Returns the time as Signature Version 4 writes it: `20130524T000000Z`.
    #[must_use]
    pub fn amz_date(self) -> String {
        let seconds = self.0.as_secs();
        let (year, month, day) = civil_from_days(seconds / 86_400);
        let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }

    /// Returns the time that [`amz_date`](Self::amz_date) writes like this; `None` for any other text.
    #[must_use]
    pub fn from_amz_date(text: &str) -> Option<Self> {
        let digits = |range: std::ops::Range<usize>| -> Option<u64> {
            let part = text.get(range)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
        };
        if text.len() != 16 || text.as_bytes()[8] != b'T' || text.as_bytes()[15] != b'Z' {
            return None;
        }
        let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
        let (hour, minute, second) = (digits(9..11)?, digits(11..13)?, digits(13..15)?);
        let days = days_from_civil(year, month, day);
        let time = Self(Duration::from_secs(days? * 86_400 + hour * 3_600 + minute * 60 + second));
        // A day or an hour that does not exist is written differently.
        (time.amz_date() == text).then_some(time)
    }

    /// Returns how far two moments are apart.
    #[must_use]
    pub fn distance(self, other: Self) -> Duration {
        self.0.abs_diff(other.0)
    }

    /// Whole seconds since an earlier moment, and at least one: AWS bills no less.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0).as_secs().max(1)
    }
}

/// Seconds since 1970, with their fraction.
impl From<ApiTimestamp> for Value {
    fn from(time: ApiTimestamp) -> Self {
        time.0.as_secs_f64().into()
    }
}

/// Days of the years before `year`, counted from the year 0 of the proleptic Gregorian calendar that begins in March.
fn days_before_year(year: u64) -> u64 {
    year * 365 + year / 4 - year / 100 + year / 400
}

/// Days between the first of March of the year 0 and the first of January 1970.
const EPOCH_DAYS: u64 = 719_468;

/// Days since 1970 as year, month and day: the algorithm of Howard Hinnant's `civil_from_days`.
fn civil_from_days(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH_DAYS;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day)
}

/// The inverse of [`civil_from_days`]; `None` before 1970 or without such a month or day.
fn days_from_civil(year: u64, month: u64, day: u64) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = if month > 2 { (year, month - 3) } else { (year.checked_sub(1)?, month + 9) };
    (days_before_year(year) + (153 * month + 2) / 5 + day - 1).checked_sub(EPOCH_DAYS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_dates_of_signatures() {
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_369_353_600, "20130524T000000Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            let time = ApiTimestamp(Duration::from_secs(seconds));
            assert_eq!(time.amz_date(), text);
            assert_eq!(ApiTimestamp::from_amz_date(text), Some(time));
        }
        for wrong in
            ["", "20130524", "20130230T000000Z", "20130524T240000Z", "2013-05-24T00:00Z", "19691231T235959Z"]
        {
            assert_eq!(ApiTimestamp::from_amz_date(wrong), None, "{wrong}");
        }
    }
}
