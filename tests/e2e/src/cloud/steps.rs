//! The steps, in their order: into the cloud, through everything that can go wrong, and out again.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use mysfits_e2e::api::Api;
use mysfits_package::Package;

use crate::{
    access, checks,
    deployer::stages,
    journey::Journey,
    plan::{Action, Frame, State, Step},
};

/// The steps before all others in the local cloud.
pub const LOCAL_FIRST: [&str; 3] = [
    "the local cloud starts",
    "an IAM user gets the policy that is printed for who deploys",
    "IAM denies the user everything else",
];
/// The step after all others in the local cloud.
pub const LOCAL_LAST: &str = "the local cloud ends and leaves no process behind";
/// The steps that always run in the local cloud.
pub const LOCAL_FRAME: Frame = Frame { first: &LOCAL_FIRST, last: &[LOCAL_LAST] };
/// A real account is there already and stays.
pub const NO_FRAME: Frame = Frame { first: &[], last: &[] };

/// How long the deployer is left in a stage before it is killed: at once, and in the middle of the work.
const KILL_AFTER: [Duration; 2] = [Duration::ZERO, Duration::from_millis(120)];
/// How many survey rows the training job gets: enough for the workshop's answer, few enough to be quick.
const TRAINING_ROWS: &str = "20000";
/// A cold start fetches and unpacks it: it must stay below this.
const MAX_ZIP_BYTES: u64 = 2_000_000;
/// The options of a deployment with an endpoint.
const ENDPOINT: [&str; 4] = ["--backend", "endpoint", "--hosting", "instance"];
/// The options of a deployment with an endpoint and a fallback.
const FALLBACK: [&str; 4] = ["--backend", "fallback", "--hosting", "instance"];

/// A step that changes nothing.
const fn check(name: &'static str, needs: &'static [State], run: Action) -> Step {
    Step { name, needs, leaves: None, is_local: false, run }
}

/// A step that leads from one of the states to another.
const fn change(name: &'static str, needs: &'static [State], leaves: State, run: Action) -> Step {
    Step { name, needs, leaves: Some(leaves), is_local: false, run }
}

/// The same step, which only the local cloud allows.
const fn local(step: Step) -> Step {
    Step { is_local: true, ..step }
}

/// All steps between the start and the end of the cloud, in the order in which they run.
pub const STEPS: &[Step] = &[
    check("the packages are whole, the function's zip is small", &[], |journey| {
        Box::pin(async { packages_are_whole(journey) })
    }),
    local(check("web pages, foreign hosts and wrong signatures are refused on every port", &[], |journey| {
        Box::pin(foreign_requests_are_refused(journey))
    })),
    check("a plan changes nothing", &[State::Empty], |journey| Box::pin(plan_changes_nothing(journey))),
    change(
        "deploy, with an endpoint behind the function",
        &[State::Empty, State::Destroyed],
        State::Endpoint,
        |journey| Box::pin(deploy_with_endpoint(journey)),
    ),
    check("the workshop's curl", &[State::Endpoint], |journey| Box::pin(workshops_curl(journey))),
    check("OPTIONS, to the letter", &[State::Endpoint], |journey| Box::pin(preflight(journey))),
    local(check(
        "web pages and wrong signatures are refused once there is a site",
        &[State::Endpoint],
        |journey| Box::pin(foreign_requests_are_refused(journey)),
    )),
    local(check("functions have nothing of the developer's environment", &[State::Endpoint], |journey| {
        Box::pin(async { environments_are_clean(journey) })
    })),
    check("every bad request is refused, through gateway and function", &[State::Endpoint], |journey| {
        Box::pin(bad_requests(journey))
    }),
    check("the API answers as the model does", &[State::Endpoint], |journey| {
        Box::pin(answers_of_the_model(journey))
    }),
    check("the site in a browser, questionnaire to profile", &[State::Endpoint], |journey| {
        Box::pin(visit(journey))
    }),
    check("status, outputs and logs", &[State::Endpoint], |journey| Box::pin(status(journey))),
    check("deploy again without a change: nothing is done", &[State::Endpoint], |journey| {
        Box::pin(deploy_without_change(journey))
    }),
    local(check("the endpoint is killed: 503, until it is back", &[State::Endpoint], |journey| {
        Box::pin(endpoint_is_killed(journey))
    })),
    local(check(
        "the endpoint is removed behind the stack's back; deployed again, it is there",
        &[State::Endpoint],
        |journey| Box::pin(endpoint_is_removed(journey)),
    )),
    change("deploy another model: the answers follow", &[State::Endpoint], State::OtherModel, |journey| {
        Box::pin(deploy_other_model(journey))
    }),
    change("deploy with a fallback: the endpoint answers", State::DEPLOYED, State::Fallback, |journey| {
        Box::pin(deploy_with_fallback(journey))
    }),
    check("a plan for another hosting says what that means", &[State::Fallback], |journey| {
        Box::pin(plan_for_another_hosting(journey))
    }),
    local(check("the endpoint is killed: the table answers, and says so", &[State::Fallback], |journey| {
        Box::pin(table_answers(journey))
    })),
    change(
        "deploy without an endpoint: the table in the function answers",
        State::DEPLOYED,
        State::Embedded,
        |journey| Box::pin(deploy_without_endpoint(journey)),
    ),
    change(
        "a training job makes the model, a serverless endpoint with an end serves it",
        State::DEPLOYED,
        State::Trained,
        |journey| Box::pin(train(journey)),
    ),
    change("destroy", State::DEPLOYED, State::Destroyed, |journey| Box::pin(journey.destroy())),
    check("destroy again: there is nothing to do", &[State::Destroyed], |journey| {
        Box::pin(journey.destroy())
    }),
    // Deploy and destroy, killed in each of their stages, converge when they are repeated.
    local(change(
        "deploy is killed in each stage, twice; repeated, it converges",
        &[State::Destroyed],
        State::Endpoint,
        |journey| Box::pin(deploy_is_killed(journey)),
    )),
    local(change("what is somebody else's stays", State::DEPLOYED, State::ForeignBucket, |journey| {
        Box::pin(journey.foreign_bucket(true))
    })),
    local(change(
        "destroy is killed in each stage; repeated, it converges",
        &[State::ForeignBucket],
        State::Destroyed,
        |journey| Box::pin(destroy_is_killed(journey)),
    )),
];

fn packages_are_whole(journey: &Journey<'_>) -> Result<()> {
    for package in &journey.cli.package {
        let (zip, _) = Package::open(package)?.lambda_zip();
        let size_bytes = std::fs::metadata(zip)?.len();
        ensure!(size_bytes < MAX_ZIP_BYTES, "it has {size_bytes} bytes; {MAX_ZIP_BYTES} are too many");
    }
    Ok(())
}

async fn foreign_requests_are_refused(journey: &mut Journey<'_>) -> Result<()> {
    let cloud = journey.cloud.as_ref().context("no local cloud")?;
    access::foreign_requests_are_refused(&cloud.variables()?).await
}

fn environments_are_clean(journey: &Journey<'_>) -> Result<()> {
    let cloud = journey.cloud.as_ref().context("no local cloud")?;
    access::environments_are_clean(cloud.id(), &cloud.variables()?)
}

async fn plan_changes_nothing(journey: &mut Journey<'_>) -> Result<()> {
    let package = journey.package(0);
    journey.deployer.run(&["deploy", "--dry-run", "--backend", "endpoint", "--package", &package]).await?;
    journey.nothing_is_left().await
}

async fn deploy_with_endpoint(journey: &mut Journey<'_>) -> Result<()> {
    let (addresses, printed) = journey.deployer.deploy(&journey.cli.package[0], &ENDPOINT).await?;
    journey.stages = stages(&printed);
    ensure!(journey.stages.len() > 3, "the deployer announces no stages:\n{printed}");
    journey.addresses = Some(addresses);
    Ok(())
}

async fn workshops_curl(journey: &mut Journey<'_>) -> Result<()> {
    checks::workshops_curl(&journey.api()?).await
}

async fn preflight(journey: &mut Journey<'_>) -> Result<()> {
    checks::preflight(&journey.api()?, &journey.addresses()?.site).await
}

async fn bad_requests(journey: &mut Journey<'_>) -> Result<()> {
    checks::bad_requests(&journey.api()?).await.map(drop)
}

async fn answers_of_the_model(journey: &mut Journey<'_>) -> Result<()> {
    checks::answers_of(&journey.api()?, &journey.cli.table[0]).await.map(drop)
}

async fn visit(journey: &mut Journey<'_>) -> Result<()> {
    checks::visit(journey.cli, journey.addresses()?).await
}

async fn status(journey: &mut Journey<'_>) -> Result<()> {
    for command in ["status", "outputs", "logs"] {
        let printed = journey.deployer.run(&[command]).await?;
        ensure!(!printed.trim().is_empty(), "{command} prints nothing");
    }
    Ok(())
}

async fn deploy_without_change(journey: &mut Journey<'_>) -> Result<()> {
    let (_, printed) = journey.deployer.deploy(&journey.cli.package[0], &ENDPOINT).await?;
    for stack in mysfits_infra::Stack::ALL {
        let expected = format!("{}: no changes", stack.name());
        ensure!(printed.lines().any(|line| line == expected), "no line {expected:?}:\n{printed}");
    }
    ensure!(printed.lines().any(|line| line.starts_with("0 of ")), "files were uploaded:\n{printed}");
    Ok(())
}

async fn endpoint_is_killed(journey: &mut Journey<'_>) -> Result<()> {
    let api = journey.api()?;
    journey.chaos("kill-endpoint").await?;
    checks::unavailable(&api).await?;
    journey.chaos("revive-endpoint").await?;
    checks::workshops_curl(&api).await
}

async fn endpoint_is_removed(journey: &mut Journey<'_>) -> Result<()> {
    let api = journey.api()?;
    journey.remove_endpoint().await?;
    checks::unavailable(&api).await?;
    journey.deployer.deploy(&journey.cli.package[0], &ENDPOINT).await?;
    checks::workshops_curl(&api).await
}

async fn deploy_other_model(journey: &mut Journey<'_>) -> Result<()> {
    journey.deployer.deploy(&journey.cli.package[1], &ENDPOINT).await?;
    checks::answers_of(&journey.api()?, &journey.cli.table[1]).await.map(drop)
}

async fn deploy_with_fallback(journey: &mut Journey<'_>) -> Result<()> {
    let api = journey.api()?;
    journey.deployer.deploy(&journey.cli.package[0], &FALLBACK).await?;
    ensure!(!checks::is_fallback(&api).await?, "the table answers although the endpoint is there");
    checks::answers_of(&api, &journey.cli.table[0]).await.map(drop)
}

async fn plan_for_another_hosting(journey: &mut Journey<'_>) -> Result<()> {
    let package = journey.package(0);
    let mut arguments = vec!["deploy", "--dry-run", "--allow-replace", "--package", &package];
    arguments.extend(["--backend", "fallback", "--hosting", "serverless"]);
    let printed = journey.deployer.run(&arguments).await?;
    ensure!(printed.contains("the hosting changes"), "it says nothing:\n{printed}");
    Ok(())
}

async fn table_answers(journey: &mut Journey<'_>) -> Result<()> {
    journey.chaos("kill-endpoint").await?;
    ensure!(checks::is_fallback(&journey.api()?).await?, "the answer does not say who gave it");
    journey.chaos("revive-endpoint").await
}

async fn deploy_without_endpoint(journey: &mut Journey<'_>) -> Result<()> {
    journey.deployer.deploy(&journey.cli.package[1], &["--backend", "embedded"]).await?;
    checks::answers_of(&journey.api()?, &journey.cli.table[1]).await.map(drop)
}

async fn train(journey: &mut Journey<'_>) -> Result<()> {
    let trained = ["--backend", "endpoint", "--hosting", "serverless", "--ttl", "1h", "--train", "sagemaker"];
    let options = [&trained[..], &["--rows", TRAINING_ROWS]].concat();
    let (_, printed) = journey.deployer.deploy(&journey.cli.package[1], &options).await?;
    ensure!(printed.contains("accuracy"), "the job's accuracy is not told:\n{printed}");
    // The package's own model has nothing to do with the answers: this one must be the job's.
    checks::workshops_curl(&journey.api()?).await
}

async fn deploy_is_killed(journey: &mut Journey<'_>) -> Result<()> {
    let package = journey.package(0);
    let mut arguments = vec!["deploy", "--yes", "--package", &package];
    arguments.extend(ENDPOINT);
    for stage in &journey.stages {
        for after in KILL_AFTER {
            journey.deployer.kill_in(stage, after, &arguments).await?;
        }
    }
    let (addresses, _) = journey.deployer.deploy(Path::new(&package), &ENDPOINT).await?;
    checks::workshops_curl(&Api::new(&addresses.api)?).await
}

async fn destroy_is_killed(journey: &mut Journey<'_>) -> Result<()> {
    let printed = journey.deployer.run(&["destroy", "--dry-run"]).await?;
    for stage in stages(&printed) {
        journey.deployer.kill_in(&stage, KILL_AFTER[1], &["destroy", "--yes"]).await?;
    }
    journey.deployer.run(&["destroy", "--yes"]).await?;
    journey.foreign_bucket(false).await?;
    journey.nothing_is_left().await
}
