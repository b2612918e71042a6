//! The cases by the Rust SDK, against endpoints in this process.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use anyhow::Result;
use mysfits_conformance::{
    inputs, model,
    outcome::{CaseOutcome, CaseResult},
    rust_sdk,
    suite::{Fixture, Suite, TestPlan},
};
use mysfits_sagemaker::LocalEndpoint;

const NAME: &str = "conformance";

/// Returns a plan for an endpoint with this model; not the largest requests: this is no optimised program.
fn plan(fixture: &Fixture) -> (LocalEndpoint, TestPlan) {
    let local = LocalEndpoint::start(NAME, model::train(fixture).unwrap()).unwrap();
    let mut suite = Suite::load().unwrap();
    suite.matrix.rows.retain(|n_rows| *n_rows <= 1000);
    let plan = TestPlan {
        url: local.url().to_owned(),
        region: "eu-west-1".to_owned(),
        endpoint: NAME.to_owned(),
        suite,
    };
    (local, plan.with_faults(false).0)
}

/// Writes the inputs of a plan and runs it.
async fn run(plan: &TestPlan) -> Result<Vec<CaseOutcome>> {
    let folder = tempfile::tempdir()?;
    inputs::write(plan, folder.path())?;
    rust_sdk::run(plan, folder.path()).await
}

fn of_verdict(outcomes: &[CaseOutcome], verdict: CaseResult) -> Vec<&CaseOutcome> {
    outcomes.iter().filter(|outcome| outcome.verdict == verdict).collect()
}

#[tokio::test]
async fn the_right_model_passes_every_case() {
    let (_local, plan) = plan(&Suite::load().unwrap().model);
    let outcomes = run(&plan).await.unwrap();
    assert_eq!(of_verdict(&outcomes, CaseResult::Failed), Vec::<&CaseOutcome>::new());
    let matrix = &plan.suite.matrix;
    let n_matrix = matrix.rows.len() * (matrix.requests.len() * matrix.accepts.len() + 1);
    assert_eq!(outcomes.len(), n_matrix + 3 + plan.suite.cases.len());
}

#[tokio::test]
async fn another_model_passes_no_case_of_the_control() {
    let (_local, plan) = plan(&Suite::load().unwrap().model.corrupted());
    let outcomes = run(&plan.control(NAME)).await.unwrap();
    assert_eq!(of_verdict(&outcomes, CaseResult::Passed), Vec::<&CaseOutcome>::new());
    assert!(outcomes.len() > 100, "{}", outcomes.len());
}

#[tokio::test]
async fn reports_an_unreachable_endpoint_without_a_panic() {
    let (local, plan) = plan(&Suite::load().unwrap().model);
    drop(local);
    let mut plan = plan.control(NAME);
    plan.suite.cases.truncate(1);
    let outcomes = run(&plan).await.unwrap();
    assert_eq!(of_verdict(&outcomes, CaseResult::Failed).len(), outcomes.len());
    assert!(outcomes[0].reason.as_ref().unwrap().starts_with("no service error (0)"), "{:?}", outcomes[0]);
}

#[tokio::test]
async fn a_service_elsewhere_is_not_asked_without_credentials() {
    let (_local, mut plan) = plan(&Suite::load().unwrap().model);
    "https://runtime.sagemaker.eu-west-1.amazonaws.com".clone_into(&mut plan.url);
    if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() {
        let error = run(&plan).await.unwrap_err().to_string();
        assert!(error.starts_with("set AWS_ACCESS_KEY_ID"), "{error}");
    }
}
