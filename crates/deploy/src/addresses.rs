//! Addresses of API and site: the stacks' outputs, or overrides of the environment.
//!
//! A local cloud serves deployed APIs and sites at its own addresses, which it sets in two variables.

use std::env;

use mysfits_infra::{recommendations, website};
use mysfits_site::settings::origin;

use crate::{aws::stacks::StackState, error::DeployError};

/// Addresses that the environment overrides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressOverrides {
    /// The base URL of APIs; an API's id and stage follow.
    pub api_edge: Option<String>,
    /// The URL of the site.
    pub site_edge: Option<String>,
    /// The URL of SageMaker's runtime for the function, such as that of a VPC endpoint.
    pub sagemaker_runtime: Option<String>,
    /// The URL of the registry of container images.
    pub registry: Option<String>,
}

impl AddressOverrides {
    /// Reads `MYSFITS_API_EDGE`, `MYSFITS_SITE_EDGE`, `MYSFITS_IMAGE_REGISTRY` and `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            api_edge: variable("MYSFITS_API_EDGE"),
            site_edge: variable("MYSFITS_SITE_EDGE"),
            sagemaker_runtime: variable(recommendations::variable::SAGEMAKER_RUNTIME_URL),
            registry: variable("MYSFITS_IMAGE_REGISTRY"),
        }
    }

    /// Returns the API's URL, without a slash at its end.
    ///
    /// # Errors
    /// If the stack lacks an output.
    pub fn api(&self, recommendations: &StackState) -> Result<String, DeployError> {
        use recommendations::output;
        let output = |name| recommendations.output(name);
        Ok(match &self.api_edge {
            None => output(output::RECOMMENDATIONS_API_ENDPOINT)?.trim_end_matches('/').to_owned(),
            Some(edge) => {
                let edge = edge.trim_end_matches('/');
                format!("{edge}/{}/{}", output(output::API_ID)?, output(output::STAGE_NAME)?)
            }
        })
    }

    /// Returns the URL that the API will have with a custom domain, or without one if `domain` is empty.
    ///
    /// # Errors
    /// If the stack lacks an output.
    pub fn planned_api(&self, recommendations: &StackState, domain: &str) -> Result<String, DeployError> {
        let default = recommendations.outputs.get(recommendations::output::DEFAULT_API_ENDPOINT);
        match (&self.api_edge, default) {
            (None, _) if !domain.is_empty() => Ok(format!("https://{domain}")),
            (None, Some(default)) => Ok(default.clone()),
            _ => self.api(recommendations),
        }
    }

    /// Returns the site's URL, with a slash at its end.
    ///
    /// # Errors
    /// If the stack lacks an output.
    pub fn site(&self, website: &StackState) -> Result<String, DeployError> {
        let url = match &self.site_edge {
            None => website.output(website::output::CLOUD_FRONT_URL)?,
            Some(edge) => edge,
        };
        Ok(format!("{}/", url.trim_end_matches('/')))
    }
}

/// Returns the host at which the site's distribution requests the pages of results: API Gateway's own, because the DNS records of a
/// custom domain may be missing. Empty if the stack has no such output.
#[must_use]
pub fn result_pages_host(recommendations: &StackState) -> &str {
    let url = recommendations.outputs.get(recommendations::output::DEFAULT_API_ENDPOINT);
    let origin = url.and_then(|url| origin(url)).unwrap_or_default();
    origin.trim_start_matches("https://")
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    fn state(outputs: &[(&str, &str)]) -> StackState {
        StackState::in_status(StackStatus::CreateComplete).with_outputs(outputs)
    }

    #[test]
    fn uses_the_stacks_outputs_by_default() {
        let function =
            state(&[("RecommendationsApiEndpoint", "https://a1.execute-api.r.amazonaws.com/prod/")]);
        let site = state(&[("CloudFrontURL", "https://d1.cloudfront.net")]);
        let addresses = AddressOverrides::default();
        assert_eq!(addresses.api(&function).unwrap(), "https://a1.execute-api.r.amazonaws.com/prod");
        assert_eq!(addresses.site(&site).unwrap(), "https://d1.cloudfront.net/");
        assert!(addresses.api(&site).unwrap_err().to_string().contains("RecommendationsApiEndpoint"));
    }

    #[test]
    fn pages_of_results_come_from_api_gateways_own_host() {
        let function = state(&[
            ("RecommendationsApiEndpoint", "https://api.example.com"),
            ("DefaultApiEndpoint", "https://a1.execute-api.eu-west-1.amazonaws.com/prod"),
        ]);
        assert_eq!(result_pages_host(&function), "a1.execute-api.eu-west-1.amazonaws.com");
        assert_eq!(result_pages_host(&state(&[])), "");
    }

    #[test]
    fn the_planned_address_is_that_of_the_next_domain() {
        let default = "https://a1.execute-api.r.amazonaws.com/prod";
        let deployed = [
            ("RecommendationsApiEndpoint", "https://old.example.com"),
            ("DefaultApiEndpoint", default),
            ("ApiId", "a1"),
            ("StageName", "prod"),
        ];
        let (stack, mut addresses) = (state(&deployed), AddressOverrides::default());
        assert_eq!(addresses.planned_api(&stack, "api.example.com").unwrap(), "https://api.example.com");
        assert_eq!(addresses.planned_api(&stack, "").unwrap(), default);
        addresses.api_edge = Some("http://127.0.0.1:2".to_owned());
        assert_eq!(addresses.planned_api(&stack, "api.example.com").unwrap(), "http://127.0.0.1:2/a1/prod");
    }

    #[test]
    fn overrides_replace_the_stacks_outputs() {
        let addresses = AddressOverrides {
            api_edge: Some("http://127.0.0.1:2/".to_owned()),
            site_edge: Some("http://127.0.0.1:1".to_owned()),
            ..AddressOverrides::default()
        };
        let function = state(&[("ApiId", "a1"), ("StageName", "prod")]);
        assert_eq!(addresses.api(&function).unwrap(), "http://127.0.0.1:2/a1/prod");
        assert_eq!(addresses.site(&state(&[])).unwrap(), "http://127.0.0.1:1/");
    }
}
