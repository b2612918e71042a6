//! Faults on purpose: an endpoint that answers late, or not, so that its callers can be tested against a bad day.
//!
//! [`Faults`] say what goes wrong: `latency` is a time, the others are the share of the requests that meet them
//! ([`Rate`], 0 to 1). Shares are spread evenly and the same way every time: 0.25 is every fourth request, beginning with
//! the fourth. The order is that of a real request: `throttling`, `unavailable`, `not_ready`, `model_error`; each is a
//! share of the requests that got so far. Latency comes before all of them.
//!
//! | fault | InvokeEndpoint | container |
//! | --- | --- | --- |
//! | `throttling` | 400 `ThrottlingException`, which SDKs try again | 429 |
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

use serde_json::{Map, Number, Value};

/// The longest latency that a text or a request may ask for, in milliseconds: more than any caller waits.
pub const MAX_LATENCY_MS: u64 = 600_000;

/// What goes wrong, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults {
    /// How much later than it could an answer comes; that of a refusal too.
    pub latency: Duration,
    /// The share of requests that fail in the container.
    pub model_error: Rate,
    /// The share of requests that the service refuses as unavailable.
    pub unavailable: Rate,
    /// The share of requests that the service refuses as too many.
    pub throttling: Rate,
    /// The share of requests that come before the model is loaded.
    pub not_ready: Rate,
}

/// A share of requests, from 0 to 1, kept in millionths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Rate(u32);

/// Why a text or a request does not say which faults there shall be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// There is no such fault.
    #[error("{name:?} is not a fault; there are {}", names(*.style))]
    Unknown {
        /// What was asked for.
        name: String,
        /// How faults are named there.
        style: Style,
    },
    /// A fault without a value.
    #[error("{0:?} says no value; write it as name=value, for instance latency=200")]
    NoValue(String),
    /// The same fault again.
    #[error("{0} is given twice; give it once")]
    Twice(String),
    /// The latency is out of range.
    #[error("{name} is {value}; it must be a whole number of milliseconds from 0 to {MAX_LATENCY_MS}")]
    Latency {
        /// What latency is called there.
        name: String,
        /// What was asked for.
        value: String,
    },
    /// A rate is out of range.
    #[error("{name} is {value}; it must be a share of the requests from 0 (none) to 1 (all)")]
    Rate {
        /// Which.
        name: String,
        /// What was asked for.
        value: String,
    },
    /// Not a JSON object at all.
    #[error("the body is not a JSON object of faults: {0}")]
    Json(String),
}

/// How faults are named: in a text (`model-error`), or in JSON (`modelError`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// `latency`, `model-error`, `unavailable`, `throttling`, `not-ready`.
    Text,
    /// `latencyMs`, `modelError`, `unavailable`, `throttling`, `notReady`.
    Json,
}

/// The faults' names in a text and in JSON, in the order in which they are listed everywhere.
const NAMES: [(&str, &str); 5] = [
    ("latency", "latencyMs"),
    ("model-error", "modelError"),
    ("unavailable", "unavailable"),
    ("throttling", "throttling"),
    ("not-ready", "notReady"),
];

impl Style {
    fn names(self) -> [&'static str; NAMES.len()] {
        NAMES.map(|(text, json)| match self {
            Self::Text => text,
            Self::Json => json,
        })
    }
}

fn names(style: Style) -> String {
    style.names().join(", ")
}

impl Rate {
    /// No request.
    pub const NEVER: Self = Self(0);
    /// Every request.
    pub const ALWAYS: Self = Self(Self::ONE);
    const ONE: u32 = 1_000_000;

    /// This share of the requests, rounded to millionths; none if it is not from 0 to 1.
    #[must_use]
    pub fn new(share: f64) -> Option<Self> {
        (0.0..=1.0).contains(&share).then(|| Self((share * f64::from(Self::ONE)).round() as u32))
    }

    /// The share, from 0 to 1.
    #[must_use]
    pub fn share(self) -> f64 {
        f64::from(self.0) / f64::from(Self::ONE)
    }

    /// Whether the request after `count` others meets the fault: the whole part of the share of all requests so far
    /// grows with it. Every share is met as evenly as whole requests allow, without an error that adds up.
    fn meets(self, count: u64) -> bool {
        let met = |count: u64| u128::from(count) * u128::from(self.0) / u128::from(Self::ONE);
        met(count) < met(count.wrapping_add(1))
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

impl Faults {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        latency: Duration::ZERO,
        model_error: Rate::NEVER,
        unavailable: Rate::NEVER,
        throttling: Rate::NEVER,
        not_ready: Rate::NEVER,
    };

    /// Reads a JSON object with any of `latencyMs`, `modelError`, `unavailable`, `throttling` and `notReady`; what is not
    /// there does not go wrong.
    ///
    /// # Errors
    /// [`FaultsError`] that names the member and what it may be.
    pub fn from_json(json: &[u8]) -> Result<Self, FaultsError> {
        let members: Map<String, Value> =
            serde_json::from_slice(json).map_err(|error| FaultsError::Json(error.to_string()))?;
        let mut faults = Self::NONE;
        for (name, value) in members {
            faults.set(Style::Json, &name, &value.to_string())?;
        }
        Ok(faults)
    }

    /// The JSON object that [`from_json`](Self::from_json) reads, with all members.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rate = |rate: Rate| Number::from_f64(rate.share()).map_or(Value::Null, Value::Number);
        let values = [
            Value::from(self.latency.as_millis() as u64),
            rate(self.model_error),
            rate(self.unavailable),
            rate(self.throttling),
            rate(self.not_ready),
        ];
        Style::Json.names().map(str::to_owned).into_iter().zip(values).collect()
    }

    /// Sets the fault of this name.
    fn set(&mut self, style: Style, name: &str, value: &str) -> Result<(), FaultsError> {
        let Some(field) = style.names().iter().position(|known| *known == name) else {
            return Err(FaultsError::Unknown { name: shortened(name), style });
        };
        let (name, shown) = (name.to_owned(), || shortened(if value.is_empty() { "\"\"" } else { value }));
        let rate = match field {
            0 => {
                let latency = value.parse().ok().filter(|ms| *ms <= MAX_LATENCY_MS);
                self.latency = Duration::from_millis(
                    latency.ok_or_else(|| FaultsError::Latency { name, value: shown() })?,
                );
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

/// The beginning of what was asked for: a message repeats it, and it may be of any length.
fn shortened(text: &str) -> String {
    text.char_indices().nth(80).map_or_else(|| text.to_owned(), |(end, _)| format!("{}…", &text[..end]))
}

impl FromStr for Faults {
    type Err = FaultsError;

    /// Reads `name=value` pairs, separated by commas; an empty text means none.
    fn from_str(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::NONE;
        let mut seen = Vec::new();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((name, value)) = pair.split_once('=') else {
                return Err(FaultsError::NoValue(shortened(pair)));
            };
            let (name, value) = (name.trim(), value.trim());
            if seen.contains(&name) {
                return Err(FaultsError::Twice(shortened(name)));
            }
            seen.push(name);
            faults.set(Style::Text, name, value)?;
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

/// What a request meets instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Throttling,
    Unavailable,
    NotReady,
    ModelError,
}

/// An endpoint's faults, with the count of the requests that could have met each.
#[derive(Debug)]
pub(crate) struct Schedule {
    pub(crate) faults: Faults,
    /// In the order in which they are met.
    counts: [AtomicU64; 4],
}

impl Schedule {
    pub(crate) fn new(faults: Faults) -> Self {
        Self { faults, counts: Default::default() }
    }

    /// What the next request meets.
    pub(crate) fn next(&self) -> Option<Fault> {
        let Faults { model_error, unavailable, throttling, not_ready, .. } = self.faults;
        let order = [
            (Fault::Throttling, throttling),
            (Fault::Unavailable, unavailable),
            (Fault::NotReady, not_ready),
            (Fault::ModelError, model_error),
        ];
        let meets = |rate: Rate, count: &AtomicU64| rate.meets(count.fetch_add(1, Ordering::Relaxed));
        order
            .into_iter()
            .zip(&self.counts)
            .find_map(|((fault, rate), count)| meets(rate, count).then_some(fault))
    }
}
