//! Deployments side by side in one account: another stage in the same region, the same stage in another region.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::Api;
use mysfits_infra::{
    Stage,
    names::{log_groups, tags},
};

use crate::{
    checks,
    deployer::DeployerProgram,
    scenario::Scenario,
    user::{self, REGION},
};

/// The region of the second deployment of the same stage.
const OTHER_REGION: &str = "eu-central-1";
/// The other stage, whose name begins with that of the first.
const OTHER_STAGE: &str = "dev-2";
const OPTIONS: [&str; 2] = ["--backend", "embedded"];

/// Deploys and destroys two more deployments. Afterwards, everything is as it was, and the first one responds.
///
/// The first one must be the second package with its table.
pub async fn stages_and_regions(scenario: &mut Scenario<'_>) -> Result<()> {
    let before = found(scenario).await?;
    // Another user with the same policy: what IAM denies the deployer's own user would be a fault.
    let variables = scenario.cloud.as_ref().context("no local cloud")?.variables()?;
    let variables = user::without_action("deployer-of-one-stage", variables, "").await?;
    let log = scenario.cli.work.join("deployer-of-one-stage.log");
    let limited = DeployerProgram::new(&scenario.cli.deployer, variables, log);
    let denied = limited.run(&["status", "--stage", OTHER_STAGE]).await.err();
    let denied = denied.context("the policy of one stage allows another")?.to_string();
    ensure!(denied.contains("not authorized"), "{denied}");
    let own_api = scenario.api()?;
    let settings = scenario.cli.work.join("other-region.toml");
    std::fs::write(&settings, format!("[stage.{}]\nregion = \"{OTHER_REGION}\"\n", Stage::DEFAULT))?;
    let settings = settings.to_string_lossy();
    let (stage, region) = (["--stage", OTHER_STAGE], ["--config", settings.as_ref()]);
    let one = deployer(scenario, OTHER_STAGE, REGION).await?;
    let other = deployer(scenario, Stage::DEFAULT.as_str(), OTHER_REGION).await?;
    create_log_group(scenario).await?;
    let with_import = [&stage[..], &["--import-existing"]].concat();
    // One after the other: the local cloud's address of the site serves the distribution that was deployed last.
    let imported = deploy(scenario, &one, &with_import).await?;
    deploy(scenario, &other, &region).await?;
    let expected = "> imported  FunctionLogGroup";
    ensure!(imported.contains(expected), "no {expected:?}: {imported}");
    checks::answers_of(&own_api, &scenario.cli.table[1]).await?;
    let destroy = ["destroy", "--yes", "--delete-data"];
    let [of_stage, of_region] = [stage, region].map(|options| [&destroy[..], &options[..]].concat());
    tokio::try_join!(one.run(&of_stage), other.run(&of_region))?;
    checks::answers_of(&own_api, &scenario.cli.table[1]).await?;
    let after = found(scenario).await?;
    let lost: Vec<_> = before.difference(&after).collect();
    let left: Vec<_> = after.difference(&before).collect();
    ensure!(lost.is_empty() && left.is_empty(), "also removed: {lost:#?}\nnot removed: {left:#?}");
    Ok(())
}

/// Deploys the first package beside the others, and checks that it responds; returns what the deployer printed.
async fn deploy(scenario: &Scenario<'_>, deployer: &DeployerProgram, options: &[&str]) -> Result<String> {
    let all = [&OPTIONS[..], options].concat();
    let (addresses, printed) = deployer.deploy(&scenario.cli.package[0], &all).await?;
    checks::workshops_curl(&Api::new(&addresses.api)?).await?;
    // The stage or the region; the rest is for deployments.
    let status = deployer.run(&[&["status"][..], &options[..2]].concat()).await?;
    ensure!(status.contains(&addresses.api), "the status is that of another deployment:\n{status}");
    Ok(printed)
}

/// Creates the log group of the other stage's function, as if an earlier stack had kept it.
async fn create_log_group(scenario: &Scenario<'_>) -> Result<()> {
    let logs = scenario.service("AWS_ENDPOINT_URL", "logs")?;
    let stage: Stage = OTHER_STAGE.parse()?;
    let tags: BTreeMap<_, _> = tags(&stage).into_iter().collect();
    let group = serde_json::json!({ "logGroupName": log_groups(&stage) + "function", "tags": tags });
    let headers =
        [("X-Amz-Target", "Logs_20140328.CreateLogGroup"), ("Content-Type", "application/x-amz-json-1.1")];
    let answer = logs.ask("POST", "/", &headers, Some(group.to_string().as_bytes())).await?;
    ensure!(answer.status == 200, "CreateLogGroup: {} {}", answer.status, answer.body);
    Ok(())
}

/// Returns the deployer as a user who may deploy this stage in this region, and nothing else.
async fn deployer(scenario: &Scenario<'_>, stage: &str, region: &str) -> Result<DeployerProgram> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    let mut variables = user::deployer(cloud.variables()?, &stage.parse()?, region).await?;
    // The settings file overrides it.
    for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
        variables.insert(variable.to_owned(), REGION.to_owned());
    }
    let log = scenario.cli.work.join(format!("deployer-{stage}-{region}.log"));
    Ok(DeployerProgram::new(&scenario.cli.deployer, variables, log))
}

/// Returns everything in the account, in both regions.
async fn found(scenario: &Scenario<'_>) -> Result<BTreeSet<String>> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    let (one, other) = tokio::try_join!(cloud.leftovers(REGION), cloud.leftovers(OTHER_REGION))?;
    let with_region = |region: &str, lines: Vec<String>| {
        lines.into_iter().map(|line| format!("{region}: {line}")).collect::<Vec<_>>()
    };
    Ok(with_region(REGION, one).into_iter().chain(with_region(OTHER_REGION, other)).collect())
}
