//! Deployments and removals that are killed in each of their stages.

use std::{path::Path, time::Duration};

use anyhow::{Result, ensure};
use mysfits_e2e::api::Api;

use crate::{
    checks,
    deployer::{DESTROY, PACKAGED_ENDPOINT},
    scenario::Scenario,
};

/// How long the deployer is left in a stage before it is killed: at once, and in the middle of the work.
const KILL_AFTER: [Duration; 2] = [Duration::ZERO, Duration::from_millis(120)];
/// The stages of `destroy` in which it is killed.
const DESTROY_STAGES: [&str; 6] = [
    "remove-stack-website",
    "remove-stack-recommendations",
    "remove-stack-sagemaker",
    "remove-logs",
    "remove-buckets",
    "search",
];

/// Deploys, killed in each stage; then deploys to the end.
pub async fn deploy_is_killed(scenario: &mut Scenario<'_>) -> Result<()> {
    let package = scenario.package(0);
    let mut arguments = vec!["deploy", "--yes", "--package", &package];
    arguments.extend(PACKAGED_ENDPOINT);
    for stage in &scenario.stages {
        for after in KILL_AFTER {
            scenario.deployer.kill_in(stage, after, &arguments).await?;
        }
    }
    let (addresses, printed) = scenario.deployer.deploy(Path::new(&package), &PACKAGED_ENDPOINT).await?;
    ensure!(printed.contains("is stale: taken over"), "the lock of the killed deployment is not taken over");
    checks::workshops_curl(&Api::new(&addresses.api)?).await
}

/// Destroys everything, killed in each stage; then to the end.
pub async fn destroy_is_killed(scenario: &mut Scenario<'_>) -> Result<()> {
    for stage in DESTROY_STAGES {
        scenario.deployer.kill_in(stage, KILL_AFTER[1], &DESTROY).await?;
    }
    scenario.deployer.run(&DESTROY).await?;
    scenario.foreign_resources(false).await?;
    scenario.nothing_is_left().await
}
