//! Cost estimates for a requested deployment and for what is deployed.

use mysfits_deploy_cli::{FunctionMetrics, HostingMode, Ttl};
use mysfits_infra::{
    Stack,
    cost::{self, Choice, Estimate, estimate},
    recommendations::parameter as function_parameter,
    sagemaker::parameter,
};

use crate::{
    aws::stacks::StackState, deploy::Deployment, deployer::StackDeployer, error::DeployError,
    settings::Chosen,
};

impl Deployment<'_> {
    /// Returns the cost estimate of the deployment, with the stacks that exist, if any.
    pub(crate) fn cost(
        &self,
        sagemaker: Option<&StackState>,
        recommendations: Option<&StackState>,
        has_notebook: bool,
    ) -> Estimate {
        let is_wanted = self.backend.needs_endpoint();
        let value = |name: &str| self.chosen.value(Stack::SageMaker, sagemaker, name);
        let function = |name: &str| self.chosen.value(Stack::Recommendations, recommendations, name);
        estimate(&Choice {
            endpoint: is_wanted.then(|| hosting(self.hosting, value)),
            ttl: match self.chosen.given.ttl {
                Some(Ttl::In(time)) if is_wanted => Some(time),
                _ => None,
            },
            has_notebook,
            has_key: value(parameter::ENCRYPTION) == KMS,
            no_tracing: function(function_parameter::TRACING) == "off",
            minimal_metrics: function(function_parameter::METRICS) == FunctionMetrics::Minimal.as_str(),
        })
    }
}

impl StackDeployer {
    /// Returns the cost estimate of what is deployed; `None` without a SageMaker stack.
    pub(crate) async fn cost_of_deployed(&self) -> Result<Option<Estimate>, DeployError> {
        let Some(state) = self.aws.stack(Stack::SageMaker).await? else { return Ok(None) };
        let value = |name: &str| Chosen::default().value(Stack::SageMaker, Some(&state), name);
        let recommendations = self.aws.stack(Stack::Recommendations).await?;
        let function =
            |name: &str| Chosen::default().value(Stack::Recommendations, recommendations.as_ref(), name);
        let mode = Chosen::default().hosting(Some(&state));
        Ok(Some(estimate(&Choice {
            endpoint: state.has_model().then(|| hosting(mode, value)),
            // The hourly price is enough: the stack does not record the remaining lifetime.
            ttl: None,
            has_notebook: self.aws.stack(Stack::Notebook).await?.is_some(),
            has_key: value(parameter::ENCRYPTION) == KMS,
            no_tracing: function(function_parameter::TRACING) == "off",
            minimal_metrics: function(function_parameter::METRICS) == FunctionMetrics::Minimal.as_str(),
        })))
    }
}

/// Returns the hosting with its size, by the values of the SageMaker stack's parameters.
fn hosting(mode: HostingMode, value: impl Fn(&str) -> String) -> cost::EndpointHosting {
    let number = |name: &str| value(name).parse().ok();
    match mode {
        HostingMode::Serverless => cost::EndpointHosting::Serverless {
            memory_mb: number(parameter::SERVERLESS_MEMORY_IN_MB).unwrap_or(DEFAULT_MEMORY_MB),
        },
        HostingMode::Instance => {
            cost::EndpointHosting::Instances { count: number(parameter::MIN_INSTANCES).unwrap_or(1) }
        }
    }
}

/// The memory size if the stack's value cannot be parsed.
const DEFAULT_MEMORY_MB: u32 = 2048;
/// The parameter's value for a key of the stack's own.
const KMS: &str = "kms";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_the_templates_defaults_without_a_stack() {
        let value = |name: &str| Chosen::default().value(Stack::SageMaker, None, name);
        let serverless = hosting(HostingMode::Serverless, value);
        assert!(matches!(serverless, cost::EndpointHosting::Serverless { memory_mb: 2048 }));
        assert!(matches!(
            hosting(HostingMode::Instance, value),
            cost::EndpointHosting::Instances { count: 1 }
        ));
        assert_ne!(value(parameter::ENCRYPTION), KMS);
    }
}
