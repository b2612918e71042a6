//! Runs the steps of a plan.

use std::{fmt, io::IsTerminal as _};

use anyhow::{Context as _, Result, ensure};
use mysfits_infra::Stage;
use mysfits_output::outln;

use crate::{
    Cli, TargetCloud, checks,
    deployer::DeployerProgram,
    local::TestCloud,
    permissions,
    plan::{PlannedStep, StepPlan},
    scenario::Scenario,
    step, steps, user,
};

/// The numbers of steps by result.
#[derive(Debug, Default)]
pub struct StepCounts {
    passed: usize,
    skipped: usize,
}

impl fmt::Display for StepCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, 0 failed", self.passed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

/// Runs the steps of a plan.
///
/// # Errors
/// At the first step that fails; what was deployed is removed all the same.
pub async fn run(cli: &Cli, plan: &StepPlan) -> Result<StepCounts> {
    ensure!(cli.package.len() == 2 && cli.table.len() == 2, "two packages and their two tables are needed");
    let log = cli.work.join("deployer.log");
    let _ = std::fs::remove_file(&log);
    match cli.target {
        TargetCloud::Local => {
            let [starts, gets_policy, denies] = steps::LOCAL_FIRST;
            let state = cli.work.join("local-cloud");
            let start = async { TestCloud::start(&cli.localcloud, &cli.python, &state) };
            let cloud = step(starts, start).await?;
            let user = user::deployer(cloud.variables()?, &Stage::DEFAULT, user::REGION);
            let variables = step(gets_policy, user).await?;
            step(denies, user::anything_else_is_denied(cloud.variables()?)).await?;
            let deployer = DeployerProgram::new(&cli.deployer, variables, log);
            let mut scenario = Scenario::new(cli, deployer, Some(cloud));
            let mut counts = StepCounts { passed: steps::LOCAL_FIRST.len(), skipped: 0 };
            let result = run_steps(&mut scenario, &plan.steps, &mut counts).await;
            if result.is_err() {
                let _ =
                    outln!("          the deployer's output: {}", cli.work.join("deployer.log").display());
            }
            let [granted, stops] = steps::LOCAL_LAST;
            let cloud = scenario.cloud.context("no local cloud")?;
            let calls = async {
                result?;
                let calls = async {
                    permissions::calls_are_granted(&cloud, &scenario.deployer, cli.steps.is_empty())
                };
                step(granted, calls).await
            };
            let calls = calls.await;
            let stopped = step(stops, cloud.stop()).await;
            calls?;
            stopped?;
            counts.passed += steps::LOCAL_LAST.len();
            Ok(counts)
        }
        TargetCloud::Aws => {
            agree(cli)?;
            let deployer = DeployerProgram::new(&cli.deployer, std::collections::BTreeMap::new(), log);
            let mut scenario = Scenario::new(cli, deployer, None);
            let mut counts = StepCounts::default();
            let result = run_steps(&mut scenario, &plan.steps, &mut counts).await;
            if result.is_err() {
                // A failed test must not leave resources that cost money.
                step("destroy after the failure", scenario.destroy()).await?;
            }
            result?;
            Ok(counts)
        }
    }
}

/// Asks for confirmation before a real account is changed, unless `--yes` is given.
fn agree(cli: &Cli) -> Result<()> {
    if cli.yes {
        return Ok(());
    }
    ensure!(std::io::stdin().is_terminal(), "confirmation required: pass --yes");
    outln!(
        "This deploys, tests and destroys all stacks in the account of your credentials, with an endpoint"
    )?;
    outln!("on an instance (some cents). Stacks of the same names must not be in use.")?;
    outln!("Type yes to continue:")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    ensure!(answer.trim() == "yes", "cancelled; no changes made");
    Ok(())
}

async fn run_steps(
    scenario: &mut Scenario<'_>,
    steps: &[&PlannedStep],
    counts: &mut StepCounts,
) -> Result<()> {
    let differences = checks::differences(&scenario.cli.table[0], &scenario.cli.table[1])?;
    ensure!(
        differences > 0,
        "the two models agree on every tested entry, so the tests cannot tell them apart"
    );
    for next in steps {
        if next.is_local && scenario.cloud.is_none() {
            outln!("skipped           {}: only for the local cloud", next.name)?;
            counts.skipped += 1;
            continue;
        }
        step(next.name, (next.run)(scenario)).await?;
        counts.passed += 1;
    }
    Ok(())
}
