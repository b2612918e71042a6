//! A deployment, from its plan to its smoke test. Each stage can be repeated: a run that is interrupted continues the next
//! time.

mod artifacts;
mod container;
mod model_source;
mod options;
mod sagemaker;

use std::{
    collections::BTreeSet,
    path::Path,
    sync::{Mutex, PoisonError},
};

use aws_sdk_cloudformation::types::StackStatus;
use mysfits_deploy_cli::{Backend, DeployArgs, DeploySettings, HostingMode, check_region};
use mysfits_infra::{
    Stack, names::artifact_bucket, recommendations::output as function_output,
    sagemaker::output as sagemaker_output, website::output as website_output,
};
use mysfits_package::Package;
use mysfits_site::settings::{CONFIG, SiteSettings};
use serde::Serialize;
use serde_json::json;

use crate::{
    addresses::{AddressOverrides, result_pages_host},
    aws::{
        stack_update::{ChangeMode, StackUpdate},
        stacks::{Execution, StackState},
    },
    deployer::StackDeployer,
    dns::{API_DOMAIN, SITE_DOMAIN, api_test_url, site_test_url},
    error::{DeployError, PlanError},
    hotswap::UploadedCode,
    lock::DeployLock,
    names::{function_key, model_key},
    parameters::{Parameters, notebook_parameters, recommendations_parameters, website_parameters},
    saved_plan::SavedPlan,
    settings::Chosen,
    site::{api_origins, settings, users_settings},
    state::NextAction,
    upload::{SiteContent, read},
};

pub(crate) use container::ImageSource;
pub(crate) use model_source::ModelSource;
pub(crate) use options::DeployOptions;

/// The folder in which `cargo xtask package` writes the package.
pub(crate) const DEFAULT_PACKAGE: &str = "target/package";

/// A deployment: its options, and what all steps need.
pub(crate) struct Deployment<'a> {
    pub(crate) deployer: &'a StackDeployer,
    pub(crate) options: DeployOptions,
    pub(crate) addresses: &'a AddressOverrides,
    pub(crate) package: Package,
    pub(crate) bucket: String,
    pub(crate) chosen: Chosen,
    pub(crate) backend: Backend,
    pub(crate) hosting: HostingMode,
    /// Addresses of the workshop's other modules.
    pub(crate) settings: SiteSettings,
    /// The plan to execute, instead of a new one.
    pub(crate) saved: Option<SavedPlan>,
    /// The URL of the release's model, for a rollback.
    pub(crate) model_url: Option<String>,
    /// The stacks that this run has brought to their new state.
    pub(crate) updated: Mutex<BTreeSet<Stack>>,
}

/// What a deployment ends with: its addresses.
#[derive(Debug, Serialize)]
struct DeploymentEnd {
    api: String,
    site: String,
    /// The number of the site's files that were uploaded.
    #[serde(skip)]
    n_uploaded: usize,
}

impl StackDeployer {
    /// Deploys a package.
    pub(crate) async fn deploy(
        &self,
        args: &DeployArgs,
        chosen: Chosen,
        addresses: &AddressOverrides,
        lock: &DeployLock,
    ) -> Result<(), DeployError> {
        check_region(&self.aws.region, &chosen.given)?;
        let package = Package::open(args.package.as_deref().unwrap_or(Path::new(DEFAULT_PACKAGE)))?;
        let deployment = self.deployment(args.into(), chosen, package, addresses).await?;
        let has_changes = deployment.plan_and_run(lock).await?;
        if args.fail_on_no_changes && !has_changes { Err(DeployError::NoChanges) } else { Ok(()) }
    }

    /// Executes a saved plan.
    pub(crate) async fn apply_plan(
        &self,
        plan: SavedPlan,
        args: &DeployArgs,
        addresses: &AddressOverrides,
        lock: &DeployLock,
    ) -> Result<(), DeployError> {
        let package = Package::open(args.package.as_deref().unwrap_or(Path::new(DEFAULT_PACKAGE)))?;
        plan.check(&self.aws, &package.digest())?;
        let deployment = Deployment {
            settings: plan.site_settings()?,
            saved: Some(plan.clone()),
            ..self.deployment(args.into(), plan.chosen(), package, addresses).await?
        };
        // Everything is checked before the first stack is changed.
        for stack in Stack::ALL {
            let stack_name = self.aws.stack_name(stack);
            if stack.is_optional() && !plan.includes(&stack_name) {
                continue;
            }
            if let Some(id) = plan.change_set(&stack_name)?
                && self.aws.execution(stack, id).await? == Execution::Gone
            {
                return Err(PlanError::Gone { stack: stack_name }.into());
            }
        }
        self.console.confirm("execute the saved plan", args.yes)?;
        deployment.run_to_release(None, lock).await?;
        Ok(())
    }

    /// Prepares a deployment.
    pub(crate) async fn deployment<'a>(
        &'a self,
        options: DeployOptions,
        chosen: Chosen,
        package: Package,
        addresses: &'a AddressOverrides,
    ) -> Result<Deployment<'a>, DeployError> {
        let bucket = artifact_bucket(&self.aws.stage, &self.aws.account, &self.aws.region);
        let website = self.aws.stack(Stack::Website).await?;
        let settings = self.site_settings(&chosen, website.as_ref()).await?;
        let backend = chosen.backend(self.aws.stack(Stack::Recommendations).await?.as_ref());
        let hosting = chosen.hosting(self.aws.stack(Stack::SageMaker).await?.as_ref());
        Ok(Deployment {
            deployer: self,
            options,
            addresses,
            package,
            bucket,
            chosen,
            backend,
            hosting,
            settings,
            saved: None,
            model_url: None,
            updated: Mutex::default(),
        })
    }

    /// Returns the addresses of the workshop's other modules: the given ones, or those of the deployed site.
    async fn site_settings(
        &self,
        chosen: &Chosen,
        website: Option<&StackState>,
    ) -> Result<SiteSettings, DeployError> {
        if let Some(path) = &chosen.given.site_settings {
            return read_settings(path);
        }
        let bucket = website.and_then(|website| website.outputs.get(website_output::SITE_BUCKET_NAME));
        let Some(bucket) = bucket.filter(|_| !chosen.reset) else { return Ok(SiteSettings::default()) };
        let Some(deployed) = self.aws.stored(bucket, CONFIG).await? else {
            return Ok(SiteSettings::default());
        };
        // A file of another version, or one that was changed by hand, is written anew.
        let deployed = SiteSettings::parse(&deployed.content).unwrap_or_default();
        Ok(users_settings(deployed, &self.aws.region))
    }
}

impl Deployment<'_> {
    /// Prints JSON, if it is requested.
    fn print_json(&self, value: &serde_json::Value) -> Result<(), DeployError> {
        if self.options.json { self.deployer.console.json(value) } else { Ok(()) }
    }

    /// Shows the plan, asks, deploys, and records the release. Returns whether anything changed or would change.
    pub(crate) async fn plan_and_run(&self, lock: &DeployLock) -> Result<bool, DeployError> {
        let is_executed = !self.options.dry_run && self.options.save.is_none();
        if is_executed {
            lock.check(&self.deployer.aws, &self.bucket).await?;
        }
        let (plan, has_changes) = self.confirm_plan().await?;
        if !is_executed {
            self.print_json(&json!({ "plan": plan }))?;
            return Ok(has_changes);
        }
        let deployed = self.run_to_release(Some(plan), lock).await?;
        Ok(has_changes || deployed.n_uploaded > 0)
    }

    /// Deploys, and records the release. Says which stack is on which release if that fails.
    async fn run_to_release(
        &self,
        plan: Option<serde_json::Value>,
        lock: &DeployLock,
    ) -> Result<DeploymentEnd, DeployError> {
        let done = async {
            let deployed = self.run(lock).await?;
            self.record_release().await?;
            Ok::<_, DeployError>(deployed)
        };
        let deployed = match done.await {
            Ok(deployed) => deployed,
            Err(error) => {
                self.deployer.console.finish();
                for line in self.describe_failure().await {
                    self.deployer.console.line(line);
                }
                return Err(error);
            }
        };
        let DeploymentEnd { api, site, .. } = &deployed;
        self.deployer.console.finish();
        self.deployer.console.line(format!("api {api}\nsite {site}\nready"));
        self.print_json(&json!({ "plan": plan, "deployed": deployed }))?;
        Ok(deployed)
    }

    async fn run(&self, lock: &DeployLock) -> Result<DeploymentEnd, DeployError> {
        let Self { deployer, .. } = self;
        let console = &deployer.console;
        console.stage("artifact-bucket");
        let is_new = deployer.aws.ensure_artifact_bucket(&self.bucket).await?;
        console.line(format!("{} {}", self.bucket, if is_new { "created" } else { "exists" }));
        deployer.lock(lock, &self.bucket, "deploy").await?;

        console.stage("upload-function");
        let (zip, hash) = self.package.lambda_zip();
        self.upload(&self.bucket, function_key(&hash), hash, "application/zip", &zip).await?;

        console.stage("stack-sagemaker");
        let (mut sagemaker, source) = self.sagemaker_before_model().await?;
        if let Some(source) = source {
            let image = self.container_image(&mut sagemaker).await?;
            let model = self.model(source, &image, &sagemaker).await?;
            console.stage("stack-sagemaker-endpoint");
            let expiry = self.wanted_expiry(Some(&sagemaker));
            sagemaker = self.apply_sagemaker(Some(&model), Some(&image), &expiry).await?;
        }

        console.stage("stack-recommendations");
        let parameters = self.recommendations_parameters(sagemaker.endpoint_name());
        let before = self.deployed_code().await?;
        let recommendations = self.apply(Stack::Recommendations, parameters).await?;
        let function = recommendations.output(function_output::FUNCTION_NAME)?;
        let code = UploadedCode::new(&self.package, &self.bucket);
        deployer.settle_code(function, before.as_deref(), &code).await?;
        let api_url = self.addresses.api(&recommendations)?;
        // The function no longer calls the endpoint.
        if !self.backend.needs_endpoint() && sagemaker.has_model() {
            console.stage("stack-sagemaker-endpoint");
            self.apply_sagemaker(None, None, "").await?;
        }

        console.stage("stack-website");
        let settings = settings(&self.settings, &api_url, &deployer.aws.region);
        let parameters = website_parameters(&api_origins(&settings), result_pages_host(&recommendations));
        let website = self.apply(Stack::Website, parameters).await?;
        let site_bucket = website.output(website_output::SITE_BUCKET_NAME)?;
        let distribution = website.output(website_output::DISTRIBUTION_ID)?;
        let site_url = self.addresses.site(&website)?;

        console.stage("upload-site");
        let site = SiteContent::new(&self.package, &settings, &site_url)?;
        let n_uploaded = deployer.upload_site(&site, site_bucket, &self.bucket).await?;

        console.stage("invalidate");
        deployer.invalidate(distribution, &self.bucket).await?;
        deployer.delete_removed_pages(site_bucket, &self.bucket).await?;

        if self.is_wanted(Stack::Repository).await? {
            console.stage("stack-repository");
            self.apply(Stack::Repository, Parameters::default()).await?;
        }
        if self.is_wanted(Stack::Notebook).await? {
            console.stage("stack-notebook");
            self.apply(Stack::Notebook, self.notebook_parameters(&sagemaker)?).await?;
        }

        console.stage("smoke-test");
        let test_api = match &self.addresses.api_edge {
            None => api_test_url(&recommendations, &api_url),
            Some(_) => api_url.clone(),
        };
        let test_site = match &self.addresses.site_edge {
            None => site_test_url(&website, &site_url),
            Some(_) => site_url.clone(),
        };
        deployer.smoke_test(&test_api, &test_site, &site).await?;
        for records in
            [API_DOMAIN.records(&recommendations), SITE_DOMAIN.records(&website)].into_iter().flatten()
        {
            console.line(records);
        }
        Ok(DeploymentEnd { api: api_url, site: site_url, n_uploaded })
    }

    /// Returns the hash of the deployed function's code; `None` if there is no function.
    async fn deployed_code(&self) -> Result<Option<String>, DeployError> {
        let aws = &self.deployer.aws;
        let state = aws.stack(Stack::Recommendations).await?;
        let name = state.as_ref().and_then(|state| state.outputs.get(function_output::FUNCTION_NAME));
        let Some(name) = name else { return Ok(None) };
        Ok(aws.function(name).await?.and_then(|function| function.code_sha256))
    }

    /// Returns whether a stack is deployed: one that is not optional, one that the options name, or one that exists.
    async fn is_wanted(&self, stack: Stack) -> Result<bool, DeployError> {
        let state = self.deployer.aws.stack(stack).await?;
        Ok(self.includes(stack, state.as_ref().map(|state| &state.status)))
    }

    /// Returns whether the deployment includes a stack with this status.
    pub(crate) fn includes(&self, stack: Stack, status: Option<&StackStatus>) -> bool {
        match &self.saved {
            Some(plan) => plan.includes(&self.deployer.aws.stack_name(stack)),
            None => is_wanted(&self.chosen.given, stack, status),
        }
    }

    /// Returns the parameters of the notebook's stack.
    fn notebook_parameters(&self, sagemaker: &StackState) -> Result<Parameters, DeployError> {
        notebook_parameters(&sagemaker.outputs).ok_or(DeployError::NoOutput {
            stack: self.deployer.aws.stack_name(Stack::SageMaker),
            output: sagemaker_output::TRAINING_ROLE_ARN,
        })
    }

    /// Returns the parameters of the function's stack.
    pub(crate) fn recommendations_parameters(&self, endpoint: Option<&str>) -> Parameters {
        use mysfits_infra::recommendations::parameter as p;
        let (_, hash) = self.package.lambda_zip();
        let endpoint = endpoint.filter(|_| self.backend.needs_endpoint());
        recommendations_parameters(endpoint, self.addresses.sagemaker_runtime.as_deref())
            .set(p::ARTIFACT_BUCKET, &self.bucket)
            .set(p::ARTIFACT_KEY, function_key(&hash))
            .set(p::ARCHITECTURE, self.package.architecture().to_string())
    }

    async fn apply(&self, stack: Stack, parameters: Parameters) -> Result<StackState, DeployError> {
        if let Some(plan) = &self.saved {
            let change_set = plan.change_set(&self.deployer.aws.stack_name(stack))?;
            let state = self.deployer.execute_saved(stack, change_set).await?;
            self.set_updated(stack);
            return Ok(state);
        }
        let source = self.source(stack, true).await?;
        let there = self.deployer.wait_until_ready(stack).await?;
        let parameters = self.chosen.complete(stack, there.as_ref(), parameters);
        let update = StackUpdate {
            source,
            parameters,
            tags: self.chosen.tags(there.as_ref()),
            mode: self.options.mode,
        };
        let mut state = self.deployer.update(stack, there, &update, self.options.apply).await?;
        if update.mode == ChangeMode::ImportExisting {
            // What was imported has a policy that keeps it when the stack is deleted, until the template is as usual.
            let update = StackUpdate { mode: ChangeMode::Template, ..update };
            state = self.deployer.update(stack, Some(state), &update, self.options.apply).await?;
        }
        self.set_updated(stack);
        Ok(state)
    }

    fn set_updated(&self, stack: Stack) {
        self.updated.lock().unwrap_or_else(PoisonError::into_inner).insert(stack);
    }
}

/// Returns whether a deployment with these settings includes a stack with this status.
fn is_wanted(given: &DeploySettings, stack: Stack, status: Option<&StackStatus>) -> bool {
    let is_named = match stack {
        Stack::Repository => given.repository,
        Stack::Notebook => given.notebook,
        Stack::SageMaker | Stack::Recommendations | Stack::Website => true,
    };
    is_named || NextAction::for_status(status) != NextAction::Create
}

/// Reads the site's settings from the user's file.
fn read_settings(path: &Path) -> Result<SiteSettings, DeployError> {
    SiteSettings::parse(&read(path)?)
        .map_err(|problem| DeployError::SiteSettings { path: path.to_owned(), problem })
}

/// Returns the URL of a locally trained model.
pub(crate) fn model_url(bucket: &str, sha256: &str) -> String {
    format!("s3://{bucket}/{}", model_key(sha256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::{Aws, tests::fake_service::FakeService},
        console::Console,
    };

    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        args: DeployArgs,
    }

    /// Returns the stacks that a deployment with these options includes if all stacks have this status.
    fn wanted(flags: &[&str], status: Option<&StackStatus>) -> Vec<Stack> {
        let args = <Cli as clap::Parser>::parse_from(std::iter::once(&"deploy").chain(flags)).args;
        let given = args.settings().expect("valid");
        Stack::ALL.into_iter().filter(|stack| is_wanted(&given, *stack, status)).collect()
    }

    #[tokio::test]
    async fn an_unsupported_region_is_refused_before_the_first_request() {
        let (fake, aws) = FakeService::start(&[]).await;
        let aws = Aws { region: "cn-north-1".to_owned(), ..aws };
        let deployer = StackDeployer { aws, console: Console::default() };
        let args = <Cli as clap::Parser>::parse_from(["deploy"]).args;
        let (addresses, lock) = (AddressOverrides::default(), DeployLock::default());
        let refused = deployer.deploy(&args, Chosen::default(), &addresses, &lock).await;
        assert!(matches!(refused, Err(DeployError::Region(_))), "{refused:?}");
        assert!(fake.requests().is_empty());
    }

    #[test]
    fn optional_stacks_are_created_on_request_and_kept_without_it() {
        let default = [Stack::SageMaker, Stack::Recommendations, Stack::Website];
        assert_eq!(wanted(&[], None), default);
        assert_eq!(wanted(&["--with-notebook"], None), [&default[..], &[Stack::Notebook]].concat());
        assert_eq!(wanted(&["--with-repository"], None), [&default[..], &[Stack::Repository]].concat());
        assert_eq!(wanted(&[], Some(&StackStatus::CreateComplete)), Stack::ALL);
        // The empty stack of a plan's change set is not kept.
        assert_eq!(wanted(&[], Some(&StackStatus::ReviewInProgress)), default);
    }
}
