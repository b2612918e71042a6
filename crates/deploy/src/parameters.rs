//! The stacks' parameters. Pure: computed from the caller's options and the outputs of earlier stacks.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Parameter;
use mysfits_deploy_cli::{Backend, HostingMode};
use mysfits_infra::{recommendations, sagemaker, website};

/// The parameters of one stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, ParameterValue>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum ParameterValue {
    Set(String),
    Previous,
}

impl Parameters {
    /// Sets a parameter.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), ParameterValue::Set(value.into()));
        self
    }

    /// Keeps the existing stack's value of a parameter.
    #[must_use]
    pub fn keep(mut self, name: &str) -> Self {
        self.0.insert(name.to_owned(), ParameterValue::Previous);
        self
    }

    /// Keeps the values of all other parameters that both the stack and the template have: omitting a
    /// parameter does not undo a value that was set by hand.
    #[must_use]
    pub fn keep_others<'a>(
        mut self,
        of_stack: impl IntoIterator<Item = &'a String>,
        of_template: &[String],
    ) -> Self {
        for name in of_stack.into_iter().filter(|name| of_template.contains(name)) {
            self.0.entry(name.clone()).or_insert(ParameterValue::Previous);
        }
        self
    }

    /// Returns the value of a parameter, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            ParameterValue::Set(value) => Some(value),
            ParameterValue::Previous => None,
        }
    }

    /// Returns the parameters for CloudFormation.
    #[must_use]
    pub fn written(&self) -> Vec<Parameter> {
        let parameter = |(name, value): (&String, &ParameterValue)| {
            let parameter = Parameter::builder().parameter_key(name);
            match value {
                ParameterValue::Set(value) => parameter.parameter_value(value).build(),
                ParameterValue::Previous => parameter.use_previous_value(true).build(),
            }
        };
        self.0.iter().map(parameter).collect()
    }
}

/// The caller's choices for the SageMaker stack.
#[derive(Debug, Clone, Copy)]
pub struct SageMakerOptions<'a> {
    /// The hosting mode of the endpoint.
    pub hosting: HostingMode,
    /// Whether there is a notebook.
    pub notebook: bool,
    /// Whether there is a code repository.
    pub repository: bool,
    /// The Git repository that the notebook instance clones; `None` keeps the stack's, by default the code repository.
    pub notebook_repository: Option<&'a str>,
    /// The commit; `None` keeps the stack's, or means the default branch of a new repository.
    pub notebook_commit: Option<&'a str>,
}

/// The URL of the endpoint's model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelUrl {
    /// No model, and no endpoint.
    None,
    /// The stack's current model.
    Previous,
    /// A new URL.
    At(String),
}

/// Returns the parameters of the SageMaker stack.
#[must_use]
pub fn sagemaker_parameters(choice: SageMakerOptions<'_>, model: &ModelUrl, expiry: &str) -> Parameters {
    use sagemaker::parameter as p;
    let yes_no = |yes: bool| if yes { "true" } else { "false" };
    let parameters = Parameters::default()
        .set(p::HOSTING_MODE, choice.hosting.as_str())
        .set(p::CREATE_NOTEBOOK, yes_no(choice.notebook))
        .set(p::CREATE_CODE_REPOSITORY, yes_no(choice.repository));
    // Without an endpoint the template ignores the expiry; it is kept for the next endpoint.
    let mut parameters = parameters.set(p::ENDPOINT_EXPIRY, expiry);
    if let Some(url) = choice.notebook_repository {
        parameters = parameters.set(p::NOTEBOOK_REPOSITORY, url);
    }
    // A new repository need not have the previous commit.
    if let Some(commit) = choice.notebook_commit.or(choice.notebook_repository.map(|_| "")) {
        parameters = parameters.set(p::NOTEBOOK_COMMIT, commit);
    }
    match model {
        ModelUrl::None => parameters.set(p::MODEL_DATA_URL, ""),
        ModelUrl::Previous => parameters.keep(p::MODEL_DATA_URL),
        ModelUrl::At(url) => parameters.set(p::MODEL_DATA_URL, url),
    }
}

/// The caller's choices for the function's stack.
#[derive(Debug, Clone, Copy)]
pub struct FunctionOptions<'a> {
    /// The artifact bucket.
    pub bucket: &'a str,
    /// The key of the function's zip.
    pub key: &'a str,
    /// The architecture.
    pub architecture: &'a str,
    /// The recommendation backend.
    pub backend: Backend,
    /// The endpoint's name, if there is one.
    pub endpoint: Option<&'a str>,
    /// The URL of SageMaker's runtime, if it is not the region's public address.
    pub runtime_url: Option<&'a str>,
    /// The e-mail address for alarms; `None` keeps the current one.
    pub alarm_email: Option<&'a str>,
}

/// Returns the parameters of the function's stack.
#[must_use]
pub fn recommendations_parameters(choice: FunctionOptions<'_>) -> Parameters {
    use recommendations::parameter as p;
    let endpoint = choice.endpoint.filter(|_| choice.backend.needs_endpoint());
    let runtime_url = choice.runtime_url.filter(|_| choice.backend.needs_endpoint());
    let parameters = Parameters::default()
        .set(p::ARTIFACT_BUCKET, choice.bucket)
        .set(p::ARTIFACT_KEY, choice.key)
        .set(p::ARCHITECTURE, choice.architecture)
        .set(p::BACKEND, choice.backend.as_str())
        .set(p::ENDPOINT_NAME, endpoint.unwrap_or_default())
        .set(p::SAGEMAKER_RUNTIME_URL, runtime_url.unwrap_or_default());
    match choice.alarm_email {
        Some(email) => parameters.set(p::ALARM_EMAIL, email),
        None => parameters,
    }
}

/// Returns the parameters of the site's stack, with the origins that the page may call, separated by spaces.
#[must_use]
pub fn website_parameters(api_origins: &str) -> Parameters {
    Parameters::default().set(website::parameter::API_ORIGINS, api_origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICE: SageMakerOptions<'_> = SageMakerOptions {
        hosting: HostingMode::Serverless,
        notebook: true,
        repository: false,
        notebook_repository: None,
        notebook_commit: None,
    };

    #[test]
    fn keeps_the_expiry_without_an_endpoint() {
        use sagemaker::parameter as p;
        let none = sagemaker_parameters(CHOICE, &ModelUrl::None, "2026-11-22T21:30:00");
        assert_eq!(
            (none.get(p::MODEL_DATA_URL), none.get(p::ENDPOINT_EXPIRY)),
            (Some(""), Some("2026-11-22T21:30:00"))
        );
        let there = sagemaker_parameters(CHOICE, &ModelUrl::At("s3://b/m".to_owned()), "2026-11-22T21:30:00");
        assert_eq!(there.get(p::MODEL_DATA_URL), Some("s3://b/m"));
        assert_eq!(there.get(p::ENDPOINT_EXPIRY), Some("2026-11-22T21:30:00"));
        assert_eq!(there.get(p::CREATE_CODE_REPOSITORY), Some("false"));
    }

    #[test]
    fn keeps_the_repository_unless_one_is_given() {
        let repository = |url| {
            let choice = SageMakerOptions { notebook_repository: url, ..CHOICE };
            let parameters = sagemaker_parameters(choice, &ModelUrl::None, "");
            parameters.get(sagemaker::parameter::NOTEBOOK_REPOSITORY).map(str::to_owned)
        };
        assert_eq!(repository(None), None);
        let url = "https://git.example.org/mysfits.git";
        assert_eq!(repository(Some(url)).as_deref(), Some(url));
    }

    #[test]
    fn sets_the_commit_that_is_given() {
        let commit = |notebook_repository, notebook_commit| {
            let choice = SageMakerOptions { notebook_repository, notebook_commit, ..CHOICE };
            let parameters = sagemaker_parameters(choice, &ModelUrl::None, "");
            parameters.get(sagemaker::parameter::NOTEBOOK_COMMIT).map(str::to_owned)
        };
        let hash = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit(None, Some(hash)).as_deref(), Some(hash));
        assert_eq!(commit(Some("https://git.example.org/mysfits.git"), Some(hash)).as_deref(), Some(hash));
        assert_eq!(commit(Some("https://git.example.org/mysfits.git"), None).as_deref(), Some(""));
        assert_eq!(commit(None, None), None);
    }

    #[test]
    fn an_embedded_function_has_no_endpoint() {
        use recommendations::parameter as p;
        let choice = |backend| FunctionOptions {
            bucket: "b",
            key: "k",
            architecture: "arm64",
            backend,
            endpoint: Some("knn-x"),
            runtime_url: Some("http://runtime"),
            alarm_email: None,
        };
        let embedded = recommendations_parameters(choice(Backend::Embedded));
        assert_eq!(
            (embedded.get(p::ENDPOINT_NAME), embedded.get(p::SAGEMAKER_RUNTIME_URL)),
            (Some(""), Some(""))
        );
        let fallback = recommendations_parameters(choice(Backend::Fallback));
        assert_eq!(fallback.get(p::ENDPOINT_NAME), Some("knn-x"));
        assert_eq!(fallback.get(p::BACKEND), Some("fallback"));
        assert_eq!(fallback.get(p::ALARM_EMAIL), None);
    }

    #[test]
    fn keeps_values_set_by_hand_and_drops_removed_parameters() {
        let of_stack = ["ApiOrigins", "PriceClass", "Gone"].map(str::to_owned);
        let of_template = ["ApiOrigins", "PriceClass", "New"].map(str::to_owned);
        let parameters = website_parameters("https://a").keep_others(&of_stack, &of_template);
        let written = parameters.written();
        let find = |name: &str| written.iter().find(|p| p.parameter_key() == Some(name));
        assert_eq!(find("ApiOrigins").and_then(Parameter::parameter_value), Some("https://a"));
        assert_eq!(find("PriceClass").and_then(Parameter::use_previous_value), Some(true));
        assert!(find("Gone").is_none() && find("New").is_none());
    }
}
