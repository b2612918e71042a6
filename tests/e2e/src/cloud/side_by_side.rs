//! Deployments side by side in one account: another stage in the same region, the same stage in another region.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail, ensure};
use mysfits_e2e::api::Api;
use mysfits_infra::Stage;

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
    let mut deployments = Vec::new();
    for (stage, region) in [(OTHER_STAGE, REGION), (Stage::DEFAULT.as_str(), OTHER_REGION)] {
        let deployer = deployer(scenario, stage, region).await?;
        let options = [&OPTIONS[..], &["--stage", stage]].concat();
        let (addresses, _) = deployer.deploy(&scenario.cli.package[0], &options).await?;
        checks::workshops_curl(&Api::new(&addresses.api)?).await?;
        deployments.push((deployer, stage));
    }
    checks::answers_of(&own_api, &scenario.cli.table[1]).await?;
    let [(one, one_stage), (other, other_stage)] = &deployments[..] else { bail!("two deployments") };
    let destroy = ["destroy", "--yes", "--delete-data", "--stage"];
    let [one_arguments, other_arguments] =
        [one_stage, other_stage].map(|stage| [&destroy[..], &[*stage]].concat());
    tokio::try_join!(one.run(&one_arguments), other.run(&other_arguments))?;
    checks::answers_of(&own_api, &scenario.cli.table[1]).await?;
    let after = found(scenario).await?;
    let lost: Vec<_> = before.difference(&after).collect();
    let left: Vec<_> = after.difference(&before).collect();
    ensure!(lost.is_empty() && left.is_empty(), "also removed: {lost:#?}\nnot removed: {left:#?}");
    Ok(())
}

/// Returns the deployer as a user who may deploy this stage in this region, and nothing else.
async fn deployer(scenario: &Scenario<'_>, stage: &str, region: &str) -> Result<DeployerProgram> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    let variables = user::deployer(cloud.variables()?, &stage.parse()?, region).await?;
    let log = scenario.cli.work.join(format!("deployer-{stage}-{region}.log"));
    Ok(DeployerProgram::new(&scenario.cli.deployer, variables, log))
}

/// Returns everything in the account, in both regions.
async fn found(scenario: &Scenario<'_>) -> Result<BTreeSet<String>> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    let mut found = BTreeSet::new();
    for region in [REGION, OTHER_REGION] {
        let lines = cloud.leftovers(region).await?;
        found.extend(lines.into_iter().map(|line| format!("{region}: {line}")));
    }
    Ok(found)
}
