//! Points in time as AWS's JSON has them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// A point in time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(Duration);

impl Timestamp {
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

    /// Whole seconds since an earlier moment, and at least one: AWS bills no less.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0).as_secs().max(1)
    }
}

/// Seconds since 1970, with their fraction.
impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        time.0.as_secs_f64().into()
    }
}
