//! Which steps run: all of them, or the chosen ones with the steps that they need.

use std::{fmt, pin::Pin};

use anyhow::{Context as _, Result};
use mysfits_e2e::selection::select;

use crate::{TargetCloud, scenario::Scenario};

/// What is deployed in the cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentState {
    /// Nothing has been deployed yet.
    Empty,
    /// The first package, with an endpoint.
    Endpoint,
    /// The second package, with an endpoint.
    OtherModel,
    /// The first package, with an endpoint and a fallback.
    Fallback,
    /// The second package, without an endpoint.
    Embedded,
    /// The model of a training job, with a serverless endpoint.
    Trained,
    /// A deployment beside resources that the deployer did not make.
    ForeignResources,
    /// Everything that was deployed has been removed.
    Destroyed,
}

impl DeploymentState {
    /// The states from which the deployment can be changed or removed.
    pub const DEPLOYED: &[Self] =
        &[Self::Endpoint, Self::OtherModel, Self::Fallback, Self::Embedded, Self::Trained];

    fn is_removed(self) -> bool {
        matches!(self, Self::Empty | Self::Destroyed)
    }
}

/// A step under way.
pub type StepFuture<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;
/// What a step does: fails if what it checks does not hold.
pub type StepAction = for<'a> fn(&'a mut Scenario<'_>) -> StepFuture<'a>;

/// A step of the scenario.
pub struct PlannedStep {
    /// What it shows, in words.
    pub name: &'static str,
    /// The states that it can start from. The first one is brought about if the cloud is in none of them; without any,
    /// the step starts from every state.
    pub needs: &'static [DeploymentState],
    /// The state that it leaves; by default the one that it found.
    pub leaves: Option<DeploymentState>,
    /// Whether only the local cloud allows it. Elsewhere it is skipped.
    pub is_local: bool,
    /// What it does.
    pub run: StepAction,
}

impl fmt::Debug for PlannedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PlannedStep {
    fn can_start_from(&self, state: DeploymentState) -> bool {
        self.needs.is_empty() || self.needs.contains(&state)
    }
}

/// The steps that always run: they start and end the local cloud.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Before all others.
    pub first: &'static [&'static str],
    /// After all others.
    pub last: &'static [&'static str],
}

/// The steps of a run, in order.
#[derive(Debug)]
pub struct StepPlan {
    frame: Frame,
    /// The steps between those of the frame.
    pub steps: Vec<&'static PlannedStep>,
}

impl StepPlan {
    /// Returns the steps whose name contains one of `parts`, in the order of `all`, each preceded by the steps that bring
    /// about the state it needs, and followed by the removal of what is deployed then. Without parts, returns all steps.
    ///
    /// # Errors
    /// If a part is in no name. The message lists the names.
    pub fn new(
        all: &'static [PlannedStep],
        frame: Frame,
        parts: &[String],
        target: TargetCloud,
    ) -> Result<Self> {
        let names: Vec<&str> =
            [frame.first, &all.iter().map(|step| step.name).collect::<Vec<_>>(), frame.last].concat();
        let selected = select("step", &names, parts)?;
        let mut planner = Planner { all, target, state: DeploymentState::Empty, steps: Vec::new() };
        for step in all.iter().filter(|step| selected.contains(&step.name)) {
            planner.add(step)?;
        }
        planner.remove()?;
        Ok(Self { frame, steps: planner.steps })
    }

    /// Returns the names of the steps, in order, with those of the frame.
    pub fn names(&self) -> Vec<&'static str> {
        let steps: Vec<_> = self.steps.iter().map(|step| step.name).collect();
        [self.frame.first, &steps, self.frame.last].concat()
    }
}

struct Planner {
    all: &'static [PlannedStep],
    target: TargetCloud,
    /// The cloud's state after the steps.
    state: DeploymentState,
    steps: Vec<&'static PlannedStep>,
}

impl Planner {
    fn is_skipped(&self, step: &PlannedStep) -> bool {
        step.is_local && self.target != TargetCloud::Local
    }

    /// Adds a step, and before it what brings the cloud into a state that it can start from.
    fn add(&mut self, step: &'static PlannedStep) -> Result<()> {
        if self.is_skipped(step) {
            // It needs and changes nothing, and the report says that it was skipped.
            self.steps.push(step);
            return Ok(());
        }
        if !step.can_start_from(self.state) {
            let needed = step.needs[0];
            let before = self.all.iter().find(|step| step.leaves == Some(needed) && !self.is_skipped(step));
            self.add(before.with_context(|| format!("no step leads to {needed:?}"))?)?;
        }
        self.steps.push(step);
        self.state = step.leaves.unwrap_or(self.state);
        Ok(())
    }

    /// Adds the removal of what is deployed after the steps.
    fn remove(&mut self) -> Result<()> {
        if self.state.is_removed() {
            return Ok(());
        }
        let removal = self.all.iter().find(|step| {
            step.leaves == Some(DeploymentState::Destroyed)
                && step.can_start_from(self.state)
                && !self.is_skipped(step)
        });
        self.add(removal.with_context(|| format!("no step removes {:?}", self.state))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::{LOCAL_FRAME, NO_FRAME, STEPS};

    const DEPLOY: &str = "deploy, with an endpoint behind the function";

    fn planned(parts: &[&str], target: TargetCloud) -> Vec<&'static str> {
        let parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        let plan = StepPlan::new(STEPS, NO_FRAME, &parts, target).unwrap();
        plan.steps.iter().map(|step| step.name).collect()
    }

    fn names() -> Vec<&'static str> {
        STEPS.iter().map(|step| step.name).collect()
    }

    #[test]
    fn runs_every_step_once_in_order_without_a_selection() {
        for target in [TargetCloud::Local, TargetCloud::Aws] {
            assert_eq!(planned(&[], target), names());
        }
    }

    #[test]
    fn names_are_unique() {
        let all = [LOCAL_FRAME.first, &names(), LOCAL_FRAME.last].concat();
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
    }

    #[test]
    fn deploys_before_a_check_and_destroys_after_it() {
        assert_eq!(
            planned(&["the workshop's curl"], TargetCloud::Local),
            [DEPLOY, "the workshop's curl", "destroy"]
        );
    }

    #[test]
    fn deploys_nothing_for_a_step_that_needs_an_empty_cloud() {
        assert_eq!(planned(&["a plan changes nothing"], TargetCloud::Local), ["a plan changes nothing"]);
        assert_eq!(planned(&["packages are complete"], TargetCloud::Aws).len(), 1);
    }

    #[test]
    fn reaches_a_state_through_several_steps() {
        assert_eq!(
            planned(&["the table answers, and says so"], TargetCloud::Local),
            [
                DEPLOY,
                "deploy with a fallback: the endpoint answers",
                "the endpoint is killed: the table answers, and says so",
                "destroy",
            ]
        );
        assert_eq!(
            planned(&["destroy is killed"], TargetCloud::Local),
            [
                DEPLOY,
                "resources of others are kept",
                "destroy is killed in each stage; repeated, it converges",
            ]
        );
    }

    #[test]
    fn shares_the_deployment_of_several_steps() {
        assert_eq!(
            planned(&["OPTIONS", "the workshop's curl"], TargetCloud::Local),
            [DEPLOY, "the workshop's curl", "the OPTIONS response is exact", "destroy"]
        );
    }

    #[test]
    fn removes_foreign_resources_too() {
        assert_eq!(
            planned(&["resources of others are kept"], TargetCloud::Local).last(),
            Some(&"destroy is killed in each stage; repeated, it converges")
        );
    }

    #[test]
    fn prepares_nothing_for_a_step_that_is_skipped() {
        let step = "the endpoint is killed: 503, until it is back";
        assert_eq!(planned(&[step], TargetCloud::Aws), [step]);
    }

    #[test]
    fn meets_the_needs_of_every_selection() {
        for target in [TargetCloud::Local, TargetCloud::Aws] {
            for one in names() {
                for other in names() {
                    let mut state = DeploymentState::Empty;
                    let chosen = [one.to_owned(), other.to_owned()];
                    let plan = StepPlan::new(STEPS, NO_FRAME, &chosen, target).unwrap();
                    for step in &plan.steps {
                        if step.is_local && target == TargetCloud::Aws {
                            continue;
                        }
                        assert!(step.can_start_from(state), "{chosen:?}: {step:?} from {state:?}");
                        state = step.leaves.unwrap_or(state);
                    }
                    assert!(state.is_removed(), "{chosen:?} leaves {state:?}");
                    let position = |name: &str| plan.steps.iter().position(|step| step.name == name);
                    assert!(position(one).is_some() && position(other).is_some(), "{chosen:?}: {plan:?}");
                }
            }
        }
    }

    #[test]
    fn accepts_the_steps_that_always_run() {
        let chosen = ["the local cloud starts".to_owned()];
        let plan = StepPlan::new(STEPS, LOCAL_FRAME, &chosen, TargetCloud::Local).unwrap();
        assert_eq!(plan.names(), [LOCAL_FRAME.first, LOCAL_FRAME.last].concat());
    }

    #[test]
    fn lists_the_steps_if_none_has_the_name() {
        let error =
            StepPlan::new(STEPS, LOCAL_FRAME, &["launch".to_owned()], TargetCloud::Local).unwrap_err();
        let lines: Vec<String> = error.to_string().lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(lines[0], "no step has \"launch\" in its name; choose from these:");
        assert_eq!(lines[1..], [LOCAL_FRAME.first, &names(), LOCAL_FRAME.last].concat());
    }
}
