//! Where API and site answer: at AWS's addresses, or where the environment says.
//!
//! A local cloud serves what it deploys under addresses of its own. It says so by two variables; nothing else in this
//! tool knows of it.

use std::env;

use mysfits_infra::{Stack, recommendations, website};

use crate::{aws::stacks::State, deploy::output_of, error::DeployError};

/// The addresses that the environment gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Before an API's id and stage.
    pub api_edge: Option<String>,
    /// The site.
    pub site_edge: Option<String>,
    /// The endpoint, for the function: a VPC endpoint, say.
    pub sagemaker_runtime: Option<String>,
}

impl Addresses {
    /// Reads `MYSFITS_API_EDGE`, `MYSFITS_SITE_EDGE` and `AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME`.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            api_edge: variable("MYSFITS_API_EDGE"),
            site_edge: variable("MYSFITS_SITE_EDGE"),
            sagemaker_runtime: variable(recommendations::variable::SAGEMAKER_RUNTIME_URL),
        }
    }

    /// Returns the API's URL, without a slash at its end.
    ///
    /// # Errors
    /// If the stack lacks an output.
    pub fn api(&self, recommendations: &State) -> Result<String, DeployError> {
        use recommendations::output;
        let output = |name| output_of(recommendations, Stack::Recommendations, name);
        Ok(match &self.api_edge {
            None => output(output::RECOMMENDATIONS_API_ENDPOINT)?.trim_end_matches('/').to_owned(),
            Some(edge) => {
                let edge = edge.trim_end_matches('/');
                format!("{edge}/{}/{}", output(output::API_ID)?, output(output::STAGE_NAME)?)
            }
        })
    }

    /// Returns the site's URL, with a slash at its end.
    ///
    /// # Errors
    /// If the stack lacks an output.
    pub fn site(&self, website: &State) -> Result<String, DeployError> {
        let url = match &self.site_edge {
            None => output_of(website, Stack::Website, website::output::CLOUD_FRONT_URL)?,
            Some(edge) => edge,
        };
        Ok(format!("{}/", url.trim_end_matches('/')))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    fn state(outputs: &[(&str, &str)]) -> State {
        State {
            id: String::new(),
            status: StackStatus::CreateComplete,
            reason: None,
            parameters: BTreeMap::new(),
            outputs: outputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            is_ours: true,
        }
    }

    #[test]
    fn without_edges_the_stacks_know() {
        let function =
            state(&[("RecommendationsApiEndpoint", "https://a1.execute-api.r.amazonaws.com/prod/")]);
        let site = state(&[("CloudFrontURL", "https://d1.cloudfront.net")]);
        let addresses = Addresses::default();
        assert_eq!(addresses.api(&function).unwrap(), "https://a1.execute-api.r.amazonaws.com/prod");
        assert_eq!(addresses.site(&site).unwrap(), "https://d1.cloudfront.net/");
        assert!(addresses.api(&site).unwrap_err().to_string().contains("RecommendationsApiEndpoint"));
    }

    #[test]
    fn edges_go_before_what_the_stacks_know() {
        let addresses = Addresses {
            api_edge: Some("http://127.0.0.1:2/".to_owned()),
            site_edge: Some("http://127.0.0.1:1".to_owned()),
            sagemaker_runtime: None,
        };
        let function = state(&[("ApiId", "a1"), ("StageName", "prod")]);
        assert_eq!(addresses.api(&function).unwrap(), "http://127.0.0.1:2/a1/prod");
        assert_eq!(addresses.site(&state(&[])).unwrap(), "http://127.0.0.1:1/");
    }
}
