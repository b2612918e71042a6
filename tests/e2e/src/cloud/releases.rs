//! Saved plans, releases, rollback, hot-swapped code, and two deployments at once.
//!
//! All begin and end with the second package, without an endpoint.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::Api;
use mysfits_infra::recommendations::output;
use mysfits_model::table_files::TABLE_FILE;
use mysfits_package::Package;
use serde_json::Value;

use crate::{
    checks,
    scenario::{Scenario, find},
};

/// The function's memory in MB in the two saved plans. Neither is the default.
const MEMORY: [&str; 2] = ["512", "1024"];

/// A saved plan changes nothing until it is executed. `rollback` restores code and parameters, and makes a plan that was
/// saved before it out of date.
pub async fn saved_plan_and_rollback(scenario: &mut Scenario<'_>) -> Result<()> {
    let before = function(scenario).await?;
    let plans = MEMORY.map(|memory| scenario.cli.work.join(format!("plan-{memory}.json")));
    let plans = plans.each_ref().map(|path| path.to_string_lossy());
    let package = scenario.package(0);
    let deploy = ["deploy", "--package", &package];
    let parameters = MEMORY.map(|memory| format!("MemorySize={memory}"));
    let save = |number: usize| {
        let (parameter, plan) = (parameters[number].as_str(), plans[number].as_ref());
        [&deploy[..], &["--parameter", parameter, "--plan", plan]].concat()
    };
    let apply = |number: usize| [&deploy[..], &["--apply", plans[number].as_ref(), "--yes"]].concat();

    scenario.deployer.run(&save(0)).await?;
    ensure!(function(scenario).await? == before, "saving a plan changes the function");
    scenario.deployer.run(&apply(0)).await?;
    let after = function(scenario).await?;
    ensure!(after["MemorySize"] == 512 && after["CodeSha256"] != before["CodeSha256"], "{after}");
    is_package(scenario, 0).await?;
    releases_are_listed(scenario).await?;

    scenario.deployer.run(&save(1)).await?;
    scenario.deployer.run(&["rollback", "--yes"]).await?;
    let back = function(scenario).await?;
    for member in ["MemorySize", "CodeSha256"] {
        ensure!(back[member] == before[member], "{member} after the rollback: {back}, before: {before}");
    }
    is_package(scenario, 1).await?;
    let refused = scenario.deployer.run(&apply(1)).await.err().context("an outdated plan was executed")?;
    ensure!(refused.to_string().contains("out of date"), "{refused}");
    Ok(())
}

/// Checks the two newest releases: the second package, and the first one with the memory of the plan.
async fn releases_are_listed(scenario: &Scenario<'_>) -> Result<()> {
    let printed = scenario.deployer.run(&["releases", "--json"]).await?;
    let releases: Vec<Value> = serde_json::from_str(&printed)?;
    let [.., earlier, newest] = &releases[..] else { anyhow::bail!("fewer than two releases: {printed}") };
    for (release, number) in [(earlier, 1), (newest, 0)] {
        let digest = Package::open(&scenario.cli.package[number])?.digest();
        ensure!(release["package"] == digest.as_str(), "{release} is not of the package {digest}");
    }
    ensure!(find(newest, "MemorySize") == Some(MEMORY[0]), "{newest}");
    Ok(())
}

/// Code of `--hotswap` is served at once. The next deployment restores its package's code, although no stack changes.
pub async fn hotswapped_code(scenario: &mut Scenario<'_>) -> Result<()> {
    scenario.deployer.run(&["deploy", "--hotswap", "--package", &scenario.package(0)]).await?;
    answers_with_table(scenario, 0).await?;
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[1], &[]).await?;
    ensure!(printed.contains("had code that its stack does not know"), "{printed}");
    is_package(scenario, 1).await
}

/// A second deployment is refused while the first one runs. `unlock` removes the lock of a deployment that was killed.
pub async fn two_deployments_at_once(scenario: &mut Scenario<'_>) -> Result<()> {
    let package = scenario.package(1);
    let deploy = ["deploy", "--yes", "--package", &package];
    let first = scenario.deployer.pause_in("upload-function", &deploy)?;
    let refused = scenario.deployer.run(&deploy).await.err().context("two deployments at once")?.to_string();
    for part in ["deploy by arn:aws:iam:", "in progress since", "`mysfits-deploy unlock`"] {
        ensure!(refused.contains(part), "no {part:?} in: {refused}");
    }
    drop(first);
    for expected in ["lock removed", "there is no lock"] {
        let printed = scenario.deployer.run(&["unlock", "--yes"]).await?;
        ensure!(printed.contains(expected), "unlock does not say {expected:?}: {printed}");
    }
    Ok(())
}

/// Returns the function's configuration, as Lambda describes it.
async fn function(scenario: &Scenario<'_>) -> Result<Value> {
    let name = scenario.output(output::FUNCTION_NAME).await?;
    let lambda = scenario.service("AWS_ENDPOINT_URL", "lambda")?;
    let answer = lambda.ask("GET", &format!("/2015-03-31/functions/{name}"), &[], None).await?;
    ensure!(answer.status == 200, "GetFunction: {} {}", answer.status, answer.body);
    let function: Value = serde_json::from_str(&answer.body)?;
    Ok(serde_json::json!({
        "MemorySize": function["Configuration"]["MemorySize"],
        "CodeSha256": function["Configuration"]["CodeSha256"],
    }))
}

/// Checks that API and site are those of a package.
async fn is_package(scenario: &Scenario<'_>, number: usize) -> Result<()> {
    answers_with_table(scenario, number).await?;
    let site = Api::new(&scenario.addresses()?.site)?;
    let answer = site.ask("GET", &format!("/{TABLE_FILE}"), &[], None).await?;
    let packaged = Path::new(&scenario.cli.table[number]).join(TABLE_FILE);
    let packaged = std::fs::read(&packaged).with_context(|| format!("cannot read {}", packaged.display()))?;
    ensure!(answer.status == 200, "the site's decision table: {} {}", answer.status, answer.head);
    ensure!(answer.body == String::from_utf8_lossy(&packaged), "the site has another decision table");
    Ok(())
}

async fn answers_with_table(scenario: &Scenario<'_>, number: usize) -> Result<()> {
    let tables = &scenario.cli.table;
    checks::answers_unlike(&scenario.api()?, &tables[number], &tables[1 - number]).await
}
