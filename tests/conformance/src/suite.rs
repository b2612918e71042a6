//! The cases: one list (`cases.json`), read by the runner of every client.
//!
//! The matrix sends the same samples in every request format, requests every response format, and compares all responses with
//! each other and with a brute-force search. A single case is a request and the expected response. Each names the basis of
//! its expectation ([`Basis`]), because AWS does not document everything that the service does.
//!
//! Samples are not random: feature `j` of sample `i` is `(i mod moduli[j]) / divisor`. The moduli are primes, so
//! tens of thousands of samples differ. The values are multiples of 1/4 and the model's rows multiples of 1/8, so squared
//! distances are exact in `f32` in any order of summation.

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

/// The endpoint, the requests and the expected responses: the input of a runner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TestPlan {
    /// The address of the service, without a slash at the end.
    pub url: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The endpoint with the suite's model.
    pub endpoint: String,
    /// The cases.
    #[serde(flatten)]
    pub suite: Suite,
}

/// The cases, with their model and samples.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Suite {
    /// The endpoint's model.
    pub model: Fixture,
    /// The samples of the matrix.
    pub samples: CaseSamples,
    /// Every request format with every response format.
    pub matrix: FeatureMatrix,
    /// One request each.
    pub cases: Vec<Case>,
}

/// A classifier with few rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// How many neighbours vote.
    pub k: usize,
    /// The features of each row, and its label last.
    pub rows: Vec<Vec<f64>>,
}

/// How samples are generated.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseSamples {
    /// One for each feature.
    pub moduli: Vec<usize>,
    /// The divisor of the remainders: a power of two.
    pub divisor: u32,
}

/// What the matrix combines.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureMatrix {
    /// How many samples a request holds.
    pub rows: Vec<usize>,
    /// The request formats.
    pub requests: Vec<RequestFormat>,
    /// The answer formats, as `Accept` names them.
    pub accepts: Vec<String>,
}

/// A request format.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFormat {
    /// What people call it.
    pub name: String,
    /// The request's `Content-Type`.
    pub content_type: String,
    /// How the samples are written.
    pub body: BodyKind,
}

/// How samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyKind {
    /// A line each.
    Csv,
    /// A line each, a label before the features.
    CsvLabelled,
    /// `{"features": [..]}`
    JsonFeatures,
    /// `{"data": {"features": {"values": [..]}}}`
    JsonData,
    /// Both by turns, and sparse as a third.
    JsonMixed,
    /// `{"features": [..]}`, one a line.
    JsonlinesFeatures,
    /// `{"data": {"features": {"keys": [..], "shape": [..], "values": [..]}}}`, one a line.
    JsonlinesSparse,
    /// A `Float32Tensor` each.
    RecordioFloat32,
    /// A `Float64Tensor` each: what the SageMaker Python SDK makes of numpy's usual arrays.
    RecordioFloat64,
    /// A `Float32Tensor` with keys and a shape each.
    RecordioSparse,
}

/// A single case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The line of the scorecard that it counts in.
    pub group: String,
    /// What it shows.
    pub name: String,
    /// What the expectation rests on.
    pub basis: Basis,
    /// Whether it is worth the start of the AWS CLI, which takes a second.
    #[serde(default)]
    pub cli: bool,
    /// A fault that the endpoint injects; only for endpoints with fault injection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// The request.
    pub request: CaseRequest,
    /// The expected response.
    pub expect: Expect,
}

/// The basis of an expectation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// AWS's guide or service model.
    Documented,
    /// A published response of the service or of one of Amazon's own containers.
    Observed,
    /// Undocumented: our choice. Another endpoint may differ.
    Unverified,
}

/// The members of `InvokeEndpoint`. At most one of the three bodies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaseRequest {
    /// Another endpoint than the one under test.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// `ContentType`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Accept`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accept: Option<String>,
    /// `TargetVariant`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_variant: Option<String>,
    /// `TargetModel`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_model: Option<String>,
    /// `InferenceId`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inference_id: Option<String>,
    /// `CustomAttributes`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<String>,
    /// `CustomAttributes`: a text so many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_attributes_repeat: Option<(String, usize)>,
    /// The body, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_hex: Option<String>,
    /// The body: a text so many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_repeat: Option<(String, usize)>,
}

/// The expected response. Members without a value are not checked.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// The predictions for these samples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<Vec<Vec<f64>>>,
    /// The exact body, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The exact body, as hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// `ContentType`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether the neighbours are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verbose: Option<bool>,
    /// `InvokedProductionVariant`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// `CustomAttributes`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_attributes: Option<String>,
    /// The error's class, as the service model names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The error's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// A `ModelError`'s `OriginalStatusCode`; its `OriginalMessage` and `LogStreamArn` must then say something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_status: Option<i32>,
    /// What the error's message contains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Suite {
    /// Returns the suite of this crate.
    ///
    /// # Errors
    /// If `cases.json` is not what these types say.
    pub fn load() -> Result<Self> {
        serde_json::from_str(include_str!("../cases.json")).context("cases.json")
    }

    /// Returns the names and faults of the endpoints of the fault injection cases.
    #[must_use]
    pub fn faulty_endpoints(&self, endpoint: &str) -> Vec<(String, String)> {
        let faults = self.cases.iter().filter_map(|case| case.fault.as_ref());
        faults.map(|faults| (faulty(endpoint, faults), faults.clone())).collect()
    }
}

/// Returns the name of an endpoint with these faults: after the first of them.
fn faulty(endpoint: &str, faults: &str) -> String {
    format!("{endpoint}-{}", faults.split('=').next().unwrap_or_default())
}

impl TestPlan {
    /// Returns the plan for a service with the endpoints of the fault injection cases, or the plan without those cases and the
    /// cases that were left out.
    #[must_use]
    pub fn with_faults(mut self, has_them: bool) -> (Self, Vec<Case>) {
        if has_them {
            for case in &mut self.suite.cases {
                let endpoint = case.fault.as_ref().map(|faults| faulty(&self.endpoint, faults));
                case.request.endpoint = endpoint.or(case.request.endpoint.take());
            }
            return (self, Vec::new());
        }
        let has_fault = |case: &Case| case.fault.is_some();
        let (left_out, kept) = self.suite.cases.into_iter().partition(has_fault);
        self.suite.cases = kept;
        (self, left_out)
    }

    /// The plan turned into one of which no case must pass, to see that the runners notice: asked of an endpoint whose
    /// model is [corrupted](Fixture::corrupted), it expects the right answers; and of refusals, other errors.
    ///
    /// Shorter than the plan itself: it shows the runners' checks, not the endpoint.
    #[must_use]
    pub fn control(mut self, endpoint: &str) -> Self {
        /// How often the AWS CLI is started for this.
        const CLI_CASES: usize = 2;
        endpoint.clone_into(&mut self.endpoint);
        self.suite.matrix.rows = vec![10];
        // An empty answer is every model's.
        self.suite.cases.retain(|case| case.fault.is_none() && case.expect.text.as_deref() != Some(""));
        let mut n_cli = 0;
        for case in &mut self.suite.cases {
            n_cli += usize::from(case.cli);
            case.cli &= n_cli <= CLI_CASES;
            if let Some(error) = &mut case.expect.error {
                "InternalFailure".clone_into(error);
            }
        }
        self
    }
}

impl Fixture {
    /// A model of the same shape that gives other answers: rows elsewhere, labels that the right one does not have.
    #[must_use]
    pub fn corrupted(&self) -> Self {
        let spoil = |row: &Vec<f64>| {
            let last = row.len().saturating_sub(1);
            row.iter()
                .enumerate()
                .map(|(i, value)| if i == last { value + 1.0 } else { value * 1.5 })
                .collect()
        };
        Self { k: self.k, rows: self.rows.iter().map(spoil).collect() }
    }
}

impl CaseSamples {
    /// Returns the first `n` samples.
    #[must_use]
    pub fn take(&self, n: usize) -> Vec<Vec<f64>> {
        let sample = |i| {
            self.moduli.iter().map(move |modulus| (i % modulus) as f64 / f64::from(self.divisor)).collect()
        };
        (0..n).map(sample).collect()
    }
}

impl CaseRequest {
    /// Returns the body's bytes.
    ///
    /// # Errors
    /// If `body_hex` is not pairs of hexadecimal digits.
    pub fn bytes(&self) -> Result<Vec<u8>> {
        Ok(match (&self.body, &self.body_hex, &self.body_repeat) {
            (Some(text), ..) => text.clone().into_bytes(),
            (_, Some(hex), _) => from_hex(hex)?,
            (_, _, Some((text, times))) => text.repeat(*times).into_bytes(),
            _ => Vec::new(),
        })
    }

    /// `CustomAttributes`, if there are any.
    #[must_use]
    pub fn attributes(&self) -> Option<String> {
        let repeated = self.custom_attributes_repeat.as_ref().map(|(text, times)| text.repeat(*times));
        self.custom_attributes.clone().or(repeated)
    }
}

/// Returns the bytes that hexadecimal digits say.
///
/// # Errors
/// If they are not pairs of hexadecimal digits.
pub fn from_hex(digits: &str) -> Result<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).context("not a hexadecimal digit");
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    anyhow::ensure!(rest.is_empty(), "half a byte");
    pairs.iter().map(|&[high, low]| Ok((digit(high)? * 16 + digit(low)?) as u8)).collect()
}
