//! `status` and `outputs`: what is deployed, as text or JSON.

use std::{collections::BTreeMap, fmt};

use mysfits_deploy_cli::StatusArgs;
use mysfits_infra::{
    Stack, recommendations::output as function_output, sagemaker::parameter as sagemaker_parameter,
    website::output as website_output,
};
use serde::Serialize;

use crate::{
    addresses::AddressOverrides,
    aws::{Aws, stacks::StackState},
    deployer::StackDeployer,
    error::DeployError,
    state::has_outputs,
};

/// What a resource that its stack lists is, if its service does not know it.
const MISSING: &str = "missing (was deleted outside the stack; deploy with --revert-drift)";

/// The status of a deployment.
#[derive(Debug, Serialize)]
struct StatusReport {
    stage: String,
    account: String,
    region: String,
    caller: String,
    stacks: Vec<StackReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost: Option<CostReport>,
}

/// The status of a stack.
#[derive(Debug, Serialize)]
struct StackReport {
    name: String,
    /// `None` if it is not deployed.
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What the stack has: names and values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<&'static str, String>,
    /// The resources that differ from the template; `None` if drift was not detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    drift: Option<Vec<String>>,
    /// Why drift could not be detected.
    #[serde(skip_serializing_if = "Option::is_none")]
    drift_error: Option<String>,
}

/// The estimated cost of what is deployed.
#[derive(Debug, Serialize)]
struct CostReport {
    idle_usd_per_month: f64,
    usd_per_million_recommendations: f64,
    #[serde(skip)]
    table: String,
}

impl fmt::Display for StatusReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stage, account, region, caller, .. } = self;
        writeln!(f, "stage {stage}, account {account}, region {region}, as {caller}")?;
        for stack in &self.stacks {
            let reason = stack.reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
            writeln!(f, "{:38} {}{reason}", stack.name, stack.status.as_deref().unwrap_or("not deployed"))?;
            for (name, value) in &stack.details {
                writeln!(f, "  {name:9} {value}")?;
            }
            match stack.drift.as_deref() {
                None => {}
                Some([]) => writeln!(f, "  drift     none")?,
                Some(drifted) => {
                    for line in drifted {
                        writeln!(f, "  drift     {line} (changed outside the stack)")?;
                    }
                }
            }
            if let Some(error) = &stack.drift_error {
                writeln!(f, "  drift     unknown: {error}")?;
            }
        }
        self.cost.as_ref().map_or(Ok(()), |cost| writeln!(f, "{}", cost.table))
    }
}

/// The outputs of a deployment, with the addresses that work from here.
#[derive(Debug, Default, Serialize)]
struct OutputsReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(flatten)]
    stacks: BTreeMap<String, BTreeMap<String, String>>,
}

impl OutputsReport {
    /// Adds a stack. Its outputs get the addresses that the environment overrides.
    fn add(&mut self, stack: Stack, state: StackState, addresses: &AddressOverrides) {
        let (address, name) = match stack {
            Stack::Recommendations => {
                self.api = addresses.api(&state).ok();
                (&self.api, function_output::RECOMMENDATIONS_API_ENDPOINT)
            }
            Stack::Website => {
                self.site = addresses.site(&state).ok();
                (&self.site, website_output::CLOUD_FRONT_URL)
            }
            Stack::SageMaker | Stack::Repository | Stack::Notebook => (&None, ""),
        };
        let mut outputs = state.outputs;
        if let Some((address, output)) = address.as_ref().zip(outputs.get_mut(name)) {
            address.trim_end_matches('/').clone_into(output);
        }
        self.stacks.insert(state.name, outputs);
    }
}

impl fmt::Display for OutputsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, address) in [("api", &self.api), ("site", &self.site)] {
            if let Some(address) = address {
                writeln!(f, "{name:44} {address}")?;
            }
        }
        for (stack, outputs) in &self.stacks {
            writeln!(f, "{stack}")?;
            for (name, value) in outputs {
                writeln!(f, "  {name:42} {value}")?;
            }
        }
        Ok(())
    }
}

impl StackDeployer {
    /// Prints the status of all stacks.
    ///
    /// # Errors
    /// [`DeployError::Drift`] and [`DeployError::DriftDetection`] after the report; errors of services.
    pub(crate) async fn status(
        &self,
        addresses: &AddressOverrides,
        args: &StatusArgs,
    ) -> Result<(), DeployError> {
        let mut stacks = Vec::new();
        for stack in Stack::ALL {
            let report = self.stack_report(stack, addresses, args.drift).await?;
            if report.status.is_some() || !stack.is_optional() {
                stacks.push(report);
            }
        }
        let cost = self.cost_of_deployed().await?.map(|estimate| CostReport {
            idle_usd_per_month: estimate.idle_usd(),
            usd_per_million_recommendations: estimate.per_million_usd(),
            table: estimate.to_string(),
        });
        let report = StatusReport {
            stage: self.aws.stage.to_string(),
            account: self.aws.account.clone(),
            region: self.aws.region.clone(),
            caller: self.aws.caller.clone(),
            stacks,
            cost,
        };
        self.print(&report)?;
        let failed =
            report.stacks.iter().find_map(|stack| stack.drift_error.clone().zip(Some(stack.name.clone())));
        if let Some((reason, stack)) = failed {
            return Err(DeployError::DriftDetection { stack, reason });
        }
        match report.stacks.iter().filter_map(|stack| stack.drift.as_ref()).map(Vec::len).sum::<usize>() {
            0 => Ok(()),
            n_drifted => Err(DeployError::Drift(n_drifted)),
        }
    }

    async fn stack_report(
        &self,
        stack: Stack,
        addresses: &AddressOverrides,
        detects_drift: bool,
    ) -> Result<StackReport, DeployError> {
        let state = self.aws.stack(stack).await?;
        let mut report = StackReport {
            name: self.aws.stack_name(stack),
            status: state.as_ref().map(|state| state.status.to_string()),
            reason: state.as_ref().and_then(|state| state.reason.clone()),
            details: BTreeMap::new(),
            drift: None,
            drift_error: None,
        };
        let Some(state) = state else { return Ok(report) };
        report.details = match stack {
            Stack::SageMaker => self.endpoint_details(&state).await?,
            Stack::Recommendations => self.function_details(&state, addresses).await?,
            Stack::Website => addresses.site(&state).ok().map(|url| ("site", url)).into_iter().collect(),
            Stack::Repository | Stack::Notebook => BTreeMap::new(),
        };
        if detects_drift && has_outputs(&state.status) {
            match self.aws.drift(stack).await {
                Ok(drifted) => report.drift = Some(drifted),
                Err(DeployError::DriftDetection { reason, .. }) => report.drift_error = Some(reason),
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }

    async fn endpoint_details(
        &self,
        state: &StackState,
    ) -> Result<BTreeMap<&'static str, String>, DeployError> {
        let Some(name) = state.endpoint_name().filter(|_| state.has_model()) else {
            return Ok(BTreeMap::from([("endpoint", "none".to_owned())]));
        };
        let endpoint = self.aws.endpoint(name).await?;
        let status = endpoint.map_or_else(
            || MISSING.to_owned(),
            |endpoint| {
                let reason = endpoint.failure_reason.map(|reason| format!(": {reason}"));
                endpoint.endpoint_status + &reason.unwrap_or_default()
            },
        );
        let mut details = BTreeMap::from([("endpoint", format!("{name} {status}"))]);
        let expiry =
            state.parameters.get(sagemaker_parameter::ENDPOINT_EXPIRY).filter(|time| !time.is_empty());
        details.extend(expiry.map(|expiry| ("expiry", format!("{expiry} UTC"))));
        Ok(details)
    }

    async fn function_details(
        &self,
        state: &StackState,
        addresses: &AddressOverrides,
    ) -> Result<BTreeMap<&'static str, String>, DeployError> {
        let mut details = BTreeMap::new();
        if let Some(name) = state.outputs.get(function_output::FUNCTION_NAME) {
            let text = match self.aws.function(name).await? {
                None => MISSING.to_owned(),
                Some(function) => format!(
                    "{}, {} MB, {}, {} bytes",
                    function.state.as_deref().unwrap_or("Active"),
                    function.memory_size.unwrap_or_default(),
                    function.architectures.join(" "),
                    function.code_size.unwrap_or_default()
                ),
            };
            details.insert("function", format!("{name} {text}"));
        }
        details.extend(addresses.api(state).ok().map(|url| ("api", url)));
        Ok(details)
    }

    /// Prints the addresses of API and site, and all outputs of all stacks.
    pub(crate) async fn outputs(&self, addresses: &AddressOverrides) -> Result<(), DeployError> {
        let mut report = OutputsReport::default();
        for stack in Stack::ALL {
            if let Some(state) = self.aws.stack(stack).await? {
                report.add(stack, state, addresses);
            }
        }
        if report.stacks.is_empty() {
            return Err(self.nothing());
        }
        self.print(&report)
    }

    /// Prints a report as JSON or text.
    fn print(&self, report: &(impl Serialize + fmt::Display)) -> Result<(), DeployError> {
        if self.console.is_json() {
            return self.console.json(report);
        }
        self.console.line(report.to_string().trim_end());
        Ok(())
    }

    pub(crate) fn nothing(&self) -> DeployError {
        let Aws { stage, region, account, .. } = self.aws.clone();
        DeployError::NothingDeployed { stage, region, account }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    fn state(name: &str, outputs: &[(&str, &str)]) -> StackState {
        let state = StackState::in_status(StackStatus::CreateComplete).with_outputs(outputs);
        StackState { name: name.to_owned(), ..state }
    }

    #[test]
    fn outputs_hold_the_addresses_that_work_in_the_local_cloud() {
        let addresses = AddressOverrides {
            api_edge: Some("http://127.0.0.1:2".to_owned()),
            site_edge: Some("http://127.0.0.1:1".to_owned()),
            ..AddressOverrides::default()
        };
        let mut report = OutputsReport::default();
        let api =
            [("ApiId", "a1"), ("StageName", "prod"), ("RecommendationsApiEndpoint", "https://aws/prod")];
        report.add(Stack::Recommendations, state("S1", &api), &addresses);
        report.add(
            Stack::Website,
            state("S2", &[("CloudFrontURL", "https://d1.cloudfront.net")]),
            &addresses,
        );
        let text = report.to_string();
        assert!(!text.contains("https://"), "{text}");
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["api"], "http://127.0.0.1:2/a1/prod");
        assert_eq!(json["site"], "http://127.0.0.1:1/");
        assert_eq!(json["S1"]["RecommendationsApiEndpoint"], "http://127.0.0.1:2/a1/prod");
    }

    #[test]
    fn an_unknown_drift_is_not_shown_as_none() {
        let report = |drift: Option<Vec<String>>, error: Option<&str>| {
            let stack = StackReport {
                name: "S".to_owned(),
                status: Some("UPDATE_COMPLETE".to_owned()),
                reason: None,
                details: BTreeMap::from([("site", "https://a/".to_owned())]),
                drift,
                drift_error: error.map(str::to_owned),
            };
            let [stage, account, region, caller] = ["dev", "1", "r", "c"].map(str::to_owned);
            StatusReport { stage, account, region, caller, stacks: vec![stack], cost: None }.to_string()
        };
        let failed = report(None, Some("throttled"));
        assert!(failed.contains("drift     unknown: throttled") && !failed.contains("none"), "{failed}");
        assert!(report(Some(vec![]), None).contains("drift     none"));
        assert!(report(Some(vec!["Api: modified".to_owned()]), None).contains("drift     Api: modified"));
        assert!(report(None, None).contains("  site      https://a/"));
    }
}
