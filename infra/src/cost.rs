//! Cost estimate: for an idle month, and for a million recommendations.
//!
//! Prices are those of us-east-1 in USD, on demand, without free tiers except where one never ends and is larger than
//! what is counted here. They are constants with their source, and change without notice: an estimate, not a bill.
//!
//! ```
//! use mysfits_infra::cost::{Choice, EndpointHosting, estimate};
//!
//! let embedded = estimate(&Choice::default());
//! assert!(embedded.idle_usd() < 1.0);
//! let instances = Choice { endpoint: Some(EndpointHosting::Instances { count: 1 }), ..Choice::default() };
//! assert!(estimate(&instances).idle_usd() > 80.0);
//! println!("{embedded}");
//! ```

use std::{fmt, time::Duration};

use mysfits_domain::MYSFIT_COUNT;

use crate::sagemaker::INSTANCE_TYPE;

/// When the prices were looked up.
pub const PRICES_AS_OF: &str = "2026-11";

/// A price and its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// In USD.
    pub usd: f64,
    /// For what.
    pub per: &'static str,
    /// Where it stands.
    pub source: &'static str,
}

const fn price(usd: f64, per: &'static str, source: &'static str) -> Price {
    Price { usd, per, source }
}

/// A request to a REST API.
pub const API_REQUEST: Price = price(3.50e-6, "request", "API Gateway pricing page");
/// A call of the function.
pub const FUNCTION_REQUEST: Price = price(0.20e-6, "call", "Lambda pricing page");
/// The function's time on `x86_64`; a fifth less on arm64.
pub const FUNCTION_DURATION: Price = price(0.000_016_666_7, "GB-second", "Lambda pricing page");
/// Logs taken in.
pub const LOGS: Price = price(0.50, "GB", "CloudWatch pricing page");
/// An alarm beyond the ten that are free.
pub const ALARM: Price = price(0.10, "alarm and month", "CloudWatch pricing page");
/// A metric of our own, in a month in which it gets values all the time.
pub const METRIC: Price = price(0.30, "metric and month", "CloudWatch pricing page");
/// A trace beyond the hundred thousand a month that are free.
pub const TRACE: Price = price(5.0e-6, "trace", "X-Ray pricing page");
/// Objects of site, packages and models.
pub const STORAGE: Price = price(0.023, "GB and month", "S3 pricing page");
/// A key of ours.
pub const KEY: Price = price(1.00, "key and month", "KMS pricing page");
/// The disk of a notebook, also while it is stopped.
pub const NOTEBOOK_VOLUME: Price =
    price(0.112, "GB and month", "SageMaker pricing, by third parties' tables");
/// A notebook of type ml.t3.medium while it runs.
pub const NOTEBOOK_HOUR: Price = price(0.05, "hour", "SageMaker pricing, by third parties' tables");
/// An instance of type [`INSTANCE_TYPE`], also while it is idle.
pub const INSTANCE_HOUR: Price = price(0.115, "hour", "SageMaker pricing, by third parties' tables");
/// The time in which a serverless endpoint works.
pub const SERVERLESS_DURATION: Price =
    price(0.000_02, "GB-second", "SageMaker pricing, by third parties' tables");

/// Hours in a month, as AWS counts.
const HOURS: f64 = 730.0;
const MILLION: f64 = 1e6;
/// The function's memory unless it is chosen otherwise.
const FUNCTION_GB: f64 = 0.25;
/// How long the function takes when it carries the model.
const EMBEDDED_SECONDS: f64 = 0.005;
/// How long the function takes when it asks an endpoint.
const ASKING_SECONDS: f64 = 0.030;
/// How long a serverless endpoint works on one request.
const ENDPOINT_SECONDS: f64 = 0.020;
/// What one call writes to the log.
const LOG_GB: f64 = 0.6e-6;
const N_ALARMS: f64 = 5.0;
/// The metrics that the function always writes: latency, outcome and fallbacks.
const N_METRICS: f64 = 3.0;
/// The metrics of each mysfit: its recommendations.
const N_MYSFIT_METRICS: f64 = MYSFIT_COUNT as f64;
/// The share of calls that X-Ray's default rule records if they are spread evenly over a month.
const TRACED_SHARE: f64 = 0.84;
const FREE_TRACES: f64 = 100_000.0;
/// Site, packages and models together, with their earlier versions.
const STORED_GB: f64 = 1.0;
/// How large the notebook's disk is, in GB.
pub const NOTEBOOK_GB: f64 = crate::notebook::VOLUME_GB as f64;

/// On what the endpoint runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointHosting {
    /// On capacity that is paid by the call.
    Serverless {
        /// Its memory in MB.
        memory_mb: u32,
    },
    /// On instances of type [`INSTANCE_TYPE`].
    Instances {
        /// How many.
        count: u32,
    },
}

/// What is deployed; by default only what carries the model in the function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent choice")]
pub struct Choice {
    /// The endpoint, if there is one: with the backends `endpoint` and `fallback`.
    pub endpoint: Option<EndpointHosting>,
    /// After how long the endpoint is removed, if it is.
    pub ttl: Option<Duration>,
    /// Create the notebook instance, which is stopped most of the time.
    pub has_notebook: bool,
    /// Whether data are encrypted with a key of ours.
    pub has_key: bool,
    /// Without traces of requests.
    pub no_tracing: bool,
    /// Without the metrics of each mysfit.
    pub minimal_metrics: bool,
}

/// One line of an estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What is paid for.
    pub what: String,
    /// Cost of an idle month, in USD.
    pub idle_usd: f64,
    /// Additional cost of a million recommendations, in USD.
    pub per_million_usd: f64,
}

/// What a choice costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What is paid for, line by line.
    pub items: Vec<Item>,
}

/// Estimates what a choice costs.
#[must_use]
pub fn estimate(choice: &Choice) -> Estimate {
    let seconds = if choice.endpoint.is_some() { ASKING_SECONDS } else { EMBEDDED_SECONDS };
    let mut items = Vec::new();
    let mut add = |what: &str, idle_usd, per_million_usd| {
        items.push(Item { what: what.to_owned(), idle_usd, per_million_usd });
    };
    add("API", 0.0, MILLION * API_REQUEST.usd);
    let function = FUNCTION_REQUEST.usd + seconds * FUNCTION_GB * FUNCTION_DURATION.usd;
    add("function", 0.0, MILLION * function);
    add("logs", 0.0, MILLION * LOG_GB * LOGS.usd);
    let n_metrics = if choice.minimal_metrics { N_METRICS } else { N_METRICS + N_MYSFIT_METRICS };
    add("metrics", 0.0, n_metrics * METRIC.usd);
    if !choice.no_tracing {
        add("traces", 0.0, (MILLION * TRACED_SHARE - FREE_TRACES) * TRACE.usd);
    }
    add("alarms", N_ALARMS * ALARM.usd, 0.0);
    add("storage", STORED_GB * STORAGE.usd, 0.0);
    match choice.endpoint {
        None => {}
        Some(EndpointHosting::Serverless { memory_mb }) => {
            let work = f64::from(memory_mb) / 1024.0 * ENDPOINT_SECONDS * SERVERLESS_DURATION.usd;
            add("endpoint, serverless", 0.0, MILLION * work);
        }
        Some(EndpointHosting::Instances { count }) => {
            let hours = choice.ttl.map_or(HOURS, |ttl| (ttl.as_secs_f64() / 3600.0).min(HOURS));
            let until = choice.ttl.map_or_else(String::new, |_| format!(", removed after {hours:.1} h"));
            let what = format!("endpoint, {count} x {INSTANCE_TYPE}{until}");
            add(&what, f64::from(count) * hours * INSTANCE_HOUR.usd, 0.0);
        }
    }
    if choice.has_notebook {
        let what = format!("notebook, stopped (running {:.2} USD/h)", NOTEBOOK_HOUR.usd);
        add(&what, NOTEBOOK_GB * NOTEBOOK_VOLUME.usd, 0.0);
    }
    if choice.has_key {
        add("key", KEY.usd, 0.0);
    }
    Estimate { items }
}

impl Estimate {
    /// Returns the cost of an idle month, in USD.
    #[must_use]
    pub fn idle_usd(&self) -> f64 {
        self.items.iter().map(|item| item.idle_usd).sum()
    }

    /// Returns the additional cost of a million recommendations, in USD.
    #[must_use]
    pub fn per_million_usd(&self) -> f64 {
        self.items.iter().map(|item| item.per_million_usd).sum()
    }
}

impl fmt::Display for Estimate {
    /// A table with a line for each item, the sums, and where the prices are from; no line feed at its end.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width =
            self.items.iter().map(|item| item.what.chars().count()).max().unwrap_or(0).max("USD".len());
        writeln!(formatter, "{:width$}  {:>10}  {:>11}", "USD", "idle/month", "per million")?;
        for item in &self.items {
            writeln!(
                formatter,
                "{:width$}  {:>10.2}  {:>11.2}",
                item.what, item.idle_usd, item.per_million_usd
            )?;
        }
        let (idle, per_million) = (self.idle_usd(), self.per_million_usd());
        writeln!(formatter, "{:width$}  {idle:>10.2}  {per_million:>11.2}", "sum")?;
        write!(formatter, "us-east-1, list prices of {PRICES_AS_OF}; an estimate, not a bill")
    }
}
