//! The steps in order: deployment, tests, failures, removal.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use mysfits_infra::{Stack, Stage};
use mysfits_package::Package;

use crate::{
    access, checks,
    deployer::{DESTROY, PACKAGED_ENDPOINT, stages},
    image, interruptions, permissions,
    plan::{DeploymentState, Frame, PlannedStep, StepAction},
    releases,
    scenario::Scenario,
    side_by_side,
};

/// The steps before all others in the local cloud.
pub const LOCAL_FIRST: [&str; 3] = [
    "the local cloud starts",
    "an IAM user gets the deployer's policy",
    "IAM denies the user everything else",
];
/// The steps after all others in the local cloud.
pub const LOCAL_LAST: [&str; 2] =
    ["IAM allowed every call of the deployer", "the local cloud stops and leaves no process behind"];
/// The steps that always run in the local cloud.
pub const LOCAL_FRAME: Frame = Frame { first: &LOCAL_FIRST, last: &LOCAL_LAST };
/// A real account is there already and stays.
pub const NO_FRAME: Frame = Frame { first: &[], last: &[] };

/// How many survey rows the training job gets: enough for the workshop's answer, few enough to be quick.
const TRAINING_ROWS: &str = "20000";
/// A cold start fetches and unpacks it: it must stay below this.
const MAX_ZIP_BYTES: u64 = 2_000_000;
/// The options of a deployment with an endpoint, which keeps its model.
const ENDPOINT: [&str; 4] = ["--backend", "endpoint", "--hosting", "instance"];
/// The options of a deployment with an endpoint, the model of the package and a fallback.
const FALLBACK: [&str; 6] = ["--backend", "fallback", "--hosting", "instance", "--train", "local"];

/// Returns a step that changes nothing.
const fn check(name: &'static str, needs: &'static [DeploymentState], run: StepAction) -> PlannedStep {
    PlannedStep { name, needs, leaves: None, is_local: false, run }
}

/// Returns a step that leads from one of the states to another.
const fn change(
    name: &'static str,
    needs: &'static [DeploymentState],
    leaves: DeploymentState,
    run: StepAction,
) -> PlannedStep {
    PlannedStep { name, needs, leaves: Some(leaves), is_local: false, run }
}

/// Returns the same step, which only the local cloud allows.
const fn local(step: PlannedStep) -> PlannedStep {
    PlannedStep { is_local: true, ..step }
}

/// All steps between the start and the end of the cloud, in the order in which they run.
pub const STEPS: &[PlannedStep] = &[
    check("the packages are complete, the function's zip is small", &[], |scenario| {
        Box::pin(async { packages_are_whole(scenario) })
    }),
    local(check(
        "web pages, foreign hosts and wrong signatures are refused on every port",
        &[],
        |scenario| Box::pin(foreign_requests_are_refused(scenario)),
    )),
    local(check(
        "without one of its permissions, the deployer fails and names it",
        &[DeploymentState::Empty],
        |scenario| Box::pin(permissions::weakened_policies_fail(scenario)),
    )),
    check("a plan changes nothing", &[DeploymentState::Empty], |scenario| {
        Box::pin(plan_changes_nothing(scenario))
    }),
    change(
        "deploy, with an endpoint behind the function",
        &[DeploymentState::Empty, DeploymentState::Destroyed],
        DeploymentState::Endpoint,
        |scenario| Box::pin(deploy_with_endpoint(scenario)),
    ),
    check("the workshop's curl", &[DeploymentState::Endpoint], |scenario| Box::pin(workshops_curl(scenario))),
    check("the OPTIONS response is exact", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(preflight(scenario))
    }),
    local(check(
        "foreign hosts and web pages are refused once there is a site",
        &[DeploymentState::Endpoint],
        |scenario| Box::pin(foreign_viewers_are_refused(scenario)),
    )),
    local(check(
        "functions have nothing of the developer's environment",
        &[DeploymentState::Endpoint],
        |scenario| Box::pin(async { environments_are_clean(scenario) }),
    )),
    check(
        "every bad request is refused, through gateway and function",
        &[DeploymentState::Endpoint],
        |scenario| Box::pin(bad_requests(scenario)),
    ),
    check("the API answers as the model does", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(answers_of_the_model(scenario))
    }),
    check("shared results name their mysfits", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(shared_results(scenario))
    }),
    check("the site in a browser, questionnaire to profile", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(visit(scenario))
    }),
    check("status, outputs and logs", &[DeploymentState::Endpoint], |scenario| Box::pin(status(scenario))),
    check("deploy again without a change: nothing is done", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(deploy_without_change(scenario))
    }),
    check(
        "notebook and repository are created on request, and kept",
        &[DeploymentState::Endpoint],
        |scenario| Box::pin(optional_stacks(scenario)),
    ),
    local(check("the endpoint is killed: 503, until it is back", &[DeploymentState::Endpoint], |scenario| {
        Box::pin(endpoint_is_killed(scenario))
    })),
    local(check(
        "the endpoint is removed behind the stack's back; deployed again, it is there",
        &[DeploymentState::Endpoint],
        |scenario| Box::pin(endpoint_is_removed(scenario)),
    )),
    change(
        "deploy another model: the answers follow",
        &[DeploymentState::Endpoint],
        DeploymentState::OtherModel,
        |scenario| Box::pin(deploy_other_model(scenario)),
    ),
    change(
        "deploy with a fallback: the endpoint answers",
        DeploymentState::DEPLOYED,
        DeploymentState::Fallback,
        |scenario| Box::pin(deploy_with_fallback(scenario)),
    ),
    check("a plan for another hosting says what that means", &[DeploymentState::Fallback], |scenario| {
        Box::pin(plan_for_another_hosting(scenario))
    }),
    local(check(
        "the endpoint is killed: the table answers, and says so",
        &[DeploymentState::Fallback],
        |scenario| Box::pin(table_answers(scenario)),
    )),
    change(
        "deploy without an endpoint: the table in the function answers",
        DeploymentState::DEPLOYED,
        DeploymentState::Embedded,
        |scenario| Box::pin(deploy_without_endpoint(scenario)),
    ),
    local(check(
        "two stages and two regions side by side: each is removed without the others",
        &[DeploymentState::Embedded],
        |scenario| Box::pin(side_by_side::stages_and_regions(scenario)),
    )),
    local(check(
        "a saved plan is executed as it is; a rollback restores code and parameters",
        &[DeploymentState::Embedded],
        |scenario| Box::pin(releases::saved_plan_and_rollback(scenario)),
    )),
    check(
        "the next deployment restores code that was hot-swapped",
        &[DeploymentState::Embedded],
        |scenario| Box::pin(releases::hotswapped_code(scenario)),
    ),
    local(check(
        "of two deployments at once, the second is refused; a lock that is left is removed",
        &[DeploymentState::Embedded],
        |scenario| Box::pin(releases::two_deployments_at_once(scenario)),
    )),
    change(
        "a training job makes the model, a serverless endpoint with an end serves it",
        // Only a deployment without a model trains one by itself.
        &[DeploymentState::Embedded],
        DeploymentState::Trained,
        |scenario| Box::pin(train(scenario)),
    ),
    change("destroy", DeploymentState::DEPLOYED, DeploymentState::Destroyed, |scenario| {
        Box::pin(scenario.destroy())
    }),
    check("destroy again: there is nothing to do", &[DeploymentState::Destroyed], |scenario| {
        Box::pin(destroy_again(scenario))
    }),
    // Deploy and destroy, killed in each of their stages, converge when they are repeated.
    local(change(
        "deploy is killed in each stage, twice; repeated, it converges",
        &[DeploymentState::Destroyed],
        DeploymentState::Endpoint,
        |scenario| Box::pin(interruptions::deploy_is_killed(scenario)),
    )),
    local(change(
        "resources of others are kept",
        DeploymentState::DEPLOYED,
        DeploymentState::ForeignResources,
        |scenario| Box::pin(scenario.foreign_resources(true)),
    )),
    local(change(
        "destroy is killed in each stage; repeated, it converges",
        &[DeploymentState::ForeignResources],
        DeploymentState::Destroyed,
        |scenario| Box::pin(interruptions::destroy_is_killed(scenario)),
    )),
];

fn packages_are_whole(scenario: &Scenario<'_>) -> Result<()> {
    for package in &scenario.cli.package {
        let (zip, _) = Package::open(package)?.lambda_zip();
        let size_bytes = std::fs::metadata(zip)?.len();
        ensure!(size_bytes < MAX_ZIP_BYTES, "it has {size_bytes} bytes; {MAX_ZIP_BYTES} are too many");
    }
    Ok(())
}

async fn foreign_requests_are_refused(scenario: &mut Scenario<'_>) -> Result<()> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    access::foreign_requests_are_refused(&cloud.variables()?).await
}

async fn foreign_viewers_are_refused(scenario: &mut Scenario<'_>) -> Result<()> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    access::foreign_viewers_are_refused(&cloud.variables()?).await
}

fn environments_are_clean(scenario: &Scenario<'_>) -> Result<()> {
    let cloud = scenario.cloud.as_ref().context("no local cloud")?;
    access::environments_are_clean(cloud.id(), &cloud.variables()?)
}

async fn plan_changes_nothing(scenario: &mut Scenario<'_>) -> Result<()> {
    let package = scenario.package(0);
    let plan = ["deploy", "--dry-run", "--backend", "endpoint", "--package", &package];
    let printed = scenario.deployer.run(&plan).await?;
    ensure!(printed.contains("a training job in SageMaker"), "no training job in the plan:\n{printed}");
    // The changes of the site are known once there is an API.
    let plan = scenario.cli.work.join("first-plan.json");
    let save = ["deploy", "--plan", &plan.to_string_lossy(), "--package", &package];
    let refused = scenario.deployer.run(&save).await.err().context("a first deployment has a plan")?;
    let remedy = "run `mysfits-deploy deploy` once without --plan";
    ensure!(refused.to_string().contains(remedy), "no {remedy:?} in: {refused}");
    scenario.nothing_is_left().await
}

async fn deploy_with_endpoint(scenario: &mut Scenario<'_>) -> Result<()> {
    let (addresses, printed) = scenario.deployer.deploy(&scenario.cli.package[0], &PACKAGED_ENDPOINT).await?;
    scenario.stages = stages(&printed);
    ensure!(scenario.stages.len() > 3, "the deployer announces no stages:\n{printed}");
    scenario.addresses = Some(addresses);
    Ok(())
}

async fn workshops_curl(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::workshops_curl(&scenario.api()?).await
}

async fn preflight(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::preflight(&scenario.api()?, &scenario.addresses()?.site).await
}

async fn bad_requests(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::bad_requests(&scenario.api()?).await.map(drop)
}

async fn shared_results(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::shared_results(&scenario.addresses()?.site, &scenario.cli.table[0]).await
}

async fn answers_of_the_model(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::answers_of(&scenario.api()?, &scenario.cli.table[0]).await.map(drop)
}

async fn visit(scenario: &mut Scenario<'_>) -> Result<()> {
    checks::visit(scenario.cli, scenario.addresses()?).await
}

async fn status(scenario: &mut Scenario<'_>) -> Result<()> {
    for command in ["status", "outputs", "logs"] {
        let printed = scenario.deployer.run(&[command]).await?;
        ensure!(!printed.trim().is_empty(), "{command} prints nothing");
    }
    Ok(())
}

async fn deploy_without_change(scenario: &mut Scenario<'_>) -> Result<()> {
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[0], &ENDPOINT).await?;
    for stack in Stack::ALL.into_iter().filter(|stack| !stack.is_optional()) {
        let expected = format!("{}: no changes", stack.name(&Stage::DEFAULT));
        ensure!(printed.lines().any(|line| line == expected), "no line {expected:?}:\n{printed}");
    }
    ensure!(printed.lines().any(|line| line.starts_with("0 of ")), "files were uploaded:\n{printed}");
    Ok(())
}

async fn optional_stacks(scenario: &mut Scenario<'_>) -> Result<()> {
    let optional = || Stack::ALL.into_iter().filter(|stack| stack.is_optional());
    // A saved plan can create stacks, too.
    let (package, plan) = (scenario.package(0), scenario.cli.work.join("plan-with-stacks.json"));
    let plan = plan.to_string_lossy();
    let save = ["deploy", "--package", &package, "--with-notebook", "--with-repository", "--plan", &plan];
    scenario.deployer.run(&[&save[..], &ENDPOINT].concat()).await?;
    let (_, printed) = scenario.deployer.deploy(Path::new(&package), &["--apply", &plan]).await?;
    for stack in optional() {
        let expected = format!("{}: creation by the saved plan", stack.name(&Stage::DEFAULT));
        ensure!(printed.lines().any(|line| line == expected), "no line {expected:?}:\n{printed}");
    }
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[0], &ENDPOINT).await?;
    for stack in optional() {
        let expected = format!("{}: no changes", stack.name(&Stage::DEFAULT));
        ensure!(printed.lines().any(|line| line == expected), "no line {expected:?}:\n{printed}");
    }
    Ok(())
}

async fn endpoint_is_killed(scenario: &mut Scenario<'_>) -> Result<()> {
    let api = scenario.api()?;
    scenario.chaos("kill-endpoint").await?;
    checks::unavailable(&api).await?;
    scenario.chaos("revive-endpoint").await?;
    checks::workshops_curl(&api).await
}

async fn endpoint_is_removed(scenario: &mut Scenario<'_>) -> Result<()> {
    let api = scenario.api()?;
    scenario.remove_endpoint().await?;
    checks::unavailable(&api).await?;
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[0], &ENDPOINT).await?;
    ensure!(!stages(&printed).iter().any(|stage| stage == "train"), "another model is trained:\n{printed}");
    checks::workshops_curl(&api).await
}

async fn deploy_other_model(scenario: &mut Scenario<'_>) -> Result<()> {
    scenario.deployer.deploy(&scenario.cli.package[1], &PACKAGED_ENDPOINT).await?;
    checks::answers_of(&scenario.api()?, &scenario.cli.table[1]).await.map(drop)
}

async fn deploy_with_fallback(scenario: &mut Scenario<'_>) -> Result<()> {
    let api = scenario.api()?;
    let image = scenario.cli.work.join("image");
    let folder = image.display().to_string();
    let mut options = FALLBACK.to_vec();
    // Only the local cloud does not run the image.
    if scenario.cloud.is_some() {
        image::write(&image)?;
        options.extend(["--container", "own", "--image", &folder]);
    }
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[0], &options).await?;
    let is_pushed = printed.lines().any(|line| line.contains("@sha256:") && line.ends_with("bytes pushed"));
    ensure!(is_pushed == scenario.cloud.is_some(), "whether the image is pushed:\n{printed}");
    ensure!(!checks::is_fallback(&api).await?, "the table answers although the endpoint is there");
    checks::answers_of(&api, &scenario.cli.table[0]).await.map(drop)
}

async fn plan_for_another_hosting(scenario: &mut Scenario<'_>) -> Result<()> {
    let package = scenario.package(0);
    let mut arguments = vec!["deploy", "--dry-run", "--allow-replace", "--package", &package];
    arguments.extend(["--backend", "fallback", "--hosting", "serverless"]);
    let printed = scenario.deployer.run(&arguments).await?;
    ensure!(
        printed.contains("the hosting mode changes"),
        "it does not say that the hosting mode changes:\n{printed}"
    );
    Ok(())
}

async fn table_answers(scenario: &mut Scenario<'_>) -> Result<()> {
    scenario.chaos("kill-endpoint").await?;
    ensure!(checks::is_fallback(&scenario.api()?).await?, "the answer does not say who gave it");
    scenario.chaos("revive-endpoint").await
}

async fn deploy_without_endpoint(scenario: &mut Scenario<'_>) -> Result<()> {
    scenario.deployer.deploy(&scenario.cli.package[1], &["--backend", "embedded"]).await?;
    checks::answers_of(&scenario.api()?, &scenario.cli.table[1]).await.map(drop)
}

async fn train(scenario: &mut Scenario<'_>) -> Result<()> {
    let options = [
        "--backend",
        "endpoint",
        "--hosting",
        "serverless",
        "--ttl",
        "1h",
        "--rows",
        TRAINING_ROWS,
        "--container",
        "built-in",
    ];
    let file = scenario.cli.work.join("plan-with-training.json").display().to_string();
    let package = scenario.package(1);
    let plan = [&["deploy", "--plan", &file, "--package", &package], &options[..]].concat();
    let refused = scenario.deployer.run(&plan).await.err().context("a plan with a training job is saved")?;
    ensure!(refused.to_string().contains("--train local"), "no remedy: {refused:#}");
    let (_, printed) = scenario.deployer.deploy(&scenario.cli.package[1], &options).await?;
    ensure!(printed.contains("accuracy"), "the job's accuracy is not told:\n{printed}");
    // The package's own model has nothing to do with the answers: this one must be the job's.
    checks::workshops_curl(&scenario.api()?).await
}

async fn destroy_again(scenario: &mut Scenario<'_>) -> Result<()> {
    let printed = scenario.deployer.run(&DESTROY).await?;
    ensure!(printed.contains("there is nothing to delete"), "{printed}");
    Ok(())
}
