//! Fault injection: an endpoint that responds late, or with errors, to test its callers.
//!
//! [`Faults`] describe the errors: `latency` is a time, the others are the share of the requests that fail ([`Rate`], 0 to
//! 1). Shares are spread evenly and deterministically: 0.25 is every fourth request, starting with the fourth. Faults are
//! checked in the order of a real request: `throttling`, `unavailable`, `not_ready`, `model_error`; each is a share of the
//! requests that passed the ones before. Latency is added before all of them.
//!
//! | fault | InvokeEndpoint | container |
//! | --- | --- | --- |
//! | `throttling` | 400 `ThrottlingException`, which SDKs retry | 429 |
//! | `unavailable` | 503 `ServiceUnavailable` | 503 |
//! | `not_ready` | 429 `ModelNotReadyException` | 503, and `/ping` 503 while the rate is 1 |
//! | `model_error` | 424 `ModelError`, its original status 500 | 500 |
//!
//! ```
//! use mysfits_sagemaker::faults::{Faults, Rate};
//! use std::time::Duration;
//!
//! let faults: Faults = "latency=200,model-error=0.5".parse()?;
//! assert_eq!(faults.latency, Duration::from_millis(200));
//! assert_eq!(faults, Faults { model_error: Rate::new(0.5).unwrap(), latency: faults.latency, ..Faults::NONE });
//! # Ok::<(), mysfits_sagemaker::faults::FaultsError>(())
//! ```

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::text::shorten;

/// The largest latency, in milliseconds: more than any caller waits.
pub const MAX_LATENCY_MS: u64 = 600_000;

/// The most characters of a name or value that an error repeats.
const MAX_SHOWN_CHARS: usize = 80;

/// The faults of an endpoint.
///
/// As JSON, an object with `latencyMs`, `modelError`, `unavailable`, `throttling` and `notReady`; omitted members are 0. As
/// text, pairs `name=value` of `latency`, `model-error`, `unavailable`, `throttling` and `not-ready`, separated by commas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Map<String, Value>")]
pub struct Faults {
    /// The additional latency of all responses.
    #[serde(rename = "latencyMs", serialize_with = "serialize_ms")]
    pub latency: Duration,
    /// The share of requests that fail in the container.
    pub model_error: Rate,
    /// The share of requests that the service rejects as unavailable.
    pub unavailable: Rate,
    /// The share of requests that the service throttles.
    pub throttling: Rate,
    /// The share of requests that arrive before the model is loaded.
    pub not_ready: Rate,
}

/// A share of requests, from 0 to 1, with a precision of 0.000001.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(u32);

/// An error of parsing [`Faults`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultsError {
    /// The name is not that of a fault.
    #[error("unknown fault {name:?}: expected one of {}", expected.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The valid names.
        expected: [&'static str; 5],
    },
    /// A fault without a value.
    #[error("missing value for {0:?}: write name=value, for example latency=200")]
    NoValue(String),
    /// The same fault occurs twice.
    #[error("duplicate fault: {0}")]
    Duplicate(String),
    /// The latency is out of range.
    #[error(
        "invalid value for {name}: {value} (expected a whole number of milliseconds from 0 to {MAX_LATENCY_MS})"
    )]
    Latency {
        /// The name of the latency.
        name: &'static str,
        /// The value.
        value: String,
    },
    /// A rate is out of range.
    #[error("invalid value for {name}: {value} (expected a share of the requests from 0 to 1)")]
    Rate {
        /// The name of the fault.
        name: &'static str,
        /// The value.
        value: String,
    },
}

/// The names of the faults as text, in the order in which they are listed.
const TEXT_NAMES: [&str; 5] = ["latency", "model-error", "unavailable", "throttling", "not-ready"];
/// The names of the faults in JSON, in the same order.
const JSON_NAMES: [&str; 5] = ["latencyMs", "modelError", "unavailable", "throttling", "notReady"];

impl Rate {
    /// No request.
    pub const NEVER: Self = Self(0);
    /// All requests.
    pub const ALWAYS: Self = Self(Self::ONE);
    const ONE: u32 = 1_000_000;

    /// Returns this share of the requests, rounded to millionths; `None` if it is not from 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then(|| Self((share * f64::from(Self::ONE)).round() as u32))
    }

    /// Returns the share, from 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ONE)
    }

    /// Returns whether the request after `count` others fails: if it increases the whole part of the share of all requests
    /// so far. This spreads every share as evenly as whole requests allow, without a cumulative error.
    pub(crate) fn selects(self, count: u64) -> bool {
        let selected = |count: u64| u128::from(count) * u128::from(self.0) / u128::from(Self::ONE);
        selected(count) < selected(count.wrapping_add(1))
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.share())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.share())
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.share())
    }
}

fn serialize_ms<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(time.as_millis() as u64)
}

impl Faults {
    /// No faults.
    pub const NONE: Self = Self {
        latency: Duration::ZERO,
        model_error: Rate::NEVER,
        unavailable: Rate::NEVER,
        throttling: Rate::NEVER,
        not_ready: Rate::NEVER,
    };

    /// Sets the fault of this name, one of `names`.
    fn set(&mut self, names: [&'static str; 5], name: &str, value: &str) -> Result<(), FaultsError> {
        let Some(field) = names.iter().position(|known| *known == name) else {
            return Err(FaultsError::Unknown { name: shorten(name, MAX_SHOWN_CHARS), expected: names });
        };
        let name = names[field];
        let shown = || shorten(if value.is_empty() { "\"\"" } else { value }, MAX_SHOWN_CHARS);
        let rate = match field {
            0 => {
                let latency_ms = value.parse().ok().filter(|ms| *ms <= MAX_LATENCY_MS);
                let latency_ms = latency_ms.ok_or_else(|| FaultsError::Latency { name, value: shown() })?;
                self.latency = Duration::from_millis(latency_ms);
                return Ok(());
            }
            1 => &mut self.model_error,
            2 => &mut self.unavailable,
            3 => &mut self.throttling,
            _ => &mut self.not_ready,
        };
        let share = value.parse().ok().and_then(Rate::new);
        *rate = share.ok_or_else(|| FaultsError::Rate { name, value: shown() })?;
        Ok(())
    }
}

impl TryFrom<Map<String, Value>> for Faults {
    type Error = FaultsError;

    fn try_from(members: Map<String, Value>) -> Result<Self, FaultsError> {
        let mut faults = Self::NONE;
        for (name, value) in members {
            faults.set(JSON_NAMES, &name, &value.to_string())?;
        }
        Ok(faults)
    }
}

impl FromStr for Faults {
    type Err = FaultsError;

    /// Reads pairs `name=value`, separated by commas; an empty text means no faults.
    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::NONE;
        let mut seen = Vec::new();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(FaultsError::NoValue(shorten(pair, MAX_SHOWN_CHARS)));
            };
            let (name, value) = (name.trim(), value.trim());
            if seen.contains(&name) {
                return Err(FaultsError::Duplicate(shorten(name, MAX_SHOWN_CHARS)));
            }
            seen.push(name);
            faults.set(TEXT_NAMES, name, value)?;
        }
        Ok(faults)
    }
}

impl fmt::Display for Faults {
    /// Writes all five as [`FromStr`] reads them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "latency={},model-error={},unavailable={},throttling={},not-ready={}",
            self.latency.as_millis(),
            self.model_error,
            self.unavailable,
            self.throttling,
            self.not_ready
        )
    }
}

/// The fault of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndpointFault {
    Throttling,
    Unavailable,
    NotReady,
    ModelError,
}

/// The faults of an endpoint, with the number of requests that each could have affected.
#[derive(Debug)]
pub(crate) struct FaultSchedule {
    pub(crate) faults: Faults,
    /// In the order in which faults are checked.
    counts: [AtomicU64; 4],
}

impl FaultSchedule {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, counts: Default::default() }
    }

    /// Returns the fault of the next request.
    pub(crate) fn next(&self) -> Option<EndpointFault> {
        let Faults { model_error, unavailable, throttling, not_ready, .. } = self.faults;
        let order = [
            (EndpointFault::Throttling, throttling),
            (EndpointFault::Unavailable, unavailable),
            (EndpointFault::NotReady, not_ready),
            (EndpointFault::ModelError, model_error),
        ];
        let selects = |rate: Rate, count: &AtomicU64| rate.selects(count.fetch_add(1, Ordering::Relaxed));
        order
            .into_iter()
            .zip(&self.counts)
            .find_map(|((fault, rate), count)| selects(rate, count).then_some(fault))
    }
}
