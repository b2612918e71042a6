//! `status`, `outputs` and `logs`.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, SystemTime},
};

use aws_smithy_types::{DateTime, date_time::Format};
use mysfits_infra::{
    Stack, recommendations::output as function_output, sagemaker::parameter as sagemaker_parameter,
};

use crate::{
    addresses::AddressOverrides,
    aws::{Aws, stacks::StackState},
    deployer::StackDeployer,
    error::DeployError,
    state::has_outputs,
};

/// The interval of requests for new log lines.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(2);
/// How late log lines may arrive.
const MAX_DELAY_MS: i64 = 10_000;

impl StackDeployer {
    /// Prints the status of all stacks.
    pub(crate) async fn status(&self, addresses: &AddressOverrides, drift: bool) -> Result<(), DeployError> {
        let console = &self.console;
        console.line(format!(
            "stage {}, account {}, region {}, as {}",
            self.aws.stage, self.aws.account, self.aws.region, self.aws.caller
        ));
        for stack in Stack::ALL {
            let name = self.aws.stack_name(stack);
            let Some(state) = self.aws.stack(stack).await? else {
                console.line(format!("{name:38} not deployed"));
                continue;
            };
            let reason = state.reason.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
            console.line(format!("{name:38} {}{reason}", state.status));
            match stack {
                Stack::SageMaker => self.endpoint_status(&state).await?,
                Stack::Recommendations => self.function_status(&state, addresses).await?,
                Stack::Website => {
                    if let Ok(url) = addresses.site(&state) {
                        console.line(format!("  site      {url}"));
                    }
                }
            }
            if drift && has_outputs(&state.status) {
                match self.aws.drift(stack).await?.as_slice() {
                    [] => console.line("  drift     none"),
                    drifted => drifted.iter().for_each(|line| {
                        console.line(format!("  drift     {line} (changed outside this tool)"));
                    }),
                }
            }
        }
        if let Some(cost) = self.cost_of_deployed().await? {
            console.line(cost);
        }
        Ok(())
    }

    async fn endpoint_status(&self, state: &StackState) -> Result<(), DeployError> {
        let Some(name) = state.endpoint_name().filter(|_| state.has_model()) else {
            self.console.line("  endpoint  none");
            return Ok(());
        };
        let endpoint = self.aws.endpoint(name).await?;
        let (status, reason) = endpoint.map_or_else(
            || ("missing (was deleted outside the stack)".to_owned(), None),
            |e| (e.endpoint_status, e.failure_reason),
        );
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        self.console.line(format!("  endpoint  {name} {status}{reason}"));
        let expiry =
            state.parameters.get(sagemaker_parameter::ENDPOINT_EXPIRY).filter(|time| !time.is_empty());
        if let Some(expiry) = expiry {
            self.console.line(format!("  expiry    {expiry} UTC"));
        }
        Ok(())
    }

    async fn function_status(
        &self,
        state: &StackState,
        addresses: &AddressOverrides,
    ) -> Result<(), DeployError> {
        if let Some(name) = state.outputs.get(function_output::FUNCTION_NAME) {
            let text = match self.aws.function(name).await? {
                None => "missing (was deleted outside the stack)".to_owned(),
                Some(function) => format!(
                    "{}, {} MB, {}, {} bytes",
                    function.state.as_deref().unwrap_or("Active"),
                    function.memory_size.unwrap_or_default(),
                    function.architectures.join(" "),
                    function.code_size.unwrap_or_default()
                ),
            };
            self.console.line(format!("  function  {name} {text}"));
        }
        if let Ok(url) = addresses.api(state) {
            self.console.line(format!("  api       {url}"));
        }
        Ok(())
    }

    /// Prints all outputs of all stacks.
    pub(crate) async fn outputs(&self, as_json: bool) -> Result<(), DeployError> {
        let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for stack in Stack::ALL {
            if let Some(state) = self.aws.stack(stack).await? {
                all.insert(state.name, state.outputs);
            }
        }
        if all.is_empty() {
            return Err(self.nothing());
        }
        if as_json {
            let text = serde_json::to_string_pretty(&all);
            self.console.line(text.map_err(|problem| DeployError::Corrupt {
                what: "the outputs".to_owned(),
                problem: problem.to_string(),
            })?);
            return Ok(());
        }
        for (stack, outputs) in all {
            self.console.line(stack);
            for (name, value) in outputs {
                self.console.line(format!("  {name:42} {value}"));
            }
        }
        Ok(())
    }

    /// Prints the function's log, and follows it if `follow`.
    pub(crate) async fn print_logs(&self, since: Duration, follow: bool) -> Result<(), DeployError> {
        let state = self.aws.stack(Stack::Recommendations).await?.ok_or_else(|| self.nothing())?;
        let group = state.output(function_output::FUNCTION_LOG_GROUP_NAME)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let mut from_ms = now.saturating_sub(since).as_millis() as i64;
        let mut seen = HashSet::new();
        self.console.doing(format!("reading {group}"));
        loop {
            let lines = self.aws.lines(group, from_ms).await?;
            for line in &lines {
                if seen.insert(line.clone()) {
                    let time =
                        DateTime::from_millis(line.timestamp).fmt(Format::DateTime).unwrap_or_default();
                    self.console.line(format!("{time} {}", line.message.trim_end()));
                }
            }
            if !follow {
                return Ok(());
            }
            from_ms = lines.last().map_or(from_ms, |line| from_ms.max(line.timestamp - MAX_DELAY_MS));
            tokio::time::sleep(FOLLOW_INTERVAL).await;
        }
    }

    pub(crate) fn nothing(&self) -> DeployError {
        let Aws { stage, region, account, .. } = self.aws.clone();
        DeployError::NothingDeployed { stage, region, account }
    }
}
