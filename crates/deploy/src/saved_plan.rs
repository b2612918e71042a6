//! A plan in a file: the change sets of all stacks, and what they were created for. Pure, but for the file.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use mysfits_deploy_cli::{Backend, HostingMode};
use mysfits_infra::{
    recommendations::parameter as function_parameter, sagemaker::parameter as sagemaker_parameter,
};
use mysfits_site::settings::SiteSettings;
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    error::{DeployError, PlanError},
    settings::Chosen,
};

/// The version of the file's format.
const VERSION: u32 = 1;

/// A saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SavedPlan {
    version: u32,
    /// The account's twelve digits.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
    /// The stage.
    pub(crate) stage: String,
    /// The digest of the package.
    pub(crate) package: String,
    /// The recommendation backend and the hosting mode, as the templates write them.
    pub(crate) backend: String,
    pub(crate) hosting: String,
    /// Whether the model of the package is uploaded.
    pub(crate) uploads_model: bool,
    /// Addresses of the workshop's other modules.
    site_settings: serde_json::Value,
    /// The ARN of each stack's change set; none if the stack does not change.
    change_sets: BTreeMap<String, Option<String>>,
}

impl SavedPlan {
    /// Returns a plan for an account and a stage, without change sets.
    pub(crate) fn new(aws: &Aws, package: String) -> Self {
        Self {
            version: VERSION,
            account: aws.account.clone(),
            region: aws.region.clone(),
            stage: aws.stage.to_string(),
            package,
            backend: String::new(),
            hosting: String::new(),
            uploads_model: false,
            site_settings: serde_json::Value::Null,
            change_sets: BTreeMap::new(),
        }
    }

    /// Adds the settings that are not in the change sets.
    pub(crate) fn with_settings(
        mut self,
        backend: Backend,
        hosting: HostingMode,
        settings: &SiteSettings,
    ) -> Self {
        self.backend = backend.as_str().into();
        self.hosting = hosting.as_str().into();
        // Settings are plain strings.
        self.site_settings = serde_json::to_value(settings).unwrap_or_default();
        self
    }

    /// Returns the settings that are not in the change sets.
    pub(crate) fn chosen(&self) -> Chosen {
        let mut chosen = Chosen::default();
        let given = &mut chosen.given;
        given.parameters.insert(function_parameter::BACKEND.to_owned(), self.backend.clone());
        given.parameters.insert(sagemaker_parameter::HOSTING_MODE.to_owned(), self.hosting.clone());
        chosen
    }

    /// Adds a stack's change set.
    pub(crate) fn add(&mut self, stack: &str, change_set: Option<String>) {
        self.change_sets.insert(stack.to_owned(), change_set);
    }

    /// Returns whether the plan has a stack.
    pub(crate) fn includes(&self, stack: &str) -> bool {
        self.change_sets.contains_key(stack)
    }

    /// Returns a stack's change set; `None` if the stack does not change.
    ///
    /// # Errors
    /// If the plan does not have the stack.
    pub(crate) fn change_set(&self, stack: &str) -> Result<Option<&str>, DeployError> {
        let change_set = self.change_sets.get(stack);
        let change_set = change_set.ok_or(PlanError::NoStack { stack: stack.to_owned() })?;
        Ok(change_set.as_deref())
    }

    /// Returns the site's settings.
    ///
    /// # Errors
    /// If they are invalid.
    pub(crate) fn site_settings(&self) -> Result<SiteSettings, DeployError> {
        SiteSettings::parse(self.site_settings.to_string().as_bytes()).map_err(|problem| {
            DeployError::SiteSettings { path: PathBuf::from("the plan's siteSettings"), problem }
        })
    }

    /// Checks that the plan was made for this account, region, stage and package.
    ///
    /// # Errors
    /// If it was not, with both values.
    pub(crate) fn check(&self, aws: &Aws, package: &str) -> Result<(), PlanError> {
        for (what, planned, found) in [
            ("account", &self.account, aws.account.as_str()),
            ("region", &self.region, &aws.region),
            ("stage", &self.stage, aws.stage.as_str()),
            ("package", &self.package, package),
        ] {
            if planned != found {
                let (planned, found) = (planned.clone(), found.to_owned());
                return Err(PlanError::Other { what, planned, found });
            }
        }
        Ok(())
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// If the file cannot be read, or is not a plan of this version.
    pub(crate) fn read(path: &Path) -> Result<Self, DeployError> {
        let text = fs::read(path).map_err(|source| DeployError::Read { path: path.to_owned(), source })?;
        let invalid = |problem: String| PlanError::Invalid { path: path.to_owned(), problem };
        let plan: Self = serde_json::from_slice(&text).map_err(|error| invalid(error.to_string()))?;
        if plan.version != VERSION {
            return Err(invalid(format!("its version is {}, expected {VERSION}", plan.version)).into());
        }
        Ok(plan)
    }

    /// Writes the plan.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), DeployError> {
        let written = serde_json::to_string_pretty(self)
            .map_err(std::io::Error::from)
            .and_then(|text| fs::write(path, text + "\n"));
        written.map_err(|source| PlanError::Write { path: path.to_owned(), source }.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::tests::fake_service::FakeService;

    #[tokio::test]
    async fn a_plan_is_valid_only_for_its_account_region_stage_and_package() {
        let (_, aws) = FakeService::start(&[]).await;
        let mut plan = SavedPlan::new(&aws, "digest".to_owned());
        plan.add("Site", Some("arn:change-set".to_owned()));
        plan.add("SageMaker", None);
        let file = tempfile::NamedTempFile::new().unwrap();
        plan.write(file.path()).unwrap();
        let plan = SavedPlan::read(file.path()).unwrap();
        plan.check(&aws, "digest").unwrap();
        assert_eq!(plan.change_set("Site").unwrap(), Some("arn:change-set"));
        assert_eq!(plan.change_set("SageMaker").unwrap(), None);
        assert!(plan.includes("SageMaker") && !plan.includes("Other"));
        assert!(plan.change_set("Other").is_err());
        let refused = |plan: &SavedPlan, package| plan.check(&aws, package).unwrap_err().to_string();
        assert!(refused(&plan, "other").contains("package digest"));
        let elsewhere = SavedPlan { account: "210987654321".to_owned(), ..plan.clone() };
        assert!(refused(&elsewhere, "digest").contains("account 210987654321"));
        let elsewhere = SavedPlan { region: "us-east-1".to_owned(), ..plan.clone() };
        assert!(refused(&elsewhere, "digest").contains("region us-east-1"));
        let elsewhere = SavedPlan { stage: "production".to_owned(), ..plan };
        assert!(refused(&elsewhere, "digest").contains("stage production"));
    }

    #[test]
    fn refuses_files_that_are_no_plan() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "{}").unwrap();
        let error = SavedPlan::read(file.path()).unwrap_err().to_string();
        assert!(error.contains("is not a plan"), "{error}");
        assert!(SavedPlan::read("/nowhere/plan.json".as_ref()).is_err());
    }
}
