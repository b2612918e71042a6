//! Cost estimates for a requested deployment and for what is deployed.

use mysfits_deploy_cli::{HostingMode, Ttl};
use mysfits_infra::{
    Stack,
    cost::{self, Choice, Estimate, estimate},
    sagemaker::parameter,
};

use crate::{aws::stacks::StackState, deploy::Deployment, deployer::StackDeployer, error::DeployError};

impl Deployment<'_> {
    /// Returns the cost estimate of the deployment, with the SageMaker stack that exists, if any.
    pub(crate) fn cost(&self, sagemaker: Option<&StackState>) -> Estimate {
        let is_wanted = self.args.backend.needs_endpoint();
        estimate(&Choice {
            endpoint: is_wanted.then(|| hosting(self.args.hosting, sagemaker)),
            ttl: match self.args.ttl {
                Some(Ttl::In(time)) if is_wanted => Some(time),
                _ => None,
            },
            has_notebook: !self.args.without_notebook,
            has_key: has_key(sagemaker),
        })
    }
}

impl StackDeployer {
    /// Returns the cost estimate of what is deployed; `None` without a SageMaker stack.
    pub(crate) async fn cost_of_deployed(&self) -> Result<Option<Estimate>, DeployError> {
        let Some(state) = self.aws.stack(Stack::SageMaker).await? else { return Ok(None) };
        let mode = parameter_of(Some(&state), parameter::HOSTING_MODE);
        let mode = if mode == HostingMode::Instance.as_str() {
            HostingMode::Instance
        } else {
            HostingMode::Serverless
        };
        Ok(Some(estimate(&Choice {
            endpoint: state.has_model().then(|| hosting(mode, Some(&state))),
            // The hourly price is enough: the stack does not record the remaining lifetime.
            ttl: None,
            has_notebook: parameter_of(Some(&state), parameter::CREATE_NOTEBOOK) == "true",
            has_key: has_key(Some(&state)),
        })))
    }
}

/// Returns the hosting with its size: the stack's, or the template's default.
fn hosting(hosting: HostingMode, sagemaker: Option<&StackState>) -> cost::EndpointHosting {
    let number = |name| parameter_of(sagemaker, name).parse().ok();
    match hosting {
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

fn has_key(sagemaker: Option<&StackState>) -> bool {
    parameter_of(sagemaker, parameter::ENCRYPTION) == "kms"
}

/// Returns a parameter of the SageMaker stack: its value, or the template's default.
fn parameter_of(sagemaker: Option<&StackState>, name: &str) -> String {
    let of_stack = sagemaker.and_then(|state| state.parameters.get(name)).cloned();
    of_stack.or_else(|| Stack::SageMaker.template().default_of(name).map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_the_templates_defaults_without_a_stack() {
        let serverless = hosting(HostingMode::Serverless, None);
        assert!(matches!(serverless, cost::EndpointHosting::Serverless { memory_mb: 2048 }));
        assert!(matches!(
            hosting(HostingMode::Instance, None),
            cost::EndpointHosting::Instances { count: 1 }
        ));
        assert!(!has_key(None));
    }
}
