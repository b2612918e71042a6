//! Points in time as AWS's JSON has them.

use std::time::Duration;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// How Signature Version 4 writes a time: `20130524T000000Z`.
const AMZ_DATE: &str = "%Y%m%dT%H%M%SZ";

/// A point in time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ApiTimestamp(Timestamp);

impl ApiTimestamp {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        Self(Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap_or_default())
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> u64 {
        self.0.as_millisecond() as u64
    }

    /// Seconds since 1970, with their fraction.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.0.as_duration().as_secs_f64()
    }

    /// Returns the time as Signature Version 4 writes it: `20130524T000000Z`.
    #[must_use]
    pub fn amz_date(self) -> String {
        self.0.strftime(AMZ_DATE).to_string()
    }

    /// Returns the time since 1970 that [`amz_date`](Self::amz_date) writes like this; `None` for any other text.
    #[must_use]
    pub fn from_amz_date(text: &str) -> Option<Self> {
        let time = DateTime::strptime(AMZ_DATE, text).ok()?.to_zoned(TimeZone::UTC).ok()?;
        let time = Self(time.timestamp());
        // The parser also reads other forms, such as a leap second.
        (time.0 >= Timestamp::UNIX_EPOCH && time.amz_date() == text).then_some(time)
    }

    /// Returns the time as XML has it: `2013-05-24T00:00:00Z`.
    #[must_use]
    pub fn iso8601(self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Returns the moment so much later.
    #[must_use]
    pub fn after(self, time: Duration) -> Self {
        Self(self.0.saturating_add(time).unwrap_or(self.0))
    }

    /// Returns how far two moments are apart.
    #[must_use]
    pub fn distance(self, other: Self) -> Duration {
        self.0.duration_since(other.0).unsigned_abs()
    }

    /// Whole seconds since an earlier moment, and at least one: AWS bills no less.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.duration_since(earlier.0).as_secs().max(1) as u64
    }
}

/// Seconds since 1970, with their fraction.
impl From<ApiTimestamp> for Value {
    fn from(time: ApiTimestamp) -> Self {
        time.seconds().into()
    }
}

/// As milliseconds since 1970.
impl Serialize for ApiTimestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.as_millisecond().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ApiTimestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Timestamp::from_millisecond(i64::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
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
            let time = ApiTimestamp(Timestamp::from_second(seconds).unwrap());
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
