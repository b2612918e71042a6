//! What a deployment sets: the given settings, and the deployed values of everything else. Pure.

use std::collections::BTreeMap;

use clap::ValueEnum as _;
use mysfits_deploy_cli::{Backend, DeployArgs, DeploySettings, HostingMode, SettingsFile, Training};
use mysfits_infra::{
    Stack, recommendations::parameter as function_parameter, sagemaker::parameter as sagemaker_parameter,
};

use crate::{
    aws::stacks::StackState,
    error::DeployError,
    parameters::Parameters,
    releases::{StackParameters, stack_key},
    state::NextAction,
};

/// The given settings, and the deployed stacks that all other values come from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chosen {
    pub(crate) given: DeploySettings,
    /// Whether everything that is not given is set back to its default.
    pub(crate) reset: bool,
    /// The parameters of a release, which replace all deployed values.
    release: Option<StackParameters>,
}

impl Chosen {
    /// Returns the settings of a stage in `file`, overridden by the options.
    ///
    /// # Errors
    /// If an option is invalid.
    pub(crate) fn new(
        file: Option<&SettingsFile>,
        stage: &str,
        args: &DeployArgs,
    ) -> Result<Self, DeployError> {
        let of_file = file.map(|file| file.for_stage(stage)).unwrap_or_default();
        let of_options = args.settings().map_err(mysfits_deploy_cli::DeploySettingsError::from)?;
        Ok(Self { given: of_file.overridden_by(of_options), reset: args.reset, release: None })
    }

    /// Returns the settings of a release.
    pub(crate) fn of_release(parameters: StackParameters) -> Self {
        let mut given = DeploySettings::default();
        // The model is the release's own; nothing is trained.
        given.train = Some(Training::Local);
        Self { given, reset: true, release: Some(parameters) }
    }

    /// Returns the value that a parameter of a stack will have: the given one, else the deployed one, else the default.
    pub(crate) fn value(&self, stack: Stack, there: Option<&StackState>, name: &str) -> String {
        let of_release = self.release.as_ref().and_then(|all| all.get(stack_key(stack))?.get(name));
        let given = self.given.parameters.get(name).or(of_release);
        let deployed = || deployed(there).filter(|_| !self.reset)?.parameters.get(name);
        let value = given.or_else(deployed).cloned();
        value.or_else(|| stack.template().default_of(name).map(str::to_owned)).unwrap_or_default()
    }

    /// Returns the recommendation backend.
    pub(crate) fn backend(&self, recommendations: Option<&StackState>) -> Backend {
        let value = self.value(Stack::Recommendations, recommendations, function_parameter::BACKEND);
        // The templates accept no other value.
        Backend::from_str(&value, false).unwrap_or(Backend::Embedded)
    }

    /// Returns the hosting mode of the endpoint.
    pub(crate) fn hosting(&self, sagemaker: Option<&StackState>) -> HostingMode {
        let value = self.value(Stack::SageMaker, sagemaker, sagemaker_parameter::HOSTING_MODE);
        HostingMode::from_str(&value, false).unwrap_or(HostingMode::Serverless)
    }

    /// Returns the user's tags of a stack: the given ones, and the deployed ones.
    pub(crate) fn tags(&self, there: Option<&StackState>) -> BTreeMap<String, String> {
        // A release does not record tags.
        let keeps = !self.reset || self.release.is_some();
        let deployed = there.filter(|_| keeps).map(StackState::own_tags).unwrap_or_default();
        deployed.into_iter().chain(self.given.tags.clone()).collect()
    }

    /// Adds the given parameters to the computed ones of a stack, and keeps the deployed values of all others.
    pub(crate) fn complete(
        &self,
        stack: Stack,
        there: Option<&StackState>,
        computed: Parameters,
    ) -> Parameters {
        // A release has exactly the parameters of its own templates.
        if let Some(of_release) = &self.release {
            let of_stack = of_release.get(stack_key(stack)).into_iter().flatten();
            return of_stack.fold(computed, |parameters, (name, value)| parameters.or(name, value));
        }
        let template = stack.template();
        let of_template: Vec<String> = template.parameters().map(str::to_owned).collect();
        let given = self.given.parameters.iter().filter(|(name, _)| of_template.contains(name));
        let parameters = given.fold(computed, |parameters, (name, value)| parameters.set(name, value));
        match there.filter(|_| !self.reset) {
            Some(there) => parameters.keep_others(there.parameters.keys(), &of_template),
            None => parameters,
        }
    }
}

/// Returns a stack unless its creation failed: the values of a failed creation are not deployed.
fn deployed(there: Option<&StackState>) -> Option<&StackState> {
    there.filter(|state| {
        !matches!(
            NextAction::for_status(Some(&state.status)),
            NextAction::Create | NextAction::Recreate | NextAction::Unsupported
        )
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudformation::types::StackStatus;

    use super::*;

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: DeployArgs,
    }

    fn chosen(file: &str, line: &str) -> Chosen {
        let args = std::iter::once("deploy").chain(line.split_whitespace());
        let args = <Cli as clap::Parser>::parse_from(args).args;
        let file = SettingsFile::parse("mysfits.toml".as_ref(), file).unwrap();
        Chosen::new(Some(&file), "dev", &args).unwrap()
    }

    fn state(status: StackStatus, parameters: &[(&str, &str)]) -> StackState {
        StackState::in_status(status).with_parameters(parameters)
    }

    #[test]
    fn keeps_the_deployed_backend_unless_one_is_given() {
        let endpoint = state(StackStatus::UpdateComplete, &[("Backend", "endpoint")]);
        let backend = |file, line, there| chosen(file, line).backend(there);
        assert_eq!(backend("", "", None), Backend::Embedded);
        assert_eq!(backend("", "", Some(&endpoint)), Backend::Endpoint);
        assert_eq!(backend("[stage.dev]\nbackend = \"fallback\"", "", Some(&endpoint)), Backend::Fallback);
        assert_eq!(
            backend("[stage.dev]\nbackend = \"fallback\"", "--backend embedded", Some(&endpoint)),
            Backend::Embedded
        );
        assert_eq!(backend("", "--reset", Some(&endpoint)), Backend::Embedded);
        let failed = state(StackStatus::RollbackComplete, &[("Backend", "endpoint")]);
        assert_eq!(backend("", "", Some(&failed)), Backend::Embedded);
    }

    #[test]
    fn keeps_the_deployed_hosting_and_encryption() {
        let there = state(
            StackStatus::UpdateComplete,
            &[("HostingMode", "instance"), ("Encryption", "kms"), ("ModelDataUrl", "s3://b/m")],
        );
        assert_eq!(chosen("", "").hosting(Some(&there)), HostingMode::Instance);
        let complete = |line| {
            let computed = Parameters::default().set("ModelDataUrl", "");
            chosen("", line).complete(Stack::SageMaker, Some(&there), computed)
        };
        let kept = complete("");
        assert!(kept.keeps("HostingMode") && kept.keeps("Encryption"), "{kept:?}");
        assert_eq!(kept.get("ModelDataUrl"), Some(""));
        let reset = complete("--reset --parameter Encryption=s3");
        assert!(!reset.keeps("HostingMode") && reset.get("HostingMode").is_none());
        assert_eq!(reset.get("Encryption"), Some("s3"));
    }

    #[test]
    fn a_rollback_sets_exactly_the_releases_parameters() {
        let values = [("Backend", "endpoint"), ("LogLevel", "debug"), ("ArtifactKey", "lambda/old.zip")];
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let release =
            Chosen::of_release(BTreeMap::from([(stack_key(Stack::Recommendations).to_owned(), values)]));
        let there = state(StackStatus::UpdateComplete, &[("Backend", "embedded"), ("MemorySize", "512")]);
        assert_eq!(release.backend(Some(&there)), Backend::Endpoint);
        let computed = Parameters::default().set("ArtifactKey", "lambda/new.zip");
        let parameters = release.complete(Stack::Recommendations, Some(&there), computed);
        assert_eq!(parameters.get("LogLevel"), Some("debug"));
        assert_eq!(
            parameters.get("ArtifactKey"),
            Some("lambda/new.zip"),
            "computed from the release's package"
        );
        assert_eq!(parameters.get("MemorySize"), None);
        assert!(!parameters.keeps("MemorySize"), "back to the default");
    }

    #[test]
    fn keeps_the_users_tags() {
        let mut there = state(StackStatus::UpdateComplete, &[]);
        let tags = [("project", "mythical-mysfits"), ("team", "a"), ("cost-center", "1")];
        there.tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let tags = |line| chosen("[stage.dev.tags]\nteam = \"b\"", line).tags(Some(&there));
        let expected = |tags: &[(&str, &str)]| {
            tags.iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(tags("--tag owner=c"), expected(&[("cost-center", "1"), ("owner", "c"), ("team", "b")]));
        assert_eq!(tags("--reset"), expected(&[("team", "b")]));
        let rollback = Chosen::of_release(BTreeMap::new()).tags(Some(&there));
        assert_eq!(rollback, expected(&[("cost-center", "1"), ("team", "a")]));
    }

    #[test]
    fn sets_each_parameter_in_its_own_stack() {
        let chosen = chosen("[defaults]\nlog-retention = 30\nprice-class = \"PriceClass_All\"", "");
        let of = |stack| chosen.complete(stack, None, Parameters::default());
        assert_eq!(of(Stack::Recommendations).get("LogRetentionDays"), Some("30"));
        assert_eq!(of(Stack::Recommendations).get("PriceClass"), None);
        assert_eq!(of(Stack::Website).get("PriceClass"), Some("PriceClass_All"));
    }
}
