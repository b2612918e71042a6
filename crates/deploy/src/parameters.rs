//! The stacks' parameters. Pure: computed from the caller's options and the outputs of earlier stacks.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types::Parameter;
use mysfits_deploy_cli::{Backend, HostingMode};
use mysfits_infra::{recommendations, sagemaker, website};

/// The parameters of one stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(BTreeMap<String, Value>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Set(String),
    Previous,
}

impl Parameters {
    /// Says what a parameter is.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.to_owned(), Value::Set(value.into()));
        self
    }

    /// Leaves a parameter of a stack that exists as it is.
    #[must_use]
    pub fn keep(mut self, name: &str) -> Self {
        self.0.insert(name.to_owned(), Value::Previous);
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
            self.0.entry(name.clone()).or_insert(Value::Previous);
        }
        self
    }

    /// Returns the value of a parameter, if it is set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Value::Set(value) => Some(value),
            Value::Previous => None,
        }
    }

    /// Returns the parameters for CloudFormation.
    #[must_use]
    pub fn written(&self) -> Vec<Parameter> {
        let parameter = |(name, value): (&String, &Value)| {
            let parameter = Parameter::builder().parameter_key(name);
            match value {
                Value::Set(value) => parameter.parameter_value(value).build(),
                Value::Previous => parameter.use_previous_value(true).build(),
            }
        };
        self.0.iter().map(parameter).collect()
    }
}

/// What the caller chose about the SageMaker stack.
#[derive(Debug, Clone, Copy)]
pub struct SageMakerChoice<'a> {
    /// On what the endpoint runs.
    pub hosting: HostingMode,
    /// Whether there is a notebook.
    pub notebook: bool,
    /// Whether there is a code repository.
    pub repository: bool,
    /// Where the notebook instance gets this project; none to leave it as it is, at first the code repository.
    pub notebook_repository: Option<&'a str>,
    /// Which commit of it; none to leave it as it is, or for the default branch of a repository that is named.
    pub notebook_commit: Option<&'a str>,
}

/// Where the model is that the endpoint answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelUrl {
    /// Nowhere: there is no endpoint.
    None,
    /// As before.
    Previous,
    /// Here.
    At(String),
}

/// Returns the parameters of the SageMaker stack.
#[must_use]
pub fn of_sagemaker(choice: SageMakerChoice<'_>, model: &ModelUrl, expiry: &str) -> Parameters {
    use sagemaker::parameter as p;
    let yes_no = |yes: bool| if yes { "true" } else { "false" };
    let parameters = Parameters::default()
        .set(p::HOSTING_MODE, choice.hosting.as_str())
        .set(p::CREATE_NOTEBOOK, yes_no(choice.notebook))
        .set(p::CREATE_CODE_REPOSITORY, yes_no(choice.repository));
    // Without an endpoint the template makes nothing of an expiry; it is kept for the endpoint that comes next.
    let mut parameters = parameters.set(p::ENDPOINT_EXPIRY, expiry);
    if let Some(url) = choice.notebook_repository {
        parameters = parameters.set(p::NOTEBOOK_REPOSITORY, url);
    }
    // A repository that is new need not have the commit of the one before.
    if let Some(commit) = choice.notebook_commit.or(choice.notebook_repository.map(|_| "")) {
        parameters = parameters.set(p::NOTEBOOK_COMMIT, commit);
    }
    match model {
        ModelUrl::None => parameters.set(p::MODEL_DATA_URL, ""),
        ModelUrl::Previous => parameters.keep(p::MODEL_DATA_URL),
        ModelUrl::At(url) => parameters.set(p::MODEL_DATA_URL, url),
    }
}

/// What the function's stack depends on.
#[derive(Debug, Clone, Copy)]
pub struct FunctionChoice<'a> {
    /// The bucket of its code.
    pub bucket: &'a str,
    /// Its code in there.
    pub key: &'a str,
    /// For which processor it is.
    pub architecture: &'a str,
    /// The recommendation backend.
    pub backend: Backend,
    /// The endpoint's name, if there is one.
    pub endpoint: Option<&'a str>,
    /// Where the endpoint answers, if not at the region's public address.
    pub runtime_url: Option<&'a str>,
    /// The e-mail address for alarms; `None` keeps the current one.
    pub alarm_email: Option<&'a str>,
}

/// Returns the parameters of the function's stack.
#[must_use]
pub fn of_recommendations(choice: FunctionChoice<'_>) -> Parameters {
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
pub fn of_website(api_origins: &str) -> Parameters {
    Parameters::default().set(website::parameter::API_ORIGINS, api_origins)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHOICE: SageMakerChoice<'_> = SageMakerChoice {
        hosting: HostingMode::Serverless,
        notebook: true,
        repository: false,
        notebook_repository: None,
        notebook_commit: None,
    };

    #[test]
    fn an_expiry_outlives_an_endpoint_that_is_made_anew() {
        use sagemaker::parameter as p;
        let none = of_sagemaker(CHOICE, &ModelUrl::None, "2026-11-22T21:30:00");
        assert_eq!(
            (none.get(p::MODEL_DATA_URL), none.get(p::ENDPOINT_EXPIRY)),
            (Some(""), Some("2026-11-22T21:30:00"))
        );
        let there = of_sagemaker(CHOICE, &ModelUrl::At("s3://b/m".to_owned()), "2026-11-22T21:30:00");
        assert_eq!(there.get(p::MODEL_DATA_URL), Some("s3://b/m"));
        assert_eq!(there.get(p::ENDPOINT_EXPIRY), Some("2026-11-22T21:30:00"));
        assert_eq!(there.get(p::CREATE_CODE_REPOSITORY), Some("false"));
    }

    #[test]
    fn the_notebooks_repository_is_as_it_was_unless_it_is_named() {
        let repository = |url| {
            let choice = SageMakerChoice { notebook_repository: url, ..CHOICE };
            let parameters = of_sagemaker(choice, &ModelUrl::None, "");
            parameters.get(sagemaker::parameter::NOTEBOOK_REPOSITORY).map(str::to_owned)
        };
        assert_eq!(repository(None), None);
        let url = "https://git.example.org/mysfits.git";
        assert_eq!(repository(Some(url)).as_deref(), Some(url));
    }

    #[test]
    fn the_notebook_checks_out_the_commit_that_is_named() {
        let commit = |notebook_repository, notebook_commit| {
            let choice = SageMakerChoice { notebook_repository, notebook_commit, ..CHOICE };
            let parameters = of_sagemaker(choice, &ModelUrl::None, "");
            parameters.get(sagemaker::parameter::NOTEBOOK_COMMIT).map(str::to_owned)
        };
        let hash = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(commit(None, Some(hash)).as_deref(), Some(hash));
        assert_eq!(commit(Some("https://git.example.org/mysfits.git"), Some(hash)).as_deref(), Some(hash));
        assert_eq!(commit(Some("https://git.example.org/mysfits.git"), None).as_deref(), Some(""));
        assert_eq!(commit(None, None), None);
    }

    #[test]
    fn an_embedded_function_is_told_of_no_endpoint() {
        use recommendations::parameter as p;
        let choice = |backend| FunctionChoice {
            bucket: "b",
            key: "k",
            architecture: "arm64",
            backend,
            endpoint: Some("knn-x"),
            runtime_url: Some("http://runtime"),
            alarm_email: None,
        };
        let embedded = of_recommendations(choice(Backend::Embedded));
        assert_eq!(
            (embedded.get(p::ENDPOINT_NAME), embedded.get(p::SAGEMAKER_RUNTIME_URL)),
            (Some(""), Some(""))
        );
        let fallback = of_recommendations(choice(Backend::Fallback));
        assert_eq!(fallback.get(p::ENDPOINT_NAME), Some("knn-x"));
        assert_eq!(fallback.get(p::BACKEND), Some("fallback"));
        assert_eq!(fallback.get(p::ALARM_EMAIL), None);
    }

    #[test]
    fn what_was_set_by_hand_is_kept_and_what_the_template_forgot_is_not() {
        let of_stack = ["ApiOrigins", "PriceClass", "Gone"].map(str::to_owned);
        let of_template = ["ApiOrigins", "PriceClass", "New"].map(str::to_owned);
        let parameters = of_website("https://a").keep_others(&of_stack, &of_template);
        let written = parameters.written();
        let find = |name: &str| written.iter().find(|p| p.parameter_key() == Some(name));
        assert_eq!(find("ApiOrigins").and_then(Parameter::parameter_value), Some("https://a"));
        assert_eq!(find("PriceClass").and_then(Parameter::use_previous_value), Some(true));
        assert!(find("Gone").is_none() && find("New").is_none());
    }
}
