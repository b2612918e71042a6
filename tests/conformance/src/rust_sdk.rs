//! The runner of the Rust SDK, in this process.

use std::{env, path::Path, rc::Rc};

use anyhow::{Context as _, Result, ensure};
use aws_sdk_sagemakerruntime::{
    Client as Sdk, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata as _, SdkError},
    operation::{
        RequestId as _,
        invoke_endpoint::{InvokeEndpointError, InvokeEndpointOutput},
    },
    primitives::Blob,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use crate::{
    answer::{
        EndpointResponse, ExpectedError, ParsedPrediction, compare, compare_distances, compare_labels,
        is_verbose,
    },
    expected::expected,
    inputs::{self, KNOWN_ROWS},
    outcome::{CaseOutcome, CaseResult, SdkClient},
    suite::{BodyKind, Case, CaseRequest, TestPlan},
};

/// Returns the SDK's version.
#[must_use]
pub fn version() -> String {
    format!("aws-sdk-sagemakerruntime {}", aws_sdk_sagemakerruntime::meta::PKG_VERSION)
}

/// Runs the cases of a plan, whose [`inputs`] are in `folder`; returns the results.
///
/// # Errors
/// If there are no credentials for an endpoint that is not on this machine, or an input cannot be read.
pub async fn run(plan: &TestPlan, folder: &Path) -> Result<Vec<CaseOutcome>> {
    let runner = RustRunner { sdk: client(plan)?, plan, folder, outcomes: Vec::new() };
    runner.run().await
}

/// Returns a client of the plan's service: the SDK without retries, which would hide failures.
///
/// # Errors
/// If there are no credentials for an endpoint that is not on this machine.
pub fn client(plan: &TestPlan) -> Result<Sdk> {
    let variable = |name| env::var(name).ok();
    let is_local =
        ["http://127.0.0.1", "http://localhost", "http://[::1]"].iter().any(|l| plan.url.starts_with(l));
    let given = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
    ensure!(is_local || given.is_some(), "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for {}", plan.url);
    let (key, secret) = given.unwrap_or(("local".to_owned(), "local".to_owned()));
    let credentials = Credentials::new(key, secret, variable("AWS_SESSION_TOKEN"), None, "environment");
    // The connector of HTTPS takes plain HTTP too.
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .region(Region::new(plan.region.clone()))
        .endpoint_url(&plan.url)
        .credentials_provider(credentials)
        .retry_config(RetryConfig::disabled());
    Ok(Sdk::from_conf(config.build()))
}

struct RustRunner<'a> {
    sdk: Sdk,
    plan: &'a TestPlan,
    folder: &'a Path,
    outcomes: Vec<CaseOutcome>,
}

impl RustRunner<'_> {
    async fn run(mut self) -> Result<Vec<CaseOutcome>> {
        for &n_rows in &self.plan.suite.matrix.rows {
            self.matrix(n_rows).await?;
        }
        self.known_answers().await?;
        for case in &self.plan.suite.cases {
            let checked = self.case(case).await;
            self.note(&case.group, &case.name, checked);
        }
        Ok(self.outcomes)
    }

    fn note(&mut self, group: &str, case: &str, checked: Result<()>) {
        let (verdict, reason) = match checked {
            Ok(()) => (CaseResult::Passed, None),
            Err(error) => (CaseResult::Failed, Some(format!("{error:#}"))),
        };
        let (group, case) = (group.to_owned(), case.to_owned());
        self.outcomes.push(CaseOutcome { client: SdkClient::Rust, group, case, verdict, reason });
    }

    /// Every request format times every answer format, for as many rows.
    async fn matrix(&mut self, n_rows: usize) -> Result<()> {
        let suite = &self.plan.suite;
        let samples = suite.samples.take(n_rows);
        let expected = expected(&suite.model, &samples);
        // What all further answers must equal, ties included: the first plain one and the first verbose one.
        let mut first: [Option<Rc<Vec<ParsedPrediction>>>; 2] = [None, None];
        // Answers of equal bytes and type are read once: that takes longer than asking for them.
        let mut read: Vec<(EndpointResponse, Rc<Vec<ParsedPrediction>>)> = Vec::new();
        for format in &suite.matrix.requests {
            let body = self.body(format.body, n_rows)?;
            for accept in &suite.matrix.accepts {
                let request = CaseRequest {
                    content_type: Some(format.content_type.clone()),
                    accept: Some(accept.clone()),
                    ..CaseRequest::default()
                };
                let answer = self.invoke(&request, body.clone()).await;
                let checked = (|| {
                    let answer = answer.map_err(|refusal| {
                        anyhow::anyhow!("{} ({}): {}", refusal.class, refusal.status, refusal.message)
                    })?;
                    let essence = accept.split(';').next().unwrap_or_default();
                    let content_type = answer.content_type.as_deref().unwrap_or_default();
                    ensure!(content_type == essence, "the answer's content type is {content_type:?}");
                    let is_verbose = is_verbose(accept);
                    let is_read = |(known, _): &&(EndpointResponse, Rc<_>)| {
                        known.content_type == answer.content_type && known.body == answer.body
                    };
                    let predictions = if let Some((_, predictions)) = read.iter().find(is_read) {
                        predictions.clone()
                    } else {
                        let predictions = Rc::new(answer.predictions()?);
                        read.push((answer, predictions.clone()));
                        predictions
                    };
                    compare(&predictions, &expected, is_verbose)?;
                    let first = first[usize::from(is_verbose)].get_or_insert_with(|| predictions.clone());
                    let row = first.iter().zip(predictions.iter()).position(|(a, b)| a != b);
                    ensure!(row.is_none(), "row {}: not as in the other formats", row.unwrap_or_default());
                    Ok(())
                })();
                let group = format!("Formats, {} at once", rows(n_rows));
                self.note(&group, &format!("{} to {accept}", format.name), checked);
            }
        }
        if let [Some(plain), Some(verbose)] = &first {
            let differ =
                plain.iter().zip(verbose.iter()).position(|(a, b)| a.predicted_label != b.predicted_label);
            let checked = differ.map_or(Ok(()), |row| Err(anyhow::anyhow!("row {row}: the labels differ")));
            self.note(
                &format!("Formats, {} at once", rows(n_rows)),
                "verbose or not, the same labels",
                checked,
            );
        }
        Ok(())
    }

    /// Reads the body with the first `n_rows` samples.
    fn body(&self, kind: BodyKind, n_rows: usize) -> Result<Vec<u8>> {
        let path = inputs::body(self.folder, kind, n_rows)?;
        std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The neighbours that brute force finds.
    async fn known_answers(&mut self) -> Result<()> {
        let suite = &self.plan.suite;
        let samples = suite.samples.take(KNOWN_ROWS);
        let expected = expected(&suite.model, &samples);
        let request = CaseRequest {
            content_type: Some("text/csv".to_owned()),
            accept: Some("application/json; verbose=true".to_owned()),
            ..CaseRequest::default()
        };
        let body = self.body(BodyKind::Csv, KNOWN_ROWS)?;
        let answer = self.invoke(&request, body).await.map_err(|refusal| refusal.message);
        let predictions =
            answer.and_then(|answer| answer.predictions().map_err(|error| format!("{error:#}")));
        let checks: [(&str, Check<'_>); 3] = [
            ("the labels that most neighbours have", &|found| compare(found, &expected, true)),
            ("squared Euclidean distances", &|found| compare_distances(found, &expected)),
            ("the neighbours' labels, nearest first", &|found| compare_labels(found, &expected)),
        ];
        for (name, check) in checks {
            let checked = match &predictions {
                Ok(predictions) => check(predictions),
                Err(reason) => Err(anyhow::anyhow!("{reason}")),
            };
            self.note("Known answers", name, checked);
        }
        Ok(())
    }

    async fn case(&self, case: &Case) -> Result<()> {
        let body = case.request.bytes().with_context(|| case.name.clone())?;
        match self.invoke(&case.request, body).await {
            Ok(answer) => answer.check(&case.expect, case.request.accept.as_deref(), &self.plan.suite.model),
            Err(refusal) => refusal.check(&case.expect),
        }
    }

    async fn invoke(&self, request: &CaseRequest, body: Vec<u8>) -> Result<EndpointResponse, ExpectedError> {
        let endpoint = request.endpoint.as_ref().unwrap_or(&self.plan.endpoint);
        let sent = self
            .sdk
            .invoke_endpoint()
            .endpoint_name(endpoint)
            .body(Blob::new(body))
            .set_content_type(request.content_type.clone())
            .set_accept(request.accept.clone())
            .set_target_variant(request.target_variant.clone())
            .set_target_model(request.target_model.clone())
            .set_inference_id(request.inference_id.clone())
            .set_custom_attributes(request.attributes())
            .send();
        match sent.await {
            Ok(output) => Ok(answer(output)),
            Err(error) => Err(refusal(error)),
        }
    }
}

/// A comparison of predictions with what is known.
type Check<'a> = &'a dyn Fn(&[ParsedPrediction]) -> Result<()>;

fn answer(output: InvokeEndpointOutput) -> EndpointResponse {
    EndpointResponse {
        request_id: output.request_id().map(str::to_owned),
        body: output.body.map(Blob::into_inner).unwrap_or_default(),
        content_type: output.content_type,
        variant: output.invoked_production_variant,
        custom_attributes: output.custom_attributes,
    }
}

fn refusal(error: SdkError<InvokeEndpointError>) -> ExpectedError {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let request_id = error.request_id().map(str::to_owned);
    let Some(service) = error.as_service_error() else {
        let message = format!("{:#}", anyhow::Error::new(error));
        return ExpectedError {
            class: "no service error".to_owned(),
            status,
            message,
            ..ExpectedError::default()
        };
    };
    // The class counts, not the code that led to it: it is what a caller matches on.
    let class = match service {
        InvokeEndpointError::InternalDependencyException(_) => "InternalDependencyException",
        InvokeEndpointError::InternalFailure(_) => "InternalFailure",
        InvokeEndpointError::ModelError(_) => "ModelError",
        InvokeEndpointError::ModelNotReadyException(_) => "ModelNotReadyException",
        InvokeEndpointError::ServiceUnavailable(_) => "ServiceUnavailable",
        InvokeEndpointError::ValidationError(_) => "ValidationError",
        other => other.code().unwrap_or_default(),
    };
    let mut refusal = ExpectedError {
        class: class.to_owned(),
        status,
        message: service.message().unwrap_or_default().to_owned(),
        request_id,
        ..ExpectedError::default()
    };
    if let InvokeEndpointError::ModelError(model) = service {
        refusal.original_status = model.original_status_code();
        refusal.original_message = model.original_message().map(str::to_owned);
        refusal.log_stream_arn = model.log_stream_arn().map(str::to_owned);
    }
    refusal
}

/// Returns a number of rows, as the scorecard writes it.
fn rows(n_rows: usize) -> String {
    match n_rows {
        1 => "1 row".to_owned(),
        0..1000 => format!("{n_rows} rows"),
        _ => format!("{},{:03} rows", n_rows / 1000, n_rows % 1000),
    }
}
