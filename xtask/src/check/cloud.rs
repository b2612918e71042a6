//! The steps in a cloud: that everything is there, and that nothing is.

use std::process::Command;

use anyhow::Result;
use mysfits_infra::{Stack, Stage};

use super::{Findings, http, served};
use crate::{
    cloud::{CloudTarget, deployer_in},
    localcloud::LocalCloud,
    process::output,
};

/// What is missing, and the remedy, if the deployer reports no state.
const NO_ANSWER: [&str; 2] = [
    "the cloud cannot be asked",
    "credentials: see docs/deploying/first-deployment.md; then `cargo xtask status` says more",
];

/// Checks that all stacks exist that are not optional, and that API and site answer.
pub fn deployed(target: CloudTarget) -> Result<Findings> {
    let mut findings = Findings::default();
    let remedy = command("deploy", target);
    let Some(mut deployer) = reach(target)? else {
        findings.missing("the local cloud does not run", remedy);
        return Ok(findings);
    };
    let Some(status) = output(deployer.arg("status")) else {
        let [what, remedy] = NO_ANSWER;
        findings.missing(what, remedy);
        return Ok(findings);
    };
    for stack in Stack::ALL.into_iter().filter(|stack| !stack.is_optional()) {
        findings.note(stack_state(&status, &stack.name(&Stage::DEFAULT)), &remedy);
    }
    let word =
        |name: &str| status.lines().find_map(|line| line.trim_start().strip_prefix(name)).map(str::trim);
    if let Some(api) = word("api ") {
        let recommended = served::recommends(api).map(|name| format!("{api} recommends {name}"));
        findings.note(recommended, &remedy);
    }
    if let Some(site) = word("site ") {
        let page = http::get(site).and_then(|answer| match answer.status {
            200 => Ok(format!("{site} shows the page")),
            status => Err(format!("{site} is answered {status}")),
        });
        findings.note(page, &remedy);
    }
    Ok(findings)
}

/// Returns a stack's state, out of what `status` prints.
fn stack_state(status: &str, stack: &str) -> Result<String, String> {
    let state = status.lines().find_map(|line| line.strip_prefix(stack)).unwrap_or_default();
    let state = state.split_whitespace().next().unwrap_or("not found");
    // A stack whose change was rolled back is complete, and not what was asked for.
    let is_good = state.ends_with("_COMPLETE") && !state.contains("ROLLBACK") && !state.contains("DELETE");
    if is_good { Ok(format!("{stack}: {state}")) } else { Err(format!("{stack} is not there")) }
}

/// Nothing is left in the cloud.
pub fn gone(target: CloudTarget) -> Result<Findings> {
    let mut findings = Findings::default();
    let Some(mut deployer) = reach(target)? else {
        findings.ok("the local cloud does not run: with it, all that was in it is gone");
        return Ok(findings);
    };
    let Some(found) = output(deployer.args(["destroy", "--dry-run"])) else {
        let [what, remedy] = NO_ANSWER;
        findings.missing(what, remedy);
        return Ok(findings);
    };
    let left: Vec<&str> = found.lines().filter_map(|line| line.strip_prefix("  - ")).collect();
    if left.is_empty() {
        findings.ok("no stack, no endpoint, no bucket, no log of ours is there");
    }
    for left in left {
        findings.missing(format!("it is still there: {left}"), command("destroy", target));
    }
    if target == CloudTarget::Local {
        findings.missing("the local cloud still runs", command("destroy", target));
    }
    Ok(findings)
}

/// Returns the deployer's command for the cloud; `None` if the local cloud does not run.
fn reach(target: CloudTarget) -> Result<Option<Command>> {
    let is_there = target == CloudTarget::Aws || LocalCloud::own().is_running();
    is_there.then(|| deployer_in(target)).transpose()
}

/// Returns a command of ours for a cloud.
fn command(name: &str, target: CloudTarget) -> String {
    let target = if target == CloudTarget::Local { " --target local" } else { "" };
    format!("cargo xtask {name}{target}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_there_if_it_is_complete_and_was_not_rolled_back() {
        let names = [Stack::SageMaker, Stack::Recommendations, Stack::Website];
        let names = names.map(|stack| stack.name(&Stage::DEFAULT));
        let [sagemaker, recommendations, website] = &names;
        let status = format!(
            "stage dev, account 1, region r, as me\n\
             {sagemaker:38} CREATE_COMPLETE\n  endpoint  none\n\
             {recommendations:38} ROLLBACK_COMPLETE  no bucket\n\
             {website:38} not deployed\n"
        );
        let complete = format!("{sagemaker}: CREATE_COMPLETE");
        let [sagemaker, recommendations, website] = names.map(|stack| stack_state(&status, &stack));
        assert_eq!(sagemaker, Ok(complete));
        assert!(recommendations.is_err() && website.is_err());
    }
}
